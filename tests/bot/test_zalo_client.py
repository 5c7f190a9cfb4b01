"""What goes to Zalo, and what each of its answers means."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from bot.errors import (
    ZaloAmbiguous,
    ZaloBusy,
    ZaloError,
    ZaloMisuse,
    ZaloRefused,
    ZaloToken,
)
from bot.messages import Button, Message
from bot.zalo_client import (
    CODES,
    V2_CLOSED,
    WRONG_OA_TYPE,
    ButtonShape,
    Route,
    Sent,
    ZaloClient,
    message_body,
    parse_answer,
)
from tests.bot.builders import CITIZEN, Fault, ZaloWire, zalo_answer, zalo_data, zalo_error

TEXT = Message(text="Kính chào Quý công dân.")
BUTTONS = Message(
    text="Anh/chị cần gì tiếp?",
    buttons=(
        Button(title="Hồ sơ cần có", type="query", payload="#cmd:giayto:khai-sinh"),
        Button(title="Xem trên Cổng DVC", type="url", payload="https://dichvucong.example/"),
        Button(title="Gọi bộ phận một cửa", type="phone", payload="000 000 0004"),
    ),
)
KINDS: dict[str, type[ZaloError]] = {
    "rate_limit": ZaloBusy,
    "attachment_expired": ZaloMisuse,
    "ambiguous_failure": ZaloAmbiguous,
    "payload": ZaloMisuse,
    "config": ZaloMisuse,
    "quota": ZaloMisuse,
    "recipient": ZaloRefused,
    "window": ZaloRefused,
    "token": ZaloToken,
    "endpoint": ZaloMisuse,
    "policy": ZaloMisuse,
    "schedule": ZaloMisuse,
    "other_feature": ZaloMisuse,
}
TABLE = [
    (row["code"], row["class"])
    for row in zalo_data("table_error_codes")["codes"]
    if row["class"] in KINDS
]


def refuse(code: int) -> Fault:
    return lambda request: zalo_error(code)


def answer(name: str) -> Fault:
    return lambda request: zalo_answer(name)


async def send(wire: ZaloWire, message: Message = TEXT, route: Route | None = None) -> Sent:
    async with wire.open() as http:
        return await ZaloClient(http).send("A1", CITIZEN, message, route or Route())


def ways(wire: ZaloWire) -> list[tuple[str, str]]:
    """Endpoint and button shape of each send, in order."""
    found = []
    for request in wire.sends:
        message = json.loads(request.content)["message"]
        payload = message.get("attachment", {}).get("payload", {})
        shape = "none" if not payload else "b" if "template_type" in payload else "a"
        found.append((request.url.path.split("/")[1], shape))
    return found


async def test_text_is_posted_with_the_token_in_its_header() -> None:
    wire = ZaloWire()
    sent = await send(wire)
    assert (sent.message_id, sent.is_charged, sent.route) == ("z1", False, Route())
    (request,) = wire.requests
    assert request.headers["access_token"] == "A1"
    assert "authorization" not in request.headers
    assert request.url.path == "/v3.0/oa/message/cs"
    assert json.loads(request.content) == zalo_data("request_cs_text")["request"]["json"]


@pytest.mark.parametrize(
    ("shape", "name"),
    [("a", "request_cs_text_buttons_shape_a"), ("b", "request_cs_text_buttons_shape_b")],
)
def test_buttons_have_the_shape_that_others_saw_work(shape: ButtonShape, name: str) -> None:
    expected = json.dumps(zalo_data(name)["request"]["json"]["message"])
    hidden = expected.replace("oa.query.show", "oa.query.hide")
    assert message_body(BUTTONS, shape) == json.loads(hidden)


def test_without_buttons_the_text_says_it_all() -> None:
    assert message_body(BUTTONS, "none") == {"text": BUTTONS.text}
    assert message_body(TEXT, "b") == {"text": TEXT.text}


def test_picture_goes_out_with_its_text_and_leaves_no_room_for_buttons() -> None:
    expected = zalo_data("request_cs_image_attachment_id")["request"]["json"]["message"]
    for shape in ("a", "b", "none"):
        body = message_body(BUTTONS, shape, "ATT_fake_0001")  # type: ignore[arg-type]
        assert body == {**expected, "text": BUTTONS.text}


async def upload(fault: Fault) -> tuple[str, httpx.Request]:
    wire = ZaloWire()
    wire.faults = [fault]
    async with wire.open() as http:
        attachment_id = await ZaloClient(http).upload_image("A1", "so-do.png", b"bytes")
    (request,) = wire.requests
    return attachment_id, request


async def test_picture_is_uploaded_as_a_named_file() -> None:
    attachment_id, request = await upload(answer("api_upload_image_ok"))
    assert attachment_id == "ATT_fake_0001"
    assert request.url.path == "/v2.0/oa/upload/image"
    assert request.headers["access_token"] == "A1"
    assert request.headers["content-type"].startswith("multipart/form-data")
    assert b'name="file"; filename="so-do.png"' in request.content
    assert b"bytes" in request.content


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (answer("api_upload_image_bad_type"), ZaloMisuse),
        (answer("api_upload_too_large"), ZaloMisuse),
        (lambda r: httpx.Response(200, json={"error": 0, "data": {}}), ZaloAmbiguous),
        (lambda r: httpx.Response(502, html="<html></html>"), ZaloAmbiguous),
    ],
)
async def test_upload_that_gives_no_id_is_an_error(fault: Fault, kind: type[ZaloError]) -> None:
    with pytest.raises(kind):
        await upload(fault)


@pytest.mark.parametrize(("code", "kind"), TABLE)
async def test_code_has_the_type_that_its_class_calls_for(code: int, kind: str) -> None:
    wire = ZaloWire()
    wire.faults = [refuse(code)] * 2
    with pytest.raises(KINDS[kind]) as caught:
        await send(wire, route=Route(may_switch=False))
    assert caught.value.code == code
    assert len(wire.sends) == 1, "nothing is resent"


def test_table_of_codes_holds_nothing_that_nobody_documented() -> None:
    assert CODES.keys() <= {code for code, _ in TABLE}


async def test_unknown_code_is_for_a_person_to_look_at() -> None:
    wire = ZaloWire()
    wire.faults = [refuse(-9999)]
    with pytest.raises(ZaloMisuse) as caught:
        await send(wire)
    assert caught.value.code == -9999


@pytest.mark.parametrize(
    ("name", "is_charged"),
    [
        ("api_cs_ok_reply_quota", False),
        ("api_cs_ok_reply_quota_bare", False),
        ("api_cs_ok_charged", True),
        ("api_cs_ok_string_error", True),
    ],
)
async def test_accepted_message_has_its_id_and_its_price(name: str, is_charged: bool) -> None:
    wire = ZaloWire()
    wire.faults = [answer(name)]
    sent = await send(wire)
    assert sent.message_id.startswith("9a8b7c6d5e4f302")
    assert sent.is_charged is is_charged


def drop(error: type[httpx.TransportError]) -> Fault:
    def handle(request: httpx.Request) -> httpx.Response:
        raise error("x", request=request)

    return handle


def body(content: bytes, status: int = 200) -> Fault:
    return lambda request: httpx.Response(status, content=content)


UNCERTAIN = [
    drop(httpx.ReadTimeout),
    drop(httpx.WriteTimeout),
    drop(httpx.ReadError),
    drop(httpx.RemoteProtocolError),
    answer("api_empty_200"),
    answer("api_html_502"),
    body(b'{"error": 0, "data": {"message_i'),
    body(b"[]"),
    body(b"null"),
    body(b"{}"),
    body(b"\xff\xfe"),
    body(b'{"error": null}'),
    body(b'{"error": {}}'),
    body(b'{"error": "no"}'),
    body(b'{"error": 0}'),
    body(b'{"error": 0, "data": []}'),
    body(b'{"error": 0, "data": {}}'),
    body(b'{"error": 0, "data": {"message_id": ""}}'),
    body(b'{"message": "busy"}'),
    body(b'{"message": "busy"}', 503),
    body(b'{"error": 0, "data": {"message_id": "x"}}', 500),
    refuse(-200),
    refuse(-239),
]


@pytest.mark.parametrize("fault", UNCERTAIN)
@pytest.mark.parametrize("message", [TEXT, BUTTONS])
async def test_uncertain_end_is_never_followed_by_another_send(
    fault: Fault, message: Message
) -> None:
    wire = ZaloWire()
    wire.faults = [fault]
    with pytest.raises(ZaloAmbiguous):
        await send(wire, message)
    assert len(wire.sends) == 1


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
async def test_unreachable_zalo_got_nothing_so_waiting_is_safe(
    error: type[httpx.TransportError],
) -> None:
    wire = ZaloWire()
    wire.faults = [drop(error)]
    with pytest.raises(ZaloBusy):
        await send(wire)


async def test_error_as_text_counts_like_a_number() -> None:
    wire = ZaloWire()
    wire.faults = [body(b'{"error": "-230"}')]
    with pytest.raises(ZaloRefused) as caught:
        await send(wire)
    assert caught.value.code == -230


async def test_wrong_path_is_our_mistake() -> None:
    wire = ZaloWire()
    wire.faults = [answer("api_wrong_path_404")]
    with pytest.raises(ZaloMisuse):
        await send(wire)


async def test_code_in_the_body_counts_more_than_the_http_status() -> None:
    with pytest.raises(ZaloRefused):
        parse_answer(httpx.Response(500, json={"error": -230}))


async def test_state_agency_is_written_to_by_the_other_endpoint_and_that_is_remembered() -> None:
    wire = ZaloWire()
    wire.faults = [refuse(WRONG_OA_TYPE), answer("api_v2_message_gov_ok")]
    sent = await send(wire)
    assert [r.url.path for r in wire.sends] == ["/v3.0/oa/message/cs", "/v2.0/oa/message"]
    assert sent.route == Route(endpoint="v2_message")
    assert sent.message_id == "9a8b7c6d5e4f30213"


async def test_closed_old_endpoint_leads_back_to_the_new_one() -> None:
    wire = ZaloWire()
    wire.faults = [refuse(V2_CLOSED)]
    sent = await send(wire, route=Route(endpoint="v2_message"))
    assert sent.route.endpoint == "v3_cs"


@pytest.mark.parametrize("start", ["v3_cs", "v2_message"])
async def test_two_endpoints_that_point_at_each_other_are_tried_once_each(start: Any) -> None:
    wire = ZaloWire()

    def both_closed(request: httpx.Request) -> httpx.Response:
        return zalo_error(WRONG_OA_TYPE if "v3.0" in request.url.path else V2_CLOSED)

    wire.faults = [both_closed] * 9
    with pytest.raises(ZaloMisuse):
        await send(wire, route=Route(endpoint=start))
    assert len(wire.sends) == 2


async def test_endpoint_set_by_the_operator_is_kept() -> None:
    wire = ZaloWire()
    wire.faults = [refuse(WRONG_OA_TYPE)]
    with pytest.raises(ZaloMisuse):
        await send(wire, route=Route(may_switch=False))
    assert len(wire.sends) == 1


@pytest.mark.parametrize("code", [-200, -201, -32, -216, -230, -240])
async def test_no_other_code_switches_the_endpoint(code: int) -> None:
    wire = ZaloWire()
    wire.faults = [refuse(code)] * 9
    with pytest.raises(ZaloError):
        await send(wire)
    assert {r.url.path for r in wire.sends} == {"/v3.0/oa/message/cs"}


@pytest.mark.parametrize("code", [-201, -233])
async def test_refused_buttons_become_plainer_step_by_step(code: int) -> None:
    wire = ZaloWire()
    wire.faults = [refuse(code)] * 2
    sent = await send(wire, BUTTONS)
    assert ways(wire) == [("v3.0", "a"), ("v3.0", "b"), ("v3.0", "none")]
    assert sent.route == Route(shape="none")


async def test_second_shape_is_remembered_when_it_works() -> None:
    wire = ZaloWire()
    wire.faults = [refuse(-201)]
    assert (await send(wire, BUTTONS)).route.shape == "b"


async def test_message_wrong_in_itself_is_given_up_after_the_plainest_try() -> None:
    wire = ZaloWire()
    wire.faults = [refuse(-201)] * 9
    with pytest.raises(ZaloMisuse):
        await send(wire, BUTTONS)
    assert len(wire.sends) == 3


async def test_text_without_buttons_is_not_resent_when_a_parameter_is_wrong() -> None:
    wire = ZaloWire()
    wire.faults = [refuse(-201)] * 9
    with pytest.raises(ZaloMisuse):
        await send(wire, TEXT)
    assert len(wire.sends) == 1


async def test_shape_is_kept_when_the_endpoint_changes() -> None:
    wire = ZaloWire()
    wire.faults = [refuse(-201), refuse(WRONG_OA_TYPE)]
    sent = await send(wire, BUTTONS)
    assert ways(wire) == [("v3.0", "a"), ("v3.0", "b"), ("v2.0", "b")]
    assert (sent.route.endpoint, sent.route.shape) == ("v2_message", "b")


async def look(fault: Fault) -> list[Any]:
    wire = ZaloWire()
    wire.looking = fault
    async with wire.open() as http:
        seen = await ZaloClient(http).recent("A1", CITIZEN)
    (request,) = wire.requests
    assert request.url.path == "/v2.0/oa/conversation"
    assert json.loads(request.url.params["data"]) == {
        "user_id": CITIZEN, "offset": 0, "count": 10,
    }  # fmt: skip
    return seen


async def test_talk_shows_only_what_the_office_wrote() -> None:
    (seen,) = await look(answer("api_conversation_ok"))
    assert (seen.message_id, seen.text) == ("c1b2c3d4e5f60718301", "Kính chào Quý công dân.")
    assert seen.at == datetime.fromtimestamp(1789000012, UTC)


@pytest.mark.parametrize("time", [None, "soon", [], 1e300, "9" * 30])
async def test_message_with_an_unreadable_time_is_an_old_one(time: Any) -> None:
    rows = [{"message_id": "x", "src": "0", "message": "a", "time": time}]
    (seen,) = await look(lambda request: httpx.Response(200, json={"error": 0, "data": rows}))
    assert seen.at == datetime.fromtimestamp(0, UTC)


async def test_rows_that_are_none_are_skipped() -> None:
    rows = [None, 1, "x", {}, {"src": 1}]
    assert await look(lambda r: httpx.Response(200, json={"error": 0, "data": rows})) == []


@pytest.mark.parametrize("data", [{"message": "x"}, {"error": 0}, {"error": 0, "data": None}])
async def test_answer_without_a_talk_is_not_taken_for_an_empty_one(data: Any) -> None:
    with pytest.raises(ZaloAmbiguous):
        await look(lambda request: httpx.Response(200, json=data))
