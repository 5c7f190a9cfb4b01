"""Redaction of personal data: what citizens paste is covered before anything is stored or logged.

A bare run of digits is ambiguous (ten digits may be a telephone or an insurance number), so
everything long enough is covered first and its label is only a hint: a wrong label is no harm, a
leak is. Names cannot be found reliably; nobody should call the result anonymous.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Final

_GAP = r"[ \u00a0._\-\u2010-\u2013]"
_SEP = _GAP + "{0,2}"
"""What citizens, and texts pasted from elsewhere, put between the digits of one number."""
_SHORT_NUMBER = r"(?:11[2-5]|1022|1414|5656|156|8079)"

_DATE: Final = re.compile(
    r"(?<![\d.\-/])(?:0?[1-9]|[12]\d|3[01])([./\-])(?:0?[1-9]|1[0-2])\1(?:19|20)\d{2}(?![.\-/]?\d)"
)
"""A date: with the hour behind it, it has as many digits as a telephone number."""

_PUBLIC: Final = (
    # Hotlines and emergency numbers belong to everybody.
    re.compile(r"(?<!\d)1[89]00[ .]?\d{2}[ .]?\d{2}(?!\d)"),
    re.compile(r"(?<!\d)18001096(?!\d)"),
    re.compile(
        rf"(?<!\d)(?<!\d{_GAP}){_SHORT_NUMBER}(?:[ ,/\-]+{_SHORT_NUMBER})*(?!{_GAP}?\d)"
    ),
    # Years in a row.
    re.compile(r"(?<!\d)(?<!\d[ .\-])(?:19|20)\d{2}(?:[ \-]+(?:19|20)\d{2})+(?![ .\-]?\d)"),
    # Amounts of money.
    re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:[.,]\d{3})+(?![\d.,])\s*(?:đồng|dong|đ|d|vnđ|vnd|k)\b",
               re.I),
    re.compile(r"(?<!\d)(?<!\d )[1-9]\d{0,2}(?: \d{3})+\s*(?:đồng|dong|đ|vnđ|vnd)\b", re.I),
    re.compile(r"(?<!\d)\d{1,12}\s*(?:đồng|dong|vnđ|vnd|nghìn|nghin|ngàn|ngan|triệu|trieu|tr|củ)\b",
               re.I),
    # Numbers of laws and of procedures.
    re.compile(r"(?<!\d)\d{1,4}/(?:19|20)\d{2}(?:/[A-ZĐ\-]+\d*)?", re.I),
    re.compile(r"(?<!\d)[123]\.\d{6}(?!\d)"),
)  # fmt: skip

_CODE_WORD = r"(?:otp|passcode|pin|m[ãa]\s+(?:x[áa]c\s+(?:nh[ậa]n|th[ựu]c)|k[íi]ch\s+ho[ạa]t))"

# Order matters: what its context names comes before bare digits. Group "v" is what is covered;
# without it the whole match is.
_RULES: Final = tuple(
    (label, re.compile(pattern, re.I))
    for label, pattern in (
        ("MAT_KHAU",
         r"(?:m[ậa]t\s*kh[ẩa]u|password|pass|mk)(?:\s+[^\s:=\d]{1,8}){0,4}?\s*(?:là|la|:|=)\s*"
         r"(?P<v>(?!\[[A-Z_]+\])(?=\S*[\d@#$%^&*!_])[^\s,;]{4,}|[A-Za-z]{6,}(?=\s*(?:$|[,;.])))"),
        ("MA_BI_MAT",
         _CODE_WORD + r"[^\n\d]{0,25}(?<!\d)(?P<v>\d{3}[ \-]\d{3}|\d{4,8}|\d(?: \d){3,5}"
         r"|\d{2}(?:[ .\-]\d{2}){2,3})(?!\d)"),
        ("MA_BI_MAT", r"(?<!\d)(?P<v>\d{6})(?!\d)[^\n\d]{0,20}" + _CODE_WORD),
        # Six digits and nothing else are most likely a code that somebody was asked for.
        ("MA_BI_MAT", r"\A\s*(?P<v>\d{6}|\d{3}[ \-]\d{3})\s*\Z"),
        ("MA_HO_SO", r"(?:\d{3}\.)?(?:\d{2}\.){0,3}[A-Z]\d{2}(?:\.\d+)*-\d{6}-\d{3,6}"),
        ("EMAIL", r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+"),
        ("THE_BHYT", r"(?<![A-Z0-9])[A-Z]{2}[ \-]?[1-5](?:[ \-]?\d){12}(?!\d)"),
        ("SO_THE",
         r"(?<!\d)(?:\d{4}[ \-]){3}\d{4}(?:[ \-]?\d{3})?(?!\d)"
         r"|(?<!\d)9704\d{12}(?:\d{3})?(?!\d)"),
        ("CAN_CUOC",
         r"(?<!\d)0\d{2}" + _SEP + r"\d{3}" + _SEP + r"\d{3}" + _SEP + r"\d{3}(?!\d)"
         r"|(?<!\d)0\d{3} \d{4} \d{4}(?!\d)"),
        ("TAI_KHOAN",
         r"(?:stk|s[ốo]\s*tk|\btk\b|t[àa]i\s*kho[ảa]n|[a-z]*bank|bidv)[^\n\d]{0,25}"
         r"(?P<v>\d(?:" + _SEP + r"\d){5,18})(?!\d)"),
        ("DIEN_THOAI",
         r"(?<!\d)(?:\+?84|0084|0)" + _SEP + r"[35789](?:" + _SEP + r"\d){8}(?!\d)"
         r"|(?<!\d)02\d(?:[ \u00a0.()\-]{0,2}\d){7,8}(?!\d)"),
        ("BHXH",
         r"(?:bhxh|b[ảa]o\s*hi[ểe]m|m[ãa]\s*s[ốo]|s[ổo]\s*bh)[^\n\d]{0,25}(?P<v>\d{10})(?!\d)"),
        ("CMND",
         r"(?:cmnd|cmt|ch[ứu]ng\s*minh)[^\n\d]{0,25}(?P<v>\d{3}" + _SEP + r"\d{3}" + _SEP
         + r"\d{3})(?!\d)"),
        ("NGAY_SINH",
         r"(?:sinh|\bns\b|\bsn\b)[^\n\d]{0,12}(?P<v>\d{1,2}\s*[/\-.]\s*\d{1,2}\s*[/\-.]\s*"
         r"(?:(?:19|20)\d{2}|\d{2}))(?!\d)"),
        ("DIA_CHI",
         r"(?:s[ốo]\s*nh[àa])\s*\d+[^\n,;?]{0,40}|\b(?:ng[õo]|ng[áa]ch|h[ẻe]m)\s+\d+[^\n,;?]{0,30}"),
        ("DAY_SO", r"(?<![\d.,/])\d(?:" + _SEP + r"\d){8,18}(?![\d/])"),
    )
)  # fmt: skip

_SECRET: Final = {"MAT_KHAU", "MA_BI_MAT", "SO_THE"}
_DATE_LIKE: Final = {"CAN_CUOC", "DIEN_THOAI", "DAY_SO"}
_HARMLESS: Final = {"MA_HO_SO", "NGAY_SINH", "DIA_CHI", "EMAIL"}
_SENSITIVE_WORD: Final = re.compile(
    r"\b(?:otp|passcode|pin|m[ậa]t\s*kh[ẩa]u|stk|s[ốo]\s*t[àa]i\s*kho[ảa]n)\b", re.I
)
_LEFT_OVER: Final = re.compile(r"(?<!\d)\d{4,}(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """A text without what must not be kept."""

    text: str
    """Covered parts read `[LABEL]`."""
    labels: tuple[str, ...]
    """What was covered, in order."""

    @property
    def has_secret(self) -> bool:
        """A password, one-time code or card number was pasted: the citizen must be warned."""
        return any(label in _SECRET for label in self.labels)

    @property
    def has_identity(self) -> bool:
        """A number was pasted that nobody needed to send."""
        return any(label not in _HARMLESS for label in self.labels)

    @property
    def plain(self) -> str:
        """The text without the covers, for classification."""
        return " ".join(re.sub(r"\[[A-Z_]+\]", " ", self.text).split())


def redact(text: str) -> Redaction:
    """`text` (NFC) with everything personal covered; never raises.

    Repeated until nothing is found: what overlaps a covered part is only seen once that is gone.
    """
    labels: tuple[str, ...] = ()
    while True:
        text, found = _cover_named(text)
        if _SENSITIVE_WORD.search(text):
            text, left = _cover_left_over(text)
            found += left
        if not found:
            return Redaction(text=text, labels=labels)
        labels += found


def _cover_named(text: str) -> tuple[str, tuple[str, ...]]:
    """`text` with the matches of all rules covered, and their labels in the order of the text."""
    kept = [m.span() for rule in _PUBLIC for m in rule.finditer(text)]
    undated = _DATE.sub(lambda m: "x" * len(m[0]), text)
    covered: list[tuple[int, int, str]] = []
    for label, rule in _RULES:
        for match in rule.finditer(undated if label in _DATE_LIKE else text):
            start, end = match.span("v") if "v" in rule.groupindex and match["v"] else match.span()
            if any(start < e and s < end for s, e, _ in covered):
                continue
            # A named number is only spared if it lies wholly in a public one; a bare run of
            # digits already if it touches one.
            spared = (
                any(start < e and s < end for s, e in kept)
                if label == "DAY_SO"
                else any(s <= start and end <= e for s, e in kept)
            )
            if not spared:
                covered.append((start, end, label))
    parts, position = [], 0
    for start, end, label in sorted(covered):
        parts += [text[position:start], f"[{label}]"]
        position = end
    return "".join(parts) + text[position:], tuple(label for _, _, label in sorted(covered))


def _cover_left_over(text: str) -> tuple[str, tuple[str, ...]]:
    """Covers digits that no rule named, in a text that speaks of a secret."""
    kept = [m.span() for rule in _PUBLIC for m in rule.finditer(text)]
    labels: list[str] = []

    def cover(match: re.Match[str]) -> str:
        year = 1900 <= int(match[0]) <= 2100
        if year or any(s < match.end() and match.start() < e for s, e in kept):
            return match[0]
        labels.append("DAY_SO")
        return "[DAY_SO]"

    return _LEFT_OVER.sub(cover, text), tuple(labels)


def hash_citizen(citizen_id: str, key: bytes) -> str:
    """Keyed hash of a citizen's Zalo id, 16 hex digits: the only form in logs and database."""
    return hmac.new(key, citizen_id.encode(), hashlib.sha256).hexdigest()[:16]
