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
from itertools import combinations

from bot.errors import ContentError
from bot.guides import Confidence, Fact, Guide, GuideSet, PreparedReply, Step
from bot.messages import (
    MAX_BUTTONS,
    MAX_CHARS,
    MAX_MESSAGES,
    MAX_TITLE_CHARS,
    Button,
    Message,
    MessagePicture,
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
        values = {**self.values, **more} if more else self.values
        return _BOLD.sub(r"“\1”", fill(text, values)).strip()


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


def render_list(voice: Voice, reply: PreparedReply, choices: Sequence[Choice]) -> Reply:
    """Many choices to be picked by number, over as many messages as they need; no buttons.

    Raises ContentError if they do not fit the message budget.
    """
    lines = [f"{n}. {choice.title}" for n, choice in enumerate(choices, start=1)]
    blocks = [voice.say(reply.text), *lines]
    count = len(_fill_up(blocks, MAX_CHARS, between="\n"))
    # The lowest limit that gives this many messages: no scrap is left for the last one.
    for limit in range(_STEP_CHARS, MAX_CHARS + 1, _STEP_CHARS):
        texts = _fill_up(blocks, limit, between="\n")
        if len(texts) <= count:
            break
    if len(texts) > MAX_MESSAGES or max(map(len, texts)) > MAX_CHARS:
        raise ContentError("replies.yaml", f"{reply.key}: danh sách dài quá {MAX_MESSAGES} tin")
    return Reply(messages=tuple(Message(text=text) for text in texts))


_INVITE = "Bà con bấm nút, hoặc nhắn lại số:"
_TO_HELPER = "🤝 Bà con đang làm giúp người thân, xin nhớ:"


def render_guide(
    voice: Voice,
    guide: Guide,
    variant: str | None,
    choices: Sequence[Choice],
    *,
    also: Sequence[Choice] = (),
    is_helper: bool = False,
) -> Reply:
    """A whole guide for one case, the choices below its last message.

    `also` are those of the choices that the same message asked for besides; `is_helper` opens with
    a word to somebody who asks on behalf of another. Where the guide has cases and `variant` is
    None, only what is common is said; `choices` then ask for the case. Raises ContentError if it
    does not fit the message budget.
    """
    chosen = guide.variant_named(variant)
    is_asking = bool(guide.variants) and chosen is None
    title = guide.title if chosen is None else f"{guide.title} – {chosen.title}"
    steps = () if is_asking else guide.steps_for(variant)
    heading = _heading(voice, guide, title)
    if is_helper and guide.helper:
        heading = f"{_TO_HELPER}\n{voice.say(guide.helper)}\n\n{heading}"
    blocks = [
        heading,
        *(_step(voice, s, n, len(steps)) for n, s in enumerate(steps, start=1)),
        _safety(voice, guide) if is_asking else _closing(voice, guide),
    ]
    ask = "Bà con thuộc trường hợp nào ạ?" if is_asking else ""
    if also:
        titles = "; ".join(f"“{choice.title}”" for choice in also)
        ask = f"{ask}\nBà con còn hỏi: {titles}. Chọn ở dưới để xem tiếp ạ.".strip()
    last = render_choices(ask, choices, invite=_INVITE)
    reply = _with_picture(voice, guide, steps, [*blocks, last.text], last.buttons)
    return reply or _with_choices(blocks, last, guide.intent)


def _with_picture(
    voice: Voice,
    guide: Guide,
    steps: Sequence[Step],
    blocks: Sequence[str],
    buttons: tuple[Button, ...],
) -> Reply | None:
    """The reply with the first picture of `steps`; None if there is none or it does not fit.

    `blocks` are the heading, one block a step, and what follows them.
    """
    for place, step in enumerate(steps, start=1):
        picture = step.picture
        if picture is None or not picture.is_sendable:
            continue
        groups = split_around(blocks, place, is_last_taken=bool(buttons))
        if groups is None:
            return None
        shown = MessagePicture(
            path=f"guides/{guide.intent}/{picture.file}",
            sha256=picture.sha256,
            description=voice.say(picture.description),
        )
        messages = [
            Message(
                text=text,
                picture=shown if is_here else None,
                buttons=buttons if number == len(groups) else (),
            )
            for number, (text, is_here) in enumerate(groups, start=1)
        ]
        return Reply(messages=tuple(messages))
    return None


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
    return render_texts(blocks, choices, guide.intent)


def render_texts(blocks: Sequence[str], choices: Sequence[Choice], intent: str) -> Reply:
    """Texts in their order, the choices below the last one. Raises ContentError if too long."""
    return _with_choices(blocks, render_choices("", choices, invite=_INVITE), intent)


def _with_choices(blocks: Sequence[str], last: Message, intent: str) -> Reply:
    texts = pack([*blocks, last.text], intent)
    earlier = [Message(text=t) for t in texts[:-1]]
    return Reply(messages=(*earlier, Message(text=texts[-1], buttons=last.buttons)))


def facts_of(guide: Guide, guides: GuideSet) -> tuple[Fact, ...]:
    """The facts that a guide states, by name. Raises ContentError on a bad text."""
    return facts_in(texts_of(guide), guides)


def facts_in(texts: Sequence[str], guides: GuideSet) -> tuple[Fact, ...]:
    """The facts that texts state, by name. Raises ContentError on a bad text."""
    names: set[str] = set()
    for text in texts:
        names |= names_in(text)
    return tuple(guides.facts[n] for n in sorted(names & guides.facts.keys()))


def texts_of(guide: Guide) -> tuple[str, ...]:
    """Every text of a guide that a citizen may read."""
    steps = (text for s in guide.steps for text in (s.title, *s.lines, *s.errors))
    pictures = (s.picture.description for s in guide.steps if s.picture)
    return (
        guide.title, guide.answer, guide.audience, *guide.bring, guide.fee, guide.duration,
        guide.legal, guide.safety, guide.help, guide.helper,
        *(v.title for v in guide.variants), *steps, *pictures,
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


def split_around(
    blocks: Sequence[str], place: int, *, is_last_taken: bool
) -> list[tuple[str, bool]] | None:
    """At most `MAX_MESSAGES` texts in order, and which of them holds `blocks[place]`.

    Zalo shows a picture above its text, so that text begins with its step where it can, and is
    short. None if the only text left for it is the last one while that is taken by buttons.
    """
    held = [(block, number == place) for number, block in enumerate(blocks) if block]
    best: tuple[tuple[bool, int, int], list[tuple[str, bool]]] | None = None
    for count in range(MAX_MESSAGES):
        for cuts in combinations(range(1, len(held)), count):
            borders = zip((0, *cuts), (*cuts, len(held)), strict=True)
            groups = [held[start:end] for start, end in borders]
            texts = [
                ("\n\n".join(text for text, _ in group), any(here for _, here in group))
                for group in groups
            ]
            longest = max(len(text) for text, _ in texts)
            if longest > MAX_CHARS or (is_last_taken and texts[-1][1]):
                continue
            caption = next(len(text) for text, is_here in texts if is_here)
            is_late = not any(group[0][1] for group in groups)
            badness = (is_late, max(longest, _COMFORTABLE_CHARS), caption)
            if best is None or badness < best[0]:
                best = (badness, texts)
    return best[1] if best else None


def _fill_up(blocks: Sequence[str], limit: int, between: str = "\n\n") -> list[str]:
    texts: list[str] = []
    for block in blocks:
        if texts and len(texts[-1]) + len(between) + len(block) <= limit:
            texts[-1] += f"{between}{block}"
        else:
            texts.append(block)
    return texts


def _heading(voice: Voice, guide: Guide, title: str) -> str:
    parts = [
        f"📌 {voice.say(title)}\n",
        f"{voice.say(guide.answer)}\n",
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
    legal = f"Căn cứ: {voice.say(guide.legal)}. " if guide.legal else ""
    return f"{_safety(voice, guide)}\n{dated_line(voice, guide, texts_of(guide), legal)}"


def _safety(voice: Voice, guide: Guide) -> str:
    """What to beware of and where to get help: said even before the case is known."""
    return f"⚠️ {voice.say(guide.safety)}\nCần giúp: {voice.say(guide.help)}"


def dated_line(voice: Voice, guide: Guide, texts: Sequence[str], legal: str = "") -> str:
    """Of which day the facts in `texts` are, after a word of care where they are less sure."""
    facts = facts_in(texts, voice.guides)
    checked = min((f.checked_on for f in facts), default=guide.checked_on)
    care = ""
    if any(f.confidence is Confidence.MEDIUM for f in facts):
        care = voice.say(voice.guides.replies["footer_medium"].text) + "\n"
    return f"{care}{legal}Thông tin kiểm tra ngày {checked:%d/%m/%Y}."
