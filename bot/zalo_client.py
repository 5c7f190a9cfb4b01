"""Messages → Zalo's OA API, and Zalo's answers → values or typed errors.

Zalo answers HTTP 200 also to errors; `error` in the body decides, and one table gives each code
its type. Which endpoint and which button shape an OA accepts is not documented, so both are tried
on the codes that say so and remembered by the caller as a `Route`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

import httpx
import orjson

from bot.errors import (
    ZaloAmbiguous,
    ZaloBusy,
    ZaloError,
    ZaloMisuse,
    ZaloRefused,
    ZaloToken,
)
from bot.messages import Button, Message

Endpoint = Literal["v3_cs", "v2_message"]
ButtonShape = Literal["a", "b", "none"]

_PATHS: Final[Mapping[Endpoint, str]] = {
    "v3_cs": "/v3.0/oa/message/cs",
    "v2_message": "/v2.0/oa/message",
}

_UPLOAD_PATH: Final = "/v2.0/oa/upload/image"
"""The only one, for OAs of every type."""

WRONG_OA_TYPE: Final = -235
"""The v3 endpoint refuses a state agency's OA."""
V2_CLOSED: Final = -240
"""The v2 endpoint refuses a business OA."""
_BUTTONS_REFUSED: Final = {-201, -233}

# Checked on 2026-11-22 against the published error table; numbers of other products (ZNS, user
# login) are separate tables and must not be merged in.
CODES: Final[Mapping[int, tuple[type[ZaloError], str]]] = {
    -32: (ZaloBusy, "request limit of the app or of the OA's package reached"),
    -100: (ZaloMisuse, "attachment is older than 7 days"),
    -200: (ZaloAmbiguous, "send failed, no reason given"),
    -201: (ZaloMisuse, "a parameter is invalid"),
    -204: (ZaloMisuse, "OA is deleted or disabled"),
    -205: (ZaloMisuse, "OA does not exist"),
    -209: (ZaloMisuse, "app is not activated in the console"),
    -210: (ZaloMisuse, "a limit is exceeded"),
    -211: (ZaloMisuse, "feature quota is used up"),
    -212: (ZaloMisuse, "API is not registered for the app"),
    -213: (ZaloRefused, "user does not follow the OA"),
    -216: (ZaloToken, "access token is invalid"),
    -217: (ZaloRefused, "user blocks invitations of the OA"),
    -218: (ZaloRefused, "receive quota of this user is used up"),
    -219: (ZaloMisuse, "app was removed or disabled"),
    -220: (ZaloToken, "access token has expired or was removed"),
    -221: (ZaloMisuse, "OA is not verified"),
    -223: (ZaloMisuse, "OA has not granted this API to the app"),
    -224: (ZaloMisuse, "the OA's package does not include this feature"),
    -227: (ZaloRefused, "user account is banned or inactive"),
    -230: (ZaloRefused, "no interaction in the last 7 days"),
    -231: (ZaloRefused, "no interaction yet"),
    -232: (ZaloRefused, "the last interaction is too old"),
    -233: (ZaloMisuse, "message type is invalid or not supported"),
    -235: (ZaloMisuse, "API is not available for this type of OA"),
    -239: (ZaloAmbiguous, "called transient by one project"),
    -240: (ZaloMisuse, "v2 message API is switched off"),
    -242: (ZaloMisuse, "appsecret_proof is missing or wrong"),
    -244: (ZaloRefused, "user restricts this type of message"),
    -248: (ZaloMisuse, "content breaks the platform's rules"),
    -320: (ZaloMisuse, "app is not linked to a Zalo Cloud Account"),
    -321: (ZaloMisuse, "Zalo Cloud Account cannot be charged"),
    -124: (ZaloToken, "access token is invalid"),
    -401: (ZaloToken, "access token is invalid"),
    401: (ZaloToken, "access token is invalid"),
    216: (ZaloToken, "access token is invalid"),
    404: (ZaloMisuse, "API path is empty or invalid"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How one OA is written to."""

    endpoint: Endpoint = "v3_cs"
    shape: ButtonShape = "a"
    may_switch: bool = True
    """False: the endpoint is set by the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """An accepted message."""

    message_id: str
    is_charged: bool
    """True where v3's answer carries no quota object: that is how Zalo marks a paid message."""
    route: Route
    """The route that worked, to be remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A message that Zalo shows in a talk."""

    message_id: str
    text: str
    at: datetime


class ZaloClient:
    """Zalo's OA API. `http` has the API's base address and a timeout set."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def send(
        self,
        token: str,
        citizen_id: str,
        message: Message,
        route: Route,
        *,
        attachment_id: str = "",
    ) -> Sent:
        """Hands over one message; tries the other endpoint and plainer buttons where Zalo says so.

        `attachment_id` names its picture, uploaded before; without it the picture is left out.
        Each further try follows a definite refusal, so nothing can arrive twice. Raises ZaloError.
        """
        tried: set[tuple[str, str]] = set()
        while True:
            tried.add((route.endpoint, route.shape))
            try:
                body = {
                    "recipient": {"user_id": citizen_id},
                    "message": message_body(message, route.shape, attachment_id),
                }
                return await self._send_once(token, body, route)
            except ZaloMisuse as exc:
                next_route = _plainer(route, message, exc.code)
                if next_route is None or (next_route.endpoint, next_route.shape) in tried:
                    raise
                route = next_route

    async def recent(self, token: str, citizen_id: str) -> list[Seen]:
        """The OA's own messages among the last ten of a talk. Raises ZaloError."""
        query = orjson.dumps({"user_id": citizen_id, "offset": 0, "count": 10}).decode()
        data = await self._call("GET", "/v2.0/oa/conversation", token, params={"data": query})
        rows = data.get("data")
        if not isinstance(rows, list):
            # Taking this for an empty talk would send a delivered message again.
            raise ZaloAmbiguous("answer without a talk")
        return [
            Seen(
                message_id=str(row.get("message_id", "")),
                text=str(row.get("message", "")),
                at=_sent_at(row.get("time")),
            )
            for row in rows
            if isinstance(row, dict) and str(row.get("src")) == "0"
        ]

    async def upload_image(self, token: str, name: str, content: bytes) -> str:
        """The attachment id of a picture, good for 7 days. Raises ZaloError.

        At most 1 MB of PNG or JPEG, 5,000 times a month. Nobody sees an upload, so it may be
        repeated after any end.
        """
        answer = await self._call("POST", _UPLOAD_PATH, token, files={"file": (name, content)})
        data = answer.get("data")
        attachment_id = data.get("attachment_id") if isinstance(data, dict) else None
        if not attachment_id:
            raise ZaloAmbiguous("answer without an attachment id")
        return str(attachment_id)

    async def _send_once(self, token: str, body: dict[str, Any], route: Route) -> Sent:
        answer = await self._call("POST", _PATHS[route.endpoint], token, json=body)
        data = answer.get("data")
        message_id = data.get("message_id") if isinstance(data, dict) else None
        if not isinstance(data, dict) or not message_id:
            raise ZaloAmbiguous("answer without a message id")
        # The v2 endpoint never tells of a quota.
        is_charged = route.endpoint == "v3_cs" and not data.get("quota")
        return Sent(message_id=str(message_id), is_charged=is_charged, route=route)

    async def _call(self, method: str, path: str, token: str, **more: Any) -> dict[str, Any]:
        try:
            response = await self._http.request(
                method, path, headers={"access_token": token}, **more
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as exc:
            # Nothing was sent, so trying again later cannot double it.
            raise ZaloBusy("Zalo could not be reached") from exc
        except httpx.HTTPError as exc:
            raise ZaloAmbiguous(f"no answer: {type(exc).__name__}") from exc
        return parse_answer(response)


def parse_answer(response: httpx.Response) -> dict[str, Any]:
    """The body of an accepted call.

    Raises the ZaloError that the table gives to the body's code; ZaloAmbiguous for anything that
    is not Zalo's JSON.
    """
    try:
        body = orjson.loads(response.content)
        code = int(body.get("error", 0)) if isinstance(body, dict) else None
    except (TypeError, ValueError, OverflowError):
        code, body = None, None
    if code is None or not body:
        raise ZaloAmbiguous(f"unreadable answer, HTTP {response.status_code}")
    if code == 0:
        if response.status_code >= 400:
            raise ZaloAmbiguous(f"HTTP {response.status_code}")
        return dict(body)
    kind, reason = CODES.get(code, (ZaloMisuse, "unknown code"))
    raise kind(f"{reason} ({code})", code=code)


def _sent_at(value: Any) -> datetime:
    """Zalo's milliseconds as a time, UTC; 1970 for anything unreadable."""
    try:
        return datetime.fromtimestamp(int(value) / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def message_body(message: Message, shape: ButtonShape, attachment_id: str = "") -> dict[str, Any]:
    """The `message` part of a send request. Without buttons only the text, which says it all.

    There is room for one attachment: a picture leaves none for buttons.
    """
    if attachment_id:
        element = {"media_type": "image", "attachment_id": attachment_id}
        media = {"template_type": "media", "elements": [element]}
        return {"text": message.text, "attachment": {"type": "template", "payload": media}}
    if not message.buttons or shape == "none":
        return {"text": message.text}
    buttons = [_button_body(b) for b in message.buttons]
    if shape == "a":
        payload: dict[str, Any] = {"buttons": buttons}
        return {"text": message.text, "attachment": {"type": "template", "payload": payload}}
    payload = {"template_type": "button", "text": message.text, "buttons": buttons}
    return {"attachment": {"type": "template", "payload": payload}}


def _button_body(button: Button) -> dict[str, Any]:
    match button.type:
        case "query":
            # Hidden, because the payload is a code that would puzzle whoever reads the talk.
            return {"title": button.title, "type": "oa.query.hide", "payload": button.payload}
        case "url":
            return {
                "title": button.title,
                "type": "oa.open.url",
                "payload": {"url": button.payload},
            }
        case "phone":
            digits = "".join(c for c in button.payload if c.isdigit())
            code = "84" + digits[1:] if digits.startswith("0") else digits
            payload = {"phone_code": code}
            return {"title": button.title, "type": "oa.open.phone", "payload": payload}


def _plainer(route: Route, message: Message, code: int | None) -> Route | None:
    """The route to try after a refusal with this code; None if another one cannot help."""
    if route.may_switch and (route.endpoint, code) == ("v3_cs", WRONG_OA_TYPE):
        return replace(route, endpoint="v2_message")
    if route.may_switch and (route.endpoint, code) == ("v2_message", V2_CLOSED):
        return replace(route, endpoint="v3_cs")
    if message.buttons and code in _BUTTONS_REFUSED and route.shape != "none":
        return replace(route, shape="b" if route.shape == "a" else "none")
    return None
