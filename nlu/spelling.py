"""Repair of slips of the finger, towards the syllables of the training examples.

Three kinds: Telex or VNI keys left in the word (dduowcj, nguoi72), one wrong, missing, extra or
swapped letter, a wrong tone mark. Words that training knows are never touched.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from nlu.text import has_diacritics, is_vietnamese_syllable, normalise_syllable, strip_diacritics

MIN_LETTERS = 4
"""Shorter syllables have too many neighbours one letter away."""

_TELEX_TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_VNI_TONES = {"1": "\u0301", "2": "\u0300", "3": "\u0309", "4": "\u0303", "5": "\u0323"}
_TELEX_PAIRS = (("aa", "â"), ("ee", "ê"), ("oo", "ô"), ("aw", "ă"), ("dd", "đ"))
_VNI_PAIRS = (("a6", "â"), ("e6", "ê"), ("o6", "ô"), ("a8", "ă"), ("d9", "đ"))


def _with_tone(letters: str, tone: str) -> str:
    """The tone set on the vowel where new-style spelling puts it."""
    vowels = [i for i, c in enumerate(letters) if strip_diacritics(c) in "aeiouy"]
    if letters.startswith(("qu", "gi")) and len(vowels) > 1:
        vowels = vowels[1:]
    if not vowels:
        return letters
    marked = [i for i in vowels if has_diacritics(letters[i])]
    if marked:
        place = marked[-1]
    elif vowels[-1] == len(letters) - 1 and len(vowels) > 1:
        place = vowels[-2]
    else:
        place = vowels[-1] if len(vowels) < 3 else vowels[1]
    return unicodedata.normalize("NFC", letters[: place + 1] + tone + letters[place + 1 :])


def _typed(word: str, pairs: tuple[tuple[str, str], ...], tones: dict[str, str], horn: str) -> str:
    """The word that these keys would have given with the input method switched on."""
    mark = ""
    letters = []
    for place, key in enumerate(word):
        if key in tones and place and (key.isdigit() or any(c in "aeiouyw" for c in word[:place])):
            mark = tones[key]
        else:
            letters.append(key)
    text = "".join(letters)
    if pairs is _VNI_PAIRS:
        for signs in ("6", "7", "8", "9"):
            text = _move_sign(text, signs)
    else:
        text = _move_sign(text, "w")
        if text.startswith("d") and text.count("d") == 2:
            text = "dd" + text[1:].replace("d", "")
    for keys, letter in pairs:
        text = text.replace(keys, letter)
    text = text.replace(f"uo{horn}", "ươ").replace(f"u{horn}o{horn}", "ươ")
    text = text.replace(f"u{horn}o", "ươ").replace(f"o{horn}", "ơ").replace(f"u{horn}", "ư")
    return _with_tone(text, mark) if mark else text


def _move_sign(text: str, sign: str) -> str:
    """The sign, typed at the end of the word, put behind the last vowel that can carry it."""
    if not text.endswith(sign) or len(text) < 3:
        return text
    body = text[:-1]
    carriers = {"6": "aeo", "7": "ou", "8": "a", "9": "d", "w": "aou"}[sign]
    if sign == "9":
        return body.replace("d", "d9", 1)
    for place in range(len(body) - 1, -1, -1):
        if body[place] in carriers:
            return body[: place + 1] + sign + body[place + 1 :]
    return text


@lru_cache(maxsize=20_000)
def decode_keys(word: str) -> str | None:
    """The syllable that a Telex or VNI slip meant, or None if it is no such slip."""
    if not word.isascii() or len(word) < 3 or word.isdigit():
        return None
    readings = []
    if any(c.isdigit() for c in word):
        readings.append(_typed(word, _VNI_PAIRS, _VNI_TONES, "7"))
    else:
        readings.append(_typed(word, _TELEX_PAIRS, _TELEX_TONES, "w"))
        doubled = _late_double(word)
        if doubled:
            readings.append(_typed(doubled, _TELEX_PAIRS, _TELEX_TONES, "w"))
    for reading in readings:
        reading = normalise_syllable(reading)
        if has_diacritics(reading) and is_vietnamese_syllable(reading):
            return reading
    return None


def _late_double(word: str) -> str | None:
    """The word with a circumflex key typed late moved to its vowel: "thuees" stays, "suae" no."""
    for vowel in "aeo":
        first = word.find(vowel)
        last = word.rfind(vowel)
        if first >= 0 and last > first + 1:
            return word[: first + 1] + vowel + word[first + 1 : last] + word[last + 1 :]
    return None


def _shortened(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


def _one_slip_apart(a: str, b: str) -> bool:
    """Whether one letter changed, missing, extra, or two neighbours swapped makes b out of a."""
    if abs(len(a) - len(b)) > 1 or a == b:
        return False
    if len(a) == len(b):
        differing = [i for i in range(len(a)) if a[i] != b[i]]
        if len(differing) == 1:
            return True
        return (
            len(differing) == 2
            and differing[1] == differing[0] + 1
            and a[differing[0]] == b[differing[1]]
            and a[differing[1]] == b[differing[0]]
        )
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return shorter in _shortened(longer)


class Speller:
    """Knows the syllables of the training examples and how often each occurs."""

    def __init__(self, counts: dict[str, int]) -> None:
        self.counts = dict(sorted(counts.items()))
        self._bare: Counter[str] = Counter()
        self._near: dict[str, set[str]] = {}
        for word, count in self.counts.items():
            self._bare[strip_diacritics(word)] += count
            if count >= 2 and len(word) >= MIN_LETTERS - 1 and word.isalpha():
                for key in {word, *_shortened(word)}:
                    self._near.setdefault(key, set()).add(word)
        self.repair = lru_cache(maxsize=20_000)(self._repair)

    @classmethod
    def learn(cls, texts: Iterable[list[str]]) -> Speller:
        """A speller that knows every syllable of the texts, each a list of syllables."""
        counts: Counter[str] = Counter()
        for syllables in texts:
            counts.update(syllables)
        return cls(counts)

    def _repair(self, word: str) -> str:
        """The word itself if known or too far from every known one, else the likeliest reading."""
        if word in self.counts:
            return word
        decoded = decode_keys(word)
        if decoded and decoded in self.counts:
            return decoded
        if len(word) < MIN_LETTERS or not word.isalpha():
            return word
        if not has_diacritics(word) and word in self._bare:
            return word
        candidates = set()
        for key in {word, *_shortened(word)}:
            candidates |= self._near.get(key, set())
        near = [c for c in candidates if _one_slip_apart(word, c)]
        if not has_diacritics(word):
            near = near or self._near_bare(word)
        if not near:
            return word
        return min(near, key=lambda c: (strip_diacritics(c) != strip_diacritics(word),
                                        -self.counts.get(c, 0), c))  # fmt: skip

    def _near_bare(self, word: str) -> list[str]:
        """Bare forms one slip away; found by the same keys, built on first use."""
        found = set()
        for key in {word, *_shortened(word)}:
            found |= self._bare_index().get(key, set())
        best = [c for c in found if _one_slip_apart(word, c)]
        return sorted(best, key=lambda c: (-self._bare[c], c))[:1]

    def _bare_index(self) -> dict[str, set[str]]:
        index = getattr(self, "_bare_near", None)
        if index is None:
            index = {}
            for word, count in self._bare.items():
                if count >= 2 and len(word) >= MIN_LETTERS - 1 and word.isalpha():
                    for key in {word, *_shortened(word)}:
                        index.setdefault(key, set()).add(word)
            self._bare_near = index
        return index
