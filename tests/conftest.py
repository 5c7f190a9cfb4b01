"""Fixtures for all tests: a private Redis, and a clean database on it for each test.

A suite is what needs one outside system. Tests belong to the Redis suite by using the fixture, to
the others by their mark. REQUIRE_SUITES (set in CI) names suites of which none may be skipped.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis

from bot.mailbox import connect
from bot.redis_server import start_redis

SUITES = ("nlu", "browser", "redis")
_results: Counter[tuple[str, str]] = Counter()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests of the Redis suite."""
    for item in items:
        if "redis_url" in getattr(item, "fixturenames", ()):
            item.add_marker("redis")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Counts results by suite."""
    if report.when == "call" or report.outcome == "skipped":
        for suite in SUITES:
            if suite in report.keywords:
                _results[suite, report.outcome] += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fails a run in which a required suite did not run, or ran only in part."""
    required = os.environ.get("REQUIRE_SUITES", "").split()
    missing = [s for s in required if not _results[s, "passed"] or _results[s, "skipped"]]
    if missing:
        print(f"\nrequired suites that did not wholly run: {', '.join(missing)}")
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


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
