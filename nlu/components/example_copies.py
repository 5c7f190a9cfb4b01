"""Training only: adds copies of the examples without diacritics and with slips."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.noise import copies

COPY_OF = "copy_of"
"""Message property that marks a copy; later components learn vocabulary from originals only."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class ExampleCopies(GraphComponent):
    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"noise_rate": 0.15, "noisy_copies": 1, "seed": 7}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ExampleCopies:
        return cls(config)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Training data of the originals followed by their copies."""
        made = [
            Message(data={TEXT: copy, INTENT: example.get(INTENT), COPY_OF: example.get(TEXT)})
            for example in training_data.intent_examples
            for copy in copies(
                example.get(TEXT) or "",
                seed=self._config["seed"],
                rate=self._config["noise_rate"],
                noisy=self._config["noisy_copies"],
            )
        ]
        return training_data.merge(TrainingData(training_examples=made))

    def process(self, messages: list[Message]) -> list[Message]:
        return messages
