"""Ranks intents: linear support vector machine plus nearest training example.

Confidence of an intent = geometric mean of its softmax share and of the cosine similarity between
the text and the nearest training example of that intent, both on sparse features. Softmax alone is
sure of itself on any text; a text unlike every example then still gets a low number.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

SEED = 20_261_122


@dataclass(frozen=True)
class RankingSettings:
    penalty: float = 0.5
    """C of the support vector machine; larger fits the examples more closely."""
    temperature: float = 0.35
    """Margins are divided by it before softmax; smaller makes the first intent surer."""
    similarity_power: float = 0.5
    """Share of similarity in the mean; 0.5 is the plain geometric mean."""


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
    ) -> None:
        """`weights` is columns × intents; `examples` rows have length one, ordered by intent."""
        self.intents = list(intents)
        self.weights = weights
        self.bias = bias
        self.examples = examples
        self.example_intents = example_intents
        self.settings = settings
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
    ) -> IntentRanker:
        """A ranker for the intents; `examples` are the similarity columns of the originals.

        Raises ValueError with fewer than two intents.
        """
        names = sorted(set(intents))
        if len(names) < 2:
            raise ValueError("at least two intents with examples are needed")
        number = {name: i for i, name in enumerate(names)}
        target = np.array([number[name] for name in intents])
        machine = LinearSVC(C=settings.penalty, random_state=SEED, max_iter=2000)
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
        )

    def margins(self, features: csr_matrix) -> np.ndarray:
        """Distance from each intent's boundary; one row, one column per intent."""
        return np.asarray(features @ self.weights) + self.bias

    def softmax(self, features: csr_matrix) -> np.ndarray:
        scaled = self.margins(features) / self.settings.temperature
        scaled -= scaled.max(axis=1, keepdims=True)
        shares = np.exp(scaled)
        return shares / shares.sum(axis=1, keepdims=True)

    def similarity(self, unit: np.ndarray, intent: int) -> float:
        """Cosine with the nearest training example of the intent, 0..1; `unit` has length one."""
        found = self._of_intent[intent] @ unit
        return float(min(max(found.max(), 0.0), 1.0)) if found.size else 0.0

    def rank(
        self, features: csr_matrix, similar: csr_matrix, *, length: int = 10
    ) -> list[list[tuple[str, float]]]:
        """For each row the `length` best intents with confidence 0..1, best first.

        `similar` holds the similarity columns of the same texts. A text without any known feature
        gets confidence 0 for every intent.
        """
        shares = self.softmax(features)
        unit = unit_rows(similar)
        power = self.settings.similarity_power
        out = []
        for index, share in enumerate(shares):
            best = np.argsort(-share, kind="stable")[:length]
            start, end = unit.indptr[index : index + 2]
            row = np.zeros(unit.shape[1], dtype=np.float32)
            row[unit.indices[start:end]] = unit.data[start:end]
            ranking = [
                (
                    self.intents[i],
                    float(share[i]) ** (1 - power) * self.similarity(row, i) ** power,
                )
                for i in best
            ]
            out.append(sorted(ranking, key=lambda pair: -pair[1]))
        return out

    def save(self, path: Path) -> None:
        """Two files beside each other: `path`.json and `path`.npz; no pickled code."""
        header = {"intents": self.intents, "settings": vars(self.settings)}
        path.with_suffix(".json").write_text(json.dumps(header), encoding="utf-8")
        np.savez(
            path.with_suffix(".npz"),
            weights=self.weights,
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
                arrays["weights"],
                arrays["bias"],
                examples,
                arrays["example_intents"],
                RankingSettings(**header["settings"]),
            )


def unit_rows(matrix: csr_matrix) -> csr_matrix:
    """The matrix with every non-empty row of length one."""
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scale = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    scaled = matrix.tocsr(copy=True)
    scaled.data = (scaled.data * np.repeat(scale, np.diff(scaled.indptr))).astype(np.float32)
    return scaled
