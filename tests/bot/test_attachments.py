"""Pictures on their way to Zalo: real sender, Redis and database, and the simulator as Zalo."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from redis.asyncio import Redis

from bot.attachments import LONG_PAUSE, PAUSE
from bot.mailbox import Mailbox, RetryPolicy
from bot.messages import Message, MessagePicture, message_to_json
from bot.sender import Sender
from bot.settings import Settings, read_settings
from bot.store import Store
from bot.tokens import TokenKeeper
from bot.zalo_client import ZaloClient
from simulator.app import create_app
from simulator.settings import Settings as SimulatorSettings
from tests.bot.builders import KEY, OauthWire

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
PATH = "guides/mat_khau/so_do.png"
PICTURE = MessagePicture(path=PATH, sha256=sha256(PNG).hexdigest(), description="sơ đồ")
IN_WORDS = "[Hình: sơ đồ]\n\nBước 2"
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


class Zalo:
    """The simulator, from both of its sides."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def post(self, path: str, **body: Any) -> Any:
        answer = await self.client.post(f"/__fake{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def citizen(self, number: int) -> str:
        """A citizen who has just written."""
        id = f"24600000000000{number:05}"
        await self.post(f"/users/{id}/send", text="xin chào")
        return id

    async def shown(self, citizen: str) -> list[tuple[str, str]]:
        """Kind and text of what the OA has sent her."""
        answer = await self.client.get(f"/__fake/users/{citizen}/messages")
        messages = answer.json()["messages"]
        return [(m["kind"], m["text"]) for m in messages if m["author"] == "oa"]

    async def uploads(self) -> int:
        state = (await self.client.get("/__fake/state")).json()
        return int(state["counters"]["uploads"].get("image", 0))


class Rig:
    """A sender before the simulator; `now` is the time of both."""

    def __init__(
        self, zalo: Zalo, redis: Redis, store: Store, settings: Settings, oauth: httpx.Client
    ) -> None:
        self.zalo, self.store, self.settings, self.now = zalo, store, settings, START
        retry = RetryPolicy(max_attempts=3, first_wait_s=0.01, factor=1, max_wait_s=0.01)
        self.box = Mailbox(redis, "outbox", retry=retry)
        self._oauth = oauth
        self._number = 0
        self.sender = self.make_sender()

    def make_sender(self) -> Sender:
        """One more sender, as in another worker."""
        return Sender(
            outbox=self.box, zalo=ZaloClient(self.zalo.client),
            tokens=TokenKeeper(self.store, self._oauth, self.settings, lambda: self.now),
            store=self.store, settings=self.settings, key=KEY, now=lambda: self.now,
        )  # fmt: skip

    async def pass_time(self, wait: timedelta) -> None:
        self.now += wait
        await self.zalo.post("/clock/advance", seconds=wait.total_seconds())
        # Access tokens live for a day; renewing them is tested elsewhere.
        pair = await self.zalo.post("/tokens")
        with self.store.lock_tokens(self.oa_id) as lock:
            lock.save(pair["access_token"], "R", self.now + timedelta(days=1), self.now)

    @property
    def oa_id(self) -> str:
        return SimulatorSettings(state_dir=Path()).oa_id

    async def put(self, citizen: str, picture: MessagePicture = PICTURE) -> None:
        self._number += 1
        message = message_to_json(Message(text="Bước 2", picture=picture))
        letter = {"oa_id": self.oa_id, "citizen_id": citizen, "message": message}
        assert await self.box.put(citizen, f"e{self._number}", orjson.dumps(letter))

    async def step(self, sender: Sender | None = None) -> None:
        letter = await self.box.take("s", block_ms=2_000)
        assert letter is not None
        await (sender or self.sender).handle(letter)

    async def send(self, number: int = 1) -> list[tuple[str, str]]:
        """Everything that citizen has been sent, once one more message was."""
        citizen = await self.zalo.citizen(number)
        await self.put(citizen)
        await self.step()
        return await self.zalo.shown(citizen)

    async def dead(self) -> int:
        return (await self.box.stats()).dead


@pytest.fixture
async def rig(tmp_path: Path, redis: Redis, store: Store) -> AsyncIterator[Rig]:
    path = tmp_path / "content" / PATH
    path.parent.mkdir(parents=True)
    path.write_bytes(PNG)
    hook = httpx.AsyncClient(transport=httpx.MockTransport(lambda request: httpx.Response(200)))
    app = create_app(
        SimulatorSettings(state_dir=tmp_path / "zalo"), http=hook, wall=START.timestamp
    )
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://zalo.test")
    with OauthWire().open() as oauth:
        async with hook, client:
            zalo = Zalo(client)
            pair = (await client.get("/__fake/tokens")).json()
            settings = replace(
                read_settings({}),
                content_dir=tmp_path / "content",
                zalo_access_token=pair["access_token"],
                zalo_refresh_token=pair["refresh_token"],
                zalo_timeout_s=0.5,
            )
            yield Rig(zalo, redis, store, settings, oauth)
            await app.state.deliveries.close()
            app.state.store.close()


async def test_picture_is_shown_with_its_text(rig: Rig) -> None:
    assert await rig.send() == [("image", "Bước 2")]


async def test_picture_is_uploaded_once_for_twenty_citizens(rig: Rig) -> None:
    citizens = [await rig.zalo.citizen(number) for number in range(20)]
    for citizen in citizens:
        await rig.put(citizen)
    await asyncio.gather(*(rig.step() for _ in citizens))
    shown = [await rig.zalo.shown(citizen) for citizen in citizens]
    assert shown == [[("image", "Bước 2")]] * 20
    assert await rig.zalo.uploads() == 1


async def test_two_workers_at_once_both_show_it(rig: Rig) -> None:
    senders = [rig.make_sender() for _ in range(2)]
    citizens = [await rig.zalo.citizen(number) for number in range(2)]
    for citizen in citizens:
        await rig.put(citizen)
    await asyncio.gather(*(rig.step(sender) for sender in senders))
    assert [await rig.zalo.shown(c) for c in citizens] == [[("image", "Bước 2")]] * 2
    assert 1 <= await rig.zalo.uploads() <= 2


async def test_next_worker_knows_of_the_upload(rig: Rig) -> None:
    await rig.send(1)
    rig.sender = rig.make_sender()
    await rig.send(2)
    assert await rig.zalo.uploads() == 1


async def test_upload_is_renewed_before_zalo_forgets_it(rig: Rig) -> None:
    await rig.send(1)
    await rig.pass_time(timedelta(hours=143))
    await rig.send(2)
    assert await rig.zalo.uploads() == 1
    await rig.pass_time(timedelta(hours=2))
    assert await rig.send(3) == [("image", "Bước 2")]
    assert await rig.zalo.uploads() == 2


async def test_upload_that_zalo_forgot_early_is_made_again(rig: Rig) -> None:
    await rig.send(1)
    await rig.zalo.post("/clock/advance", seconds=8 * 86400)
    pair = await rig.zalo.post("/tokens")
    with rig.store.lock_tokens(rig.oa_id) as lock:
        lock.save(pair["access_token"], "R", rig.now + timedelta(days=30), rig.now)
    assert await rig.send(2) == [("image", "Bước 2")]
    assert await rig.zalo.uploads() == 2
    assert await rig.send(3) == [("image", "Bước 2")]
    assert await rig.zalo.uploads() == 2


@pytest.mark.parametrize("code", [-100, -201])
async def test_refused_id_is_uploaded_again_once(rig: Rig, code: int) -> None:
    await rig.send(1)
    await rig.zalo.post("/faults", call="message", code=code)
    assert await rig.send(2) == [("image", "Bước 2")]
    assert await rig.zalo.uploads() == 2


async def test_id_that_nobody_gave_out_is_replaced(rig: Rig) -> None:
    rig.store.save_attachment(rig.oa_id, PICTURE.sha256, "UP_never", rig.now)
    assert await rig.send() == [("image", "Bước 2")]
    assert await rig.zalo.uploads() == 1


@pytest.mark.parametrize("code", [-100, -201, -210, -233])
async def test_picture_refused_twice_is_said_in_words_and_left_alone_for_a_while(
    rig: Rig, code: int
) -> None:
    await rig.zalo.post("/faults", call="message", code=code, times=2)
    assert await rig.send(1) == [("text", IN_WORDS)]
    assert await rig.zalo.uploads() == 2
    assert await rig.send(2) == [("text", IN_WORDS)]
    assert await rig.zalo.uploads() == 2, "not tried again for every citizen"
    await rig.pass_time(LONG_PAUSE)
    assert await rig.send(3) == [("image", "Bước 2")]
    assert await rig.dead() == 0


async def test_message_wrong_without_its_picture_too_is_set_aside(rig: Rig) -> None:
    await rig.zalo.post("/faults", call="message", code=-201, times=3)
    assert await rig.send(1) == []
    assert await rig.dead() == 1
    assert await rig.send(2) == [("image", "Bước 2")], "it was not the picture"


@pytest.mark.parametrize("code", [-230, -213])
async def test_citizen_who_cannot_be_written_to_gets_no_words_instead(rig: Rig, code: int) -> None:
    await rig.zalo.post("/faults", call="message", code=code)
    assert await rig.send() == []
    assert await rig.dead() == 0


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        ({"code": -201}, LONG_PAUSE),
        ({"code": -210}, LONG_PAUSE),
        ({"code": -211}, LONG_PAUSE),
        ({"code": -223}, LONG_PAUSE),
        ({"code": -200}, PAUSE),
        ({"code": -32}, PAUSE),
        ({"fault": "http_502"}, PAUSE),
        ({"fault": "empty"}, PAUSE),
        ({"fault": "truncated"}, PAUSE),
        ({"fault": "slow", "delay_s": 3}, PAUSE),
    ],
)
async def test_upload_that_fails_makes_nobody_wait_for_the_words(
    rig: Rig, fault: dict[str, Any], wait: timedelta
) -> None:
    await rig.zalo.post("/faults", call="upload", **fault)
    citizens = [await rig.zalo.citizen(number) for number in range(5)]
    for citizen in citizens:
        await rig.put(citizen)
    async with asyncio.timeout(rig.settings.zalo_timeout_s * 3):
        await asyncio.gather(*(rig.step() for _ in citizens))
    assert [await rig.zalo.shown(c) for c in citizens] == [[("text", IN_WORDS)]] * 5
    await rig.pass_time(wait - timedelta(seconds=1))
    assert await rig.send(5) == [("text", IN_WORDS)]
    await rig.pass_time(timedelta(seconds=1))
    assert await rig.send(6) == [("image", "Bước 2")]
    assert await rig.dead() == 0


async def test_used_up_month_of_uploads_ends_in_words(rig: Rig) -> None:
    await rig.zalo.post("/profile", uploads_per_month=0)
    assert await rig.send() == [("text", IN_WORDS)]


async def test_files_too_big_or_of_another_kind_end_in_words(rig: Rig) -> None:
    for content in (PNG + bytes(1_048_576), b"GIF89a"):
        (rig.settings.content_dir / PATH).write_bytes(content)
        rig.sender = rig.make_sender()
        citizen = await rig.zalo.citizen(1)
        await rig.put(citizen, replace(PICTURE, sha256=sha256(content).hexdigest()))
        await rig.step()
        assert (await rig.zalo.shown(citizen))[-1] == ("text", IN_WORDS)


@pytest.mark.parametrize("content", [None, PNG + b"x"])
async def test_file_that_officers_changed_meanwhile_is_not_shown_for_the_other(
    rig: Rig, content: bytes | None
) -> None:
    path = rig.settings.content_dir / PATH
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    assert await rig.send() == [("text", IN_WORDS)]
    assert await rig.zalo.uploads() == 0


async def test_state_agency_is_shown_pictures_too(rig: Rig) -> None:
    await rig.zalo.post("/profile", oa_kind="gov")
    assert await rig.send() == [("image", "Bước 2")]
    assert rig.store.read_oa(rig.oa_id).endpoint == "v2_message"


@pytest.mark.parametrize("is_refused", [False, True])
async def test_message_whose_answer_was_lost_is_not_sent_twice(rig: Rig, is_refused: bool) -> None:
    if is_refused:
        await rig.zalo.post("/faults", call="upload", code=-223)
    await rig.zalo.post("/faults", call="message", fault="deliver_then_error")
    citizen = await rig.zalo.citizen(1)
    # Letters carry the time of the machine, by which the talk is searched.
    ahead = datetime.now(UTC) - START
    await rig.zalo.post("/clock/advance", seconds=max(0.0, ahead.total_seconds()))
    await rig.put(citizen)
    await rig.step()
    assert len(await rig.zalo.shown(citizen)) == 1
    await rig.step()
    assert len(await rig.zalo.shown(citizen)) == 1
    assert (await rig.box.stats()).waiting == 0
