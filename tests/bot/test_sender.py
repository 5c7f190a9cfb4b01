"""The sender on a real Redis and a real database; only Zalo is played."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.mailbox import Letter, Mailbox, RetryPolicy
from bot.messages import Button, Message, message_to_json
from bot.privacy import hash_citizen
from bot.sender import Sender
from bot.settings import Settings, read_settings
from bot.store import Store
from bot.tokens import TokenKeeper
from bot.zalo_client import ZaloClient
from tests.bot.builders import (
    CITIZEN,
    KEY,
    OA,
    Fault,
    OauthWire,
    ZaloWire,
    zalo_answer,
    zalo_error,
)

SETTINGS = replace(
    read_settings({}),
    zalo_app_id="4100000000000000011",
    zalo_app_secret="app secret",
    zalo_access_token="A1",
    zalo_refresh_token="R1",
)
OWNER = f"{OA}:{CITIZEN}"
BUTTON = Button(title="Xem lại", type="query", payload="g1:mat_khau")


def policy(max_attempts: int = 3) -> RetryPolicy:
    return RetryPolicy(max_attempts=max_attempts, first_wait_s=0.01, factor=1, max_wait_s=0.01)


def refuse(code: int) -> Fault:
    return lambda request: zalo_error(code)


def time_out(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("x", request=request)


class Rig:
    """A sender with its mailbox and its wires to Zalo."""

    def __init__(
        self, redis: Redis, store: Store, database: Path, settings: Settings, attempts: int,
        api: httpx.AsyncClient, oauth: httpx.Client, zalo: ZaloWire, tokens: OauthWire,
    ) -> None:  # fmt: skip
        self.store, self.zalo, self.tokens = store, zalo, tokens
        self._database = database
        self.box = Mailbox(redis, "outbox", retry=policy(attempts))

        def make() -> Sender:
            keeper = TokenKeeper(store, oauth, settings, lambda: datetime.now(UTC))
            return Sender(
                outbox=self.box, zalo=ZaloClient(api), tokens=keeper, store=store,
                settings=settings, key=KEY,
            )  # fmt: skip

        self.make_sender = make
        self.sender = make()

    async def put(self, text: str, id: str = "e1/1", *buttons: Button) -> None:
        message = message_to_json(Message(text=text, buttons=buttons))
        body = orjson.dumps({"oa_id": OA, "citizen_id": CITIZEN, "message": message})
        assert await self.box.put(OWNER, id, body)

    async def take(self) -> Letter:
        letter = await self.box.take("s", block_ms=2_000)
        assert letter is not None
        return letter

    async def step(self) -> Letter:
        """Handles the next letter once."""
        letter = await self.take()
        await self.sender.handle(letter)
        return letter

    def deliveries(self) -> list[tuple[Any, ...]]:
        """Letter, citizen, message, code, charged of each recorded delivery."""
        with sqlite3.connect(self._database) as connection:
            rows = connection.execute(
                "SELECT letter_id, citizen_hash, message_id, code, charged FROM delivery"
            ).fetchall()
        connection.close()
        return rows

    async def is_empty(self) -> bool:
        stats = await self.box.stats()
        return (stats.waiting, stats.dead) == (0, 0)


@pytest.fixture
async def make_rig(redis: Redis, store: Store, database: Path) -> AsyncIterator[Callable[..., Rig]]:
    async with AsyncExitStack() as stack:

        async def make(settings: Settings = SETTINGS, *, attempts: int = 3) -> Rig:
            zalo, tokens = ZaloWire(), OauthWire()
            zalo.now = datetime.now(UTC)
            api = await stack.enter_async_context(zalo.open())
            oauth = stack.enter_context(tokens.open())
            return Rig(redis, store, database, settings, attempts, api, oauth, zalo, tokens)

        yield make


@pytest.fixture
async def rig(make_rig: Callable[..., Any]) -> Rig:
    rig: Rig = await make_rig()
    return rig


async def test_message_is_sent_recorded_and_done(rig: Rig) -> None:
    await rig.put("Xin chào")
    await rig.step()
    assert rig.zalo.delivered == [(CITIZEN, "Xin chào")]
    assert rig.deliveries() == [("e1/1", hash_citizen(CITIZEN, KEY), "z1", 0, 0)]
    assert await rig.is_empty()


async def test_charged_message_is_recorded_as_such(rig: Rig) -> None:
    rig.zalo.faults = [lambda request: zalo_answer("api_cs_ok_charged")]
    await rig.put("Xin chào")
    await rig.step()
    assert rig.deliveries()[0][4] == 1


async def test_messages_go_out_in_their_order_one_after_the_other(rig: Rig) -> None:
    for number in range(1, 4):
        await rig.put(f"Tin {number}", f"e1/{number}")
    first = await rig.take()
    assert await rig.box.take("s", block_ms=0) is None, "the second waits for the first"
    await rig.sender.handle(first)
    await rig.step()
    await rig.step()
    assert rig.zalo.texts == ["Tin 1", "Tin 2", "Tin 3"]


async def test_failed_message_holds_back_the_next_ones(rig: Rig) -> None:
    rig.zalo.faults = [time_out]
    await rig.put("Tin 1", "e1/1")
    await rig.put("Tin 2", "e1/2")
    letters = [await rig.step() for _ in range(3)]
    assert [x.id for x in letters] == ["e1/1", "e1/1", "e1/2"]
    assert rig.zalo.texts == ["Tin 1", "Tin 2"]


async def test_lost_answer_is_looked_for_in_the_talk_and_not_sent_again(rig: Rig) -> None:
    rig.zalo.faults = [rig.zalo.lose_answer]
    await rig.put("Xin chào")
    await rig.step()
    assert rig.deliveries() == []
    await rig.step()
    assert rig.zalo.texts == ["Xin chào"]
    assert len(rig.zalo.sends) == 1
    assert rig.deliveries()[0][2:4] == ("z1", 0)
    assert await rig.is_empty()


@pytest.mark.parametrize(
    "fault",
    [time_out, refuse(-200), lambda r: zalo_answer("api_html_502"),
     lambda r: zalo_answer("api_empty_200")],
)  # fmt: skip
async def test_message_that_is_not_in_the_talk_is_sent_again(rig: Rig, fault: Fault) -> None:
    rig.zalo.faults = [fault]
    await rig.put("Xin chào")
    await rig.step()
    assert rig.zalo.texts == []
    await rig.step()
    assert rig.zalo.texts == ["Xin chào"]
    assert [r.method for r in rig.zalo.requests] == ["POST", "GET", "POST"]


async def test_same_words_of_an_older_message_are_not_taken_for_this_one(rig: Rig) -> None:
    old = datetime.now(UTC) - timedelta(hours=1)
    rig.zalo.talk.append(
        {"message_id": "z0", "src": 0, "time": round(old.timestamp() * 1000), "message": "Xin chào"}
    )
    rig.zalo.faults = [time_out]
    await rig.put("Xin chào")
    await rig.step()
    await rig.step()
    assert rig.zalo.texts == ["Xin chào"]


async def test_same_words_written_by_the_citizen_are_not_taken_for_this_one(rig: Rig) -> None:
    now = round(datetime.now(UTC).timestamp() * 1000)
    rig.zalo.talk.append({"message_id": "c1", "src": 1, "time": now, "message": "Xin chào"})
    rig.zalo.faults = [time_out]
    await rig.put("Xin chào")
    await rig.step()
    await rig.step()
    assert rig.zalo.texts == ["Xin chào"]


async def test_same_words_of_another_letter_are_not_taken_for_this_one(rig: Rig) -> None:
    await rig.put("Xin chào", "e1/1")
    await rig.step()
    rig.zalo.faults = [time_out]
    await rig.put("Xin chào", "e2/1")
    await rig.step()
    await rig.step()
    assert rig.zalo.texts == ["Xin chào", "Xin chào"]


async def test_sender_that_died_between_sending_and_noting_sends_once(rig: Rig) -> None:
    rig.box.idle_ms = 0

    def deliver_and_die(request: httpx.Request) -> httpx.Response:
        rig.zalo.deliver(request)
        raise asyncio.CancelledError

    rig.zalo.faults = [deliver_and_die]
    await rig.put("Xin chào")
    with pytest.raises(asyncio.CancelledError):
        await rig.step()
    again = await rig.step()
    assert again.attempt == 2
    assert rig.zalo.texts == ["Xin chào"]
    assert await rig.is_empty()


async def test_sender_that_died_between_noting_and_finishing_sends_once(rig: Rig) -> None:
    rig.box.idle_ms = 0
    await rig.put("Xin chào")
    lost = await rig.take()
    taken_over = await rig.take()
    await rig.sender.handle(taken_over)
    await rig.sender.handle(replace(lost, attempt=2))
    assert rig.zalo.texts == ["Xin chào"]
    assert [r.method for r in rig.zalo.requests] == ["GET", "POST"], "the note is enough"


async def test_talk_that_cannot_be_looked_at_is_looked_at_again_before_sending(rig: Rig) -> None:
    rig.zalo.faults = [rig.zalo.lose_answer]
    rig.zalo.looking = time_out
    await rig.put("Xin chào")
    await rig.step()
    await rig.step()
    assert rig.zalo.texts == ["Xin chào"]
    rig.zalo.looking = None
    await rig.step()
    assert rig.zalo.texts == ["Xin chào"]
    assert await rig.is_empty()


async def test_message_that_never_gets_through_ends_as_a_dead_letter(rig: Rig) -> None:
    rig.zalo.faults = [time_out] * 9
    await rig.put("Xin chào")
    for _ in range(3):
        await rig.step()
    (dead,) = await rig.box.dead()
    assert (dead.id, dead.attempts) == ("e1/1", 3)


@pytest.mark.parametrize("code", [-230, -213, -217, -227, -244])
async def test_citizen_who_cannot_be_written_to_is_left_alone(rig: Rig, code: int) -> None:
    rig.zalo.faults = [refuse(code)]
    await rig.put("Xin chào")
    await rig.step()
    assert rig.deliveries() == [("e1/1", hash_citizen(CITIZEN, KEY), None, code, None)]
    assert await rig.is_empty()


async def test_next_message_goes_out_after_a_refused_one(rig: Rig) -> None:
    rig.zalo.faults = [refuse(-230)]
    await rig.put("Tin 1", "e1/1")
    await rig.put("Tin 2", "e2/1")
    await rig.step()
    await rig.step()
    assert rig.zalo.texts == ["Tin 2"]


@pytest.mark.parametrize("fault", [refuse(-32), None])
async def test_busy_zalo_is_waited_for_without_counting(
    make_rig: Callable[..., Any], fault: Fault | None
) -> None:
    rig = await make_rig(attempts=1)

    def unreachable(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("x", request=request)

    rig.zalo.faults = [fault or unreachable]
    await rig.put("Xin chào")
    await rig.step()
    stats = await rig.box.stats()
    assert (stats.delayed, stats.dead) == (1, 0)
    assert rig.deliveries() == []


@pytest.mark.parametrize("code", [-201, -210, -204, -223, -9999])
async def test_our_own_mistake_is_recorded_and_set_aside_for_a_person(rig: Rig, code: int) -> None:
    rig.zalo.faults = [refuse(code)]
    await rig.put("Xin chào")
    await rig.step()
    (dead,) = await rig.box.dead()
    assert str(code) in dead.reason
    assert rig.deliveries() == [("e1/1", hash_citizen(CITIZEN, KEY), None, code, None)]
    assert len(rig.zalo.sends) == 1


@pytest.mark.parametrize("code", [-216, -220, -124])
async def test_refused_token_is_refreshed_once_and_the_message_sent_again(
    rig: Rig, code: int
) -> None:
    rig.zalo.faults = [refuse(code)]
    await rig.put("Xin chào")
    await rig.step()
    assert rig.zalo.texts == ["Xin chào"]
    assert rig.tokens.count == 1
    assert [r.headers["access_token"] for r in rig.zalo.sends] == ["A1", "A2"]


async def test_token_refused_again_waits_for_a_person_without_counting(
    make_rig: Callable[..., Any],
) -> None:
    rig = await make_rig(attempts=1)
    rig.zalo.live_token = "of someone else"
    await rig.put("Xin chào")
    await rig.step()
    stats = await rig.box.stats()
    assert (stats.delayed, stats.dead) == (1, 0)
    assert rig.tokens.count == 1
    assert len(rig.zalo.sends) == 2


async def test_office_that_is_not_connected_loses_nothing(make_rig: Callable[..., Any]) -> None:
    rig = await make_rig(replace(SETTINGS, zalo_refresh_token=""), attempts=1)
    await rig.put("Xin chào")
    await rig.step()
    stats = await rig.box.stats()
    assert (stats.delayed, stats.dead) == (1, 0)
    assert rig.zalo.requests == []


async def test_office_whose_buttons_are_refused_gets_plain_text_from_then_on(rig: Rig) -> None:
    rig.zalo.faults = [refuse(-233), refuse(-233)]
    await rig.put("Chọn: 1. Xem lại", "e1/1", BUTTON)
    await rig.step()
    rig.sender = rig.make_sender()
    await rig.put("Chọn tiếp: 1. Xem lại", "e2/1", BUTTON)
    await rig.step()
    assert rig.zalo.texts == ["Chọn: 1. Xem lại", "Chọn tiếp: 1. Xem lại"]
    assert len(rig.zalo.sends) == 4
    assert b"attachment" not in rig.zalo.sends[3].content
    assert rig.store.read_oa(OA).button_shape == "none"
    assert rig.store.read_oa("another").button_shape is None


async def test_endpoint_that_works_is_remembered_for_the_office(rig: Rig) -> None:
    rig.zalo.faults = [refuse(-235)]
    await rig.put("Tin 1", "e1/1")
    await rig.step()
    rig.sender = rig.make_sender()
    await rig.put("Tin 2", "e2/1")
    await rig.step()
    paths = [r.url.path for r in rig.zalo.sends]
    assert paths == ["/v3.0/oa/message/cs", "/v2.0/oa/message", "/v2.0/oa/message"]
    assert rig.store.read_oa(OA).endpoint == "v2_message"


async def test_endpoint_set_by_the_operator_is_used(make_rig: Callable[..., Any]) -> None:
    rig = await make_rig(replace(SETTINGS, zalo_send_endpoint="v2_message"))
    rig.store.save_oa(OA, endpoint="v3_cs")
    await rig.put("Xin chào")
    await rig.step()
    assert [r.url.path for r in rig.zalo.sends] == ["/v2.0/oa/message"]


async def test_letter_that_cannot_be_read_is_a_dead_letter_at_once(rig: Rig) -> None:
    assert await rig.box.put(OWNER, "e1/1", b"{}")
    await rig.sender.handle(await rig.take())
    stats = await rig.box.stats()
    assert (stats.waiting, stats.dead) == (0, 1)


async def test_logs_name_neither_citizen_nor_words_nor_tokens(rig: Rig) -> None:
    rig.zalo.faults = [refuse(-216), refuse(-32)]
    with capture_logs() as logs:
        await rig.put("Lời nhắn riêng")
        await rig.step()
        await rig.put("Lời khác", "e2/1")
    told = str(logs)
    assert logs
    for private in (CITIZEN, "Lời", "A1", "A2", "R1", "app secret"):
        assert private not in told


async def test_ambiguous_refresh_is_tried_again_later(rig: Rig) -> None:
    rig.zalo.live_token = "A2"
    rig.tokens.failure = time_out
    await rig.put("Xin chào")
    await rig.step()
    assert rig.zalo.texts == []
    rig.tokens.failure = None
    # The talk is looked at first; a token refused there must not end in a standstill either.
    await rig.step()
    assert rig.zalo.texts == ["Xin chào"]
