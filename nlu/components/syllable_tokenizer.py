"""Tokens are normalised Vietnamese syllables, lexicon applied; offsets point into the text as sent.

The text of the message itself stays untouched.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from nlu.lexicon import load_lexicon, read_syllables


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class SyllableTokenizer(Tokenizer):
    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self._lexicon = load_lexicon()

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_"}

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        syllables = read_syllables(message.get(attribute) or "", self._lexicon)
        return [Token(s.text, s.start, s.end) for s in syllables]
