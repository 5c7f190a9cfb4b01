"""Words that work like buttons, as people type them: no diacritics, dialect, politeness around.

What a word leads to follows from the talk: that is `shortcuts`. Here stands only what is a word
for what; all of it is compared without diacritics, except where they tell two words apart.
"""

from __future__ import annotations

import re
from enum import StrEnum

from bot.guides import fold


class Word(StrEnum):
    """What somebody means who types one of `_WAYS` instead of tapping."""

    MENU = "menu"
    SERVICES = "services"
    OFFICER = "officer"
    YES = "yes"
    NONE_OF_THESE = "none_of_these"
    WRONG_GUIDE = "wrong_guide"
    NEXT = "next"
    AGAIN = "again"
    BACK = "back"
    STUCK = "stuck"
    DONE = "done"
    HELPED = "helped"
    NOT_HELPED = "not_helped"


_WAYS: dict[Word, set[str]] = {
    Word.MENU: {"menu", "bat dau", "muc luc", "danh muc", "0", "xem menu", "ve menu", "dau trang"},
    Word.SERVICES: {
        "dich vu thiet yeu", "dich vu cong thiet yeu", "cac dich vu thiet yeu", "53 dich vu",
        "53 dich vu cong", "53 dich vu thiet yeu", "53 dich vu cong thiet yeu",
        "danh sach dich vu", "danh sach dich vu cong", "danh sach dich vu thiet yeu",
    },
    Word.OFFICER: {
        "gap can bo", "gap nguoi", "noi chuyen voi can bo", "can bo", "gap nguoi that",
        "muon gap can bo", "can gap can bo", "xin gap can bo", "goi can bo", "hoi can bo",
        "gap can bo xa", "noi chuyen voi nguoi that", "noi chuyen voi nguoi",
    },
    Word.YES: {
        "phai", "phai roi", "dung", "dung roi", "vang", "da", "da phai", "uh", "u", "ok", "co",
        "dung vay", "uhm", "um", "chinh no", "da vang", "vang a",
    },
    Word.NONE_OF_THESE: {
        "khong phai", "khong", "khong dung", "ko phai", "k phai", "muc khac", "cai khac", "ko",
        "viec khac", "khong co cai nao", "khong cai nao", "hong phai", "hong co", "no phai",
        "deu khong phai", "ko dung",
    },
    Word.WRONG_GUIDE: {
        "khong phai", "ko phai", "k phai", "hong phai", "no phai", "khong dung", "ko dung",
        "khong phai cai nay", "khong phai viec nay", "khong phai the", "khong phai rua",
        "khong phai vay", "nham roi", "sai roi", "khong hoi cai nay", "hong phai cai nay",
        "ko phai cai nay", "toi khong hoi cai nay", "khong phai cai do",
    },
    Word.NEXT: {
        "tiep", "tiep theo", "tiep di", "tiep tuc", "roi sao nua", "sao nua", "roi lam gi nua",
        "lam gi nua", "lam gi tiep", "lam chi tiep", "lam chi nua", "roi lam chi nua", "xem tiep",
        "buoc tiep theo", "buoc tiep", "buoc sau", "con gi nua", "con gi nua khong", "con chi nua",
        "roi rang nua", "rang nua", "roi sao", "xong roi sao nua", "xong roi lam gi", "roi thi sao",
        "xong roi lam gi nua", "xong roi lam chi", "noi tiep", "coi tiep", "roi lam sao nua",
        "buoc tiep theo la gi",
    },
    Word.AGAIN: {
        "xem lai", "nhac lai", "gui lai", "noi lai", "lap lai", "doc lai", "coi lai", "chi lai",
        "xem lai huong dan", "gui lai huong dan", "xem lai cac buoc", "nhac lai cac buoc",
        "gui lai cac buoc", "nhac lai lan nua", "noi lai lan nua", "gui lai lan nua",
        "xem lai lan nua", "xem lai tu dau", "chi lai tu dau", "huong dan lai", "noi lai rang",
        "quen roi", "quen roi nhac lai", "mo lai",
    },
    Word.BACK: {
        "quay lai", "tro lai", "quay ve", "tro ve", "lui lai", "quay tro lai", "quay lui",
        "quay lai truoc", "ve truoc", "cai truoc", "back", "quay ra", "lui ra", "xem cai truoc",
        "tro lai truoc", "quay lai cai truoc", "ve cai truoc", "tro lai cai truoc",
    },
    Word.STUCK: {
        "bi ket", "bi vuong", "khong duoc", "ko duoc", "k duoc", "khong dc", "ko dc", "hong duoc",
        "hok duoc", "no duoc", "ket roi", "vuong roi", "mac roi", "ket", "vuong", "bi mac",
        "bi tac", "bi loi", "loi roi", "bi ket roi", "bi vuong roi", "bi vuong khi lam", "mac ket",
        "chua duoc", "van khong duoc", "van chua duoc", "van ko duoc", "mai khong duoc",
        "khong lam duoc", "lam khong duoc", "lam hoai khong duoc", "lam mai khong duoc",
        "lam khong dc", "lam ko duoc", "lam hoai hong duoc", "bam khong duoc", "khong bam duoc",
        "ko bam dc", "mai no duoc", "man no duoc", "lam no duoc",
        "khong vao duoc", "van bi loi", "van loi",
    },
    Word.DONE: {
        "xong", "xong roi", "da xong", "lam xong", "lam xong roi", "duoc roi", "lam duoc roi",
        "da lam duoc", "da lam xong", "xong xuoi", "hoan thanh", "on roi", "thoi duoc roi",
        "the la xong", "the la duoc", "xong roi cam on", "duoc roi cam on", "hieu roi",
        "xong ca roi", "da duoc", "lam dc roi", "dc roi", "xong r", "man xong roi",
        "vay la duoc", "rua la xong", "rua la duoc",
    },
    Word.HELPED: {
        "co ich", "huu ich", "co", "tot", "tot lam", "rat co ich", "co ich lam", "de hieu", "duoc",
        "duoc roi", "ok", "vang", "da co", "rat huu ich", "hay lam", "on", "uh",
    },
    Word.NOT_HELPED: {
        "chua duoc", "khong", "ko", "khong co ich", "chua", "chua co ich", "khong duoc", "kho hieu",
        "ko co ich", "van chua duoc", "khong huu ich", "chua hieu", "khong hieu", "no duoc",
        "hong duoc", "hong co ich", "van khong duoc", "ko duoc",
    },
}  # fmt: skip

# "cho bác xem lại với cháu" is "xem lại": what is said around a word out of politeness.
_BEFORE = {"a", "da", "vang", "chau", "em", "ad", "cho", "toi", "tui", "bac", "minh", "co", "chu",
           "oi", "u", "uh", "thoi", "muon", "xin", "cu", "lam", "on", "giup", "the",
           "roi"}  # fmt: skip
_AFTER = {"a", "ah", "nhe", "nha", "nghe", "nghen", "hen", "chau", "oi", "em", "ad", "voi", "di",
          "cai", "giup", "gium", "ho", "toi", "tui", "bac", "minh", "co", "chu", "ban", "con",
          "nhi", "he", "xem", "cho", "roi", "het", "hi", "do"}  # fmt: skip

_DIGITS = re.compile(r"(?:cai\s*|chon\s*|bam\s*|lay\s*)*(?:so|muc|thu|y|cau|dong)?\s*(\d{1,2})")
_SPELT = (
    {"một", "nhất", "đầu", "đầu tiên"}, {"hai", "nhì"}, {"ba"}, {"bốn", "tư"}, {"năm"}, {"sáu"},
    {"bảy", "bẩy"}, {"tám"}, {"chín"}, {"mười"},
)  # fmt: skip
_NUMBERS = {way: n for n, ways in enumerate(_SPELT, start=1) for w in ways for way in (w, fold(w))}
_WORDED = re.compile(
    r"(?P<lead>(?:(?:chọn|chon|bấm|bam|lấy|lay|xem|cái|cai|số|so|mục|việc|viec|thứ|thu|ý|câu|cau"
    r"|dòng|dong)\s+)*)(?P<number>\w+(?:\s+tiên|\s+tien)?)"
)


def read_words(text: str) -> frozenset[Word]:
    """Everything that `text`, with or without politeness around it, is a word for."""
    tokens = fold(text).split()
    if not 0 < len(tokens) <= _MOST_WORDS:
        return frozenset()
    spans = {" ".join(tokens)}
    start, end = 0, len(tokens)
    while end > 1 and tokens[end - 1] in _AFTER:
        end -= 1
        spans.add(" ".join(tokens[:end]))
    while start < end - 1 and tokens[start] in _BEFORE:
        start += 1
        spans |= {" ".join(tokens[start:stop]) for stop in range(end, len(tokens) + 1)}
    return frozenset(word for word, ways in _WAYS.items() if spans & ways)


_MOST_WORDS = 9


def read_number(text: str, count: int) -> int | None:
    """Which of `count` numbered choices `text` names, from 1; None if it names none of them.

    Spelt numbers count with their own diacritics or none at all: "bà" is not three, "sau" may be
    six only if there are six. "mức 2" is the level of an account, not an entry of the menu.
    """
    lower = " ".join(re.sub(r"[^\w\s]", " ", text.lower()).split())
    if "mức" in lower:
        return None
    lower = _without_tail(lower)
    digits = _DIGITS.fullmatch(fold(lower))
    if digits:
        number = int(digits[1])
    else:
        worded = _WORDED.fullmatch(lower)
        number = _NUMBERS.get(worded["number"], 0) if worded else 0
        if worded and number == 1 and worded["number"] in ("đầu", "dau") and not worded["lead"]:
            number = 0  # "đầu" alone is a head, or "where" half typed
    return number if 1 <= number <= count else None


def _without_tail(lower: str) -> str:
    tokens = lower.split()
    while len(tokens) > 1 and fold(tokens[-1]) in _AFTER and tokens[-1] not in _NUMBERS:
        tokens.pop()
    while len(tokens) > 1 and fold(tokens[0]) in ("cho", "toi", "tui", "bac", "minh", "em", "da"):
        tokens.pop(0)
    return " ".join(tokens)
