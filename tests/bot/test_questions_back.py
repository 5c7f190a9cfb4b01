"""The officers' table of bare words, asked back before the model guesses; captions of pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.answer import decide
from bot.asking_back import MAX_QUESTIONS_BACK
from bot.checks import check_content
from bot.content import load_content
from bot.events import MediaEvent
from bot.guides import QuestionBack
from bot.messages import MAX_MESSAGES
from bot.shortcuts import NONE_OF_THESE
from bot.talk import Classification, Decision, Outcome, Talk
from tests.bot.builders import (
    CITIZEN,
    OA,
    OPEN,
    TODAY,
    found,
    make_guides,
    make_office,
    said,
    shipped_content,
    write_content,
)

ROW = QuestionBack(words=("mật khẩu", "mk"), choices=("mat_khau", "luong"))
GUIDES = make_guides(questions_back=(ROW,))
SURE = found(("cai_app", 1.0))


def turn(text: str, talk: Talk = Talk()) -> Decision:  # noqa: B008
    return decide(said(text), SURE, guides=GUIDES, office=make_office(), talk=talk, now=OPEN)


def text_of(decision: Decision) -> str:
    assert decision.reply is not None
    return decision.reply.text


@pytest.mark.parametrize("text", ["mật khẩu", "Mat khau?", "MK"])
def test_bare_words_are_asked_back_before_the_model_guesses(text: str) -> None:
    decision = turn(text)
    assert (decision.outcome, decision.intent) == (Outcome.CLARIFY, "can_hoi_lai")
    assert decision.choices == ROW.choices
    assert decision.talk.choices == ("g1:mat_khau", "g1:luong", NONE_OF_THESE)


@pytest.mark.parametrize("text", ["mật khẩu vneid", "lấy mật khẩu", "mkk"])
def test_anything_more_is_the_models(text: str) -> None:
    assert turn(text).intent == "cai_app"


def test_after_too_many_questions_back_a_person_takes_over() -> None:
    talk = Talk(questions_back=MAX_QUESTIONS_BACK)
    assert turn("mật khẩu", talk).outcome is Outcome.HANDOVER


def problems_of(*rows: QuestionBack) -> list[str]:
    guides = make_guides(questions_back=rows)
    problems = check_content(guides, [make_office()], TODAY)
    return [p.message for p in problems if p.path == "questions_back.yaml"]


@pytest.mark.parametrize(
    ("row", "part"),
    [
        (replace(ROW, choices=("mat_khau",)), "2 tới 4"),
        (replace(ROW, choices=("mat_khau", "luong", "wifi", "gio_lam", "cai_app")), "2 tới 4"),
        (replace(ROW, choices=("mat_khau", "la")), "ý định la lạ"),
        (replace(ROW, choices=("mat_khau", "mat_khau")), "hai lần"),
        (replace(ROW, words=("mật khẩu", "Mat khau")), "hai lần"),
        (replace(ROW, words=("quen mat khau",)), "tên của mat_khau"),
        (replace(ROW, words=("…",)), "không có chữ"),
        (replace(ROW, words=()), "words"),
    ],
)
def test_row_that_cannot_work_is_reported(row: QuestionBack, part: str) -> None:
    assert any(part in message for message in problems_of(row))


def test_phrase_of_two_rows_is_reported() -> None:
    assert problems_of(ROW) == []
    assert any("hai lần" in message for message in problems_of(ROW, ROW))


def test_table_is_read_from_its_file(tmp_path: Path) -> None:
    root = write_content(tmp_path, make_guides())
    assert load_content(root, TODAY).guides.questions_back == ()
    file = root / "questions_back.yaml"
    file.write_text("questions:\n- {words: [mật khẩu, mk], choices: [mat_khau, luong]}\n")
    assert load_content(root, TODAY).guides.questions_back == (ROW,)
    file.write_text("questions:\n- {words: mk, choices: [mat_khau, luong]}\n- 5\n")
    content = load_content(root, TODAY)
    assert content.guides.questions_back == ()
    assert [p.path for p in content.problems].count("questions_back.yaml") == 2


def test_shipped_table_has_the_words_that_citizens_send_most() -> None:
    guides = shipped_content().guides
    words = {word for row in guides.questions_back for word in row.words}
    assert {"mật khẩu", "đổi số", "tiền chưa về", "làm lại thẻ", "giấy xác nhận"} <= words
    for row in guides.questions_back:
        assert all(name in guides.guides for name in row.choices)


def picture(
    caption: str, classification: Classification | None = SURE, kind: str = "image"
) -> Decision:
    event = MediaEvent(
        name="user_send_image", oa_id=OA, citizen_id=CITIZEN, at=OPEN,
        kind=kind, text=caption,  # type: ignore[arg-type]
    )  # fmt: skip
    return decide(event, classification, guides=GUIDES, office=make_office(), talk=Talk(), now=OPEN)


def test_caption_is_read_like_a_question_after_saying_that_pictures_are_not() -> None:
    decision = picture("cài máy samsung sao")
    assert (decision.outcome, decision.variant) == (Outcome.ANSWERED, "android")
    assert decision.reply is not None
    assert decision.reply.messages[0].text == "Câu caption_read."
    assert "Mở CH Play" in text_of(decision)


@pytest.mark.parametrize(
    ("caption", "classification", "kind"),
    [
        ("", SURE, "image"),
        ("cháu xem", SURE, "image"),
        ("cái này là gì", None, "image"),
        ("cái này là gì", found(("cai_app", 0.01)), "image"),
        ("cái này là gì", SURE, "link"),
    ],
)
def test_caption_that_asks_nothing_gets_the_word_for_its_kind(
    caption: str, classification: Classification | None, kind: str
) -> None:
    decision = picture(caption, classification, kind)
    assert decision.outcome is Outcome.UNSUPPORTED
    assert text_of(decision).startswith(f"Câu unsupported_{kind}.")


def test_secret_in_a_caption_is_warned_of_all_the_same() -> None:
    decision = picture("otp 482913 cài máy samsung sao")
    assert "Xin thu hồi tin vừa gửi." in text_of(decision)
    assert "482913" not in text_of(decision) + decision.redaction.text
    assert decision.reply is not None and len(decision.reply.messages) <= MAX_MESSAGES
