"""Processes are killed and Zalo fails while citizens ask: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import signal
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from conftest import Town

pytestmark = [pytest.mark.chaos, pytest.mark.nlu]

_citizens = count(2460000000000050000)
_QUESTION = "cho gặp cán bộ"
_RECOVERY_TIMEOUT_S = 90


def _pid(town: Town, part: str) -> int:
    """Process id of the child of the system whose command line holds `part`."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, ValueError):
            continue
        if parent == town.process.pid and part in command:
            return int(entry.name)
    raise LookupError(part)


def _kill(town: Town, part: str) -> None:
    os.kill(_pid(town, part), signal.SIGKILL)


def _wait_for_restart(town: Town, part: str, old: int) -> None:
    deadline = time.monotonic() + _RECOVERY_TIMEOUT_S
    while True:
        try:
            if _pid(town, part) != old:
                return
        except LookupError:
            pass
        assert time.monotonic() < deadline, part
        time.sleep(0.1)


def _wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + _RECOVERY_TIMEOUT_S
    while True:
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        assert time.monotonic() < deadline, url
        time.sleep(0.1)


def _answers(town: Town, citizen: str) -> list[str]:
    return [m["text"] for m in town.messages(citizen) if m["author"] == "oa"]


def _wait_for_answers(town: Town, citizens: list[str], wanted: int) -> None:
    deadline = time.monotonic() + _RECOVERY_TIMEOUT_S
    for citizen in citizens:
        while len(_answers(town, citizen)) < wanted:
            assert time.monotonic() < deadline, citizen
            time.sleep(0.1)


def _fault(town: Town, **fault: Any) -> None:
    httpx.post(f"{town.simulator}/__fake/faults", json=fault).raise_for_status()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds processes by /proc")
@pytest.mark.parametrize("part", ["bot worker", "webhook", "redis-server"])
def test_every_question_is_answered_once_although_a_process_is_killed(
    town: Town, part: str
) -> None:
    citizens = [str(next(_citizens)) for _ in range(30)]
    old = _pid(town, part)
    for number, citizen in enumerate(citizens):
        town.act(citizen, "send", {"text": _QUESTION})
        if number == 10:
            _kill(town, part)
    _wait_for_restart(town, part, old)
    _wait_until_ready(town.webhook.replace("/webhook/zalo", "/readyz"))
    # What came while the webhook was away, Zalo delivers again after its first wait.
    httpx.post(f"{town.simulator}/__fake/clock/advance", json={"seconds": 31}).raise_for_status()
    _wait_for_answers(town, citizens, 1)
    # A second question shows whether a doubled answer to the first is still on its way.
    for citizen in citizens:
        town.act(citizen, "send", {"text": _QUESTION})
    _wait_for_answers(town, citizens, 2)
    time.sleep(1)
    assert {len(_answers(town, citizen)) for citizen in citizens} == {2}


def test_without_the_model_menus_still_work_and_typed_text_is_told_so(town: Town) -> None:
    citizen = str(next(_citizens))
    old = _pid(town, "nlu.serve")
    _kill(town, "nlu.serve")
    said = town.act(citizen, "send", {"text": "quên mật khẩu vneid thì làm sao"})
    assert town.wait_for_outcome(said["message_id"])["outcome"] == "error"
    town.wait_for_reply(citizen, 0)
    said = town.act(citizen, "send", {"text": "1"})
    assert town.wait_for_outcome(said["message_id"])["outcome"] == "talk"
    _wait_for_restart(town, "nlu.serve", old)
    deadline = time.monotonic() + _RECOVERY_TIMEOUT_S
    while True:
        said = town.act(citizen, "send", {"text": "quên mật khẩu vneid thì làm sao"})
        if town.wait_for_outcome(said["message_id"])["outcome"] == "answered":
            break
        assert time.monotonic() < deadline
        time.sleep(0.5)


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "deliver_then_error", "answer": "http_502"},
        {"fault": "http_502"},
        {"fault": "html"},
        {"fault": "empty"},
        {"fault": "code", "code": -200},
        {"fault": "code", "code": -216},
        {"fault": "drop"},
    ],
    ids=lambda f: f["fault"] + str(f.get("code", "")),
)
def test_answer_arrives_once_although_zalo_fails(town: Town, fault: dict[str, Any]) -> None:
    citizen = str(next(_citizens))
    _fault(town, call="message", times=1, user_id=citizen, **fault)
    town.act(citizen, "send", {"text": _QUESTION})
    _wait_for_answers(town, [citizen], 1)
    town.act(citizen, "send", {"text": _QUESTION})
    _wait_for_answers(town, [citizen], 2)
    time.sleep(1)
    assert len(_answers(town, citizen)) == 2
