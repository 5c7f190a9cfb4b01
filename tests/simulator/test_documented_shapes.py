"""Replays documented requests and compares every answer with its documented shape."""

import ast
from pathlib import Path
from typing import Any

import pytest

import simulator
from tests.simulator.rig import CITIZEN, Rig
from tests.simulator.shapes import read_data, shape

REQUESTS = read_data("requests.json")
ANSWERS = read_data("answer_shapes.json")
CODES = {
    "cs_text": 0,
    "cs_image_url": 0,
    "cs_sticker": 0,
    "cs_request_user_info": 0,
    "cs_text_buttons_shape_a": 0,
    "cs_text_buttons_shape_b": 0,
    "cs_text_quote": -201,  # quotes a message that this simulator never saw
    "cs_file": -100,  # names an upload that never happened
    "cs_image_attachment_id": -100,
    "anonymous_text": -201,
    "list_template": 0,
}


@pytest.mark.parametrize("name", CODES)
async def test_documented_request_gets_the_expected_code(rig: Rig, name: str) -> None:
    request = REQUESTS[name]
    is_v2 = request["path"].startswith("/v2.0")
    await rig.post("/profile", buttons="both", oa_kind="gov" if is_v2 else "business")
    await rig.citizen_says("xin chào")
    answer = await rig.call("POST", request["path"], json=request["body"])
    assert answer.status_code == 200
    assert answer.json()["error"] == CODES[name]
    assert (await rig.state())["counters"]["unknown_keys"] == {}


def test_every_documented_request_is_replayed() -> None:
    assert set(REQUESTS) == set(CODES)


async def _get(rig: Rig, path: str, data: str = "{}") -> Any:
    answer = await rig.call("GET", path, params={"data": data})
    assert answer.headers["content-type"] == "application/json;charset=utf-8"
    return answer.json()


async def test_sends_answer_in_the_documented_shapes(rig: Rig) -> None:
    await rig.post("/profile", package_messages=1)
    await rig.citizen_says("xin chào")
    seen = {"cs_ok_reply_quota": await rig.oa_sends({"text": "1"})}
    await rig.post("/profile", reply_quota_numbers=False)
    seen["cs_ok_reply_quota_bare"] = await rig.oa_sends({"text": "2"})
    await rig.post("/clock/advance", seconds=3 * 86400)
    seen["cs_ok_sub_quota"] = await rig.oa_sends({"text": "3"})
    seen["cs_ok_charged"] = await rig.oa_sends({"text": "4"})
    await rig.post("/clock/advance", seconds=5 * 86400)
    seen["cs_error_230"] = await rig.oa_sends({"text": "5"})
    seen["wrong_path_404"] = (await rig.client.post("/v3.0/oa/message")).json()
    for name, answer in seen.items():
        assert shape(answer) == ANSWERS[name], name
    assert [answer["error"] for answer in seen.values()] == [0, 0, 0, 0, -230, 404]


async def test_reading_calls_answer_in_the_documented_shapes(rig: Rig) -> None:
    await rig.citizen_says("xin chào")
    talk = await _get(rig, "/v2.0/oa/conversation", f'{{"user_id": "{CITIZEN}"}}')
    assert shape(talk) == ANSWERS["conversation_ok"]
    assert shape(await _get(rig, "/v2.0/oa/listrecentchat")) == ANSWERS["listrecentchat_ok"]
    assert shape(await _get(rig, "/v2.0/oa/getoa")) == ANSWERS["getoa_ok_oa_id"]
    await rig.post("/profile", getoa_id_key="oaid")
    assert shape(await _get(rig, "/v2.0/oa/getoa")) == ANSWERS["getoa_ok_oaid"]
    quota = await rig.call("POST", "/v3.0/oa/quota/message", json={"user_id": CITIZEN})
    assert shape(quota.json()) == ANSWERS["quota_user_ok"]


async def test_calls_about_citizens_answer_in_the_documented_shapes(rig: Rig) -> None:
    await rig.citizen_says("xin chào")
    label = {"user_id": CITIZEN, "tag_name": "can-goi-lai"}
    added = await rig.call("POST", "/v2.0/oa/tag/tagfollower", json=label)
    assert shape(added.json()) == ANSWERS["tag_add_ok"]
    assert shape(await _get(rig, "/v2.0/oa/tag/gettagsofoa")) == ANSWERS["tags_ok"]
    detail = await _get(rig, "/v3.0/oa/user/detail", f'{{"user_id": "{CITIZEN}"}}')
    assert shape(detail) == ANSWERS["user_detail_ok"]
    assert detail["data"]["tags_and_notes_info"]["tag_names"] == ["can-goi-lai"]
    listed = await _get(rig, "/v3.0/oa/user/getlist", '{"offset": 0, "count": 50}')
    assert shape(listed) == ANSWERS["user_getlist_ok"]
    erased = await rig.call("POST", "/v2.0/oa/deletefollowerinfo", json={"user_id": CITIZEN})
    assert shape(erased.json()) == ANSWERS["delete_user_data_ok"]
    assert (await _get(rig, "/v2.0/oa/tag/gettagsofoa"))["data"] == []
    assert (await rig.state())["counters"]["erasures"] == 1


@pytest.mark.parametrize(
    ("kind", "content"),
    [("image", b"\xff\xd8\xff\xe0"), ("gif", b"GIF89a"), ("file", b"%PDF")],
)
async def test_uploads_answer_in_the_documented_shapes(rig: Rig, kind: str, content: bytes) -> None:
    files = {"file": ("a.pdf", content)}
    answer = await rig.call("POST", f"/v2.0/oa/upload/{kind}", files=files)
    assert shape(answer.json()) == ANSWERS[f"upload_{kind}_ok"]


async def test_token_calls_answer_in_the_documented_shapes(rig: Rig) -> None:
    async def call(**form: str) -> Any:
        answer = await rig.client.post(
            "/v4/oa/access_token",
            data={"app_id": rig.settings.app_id, "grant_type": "refresh_token", **form},
            headers={"secret_key": rig.settings.app_secret},
        )
        return shape(answer.json())

    pair = (await rig.client.get("/__fake/tokens")).json()
    refreshed = await call(refresh_token=pair["refresh_token"])
    assert refreshed == ANSWERS["oauth_refresh_ok"] == ANSWERS["oauth_exchange_ok"]
    assert await call(app_id="1") == ANSWERS["oauth_error_invalid_app"]
    await rig.post("/profile", numeric_oauth_errors=False)
    without_number = await call(refresh_token="unknown")
    assert ANSWERS["oauth_error_no_numeric"].items() <= without_number.items()


def test_simulator_shares_no_code_with_the_software_under_test() -> None:
    modules = sorted(Path(simulator.__file__).parent.glob("**/*.py"))
    assert len(modules) > 10
    for module in modules:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                assert name.partition(".")[0] not in {"bot", "webhook", "nlu"}, module.name
