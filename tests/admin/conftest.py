"""A fresh officers' site with a real store, and browsers before it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from bot.accounts import Role
from bot.admin.app import create_app
from bot.settings import read_settings
from bot.store import Store
from tests.admin.officers_site import (
    GUIDES,
    OFFICE,
    PROBLEMS,
    Clock,
    add_person,
    browser,
    with_session,
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(f"sqlite:///{tmp_path / 'bot.db'}", key=b"k")
    yield store
    store.close()


@pytest.fixture
def app(store: Store, clock: Clock) -> FastAPI:
    return create_app(
        read_settings({}), store, lambda: GUIDES, offices=lambda: (OFFICE,),
        problems=lambda: PROBLEMS, clock=clock,
    )  # fmt: skip


@pytest.fixture
async def visitor(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as client:
        yield client


@pytest.fixture
async def officer(app: FastAPI, store: Store) -> AsyncIterator[httpx.AsyncClient]:
    async with with_session(app, store, add_person(store, "canbo", Role.OFFICER)) as client:
        yield client


@pytest.fixture
async def admin(app: FastAPI, store: Store) -> AsyncIterator[httpx.AsyncClient]:
    async with with_session(app, store, add_person(store, "quantri", Role.ADMIN)) as client:
        yield client
