"""Pages about the guides, read only: list with search, one guide, everything to be mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from fastapi import APIRouter, Depends, HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.accounts import Role
from bot.admin.auth import needs
from bot.admin.site import Site, render_page, site_of
from bot.checks import Problem
from bot.errors import ContentError
from bot.guides import Fact, Guide, GuideSet, Step, Variant, fold
from bot.offices import LOCAL_TIME, OFFICE_VALUES
from bot.render import texts_of
from bot.templates import names_in

router = APIRouter(dependencies=[Depends(needs(Role.OFFICER))])


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideLine:
    """One line of the list."""

    guide: Guide
    is_overdue: bool
    problems_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicPart:
    """The lines of one topic; overdue guides first."""

    name: str
    label: str
    lines: Sequence[GuideLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPart:
    """A step with what the page says around it."""

    step: Step
    number: str
    """Its place among the steps of its cases, like "2" or "2–3"."""
    variants: Sequence[Variant]


def _today(site: Site) -> date:
    return site.clock().astimezone(LOCAL_TIME).date()


def _intent_of(problem: Problem) -> str:
    """The guide that a problem's path belongs to; empty for other files."""
    parts = problem.path.split("/")
    return parts[1] if len(parts) > 1 and parts[0] == "guides" else ""


def matches(guides: GuideSet, guide: Guide, words: str) -> bool:
    """Whether every word of the search occurs in the guide's names or answer, diacritics aside."""
    texts = (guide.title, guides.label(guide.intent), guide.answer, guide.owner, guide.intent)
    found = fold(" ".join(texts))
    return all(word in found for word in fold(words).split())


def list_topics(
    guides: GuideSet, problems: Iterable[Problem], today: date, words: str
) -> list[TopicPart]:
    """The guides that match, by topic in menu order; topics without any are left out."""
    counts = Counter(_intent_of(problem) for problem in problems)
    parts = []
    for name, label in guides.topics.items():
        lines = [
            GuideLine(
                guide=guide,
                is_overdue=guide.review_by < today,
                problems_count=counts[guide.intent],
            )
            for guide in guides.guides_of(name)
            if matches(guides, guide, words)
        ]
        lines.sort(key=lambda line: not line.is_overdue)
        if lines:
            parts.append(TopicPart(name=name, label=label, lines=lines))
    return parts


def facts_of(guides: GuideSet, guide: Guide) -> tuple[list[Fact], list[str]]:
    """Facts and names of office values that a guide uses, in order of first use."""
    names: dict[str, None] = {}
    for text in texts_of(guide):
        try:
            names.update(dict.fromkeys(sorted(names_in(text))))
        except ContentError:
            continue
    facts = [guides.facts[name] for name in names if name in guides.facts]
    return facts, [name for name in names if name in OFFICE_VALUES and name not in guides.facts]


def number_steps(guide: Guide) -> list[StepPart]:
    """The steps in the file's order, numbered as the citizen of each case counts them."""
    parts = []
    for step in guide.steps:
        cases = [v for v in guide.variants if not step.variants or v.id in step.variants]
        sequences = [guide.steps_for(case.id) for case in cases] or [guide.steps]
        places = sorted({sequence.index(step) + 1 for sequence in sequences if step in sequence})
        first, last = (places[0], places[-1]) if places else (0, 0)
        number = f"{first}–{last}" if first != last else str(first)
        named = cases if step.variants else []
        parts.append(StepPart(step=step, number=number, variants=named))
    return parts


@router.get("/huong-dan")
def show_guides(request: Request, tim: str = "") -> Response:
    """The list by topic; `tim` searches."""
    site = site_of(request)
    guides, words = site.content(), tim.strip()[:100]
    topics = list_topics(guides, site.problems(), _today(site), words)
    return render_page(
        request,
        "guides.html",
        topics=topics,
        words=words,
        found=sum(len(topic.lines) for topic in topics),
        total=len(guides.guides),
        overdue_total=sum(guide.review_by < _today(site) for guide in guides.guides.values()),
    )


@router.get("/huong-dan/{intent}")
def show_guide(request: Request, intent: str) -> Response:
    """One guide as citizens of the first office read it, with the facts that it rests on."""
    site = site_of(request)
    guides = site.content()
    guide = guides.guides.get(intent)
    if guide is None:
        raise HTTPException(404)
    facts, office_names = facts_of(guides, guide)
    offices = site.offices()
    office_values = dict(offices[0].values) if offices else {}
    return render_page(
        request,
        "guide.html",
        guide=guide,
        guides=guides,
        topic=guides.label(guides.intents[intent].topic) if intent in guides.intents else "",
        steps=number_steps(guide),
        facts=facts,
        office_facts=[(OFFICE_VALUES[n], office_values.get(n, "")) for n in office_names],
        values=office_values | {name: fact.value for name, fact in guides.facts.items()},
        problems=[p for p in site.problems() if _intent_of(p) == intent],
        today=_today(site),
    )


@router.get("/can-sua")
def show_problems(request: Request) -> Response:
    """Every problem of the content folder, by file."""
    site = site_of(request)
    guides = site.content()
    problems = sorted(site.problems(), key=lambda problem: problem.path)
    files = [
        (path, _intent_of(group[0]) if _intent_of(group[0]) in guides.guides else "", group)
        for path, group in ((p, list(g)) for p, g in groupby(problems, lambda x: x.path))
    ]
    return render_page(request, "problems.html", files=files, total=len(problems))
