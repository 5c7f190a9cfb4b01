"""The figures of `eval` on cases small enough to be worked out by hand."""

from __future__ import annotations

import pytest

from bot.errors import SettingsError
from bot.evaluate import (
    OUT_OF_SCOPE,
    Question,
    Verdict,
    best_intent,
    judge,
    macro_f1,
    measure,
    parse_question,
)
from bot.talk import Classification, Decision, Outcome, Talk
from bot.worker import Thought
from tests.bot.builders import make_guides


def question(intent: str, *accept: str, kind: str = "", variant: str = "") -> Question:
    return Question(text="x", intent=intent, accept=frozenset(accept), kind=kind, variant=variant)


def decided(
    outcome: Outcome, intent: str | None, *choices: str, is_understood: bool = True
) -> Decision:
    return Decision(
        outcome=outcome, reply=None, talk=Talk(), intent=intent, choices=choices,
        is_understood=is_understood,
    )  # fmt: skip


def thought(decision: Decision, best: str | None = None) -> Thought:
    name = best or decision.intent
    found = Classification(ranking=((name, 0.9),)) if name else None
    return Thought(decision=decision, classification=found)


@pytest.mark.parametrize(
    ("right", "decision", "verdict"),
    [
        (question("a"), decided(Outcome.ANSWERED, "a"), Verdict.ANSWERED_RIGHT),
        (question("a"), decided(Outcome.ANSWERED, "b"), Verdict.ANSWERED_WRONG),
        (question("a", "b"), decided(Outcome.ANSWERED, "b"), Verdict.ANSWERED_RIGHT),
        (question("a"), decided(Outcome.SAFETY, "a"), Verdict.ANSWERED_RIGHT),
        (question("a"), decided(Outcome.SAFETY, "b"), Verdict.ANSWERED_WRONG),
        (question("a"), decided(Outcome.TALK, "b"), Verdict.ANSWERED_WRONG),
        (question("a"), decided(Outcome.HANDOVER, "a"), Verdict.ANSWERED_RIGHT),
        (question("a"), decided(Outcome.CLARIFY, "b", "b", "a"), Verdict.RIGHT_AMONG_CHOICES),
        (question("a", "c"), decided(Outcome.CLARIFY, "b", "c"), Verdict.RIGHT_AMONG_CHOICES),
        (question("a"), decided(Outcome.CLARIFY, "a"), Verdict.FALLBACK),
        (question("a"), decided(Outcome.CLARIFY, "b", "b", "c"), Verdict.FALLBACK),
        (
            question("can_hoi_lai"),
            decided(Outcome.CLARIFY, "can_hoi_lai", "b"),
            Verdict.ANSWERED_RIGHT,
        ),
        (question("a"), decided(Outcome.CLARIFY, "can_hoi_lai", "b"), Verdict.FALLBACK),
        (question("a"), decided(Outcome.NO_CONTENT, "a"), Verdict.NO_GUIDE),
        (question("a"), decided(Outcome.NO_CONTENT, "b"), Verdict.FALLBACK),
        (
            question("a"),
            decided(Outcome.NO_CONTENT, "a", is_understood=False),
            Verdict.FALLBACK,
        ),
        (question("a"), decided(Outcome.ERROR, None), Verdict.FALLBACK),
        (question("a"), decided(Outcome.UNSUPPORTED, None), Verdict.FALLBACK),
        (question("a"), decided(Outcome.OUT_OF_SCOPE, OUT_OF_SCOPE), Verdict.ANSWERED_WRONG),
        (
            question("a", OUT_OF_SCOPE),
            decided(Outcome.OUT_OF_SCOPE, OUT_OF_SCOPE),
            Verdict.REFUSED,
        ),
        (question(OUT_OF_SCOPE), decided(Outcome.OUT_OF_SCOPE, OUT_OF_SCOPE), Verdict.REFUSED),
        (question(OUT_OF_SCOPE), decided(Outcome.NO_CONTENT, "a"), Verdict.REFUSED),
        (question(OUT_OF_SCOPE), decided(Outcome.CLARIFY, "a", "a"), Verdict.REFUSED),
        (question(OUT_OF_SCOPE), decided(Outcome.ANSWERED, "a"), Verdict.ANSWERED_WRONG),
        (question(OUT_OF_SCOPE), decided(Outcome.TALK, "chao_hoi"), Verdict.ANSWERED_WRONG),
    ],
)
def test_verdict_is_what_the_citizen_got(
    right: Question, decision: Decision, verdict: Verdict
) -> None:
    assert judge(right, decision) is verdict


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], 0.0),
        ([(question("a"), "a")], 1.0),
        ([(question("a"), "b")], 0.0),
        # a: 1 of 2 found, nothing wrongly called a: F1 = 2·1/(2+1) = 0.6667; b: 2·1/(1+2) = 0.6667.
        ([(question("a"), "a"), (question("a"), "b"), (question("b"), "b")], 0.6667),
        # a: 2·2/(2+2) = 1; b: 0/(1+0) = 0; c occurs only as an answer and has no line of its own.
        ([(question("a"), "a"), (question("a"), "a"), (question("b"), "c")], 0.5),
        # An accepted other counts as the right one: a 1, b 1.
        ([(question("a", "c"), "c"), (question("b"), "b")], 1.0),
        # a: 2·1/(1+3) = 0.5; b: 0; c: 0 → 0.1667.
        ([(question("a"), "a"), (question("b"), "a"), (question("c"), "a")], 0.1667),
    ],
)
def test_macro_f1_is_the_mean_over_the_right_intents(
    pairs: list[tuple[Question, str]], expected: float
) -> None:
    assert macro_f1(pairs) == expected


def test_best_intent_is_the_models_or_the_shortcuts() -> None:
    decision = decided(Outcome.ANSWERED, "b")
    assert best_intent(thought(decision, "a")) == "a"
    assert best_intent(Thought(decision=decision, classification=None)) == "b"
    nothing = decided(Outcome.ERROR, None)
    assert best_intent(Thought(decision=nothing, classification=None)) == ""


PAIRS = [
    (question("mat_khau", kind="teencode"), thought(decided(Outcome.ANSWERED, "mat_khau"))),
    (question("mat_khau", kind="plain"), thought(decided(Outcome.CLARIFY, "luong", "mat_khau"))),
    (
        question("luong", "mat_khau", variant="a"),
        thought(decided(Outcome.ANSWERED, "mat_khau")),
    ),
    (question("chua_co"), thought(decided(Outcome.NO_CONTENT, "chua_co"))),
    (question(OUT_OF_SCOPE), thought(decided(Outcome.OUT_OF_SCOPE, OUT_OF_SCOPE))),
    (question(OUT_OF_SCOPE), thought(decided(Outcome.ANSWERED, "luong"))),
]


def test_figures_over_everything_add_up() -> None:
    figures = measure(PAIRS, make_guides())["all"]
    assert figures["questions"] == 6
    # Right: 1st, 3rd (accepted), 4th, 5th.
    assert figures["accuracy"] == round(4 / 6, 4)
    assert figures["decisions"] == {
        "answered_right": 2,
        "right_among_choices": 1,
        "answered_wrong": 0,
        "fallback": 0,
        "no_guide": 1,
    }
    assert figures[OUT_OF_SCOPE] == {"questions": 2, "refused": 1, "answered_wrongly": 1}
    # mat_khau 2·1/(2+1); luong 2·1/(1+3): called luong are the 2nd, the accepted 3rd and the 6th;
    # chua_co 1; ngoai_pham_vi 2·1/(2+1).
    expected = (2 / 3 + 2 / 4 + 1 + 2 / 3) / 4
    assert figures["macro_f1"] == round(expected, 4)


def test_figures_of_parts_are_over_those_parts_only() -> None:
    result = measure(PAIRS, make_guides())
    assert {t: f["questions"] for t, f in result["by_topic"].items()} == {
        "pension": 2, "talk": 2, "vneid": 2,
    }  # fmt: skip
    assert result["by_topic"]["vneid"]["accuracy"] == 0.5
    assert {k: f["questions"] for k, f in result["by_kind"].items()} == {"plain": 1, "teencode": 1}
    assert result["by_kind"]["plain"]["accuracy"] == 0.0
    assert list(result["by_variant"]) == ["a"]


def test_question_of_an_unknown_intent_has_a_topic_of_its_own() -> None:
    result = measure([(question("la"), thought(decided(Outcome.NO_CONTENT, "x")))], make_guides())
    assert list(result["by_topic"]) == ["?"]


def test_confusions_are_counted_most_frequent_first_without_accepted_ones() -> None:
    wrong = (question("mat_khau"), thought(decided(Outcome.ANSWERED, "cai_app")))
    assert measure([*PAIRS, wrong, wrong], make_guides())["confusions"] == [
        {"intent": "mat_khau", "taken_for": "cai_app", "count": 2},
        {"intent": "mat_khau", "taken_for": "luong", "count": 1},
        {"intent": OUT_OF_SCOPE, "taken_for": "luong", "count": 1},
    ]


def test_verdicts_cover_every_question_once() -> None:
    figures = measure(PAIRS, make_guides())["all"]
    told = sum(figures["decisions"].values()) + figures[OUT_OF_SCOPE]["questions"]
    assert told == figures["questions"]


def test_no_questions_are_no_division_by_zero() -> None:
    figures = measure([], make_guides())["all"]
    assert (figures["questions"], figures["accuracy"], figures["macro_f1"]) == (0, 0.0, 0.0)


def test_question_is_read_with_what_else_is_right() -> None:
    row = {"text": "x", "intent": "a", "accept": ["b"], "kind": "k", "variant": "v"}
    found = parse_question(row)
    assert found.right == {"a", "b"}
    assert (found.kind, found.variant) == ("k", "v")
    assert parse_question({"text": "x", "intent": "a"}).right == {"a"}


@pytest.mark.parametrize("intent", [None, "", 5, []])
def test_line_without_an_intent_is_refused(intent: object) -> None:
    with pytest.raises(SettingsError):
        parse_question({"text": "câu này", "intent": intent})
