"""What to answer: `decide` is a pure function of event, classification, content, talk and time.

Every message of a citizen gets exactly one `Outcome` and exactly one reply (or a deliberate quiet
while an officer is writing). What is read of a text is decided here; what it leads to is in
`opening`. The thresholds come with the content (`guides.Thresholds`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot import fraud
from bot.asking_back import ask_back
from bot.events import Event, FollowEvent, MediaEvent, TextEvent
from bot.followups import Part, find_followup
from bot.guides import Act, Guide, GuideSet, fold
from bot.messages import MAX_CHARS, MAX_MESSAGES, Reply
from bot.offices import Office
from bot.opening import open_target
from bot.privacy import redact
from bot.render import render_prepared
from bot.scene import Scene, scene_of
from bot.shortcuts import Target, find_target, followup_target, guide_in_hand
from bot.talk import Classification, Decision, Outcome, Talk

FRAUD = "lua_dao"
"""The one guide that is given from `likely` on, and whenever the rules of `fraud` see it."""
QUIET_AFTER_STAFF = timedelta(minutes=30)
MIN_CAPTION_WORDS = 3
"""A shorter caption of a picture asks nothing by itself."""


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
    hamlet = classification.hamlet if classification else ""
    scene = scene_of(guides=guides, office=office, talk=talk, now=now, hamlet=hamlet)
    if talk.quiet_until is not None and now < talk.quiet_until:
        text = event.text if isinstance(event, TextEvent | MediaEvent) else ""
        return Decision(outcome=Outcome.HANDOVER, reply=None, talk=talk, redaction=redact(text))
    match event:
        case FollowEvent():
            return scene.prepared(Outcome.TALK, "follow")
        case MediaEvent():
            return _decide_media(scene, event, classification)
        case TextEvent():
            return _decide_text(scene, event.text, classification)
        case _:
            raise TypeError(f"{type(event).__name__} is not a message")


def question_in(event: Event) -> str:
    """What the citizen asks in words: a text, or the caption of a picture; "" if nothing."""
    match event:
        case TextEvent():
            return event.text
        case MediaEvent(kind="image") if len(event.text.split()) >= MIN_CAPTION_WORDS:
            return event.text
    return ""


def _decide_media(
    scene: Scene, event: MediaEvent, classification: Classification | None
) -> Decision:
    caption = question_in(event)
    if caption:
        decision = _decide_text(scene, caption, classification)
        if decision.is_understood and decision.outcome is not Outcome.ERROR:
            return _preceded(scene, decision, "caption_read")
    decision = scene.prepared(Outcome.UNSUPPORTED, f"unsupported_{event.kind}")
    redaction = redact(event.text)
    if redaction.has_secret or redaction.has_identity:
        decision = _preceded(scene, decision, "secret_pasted")
    return replace(decision, redaction=redaction)


def _decide_text(scene: Scene, text: str, classification: Classification | None) -> Decision:
    redaction = redact(text)
    if not text:
        return scene.prepared(Outcome.UNSUPPORTED, "empty")
    target = find_target(text, scene.talk, scene.guides)
    if target is not None:
        return replace(open_target(scene, target), redaction=redaction)
    if redaction.labels and not redaction.plain:
        # Nothing but a number or a code: there is only the warning to give.
        return replace(scene.prepared(Outcome.SAFETY, "secret_pasted"), redaction=redaction)
    # The raw text: what is covered for the model may be the account that money is asked for.
    warned = _warn_of_fraud(scene, text, classification)
    if warned is not None:
        decision = warned
    elif classification is None:
        decision = scene.prepared(Outcome.ERROR, "error")
    else:
        decision = _decide_classified(scene, redaction.plain, classification)
    if redaction.has_secret or redaction.has_identity:
        decision = _preceded(scene, decision, "secret_pasted")
    return replace(decision, redaction=redaction)


def _decide_classified(scene: Scene, text: str, found: Classification) -> Decision:
    limits = scene.guides.thresholds
    followup = _about_guide_in_hand(scene, text, found)
    if followup is not None:
        return open_target(scene, followup)
    intent = scene.guides.intents.get(found.intent)
    act = intent.act if intent else None
    if intent is None or found.confidence < limits.near:
        return scene.not_understood(found)
    if act is Act.CLARIFY:
        return ask_back(scene, found, "can_hoi_lai")
    # A warning against fraud does little harm when it was not asked for; a wrong guide costs a
    # trip, and a question of the commune's own must not be sent away.
    has_steps = act in (Act.GUIDE, Act.OFFICE, Act.SAFETY) and intent.name != FRAUD
    if found.confidence < (limits.sure if has_steps else limits.likely):
        return ask_back(scene, found, "clarify")
    case = fraud.case_of(text) if intent.name == FRAUD else None
    return open_target(scene, Target(intent.name, variant=case), text=text, found=found)


def _warn_of_fraud(scene: Scene, text: str, found: Classification | None) -> Decision | None:
    """The guide against fraud when the rules see it, whatever the model says; else None."""
    is_told_on = scene.talk.intent == FRAUD and fraud.has_harm(text)
    if FRAUD not in scene.guides.intents or not (fraud.is_fraud(text) or is_told_on):
        return None
    ranking = tuple(row for row in (found.ranking if found else ()) if row[0] != FRAUD)
    others = found.others if found else ()
    # A sure reading of the model stays one tap away: the rules may be wrong.
    if ranking and ranking[0][1] >= scene.guides.thresholds.sure:
        others = tuple(dict.fromkeys((ranking[0][0], *others)))
    found = replace(
        found or Classification(ranking=((FRAUD, 1.0),)),
        ranking=((FRAUD, 1.0), *ranking),
        others=tuple(name for name in others if name != FRAUD),
    )
    return open_target(scene, Target(FRAUD, variant=fraud.case_of(text)), text=text, found=found)


def _about_guide_in_hand(scene: Scene, text: str, found: Classification) -> Target | None:
    """What answers a short question about the guide in hand; None if it names another matter."""
    guide = guide_in_hand(scene.talk, scene.guides)
    asked = find_followup(text, guide) if guide else None
    if guide is None or asked is None or asked.part is Part.CASE:
        return None
    intent = scene.guides.intents.get(found.intent)
    is_other = (
        intent is not None
        and intent.name != guide.intent
        and intent.act is not Act.CLARIFY
        and (
            found.confidence >= scene.guides.thresholds.sure
            or intent.name == FRAUD
            or bool(asked.rest & _words_of(intent.label) - _words_of_guide(scene, guide))
        )
    )
    return None if is_other else followup_target(asked, guide, scene.talk)


def _words_of(label: str) -> frozenset[str]:
    return frozenset(fold(label).split())


def _words_of_guide(scene: Scene, guide: Guide) -> frozenset[str]:
    return _words_of(f"{scene.guides.label(guide.intent)} {guide.title}")


def _preceded(scene: Scene, decision: Decision, key: str) -> Decision:
    """The decision with a prepared word, such as a warning, put before everything else."""
    word = render_prepared(scene.voice, scene.guides.replies[key])
    rest = decision.reply.messages if decision.reply else ()
    if len(rest) < MAX_MESSAGES:
        return replace(decision, reply=Reply(messages=(*word.messages, *rest)))
    first = replace(rest[0], text=f"{word.text}\n\n{rest[0].text}")
    if len(first.text) <= MAX_CHARS:
        return replace(decision, reply=Reply(messages=(first, *rest[1:])))
    # Too much for one reply: this word now, the answer one tap away.
    offered = scene.choices([decision.intent] if decision.intent else [])
    reply = render_prepared(scene.voice, scene.guides.replies[key], offered)
    return replace(decision, reply=reply, talk=scene.remember(offered))


def apologise(
    event: Event, *, guides: GuideSet, office: Office, talk: Talk, now: datetime
) -> Decision:
    """The decision when nothing else can be said: outcome `error`, with a phone and the menu."""
    scene = scene_of(guides=guides, office=office, talk=talk, now=now)
    text = event.text if isinstance(event, TextEvent | MediaEvent) else ""
    return replace(scene.prepared(Outcome.ERROR, "error"), redaction=redact(text))
