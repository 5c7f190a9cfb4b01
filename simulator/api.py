"""The OA API: who may call, how often, and what each call answers. HTTP 200 also on errors.

Sending itself is in `Outbound`; the reading calls answer from the talks that really took place.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from simulator.answers import ZaloResponse, error_body
from simulator.faults import Call, FaultPlan, answer_with
from simulator.gate import Gate
from simulator.outbound import Outbound
from simulator.people import add_tag, erase_user, list_tags, remove_tag, user_detail, user_list
from simulator.records import Message
from simulator.sending import JsonObject, Refusal
from simulator.tables import LIMITS
from simulator.uploads import UploadKind, Uploads
from simulator.world import UnknownCitizen, World

_Handler = Callable[[JsonObject], Any]


def api_router(world: World, outbound: Outbound, uploads: Uploads, faults: FaultPlan) -> APIRouter:
    """Every documented address that the simulator knows; all others answer 404."""
    router = APIRouter()
    gate = Gate(world)

    async def answer(request: Request, call: Call, handler: _Handler) -> Response:
        data = await _read_data(request)

        def refuse(code: int) -> Response:
            return ZaloResponse(error_body(Refusal(code)), headers=gate.headers())

        def work() -> Response:
            try:
                gate.count()
                gate.pass_token(
                    request.headers.get("access_token", ""),
                    request.headers.get("appsecret_proof", ""),
                )
                body = {"error": 0, "message": "Success"}
                result = handler(data)
                if result is not None:
                    body = {"data": result, **body}
            except Refusal as exc:
                world.counters.refused[str(exc.code)] += 1
                body = error_body(exc)
            except UnknownCitizen:
                world.counters.refused["-201"] += 1
                body = error_body(Refusal(-201))
            return ZaloResponse(body, headers=gate.headers())

        return await answer_with(faults.take(call, _named_citizen(data)), work, refuse)

    @router.post("/v3.0/oa/message/cs")
    async def send_v3(request: Request) -> Response:
        return await answer(request, "message", outbound.send_v3)

    @router.post("/v2.0/oa/message")
    async def send_v2(request: Request) -> Response:
        return await answer(request, "message", outbound.send_v2)

    @router.get("/v2.0/oa/conversation")
    async def conversation(request: Request) -> Response:
        return await answer(request, "conversation", lambda data: _conversation(world, data))

    @router.get("/v2.0/oa/listrecentchat")
    async def listrecentchat(request: Request) -> Response:
        return await answer(request, "listrecentchat", lambda data: _recent(world, data))

    @router.get("/v2.0/oa/getoa")
    async def getoa(request: Request) -> Response:
        return await answer(request, "getoa", lambda data: _getoa(world))

    @router.post("/v3.0/oa/quota/message")
    async def quota(request: Request) -> Response:
        return await answer(request, "quota", lambda data: _quota(world, data))

    @router.get("/v3.0/oa/user/detail")
    async def detail(request: Request) -> Response:
        return await answer(request, "user", lambda data: user_detail(world, data))

    @router.get("/v3.0/oa/user/getlist")
    async def getlist(request: Request) -> Response:
        return await answer(request, "user", lambda data: user_list(world, data))

    @router.post("/v2.0/oa/deletefollowerinfo")
    async def erase(request: Request) -> Response:
        return await answer(request, "user", lambda data: erase_user(world, data))

    @router.post("/v2.0/oa/tag/tagfollower")
    async def tag(request: Request) -> Response:
        return await answer(request, "tag", lambda data: add_tag(world, data))

    @router.post("/v2.0/oa/tag/rmfollowerfromtag")
    async def untag(request: Request) -> Response:
        return await answer(request, "tag", lambda data: remove_tag(world, data))

    @router.get("/v2.0/oa/tag/gettagsofoa")
    async def tags(request: Request) -> Response:
        return await answer(request, "tag", lambda data: list_tags(world))

    @router.post("/v2.0/oa/upload/{kind}")
    async def upload(request: Request, kind: UploadKind) -> Response:
        return await answer(request, "upload", lambda data: _add_upload(uploads, kind, data))

    return router


async def _read_data(request: Request) -> JsonObject:
    """JSON of the body or of the query parameter `data`, or the fields of a multipart body.

    Empty when it cannot be read: the handlers then answer that parameters are missing.
    """
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        try:
            async with request.form() as fields:
                file = fields.get("file")
                if not isinstance(file, UploadFile):
                    return {}
                return {"name": file.filename or "", "content": await file.read()}
        except HTTPException:
            return {}
    if request.method == "GET":
        raw: str | bytes = request.query_params.get("data", "{}")
    else:
        raw = await request.body()
    try:
        value = json.loads(raw)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _add_upload(uploads: Uploads, kind: UploadKind, data: JsonObject) -> JsonObject:
    content = data.get("content")
    if not isinstance(content, bytes) or not content:
        raise Refusal(-201, "file is invalid!")
    return uploads.add(kind, str(data["name"]), content)


def _named_citizen(data: JsonObject) -> str:
    recipient = data.get("recipient")
    named = recipient if isinstance(recipient, dict) else data
    return str(named.get("user_id", ""))


def _page(data: JsonObject) -> slice:
    offset, count = data.get("offset", 0), data.get("count", LIMITS.chat_count_max)
    for value in (offset, count):
        if type(value) is not int or value < 0:
            raise Refusal(-201, "offset or count is invalid!")
    if count > LIMITS.chat_count_max:
        raise Refusal(-210)
    return slice(offset, offset + count)


def _conversation(world: World, data: JsonObject) -> list[JsonObject]:
    talk = world.talk(world.citizen(str(data.get("user_id", ""))).id)
    newest_first = [m for m in reversed(talk) if not m.is_hidden][_page(data)]
    page = newest_first if world.profile.newest_first else newest_first[::-1]
    return [_chat_line(world, message) for message in page]


def _recent(world: World, data: JsonObject) -> list[JsonObject]:
    return [_chat_line(world, message) for message in world.recent_messages()[_page(data)]]


_CHAT_TYPES = {"image": "photo", "gif": "GIF", "audio": "voice", "business_card": "link"}


def _chat_line(world: World, message: Message) -> JsonObject:
    """One line of a chat list: `src` 0 is the OA (staff included), 1 the citizen."""
    citizen = world.citizen(message.citizen_id)
    oa = world.settings
    by_citizen = message.author == "citizen"
    ids = (citizen.id, oa.oa_id) if by_citizen else (oa.oa_id, citizen.id)
    names = (citizen.name, oa.oa_name) if by_citizen else (oa.oa_name, citizen.name)
    line: JsonObject = {
        "message_id": message.id,
        "src": 1 if by_citizen else 0,
        "time": message.time_ms,
        "type": _CHAT_TYPES.get(message.kind, message.kind),
        "message": message.text,
        "from_id": ids[0],
        "to_id": ids[1],
        "from_display_name": names[0],
        "to_display_name": names[1],
        "from_avatar": "",
        "to_avatar": "",
    }
    if message.attachment is not None and "url" in message.attachment:
        line["url"] = message.attachment["url"]
    return line


def _getoa(world: World) -> JsonObject:
    is_gov = world.profile.oa_kind == "gov"
    followers = sum(citizen.follow == "following" for citizen in world.citizens())
    return {
        world.profile.getoa_id_key: world.settings.oa_id,
        "name": world.settings.oa_name,
        "description": "Kênh thông tin mô phỏng",
        "oa_alias": "",
        "is_verified": True,
        "oa_type": 4 if is_gov else 2,
        "cate_name": "Cơ quan Nhà nước" if is_gov else "Doanh nghiệp",
        "num_follower": followers,
        "avatar": "https://avatar.example/oa.jpg",
        "cover": "https://cover.example/oa.jpg",
        "package_name": "Tăng trưởng",
        "package_valid_through_date": "31/12/2099",
        "package_auto_renew_date": "",
        "linked_ZCA": "",
    }


def _quota(world: World, data: JsonObject) -> JsonObject:
    citizen = world.citizen(str(data.get("user_id", "")))
    last_ms = citizen.last_interaction_ms
    is_free = last_ms is not None and (
        world.clock.now_ms() - last_ms <= LIMITS.free_window_s * 1000
    )
    return {
        "last_interaction": "" if last_ms is None else str(last_ms),
        "cs_reply": {"remain": 8 if is_free else 0, "total": 8},
        "promotion": {
            "daily_remain": 1, "daily_total": 1, "monthly_remain": 4, "monthly_total": 4,
        },
    }  # fmt: skip
