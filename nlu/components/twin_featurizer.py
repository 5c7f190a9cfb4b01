"""Sparse sentence features of the tokens, as written and without diacritics, and their concepts."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.features import Reading, TwinFeatures, part_weights
from nlu.text import closing_start

WRITTEN, BARE = "twin_written", "twin_bare"
"""Origins of the two feature blocks on a message."""

_FILE = "twin"


def _reading(message: Message) -> Reading:
    tokens = message.get(TOKENS_NAMES[TEXT]) or []
    closing = closing_start(message.get(TEXT) or "", tokens)
    return Reading(tuple(token.text for token in tokens), closing)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class TwinFeaturizer(SparseFeaturizer, GraphComponent):
    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        name: str,
        twin: TwinFeatures | None,
    ) -> None:
        super().__init__(name, config)
        self._model_storage = model_storage
        self._resource = resource
        self._twin = twin

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            **SparseFeaturizer.get_default_config(),
            "word_weight": 1.0,
            "letter_weight": 1.0,
            "closing_weight": 1.0,
            "concept_weight": 0.6,
            "longest_run": 5,
            "min_texts": 2,
        }

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Any value of the documented keys is accepted; Rasa asks for the method."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TwinFeaturizer:
        return cls(config, model_storage, resource, execution_context.node_name, None)

    def train(self, training_data: TrainingData) -> Resource:
        """Learns the columns from originals and copies and stores them with the model."""
        twin = TwinFeatures.learn(
            [_reading(example) for example in training_data.training_examples],
            weights=part_weights(self._config),
            longest=self._config["longest_run"],
            min_texts=self._config["min_texts"],
        )
        with self._model_storage.write_to(self._resource) as folder:
            twin.save(folder / _FILE)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TwinFeaturizer:
        with model_storage.read_from(resource) as folder:
            twin = TwinFeatures.load(folder / _FILE)
        return cls(config, model_storage, resource, execution_context.node_name, twin)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """The messages with one feature block for each twin added."""
        rows = self._twin.transform([_reading(message) for message in messages])
        border = self._twin.bare_start
        for origin, block in ((WRITTEN, rows[:, :border]), (BARE, rows[:, border:])):
            for index, message in enumerate(messages):
                features = Features(block[index], FEATURE_TYPE_SENTENCE, TEXT, origin)
                message.add_features(features)
        return messages
