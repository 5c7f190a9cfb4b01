"""Twin features: the same n-grams of the text as written and of the text without diacritics.

Each twin has syllable 1–2-grams and letter 1–5-grams within a syllable; the concepts of
`concepts` come on top. TF-IDF, each part of length one times its weight. The classifier sees all,
similarity only what does not depend on diacritics.
"""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from nlu.concepts import concept_grams
from nlu.text import strip_diacritics

PARTS = ("written_words", "written_letters", "bare_words", "bare_letters", "concepts")


@lru_cache(maxsize=30_000)
def letter_grams(syllable: str, longest: int) -> tuple[str, ...]:
    """Runs of 1 to `longest` letters of the syllable with a space at both ends."""
    padded = f" {syllable} "
    return tuple(
        padded[i : i + n]
        for n in range(1, min(longest, len(padded)) + 1)
        for i in range(len(padded) - n + 1)
    )


def word_grams(syllables: Sequence[str]) -> list[str]:
    return [*syllables, *(f"{a} {b}" for a, b in itertools.pairwise(syllables))]


class TwinFeatures:
    """Which n-gram is which column and how rare it is."""

    def __init__(
        self,
        grams: list[list[str]],
        idf: np.ndarray,
        weights: Sequence[float],
        longest: int,
    ) -> None:
        self.grams = grams
        self.idf = idf
        self.weights = tuple(weights)
        self.longest = longest
        self.columns: list[dict[str, int]] = []
        start = 0
        for part in grams:
            self.columns.append({gram: start + i for i, gram in enumerate(part)})
            start += len(part)
        self.width = start
        self.bare_start = len(grams[0]) + len(grams[1])

    @staticmethod
    def _counts(syllables: Sequence[str], longest: int) -> list[Counter[str]]:
        counts = []
        for view in (syllables, [strip_diacritics(s) for s in syllables]):
            letters: Counter[str] = Counter()
            for syllable in view:
                letters.update(letter_grams(syllable, longest))
            counts += [Counter(word_grams(view)), letters]
        counts.append(Counter(concept_grams(syllables)))
        return counts

    @classmethod
    def learn(
        cls,
        texts: Sequence[Sequence[str]],
        *,
        weights: Sequence[float] = (1.0, 1.0, 1.0, 1.0, 1.0),
        longest: int = 5,
        min_texts: int = 2,
    ) -> TwinFeatures:
        """Columns for every n-gram that occurs in at least `min_texts` of the texts."""
        found: list[Counter[str]] = [Counter() for _ in PARTS]
        for syllables in texts:
            for part, counts in zip(found, cls._counts(syllables, longest), strict=True):
                part.update(counts.keys())
        grams = [sorted(g for g, n in part.items() if n >= min_texts) for part in found]
        idf = [
            math.log((1 + len(texts)) / (1 + part[g])) + 1
            for part, kept in zip(found, grams, strict=True)
            for g in kept
        ]
        return cls(grams, np.asarray(idf, dtype=np.float32), weights, longest)

    def transform(self, texts: Sequence[Sequence[str]]) -> csr_matrix:
        """One row per text; a text without any known n-gram gives an empty row."""
        indptr, indices, data, size = [0], [], [], 0
        for syllables in texts:
            for part, counts in enumerate(self._counts(syllables, self.longest)):
                columns, weight = self.columns[part], self.weights[part]
                hits = [(columns[g], n) for g, n in counts.items() if g in columns]
                if not hits or not weight:
                    continue
                place = np.array([c for c, _ in hits])
                value = (1 + np.log(np.array([n for _, n in hits]))) * self.idf[place]
                indices.append(place)
                size += len(place)
                data.append(value * (weight / np.linalg.norm(value)))
            indptr.append(size)
        return csr_matrix(
            (
                np.concatenate(data).astype(np.float32) if data else np.zeros(0, np.float32),
                np.concatenate(indices) if indices else np.zeros(0, np.int32),
                indptr,
            ),
            shape=(len(texts), self.width),
        )

    def save(self, path: Path) -> None:
        """Two files beside each other: `path`.json (n-grams) and `path`.npz (rarity)."""
        header = {"grams": self.grams, "weights": self.weights, "longest": self.longest}
        path.with_suffix(".json").write_text(
            json.dumps(header, ensure_ascii=False), encoding="utf-8"
        )
        np.savez(path.with_suffix(".npz"), idf=self.idf)

    @classmethod
    def load(cls, path: Path) -> TwinFeatures:
        header = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        with np.load(path.with_suffix(".npz")) as arrays:
            return cls(header["grams"], arrays["idf"], header["weights"], header["longest"])
