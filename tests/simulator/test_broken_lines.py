"""Faults that only exist on a real connection: answers cut off, answers that never come."""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from simulator.app import create_app
from simulator.settings import Settings

CITIZEN = "2460000000000000033"


@pytest.fixture
async def simulator(tmp_path: Path, serve: Callable[[FastAPI], str]) -> Callable[..., Any]:
    settings = Settings(state_dir=tmp_path, webhook_url="")
    url = serve(create_app(settings))

    async def call(method: str, path: str, *, timeout: float = 5, **options: Any) -> httpx.Response:
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=timeout) as client:
            return await client.request(method, path, **options)

    return call


async def _send(simulator: Any, **options: Any) -> httpx.Response:
    pair = (await simulator("GET", "/__fake/tokens")).json()
    body = {"recipient": {"user_id": CITIZEN}, "message": {"text": "đáp"}}
    headers = {"access_token": pair["access_token"]}
    return await simulator("POST", "/v3.0/oa/message/cs", json=body, headers=headers, **options)


async def test_message_is_delivered_although_the_answer_never_comes(simulator: Any) -> None:
    await simulator("POST", f"/__fake/users/{CITIZEN}/send", json={"text": "hỏi"})
    fault = {"call": "message", "fault": "deliver_then_error", "answer": "timeout", "delay_s": 0.3}
    await simulator("POST", "/__fake/faults", json=fault)
    with pytest.raises(httpx.ReadTimeout):
        await _send(simulator, timeout=0.1)
    talk = (await simulator("GET", f"/__fake/users/{CITIZEN}/messages")).json()["messages"]
    assert [m["text"] for m in talk] == ["hỏi", "đáp"]


async def test_cut_answer_of_a_refresh_still_rotates_the_pair(simulator: Any) -> None:
    pair = (await simulator("GET", "/__fake/tokens")).json()
    await simulator("POST", "/__fake/faults", json={"call": "oauth", "fault": "commit_then_drop"})
    options = {
        "data": {"app_id": Settings().app_id, "grant_type": "refresh_token",
                 "refresh_token": pair["refresh_token"]},
        "headers": {"secret_key": Settings().app_secret},
    }  # fmt: skip
    with pytest.raises(httpx.RemoteProtocolError):
        await simulator("POST", "/v4/oa/access_token", **options)
    again = await simulator("POST", "/v4/oa/access_token", **options)
    assert again.json()["error"] == -14014
    assert (await simulator("GET", "/__fake/tokens")).json() != pair


async def test_program_starts_answers_and_stops(tmp_path: Path) -> None:

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", "--port", str(port), "--state-dir", str(tmp_path),
        "--webhook-url", "",
    )  # fmt: skip
    try:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", trust_env=False,
            transport=httpx.AsyncHTTPTransport(retries=8),
        ) as client:  # fmt: skip
            assert (await client.get("/healthz")).json() == {"status": "ok"}
            await client.post(f"/__fake/users/{CITIZEN}/send", json={"text": "hỏi"})
            async with client.stream("GET", f"/__fake/users/{CITIZEN}/stream") as stream:
                lines = stream.aiter_lines()
                assert await anext(lines) == "event: talk"
                process.terminate()
                # An open chat page must not keep the program from stopping.
                assert await asyncio.wait_for(process.wait(), 5) in (0, -signal.SIGTERM)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
