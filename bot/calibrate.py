"""`thresholds`: chooses the thresholds of `decide` on the exam, and writes content/thresholds.yaml.

Input are the answers that `python -m nlu.evaluate exam --answers FILE` wrote: sentences that
training never saw, as written, without diacritics and with slips. Each is put through `decide`
itself at every value of the grid. The aims are stricter than what a commune may bear, because real
citizens write harder than our exam. Nothing is left to feeling: `./dev calibrate` runs it all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import orjson

from bot.answer import decide
from bot.errors import SettingsError
from bot.evaluate import OUT_OF_SCOPE, Question, Verdict, judge
from bot.events import TextEvent
from bot.guides import GuideSet, Thresholds
from bot.offices import Office
from bot.processes import open_content
from bot.settings import Settings
from bot.talk import Classification, Talk

MAX_WRONG = 0.02
"""Most answers that may be wrong, of all questions; a commune may bear 3 %."""
MAX_OUTSIDE_WRONG = 0.025
"""Most out-of-scope questions that may be answered with a guide; a commune may bear 5 %."""
MAX_SENT_AWAY = 0.005
"""Most questions in scope that may be refused or taken for small talk."""
MIN_HELPED = 0.5
"""Asking back has to offer the right matter at least this often, or it only confuses."""
GRID = tuple(round(0.05 * i, 2) for i in range(1, 20))
_BAND = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamAnswer:
    """What the model said to one sentence of the exam."""

    question: Question
    classification: Classification


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What citizens would get at some thresholds; shares of the questions they are named after."""

    thresholds: Thresholds
    answered_right: float
    among_choices: float
    answered_wrong: float
    """Of all questions."""
    fallback: float
    outside_wrong: float
    """Of the questions out of scope."""
    sent_away: float
    """Of the questions in scope: refused, or answered with small talk."""


def read_answers(path: Path) -> list[ExamAnswer]:
    """The answers in the file. Raises SettingsError naming the line that cannot be read."""
    found = []
    try:
        lines = path.read_bytes().splitlines()
    except OSError as exc:
        raise SettingsError(f"{path} cannot be read: {exc.strerror}") from exc
    for number, line in enumerate(lines, start=1):
        try:
            row = orjson.loads(line)
            right = row["right"]
            question = Question(
                text=row["text"], intent=right[0], accept=frozenset(right[1:]), kind=row["kind"],
                variant="",
            )  # fmt: skip
            ranking = tuple((str(name), float(c)) for name, c in row["ranking"])
        except (KeyError, IndexError, TypeError, ValueError) as exc:
            raise SettingsError(f"{path} line {number} is no answer") from exc
        found.append(ExamAnswer(question=question, classification=Classification(ranking=ranking)))
    return found


def measure_at(
    answers: Sequence[ExamAnswer],
    thresholds: Thresholds,
    *,
    guides: GuideSet,
    office: Office,
    now: datetime,
) -> Figures:
    """What citizens would get; every answer goes through `decide`."""
    guides = replace(guides, thresholds=thresholds)
    inside: Counter[Verdict] = Counter()
    outside: Counter[Verdict] = Counter()
    sent_away = 0
    for answer in answers:
        event = TextEvent(
            name="user_send_text", oa_id=office.oa_id, citizen_id="exam", at=now,
            text=answer.question.text,
        )  # fmt: skip
        decision = decide(
            event, answer.classification, guides=guides, office=office, talk=Talk(), now=now
        )
        verdict = judge(answer.question, decision)
        if answer.question.intent == OUT_OF_SCOPE:
            outside[verdict] += 1
        else:
            inside[verdict] += 1
            away = decision.outcome in ("out_of_scope", "talk")
            sent_away += away and verdict is Verdict.ANSWERED_WRONG
    number = max(inside.total(), 1)
    wrong_outside = outside[Verdict.ANSWERED_WRONG]
    return Figures(
        thresholds=thresholds,
        answered_right=(inside[Verdict.ANSWERED_RIGHT] + inside[Verdict.NO_GUIDE]) / number,
        among_choices=inside[Verdict.RIGHT_AMONG_CHOICES] / number,
        answered_wrong=(inside[Verdict.ANSWERED_WRONG] + wrong_outside) / max(len(answers), 1),
        fallback=inside[Verdict.FALLBACK] / number,
        outside_wrong=wrong_outside / max(outside.total(), 1),
        sent_away=sent_away / number,
    )


def sweep(
    answers: Sequence[ExamAnswer], *, guides: GuideSet, office: Office, now: datetime
) -> Iterator[Figures]:
    """The figures for every `sure` of the grid, with `likely` equal to it and the lowest `near`."""
    for value in GRID:
        limits = Thresholds(sure=value, likely=value, near=GRID[0])
        yield measure_at(answers, limits, guides=guides, office=office, now=now)


def choose(
    answers: Sequence[ExamAnswer], *, guides: GuideSet, office: Office, now: datetime
) -> tuple[Figures, list[Figures]]:
    """The figures of the thresholds that meet the aims, and the sweep they were read from.

    `near` first: the lowest from which on the choices help. Then the lowest `likely` that sends
    few away, and the lowest `sure` with few wrong answers; the grid's highest if none is enough.
    """
    near = next((low for low in GRID if _helped(answers, low) >= MIN_HELPED), GRID[-1])
    grid = [value for value in GRID if value >= near]
    table = list(sweep(answers, guides=guides, office=office, now=now))
    by_value = {figures.thresholds.sure: figures for figures in table}
    likely = next((v for v in grid if by_value[v].sent_away <= MAX_SENT_AWAY), grid[-1])
    for sure in grid:
        limits = Thresholds(sure=sure, likely=likely, near=near)
        chosen = measure_at(answers, limits, guides=guides, office=office, now=now)
        if chosen.answered_wrong <= MAX_WRONG and chosen.outside_wrong <= MAX_OUTSIDE_WRONG:
            break
    return chosen, table


def _helped(answers: Sequence[ExamAnswer], low: float) -> float:
    """Of the sentences just above `low`, the share with the right intent among the first three."""
    band = [a for a in answers if low <= a.classification.confidence < low + _BAND]
    hits = [any(name in a.question.right for name, _ in a.classification.ranking[:3]) for a in band]
    return sum(hits) / len(hits) if len(hits) >= 10 else 0.0


def as_lines(table: Iterable[Figures]) -> Iterator[str]:
    """The trade-off for people."""
    yield (
        f"{'sure':>5}{'likely':>8}{'near':>6}{'right':>9}{'choices':>9}{'wrong':>8}"
        f"{'fallback':>10}{'outside wrong':>15}{'sent away':>11}"
    )
    for f in table:
        limits = f.thresholds
        yield (
            f"{limits.sure:>5}{limits.likely:>8}{limits.near:>6}{f.answered_right:>9.1%}"
            f"{f.among_choices:>9.1%}{f.answered_wrong:>8.1%}{f.fallback:>10.1%}"
            f"{f.outside_wrong:>15.1%}{f.sent_away:>11.1%}"
        )


def as_yaml(chosen: Figures, answers: Sequence[ExamAnswer], now: datetime) -> str:
    """The file content/thresholds.yaml."""
    limits = chosen.thresholds
    outside = sum(a.question.intent == OUT_OF_SCOPE for a in answers)
    return (
        "# Written by `./dev calibrate`; what each threshold does is in bot/guides.py.\n"
        f"sure: {limits.sure}\nlikely: {limits.likely}\nnear: {limits.near}\n"
        f"chosen_on: {now:%Y-%m-%d}\n"
        f"exam: {{in_scope: {len(answers) - outside}, out_of_scope: {outside}}}\n"
        "figures:\n"
        f"  answered_right: {chosen.answered_right:.3f}\n"
        f"  right_among_choices: {chosen.among_choices:.3f}\n"
        f"  answered_wrong: {chosen.answered_wrong:.3f}\n"
        f"  fallback: {chosen.fallback:.3f}\n"
        f"  out_of_scope_answered_wrong: {chosen.outside_wrong:.3f}\n"
        f"  sent_away: {chosen.sent_away:.3f}\n"
    )


def write_thresholds(settings: Settings, path: Path) -> int:
    """Chooses the thresholds on the answers in the file and writes them. Exit code 0."""
    content = open_content(settings).current()
    answers = read_answers(path)
    office = next(iter(content.offices.values()))
    now = datetime.now(UTC)
    chosen, table = choose(answers, guides=content.guides, office=office, now=now)
    print("\n".join(as_lines(table)))
    print("\nchosen:")
    print("\n".join(as_lines([chosen])))
    target = settings.content_dir / "thresholds.yaml"
    temporary = target.with_suffix(".new")
    temporary.write_text(as_yaml(chosen, answers, now), encoding="utf-8")
    temporary.replace(target)
    return 0
