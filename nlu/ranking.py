"""Ranks intents: linear support vector machine plus the nearest training examples.

Confidence is the calibrated probability (`calibration`) that the intent is the right one. It looks
at how far the machine puts the intent before the others and at how much the text resembles its
examples, because a softmax of the margins is sure of itself on any text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from nlu.calibration import Calibration, calibration_of
from nlu.features import unit_rows

SEED = 20_261_122
_LEAST_LIKENESS = 0.02
"""Added before the logarithm: a text without a common n-gram has similarity 0."""
_NEAREST = 3
"""So many nearest examples of an intent are averaged: one alone may be a stray."""


@dataclass(frozen=True)
class RankingSettings:
    penalty: float = 0.5
    """C of the support vector machine; larger fits the examples more closely."""


class IntentRanker:
    """Weights of the classes and the examples that similarity looks at."""

    def __init__(
        self,
        intents: Sequence[str],
        weights: np.ndarray,
        bias: np.ndarray,
        examples: csr_matrix,
        example_intents: np.ndarray,
        settings: RankingSettings,
        calibration: Calibration,
    ) -> None:
        """`weights` is columns × intents; `examples` rows have length one, ordered by intent."""
        self.intents = list(intents)
        self.weights = weights
        self.bias = bias
        self.examples = examples
        self.example_intents = example_intents
        self.settings = settings
        self.calibration = calibration
        border = np.searchsorted(example_intents, np.arange(len(self.intents) + 1))
        self._of_intent = [examples[border[i] : border[i + 1]] for i in range(len(self.intents))]

    @classmethod
    def learn(
        cls,
        features: csr_matrix,
        intents: Sequence[str],
        *,
        examples: csr_matrix,
        example_intents: Sequence[str],
        settings: RankingSettings,
        calibration: Calibration,
    ) -> IntentRanker:
        """A ranker for the intents; `examples` are the similarity columns of the originals.

        Raises ValueError with fewer than two intents.
        """
        names = sorted(set(intents))
        if len(names) < 2:
            raise ValueError("at least two intents with examples are needed")
        number = {name: i for i, name in enumerate(names)}
        target = np.array([number[name] for name in intents])
        # One machine after the other: the solver's random numbers are shared by all threads, and
        # the same data must give the same model.
        machine = LinearSVC(C=settings.penalty, random_state=SEED, max_iter=2000, tol=0.1)
        machine.fit(features, target)
        weights, bias = machine.coef_, machine.intercept_
        if len(names) == 2:
            weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
        labels = np.array([number[name] for name in example_intents])
        order = np.argsort(labels, kind="stable")
        return cls(
            names,
            np.ascontiguousarray(weights.T, dtype=np.float32),
            bias.astype(np.float32),
            unit_rows(examples)[order],
            labels[order],
            settings,
            calibration,
        )

    def margins(self, features: csr_matrix) -> np.ndarray:
        """Distance from each intent's boundary; one row, one column per intent."""
        return np.asarray(features @ self.weights) + self.bias

    def _likeness(self, unit: np.ndarray, intent: int) -> float:
        """Mean cosine with the nearest examples of the intent, 0..1; `unit` has length one."""
        found = self._of_intent[intent] @ unit
        return float(np.sort(found)[-_NEAREST:].mean()) if found.size else 0.0

    def signals(
        self, features: csr_matrix, similar: csr_matrix, *, length: int = 10
    ) -> tuple[np.ndarray, np.ndarray]:
        """The `length` best intents of each text by margin, and their `calibration.SIGNALS`.

        Shapes (texts, length) and (texts, length, 3). `similar` holds the similarity columns.
        """
        margins = self.margins(features)
        best = np.argsort(-margins, axis=1, kind="stable")[:, :length]
        top = np.take_along_axis(margins, best, axis=1)
        lead = top - top[:, :1]
        lead[:, 0] = top[:, 0] - top[:, 1]
        unit = unit_rows(similar)
        likeness = np.zeros_like(top)
        for index in range(len(best)):
            start, end = unit.indptr[index : index + 2]
            row = np.zeros(unit.shape[1], dtype=np.float32)
            row[unit.indices[start:end]] = unit.data[start:end]
            likeness[index] = [self._likeness(row, intent) for intent in best[index]]
        highest = likeness.max(axis=1, keepdims=True)
        resemblance = np.broadcast_to(np.log(highest + _LEAST_LIKENESS), top.shape)
        return best, np.stack([lead, likeness - highest, resemblance], axis=-1)

    def rank(
        self, features: csr_matrix, similar: csr_matrix, *, length: int = 10
    ) -> list[list[tuple[str, float]]]:
        """For each row the `length` best intents with confidence 0..1, best first.

        `similar` holds the similarity columns of the same texts. A text without any known feature
        gets confidence 0 for every intent.
        """
        best, signals = self.signals(features, similar, length=length)
        confidence = self.calibration.probability(signals)
        confidence[np.diff(features.indptr) == 0] = 0.0
        order = np.argsort(-confidence, axis=1, kind="stable")
        return [
            [(self.intents[best[i, j]], float(confidence[i, j])) for j in order[i]]
            for i in range(len(best))
        ]

    def save(self, path: Path) -> None:
        """Two files beside each other: `path`.json and `path`.npz; no pickled code."""
        header = {
            "intents": self.intents,
            "settings": vars(self.settings),
            "calibration": self.calibration.as_mapping(),
        }
        path.with_suffix(".json").write_text(json.dumps(header), encoding="utf-8")
        np.savez(
            path.with_suffix(".npz"),
            # Half the size on disk; the third digit of a weight decides nothing.
            weights=self.weights.astype(np.float16),
            bias=self.bias,
            data=self.examples.data,
            indices=self.examples.indices,
            indptr=self.examples.indptr,
            shape=np.array(self.examples.shape),
            example_intents=self.example_intents,
        )

    @classmethod
    def load(cls, path: Path) -> IntentRanker:
        header = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        with np.load(path.with_suffix(".npz")) as arrays:
            examples = csr_matrix(
                (arrays["data"], arrays["indices"], arrays["indptr"]), shape=tuple(arrays["shape"])
            )
            return cls(
                header["intents"],
                arrays["weights"].astype(np.float32),
                arrays["bias"],
                examples,
                arrays["example_intents"],
                RankingSettings(**header["settings"]),
                calibration_of(header["calibration"]),
            )
