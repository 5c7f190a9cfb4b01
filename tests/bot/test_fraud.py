"""The rules against fraud: every sign, no false alarm among ordinary questions, what is decided."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bot.answer import FRAUD, decide
from bot.ask import read_lines
from bot.fraud import DECISIVE, HARM_DONE, NO_HARM_YET, WINDOW, case_of, is_fraud, signs_in, weigh
from bot.fraud_eval import Case, as_lines, is_warned, measure, parse_case
from bot.fraud_signs import SIGNS, Kind
from bot.guides import GuideSet
from bot.talk import Classification, Decision, Outcome, Talk
from bot.worker import Thought
from tests.bot.builders import OPEN, ROOT, found, make_guides, make_office, said, shipped_content

MAX_FALSE_ALARMS = 0.002
"""Of the ordinary phrases; stories mention many things by chance."""
NOT_ORDINARY = {"lua_dao", "vneid_an_toan", "ngoai_pham_vi"}
FILE = ROOT / "tests" / "data" / "fraud.jsonl"

SCAMS = [
    ("link_fake", "vào vneid-dangky.top để khai lại"),
    ("link_fake", "họ nhắn vne1d.com"),
    ("link_fake", "vneid-dangky . top"),
    ("link_fake", "xem ở dichvucong.qov.vn"),
    ("link_fake", "bấm bit.ly/abc nhận gạo"),
    ("impersonation", "có người xưng công an gọi cho tôi"),
    ("impersonation", "co nguoi tu xung can bo goi"),
    ("app_outside", "họ gửi file vneid.apk bảo cài"),
    ("remote_control", "nó bảo cài teamviewer"),
    ("remote_control", "bao toi chia se man hinh"),
    ("otp_asked", "có đứa gọi xin mã otp"),
    ("otp_asked", "co dua goi bao doc ma otp"),
    ("identity_asked", "số lạ gọi xin ảnh căn cước"),
    ("zalo_contact", "người lạ gọi bảo kết bạn zalo"),
    ("fee_private", "có người gọi bảo chuyển 2 triệu"),
    ("threat", "bị dọa bắt, phải chuyển tiền vào tài khoản tạm giữ"),
    ("harm_plain", "tôi lỡ bấm vào đường link lạ"),
    ("harm_plain", "lo doc ma otp cho ho roi"),
    ("fraud_named", "tôi bị lừa rồi"),
]

GENUINE = [
    "không nhận được mã OTP",
    "khong nhan duoc ma otp",
    "quét mã QR để nộp học phí",
    "chuyển tiền cho con đi học",
    "công an xã gọi lên làm căn cước",
    "cong an xa goi len lam can cuoc",
    "vào dichvucong.gov.vn mà không được",
    "https://lienthong.dichvucong.gov.vn/khai-sinh lỗi rồi",
    "trang dichvucong.moj.gov.vn có dùng được không",
    "tải VNeID ở CH Play hay App Store",
    "nộp lệ phí trong hôm nay được không",
    "cho bác hỏi họ bảo hồ sơ thiếu giấy",
    "ngân hàng bảo thẻ hết hạn, ra quầy đổi được không",
    "nộp xong rồi.cháu ơi bao giờ có",
    "cong dich vu cong quoc gia dang nhap kieu gi vay",
]


@pytest.mark.parametrize(("name", "text"), SCAMS)
def test_sign_is_seen_and_makes_a_fraud(name: str, text: str) -> None:
    assert name in {sign.name for sign in signs_in(text)}
    assert is_fraud(text)


@pytest.mark.parametrize("text", GENUINE)
def test_genuine_question_with_such_a_word_is_no_fraud(text: str) -> None:
    assert not is_fraud(text), signs_in(text)


def test_table_names_each_sign_once_and_says_why() -> None:
    names = [sign.name for sign in SIGNS]
    assert len(set(names)) == len(names)
    assert all(sign.why and 0 < sign.weight <= DECISIVE for sign in SIGNS)
    assert {sign.kind for sign in SIGNS} == set(Kind)


def test_no_two_signs_of_one_kind_make_a_fraud_together() -> None:
    weak = [sign for sign in SIGNS if sign.weight < DECISIVE]
    for kind in Kind:
        assert weigh(tuple(s for s in weak if s.kind is kind)) < DECISIVE


def test_patterns_can_be_reached_by_folded_text() -> None:
    for sign in SIGNS:
        for pattern in sign.patterns:
            assert re.compile(pattern)
            assert pattern.isascii() and pattern == re.sub(r"(?<!\\)[A-Z]", "", pattern), pattern


def test_signs_far_apart_do_not_add_up() -> None:
    between = "việc nhà " * WINDOW
    assert is_fraud("số lạ gọi. Xin ảnh căn cước")
    assert not is_fraud(f"số lạ gọi. {between}. Xin ảnh căn cước")


def test_unknown_but_harmless_link_alone_is_no_fraud() -> None:
    assert {s.name for s in signs_in("xem ở agribank.com.vn")} == {"link_unknown"}
    assert not is_fraud("xem ở agribank.com.vn")
    assert is_fraud("có người gọi bảo đọc mã otp ở agribank.com.vn")


def test_false_alarms_among_ordinary_phrases_stay_below_the_stated_share() -> None:
    phrases = shipped_content().guides.phrases
    ordinary = [p for name, rows in phrases.items() if name not in NOT_ORDINARY for p in rows]
    assert len(ordinary) > 10_000
    alarms = [p for p in ordinary if is_fraud(p)]
    assert len(alarms) <= MAX_FALSE_ALARMS * len(ordinary), alarms


def test_rules_alone_see_most_of_the_own_frauds() -> None:
    cases = [parse_case(row) for row in read_lines(FILE)]
    figures = measure(cases, [is_fraud(case.text) for case in cases])
    assert (figures["all"]["frauds"], figures["all"]["genuine"]) == (100, 100)
    assert figures["all"]["rules"]["recall"] >= 0.95
    assert figures["all"]["rules"]["false_alarms"] <= 0.05


@pytest.mark.parametrize(
    ("text", "case"),
    [
        ("có người xưng công an gọi, tôi đã đọc mã cho họ", HARM_DONE),
        ("bác lỡ đọc mã otp cho nó rồi", HARM_DONE),
        ("em trót chuyển tiền cho người ta", HARM_DONE),
        ("toi da cai app ho gui", HARM_DONE),
        ("có người xưng công an gọi, tôi chưa đọc mã", NO_HARM_YET),
        ("họ gửi link lạ bảo bấm, tôi chưa bấm", NO_HARM_YET),
        ("có người xưng công an gọi", NO_HARM_YET),
        ("xã làm việc mấy giờ", None),
    ],
)
def test_case_follows_what_has_been_done(text: str, case: str | None) -> None:
    assert case_of(text) == case


def ask(
    text: str,
    model: Classification | None,
    *,
    guides: GuideSet | None = None,
    talk: Talk = Talk(),  # noqa: B008
) -> Decision:
    return decide(
        said(text), model, guides=guides or shipped_content().guides, office=make_office(),
        talk=talk, now=OPEN,
    )  # fmt: skip


def text_of(decision: Decision) -> str:
    assert decision.reply is not None
    return decision.reply.text


FORWARDED = "Tài khoản của bạn hết hạn, cập nhật tại vneid-dangky.top"


def test_fraud_wins_over_the_intent_of_the_model() -> None:
    decision = ask(FORWARDED, found(("vneid_kich_hoat", 0.99)))
    assert (decision.outcome, decision.intent) == (Outcome.SAFETY, FRAUD)


def test_what_the_model_is_sure_of_stays_one_tap_away() -> None:
    assert "g1:vneid_kich_hoat" in ask(FORWARDED, found(("vneid_kich_hoat", 0.99))).talk.choices
    assert "g1:vneid_kich_hoat" not in ask(FORWARDED, found(("vneid_kich_hoat", 0.5))).talk.choices


def test_fraud_is_seen_while_the_model_is_down() -> None:
    decision = ask(FORWARDED, None)
    assert (decision.outcome, decision.variant) == (Outcome.SAFETY, NO_HARM_YET)
    assert ask("làm căn cước", None).outcome is Outcome.ERROR


def test_tapped_button_is_no_fraud() -> None:
    assert ask("g1:vneid_kich_hoat", None).intent == "vneid_kich_hoat"


def test_harm_done_gets_the_steps_in_the_order_that_saves_money() -> None:
    decision = ask("tôi lỡ bấm vào đường link lạ họ gửi rồi", None)
    assert decision.variant == HARM_DONE
    text = text_of(decision)
    marks = ["ngắt mạng", "gọi ngân hàng", "Đổi mật khẩu", "khóa VNeID", "Báo Công an", "cài lại"]
    places = [text.index(f": {m}" if m[0].isupper() else m) for m in marks]
    assert places == sorted(places)


def test_harm_told_after_the_warning_changes_the_case() -> None:
    talk = Talk(intent=FRAUD, variant=NO_HARM_YET)
    decision = ask("bác chuyển tiền mất rồi", found(("chuyen_noi_nhan", 0.99)), talk=talk)
    assert (decision.intent, decision.variant) == (FRAUD, HARM_DONE)


def test_fraud_of_the_model_takes_the_case_from_the_rules() -> None:
    decision = ask("tôi trót làm theo mất rồi", found((FRAUD, 0.7)))
    assert (decision.outcome, decision.variant) == (Outcome.SAFETY, HARM_DONE)


def test_model_alone_still_warns_from_its_threshold_on() -> None:
    guides = shipped_content().guides
    decision = ask("chuyện lạ lắm", found((FRAUD, guides.thresholds.likely)))
    assert (decision.outcome, decision.intent) == (Outcome.SAFETY, FRAUD)


def test_pasted_code_is_still_warned_of() -> None:
    decision = ask("có người xưng công an xin mã otp 482913", None)
    assert decision.outcome is Outcome.SAFETY
    assert decision.redaction.has_secret
    assert "482913" not in text_of(decision)


def test_content_without_the_matter_is_asked_as_before() -> None:
    few = make_guides()
    few = replace(few, intents={k: v for k, v in few.intents.items() if k != FRAUD})
    assert ask(FORWARDED, None, guides=few).outcome is Outcome.ERROR


def test_figures_of_the_evaluation_count_both_ways() -> None:
    cases = [
        Case(text=FORWARDED, is_fraud=True, kind="link"),
        Case(text="chuyện lạ lắm", is_fraud=True, kind="other"),
        Case(text="làm căn cước", is_fraud=False, kind="identity"),
    ]
    figures = measure(cases, [True, False, True])
    assert figures["all"]["rules"] == {"recall": 0.5, "false_alarms": 0.0}
    assert figures["all"]["decision"] == {"recall": 0.5, "false_alarms": 1.0}
    assert figures["by_kind"]["fraud: link"]["rules"]["recall"] == 1.0
    assert figures["by_kind"]["genuine: identity"]["rules"]["recall"] is None
    assert figures["missed"] == ["chuyện lạ lắm"]
    assert figures["by_sign"]["link_fake"] == {"fraud": 1, "genuine": 0}
    lines = "\n".join(as_lines(figures))
    assert "false alarm: làm căn cước" in lines and "50.0%" in lines


def test_only_the_guide_against_fraud_counts_as_warned() -> None:
    right = ask(FORWARDED, None)
    assert is_warned(Thought(decision=right, classification=None))
    other = replace(right, intent="yeu_cau_lam_ho")
    assert not is_warned(Thought(decision=other, classification=None))
