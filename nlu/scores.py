"""Figures from answers: accuracy, macro F1, confusions, what a confidence threshold would do."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

OUT_OF_SCOPE = "ngoai_pham_vi"
CUTOFFS = tuple(round(0.1 * i, 1) for i in range(1, 10))
SURE_PRECISION = 0.92
"""Share of right answers above which a guide may be sent without asking back."""
NEAR_HIT = 0.75
"""Share of the doubtful texts for which the right intent should be among the choices offered."""
CHOICES = 3


@dataclass(frozen=True)
class Answer:
    text: str
    right: tuple[str, ...]
    """Intents that count as right; the first is the one it was written for."""
    kind: str
    """Kind of writing: as_is, bare (no diacritics), noised."""
    ranking: tuple[tuple[str, float], ...]
    """Intent and confidence, best first."""

    @property
    def intent(self) -> str:
        return self.ranking[0][0] if self.ranking else ""

    @property
    def confidence(self) -> float:
        return self.ranking[0][1] if self.ranking else 0.0

    @property
    def is_right(self) -> bool:
        return self.intent in self.right

    def is_among_choices(self) -> bool:
        return any(name in self.right for name, _ in self.ranking[:CHOICES])


def accuracy(answers: Sequence[Answer]) -> float:
    return sum(a.is_right for a in answers) / len(answers) if answers else 0.0


def by_intent(answers: Sequence[Answer]) -> dict[str, dict[str, float]]:
    """Intent → precision, recall, f1 and support."""
    support: Counter[str] = Counter()
    said: Counter[str] = Counter()
    hit: Counter[str] = Counter()
    for answer in answers:
        expected = answer.intent if answer.is_right else answer.right[0]
        support[expected] += 1
        said[answer.intent] += 1
        hit[expected] += answer.is_right
    table = {}
    for name in sorted(support):
        precision = hit[name] / said[name] if said[name] else 0.0
        recall = hit[name] / support[name]
        f1 = 2 * precision * recall / (precision + recall) if hit[name] else 0.0
        table[name] = {
            "precision": round(precision, 3),
            "recall": round(recall, 3),
            "f1": round(f1, 3),
            "support": support[name],
        }
    return table


def macro_f1(answers: Sequence[Answer]) -> float:
    table = by_intent(answers)
    return sum(row["f1"] for row in table.values()) / len(table) if table else 0.0


def confusions(answers: Sequence[Answer], limit: int = 40) -> list[dict[str, Any]]:
    """Most frequent (expected, said) pairs with up to three texts each."""
    texts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for answer in answers:
        if not answer.is_right:
            texts[answer.right[0], answer.intent].append(answer.text)
    ordered = sorted(texts.items(), key=lambda item: (-len(item[1]), item[0]))[:limit]
    return [
        {"expected": expected, "said": said, "times": len(found), "texts": found[:3]}
        for (expected, said), found in ordered
    ]


def at_threshold(answers: Sequence[Answer], cutoff: float) -> dict[str, float]:
    """What answering at or above the cutoff would do.

    coverage: share of the texts in scope that get an answer; precision: share of all answers that
    are right; refused: share of the texts out of scope that get none, by cutoff or by intent.
    """
    inside = [a for a in answers if OUT_OF_SCOPE not in a.right]
    outside = [a for a in answers if OUT_OF_SCOPE in a.right]
    answered = [a for a in answers if a.confidence >= cutoff and a.intent != OUT_OF_SCOPE]
    covered = sum(a.confidence >= cutoff and a.intent != OUT_OF_SCOPE for a in inside)
    refused = sum(a.confidence < cutoff or a.intent == OUT_OF_SCOPE for a in outside)
    return {
        "cutoff": cutoff,
        "coverage": round(covered / len(inside), 3) if inside else 0.0,
        "precision": round(accuracy(answered), 3) if answered else 1.0,
        "refused": round(refused / len(outside), 3) if outside else 1.0,
    }


def suggested_thresholds(answers: Sequence[Answer]) -> dict[str, float]:
    """sure: lowest cutoff with SURE_PRECISION right; near: lowest from which on asking back helps.

    Between near and sure the bot asks with CHOICES choices: near is the lowest cutoff such that the
    right intent is among them for NEAR_HIT of the texts in the next tenth above it.
    """
    grid = [round(0.01 * i, 2) for i in range(1, 100)]
    sure = next((c for c in grid if at_threshold(answers, c)["precision"] >= SURE_PRECISION), 0.99)
    near = sure
    for cutoff in reversed([c for c in grid if c < sure]):
        band = [a for a in answers if cutoff <= a.confidence < min(cutoff + 0.1, sure)]
        if len(band) >= 20 and sum(a.is_among_choices() for a in band) / len(band) < NEAR_HIT:
            break
        near = cutoff
    return {"sure": sure, "near": near}


def report(answers: Sequence[Answer]) -> dict[str, Any]:
    """All figures, ready for JSON."""
    kinds: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        kinds[answer.kind].append(answer)
    return {
        "texts": len(answers),
        "by_kind": {
            kind: {
                "texts": len(of_kind),
                "accuracy": round(accuracy(of_kind), 4),
                "macro_f1": round(macro_f1(of_kind), 4),
                "among_choices": round(
                    sum(a.is_among_choices() for a in of_kind) / len(of_kind), 4
                ),
            }
            for kind, of_kind in kinds.items()
        },
        "thresholds": [at_threshold(answers, cutoff) for cutoff in CUTOFFS],
        "suggested": suggested_thresholds(answers),
        "by_intent": by_intent(answers),
        "confusions": confusions(answers),
    }


def as_text(figures: dict[str, Any]) -> str:
    """The report for people: kinds of writing, thresholds, weakest intents, confusions."""
    lines = [f"{'writing':<10}{'texts':>7}{'accuracy':>10}{'macro F1':>10}{'in first 3':>12}"]
    for kind, row in figures["by_kind"].items():
        lines.append(
            f"{kind:<10}{row['texts']:>7}{row['accuracy']:>10.1%}{row['macro_f1']:>10.1%}"
            f"{row['among_choices']:>12.1%}"
        )
    lines += ["", f"{'cutoff':<10}{'coverage':>10}{'precision':>11}{'refused':>10}"]
    for row in figures["thresholds"]:
        lines.append(
            f"{row['cutoff']:<10}{row['coverage']:>10.1%}{row['precision']:>11.1%}"
            f"{row['refused']:>10.1%}"
        )
    lines += ["", "suggested: " + ", ".join(f"{k} {v}" for k, v in figures["suggested"].items())]
    weakest = sorted(figures["by_intent"].items(), key=lambda item: item[1]["f1"])[:12]
    lines += ["", "weakest intents (F1, recall, precision, texts):"]
    for name, row in weakest:
        lines.append(
            f"  {name:<32}{row['f1']:.2f}  {row['recall']:.2f}  {row['precision']:.2f}"
            f"  {row['support']}"
        )
    lines += ["", "confusions (expected → said):"]
    for row in figures["confusions"][:20]:
        pair = f"{row['expected']} → {row['said']}"
        lines.append(f"  {row['times']:>3}  {pair}: {row['texts'][0][:70]}")
    return "\n".join(lines)
