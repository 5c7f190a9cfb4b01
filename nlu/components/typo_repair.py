"""Replaces the text of tokens that are slips of syllables known from training; offsets stay."""

from __future__ import annotations

import json
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components.example_copies import COPY_OF
from nlu.spelling import Speller

_FILE = "syllables.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class TypoRepair(GraphComponent):
    def __init__(
        self, model_storage: ModelStorage, resource: Resource, speller: Speller | None
    ) -> None:
        self._model_storage = model_storage
        self._resource = resource
        self._speller = speller

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TypoRepair:
        return cls(model_storage, resource, None)

    def train(self, training_data: TrainingData) -> Resource:
        """Counts the syllables of the original examples and stores them with the model."""
        speller = Speller.learn(
            [token.text for token in example.get(TOKENS_NAMES[TEXT]) or []]
            for example in training_data.training_examples
            if not example.get(COPY_OF)
        )
        with self._model_storage.write_to(self._resource) as folder:
            text = json.dumps(speller.counts, ensure_ascii=False)
            (folder / _FILE).write_text(text, encoding="utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TypoRepair:
        with model_storage.read_from(resource) as folder:
            counts = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        return cls(model_storage, resource, Speller(counts))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """The messages, their tokens' texts repaired in place."""
        for message in messages:
            for token in message.get(TOKENS_NAMES[TEXT]) or []:
                token.text = self._speller.repair(token.text) if self._speller else token.text
                token.lemma = token.text
        return messages
