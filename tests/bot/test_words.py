"""Words that work like buttons: what each means, and what it means to the talk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.answer import decide
from bot.asking_back import MAX_QUESTIONS_BACK
from bot.guides import fold
from bot.shortcuts import NONE_OF_THESE, after, find_target, parse_payload
from bot.talk import MAX_HISTORY, Classification, Decision, Outcome, Talk
from bot.words import _WAYS, Word, read_number, read_words
from tests.bot.builders import OPEN, found, make_guides, make_office, said

GUIDES = make_guides()
GUIDE = Talk(
    choices=("e1:mat_khau", "g1:cai_app", "g1:luong", "g1:gap_can_bo"),
    intent="mat_khau",
    history=("g1:mat_khau",),
)
CASE = Talk(
    choices=("e1:cai_app/android", "g1:mat_khau", "g1:gap_can_bo"),
    intent="cai_app",
    variant="android",
    history=("g1:cai_app", "g1:cai_app/android"),
)
WAITING = Talk(
    choices=("g1:cai_app/android", "g1:cai_app/iphone"), intent="cai_app", history=("g1:cai_app",)
)
CHOICES = Talk(choices=("g1:mat_khau", "g1:luong", NONE_OF_THESE), history=("c1:mat_khau+luong",))
DONE = replace(
    GUIDE, choices=("f1:mat_khau?helped", "f1:mat_khau?not_helped"), is_feedback_asked=True
)


def turn(text: str, talk: Talk, classification: Classification | None = None) -> Decision:
    return decide(
        said(text), classification, guides=GUIDES, office=make_office(), talk=talk, now=OPEN
    )


def text_of(decision: Decision) -> str:
    assert decision.reply is not None
    return decision.reply.text


def leads_to(text: str, talk: Talk) -> str | None:
    target = find_target(text, talk, GUIDES)
    return target.payload if target else None


def test_ways_are_written_as_they_are_compared() -> None:
    assert all(fold(way) == way for ways in _WAYS.values() for way in ways)


@pytest.mark.parametrize(
    ("text", "count", "number"),
    [
        ("2", 3, 2),
        (" 2. ", 3, 2),
        ("số 2", 3, 2),
        ("so 2", 3, 2),
        ("chọn 2", 3, 2),
        ("chọn số 2 ạ", 3, 2),
        ("cho bác số 2", 3, 2),
        ("bấm số 2 nhé cháu", 3, 2),
        ("cái số 2", 3, 2),
        ("mục 2", 3, 2),
        ("mức 2", 3, None),
        ("Mức hai", 3, None),
        ("hai", 3, 2),
        ("Hai nhé", 3, 2),
        ("cái thứ hai", 3, 2),
        ("cai thu hai", 3, 2),
        ("thứ nhì", 3, 2),
        ("thứ nhất", 3, 1),
        ("cái đầu tiên", 3, 1),
        ("cai dau tien", 3, 1),
        ("cái đầu", 3, 1),
        ("đầu", 3, None),
        ("dau", 3, None),
        ("một", 3, 1),
        ("mot", 3, 1),
        ("ba", 3, 3),
        ("bà", 3, None),
        ("bá", 3, None),
        ("cái thứ tư", 4, 4),
        ("bốn", 4, 4),
        ("tu", 4, 4),
        ("năm", 5, 5),
        ("nằm", 5, None),
        ("sau", 4, None),
        ("4", 3, None),
        ("0", 3, None),
        ("0912", 20, None),
        ("hai", 0, None),
        ("hai vợ chồng", 3, None),
        ("2 ngày", 3, None),
        ("", 3, None),
    ],
)
def test_number_is_read_as_it_is_said(text: str, count: int, number: int | None) -> None:
    assert read_number(text, count) == number


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("tiếp", Word.NEXT),
        ("tiep di chau", Word.NEXT),
        ("Tiếp theo", Word.NEXT),
        ("rồi sao nữa", Word.NEXT),
        ("roi rang nua", Word.NEXT),
        ("rồi làm chi nữa cháu", Word.NEXT),
        ("xem lại", Word.AGAIN),
        ("cho bác xem lại với", Word.AGAIN),
        ("nhắc lại nhé", Word.AGAIN),
        ("gui lai giup bac", Word.AGAIN),
        ("coi lại", Word.AGAIN),
        ("nói lại lần nữa đi cháu", Word.AGAIN),
        ("quay lại", Word.BACK),
        ("tro lai", Word.BACK),
        ("trở lại cái trước", Word.BACK),
        ("bị kẹt", Word.STUCK),
        ("bi vuong", Word.STUCK),
        ("không được", Word.STUCK),
        ("ko dc", Word.STUCK),
        ("hổng được", Word.STUCK),
        ("nỏ được", Word.STUCK),
        ("làm hoài hông được", Word.STUCK),
        ("vẫn không được cháu ơi", Word.STUCK),
        ("xong", Word.DONE),
        ("Xong rồi nhé", Word.DONE),
        ("được rồi", Word.DONE),
        ("dc roi", Word.DONE),
        ("bác làm xong rồi", Word.DONE),
        ("gặp cán bộ", Word.OFFICER),
        ("cho tôi gặp cán bộ với", Word.OFFICER),
        ("cho bac gap nguoi that", Word.OFFICER),
        ("menu", Word.MENU),
        ("không phải", Word.NONE_OF_THESE),
        ("hông phải", Word.NONE_OF_THESE),
    ],
)
def test_word_is_read_with_politeness_around_it(text: str, word: Word) -> None:
    assert word in read_words(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "xong rồi thì bao giờ có thẻ",
        "không được cấp thẻ thì sao",
        "tiếp dân ngày nào",
        "trả lại hồ sơ",
        "xem lại số tiền lương hưu tháng trước",
        "quay lại màn hình chính thì mất hết",
    ],
)
def test_sentence_that_holds_a_word_is_no_button(text: str) -> None:
    assert read_words(text) == frozenset()


@pytest.mark.parametrize(
    ("text", "talk", "payload"),
    [
        ("xem lại", GUIDE, "g1:mat_khau"),
        ("xem lại", CASE, "g1:cai_app/android"),
        ("nhắc lại", CHOICES, "c1:mat_khau+luong"),
        ("quay lại", CASE, "g1:cai_app"),
        ("quay lại", GUIDE, "m1:"),
        ("bị kẹt", GUIDE, "e1:mat_khau"),
        ("không được", CASE, "e1:cai_app/android"),
        ("vẫn không được", replace(CASE, history=(*CASE.history, "e1:cai_app/android")),
         "f1:cai_app/android?not_helped"),
        ("xong", GUIDE, "d1:mat_khau"),
        ("được rồi", CASE, "d1:cai_app/android"),
        ("tiếp", GUIDE, "d1:mat_khau?next"),
        ("tiếp", WAITING, "g1:cai_app"),
        ("tiếp", replace(GUIDE, choices=("g1:luong", "e1:mat_khau")), "g1:luong"),
        ("không phải", GUIDE, NONE_OF_THESE),
        ("không phải cái này", CASE, NONE_OF_THESE),
        ("không phải", CHOICES, NONE_OF_THESE),
        ("hai", CHOICES, "g1:luong"),
        ("cái thứ hai", WAITING, "g1:cai_app/iphone"),
        ("máy iphone cháu ạ", WAITING, "g1:cai_app/iphone"),
        ("có ích", DONE, "f1:mat_khau?helped"),
        ("có", DONE, "f1:mat_khau?helped"),
        ("chưa được", DONE, "f1:mat_khau?not_helped"),
        ("chua", DONE, "f1:mat_khau?not_helped"),
    ],
)  # fmt: skip
def test_what_a_word_means_follows_from_the_talk(text: str, talk: Talk, payload: str) -> None:
    assert leads_to(text, talk) == payload


@pytest.mark.parametrize(
    ("text", "talk"),
    [
        *((text, Talk()) for text in ("tiếp", "xem lại", "quay lại", "bị kẹt", "xong", "hai")),
        ("bị kẹt", CHOICES),
        ("xong", CHOICES),
        ("tiếp", CHOICES),
        ("xong", WAITING),
        ("không", GUIDE),
        ("có ích", GUIDE),
    ],
)
def test_where_a_word_means_nothing_the_model_is_asked(text: str, talk: Talk) -> None:
    assert leads_to(text, talk) is None
    assert turn(text, talk, found(("luong", 1.0))).intent == "luong"


def test_history_is_short_and_goes_back_instead_of_round() -> None:
    history: tuple[str, ...] = ()
    for payload in ("m1:", "m1:vneid", "g1:mat_khau", "g1:luong"):
        history = after(history, payload)
    assert history == ("m1:vneid", "g1:mat_khau", "g1:luong")
    assert len(history) == MAX_HISTORY
    assert after(history, "g1:mat_khau") == ("m1:vneid", "g1:mat_khau")
    assert after(history, "g1:luong") == history


def test_talk_goes_back_step_by_step() -> None:
    talk = turn("m1:vneid", Talk()).talk
    talk = turn("g1:cai_app", talk).talk
    talk = turn("g1:cai_app/iphone", talk).talk
    back = turn("quay lại", talk)
    assert "trường hợp nào" in text_of(back)
    assert back.talk.variant is None
    assert "Mục này có:" in text_of(turn("quay lại", back.talk))


def test_again_says_the_same_even_after_small_talk() -> None:
    first = turn("x", Talk(), found(("mat_khau", 1.0)))
    thanks = turn("x", first.talk, found(("chao_hoi", 1.0)))
    assert text_of(turn("nhắc lại", thanks.talk)) == text_of(first)


def test_choices_shown_again_are_no_further_question_back() -> None:
    asked = turn("x", Talk(), found(("mat_khau", 0.3), ("luong", 0.25)))
    again = turn("xem lại", asked.talk)
    assert again.choices == asked.choices
    assert again.talk.questions_back == asked.talk.questions_back == 1
    for _ in range(MAX_QUESTIONS_BACK + 1):
        again = turn("xem lại", again.talk)
    assert again.outcome is Outcome.CLARIFY


def test_end_is_kind_and_asks_once_whether_it_helped() -> None:
    done = turn("xong rồi", CASE)
    assert done.outcome is Outcome.TALK
    assert "Câu guide_done." in text_of(done)
    assert done.talk.choices == ("f1:cai_app/android?helped", "f1:cai_app/android?not_helped")
    once_more = turn("xong", replace(done.talk, choices=()))
    assert "Câu tam_biet." in text_of(once_more)
    other = turn("x", once_more.talk, found(("luong", 1.0)))
    assert "Câu guide_done." in text_of(turn("xong", other.talk))


def test_answer_that_it_helped_is_kept() -> None:
    decision = turn("1", turn("xong", CASE).talk)
    assert (decision.outcome, decision.feedback) == (Outcome.TALK, "helped")
    assert (decision.intent, decision.variant) == ("cai_app", "android")


def test_answer_that_it_did_not_help_names_guide_and_case_and_whom_to_call() -> None:
    replies = dict(GUIDES.replies)
    text = "Hỏi cán bộ về {{ label }}. {{ noi_hoi }}"
    replies["feedback_not_helped"] = replace(replies["feedback_not_helped"], text=text)
    decision = decide(
        said("chưa được"), None, guides=replace(GUIDES, replies=replies), office=make_office(),
        talk=turn("xong", CASE).talk, now=OPEN,
    )  # fmt: skip
    assert (decision.outcome, decision.feedback) == (Outcome.HANDOVER, "not_helped")
    assert "Cài ứng dụng – Máy Android" in text_of(decision)
    assert "Gọi <sdt_ttpvhcc>." in text_of(decision)


def test_next_after_a_whole_guide_says_that_it_ended_and_what_may_follow() -> None:
    decision = turn("rồi sao nữa", CASE)
    assert "Câu guide_ended." in text_of(decision)
    assert decision.talk.choices == ("d1:cai_app/android", "e1:cai_app/android", "g1:mat_khau")


def test_wrong_guide_leaves_the_hand() -> None:
    decision = turn("không phải", GUIDE)
    assert decision.outcome is Outcome.CLARIFY
    assert decision.talk.intent == ""
    assert "Câu menu." in text_of(turn("xem lại", decision.talk))
    assert text_of(turn("quay lại", decision.talk)) == text_of(turn("g1:mat_khau", Talk()))


@pytest.mark.parametrize(
    "payload",
    ["g1:mat_khau", "g1:cai_app/android", "g1:mat_khau?helper", "p1:cai_app/android?fee",
     "f1:x?helped", "c1:mat_khau+luong", "d1:x/y?next", "m1:", "s1:a_b"],
)  # fmt: skip
def test_payload_names_its_target_and_back(payload: str) -> None:
    target = parse_payload(payload)
    assert target is not None
    assert target.payload == payload


@pytest.mark.parametrize(
    "payload", ["f1:la?helped", "d1:", "p1:mat_khau?la", "p1:mat_khau", "c1:la+la", "f1:mat_khau",
                "e1:la", "c1:mat_khau", "d1:chua_co", "p1:gap_can_bo?fee", "p1:mat_khau?case"]
)  # fmt: skip
def test_strange_payload_typed_by_hand_does_no_harm(payload: str) -> None:
    assert text_of(turn(payload, Talk()))
