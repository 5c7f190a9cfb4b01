"""Fixtures for all tests: a private Redis, and a clean database on it for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis

from bot.mailbox import connect
from bot.redis_server import start_redis


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a Redis that lives as long as the test run."""
    server = start_redis(tmp_path_factory.mktemp("redis"))
    yield server.url
    server.stop()


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A client (bytes, not text) of an empty database."""
    client = connect(redis_url)
    await client.flushall()
    yield client
    await client.aclose()
