"""The page of questions that the bot could not answer, read only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from bot.accounts import Role
from bot.admin.auth import needs
from bot.admin.site import render_page, site_of
from bot.guides import GuideSet
from bot.offices import Office
from bot.store import UNANSWERED, OutcomeRow

router = APIRouter(dependencies=[Depends(needs(Role.OFFICER))])

PER_PAGE = 20
_NEAREST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class NearIntent:
    """An intent that the model thought of."""

    name: str
    label: str
    confidence: float
    has_guide: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One line of the list."""

    row: OutcomeRow
    office: str
    near: Sequence[NearIntent]


def _question(row: OutcomeRow, guides: GuideSet, offices: Mapping[str, Office]) -> Question:
    office = offices.get(row.office)
    return Question(
        row=row,
        office=office.values.get("ten_xa", row.office) if office else row.office,
        near=[
            NearIntent(
                name=name,
                label=guides.label(name),
                confidence=confidence,
                has_guide=name in guides.guides,
            )
            for name, confidence in row.ranking[:_NEAREST]
        ],
    )


@router.get("/cau-hoi")
def show_unanswered(
    request: Request, loai: str = "", trang: Annotated[int, Query(ge=1, le=100_000)] = 1
) -> Response:
    """Newest first; `loai` shows one outcome only, `trang` is the page from 1."""
    site = site_of(request)
    outcome = loai if loai in UNANSWERED else None
    counts = {name: site.store.count_unanswered(name) for name in UNANSWERED}
    total = counts[outcome] if outcome else sum(counts.values())
    pages = max(1, -(-total // PER_PAGE))
    page = min(trang, pages)
    rows = site.store.list_unanswered(PER_PAGE, (page - 1) * PER_PAGE, outcome)
    guides = site.content()
    offices = {office.slug: office for office in site.offices()}
    return render_page(
        request,
        "unanswered.html",
        questions=[_question(row, guides, offices) for row in rows],
        has_offices=len(offices) > 1,
        outcome=outcome,
        counts=counts,
        total=total,
        everything=sum(counts.values()),
        page=page,
        pages=pages,
    )
