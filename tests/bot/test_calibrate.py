"""Thresholds are chosen by what `decide` would do with the exam's answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.calibrate import (
    MAX_OUTSIDE_WRONG,
    MAX_WRONG,
    MIN_HELPED,
    ExamAnswer,
    as_lines,
    as_yaml,
    choose,
    measure_at,
    read_answers,
)
from bot.errors import SettingsError
from bot.evaluate import OUT_OF_SCOPE, Question
from bot.guides import Thresholds
from tests.bot.builders import OPEN, found, make_guides, make_office

GUIDES = make_guides()
OFFICE = make_office()


def answered(right: str, *ranking: tuple[str, float]) -> ExamAnswer:
    question = Question(
        text="một câu hỏi", intent=right, accept=frozenset(), kind="as_is", variant=""
    )
    return ExamAnswer(question=question, classification=found(*ranking))


def exam() -> list[ExamAnswer]:
    """Right above 0.6, wrong half of the time between 0.3 and 0.6, hopeless below."""
    rows = []
    for n in range(100):
        high, low = 0.6 + n / 250, 0.3 + n / 340
        rows.append(answered("mat_khau", ("mat_khau", high), ("luong", 0.05)))
        rows.append(answered("mat_khau", ("luong", low), ("mat_khau", 0.2)))
        rows.append(answered("luong", ("luong", low), ("mat_khau", 0.2)))
        rows.append(answered("luong", ("mat_khau", n / 340), ("wifi", 0.01)))
        rows.append(answered(OUT_OF_SCOPE, ("luong", low), (OUT_OF_SCOPE, 0.2)))
    return rows


def test_chosen_thresholds_meet_the_aims_and_the_next_lower_ones_do_not() -> None:
    chosen, table = choose(exam(), guides=GUIDES, office=OFFICE, now=OPEN)
    assert chosen.answered_wrong <= MAX_WRONG
    assert chosen.outside_wrong <= MAX_OUTSIDE_WRONG
    limits = chosen.thresholds
    lower = replace(limits, sure=round(limits.sure - 0.05, 2))
    worse = measure_at(exam(), lower, guides=GUIDES, office=OFFICE, now=OPEN)
    assert worse.answered_wrong > MAX_WRONG or worse.outside_wrong > MAX_OUTSIDE_WRONG
    assert len(table) > 10


def test_near_is_where_the_choices_begin_to_help() -> None:
    chosen, _ = choose(exam(), guides=GUIDES, office=OFFICE, now=OPEN)
    near = chosen.thresholds.near
    band = [a for a in exam() if near <= a.classification.confidence < near + 0.05]
    hits = [a.question.intent in dict(a.classification.ranking[:3]) for a in band]
    assert sum(hits) / len(hits) >= MIN_HELPED
    assert 0.2 < near < 0.4


def test_figures_are_what_citizens_would_get() -> None:
    rows = [
        answered("mat_khau", ("mat_khau", 0.9)),
        answered("mat_khau", ("luong", 0.9)),
        answered("luong", ("mat_khau", 0.4), ("luong", 0.3)),
        answered("luong", ("mat_khau", 0.01)),
        answered("luong", (OUT_OF_SCOPE, 0.9)),
        answered(OUT_OF_SCOPE, ("luong", 0.9)),
        answered(OUT_OF_SCOPE, (OUT_OF_SCOPE, 0.9)),
    ]
    figures = measure_at(
        rows, Thresholds(sure=0.6, likely=0.6, near=0.2), guides=GUIDES, office=OFFICE, now=OPEN
    )
    assert figures.answered_right == pytest.approx(1 / 5)
    assert figures.among_choices == pytest.approx(1 / 5)
    assert figures.fallback == pytest.approx(1 / 5)
    assert figures.sent_away == pytest.approx(1 / 5)
    assert figures.answered_wrong == pytest.approx(3 / 7)
    assert figures.outside_wrong == pytest.approx(1 / 2)


def test_table_and_file_hold_the_figures() -> None:
    chosen, table = choose(exam(), guides=GUIDES, office=OFFICE, now=OPEN)
    assert len(list(as_lines(table))) == len(table) + 1
    text = as_yaml(chosen, exam(), OPEN)
    assert f"sure: {chosen.thresholds.sure}" in text
    assert "in_scope: 400, out_of_scope: 100" in text


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"text": "a", "right": [], "kind": "as_is"}'])
def test_line_that_is_no_answer_is_named(line: bytes, tmp_path: Path) -> None:
    path = tmp_path / "exam.jsonl"
    good = b'{"text": "a", "right": ["x"], "kind": "as_is", "ranking": [["x", 0.5]]}\n'
    path.write_bytes(good + line)
    with pytest.raises(SettingsError, match="line 2"):
        read_answers(path)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"exam\.jsonl"):
        read_answers(tmp_path / "exam.jsonl")
