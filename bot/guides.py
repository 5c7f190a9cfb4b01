"""Guides and everything they are made of, as values.

A guide is data: no class and no branch in code per guide. Files become these values in `content`,
are judged in `checks` and become messages in `render`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

MAX_PICTURE_BYTES = 1_048_576
"""Zalo takes pictures of at most 1 MB (code -210 above it), PNG or JPEG only."""


class Act(StrEnum):
    """What the bot does about an intent."""

    GUIDE = "guide"
    OFFICE = "office"
    SAFETY = "safety"
    HANDOVER = "handover"
    CLARIFY = "clarify"
    REFUSE = "refuse"
    TALK = "talk"


class Confidence(StrEnum):
    """How sure a fact is: only what may be stated at all is in the content folder."""

    HIGH = "high"
    MEDIUM = "medium"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One thing a citizen may want; its name is the name of the guide folder."""

    name: str
    topic: str
    act: Act
    label: str
    """Vietnamese noun phrase of at most 35 characters, for questions back and buttons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A value that guides may state, with where it comes from and how long it holds."""

    name: str
    value: str
    label: str
    source: str
    checked_on: date
    review_by: date
    confidence: Confidence
    owner: str

    def is_expired(self, today: date) -> bool:
        """True from the day after `review_by`: it is then no longer stated as if fresh."""
        return today > self.review_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A case of a guide, for example one make of telephone."""

    id: str
    title: str
    words: tuple[str, ...]
    """Words of a question that choose this case, lower case, with diacritics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of a step: a file beside guide.md, as it was when the guide was read."""

    file: str
    """Name of the file, without a folder."""
    description: str
    """What it shows, said instead of it where it cannot be shown."""
    sha256: str = ""
    """Of its bytes, hexadecimal; empty: the file could not be read."""
    size: int = 0
    """In bytes."""
    media_type: str = ""
    """"image/png" or "image/jpeg", by its first bytes; empty: anything else."""

    @property
    def is_sendable(self) -> bool:
        """True if Zalo takes it."""
        return bool(self.media_type) and 0 < self.size <= MAX_PICTURE_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a guide."""

    id: str
    title: str
    lines: tuple[str, ...]
    """One action each."""
    errors: tuple[str, ...]
    """Common errors as "problem: remedy"."""
    variants: frozenset[str]
    """Cases that this step belongs to; empty = all of them."""
    picture: Picture | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """A procedure, as an officer wrote it; text fields may hold `{{ fact }}`."""

    intent: str
    title: str
    answer: str
    """The one-line answer."""
    audience: str
    bring: tuple[str, ...]
    fee: str = ""
    duration: str = ""
    legal: str = ""
    safety: str
    help: str
    helper: str = ""
    """What somebody who does this together with the person concerned must leave to that person."""
    related: tuple[str, ...] = ()
    variants: tuple[Variant, ...] = ()
    steps: tuple[Step, ...]
    owner: str
    checked_on: date
    review_by: date
    phrases_count: int = 0

    def steps_for(self, variant: str | None) -> tuple[Step, ...]:
        """Steps of one case in order; all steps common to every case when `variant` is None."""
        return tuple(s for s in self.steps if not s.variants or variant in s.variants)

    def variant_named(self, id: str | None) -> Variant | None:
        """The variant with this id, None if there is none."""
        return next((v for v in self.variants if v.id == id), None)

    def variant_in(self, text: str, entities: Sequence[str] = ()) -> Variant | None:
        """The case that the words of `text`, or else the entities in it, choose.

        None when none or more than one does. Compared without diacritics and by whole words,
        because that is how citizens type.
        """
        return self._chosen_by(text) or self._chosen_by(" · ".join(entities))

    def _chosen_by(self, text: str) -> Variant | None:
        padded = f" {fold(text)} "
        found = [v for v in self.variants if any(f" {fold(w)} " in padded for w in v.words)]
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedReply:
    """A reply that is not a guide: greeting, question back, refusal, hand-over …"""

    key: str
    text: str
    choices: tuple[str, ...] = ()
    """Intents or topics offered below the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One of the essential public services of Đề án 06."""

    name: str
    intent: str = ""
    """The matter whose guide serves it; empty if there is none."""
    code: str = ""
    """Procedure code on the national portal, where it is known."""

    @property
    def id(self) -> str:
        """Stable as long as the name is: goes into buttons."""
        return fold(self.name).replace(" ", "_")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionBack:
    """Bare words that name no one matter, and the matters that they may mean."""

    words: tuple[str, ...]
    """Whole messages, with diacritics; compared without."""
    choices: tuple[str, ...]
    """Intents, in the order in which they are offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From which confidence (0..1) on what is done; chosen by `./dev calibrate`."""

    sure: float = 0.75
    """A guide is given at once."""
    likely: float = 0.6
    """Small talk is answered, a person called, fraud warned of, somebody else's matter refused."""
    near: float = 0.2
    """The nearest intents are offered; below it the bot has not understood."""

    def __post_init__(self) -> None:
        if not (0 < self.near <= self.sure <= 1 and self.near <= self.likely <= 1):
            raise ValueError("cần 0 < near ≤ likely, sure ≤ 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideSet:
    """All content that answers are made of, at one moment."""

    intents: Mapping[str, Intent]
    topics: Mapping[str, str]
    """Topic name → Vietnamese label, in menu order."""
    guides: Mapping[str, Guide]
    facts: Mapping[str, Fact]
    replies: Mapping[str, PreparedReply]
    phrases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    expect: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    thresholds: Thresholds = field(default_factory=Thresholds)
    services: tuple[Service, ...] = ()
    questions_back: tuple[QuestionBack, ...] = ()

    def label(self, name: str) -> str:
        """Vietnamese name of an intent or topic; the name itself if it is unknown."""
        if name in self.intents:
            return self.intents[name].label
        return self.topics.get(name, name)

    def guides_of(self, topic: str) -> tuple[Guide, ...]:
        """The topic's guides in the order of the intents file."""
        return tuple(
            self.guides[i.name]
            for i in self.intents.values()
            if i.topic == topic and i.name in self.guides
        )


_VIETNAMESE_MARKS = re.compile("[\u0300-\u036f]+")
_ASCII_WORDS = re.compile("[a-z0-9]+")


def fold(text: str) -> str:
    """Lower case, no diacritics, only letters and digits with single blanks between words."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    plain = _VIETNAMESE_MARKS.sub("", decomposed)
    if plain.isascii():  # nearly always, and ten times faster
        return " ".join(_ASCII_WORDS.findall(plain))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())
