"""The pipeline of config.yml without Rasa: the same modules, the same settings, in one process.

For cross-validation and experiments, where starting Rasa for every fold would cost minutes. A test
holds it to the same answers as the trained Rasa model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy.sparse import csr_matrix

from nlu.calibration import load_calibration
from nlu.features import Reading, TwinFeatures, part_weights
from nlu.lexicon import Lexicon, load_lexicon, read_syllables
from nlu.noise import copies
from nlu.ranking import IntentRanker, RankingSettings
from nlu.spelling import Speller
from nlu.text import closing_start

CONFIG_FILE = Path(__file__).parent / "config.yml"


def read_settings(path: Path = CONFIG_FILE) -> dict[str, Any]:
    """Settings of all components of the file in one dictionary; their names do not overlap."""
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {k: v for part in config["pipeline"] for k, v in part.items() if k != "name"}


class PlainPipeline:
    """Trained by its constructor; `rank` answers as the Rasa model would."""

    def __init__(
        self, texts: Sequence[str], intents: Sequence[str], settings: dict[str, Any] | None = None
    ) -> None:
        use = {**read_settings(), **(settings or {})}
        self._length = use["ranking_length"]
        self._lexicon: Lexicon = load_lexicon()
        read = [self._read(text) for text in texts]
        self._speller = Speller.learn(reading.syllables for reading in read)
        all_read, all_intents = [*read], [*intents]
        for text, intent in zip(texts, intents, strict=True):
            for copy in copies(
                text, seed=use["seed"], rate=use["noise_rate"], noisy=use["noisy_copies"]
            ):
                all_read.append(self._read(copy))
                all_intents.append(intent)
        repaired = [self._repair(reading) for reading in all_read]
        self._features = TwinFeatures.learn(
            repaired,
            weights=part_weights(use),
            longest=use["longest_run"],
            min_texts=use["min_texts"],
        )
        matrix = self._features.transform(repaired)
        self.ranker = IntentRanker.learn(
            matrix,
            all_intents,
            examples=matrix[: len(texts), self._features.bare_start :],
            example_intents=intents,
            settings=RankingSettings(**{k: use[k] for k in vars(RankingSettings())}),
            calibration=load_calibration(),
        )

    def _read(self, text: str) -> Reading:
        syllables = read_syllables(text, self._lexicon)
        return Reading(tuple(s.text for s in syllables), closing_start(text, syllables))

    def _repair(self, reading: Reading) -> Reading:
        return replace(reading, syllables=tuple(self._speller.repair(s) for s in reading.syllables))

    def features(self, texts: Sequence[str]) -> csr_matrix:
        return self._features.transform([self._repair(self._read(text)) for text in texts])

    def rank(self, texts: Sequence[str]) -> list[list[tuple[str, float]]]:
        """For each text its best intents with confidence, best first."""
        matrix, bare = self._matrices(texts)
        return self.ranker.rank(matrix, bare, length=self._length)

    def signals(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """For each text its best intents by number, and what calibration looks at."""
        matrix, bare = self._matrices(texts)
        return self.ranker.signals(matrix, bare, length=self._length)

    def _matrices(self, texts: Sequence[str]) -> tuple[csr_matrix, csr_matrix]:
        matrix = self.features(texts)
        return matrix, matrix[:, self._features.bare_start :]
