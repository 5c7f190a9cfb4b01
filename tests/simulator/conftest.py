"""Fixtures of the simulator's tests: in memory for the rules, on real sockets for the page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from simulator.app import create_app
from simulator.settings import Settings
from tests.simulator.rig import Hook, Rig, ServerThread


@pytest.fixture
async def make_rig(tmp_path: Path) -> AsyncIterator[Callable[..., Rig]]:
    """Starts simulators on one state folder; the wall clock stands still."""
    running: list[Rig] = []
    clients: list[httpx.AsyncClient] = []

    def make(**changes: Any) -> Rig:
        settings = replace(Settings(state_dir=tmp_path), **changes)
        hook = Hook()
        http = httpx.AsyncClient(transport=httpx.MockTransport(hook.answer))
        app = create_app(settings, http=http, wall=lambda: 1_795_000_000.0)
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://simulator.test"
        )
        clients.extend([http, client])
        running.append(Rig(client=client, hook=hook, app=app, settings=settings))
        return running[-1]

    yield make
    for rig in running:
        await rig.app.state.deliveries.close()
        rig.app.state.store.close()
    for client in clients:
        await client.aclose()


@pytest.fixture
def rig(make_rig: Callable[..., Rig]) -> Rig:
    return make_rig()


@pytest.fixture
def serve() -> Iterator[Callable[[FastAPI], str]]:
    """Serve apps until the test is over."""
    threads: list[ServerThread] = []

    def start(app: FastAPI) -> str:
        threads.append(ServerThread(app))
        return threads[-1].start()

    yield start
    for thread in reversed(threads):
        thread.stop()
