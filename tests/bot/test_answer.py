"""`decide`: what each message leads to, at every threshold, and never silence."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answer import QUIET_AFTER_STAFF, apologise, decide
from bot.asking_back import MAX_CHOICES, MAX_QUESTIONS_BACK, UNLIKELY
from bot.events import Event, FollowEvent, LeaveEvent, MediaEvent
from bot.guides import Act, GuideSet, PreparedReply
from bot.messages import MAX_BUTTONS, MAX_CHARS, MAX_MESSAGES, MAX_TITLE_CHARS, Reply
from bot.offices import Office
from bot.shortcuts import NONE_OF_THESE, SERVICES, find_target, payload_of
from bot.talk import Classification, Decision, Outcome, Talk
from tests.bot.builders import (
    CITIZEN,
    CLOSED,
    OA,
    OPEN,
    found,
    make_guide,
    make_guides,
    make_office,
    make_step,
    said,
    shipped_content,
)

GUIDES = make_guides()
SURE, LIKELY, NEAR = GUIDES.thresholds.sure, GUIDES.thresholds.likely, GUIDES.thresholds.near
JUST_BELOW = 1e-9
OFFERED = Talk(choices=("g1:mat_khau", "m1:pension", NONE_OF_THESE))
SECRETS = ["otp của bác là 482913", "mật khẩu là Abc@1234", "thẻ 9704 0512 3456 7890"]


def ask(
    text: str | Event = "câu hỏi",
    classification: Classification | None = None,
    *,
    guides: GuideSet = GUIDES,
    talk: Talk = Talk(),  # noqa: B008
    office: Office | None = None,
    now: object = OPEN,
) -> Decision:
    event = said(text) if isinstance(text, str) else text
    return decide(
        event, classification, guides=guides, office=office or make_office(), talk=talk,
        now=now,  # type: ignore[arg-type]
    )  # fmt: skip


def reply_of(decision: Decision) -> Reply:
    assert decision.reply is not None
    return decision.reply


def media(kind: str, text: str = "") -> MediaEvent:
    return MediaEvent(
        name="user_send_image", oa_id=OA, citizen_id=CITIZEN, at=OPEN,
        kind=kind, text=text,  # type: ignore[arg-type]
    )  # fmt: skip


FOLLOW = FollowEvent(name="follow", oa_id=OA, citizen_id=CITIZEN, at=OPEN)


@pytest.mark.parametrize(
    ("intent", "confidence", "outcome"),
    [
        ("mat_khau", 1.0, Outcome.ANSWERED),
        ("mat_khau", SURE, Outcome.ANSWERED),
        ("mat_khau", SURE - JUST_BELOW, Outcome.CLARIFY),
        ("mat_khau", NEAR, Outcome.CLARIFY),
        ("mat_khau", NEAR - JUST_BELOW, Outcome.NO_CONTENT),
        ("mat_khau", 0.0, Outcome.NO_CONTENT),
        ("chua_co", SURE, Outcome.NO_CONTENT),
        ("chua_co", SURE - JUST_BELOW, Outcome.CLARIFY),
        ("gio_lam", SURE, Outcome.ANSWERED),
        ("gio_lam", SURE - JUST_BELOW, Outcome.CLARIFY),
        ("wifi", SURE, Outcome.NO_CONTENT),
        ("lua_dao", LIKELY, Outcome.SAFETY),
        ("lua_dao", LIKELY - JUST_BELOW, Outcome.CLARIFY),
        ("lua_dao", NEAR - JUST_BELOW, Outcome.NO_CONTENT),
        ("lam_ho", SURE, Outcome.SAFETY),
        ("lam_ho", SURE - JUST_BELOW, Outcome.CLARIFY),
        ("chao_hoi", LIKELY, Outcome.TALK),
        ("chao_hoi", LIKELY - JUST_BELOW, Outcome.CLARIFY),
        ("gap_can_bo", LIKELY, Outcome.HANDOVER),
        ("phan_nan", LIKELY, Outcome.HANDOVER),
        ("phan_nan", LIKELY - JUST_BELOW, Outcome.CLARIFY),
        ("can_hoi_lai", 1.0, Outcome.CLARIFY),
        ("can_hoi_lai", NEAR, Outcome.CLARIFY),
        ("ngoai_pham_vi", LIKELY, Outcome.OUT_OF_SCOPE),
        ("ngoai_pham_vi", LIKELY - JUST_BELOW, Outcome.CLARIFY),
        ("khong_ai_biet", 1.0, Outcome.NO_CONTENT),
    ],
)
def test_outcome_follows_from_intent_and_confidence(
    intent: str, confidence: float, outcome: Outcome
) -> None:
    decision = ask("câu hỏi", found((intent, confidence), ("luong", 0.1)))
    assert decision.outcome is outcome
    assert decision.intent == intent
    assert decision.confidence == confidence


def test_every_outcome_can_happen() -> None:
    decisions = [
        ask("x", found((intent, 1.0)))
        for intent in ("mat_khau", "can_hoi_lai", "chua_co", "ngoai_pham_vi", "phan_nan",
                       "lua_dao", "chao_hoi")
    ]  # fmt: skip
    decisions += [ask(media("image")), ask("x", None)]
    assert {d.outcome for d in decisions} == set(Outcome)


def test_thresholds_leave_room_for_a_question_back() -> None:
    assert 0 < NEAR < LIKELY < SURE < 1


def test_not_understood_is_told_from_understood_without_content() -> None:
    assert ask("x", found(("mat_khau", NEAR - JUST_BELOW))).is_understood is False
    assert ask("x", found(("chua_co", 1.0))).is_understood is True


def test_matter_without_a_guide_is_named_in_the_honest_answer() -> None:
    assert "việc chưa có bài" in reply_of(ask("x", found(("chua_co", 1.0)))).text


def test_question_back_offers_the_nearest_intents_and_a_way_out() -> None:
    ranking = found(
        ("mat_khau", NEAR), ("chao_hoi", 0.1), ("luong", 0.1), ("lua_dao", 0.05), ("cai_app", 0.04)
    )
    decision = ask("x", ranking)
    assert decision.choices == ("mat_khau", "luong", "lua_dao")
    assert len(decision.choices) == MAX_CHOICES
    assert decision.talk.choices == ("g1:mat_khau", "g1:luong", "g1:lua_dao", NONE_OF_THESE)
    text = reply_of(decision).text
    assert "1. Quên mật khẩu" in text
    assert "4. Việc khác" in text


def test_unlikely_intents_are_not_offered() -> None:
    unlikely = UNLIKELY - JUST_BELOW
    ranking = found(("mat_khau", NEAR), ("luong", UNLIKELY), ("cai_app", unlikely))
    assert ask("x", ranking).choices == ("mat_khau", "luong")


ONE_LIKELY = found(("mat_khau", NEAR), ("luong", UNLIKELY - JUST_BELOW))


def test_single_likely_matter_is_read_back() -> None:
    decision = ask("x", ONE_LIKELY)
    assert decision.outcome is Outcome.CLARIFY
    assert "Hỏi về quên mật khẩu phải không ạ?" in reply_of(decision).text
    assert decision.talk.choices == ("g1:mat_khau", NONE_OF_THESE)
    assert decision.talk.questions_back == 1


@pytest.mark.parametrize("text", ["Vâng", "dạ", "phải rồi", "đúng", "ok", "có", "1"])
def test_yes_takes_what_was_read_back(text: str) -> None:
    talk = ask("x", ONE_LIKELY).talk
    assert ask(text, talk=talk).intent == "mat_khau"


def test_no_to_what_was_read_back_asks_on() -> None:
    decision = ask("không", talk=ask("x", ONE_LIKELY).talk)
    assert decision.outcome is Outcome.CLARIFY
    assert "Câu not_these." in reply_of(decision).text


@pytest.mark.parametrize("choices", [(), ("g1:mat_khau",), OFFERED.choices])
def test_yes_means_nothing_when_it_was_no_question(choices: tuple[str, ...]) -> None:
    assert find_target("vâng", Talk(choices=choices), GUIDES) is None


@pytest.mark.parametrize("text", ["482913", "0912345678", "001 090 012 345"])
def test_bare_number_gets_the_warning_alone(text: str) -> None:
    decision = ask(text, found(("luong", 1.0)))
    assert decision.outcome is Outcome.SAFETY
    assert reply_of(decision).text == "Xin thu hồi tin vừa gửi."


def test_after_two_questions_back_a_person_takes_over() -> None:
    unsure = found(("mat_khau", NEAR), ("luong", 0.1))
    talk = Talk()
    for count in range(1, MAX_QUESTIONS_BACK + 1):
        decision = ask("x", unsure, talk=talk)
        assert decision.outcome is Outcome.CLARIFY
        assert decision.talk.questions_back == count
        talk = decision.talk
    last = ask("x", unsure, talk=talk)
    assert last.outcome is Outcome.HANDOVER
    assert "gap_can_bo_open" in reply_of(last).text
    assert last.talk.questions_back == 0


def test_answer_in_between_starts_the_count_anew() -> None:
    talk = replace(OFFERED, questions_back=MAX_QUESTIONS_BACK)
    assert ask("x", found(("mat_khau", 1.0)), talk=talk).talk.questions_back == 0


def test_none_of_these_counts_as_a_question_back() -> None:
    talk = OFFERED
    for _ in range(MAX_QUESTIONS_BACK):
        decision = ask("không phải", talk=talk)
        assert decision.outcome is Outcome.CLARIFY
        talk = replace(decision.talk, choices=OFFERED.choices)
    assert ask("không phải", talk=talk).outcome is Outcome.HANDOVER


@pytest.mark.parametrize(("now", "key"), [(OPEN, "gap_can_bo_open"), (CLOSED, "gap_can_bo_closed")])
def test_handover_says_whether_the_office_is_open(now: object, key: str) -> None:
    assert key in reply_of(ask("gặp cán bộ", now=now)).text


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("1", "mat_khau"),
        (" 1. ", "mat_khau"),
        ("số 1", "mat_khau"),
        ("so 1", "mat_khau"),
        ("chọn 1", "mat_khau"),
        ("chọn 1 ạ", "mat_khau"),
        ("chon 1 di chau", "mat_khau"),
        ("4", None),
        ("0912", None),
    ],
)
def test_number_picks_what_was_offered_last(text: str, intent: str | None) -> None:
    assert (find_target(text, OFFERED, GUIDES) is not None) == (intent is not None)
    if intent is not None:
        assert ask(text, talk=OFFERED).intent == intent


def test_number_may_pick_a_menu_or_none_of_these() -> None:
    assert "topic_menu" not in reply_of(ask("2", talk=OFFERED)).text
    assert "Mục này có:" in reply_of(ask("2", talk=OFFERED)).text
    assert ask("3", talk=OFFERED).outcome is Outcome.CLARIFY


def test_number_means_nothing_when_nothing_was_offered() -> None:
    assert find_target("1", Talk(), GUIDES) is None


def test_stored_choices_that_lead_in_a_circle_do_not() -> None:
    assert find_target("1", Talk(choices=("1",)), GUIDES) is None


@pytest.mark.parametrize("text", ["không phải", "KHONG PHAI", "ko phải", "không", "mục khác"])
def test_none_of_these_is_understood_only_when_it_was_offered(text: str) -> None:
    assert find_target(text, OFFERED, GUIDES)
    assert find_target(text, Talk(choices=("g1:mat_khau",)), GUIDES) is None


@pytest.mark.parametrize("text", ["menu", "MENU", "Bắt đầu", "bat dau", "mục lục", "danh mục", "0"])
def test_menu_is_one_word_away(text: str) -> None:
    decision = ask(text)
    assert decision.outcome is Outcome.TALK
    assert "Câu menu." in reply_of(decision).text


@pytest.mark.parametrize("text", ["gặp cán bộ", "gap can bo", "Gặp Cán Bộ!", "cán bộ", "gặp người"])
def test_person_is_one_word_away(text: str) -> None:
    assert ask(text).outcome is Outcome.HANDOVER


@pytest.mark.parametrize("text", ["quên mật khẩu", "Quen mat khau", "QUÊN  MẬT KHẨU ?"])
def test_label_of_a_matter_typed_by_hand_leads_to_it(text: str) -> None:
    decision = ask(text)
    assert (decision.outcome, decision.intent) == (Outcome.ANSWERED, "mat_khau")
    assert decision.confidence == 1.0


@pytest.mark.parametrize(
    ("payload", "outcome", "intent"),
    [
        ("g1:mat_khau", Outcome.ANSWERED, "mat_khau"),
        (" g1:mat_khau ", Outcome.ANSWERED, "mat_khau"),
        ("g1:mat_khau/la_hoac", Outcome.ANSWERED, "mat_khau"),
        ("g1:cai_app", Outcome.ANSWERED, "cai_app"),
        ("g1:cai_app/android", Outcome.ANSWERED, "cai_app"),
        ("g1:cai_app/nokia", Outcome.ANSWERED, "cai_app"),
        ("e1:mat_khau", Outcome.ANSWERED, "mat_khau"),
        ("e1:cai_app/iphone", Outcome.ANSWERED, "cai_app"),
        ("e1:chua_co", Outcome.NO_CONTENT, "chua_co"),
        ("g1:chua_co", Outcome.NO_CONTENT, "chua_co"),
        ("g1:lua_dao", Outcome.SAFETY, "lua_dao"),
        ("g1:gap_can_bo", Outcome.HANDOVER, "gap_can_bo"),
        ("g1:da_bo_tu_lau", Outcome.TALK, None),
        ("g1:", Outcome.TALK, None),
        ("m1:", Outcome.TALK, None),
        ("m1:vneid", Outcome.TALK, None),
        ("m1:da_bo_tu_lau", Outcome.TALK, None),
        ("m1:khac", Outcome.CLARIFY, None),
    ],
)
def test_button_works_for_ever_even_for_what_is_gone(
    payload: str, outcome: Outcome, intent: str | None
) -> None:
    decision = ask(payload)
    assert (decision.outcome, decision.intent) == (outcome, intent)
    assert decision.talk.choices


@pytest.mark.parametrize(
    "text",
    ["g2:mat_khau", "x1:mat_khau", "g1:Mật", "g1:mat_khau/a/b", "g1:mat_khau\ng1:luong",
     "G1:mat_khau", "g1:../../etc", "g1:" + "a b"],
)  # fmt: skip
def test_what_is_no_payload_is_a_question_like_any_other(text: str) -> None:
    assert find_target(text, OFFERED, GUIDES) is None
    assert ask(text, found(("luong", 1.0))).intent == "luong"


def test_guide_with_cases_asks_for_the_case_and_its_buttons_carry_the_answer() -> None:
    decision = ask("x", found(("cai_app", 1.0)))
    assert decision.variant is None
    assert decision.talk.choices == ("g1:cai_app/android", "g1:cai_app/iphone")
    chosen = ask("2", talk=decision.talk)
    assert chosen.variant == "iphone"
    assert "Mở App Store" in reply_of(chosen).text


def test_case_named_in_the_question_is_not_asked_for() -> None:
    decision = ask("cài trên máy SAMSUNG sao", found(("cai_app", 1.0)))
    assert decision.variant == "android"
    assert decision.talk.choices[0] == "e1:cai_app/android"


def test_common_errors_keep_the_case() -> None:
    decision = ask("e1:cai_app/android")
    assert decision.variant == "android"
    assert "g1:cai_app/android" in decision.talk.choices


def test_guide_offers_help_related_guides_and_a_person() -> None:
    decision = ask("x", found(("mat_khau", 1.0)))
    assert decision.talk.choices == ("e1:mat_khau", "g1:cai_app", "g1:luong", "g1:gap_can_bo")
    assert decision.talk.intent == "mat_khau"


def test_related_matter_without_content_is_not_offered() -> None:
    assert "g1:chua_co" not in ask("x", found(("luong", 1.0))).talk.choices


@pytest.mark.parametrize("text", SECRETS)
@pytest.mark.parametrize(
    "classification", [None, found(("mat_khau", 1.0)), found(("mat_khau", 0.1)), found(("x", 0.9))]
)
def test_pasted_secret_brings_the_warning_first_and_the_answer_all_the_same(
    text: str, classification: Classification | None
) -> None:
    plain = ask("câu hỏi", classification)
    decision = ask(f"{text} làm sao", classification)
    reply = reply_of(decision)
    assert reply.messages[0].text.startswith("Xin thu hồi tin vừa gửi.")
    assert len(reply.messages) <= MAX_MESSAGES
    assert decision.outcome is plain.outcome
    assert reply_of(plain).messages[-1] == reply.messages[-1]
    assert decision.redaction.has_secret
    for part in ("482913", "Abc@1234", "9704", "3456"):
        assert part not in reply.text
        assert part not in decision.redaction.text


def guide_of_messages(count: int) -> GuideSet:
    steps = tuple(make_step(f"s{n}", lines=("x" * 1_500,)) for n in range(count))
    return replace(GUIDES, guides={**GUIDES.guides, "mat_khau": make_guide(steps=steps)})


@pytest.mark.parametrize("length", [10, 1_200, 1_700])
def test_warning_never_makes_a_fourth_message_nor_a_too_long_one(length: int) -> None:
    guides = guide_of_messages(3)
    assert len(reply_of(ask("x", found(("mat_khau", 1.0)), guides=guides)).messages) == 3
    warning = PreparedReply(key="secret_pasted", text="Xin thu hồi! " + "y" * length)
    guides = replace(guides, replies={**guides.replies, "secret_pasted": warning})
    decision = ask(SECRETS[0], found(("mat_khau", 1.0)), guides=guides)
    reply = reply_of(decision)
    assert reply.messages[0].text.startswith("Xin thu hồi!")
    assert len(reply.messages) <= MAX_MESSAGES
    assert all(len(m.text) <= MAX_CHARS for m in reply.messages)
    if "x" * 1_500 not in reply.text:
        assert decision.talk.choices == ("g1:mat_khau",), "the answer must be one tap away"


def test_birth_date_alone_is_no_reason_for_a_warning() -> None:
    decision = ask("sinh 12/5/1958 được chưa", found(("luong", 1.0)))
    assert "thu hồi" not in reply_of(decision).text
    assert "1958" not in decision.redaction.text


def test_model_down_is_an_error_with_a_menu() -> None:
    decision = ask("câu hỏi", None)
    assert decision.outcome is Outcome.ERROR
    assert "Câu error." in reply_of(decision).text
    assert decision.talk.choices


@pytest.mark.parametrize("text", ["g1:mat_khau", "1", "menu", "gặp cán bộ", "quên mật khẩu"])
def test_buttons_numbers_and_menu_work_without_the_model(text: str) -> None:
    assert ask(text, None, talk=OFFERED).outcome is not Outcome.ERROR


@pytest.mark.parametrize("event", [said("câu hỏi"), said("g1:mat_khau"), media("image"), FOLLOW])
def test_bot_keeps_quiet_while_an_officer_writes(event: Event) -> None:
    talk = replace(OFFERED, quiet_until=OPEN + timedelta(seconds=1))
    decision = ask(event, found(("mat_khau", 1.0)), talk=talk)
    assert (decision.outcome, decision.reply) == (Outcome.HANDOVER, None)
    assert decision.talk == talk


def test_what_is_written_to_an_officer_is_redacted_too() -> None:
    talk = Talk(quiet_until=OPEN + QUIET_AFTER_STAFF)
    assert "0912345678" not in ask("gọi 0912345678", talk=talk).redaction.text
    assert "0912345678" not in ask(media("image", "gọi 0912345678"), talk=talk).redaction.text


def test_bot_speaks_again_when_the_quiet_is_over() -> None:
    decision = ask("x", found(("mat_khau", 1.0)), talk=Talk(quiet_until=OPEN))
    assert decision.outcome is Outcome.ANSWERED
    assert decision.talk.quiet_until is None


@pytest.mark.parametrize(
    "kind",
    ["image", "gif", "audio", "video", "sticker", "file", "location", "link", "card"],
)
def test_each_kind_of_media_has_its_own_words(kind: str) -> None:
    decision = ask(media(kind))
    assert decision.outcome is Outcome.UNSUPPORTED
    assert f"unsupported_{kind}" in reply_of(decision).text


def test_caption_is_redacted() -> None:
    assert "0912345678" not in ask(media("image", "0912345678")).redaction.text


def test_empty_text_is_answered_too() -> None:
    decision = ask("")
    assert decision.outcome is Outcome.UNSUPPORTED
    assert "Câu empty." in reply_of(decision).text


def test_follower_is_welcomed() -> None:
    assert "Câu follow." in reply_of(ask(FOLLOW)).text


def test_event_that_is_no_message_is_a_mistake_of_the_caller() -> None:
    leave = LeaveEvent(name="unfollow", oa_id=OA, citizen_id=CITIZEN, at=OPEN, is_withdrawal=False)
    with pytest.raises(TypeError):
        ask(leave)


def test_missing_prepared_reply_falls_back_instead_of_silence() -> None:
    replies = {k: r for k, r in GUIDES.replies.items() if k != "chao_hoi"}
    decision = ask("x", found(("chao_hoi", 1.0)), guides=replace(GUIDES, replies=replies))
    assert decision.outcome is Outcome.TALK
    assert "Câu fallback." in reply_of(decision).text


def test_apology_has_a_menu_and_keeps_nothing_secret() -> None:
    decision = apologise(
        said("otp 482913"), guides=GUIDES, office=make_office(), talk=OFFERED, now=OPEN
    )
    assert decision.outcome is Outcome.ERROR
    assert decision.talk.choices
    assert "482913" not in decision.redaction.text


SHIPPED = shipped_content()
SHIPPED_OFFICE = next(iter(SHIPPED.offices.values()))
LEVELS = (0.0, NEAR - JUST_BELOW, NEAR, LIKELY, SURE - JUST_BELOW, SURE, 1.0)
QUESTIONS = ("làm sao", "máy samsung làm sao", "otp 482913 làm sao")


def assert_well_formed(decision: Decision, guides: GuideSet) -> None:
    assert isinstance(decision.outcome, Outcome)
    reply = reply_of(decision)
    assert 1 <= len(reply.messages) <= MAX_MESSAGES
    for message in reply.messages:
        assert message.text.strip() == message.text != ""
        assert len(message.text) <= MAX_CHARS
        assert len(message.buttons) <= MAX_BUTTONS
        for trace in ("{{", "}}", "None", "**", "[]", "482913"):
            assert trace not in message.text
        for number, button in enumerate(message.buttons, start=1):
            assert f"{number}. {button.title}" in message.text
            assert len(button.title) <= MAX_TITLE_CHARS
            assert button.payload == decision.talk.choices[number - 1]
    for payload in decision.talk.choices:
        name = re.split(r"[:/?]", payload)[1]
        assert find_target(payload, Talk(), guides)
        known = {*guides.intents, *guides.topics, SERVICES, *(s.id for s in guides.services)}
        assert name in known or payload == NONE_OF_THESE


@pytest.mark.parametrize("intent", sorted(SHIPPED.guides.intents))
def test_every_shipped_intent_is_answered_well_at_every_confidence(intent: str) -> None:
    runner_up = next(name for name in SHIPPED.guides.intents if name != intent)
    for confidence in LEVELS:
        for text in QUESTIONS:
            for now in (OPEN, CLOSED):
                decision = ask(
                    text,
                    found((intent, confidence), (runner_up, 0.01)),
                    guides=SHIPPED.guides,
                    office=SHIPPED_OFFICE,
                    now=now,
                )
                assert_well_formed(decision, SHIPPED.guides)
                assert (decision.outcome is Outcome.ERROR) is False


def test_everything_reachable_by_tapping_in_the_shipped_content_is_well_formed() -> None:
    waiting, seen = ["m1:", *(payload_of(t, SHIPPED.guides) for t in SHIPPED.guides.topics)], set()
    while waiting:
        payload = waiting.pop()
        if payload in seen:
            continue
        seen.add(payload)
        decision = ask(payload, guides=SHIPPED.guides, office=SHIPPED_OFFICE)
        assert_well_formed(decision, SHIPPED.guides)
        waiting += decision.talk.choices
    guides = SHIPPED.guides.guides
    assert {f"g1:{name}" for name in guides} <= seen
    for guide in guides.values():
        assert {f"g1:{guide.intent}/{v.id}" for v in guide.variants} <= seen


def test_talk_about_every_shipped_guide_is_well_formed() -> None:
    for guide in SHIPPED.guides.guides.values():
        for case in ("", *(f"/{v.id}" for v in guide.variants)):
            for kind, detail in (("p", "?place"), ("d", ""), ("d", "?next"), ("f", "?not_helped")):
                payload = f"{kind}1:{guide.intent}{case}{detail}"
                decision = ask(payload, guides=SHIPPED.guides, office=SHIPPED_OFFICE)
                assert_well_formed(decision, SHIPPED.guides)
                assert decision.intent == guide.intent


@pytest.mark.parametrize("key", ["follow", "empty"])
def test_shipped_replies_to_other_events_are_well_formed(key: str) -> None:
    event: Event = FOLLOW if key == "follow" else said("")
    assert_well_formed(ask(event, guides=SHIPPED.guides, office=SHIPPED_OFFICE), SHIPPED.guides)


@given(
    text=st.text(max_size=30)
    | st.sampled_from(["1", "g1:mat_khau", "không", "menu", "otp 482913", "m1:khac"]),
    ranking=st.lists(
        st.tuples(st.sampled_from([*GUIDES.intents, "la"]), st.floats(0, 1)), min_size=1, max_size=5
    ),
    talk=st.builds(
        Talk,
        choices=st.lists(
            st.sampled_from(["g1:cai_app/android", "e1:luong", "m1:", "g1:la", NONE_OF_THESE]),
            max_size=5,
        ).map(tuple),
        questions_back=st.integers(0, 3),
    ),
    is_down=st.booleans(),
)
def test_any_message_has_exactly_one_outcome_and_one_good_reply(
    text: str, ranking: list[tuple[str, float]], talk: Talk, is_down: bool
) -> None:
    ordered = sorted(ranking, key=lambda r: -r[1])
    decision = ask(text, None if is_down else found(*ordered), talk=talk)
    reply = reply_of(decision)
    assert 1 <= len(reply.messages) <= MAX_MESSAGES
    assert all(m.text and len(m.text) <= MAX_CHARS for m in reply.messages)
    assert 0 <= decision.talk.questions_back <= MAX_QUESTIONS_BACK + 1


@pytest.mark.parametrize("act", list(Act))
def test_every_act_is_answered_without_a_guide(act: Act) -> None:
    intent = replace(GUIDES.intents["chua_co"], act=act)
    guides = replace(GUIDES, intents={**GUIDES.intents, "chua_co": intent})
    assert reply_of(ask("x", found(("chua_co", 1.0)), guides=guides)).text


@pytest.mark.parametrize("text", ["mức 2", "Mức 2"])
def test_level_of_an_account_is_not_taken_for_a_number_of_the_menu(text: str) -> None:
    assert find_target(text, OFFERED, GUIDES) is None


def test_entry_of_the_menu_may_be_called_by_its_number() -> None:
    assert find_target("mục 2", OFFERED, GUIDES)
