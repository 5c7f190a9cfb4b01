"""Replies as values: what goes to a citizen, before anyone thinks of Zalo's JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

MAX_CHARS = 1_800
"""Longest text of one message: Zalo refuses above 2,000 of an unknown unit (code -210)."""
MAX_MESSAGES = 3
"""Most messages of one reply."""
MAX_BUTTONS = 4
"""Most buttons of one message; Zalo's own sources say 4 or 5."""
MAX_TITLE_CHARS = 35
"""Longest button title; phones cut longer ones."""

ButtonType = Literal["query", "url", "phone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button below a message. The text of the message says the same without it."""

    title: str
    type: ButtonType
    payload: str
    """What comes back as text (query), an https address (url) or a phone number (phone)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePicture:
    """A picture that goes out with the text of a message."""

    path: str
    """Relative to the content folder."""
    sha256: str
    """Of the bytes that are meant, hexadecimal."""
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One Zalo message, with buttons or a picture: Zalo has room for one of the two."""

    text: str
    buttons: tuple[Button, ...] = ()
    picture: MessagePicture | None = None

    @property
    def in_words(self) -> Message:
        """The same without its picture, which is described above the text where it would stand."""
        if self.picture is None:
            return self
        text = f"[Hình: {self.picture.description}]\n\n{self.text}"
        return replace(self, text=text, picture=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """All that is said to one event, in order; at least one message."""

    messages: tuple[Message, ...]

    @property
    def text(self) -> str:
        """The whole reply as one text."""
        return "\n\n".join(m.text for m in self.messages)


def message_to_json(message: Message) -> dict[str, Any]:
    """Plain data for the outbox and for `ask --json`."""
    data: dict[str, Any] = {
        "text": message.text,
        "buttons": [{"title": b.title, "type": b.type, "payload": b.payload}
                    for b in message.buttons],
    }  # fmt: skip
    if message.picture is not None:
        data["picture"] = asdict(message.picture)
    return data


def parse_message(data: dict[str, Any]) -> Message:
    """Back from `message_to_json`; KeyError on anything else."""
    picture = data.get("picture")
    return Message(
        text=data["text"],
        buttons=tuple(Button(**b) for b in data["buttons"]),
        picture=MessagePicture(**picture) if picture else None,
    )
