"""Rasa's answers → Classification, and everything Rasa may do instead of answering."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from bot.errors import NluBadResponse, NluUnavailable
from bot.nlu_client import NluClient, parse_classification
from tests.bot.builders import Fault, NluWire


def fail(error: type[httpx.TransportError]) -> Fault:
    def handle(request: httpx.Request) -> httpx.Response:
        raise error("x", request=request)

    return handle


def status(code: int) -> Fault:
    return lambda request: httpx.Response(code, json={"status": "failure"})


async def test_ranking_and_model_are_read() -> None:
    wire = NluWire(("luong", 0.8), ("mat_khau", 0.1))
    async with wire.open() as http:
        found = await NluClient(http).parse("tiền lương")
    assert found.ranking == (("luong", 0.8), ("mat_khau", 0.1))
    assert (found.intent, found.confidence, found.model) == ("luong", 0.8, "m1")
    assert wire.asked == ["tiền lương"]


@pytest.mark.parametrize(
    "failure",
    [fail(httpx.ConnectError), fail(httpx.ReadTimeout), status(409), status(500), status(404)],
)
async def test_absent_model_is_asked_once_more_and_then_given_up(failure: Fault) -> None:
    wire = NluWire()
    wire.failure = failure
    async with wire.open() as http:
        with pytest.raises(NluUnavailable):
            await NluClient(http).parse("x")
    assert len(wire.asked) == 2


async def test_second_try_may_succeed() -> None:
    wire = NluWire(("luong", 0.8))

    def fail_once(request: httpx.Request) -> httpx.Response:
        wire.failure = None
        raise httpx.ConnectError("x", request=request)

    wire.failure = fail_once
    async with wire.open() as http:
        assert (await NluClient(http).parse("x")).intent == "luong"


async def test_unreadable_answer_is_not_asked_for_again() -> None:
    wire = NluWire()
    wire.failure = lambda request: httpx.Response(200, content=b"<html>")
    async with wire.open() as http:
        with pytest.raises(NluBadResponse):
            await NluClient(http).parse("x")
    assert len(wire.asked) == 1


async def test_very_long_text_is_cut_before_it_is_sent() -> None:
    wire = NluWire()
    async with wire.open() as http:
        await NluClient(http).parse("a" * 10_000)
    assert len(wire.asked[0]) == 2_000


def row(confidence: Any) -> dict[str, Any]:
    return {"intent_ranking": [{"name": "a", "confidence": confidence}]}


@pytest.mark.parametrize(
    "body",
    [
        [], None, 1, "x", {}, {"intent_ranking": []}, {"intent_ranking": None},
        {"intent_ranking": {}}, {"intent_ranking": [1]}, {"intent_ranking": [{"name": "a"}]},
        {"intent_ranking": [{"confidence": 1}]}, row(None), row("much"), row(float("nan")),
        row(float("inf")),
    ],
)  # fmt: skip
def test_answer_without_a_usable_ranking_is_refused(body: Any) -> None:
    with pytest.raises(NluBadResponse):
        parse_classification(httpx.Response(200, content=json.dumps(body)))


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"intent_ranking": [{"na'])
def test_answer_that_is_no_json_is_refused(content: bytes) -> None:
    with pytest.raises(NluBadResponse):
        parse_classification(httpx.Response(200, content=content))


@pytest.mark.parametrize("confidence", [0, 1, 0.5, "0.5"])
def test_confidence_may_come_as_any_number(confidence: Any) -> None:
    found = parse_classification(httpx.Response(200, json=row(confidence)))
    assert found.confidence == float(confidence)


def test_missing_name_of_the_model_is_empty() -> None:
    assert parse_classification(httpx.Response(200, json=row(1))).model == ""
