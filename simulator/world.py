"""Everything the simulator knows at this moment: citizens, talks, tokens, switches, clock.

The routers and the webhook sender change it only through these methods, so that each change is
also kept on disk and wakes the chat page.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from dataclasses import replace
from typing import Any

from simulator.clock import Bell, Clock
from simulator.profile import Profile, change_profile, show_profile
from simulator.records import Author, Citizen, Counters, Delivery, Message, TokenPair
from simulator.settings import Settings
from simulator.store import Store


class UnknownCitizen(KeyError):
    """No citizen has this id."""


class World:
    """State of one OA. Not thread-safe: it lives in the event loop of the simulator."""

    def __init__(self, settings: Settings, store: Store, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.counters = Counters()
        self.changed = Bell()
        self.version = 0
        """Grows with every change that the chat page may want to see."""
        self.is_closing = False
        self._store = store
        self._citizens = {citizen.id: citizen for citizen in store.list_citizens()}
        self._talks: dict[str, list[str]] = defaultdict(list)
        self._messages: dict[str, Message] = {}
        for message in store.list_messages():
            if message.delivery in ("sending", "retrying"):
                # Events on their way do not survive the simulator.
                message = replace(message, delivery="lost")
            self._talks[message.citizen_id].append(message.id)
            self._messages[message.id] = message
        self.profile = change_profile(Profile(), store.read_kept("profile") or {})
        self.pair = store.read_pair()

    def note_change(self) -> None:
        """Wake the chat pages."""
        self.version += 1
        self.changed.ring()

    def close(self) -> None:
        """Let every open stream end, so that the server can stop."""
        self.is_closing = True
        self.changed.ring()

    def set_profile(self, changes: dict[str, Any]) -> Profile:
        """Switch; raises ValueError and changes nothing when one value is wrong."""
        self.profile = change_profile(self.profile, changes)
        self._store.keep("profile", show_profile(self.profile))
        return self.profile

    def advance(self, seconds: float) -> None:
        """Move the clock forward, for good: a restart does not bring the past back."""
        self.clock.advance(seconds)
        self.keep_clock()
        self.note_change()

    def keep_clock(self) -> None:
        """Remember how far ahead the clock is, for the next start."""
        self._store.keep("ahead_ms", self.clock.ahead_ms)

    def citizens(self) -> list[Citizen]:
        """All citizens, the oldest first."""
        return list(self._citizens.values())

    def citizen(self, citizen_id: str) -> Citizen:
        """Raises UnknownCitizen."""
        try:
            return self._citizens[citizen_id]
        except KeyError as exc:
            raise UnknownCitizen(citizen_id) from exc

    def add_citizen(self, citizen_id: str = "", name: str = "") -> Citizen:
        """The citizen with this id, made if there is none; no id: a new one."""
        if citizen_id in self._citizens:
            return self._citizens[citizen_id]
        citizen = Citizen(
            id=citizen_id or _new_number("246"),
            app_user_id=_new_number("552"),
            name=name or f"Người dùng {len(self._citizens) + 1}",
        )
        self.save_citizen(citizen)
        return citizen

    def save_citizen(self, citizen: Citizen) -> None:
        self._citizens[citizen.id] = citizen
        self._store.save_citizen(citizen)
        self.note_change()

    def touch(self, citizen_id: str) -> Citizen:
        """Note an interaction now: it opens the 48 hours and the 7 days again."""
        citizen = replace(self.citizen(citizen_id), last_interaction_ms=self.clock.now_ms())
        if citizen.follow == "unfollowed":
            citizen = replace(citizen, follow="never")
        self.save_citizen(citizen)
        return citizen

    def talk(self, citizen_id: str) -> list[Message]:
        """Messages of one citizen in order, hidden taps included."""
        return [self._messages[message_id] for message_id in self._talks.get(citizen_id, ())]

    def recent_messages(self) -> list[Message]:
        """The last visible message of each talk, the newest first."""
        last = [
            next((m for m in reversed(self.talk(citizen_id)) if not m.is_hidden), None)
            for citizen_id in list(self._talks)
        ]
        return sorted((m for m in last if m is not None), key=lambda m: m.time_ms, reverse=True)

    def find_message(self, message_id: str) -> Message | None:
        return self._messages.get(message_id)

    def add_message(self, citizen_id: str, author: Author, kind: str, **values: Any) -> Message:
        """Append to the talk of a citizen, with a new id and the time now."""
        message = Message(
            id=new_message_id(), citizen_id=citizen_id, author=author, kind=kind,
            time_ms=self.clock.now_ms(), **values,
        )  # fmt: skip
        self._talks[citizen_id].append(message.id)
        self.save_message(message)
        return message

    def note_delivery(self, message_id: str, delivery: Delivery) -> None:
        """Say how far a citizen's message has come; unknown ids are ignored."""
        message = self._messages.get(message_id)
        if message is not None and message.delivery != delivery:
            self.save_message(replace(message, delivery=delivery))

    def save_message(self, message: Message) -> None:
        """Keep a new or changed message; a changed one stays in its place."""
        self._messages[message.id] = message
        self._store.save_message(message)
        self.note_change()

    def issue_pair(self) -> TokenPair:
        """A new live pair. The earlier access token and refresh token are dead from now on."""
        pair = TokenPair(
            access_token=f"AT_{secrets.token_urlsafe(48)}",
            refresh_token=f"RT_{secrets.token_urlsafe(48)}",
            issued_ms=self.clock.now_ms(),
        )
        self._store.save_pair(pair, self.pair)
        self.pair = pair
        return pair

    def is_dead(self, token: str) -> bool:
        """True for a token that was live once and is not any more."""
        return self._store.is_dead(token)


def new_message_id() -> str:
    """An id in the form of Zalo's: 19 hexadecimal digits, never used before."""
    return secrets.token_hex(10)[:19]


def _new_number(prefix: str) -> str:
    """19 digits: too many for a JavaScript number, as Zalo's ids are."""
    return prefix + str(secrets.randbelow(10**16)).zfill(16)
