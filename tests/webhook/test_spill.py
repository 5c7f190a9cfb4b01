"""Redis away: events go to the local file and come back in order."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from redis.asyncio import Redis

from bot.mailbox import Mailbox, RetryPolicy, connect
from bot.redis_server import RedisServer, start_redis
from bot.settings import Settings
from tests.webhook.zalo_sender import make_event, open_client, post_event, read_counters, take_all
from webhook.app import create_app
from webhook.spill import Spill

POLICY = RetryPolicy(max_attempts=3, first_wait_s=0, factor=1, max_wait_s=0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "redis"


@pytest.fixture
async def server(folder: Path) -> AsyncIterator[RedisServer]:
    server = start_redis(folder)
    yield server
    server.stop()


@pytest.fixture
async def own_redis(server: RedisServer) -> AsyncIterator[Redis]:
    client = connect(server.url)
    yield client
    await client.aclose()


async def wait_until_replayed(client: httpx.AsyncClient, number: int) -> None:
    async with asyncio.timeout(20):
        while (await read_counters(client)).get("replayed", 0) < number:
            await asyncio.sleep(0.02)


async def test_events_outlive_a_redis_outage_in_order(
    folder: Path, server: RedisServer, own_redis: Redis, settings: Settings
) -> None:
    app = create_app(settings, own_redis)
    spill = settings.var_dir / "webhook_spill.jsonl"
    async with app.router.lifespan_context(app), open_client(app) as client:
        await post_event(client, make_event("trước", "before"))
        server.stop()
        for i in range(10):
            assert (await post_event(client, make_event("trong", f"{i}"))).status_code == 200
        assert (await post_event(client, make_event("lại", "before"))).status_code == 200
        assert stat.S_IMODE(spill.stat().st_mode) == 0o600
        assert (await read_counters(client)) == {"accepted": 1, "spilled": 11}
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["missing"]) == (503, ["redis"])
        assert "events wait in the spill file" in ready.json()["warnings"]

        again = start_redis(folder)
        try:
            assert (await post_event(client, make_event("sau", "after"))).status_code == 200
            await wait_until_replayed(client, 10)
            async with asyncio.timeout(5):
                while (await client.get("/readyz")).json()["warnings"]:
                    await asyncio.sleep(0.02)
            letters = await take_all(Mailbox(own_redis, "inbox", retry=POLICY))
            ids = [letter.id.removeprefix("user_send_text:") for letter in letters]
            assert ids == ["before", *map(str, range(10)), "after"]
            assert not spill.exists()
            assert (await read_counters(client))["duplicate"] == 1
        finally:
            await client.aclose()
            again.stop()


async def test_spill_of_an_earlier_process_is_replayed_at_start(
    settings: Settings, redis: Redis, inbox: Mailbox
) -> None:
    spill = Spill(settings.var_dir / "webhook_spill.jsonl")
    spill.append([("oa:a", "1", "một".encode()), ("oa:a", "2", b"\xff\x00\n")])
    spill.append([("oa:a", "3", b"three"), ("oa:a", "1", b"again")])
    app = create_app(settings, redis)
    async with app.router.lifespan_context(app), open_client(app) as client:
        await wait_until_replayed(client, 3)
    letters = await take_all(inbox)
    assert [letter.body for letter in letters] == ["một".encode(), b"\xff\x00\n", b"three"]
    assert {letter.owner for letter in letters} == {"oa:a"}


async def test_both_redis_and_disk_gone_is_told_to_zalo(settings: Settings, tmp_path: Path) -> None:
    settings.var_dir.parent.mkdir(exist_ok=True)
    settings.var_dir.write_text("a file where the folder should be")
    client = connect(f"unix://{tmp_path}/none.sock", timeout_s=0.2)
    app = create_app(settings, client)
    async with app.router.lifespan_context(app), open_client(app) as http:
        assert (await post_event(http, make_event())).status_code == 503
        assert await read_counters(http) == {"lost": 1}
        settings.var_dir.unlink()
        assert (await post_event(http, make_event())).status_code == 200
    await client.aclose()
    assert not Spill(settings.var_dir / "webhook_spill.jsonl").is_empty


async def test_redis_that_hangs_does_not_make_zalo_wait(
    server: RedisServer, own_redis: Redis, settings: Settings
) -> None:
    app = create_app(settings, own_redis)
    async with app.router.lifespan_context(app), open_client(app) as client:
        await post_event(client, make_event(msg_id="1"))
        await own_redis.execute_command("CLIENT", "PAUSE", 4000, "ALL")  # type: ignore[no-untyped-call]
        async with asyncio.timeout(1.9):
            assert (await post_event(client, make_event(msg_id="2"))).status_code == 200
        async with asyncio.timeout(1.9):
            assert (await post_event(client, make_event(msg_id="3"))).status_code == 200
        async with asyncio.timeout(20):
            while (await client.get("/readyz")).json()["warnings"]:
                await asyncio.sleep(0.05)
    letters = await take_all(Mailbox(own_redis, "inbox", retry=POLICY))
    assert [letter.id[-1] for letter in letters] == ["1", "2", "3"]


def test_line_that_a_crash_cut_off_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "spill.jsonl"
    Spill(path).append([("a", "1", b"1")])
    with path.open("ab") as file:
        file.write(b'{"owner":"a","id":"2","bo')
    spill = Spill(path)
    spill.append([("a", "3", b"3")])
    items, offset = spill.read(10)
    assert items == [("a", "1", b"1"), ("a", "3", b"3")]
    assert spill.damaged == 1
    spill.advance(offset)
    assert spill.is_empty
    assert not path.exists()


def test_spill_is_read_in_parts_while_it_grows(tmp_path: Path) -> None:
    spill = Spill(tmp_path / "spill.jsonl")
    spill.append([("a", str(i), b"") for i in range(5)])
    items, offset = spill.read(3)
    spill.advance(offset)
    spill.append([("a", "5", b"")])
    assert not spill.is_empty
    more, offset = spill.read(10)
    spill.advance(offset)
    assert [id for _, id, _ in items + more] == list("012345")
    assert spill.is_empty


def test_failed_write_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spill = Spill(tmp_path / "spill.jsonl")
    spill.append([("a", "1", b"1")])

    def fail(file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="No space"):
        spill.append([("a", "2", b"2")])
    monkeypatch.undo()
    spill.append([("a", "3", b"3")])
    assert [id for _, id, _ in spill.read(10)[0]] == ["1", "3"]
