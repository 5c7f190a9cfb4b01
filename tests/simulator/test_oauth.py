import asyncio
import base64
import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.simulator.rig import Rig

VERIFIER = "a-verifier-of-forty-three-characters-00000"
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
)
CALLBACK = "https://bot.xa-mau.example/zalo/callback"


async def _code(rig: Rig, **changes: str) -> str:
    query = {
        "app_id": rig.settings.app_id, "redirect_uri": CALLBACK, "code_challenge": CHALLENGE,
        "state": "s1", **changes,
    }  # fmt: skip
    answer = await rig.client.get("/v4/oa/permission", params=query)
    assert answer.status_code == 302
    target = urlsplit(answer.headers["location"])
    assert f"{target.scheme}://{target.netloc}{target.path}" == CALLBACK
    back = parse_qs(target.query)
    assert back["oa_id"] == [rig.settings.oa_id]
    assert back["state"] == ["s1"]
    return back["code"][0]


async def _token_call(rig: Rig, *, secret: str | None = None, **form: str) -> Any:
    answer = await rig.client.post(
        "/v4/oa/access_token",
        data={"app_id": rig.settings.app_id, **form},
        headers={"secret_key": rig.settings.app_secret if secret is None else secret},
    )
    assert answer.status_code == 200
    return answer.json()


async def _exchange(rig: Rig, code: str, verifier: str = VERIFIER) -> Any:
    return await _token_call(
        rig, grant_type="authorization_code", code=code, code_verifier=verifier
    )


async def _refresh(rig: Rig, token: str) -> Any:
    return await _token_call(rig, grant_type="refresh_token", refresh_token=token)


async def test_code_is_exchanged_once_for_a_pair_whose_lifetime_is_text(rig: Rig) -> None:
    code = await _code(rig)
    pair = await _exchange(rig, code)
    assert pair["access_token"] and pair["refresh_token"]
    assert pair["expires_in"] == "90000"
    assert (await _exchange(rig, code))["error"] == -118


async def test_code_with_a_challenge_needs_the_right_verifier(rig: Rig) -> None:
    assert (await _exchange(rig, await _code(rig), verifier="wrong"))["error"] == -118
    assert (await _exchange(rig, await _code(rig), verifier=""))["error"] == -118
    without_challenge = await _code(rig, code_challenge="")
    assert "access_token" in await _exchange(rig, without_challenge, verifier="")


async def test_code_is_dead_after_ten_minutes(rig: Rig) -> None:
    code = await _code(rig)
    await rig.post("/clock/advance", seconds=601)
    assert (await _exchange(rig, code))["error"] == -118


async def test_foreign_callback_ends_on_the_error_page_of_zalo(
    make_rig: Callable[..., Rig],
) -> None:
    rig = make_rig(callback_url=CALLBACK)
    query = {"app_id": rig.settings.app_id, "redirect_uri": CALLBACK + "/"}
    answer = await rig.client.get("/v4/oa/permission", params=query)
    assert answer.headers["location"].endswith("/v4/oa/permission/error?error_code=-14003")


async def test_wrong_secret_wrong_app_and_json_body_are_refused(rig: Rig) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    assert (await _token_call(rig, secret="wrong", **form))["error"] == -14002
    assert (await _token_call(rig, **{**form, "app_id": "1"}))["error"] == -14002
    answer = await rig.client.post(
        "/v4/oa/access_token",
        json={"app_id": rig.settings.app_id, **form},
        headers={"secret_key": rig.settings.app_secret},
    )
    assert answer.json()["error"] == -14002


async def test_used_refresh_token_is_dead_and_its_reuse_is_counted(rig: Rig) -> None:
    first = await _exchange(rig, await _code(rig))
    second = await _refresh(rig, first["refresh_token"])
    assert second["refresh_token"] != first["refresh_token"]
    reused = await _refresh(rig, first["refresh_token"])
    assert reused["error"] == -14014
    assert "access_token" not in reused
    counters = (await rig.state())["counters"]
    assert (counters["refreshes"], counters["dead_refresh_token_uses"]) == (1, 1)
    assert "access_token" in await _refresh(rig, second["refresh_token"])


async def test_old_access_token_dies_when_the_new_one_is_issued(rig: Rig) -> None:
    first = await _exchange(rig, await _code(rig))
    second = await _refresh(rig, first["refresh_token"])
    for token, error in ((first["access_token"], -216), (second["access_token"], 0)):
        answer = await rig.client.get("/v2.0/oa/getoa", headers={"access_token": token})
        assert answer.json()["error"] == error
    assert (await rig.state())["counters"]["dead_access_token_uses"] == 1


async def test_of_many_concurrent_refreshes_exactly_one_wins(rig: Rig) -> None:
    pair = await _exchange(rig, await _code(rig))
    answers = await asyncio.gather(*(_refresh(rig, pair["refresh_token"]) for _ in range(8)))
    assert sorted(answer.get("error", 0) for answer in answers) == [-14014] * 7 + [0]


async def test_lost_answer_of_a_refresh_still_kills_the_token(rig: Rig) -> None:
    pair = await _exchange(rig, await _code(rig))
    await rig.post("/faults", call="oauth", fault="deliver_then_error", answer="http_502")
    answer = await rig.client.post(
        "/v4/oa/access_token",
        data={"app_id": rig.settings.app_id, "grant_type": "refresh_token",
              "refresh_token": pair["refresh_token"]},
        headers={"secret_key": rig.settings.app_secret},
    )  # fmt: skip
    assert answer.status_code == 502
    assert (await _refresh(rig, pair["refresh_token"]))["error"] == -14014


async def test_answer_without_refresh_token_has_rotated_all_the_same(rig: Rig) -> None:
    pair = await _exchange(rig, await _code(rig))
    await rig.post("/faults", call="oauth", fault="no_refresh_token")
    answer = await _refresh(rig, pair["refresh_token"])
    assert set(answer) == {"access_token", "expires_in"}
    assert (await _refresh(rig, pair["refresh_token"]))["error"] == -14014


async def test_access_token_expires_after_25_hours_and_refresh_token_after_90_days(
    rig: Rig,
) -> None:
    pair = await _exchange(rig, await _code(rig))
    headers = {"access_token": pair["access_token"]}
    await rig.post("/clock/advance", seconds=25 * 3600)
    expired = await rig.client.get("/v2.0/oa/getoa", headers=headers)
    assert expired.json()["error"] == -220
    await rig.post("/clock/advance", seconds=89 * 86400)
    assert (await _refresh(rig, pair["refresh_token"]))["error"] == -14014


async def test_live_pair_survives_a_restart_and_dead_tokens_stay_dead(
    make_rig: Callable[..., Rig],
) -> None:
    first = make_rig()
    old = await _exchange(first, await _code(first))
    new = await _refresh(first, old["refresh_token"])
    second = make_rig()
    assert await second.token() == new["access_token"]
    assert (await _refresh(second, old["refresh_token"]))["error"] == -14014
    assert "access_token" in await _refresh(second, new["refresh_token"])


async def test_errors_can_come_without_a_number(rig: Rig) -> None:
    await rig.post("/profile", numeric_oauth_errors=False, expires_in_kind="number")
    answer = await _refresh(rig, "unknown")
    assert "error" not in answer and answer["error_name"]
    assert (await _exchange(rig, await _code(rig)))["expires_in"] == 90000
