"""Mailbox with real worker processes that are killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.mailbox import Mailbox, RetryPolicy

pytestmark = pytest.mark.chaos

WORKER = Path(__file__).with_name("mailbox_worker.py")
ROOT = WORKER.parents[2]
POLICY = RetryPolicy(max_attempts=20, first_wait_s=0.01, factor=2, max_wait_s=0.1)


async def start_worker(url: str, consumer: str, idle_ms: int, mode: str) -> Process:
    worker = await asyncio.create_subprocess_exec(
        sys.executable, str(WORKER), url, consumer, str(idle_ms), mode,
        stdout=PIPE, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert await read_line(worker) == b"ready\n"
    return worker


async def read_line(worker: Process) -> bytes:
    assert worker.stdout is not None
    return await asyncio.wait_for(worker.stdout.readline(), 30)


async def kill(worker: Process) -> None:
    worker.send_signal(signal.SIGKILL)
    await worker.wait()
    assert worker.stdout is not None
    await worker.stdout.read()


async def test_events_of_a_killed_process_are_taken_again(redis_url: str, redis: Redis) -> None:
    box = Mailbox(redis, "inbox", retry=POLICY, idle_ms=500)
    await box.put_many([(f"owner{i}", str(i), b"") for i in range(5)])
    worker = await start_worker(redis_url, "victim", 500, "hold")
    assert await read_line(worker) == b"holding\n"
    await kill(worker)
    letters = [await box.take("heir", block_ms=5000) for _ in range(5)]
    assert sorted(letter.id for letter in letters if letter) == list("01234")
    assert {letter.attempt for letter in letters if letter} == {2}
    for letter in letters:
        assert letter is not None
        assert await box.done(letter)
    assert (await box.stats()).waiting == 0


async def test_two_thousand_letters_survive_a_killed_worker_in_order_and_once(
    redis_url: str, redis: Redis
) -> None:
    idle_ms, letters, owners = 1000, 2000, 100
    inbox = Mailbox(redis, "inbox", retry=POLICY, idle_ms=idle_ms)
    workers = [await start_worker(redis_url, f"w{i}", idle_ms, "work") for i in range(3)]
    items = [(f"owner{i % owners}", str(i), b"x") for i in range(letters)]
    await inbox.put_many(items[:1200])
    while (await inbox.stats()).waiting > 900:
        await asyncio.sleep(0.01)
    # Stopped before it is killed, so that it surely dies with letters in hand.
    while True:
        workers[0].send_signal(signal.SIGSTOP)
        if await redis.xpending_range("{bot}:inbox:ready", "workers", "-", "+", 1, "w0"):
            break
        workers[0].send_signal(signal.SIGCONT)
        await asyncio.sleep(0.005)
    await kill(workers[0])
    held = await redis.xpending_range("{bot}:inbox:ready", "workers", "-", "+", 100, "w0")
    assert held, "the killed worker must have left letters"
    for start in range(1200, letters, 50):
        await inbox.put_many(items[start : start + 50])
    async with asyncio.timeout(60):
        for worker in workers[1:]:
            assert await worker.wait() == 0

    stats = await inbox.stats()
    assert (stats.waiting, stats.delayed, stats.dead) == (0, 0, 0)
    log = Mailbox(redis, "log", retry=POLICY)
    completed: list[tuple[str, int]] = []
    while letter := await log.take("reader", block_ms=0):
        owner, id = letter.body.decode().split()
        completed.append((owner, int(id)))
        await log.done(letter)
    assert len(completed) == letters
    assert len(set(completed)) == letters
    for name in {owner for owner, _ in completed}:
        ids = [id for owner, id in completed if owner == name]
        assert ids == sorted(ids)
