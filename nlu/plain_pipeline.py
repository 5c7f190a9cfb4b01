"""The pipeline of config.yml without Rasa: the same modules, the same settings, in one process.

For cross-validation and experiments, where starting Rasa for every fold would cost minutes. A test
holds it to the same answers as the trained Rasa model.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from nlu.features import TwinFeatures
from nlu.lexicon import Lexicon, load_lexicon, read_syllables
from nlu.noise import copies
from nlu.ranking import IntentRanker, RankingSettings
from nlu.spelling import Speller

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
        self._speller = Speller.learn(read)
        all_read, all_intents = [*read], [*intents]
        for text, intent in zip(texts, intents, strict=True):
            for copy in copies(
                text, seed=use["seed"], rate=use["noise_rate"], noisy=use["noisy_copies"]
            ):
                all_read.append(self._read(copy))
                all_intents.append(intent)
        repaired = [self._repair(syllables) for syllables in all_read]
        words, letters = use["word_weight"], use["letter_weight"]
        self._features = TwinFeatures.learn(
            repaired,
            weights=(words, letters, words, letters, use["concept_weight"]),
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
        )

    def _read(self, text: str) -> list[str]:
        return [syllable.text for syllable in read_syllables(text, self._lexicon)]

    def _repair(self, syllables: list[str]) -> list[str]:
        return [self._speller.repair(syllable) for syllable in syllables]

    def features(self, texts: Sequence[str]) -> Any:
        return self._features.transform([self._repair(self._read(text)) for text in texts])

    def rank(self, texts: Sequence[str]) -> list[list[tuple[str, float]]]:
        """For each text its best intents with confidence, best first."""
        matrix = self.features(texts)
        bare = matrix[:, self._features.bare_start :]
        return self.ranker.rank(matrix, bare, length=self._length)
