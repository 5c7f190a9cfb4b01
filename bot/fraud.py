"""Fraud by fixed, listed rules: what swindlers say, ask for and send, found in a citizen's words.

Pure, and independent of the model: a forwarded message, a link or a described call is judged even
when the model is down or unsure. The signs are in `fraud_signs`; `is_fraud` says how they add up,
`case_of` whether the citizen has already done what was asked.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from bot.fraud_signs import SIGNS, Kind, Sign
from bot.guides import fold
from bot.lints import imitates_official, is_official_site, sites_in

DECISIVE: Final = 1.0
"""Weight from which one sign alone is enough; below it two kinds have to reach it together."""
WINDOW: Final = 36
"""Signs belong together if they stand within so many words: long stories mention many things."""
HARM_DONE: Final = "da_lam_theo"
"""Case of the guide for those who have tapped, read out, paid or installed."""
NO_HARM_YET: Final = "chua_lam_gi"
"""Case of the guide for those who have not."""


_SHORT_FORMS: Final = {
    "ko": "khong", "k": "khong", "kh": "khong", "hok": "khong", "hong": "khong", "hem": "khong",
    "hông": "khong", "nỏ": "khong", "dc": "duoc", "đc": "duoc", "ng": "nguoi", "ngta": "nguoi ta",
    "nta": "nguoi ta", "stk": "so tai khoan", "tk": "tai khoan", "sdt": "so dien thoai",
    "sđt": "so dien thoai", "mk": "mat khau", "pass": "mat khau", "ck": "chuyen khoan", "r": "roi",
    "fb": "facebook", "kb": "ket ban", "add": "ket ban", "dt": "dien thoai", "đt": "dien thoai",
    "cccd": "can cuoc", "cmnd": "can cuoc", "cmt": "can cuoc", "bhxh": "bao hiem xa hoi",
    "bhyt": "bao hiem y te", "nv": "nhan vien", "cb": "can bo", "ubnd": "uy ban",
    "thiet": "that", "thiệt": "that", "app": "ung dung", "url": "link", "click": "bam",
    "share": "chia se", "keu": "bao", "kêu": "bao", "kiu": "bao", "biểu": "bao", "bieu": "bao",
    "trieu": "tr", "triệu": "tr", "nghin": "k", "nghìn": "k", "ngan": "k", "ngàn": "k",
    "tụi": "bon", "tui": "toi", "chúng": "bon", "hắn": "no", "hấn": "no", "mô": "nao",
    "nớ": "do", "kia": "do", "đòi": "doi", "trót": "trot", "cái": "cai", "cấy": "cai", "cay": "cai",
    "sms": "tin nhan", "mess": "tin nhan", "messenger": "facebook", "atm": "the",
    "tele": "telegram",
}  # fmt: skip
"""Abbreviations and words of the regions, written out."""
_TOLD_APART: Final = {
    word: f"{folded}x"
    for folded, words in {
        "ho": "hồ hộ hỗ hổ hố", "no": "nợ nở nổ nỗ nọ", "han": "hạn hẳn hàn hân",
        "bat": "bật bất bát",
        "lo": "lo lò lọ lô lộ", "doi": "đổi đời đợi đội đối đôi", "nhan": "nhận nhân nhãn nhàn",
        "tai": "tại tài tai tái", "lua": "lứa lúa lửa lựa lụa", "hoi": "hồi hơi hội hối",
        "du": "dù dư dự đủ đu", "dua": "dưa dừa đùa", "cai": "cai cải cãi",
        "bao": "báo bao bào bão",
        "gat": "gặt", "doa": "đọa đóa", "trot": "trợt", "an": "an ăn ân", "so": "sơ sợ sở",
        "dung": "đứng dùng dụng dung", "dan": "dân dần đàn đan", "noi": "nơi nội nối nỗi nồi",
        "the": "thế thể", "co": "cô cơ cổ",
        "hua": "hùa", "phi": "phì phỉ", "mo": "mơ mờ mổ mộ", "dong": "đồng động đông dòng",
        "tru": "trú trụ",
        "ke": "kê kế kề kể", "gia": "già gia giá", "dai": "dài đại đai", "ma": "mà má mả",
        "chi": "chí",
        "anh": "ảnh", "phat": "phát", "qua": "qua quá quả", "cat": "cát", "vu": "vũ",
        "di": "dì dì", "vay": "vậy", "khoa": "khoa",
    }.items()
    for word in words.split()
}  # fmt: skip
"""Words that would read like a telling one without their diacritics: kept apart where written."""


_COMPILED: Final = tuple(
    (sign, tuple(re.compile(rf"\b(?:{p})") for p in sign.patterns)) for sign in SIGNS
)
_DUONG_LINK: Final = re.compile(
    r"\bduong (?:link|danx?)\b|(?<=truy cap )lien ket\b|(?<=kem )lien ket\b|(?<=vao )lien "
    r"ket\b|(?<=mot )lien ket\b|(?<=bam )lien ket\b"
)

_PUBLIC_SITES: Final = frozenset(
    {"zalo.me", "oa.zalo.me", "google.com", "facebook.com", "youtube.com", "gmail.com",
     "play.google.com", "apps.apple.com"}
)  # fmt: skip
"""Sites that everybody names; a link to them says nothing."""
_SHORTENERS: Final = frozenset(
    {
        "bit.ly",
        "tinyurl.com",
        "t.co",
        "cutt.ly",
        "goo.gl",
        "is.gd",
        "rb.gy",
        "s.id",
        "t.ly",
        "shorturl.at",
    }
)
_ODD_ENDINGS: Final = frozenset(
    {"top", "xyz", "vip", "cc", "click", "site", "online", "club", "icu", "shop", "live", "life",
     "app", "link", "fun", "win", "website", "space", "work", "cyou", "buzz", "pro", "asia"}
)  # fmt: skip
_ENDINGS: Final = _ODD_ENDINGS | {"vn", "com", "net", "org", "info", "gov", "biz", "store", "tv"}
_NAMES: Final = (
    "vneid", "vssid", "dichvucong", "congan", "bocongan", "baohiem", "bhxh", "dinhdanh", "cancuoc",
    "cccd", "csgt", "phatnguoi", "etax", "thue", "gov", "evn", "dienluc", "vnpost", "buudien",
    "bank",
    "trocap", "ansinh", "hotro",
)  # fmt: skip
"""What imitations carry in their name, with look-alike digits read as letters."""
_DIGITS_AS_LETTERS: Final = str.maketrans("013", "oie")
_SPACED_DOT: Final = re.compile(
    r"(?<=[a-z0-9])(?: ?\[\.\] ?| ?\(\.\) ?| \. ?| cham )(?=(?:"
    rf"{'|'.join(sorted(_ENDINGS))}|gov)\b)"
)
_HYPHEN_DOT: Final = re.compile(rf"(\b\w+-[\w-]+)\. (?=(?:{'|'.join(sorted(_ENDINGS))})\b)")
_BARE_SITE: Final = re.compile(r"\b(vneid|dichvucong|dich vu cong) gov(?: vn)?\b")


def _site_signs(text: str) -> set[str]:
    """Names of the signs in the web addresses of a text."""
    lower = text.lower()
    lower = _BARE_SITE.sub(r"\1.gov.vn", _HYPHEN_DOT.sub(r"\1.", _SPACED_DOT.sub(".", lower)))
    lower = _SPACED_DOT.sub(".", lower)
    found = set()
    for site in sites_in(lower):
        ending = site.rpartition(".")[2]
        is_written_as_link = f"//{site}" in lower or f"{site}/" in lower or f"www.{site}" in lower
        if ending not in _ENDINGS and not is_written_as_link:
            continue  # "xong.cháu": a full stop without its blank
        if is_official_site(site) or site in _PUBLIC_SITES:
            continue
        read = site.translate(_DIGITS_AS_LETTERS)
        is_state = site.endswith(".gov.vn")
        is_named_alike = not is_state and any(name in read.rpartition(".")[0] for name in _NAMES)
        is_own = site.endswith((".com.vn", ".vn")) and site.count("-") == 0
        if (
            site in _SHORTENERS
            or ending in _ODD_ENDINGS
            or not site.isascii()
            or imitates_official(site)
            or (is_named_alike and not is_own)
        ):
            found.add("link_fake")
        elif not is_state:
            found.add("link_unknown")
    return found


def _plain(text: str) -> str:
    """Folded text with abbreviations written out and telling words kept apart from others."""
    found = _WORD.findall(unicodedata.normalize("NFC", text.lower()))
    # Where a text is written with diacritics, a word without them is meant so.
    has_marks = sum(not word.isascii() for word in found) > len(found) / 5
    words = []
    for word in found:
        known = _SHORT_FORMS.get(word)
        if known is None and (has_marks or not word.isascii()):
            known = _TOLD_APART.get(word)
        words.append(known or fold(word))
    return _DUONG_LINK.sub("link", " ".join(words))


_WORD: Final = re.compile(r"[^\W_]+|%")


_HARM: Final = ("harm", "harm_plain")
_NOT_YET: Final = re.compile(
    r"\b(?:chua|khong) (?:\w+ )?(?:bam|doc|chuyen|cai|dua|gui|nhap|lam (?:theo|gi)|mo)\b"
    r"(?!.*\b(?:lo|trot|mat roi|xong roi)\b)"
)


@lru_cache(maxsize=4096)
def signs_in(text: str) -> tuple[Sign, ...]:
    """The signs in a text, in the order of the table."""
    return _signs(_plain(text), _site_signs(text))


def _signs(plain: str, sites: set[str]) -> tuple[Sign, ...]:
    return tuple(
        sign
        for sign, patterns in _COMPILED
        if sign.name in sites or any(p.search(plain) for p in patterns)
    )


def weigh(signs: tuple[Sign, ...]) -> float:
    """The strongest weights of all kinds together."""
    best: dict[Kind, float] = {}
    for sign in signs:
        best[sign.kind] = max(best.get(sign.kind, 0.0), sign.weight)
    return round(sum(best.values()), 6)


def is_fraud(text: str) -> bool:
    """True if, within a stretch of `WINDOW` words, the strongest signs of all kinds reach 1.

    So one decisive sign is enough, and otherwise two kinds are needed: who turned up, what they
    want, how they push, and what the citizen says of it.
    """
    sites = _site_signs(text)
    words = _plain(text).split()
    starts = range(0, max(len(words) - WINDOW // 2, 1), WINDOW // 2)
    return any(weigh(_signs(" ".join(words[s : s + WINDOW]), sites)) >= DECISIVE for s in starts)


def has_harm(text: str) -> bool:
    """True if the citizen says that it has already happened."""
    return any(sign.name in _HARM for sign in signs_in(text)) and not _NOT_YET.search(_plain(text))


def case_of(text: str) -> str | None:
    """The case of the guide that a text chooses; None if it tells neither."""
    if has_harm(text):
        return HARM_DONE
    return NO_HARM_YET if is_fraud(text) or _NOT_YET.search(_plain(text)) else None
