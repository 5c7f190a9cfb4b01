"""A talk as values: what the model says of an utterance, what is decided, what is remembered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from bot.messages import Reply
from bot.privacy import Redaction, redact


class Outcome(StrEnum):
    """The one thing that happened to a message."""

    ANSWERED = "answered"
    CLARIFY = "clarify"
    NO_CONTENT = "no_content"
    OUT_OF_SCOPE = "out_of_scope"
    HANDOVER = "handover"
    SAFETY = "safety"
    TALK = "talk"
    UNSUPPORTED = "unsupported"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """What the model says of one utterance."""

    ranking: tuple[tuple[str, float], ...]
    """Intents with their confidence (0..1), best first; at least one."""
    model: str = ""
    entities: tuple[str, ...] = ()
    """Canonical values that were named, such as "iphone" or "cha mẹ"."""
    hamlet: str = ""
    """The hamlet that was named, as it was written."""
    others: tuple[str, ...] = ()
    """Further intents that the same message asks for."""

    @property
    def intent(self) -> str:
        """The best intent."""
        return self.ranking[0][0]

    @property
    def confidence(self) -> float:
        """The best intent's confidence."""
        return self.ranking[0][1]


MAX_HISTORY = 3
Feedback = Literal["helped", "not_helped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """What is remembered of a talk for a while, so that a number or a follow-up is understood."""

    choices: tuple[str, ...] = ()
    """Payloads offered last, in the order of their numbers."""
    intent: str = ""
    """Intent of the guide in hand; empty once something else was asked for."""
    variant: str | None = None
    """Case of the guide in hand, None before one is chosen."""
    history: tuple[str, ...] = ()
    """Payloads of what was shown last, at most `MAX_HISTORY`; the last one is in hand."""
    is_feedback_asked: bool = False
    """True once it was asked whether the guide in hand has helped."""
    questions_back: int = 0
    quiet_until: datetime | None = None
    """An officer is writing: the bot says nothing until then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The outcome of one message, what to say and what to remember."""

    outcome: Outcome
    reply: Reply | None
    """None only while an officer is writing."""
    talk: Talk
    intent: str | None = None
    confidence: float = 0.0
    variant: str | None = None
    choices: tuple[str, ...] = ()
    """Intents offered by a question back, or beside the answer to one matter of several."""
    is_understood: bool = True
    """False: the confidence was too low, `intent` is only the best guess."""
    feedback: Feedback | None = None
    """What a citizen says of the guide `intent` after having used it."""
    redaction: Redaction = field(default_factory=lambda: redact(""))
