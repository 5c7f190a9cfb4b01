"""The webhook sender: signs, posts within the deadline, redelivers, and gives up like Zalo.

First attempts of one citizen go out in order. A failed one climbs the retry ladder on its own
while later events pass it, because Zalo promises no order. After the ladder the webhook is
switched off and every further event is lost until somebody switches it on again.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import httpx

from simulator.clock import Bell
from simulator.events import JsonObject, encode_event
from simulator.profile import SignatureStyle
from simulator.signature import signature_header
from simulator.tables import LIMITS
from simulator.world import World

_DUPLICATE_GAP_S = 0.05
_AT_ONCE = 24

Outcome = Literal["ok", "slow", "unreachable", "bad_status"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One event on its way: the same bytes and signature at every attempt."""

    body: bytes
    headers: Mapping[str, str]
    owner: str
    """Whose order it belongs to: a citizen's id."""
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What came of one POST."""

    outcome: Outcome
    status: int | None
    elapsed_ms: int
    reason: str


class Deliveries:
    """Background tasks that post events; start by `post`, wait by `settle`, stop by `close`."""

    def __init__(self, world: World, http: httpx.AsyncClient) -> None:
        self.url = world.settings.webhook_url
        self.is_enabled = True
        self.last_attempt: Attempt | None = None
        self.last_probe: Attempt | None = None
        self._world = world
        self._http = http
        self._queues: dict[str, deque[Parcel]] = {}
        self._busy = 0
        self._due_at_ms: dict[int, int] = {}
        self._next_ladder = 0
        self._moved = Bell()
        self._tasks: set[asyncio.Task[None]] = set()
        # The deadline starts when the POST starts: waiting for a free connection is our own doing.
        self._slots = asyncio.Semaphore(_AT_ONCE)

    def post(self, event: JsonObject, *, owner: str, message_id: str = "") -> None:
        """Sign and queue one event. Returns at once; `message_id` gets the state shown on the
        page."""
        world, profile = self._world, self._world.profile
        counts = world.counters.webhook
        if event["event_name"] in profile.events_off or (
            profile.syntax_filter and _is_plain_text(event)
        ):
            counts["filtered"] += 1
            return
        counts["queued"] += 1
        if not self.is_enabled or not self.url:
            self._lose(message_id)
            return
        settings = world.settings
        body = encode_event(event, settings.app_id, world.clock.now_ms(), profile)
        headers = signature_header(profile.signature, settings.app_id, body, settings.oa_secret)
        parcel = Parcel(body=body, headers=headers, owner=owner, message_id=message_id)
        world.note_delivery(message_id, "sending")
        self._busy += 1
        if owner in self._queues:
            self._queues[owner].append(parcel)
        else:
            self._queues[owner] = deque([parcel])
            self._start(self._drain(owner))

    async def settle(self, timeout_s: float = 10.0) -> bool:
        """Wait until nothing is on its way or due; retries whose time has not come do not count.

        False when `timeout_s` (real seconds) was not enough.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            moved = self._moved.next()
            now_ms = self._world.clock.now_ms()
            if not self._busy and not any(at <= now_ms for at in self._due_at_ms.values()):
                return True
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return False
            try:
                await asyncio.wait_for(moved.wait(), left_s)
            except TimeoutError:
                return False

    async def probe(self, url: str | None = None) -> Attempt:
        """The unsigned POST `{}` that Zalo sends when a URL is saved; 200 switches events on."""
        self.url = self.url if url is None else url
        self.last_probe = await self.post_raw(b"{}", "none", {})
        self.is_enabled = self.last_probe.outcome == "ok"
        self._world.note_change()
        return self.last_probe

    async def note_probe(self) -> None:
        """Probe once and only note the result: for a start at which the bot may not be up yet."""
        self.last_probe = await self.post_raw(b"{}", "none", {})

    async def post_raw(
        self, body: bytes, style: SignatureStyle, headers: Mapping[str, str]
    ) -> Attempt:
        """One POST of exactly these bytes, now, without retries."""
        settings = self._world.settings
        signed = signature_header(style, settings.app_id, body, settings.oa_secret)
        return await self._attempt(body, {**signed, **headers})

    def waiting(self) -> int:
        """Events that wait for their next step of the ladder."""
        return len(self._due_at_ms)

    def busy(self) -> int:
        """Events whose attempt is queued or under way."""
        return self._busy

    async def close(self) -> None:
        """Stop all tasks; what was on its way is forgotten."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self, owner: str) -> None:
        queue = self._queues[owner]
        while queue:
            parcel = queue.popleft()
            for number in range(1, self._world.profile.duplicates + 1):
                self._busy += 1
                self._start(self._post_duplicate(parcel, number))
            attempt = await self._attempt(parcel.body, parcel.headers)
            self._after(parcel, attempt)
            self._less_busy()
        del self._queues[owner]

    def _after(self, parcel: Parcel, attempt: Attempt) -> None:
        profile = self._world.profile
        if attempt.outcome == "ok":
            self._world.note_delivery(parcel.message_id, "delivered")
        elif profile.retry and (profile.retry_on == "any" or attempt.outcome == "unreachable"):
            self._world.note_delivery(parcel.message_id, "retrying")
            ladder = self._next_ladder = self._next_ladder + 1
            first_ms = self._step_at(self._world.clock.now_ms(), 0)
            self._due_at_ms[ladder] = first_ms
            self._start(self._climb(ladder, parcel, first_ms))
        else:
            self._lose(parcel.message_id)

    @staticmethod
    def _step_at(last_ms: int, step: int) -> int:
        return last_ms + int(LIMITS.retry_after_s[step] * 1000)

    async def _climb(self, ladder: int, parcel: Parcel, due_ms: int) -> None:
        """Redeliver at each step of the ladder until one succeeds, else switch the webhook off.

        Steps count from the step before, so a clock moved by hours meets all of them in order.
        """
        for step in range(len(LIMITS.retry_after_s)):
            await self._world.clock.sleep_until(due_ms)
            if not self.is_enabled:
                break
            self._world.counters.webhook["redelivered"] += 1
            # The step keeps being due during the attempt, so `settle` waits for its end.
            attempt = await self._attempt(
                parcel.body, {**parcel.headers, "num_retry": str(step + 1)}
            )
            if attempt.outcome == "ok":
                self._world.note_delivery(parcel.message_id, "delivered")
                self._leave_ladder(ladder)
                return
            if step + 1 < len(LIMITS.retry_after_s):
                due_ms = self._step_at(due_ms, step + 1)
                self._due_at_ms[ladder] = due_ms
                self._moved.ring()
        self.is_enabled = False
        self._world.note_change()
        self._lose(parcel.message_id)
        self._leave_ladder(ladder)

    def _leave_ladder(self, ladder: int) -> None:
        del self._due_at_ms[ladder]
        self._moved.ring()

    async def _post_duplicate(self, parcel: Parcel, number: int) -> None:
        await asyncio.sleep(_DUPLICATE_GAP_S * number)
        self._world.counters.webhook["duplicates"] += 1
        await self._attempt(parcel.body, parcel.headers)
        self._less_busy()

    def _less_busy(self) -> None:
        self._busy -= 1
        self._moved.ring()

    def _lose(self, message_id: str) -> None:
        self._world.counters.webhook["lost"] += 1
        self._world.note_delivery(message_id, "lost")

    async def _attempt(self, body: bytes, headers: Mapping[str, str]) -> Attempt:
        async with self._slots:
            started = time.monotonic()
            outcome, status, reason = await self._post_once(body, headers)
        counts = self._world.counters.webhook
        counts["posted"] += 1
        counts[f"http_{status}" if outcome == "bad_status" else outcome] += 1
        elapsed_ms = int((time.monotonic() - started) * 1000)
        self.last_attempt = Attempt(
            outcome=outcome, status=status, elapsed_ms=elapsed_ms, reason=reason
        )
        return self.last_attempt

    async def _post_once(
        self, body: bytes, headers: Mapping[str, str]
    ) -> tuple[Outcome, int | None, str]:
        try:
            async with asyncio.timeout(LIMITS.answer_deadline_s):
                response = await self._http.post(
                    self.url, content=body,
                    headers={"Content-Type": "application/json;charset=utf-8", **headers},
                )  # fmt: skip
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL) as exc:
            return "unreachable", None, type(exc).__name__
        except (TimeoutError, httpx.TimeoutException):
            return "slow", None, f"no answer within {LIMITS.answer_deadline_s:g} s"
        except httpx.HTTPError as exc:
            return "unreachable", None, type(exc).__name__
        if response.status_code == 200:
            return "ok", 200, ""
        return "bad_status", response.status_code, f"HTTP {response.status_code}"


def _is_plain_text(event: JsonObject) -> bool:
    message = event.get("message")
    return (
        event["event_name"] == "user_send_text"
        and isinstance(message, dict)
        and not str(message.get("text", "")).startswith("#")
    )
