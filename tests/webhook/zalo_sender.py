"""What Zalo does for the webhook tests: events, signatures, requests; and looking at the result."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import httpx
from fastapi import FastAPI

from bot.mailbox import Letter, Mailbox

APP_ID = "4100000000000000011"
OA_ID = "3880000000000000022"
CITIZEN_ID = "2460000000000000033"
OA_SECRET = "oa-secret-invented-0123456789"
APP_SECRET = "app-secret-invented-9876543210"


def sign(raw: bytes, timestamp: str, *, secret: str = OA_SECRET, app_id: str = APP_ID) -> str:
    """The header, computed apart from the code under test."""
    return (
        "mac=" + hashlib.sha256(app_id.encode() + raw + (timestamp + secret).encode()).hexdigest()
    )


def make_event(text: str = "xin chào", msg_id: str = "m1", **fields: Any) -> dict[str, Any]:
    return {
        "app_id": APP_ID,
        "sender": {"id": CITIZEN_ID},
        "recipient": {"id": OA_ID},
        "event_name": "user_send_text",
        "message": {"text": text, "msg_id": msg_id},
        "timestamp": "1789000000000",
        **fields,
    }


def open_client(app: FastAPI, *, host: str = "127.0.0.1") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, client=(host, 50000))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8400")


async def post_raw(
    client: httpx.AsyncClient, raw: bytes, timestamp: str, **headers: str
) -> httpx.Response:
    headers = {"X-ZEvent-Signature": sign(raw, timestamp), **headers}
    return await client.post("/webhook/zalo", content=raw, headers=headers)


async def post_event(client: httpx.AsyncClient, event: dict[str, Any]) -> httpx.Response:
    raw = json.dumps(event, ensure_ascii=False).encode()
    return await post_raw(client, raw, str(event.get("timestamp") or ""))


async def read_counters(client: httpx.AsyncClient) -> dict[str, int]:
    """Counters that are not zero."""
    counters: dict[str, int] = (await client.get("/counters")).json()
    return {name: total for name, total in counters.items() if total}


async def take_all(inbox: Mailbox) -> list[Letter]:
    letters = []
    while letter := await inbox.take("test", block_ms=0):
        letters.append(letter)
        assert await inbox.done(letter)
    return letters
