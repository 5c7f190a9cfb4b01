"""What `bench.nlu` finds out about each system, and the table of it.

Figures only: needs nothing of the NLU environment and asks no system itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

OURS, STOCK, PEER = "ours", "stock", "peer"
SYSTEMS: Mapping[str, str] = {
    OURS: "ours, in Rasa",
    STOCK: "stock Rasa, DIET",
    PEER: "plain peer, scikit-learn",
    "logistic": "twin features, logistic",
    "ensemble": "twin features, SVM+logistic",
    "nearest": "twin features, nearest 5",
}
"""Systems in the order of the table, and their names in it."""
ACCURACIES = ("as_is", "bare", "noised", "among_three")
RATIOS = ("train_s", "parses_per_s", "p50_ms", "p99_ms", "model_mb", "peak_rss_mb")
_COLUMNS = (
    ("as written", "as_is", 1),
    ("no diacritics", "bare", 1),
    ("noised", "noised", 1),
    ("in first 3", "among_three", 1),
    ("train s", "train_s", 1),
    ("parses/s", "parses_per_s", 0),
    ("p50 ms", "p50_ms", 2),
    ("p99 ms", "p99_ms", 2),
    ("model MB", "model_mb", 1),
    ("RSS MB", "rss_mb", 0),
    ("peak MB", "peak_rss_mb", 0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """How much the systems learnt from and were asked."""

    intents: int
    phrases: int
    sentences: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One system on the exam."""

    system: str
    """Key of SYSTEMS."""
    note: str
    """What the reader must know of how it was trained."""
    as_is: float
    """Sentences understood as written, in %; the right intent is the first."""
    bare: float
    """The same without diacritics."""
    noised: float
    """The same with slips, abbreviations and lost marks."""
    among_three: float
    """Sentences as written whose right intent is among the best three, in %."""
    train_s: float
    parses_per_s: float
    """One text after the other on one thread."""
    p50_ms: float
    p99_ms: float
    model_mb: float | None = None
    """Size of the model file; None if the system writes none."""
    rss_mb: float | None = None
    """Memory of its HTTP server after some hundred parses; None if it has none."""
    peak_rss_mb: float | None = None
    """The most memory that the server ever held."""


def percent_right(
    rankings: Sequence[Sequence[str]], right: Sequence[Sequence[str]], first: int
) -> float:
    """Share of the rankings with a right intent among their `first` ones, in %."""
    hits = [bool({*said[:first]} & {*good}) for said, good in zip(rankings, right, strict=True)]
    return round(100 * sum(hits) / len(hits), 2)


def percentile_ms(seconds: Sequence[float], share: float) -> float:
    """The time within which that share of the parses ended, in milliseconds."""
    return round(sorted(seconds)[math.ceil(share * len(seconds)) - 1] * 1000, 2)


def in_order(rows: Sequence[Row]) -> list[Row]:
    """Rows in the order of SYSTEMS, whatever ran first."""
    return sorted(rows, key=lambda row: list(SYSTEMS).index(row.system))


def ratios(rows: Sequence[Row]) -> dict[str, float]:
    """Ours : stock for each of RATIOS that both have; empty unless both were run."""
    of = {row.system: row for row in rows}
    if OURS not in of or STOCK not in of:
        return {}
    pairs = {name: (getattr(of[OURS], name), getattr(of[STOCK], name)) for name in RATIOS}
    return {name: round(a / b, 3) for name, (a, b) in pairs.items() if a is not None and b}


def points(rows: Sequence[Row], other: str) -> dict[str, float]:
    """Ours − `other` in points of accuracy, for each of ACCURACIES; empty unless both were run."""
    of = {row.system: row for row in rows}
    if OURS not in of or other not in of:
        return {}
    pairs = {name: (getattr(of[OURS], name), getattr(of[other], name)) for name in ACCURACIES}
    return {name: round(a - b, 1) for name, (a, b) in pairs.items()}


def as_table(rows: Sequence[Row], data: Data) -> str:
    """The result for people: a line per system, then ours against stock and peer."""
    rows = in_order(rows)
    width = max(len(name) for name in SYSTEMS.values()) + 1
    lines = [
        f"{data.intents} intents, {data.phrases} phrases, {data.sentences} exam sentences; "
        "accuracy in %; training and parsing on one thread",
        " " * width + "".join(f"{title:>{_width(title)}}" for title, _, _ in _COLUMNS),
    ]
    for row in rows:
        cells = (_cell(getattr(row, name), title, digits) for title, name, digits in _COLUMNS)
        lines.append(f"{SYSTEMS[row.system]:{width}}" + "".join(cells))
    lines += [f"{SYSTEMS[row.system]}: {row.note}" for row in rows]
    if found := ratios(rows):
        titles = {name: title for title, name, _ in _COLUMNS}
        text = ", ".join(f"{titles[name]} ×{ratio:.3g}" for name, ratio in found.items())
        lines.append(f"ours : stock = {text}")
    for other in (STOCK, PEER):
        if differences := points(rows, other):
            text = " / ".join(f"{differences[name]:+.1f}" for name in ACCURACIES)
            lines.append(
                f"ours − {other} = {text} points (as written / no diacritics / noised / in first 3)"
            )
    return "\n".join(lines)


def _width(title: str) -> int:
    return max(len(title), 6) + 2


def _cell(value: float | None, title: str, digits: int) -> str:
    text = "–" if value is None else f"{value:,.{digits}f}"
    return f"{text:>{_width(title)}}"
