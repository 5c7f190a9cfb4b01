"""The webhook application: what it takes, what it drops, and that it never answers 5xx."""

from __future__ import annotations

import asyncio
import json
import unicodedata
from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.mailbox import Mailbox
from bot.settings import Settings
from tests.webhook.zalo_sender import (
    APP_SECRET,
    CITIZEN_ID,
    OA_ID,
    OA_SECRET,
    make_event,
    open_client,
    post_event,
    post_raw,
    read_counters,
    sign,
    take_all,
)
from webhook.app import create_app
from webhook.counters import COUNTERS_KEY
from webhook.signature import SignatureCheck

TEXTS = {
    "emoji": "Cháu ơi 👵🏻🇻🇳👨‍👩‍👧 giúp bác",
    "2,000 characters": "đ" * 2000,
    "zero width": "vn\u200beid\ufeff \u200d\u2060",
    "NFD": unicodedata.normalize("NFD", "Đăng ký khai sinh ở đâu ạ?"),
    "keyword": "#vneid",
    "empty": "",
    "blanks": " \n\t ",
    "control characters": "a\x00b\x1b[31m\x7f",
    "markup": "<script>alert(1)</script>{{ 7*7 }}%s${x}",
    "line separators": "a\u2028b\u2029c\r\nd",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
async def test_any_text_arrives_byte_for_byte(
    text: str, client: httpx.AsyncClient, inbox: Mailbox
) -> None:
    for msg_id, escaped in (("m1", True), ("m2", False)):
        raw = json.dumps(make_event(text, msg_id), ensure_ascii=escaped).encode()
        assert (await post_raw(client, raw, "1789000000000")).status_code == 200
        (letter,) = await take_all(inbox)
        assert letter.body == raw
        assert letter.id == f"user_send_text:{msg_id}"


async def test_text_that_ends_in_half_an_emoji_is_not_lost(
    client: httpx.AsyncClient, inbox: Mailbox
) -> None:
    raw = json.dumps(make_event("cụt \ud83d")).encode()
    assert (await post_raw(client, raw, "1789000000000")).status_code == 200
    (letter,) = await take_all(inbox)
    assert (letter.body, letter.owner) == (raw, f"{OA_ID}:{CITIZEN_ID}")


GARBAGE: list[Any] = [
    None, 0, -1.5, True, "", "text", [], [[]], [{}], {}, {"id": []}, {"id": {}}, {"id": None},
    {"id": True}, {"id": 1e300}, {"id": "\ud800"}, [1, [2, [3, {"a": None}]]], "9" * 9000,
]  # fmt: skip


@pytest.mark.parametrize(
    "field",
    [
        "app_id", "sender", "recipient", "event_name", "message", "timestamp", "oa_id", "tag",
        "user_id",
    ],
)  # fmt: skip
async def test_wrong_types_are_kept_for_the_worker_when_they_are_signed(
    field: str, settings: Settings, redis: Redis, inbox: Mailbox
) -> None:
    app = create_app(settings, redis)
    async with app.router.lifespan_context(app), open_client(app) as client:
        for value in GARBAGE:
            raw = json.dumps(make_event(msg_id="m", **{field: value})).encode()
            timestamp = "1789000000000"
            if field == "timestamp":
                number = type(value) is int
                text = value if isinstance(value, str) and len(value) < 99 else ""
                timestamp = str(value) if number else text
            before = await read_counters(client)
            answer = await post_raw(client, raw, timestamp)
            assert (answer.status_code, answer.text) == (200, "ok")
            after = await read_counters(client)
            if field not in ("app_id", "timestamp"):
                kept = ("accepted", "duplicate")
                assert sum(after.get(name, 0) - before.get(name, 0) for name in kept) == 1
    assert all(letter.body.startswith(b'{"app_id"') for letter in await take_all(inbox))


async def test_truncated_json_is_dropped_and_counted(client: httpx.AsyncClient) -> None:
    raw = orjson.dumps(make_event("xin chào"))
    for end in range(1, len(raw), 7):
        assert (await post_raw(client, raw[:end], "1789000000000")).status_code == 200
    counters = await read_counters(client)
    assert set(counters) == {"unreadable"}
    assert counters["unreadable"] == len(range(1, len(raw), 7))


async def test_unreadable_body_that_is_provably_from_zalo_is_kept(
    client: httpx.AsyncClient, settings: Settings, redis: Redis, inbox: Mailbox
) -> None:
    app = create_app(settings, redis)
    raw = b'{"event_name": \xff\xfe'
    async with open_client(app) as any_oa:
        header = {"X-ZEvent-Timestamp": "1789000000000"}
        assert (await post_raw(any_oa, raw, "1789000000000", **header)).status_code == 200
    (letter,) = await take_all(inbox)
    assert (letter.body, letter.owner) == (raw, "-:-")


async def test_timestamp_of_the_header_counts_only_when_the_body_has_none(
    client: httpx.AsyncClient, inbox: Mailbox
) -> None:
    without = orjson.dumps(make_event(msg_id="without", timestamp=None))
    await post_raw(client, without, "1700000000000", **{"X-ZEvent-Timestamp": "1700000000000"})
    with_own = orjson.dumps(make_event(msg_id="with"))
    await post_raw(client, with_own, "1700000000000", **{"X-ZEvent-Timestamp": "1700000000000"})
    assert [letter.id for letter in await take_all(inbox)] == ["user_send_text:without"]
    assert (await read_counters(client))["wrong_signature"] == 1


async def test_deeply_nested_body_is_answered(client: httpx.AsyncClient) -> None:
    for raw in (b"[" * 100_000, b'{"a":' * 50_000 + b"1" + b"}" * 50_000, b"9" * 20_000):
        assert (await post_raw(client, raw, "")).status_code == 200


async def test_body_over_the_limit_is_dropped_without_reading_it_all(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        for _ in range(1024):
            sent += 1
            yield b"x" * 1024

    answer = await client.post(
        "/webhook/zalo", content=endless(), headers={"X-ZEvent-Signature": "mac=00"}
    )
    assert (answer.status_code, answer.text) == (200, "ok")
    assert sent <= 262144 / 1024 + 1
    assert await read_counters(client) == {"too_large": 1}


async def test_body_of_exactly_the_limit_is_taken(
    client: httpx.AsyncClient, settings: Settings, inbox: Mailbox
) -> None:
    empty = len(orjson.dumps(make_event("")))
    raw = orjson.dumps(make_event("x" * (settings.webhook_max_bytes - empty)))
    assert len(raw) == settings.webhook_max_bytes
    await post_raw(client, raw, "1789000000000")
    assert len(await take_all(inbox)) == 1


async def test_registration_probe_is_answered_200(
    client: httpx.AsyncClient, inbox: Mailbox
) -> None:
    assert (await client.post("/webhook/zalo", content=b"{}")).status_code == 200
    assert (await client.post("/webhook/zalo")).status_code == 200
    assert (await client.get("/webhook/zalo")).status_code == 200
    assert (await client.head("/webhook/zalo")).status_code == 200
    assert await take_all(inbox) == []
    assert await read_counters(client) == {"unsigned": 2}


async def test_once_live_a_wrong_signature_can_be_refused(
    settings: Settings, redis: Redis, inbox: Mailbox
) -> None:
    app = create_app(replace(settings, webhook_refuse_unsigned=True), redis)
    async with open_client(app) as client:
        assert (await client.post("/webhook/zalo", content=b"{}")).status_code == 401
        raw = orjson.dumps(make_event())
        assert (await post_raw(client, raw, "1")).status_code == 401
        other = orjson.dumps(make_event(app_id="1"))
        assert (await post_raw(client, other, "1789000000000")).status_code == 401
        assert (await post_raw(client, raw[:-3], "1789000000000")).status_code == 401
        assert await take_all(inbox) == []
        assert (await post_raw(client, raw, "1789000000000")).status_code == 200
    assert len(await take_all(inbox)) == 1


async def test_event_of_another_app_or_oa_is_dropped_and_counted(
    client: httpx.AsyncClient, inbox: Mailbox
) -> None:
    assert (await post_event(client, make_event(app_id="1"))).status_code == 200
    assert (await post_event(client, make_event(recipient={"id": "1"}))).status_code == 200
    assert await read_counters(client) == {"other_app": 1, "unknown_oa": 1}
    assert await take_all(inbox) == []


async def test_without_an_oa_secret_nothing_is_taken(
    settings: Settings, redis: Redis, inbox: Mailbox
) -> None:
    app = create_app(replace(settings, zalo_oa_secret=""), redis)
    async with open_client(app) as client:
        raw = orjson.dumps(make_event())
        header = {"X-ZEvent-Signature": sign(raw, "1789000000000", secret="")}
        answer = await client.post("/webhook/zalo", content=raw, headers=header)
        assert answer.status_code == 200
        ready = (await client.get("/readyz")).json()
    assert await take_all(inbox) == []
    assert ready["warnings"] == ["ZALO_OA_SECRET is not set: every event is dropped"]


async def test_redelivery_50_ms_later_and_in_parallel_gives_one_letter(
    client: httpx.AsyncClient, inbox: Mailbox
) -> None:
    async def deliver(wait_s: float) -> int:
        await asyncio.sleep(wait_s)
        return (await post_event(client, make_event())).status_code

    waits = [0, 0, 0.05, 0.05, 0.05, 0.1]
    assert set(await asyncio.gather(*(deliver(wait_s) for wait_s in waits))) == {200}
    assert len(await take_all(inbox)) == 1
    assert await read_counters(client) == {"accepted": 1, "duplicate": 5}


async def test_requests_that_wait_together_share_a_round_trip_and_keep_their_order(
    client: httpx.AsyncClient, redis: Redis, inbox: Mailbox
) -> None:
    await post_event(client, make_event(msg_id="first"))  # loads the script
    await redis.config_resetstat()
    await asyncio.gather(*(post_event(client, make_event(msg_id=f"{i:02}")) for i in range(64)))
    calls = (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"]
    assert calls <= 16
    ids = [letter.id.removeprefix("user_send_text:") for letter in await take_all(inbox)]
    assert ids == ["first", *(f"{i:02}" for i in range(64))]


async def test_counters_are_added_up_in_redis(settings: Settings, redis: Redis) -> None:
    for _ in range(2):
        app = create_app(settings, redis, clock=lambda: 1789.0)
        async with app.router.lifespan_context(app), open_client(app) as client:
            await client.post("/webhook/zalo", content=b"{}")
            await post_event(client, make_event())
    assert await redis.hgetall(COUNTERS_KEY) == {
        b"unsigned": b"2", b"last_unsigned_s": b"1789",
        b"accepted": b"1", b"last_accepted_s": b"1789",
        b"duplicate": b"1", b"last_duplicate_s": b"1789",
    }  # fmt: skip


async def test_log_names_neither_secret_nor_signature_nor_content(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    with capture_logs() as lines:
        raw = orjson.dumps(make_event("Bí mật của bà Lan"))
        header = sign(raw, "1789000000000", secret=APP_SECRET)
        await client.post("/webhook/zalo", content=raw, headers={"X-ZEvent-Signature": header})
        await client.post("/webhook/zalo", content=raw)
        await post_event(client, make_event("Bí mật của bà Lan", recipient={"id": "1"}))
    assert {line["reason"] for line in lines} == {
        "app_secret_used", "wrong_signature", "unsigned", "unknown_oa",
    }  # fmt: skip
    shown = repr(lines) + repr(settings)
    for hidden in ("Bí mật", OA_SECRET, APP_SECRET, header[4:], CITIZEN_ID):
        assert hidden not in shown


async def test_flood_of_drops_does_not_flood_the_log(client: httpx.AsyncClient) -> None:
    with capture_logs() as lines:
        for _ in range(50):
            await client.post("/webhook/zalo", content=b"{}")
    assert len(lines) == 1


class TrustsEveryone(SignatureCheck):
    def matches(self, raw: bytes, timestamp: str, header: bytes) -> bool:
        return True


@hypothesis_settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    raw=st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from([*make_event(), "oa_id", "tag", "user_id", "id", "msg_id"]), inner
            )
        ),
        max_leaves=20,
    ).map(lambda value: json.dumps(value).encode()),
    header=st.none() | st.binary(max_size=80),
    timestamp=st.none() | st.binary(max_size=20),
)
@example(raw=b'{"timestamp": "\\ud800"}', header=None, timestamp=None)
@example(raw=b'{"message": {"msg_ids": ["\\ud800", 1]}}', header=None, timestamp=b"\xff\x00")
async def test_no_body_whatsoever_gives_a_5xx(
    raw: bytes, header: bytes | None, timestamp: bytes | None, redis: Redis, settings: Settings
) -> None:
    app = create_app(replace(settings, zalo_app_id="", zalo_oa_secret=""), redis)
    trusting = create_app(settings, redis)
    # Past the signature, so that every later step sees the body too.
    trusting.zalo_endpoint._oa_signature = TrustsEveryone("", "")
    headers = [(b"x-zevent-signature", header if header is not None else b"mac=00")]
    if timestamp is not None:
        headers.append((b"x-zevent-timestamp", timestamp))
    for target in (app, trusting):
        whole = {"type": "http.request", "body": raw, "more_body": False}
        status = await _post_asgi(target, [whole], headers)
        assert status == 200


@pytest.mark.parametrize("ending", ["silence", "disconnect"])
async def test_client_that_stops_sending_gets_no_5xx(
    ending: str, app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webhook.app._READ_TIMEOUT_S", 0.05)
    parts = [{"type": "http.request", "body": b"{", "more_body": True}]
    if ending == "disconnect":
        parts.append({"type": "http.disconnect"})
    assert await _post_asgi(app, parts, []) == (408 if ending == "silence" else None)
    assert await read_counters(client) == ({"unreadable": 1} if ending == "silence" else {})


async def _post_asgi(
    app: FastAPI, parts: list[dict[str, Any]], headers: list[tuple[bytes, bytes]]
) -> int | None:
    """Status of the answer to a body that comes in parts and then in silence; None: no answer."""
    statuses = []

    async def receive() -> dict[str, Any]:
        if parts:
            return parts.pop(0)
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]

    async def send(message: Any) -> None:
        statuses.append(message.get("status"))

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "method": "POST", "path": "/webhook/zalo",
        "raw_path": b"/webhook/zalo", "query_string": b"", "root_path": "", "scheme": "http",
        "http_version": "1.1", "headers": headers, "client": ("127.0.0.1", 1), "server": ("x", 1),
    }  # fmt: skip
    await app(scope, receive, send)
    return statuses[0] if statuses else None
