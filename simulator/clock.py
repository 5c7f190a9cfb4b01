"""Simulated time: runs with the wall clock, may run faster, and can be moved forward.

`Bell` is how one part waits for another without polling: take `next()`, look, then wait.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class Bell:
    """Wakes everybody who waits each time it rings."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()
        self._event = asyncio.Event()

    def next(self) -> asyncio.Event:
        """The event of the next ring. Take it *before* looking, so that no ring is missed."""
        return self._event


class Clock:
    """Milliseconds since 1970 as Zalo would see them; never goes back."""

    def __init__(
        self, *, wall: Callable[[], float] = time.time, speed: float = 1.0, ahead_ms: int = 0
    ) -> None:
        self._wall = wall
        self._speed = speed
        self._started_s = wall()
        self._ahead_ms = ahead_ms
        self._moved = Bell()

    @property
    def ahead_ms(self) -> int:
        """How far simulated time is ahead of the wall clock."""
        return self.now_ms() - int(self._wall() * 1000)

    def now_ms(self) -> int:
        elapsed_s = (self._wall() - self._started_s) * self._speed
        return int((self._started_s + elapsed_s) * 1000) + self._ahead_ms

    def advance(self, seconds: float) -> None:
        """Move forward by `seconds` ≥ 0 and wake every sleeper whose time has come."""
        if seconds < 0:
            raise ValueError("the clock cannot go back")
        self._ahead_ms += int(seconds * 1000)
        self._moved.ring()

    async def sleep_until(self, at_ms: int) -> None:
        """Return once `now_ms() >= at_ms`, by waiting or because the clock was moved."""
        while True:
            moved = self._moved.next()
            left_s = (at_ms - self.now_ms()) / 1000
            if left_s <= 0:
                return
            try:
                # A hair longer than needed: waking a millisecond early would only loop once more.
                await asyncio.wait_for(moved.wait(), left_s / self._speed + 0.001)
            except TimeoutError:
                continue
