"""Signals to probability, and its file."""

import tempfile
import unittest
from pathlib import Path

import numpy as np

from nlu.calibrate import reliability
from nlu.calibration import SIGNALS, Calibration, fit_calibration, load_calibration


class CalibrationTest(unittest.TestCase):
    def setUp(self):
        rng = np.random.default_rng(7)
        self.signals = rng.normal(size=(4_000, len(SIGNALS)))
        truth = 1 / (1 + np.exp(-(self.signals @ np.array([2.0, 1.0, 0.5]) - 0.3)))
        self.right = rng.random(4_000) < truth

    def test_probability_is_that_of_being_right(self):
        fitted = fit_calibration(self.signals, self.right)
        said = fitted.probability(self.signals)
        for low in (0.1, 0.5, 0.8):
            here = (said >= low) & (said < low + 0.1)
            self.assertAlmostEqual(low + 0.05, self.right[here].mean(), delta=0.06)

    def test_more_of_a_good_signal_gives_more_confidence(self):
        fitted = fit_calibration(self.signals, self.right)
        low, high = fitted.probability(np.array([[0.0, 0, 0], [1.0, 0, 0]]))
        self.assertLess(low, high)

    def test_shipped_file_is_complete_and_every_signal_counts_for_the_intent(self):
        shipped = load_calibration()
        self.assertTrue(all(weight > 0 for weight in shipped.weights))

    def test_file_that_lacks_a_weight_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "calibration.yaml"
            path.write_text("weights: {lead: 1, bias: 0}\n")
            with self.assertRaises(KeyError):
                load_calibration(path)

    def test_reliability_counts_by_tenth_of_the_best_candidate(self):
        calibration = Calibration((1.0, 0.0, 0.0), 0.0)
        signals = np.zeros((4, 2, 3))
        signals[:, 0, 0] = [3, 3, 3, -3]
        signals[:, 1, 0] = -5
        right = np.array([[True, False], [True, False], [False, True], [False, False]])
        self.assertEqual(
            [
                {"from": 0.0, "texts": 1, "right": 0.0},
                {"from": 0.9, "texts": 3, "right": 0.667},
            ],
            reliability(calibration, signals, right),
        )


if __name__ == "__main__":
    unittest.main()
