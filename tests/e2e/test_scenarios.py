"""Talks from tests/scenarios/ through webhook, Redis, worker, Rasa, sender and simulator."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from conftest import Town

pytestmark = pytest.mark.nlu

SCENARIOS = sorted((Path(__file__).parents[1] / "scenarios").glob("*.yaml"))
_citizens = count(2460000000000001000)


def _do(town: Town, citizen: str, turn: dict[str, Any]) -> str:
    """Does what the turn says; the id of the message that it made."""
    if "says" in turn:
        return town.act(citizen, "send", {"text": turn["says"]})["message_id"]
    if "sends" in turn:
        return town.act(citizen, "send", {"kind": turn["sends"]})["message_id"]
    for message in reversed(town.messages(citizen)):
        titles = [button["title"] for button in message["buttons"]]
        if turn["taps"] in titles:
            tap = {"message_id": message["id"], "button_index": titles.index(turn["taps"])}
            return town.act(citizen, "tap", tap)["message_id"]
    raise AssertionError(f"no button {turn['taps']}")


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda p: p.stem)
def test_talk_goes_as_its_scenario_says(town: Town, path: Path) -> None:
    scenario = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    citizen = str(next(_citizens))
    for turn in scenario["turns"]:
        already = sum(m["author"] == "oa" for m in town.messages(citizen))
        outcome = town.wait_for_outcome(_do(town, citizen, turn))
        reply = town.wait_for_reply(citizen, already)
        what = turn.get("says") or turn.get("sends") or turn.get("taps")
        assert outcome["outcome"] == turn["outcome"], (what, outcome)
        if "intent" in turn:
            assert outcome["intent"] == turn["intent"], (what, outcome)
        text = "\n".join(message["text"] for message in reply)
        assert 1 <= len(reply) <= 3
        if "picture" in turn:
            assert [m["kind"] for m in reply].count("image") == 1, what
        for part in turn.get("shows", ()):
            assert part in text, what


def test_twenty_signed_posts_get_exactly_one_outcome_each(town: Town) -> None:
    turns = [
        turn
        for path in SCENARIOS
        for turn in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)["turns"]
        if "taps" not in turn
    ]
    questions = [*turns, {"says": "khai sinh cho con"}, {"says": "mật khẩu"}, {"says": "…"}]
    assert len(questions) >= 20
    # One citizen each and all at once: nothing orders them but the mailboxes.
    asked = [(citizen, _do(town, citizen, turn)) for citizen, turn in
             ((str(next(_citizens)), turn) for turn in questions)]  # fmt: skip
    for citizen, message_id in asked:
        town.wait_for_outcome(message_id)
        reply = town.wait_for_reply(citizen, 0)
        assert 1 <= len(reply) <= 3
    # Looked at again when all is done: nothing came twice meanwhile.
    for _, message_id in asked:
        assert len(town.outcomes(message_id)) == 1


def test_what_a_citizen_pastes_is_nowhere_in_the_files(town: Town) -> None:
    citizen = str(next(_citizens))
    said = town.act(citizen, "send", {"text": "mật khẩu là Hoasen@1952 cccd 001052012345"})
    town.wait_for_outcome(said["message_id"])
    town.wait_for_reply(citizen, 0)
    kept = [p for p in town.var_dir.rglob("*") if p.is_file() and "simulator" not in p.parts]
    # Redis holds the event itself until its append-only file is rewritten.
    for path in (p for p in kept if "redis" not in p.parts and "models" not in p.parts):
        data = path.read_bytes()
        assert b"Hoasen@1952" not in data, path
        assert b"001052012345" not in data, path
