"""Several matters in one message: which is answered, which are offered."""

from __future__ import annotations

import pytest

from bot.answer import FRAUD, decide
from bot.several import MAX_SENTENCES, STRONG, combine, split_sentences
from bot.talk import Classification, Talk
from tests.bot.builders import OPEN, found, make_guides, make_office, said

GUIDES = make_guides()
SURE = GUIDES.thresholds.sure


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("quên mật khẩu vneid thì làm sao", ()),
        ("Chào cháu. Bác quên mật khẩu rồi làm sao", ()),
        (
            "Bác quên mật khẩu vneid rồi. Lương hưu tháng này chưa về?",
            ("Bác quên mật khẩu vneid rồi", "Lương hưu tháng này chưa về"),
        ),
        (
            "bac quen mat khau vneid tien the cho hoi luong huu ve chua",
            ("bac quen mat khau vneid", "tien the cho hoi luong huu ve chua"),
        ),
        ("vào trang dichvucong.gov.vn bấm mục 2.000.815 thì báo lỗi", ()),
        ("", ()),
        ("...???", ()),
    ],
)
def test_message_is_split_where_a_new_matter_can_begin(
    text: str, sentences: tuple[str, ...]
) -> None:
    assert split_sentences(text) == sentences


def test_of_a_long_story_the_last_sentences_are_read() -> None:
    story = " ".join(f"Chuyện thứ {n} là như thế này." for n in range(20))
    assert len(split_sentences(story)) == MAX_SENTENCES
    assert "thứ 19" in split_sentences(story)[-1]


def combined(whole: Classification, *sentences: Classification) -> Classification:
    return combine(whole, sentences, GUIDES.intents, fraud=FRAUD)


def test_one_matter_stays_as_it_was_read() -> None:
    whole = found(("mat_khau", 0.9))
    assert combined(whole) == whole
    assert combined(whole, found(("mat_khau", 0.99))).others == ()


def test_second_matter_is_offered() -> None:
    answer = combined(
        found(("mat_khau", 0.95)), found(("luong", STRONG)), found(("mat_khau", 0.95))
    )
    assert (answer.intent, answer.others) == ("mat_khau", ("luong",))


def test_fraud_comes_first_wherever_it_stands() -> None:
    answer = combined(
        found(("mat_khau", 0.95)), found(("lua_dao", 0.95)), found(("mat_khau", 0.95))
    )
    assert (answer.intent, answer.others) == ("lua_dao", ("mat_khau",))


def test_unsure_message_offers_its_strong_sentences_before_weaker_guesses() -> None:
    whole = combined(
        found(("wifi", SURE - 0.1), ("mat_khau", 0.2)),
        found(("mat_khau", STRONG)),
        found(("luong", 0.97)),
    )
    assert whole.intent == "wifi"
    decision = decide(said("x"), whole, guides=GUIDES, office=make_office(), talk=Talk(), now=OPEN)
    assert decision.choices == ("wifi", "luong", "mat_khau")


def test_last_of_two_matters_is_answered_where_the_message_is_torn_between_them() -> None:
    answer = combined(
        found(("mat_khau", 0.6), ("luong", 0.5)), found(("mat_khau", 0.95)), found(("luong", 0.97))
    )
    assert (answer.intent, answer.confidence, answer.others) == ("luong", 0.97, ("mat_khau",))
    assert [name for name, _ in answer.ranking].count("luong") == 1


def test_sentence_in_passing_or_small_talk_is_no_matter_of_its_own() -> None:
    whole = found(("mat_khau", 0.95))
    answer = combined(whole, found(("chao_hoi", 1.0)), found(("luong", STRONG - 0.01)))
    assert answer.others == ()
