"""What a citizen can do on her phone, and the events that Zalo makes of it.

Writing, tapping, following and opening the chat are interactions: they open the 48 hours and the
7 days again. Unfollowing and reacting are not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from simulator.deliveries import Deliveries
from simulator.events import (
    CITIZEN_ATTACHMENTS,
    citizen_event,
    flat_event,
    follow_event,
    reaction_event,
    submit_info_event,
)
from simulator.records import Citizen, Message
from simulator.world import World

_SHARED_INFO = {
    "name": "Người dùng mô phỏng", "phone": "84000000002", "user_dob": "01/01/1990",
    "gender": "Nam",
    "full_address": {"user_city": "Tỉnh Mẫu", "user_ward": "Xã Mẫu", "user_address": "Thôn 1"},
}  # fmt: skip


class NotTappable(Exception):
    """There is no such button under a message that was delivered to this citizen."""


class CitizenActs:
    """Each act records what the citizen sees and queues the webhook event."""

    def __init__(self, world: World, deliveries: Deliveries) -> None:
        self._world = world
        self._deliveries = deliveries

    def send(self, citizen_id: str, kind: str, text: str, quote_id: str = "") -> Message:
        """A text or an attachment; an unknown citizen is added. Raises ValueError on the kind."""
        if kind != "text" and kind not in CITIZEN_ATTACHMENTS:
            kinds = ", ".join(["text", *CITIZEN_ATTACHMENTS])
            raise ValueError(f"kind must be one of {kinds}")
        self._world.add_citizen(citizen_id)
        return self._post_message(
            citizen_id, kind=kind, text=text, quote_id=quote_id,
            attachment=CITIZEN_ATTACHMENTS.get(kind),
        )  # fmt: skip

    def tap(self, citizen_id: str, message_id: str, button_index: Any) -> Message:
        """Tap a query button: a text equal to its payload. Raises NotTappable."""
        message = self._world.find_message(message_id)
        if message is None or message.citizen_id != citizen_id or message.author == "citizen":
            raise NotTappable("no such message was delivered to this user")
        if type(button_index) is not int or not 0 <= button_index < len(message.buttons):
            raise NotTappable("the message has no such button")
        button = message.buttons[button_index]
        if not button["type"].startswith("oa.query."):
            raise NotTappable("this button opens a page or a call; the webhook hears nothing")
        return self._post_message(
            citizen_id, kind="text", text=button["payload"],
            is_hidden=button["type"] == "oa.query.hide",
        )  # fmt: skip

    def act(self, citizen_id: str, name: str, details: dict[str, Any]) -> Citizen:
        """follow, unfollow, chatnow, withdraw, submit_info, react or refuse.

        Raises ValueError on another name.
        """
        match name:
            case "follow" | "unfollow":
                return self._follow(citizen_id, name)
            case "chatnow":
                self._world.add_citizen(citizen_id)
                return self._flat(self._world.touch(citizen_id), "user_click_chatnow")
            case "withdraw":
                citizen = replace(self._world.citizen(citizen_id), is_withdrawn=True)
                self._world.save_citizen(citizen)
                return self._flat(citizen, "user_withdraw")
            case "submit_info":
                return self._submit_info(citizen_id, details)
            case "react":
                return self._react(citizen_id, details)
            case "refuse":
                citizen = replace(self._world.citizen(citizen_id), refusal=details.get("code"))
                self._world.save_citizen(citizen)
                return citizen
            case _:
                raise ValueError(f"unknown act {name!r}")

    def _post_message(self, citizen_id: str, *, kind: str, **values: Any) -> Message:
        citizen = self._world.touch(citizen_id)
        message = self._world.add_message(citizen_id, "citizen", kind, delivery="sending", **values)
        self._deliveries.post(
            citizen_event(self._world.settings.oa_id, citizen, message),
            owner=citizen_id, message_id=message.id,
        )  # fmt: skip
        return message

    def _follow(self, citizen_id: str, name: str) -> Citizen:
        citizen = self._world.add_citizen(citizen_id)
        if name == "follow":
            citizen = replace(self._world.touch(citizen_id), follow="following")
        else:
            citizen = replace(citizen, follow="unfollowed")
        self._world.save_citizen(citizen)
        self._deliveries.post(
            follow_event(self._world.settings.oa_id, citizen, name), owner=citizen_id
        )
        return citizen

    def _flat(self, citizen: Citizen, name: str) -> Citizen:
        self._deliveries.post(
            flat_event(self._world.settings.oa_id, citizen, name), owner=citizen.id
        )
        return citizen

    def _submit_info(self, citizen_id: str, details: dict[str, Any]) -> Citizen:
        citizen = self._world.touch(citizen_id)
        event = submit_info_event(
            self._world.settings.oa_id, citizen, details.get("info", _SHARED_INFO)
        )
        self._deliveries.post(event, owner=citizen_id)
        return citizen

    def _react(self, citizen_id: str, details: dict[str, Any]) -> Citizen:
        citizen = self._world.citizen(citizen_id)
        event = reaction_event(
            self._world.settings.oa_id, citizen,
            str(details.get("message_id", "")), str(details.get("icon", "/-heart")),
        )  # fmt: skip
        self._deliveries.post(event, owner=citizen_id)
        return citizen
