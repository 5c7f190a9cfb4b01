"""Concepts of the domain that a text mentions, in whatever words.

The words are in `data/concepts.yaml`. With some forty examples per intent no training set has every
way to say "the pension did not arrive"; the list carries what one example says over to the others.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml

from nlu.lexicon import load_lexicon, read_syllables
from nlu.text import has_diacritics, strip_diacritics

CONCEPTS_FILE = Path(__file__).parent / "data" / "concepts.yaml"

_DIALECT = {
    "linh": ("lanh",),
    "vao": ("vo",),
    "gi": ("chi",),
    "dau": ("mo",),
    "sao": ("rang",),
    "dung": ("xai",),
    "xem": ("coi",),
    "khong": ("hong", "no"),
    "lam": ("man",),
    "ho": ("gium", "dum"),
}
"""Bare common word → bare regional ones: typed without marks the lexicon cannot know them."""

_LENGTHS = ((1, "len1"), (2, "len2"), (3, "len3"), (6, "len6"), (12, "len12"), (25, "len25"))


Phrase = tuple[tuple[str, ...], str]
"""Syllables as the list writes them, and the concept they stand for."""


@cache
def _phrases() -> tuple[dict[tuple[str, ...], list[Phrase]], int]:
    """Bare syllables → phrases with that bare form, and the length of the longest phrase."""
    raw = yaml.load(CONCEPTS_FILE.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    lexicon = load_lexicon()
    found: dict[tuple[str, ...], list[Phrase]] = {}
    for concept, phrases in raw.items():
        for phrase in phrases:
            written = tuple(s.text for s in read_syllables(phrase, lexicon))
            for form in _with_dialect(written):
                key = tuple(strip_diacritics(syllable) for syllable in form)
                found.setdefault(key, []).append((form, concept))
    return found, max(map(len, found))


def _with_dialect(written: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The phrase itself and once more for each regional word that it could be said with."""
    if len(written) == 1:
        return [written]
    return [written] + [
        tuple(regional if strip_diacritics(word) == common else word for word in written)
        for common, words in _DIALECT.items()
        if any(strip_diacritics(word) == common for word in written)
        for regional in words
    ]


def _is_meant(found: Sequence[str], phrase: tuple[str, ...]) -> bool:
    """Whether syllables with the bare form of the phrase can be the phrase.

    A syllable typed with marks must have the right ones ("cổng" is not "công"). A phrase of one
    syllable must be typed as it is: without marks it could be too many other words.
    """
    if len(phrase) == 1:
        return found[0] == phrase[0]
    return all(a == b or not has_diacritics(a) for a, b in zip(found, phrase, strict=True))


def find_concepts(syllables: Sequence[str]) -> list[str]:
    """Concepts of the syllables, each once, in order of their first mention.

    A phrase inside a longer one that matches ("mất thẻ" in "mất thẻ bảo hiểm") counts as well.
    """
    known, longest = _phrases()
    bare = [strip_diacritics(syllable) for syllable in syllables]
    found: dict[str, None] = {}
    for start in range(len(bare)):
        for size in range(1, min(longest, len(bare) - start) + 1):
            for phrase, concept in known.get(tuple(bare[start : start + size]), ()):
                if _is_meant(syllables[start : start + size], phrase):
                    found[concept] = None
    return list(found)


def length_class(syllables: int) -> str:
    """Name of the class of lengths; a bare word asks for something else than a story."""
    return next((name for limit, name in _LENGTHS if syllables <= limit), "long")


def concept_grams(syllables: Sequence[str]) -> list[str]:
    """The concepts, every unordered pair of them, and how long the text is."""
    found = find_concepts(syllables)
    pairs = [f"{min(a, b)}+{max(a, b)}" for a, b in itertools.combinations(found, 2)]
    return [*found, *pairs, length_class(len(syllables))] if syllables else []
