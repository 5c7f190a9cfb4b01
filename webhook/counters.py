"""What became of the webhook's requests, counted in this process and in Redis.

Redis hash `{bot}:webhook:counters`: a field for each name in `NAMES` with its total over all
processes, and `last_<name>_s`, when it last happened (seconds since 1970).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

from redis.asyncio import Redis

from bot.mailbox import KEY_PREFIX

COUNTERS_KEY = f"{KEY_PREFIX}webhook:counters"

Name = Literal[
    "accepted",
    "duplicate",
    "unsigned",
    "wrong_signature",
    "app_secret_used",
    "other_app",
    "unknown_oa",
    "too_large",
    "unreadable",
    "spilled",
    "replayed",
    "lost",
]
NAMES: tuple[Name, ...] = get_args(Name)


class Counters:
    """Totals since the start of this process; `flush` carries them over to Redis."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.totals: dict[Name, int] = dict.fromkeys(NAMES, 0)
        self._flushed: dict[Name, int] = dict.fromkeys(NAMES, 0)
        self._clock = clock

    def add(self, name: Name, number: int = 1) -> int:
        """Count and return the new total."""
        self.totals[name] += number
        return self.totals[name]

    async def flush(self, redis: Redis) -> None:
        """Add what is new to the hash in Redis, in one round trip. Raises Redis errors."""
        now = self.totals.copy()
        changed = [name for name in NAMES if now[name] != self._flushed[name]]
        if not changed:
            return
        pipe = redis.pipeline()
        for name in changed:
            pipe.hincrby(COUNTERS_KEY, name, now[name] - self._flushed[name])
            pipe.hset(COUNTERS_KEY, f"last_{name}_s", str(int(self._clock())))
        await pipe.execute()
        self._flushed = now
