"""The worker: inbox → parse → classify → decide → outbox, one atomic step at the end.

The database row is written before that step and keyed by the event's id, so handling an event
twice changes nothing. Only here are the model's absence and broken content turned into the reply
that says so: a citizen always hears something.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
import structlog
from redis.asyncio import Redis

from bot.answer import FRAUD, QUIET_AFTER_STAFF, apologise, decide, question_in
from bot.content import Content, ContentFolder
from bot.errors import ContentError, EventError, NluError
from bot.events import (
    Event,
    FollowEvent,
    IgnoredEvent,
    LeaveEvent,
    MediaEvent,
    StaffEvent,
    TextEvent,
    parse_event,
)
from bot.guides import GuideSet
from bot.mailbox import KEY_PREFIX, Letter, Mailbox, Outgoing, RetryPolicy
from bot.messages import Reply, message_to_json
from bot.nlu_client import NluClient
from bot.offices import Office
from bot.privacy import hash_citizen, redact
from bot.several import combine, split_sentences
from bot.shortcuts import find_target
from bot.store import OutcomeRow, Store
from bot.talk import Classification, Decision, Talk

INBOX_RETRY = RetryPolicy(max_attempts=5, first_wait_s=1, factor=3, max_wait_s=60)
TALK_LIFETIME_S = 24 * 3600
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Thought:
    """A decision and the classification it came from."""

    decision: Decision
    classification: Classification | None


async def think(
    event: Event, *, content: Content, office: Office, talk: Talk, nlu: NluClient, now: datetime
) -> Thought:
    """What to answer to one message: the same for the worker and for `./dev ask`."""
    guides = content.guides
    found: Classification | None = None
    question = question_in(event)
    if question and find_target(question, talk, guides) is None:
        # Empty when nothing was said but a number that is not passed on.
        text = redact(question).plain
        try:
            found = await _classify(text, guides, nlu) if text else None
        except NluError as exc:
            _log.error("worker.nlu_failed", error=type(exc).__name__)
    try:
        decision = decide(event, found, guides=guides, office=office, talk=talk, now=now)
    except ContentError as exc:
        _log.error("worker.content_failed", path=exc.path)
        decision = apologise(event, guides=guides, office=office, talk=talk, now=now)
    return Thought(decision=decision, classification=found)


async def _classify(text: str, guides: GuideSet, nlu: NluClient) -> Classification:
    """What the message asks for, sentence by sentence if there are several. Raises NluError."""
    whole, *sentences = await nlu.parse_all([text, *split_sentences(text)])
    return combine(whole, sentences, guides.intents, fraud=FRAUD)


class Worker:
    """Handles events of any number of offices. `key` keys the hashes of citizens' ids."""

    def __init__(
        self,
        *,
        inbox: Mailbox,
        outbox: Mailbox,
        redis: Redis,
        nlu: NluClient,
        folder: ContentFolder,
        store: Store,
        key: bytes,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._inbox = inbox
        self._outbox = outbox
        self._redis = redis
        self._nlu = nlu
        self._folder = folder
        self._store = store
        self._key = key
        self._now = now

    async def handle(self, letter: Letter) -> None:
        """Brings one event to its end. Raises whatever should be tried again later."""
        content = self._folder.current()
        try:
            event = parse_event(letter.body)
        except EventError as exc:
            await self._inbox.bury(letter, str(exc))
            return
        office = content.office_of(event.oa_id)
        if isinstance(event, IgnoredEvent):
            await self._inbox.done(letter)
        elif office is None:
            await self._inbox.bury(letter, f"no office has the OA {event.oa_id}")
        elif isinstance(event, LeaveEvent):
            await self._inbox.done(letter, remember=_remember(letter.owner, Talk()))
        elif isinstance(event, StaffEvent):
            talk = Talk(quiet_until=self._now() + QUIET_AFTER_STAFF)
            await self._inbox.done(letter, remember=_remember(letter.owner, talk))
        else:
            await self._answer(letter, event, content, office)

    async def give_up(self, letter: Letter) -> None:
        """Tells the citizen that her message could not be handled, before it is buried."""
        content = self._folder.current()
        try:
            event = parse_event(letter.body)
        except EventError:
            return
        office = content.office_of(event.oa_id)
        if office is None or not isinstance(event, TextEvent | MediaEvent | FollowEvent):
            return
        decision = apologise(
            event, guides=content.guides, office=office, talk=Talk(), now=self._now()
        )
        for out in self._outgoing(letter, event, decision.reply):
            await self._outbox.put(out.owner, out.id, out.body)
        # The citizen first: it may be the database that does not answer.
        row = self._row(letter, event, office, Thought(decision=decision, classification=None))
        await asyncio.to_thread(self._store.record_outcome, row)

    async def _answer(self, letter: Letter, event: Event, content: Content, office: Office) -> None:
        talk = read_talk(await self._redis.get(_talk_key(letter.owner)))
        if _is_answered_by_zalo(event, office) or _is_second_welcome(event, talk):
            await self._inbox.done(letter)
            return
        thought = await think(
            event, content=content, office=office, talk=talk, nlu=self._nlu, now=self._now()
        )
        decision = thought.decision
        row = self._row(letter, event, office, thought)
        await asyncio.to_thread(self._store.record_outcome, row)
        await self._inbox.done(
            letter,
            put=self._outgoing(letter, event, decision.reply),
            remember=_remember(letter.owner, decision.talk),
        )
        _log.info(
            "worker.handled", outcome=decision.outcome, intent=decision.intent,
            citizen=row.citizen_hash, attempt=letter.attempt,
        )  # fmt: skip

    def _outgoing(self, letter: Letter, event: Event, reply: Reply | None) -> list[Outgoing]:
        return [
            Outgoing(
                box=self._outbox,
                owner=letter.owner,
                id=f"{letter.id}/{number}",
                body=orjson.dumps(
                    {
                        "oa_id": event.oa_id,
                        "citizen_id": event.citizen_id,
                        "message": message_to_json(message),
                    }
                ),
            )
            for number, message in enumerate(reply.messages if reply else (), start=1)
        ]

    def _row(self, letter: Letter, event: Event, office: Office, thought: Thought) -> OutcomeRow:
        decision, found = thought.decision, thought.classification
        return OutcomeRow(
            event_id=letter.id,
            office=office.slug,
            citizen_hash=hash_citizen(event.citizen_id, self._key),
            asked_at=datetime.fromtimestamp(letter.put_at_ms / 1000, UTC),
            outcome=decision.outcome,
            intent=decision.intent,
            confidence=decision.confidence,
            text=decision.redaction.text,
            ranking=found.ranking if found else (),
            choices=(f"feedback:{decision.feedback}",) if decision.feedback else decision.choices,
            model=found.model if found else "",
        )


def read_talk(raw: bytes | str | None) -> Talk:
    """A stored talk; an empty one for nothing or for what an older version wrote."""
    try:
        data = orjson.loads(raw or b"{}")
        return Talk(
            choices=tuple(data.get("choices", ())),
            intent=data.get("intent", ""),
            variant=data.get("variant"),
            history=tuple(data.get("history", ())),
            is_feedback_asked=bool(data.get("is_feedback_asked", False)),
            questions_back=int(data.get("questions_back", 0)),
            quiet_until=_read_time(data.get("quiet_until")),
        )
    except (orjson.JSONDecodeError, AttributeError, TypeError, ValueError):
        return Talk()


def _read_time(text: str | None) -> datetime | None:
    """A stored time; None for one without a zone, which cannot be compared with now."""
    time = datetime.fromisoformat(text) if text else None
    return time if time and time.tzinfo else None


def _remember(owner: str, talk: Talk) -> dict[str, tuple[bytes, int]]:
    data = {
        "choices": talk.choices,
        "intent": talk.intent,
        "variant": talk.variant,
        "history": talk.history,
        "is_feedback_asked": talk.is_feedback_asked,
        "questions_back": talk.questions_back,
        "quiet_until": talk.quiet_until.isoformat() if talk.quiet_until else None,
    }
    return {_talk_key(owner): (orjson.dumps(data), TALK_LIFETIME_S)}


def _talk_key(owner: str) -> str:
    return f"{KEY_PREFIX}talk:{owner}"


def _is_answered_by_zalo(event: Event, office: Office) -> bool:
    """A `#` keyword that the OA answers by itself: a second answer would double it."""
    if not isinstance(event, TextEvent) or not event.text.startswith("#"):
        return False
    return event.text.split()[0].lower() in office.zalo_keywords


def _is_second_welcome(event: Event, talk: Talk) -> bool:
    """Zalo reports a follow and a first chat separately; one welcome is enough."""
    return isinstance(event, FollowEvent) and bool(talk.choices)
