"""The scene of one decision: content, office, talk and time, and the pieces of a reply.

What a target leads to is in `opening`, the guide in hand in `guide_talk`, questions back in
`asking_back`, menus in `menus`; they all build on this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.guides import Act, GuideSet, PreparedReply
from bot.offices import LOCAL_TIME, OPENING, Office
from bot.render import Choice, Voice, render_prepared, voice_of
from bot.shortcuts import SERVICES, SERVICES_LABEL, payload_of
from bot.talk import Classification, Decision, Outcome, Talk


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything a decision is made from. Make it with `scene_of`."""

    guides: GuideSet
    office: Office
    voice: Voice
    talk: Talk
    now: datetime

    def prepared(
        self, outcome: Outcome, key: str, names: Sequence[str] | None = None, **more: str
    ) -> Decision:
        """A prepared reply; `names` are offered in place of the reply's own choices."""
        reply = self.guides.replies.get(key) or PreparedReply(
            key=key, text=self.guides.replies["fallback"].text
        )
        offered = self.choices(
            [n for n in (reply.choices if names is None else names) if self.is_answered(n)]
        )
        return self.say(outcome, reply, offered, **more)

    def say(
        self, outcome: Outcome, reply: PreparedReply, offered: Sequence[Choice], **more: str
    ) -> Decision:
        """A prepared reply with these choices below it."""
        return Decision(
            outcome=outcome,
            reply=render_prepared(self.voice, reply, offered, **more),
            talk=self.remember(offered),
        )

    def without_guide(self, name: str, act: Act) -> Decision:
        """The decision on a matter that has no guide."""
        match act:
            case Act.HANDOVER:
                key = name
                if name == "gap_can_bo":
                    key = f"{name}_{'open' if self.office.is_open(self.now) else 'closed'}"
                return self.prepared(Outcome.HANDOVER, key, **self.opening())
            case Act.REFUSE:
                return self.prepared(Outcome.OUT_OF_SCOPE, "out_of_scope")
            case Act.TALK:
                return self.prepared(Outcome.TALK, name)
            case Act.CLARIFY:
                return self.prepared(Outcome.CLARIFY, "can_hoi_lai")
            case Act.SAFETY:
                return self.prepared(Outcome.SAFETY, name)
        if name in self.guides.replies:
            return self.prepared(Outcome.ANSWERED, name, **self.opening())
        return self.prepared(Outcome.NO_CONTENT, "no_guide", label=self.guides.label(name))

    def not_understood(self, found: Classification) -> Decision:
        """The honest "not understood", with the menu and a phone."""
        return replace(
            self.prepared(Outcome.NO_CONTENT, "fallback"),
            intent=found.intent,
            confidence=found.confidence,
            is_understood=False,
        )

    def opening(self) -> dict[str, str]:
        """What replies may say of the office at this moment."""
        return {OPENING: self.office.opening_text(self.now)}

    def is_answered(self, name: str) -> bool:
        """True if something can be said about this intent, or its topic's menu has an entry."""
        if name == SERVICES:
            return bool(self.guides.services)
        intent = self.guides.intents.get(name)
        if intent is None:
            return bool(self.entries(name))
        is_kind_answered = intent.act not in (Act.GUIDE, Act.OFFICE)
        return is_kind_answered or name in self.guides.guides or name in self.guides.replies

    def entries(self, topic: str) -> list[str]:
        """What a topic's menu offers."""
        return [
            intent.name
            for intent in self.guides.intents.values()
            if intent.topic == topic
            and intent.act in (Act.GUIDE, Act.OFFICE)
            and self.is_answered(intent.name)
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
        """The talk after these choices were offered; what was in hand stays there."""
        choices = tuple(c.payload for c in offered)
        return replace(self.talk, choices=choices, questions_back=0, quiet_until=None)


def scene_of(
    *, guides: GuideSet, office: Office, talk: Talk, now: datetime, hamlet: str = ""
) -> Scene:
    """The scene at this moment, for somebody from `hamlet` if that is known."""
    voice = voice_of(guides, office, now.astimezone(LOCAL_TIME).date(), hamlet=hamlet)
    return Scene(guides=guides, office=office, voice=voice, talk=talk, now=now)


def _sentence_case(label: str) -> str:
    return label[:1].upper() + label[1:]
