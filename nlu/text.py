"""Vietnamese text as syllables with their place in the original.

Only the form is treated here: Unicode, case, tone placement, drawn-out letters, invisible
characters. What a syllable means is left to `lexicon`, slips of the finger to `spelling`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

MAX_SYLLABLES = 400
"""Of longer texts the first and the last half are read: the matter often comes late."""

_MAX_CHARS = 20_000
_MAX_SYLLABLE_CHARS = 40
_LONG_NUMBER_DIGITS = 5
LONG_NUMBER = "#"
"""Stands for every number of five digits or more: which number it is says nothing of the intent."""

# Old style writes the tone on the last vowel of an open syllable (hoà), new style on the first.
_OLD_NEW = (
    "oà òa, oá óa, oả ỏa, oã õa, oạ ọa, oè òe, oé óe, oẻ ỏe, oẽ õe, oẹ ọe, "
    "uỳ ùy, uý úy, uỷ ủy, uỹ ũy, uỵ ụy"
)
_OLD_TO_NEW = {old: new for pair in _OLD_NEW.split(", ") for old, new in [pair.split()]}
_TONE_MARKS = "\u0300\u0301\u0303\u0309\u0323"
_LETTERS = "0-9A-Za-zÀ-ÃÈ-ÊÌÍÒ-ÕÙÚÝà-ãè-êìíò-õùúýĂăĐđĨĩŨũƠơƯưẠ-ỹ"
_PLAIN_WORD = re.compile(f"[{_LETTERS}]+")
_PLAIN_TEXT = re.compile(f"[{_LETTERS}\\s!-/:-@\\[-`{{-~“”‘’–—…]*")
"""Composed Vietnamese without anything unusual: nearly every text, and read five times faster."""
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")


@dataclass(frozen=True, slots=True)
class Syllable:
    text: str
    """Lower-case NFC, never empty, no spaces."""
    start: int
    """Offset of its first code point in the original text, whatever that text's form."""
    end: int
    """Offset after its last code point."""


@lru_cache(maxsize=20_000)
def strip_diacritics(text: str) -> str:
    """The text without tone and vowel marks, đ as d."""
    decomposed = unicodedata.normalize("NFD", text)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return bare.replace("đ", "d").replace("Đ", "D")


def fold_tone_placement(syllable: str) -> str:
    """The NFC syllable with its tone where the new style puts it (hoà → hòa, quý unchanged)."""
    if syllable.startswith("qu"):
        return syllable
    new = _OLD_TO_NEW.get(syllable[-2:])
    return syllable[:-2] + new if new else syllable


def _clusters(text: str) -> Iterator[tuple[str, int, int]]:
    """Letter with its combining marks, composed and lower-case, and its place in the original."""
    start, size = 0, len(text)
    while start < size:
        end = start + 1
        while end < size and unicodedata.combining(text[end]):
            end += 1
        chunk = text[start : min(end, start + 8)]
        if unicodedata.category(chunk[0]) != "Cf":
            yield unicodedata.normalize("NFKC", chunk).lower(), start, end
        start = end


def _is_word(cluster: str) -> bool:
    return bool(cluster) and all(c.isalnum() or unicodedata.combining(c) for c in cluster)


@lru_cache(maxsize=20_000)
def normalise_syllable(raw: str) -> str:
    """One canonical spelling for a lower-case syllable, whatever the order of its marks."""
    text = unicodedata.normalize("NFC", raw)
    if text.isdigit():
        return LONG_NUMBER if len(text) >= _LONG_NUMBER_DIGITS else text
    text = _DRAWN_OUT.sub(r"\1", text)[:_MAX_SYLLABLE_CHARS]
    return fold_tone_placement(text)


def split_syllables(text: str) -> list[Syllable]:
    """Syllables in order of appearance; punctuation, emoji and invisible characters fall away.

    Takes any string: NFC, NFD, empty, with lone surrogates or null characters.
    """
    if _PLAIN_TEXT.fullmatch(text) and len(text) <= _MAX_CHARS:
        return _first_and_last(
            [
                Syllable(normalise_syllable(m[0].lower()), m.start(), m.end())
                for m in _PLAIN_WORD.finditer(text)
            ]
        )
    found: list[Syllable] = []
    parts: list[str] = []
    start = end = 0
    for cluster, cluster_start, cluster_end in _clusters(text[:_MAX_CHARS]):
        if _is_word(cluster):
            if not parts:
                start = cluster_start
            parts.append(cluster)
            end = cluster_end
        elif parts:
            found.append(Syllable(normalise_syllable("".join(parts)), start, end))
            parts = []
    if parts:
        found.append(Syllable(normalise_syllable("".join(parts)), start, end))
    return _first_and_last(found)


def _first_and_last(syllables: list[Syllable]) -> list[Syllable]:
    """At most MAX_SYLLABLES of them, from both ends."""
    if len(syllables) <= MAX_SYLLABLES:
        return syllables
    half = MAX_SYLLABLES // 2
    return syllables[:half] + syllables[-half:]


# A full stop needs a space behind it: there is none in "vneid.gov.vn" or "2.000.815".
_SENTENCE_END = re.compile(r"\.\s|[?!…\n]")
_MIN_CLOSING = 4
"""A closing of fewer syllables ("Cảm ơn ạ.") is read together with the sentence before it."""


class Placed(Protocol):
    """Anything with a place in the text: a Syllable, or Rasa's Token."""

    start: int
    end: int


def closing_start(text: str, syllables: Sequence[Placed]) -> int:
    """Index of the first syllable of the closing sentence; 0 if the text is one sentence."""
    for border in range(len(syllables) - _MIN_CLOSING, 0, -1):
        # Syllables that replace one abbreviation share its place: there is no gap between them.
        if _SENTENCE_END.search(text[syllables[border - 1].end : syllables[border].start]):
            return border
    return 0


def has_diacritics(text: str) -> bool:
    return strip_diacritics(text) != text


_ONSET = "ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|b|c|d|đ|g|h|k|l|m|n|p|r|s|t|v|x"
_VOWELS = (
    "oai|oay|oeo|uây|uyê|iêu|yêu|ươi|ươu|uôi|uya|uyu|oa|oă|oe|oo|uâ|uê|uy|uơ|iê|yê|ươ|uô|ai|ay|ao|au|"
    "ây|âu|eo|êu|iu|oi|ôi|ơi|ui|ưi|ưu|ia|ua|ưa|a|ă|â|e|ê|i|o|ô|ơ|u|ư|y"
)
_SYLLABLE = re.compile(rf"(?:{_ONSET})?(?:{_VOWELS})(?:ch|ng|nh|c|m|n|p|t)?")


@lru_cache(maxsize=20_000)
def is_vietnamese_syllable(text: str) -> bool:
    """Whether letters and tone could be a Vietnamese syllable; a check of form, not of meaning."""
    decomposed = unicodedata.normalize("NFD", text)
    tones = [c for c in decomposed if c in _TONE_MARKS]
    toneless = unicodedata.normalize("NFC", "".join(c for c in decomposed if c not in _TONE_MARKS))
    if len(tones) > 1 or not _SYLLABLE.fullmatch(toneless):
        return False
    stopped = toneless.endswith(("c", "ch", "p", "t"))
    return not stopped or (bool(tones) and tones[0] in "\u0301\u0323")
