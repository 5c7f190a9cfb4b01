"""The webhook application on a real Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from redis.asyncio import Redis

from bot.mailbox import Mailbox, RetryPolicy
from bot.settings import Settings, read_settings
from tests.webhook.zalo_sender import APP_ID, APP_SECRET, OA_ID, OA_SECRET, open_client
from webhook.app import create_app


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(
        read_settings({}),
        var_dir=tmp_path / "var",
        zalo_app_id=APP_ID,
        zalo_oa_secret=OA_SECRET,
        zalo_app_secret=APP_SECRET,
    )


@pytest.fixture
def inbox(redis: Redis) -> Mailbox:
    policy = RetryPolicy(max_attempts=3, first_wait_s=0, factor=1, max_wait_s=0)
    return Mailbox(redis, "inbox", retry=policy)


@pytest.fixture
async def app(settings: Settings, redis: Redis) -> AsyncIterator[FastAPI]:
    app = create_app(settings, redis, known_oas={OA_ID})
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(app) as client:
        yield client
