"""The signature check against the vectors of the platform fact sheet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mailbox import Mailbox
from tests.webhook.zalo_sender import APP_ID, OA_SECRET, read_counters, sign, take_all
from webhook.signature import SignatureCheck, parse_mac

DATA = Path(__file__).parents[1] / "data" / "zalo" / "signature_vectors.json"
SET = json.loads(DATA.read_text(encoding="utf-8"))
VECTORS = SET["vectors"]


def test_all_vectors_are_there() -> None:
    assert len(VECTORS) == 18
    assert sum(vector["expect_valid"] for vector in VECTORS) == 8
    assert (SET["app_id"], SET["oa_secret_key"]) == (APP_ID, OA_SECRET)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vector_gives_the_expected_verdict(vector: dict[str, Any]) -> None:
    check = SignatureCheck(SET["app_id"], SET["oa_secret_key"])
    header = (vector["header"] or "").encode()
    raw = vector["raw_body"].encode()
    assert check.matches(raw, vector["body_timestamp"], header) is vector["expect_valid"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
async def test_posted_vector_is_answered_200_and_kept_only_when_genuine(
    vector: dict[str, Any], client: httpx.AsyncClient, inbox: Mailbox
) -> None:
    headers = {} if vector["header"] is None else {"X-ZEvent-Signature": vector["header"]}
    raw = vector["raw_body"].encode()
    answer = await client.post("/webhook/zalo", content=raw, headers=headers)
    assert (answer.status_code, answer.text) == (200, "ok")
    bodies = [letter.body for letter in await take_all(inbox)]
    assert bodies == ([raw] if vector["expect_valid"] else [])
    counters = await read_counters(client)
    if vector["expect_valid"]:
        assert counters == {"accepted": 1}
    elif not (vector["header"] or "").strip():
        assert counters == {"unsigned": 1}
    elif vector["name"] == "wrong_secret_app_secret":
        assert counters == {"wrong_signature": 1, "app_secret_used": 1}
    else:
        assert counters == {"wrong_signature": 1}


@pytest.mark.parametrize(
    ("header", "mac"),
    [
        (b"mac=ab", b"ab"),
        (b"MAC = AB ", b"ab"),
        (b" ab", b"ab"),
        (b"mac", b""),
        (b"", b""),
        (b"mac==ab", b"=ab"),
    ],
)
def test_mac_is_read_with_or_without_prefix_and_blanks(header: bytes, mac: bytes) -> None:
    assert parse_mac(header) == mac


@pytest.mark.parametrize(("app_id", "secret"), [(APP_ID, ""), ("", OA_SECRET), ("", "")])
def test_missing_secret_or_app_id_matches_nothing(app_id: str, secret: str) -> None:
    header = sign(b"{}", "1", secret=secret, app_id=app_id).encode()
    assert not SignatureCheck(app_id, secret).matches(b"{}", "1", header)


@given(raw=st.binary(), header=st.binary())
def test_no_header_that_is_not_the_digest_passes(raw: bytes, header: bytes) -> None:
    check = SignatureCheck(APP_ID, OA_SECRET)
    expected = sign(raw, "7").removeprefix("mac=").encode()
    assert check.matches(raw, "7", header) is (parse_mac(header) == expected)
