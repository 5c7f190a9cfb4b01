"""Every guide as its citizens get it, on one page of drawn telephones, for whoever looks it over.

Pure: replies are made by the code that answers, the page by a template; writing is `publish`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.errors import ContentError
from bot.guides import Guide, GuideSet, Variant
from bot.messages import Message, Reply
from bot.offices import Office
from bot.pages import zalo_address
from bot.render import Choice, Voice, render_errors, render_guide, voice_of

_environment = Environment(
    loader=PackageLoader("bot", "pages_templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """One talk: what was asked or tapped, and what came back."""

    id: str
    caption: str
    asked: str
    messages: tuple[Message, ...]
    problem: str = ""
    """Why nothing could be made of it."""

    @property
    def chars(self) -> int:
        """Characters of all messages together."""
        return sum(len(message.text) for message in self.messages)


def render_gallery(guides: GuideSet, office: Office, today: date, *, pages: str) -> str:
    """One self-contained page; `pages` is the address of the folder with the public pages."""
    voice = voice_of(guides, office, today)
    topics = [
        (name, label, [(g, list(_phones(voice, g))) for g in guides.guides_of(name)])
        for name, label in guides.topics.items()
    ]
    return _environment.get_template("gallery.html").render(
        office=office,
        topics=[topic for topic in topics if topic[2]],
        pages=pages,
        zalo=zalo_address(office),
        today=today,
        say=voice.say,
    )


def _phones(voice: Voice, guide: Guide) -> Iterator[Phone]:
    """Question back, then each case as citizen, as helper, and what often goes wrong."""
    label = voice.guides.label(guide.intent)
    question = label[:1].upper() + label[1:]
    if guide.variants:
        ask = [Choice(title=v.title, payload=f"g1:{guide.intent}/{v.id}") for v in guide.variants]
        yield _phone(voice, guide, None, "hoi", "Hỏi trường hợp", question, ask)
    for case in guide.variants or (None,):
        end = f"-{case.id}" if case else ""
        name = f" – {case.title}" if case else ""
        asked = case.title if case else question
        choices = _choices(voice, guide, case)
        yield _phone(voice, guide, case, f"dan{end}", f"Bà con{name}", asked, choices)
        yield _phone(
            voice, guide, case, f"giup{end}", f"Người làm giúp{name}",
            f"{question}, cháu hỏi cho bố mẹ", choices, is_helper=True,
        )  # fmt: skip
        yield _errors(voice, guide, case, end, name)


def _choices(voice: Voice, guide: Guide, case: Variant | None) -> list[Choice]:
    """What is offered below a guide when nothing else was asked for."""
    names = [n for n in guide.related if n in voice.guides.guides][:2]
    end = f"/{case.id}" if case else ""
    titles = [voice.guides.label(name) for name in (*names, "gap_can_bo")]
    return [
        Choice(title="Bị vướng khi làm", payload=f"e1:{guide.intent}{end}"),
        *(Choice(title=t[:1].upper() + t[1:], payload="") for t in titles),
    ]


def _phone(
    voice: Voice,
    guide: Guide,
    case: Variant | None,
    id: str,
    caption: str,
    asked: str,
    choices: Sequence[Choice],
    *,
    is_helper: bool = False,
) -> Phone:
    try:
        variant = case.id if case else None
        reply = render_guide(voice, guide, variant, choices, is_helper=is_helper)
    except ContentError as exc:
        return _failed(guide, id, caption, asked, exc)
    return _answered(guide, id, caption, asked, reply)


def _errors(voice: Voice, guide: Guide, case: Variant | None, end: str, name: str) -> Phone:
    id, caption, asked = f"vuong{end}", f"Hay vướng{name}", "Bị vướng khi làm"
    choices = [
        Choice(title="Xem lại các bước", payload=f"g1:{guide.intent}"),
        Choice(title="Gặp cán bộ", payload="g1:gap_can_bo"),
    ]
    try:
        reply = render_errors(voice, guide, case.id if case else None, choices)
    except ContentError as exc:
        return _failed(guide, id, caption, asked, exc)
    return _answered(guide, id, caption, asked, reply)


def _answered(guide: Guide, id: str, caption: str, asked: str, reply: Reply) -> Phone:
    return Phone(id=f"{guide.intent}-{id}", caption=caption, asked=asked, messages=reply.messages)


def _failed(guide: Guide, id: str, caption: str, asked: str, exc: ContentError) -> Phone:
    return Phone(
        id=f"{guide.intent}-{id}", caption=caption, asked=asked, messages=(), problem=exc.message
    )
