"""The exam sentences that the model misreads today, as a list that may only shrink.

content/known_misses.yaml holds them. A sentence on the list that is read rightly has to leave it;
one that is misread without being listed is a step back. Where two intents are as good as equal the
next training may turn the scale: such a sentence is judged neither way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from nlu.scores import Answer
from nlu.yaml_files import DataError, read_yaml

_TIE = 0.03
_HEADING = """\
# Exam sentences that the model misreads today. Written by `python -m nlu.evaluate misses --write`;
# `./dev test` fails when one of them is read rightly (take it off) or another one is misread.
"""


@dataclass(frozen=True)
class Difference:
    listed: int
    mended: list[str]
    """Listed, but read rightly."""
    fresh: list[tuple[str, str, str]]
    """Misread, but not listed: text, right intent, intent said."""


def read(path: Path) -> set[str]:
    """The listed texts; none if there is no file. Raises DataError on a broken one."""
    if not path.exists():
        return set()
    raw = read_yaml(path)
    entries = raw.get("misses") if isinstance(raw, dict) else None
    if not isinstance(entries, list):
        raise DataError(f"{path}: a list under 'misses' is expected")
    return {entry["text"] for entry in entries}


def write(path: Path, answers: Sequence[Answer]) -> None:
    """The list of all that are misread now."""
    entries: list[dict[str, Any]] = [
        {"text": a.text, "intent": a.right[0], "read_as": a.intent}
        for a in answers
        if not a.is_right
    ]
    body = yaml.safe_dump({"misses": entries}, allow_unicode=True, sort_keys=False, width=10_000)
    path.write_text(_HEADING + body, encoding="utf-8")


def _is_tied(answer: Answer) -> bool:
    numbers = [confidence for _, confidence in answer.ranking[:2]]
    return len(numbers) == 2 and numbers[0] - numbers[1] < _TIE


def compare(listed: set[str], answers: Sequence[Answer]) -> Difference:
    return Difference(
        len(listed),
        [a.text for a in answers if a.is_right and a.text in listed and not _is_tied(a)],
        [
            (a.text, a.right[0], a.intent)
            for a in answers
            if not a.is_right and a.text not in listed and not _is_tied(a)
        ],
    )


def as_text(difference: Difference) -> str:
    lines = [f"{difference.listed} known misses"]
    lines += [f"read rightly, take it off the list: {text}" for text in difference.mended]
    lines += [
        f"misread and not on the list ({right} → {said}): {text}"
        for text, right, said in difference.fresh
    ]
    return "\n".join(lines)
