"""From accepted requests to the inbox: group commit, and the spill file while Redis is away.

All events that wait when a round trip to Redis starts share it, and their order is kept. While the
spill file is not empty, new events go behind it, so that no event overtakes an older one.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Literal

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.mailbox import Mailbox
from webhook.counters import Counters
from webhook.spill import Item, Spill

Stored = Literal["accepted", "duplicate", "spilled"]

_REDIS_TIMEOUT_S = 1.0
"""Zalo waits two seconds: after one, the event goes to the spill file."""
_REPLAY_EVERY_S = 1.0
_FLUSH_EVERY_S = 1.0
_MAX_BATCH = 200

_log = structlog.get_logger()


class Intake:
    """Puts events into the inbox, or into the spill file; one for each process."""

    def __init__(self, redis: Redis, inbox: Mailbox, spill: Spill, counters: Counters) -> None:
        self._redis = redis
        self._inbox = inbox
        self._spill = spill
        self._counters = counters
        self._waiting: list[tuple[Item, asyncio.Future[Stored]]] = []
        self._committing: asyncio.Task[None] | None = None
        self._replaying: asyncio.Task[None] | None = None
        self._flushing: asyncio.Task[None] | None = None
        self._storing = asyncio.Lock()

    @property
    def is_spilling(self) -> bool:
        return not self._spill.is_empty

    def start(self) -> None:
        """Start the background tasks; also replays what an earlier process spilled."""
        self._flushing = asyncio.create_task(self._flush_forever())
        self._ensure_replay()

    async def stop(self) -> None:
        """Finish what is waiting, count it, and end the background tasks."""
        if self._committing:
            await self._committing
        for task in (self._replaying, self._flushing):
            if task:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        await self._flush()

    async def put(self, owner: str, id: str, body: bytes) -> Stored:
        """Where the event is now, safe against a crash. Raises OSError when it is nowhere."""
        future: asyncio.Future[Stored] = asyncio.get_running_loop().create_future()
        self._waiting.append(((owner, id, body), future))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit())
        return await future

    async def _commit(self) -> None:
        """Store batch after batch until nothing waits. One at a time keeps the order."""
        while self._waiting:
            batch, self._waiting = self._waiting[:_MAX_BATCH], self._waiting[_MAX_BATCH:]
            try:
                results = await self._store([item for item, _ in batch])
            except Exception as exc:
                # Every caller must hear of it; the type does not matter to them.
                for _, future in batch:
                    if not future.done():
                        future.set_exception(exc)
                continue
            for (_, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)
        self._committing = None

    async def _store(self, items: Sequence[Item]) -> list[Stored]:
        async with self._storing:
            if self._spill.is_empty:
                try:
                    new = await self._put(items)
                except (RedisError, OSError) as exc:
                    _log.error("webhook_redis_unavailable", error=type(exc).__name__)
                else:
                    accepted = sum(new)
                    self._counters.add("accepted", accepted)
                    self._counters.add("duplicate", len(new) - accepted)
                    return ["accepted" if is_new else "duplicate" for is_new in new]
            try:
                await asyncio.to_thread(self._spill.append, items)
            except OSError as exc:
                self._counters.add("lost", len(items))
                _log.critical("webhook_spill_failed", error=type(exc).__name__, errno=exc.errno)
                raise
        self._counters.add("spilled", len(items))
        self._ensure_replay()
        return ["spilled"] * len(items)

    async def _put(self, items: Sequence[Item]) -> list[bool]:
        async with asyncio.timeout(_REDIS_TIMEOUT_S):
            return await self._inbox.put_many(items)

    def _ensure_replay(self) -> None:
        if self.is_spilling and (self._replaying is None or self._replaying.done()):
            self._replaying = asyncio.create_task(self._replay())

    async def _replay(self) -> None:
        """Move the spill file into the inbox, oldest first, trying until it is empty."""
        while self.is_spilling:
            try:
                async with asyncio.timeout(_REDIS_TIMEOUT_S):
                    await self._redis.ping()
                # New events wait for one batch at most, and only while Redis answers.
                async with self._storing:
                    items, offset = await asyncio.to_thread(self._spill.read, _MAX_BATCH)
                    new = await self._put(items)
                    await asyncio.to_thread(self._spill.advance, offset)
            except (RedisError, OSError) as exc:
                _log.warning("webhook_replay_waits", error=type(exc).__name__)
                await asyncio.sleep(_REPLAY_EVERY_S)
                continue
            self._counters.add("replayed", sum(new))
            self._counters.add("duplicate", len(new) - sum(new))
        _log.info("webhook_replay_finished", damaged_lines=self._spill.damaged)

    async def _flush(self) -> None:
        try:
            async with asyncio.timeout(_REDIS_TIMEOUT_S):
                await self._counters.flush(self._redis)
        except (RedisError, OSError) as exc:
            _log.warning("webhook_counters_wait", error=type(exc).__name__)

    async def _flush_forever(self) -> None:
        while True:
            await asyncio.sleep(_FLUSH_EVERY_S)
            await self._flush()
