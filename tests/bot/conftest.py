"""Fixtures of the core's tests: a database of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store import Store
from tests.bot.builders import KEY


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """File of the test's database."""
    return tmp_path / "bot.db"


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    """A real store on SQLite."""
    store = Store.open(f"sqlite:///{database}", key=KEY)
    yield store
    store.close()
