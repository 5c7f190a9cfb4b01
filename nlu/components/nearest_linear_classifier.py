"""Intent classifier on the twin features; confidence also asks for a similar training example."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack, vstack

from nlu.calibration import load_calibration
from nlu.components.example_copies import COPY_OF
from nlu.components.twin_featurizer import BARE, WRITTEN
from nlu.ranking import IntentRanker, RankingSettings

_FILE = "ranker"


def _columns(messages: list[Message], origin: str) -> csr_matrix:
    rows = [
        next(f.features for f in message.features if f.origin == origin and f.attribute == TEXT)
        for message in messages
    ]
    return vstack(rows, format="csr")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class NearestLinearClassifier(IntentClassifier, GraphComponent):
    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        ranker: IntentRanker | None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._ranker = ranker

    @classmethod
    def required_components(cls) -> list[type]:
        return [Featurizer]

    @staticmethod
    def required_packages() -> list[str]:
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        settings = RankingSettings()
        return {**vars(settings), "ranking_length": 10}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NearestLinearClassifier:
        return cls(config, model_storage, resource, None)

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from originals and copies; similarity looks at the originals only."""
        examples = [e for e in training_data.intent_examples if e.get(TEXT)]
        bare = _columns(examples, BARE)
        kept = [i for i, example in enumerate(examples) if not example.get(COPY_OF)]
        settings = {key: self._config[key] for key in vars(RankingSettings())}
        ranker = IntentRanker.learn(
            hstack([_columns(examples, WRITTEN), bare], format="csr"),
            [example.get(INTENT) for example in examples],
            examples=bare[kept],
            example_intents=[examples[i].get(INTENT) for i in kept],
            settings=RankingSettings(**settings),
            calibration=load_calibration(),
        )
        with self._model_storage.write_to(self._resource) as folder:
            ranker.save(folder / _FILE)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> NearestLinearClassifier:
        with model_storage.read_from(resource) as folder:
            ranker = IntentRanker.load(folder / _FILE)
        return cls(config, model_storage, resource, ranker)

    def process(self, messages: list[Message]) -> list[Message]:
        """The messages with `intent` and `intent_ranking` set, best first."""
        for message in messages:
            bare = _columns([message], BARE)
            both = hstack([_columns([message], WRITTEN), bare], format="csr")
            ranking = self._ranker.rank(both, bare, length=self._config["ranking_length"])[0]
            entries = [
                {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: round(confidence, 6)}
                for name, confidence in ranking
            ]
            message.set(INTENT, entries[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, entries, add_to_output=True)
        return messages
