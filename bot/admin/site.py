"""What every page of the officers' site is given: settings, store, content, clock, templates."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot.accounts import Role, Session
from bot.admin.words import FILTERS
from bot.checks import Problem
from bot.guides import GuideSet
from bot.offices import Office
from bot.settings import Settings
from bot.store import Store

FOLDER = Path(__file__).parent


class BoxStats(Protocol):
    """Counts of one mailbox, as `bot.mailbox.Stats` has them."""

    @property
    def waiting(self) -> int: ...
    @property
    def delayed(self) -> int: ...
    @property
    def dead(self) -> int: ...
    @property
    def oldest_age_s(self) -> float | None: ...


StatsReader = Callable[[], Awaitable[Mapping[str, BoxStats]]]
"""Gives the counts of the mailboxes, by the names "inbox" and "outbox"."""


def _make_environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)
    return environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One officers' site; kept in `app.state.site`."""

    settings: Settings
    store: Store
    content: Callable[[], GuideSet]
    offices: Callable[[], Sequence[Office]]
    problems: Callable[[], Sequence[Problem]]
    stats: StatsReader | None
    clock: Callable[[], datetime]
    environment: Environment

    def name(self) -> str:
        """Name of the commune in the header; several communes are counted."""
        names = [office.values.get("ten_xa", office.slug) for office in self.offices()]
        if len(names) == 1:
            return names[0]
        return f"{len(names)} xã, phường" if names else "Trợ lý xã"


def make_site(**values: Any) -> Site:
    """A Site with the templates of this package."""
    return Site(environment=_make_environment(), **values)


def site_of(request: Request) -> Site:
    """The site that the request is for."""
    site: Site = request.app.state.site
    return site


def render_page(
    request: Request, template: str, *, status_code: int = 200, **values: Any
) -> HTMLResponse:
    """A page of the site. Every template may use `session` (None before login) and `site_name`."""
    site = site_of(request)
    session: Session | None = getattr(request.state, "session", None)
    text = site.environment.get_template(template).render(
        session=session,
        is_admin=session is not None and session.person.role is Role.ADMIN,
        site_name=site.name(),
        path=request.url.path,
        **values,
    )
    return HTMLResponse(text, status_code=status_code)
