"""The rules of the message calls, on bodies of the documented shapes."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.simulator.rig import CITIZEN, Rig

URL_BUTTON = {
    "title": "Xem trên Cổng", "type": "oa.open.url", "payload": {"url": "https://a.example/"},
}  # fmt: skip
BUTTONS = [
    {"title": "Hồ sơ cần có", "type": "oa.query.show", "payload": "#cmd:giayto:khai-sinh"},
    {"title": "Ẩn", "type": "oa.query.hide", "payload": "g:an"},
    URL_BUTTON,
    {"title": "Gọi", "type": "oa.open.phone", "payload": {"phone_code": "84000000004"}},
    {"title": "SMS", "type": "oa.open.sms",
     "payload": {"content": "chào", "phone_code": "84000000004"}},
]  # fmt: skip


def shape_a(buttons: list[Any], text: str = "Cần gì tiếp?") -> dict[str, Any]:
    return {"text": text, "attachment": {"type": "template", "payload": {"buttons": buttons}}}


def shape_b(buttons: list[Any]) -> dict[str, Any]:
    payload = {"template_type": "button", "text": "Cần gì tiếp?", "buttons": buttons}
    return {"attachment": {"type": "template", "payload": payload}}


def media(**element: Any) -> dict[str, Any]:
    payload = {"template_type": "media", "elements": [element]}
    return {"attachment": {"type": "template", "payload": payload}}


def template(kind: str, *elements: dict[str, Any]) -> dict[str, Any]:
    payload = {"template_type": kind, "elements": list(elements)}
    return {"attachment": {"type": "template", "payload": payload}}


ACCEPTED = {
    "text": {"text": "Kính chào Quý công dân."},
    "two thousand characters": {"text": "ố" * 2000},
    "five buttons": shape_a(BUTTONS),
    "image by address": {"text": "Sơ đồ", **media(media_type="image", url="https://a.example/1")},
    "gif": media(media_type="gif", url="https://a.example/1.gif", width=10, height=10),
    "sticker": media(media_type="sticker", attachment_id="bfe458bf64fa8da4d4eb"),
    "request for contact data": template(
        "request_user_info",
        {"title": "Xã", "subtitle": "Xin số để gọi lại", "image_url": "https://a.example/l"},
    ),
}

REFUSED: dict[str, tuple[Any, int]] = {
    "nothing": ({}, -201),
    "blank text": ({"text": "  "}, -201),
    "text that is a number": ({"text": 5}, -201),
    "2001 characters": ({"text": "ố" * 2001}, -210),
    "1001 emoji are 2002 units": ({"text": "😀" * 1001}, -210),
    "six buttons": (shape_a([BUTTONS[0]] * 6), -201),
    "no buttons": (shape_a([]), -201),
    "title of 101": (shape_a([{**BUTTONS[0], "title": "t" * 101}]), -201),
    "payload of 1001": (shape_a([{**BUTTONS[0], "payload": "p" * 1001}]), -201),
    "unknown button type": (shape_a([{**BUTTONS[0], "type": "oa.query"}]), -201),
    "query payload as an object": (shape_a([{**BUTTONS[0], "payload": {"a": 1}}]), -201),
    "phone without 84": (
        shape_a([{"title": "Gọi", "type": "oa.open.phone", "payload": {"phone_code": "0912"}}]),
        -201,
    ),
    "address that is no address": (
        shape_a([{**URL_BUTTON, "payload": {"url": "javascript:alert(1)"}}]), -201,
    ),
    "buttons without text": (
        {"attachment": {"type": "template", "payload": {"buttons": BUTTONS}}}, -201,
    ),
    "url and attachment_id": (
        media(media_type="image", url="https://a.example/1", attachment_id="x"), -201,
    ),
    "plain image attachment": ({"attachment": {"type": "image", "payload": {}}}, -201),
    "attachment id never uploaded": (media(media_type="image", attachment_id="x"), -100),
    "file never uploaded": ({"attachment": {"type": "file", "payload": {"token": "x"}}}, -100),
    "other template": (template("transaction_order", {"title": "x"}), -233),
    "list on v3": (
        template("list", {"title": "a", "subtitle": "b", "image_url": "https://a.example/"}), -233,
    ),
    "quote of nothing": ({"text": "x", "quote_message_id": "0000"}, -201),
}  # fmt: skip


@pytest.mark.parametrize("message", ACCEPTED.values(), ids=list(ACCEPTED))
async def test_documented_message_is_accepted(rig: Rig, message: Any) -> None:
    await rig.citizen_says("xin chào")
    answer = await rig.oa_sends(message)
    assert answer["error"] == 0, answer
    assert answer["data"]["user_id"] == CITIZEN
    assert answer["data"]["message_id"]


@pytest.mark.parametrize(("message", "code"), REFUSED.values(), ids=list(REFUSED))
async def test_malformed_message_is_refused_and_not_delivered(
    rig: Rig, message: Any, code: int
) -> None:
    await rig.citizen_says("xin chào")
    assert (await rig.oa_sends(message))["error"] == code
    talk = (await rig.client.get(f"/__fake/users/{CITIZEN}/messages")).json()["messages"]
    assert [m["author"] for m in talk] == ["citizen"]


async def test_token_counts_only_in_its_own_header(rig: Rig) -> None:
    await rig.citizen_says("xin chào")
    token = await rig.token()
    body = {"recipient": {"user_id": CITIZEN}, "message": {"text": "chào"}}
    for options in (
        {},
        {"headers": {"authorization": f"Bearer {token}"}},
        {"params": {"access_token": token}},
    ):
        answer = await rig.client.post("/v3.0/oa/message/cs", json=body, **options)
        assert (answer.status_code, answer.json()["error"]) == (200, -216)


async def test_wrong_address_answers_404_with_the_body_of_zalo(rig: Rig) -> None:
    for method, path in (("POST", "/v3.0/oa/message"), ("GET", "/v3.0/oa/message/cs")):
        answer = await rig.call(method, path)
        assert answer.status_code == 404
        assert answer.json() == {
            "error": 404, "message": "You are accessing an empty or invalid API",
        }  # fmt: skip


async def test_unknown_user_and_user_who_never_wrote_are_refused(rig: Rig) -> None:
    assert (await rig.oa_sends({"text": "chào"}, to="1"))["error"] == -201
    await rig.post("/users", id="2")
    assert (await rig.oa_sends({"text": "chào"}, to="2"))["error"] == -232


async def test_quota_is_reply_then_package_then_money_and_after_7_days_refusal(
    rig: Rig,
) -> None:
    await rig.post("/profile", package_messages=1)
    await rig.citizen_says("xin chào")
    reply = (await rig.oa_sends({"text": "1"}))["data"]["quota"]
    assert (reply["quota_type"], reply["remain"]) == ("reply", "8")
    await rig.post("/clock/advance", seconds=48 * 3600 + 1)
    package = (await rig.oa_sends({"text": "2"}))["data"]["quota"]
    assert (package["quota_type"], package["remain"]) == ("sub_quota", "0")
    assert "quota" not in (await rig.oa_sends({"text": "3"}))["data"]
    await rig.post("/clock/advance", seconds=5 * 86400)
    assert (await rig.oa_sends({"text": "4"}))["error"] == -230
    counters = (await rig.state())["counters"]
    assert (counters["sends"], counters["charged"]) == (3, 1)
    await rig.citizen_says("lại là tôi")
    assert (await rig.oa_sends({"text": "5"}))["error"] == 0


async def test_state_agency_is_refused_on_v3_and_served_on_v2(rig: Rig) -> None:
    await rig.citizen_says("xin chào")
    assert (await rig.oa_sends({"text": "a"}, path="/v2.0/oa/message"))["error"] == -240
    await rig.post("/profile", oa_kind="gov")
    assert (await rig.oa_sends({"text": "b"}))["error"] == -235
    assert (await rig.oa_sends({"text": "c"}, path="/v2.0/oa/message"))["error"] == 0
    assert (await rig.call("GET", "/v2.0/oa/getoa")).json()["data"]["oa_type"] == 4


@pytest.mark.parametrize(
    ("accepted", "codes"),
    [("shape_a", (0, -233)), ("shape_b", (-233, 0)), ("both", (0, 0)), ("none", (-233, -233))],
)
async def test_buttons_are_accepted_only_in_the_shape_of_the_profile(
    rig: Rig, accepted: str, codes: tuple[int, int]
) -> None:
    await rig.post("/profile", buttons=accepted)
    await rig.citizen_says("xin chào")
    assert (await rig.oa_sends(shape_a(BUTTONS)))["error"] == codes[0]
    assert (await rig.oa_sends(shape_b(BUTTONS)))["error"] == codes[1]
    assert (await rig.oa_sends({"text": "không nút"}))["error"] == 0


async def test_unfollowed_and_refusing_users_cannot_be_written_to(rig: Rig) -> None:
    await rig.post(f"/users/{CITIZEN}/follow")
    assert (await rig.oa_sends({"text": "1"}))["error"] == 0
    await rig.post(f"/users/{CITIZEN}/unfollow")
    assert (await rig.oa_sends({"text": "2"}))["error"] == -213
    await rig.citizen_says("tôi vẫn cần hỏi")
    assert (await rig.oa_sends({"text": "3"}))["error"] == 0
    await rig.post(f"/users/{CITIZEN}/refuse", code=-244)
    assert (await rig.oa_sends({"text": "4"}))["error"] == -244


async def test_rate_is_limited_per_minute_and_shown_in_the_headers(rig: Rig) -> None:
    await rig.post("/profile", oa_per_minute=2)
    answers = [await rig.call("GET", "/v2.0/oa/getoa") for _ in range(3)]
    assert [answer.json()["error"] for answer in answers] == [0, 0, -32]
    assert answers[0].headers["X-RateLimit-Limit"] == "4000"
    assert answers[0].headers["X-RateLimit-Remain"] == "3999"
    await rig.post("/clock/advance", seconds=60)
    assert (await rig.call("GET", "/v2.0/oa/getoa")).json()["error"] == 0


async def test_quote_works_for_48_hours_and_only_in_the_same_talk(rig: Rig) -> None:
    asked = await rig.citizen_says("hỏi")
    foreign = await rig.citizen_says("hỏi", citizen="2460000000000000034")
    assert (await rig.oa_sends({"text": "đáp", "quote_message_id": asked}))["error"] == 0
    assert (await rig.oa_sends({"text": "đáp", "quote_message_id": foreign}))["error"] == -201
    await rig.post("/clock/advance", seconds=48 * 3600 + 1)
    assert (await rig.oa_sends({"text": "đáp", "quote_message_id": asked}))["error"] == -201


async def test_unknown_keys_are_noted_not_refused(rig: Rig) -> None:
    await rig.citizen_says("xin chào")
    assert (await rig.oa_sends({"text": "a", "parse_mode": "md"}))["error"] == 0
    assert (await rig.state())["counters"]["unknown_keys"] == {"message.parse_mode": 1}


async def test_history_shows_both_sides_at_most_ten_at_a_time(rig: Rig) -> None:
    for number in range(6):
        await rig.citizen_says(f"hỏi {number}")
        await rig.oa_sends({"text": f"đáp {number}"})

    async def read(path: str, **data: Any) -> Any:
        answer = await rig.call("GET", path, params={"data": json.dumps(data)})
        return answer.json()

    page = await read("/v2.0/oa/conversation", user_id=CITIZEN, offset=0, count=10)
    assert [(m["src"], m["message"]) for m in page["data"][:2]] == [(0, "đáp 5"), (1, "hỏi 5")]
    assert page["data"][0].keys() == {
        "message_id", "src", "time", "type", "message", "from_id", "to_id",
        "from_display_name", "to_display_name", "from_avatar", "to_avatar",
    }  # fmt: skip
    rest = await read("/v2.0/oa/conversation", user_id=CITIZEN, offset=10, count=10)
    assert [m["message"] for m in rest["data"]] == ["đáp 0", "hỏi 0"]
    assert (await read("/v2.0/oa/conversation", user_id=CITIZEN, count=11))["error"] == -210
    recent = await read("/v2.0/oa/listrecentchat", offset=0, count=10)
    assert [m["message"] for m in recent["data"]] == ["đáp 5"]


async def test_quota_call_tells_the_last_interaction(rig: Rig) -> None:
    await rig.citizen_says("xin chào")
    answer = await rig.call("POST", "/v3.0/oa/quota/message", json={"user_id": CITIZEN})
    assert answer.json()["data"]["last_interaction"] == "1795000000000"
    assert answer.json()["data"]["cs_reply"] == {"remain": 8, "total": 8}


@pytest.mark.parametrize(
    ("fault", "status", "content"),
    [
        ({"fault": "code", "code": -32}, 200, b'"error":-32'),
        ({"fault": "http_500"}, 500, b"Internal"),
        ({"fault": "html"}, 200, b"<html>"),
        ({"fault": "empty"}, 200, b""),
        ({"fault": "truncated", "code": -32}, 200, b'{"error":-32,'),
    ],
    ids=lambda value: value["fault"] if isinstance(value, dict) else None,
)
async def test_planned_fault_replaces_one_answer_and_delivers_nothing(
    rig: Rig, fault: dict[str, Any], status: int, content: bytes
) -> None:
    await rig.citizen_says("xin chào")
    await rig.post("/faults", call="message", **fault)
    body = {"recipient": {"user_id": CITIZEN}, "message": {"text": "đáp"}}
    answer = await rig.call("POST", "/v3.0/oa/message/cs", json=body)
    assert answer.status_code == status
    assert content in answer.content
    assert (await rig.state())["counters"]["sends"] == 0
    assert (await rig.oa_sends({"text": "đáp"}))["error"] == 0


async def test_message_can_be_delivered_although_the_answer_is_an_error(rig: Rig) -> None:
    await rig.citizen_says("xin chào")
    await rig.post("/faults", call="message", fault="deliver_then_error", skip=1)
    codes = [(await rig.oa_sends({"text": str(number)}))["error"] for number in range(3)]
    assert codes == [0, -200, 0]
    talk = (await rig.client.get(f"/__fake/users/{CITIZEN}/messages")).json()["messages"]
    assert [m["text"] for m in talk if m["author"] == "oa"] == ["0", "1", "2"]


async def test_uploaded_image_can_be_sent_for_seven_days(rig: Rig) -> None:
    await rig.citizen_says("cho xem sơ đồ")
    png = b"\x89PNG\r\n\x1a\n" + bytes(20)
    answer = await rig.call("POST", "/v2.0/oa/upload/image", files={"file": ("so-do.png", png)})
    upload_id = answer.json()["data"]["attachment_id"]
    message = media(media_type="image", attachment_id=upload_id)
    assert (await rig.oa_sends(message))["error"] == 0
    assert (await rig.client.get(f"/__fake/uploads/{upload_id}")).content == png
    await rig.post("/clock/advance", seconds=7 * 86400 + 1)
    await rig.citizen_says("xem lại")
    assert (await rig.oa_sends(message))["error"] == -100


@pytest.mark.parametrize(
    ("kind", "name", "content", "code"),
    [
        ("image", "a.png", b"GIF89a", -201),
        ("image", "a.jpg", b"\xff\xd8\xff" + bytes(1048576), -210),
        ("gif", "a.gif", b"GIF89a", 0),
        ("file", "a.xlsx", b"PK", -201),
        ("file", "a.pdf", b"%PDF", 0),
    ],
)
async def test_upload_is_checked_by_type_and_size(
    rig: Rig, kind: str, name: str, content: bytes, code: int
) -> None:
    path = f"/v2.0/oa/upload/{kind}"
    answer = await rig.call("POST", path, files={"file": (name, content)})
    assert answer.json()["error"] == code


async def test_uploads_of_a_month_are_counted_by_kind(rig: Rig) -> None:
    await rig.post("/profile", uploads_per_month=2)

    async def upload(kind: str, content: bytes) -> int:
        files = {"file": ("a.png", content)}
        answer = await rig.call("POST", f"/v2.0/oa/upload/{kind}", files=files)
        return int(answer.json()["error"])

    codes = [await upload("image", b"\xff\xd8\xff") for _ in range(3)]
    assert codes == [0, 0, -211]
    assert await upload("gif", b"GIF89a") == 0
    assert (await rig.state())["counters"]["uploads"] == {"image": 2, "gif": 1}
    await rig.post("/clock/advance", seconds=31 * 86400)
    await rig.post("/tokens")
    assert await upload("image", b"\xff\xd8\xff") == 0


async def test_picture_may_have_a_text_as_long_as_any_other(rig: Rig) -> None:
    await rig.citizen_says("cho xem sơ đồ")
    answer = await rig.call(
        "POST", "/v2.0/oa/upload/image", files={"file": ("a.png", b"\x89PNG\r\n\x1a\n")}
    )
    attachment_id = answer.json()["data"]["attachment_id"]
    picture = media(media_type="image", attachment_id=attachment_id)
    assert (await rig.oa_sends({**picture, "text": "đ" * 2_000}))["error"] == 0
    assert (await rig.oa_sends({**picture, "text": "đ" * 2_001}))["error"] == -210
    talk = (await rig.client.get(f"/__fake/users/{CITIZEN}/messages")).json()["messages"]
    assert (talk[-1]["kind"], len(talk[-1]["text"])) == ("image", 2_000)


async def test_talks_survive_a_restart_in_order(make_rig: Callable[..., Rig]) -> None:
    first = make_rig()
    await first.citizen_says("một")
    await first.oa_sends(shape_a(BUTTONS, "hai"))
    await first.citizen_says("ba")
    second = make_rig()
    talk = (await second.client.get(f"/__fake/users/{CITIZEN}/messages")).json()["messages"]
    assert [m["text"] for m in talk] == ["một", "hai", "ba"]
    tapped = await second.post(f"/users/{CITIZEN}/tap", message_id=talk[1]["id"], button_index=0)
    assert tapped["text"] == "#cmd:giayto:khai-sinh"
