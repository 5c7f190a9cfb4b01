"""Per-citizen mailboxes on Redis: dedupe, order per owner, retry, dead letters.

Used for the inbox (webhook → worker) and the outbox (worker → sender). Delivery is at least once:
whoever handles a letter keys the effects by `Letter.id`. Every change is one Lua script in
`bot/lua/`; `prelude.lua` lists the keys. What is in a body, and what to do with it, is left to the
callers. Redis errors are not caught here. Needs Redis 6.2 or newer, or Valkey.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

KEY_PREFIX = "{bot}:"
"""Begins every key of this installation; the hash tag keeps them in one Redis Cluster slot.
Keys given to `done(remember=…)` must begin with it to be legal on a cluster."""

_LUA = Path(__file__).parent / "lua"
_LONGEST_WAIT_MS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and when a failed letter is tried again."""

    max_attempts: int
    """Attempts in all, the first one included."""
    first_wait_s: float
    factor: float
    max_wait_s: float

    def wait_before(self, attempt: int) -> float | None:
        """Seconds between the failure before `attempt` and `attempt` (2, 3, …); 0 for the first.

        None: there is no such attempt, the letter is dead.
        """
        if attempt > self.max_attempts:
            return None
        if attempt <= 1:
            return 0.0
        return min(self.first_wait_s * self.factor ** (attempt - 2), self.max_wait_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter as taken by a worker."""

    id: str
    owner: str
    """Whose mailbox: "<oa_id>:<citizen_id>"."""
    body: bytes
    attempt: int
    """1 for the first; attempts of workers that died count."""
    put_at_ms: int
    """Redis' clock when the letter was put, milliseconds since 1970."""
    claim: str = ""
    """Proof of holding the owner's token; opaque. Void once another worker took the token over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """One letter that was given up and waits for a person."""

    id: str
    owner: str
    body: bytes
    reason: str
    attempts: int
    put_at_ms: int
    died_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """State of one mailbox over all owners."""

    waiting: int
    """Letters that are not done, those being handled included."""
    ready: int
    """Owners whose next letter can be taken now."""
    taken: int
    """Owners whose next letter is with a worker."""
    delayed: int
    """Owners whose next letter waits for its retry."""
    dead: int
    oldest_age_s: float
    """Age of the oldest waiting letter; 0 when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A letter to put into `box` in the same step in which another one is done."""

    box: Mailbox
    owner: str
    id: str
    body: bytes


def connect(url: str, *, timeout_s: float = 5.0, max_connections: int = 32) -> Redis:
    """A Redis client fit for mailboxes: bytes, and callers wait for a free connection.

    A connection that broke is tried again once, at once; redis-py's own default takes seconds.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=max_connections,
        timeout=timeout_s,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        decode_responses=False,
        retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
    )
    return Redis.from_pool(pool)


def _read_raw(raw: bytes) -> tuple[int, str, bytes]:
    """(put_at_ms, id, body) of "<put_at_ms> <length of id> <id><body>"."""
    put_at_ms, length, rest = raw.split(b" ", 2)
    size = int(length)
    return int(put_at_ms), rest[:size].decode(), rest[size:]


class Mailbox:
    """The mailboxes of one kind ("inbox", "outbox"), one per owner.

    `idle_ms` is how long a worker may hold a letter without `touch` before another one takes it.
    `redis` must have decode_responses=False and a socket timeout above one second.
    """

    def __init__(
        self,
        redis: Redis,
        name: str,
        *,
        retry: RetryPolicy,
        dedupe_s: int = 7 * 86400,
        idle_ms: int = 60_000,
    ) -> None:
        self.name = name
        self.prefix = f"{KEY_PREFIX}{name}:"
        self.retry_policy = retry
        self.dedupe_s = dedupe_s
        self.idle_ms = idle_ms
        self._redis = redis
        self._waiting = asyncio.Lock()
        prelude = (_LUA / "prelude.lua").read_text(encoding="utf-8")
        self._scripts = {
            name: redis.register_script(
                prelude + (_LUA / f"{name}.lua").read_text(encoding="utf-8")
            )
            for name in ("put", "take", "done", "retry", "bury", "touch", "dead", "revive", "stats")
        }

    async def _run(self, script: str, *args: str | bytes | int) -> Any:
        return await self._scripts[script](keys=[self.prefix], args=args)

    async def put(self, owner: str, id: str, body: bytes) -> bool:
        """Add a letter behind the owner's others. False: its id was seen within `dedupe_s`."""
        return (await self.put_many([(owner, id, body)]))[0]

    async def put_many(self, items: Sequence[tuple[str, str, bytes]]) -> list[bool]:
        """Add (owner, id, body) in the given order, all or nothing, in one round trip.

        One answer for each, as in `put`.
        """
        if not items:
            return []
        args = [part for item in items for part in item]
        return [new == 1 for new in await self._run("put", self.dedupe_s, *args)]

    async def take(self, consumer: str, *, block_ms: int = 1000) -> Letter | None:
        """The next letter that is fresh, due for its retry, or left by a worker that fell silent.

        No other letter of its owner is given out until this one is done, retried or buried, or its
        worker is silent for `idle_ms`. None: nothing came within `block_ms`. `consumer` names the
        process; the same name may be used by any number of tasks.
        Cancelling the wait loses nothing; a letter just on its way comes again after `idle_ms`.
        """
        letter, _, _ = await self._take_now(consumer)
        if letter is not None or block_ms <= 0:
            return letter
        loop = asyncio.get_running_loop()
        end = loop.time() + block_ms / 1000
        try:
            async with asyncio.timeout_at(end):
                # One task of this process waits at Redis, the others wait for it.
                await self._waiting.acquire()
        except TimeoutError:
            return None
        try:
            return await self._take_until(consumer, end)
        finally:
            self._waiting.release()

    async def _take_now(self, consumer: str) -> tuple[Letter | None, bytes, int]:
        """(letter, "", 0), or (None, last id of the stream, ms until a delayed token or -1)."""
        answer = await self._run("take", consumer, self.idle_ms, self.retry_policy.max_attempts)
        if not answer[0]:
            return None, answer[1], answer[2]
        _, owner, raw, attempt, claim = answer
        put_at_ms, id, body = _read_raw(raw)
        letter = Letter(
            id=id,
            owner=owner.decode(),
            body=body,
            attempt=attempt,
            put_at_ms=put_at_ms,
            claim=claim.decode(),
        )
        return letter, b"", 0

    async def done(
        self,
        letter: Letter,
        *,
        put: Sequence[Outgoing] = (),
        remember: Mapping[str, tuple[bytes, int]] | None = None,
    ) -> bool:
        """Finish a letter in one atomic step.

        Removes it, puts the outgoing letters (each deduped by its own box) and sets the remembered
        keys, key → (value, lifetime in seconds). False: the letter was finished, or was taken over
        by another worker; nothing changed.
        """
        args: list[str | bytes | int] = [letter.owner, letter.claim, len(put)]
        for out in put:
            args += [out.box.prefix, out.box.dedupe_s, out.owner, out.id, out.body]
        for key, (value, lifetime_s) in (remember or {}).items():
            args += [key, value, lifetime_s]
        return bool(await self._run("done", *args))

    async def retry(
        self, letter: Letter, *, wait_s: float | None = None, is_failure: bool = True
    ) -> bool:
        """Try a letter again after `wait_s`, by default as the policy says.

        False: that was the last attempt, the letter is dead now. With is_failure=False the attempt
        is not counted, however often (a rate limit, a server that is down). A letter that
        another worker took over is left alone, with True.
        """
        policy_wait_s = self.retry_policy.wait_before(letter.attempt + 1)
        if is_failure and policy_wait_s is None:
            await self.bury(letter, f"failed {letter.attempt} times")
            return False
        wait = policy_wait_s or 0.0 if wait_s is None else wait_s
        await self._run("retry", letter.owner, letter.claim, round(wait * 1000), int(is_failure))
        return True

    async def touch(self, letter: Letter) -> bool:
        """Say that the letter is still being handled, for another `idle_ms`.

        False: it was finished or taken over; its handling should stop.
        """
        return bool(await self._run("touch", letter.owner, letter.claim))

    async def bury(self, letter: Letter, reason: str) -> None:
        """Make it a dead letter at once; the owner's next letters go on.

        `reason` is shown to officers: no personal data. A letter taken over is left alone.
        """
        await self._run("bury", letter.owner, letter.claim, reason)

    async def dead(self, *, limit: int = 100) -> list[DeadLetter]:
        """The latest `limit` dead letters, newest first."""
        letters = []
        for owner, raw, reason, attempts, died_at_ms in await self._run("dead", limit):
            put_at_ms, id, body = _read_raw(raw)
            letters.append(
                DeadLetter(
                    id=id,
                    owner=owner.decode(),
                    body=body,
                    reason=reason.decode(),
                    attempts=int(attempts),
                    put_at_ms=put_at_ms,
                    died_at_ms=int(died_at_ms),
                )
            )
        return letters

    async def revive(self, id: str) -> bool:
        """Put a dead letter back behind its owner's others, with fresh attempts. False: no such."""
        return bool(await self._run("revive", id, 1))

    async def discard(self, id: str) -> bool:
        """Delete a dead letter for good. False: no such."""
        return bool(await self._run("revive", id, 0))

    async def stats(self) -> Stats:
        """Counts and age, read in one step."""
        waiting, ready, taken, delayed, dead, oldest_ms = await self._run("stats")
        return Stats(
            waiting=waiting,
            ready=ready,
            taken=taken,
            delayed=delayed,
            dead=dead,
            oldest_age_s=oldest_ms / 1000,
        )

    async def _take_until(self, consumer: str, end: float) -> Letter | None:
        """As `take`, looking again at each new token, due retry, or second; `end` in loop time."""
        loop = asyncio.get_running_loop()
        while True:
            letter, last_id, due_ms = await self._take_now(consumer)
            left_ms = round((end - loop.time()) * 1000)
            if letter is not None or left_ms <= 0:
                return letter
            wait_ms = min(left_ms, _LONGEST_WAIT_MS, due_ms if due_ms >= 0 else left_ms)
            # Plain XREAD: it only wakes us, so a cancelled wait does not swallow a token.
            await self._redis.xread(
                {self.prefix + "ready": last_id}, count=1, block=max(1, wait_ms)
            )
