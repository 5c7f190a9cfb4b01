"""Figures of the exam."""

import unittest

from nlu.scores import OUT_OF_SCOPE, Answer, as_text, at_threshold, by_intent, report


def answer(right: str, said: str, confidence: float, second: str = "x") -> Answer:
    ranking = ((said, confidence), (second, confidence / 2))
    return Answer("câu", (right,), "as_is", ranking)


ANSWERS = [
    answer("a", "a", 0.9),
    answer("a", "b", 0.4, second="a"),
    answer("b", "b", 0.6),
    answer(OUT_OF_SCOPE, OUT_OF_SCOPE, 0.9),
    answer(OUT_OF_SCOPE, "a", 0.5),
    answer(OUT_OF_SCOPE, "b", 0.2),
]


class Scores(unittest.TestCase):
    def test_threshold_counts_answers_refusals_and_right_ones(self):
        row = at_threshold(ANSWERS, 0.5)
        self.assertEqual(
            {"cutoff": 0.5, "coverage": 0.667, "precision": 0.667, "refused": 0.667}, row
        )

    def test_recall_and_precision_are_per_intent(self):
        table = by_intent(ANSWERS)
        self.assertEqual(
            (0.5, 0.5, 2), tuple(table["a"][k] for k in ("precision", "recall", "support"))
        )

    def test_second_right_intent_counts_as_right(self):
        either = Answer("câu", ("a", "b"), "as_is", (("b", 0.9),))
        self.assertTrue(either.is_right)
        self.assertEqual(1.0, by_intent([either])["b"]["recall"])

    def test_report_names_confusions_and_prints(self):
        figures = report(ANSWERS)
        self.assertEqual(0.5, figures["by_kind"]["as_is"]["accuracy"])
        self.assertIn("a → b", as_text(figures))


if __name__ == "__main__":
    unittest.main()
