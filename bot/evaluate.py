"""`eval`: judges the bot's answers to questions whose right intent is known.

Two different things are counted: whether the model's best intent is right (accuracy, macro-F1), and
what the citizen would have got (the decision table), because a question back or an honest "not
understood" is no wrong answer.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson

from bot.ask import open_asker, read_lines
from bot.errors import SettingsError
from bot.guides import GuideSet
from bot.settings import Settings
from bot.talk import Decision, Outcome
from bot.worker import Thought

OUT_OF_SCOPE = "ngoai_pham_vi"


class Verdict(StrEnum):
    """What a citizen got, judged by the right intent."""

    ANSWERED_RIGHT = "answered_right"
    RIGHT_AMONG_CHOICES = "right_among_choices"
    ANSWERED_WRONG = "answered_wrong"
    FALLBACK = "fallback"
    """Nothing was claimed: not understood, or choices without the right one."""
    NO_GUIDE = "no_guide"
    """The right matter was understood, and that there is no guide for it was said."""
    REFUSED = "refused"
    """Out of scope and not answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of the file."""

    text: str
    intent: str
    accept: frozenset[str]
    """Intents that are right as well."""
    kind: str
    variant: str

    @property
    def right(self) -> frozenset[str]:
        """All right intents."""
        return self.accept | {self.intent}


def parse_question(row: Mapping[str, Any]) -> Question:
    """A line of the file. Raises SettingsError if it lacks the intent."""
    intent = row.get("intent")
    if not isinstance(intent, str) or not intent:
        raise SettingsError(f'the line with "{str(row["text"])[:40]}" lacks "intent"')
    accept = row.get("accept") or ()
    return Question(
        text=row["text"],
        intent=intent,
        accept=frozenset(str(name) for name in accept),
        kind=str(row.get("kind") or ""),
        variant=str(row.get("variant") or ""),
    )


def judge(question: Question, decision: Decision) -> Verdict:
    """What the citizen got."""
    is_right = decision.intent in question.right
    match decision.outcome:
        case Outcome.CLARIFY:
            if is_right and decision.intent == "can_hoi_lai":
                return Verdict.ANSWERED_RIGHT
            if question.right & set(decision.choices):
                return Verdict.RIGHT_AMONG_CHOICES
            return Verdict.REFUSED if question.intent == OUT_OF_SCOPE else Verdict.FALLBACK
        case Outcome.NO_CONTENT | Outcome.ERROR | Outcome.UNSUPPORTED:
            if question.intent == OUT_OF_SCOPE:
                return Verdict.REFUSED
            # Below the threshold nothing was claimed, even if the best guess was right.
            return Verdict.NO_GUIDE if is_right and decision.is_understood else Verdict.FALLBACK
        case Outcome.OUT_OF_SCOPE:
            return Verdict.REFUSED if OUT_OF_SCOPE in question.right else Verdict.ANSWERED_WRONG
    if is_right:
        return Verdict.ANSWERED_RIGHT
    is_offered = bool(question.right & set(decision.choices))
    return Verdict.RIGHT_AMONG_CHOICES if is_offered else Verdict.ANSWERED_WRONG


def best_intent(thought: Thought) -> str:
    """What the model (or the shortcut before it) took the question for."""
    if thought.classification is not None:
        return thought.classification.intent
    return thought.decision.intent or ""


def measure(pairs: Sequence[tuple[Question, Thought]], guides: GuideSet) -> dict[str, Any]:
    """All figures: over everything, and by topic, kind and variant."""

    def topic(question: Question) -> str:
        intent = guides.intents.get(question.intent)
        return intent.topic if intent else "?"

    groups: dict[str, Callable[[Question], str]] = {
        "topic": topic,
        "kind": lambda q: q.kind,
        "variant": lambda q: q.variant,
    }
    result: dict[str, Any] = {"all": _figures(pairs)}
    for name, key in groups.items():
        parts: dict[str, list[tuple[Question, Thought]]] = defaultdict(list)
        for question, thought in pairs:
            if key(question):
                parts[key(question)].append((question, thought))
        result[f"by_{name}"] = {part: _figures(parts[part]) for part in sorted(parts)}
    wrong = Counter((q.intent, best_intent(t)) for q, t in pairs if best_intent(t) not in q.right)
    result["confusions"] = [
        {"intent": a, "taken_for": b, "count": n} for (a, b), n in wrong.most_common(20)
    ]
    return result


def _figures(pairs: Sequence[tuple[Question, Thought]]) -> dict[str, Any]:
    inside = [(q, t) for q, t in pairs if q.intent != OUT_OF_SCOPE]
    outside = [(q, t) for q, t in pairs if q.intent == OUT_OF_SCOPE]
    right = sum(best_intent(t) in q.right for q, t in pairs)
    decided = Counter(judge(q, t.decision) for q, t in inside)
    refused = Counter(judge(q, t.decision) for q, t in outside)
    return {
        "questions": len(pairs),
        "accuracy": _share(right, len(pairs)),
        "macro_f1": macro_f1((q, best_intent(t)) for q, t in pairs),
        "decisions": {
            str(v): decided[v] for v in Verdict if v is not Verdict.REFUSED
        } | ({"refused": decided[Verdict.REFUSED]} if decided[Verdict.REFUSED] else {}),
        OUT_OF_SCOPE: {
            "questions": len(outside),
            "refused": refused[Verdict.REFUSED],
            "answered_wrongly": len(outside) - refused[Verdict.REFUSED],
        },
    }  # fmt: skip


def macro_f1(pairs: Iterable[tuple[Question, str]]) -> float:
    """Mean F1 over the intents that occur as the right one; an accepted other counts as right."""
    hits: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    given: Counter[str] = Counter()
    for question, found in pairs:
        name = question.intent if found in question.right else found
        wanted[question.intent] += 1
        given[name] += 1
        hits[question.intent] += name == question.intent
    scores = [2 * hits[name] / (wanted[name] + given[name]) for name in wanted]
    return _share(sum(scores), len(scores))


def _share(part: float, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def evaluate_file(settings: Settings, path: Path, office: str, *, as_json: bool) -> int:
    """Prints the figures for one file. Exit code 0."""
    questions = [parse_question(row) for row in read_lines(path)]

    async def run() -> tuple[list[Thought], GuideSet]:
        async with open_asker(settings, office) as asker:
            return await asker.ask_all([q.text for q in questions]), asker.content.guides

    thoughts, guides = asyncio.run(run())
    figures = measure(list(zip(questions, thoughts, strict=True)), guides)
    if as_json:
        print(orjson.dumps(figures).decode())
    else:
        print("\n".join(_table(figures)))
    return 0


def _table(figures: Mapping[str, Any]) -> Iterable[str]:
    yield f"{'':32}{'n':>6}{'accuracy':>10}{'macro-F1':>10}"
    rows = [("all", figures["all"])]
    for group in ("topic", "kind", "variant"):
        rows += [(f"{group}: {k}", v) for k, v in figures[f"by_{group}"].items()]
    for name, part in rows:
        yield f"{name:32}{part['questions']:>6}{part['accuracy']:>10.3f}{part['macro_f1']:>10.3f}"
    yield ""
    for name, part in rows:
        told = "  ".join(f"{k} {v}" for k, v in part["decisions"].items() if v)
        yield f"{name}: {told}"
        outside = part[OUT_OF_SCOPE]
        if outside["questions"]:
            yield (
                f"{name}: {OUT_OF_SCOPE}: refused {outside['refused']}, "
                f"answered wrongly {outside['answered_wrongly']} of {outside['questions']}"
            )
    if figures["confusions"]:
        yield "\nmost frequent confusions:"
        for row in figures["confusions"]:
            yield f"  {row['count']:>3} × {row['intent']} taken for {row['taken_for']}"
