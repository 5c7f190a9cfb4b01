"""What no honest client would send: never a 5xx, never silence, nothing lost."""

from __future__ import annotations

import hashlib
import json
import time
import unicodedata
from itertools import count
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from conftest import Town

pytestmark = pytest.mark.nlu

# The simulator's own defaults.
APP_ID, OA_ID, SECRET = "4100000000000000011", "3880000000000000022", "simulated-oa-secret"
_citizens = count(2460000000000009000)


def _signed(town: Town, raw: bytes, timestamp: str = "1789000000000") -> httpx.Response:
    digest = hashlib.sha256(f"{APP_ID}".encode() + raw + f"{timestamp}{SECRET}".encode())
    headers = {"X-ZEvent-Signature": f"mac={digest.hexdigest()}"}
    return httpx.post(town.webhook, content=raw, headers=headers)


TEXTS = {
    "four_byte_emoji": "cháu ơi 😀👨‍👩‍👧 vneid là gì 🙏",
    "only_emoji": "😀😀😀",
    "two_thousand_characters": ("tôi hỏi chuyện lương hưu " * 100)[:2000],
    "zero_width": "quên\u200b mật\u200d khẩu\ufeff vneid",
    "decomposed": unicodedata.normalize("NFD", "quên mật khẩu vneid thì làm thế nào"),
    "hash_keyword": "#huongdan",
    "control_characters": "quên\x00 mật\x07 khẩu",
    "template": "{{ 7*7 }} {% for x in y %}",
    "markup": "<script>alert(1)</script> vneid",
    "digits": "1",
    "payload_of_nothing": "g1:khong_co_that/khong_co",
    "blank": "   ",
}


@pytest.mark.parametrize("name", TEXTS)
def test_strange_text_gets_one_outcome_and_a_reply(town: Town, name: str) -> None:
    citizen = str(next(_citizens))
    said = town.act(citizen, "send", {"text": TEXTS[name]})
    outcome = town.wait_for_outcome(said["message_id"])
    assert outcome["outcome"]
    reply = town.wait_for_reply(citizen, 0)
    assert all(message["text"].strip() for message in reply)


BODIES = {
    "truncated": b'{"app_id":"4100000000000000011","event_name":"user_send_text","mess',
    "not_json": b"hello",
    "empty": b"",
    "probe": b"{}",
    "list": b"[]",
    "number": b"12",
    "null": b"null",
    "wrong_types": json.dumps(
        {"app_id": APP_ID, "event_name": ["x"], "sender": 3, "recipient": None, "message": [1],
         "timestamp": {}}
    ).encode(),
    "deep": b"[" * 20_000,
    "one_megabyte": json.dumps({"app_id": APP_ID, "x": "y" * 1_000_000}).encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_broken_body_is_answered_200_and_the_bot_goes_on(town: Town, name: str) -> None:
    assert _signed(town, BODIES[name]).status_code == 200
    assert httpx.post(town.webhook, content=BODIES[name]).status_code == 200
    citizen = str(next(_citizens))
    said = town.act(citizen, "send", {"text": "xin chào"})
    assert town.wait_for_outcome(said["message_id"])["outcome"] == "talk"


def test_same_event_posted_five_times_is_answered_once(town: Town) -> None:
    citizen = str(next(_citizens))
    # The first message opens the window in which the OA may write.
    town.act(citizen, "send", {"text": "xin chào"})
    already = len(town.wait_for_reply(citizen, 0))
    body = {
        "app_id": APP_ID, "sender": {"id": citizen}, "recipient": {"id": OA_ID},
        "event_name": "user_send_text", "timestamp": "1789000000000",
        "message": {"text": "cho gặp cán bộ", "msg_id": f"again{citizen}"},
    }  # fmt: skip
    raw = json.dumps(body, ensure_ascii=False).encode()
    assert [_signed(town, raw).status_code for _ in range(5)] == [200] * 5
    assert town.wait_for_outcome(f"again{citizen}")["outcome"] == "handover"
    assert len(town.wait_for_reply(citizen, already)) == 1
    # A later question is answered after anything that a duplicate could have caused.
    town.act(citizen, "send", {"text": "cảm ơn"})
    assert len(town.wait_for_reply(citizen, already + 1)) == 1
    assert len(town.outcomes(f"again{citizen}")) == 1


def test_unsigned_and_wrongly_signed_posts_leave_nothing(town: Town) -> None:
    body = {
        "app_id": APP_ID, "sender": {"id": "1"}, "recipient": {"id": OA_ID},
        "event_name": "user_send_text", "timestamp": "1789000000000",
        "message": {"text": "xin chào", "msg_id": "forged1"},
    }  # fmt: skip
    raw = json.dumps(body).encode()
    for headers in ({}, {"X-ZEvent-Signature": "mac=" + "0" * 64}):
        assert httpx.post(town.webhook, content=raw, headers=headers).status_code == 200
    citizen = str(next(_citizens))
    said = town.act(citizen, "send", {"text": "xin chào"})
    town.wait_for_outcome(said["message_id"])
    time.sleep(0.5)
    assert town.outcomes("forged1") == []
