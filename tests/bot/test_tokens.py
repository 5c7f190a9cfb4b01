"""The token pair: refreshed once, under a lock, and never lost by our own doing."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import httpx
import pytest

from bot.errors import SettingsError, ZaloAmbiguous, ZaloToken
from bot.settings import Settings, read_settings
from bot.store import Store
from bot.token_rows import TokenRow, hash_token
from bot.tokens import TokenKeeper, parse_pair
from tests.bot.builders import OA, OPEN, OauthWire, zalo_answer, zalo_data

SETTINGS = replace(
    read_settings({}),
    zalo_app_id="4100000000000000011",
    zalo_app_secret="app secret",
    zalo_access_token="A1",
    zalo_refresh_token="R1",
)
FRESH = timedelta(hours=20)
STALE = timedelta(hours=1)
DEAD = timedelta(hours=-1)


class Clock:
    def __init__(self) -> None:
        self.now = OPEN

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def wire() -> OauthWire:
    return OauthWire()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_keeper(
    store: Store, wire: OauthWire, clock: Clock
) -> Iterator[Callable[..., TokenKeeper]]:
    clients: list[httpx.Client] = []

    def make(settings: Settings = SETTINGS) -> TokenKeeper:
        clients.append(wire.open())
        return TokenKeeper(store, clients[-1], settings, clock)

    yield make
    for client in clients:
        client.close()


def keep(store: Store, left: timedelta) -> None:
    with store.lock_tokens(OA) as lock:
        lock.save("A1", "R1", OPEN + left, OPEN)


def stored(store: Store) -> TokenRow:
    row = store.read_tokens(OA)
    assert row is not None
    return row


async def test_first_pair_comes_from_the_settings_and_is_stored(
    store: Store, wire: OauthWire, make_keeper: Callable[..., TokenKeeper]
) -> None:
    assert await make_keeper().access_token(OA) == "A1"
    assert (stored(store).access_token, stored(store).refresh_token) == ("A1", "R1")
    assert wire.forms == []


async def test_stored_pair_counts_more_than_the_settings(
    store: Store, make_keeper: Callable[..., TokenKeeper]
) -> None:
    keep(store, FRESH)
    other = replace(SETTINGS, zalo_access_token="older", zalo_refresh_token="older")
    assert await make_keeper(other).access_token(OA) == "A1"


@pytest.mark.parametrize("field", ["zalo_access_token", "zalo_refresh_token"])
async def test_office_without_a_whole_pair_cannot_be_spoken_for(
    make_keeper: Callable[..., TokenKeeper], field: str
) -> None:
    keeper = make_keeper(replace(SETTINGS, **{field: ""}))
    with pytest.raises(SettingsError):
        await keeper.access_token(OA)


async def test_first_pair_that_is_refused_is_refreshed(
    store: Store, make_keeper: Callable[..., TokenKeeper]
) -> None:
    assert await make_keeper().access_token(OA, refused="A1") == "A2"
    assert stored(store).refresh_token == "R2"


async def test_living_token_is_used_without_a_call(
    store: Store, wire: OauthWire, make_keeper: Callable[..., TokenKeeper]
) -> None:
    keep(store, FRESH)
    assert await make_keeper().access_token(OA) == "A1"
    assert wire.forms == []


@pytest.mark.parametrize("left", [STALE, DEAD])
async def test_token_near_its_end_is_refreshed_and_the_whole_pair_replaced(
    store: Store, wire: OauthWire, make_keeper: Callable[..., TokenKeeper], left: timedelta
) -> None:
    keep(store, left)
    assert await make_keeper().access_token(OA) == "A2"
    row = stored(store)
    assert (row.access_token, row.refresh_token) == ("A2", "R2")
    assert row.expires_at == OPEN + timedelta(seconds=90_000)
    assert (row.previous_access_token, row.previous_refresh_token) == ("A1", "R1")
    assert row.refresh_started_at is None
    expected = zalo_data("oauth_refresh_ok")["request"]["form"]
    assert wire.forms == [{**expected, "refresh_token": "R1", "secret_key": "app secret"}]


async def test_mark_is_written_before_the_call(
    store: Store, wire: OauthWire, make_keeper: Callable[..., TokenKeeper]
) -> None:
    keep(store, STALE)
    marks: list[tuple[object, object]] = []

    def look() -> None:
        row = stored(store)
        marks.append((row.refresh_started_at, row.used_hash))

    wire.before = look
    await make_keeper().access_token(OA)
    assert marks == [(OPEN, hash_token("R1"))]


FAILURES = [
    "oauth_error_invalid_refresh_token",
    "oauth_error_no_numeric",
    "oauth_error_missing_refresh",
    "oauth_error_bad_gateway",
    "api_empty_200",
    None,
]


def fail_as(wire: OauthWire, name: str | None) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        if name is None:
            raise httpx.ReadTimeout("x", request=request)
        return zalo_answer(name)

    wire.failure = handle


@pytest.mark.parametrize("name", FAILURES)
async def test_failed_refresh_leaves_the_pair_and_its_mark(
    store: Store, wire: OauthWire, make_keeper: Callable[..., TokenKeeper], name: str | None
) -> None:
    keep(store, DEAD)
    fail_as(wire, name)
    with pytest.raises((ZaloToken, ZaloAmbiguous)):
        await make_keeper().access_token(OA)
    row = stored(store)
    assert (row.access_token, row.refresh_token) == ("A1", "R1")
    assert (row.refresh_started_at, row.used_hash) == (OPEN, hash_token("R1"))


@pytest.mark.parametrize("name", FAILURES)
async def test_token_that_still_lives_is_used_when_refreshing_ahead_fails(
    store: Store, wire: OauthWire, make_keeper: Callable[..., TokenKeeper], name: str | None
) -> None:
    keep(store, STALE)
    fail_as(wire, name)
    assert await make_keeper().access_token(OA) == "A1"


async def test_refreshing_ahead_is_not_tried_again_with_every_message(
    store: Store, wire: OauthWire, clock: Clock, make_keeper: Callable[..., TokenKeeper]
) -> None:
    keep(store, STALE)
    fail_as(wire, "oauth_error_bad_gateway")
    keeper = make_keeper()
    for _ in range(5):
        await keeper.access_token(OA)
    assert len(wire.forms) == 1
    wire.failure = None
    clock.now += timedelta(minutes=11)
    assert await keeper.access_token(OA) == "A2"


async def test_token_refused_by_zalo_is_refreshed_whatever_failed_before(
    store: Store, wire: OauthWire, make_keeper: Callable[..., TokenKeeper]
) -> None:
    keep(store, STALE)
    fail_as(wire, "oauth_error_bad_gateway")
    await make_keeper().access_token(OA)
    wire.failure = None
    assert await make_keeper().access_token(OA, refused="A1") == "A2"


async def test_lost_answer_of_a_refresh_ends_in_a_call_for_consent(
    store: Store, wire: OauthWire, make_keeper: Callable[..., TokenKeeper]
) -> None:
    keep(store, DEAD)
    answer_once = wire.answer

    def lose(request: httpx.Request) -> httpx.Response:
        wire.failure = None
        answer_once(request)
        raise httpx.ReadTimeout("x", request=request)

    wire.failure = lose
    with pytest.raises(ZaloAmbiguous):
        await make_keeper().access_token(OA)
    with pytest.raises(ZaloToken):
        await make_keeper().access_token(OA)
    assert stored(store).refresh_token == "R1"


async def test_two_keepers_at_once_refresh_once(
    store: Store, wire: OauthWire, make_keeper: Callable[..., TokenKeeper]
) -> None:
    keep(store, DEAD)
    both = threading.Barrier(2)
    arrived = threading.Event()

    def hold() -> None:
        arrived.set()
        # The second keeper is at the lock, or on its way there, before the first one ends.
        both.wait(timeout=20)

    wire.before = hold
    first = asyncio.create_task(make_keeper().access_token(OA))
    await asyncio.to_thread(arrived.wait, 20)
    second = asyncio.create_task(make_keeper().access_token(OA))
    await asyncio.to_thread(both.wait, 20)
    assert await asyncio.gather(first, second) == ["A2", "A2"]
    assert wire.count == 1


async def test_many_keepers_with_the_same_refused_token_refresh_once(
    store: Store, wire: OauthWire, make_keeper: Callable[..., TokenKeeper]
) -> None:
    keep(store, FRESH)
    keepers = [make_keeper() for _ in range(6)]
    tokens = await asyncio.gather(*(k.access_token(OA, refused="A1") for k in keepers))
    assert tokens == ["A2"] * 6
    assert wire.count == 1


async def test_refused_token_is_looked_up_again_before_anything_is_refreshed(
    store: Store, wire: OauthWire, make_keeper: Callable[..., TokenKeeper]
) -> None:
    keep(store, FRESH)
    assert await make_keeper().access_token(OA, refused="the one before") == "A1"
    assert wire.forms == []


async def test_each_office_has_a_pair_of_its_own(
    store: Store, make_keeper: Callable[..., TokenKeeper]
) -> None:
    keep(store, FRESH)
    with store.lock_tokens("another") as lock:
        lock.save("B1", "S1", OPEN + FRESH, OPEN)
    assert await make_keeper().access_token("another") == "B1"
    assert await make_keeper().access_token(OA) == "A1"


@pytest.mark.parametrize("name", ["oauth_refresh_ok", "oauth_refresh_ok_number"])
def test_lifetime_may_be_text_or_number(name: str) -> None:
    access, refresh, lifetime_s = parse_pair(zalo_answer(name))
    assert access.startswith("AT_")
    assert refresh.startswith("RT_")
    assert lifetime_s == 90_000


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"error": -14014, "error_name": "no"}, ZaloToken),
        ({"error_name": "no"}, ZaloToken),
        ({"error": "-14014"}, ZaloToken),
        ({"access_token": "a"}, ZaloAmbiguous),
        ({"access_token": "a", "refresh_token": ""}, ZaloAmbiguous),
        ({"access_token": "", "refresh_token": "b"}, ZaloAmbiguous),
        ({"access_token": 1, "refresh_token": "b"}, ZaloAmbiguous),
        ({"access_token": "a", "refresh_token": None}, ZaloAmbiguous),
        ({}, ZaloAmbiguous),
        ([], ZaloAmbiguous),
        (None, ZaloAmbiguous),
    ],
)
def test_only_two_tokens_are_a_success(body: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse_pair(httpx.Response(200, json=body))


@pytest.mark.parametrize("value", [None, "", "soon", [], "nan", "inf", 1e300, 0, -1])
def test_unreadable_lifetime_is_the_documented_one(value: object) -> None:
    answer = httpx.Response(
        200,
        content=json.dumps({"access_token": "a", "refresh_token": "b", "expires_in": value}),
    )
    assert parse_pair(answer)[2] == 90_000
