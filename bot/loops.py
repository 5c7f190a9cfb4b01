"""The loop that worker and sender share: take a letter, handle it, keep hold of it meanwhile.

What handling means is theirs; here is what both need so that no letter is lost: a heartbeat while a
letter is handled, a retry on any failure, a pause when Redis is away.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog
from redis.exceptions import RedisError

from bot.mailbox import Letter, Mailbox

IDLE_MS = 20_000
"""After so long without a heartbeat a letter is taken from its worker: how long a citizen waits
when a worker dies."""
_HEARTBEAT_S = 5.0
_PAUSE_S = 1.0
_log = structlog.get_logger()


async def serve(
    box: Mailbox,
    handle: Callable[[Letter], Awaitable[None]],
    give_up: Callable[[Letter], Awaitable[None]],
    *,
    tasks: int,
    stop: asyncio.Event,
) -> None:
    """Handles letters of `box`, `tasks` citizens at once, until `stop` is set.

    `handle` finishes its letter itself. If it raises, the letter is tried again later; after the
    last attempt `give_up` is called before the letter is buried. Letters in hand are finished
    before this returns.
    """
    consumer = f"{socket.gethostname()}:{os.getpid()}"

    async def work() -> None:
        while not stop.is_set():
            try:
                letter = await box.take(consumer, block_ms=500)
                if letter is not None:
                    await _hold(box, letter, handle, give_up)
            except RedisError as exc:
                _log.error("loop.redis_away", box=box.name, error=type(exc).__name__)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _PAUSE_S)

    async with asyncio.TaskGroup() as group:
        for _ in range(tasks):
            group.create_task(work())


async def _hold(
    box: Mailbox,
    letter: Letter,
    handle: Callable[[Letter], Awaitable[None]],
    give_up: Callable[[Letter], Awaitable[None]],
) -> None:
    heartbeat = asyncio.create_task(_beat(box, letter))
    try:
        await handle(letter)
    except RedisError:
        raise
    except Exception as exc:
        # Whatever went wrong, the citizen's message must not be lost with it. The text of the
        # error may hold what she wrote, so only its type and place are logged.
        _log.error(
            "loop.handling_failed", box=box.name, attempt=letter.attempt,
            error=type(exc).__name__, where=_where(exc),
        )  # fmt: skip
        if letter.attempt >= box.retry_policy.max_attempts:
            await _give_up(letter, give_up)
        await box.retry(letter)
    finally:
        heartbeat.cancel()


async def _give_up(letter: Letter, give_up: Callable[[Letter], Awaitable[None]]) -> None:
    try:
        await give_up(letter)
    except RedisError:
        raise
    except Exception as exc:
        # The letter is buried all the same; the other citizens must not wait for it.
        _log.error("loop.giving_up_failed", error=type(exc).__name__, where=_where(exc))


async def _beat(box: Mailbox, letter: Letter) -> None:
    while True:
        await asyncio.sleep(_HEARTBEAT_S)
        with suppress(RedisError):
            await box.touch(letter)


def _where(exc: BaseException) -> str:
    trace = exc.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    code = trace.tb_frame.f_code
    return f"{os.path.basename(code.co_filename)}:{trace.tb_lineno} {code.co_name}"
