"""Guides and replies → messages: nothing lost, nothing too long, complete without buttons."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content import Content
from bot.errors import ContentError
from bot.guides import Confidence, Guide, PreparedReply, Variant
from bot.messages import MAX_BUTTONS, MAX_CHARS, MAX_MESSAGES, MAX_TITLE_CHARS, Reply
from bot.offices import OFFICE_VALUES
from bot.render import (
    Choice,
    Voice,
    pack,
    render_choices,
    render_errors,
    render_guide,
    render_prepared,
    voice_of,
)
from tests.bot.builders import (
    TODAY,
    make_fact,
    make_guide,
    make_guides,
    make_office,
    make_step,
    shipped_content,
)

CHOICES = [Choice(title=f"Việc số {n}", payload=f"g1:viec_{n}") for n in range(1, 4)]


def voice(**changes: object) -> Voice:
    return voice_of(make_guides(**changes), make_office(), TODAY)


def assert_fits(reply: Reply) -> None:
    assert 1 <= len(reply.messages) <= MAX_MESSAGES
    for message in reply.messages:
        assert 0 < len(message.text) <= MAX_CHARS
        assert len(message.buttons) <= MAX_BUTTONS
        assert all(0 < len(b.title) <= MAX_TITLE_CHARS for b in message.buttons)


def assert_complete_without_buttons(reply: Reply) -> None:
    """Every button's title is in the text of its message, behind its number."""
    for message in reply.messages:
        for number, button in enumerate(message.buttons, start=1):
            assert re.search(rf"(?m)^{number}\. {re.escape(button.title)}", message.text)


WORDS = st.text(st.sampled_from("abcđêơ "), min_size=1, max_size=60).map(lambda t: t.strip() or "x")
LINES = st.lists(WORDS, min_size=1, max_size=4).map(tuple)


@st.composite
def guides_of_any_size(draw: st.DrawFn) -> Guide:
    sizes = draw(st.lists(LINES, min_size=1, max_size=9))
    steps = tuple(
        make_step(
            f"s{n}", f"Bước tên {n}", lines=tuple(f"{n}.{i} {x}" for i, x in enumerate(lines))
        )
        for n, lines in enumerate(sizes)
    )
    return make_guide(steps=steps, answer=draw(WORDS), bring=draw(LINES), safety=draw(WORDS))


@given(guides_of_any_size())
@settings(max_examples=60)
def test_guide_of_any_size_loses_nothing_and_keeps_its_order(guide: Guide) -> None:
    reply = render_guide(voice(), guide, None, CHOICES)
    assert_fits(reply)
    assert_complete_without_buttons(reply)
    expected = [guide.title, guide.answer, *guide.bring]
    for step in guide.steps:
        expected += [step.title, *step.lines]
    expected += [guide.safety, *(c.title for c in CHOICES)]
    position = 0
    for part in expected:
        position = reply.text.index(part, position) + len(part)


@given(st.lists(st.integers(1, 2_000), min_size=1, max_size=12))
@settings(max_examples=200)
def test_blocks_are_packed_whole_in_order_or_refused(sizes: list[int]) -> None:
    blocks = [chr(97 + n) * size for n, size in enumerate(sizes)]
    try:
        texts = pack(blocks, "x")
    except ContentError:
        # Only what really cannot fit is refused: a block too long, or too much in all.
        assert max(sizes) > MAX_CHARS or sum(sizes) > MAX_CHARS * (MAX_MESSAGES / 2)
        return
    assert len(texts) <= MAX_MESSAGES
    assert all(len(t) <= MAX_CHARS for t in texts)
    assert [b for t in texts for b in t.split("\n\n")] == blocks


def test_guide_that_cannot_fit_is_refused_with_its_path() -> None:
    long = make_guide(steps=tuple(make_step(f"s{n}", lines=("x" * 1_700,)) for n in range(4)))
    with pytest.raises(ContentError) as caught:
        render_guide(voice(), long, None, CHOICES)
    assert caught.value.path == "guides/mat_khau/guide.md"


def test_short_guide_is_one_message() -> None:
    assert len(render_guide(voice(), make_guide(), None, CHOICES).messages) == 1


def test_buttons_are_below_the_last_message_only() -> None:
    guide = make_guide(steps=tuple(make_step(f"s{n}", lines=("x " * 300,)) for n in range(5)))
    reply = render_guide(voice(), guide, None, CHOICES)
    assert len(reply.messages) > 1
    assert [bool(m.buttons) for m in reply.messages[:-1]] == [False] * (len(reply.messages) - 1)
    assert [b.payload for b in reply.messages[-1].buttons] == [c.payload for c in CHOICES]


def test_steps_are_numbered_with_their_total() -> None:
    text = render_guide(voice(), make_guide(), None, CHOICES).text
    assert "Bước 1 trong 2: Mở ứng dụng" in text
    assert "Bước 2 trong 2: Bấm xong" in text


def test_guide_with_cases_first_asks_which_one() -> None:
    guide = make_guides().guides["cai_app"]
    reply = render_guide(voice(), guide, None, CHOICES)
    assert "trường hợp nào" in reply.text
    assert "Mở CH Play" not in reply.text
    assert guide.answer in reply.text


@pytest.mark.parametrize(
    ("variant", "shown", "hidden"),
    [("android", "Mở CH Play", "Mở App Store"), ("iphone", "Mở App Store", "Mở CH Play")],
)
def test_case_has_its_own_steps_and_the_common_ones(variant: str, shown: str, hidden: str) -> None:
    guide = make_guides().guides["cai_app"]
    reply = render_guide(voice(), guide, variant, CHOICES)
    assert shown in reply.text
    assert hidden not in reply.text
    assert "Bấm cài" in reply.text
    assert "Bước 2 trong 2" in reply.text


def test_unknown_case_is_asked_for_again() -> None:
    reply = render_guide(voice(), make_guides().guides["cai_app"], "nokia", CHOICES)
    assert "trường hợp nào" in reply.text


def test_names_of_buttons_are_quoted_because_zalo_shows_no_markdown() -> None:
    text = render_guide(voice(), make_guide(), None, CHOICES).text
    assert "“Mở”" in text
    assert "**" not in text


def test_fact_is_stated_until_the_end_of_its_last_day() -> None:
    last = make_fact(review_by=TODAY)
    assert "12.000 đồng" in render_guide(voice(facts={"phi": last}), make_guide(), None, []).text


def test_expired_fact_is_never_stated() -> None:
    old = make_fact(review_by=TODAY - timedelta(days=1))
    reply = render_guide(voice(facts={"phi": old}), make_guide(), None, [])
    assert "12.000" not in reply.text
    assert "đang kiểm tra lại, gọi <sdt_ttpvhcc>" in reply.text


def test_missing_office_value_is_said_with_a_phone_to_ask() -> None:
    office = make_office(values={"sdt_ttpvhcc": "0200 000 001"})
    speaks = voice_of(make_guides(), office, TODAY)
    assert speaks.say("{{ sdt_cong_an_xa }}") == "xã chưa cập nhật, gọi 0200 000 001"


def test_office_without_any_value_still_answers() -> None:
    speaks = voice_of(make_guides(), make_office(values={}), TODAY)
    for name in OFFICE_VALUES:
        assert speaks.say(f"{{{{ {name} }}}}")
    assert_fits(render_guide(speaks, make_guide(), None, CHOICES))


def test_guide_with_a_less_sure_fact_says_so() -> None:
    unsure = make_fact(confidence=Confidence.MEDIUM)
    assert (
        "Mức có thể đổi." in render_guide(voice(facts={"phi": unsure}), make_guide(), None, []).text
    )
    assert "Mức có thể đổi." not in render_guide(voice(), make_guide(), None, []).text


def test_less_sure_fact_of_another_guide_changes_nothing() -> None:
    unsure = make_fact("khac", confidence=Confidence.MEDIUM)
    facts = {"phi": make_fact(), "khac": unsure}
    assert "Mức có thể đổi." not in render_guide(voice(facts=facts), make_guide(), None, []).text


def test_guide_names_the_oldest_check_of_its_facts() -> None:
    assert "kiểm tra ngày 01/11/2026" in render_guide(voice(), make_guide(), None, []).text
    without = make_guide(fee="")
    assert "kiểm tra ngày 02/11/2026" in render_guide(voice(), without, None, []).text


def test_optional_parts_are_left_out_without_a_trace() -> None:
    text = render_guide(voice(), make_guide(fee="", bring=()), None, []).text
    assert "Lệ phí" not in text
    assert "Cần có" not in text
    assert "Căn cứ" not in text
    full = make_guide(duration="trong ngày", legal="Văn bản mẫu")
    text = render_guide(voice(), full, None, []).text
    assert "Thời gian: trong ngày" in text
    assert "Căn cứ: Văn bản mẫu." in text


def test_common_errors_are_told_step_by_step_with_a_person_to_ask() -> None:
    reply = render_errors(voice(), make_guide(), None, CHOICES)
    assert "Bước 2: Bấm xong\n• Không thấy nút: mở lại." in reply.text
    assert "Bước 1" not in reply.text
    assert "Gọi <sdt_ttpvhcc>." in reply.text
    assert_complete_without_buttons(reply)


def test_more_choices_than_buttons_are_still_all_in_the_text() -> None:
    many = [Choice(title=f"Việc {n}", payload=f"g1:v{n}") for n in range(1, 10)]
    message = render_choices("Chọn:", many)
    assert len(message.buttons) == MAX_BUTTONS
    assert message.text.endswith("9. Việc 9")


def test_long_title_is_cut_on_the_button_and_whole_in_the_text() -> None:
    long = Choice(title="Máy đời cũ " * 6, payload="g1:x")
    message = render_choices("Chọn:", [long])
    assert len(message.buttons[0].title) == MAX_TITLE_CHARS
    assert long.title in message.text


def test_prepared_reply_without_choices_has_no_invitation() -> None:
    reply = render_prepared(voice(), PreparedReply(key="x", text="Chào {{ ten_xa }}."))
    assert [m.text for m in reply.messages] == ["Chào <ten_xa>."]


def test_prepared_reply_fills_what_is_given_with_it() -> None:
    reply = render_prepared(voice(), make_guides().replies["no_guide"], label="việc này")
    assert "việc này" in reply.text


@pytest.fixture(scope="module")
def shipped() -> Content:
    return shipped_content()


def shipped_cases() -> list[tuple[str, str | None]]:
    guides = shipped_content().guides.guides
    return [(g.intent, v) for g in guides.values() for v in (None, *(x.id for x in g.variants))]


@pytest.mark.parametrize(("intent", "variant"), shipped_cases())
def test_shipped_guide_reads_well_in_each_case(
    shipped: Content, intent: str, variant: str | None
) -> None:
    guide = shipped.guides.guides[intent]
    long = [Choice(title="x" * MAX_TITLE_CHARS, payload="g1:x")] * MAX_BUTTONS
    for office in (*shipped.offices.values(), make_office(values={})):
        speaks = voice_of(shipped.guides, office, TODAY)
        for reply in (
            render_guide(speaks, guide, variant, long),
            render_errors(speaks, guide, variant, long),
        ):
            assert_fits(reply)
            assert_complete_without_buttons(reply)
            for trace in ("{{", "}}", "**", "None", "()", "[]"):
                assert trace not in reply.text


@pytest.mark.parametrize(("intent", "variant"), shipped_cases())
def test_shipped_guide_states_nothing_once_all_its_facts_have_expired(
    shipped: Content, intent: str, variant: str | None
) -> None:
    later = max(f.review_by for f in shipped.guides.facts.values()) + timedelta(days=1)
    office = next(iter(shipped.offices.values()))
    facts = {
        name: replace(fact, value=f"<<{name}>>") for name, fact in shipped.guides.facts.items()
    }
    marked = replace(shipped.guides, facts=facts)
    reply = render_guide(voice_of(marked, office, later), marked.guides[intent], variant, [])
    assert "<<" not in reply.text


def test_variant_is_chosen_by_whole_words_without_diacritics() -> None:
    guide = make_guides().guides["cai_app"]
    samsung, iphone = guide.variants
    assert guide.variant_in("may SAMSUNG cua me") is samsung
    assert guide.variant_in("cái ip của con") is iphone
    assert guide.variant_in("vipphone") is None
    assert guide.variant_in("samsung hay iphone") is None
    assert guide.variant_in("") is None


def test_word_of_a_case_may_have_diacritics_and_blanks() -> None:
    guide = make_guide(variants=(Variant(id="a", title="A", words=("người nhận thay",)),))
    assert guide.variant_in("toi la nguoi nhan thay cho me") is not None
    assert guide.variant_in("người nhận, thay") is not None
    assert guide.variant_in("người được nhận thay") is None


def test_nobody_is_invited_to_choose_from_nothing() -> None:
    text = render_guide(voice(), make_guide(), None, []).text
    assert "bấm nút" not in text
