"""Values → what a citizen reads: guides, prepared replies and choices become messages.

Every text is complete without its buttons: choices are numbered in the text, so a phone or an
account that shows no buttons loses nothing. A guide becomes at most `MAX_MESSAGES` messages.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.errors import ContentError
from bot.guides import Confidence, Fact, Guide, GuideSet, PreparedReply, Step
from bot.messages import (
    MAX_BUTTONS,
    MAX_CHARS,
    MAX_MESSAGES,
    MAX_TITLE_CHARS,
    Button,
    Message,
    Reply,
)
from bot.offices import HAMLET_TEAMS, OFFICE_VALUES, Office
from bot.templates import fill, names_in

_COMFORTABLE_CHARS = 1_000
"""About what is still easily read on a small screen in one message."""
_STEP_CHARS = 50
_BOLD = re.compile(r"\*\*(.+?)\*\*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Something a citizen may pick by tapping or by sending its number."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """What texts are filled with for one office on one day; made by `voice_of`."""

    guides: GuideSet
    values: Mapping[str, str]
    """Every name that a text may use → what it says today."""

    def say(self, text: str, **more: str) -> str:
        """`text` filled and made plain: Zalo shows no Markdown. Raises ContentError."""
        return _BOLD.sub(r"“\1”", fill(text, {**self.values, **more})).strip()


def voice_of(guides: GuideSet, office: Office, today: date, *, hamlet: str = "") -> Voice:
    """The voice of one office on one day, for somebody from `hamlet` if that is known.

    An expired fact and a missing office value become a sentence that says so, with a phone to ask.
    """
    phone = {"sdt_ttpvhcc": office.values.get("sdt_ttpvhcc") or "UBND xã"}
    missing = fill(guides.replies["office_missing"].text, phone).strip()
    expired = fill(guides.replies["expired_fact"].text, phone).strip()
    values = {name: office.values.get(name) or missing for name in OFFICE_VALUES}
    own = office.hamlet_named(hamlet) if hamlet else None
    if office.hamlets:
        values[HAMLET_TEAMS] = "; ".join(h.contact for h in ([own] if own else office.hamlets))
    for name, fact in guides.facts.items():
        values[name] = expired if fact.is_expired(today) else fact.value
    return Voice(guides=guides, values=values)


def render_choices(text: str, choices: Sequence[Choice], *, invite: str = "") -> Message:
    """One message that offers choices by number and, as far as they fit, by button."""
    lines = [f"{n}. {c.title}" for n, c in enumerate(choices, start=1)]
    parts = [text, *([invite] if invite and choices else []), "\n".join(lines)]
    buttons = tuple(
        Button(title=c.title[:MAX_TITLE_CHARS], type="query", payload=c.payload)
        for c in choices[:MAX_BUTTONS]
    )
    return Message(text="\n\n".join(p for p in parts if p), buttons=buttons)


def render_prepared(
    voice: Voice, reply: PreparedReply, choices: Sequence[Choice] = (), **more: str
) -> Reply:
    """A prepared reply, with its choices below it."""
    text = voice.say(reply.text, **more)
    if not choices:
        return Reply(messages=(Message(text=text),))
    return Reply(messages=(render_choices(text, choices, invite=_INVITE),))


_INVITE = "Bà con bấm nút, hoặc nhắn lại số:"


def render_guide(
    voice: Voice,
    guide: Guide,
    variant: str | None,
    choices: Sequence[Choice],
    *,
    also: Sequence[Choice] = (),
) -> Reply:
    """A whole guide for one case, the choices below its last message.

    `also` are those of the choices that the same message asked for besides. Where the guide has cases and `variant` is None, only what is common is said; `choices` then
    ask for the case. Raises ContentError if it does not fit the message budget.
    """
    chosen = guide.variant_named(variant)
    is_asking = bool(guide.variants) and chosen is None
    title = guide.title if chosen is None else f"{guide.title} – {chosen.title}"
    steps = () if is_asking else guide.steps_for(variant)
    blocks = [
        _heading(voice, guide, title),
        *(_step(voice, s, n, len(steps)) for n, s in enumerate(steps, start=1)),
        *([] if is_asking else [_closing(voice, guide)]),
    ]
    ask = "Bà con thuộc trường hợp nào ạ?" if is_asking else ""
    if also:
        titles = "; ".join(f"“{choice.title}”" for choice in also)
        ask = f"{ask}\nBà con còn hỏi: {titles}. Chọn ở dưới để xem tiếp ạ.".strip()
    return _with_choices(blocks, render_choices(ask, choices, invite=_INVITE), guide.intent)


def render_errors(
    voice: Voice, guide: Guide, variant: str | None, choices: Sequence[Choice]
) -> Reply:
    """The common errors at each step of a guide, the step named before them."""
    steps = guide.steps_for(variant) if variant or not guide.variants else guide.steps
    blocks = [f"Hay vướng khi làm: {voice.say(guide.title)}"]
    for number, step in enumerate(steps, start=1):
        if step.errors:
            lines = "\n".join(f"• {voice.say(e)}" for e in step.errors)
            blocks.append(f"Bước {number}: {voice.say(step.title)}\n{lines}")
    blocks.append(f"Vẫn chưa được: {voice.say(guide.help)}")
    return _with_choices(blocks, render_choices("", choices, invite=_INVITE), guide.intent)


def _with_choices(blocks: Sequence[str], last: Message, intent: str) -> Reply:
    texts = pack([*blocks, last.text], intent)
    earlier = [Message(text=t) for t in texts[:-1]]
    return Reply(messages=(*earlier, Message(text=texts[-1], buttons=last.buttons)))


def facts_of(guide: Guide, guides: GuideSet) -> tuple[Fact, ...]:
    """The facts that a guide states, by name. Raises ContentError on a bad text."""
    names: set[str] = set()
    for text in texts_of(guide):
        names |= names_in(text)
    return tuple(guides.facts[n] for n in sorted(names & guides.facts.keys()))


def texts_of(guide: Guide) -> tuple[str, ...]:
    """Every text of a guide that a citizen may read."""
    steps = (text for s in guide.steps for text in (s.title, *s.lines, *s.errors))
    return (
        guide.title, guide.answer, guide.audience, *guide.bring, guide.fee, guide.duration,
        guide.legal, guide.safety, guide.help, guide.helper,
        *(v.title for v in guide.variants), *steps,
    )  # fmt: skip


def pack(blocks: Sequence[str], intent: str) -> list[str]:
    """Blocks in order as at most `MAX_MESSAGES` texts of about equal length; no block is cut.

    As few messages as can stay comfortable to read. Raises ContentError if they do not fit.
    """
    wanted = [b for b in blocks if b]
    comfortable = math.ceil(sum(map(len, wanted)) / _COMFORTABLE_CHARS)
    for count in range(min(comfortable, MAX_MESSAGES), MAX_MESSAGES + 1):
        # The lowest limit that gives this many messages: no scrap is left for the last one.
        for limit in range(_STEP_CHARS, MAX_CHARS + 1, _STEP_CHARS):
            texts = _fill_up(wanted, limit)
            if len(texts) <= count and all(len(t) <= MAX_CHARS for t in texts):
                return texts
    raise ContentError(
        f"guides/{intent}/guide.md",
        f"hướng dẫn dài quá {MAX_MESSAGES} tin nhắn {MAX_CHARS} chữ, xin rút gọn",
    )


def _fill_up(blocks: Sequence[str], limit: int) -> list[str]:
    texts: list[str] = []
    for block in blocks:
        if texts and len(texts[-1]) + 2 + len(block) <= limit:
            texts[-1] += f"\n\n{block}"
        else:
            texts.append(block)
    return texts


def _heading(voice: Voice, guide: Guide, title: str) -> str:
    parts = [
        f"📌 {voice.say(title)}\n",
        voice.say(guide.answer),
        f"Dành cho: {voice.say(guide.audience)}",
    ]
    if guide.bring:
        parts.append("Cần có:\n" + "\n".join(f"• {voice.say(b)}" for b in guide.bring))
    for name, text in (("Lệ phí", guide.fee), ("Thời gian", guide.duration)):
        if text:
            parts.append(f"{name}: {voice.say(text)}")
    return "\n".join(parts)


def _step(voice: Voice, step: Step, number: int, total: int) -> str:
    lines = "\n".join(f"• {voice.say(line)}" for line in step.lines)
    return f"Bước {number} trong {total}: {voice.say(step.title)}\n{lines}"


def _closing(voice: Voice, guide: Guide) -> str:
    facts = facts_of(guide, voice.guides)
    checked = min((f.checked_on for f in facts), default=guide.checked_on)
    lines = [f"⚠️ {voice.say(guide.safety)}", f"Cần giúp: {voice.say(guide.help)}"]
    if any(f.confidence is Confidence.MEDIUM for f in facts):
        lines.append(voice.say(voice.guides.replies["footer_medium"].text))
    legal = f"Căn cứ: {voice.say(guide.legal)}. " if guide.legal else ""
    lines.append(f"{legal}Thông tin kiểm tra ngày {checked:%d/%m/%Y}.")
    return "\n".join(lines)
