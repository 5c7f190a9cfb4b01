"""The officers' home page: what happened lately, and what waits for somebody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Depends
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import Response

from bot.accounts import Role
from bot.admin.auth import needs
from bot.admin.site import BoxStats, Site, render_page, site_of
from bot.admin.words import OUTCOME_WORDS
from bot.offices import LOCAL_TIME
from bot.store import UNANSWERED

router = APIRouter(dependencies=[Depends(needs(Role.OFFICER))])


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeLine:
    """One line of the table of outcomes."""

    outcome: str
    day: int
    week: int
    share: float
    """Of the week's messages, 0..1."""
    needs_look: bool


def _lines(day: Mapping[str, int], week: Mapping[str, int]) -> list[OutcomeLine]:
    total = sum(week.values())
    names = [*OUTCOME_WORDS, *sorted(week.keys() - OUTCOME_WORDS.keys())]
    return [
        OutcomeLine(
            outcome=name,
            day=day.get(name, 0),
            week=week[name],
            share=week[name] / total,
            needs_look=name in UNANSWERED,
        )
        for name in names
        if week.get(name)
    ]


def _figures(site: Site) -> dict[str, Any]:
    now = site.clock()
    day = site.store.count_outcomes(now - timedelta(hours=24))
    week = site.store.count_outcomes(now - timedelta(days=7))
    guides = site.content().guides
    today = now.astimezone(LOCAL_TIME).date()
    return {
        "day_total": sum(day.values()),
        "week_total": sum(week.values()),
        "lines": _lines(day, week),
        "unanswered_total": site.store.count_unanswered(),
        "unanswered_week": sum(week.get(name, 0) for name in UNANSWERED),
        "guides_total": len(guides),
        "overdue_total": sum(guide.review_by < today for guide in guides.values()),
        "problems_total": len(site.problems()),
    }


@router.get("/")
async def show_home(request: Request) -> Response:
    """Counts of the last day and week; mailboxes when their counts can be had."""
    site = site_of(request)
    boxes: Mapping[str, BoxStats] | None = None
    if site.stats is not None:
        try:
            boxes = await site.stats()
        except (RedisError, OSError):
            boxes = {}

    def page() -> Response:
        return render_page(request, "home.html", boxes=boxes, **_figures(site))

    return await to_thread.run_sync(page)
