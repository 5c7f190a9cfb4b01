"""Copies of training examples as citizens in a hurry would have typed them.

Deterministic: the same text and seed always give the same copy.
"""

from __future__ import annotations

import random
import re
import unicodedata
import zlib

from nlu.text import has_diacritics, strip_diacritics

_SHORT = {
    "không": ("ko", "k", "hông", "hong", "kg"),
    "được": ("dc", "đc", "đx"),
    "gì": ("j", "gi z"),
    "với": ("vs",),
    "vậy": ("z", "v"),
    "rồi": ("r", "rùi"),
    "như thế nào": ("ntn",),
    "bao nhiêu": ("bn", "nhiu", "bnhiêu"),
    "trước": ("trc",),
    "người": ("ng",),
    "biết": ("bít", "bt"),
    "làm": ("lm",),
    "mật khẩu": ("mk", "pass"),
    "tài khoản": ("tk",),
    "số điện thoại": ("sđt", "sdt"),
    "điện thoại": ("đt", "dt"),
    "ngân hàng": ("nh",),
    "đăng ký": ("đk", "dk", "đki"),
    "hồ sơ": ("hs",),
    "thủ tục": ("tt",),
    "bảo hiểm": ("bh",),
    "công an": ("ca",),
    "lương hưu": ("lương hiu", "lh"),
    "giấy khai sinh": ("gks",),
    "vneid": ("vnied", "vne id", "vnid"),
    "căn cước": ("cccd", "cc"),
    "cũng": ("cx",),
    "mới": ("ms",),
    "bây giờ": ("bh", "bjo"),
}
_SHORT_PATTERN = re.compile(r"\b(" + "|".join(sorted(_SHORT, key=len, reverse=True)) + r")\b")
_SOUNDS = (("tr", "ch"), ("ch", "tr"), ("s", "x"), ("x", "s"), ("l", "n"), ("n", "l"), ("gi", "d"),
           ("d", "gi"), ("r", "d"))  # fmt: skip
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEXT_KEY = {
    key: row[max(i - 1, 0) : i] + row[i + 1 : i + 2] for row in _KEYS for i, key in enumerate(row)
}
_TELEX_TONE = {"\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_TELEX_MARK = {"\u0302": None, "\u0306": "w", "\u031b": "w"}


def random_for(text: str, seed: int) -> random.Random:
    """A generator that depends on text and seed only, alike on every machine."""
    return random.Random(zlib.crc32(text.encode("utf-8", "replace")) ^ seed)


def telex_keys(word: str) -> str:
    """The keys that type the word in Telex: được → dduwowcj."""
    keys, tone = "", ""
    for char in unicodedata.normalize("NFD", word.replace("đ", "dd")):
        if char in _TELEX_TONE:
            tone = _TELEX_TONE[char]
        elif char in _TELEX_MARK:
            keys += _TELEX_MARK[char] or keys[-1]
        else:
            keys += char
    return keys + tone


def _slip(word: str, rng: random.Random) -> str:
    """The word with one letter dropped, doubled, swapped, or hit beside its key."""
    if len(word) < 3 or not word.isalpha():
        return word
    place = rng.randrange(1, len(word))
    kind = rng.randrange(4)
    if kind == 0:
        return word[:place] + word[place + 1 :]
    if kind == 1:
        return word[:place] + word[place] + word[place:]
    if kind == 2:
        return word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :]
    near = _NEXT_KEY.get(word[place], "")
    return word[:place] + rng.choice(near) + word[place + 1 :] if near else word


def _sound(word: str, rng: random.Random) -> str:
    """The word spelt as it sounds in another region (trả → chả), if it has such a beginning."""
    fitting = [(a, b) for a, b in _SOUNDS if word.startswith(a) and not word.startswith("ng")]
    if not fitting:
        return _slip(word, rng)
    a, b = rng.choice(fitting)
    return b + word[len(a) :]


def noised(text: str, *, seed: int, rate: float = 0.1) -> str:
    """The text with about `rate` of its words damaged and some abbreviated, marks kept or lost."""
    rng = random_for(text, seed)
    text = _SHORT_PATTERN.sub(
        lambda m: rng.choice(_SHORT[m[1]]) if rng.random() < 3 * rate else m[1], text.lower()
    )
    drop_marks = rng.choice((0.0, 0.0, 0.3, 1.0))
    words = []
    for word in text.split():
        if rng.random() < rate:
            word = rng.choice((_slip, _slip, _sound, lambda w, _: telex_keys(w)))(word, rng)
        words.append(strip_diacritics(word) if rng.random() < drop_marks else word)
    return " ".join(words)


def copies(text: str, *, seed: int, rate: float, noisy: int) -> list[str]:
    """`noisy` damaged copies, and one without diacritics unless a damaged one has none either.

    Equal ones are left out: every copy costs time in training.
    """
    made = [noised(text, seed=seed + number, rate=rate) for number in range(1, noisy + 1)]
    if all(has_diacritics(copy) for copy in made):
        made.append(strip_diacritics(text))
    unique: list[str] = []
    for copy in made:
        if copy.strip() and copy != text and copy not in unique:
            unique.append(copy)
    return unique
