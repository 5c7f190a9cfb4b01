"""From what the classifier sees of an intent to the probability that it is the right one.

A logistic regression on three signals, fitted by `python -m nlu.calibrate` on phrases that the
classifier had not been trained on. The numbers, and when and on what they were fitted, are in
`data/calibration.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from sklearn.linear_model import LogisticRegression

CALIBRATION_FILE = Path(__file__).parent / "data" / "calibration.yaml"
SIGNALS = ("lead", "likeness", "resemblance")
"""Of an intent: its margin minus that of the best other intent; similarity to its three nearest
examples minus that of the candidate with the highest; logarithm of that highest similarity, by
which a text unlike every example loses confidence in all intents. Softmax was tried and adds
nothing to these."""


@dataclass(frozen=True)
class Calibration:
    weights: tuple[float, ...]
    """One for each of SIGNALS."""
    bias: float

    def probability(self, signals: np.ndarray) -> np.ndarray:
        """0..1 for signals of shape (…, 3)."""
        return 1 / (1 + np.exp(-(signals @ np.asarray(self.weights) + self.bias)))

    def as_mapping(self) -> dict[str, float]:
        return {**dict(zip(SIGNALS, self.weights, strict=True)), "bias": self.bias}


def calibration_of(numbers: Mapping[str, float | str]) -> Calibration:
    """The calibration with these numbers. Raises KeyError if one is missing."""
    return Calibration(tuple(float(numbers[name]) for name in SIGNALS), float(numbers["bias"]))


def load_calibration(path: Path = CALIBRATION_FILE) -> Calibration:
    return calibration_of(yaml.safe_load(path.read_text(encoding="utf-8"))["weights"])


def fit_calibration(signals: np.ndarray, is_right: np.ndarray) -> Calibration:
    """Fitted to signals of shape (n, 3) and whether that intent was the right one."""
    centre, spread = signals.mean(axis=0), signals.std(axis=0)
    machine = LogisticRegression(C=1.0, max_iter=1000).fit((signals - centre) / spread, is_right)
    weights = machine.coef_[0] / spread
    bias = float(machine.intercept_[0] - weights @ centre)
    return Calibration(tuple(round(float(w), 4) for w in weights), round(bias, 4))
