"""What the simulator knows of Zalo's limits and error texts, read from `tables.json`.

Each value is a dated reading of the documentation, kept apart from the bot's own table.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TABLES: dict[str, Any] = json.loads(
    (Path(__file__).parent / "tables.json").read_text(encoding="utf-8")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Times in seconds (`_s`), sizes in characters (`_max`) unless the name says otherwise."""

    answer_deadline_s: float
    retry_after_s: tuple[float, ...]
    code_lifetime_s: int
    access_token_lifetime_s: int
    refresh_token_lifetime_s: int
    text_max_chars: int
    """Counted in UTF-16 units: the stricter of the two possible readings."""
    buttons_max: int
    button_title_max: int
    query_payload_max: int
    sms_content_max: int
    list_elements_max: int
    element_title_max: int
    element_subtitle_max: int
    free_window_s: int
    send_window_s: int
    quote_window_s: int
    chat_count_max: int
    user_count_max: int
    user_offset_max: int
    image_max_bytes: int
    file_max_bytes: int
    upload_kept_s: int


LIMITS = Limits(**{**_TABLES["limits"], "retry_after_s": tuple(_TABLES["limits"]["retry_after_s"])})
CHECKED_ON: str = _TABLES["checked_on"]


def error_text(code: int) -> str:
    """The wording that goes with a code of the OA API."""
    return str(_TABLES["errors"].get(str(code), "Unknown error"))


def oauth_error(code: int) -> tuple[str, str]:
    """Name and reason that go with an OAuth code."""
    name, reason = _TABLES["oauth_errors"].get(str(code), ("Error", "Unknown error"))
    return str(name), str(reason)
