"""`ask`: what a citizen would be answered, through the code that the worker runs.

Uses the Rasa server in force if it answers, else starts one for as long as it is needed. Nothing is
stored and nothing is sent. Each question is a talk of its own.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
import unicodedata
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson

from bot.content import Content
from bot.errors import SettingsError
from bot.events import TextEvent
from bot.messages import message_to_json
from bot.nlu_client import NluClient
from bot.offices import Office
from bot.processes import open_content
from bot.redis_server import end_with_parent
from bot.settings import Settings
from bot.supervisor import nlu_answers, nlu_command, train_model
from bot.talk import Decision, Talk
from bot.worker import Thought, think

_AT_ONCE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Answers questions as the worker would."""

    content: Content
    office: Office
    nlu: NluClient

    async def ask(self, text: str) -> Thought:
        """The decision on one question, as the first message of a talk."""
        now = datetime.now(UTC)
        event = TextEvent(
            name="user_send_text", oa_id=self.office.oa_id, citizen_id="ask", at=now,
            text=unicodedata.normalize("NFC", text).strip(),
        )  # fmt: skip
        return await think(
            event, content=self.content, office=self.office, talk=Talk(), nlu=self.nlu, now=now
        )

    async def ask_all(self, texts: Sequence[str]) -> list[Thought]:
        """The decisions on all questions, in their order."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(text: str) -> Thought:
            async with gate:
                return await self.ask(text)

        return await asyncio.gather(*(one(text) for text in texts))


@asynccontextmanager
async def open_asker(settings: Settings, office: str) -> AsyncIterator[Asker]:
    """An asker for one office ("" = the first one), with a model that answers.

    Raises SettingsError if there is no such office or the model cannot be served.
    """
    content = open_content(settings).current()
    slug = office or next(iter(content.offices))
    if slug not in content.offices:
        raise SettingsError(f"There is no office {slug}; known: {', '.join(content.offices)}")
    with _served_model(settings) as url:
        async with httpx.AsyncClient(base_url=url, timeout=30) as http:
            yield Asker(content=content, office=content.offices[slug], nlu=NluClient(http))


@contextmanager
def _served_model(settings: Settings) -> Iterator[str]:
    """Address of a Rasa server with the current model; one of our own if none is running."""
    if nlu_answers(settings.nlu):
        yield settings.nlu
        return
    train_model(settings)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    print("starting the model …", file=sys.stderr, flush=True)
    process = subprocess.Popen(
        nlu_command(settings, port),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=end_with_parent(os.getpid()),
    )
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 120
        while not nlu_answers(url):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SettingsError("The model could not be served; try `./dev train`")
            time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait()


def to_json(decision: Decision) -> dict[str, Any]:
    """The answer as plain data: the contract of `ask --json`."""
    reply = decision.reply
    return {
        "text": reply.text if reply else "",
        "outcome": str(decision.outcome),
        "intent": decision.intent,
        "confidence": round(decision.confidence, 4),
        "variant": decision.variant,
        "choices": list(decision.choices),
        "messages": [message_to_json(m) for m in reply.messages] if reply else [],
    }


def ask_one(settings: Settings, text: str, office: str, *, as_json: bool) -> int:
    """Prints the answer to one question. Exit code 0."""

    async def run() -> Thought:
        async with open_asker(settings, office) as asker:
            return await asker.ask(text)

    decision = asyncio.run(run()).decision
    if as_json:
        print(orjson.dumps(to_json(decision)).decode())
        return 0
    for message in decision.reply.messages if decision.reply else ():
        print(message.text)
        if message.buttons:
            print("  ".join(f"[{b.title}]" for b in message.buttons))
        print()
    return 0


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The JSON objects of a JSON-lines file, blank lines left out.

    Raises SettingsError naming the first line that is not an object with a text.
    """
    rows = []
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as exc:
        raise SettingsError(f"{path} cannot be read: {exc.strerror}") from exc
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as exc:
            raise SettingsError(f"{path} line {number} is not JSON") from exc
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            raise SettingsError(f'{path} line {number} lacks "text"')
        rows.append(row)
    return rows


def ask_file(settings: Settings, path: Path, office: str) -> int:
    """Writes one JSON line for each question of a file, in order. Exit code 0."""
    rows = read_lines(path)

    async def run() -> list[Thought]:
        async with open_asker(settings, office) as asker:
            return await asker.ask_all([row["text"] for row in rows])

    for thought in asyncio.run(run()):
        sys.stdout.write(orjson.dumps(to_json(thought.decision)).decode() + "\n")
    return 0
