"""Questions without a subject after a guide: the part asked for, of the guide in hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.answer import decide
from bot.followups import MAX_WORDS, PARTS, Part, find_followup, render_part
from bot.guides import Confidence, PreparedReply
from bot.messages import MAX_CHARS
from bot.render import Choice, voice_of
from bot.talk import Classification, Decision, Outcome, Talk
from tests.bot.builders import (
    OPEN,
    TODAY,
    found,
    make_fact,
    make_guide,
    make_guides,
    make_office,
    make_step,
    said,
    shipped_content,
)

HELPER = "Để bố mẹ tự nhập mã."
GUIDES = make_guides()
GUIDES = replace(
    GUIDES,
    guides={name: replace(g, helper=HELPER) for name, g in GUIDES.guides.items()},
    replies={
        **GUIDES.replies,
        "part_missing": PreparedReply(key="part_missing", text="Chưa ghi {{ phan }}."),
    },
)
CASES = GUIDES.guides["cai_app"]
TALK = Talk(intent="mat_khau", history=("g1:mat_khau",))
CASE = Talk(
    intent="cai_app", variant="android", history=("g1:cai_app/android",),
    choices=("e1:cai_app/android",),
)  # fmt: skip
SURE = GUIDES.thresholds.sure
UNCLEAR = found(("can_hoi_lai", 0.99))


def turn(text: str, talk: Talk, classification: Classification | None = None) -> Decision:
    return decide(
        said(text), classification, guides=GUIDES, office=make_office(), talk=talk, now=OPEN
    )


def text_of(decision: Decision) -> str:
    assert decision.reply is not None
    return decision.reply.text


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("mất mấy tiền", Part.FEE),
        ("mat may tien", Part.FEE),
        ("hết bao nhiêu tiền hả cháu", Part.FEE),
        ("tốn nhiêu tiền dzậy", Part.FEE),
        ("ton nhieu tien khong", Part.FEE),
        ("có mất phí không", Part.FEE),
        ("lệ phí thế nào", Part.FEE),
        ("phí bao nhiêu", Part.FEE),
        ("bao lâu", Part.DURATION),
        ("thế bao lâu thì xong", Part.DURATION),
        ("mất mấy ngày", Part.DURATION),
        ("vậy mất mấy bữa", Part.DURATION),
        ("khi mô xong", Part.DURATION),
        ("chừng nào có", Part.DURATION),
        ("mất bao nhiêu ngày", Part.DURATION),
        ("cần giấy gì", Part.BRING),
        ("can giay to chi", Part.BRING),
        ("mang gì theo", Part.BRING),
        ("đem theo cái chi", Part.BRING),
        ("phải chuẩn bị những gì", Part.BRING),
        ("ở đâu", Part.PLACE),
        ("làm ở mô rứa", Part.PLACE),
        ("den cho nao", Part.PLACE),
        ("gọi số nào", Part.CALL),
        ("goi so may", Part.CALL),
        ("gọi ở đâu", Part.CALL),
        ("hỏi ai", Part.CALL),
        ("căn cứ vào đâu", Part.LEGAL),
        ("theo luật nào vậy", Part.LEGAL),
        ("quy định ở đâu", Part.LEGAL),
        ("thế còn mẹ tôi", Part.RELATIVE),
        ("the con me toi thi sao", Part.RELATIVE),
        ("còn ông ngoại thì răng", Part.RELATIVE),
        ("làm cho mẹ được không", Part.RELATIVE),
        ("mẹ tôi thì sao", Part.RELATIVE),
        ("làm giúp bố mẹ", Part.RELATIVE),
        ("bà nội em thì răng", Part.RELATIVE),
        ("thế còn vợ tôi", Part.RELATIVE),
        ("làm cho con thì sao", Part.CHILD),
        ("lam cho con thi sao", Part.CHILD),
        ("còn con tôi thì sao", Part.CHILD),
        ("thế cháu nhỏ thì sao", Part.CHILD),
        ("còn máy iphone thì sao", Part.CASE),
        ("iphone", Part.CASE),
    ],
)
def test_question_without_a_subject_asks_for_a_part(text: str, part: Part) -> None:
    asked = find_followup(text, CASES)
    assert asked is not None
    assert (asked.part, asked.rest) == (part, frozenset())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cảm ơn cháu",
        "còn tôi thì sao",
        "cho bà hỏi với",
        "cho cháu hỏi với ạ",
        "giúp con với",
        "giúp bà với cháu",
        "người già",
        "tôi không cần gì nữa",
        "iphone không dùng được",
        "quên mật khẩu",
        "iphone của tôi bị nứt màn hình",
        "bác hỏi là đi làm cái thẻ ấy thì mất bao nhiêu tiền hả cháu",
    ],
)
def test_other_messages_are_no_such_questions(text: str) -> None:
    assert find_followup(text, CASES) is None


def test_long_message_tells_of_a_matter_of_its_own() -> None:
    words = ["a"] * (MAX_WORDS - 2)
    assert find_followup(" ".join([*words, "bao", "lâu"]), CASES)
    assert find_followup(" ".join([*words, "a", "bao", "lâu"]), CASES) is None


def test_answer_is_the_part_in_one_message_with_its_date_and_the_way_on() -> None:
    decision = turn("mất mấy tiền", CASE)
    assert decision.outcome is Outcome.ANSWERED
    assert (decision.intent, decision.variant) == ("cai_app", "android")
    assert decision.reply is not None and len(decision.reply.messages) == 1
    text = text_of(decision)
    assert text.startswith("Lệ phí: 12.000 đồng")
    assert "Cài ứng dụng – Máy Android" in text
    assert "01/11/2026" in text
    assert decision.talk.choices == ("g1:cai_app/android", "e1:cai_app/android", "g1:gap_can_bo")


def test_less_sure_fact_is_said_with_care_and_an_expired_one_not_at_all() -> None:
    medium = replace(GUIDES, facts={"phi": make_fact(confidence=Confidence.MEDIUM)})
    voice = voice_of(medium, make_office(), TODAY)
    guide = GUIDES.guides["mat_khau"]
    assert "Mức có thể đổi." in render_part(voice, guide, None, Part.FEE, []).text
    expired = replace(GUIDES, facts={"phi": make_fact(review_by=OPEN.date().replace(day=1))})
    voice = voice_of(expired, make_office(), TODAY)
    assert "12.000" not in render_part(voice, guide, None, Part.FEE, []).text


def test_part_that_is_not_stated_is_said_to_be_so_with_whom_to_call() -> None:
    text = text_of(turn("bao lâu", TALK))
    assert "Chưa ghi thời gian." in text
    assert "Gọi <sdt_ttpvhcc>." in text


def test_place_is_read_from_the_steps() -> None:
    steps = (make_step(lines=("Tới {{ dia_chi_cong_an_xa }}.", "Bấm **Mở**.")),)
    guide = make_guide(steps=steps)
    text = render_part(voice_of(GUIDES, make_office(), TODAY), guide, None, Part.PLACE, []).text
    assert "<dia_chi_cong_an_xa>" in text
    assert "Bấm" not in text


def test_relative_gets_the_same_case_with_the_word_to_helpers() -> None:
    decision = turn("thế còn mẹ tôi", CASE)
    assert HELPER in text_of(decision)
    assert "Mở CH Play" in text_of(decision)


def test_helper_stays_one_while_the_case_is_asked_for() -> None:
    talk = Talk(intent="cai_app", history=("g1:cai_app",))
    asked = turn("làm cho mẹ thì sao", talk)
    assert asked.talk.choices == ("g1:cai_app/android?helper", "g1:cai_app/iphone?helper")
    assert HELPER in text_of(turn("2", asked.talk))


def test_other_telephone_gets_its_own_steps() -> None:
    decision = turn("còn iphone thì sao", CASE)
    assert decision.variant == "iphone"
    assert "Mở App Store" in text_of(decision)


@pytest.mark.parametrize(
    ("classification", "is_about_guide"),
    [
        (UNCLEAR, True),
        (found(("mat_khau", 0.95)), True),
        (found(("gio_lam", SURE - 0.01)), True),
        (found(("luong", SURE)), False),
        (found(("luong", SURE - 0.01)), False),
        (found(("lua_dao", 0.5)), False),
    ],
)
def test_question_with_words_of_its_own_is_the_models_to_judge(
    classification: Classification, is_about_guide: bool
) -> None:
    decision = turn("chuyển bên ấy mất mấy tiền", TALK, classification)
    assert text_of(decision).startswith("Lệ phí: 12.000 đồng") is is_about_guide
    assert (decision.intent == "mat_khau") is is_about_guide


def test_question_that_names_nothing_needs_no_model() -> None:
    for classification in (None, found(("gio_lam", 1.0))):
        assert turn("bao lâu", TALK, classification).intent == "mat_khau"


@pytest.mark.parametrize("matter", ["luong", "gio_lam", "ngoai_pham_vi", "lam_ho"])
def test_new_topic_leaves_the_guide_in_hand(matter: str) -> None:
    talk = turn("x", TALK, found((matter, 1.0))).talk
    assert talk.intent == (matter if matter == "luong" else "")


@pytest.mark.parametrize("matter", ["chao_hoi", "gap_can_bo", "can_hoi_lai"])
def test_what_is_said_in_passing_does_not(matter: str) -> None:
    talk = turn("x", TALK, found((matter, 1.0))).talk
    assert turn("mất mấy tiền", talk).intent == "mat_khau"


def test_without_a_guide_in_hand_the_model_is_asked() -> None:
    assert turn("bao lâu", Talk(), UNCLEAR).outcome is Outcome.CLARIFY


def test_again_repeats_the_part_and_back_opens_the_guide() -> None:
    fee = turn("mất mấy tiền", CASE)
    assert text_of(turn("nhắc lại", fee.talk)) == text_of(fee)
    assert "Mở CH Play" in text_of(turn("quay lại", fee.talk))


def test_every_part_of_every_shipped_guide_fits_one_message() -> None:
    content = shipped_content()
    choices = [Choice(title="x" * 35, payload="g1:x")] * 3
    for office in content.offices.values():
        voice = voice_of(content.guides, office, TODAY)
        for guide in content.guides.guides.values():
            for case in (None, *(v.id for v in guide.variants)):
                for part in PARTS:
                    messages = render_part(voice, guide, case, part, choices).messages
                    assert len(messages) == 1, (guide.intent, part)
                    assert len(messages[0].text) <= MAX_CHARS
                    assert "{{" not in messages[0].text
