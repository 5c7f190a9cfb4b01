"""The control API under `/__fake/`: what tests and the chat page use to play citizen and staff.

Nothing here exists at Zalo; the software under test must never call it.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import asdict, fields
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, StreamingResponse

from simulator.citizens import CitizenActs, NotTappable
from simulator.deliveries import Attempt, Deliveries
from simulator.faults import FaultPlan, read_fault
from simulator.outbound import Outbound
from simulator.profile import SignatureStyle, show_profile
from simulator.records import Counters, Message
from simulator.tables import CHECKED_ON, LIMITS
from simulator.world import UnknownCitizen, World

JsonObject = dict[str, Any]


async def _read(request: Request) -> JsonObject:
    raw = await request.body()
    try:
        value = json.loads(raw or b"{}")
    except ValueError as exc:
        raise HTTPException(400, "the body is not JSON") from exc
    if not isinstance(value, dict):
        raise HTTPException(400, "the body is not a JSON object")
    return value


def show_message(message: Message) -> JsonObject:
    """A message as the page and the tests see it."""
    return {**asdict(message), "buttons": list(message.buttons)}


def show_counters(counters: Counters) -> JsonObject:
    """Plain numbers, and plain objects for those counted by name."""
    values = {f.name: getattr(counters, f.name) for f in fields(counters)}
    return {n: dict(v) if isinstance(v, Counter) else v for n, v in values.items()}


def _show_attempt(attempt: Attempt | None) -> JsonObject | None:
    return None if attempt is None else asdict(attempt)


def citizens_router(world: World, acts: CitizenActs, deliveries: Deliveries) -> APIRouter:
    """What a citizen can do, and what she sees."""
    router = APIRouter(prefix="/__fake/users")

    @router.get("")
    async def list_users() -> list[JsonObject]:
        return [asdict(citizen) for citizen in world.citizens()]

    @router.post("")
    async def add_user(request: Request) -> JsonObject:
        body = await _read(request)
        return asdict(world.add_citizen(str(body.get("id", "")), str(body.get("name", ""))))

    @router.post("/{user_id}/send")
    async def send(user_id: str, request: Request) -> JsonObject:
        body = await _read(request)
        try:
            message = acts.send(
                user_id, str(body.get("kind", "text")), str(body.get("text", "")),
                str(body.get("quote_msg_id", "")),
            )  # fmt: skip
        except ValueError as exc:
            raise HTTPException(400, str(exc)) from exc
        return {"message_id": message.id, "user_id": message.citizen_id}

    @router.post("/{user_id}/tap")
    async def tap(user_id: str, request: Request) -> JsonObject:
        body = await _read(request)
        try:
            message = acts.tap(
                user_id, str(body.get("message_id", "")), body.get("button_index", -1)
            )
        except NotTappable as exc:
            raise HTTPException(409, str(exc)) from exc
        return {"message_id": message.id, "text": message.text, "is_hidden": message.is_hidden}

    @router.post("/{user_id}/{act}")
    async def act(user_id: str, act: str, request: Request) -> JsonObject:
        body = await _read(request)
        try:
            return asdict(acts.act(user_id, act, body))
        except ValueError as exc:
            raise HTTPException(400, str(exc)) from exc

    @router.get("/{user_id}/messages")
    async def messages(user_id: str, hidden: bool = True) -> JsonObject:
        citizen = world.citizen(user_id)
        shown = [m for m in world.talk(user_id) if hidden or not m.is_hidden]
        return {
            "user": asdict(citizen),
            "version": world.version,
            "messages": [show_message(message) for message in shown],
        }

    @router.get("/{user_id}/stream")
    async def stream(user_id: str) -> StreamingResponse:
        world.citizen(user_id)
        return StreamingResponse(
            _talk_stream(world, deliveries, user_id), media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )  # fmt: skip

    return router


async def _talk_stream(world: World, deliveries: Deliveries, user_id: str) -> AsyncIterator[str]:
    """Server-sent events for the chat page: all it shows, again whenever something changed."""
    last = ""
    while not world.is_closing:
        changed = world.changed.next()
        attempt = deliveries.last_attempt
        shown = {
            "user": asdict(world.citizen(user_id)),
            "messages": [show_message(m) for m in world.talk(user_id) if not m.is_hidden],
            "webhook": {
                "is_enabled": deliveries.is_enabled,
                "outcome": None if attempt is None else attempt.outcome,
            },
        }
        current = json.dumps(shown, ensure_ascii=False)
        if current != last:
            last = current
            yield f'event: talk\ndata: {{"now_ms": {world.clock.now_ms()}, {current[1:]}\n\n'
        await changed.wait()
        # One act changes several things at once; the page wants them together.
        await asyncio.sleep(0.03)


def control_router(
    world: World, deliveries: Deliveries, outbound: Outbound, faults: FaultPlan
) -> APIRouter:
    """Switches, faults, clock, tokens, counters, raw posts."""
    router = APIRouter(prefix="/__fake")

    @router.get("/faults")
    async def list_faults() -> list[JsonObject]:
        return faults.show()

    @router.post("/faults")
    async def add_faults(request: Request) -> list[JsonObject]:
        body = await _read(request)
        try:
            planned = [read_fault(value) for value in body.get("faults", [body] if body else [])]
        except (TypeError, ValueError) as exc:
            raise HTTPException(400, str(exc)) from exc
        if body.get("faults") == [] or not body:
            faults.clear()
        for fault in planned:
            faults.add(fault)
        return faults.show()

    @router.post("/clock/advance")
    async def advance(request: Request) -> JsonObject:
        body = await _read(request)
        try:
            world.advance(float(body.get("seconds", 0)))
        except (TypeError, ValueError) as exc:
            raise HTTPException(400, str(exc)) from exc
        if body.get("settle"):
            await deliveries.settle()
        return {"now_ms": world.clock.now_ms()}

    @router.post("/settle")
    async def settle(request: Request) -> JsonObject:
        body = await _read(request)
        return {"is_settled": await deliveries.settle(float(body.get("timeout_s", 10)))}

    @router.get("/profile")
    async def read_profile() -> JsonObject:
        return show_profile(world.profile)

    @router.post("/profile")
    async def set_profile(request: Request) -> JsonObject:
        try:
            return show_profile(world.set_profile(await _read(request)))
        except ValueError as exc:
            raise HTTPException(400, str(exc)) from exc

    @router.get("/tokens")
    async def tokens() -> JsonObject:
        expires_ms = 0 if world.pair is None else (
            world.pair.issued_ms + LIMITS.access_token_lifetime_s * 1000
        )  # fmt: skip
        if world.pair is None or world.clock.now_ms() >= expires_ms:
            return asdict(world.issue_pair())
        return asdict(world.pair)

    @router.post("/tokens")
    async def new_tokens() -> JsonObject:
        return asdict(world.issue_pair())

    @router.get("/state")
    async def state() -> JsonObject:
        return {
            "now_ms": world.clock.now_ms(),
            "rules_checked_on": CHECKED_ON,
            "profile": show_profile(world.profile),
            "counters": show_counters(world.counters),
            "users": len(world.citizens()),
            "faults": faults.show(),
            "webhook": {
                "url": deliveries.url,
                "is_enabled": deliveries.is_enabled,
                "busy": deliveries.busy(),
                "waiting": deliveries.waiting(),
                "last_attempt": _show_attempt(deliveries.last_attempt),
                "last_probe": _show_attempt(deliveries.last_probe),
            },
        }

    @router.post("/staff")
    async def staff(request: Request) -> JsonObject:
        body = await _read(request)
        message = outbound.send_by_staff(
            str(body.get("user_id", "")), str(body.get("text", "")),
            str(body.get("admin_id") or "1170000000000000055"),
        )  # fmt: skip
        return {"message_id": message.id}

    @router.post("/webhook")
    async def webhook(request: Request) -> JsonObject:
        url = (await _read(request)).get("url")
        attempt = await deliveries.probe(None if url is None else str(url))
        return {"is_enabled": deliveries.is_enabled, "probe": _show_attempt(attempt)}

    @router.post("/events")
    async def events(request: Request) -> JsonObject:
        body = await _read(request)
        event = body.get("event")
        if not isinstance(event, dict) or not isinstance(event.get("event_name"), str):
            raise HTTPException(400, "event must be an object with an event_name")
        deliveries.post(event, owner=str(body.get("owner", "")))
        return {"is_queued": True}

    @router.post("/raw")
    async def raw(
        request: Request, sign: SignatureStyle = "none", num_retry: str = ""
    ) -> JsonObject:
        headers = {"num_retry": num_retry} if num_retry else {}
        attempt = await deliveries.post_raw(await request.body(), sign, headers)
        return asdict(attempt)

    return router


def unknown_citizen(_request: Request, exc: Exception) -> JSONResponse:
    """Answer of the control API when an id names nobody."""
    assert isinstance(exc, UnknownCitizen)
    return JSONResponse({"detail": f"no user {exc.args[0]}"}, status_code=404)
