"""What the model found named in a question chooses the case of a guide and the hamlet's contact."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from bot.answer import decide
from bot.guides import PreparedReply
from bot.nlu_client import parse_classification
from bot.offices import Hamlet
from bot.talk import Classification, Decision, Talk
from tests.bot.builders import OPEN, found, make_guides, make_office, said, shipped_content

GUIDES = make_guides()


def ask(classification: Classification, text: str = "chỉ giúp", **office: object) -> Decision:
    return decide(
        said(text), classification, guides=GUIDES, office=make_office(**office), talk=Talk(),
        now=OPEN,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "entities", "variant"),
    [
        ("cài máy táo", ("iphone",), "iphone"),
        ("cài máy samsung", (), "android"),
        ("máy samsung hay iphone đều được", (), None),
        ("máy samsung, khác máy con tôi", ("android", "con"), "android"),
        ("samsung của mẹ, không phải máy táo", ("iphone",), "android"),
        ("cài thế nào", ("agribank", "cha mẹ"), None),
    ],
)
def test_case_is_chosen_by_the_guides_own_words_or_else_by_entities(
    text: str, entities: tuple[str, ...], variant: str | None
) -> None:
    decision = ask(replace(found(("cai_app", 0.99)), entities=entities), text)
    assert decision.variant == variant


def test_citizen_who_names_the_hamlet_gets_its_own_contact() -> None:
    guides = replace(
        GUIDES,
        replies={
            **GUIDES.replies,
            "gio_lam": PreparedReply(key="gio_lam", text="Hỏi: {{ to_cns_thon }}"),
        },
    )
    hamlets = (Hamlet(name="Thôn Trên", phone="0200 1"), Hamlet(name="Thôn Dưới", phone="0200 2"))
    office = make_office(hamlets=hamlets)

    def said_of(hamlet: str) -> str:
        classification = replace(found(("gio_lam", 0.99)), hamlet=hamlet)
        decision = decide(
            said("hỏi ai"), classification, guides=guides, office=office, talk=Talk(), now=OPEN
        )
        assert decision.reply is not None
        return decision.reply.text

    assert said_of("thôn dưới") == "Hỏi: Thôn Dưới: 0200 2"
    assert "0200 1" in said_of("") and "0200 2" in said_of("")
    assert said_of("thôn Đoài") == said_of("")


def test_entities_are_read_from_rasas_answer() -> None:
    body = {
        "intent_ranking": [{"name": "a", "confidence": 0.9}],
        "entities": [
            {"entity": "device", "value": "iphone", "start": 0, "end": 2},
            {"entity": "for_whom", "value": "cha mẹ", "start": 3, "end": 5},
            {"entity": "device", "value": "iphone", "start": 6, "end": 8},
            {"entity": "hamlet", "value": "Thôn Trên", "start": 9, "end": 12},
        ],
    }
    classification = parse_classification(httpx.Response(200, json=body))
    assert classification.entities == ("iphone", "cha mẹ")
    assert classification.hamlet == "Thôn Trên"


def test_shipped_guides_choose_between_pension_and_allowance() -> None:
    guide = shipped_content().guides.guides["lich_chi_tra"]
    for entity, case in (("lương hưu", "bhxh"), ("người có công", "xa"), ("khuyết tật", "xa")):
        chosen = guide.variant_in("bao giờ có tiền", (entity,))
        assert chosen is not None and chosen.id == case, entity
