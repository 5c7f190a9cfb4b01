"""Bodies of webhook events, as Zalo writes them: who is sender, who is recipient, which fields.

Every function returns a JSON value without `app_id` and `timestamp`, which `encode_event` adds
unless they are there already.
The receipts are the odd ones: they report what the citizen did, with the OA as the sender.
"""

from __future__ import annotations

import json
from typing import Any

from simulator.profile import Profile
from simulator.records import Citizen, Message

JsonObject = dict[str, Any]

_MEDIA = "http://photo-talk.zdn.example/1111111111111111111/0123456789abcdef.jpg"
_STICKER = {"id": "bfe458bf64fa8da4d4eb", "url": "https://sticker.example/sticker?id=1"}

CITIZEN_ATTACHMENTS: dict[str, JsonObject] = {
    "image": {"thumbnail": _MEDIA, "url": _MEDIA},
    "gif": {"thumbnail": _MEDIA, "url": _MEDIA.replace(".jpg", ".gif")},
    "link": {
        "thumbnail": _MEDIA, "description": "Trang hướng dẫn", "url": "https://trang.example/1",
    },
    "audio": {"url": "http://voice-talk.zdn.example/2222222222/0123.amr"},
    "video": {
        "thumbnail": _MEDIA, "description": "",
        "url": "http://video-talk.zdn.example/3333333333/0123.mp4",
    },
    "sticker": _STICKER,
    "location": {"coordinates": {"latitude": "21.8500000", "longitude": "106.7600000"}},
    "file": {
        "size": "153600", "name": "don-de-nghi.pdf", "type": "pdf",
        "checksum": "0cc175b9c0f1b6a831c399e269772661",
        "url": "http://file-talk.zdn.example/4444444444/0123.pdf",
    },
    "business_card": {
        "thumbnail": _MEDIA, "url": "https://zalo.example/x",
        "description": json.dumps({"phone": "84000000001", "qrCodeUrl": "https://qr.example/x"}),
    },
}  # fmt: skip
"""Payloads of what a citizen can attach; hosts are invented."""

_ATTACHMENT_TYPE = {"business_card": "link"}
_WITH_TEXT = {"image", "link", "location", "business_card"}


def citizen_event(oa_id: str, citizen: Citizen, message: Message) -> JsonObject:
    """`user_send_<kind>`: a citizen wrote, tapped a query button or attached something."""
    body: JsonObject = {"msg_id": message.id}
    if message.kind == "text" or message.kind in _WITH_TEXT or message.text:
        body = {"text": message.text, **body}
    if message.quote_id:
        body["quote_msg_id"] = message.quote_id
    if message.attachment is not None:
        kind = _ATTACHMENT_TYPE.get(message.kind, message.kind)
        body["attachments"] = [{"type": kind, "payload": message.attachment}]
    return {
        "sender": {"id": citizen.id},
        "user_id_by_app": citizen.app_user_id,
        "recipient": {"id": oa_id},
        "event_name": f"user_send_{message.kind}",
        "message": body,
    }


_ECHO_NAMES = {"image": "image", "gif": "gif", "file": "file", "sticker": "sticker", "list": "list"}


def echo_event(oa_id: str, citizen: Citizen, message: Message, admin_id: str = "") -> JsonObject:
    """`oa_send_<kind>`: what the OA sent; `admin_id` only when a person typed it in OA Manager."""
    sender = {"id": oa_id, "admin_id": admin_id} if admin_id else {"id": oa_id}
    body: JsonObject = {"text": message.text, "msg_id": message.id}
    if message.attachment is not None or message.buttons:
        is_template = message.kind in {"text", "list", "request_user_info"}
        kind = "template" if is_template else message.kind
        payload = _zinstant(message) if is_template else message.attachment
        body["attachments"] = [{"type": kind, "payload": payload}]
    return {
        "sender": sender,
        "user_id_by_app": citizen.app_user_id,
        "recipient": {"id": citizen.id},
        "event_name": f"oa_send_{_ECHO_NAMES.get(message.kind, 'text')}",
        "message": body,
    }


def _zinstant(message: Message) -> JsonObject:
    return {
        "zinstant_id": f"zi_{message.id}",
        "text": message.text,
        "link_url": f"https://zi.example/{message.id}",
        "checksum": "900150983cd24fb0d6963f7d28e17f72",
    }


def received_event(oa_id: str, citizen: Citizen, message_id: str) -> JsonObject:
    """The citizen's phone got a message. Sender is the OA, although the citizen acted."""
    return _receipt(oa_id, citizen, "user_received_message", {"msg_id": message_id})


def seen_event(oa_id: str, citizen: Citizen, message_ids: list[str]) -> JsonObject:
    """The citizen saw messages. Sender is the OA, although the citizen acted."""
    return _receipt(oa_id, citizen, "user_seen_message", {"msg_ids": message_ids})


def _receipt(oa_id: str, citizen: Citizen, name: str, message: JsonObject) -> JsonObject:
    return {
        "sender": {"id": oa_id},
        "recipient": {"id": citizen.id},
        "user_id_by_app": citizen.app_user_id,
        "event_name": name,
        "message": message,
    }


def follow_event(oa_id: str, citizen: Citizen, name: str) -> JsonObject:
    """`follow` or `unfollow`."""
    return {
        "oa_id": oa_id,
        "follower": {"id": citizen.id},
        "user_id_by_app": citizen.app_user_id,
        "event_name": name,
        "source": "oa_profile",
    }


def flat_event(oa_id: str, citizen: Citizen, name: str) -> JsonObject:
    """`user_click_chatnow` or `user_withdraw`: the citizen is in `user_id`."""
    return {
        "oa_id": oa_id,
        "user_id": citizen.id,
        "user_id_by_app": citizen.app_user_id,
        "event_name": name,
    }


def submit_info_event(oa_id: str, citizen: Citizen, info: JsonObject) -> JsonObject:
    """`user_submit_info`: the citizen agreed to share contact data."""
    return {
        "sender": {"id": citizen.id},
        "recipient": {"id": oa_id},
        "user_id_by_app": citizen.app_user_id,
        "event_name": "user_submit_info",
        "info": info,
    }


def reaction_event(oa_id: str, citizen: Citizen, message_id: str, icon: str) -> JsonObject:
    """`user_reacted_message`: `msg_id` names the message reacted to, not a new one."""
    return {
        "sender": {"id": citizen.id},
        "recipient": {"id": oa_id},
        "user_id_by_app": citizen.app_user_id,
        "event_name": "user_reacted_message",
        "message": {"msg_id": message_id, "react_icon": icon},
    }


def oa_reaction_event(oa_id: str, citizen: Citizen, message_id: str, icon: str) -> JsonObject:
    """`oa_reacted_message`: the echo of a reaction by the OA."""
    return {
        "sender": {"id": oa_id},
        "recipient": {"id": citizen.id},
        "user_id_by_app": citizen.app_user_id,
        "event_name": "oa_reacted_message",
        "message": {"msg_id": message_id, "react_icon": icon},
    }


def encode_event(event: JsonObject, app_id: str, now_ms: int, profile: Profile) -> bytes:
    """The bytes that are signed and posted, in the style that the profile asks for."""
    timestamp: str | int = now_ms if profile.timestamp_kind == "number" else str(now_ms)
    full = {"app_id": app_id, **event}
    full.setdefault("timestamp", timestamp)
    spaced = profile.body_style == "spaces"
    text = json.dumps(
        full,
        ensure_ascii=profile.body_style == "escaped_unicode",
        separators=(", ", ": ") if spaced else (",", ":"),
    )
    if profile.body_style == "escaped_slashes":
        text = text.replace("/", "\\/")
    return text.encode()
