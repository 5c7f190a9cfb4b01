"""The talk about one guide: the guide itself, its common errors, one part of it, did it help."""

from __future__ import annotations

from dataclasses import replace

from bot.followups import PARTS, Part, render_part
from bot.guides import Act, Guide
from bot.render import Choice, render_errors, render_guide
from bot.scene import Scene
from bot.shortcuts import HELPER, Target, payload_of
from bot.talk import Classification, Decision, Outcome

MAX_OTHERS = 2
"""So many further matters of one message are offered below the answer to the first."""
FOR_RELATIVES = frozenset({"cha mẹ", "người thân"})
"""Entities of somebody who asks on behalf of a grown-up of the family."""


def open_guide(
    scene: Scene, guide: Guide, target: Target, text: str, found: Classification | None
) -> Decision:
    """What a target says of a guide; `text` and `found` may name the case, helper, more matters."""
    chosen = guide.variant_named(target.variant) or guide.variant_in(
        text, found.entities if found else ()
    )
    case = chosen.id if chosen else None
    match target.kind:
        case "e":
            decision = _errors(scene, guide, case)
        case "p" if target.detail in {part.value for part in PARTS}:
            decision = _part(scene, guide, case, Part(target.detail))
        case "d":
            decision = _done(scene, guide, case, is_more_wanted=target.detail == "next")
        case "f":
            decision = _feedback(scene, guide, case, is_helped=target.detail == "helped")
        case _:
            is_helper = target.detail == HELPER or bool(
                found and FOR_RELATIVES & set(found.entities)
            )
            decision = _guide(scene, guide, case, found, is_helper=is_helper)
    is_same = scene.talk.intent == guide.intent
    is_asked = decision.talk.is_feedback_asked and (is_same or target.kind in ("d", "f"))
    talk = replace(decision.talk, intent=guide.intent, variant=case, is_feedback_asked=is_asked)
    return replace(decision, talk=talk, variant=case)


def _guide(
    scene: Scene, guide: Guide, case: str | None, found: Classification | None, *, is_helper: bool
) -> Decision:
    others = [n for n in (found.others if found else ()) if scene.is_answered(n)]
    also = scene.choices(others)[:MAX_OTHERS]
    if guide.variants and case is None:
        suffix = f"?{HELPER}" if is_helper else ""
        offered = [
            *(
                Choice(title=v.title, payload=f"g1:{guide.intent}/{v.id}{suffix}")
                for v in guide.variants
            ),
            *also,
        ]
    else:
        named = {choice.payload for choice in also}
        related = [
            n
            for n in guide.related
            if scene.is_answered(n) and payload_of(n, scene.guides) not in named
        ][: 2 - len(also)]
        offered = [*also, _stuck(guide, case), *scene.choices([*related, "gap_can_bo"])]
    reply = render_guide(scene.voice, guide, case, offered, also=also, is_helper=is_helper)
    return Decision(
        outcome=_outcome(scene, guide),
        reply=reply,
        talk=scene.remember(offered),
        choices=tuple(others[:MAX_OTHERS]),
    )


def _errors(scene: Scene, guide: Guide, case: str | None) -> Decision:
    again = Choice(title="Xem lại các bước", payload=Target(guide.intent, "g", case).payload)
    offered = [again, *scene.choices(["gap_can_bo"])]
    reply = render_errors(scene.voice, guide, case, offered)
    return Decision(outcome=_outcome(scene, guide), reply=reply, talk=scene.remember(offered))


def _part(scene: Scene, guide: Guide, case: str | None, part: Part) -> Decision:
    whole = Choice(title="Xem cả hướng dẫn", payload=Target(guide.intent, "g", case).payload)
    offered = [whole, _stuck(guide, case), *scene.choices(["gap_can_bo"])]
    reply = render_part(scene.voice, guide, case, part, offered)
    return Decision(outcome=_outcome(scene, guide), reply=reply, talk=scene.remember(offered))


def _done(scene: Scene, guide: Guide, case: str | None, *, is_more_wanted: bool) -> Decision:
    """A kind end that asks, once, whether the guide has helped; or what may come after it."""
    replies = scene.guides.replies
    if is_more_wanted:
        done = Choice(title="Làm xong rồi", payload=Target(guide.intent, "d", case).payload)
        related = scene.choices([n for n in guide.related if scene.is_answered(n)][:2])
        offered = [done, _stuck(guide, case), *related]
        return scene.say(
            Outcome.TALK, replies["guide_ended"], offered, label=_name(scene, guide, case)
        )
    if scene.talk.is_feedback_asked and scene.talk.intent == guide.intent:
        return scene.prepared(Outcome.TALK, "tam_biet")
    offered = [
        Choice(title=title, payload=Target(guide.intent, "f", case, detail).payload)
        for title, detail in (("Có ích", "helped"), ("Chưa được", "not_helped"))
    ]
    decision = scene.say(Outcome.TALK, replies["guide_done"], offered)
    return replace(decision, talk=replace(decision.talk, is_feedback_asked=True))


def _feedback(scene: Scene, guide: Guide, case: str | None, *, is_helped: bool) -> Decision:
    """Thanks; or whom to call about which guide and case."""
    if is_helped:
        decision = scene.prepared(Outcome.TALK, "feedback_helped")
        return replace(
            decision,
            feedback="helped",
            talk=replace(decision.talk, is_feedback_asked=True),
        )
    more = {"label": _name(scene, guide, case), "noi_hoi": scene.voice.say(guide.help)}
    decision = scene.prepared(Outcome.HANDOVER, "feedback_not_helped", **more, **scene.opening())
    return replace(
        decision, feedback="not_helped", talk=replace(decision.talk, is_feedback_asked=True)
    )


def _name(scene: Scene, guide: Guide, case: str | None) -> str:
    chosen = guide.variant_named(case)
    return scene.voice.say(f"{guide.title} – {chosen.title}" if chosen else guide.title)


def _stuck(guide: Guide, case: str | None) -> Choice:
    return Choice(title="Bị vướng khi làm", payload=Target(guide.intent, "e", case).payload)


def _outcome(scene: Scene, guide: Guide) -> Outcome:
    is_safety = scene.guides.intents[guide.intent].act is Act.SAFETY
    return Outcome.SAFETY if is_safety else Outcome.ANSWERED
