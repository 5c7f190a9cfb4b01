"""Event ids and owners, for every documented event and for bodies of the wrong shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mailbox import Mailbox
from tests.webhook.zalo_sender import CITIZEN_ID, OA_ID, make_event, post_raw, take_all
from webhook.event_key import read_event_key

DATA = Path(__file__).parents[1] / "data" / "zalo"
FIXTURES = {
    path.stem.removeprefix("webhook_"): json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(DATA.glob("webhook_*.json"))
}
EVENTS = {name: each["body"] for name, each in FIXTURES.items() if name != "registration_probe"}

OF_NO_CITIZEN = {
    "add_user_to_tag", "anonymous_send_file", "anonymous_send_image", "anonymous_send_sticker",
    "anonymous_send_text", "change_template_status", "create_group", "oa_send_anonymous_text",
    "remove_tag", "remove_user_from_tag", "shop_has_order", "unknown_event", "user_call_oa",
    "user_send_group_text", "zbs_user_feedback", "zbs_user_received_message",
}  # fmt: skip


def expect_owner(name: str) -> str:
    return f"{OA_ID}:{'-' if name in OF_NO_CITIZEN else CITIZEN_ID}"


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("known_oas", [set(), {OA_ID}], ids=["any OA", "known OA"])
def test_documented_event_has_its_owner(name: str, known_oas: set[str]) -> None:
    key = read_event_key(EVENTS[name], b"", known_oas)
    assert (key.oa_id, key.owner) == (OA_ID, expect_owner(name))


@pytest.mark.parametrize("name", EVENTS)
async def test_documented_event_reaches_its_mailbox(
    name: str, client: httpx.AsyncClient, inbox: Mailbox
) -> None:
    event = EVENTS[name]
    raw = json.dumps(event, ensure_ascii=False).encode()
    extra = FIXTURES[name]["extra_headers"]
    for _ in range(2):
        answer = await post_raw(client, raw, str(event["timestamp"]), **extra)
        assert (answer.status_code, answer.text) == (200, "ok")
    (letter,) = await take_all(inbox)
    assert (letter.owner, letter.body) == (expect_owner(name), raw)
    message = event.get("message", {})
    if "msg_id" in message:
        assert letter.id == f"{event['event_name']}:{message['msg_id']}"
    else:
        assert letter.id.startswith(f"{event['event_name']}:")


def test_different_events_have_different_ids() -> None:
    bodies = {json.dumps(event, sort_keys=True) for event in EVENTS.values()}
    ids = {read_event_key(json.loads(body), b"").id for body in bodies}
    assert len(ids) == len(bodies)


def test_receipt_reaction_and_echo_of_one_message_are_told_apart() -> None:
    names = ["user_received_message", "user_reacted_message", "oa_send_text", "user_send_text"]
    assert len({read_event_key(make_event(event_name=name), b"").id for name in names}) == 4


def test_id_does_not_depend_on_the_order_of_fields() -> None:
    event = EVENTS["follow"]
    turned = dict(reversed(event.items()))
    assert read_event_key(event, b"1").id == read_event_key(turned, b"2").id


def test_second_follow_at_another_time_is_another_event() -> None:
    later = {**EVENTS["follow"], "timestamp": "1789999999999"}
    assert read_event_key(EVENTS["follow"], b"").id != read_event_key(later, b"").id


def test_receipt_in_the_plain_direction_is_read_by_the_known_oa() -> None:
    event = make_event(event_name="user_seen_message", message={"msg_ids": ["a", "b"]})
    assert read_event_key(event, b"", {OA_ID}).owner == f"{OA_ID}:{CITIZEN_ID}"


def test_numeric_and_text_ids_name_the_same_mailbox() -> None:
    numeric = make_event(sender={"id": int(CITIZEN_ID)}, recipient={"id": int(OA_ID)})
    assert read_event_key(numeric, b"").owner == f"{OA_ID}:{CITIZEN_ID}"


def test_phone_number_of_a_template_receipt_is_not_an_owner() -> None:
    assert "84000000003" not in read_event_key(EVENTS["zbs_user_received_message"], b"").owner


def test_endless_id_becomes_short() -> None:
    key = read_event_key(make_event(sender={"id": "9" * 5000}, msg_id="x" * 5000), b"")
    assert len(key.owner) < 200
    assert len(key.id) < 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
FIELDS = ["event_name", "sender", "recipient", "oa_id", "message", "timestamp", "tag", "user_id",
          "follower", "data", "order", "group_id", "call_id"]  # fmt: skip
INNER = st.dictionaries(st.sampled_from(["id", "msg_id", "msg_ids", "user_ids", "name"]), JSON)


@given(event=st.dictionaries(st.sampled_from(FIELDS), JSON | INNER) | JSON)
def test_any_json_gives_a_key_that_redis_can_take(event: Any) -> None:
    key = read_event_key(event, b"raw")
    assert key == read_event_key(event, b"raw")
    assert key.id
    assert ":" in key.owner
    key.id.encode()
    key.owner.encode()
