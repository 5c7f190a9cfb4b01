"""Zalo webhook JSON → typed events; the only place that knows the shape of Zalo's events.

Which id is the citizen's depends on the event: echoes and receipts have sender and recipient
swapped (Zalo's webhook page). Ids may come as numbers. Text becomes NFC here and nowhere else.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from bot.errors import EventError

MediaKind = Literal["image", "gif", "audio", "video", "sticker", "file", "location", "link", "card"]

_MEDIA: Mapping[str, MediaKind] = {
    "user_send_image": "image",
    "user_send_gif": "gif",
    "user_send_audio": "audio",
    "user_send_video": "video",
    "user_send_sticker": "sticker",
    "user_send_file": "file",
    "user_send_location": "location",
    "user_send_link": "link",
    "user_send_business_card": "card",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What all events share."""

    name: str
    oa_id: str
    citizen_id: str
    """Id of the citizen within this OA; empty where the event has none."""
    at: datetime
    """When Zalo says it happened, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEvent(Event):
    """A citizen wrote something, or tapped a query button (its payload comes as text)."""

    text: str
    """NFC, trimmed, at most what Zalo let through; may be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaEvent(Event):
    """A citizen sent something that is not plain text. The file itself is never fetched."""

    kind: MediaKind
    text: str
    """Caption, NFC, may be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowEvent(Event):
    """A citizen follows the OA, or opened the chat for the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffEvent(Event):
    """An officer wrote to the citizen in OA Manager: the bot keeps quiet for a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveEvent(Event):
    """A citizen unfollowed or withdrew consent: nothing may be sent any more."""

    is_withdrawal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoredEvent(Event):
    """Known or unknown, but nothing to answer: our own echo, receipts, groups, calls, labels."""


def _text(value: Any) -> str:
    """Ids and texts as text; numbers are tolerated, everything else is empty."""
    if isinstance(value, str):
        # A lone surrogate cannot be encoded again, on no way out of this process.
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return ""


def _inside(body: Mapping[str, Any], *path: str) -> Any:
    value: Any = body
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def _when(body: Mapping[str, Any]) -> datetime:
    digits = _text(body.get("timestamp"))
    try:
        return datetime.fromtimestamp(int(digits) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _written(body: Mapping[str, Any]) -> str:
    raw = _text(_inside(body, "message", "text"))
    # Invisible characters between digits would hide a pasted number from redaction.
    seen = "".join(c for c in raw if unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFC", seen).strip()


def parse_event(raw: bytes) -> Event:
    """The event in one webhook body.

    Raises EventError if the body is not a JSON object with an event name.
    """
    try:
        # The standard parser, because the fast one refuses half an emoji at the end of a cut text.
        body = json.loads(raw)
    except (ValueError, RecursionError) as exc:
        raise EventError("body is not JSON") from exc
    if not isinstance(body, dict):
        raise EventError("body is not a JSON object")
    name = _text(body.get("event_name"))
    if not name:
        raise EventError("body has no event_name")
    sender, recipient = (
        _text(_inside(body, "sender", "id")),
        _text(_inside(body, "recipient", "id")),
    )
    oa_id = _text(body.get("oa_id"))
    user_id = _text(body.get("user_id")) or _text(_inside(body, "follower", "id"))
    at = _when(body)

    if name in ("user_send_text", "user_asking_product") and sender and recipient:
        return TextEvent(name=name, oa_id=recipient, citizen_id=sender, at=at, text=_written(body))
    if name in _MEDIA and sender and recipient:
        return MediaEvent(
            name=name, oa_id=recipient, citizen_id=sender, at=at, kind=_MEDIA[name],
            text="" if name == "user_send_business_card" else _written(body),
        )  # fmt: skip
    if name in ("follow", "user_click_chatnow") and user_id:
        return FollowEvent(name=name, oa_id=oa_id, citizen_id=user_id, at=at)
    if name in ("unfollow", "user_withdraw") and user_id:
        return LeaveEvent(
            name=name, oa_id=oa_id, citizen_id=user_id, at=at,
            is_withdrawal=name == "user_withdraw",
        )  # fmt: skip
    if name.startswith("oa_send_") and _text(_inside(body, "sender", "admin_id")) and recipient:
        return StaffEvent(name=name, oa_id=sender, citizen_id=recipient, at=at)
    return IgnoredEvent(name=name, oa_id=oa_id or recipient or sender, citizen_id="", at=at)
