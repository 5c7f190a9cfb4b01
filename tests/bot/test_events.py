"""Zalo's webhook bodies → events: every known shape, and anything else without a crash."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import EventError
from bot.events import (
    Event,
    FollowEvent,
    IgnoredEvent,
    LeaveEvent,
    MediaEvent,
    StaffEvent,
    TextEvent,
    parse_event,
)
from tests.bot.builders import CITIZEN, OA, ZALO_DATA, webhook_body, zalo_data

TEXTS = {
    "user_send_text": "Làm giấy khai sinh cần giấy tờ gì ạ?",
    "user_send_text_retry": "Làm giấy khai sinh cần giấy tờ gì ạ?",
    "user_send_text_quote": "Còn cái này thì sao?",
    "user_send_text_button_payload": "#cmd:thutuc:khai-sinh",
    "user_send_text_empty": "",
    "user_send_text_numeric_ids": "xin chào",
    "user_asking_product": "Sản phẩm mẫu",
}
MEDIA = {
    "user_send_image": "image",
    "user_send_gif": "gif",
    "user_send_audio": "audio",
    "user_send_video": "video",
    "user_send_sticker": "sticker",
    "user_send_file": "file",
    "user_send_location": "location",
    "user_send_link": "link",
    "user_send_business_card": "card",
}
FOLLOWS = {"follow", "user_click_chatnow"}
LEAVES = {"unfollow": False, "user_withdraw": True}
STAFF = {"oa_send_text_by_staff"}
UNREADABLE = {"registration_probe"}
ALL = {path.stem.removeprefix("webhook_") for path in ZALO_DATA.glob("webhook_*.json")}
IGNORED = ALL - TEXTS.keys() - MEDIA.keys() - FOLLOWS - LEAVES.keys() - STAFF - UNREADABLE


def event_of(name: str) -> Event:
    return parse_event(json.dumps(zalo_data(f"webhook_{name}")["body"]).encode())


def test_all_shapes_that_are_answered_are_at_hand() -> None:
    assert {*TEXTS, *MEDIA, *FOLLOWS, *LEAVES, *STAFF, *UNREADABLE} <= ALL
    assert len(IGNORED) > 20


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_text_is_read_with_its_office_and_its_citizen(name: str) -> None:
    event = event_of(name)
    assert isinstance(event, TextEvent)
    assert (event.oa_id, event.citizen_id, event.text) == (OA, CITIZEN, TEXTS[name])
    assert event.at.year == 2026


@pytest.mark.parametrize("name", sorted(MEDIA))
def test_media_is_told_apart_by_its_kind(name: str) -> None:
    event = event_of(name)
    assert isinstance(event, MediaEvent)
    assert (event.oa_id, event.citizen_id, event.kind) == (OA, CITIZEN, MEDIA[name])


def test_name_on_a_business_card_is_not_taken_over() -> None:
    event = event_of("user_send_business_card")
    assert isinstance(event, MediaEvent)
    assert event.text == ""


@pytest.mark.parametrize("name", sorted(FOLLOWS))
def test_follow_and_first_chat_are_welcomed(name: str) -> None:
    event = event_of(name)
    assert isinstance(event, FollowEvent)
    assert (event.oa_id, event.citizen_id) == (OA, CITIZEN)


@pytest.mark.parametrize("name", sorted(LEAVES))
def test_leaving_tells_a_withdrawal_from_an_unfollow(name: str) -> None:
    event = event_of(name)
    assert isinstance(event, LeaveEvent)
    assert (event.oa_id, event.citizen_id) == (OA, CITIZEN)
    assert event.is_withdrawal is LEAVES[name]


def test_echo_with_an_admin_id_is_an_officer_writing_to_the_recipient() -> None:
    event = event_of("oa_send_text_by_staff")
    assert isinstance(event, StaffEvent)
    assert (event.oa_id, event.citizen_id) == (OA, CITIZEN)


@pytest.mark.parametrize("name", sorted(IGNORED))
def test_everything_else_is_ignored_not_refused(name: str) -> None:
    event = event_of(name)
    assert isinstance(event, IgnoredEvent)
    assert event.citizen_id == ""


def test_probe_of_the_console_is_no_event() -> None:
    with pytest.raises(EventError):
        event_of("registration_probe")


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"null", b"[]", b"1", b'"x"', b"\xff\xfe", b"{}", b'{"event_name": null}',
     b'{"event_name": {}}', b'{"event_name": true}', b'{"event_name": ""}', b"[" * 100_000],
)  # fmt: skip
def test_body_that_is_no_event_is_refused(raw: bytes) -> None:
    with pytest.raises(EventError):
        parse_event(raw)


def test_error_never_carries_the_body() -> None:
    with pytest.raises(EventError) as caught:
        parse_event(b'["0912345678"]')
    assert "0912345678" not in str(caught.value)


def test_numbers_as_ids_keep_all_their_digits() -> None:
    body = webhook_body(sender={"id": 24600000000000000331234}, recipient={"id": int(OA)})
    event = parse_event(body)
    assert (event.citizen_id, event.oa_id) == ("24600000000000000331234", OA)


@pytest.mark.parametrize("broken", [None, [], {}, "", True, 1.5, {"id": None}, {"id": ["x"]}])
def test_text_without_a_sender_is_ignored(broken: Any) -> None:
    assert isinstance(parse_event(webhook_body(sender=broken)), IgnoredEvent)


@pytest.mark.parametrize("message", [None, [], "x", {"text": None}, {"text": {}}, {"text": ["a"]}])
def test_text_event_without_a_readable_text_has_an_empty_one(message: Any) -> None:
    event = parse_event(webhook_body(message=message))
    assert isinstance(event, TextEvent)
    assert event.text == ""


@pytest.mark.parametrize("timestamp", [None, "", "soon", -1e400, "9" * 40, "9" * 5000, [], {}])
def test_unreadable_time_is_the_beginning_of_time(timestamp: Any) -> None:
    event = parse_event(webhook_body(timestamp=timestamp))
    assert event.at == datetime(1970, 1, 1, tzinfo=UTC)


def test_time_is_read_from_text_and_number_alike() -> None:
    expected = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    milliseconds = round(expected.timestamp() * 1000)
    for value in (str(milliseconds), milliseconds):
        assert parse_event(webhook_body(timestamp=value)).at == expected


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (unicodedata.normalize("NFD", "Đăng ký mức 2 ở đâu ạ"), "Đăng ký mức 2 ở đâu ạ"),
        ("  xin chào\n", "xin chào"),
        ("cảm ơn 🙏🏽", "cảm ơn 🙏🏽"),
        ("chào 👨\u200d👩", "chào 👨👩"),
        ("0912\u200b345\u2060678", "0912345678"),
        ("\ufeffmenu\u200f", "menu"),
        ("\u200b\u200b", ""),
        ("dài " * 500, ("dài " * 500).strip()),
        ("hai\ndòng", "hai\ndòng"),
    ],
)
def test_text_comes_normalised_and_without_what_nobody_can_see(written: str, read: str) -> None:
    event = parse_event(webhook_body(written))
    assert isinstance(event, TextEvent)
    assert event.text == read


def test_half_an_emoji_does_not_cost_the_message() -> None:
    raw = webhook_body("XX").replace(b'"XX"', b'"ch\\u00e0o \\ud83d"')
    event = parse_event(raw)
    assert isinstance(event, TextEvent)
    assert event.text == "chào ?"


def test_half_an_emoji_in_an_id_can_still_be_encoded() -> None:
    raw = webhook_body().replace(CITIZEN.encode(), b"24\\ud83d")
    assert parse_event(raw).citizen_id.encode("utf-8") == b"24?"


def test_echo_without_a_sender_or_recipient_silences_nobody() -> None:
    body = zalo_data("webhook_oa_send_text_by_staff")["body"]
    event = parse_event(json.dumps({**body, "recipient": None}).encode())
    assert isinstance(event, IgnoredEvent)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "text", "admin_id", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["user_send_text", "user_send_image", "user_send_business_card", "follow", "unfollow",
     "oa_send_text", "user_withdraw", "user_seen_message", "new_event"]
)  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from(
            ["sender", "recipient", "message", "timestamp", "oa_id", "user_id", "follower"]
        ),
        JSON,
    ),
    NAMES | JSON,
)
@example({"sender": {"id": "\ud800"}, "recipient": {"id": 1}}, "user_send_text")
def test_any_json_object_is_an_event_or_an_event_error(body: dict[str, Any], name: Any) -> None:
    raw = json.dumps({**body, "event_name": name}).encode()
    try:
        event = parse_event(raw)
    except EventError:
        return
    assert isinstance(event, Event)
    assert event.at.tzinfo is UTC
    (event.name + event.oa_id + event.citizen_id).encode("utf-8")
    if isinstance(event, TextEvent | MediaEvent):
        assert event.oa_id
        assert event.citizen_id
        assert unicodedata.is_normalized("NFC", event.text)


@given(st.binary(max_size=60))
def test_any_bytes_are_an_event_or_an_event_error(raw: bytes) -> None:
    try:
        parse_event(raw)
    except EventError:
        return
