"""The whole system as `./dev run` starts it, on free ports and in a folder of its own."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
_CHROMIUM_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
_START_TIMEOUT_S = 300
_ANSWER_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A running system and the ways to look at it from outside."""

    simulator: str
    admin: str
    webhook: str
    setup_link: str
    database: sqlalchemy.Engine
    var_dir: Path
    process: subprocess.Popen[str]

    def messages(self, citizen: str) -> list[dict[str, Any]]:
        """What the simulator keeps of one citizen's talk, in order."""
        answer = httpx.get(f"{self.simulator}/__fake/users/{citizen}/messages")
        if answer.status_code == 404:
            return []  # she has not written yet
        return answer.raise_for_status().json()["messages"]

    def act(self, citizen: str, action: str, body: dict[str, Any]) -> dict[str, Any]:
        """The citizen does something in her Zalo."""
        url = f"{self.simulator}/__fake/users/{citizen}/{action}"
        return httpx.post(url, json=body).raise_for_status().json()

    def outcomes(self, message_id: str = "") -> list[dict[str, Any]]:
        """Recorded outcomes, all or those of one message of a citizen, oldest first."""
        query = sqlalchemy.text(
            "SELECT * FROM outcome WHERE event_id LIKE :id ORDER BY asked_at, event_id"
        )
        with self.database.connect() as connection:
            rows = connection.execute(query, {"id": f"%{message_id}%"}).mappings()
            return [dict(row) for row in rows]

    def wait_for_outcome(self, message_id: str) -> dict[str, Any]:
        """The one outcome of a message, as soon as it is recorded."""
        deadline = time.monotonic() + _ANSWER_TIMEOUT_S
        while not (found := self.outcomes(message_id)):
            assert time.monotonic() < deadline, f"no outcome of {message_id}"
            time.sleep(0.05)
        assert len(found) == 1
        return found[0]

    def wait_for_reply(self, citizen: str, already: int) -> list[dict[str, Any]]:
        """The OA's messages after the first `already`, once the outbox is quiet."""
        deadline = time.monotonic() + _ANSWER_TIMEOUT_S
        before: list[dict[str, Any]] = []
        while True:
            mine = [m for m in self.messages(citizen) if m["author"] == "oa"][already:]
            # A reply has up to three messages: it is whole when two looks see the same.
            if mine and len(mine) == len(before):
                return mine
            before = mine
            assert time.monotonic() < deadline, f"no reply to {citizen}"
            time.sleep(0.4)


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The system with its simulator; ended as by Ctrl-C."""
    if not (ROOT / ".venv-nlu" / "bin" / "python").exists():
        pytest.skip("no .venv-nlu: needs Python 3.10, see README")
    var_dir = tmp_path_factory.mktemp("town")
    # The model that ./dev test has just trained; `run` sees that it is up to date.
    shutil.copytree(ROOT / "var" / "models", var_dir / "models")
    webhook, admin, nlu, simulator = _free_ports(4)
    variables = {
        "VAR_DIR": str(var_dir), "SIMULATE": "yes", "WEBHOOK_PORT": str(webhook),
        "ADMIN_PORT": str(admin), "NLU_PORT": str(nlu), "SIMULATOR_PORT": str(simulator),
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    log = var_dir / "run.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            cwd=ROOT, env={**os.environ, **variables}, stdout=out, stderr=out, text=True,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while "Ctrl-C" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        link = re.search(r"http\S+/khoi-tao\S+", log.read_text())
        database = sqlalchemy.create_engine(f"sqlite:///{var_dir / 'bot.db'}")
        yield Town(
            simulator=f"http://127.0.0.1:{simulator}",
            admin=f"http://127.0.0.1:{admin}",
            webhook=f"http://127.0.0.1:{webhook}/webhook/zalo",
            setup_link=link[0] if link else "",
            database=database,
            var_dir=var_dir,
            process=process,
        )
        database.dispose()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        pytest.skip("no Chromium: `apt install chromium` or set CHROMIUM")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=_CHROMIUM_ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[[int, int], Page]]:
    """Opens a page of a width and height; the test fails on any error in the page's console."""
    errors: list[str] = []
    pages: list[Page] = []

    def open_one(width: int, height: int) -> Page:
        page = browser.new_page(viewport={"width": width, "height": height})
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        pages.append(page)
        return page

    yield open_one
    for page in pages:
        page.close()
    assert errors == []
