"""What the webhook receives: bodies, signatures, order, redelivery, receipts."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from simulator import deliveries
from simulator.signature import event_mac
from tests.simulator.rig import CITIZEN, Rig
from tests.simulator.shapes import read_data, shape

SHAPES = read_data("event_shapes.json")
LADDER_S = (30, 300, 900, 1800, 3600)


async def _settled_events(rig: Rig) -> list[dict[str, Any]]:
    await rig.settle()
    return rig.hook.events()


@pytest.mark.parametrize(
    "kind",
    ["text", "image", "gif", "link", "audio", "video", "sticker", "location", "file",
     "business_card"],
)  # fmt: skip
async def test_event_of_a_citizen_has_the_documented_shape(rig: Rig, kind: str) -> None:
    await rig.post(f"/users/{CITIZEN}/send", kind=kind, text="x" if kind == "text" else "")
    (event,) = await _settled_events(rig)
    assert shape(event) == SHAPES[f"user_send_{kind}"]
    assert event["sender"]["id"] == CITIZEN
    assert event["recipient"]["id"] == rig.settings.oa_id


@pytest.mark.parametrize(
    ("act", "name"),
    [("follow", "follow"), ("unfollow", "unfollow"), ("chatnow", "user_click_chatnow"),
     ("withdraw", "user_withdraw"), ("submit_info", "user_submit_info"),
     ("react", "user_reacted_message")],
)  # fmt: skip
async def test_other_acts_have_the_documented_shape(rig: Rig, act: str, name: str) -> None:
    await rig.post("/users", id=CITIZEN)
    await rig.post(f"/users/{CITIZEN}/{act}", message_id="m")
    (event,) = await _settled_events(rig)
    assert event["event_name"] == name
    assert shape(event) == SHAPES[name]


async def test_accepted_send_is_echoed_without_admin_and_receipted_inverted(rig: Rig) -> None:
    await rig.citizen_says("xin chào")
    sent = (await rig.oa_sends({"text": "chào bà con"}))["data"]["message_id"]
    _, echo, received, seen = await _settled_events(rig)
    for event, name in (
        (echo, "oa_send_text"), (received, "user_received_message"), (seen, "user_seen_message"),
    ):  # fmt: skip
        assert event["event_name"] == name
        assert event["sender"] == {"id": rig.settings.oa_id}
        assert event["recipient"] == {"id": CITIZEN}
        assert shape(event) == SHAPES[name]
    assert echo["message"] == {"text": "chào bà con", "msg_id": sent}
    assert received["message"] == {"msg_id": sent}
    assert seen["message"] == {"msg_ids": [sent]}


async def test_message_of_staff_is_echoed_with_admin_id(rig: Rig) -> None:
    await rig.citizen_says("xin chào")
    await rig.post("/staff", user_id=CITIZEN, text="Tôi là cán bộ", admin_id="117")
    events = await _settled_events(rig)
    assert events[1]["sender"] == {"id": rig.settings.oa_id, "admin_id": "117"}


async def test_every_event_is_signed_over_its_raw_bytes(rig: Rig) -> None:
    for style in ("compact", "spaces", "escaped_unicode", "escaped_slashes"):
        for timestamp_kind in ("text", "number"):
            await rig.post("/profile", body_style=style, timestamp_kind=timestamp_kind)
            await rig.citizen_says("Đăng ký https://a.example/ 😀")
            await rig.settle()
            request = rig.hook.requests[-1]
            event = json.loads(request.content)
            assert event["message"]["text"] == "Đăng ký https://a.example/ 😀"
            mac = event_mac(
                rig.settings.app_id, request.content, str(event["timestamp"]),
                rig.settings.oa_secret,
            )  # fmt: skip
            assert request.headers["X-ZEvent-Signature"] == f"mac={mac}"
    assert len({request.content for request in rig.hook.requests}) == 8


async def test_events_of_one_citizen_arrive_in_order(rig: Rig) -> None:
    rig.hook.delay_s = 0.001
    for number in range(20):
        await rig.citizen_says(str(number))
    events = await _settled_events(rig)
    assert [event["message"]["text"] for event in events] == [str(n) for n in range(20)]


@pytest.mark.parametrize("trouble", ["status", "unreachable"])
async def test_failed_event_climbs_the_ladder_with_identical_bytes(rig: Rig, trouble: str) -> None:
    if trouble == "status":
        rig.hook.status = 503
    else:
        rig.hook.fault = httpx.ConnectError("refused")
    await rig.citizen_says("có ai không")
    await rig.settle()
    assert len(rig.hook.requests) == 1
    for number, wait_s in enumerate(LADDER_S, start=1):
        await rig.post("/clock/advance", seconds=wait_s - 1)
        await rig.settle()
        assert len(rig.hook.requests) == number, "too early"
        await rig.post("/clock/advance", seconds=1)
        await rig.settle()
        assert len(rig.hook.requests) == number + 1
    retries = [request.headers.get("num_retry") for request in rig.hook.requests]
    assert retries == [None, "1", "2", "3", "4", "5"]
    assert len({request.content for request in rig.hook.requests}) == 1
    assert len({request.headers["X-ZEvent-Signature"] for request in rig.hook.requests}) == 1


async def test_slow_webhook_has_missed_its_deadline(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = replace(deliveries.LIMITS, answer_deadline_s=0.02)
    monkeypatch.setattr(deliveries, "LIMITS", short)
    rig.hook.delay_s = 5
    await rig.citizen_says("một")
    await rig.settle()
    state = await rig.state()
    assert state["webhook"]["last_attempt"]["outcome"] == "slow"
    assert state["webhook"]["waiting"] == 1


async def test_after_the_ladder_events_are_lost_until_a_probe_succeeds(rig: Rig) -> None:
    rig.hook.status = 500
    await rig.citizen_says("một")
    await rig.settle()
    await rig.post("/clock/advance", seconds=sum(LADDER_S), settle=True)
    assert not (await rig.state())["webhook"]["is_enabled"]
    await rig.citizen_says("hai")
    await rig.settle()
    assert len(rig.hook.requests) == 6
    assert (await rig.state())["counters"]["webhook"]["lost"] == 2

    still_down = await rig.post("/webhook")
    assert not still_down["is_enabled"] and still_down["probe"]["reason"] == "HTTP 500"
    rig.hook.status = 200
    assert (await rig.post("/webhook"))["is_enabled"]
    probe = rig.hook.requests[-1]
    assert probe.content == b"{}" and "X-ZEvent-Signature" not in probe.headers
    await rig.citizen_says("ba")
    events = await _settled_events(rig)
    assert events[-1]["message"]["text"] == "ba"


async def test_event_that_succeeds_on_the_ladder_is_not_sent_again(rig: Rig) -> None:
    rig.hook.status = 503
    lost = await rig.citizen_says("một")
    await rig.settle()
    rig.hook.status = 200
    await rig.citizen_says("hai")
    await rig.settle()
    await rig.post("/clock/advance", seconds=sum(LADDER_S), settle=True)
    texts = [event["message"]["text"] for event in rig.hook.events()]
    assert texts == ["một", "hai", "một"]
    talk = (await rig.client.get(f"/__fake/users/{CITIZEN}/messages")).json()["messages"]
    assert talk[0]["id"] == lost
    assert [m["delivery"] for m in talk] == ["delivered", "delivered"]


async def test_official_wording_retries_only_when_no_connection_was_made(rig: Rig) -> None:
    await rig.post("/profile", retry_on="connect")
    rig.hook.status = 503
    await rig.citizen_says("một")
    await rig.settle()
    assert (await rig.state())["webhook"]["waiting"] == 0
    rig.hook.fault = httpx.ConnectError("refused")
    await rig.citizen_says("hai")
    await rig.settle()
    assert (await rig.state())["webhook"]["waiting"] == 1


async def test_duplicates_are_the_same_event_again(rig: Rig) -> None:
    await rig.post("/profile", duplicates=2)
    await rig.citizen_says("một")
    await rig.settle()
    assert len(rig.hook.requests) == 3
    assert len({request.content for request in rig.hook.requests}) == 1
    assert all("num_retry" not in request.headers for request in rig.hook.requests)


async def test_events_switched_off_in_the_console_are_not_sent(rig: Rig) -> None:
    await rig.post("/profile", events_off=["follow"], syntax_filter=True)
    await rig.post(f"/users/{CITIZEN}/follow")
    await rig.citizen_says("câu hỏi thường")
    await rig.citizen_says("#menu")
    (event,) = await _settled_events(rig)
    assert event["message"]["text"] == "#menu"


async def test_raw_bytes_are_posted_as_given(rig: Rig) -> None:
    raw = b'{ "timestamp" : "5" , not json'
    answer = await rig.client.post("/__fake/raw?num_retry=2", content=raw)
    assert answer.json()["status"] == 200
    signed = b'{"timestamp":"5"}'
    await rig.client.post("/__fake/raw?sign=bare", content=signed)
    first, second = rig.hook.requests
    assert first.content == raw and first.headers["num_retry"] == "2"
    assert "X-ZEvent-Signature" not in first.headers
    expected = event_mac(rig.settings.app_id, signed, "5", rig.settings.oa_secret)
    assert second.headers["X-ZEvent-Signature"] == expected


async def test_any_event_can_be_sent_with_its_own_app_id_and_time(rig: Rig) -> None:
    event = {"event_name": "some_future_event", "app_id": "1", "timestamp": "2"}
    await rig.post("/events", event=event)
    await rig.post("/events", event={"event_name": "create_group", "group_id": "g"})
    first, second = await _settled_events(rig)
    assert first == event
    assert second["app_id"] == rig.settings.app_id and second["timestamp"]


async def test_reaction_of_the_oa_is_shown_and_echoed(rig: Rig) -> None:
    asked = await rig.citizen_says("xin chào")
    body = {
        "recipient": {"user_id": CITIZEN},
        "sender_action": {"react_icon": "/-strong", "react_message_id": asked},
    }
    answer = await rig.call("POST", "/v2.0/oa/message", json=body)
    assert answer.json()["error"] == 0
    events = await _settled_events(rig)
    assert events[-1]["message"] == {"msg_id": asked, "react_icon": "/-strong"}
    assert shape(events[-1]) == SHAPES["oa_reacted_message"]


async def test_only_delivered_query_buttons_can_be_tapped(rig: Rig) -> None:
    await rig.citizen_says("xin chào")
    buttons = [
        {"title": "Hiện", "type": "oa.query.show", "payload": "g:show"},
        {"title": "Ẩn", "type": "oa.query.hide", "payload": "g:hide"},
        {"title": "Mở", "type": "oa.open.url", "payload": {"url": "https://a.example"}},
    ]
    attachment = {"type": "template", "payload": {"buttons": buttons}}
    sent = await rig.oa_sends({"text": "Chọn", "attachment": attachment})
    message_id = sent["data"]["message_id"]

    async def tap(index: Any, *, message: str = message_id, user: str = CITIZEN) -> int:
        body = {"message_id": message, "button_index": index}
        answer = await rig.client.post(f"/__fake/users/{user}/tap", json=body)
        return answer.status_code

    await rig.citizen_says("tôi là người khác", citizen="9")
    await rig.settle()
    rig.hook.requests.clear()
    for refused in (tap(2), tap(3), tap(-1), tap("0"), tap(0, message="x"), tap(0, user="9")):
        assert await refused == 409
    assert [await tap(0), await tap(1)] == [200, 200]
    events = await _settled_events(rig)
    assert [event["message"]["text"] for event in events] == ["g:show", "g:hide"]
    assert all(shape(event) == SHAPES["user_send_text"] for event in events)
    shown = await rig.client.get(f"/__fake/users/{CITIZEN}/messages?hidden=false")
    assert [m["text"] for m in shown.json()["messages"]] == ["xin chào", "Chọn", "g:show"]


async def test_unknown_user_is_404_and_wrong_switch_400(rig: Rig) -> None:
    assert (await rig.client.get("/__fake/users/1/messages")).status_code == 404
    for changes in ({"buttons": "x"}, {"nonsense": 1}, {"duplicates": -1}, {"echo": "yes"}):
        assert (await rig.client.post("/__fake/profile", json=changes)).status_code == 400


async def test_clock_stays_ahead_after_a_restart_and_lost_events_are_marked(
    make_rig: Callable[..., Rig],
) -> None:
    first = make_rig()
    first.hook.status = 503
    await first.post("/clock/advance", seconds=86400)
    await first.citizen_says("chưa tới nơi")
    await first.settle()
    second = make_rig()
    assert (await second.state())["now_ms"] == (await first.state())["now_ms"]
    talk = (await second.client.get(f"/__fake/users/{CITIZEN}/messages")).json()["messages"]
    assert talk[0]["delivery"] == "lost"
