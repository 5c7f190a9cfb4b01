"""What happens when the OA sends: allowed or refused, recorded, counted, and echoed.

Rules of the 48 hours and 7 days run on the simulated clock. After each accepted message the
webhook hears of it three times: the echo, then that the phone got it, then that it was seen.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from simulator.deliveries import Deliveries
from simulator.events import echo_event, oa_reaction_event, received_event, seen_event
from simulator.records import Author, Citizen, Message
from simulator.sending import Draft, JsonObject, Refusal, read_reaction, read_send
from simulator.tables import LIMITS
from simulator.times import vietnam_date
from simulator.uploads import Uploads
from simulator.world import UnknownCitizen, World

_REACTIONS = {":>", "--b", ":-((", "/-strong", "/-heart", ":-h", ":o", "/-remove"}


class Outbound:
    """Messages from the OA to citizens, by the API or by staff."""

    def __init__(self, world: World, uploads: Uploads, deliveries: Deliveries) -> None:
        self._world = world
        self._uploads = uploads
        self._deliveries = deliveries

    def send_v3(self, body: JsonObject) -> JsonObject:
        """Answer data of the v3 consultation call. Raises Refusal."""
        if self._world.profile.oa_kind == "gov":
            raise Refusal(-235)
        draft = self._read(body)
        if draft.kind == "list" or draft.anonymous_id:
            raise Refusal(-233)
        return self._send(draft)

    def send_v2(self, body: JsonObject) -> JsonObject:
        """Answer data of the older message call: state agencies, reactions, anonymous chats.

        Raises Refusal.
        """
        if "sender_action" in body:
            return self._react(body)
        if self._world.profile.oa_kind == "business" and not _is_anonymous(body):
            raise Refusal(-240)
        draft = self._read(body)
        if draft.anonymous_id:
            raise Refusal(-201, "anonymous_id is invalid!")
        return self._send(draft)

    def send_by_staff(self, citizen_id: str, text: str, admin_id: str) -> Message:
        """A person typed in OA Manager: no API limits, and the echo carries `admin_id`."""
        citizen = self._world.citizen(citizen_id)
        return self._record(citizen, "staff", Draft(user_id=citizen_id, text=text), "", admin_id)

    def _read(self, body: JsonObject) -> Draft:
        draft = read_send(body)
        for key in draft.unknown_keys:
            self._world.counters.unknown_keys[key] += 1
        accepted = self._world.profile.buttons
        if draft.button_shape != "none" and accepted not in ("both", draft.button_shape):
            raise Refusal(-233)
        return draft

    def _send(self, draft: Draft) -> JsonObject:
        world = self._world
        citizen = self._recipient(draft)
        self._check_reachable(citizen)
        if draft.quote_id:
            self._check_quote(citizen, draft.quote_id)
        if draft.upload_id:
            draft = replace(draft, attachment=self._describe_upload(draft))
        quota = self._quota(citizen)
        message = self._record(citizen, "oa", draft, str(quota.get("quota_type", "charged")))
        world.counters.sends += 1
        if citizen.is_withdrawn:
            world.counters.sends_to_withdrawn += 1
        data: JsonObject = {
            "message_id": message.id, "user_id": citizen.id, "sent_time": str(message.time_ms),
        }  # fmt: skip
        if quota:
            data["quota"] = quota
        return data

    def _recipient(self, draft: Draft) -> Citizen:
        user_id = draft.user_id
        if draft.reply_to_id:
            asked = self._world.find_message(draft.reply_to_id)
            if asked is None or asked.author != "citizen":
                raise Refusal(-201, "message_id is invalid!")
            user_id = asked.citizen_id
        try:
            return self._world.citizen(user_id)
        except UnknownCitizen as exc:
            raise Refusal(-201) from exc

    def _check_reachable(self, citizen: Citizen) -> None:
        """Raises Refusal: -213 and the like, -232 never in touch, -230 too long ago."""
        if citizen.refusal is not None:
            raise Refusal(citizen.refusal)
        if citizen.follow == "unfollowed":
            raise Refusal(-213)
        if citizen.last_interaction_ms is None:
            raise Refusal(-232)
        if self._silence_s(citizen) > LIMITS.send_window_s:
            raise Refusal(-230)

    def _check_quote(self, citizen: Citizen, quote_id: str) -> None:
        quoted = self._world.find_message(quote_id)
        if quoted is None or quoted.citizen_id != citizen.id or quoted.kind == "image":
            raise Refusal(-201, "quote_message_id is invalid!")
        if self._world.clock.now_ms() - quoted.time_ms > LIMITS.quote_window_s * 1000:
            raise Refusal(-201, "quote_message_id is invalid!")

    def _describe_upload(self, draft: Draft) -> JsonObject:
        upload = self._uploads.find(draft.upload_id)
        if upload.kind != draft.kind:
            raise Refusal(-201, "attachment_id is invalid!")
        url = f"/__fake/uploads/{upload.id}"
        if upload.kind != "file":
            return {"thumbnail": url, "url": url}
        return {
            "size": str(len(upload.content)), "name": upload.name, "url": url,
            "checksum": hashlib.md5(upload.content, usedforsecurity=False).hexdigest(),
            "type": upload.name.rpartition(".")[2].lower(),
        }  # fmt: skip

    def _silence_s(self, citizen: Citizen) -> float:
        return (self._world.clock.now_ms() - (citizen.last_interaction_ms or 0)) / 1000

    def _quota(self, citizen: Citizen) -> JsonObject:
        """The quota object of an accepted message; empty: it costs money."""
        world, profile = self._world, self._world.profile
        if self._silence_s(citizen) <= LIMITS.free_window_s:
            if not profile.reply_quota_numbers:
                return {"quota_type": "reply"}
            until_ms = (citizen.last_interaction_ms or 0) + LIMITS.free_window_s * 1000
            return self._quota_object("reply", 8, 8, until_ms)
        if world.counters.package_used < profile.package_messages:
            world.counters.package_used += 1
            left = profile.package_messages - world.counters.package_used
            until_ms = world.clock.now_ms() + 30 * 86_400_000
            return self._quota_object("sub_quota", left, profile.package_messages, until_ms)
        world.counters.charged += 1
        return {}

    def _quota_object(self, kind: str, remain: int, total: int, until_ms: int) -> JsonObject:
        return {
            "quota_type": kind, "remain": str(remain), "total": str(total),
            "expired_date": vietnam_date(until_ms), "owner_type": "OA",
            "owner_id": self._world.settings.oa_id,
        }  # fmt: skip

    def _record(
        self, citizen: Citizen, author: Author, draft: Draft, quota: str, admin_id: str = ""
    ) -> Message:
        world, oa_id = self._world, self._world.settings.oa_id
        message = world.add_message(
            citizen.id, author, draft.kind, text=draft.text, buttons=draft.buttons,
            attachment=draft.attachment, quote_id=draft.quote_id, quota=quota,
        )  # fmt: skip
        events = []
        if world.profile.echo or admin_id:
            events.append(echo_event(oa_id, citizen, message, admin_id))
        if world.profile.receipts != "none":
            events.append(received_event(oa_id, citizen, message.id))
        if world.profile.receipts == "all":
            events.append(seen_event(oa_id, citizen, [message.id]))
        for event in events:
            self._deliveries.post(event, owner=citizen.id)
        return message

    def _react(self, body: JsonObject) -> JsonObject:
        user_id, icon, message_id = read_reaction(body)
        citizen = self._world.citizen(user_id)
        message = self._world.find_message(message_id)
        if icon not in _REACTIONS or message is None or message.citizen_id != citizen.id:
            raise Refusal(-201, "react_message_id is invalid!")
        self._check_reachable(citizen)
        shown = "" if icon == "/-remove" else icon
        self._world.save_message(replace(message, reaction=shown))
        if self._world.profile.echo:
            event = oa_reaction_event(self._world.settings.oa_id, citizen, message_id, icon)
            self._deliveries.post(event, owner=citizen.id)
        return {"message_id": message.id, "user_id": citizen.id}


def _is_anonymous(body: JsonObject) -> bool:
    recipient = body.get("recipient")
    return isinstance(recipient, dict) and "anonymous_id" in recipient
