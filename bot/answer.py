"""What to answer: `decide` is a pure function of event, classification, content, talk and time.

Every message of a citizen gets exactly one `Outcome` and exactly one reply (or a deliberate quiet
while an officer is writing). The thresholds come with the content (`guides.Thresholds`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.events import Event, FollowEvent, MediaEvent, TextEvent
from bot.guides import Act, Guide, GuideSet, PreparedReply
from bot.messages import MAX_CHARS, MAX_MESSAGES, Reply
from bot.offices import LOCAL_TIME, OPENING, Office
from bot.privacy import redact
from bot.render import (
    Choice,
    Voice,
    render_errors,
    render_guide,
    render_list,
    render_prepared,
    voice_of,
)
from bot.shortcuts import (
    NONE_OF_THESE,
    SERVICES,
    SERVICES_LABEL,
    SERVICES_TOPIC,
    Target,
    find_target,
    payload_of,
)
from bot.talk import Classification, Decision, Outcome, Talk

UNLIKELY = 0.02
"""Below this confidence an intent is not worth a line among the choices."""
FRAUD = "lua_dao"
"""The one matter that is answered from the lowest threshold on."""
MAX_CHOICES = 3
MAX_OTHERS = 2
"""So many further matters of one message are offered below the answer to the first."""
MAX_QUESTIONS_BACK = 2
"""After so many questions back in a row a person takes over."""
FOR_RELATIVES = frozenset({"cha mẹ", "người thân"})
"""Entities of somebody who asks on behalf of a grown-up of the family."""
QUIET_AFTER_STAFF = timedelta(minutes=30)


def decide(
    event: Event,
    classification: Classification | None,
    *,
    guides: GuideSet,
    office: Office,
    talk: Talk,
    now: datetime,
) -> Decision:
    """What to do about one message of a citizen; `now` carries a time zone.

    `classification` is None when the model could not be asked: then the outcome is `error`, unless
    the text is understood without it. Raises ContentError if content does not fit its messages.
    """
    today = now.astimezone(LOCAL_TIME).date()
    hamlet = classification.hamlet if classification else ""
    voice = voice_of(guides, office, today, hamlet=hamlet)
    scene = _Scene(guides=guides, office=office, voice=voice, talk=talk, now=now)
    if talk.quiet_until is not None and now < talk.quiet_until:
        text = event.text if isinstance(event, TextEvent | MediaEvent) else ""
        return Decision(outcome=Outcome.HANDOVER, reply=None, talk=talk, redaction=redact(text))
    match event:
        case FollowEvent():
            return scene.prepared(Outcome.TALK, "follow")
        case MediaEvent():
            decision = scene.prepared(Outcome.UNSUPPORTED, f"unsupported_{event.kind}")
            redaction = redact(event.text)
            if redaction.has_secret or redaction.has_identity:
                decision = _warned(scene, decision)
            return replace(decision, redaction=redaction)
        case TextEvent():
            return _decide_text(scene, event.text, classification)
        case _:
            raise TypeError(f"{type(event).__name__} is not a message")


def _decide_text(scene: _Scene, text: str, classification: Classification | None) -> Decision:
    redaction = redact(text)
    if not text:
        return scene.prepared(Outcome.UNSUPPORTED, "empty")
    target = find_target(text, scene.talk, scene.guides)
    if target is not None:
        return replace(scene.open(target), redaction=redaction)
    if redaction.labels and not redaction.plain:
        # Nothing but a number or a code: there is only the warning to give.
        return replace(scene.prepared(Outcome.SAFETY, "secret_pasted"), redaction=redaction)
    if classification is None:
        decision = scene.prepared(Outcome.ERROR, "error")
    else:
        decision = _decide_classified(scene, redaction.plain, classification)
    if redaction.has_secret or redaction.has_identity:
        decision = _warned(scene, decision)
    return replace(decision, redaction=redaction)


def _decide_classified(scene: _Scene, text: str, found: Classification) -> Decision:
    limits = scene.guides.thresholds
    intent = scene.guides.intents.get(found.intent)
    act = intent.act if intent else None
    if intent is None or found.confidence < limits.near:
        return scene.not_understood(found)
    if act is Act.CLARIFY:
        return scene.ask_back(found, "can_hoi_lai")
    # A warning against fraud does no harm when it was not asked for; a wrong guide costs a trip,
    # and a question of the commune's own must not be sent away.
    asks_for = limits.sure if act in (Act.GUIDE, Act.OFFICE, Act.SAFETY) else limits.likely
    if found.confidence < asks_for and intent.name != FRAUD:
        return scene.ask_back(found, "clarify")
    return scene.open(Target(intent.name), text=text, found=found)


def _warned(scene: _Scene, decision: Decision) -> Decision:
    """The decision with the advice to recall the message put before everything else."""
    warning = render_prepared(scene.voice, scene.guides.replies["secret_pasted"])
    rest = decision.reply.messages if decision.reply else ()
    if len(rest) < MAX_MESSAGES:
        return replace(decision, reply=Reply(messages=(*warning.messages, *rest)))
    first = replace(rest[0], text=f"{warning.text}\n\n{rest[0].text}")
    if len(first.text) <= MAX_CHARS:
        return replace(decision, reply=Reply(messages=(first, *rest[1:])))
    # Too much for one reply: the warning now, the answer one tap away.
    offered = scene.choices([decision.intent] if decision.intent else [])
    reply = render_prepared(scene.voice, scene.guides.replies["secret_pasted"], offered)
    return replace(decision, reply=reply, talk=scene.remember(offered))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """Everything a decision is made from, so that the functions above stay readable."""

    guides: GuideSet
    office: Office
    voice: Voice
    talk: Talk
    now: datetime

    def open(
        self, target: Target, *, text: str = "", found: Classification | None = None
    ) -> Decision:
        """The decision that a button, a number or a sure classification leads to."""
        if target.kind == "m":
            return self._menu(target.name)
        if target.kind == "s":
            return self._service(target.name)
        intent = self.guides.intents.get(target.name)
        if intent is None:
            return self.prepared(Outcome.TALK, "menu")
        guide = self.guides.guides.get(intent.name)
        if guide is not None:
            decision = self._guide(guide, target, text, found)
        else:
            decision = self._without_guide(intent.name, intent.act)
        return replace(decision, intent=intent.name, confidence=found.confidence if found else 1.0)

    def prepared(
        self, outcome: Outcome, key: str, names: Sequence[str] | None = None, **more: str
    ) -> Decision:
        """A prepared reply; `names` are offered in place of the reply's own choices."""
        reply = self.guides.replies.get(key) or PreparedReply(
            key=key, text=self.guides.replies["fallback"].text
        )
        offered = self.choices(
            [n for n in (reply.choices if names is None else names) if self._is_answered(n)]
        )
        return Decision(
            outcome=outcome,
            reply=render_prepared(self.voice, reply, offered, **more),
            talk=self.remember(offered),
        )

    def not_understood(self, found: Classification) -> Decision:
        """The honest "not understood", with the menu and a phone."""
        return replace(
            self.prepared(Outcome.NO_CONTENT, "fallback"),
            intent=found.intent,
            confidence=found.confidence,
            is_understood=False,
        )

    def ask_back(self, found: Classification, key: str) -> Decision:
        """A question with two or three choices; after too many of them a person."""
        if self.talk.questions_back >= MAX_QUESTIONS_BACK:
            decision = self._without_guide("gap_can_bo", Act.HANDOVER)
            return replace(decision, intent=found.intent, confidence=found.confidence)
        (best, _), *rest = found.ranking
        likely = [best, *found.others, *(name for name, c in rest if c >= UNLIKELY)]
        names = [
            name
            for name in dict.fromkeys(likely)
            if (intent := self.guides.intents.get(name))
            and intent.act in (Act.GUIDE, Act.OFFICE, Act.SAFETY, Act.HANDOVER)
        ]
        if key == "can_hoi_lai" and self.talk.intent in self.guides.guides:
            # "Thế mất mấy ngày" after a guide most likely is about that guide.
            names = [self.talk.intent, *(n for n in names if n != self.talk.intent)]
        names = names[:MAX_CHOICES]
        if not names and key == "clarify":
            return self.not_understood(found)
        if len(names) < 2 and key == "can_hoi_lai":
            decision = self.prepared(Outcome.CLARIFY, key)
        else:
            if len(names) == 1:
                key = "clarify_one"
            label = self.guides.label(names[0])
            offered = [*self.choices(names), Choice(title="Việc khác", payload=NONE_OF_THESE)]
            reply = render_prepared(self.voice, self.guides.replies[key], offered, label=label)
            decision = Decision(
                outcome=Outcome.CLARIFY,
                reply=reply,
                talk=self.remember(offered),
                choices=tuple(names),
            )
        talk = replace(decision.talk, questions_back=self.talk.questions_back + 1)
        return replace(decision, talk=talk, intent=found.intent, confidence=found.confidence)

    def _guide(
        self, guide: Guide, target: Target, text: str, found: Classification | None
    ) -> Decision:
        chosen = guide.variant_named(target.variant) or guide.variant_in(
            text, found.entities if found else ()
        )
        others = self.choices([n for n in (found.others if found else ()) if self._is_answered(n)])
        also = others[:MAX_OTHERS]
        variant = chosen.id if chosen else None
        suffix = f"/{variant}" if variant else ""
        is_helper = bool(found and FOR_RELATIVES & set(found.entities))
        if target.kind == "e":
            offered = [
                Choice(title="Xem lại các bước", payload=f"g1:{guide.intent}{suffix}"),
                *self.choices(["gap_can_bo"]),
            ]
            reply = render_errors(self.voice, guide, variant, offered)
        elif guide.variants and variant is None:
            offered = [
                *(
                    Choice(title=v.title, payload=f"g1:{guide.intent}/{v.id}")
                    for v in guide.variants
                ),
                *also,
            ]
            reply = render_guide(self.voice, guide, None, offered, also=also, is_helper=is_helper)
        else:
            named = {choice.payload for choice in also}
            related = [
                n
                for n in guide.related
                if self._is_answered(n) and payload_of(n, self.guides) not in named
            ][: 2 - len(also)]
            offered = [
                *also,
                Choice(title="Bị vướng khi làm", payload=f"e1:{guide.intent}{suffix}"),
                *self.choices([*related, "gap_can_bo"]),
            ]
            reply = render_guide(
                self.voice, guide, variant, offered, also=also, is_helper=is_helper
            )
        is_safety = self.guides.intents[guide.intent].act is Act.SAFETY
        return Decision(
            outcome=Outcome.SAFETY if is_safety else Outcome.ANSWERED,
            reply=reply,
            talk=replace(self.remember(offered), intent=guide.intent),
            variant=variant,
        )

    def _without_guide(self, name: str, act: Act) -> Decision:
        match act:
            case Act.HANDOVER:
                key = name
                if name == "gap_can_bo":
                    key = f"{name}_{'open' if self.office.is_open(self.now) else 'closed'}"
                return self.prepared(Outcome.HANDOVER, key, **self._opening())
            case Act.REFUSE:
                return self.prepared(Outcome.OUT_OF_SCOPE, "out_of_scope")
            case Act.TALK:
                return self.prepared(Outcome.TALK, name)
            case Act.CLARIFY:
                return self.prepared(Outcome.CLARIFY, "can_hoi_lai")
            case Act.SAFETY:
                return self.prepared(Outcome.SAFETY, name)
        if name in self.guides.replies:
            return self.prepared(Outcome.ANSWERED, name, **self._opening())
        return self.prepared(Outcome.NO_CONTENT, "no_guide", label=self.guides.label(name))

    def _opening(self) -> dict[str, str]:
        """What replies may say of the office at this moment."""
        return {OPENING: self.office.opening_text(self.now)}

    def _services(self) -> Decision:
        """All essential services: those with a guide lead to it, the others to the portal."""
        offered = [
            Choice(
                title=service.name,
                payload=f"g1:{service.intent}"
                if self._is_answered(service.intent)
                else f"s1:{service.id}",
            )
            for service in self.guides.services
        ]
        reply = render_list(self.voice, self.guides.replies["essential_services"], offered)
        return Decision(outcome=Outcome.TALK, reply=reply, talk=self.remember(offered))

    def _service(self, id: str) -> Decision:
        """Where to file a service that has no guide."""
        service = next((s for s in self.guides.services if s.id == id), None)
        if service is None:
            return self._services()
        words = f"mã {service.code}" if service.code else f"“{service.name}”"
        return self.prepared(
            Outcome.ANSWERED, "essential_service", label=service.name, tu_tim=words
        )

    def _menu(self, topic: str) -> Decision:
        if topic == SERVICES:
            return self._services()
        if topic in self.guides.topics:
            services = [SERVICES] if topic == SERVICES_TOPIC else []
            names = [*self._entries(topic), *services, "gap_can_bo"]
            return self.prepared(Outcome.TALK, "topic_menu", names)
        if topic == "khac":
            if self.talk.questions_back >= MAX_QUESTIONS_BACK:
                return self._without_guide("gap_can_bo", Act.HANDOVER)
            decision = self.prepared(Outcome.CLARIFY, "not_these")
            talk = replace(decision.talk, questions_back=self.talk.questions_back + 1)
            return replace(decision, talk=talk)
        return self.prepared(Outcome.TALK, "menu")

    def _is_answered(self, name: str) -> bool:
        """True if something can be said about this intent, or its topic's menu has an entry."""
        if name == SERVICES:
            return bool(self.guides.services)
        intent = self.guides.intents.get(name)
        if intent is None:
            return bool(self._entries(name))
        is_kind_answered = intent.act not in (Act.GUIDE, Act.OFFICE)
        return is_kind_answered or name in self.guides.guides or name in self.guides.replies

    def _entries(self, topic: str) -> list[str]:
        """What a topic's menu offers."""
        return [
            intent.name
            for intent in self.guides.intents.values()
            if intent.topic == topic
            and intent.act in (Act.GUIDE, Act.OFFICE)
            and self._is_answered(intent.name)
        ]

    def choices(self, names: Sequence[str]) -> list[Choice]:
        """Choices for known intents, topics and the list of essential services."""
        labels = {n: self.guides.label(n) for n in (*self.guides.intents, *self.guides.topics)}
        labels[SERVICES] = SERVICES_LABEL
        return [
            Choice(title=_sentence_case(labels[name]), payload=payload_of(name, self.guides))
            for name in names
            if name in labels
        ]

    def remember(self, offered: Sequence[Choice]) -> Talk:
        """The talk after these choices were offered."""
        return Talk(choices=tuple(c.payload for c in offered), intent=self.talk.intent)


def _sentence_case(label: str) -> str:
    return label[:1].upper() + label[1:]


def apologise(
    event: Event, *, guides: GuideSet, office: Office, talk: Talk, now: datetime
) -> Decision:
    """The decision when nothing else can be said: outcome `error`, with a phone and the menu."""
    voice = voice_of(guides, office, now.astimezone(LOCAL_TIME).date())
    scene = _Scene(guides=guides, office=office, voice=voice, talk=talk, now=now)
    text = event.text if isinstance(event, TextEvent | MediaEvent) else ""
    return replace(scene.prepared(Outcome.ERROR, "error"), redaction=redact(text))
