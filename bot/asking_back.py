"""Questions back: two or three matters to choose from; after too many of them a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.guides import Act
from bot.render import Choice
from bot.scene import Scene
from bot.shortcuts import NONE_OF_THESE, Target, after
from bot.talk import Classification, Decision, Outcome

UNLIKELY = 0.02
"""Below this confidence an intent is not worth a line among the choices."""
MAX_CHOICES = 3
MAX_QUESTIONS_BACK = 2
"""After so many questions back in a row a person takes over."""
_OFFERABLE = (Act.GUIDE, Act.OFFICE, Act.SAFETY, Act.HANDOVER)


def ask_back(scene: Scene, found: Classification, key: str) -> Decision:
    """The likeliest matters as choices; `key` says how a question without any is put."""
    if _is_enough(scene):
        return _person(scene, found)
    (best, _), *rest = found.ranking
    likely = [best, *found.others, *(name for name, c in rest if c >= UNLIKELY)]
    names = [
        name
        for name in dict.fromkeys(likely)
        if (intent := scene.guides.intents.get(name)) and intent.act in _OFFERABLE
    ]
    if key == "can_hoi_lai" and scene.talk.intent in scene.guides.guides:
        # "Thế mất mấy ngày" after a guide most likely is about that guide.
        names = [scene.talk.intent, *(n for n in names if n != scene.talk.intent)]
    names = names[:MAX_CHOICES]
    if not names and key == "clarify":
        return scene.not_understood(found)
    if len(names) < 2 and key == "can_hoi_lai":
        decision = _counted(scene, scene.prepared(Outcome.CLARIFY, key))
    else:
        decision = offer(scene, names, key)
    return replace(decision, intent=found.intent, confidence=found.confidence)


def offer(scene: Scene, names: Sequence[str], key: str = "clarify") -> Decision:
    """A question back with these matters, and the way out that it is none of them."""
    if len(names) == 1:
        key = "clarify_one"
    label = scene.guides.label(names[0])
    offered = [*scene.choices(names), Choice(title="Việc khác", payload=NONE_OF_THESE)]
    decision = scene.say(Outcome.CLARIFY, scene.guides.replies[key], offered, label=label)
    shown = Target("+".join(names), "c").payload
    talk = replace(decision.talk, history=after(scene.talk.history, shown))
    return _counted(scene, replace(decision, talk=talk, choices=tuple(names)))


def offer_again(scene: Scene, target: Target) -> Decision:
    """The choices that a payload names: asked for bare words, or shown once more.

    Shown once more they are no new question. A person after too many questions back.
    """
    names = [n for n in target.name.split("+") if n in scene.guides.intents]
    if not names:
        return scene.prepared(Outcome.TALK, "menu")
    is_repeated = target.payload in scene.talk.history
    if _is_enough(scene) and not is_repeated:
        return _person(scene, None)
    unclear = next((i.name for i in scene.guides.intents.values() if i.act is Act.CLARIFY), None)
    decision = replace(offer(scene, names), intent=unclear, confidence=1.0)
    if is_repeated:
        talk = replace(decision.talk, questions_back=scene.talk.questions_back)
        return replace(decision, talk=talk)
    return decision


def none_of_these(scene: Scene) -> Decision:
    """The answer to "none of these": the menu, and a person after too many questions."""
    if _is_enough(scene):
        return _person(scene, None)
    return _counted(scene, scene.prepared(Outcome.CLARIFY, "not_these"))


def _is_enough(scene: Scene) -> bool:
    return scene.talk.questions_back >= MAX_QUESTIONS_BACK


def _person(scene: Scene, found: Classification | None) -> Decision:
    decision = scene.without_guide("gap_can_bo", Act.HANDOVER)
    if found is None:
        return decision
    return replace(decision, intent=found.intent, confidence=found.confidence)


def _counted(scene: Scene, decision: Decision) -> Decision:
    talk = replace(decision.talk, questions_back=scene.talk.questions_back + 1)
    return replace(decision, talk=talk)
