"""What is understood without the model: tapped buttons, numbers, words that work like buttons.

Payloads are versioned and self-contained: `g1:<intent>/<case>` opens a guide, `e1:` its common
errors, `p1:…?<part>` one part of it, `d1:` asks whether it has helped, `f1:…?helped` answers that,
`c1:<intent>+<intent>` offers these matters, `m1:<topic>` is a menu, `s1:<id>` an essential service.
Typed by hand or tapped months later, they do no harm.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.followups import PARTS, Followup, Part, find_followup
from bot.guides import Guide, GuideSet, fold
from bot.talk import MAX_HISTORY, Talk
from bot.words import Word, read_number, read_words


@dataclass(frozen=True, slots=True)
class Target:
    """What a button, a number, a word or a classification leads to."""

    name: str
    kind: str = "g"
    variant: str | None = None
    detail: str | None = None

    @property
    def payload(self) -> str:
        """The button payload that leads here."""
        case = f"/{self.variant}" if self.variant else ""
        return f"{self.kind}1:{self.name}{case}" + (f"?{self.detail}" if self.detail else "")


_PAYLOAD = re.compile(
    r"(?:(?P<kind>[gemspdf])1:(?P<name>[a-z0-9_]*)|c1:(?P<names>[a-z0-9_]+(?:\+[a-z0-9_]+){0,3}))"
    r"(?:/(?P<variant>[a-z0-9_]+))?(?:\?(?P<detail>[a-z_]+))?"
)
HELPER = "helper"
"""Detail of a guide that is opened by somebody who helps a relative."""
SERVICES = "thiet_yeu"
"""Name of the menu of essential services."""
SERVICES_LABEL = "dịch vụ công thiết yếu"
SERVICES_TOPIC = "dvc"
"""The topic whose menu leads to it."""
NONE_OF_THESE = "m1:khac"
"""Payload of the choice that none of the offered ones fits."""


def payload_of(name: str, guides: GuideSet) -> str:
    """The button payload that leads to an intent or a topic's menu."""
    return f"m1:{name}" if name in guides.topics or name == SERVICES else f"g1:{name}"


def parse_payload(text: str) -> Target | None:
    """What a payload leads to; None for any other text."""
    found = _PAYLOAD.fullmatch(text.strip())
    if found is None:
        return None
    if found["names"]:
        return Target(found["names"], "c")
    return Target(found["name"], found["kind"], found["variant"], found["detail"])


def after(history: tuple[str, ...], payload: str) -> tuple[str, ...]:
    """The history once `payload` is shown; what is shown again is gone back to."""
    if payload in history:
        return history[: history.index(payload) + 1]
    return (*history, payload)[-MAX_HISTORY:]


def find_target(text: str, talk: Talk, guides: GuideSet) -> Target | None:
    """What `text` leads to without the model; None if the model has to be asked."""
    target = parse_payload(text)
    if target is not None:
        return target
    number = read_number(text, len(talk.choices))
    if number is not None:
        return parse_payload(talk.choices[number - 1])
    words = read_words(text)
    if Word.MENU in words:
        return Target("", "m")
    if Word.SERVICES in words:
        return Target(SERVICES, "m")
    if Word.OFFICER in words:
        return Target("gap_can_bo")
    target = _of_choices(words, talk) or _of_guide(words, talk, guides) or _of_history(words, talk)
    return target or _of_bare_words(text, talk, guides)


def _of_choices(words: frozenset[Word], talk: Talk) -> Target | None:
    """What the words mean to the question that was asked last."""
    first = talk.choices[0] if talk.choices else ""
    if first.startswith("f1:"):
        if Word.HELPED in words:
            return parse_payload(first)
        return parse_payload(talk.choices[1]) if Word.NOT_HELPED in words else None
    if NONE_OF_THESE not in talk.choices:
        return None
    if Word.NONE_OF_THESE in words:
        return parse_payload(NONE_OF_THESE)
    if len(talk.choices) == 2 and talk.choices[1] == NONE_OF_THESE and Word.YES in words:
        return parse_payload(first)
    return None


def guide_in_hand(talk: Talk, guides: GuideSet) -> Guide | None:
    """The guide that a question without a subject is about."""
    return guides.guides.get(talk.intent)


def _of_guide(words: frozenset[Word], talk: Talk, guides: GuideSet) -> Target | None:
    """What the words mean to the guide that was shown last."""
    guide = guide_in_hand(talk, guides)
    shown = parse_payload(talk.history[-1]) if talk.history else None
    if guide is None or shown is None or shown.name != guide.intent:
        return None
    is_waiting = bool(guide.variants) and talk.variant is None
    if Word.STUCK in words:
        if shown.kind == "e":
            # The common errors were just shown: now it is a person's turn.
            return Target(guide.intent, "f", talk.variant, "not_helped")
        return Target(guide.intent, "e", talk.variant)
    if Word.DONE in words and not is_waiting:
        return Target(guide.intent, "d", talk.variant)
    if Word.NEXT in words:
        further = parse_payload(talk.choices[0]) if talk.choices else None
        if is_waiting:
            return Target(guide.intent)
        if further and further.kind == "g" and further.name != guide.intent:
            return further  # what the same message asked for besides
        return Target(guide.intent, "d", talk.variant, "next")
    return Target("khac", "m") if Word.WRONG_GUIDE in words else None


def _of_history(words: frozenset[Word], talk: Talk) -> Target | None:
    if not talk.history:
        return None
    if Word.AGAIN in words:
        return parse_payload(talk.history[-1])
    if Word.BACK in words:
        # Before the first thing shown there is only the menu.
        return parse_payload(talk.history[-2]) if len(talk.history) > 1 else Target("", "m")
    return None


def _of_bare_words(text: str, talk: Talk, guides: GuideSet) -> Target | None:
    """A matter's own name, a question about the guide in hand, or words that mean several matters.

    While a guide waits to hear which case it is, its cases come before everything else.
    """
    guide = guide_in_hand(talk, guides)
    asked = find_followup(text, guide) if guide else None
    about = followup_target(asked, guide, talk) if guide and asked and not asked.rest else None
    if about and asked and asked.part is Part.CASE and talk.variant is None:
        return about
    plain = fold(text)
    same = [i.name for i in guides.intents.values() if fold(i.label) == plain]
    if same:
        return Target(same[0])
    for question in guides.questions_back:
        if plain in map(fold, question.words):
            return Target("+".join(question.choices), "c")
    return about


def followup_target(asked: Followup, guide: Guide, talk: Talk) -> Target:
    """What answers a question about the guide in hand."""
    if asked.part is Part.CASE:
        return Target(guide.intent, "g", asked.case)
    if asked.part is Part.RELATIVE:
        return Target(guide.intent, "g", talk.variant, HELPER)
    assert asked.part in PARTS
    return Target(guide.intent, "p", talk.variant, asked.part.value)
