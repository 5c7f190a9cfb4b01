"""Twin features: the same n-grams of the text as written and of the text without diacritics.

Each twin has syllable 1–2-grams and letter 2–4-grams within a syllable. On top come the syllable
n-grams of the closing sentence, because a long letter asks at its end, and the concepts of
`concepts`. TF-IDF, each part of length one times its weight. The classifier sees all, similarity
only what does not depend on diacritics.
"""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, hstack

from nlu.concepts import concept_grams
from nlu.text import strip_diacritics

PARTS = (
    "written_words",
    "written_letters",
    "closing_words",
    "bare_words",
    "bare_letters",
    "concepts",
)
_LETTERS = {"written_letters", "bare_letters"}
_FIRST_BARE = "bare_words"


def part_weights(config: Mapping[str, float]) -> tuple[float, ...]:
    """Weights in the order of PARTS from the settings of the pipeline."""
    words, letters = config["word_weight"], config["letter_weight"]
    return (
        words,
        letters,
        config["closing_weight"],
        words,
        letters,
        config["concept_weight"],
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """What the pipeline read of one text."""

    syllables: tuple[str, ...]
    closing: int = 0
    """Index of the first syllable of the closing sentence."""


@lru_cache(maxsize=30_000)
def letter_grams(syllable: str, longest: int) -> tuple[str, ...]:
    """Runs of 2 to `longest` letters of the syllable with a space at both ends."""
    padded = f" {syllable} "
    return tuple(
        padded[i : i + n]
        for n in range(2, min(longest, len(padded)) + 1)
        for i in range(len(padded) - n + 1)
    )


def word_grams(syllables: Sequence[str]) -> list[str]:
    return [*syllables, *(f"{a} {b}" for a, b in itertools.pairwise(syllables))]


def _units(reading: Reading, part: str) -> Iterable[str]:
    """What is counted for a part; for letters the syllables, whose n-grams are known."""
    if part == "concepts":
        return concept_grams(reading.syllables)
    if part == "written_letters":
        return reading.syllables
    if part == "written_words":
        return word_grams(reading.syllables)
    bare = [strip_diacritics(syllable) for syllable in reading.syllables]
    if part == "bare_letters":
        return bare
    return word_grams(bare[reading.closing :] if part == "closing_words" else bare)


def _counts(texts: Sequence[Iterable[str]], columns: dict[str, int]) -> csr_matrix:
    """How often each known unit occurs; one row per text."""
    indptr, indices, data = [0], [], []
    for units in texts:
        for unit, times in Counter(units).items():
            column = columns.get(unit)
            if column is not None:
                indices.append(column)
                data.append(times)
        indptr.append(len(indices))
    return csr_matrix(
        (
            np.asarray(data, dtype=np.float32),
            np.asarray(indices, dtype=np.int32),
            np.asarray(indptr, dtype=np.int32),
        ),
        shape=(len(texts), len(columns)),
    )


def _letter_counts(
    texts: Sequence[Iterable[str]], columns: dict[str, int], longest: int
) -> csr_matrix:
    """As `_counts` for letter n-grams; those of a syllable are looked up once, however often."""
    texts = [tuple(syllables) for syllables in texts]
    distinct = {s: i for i, s in enumerate(dict.fromkeys(itertools.chain(*texts)))}
    grams = _counts([letter_grams(s, longest) for s in distinct], columns)
    return _counts(texts, distinct) @ grams


class TwinFeatures:
    """Which n-gram is which column and how rare it is."""

    def __init__(
        self,
        grams: list[list[str]],
        idf: np.ndarray,
        weights: Sequence[float],
        longest: int,
    ) -> None:
        """`grams` and `weights` in the order of PARTS, `idf` over all columns."""
        self.grams = grams
        self.weights = tuple(weights)
        self.longest = longest
        self.columns = [{gram: i for i, gram in enumerate(part)} for part in grams]
        borders = np.cumsum([0, *map(len, grams)])
        self.idf = [idf[a:b] for a, b in itertools.pairwise(borders)]
        self.width = int(borders[-1])
        self.bare_start = int(borders[PARTS.index(_FIRST_BARE)])

    @classmethod
    def learn(
        cls,
        texts: Sequence[Reading],
        *,
        weights: Sequence[float] = (1.0,) * len(PARTS),
        longest: int = 5,
        min_texts: int = 2,
    ) -> TwinFeatures:
        """Columns for every n-gram that occurs in at least `min_texts` of the texts."""
        grams, idf = [], []
        for part in PARTS:
            units = [list(_units(reading, part)) for reading in texts]
            texts_with = _texts_with(units, longest if part in _LETTERS else None)
            kept = sorted(gram for gram, n in texts_with.items() if n >= min_texts)
            grams.append(kept)
            idf += [math.log((1 + len(texts)) / (1 + texts_with[gram])) + 1 for gram in kept]
        return cls(grams, np.asarray(idf, dtype=np.float32), weights, longest)

    def transform(self, texts: Sequence[Reading]) -> csr_matrix:
        """One row per text; a text without any known n-gram gives an empty row."""
        blocks = []
        for number, part in enumerate(PARTS):
            units = [_units(reading, part) for reading in texts]
            if part in _LETTERS:
                block = _letter_counts(units, self.columns[number], self.longest)
            else:
                block = _counts(units, self.columns[number])
            block.data = 1 + np.log(block.data)
            block.data *= self.idf[number][block.indices]
            blocks.append(unit_rows(block, length=self.weights[number]))
        rows = hstack(blocks, format="csr", dtype=np.float32)
        rows.eliminate_zeros()
        return rows

    def save(self, path: Path) -> None:
        """Two files beside each other: `path`.json (n-grams) and `path`.npz (rarity)."""
        header = {"grams": self.grams, "weights": self.weights, "longest": self.longest}
        path.with_suffix(".json").write_text(
            json.dumps(header, ensure_ascii=False), encoding="utf-8"
        )
        np.savez(path.with_suffix(".npz"), idf=np.concatenate(self.idf))

    @classmethod
    def load(cls, path: Path) -> TwinFeatures:
        header = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        with np.load(path.with_suffix(".npz")) as arrays:
            return cls(header["grams"], arrays["idf"], header["weights"], header["longest"])


def _texts_with(texts: Sequence[Sequence[str]], longest: int | None) -> Counter[str]:
    """In how many texts each unit occurs; each letter n-gram of the units if `longest` is given."""
    found: Counter[str] = Counter()
    if longest is None:
        for units in texts:
            found.update(set(units))
        return found
    every = sorted({g for units in texts for s in set(units) for g in letter_grams(s, longest)})
    counts = _letter_counts(texts, {gram: i for i, gram in enumerate(every)}, longest)
    times = np.bincount(counts.indices, minlength=len(every))
    return Counter(dict(zip(every, times.tolist(), strict=True)))


def unit_rows(matrix: csr_matrix, *, length: float = 1.0) -> csr_matrix:
    """The matrix with every non-empty row of the given length."""
    rows = matrix.tocsr(copy=True)
    squares = np.asarray(rows.multiply(rows).sum(axis=1), dtype=np.float64).ravel()
    norms = np.sqrt(squares)
    scale = np.divide(length, norms, out=np.zeros_like(norms), where=norms > 0)
    rows.data = (rows.data * np.repeat(scale, np.diff(rows.indptr))).astype(np.float32)
    return rows
