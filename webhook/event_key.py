"""Event id and mailbox owner of a Zalo webhook body.

Only what the webhook needs to dedupe and to queue; everything else about an event is parsed by the
worker. Never raises: whatever the types in the body are, there is an id and an owner.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

NOBODY = "-"
"""Stands in an owner for a citizen, or an OA, that the event does not name."""

_MAX_CHARS = 128

_FROM_OA = {"user_received_message", "user_seen_message", "oa_reacted_message"}
"""Events whose sender is the OA, besides the echoes `oa_send_*`: sender and recipient inverted."""

_CALLS = {"user_call_oa", "oa_call_user", "oa_send_consent", "user_reply_consent"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventKey:
    """How the webhook queues one event."""

    id: str
    """Equal for redeliveries of one event, different for different events."""
    oa_id: str
    owner: str
    """"<oa_id>:<citizen_id>"; the citizen is "-" for events that concern no single citizen."""


def read_text(value: object) -> str:
    """Zalo's ids and timestamps as text; numbers are tolerated, everything else gives ""."""
    if type(value) is str:
        text = value
        if not text.isascii():
            # A lone surrogate can be in JSON but not in UTF-8.
            text = text.encode("utf-8", "backslashreplace").decode()
    elif type(value) is int:
        text = str(value)
    else:
        return ""
    return text if len(text) <= _MAX_CHARS else _hash(text)


def read_event_key(event: object, raw: bytes, known_oas: Set[str] = frozenset()) -> EventKey:
    """The key of a parsed body. `raw` names the event when nothing inside it does."""
    if not isinstance(event, dict):
        return EventKey(id=_hash(raw), oa_id=NOBODY, owner=f"{NOBODY}:{NOBODY}")
    name = read_text(event.get("event_name"))
    oa_id, citizen_id = _find_parties(name, event, known_oas)
    oa_id, citizen_id = oa_id or NOBODY, citizen_id or NOBODY
    event_id = _message_event_id(name, event) or _event_id(name, event, oa_id, citizen_id, raw)
    return EventKey(id=event_id, oa_id=oa_id, owner=f"{oa_id}:{citizen_id}")


def _find_parties(name: str, event: Mapping[str, Any], known_oas: Set[str]) -> tuple[str, str]:
    """(OA id, citizen id), "" for what is not named. Direction rules: Zalo's table of events."""
    sender, recipient = _id_in(event, "sender"), _id_in(event, "recipient")
    oa_id = read_text(event.get("oa_id"))
    if not oa_id:
        oa_id = next((known for known in (sender, recipient) if known in known_oas), "")
    is_from_oa = oa_id == sender if oa_id else name.startswith("oa_") or name in _FROM_OA
    if not oa_id:
        oa_id = sender if is_from_oa else recipient
    if name in _CALLS or "anonymous" in name or "group" in name or "group_id" in event:
        return oa_id, ""
    message = event.get("message")
    if isinstance(message, dict) and ("delivery_time" in message or "tracking_id" in message):
        # Receipt of a template message: the recipient is a phone number, not a citizen id.
        return oa_id, ""
    if sender or recipient:
        return oa_id, recipient if is_from_oa else sender
    return oa_id, (
        read_text(event.get("user_id"))
        or _id_in(event, "follower")
        or _id_in(event, "data", "user_id")
    )


def _message_event_id(name: str, event: Mapping[str, Any]) -> str:
    """ "<event_name>:<msg_id>", "" without one.

    In receipts, reactions and echoes msg_id names another message: the event name keeps them apart.
    """
    message = event.get("message")
    if not name or not isinstance(message, dict):
        return ""
    msg_id = read_text(message.get("msg_id"))
    if not msg_id and isinstance(message.get("msg_ids"), list):
        msg_id = read_text("+".join(read_text(each) for each in message["msg_ids"]))
    return f"{name}:{msg_id}" if msg_id else ""


def _event_id(name: str, event: Mapping[str, Any], oa_id: str, citizen_id: str, raw: bytes) -> str:
    timestamp = read_text(event.get("timestamp"))
    if not name or not timestamp:
        return _hash(raw)
    tag = event.get("tag")
    tag = tag if isinstance(tag, dict) else {}
    tagged = tag.get("user_ids")
    subjects = [
        oa_id,
        citizen_id,
        _id_in(event, "sender"),
        _id_in(event, "recipient"),
        _id_in(event, "order"),
        *(read_text(event.get(field)) for field in ("group_id", "call_id", "template_id")),
        read_text(tag.get("name")),
        *(read_text(each) for each in (tagged if isinstance(tagged, list) else [])),
    ]
    return f"{name}:{_hash('|'.join((timestamp, *subjects)))}"


def _id_in(event: Mapping[str, Any], field: str, key: str = "id") -> str:
    inner = event.get(field)
    return read_text(inner.get(key)) if isinstance(inner, dict) else ""


def _hash(value: str | bytes) -> str:
    return hashlib.sha256(value.encode() if isinstance(value, str) else value).hexdigest()[:40]
