"""Whether what is said fits into Zalo's messages, in every commune: for `checks`.

Pure. Rendering every guide for every commune would take minutes where there are hundreds, so it
is done once with the longest value of any of them, and again only where that does not fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bot.errors import ContentError
from bot.guides import Fact, Guide, GuideSet, PreparedReply
from bot.messages import MAX_CHARS, MAX_TITLE_CHARS, Reply
from bot.offices import OPENING, Office
from bot.render import (
    Choice,
    Voice,
    facts_of,
    render_errors,
    render_guide,
    render_prepared,
    texts_of,
    voice_of,
)
from bot.templates import names_in

STANDING_IN = {"office_missing", "expired_fact"}
"""Replies that stand in for a value: they are filled before there are any values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voices:
    """What texts are filled with, by slug of the office, and what is the worst for lengths."""

    by_slug: Mapping[str, Voice]
    longest: Voice
    """Says the longest value of any office: what fits in it fits everywhere."""


_FILLED_IN = {"label": "x" * 70, OPENING: "x" * 110, "tu_tim": "x" * 75, "phan": "x" * 20,
              "noi_hoi": "x" * 400}  # fmt: skip
"""What `answer` fills in besides the values of a voice, as long as it may become."""


def voices_of(guides: GuideSet, offices: Sequence[Office], today: date) -> Voices | None:
    """None without an office, or if a reply that stands in for values is missing or broken."""
    if not offices or not guides.replies.keys() >= STANDING_IN:
        return None
    try:
        by_slug = {office.slug: voice_of(guides, office, today) for office in offices}
    except ContentError:
        return None
    values: dict[str, str] = {}
    for voice in by_slug.values():
        for name, value in voice.values.items():
            if len(value) >= len(values.get(name, "")):
                values[name] = value
    return Voices(by_slug=by_slug, longest=Voice(guides=guides, values=values))


def long_replies(guides: GuideSet, voices: Voices) -> Iterator[tuple[str, str]]:
    """Slug and key of replies that are more than one message, their numbered choices included."""

    def is_too_long(key: str, voice: Voice) -> bool:
        reply = guides.replies[key]
        choices = [Choice(title=guides.label(name), payload="") for name in reply.choices]
        try:
            text = render_prepared(voice, reply, choices, **_FILLED_IN).text
        except ContentError:
            return False  # reported as a bad text
        return len(text) > MAX_CHARS

    for key in [key for key in guides.replies if is_too_long(key, voices.longest)]:
        for slug, voice in voices.by_slug.items():
            if is_too_long(key, voice):
                yield slug, key


def long_cases(guide: Guide, voices: Voices) -> Iterator[str]:
    """Cases of a guide that do not fit their messages, office by office, in words.

    As with four choices of full length below. Needs the reply `footer_medium`.
    """
    if _fits(guide, _essence(guide, voices.longest)):
        return
    for slug, voice in voices.by_slug.items():
        for case, message in _too_long(guide, voice):
            yield f"{message} (xã {slug}, trường hợp {case})"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Essence:
    """All of a voice that one guide needs: while it is the same, so is what is said."""

    values: tuple[tuple[str, str], ...]
    facts: tuple[Fact, ...]
    footer: PreparedReply


def _essence(guide: Guide, voice: Voice) -> _Essence:
    footer = voice.guides.replies["footer_medium"]
    texts = (*texts_of(guide), footer.text)
    return _Essence(
        values=tuple((name, voice.values[name]) for name in sorted(_names(texts))),
        facts=facts_of(guide, voice.guides),
        footer=footer,
    )


@lru_cache(maxsize=4096)
def _names(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset().union(*map(names_in, texts))


@lru_cache(maxsize=4096)
def _fits(guide: Guide, essence: _Essence) -> bool:
    """True if every case of a guide fits. Remembered, because rendering all guides takes long."""
    alone = GuideSet(
        intents={}, topics={}, guides={guide.intent: guide},
        facts={fact.name: fact for fact in essence.facts},
        replies={essence.footer.key: essence.footer},
    )  # fmt: skip
    return next(_too_long(guide, Voice(guides=alone, values=dict(essence.values))), None) is None


def _too_long(guide: Guide, voice: Voice) -> Iterator[tuple[str, str]]:
    """Cases of a guide that do not fit, with what to say about it."""
    choices = [Choice(title="x" * MAX_TITLE_CHARS, payload="g1:x")] * 4
    for variant in (None, *(v.id for v in guide.variants)):
        try:
            reply = render_guide(voice, guide, variant, choices, is_helper=True)
            render_errors(voice, guide, variant, choices)
        except ContentError as exc:
            yield variant or "chung", exc.message
            continue
        if _lacks_picture(guide, variant, reply):
            yield variant or "chung", "không còn chỗ cho hình, xin rút gọn"


def _lacks_picture(guide: Guide, variant: str | None, reply: Reply) -> bool:
    is_asking = bool(guide.variants) and variant is None
    steps = () if is_asking else guide.steps_for(variant)
    is_due = any(s.picture is not None and s.picture.is_sendable for s in steps)
    return is_due and all(m.picture is None for m in reply.messages)
