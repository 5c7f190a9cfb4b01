"""Reads the body of a send request as strictly as Zalo is documented to, and says what it is.

Pure: knows limits and shapes, not citizens, tokens or windows. Follows the consultation message
page, the official SDKs' constants, and for buttons the two shapes seen in practice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from simulator.tables import LIMITS, error_text

JsonObject = dict[str, Any]
ButtonShape = Literal["none", "shape_a", "shape_b"]


class Refusal(Exception):
    """Zalo answers an error: `code` and the text that goes with it."""

    def __init__(self, code: int, text: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.text = text or error_text(code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A well-formed send request."""

    user_id: str = ""
    reply_to_id: str = ""
    """Recipient given as the id of a citizen's message."""
    anonymous_id: str = ""
    kind: str = "text"
    text: str = ""
    quote_id: str = ""
    attachment: JsonObject | None = None
    upload_id: str = ""
    """attachment_id or file token that must have been uploaded before."""
    buttons: tuple[JsonObject, ...] = ()
    button_shape: ButtonShape = "none"
    unknown_keys: tuple[str, ...] = ()


def count_chars(text: str) -> int:
    """Length in UTF-16 units, the stricter reading of Zalo's "characters"."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def read_send(body: object) -> Draft:
    """The draft in a `{recipient, message}` body. Raises Refusal -201, -210 or -233."""
    whole = _object(body, "body")
    unknown = _unknown(whole, {"recipient", "message"}, "")
    recipient = _object(whole.get("recipient"), "recipient")
    message = _object(whole.get("message"), "message")
    unknown += _unknown(
        recipient, {"user_id", "message_id", "anonymous_id", "conversation_id"}, "recipient."
    )
    unknown += _unknown(message, {"text", "attachment", "quote_message_id"}, "message.")
    addressed = _read_recipient(recipient)
    content = _read_message(message)
    return Draft(**addressed, **content, unknown_keys=tuple(unknown))


def read_reaction(body: object) -> tuple[str, str, str]:
    """(user id, icon, message id) of a `sender_action` body. Raises Refusal -201."""
    whole = _object(body, "body")
    action = _object(whole.get("sender_action"), "sender_action")
    recipient = _object(whole.get("recipient"), "recipient")
    return (
        _text(recipient.get("user_id"), "user_id"),
        _text(action.get("react_icon"), "react_icon"),
        _text(action.get("react_message_id"), "react_message_id"),
    )


def _read_recipient(recipient: JsonObject) -> JsonObject:
    if "anonymous_id" in recipient:
        _text(recipient.get("conversation_id"), "conversation_id")
        return {"anonymous_id": _text(recipient["anonymous_id"], "anonymous_id")}
    if ("user_id" in recipient) == ("message_id" in recipient):
        raise Refusal(-201, "recipient is invalid!")
    if "user_id" in recipient:
        return {"user_id": _text(recipient["user_id"], "user_id")}
    return {"reply_to_id": _text(recipient["message_id"], "message_id")}


def _read_message(message: JsonObject) -> JsonObject:
    content: JsonObject = {}
    if "text" in message:
        content["text"] = _limited_text(message["text"])
    if "quote_message_id" in message:
        content["quote_id"] = _text(message["quote_message_id"], "quote_message_id")
    if "attachment" not in message:
        if "text" not in message:
            raise Refusal(-201, "message is invalid!")
        return content
    attachment = _object(message["attachment"], "attachment")
    payload = _object(attachment.get("payload"), "payload")
    match attachment.get("type"):
        case "file":
            token = _text(payload.get("token"), "token")
            return {**content, "kind": "file", "attachment": {}, "upload_id": token}
        case "template":
            return {**content, **_read_template(payload, content)}
        case _:
            raise Refusal(-201, "attachment type is invalid!")


def _read_template(payload: JsonObject, content: JsonObject) -> JsonObject:
    match payload.get("template_type"):
        case None if "buttons" in payload:
            if not content.get("text"):
                raise Refusal(-201, "text is empty!")
            return {"buttons": _read_buttons(payload["buttons"]), "button_shape": "shape_a"}
        case "button":
            return {
                "text": _limited_text(payload.get("text")),
                "buttons": _read_buttons(payload.get("buttons")),
                "button_shape": "shape_b",
            }
        case "media":
            return _read_media(payload)
        case "request_user_info":
            (element,) = _elements(payload, at_most=1)
            _read_element(element, needs_subtitle=True)
            return {"kind": "request_user_info", "attachment": payload,
                    "text": content.get("text") or element["title"]}  # fmt: skip
        case "list":
            elements = _elements(payload, at_most=LIMITS.list_elements_max)
            for number, element in enumerate(elements):
                _read_element(element, needs_subtitle=number == 0)
            return {"kind": "list", "attachment": payload, "text": elements[0]["title"]}
        case _:
            raise Refusal(-233)


def _read_media(payload: JsonObject) -> JsonObject:
    (element,) = _elements(payload, at_most=1)
    kind = element.get("media_type")
    if kind not in {"image", "gif", "sticker"}:
        raise Refusal(-201, "media_type is invalid!")
    if ("url" in element) == ("attachment_id" in element):
        raise Refusal(-201, "url or attachment_id is invalid!")
    if kind == "gif" and not all(isinstance(element.get(k), int) for k in ("width", "height")):
        raise Refusal(-201, "width or height is invalid!")
    if kind == "sticker":
        return {"kind": kind, "attachment": {"id": _text(element.get("attachment_id"), "id")}}
    if "url" in element:
        url = _url(element["url"])
        return {"kind": kind, "attachment": {"thumbnail": url, "url": url}}
    upload_id = _text(element["attachment_id"], "attachment_id")
    return {"kind": kind, "attachment": {}, "upload_id": upload_id}


def _elements(payload: JsonObject, *, at_most: int) -> list[JsonObject]:
    elements = payload.get("elements")
    if not isinstance(elements, list) or not 1 <= len(elements) <= at_most:
        raise Refusal(-201, "elements is invalid!")
    return [_object(element, "element") for element in elements]


def _read_element(element: JsonObject, *, needs_subtitle: bool) -> None:
    if count_chars(_text(element.get("title"), "title")) > LIMITS.element_title_max:
        raise Refusal(-210)
    if needs_subtitle or "subtitle" in element:
        subtitle = _text(element.get("subtitle"), "subtitle")
        if count_chars(subtitle) > LIMITS.element_subtitle_max:
            raise Refusal(-210)


def _read_buttons(value: object) -> tuple[JsonObject, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= LIMITS.buttons_max:
        raise Refusal(-201, "buttons is invalid!")
    return tuple(_read_button(_object(button, "button")) for button in value)


def _read_button(button: JsonObject) -> JsonObject:
    title = _text(button.get("title"), "title")
    if count_chars(title) > LIMITS.button_title_max:
        raise Refusal(-201, "title is too long!")
    kind = button.get("type")
    if kind not in _PAYLOADS:
        raise Refusal(-201, "button type is invalid!")
    return {"title": title, "type": kind, "payload": _PAYLOADS[kind](button.get("payload"))}


def _query_payload(value: object) -> str:
    payload = _text(value, "payload")
    if count_chars(payload) > LIMITS.query_payload_max:
        raise Refusal(-201, "payload is too long!")
    return payload


def _phone_payload(value: object) -> JsonObject:
    code = _text(_object(value, "payload").get("phone_code"), "phone_code")
    if not (code.isascii() and code.isdigit() and code.startswith("84")):
        raise Refusal(-201, "phone_code is invalid!")
    return {"phone_code": code}


def _sms_payload(value: object) -> JsonObject:
    content = _text(_object(value, "payload").get("content"), "content")
    if count_chars(content) > LIMITS.sms_content_max:
        raise Refusal(-201, "content is too long!")
    return {"content": content, **_phone_payload(value)}


_PAYLOADS: dict[object, Callable[[object], Any]] = {
    "oa.query.show": _query_payload,
    "oa.query.hide": _query_payload,
    "oa.open.url": lambda value: {"url": _url(_object(value, "payload").get("url"))},
    "oa.open.phone": _phone_payload,
    "oa.open.sms": _sms_payload,
}


def _limited_text(value: object) -> str:
    text = _text(value, "text")
    if count_chars(text) > LIMITS.text_max_chars:
        raise Refusal(-210)
    return text


def _url(value: object) -> str:
    url = _text(value, "url")
    if not url.startswith(("https://", "http://")):
        raise Refusal(-201, "url is invalid!")
    return url


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Refusal(-201, f"{name} is invalid!")
    return value


def _object(value: object, name: str) -> JsonObject:
    if not isinstance(value, dict):
        raise Refusal(-201, f"{name} is invalid!")
    return value


def _unknown(value: JsonObject, known: set[str], prefix: str) -> list[str]:
    return [prefix + key for key in value if key not in known]
