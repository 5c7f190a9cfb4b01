"""Guides as public web pages and printable sheets: values → files of one office, as text.

The same guide and facts as in `render`, for people without Zalo, for helpers and for the wall of
the hamlet hall. Writing the files is `publish`'s; serving them is the webhook's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.errors import ContentError
from bot.guides import Confidence, Fact, Guide, GuideSet, Step, Variant
from bot.offices import Office
from bot.render import Voice, facts_of, voice_of
from bot.templates import fill

STYLE = "style.css"
INDEX = "index.html"
QR_BORDER = 4
"""Empty modules around the code, as ISO/IEC 18004 asks."""
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_LONG_PHONE = r"(?<![\d.])(?:1[89]00[ .]?\d{4,6}|0\d{2,3}[ .]?\d{3}[ .]?\d{3,4})(?![\d/])"
_SHORT_PHONE = re.compile(r"1\d\d")
_environment = Environment(
    loader=PackageLoader("bot", "pages_templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One variant of a guide, or the whole guide if it has none, as both pages show it."""

    id: str
    """Anchor on the page."""
    title: str
    """Empty for a guide without variants."""
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Turns texts that officers wrote into safe HTML, for one office on one day."""

    voice: Voice
    phone: re.Pattern[str]

    def __call__(self, text: str) -> Markup:
        """`text` filled: bold names of buttons, telephone numbers to tap. Raises ContentError."""
        html = str(escape(fill(text, self.voice.values).strip()))
        html = _BOLD.sub(r"<strong>“\1”</strong>", html)
        return Markup(self.phone.sub(_phone_link, html))

    def problem(self, text: str) -> Markup:
        """A common error, its name before the colon marked."""
        name, colon, remedy = self(text).partition(": ")
        return Markup("<b>{}:</b> {}").format(name, remedy) if colon else name


def render_pages(guides: GuideSet, office: Office, today: date) -> dict[str, str]:
    """All files of one office: name → text. A guide that cannot be rendered is left out."""
    voice = voice_of(guides, office, today)
    files: dict[str, str] = {}
    shown: list[str] = []
    for guide in guides.guides.values():
        try:
            pages = render_guide_pages(voice, guide, office)
        except ContentError:
            continue  # `check` names it; a page with a gap in it would be worse than none
        files |= pages
        shown.append(guide.intent)
    files[INDEX] = _render_index(voice, office, shown)
    files[STYLE] = _environment.get_template(STYLE).render()
    return files


def render_guide_pages(voice: Voice, guide: Guide, office: Office) -> dict[str, str]:
    """The page and the printable sheets of one guide. Raises ContentError on a bad text."""
    known = voice.guides.guides
    facts = facts_of(guide, voice.guides)
    values: Mapping[str, object] = {
        **_of_office(voice, office),
        "guide": guide,
        "cases": _cases(guide),
        "facts": facts,
        "checked_on": _checked_on(guide, facts),
        "footer": _footer(voice, facts),
        "related": [(n, voice.guides.label(n)) for n in guide.related if n in known],
    }
    return {
        f"{guide.intent}.html": _environment.get_template("page.html").render(values),
        f"{guide.intent}-a4.html": _environment.get_template("a4.html").render(values),
    }


def zalo_address(office: Office) -> str:
    """Where a citizen starts a talk with the office's account."""
    return f"https://zalo.me/{office.oa_id}"


def _render_index(voice: Voice, office: Office, shown: Sequence[str]) -> str:
    topics = [
        (name, label, [g for g in voice.guides.guides_of(name) if g.intent in shown])
        for name, label in voice.guides.topics.items()
    ]
    template = _environment.get_template(INDEX)
    return template.render(
        **_of_office(voice, office), topics=[topic for topic in topics if topic[2]]
    )


def _of_office(voice: Voice, office: Office) -> dict[str, object]:
    """What every page of an office holds."""
    short = {f.value for f in voice.guides.facts.values() if _SHORT_PHONE.fullmatch(f.value)}
    pattern = "|".join([_LONG_PHONE, *(rf"\b{number}\b" for number in sorted(short))])
    address = zalo_address(office)
    return {
        "write": Writer(voice=voice, phone=re.compile(pattern)),
        "label": voice.guides.label,
        "zalo": address,
        "qr": Markup(
            segno.make(address, micro=False).svg_inline(
                border=QR_BORDER, omitsize=True, svgclass="qr", lineclass="qr-line"
            )
        ),
    }


def _cases(guide: Guide) -> tuple[Case, ...]:
    def case(variant: Variant | None) -> Case:
        return Case(
            id=variant.id if variant else "cac-buoc",
            title=variant.title if variant else "",
            steps=guide.steps_for(variant.id if variant else None),
        )

    return tuple(map(case, guide.variants)) or (case(None),)


def _checked_on(guide: Guide, facts: Sequence[Fact]) -> date:
    """The oldest check of anything that the guide states."""
    return min((f.checked_on for f in facts), default=guide.checked_on)


def _footer(voice: Voice, facts: Sequence[Fact]) -> str:
    is_unsure = any(f.confidence is Confidence.MEDIUM for f in facts)
    return voice.guides.replies["footer_medium"].text if is_unsure else ""


def _phone_link(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found[0])
    return f'<a class="phone" href="tel:{digits}">{found[0]}</a>'
