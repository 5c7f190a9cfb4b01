"""The webhook's pages: domain verification, health, counters, and a real server process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from redis.asyncio import Redis

from bot.mailbox import Mailbox, connect
from bot.settings import Settings
from tests.webhook.zalo_sender import (
    APP_ID,
    OA_SECRET,
    make_event,
    open_client,
    post_event,
    take_all,
)
from webhook.app import create_app

ROOT = Path(__file__).parents[2]


async def test_home_page_carries_the_verification_tag(settings: Settings, redis: Redis) -> None:
    app = create_app(replace(settings, zalo_site_verification='code"><script>'), redis)
    async with open_client(app) as client:
        page = await client.get("/")
    tag = '<meta name="zalo-platform-site-verification" content="code&quot;&gt;&lt;script&gt;">'
    assert tag in page.text
    assert "<script>" not in page.text
    assert "Trợ lý" in page.text


async def test_home_page_without_verification_has_no_tag(client: httpx.AsyncClient) -> None:
    assert "zalo-platform" not in (await client.get("/")).text


@pytest.mark.parametrize(
    ("content", "expected"),
    [("", "zalo_verifierAbc1.html"), ("<html>abc</html>", "<html>abc</html>")],
)
async def test_verifier_file_is_served(
    content: str, expected: str, settings: Settings, redis: Redis
) -> None:
    name = "zalo_verifierAbc1.html"
    app = create_app(
        replace(settings, zalo_verifier_file=name, zalo_verifier_content=content), redis
    )
    async with open_client(app) as client:
        page = await client.get(f"/{name}")
        assert (page.status_code, page.text) == (200, expected)
        assert (await client.get("/zalo_verifierOther.html")).status_code == 404


async def test_health_and_readiness(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).text == "ok"
    ready = await client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {"ready": True, "missing": [], "warnings": []}


async def test_readiness_warns_of_the_app_secret_in_the_wrong_place(
    settings: Settings, redis: Redis
) -> None:
    app = create_app(replace(settings, zalo_oa_secret=settings.zalo_app_secret), redis)
    async with open_client(app) as client:
        text = (await client.get("/readyz")).text
    assert "ZALO_OA_SECRET is the App Secret" in text
    assert settings.zalo_app_secret not in text


async def test_readiness_names_a_missing_redis(settings: Settings, tmp_path: Path) -> None:
    gone = connect(f"unix://{tmp_path}/none.sock", timeout_s=0.2)
    async with open_client(create_app(settings, gone)) as client:
        assert (await client.get("/healthz")).status_code == 200
        ready = await client.get("/readyz")
    await gone.aclose()
    assert (ready.status_code, ready.json()["missing"]) == (503, ["redis"])


async def test_counters_are_shown_to_this_machine_only(app: FastAPI) -> None:
    async with open_client(app) as local:
        assert (await local.get("/counters")).status_code == 200
        proxied = {"X-Forwarded-For": "127.0.0.1"}
        assert (await local.get("/counters", headers=proxied)).status_code == 404
        public = {"Host": "bot.example.vn"}
        assert (await local.get("/counters", headers=public)).status_code == 404
    async with open_client(app, host="203.0.113.7") as remote:
        assert (await remote.get("/counters")).status_code == 404


async def test_no_interactive_documentation_is_public(client: httpx.AsyncClient) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert (await client.get(path)).status_code == 404


async def test_real_server_takes_events_and_survives_a_huge_body(
    redis_url: str, inbox: Mailbox, tmp_path: Path
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "VAR_DIR": str(tmp_path),
        "REDIS_URL": redis_url, "WEBHOOK_PORT": str(port),
        "ZALO_APP_ID": APP_ID, "ZALO_OA_SECRET": OA_SECRET,
    }  # fmt: skip
    server = subprocess.Popen(
        [sys.executable, "-m", "webhook"], cwd=ROOT, env=environment, stdout=subprocess.PIPE
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            await wait_until_alive(client)
            assert (await client.post("/webhook/zalo", content=b"x" * 1_000_000)).text == "ok"
            assert (await post_event(client, make_event())).text == "ok"
            counters = (await client.get("/counters")).json()
            assert (counters["too_large"], counters["accepted"]) == (1, 1)
    finally:
        server.send_signal(signal.SIGTERM)
        log, _ = server.communicate(timeout=20)
    assert b'"reason": "too_large"' in log
    assert OA_SECRET.encode() not in log
    assert len(await take_all(inbox)) == 1


async def wait_until_alive(client: httpx.AsyncClient) -> None:
    end = time.monotonic() + 20
    while True:
        try:
            await client.get("/healthz")
            return
        except httpx.ConnectError:
            assert time.monotonic() < end
