"""The public face towards Zalo: takes webhook events, puts them into the inbox, answers 200.

What happens to `POST /webhook/zalo` (Zalo wants 200 within 2 s, resends otherwise and finally
switches the webhook off, so nothing here answers anything else by choice):

 1. Read the raw body; stop at WEBHOOK_MAX_BYTES → 200, dropped.
 2. No signature header (the console's registration probe `{}` too) → 200, dropped.
 3. Parse the JSON once; its timestamp is signed too (X-ZEvent-Timestamp when it has none).
 4. The app_id in the body is another app's → 200, dropped.
 5. The signature over the raw bytes is wrong → 200, dropped; tried against the App Secret, only to
    report that mistake. JSON that cannot be read, so that nothing is signed → 200, dropped.
 6. Event id and owner (`webhook/event_key.py`); the OA is not one of ours → 200, dropped.
 7. Put into the inbox; all requests that wait share one round trip (`webhook/intake.py`).
 8. Redis has it → 200. Redis fails → on the local disk in the spill file → 200. Both fail → 503.

With WEBHOOK_REFUSE_UNSIGNED the drops of steps 2, 4 and 5 are answered with 401. Every drop is
counted (`webhook/counters.py`); no secret, signature or body is ever logged.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Set
from contextlib import asynccontextmanager
from typing import Any

import orjson
import structlog
from fastapi import FastAPI
from redis.asyncio import Redis
from starlette.types import Receive, Scope, Send

from bot.mailbox import Mailbox, RetryPolicy, connect
from bot.settings import Settings
from webhook.counters import Counters, Name
from webhook.event_key import read_event_key, read_text
from webhook.guide_pages import add_guide_pages
from webhook.intake import Intake
from webhook.pages import add_pages
from webhook.signature import SignatureCheck
from webhook.spill import Spill

_READ_TIMEOUT_S = 10.0
_LOG_EVERY_S = 10.0

_log = structlog.get_logger()


def _make_answer(status: int, text: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(text)),
    ]
    return (
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": text},
    )


_OK = _make_answer(200, b"ok")
_REFUSED = _make_answer(401, b"wrong signature")
_UNAVAILABLE = _make_answer(503, b"try again")
_TOO_SLOW = _make_answer(408, b"too slow")


class ZaloEndpoint:
    """ASGI endpoint of /webhook/zalo; any other method than POST is answered 200 and ignored."""

    def __init__(
        self, settings: Settings, intake: Intake, counters: Counters, known_oas: Set[str]
    ) -> None:
        self._intake = intake
        self._counters = counters
        self._known_oas = known_oas
        self._app_id = settings.zalo_app_id
        self._max_bytes = settings.webhook_max_bytes
        self._dropped = _REFUSED if settings.webhook_refuse_unsigned else _OK
        self._oa_signature = SignatureCheck(settings.zalo_app_id, settings.zalo_oa_secret)
        self._app_signature = SignatureCheck(settings.zalo_app_id, settings.zalo_app_secret)
        self._logged_at: dict[Name, float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = _OK if scope["method"] != "POST" else await self._take(scope, receive)
        if answer is not None:
            await send(answer[0])
            await send(answer[1])

    async def _take(
        self, scope: Scope, receive: Receive
    ) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The answer to one POST; None when the client has gone."""
        signature = header_timestamp = b""
        for name, value in scope["headers"]:
            if name == b"x-zevent-signature":
                signature = value
            elif name == b"x-zevent-timestamp":
                header_timestamp = value
        try:
            raw = await self._read_body(receive)
        except TimeoutError:
            self._drop("unreadable")
            return _TOO_SLOW
        if raw is None:
            return None
        if len(raw) > self._max_bytes:
            self._drop("too_large")
            return _OK
        if not signature.strip():
            self._drop("unsigned")
            return self._dropped
        event = _parse(raw)
        fault = self._find_fault(event, raw, signature, header_timestamp)
        if fault:
            self._drop(fault)
            return self._dropped
        key = read_event_key(event, raw, self._known_oas)
        if self._known_oas and key.oa_id not in self._known_oas:
            self._drop("unknown_oa")
            return _OK
        try:
            await self._intake.put(key.owner, key.id, raw)
        except OSError:
            return _UNAVAILABLE
        return _OK

    async def _read_body(self, receive: Receive) -> bytes | None:
        """The body, cut off behind the limit; None when the client went away.

        Raises TimeoutError when it does not come; Zalo itself has given up long before.
        """
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body: bytes = message.get("body", b"")
        if not message.get("more_body"):
            return body
        parts, size = [body], len(body)
        async with asyncio.timeout(_READ_TIMEOUT_S):
            while message.get("more_body") and size <= self._max_bytes:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                parts.append(message.get("body", b""))
                size += len(parts[-1])
        return b"".join(parts)

    def _find_fault(
        self, event: object, raw: bytes, signature: bytes, header_timestamp: bytes
    ) -> Name | None:
        """Why the body is not a genuine event of our app; None when it is."""
        timestamp = ""
        if isinstance(event, dict):
            app_id = read_text(event.get("app_id"))
            if app_id and app_id != self._app_id:
                return "other_app"
            timestamp = read_text(event.get("timestamp"))
        timestamp = timestamp or header_timestamp.strip().decode("latin-1")
        if self._oa_signature.matches(raw, timestamp, signature):
            return None
        if self._app_signature.matches(raw, timestamp, signature):
            self._drop("app_secret_used")
        return "wrong_signature" if isinstance(event, dict) else "unreadable"

    def _drop(self, reason: Name) -> None:
        total = self._counters.add(reason)
        now = time.monotonic()
        # Anybody can cause drops: they must not fill the disk.
        if now - self._logged_at.get(reason, -_LOG_EVERY_S) >= _LOG_EVERY_S:
            self._logged_at[reason] = now
            _log.warning("webhook_dropped", reason=reason, total=total)


class WebhookApp(FastAPI):
    """FastAPI for the pages; the one hot path goes past its middleware, a seventh of the cost."""

    zalo_endpoint: ZaloEndpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/webhook/zalo":
            await self.zalo_endpoint(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def _parse(raw: bytes) -> object:
    """The JSON value of a body; None when it cannot be read."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        pass
    try:
        # The standard parser also takes half an emoji at the end of a cut text, and NaN.
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def create_app(
    settings: Settings,
    redis: Redis | None = None,
    *,
    known_oas: Set[str] = frozenset(),
    clock: Callable[[], float] = time.time,
) -> WebhookApp:
    """The webhook application. `known_oas`: ids of the OAs served here; empty accepts every OA.

    `redis` stays the caller's to close; without it, one is opened from the settings.
    """
    client = connect(settings.redis, timeout_s=1.0) if redis is None else redis
    # The webhook only puts: how often a letter is tried is the worker's policy.
    never = RetryPolicy(max_attempts=1, first_wait_s=0, factor=1, max_wait_s=0)
    counters = Counters(clock)
    spill = Spill(settings.var_dir / "webhook_spill.jsonl")
    intake = Intake(client, Mailbox(client, "inbox", retry=never), spill, counters)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        intake.start()
        yield
        await intake.stop()
        if redis is None:
            await client.aclose()

    app = WebhookApp(lifespan=lifespan, openapi_url=None)
    app.zalo_endpoint = ZaloEndpoint(settings, intake, counters, known_oas)
    add_pages(app, settings, client, intake, counters)
    add_guide_pages(app, settings.var_dir)
    return app
