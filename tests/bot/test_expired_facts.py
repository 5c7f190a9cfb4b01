"""A fact past its date, over all that is shipped: what states it says so, nothing else moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest

from bot.guides import GuideSet
from bot.render import Choice, Voice, render_errors, render_guide, render_prepared, voice_of
from bot.templates import names_in
from tests.bot.builders import TODAY, shipped_content

FACTS = (
    "tong_dai_vneid", "tong_dai_bhxh", "cong_dvcqg", "so_khan_cap_cong_an", "vneid_phi",
    "can_cuoc_phi_doi", "muc_huu_tri_xa_hoi", "khai_sinh_han", "luong_huu_moc_nop_don",
    "nd_69_2024", "nq_66_22_2026", "chung_thuc_phi_trang",
)  # fmt: skip
Said = dict[tuple[str, str, str], tuple[str, frozenset[str]]]
"""Kind, name and case of an answer → its text, and the names that it is made with."""


class Listening(dict[str, str]):
    """Values that remember which of them were asked for."""

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return super().__getitem__(name)


def everything_said(guides: GuideSet) -> Said:
    """All guides for every case with their errors, and all replies, of the example office."""
    office = shipped_content().offices["example"]
    voice = voice_of(guides, office, TODAY)
    said: Said = {}

    def keep(kind: str, name: str, case: str, say: str, asked: set[str]) -> None:
        said[kind, name, case] = (say, frozenset(asked))

    def listening() -> tuple[Voice, Listening]:
        values = Listening(dict(voice.values))
        return Voice(guides=guides, values=values), values

    for guide in guides.guides.values():
        for case in (None, *(v.id for v in guide.variants)):
            one, values = listening()
            text = render_guide(one, guide, case, [Choice(title="x", payload="y")]).text
            keep("guide", guide.intent, case or "", text, values.asked)
            one, values = listening()
            text = render_errors(one, guide, case, []).text
            keep("errors", guide.intent, case or "", text, values.asked)
    for reply in guides.replies.values():
        # Some are filled at the moment of answering, with the matter or the hours.
        names = names_in(reply.text)
        moment = dict.fromkeys(names - voice.values.keys(), "việc")
        text = render_prepared(voice, reply, **moment).text
        keep("reply", reply.key, "", text, set(names))
    return said


@cache
def fresh() -> Said:
    return everything_said(shipped_content().guides)


def expired(name: str) -> GuideSet:
    guides = shipped_content().guides
    old = replace(guides.facts[name], review_by=TODAY - timedelta(days=1))
    return replace(guides, facts={**guides.facts, name: old})


@pytest.mark.parametrize("name", FACTS)
def test_answers_that_state_an_expired_fact_give_a_phone_instead_and_no_other_changes(
    name: str,
) -> None:
    guides = shipped_content().guides
    phone = shipped_content().offices["example"].values["sdt_ttpvhcc"]
    value = guides.facts[name].value
    instead = guides.replies["expired_fact"].text.replace("{{ sdt_ttpvhcc }}", phone)
    stale = everything_said(expired(name))
    assert stale.keys() == fresh().keys()
    states_it = {key for key, (_, names) in fresh().items() if name in names}
    assert states_it, f"{name} is not used anywhere: choose another one"
    assert {key for key in fresh() if stale[key][0] != fresh()[key][0]} == states_it
    for key in states_it:
        text, _ = stale[key]
        assert phone in text
        assert instead in text
        # The value may stand there as another fact's: "0 đồng", "60 ngày".
        others = {n for n in fresh()[key][1] if n != name}
        said_by_others = any(value in guides.facts[n].value for n in others if n in guides.facts)
        lost = fresh()[key][0].count(value) - text.count(value)
        assert lost >= 1
        assert said_by_others or value not in text


def test_no_answer_states_an_expired_fact_when_all_of_them_are() -> None:
    guides = shipped_content().guides
    old = {n: replace(f, review_by=TODAY - timedelta(days=1)) for n, f in guides.facts.items()}
    stale = everything_said(replace(guides, facts=old))
    law_numbers = {f.value for f in guides.facts.values() if "/NĐ-CP" in f.value}
    for text, _ in stale.values():
        assert not any(value in text for value in law_numbers)


def test_fact_holds_until_the_end_of_its_last_day() -> None:
    guides = shipped_content().guides
    last = replace(guides.facts["vneid_phi"], review_by=TODAY)
    said = everything_said(replace(guides, facts={**guides.facts, "vneid_phi": last}))
    assert said == fresh()


def test_example_facts_of_this_test_are_of_many_kinds_of_answers() -> None:
    kinds = {key[0] for key, (_, names) in fresh().items() if names & set(FACTS)}
    assert kinds == {"guide", "errors", "reply"}
