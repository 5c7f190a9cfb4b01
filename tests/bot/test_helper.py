"""The rendition for somebody who asks on behalf of another: same guide, opened by a word to him."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.answer import decide
from bot.messages import MAX_CHARS, MAX_MESSAGES
from bot.render import Choice, render_guide, voice_of
from bot.talk import Classification, Talk
from tests.bot.builders import (
    OPEN,
    TODAY,
    found,
    make_guide,
    make_guides,
    make_office,
    said,
    shipped_content,
)

HELPER = "Để bố mẹ tự nhập mã."
GUIDES = make_guides()
GUIDES = replace(
    GUIDES, guides={name: replace(g, helper=HELPER) for name, g in GUIDES.guides.items()}
)


def answer(intent: str, *entities: str, text: str = "chỉ giúp") -> str:
    """What is said to a question of that intent with these entities."""
    classification: Classification = replace(found((intent, 0.99)), entities=entities)
    decision = decide(
        said(text), classification, guides=GUIDES, office=make_office(), talk=Talk(), now=OPEN
    )
    assert decision.reply is not None
    return decision.reply.text


@pytest.mark.parametrize("entity", ["cha mẹ", "người thân"])
def test_who_asks_for_a_relative_is_told_what_to_leave_to_that_person(entity: str) -> None:
    text = answer("mat_khau", entity, "iphone")
    assert HELPER in text
    assert text.index(HELPER) < text.index("Quên mật khẩu")
    assert text.endswith(answer("mat_khau"))


@pytest.mark.parametrize("entities", [(), ("con",), ("bản thân",), ("iphone",)])
def test_who_asks_for_himself_or_a_child_is_not(entities: tuple[str, ...]) -> None:
    assert HELPER not in answer("mat_khau", *entities)


def test_helper_is_told_before_the_question_which_case_it_is() -> None:
    text = answer("cai_app", "cha mẹ")
    assert HELPER in text
    assert "trường hợp nào" in text


def test_guide_without_a_word_to_helpers_is_the_same_for_them() -> None:
    voice = voice_of(GUIDES, make_office(), TODAY)
    guide = make_guide(helper="")
    assert render_guide(voice, guide, None, [], is_helper=True) == render_guide(
        voice, guide, None, []
    )


def test_every_shipped_guide_has_a_word_to_helpers_and_room_for_it() -> None:
    content = shipped_content()
    choices = [Choice(title="x" * 35, payload="g1:x")] * 4
    for office in content.offices.values():
        voice = voice_of(content.guides, office, TODAY)
        for guide in content.guides.guides.values():
            assert guide.helper, guide.intent
            for variant in (None, *(v.id for v in guide.variants)):
                reply = render_guide(voice, guide, variant, choices, is_helper=True)
                assert len(reply.messages) <= MAX_MESSAGES, guide.intent
                assert all(len(m.text) <= MAX_CHARS for m in reply.messages), guide.intent
                assert voice.say(guide.helper) in reply.messages[0].text
