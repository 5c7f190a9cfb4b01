"""The loop that worker and sender share, on a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.loops import serve
from bot.mailbox import Letter, Mailbox, RetryPolicy

FAST = RetryPolicy(max_attempts=2, first_wait_s=0.01, factor=1, max_wait_s=0.01)
Handle = Callable[[Letter], Awaitable[None]]


@pytest.fixture
def box(redis: Redis) -> Mailbox:
    return Mailbox(redis, "inbox", retry=FAST)


async def nothing(letter: Letter) -> None:
    """Nobody is told."""


async def run(box: Mailbox, handle: Handle, give_up: Handle, ended: asyncio.Event) -> None:
    """Serves `box` until `ended` is set; fails if that takes long."""
    stop = asyncio.Event()
    loop = asyncio.create_task(serve(box, handle, give_up, tasks=2, stop=stop))
    waiting = asyncio.create_task(ended.wait())
    await asyncio.wait({loop, waiting}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
    assert ended.is_set() or loop.done()
    stop.set()
    waiting.cancel()
    await loop


async def test_letter_that_fails_once_is_handled_again(box: Mailbox) -> None:
    attempts: list[int] = []
    ended = asyncio.Event()

    async def handle(letter: Letter) -> None:
        attempts.append(letter.attempt)
        if letter.attempt == 1:
            raise ValueError("mã 482913")
        await box.done(letter)
        ended.set()

    await box.put("a", "e1", b"x")
    with capture_logs() as logs:
        await run(box, handle, nothing, ended)
    assert attempts == [1, 2]
    assert "482913" not in str(logs), "an error's words may be a citizen's"
    assert "test_loops.py" in str(logs)


async def test_giving_up_comes_before_the_letter_is_buried(box: Mailbox) -> None:
    ended = asyncio.Event()
    dead_at_give_up: list[int] = []

    async def handle(letter: Letter) -> None:
        raise ValueError

    async def give_up(letter: Letter) -> None:
        dead_at_give_up.append(len(await box.dead()))
        ended.set()

    await box.put("a", "e1", b"x")
    await run(box, handle, give_up, ended)
    assert dead_at_give_up == [0]
    (dead,) = await box.dead()
    assert (dead.id, dead.attempts) == ("e1", 2)


async def test_letter_in_hand_is_finished_before_the_loop_ends(box: Mailbox) -> None:
    stop, taken, go = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def handle(letter: Letter) -> None:
        taken.set()
        await go.wait()
        await box.done(letter)

    await box.put("a", "e1", b"x")
    loop = asyncio.create_task(serve(box, handle, nothing, tasks=1, stop=stop))
    await taken.wait()
    stop.set()
    go.set()
    await loop
    assert (await box.stats()).waiting == 0


async def test_error_while_giving_up_does_not_stop_the_other_citizens(box: Mailbox) -> None:
    ended = asyncio.Event()

    async def handle(letter: Letter) -> None:
        if letter.owner == "a":
            raise ValueError
        await box.done(letter)
        if letter.id == "e3":
            ended.set()

    async def give_up(letter: Letter) -> None:
        await box.put("b", "e3", b"x")
        raise KeyError

    await box.put("a", "e1", b"x")
    await box.put("b", "e2", b"x")
    await run(box, handle, give_up, ended)
    assert [dead.id for dead in await box.dead()] == ["e1"]
