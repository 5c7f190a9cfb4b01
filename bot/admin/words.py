"""How values are worded on the pages: Vietnamese names, dates, percentages, officers' texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from markupsafe import Markup, escape

from bot.accounts import Role
from bot.offices import LOCAL_TIME

OUTCOME_WORDS = {
    "answered": "Đã trả lời",
    "talk": "Chào hỏi, trò chuyện",
    "safety": "Cảnh báo an toàn",
    "handover": "Chuyển cán bộ",
    "clarify": "Phải hỏi lại",
    "no_content": "Chưa hiểu hoặc chưa có hướng dẫn",
    "out_of_scope": "Ngoài phạm vi",
    "unsupported": "Ảnh, tệp, ghi âm",
    "error": "Hệ thống lỗi",
}
"""Outcome → name on the pages, in the order in which they are listed."""

ROLE_WORDS = {
    Role.OFFICER: "Cán bộ",
    Role.REVIEWER: "Người duyệt",
    Role.ADMIN: "Quản trị",
}

_FACT = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_BOLD = re.compile(r"\*\*(.+?)\*\*")


def outcome_word(outcome: str) -> str:
    """Vietnamese name of an outcome; an unknown one keeps its own name."""
    return OUTCOME_WORDS.get(outcome, outcome)


def local_time(moment: datetime) -> str:
    """Date and time in Viet Nam, like 22/11/2026 10:04."""
    return moment.astimezone(LOCAL_TIME).strftime("%d/%m/%Y %H:%M")


def local_date(day: date) -> str:
    """Like 22/11/2026."""
    return day.strftime("%d/%m/%Y")


def percent(share: float) -> str:
    """0.314 → 31%."""
    return f"{round(share * 100)}%"


def number(value: int) -> str:
    """1234 → 1.234, as Vietnamese is written."""
    return f"{value:,}".replace(",", ".")


def lasting(seconds: float) -> str:
    """A length of time in its largest fitting unit."""
    for unit, size in (("ngày", 86400), ("giờ", 3600), ("phút", 60)):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} giây"


def guide_text(text: str, values: Mapping[str, str]) -> Markup:
    """An officer's text as HTML: escaped, facts filled in and marked, bold kept.

    A fact without a value is shown by its name, marked as missing.
    """

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        if name in values:
            return f'<span class="fact" title="{name}">{escape(values[name])}</span>'
        return f'<span class="fact missing">chưa có: {name}</span>'

    bold = _BOLD.sub(r"<b>\1</b>", str(escape(text)))
    return Markup(_FACT.sub(fill, bold))


FILTERS: dict[str, Callable[..., Any]] = {
    "outcome_word": outcome_word,
    "role_word": ROLE_WORDS.__getitem__,
    "local_time": local_time,
    "local_date": local_date,
    "percent": percent,
    "number": number,
    "lasting": lasting,
    "guide_text": guide_text,
}
