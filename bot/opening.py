"""What a target leads to, whether tapped, typed or classified, and what is in hand after it."""

from __future__ import annotations

from dataclasses import replace

from bot.asking_back import offer_again
from bot.guide_talk import open_guide
from bot.guides import Act
from bot.menus import open_menu, open_service
from bot.scene import Scene
from bot.shortcuts import Target, after
from bot.talk import Classification, Decision, Outcome, Talk

_PASSING = (Act.TALK, Act.HANDOVER, Act.CLARIFY)
"""Acts that leave the guide in hand where it is: after them "mất mấy tiền" is still about it."""


def open_target(
    scene: Scene, target: Target, *, text: str = "", found: Classification | None = None
) -> Decision:
    """The decision that a button, a number, a word or a sure classification leads to."""
    match target.kind:
        case "m" if target.name == "khac":
            # What is shown is the menu: asked for again it is no further question back.
            return _shown(scene, Target("", "m"), _left(open_menu(scene, target.name)))
        case "m":
            return _shown(scene, target, _left(open_menu(scene, target.name)))
        case "s":
            return _shown(scene, target, _left(open_service(scene, target.name)))
        case "c":
            return offer_again(scene, target)
    intent = scene.guides.intents.get(target.name)
    if intent is None:
        return scene.prepared(Outcome.TALK, "menu")
    guide = scene.guides.guides.get(intent.name)
    if guide is not None:
        decision = open_guide(scene, guide, target, text, found)
        target = replace(target, variant=decision.variant)
    else:
        target = Target(target.name)
        decision = scene.without_guide(intent.name, intent.act)
        if intent.act not in _PASSING:
            decision = _left(decision)
    decision = replace(decision, intent=intent.name, confidence=found.confidence if found else 1.0)
    # What ends a guide and what is said in passing is nothing to go back to.
    if target.kind in "df" or intent.act in (Act.TALK, Act.CLARIFY):
        return decision
    return _shown(scene, target, decision)


def _shown(scene: Scene, target: Target, decision: Decision) -> Decision:
    talk = replace(decision.talk, history=after(scene.talk.history, target.payload))
    return replace(decision, talk=talk)


def _left(decision: Decision) -> Decision:
    """The decision after which no guide is in hand any more."""
    talk: Talk = replace(decision.talk, intent="", variant=None, is_feedback_asked=False)
    return replace(decision, talk=talk)
