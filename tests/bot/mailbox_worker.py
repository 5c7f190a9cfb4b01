"""A worker process for the crash tests: handles letters until it is killed or nothing comes.

Run as `python mailbox_worker.py <redis url> <consumer> <idle_ms> <mode>`; mode "hold" takes letters
and never finishes them, "work" finishes them and puts one line into the log each.
"""

from __future__ import annotations

import asyncio
import random
import sys
from uuid import uuid4

from bot.mailbox import Mailbox, Outgoing, RetryPolicy, connect

POLICY = RetryPolicy(max_attempts=20, first_wait_s=0.01, factor=2, max_wait_s=0.1)


async def hold(inbox: Mailbox, consumer: str) -> None:
    for _ in range(5):
        assert await inbox.take(consumer)
    print("holding", flush=True)
    await asyncio.sleep(600)


async def work(inbox: Mailbox, log: Mailbox, consumer: str) -> None:
    chance = random.Random(consumer)
    while letter := await inbox.take(consumer, block_ms=2000):
        await asyncio.sleep(chance.random() * 0.002)
        if chance.random() < 0.03:
            await inbox.retry(letter)
            continue
        # A new id each time: a second completion must show in the log, not be deduped away.
        line = f"{letter.owner} {letter.id}".encode()
        out = Outgoing(box=log, owner="log", id=uuid4().hex, body=line)
        await inbox.done(letter, put=[out])


async def main(url: str, consumer: str, idle_ms: str, mode: str) -> None:
    redis = connect(url)
    inbox = Mailbox(redis, "inbox", retry=POLICY, idle_ms=int(idle_ms))
    log = Mailbox(redis, "log", retry=POLICY)
    print("ready", flush=True)
    if mode == "hold":
        await hold(inbox, consumer)
    else:
        await asyncio.gather(*(work(inbox, log, consumer) for _ in range(8)))
    await redis.aclose()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
