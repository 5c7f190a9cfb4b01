"""Dates as the OA API writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

_VIETNAM = timezone(timedelta(hours=7))


def vietnam_date(at_ms: int) -> str:
    """dd/MM/yyyy in Viet Nam of a time in milliseconds since 1970."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(_VIETNAM).strftime("%d/%m/%Y")
