"""Mailbox on a real Redis: order, dedupe, retry, dead letters, atomic done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from bot.mailbox import Letter, Mailbox, Outgoing, RetryPolicy, connect

FAST = RetryPolicy(max_attempts=3, first_wait_s=0.01, factor=2.0, max_wait_s=0.02)


@pytest.fixture
def make_box(redis: Redis) -> Callable[..., Mailbox]:
    def make(name: str = "inbox", *, retry: RetryPolicy = FAST, idle_ms: int = 60_000) -> Mailbox:
        return Mailbox(redis, name, retry=retry, idle_ms=idle_ms)

    return make


async def take(box: Mailbox, consumer: str = "w", block_ms: int = 2000) -> Letter:
    letter = await box.take(consumer, block_ms=block_ms)
    assert letter is not None
    return letter


@pytest.mark.parametrize(
    ("attempt", "wait_s"),
    [(1, 0.0), (2, 1.0), (3, 3.0), (4, 9.0), (5, 20.0), (6, 20.0), (7, None), (99, None)],
)
def test_retry_policy_waits_longer_each_time_up_to_a_limit(
    attempt: int, wait_s: float | None
) -> None:
    policy = RetryPolicy(max_attempts=6, first_wait_s=1.0, factor=3.0, max_wait_s=20.0)
    assert policy.wait_before(attempt) == wait_s


async def test_letter_comes_back_as_it_was_put(make_box: Callable[..., Mailbox]) -> None:
    box = make_box()
    body = "Đăng ký khai sinh 👶 ở đâu?".encode() + bytes(range(256))
    assert await box.put("oa:bà con", "user_send_text:ký tự 12 \x00\n", body)
    letter = await take(box)
    assert (letter.owner, letter.id) == ("oa:bà con", "user_send_text:ký tự 12 \x00\n")
    assert (letter.body, letter.attempt) == (body, 1)
    assert letter.put_at_ms > 1_700_000_000_000


async def test_same_id_is_refused_for_seven_days(
    make_box: Callable[..., Mailbox], redis: Redis
) -> None:
    box = make_box()
    assert await box.put("a", "1", b"x")
    assert not await box.put("a", "1", b"x")
    assert await box.done(await take(box))
    assert not await box.put("a", "1", b"x")
    assert (await box.stats()).waiting == 0
    assert 7 * 86400 - 5 <= await redis.ttl("{bot}:inbox:seen:1") <= 7 * 86400


async def test_same_id_is_accepted_again_when_its_time_is_over(redis: Redis) -> None:
    box = Mailbox(redis, "inbox", retry=FAST, dedupe_s=1)
    assert await box.put("a", "1", b"x")
    await redis.pexpire("{bot}:inbox:seen:1", 1)
    while await redis.exists("{bot}:inbox:seen:1"):
        await asyncio.sleep(0.001)
    assert await box.put("a", "1", b"x")


async def test_concurrent_puts_of_one_id_give_one_letter(make_box: Callable[..., Mailbox]) -> None:
    box = make_box()
    results = await asyncio.gather(*(box.put("a", "1", b"x") for _ in range(50)))
    assert sum(results) == 1
    assert (await box.stats()).waiting == 1


async def test_put_many_keeps_order_and_tells_new_from_seen(
    make_box: Callable[..., Mailbox],
) -> None:
    box = make_box()
    assert await box.put_many([]) == []
    items = [("a", "1", b"1"), ("b", "2", b"2"), ("a", "1", b"again"), ("a", "3", b"3")]
    assert await box.put_many(items) == [True, True, False, True]
    taken = []
    for _ in range(3):
        letter = await take(box)
        taken.append(letter.body)
        assert await box.done(letter)
    assert taken == [b"1", b"2", b"3"]


async def test_put_many_is_one_round_trip(make_box: Callable[..., Mailbox], redis: Redis) -> None:
    box = make_box()
    await box.put("a", "0", b"")  # loads the script
    await redis.config_resetstat()
    await box.put_many([(f"owner{i % 7}", f"id{i}", b"x") for i in range(100)])
    calls = await redis.info("commandstats")
    assert calls["cmdstat_evalsha"]["calls"] == 1
    assert (await box.stats()).waiting == 101


async def test_owner_with_a_letter_at_a_worker_gets_no_second_one_out(
    make_box: Callable[..., Mailbox],
) -> None:
    box = make_box()
    await box.put_many([("a", "1", b""), ("a", "2", b""), ("b", "3", b"")])
    first = await take(box)
    assert (await take(box)).owner == "b"
    assert await box.take("w", block_ms=0) is None
    assert await box.done(first)
    assert (await take(box)).id == "2"


async def test_done_puts_outgoing_and_remembers_in_the_same_step(
    make_box: Callable[..., Mailbox], redis: Redis
) -> None:
    inbox, outbox = make_box("inbox"), make_box("outbox")
    await inbox.put("a", "1", b"")
    letter = await take(inbox)
    out = [Outgoing(box=outbox, owner="a", id=f"1/{i}", body=b"%d" % i) for i in (0, 1)]
    assert await inbox.done(letter, put=out, remember={"{bot}:talk:a": (b"\xff", 60)})
    assert await redis.get("{bot}:talk:a") == b"\xff"
    assert 55 <= await redis.ttl("{bot}:talk:a") <= 60
    assert (await take(outbox)).body == b"0"
    assert (await outbox.stats()).waiting == 2
    assert (await inbox.stats()).waiting == 0


async def test_second_done_of_one_letter_changes_nothing(
    make_box: Callable[..., Mailbox], redis: Redis
) -> None:
    inbox, outbox = make_box("inbox"), make_box("outbox")
    await inbox.put_many([("a", "1", b""), ("a", "2", b"")])
    letter = await take(inbox)
    assert await inbox.done(letter)
    out = [Outgoing(box=outbox, owner="a", id="late", body=b"")]
    assert not await inbox.done(letter, put=out, remember={"{bot}:talk:a": (b"late", 60)})
    assert (await outbox.stats()).waiting == 0
    assert await redis.get("{bot}:talk:a") is None
    second = await take(inbox)
    assert second.id == "2"
    assert not await inbox.done(letter)
    assert await inbox.done(second)


async def test_worker_that_lost_its_letter_changes_nothing(
    make_box: Callable[..., Mailbox], redis: Redis
) -> None:
    inbox, outbox = make_box("inbox", idle_ms=1), make_box("outbox")
    await inbox.put_many([("a", "1", b""), ("a", "2", b"")])
    slow = await take(inbox, "slow")
    other = await take(inbox, "other")
    assert (other.id, other.attempt) == ("1", 2)
    out = [Outgoing(box=outbox, owner="a", id="1/0", body=b"")]
    assert not await inbox.done(slow, put=out, remember={"{bot}:talk:a": (b"x", 60)})
    assert not await inbox.touch(slow)
    assert await inbox.retry(slow)
    await inbox.bury(slow, "too late")
    assert (await outbox.stats()).waiting == 0
    assert await redis.get("{bot}:talk:a") is None
    stats = await inbox.stats()
    assert (stats.waiting, stats.delayed, stats.dead) == (2, 0, 0)
    assert await inbox.done(other, put=out)
    assert (await take(inbox)).id == "2"


async def test_reply_handled_twice_goes_out_once(make_box: Callable[..., Mailbox]) -> None:
    inbox, outbox = make_box("inbox"), make_box("outbox")
    await inbox.put_many([("a", "1", b""), ("a", "2", b"")])
    out = [Outgoing(box=outbox, owner="a", id="same", body=b"")]
    for _ in range(2):
        assert await inbox.done(await take(inbox), put=out)
    assert (await outbox.stats()).waiting == 1


async def test_event_of_a_silent_worker_is_taken_again(make_box: Callable[..., Mailbox]) -> None:
    box = make_box(idle_ms=50)
    await box.put("a", "1", b"x")
    assert (await take(box, "dead")).attempt == 1
    assert await box.take("alive", block_ms=0) is None
    again = await take(box, "alive")
    assert (again.id, again.attempt) == ("1", 2)


async def test_touched_letter_is_not_taken_over(make_box: Callable[..., Mailbox]) -> None:
    box = make_box(idle_ms=400)
    await box.put("a", "1", b"x")
    letter = await take(box, "slow one")
    for _ in range(8):
        await asyncio.sleep(0.1)
        assert await box.touch(letter)
        assert await box.take("greedy", block_ms=0) is None
    assert await box.done(letter)


async def test_retry_holds_the_owner_back_and_counts(make_box: Callable[..., Mailbox]) -> None:
    box = make_box()
    await box.put_many([("a", "1", b""), ("a", "2", b""), ("b", "3", b"")])
    assert await box.retry(await take(box), wait_s=0.2)
    assert (await box.stats()).delayed == 1
    assert (await take(box)).owner == "b"
    assert await box.take("w", block_ms=0) is None
    again = await take(box)
    assert (again.id, again.attempt) == ("1", 2)


async def test_uncounted_retry_never_kills_a_letter(make_box: Callable[..., Mailbox]) -> None:
    box = make_box()
    await box.put("a", "1", b"")
    for _ in range(10):
        letter = await take(box)
        assert letter.attempt == 1
        assert await box.retry(letter, wait_s=0, is_failure=False)
    assert await box.done(await take(box))


async def test_poison_dies_after_its_attempts_and_does_not_block_its_owner(
    make_box: Callable[..., Mailbox],
) -> None:
    box = make_box()
    await box.put_many([("a", "poison", b"p"), ("a", "good", b"g")])
    results = []
    for attempt in (1, 2, 3):
        letter = await take(box)
        assert (letter.id, letter.attempt) == ("poison", attempt)
        results.append(await box.retry(letter))
    assert results == [True, True, False]
    good = await take(box)
    assert (good.id, good.attempt) == ("good", 1)
    assert await box.done(good)
    (dead,) = await box.dead()
    assert (dead.id, dead.owner, dead.body, dead.attempts) == ("poison", "a", b"p", 3)
    assert dead.reason == "failed 3 times"
    assert dead.died_at_ms >= dead.put_at_ms


async def test_letter_that_ends_every_worker_dies_too(make_box: Callable[..., Mailbox]) -> None:
    box = make_box(idle_ms=1)
    await box.put_many([("a", "killer", b""), ("a", "good", b"")])
    for attempt in (1, 2, 3):
        assert (await take(box)).attempt == attempt
    good = await take(box)
    assert (good.id, good.attempt) == ("good", 1)
    (dead,) = await box.dead()
    assert (dead.id, dead.attempts) == ("killer", 3)
    assert dead.reason == "every attempt ended without an answer"


async def test_last_letter_that_ends_every_worker_leaves_no_token(
    make_box: Callable[..., Mailbox],
) -> None:
    box = make_box(idle_ms=1)
    await box.put("a", "killer", b"")
    for _ in range(3):
        await take(box)
    assert await box.take("w", block_ms=50) is None
    stats = await box.stats()
    assert (stats.waiting, stats.ready, stats.taken, stats.dead) == (0, 0, 0, 1)
    await box.put("a", "next", b"")
    assert (await take(box)).id == "next"


async def test_revived_letter_is_handled_again_after_the_others(
    make_box: Callable[..., Mailbox],
) -> None:
    box = make_box()
    await box.put("a", "1", b"body")
    await box.bury(await take(box), "không đọc được")
    assert [d.reason for d in await box.dead()] == ["không đọc được"]
    await box.put("a", "2", b"")
    assert await box.revive("1")
    assert not await box.revive("1")
    assert await box.dead() == []
    assert await box.done(await take(box))
    again = await take(box)
    assert (again.id, again.body, again.attempt) == ("1", b"body", 1)
    assert await box.done(again)
    assert (await box.stats()).waiting == 0


async def test_revived_letter_of_an_idle_owner_is_taken(make_box: Callable[..., Mailbox]) -> None:
    box = make_box()
    await box.put("a", "1", b"")
    await box.bury(await take(box), "x")
    assert await box.revive("1")
    assert (await take(box)).id == "1"


async def test_discarded_dead_letter_is_gone(
    make_box: Callable[..., Mailbox], redis: Redis
) -> None:
    box = make_box()
    await box.put("a", "1", b"personal")
    await box.bury(await take(box), "x")
    assert await box.discard("1")
    assert not await box.discard("1")
    assert await box.dead() == []
    assert not await redis.exists("{bot}:inbox:dead:1")
    assert await box.take("w", block_ms=0) is None


async def test_dead_letters_are_listed_newest_first_up_to_the_limit(
    make_box: Callable[..., Mailbox],
) -> None:
    box = make_box()
    for i in range(5):
        await box.put("a", str(i), b"")
        await box.bury(await take(box), "x")
        await asyncio.sleep(0.002)  # died_at_ms must differ
    assert [d.id for d in await box.dead(limit=2)] == ["4", "3"]


async def test_letter_put_before_the_first_take_is_not_lost(
    make_box: Callable[..., Mailbox],
) -> None:
    box = make_box()
    await box.put("a", "1", b"")
    assert (await make_box().take("w", block_ms=0)) is not None


async def test_letter_put_after_the_first_take_wakes_it(make_box: Callable[..., Mailbox]) -> None:
    box = make_box()
    waiting = [asyncio.create_task(box.take("w", block_ms=10_000)) for _ in range(20)]
    await asyncio.sleep(0.05)
    await make_box().put_many([(f"owner{i}", str(i), b"") for i in range(20)])
    letters = await asyncio.wait_for(asyncio.gather(*waiting), 5)
    assert sorted(int(letter.id) for letter in letters if letter) == list(range(20))


async def test_cancelled_wait_swallows_no_letter(make_box: Callable[..., Mailbox]) -> None:
    box = make_box()
    waiting = [asyncio.create_task(box.take("w", block_ms=10_000)) for _ in range(3)]
    await asyncio.sleep(0.05)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await box.put("a", "1", b"")
    assert (await take(box)).id == "1"


async def test_more_takes_than_connections_do_not_fail(redis_url: str, redis: Redis) -> None:
    client = connect(redis_url, max_connections=2)
    box = Mailbox(client, "inbox", retry=FAST)
    assert await asyncio.gather(*(box.take("w", block_ms=300) for _ in range(40))) == [None] * 40
    await client.aclose()


async def test_order_per_owner_holds_under_many_workers_and_retries(
    make_box: Callable[..., Mailbox],
) -> None:
    box = make_box(retry=RetryPolicy(max_attempts=9, first_wait_s=0.0, factor=1, max_wait_s=0))
    await box.put_many([(f"o{i % 20}", str(i), b"") for i in range(400)])
    handled: dict[str, list[int]] = {}
    at_work: set[str] = set()

    async def work(consumer: str) -> None:
        while letter := await box.take(consumer, block_ms=200):
            assert letter.owner not in at_work
            at_work.add(letter.owner)
            await asyncio.sleep(0)
            at_work.remove(letter.owner)
            if int(letter.id) % 7 == 0 and letter.attempt == 1:
                await box.retry(letter, wait_s=0.01)
                continue
            handled.setdefault(letter.owner, []).append(int(letter.id))
            assert await box.done(letter)

    await asyncio.gather(*(work(f"w{i % 3}") for i in range(12)))
    assert sum(len(ids) for ids in handled.values()) == 400
    for ids in handled.values():
        assert ids == sorted(ids)


async def test_stats_tell_every_state(make_box: Callable[..., Mailbox]) -> None:
    box = make_box()
    empty = await box.stats()
    assert (empty.waiting, empty.ready, empty.taken, empty.oldest_age_s) == (0, 0, 0, 0.0)
    await box.put_many([("a", "1", b""), ("a", "2", b""), ("b", "3", b""), ("c", "4", b"")])
    await box.put("d", "5", b"")
    await take(box)
    await box.retry(await take(box), wait_s=60)
    await box.bury(await take(box), "x")
    await asyncio.sleep(0.02)
    stats = await box.stats()
    assert (stats.waiting, stats.ready, stats.taken, stats.delayed, stats.dead) == (4, 1, 1, 1, 1)
    assert 0.02 <= stats.oldest_age_s < 10


async def test_every_key_has_the_hash_tag(make_box: Callable[..., Mailbox], redis: Redis) -> None:
    box, out = make_box(), make_box("outbox")
    await box.put_many([("a", "1", b""), ("b", "2", b""), ("c", "3", b"")])
    await box.done(await take(box), put=[Outgoing(box=out, owner="a", id="o", body=b"")])
    await box.retry(await take(box), wait_s=60)
    await box.bury(await take(box), "x")
    keys = [key for key in await redis.keys("*") if isinstance(key, bytes)]
    assert len(keys) > 10
    assert all(key.startswith((b"{bot}:inbox:", b"{bot}:outbox:")) for key in keys)


async def test_scripts_survive_a_restart_of_redis(
    make_box: Callable[..., Mailbox], redis: Redis
) -> None:
    box = make_box()
    await box.put("a", "1", b"")
    await redis.script_flush()
    assert await box.put("a", "2", b"")
    await redis.script_flush()
    assert (await take(box)).id == "1"


async def test_missing_redis_raises_a_redis_error(tmp_path_factory: pytest.TempPathFactory) -> None:
    client = connect(f"unix://{tmp_path_factory.mktemp('no')}/x.sock", timeout_s=0.2)
    box = Mailbox(client, "inbox", retry=FAST)
    with pytest.raises(RedisConnectionError):
        await box.put("a", "1", b"")
    await client.aclose()
