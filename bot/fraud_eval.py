"""`eval --fraud`: how many frauds are seen, and how many genuine messages are taken for one.

Counted twice: by the rules of `fraud` alone, and by the whole decision (outcome `safety` with the
guide against fraud), which has the model as well. The file holds lines {"text", "fraud", "kind"}.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from bot.answer import FRAUD
from bot.ask import open_asker, read_lines
from bot.errors import SettingsError
from bot.fraud import is_fraud, signs_in
from bot.settings import Settings
from bot.talk import Outcome
from bot.worker import Thought

DEFAULT_FILE = Path("tests/data/fraud.jsonl")
MIN_RECALL = 0.95
MAX_FALSE_ALARMS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One line of the file."""

    text: str
    is_fraud: bool
    kind: str


def parse_case(row: Mapping[str, Any]) -> Case:
    """A line of the file. Raises SettingsError if it does not say whether it is fraud."""
    if not isinstance(row.get("fraud"), bool):
        raise SettingsError(f'the line with "{str(row["text"])[:40]}" lacks "fraud"')
    return Case(text=row["text"], is_fraud=row["fraud"], kind=str(row.get("kind") or ""))


def is_warned(thought: Thought) -> bool:
    """True if the whole decision was the guide against fraud."""
    return thought.decision.outcome is Outcome.SAFETY and thought.decision.intent == FRAUD


def measure(cases: Sequence[Case], warned: Sequence[bool]) -> dict[str, Any]:
    """All figures: over everything, each half of the lines, each kind, and each sign."""
    ruled = [is_fraud(case.text) for case in cases]
    rows = list(zip(cases, ruled, warned, strict=True))
    kinds = sorted({(not c.is_fraud, c.kind) for c in cases})
    signs: Counter[tuple[str, bool]] = Counter()
    for case in cases:
        signs.update((sign.name, case.is_fraud) for sign in signs_in(case.text))
    return {
        "all": _figures(rows),
        "halves": {"odd_lines": _figures(rows[0::2]), "even_lines": _figures(rows[1::2])},
        "by_kind": {
            f"{'genuine' if is_genuine else 'fraud'}: {kind}": _figures(
                [r for r in rows if r[0].kind == kind and r[0].is_fraud != is_genuine]
            )
            for is_genuine, kind in kinds
        },
        "by_sign": {
            name: {"fraud": signs[name, True], "genuine": signs[name, False]}
            for name in sorted({name for name, _ in signs})
        },
        "missed": [c.text for c, _, w in rows if c.is_fraud and not w],
        "false_alarms": [c.text for c, _, w in rows if not c.is_fraud and w],
    }


def _figures(rows: Sequence[tuple[Case, bool, bool]]) -> dict[str, Any]:
    frauds = [r for r in rows if r[0].is_fraud]
    genuine = [r for r in rows if not r[0].is_fraud]
    return {
        "frauds": len(frauds),
        "genuine": len(genuine),
        "rules": {
            "recall": _share(sum(r[1] for r in frauds), len(frauds)),
            "false_alarms": _share(sum(r[1] for r in genuine), len(genuine)),
        },
        "decision": {
            "recall": _share(sum(r[2] for r in frauds), len(frauds)),
            "false_alarms": _share(sum(r[2] for r in genuine), len(genuine)),
        },
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def evaluate_fraud(settings: Settings, path: Path, office: str, *, as_json: bool) -> int:
    """Prints the figures for one file. Exit code 1 if the decisions miss an aim, else 0."""
    cases = [parse_case(row) for row in read_lines(path)]

    async def run() -> list[Thought]:
        async with open_asker(settings, office) as asker:
            return await asker.ask_all([case.text for case in cases])

    figures = measure(cases, [is_warned(thought) for thought in asyncio.run(run())])
    print(orjson.dumps(figures).decode() if as_json else "\n".join(as_lines(figures)))
    decision = figures["all"]["decision"]
    is_met = (
        (decision["recall"] or 0.0) >= MIN_RECALL
        and (decision["false_alarms"] or 0.0) <= MAX_FALSE_ALARMS
    )  # fmt: skip
    return 0 if is_met else 1


def as_lines(figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures for people."""
    yield f"{'':24}{'frauds':>7}{'genuine':>8}{'rules: recall':>15}{'false':>7}" + (
        f"{'decision: recall':>18}{'false':>7}"
    )
    for name, part in (
        ("all", figures["all"]),
        *figures["halves"].items(),
        *figures["by_kind"].items(),
    ):
        rules, decision = part["rules"], part["decision"]
        yield (
            f"{name:24}{part['frauds']:>7}{part['genuine']:>8}{_percent(rules['recall']):>15}"
            f"{_percent(rules['false_alarms']):>7}{_percent(decision['recall']):>18}"
            f"{_percent(decision['false_alarms']):>7}"
        )
    yield ""
    for name, count in figures["by_sign"].items():
        yield f"{name:24}{count['fraud']:>4} in frauds {count['genuine']:>4} in genuine messages"
    for key, title in (("missed", "missed"), ("false_alarms", "false alarm")):
        yield from (f"{title}: {text}" for text in figures[key])


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"
