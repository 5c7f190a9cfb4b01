"""What citizens' abbreviations, dialect words and nicknames of apps stand for.

The words are in `data/lexicon.yaml`; a replacement keeps the place of what it replaces.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from nlu.text import Syllable, normalise_syllable, split_syllables, strip_diacritics

LEXICON_FILE = Path(__file__).parent / "data" / "lexicon.yaml"


@dataclass(frozen=True, slots=True)
class ContextRule:
    becomes: tuple[str, ...]
    before: frozenset[str]
    """Bare syllables of which one stands directly before the word."""
    after: frozenset[str]


@dataclass(frozen=True, slots=True)
class Lexicon:
    words: dict[str, tuple[str, ...]]
    unless_next: dict[str, frozenset[str]]
    in_context: dict[str, ContextRule]
    aliases: dict[tuple[str, ...], tuple[str, ...]]
    """Bare syllables → replacement."""
    emoji_alone: dict[str, tuple[str, ...]]
    longest_alias: int

    def expand(self, syllables: list[Syllable]) -> list[Syllable]:
        """Syllables with known words replaced; several may share the place of one original."""
        out: list[Syllable] = []
        index = 0
        bare = [strip_diacritics(s.text) for s in syllables]
        while index < len(syllables):
            size, texts = self._reading(syllables, bare, index)
            start, end = syllables[index].start, syllables[index + size - 1].end
            out.extend(Syllable(text, start, end) for text in texts)
            index += size
        return out

    def _reading(
        self, syllables: list[Syllable], bare: list[str], index: int
    ) -> tuple[int, tuple[str, ...]]:
        """How many syllables from `index` on are read together, and as what; longest first."""
        for size in range(min(self.longest_alias, len(bare) - index), 0, -1):
            alias = self.aliases.get(tuple(bare[index : index + size]))
            if alias:
                return size, alias
        word = syllables[index].text
        before = bare[index - 1] if index else ""
        after = syllables[index + 1].text if index + 1 < len(bare) else ""
        rule = self.in_context.get(word)
        if rule and (before in rule.before or strip_diacritics(after) in rule.after):
            return 1, rule.becomes
        if word == "nhiêu" and before == "bao":
            return 1, (word,)
        if after in self.unless_next.get(word, ()):
            return 1, (word,)
        return 1, self.words.get(word, (word,))


def _texts(phrase: str) -> tuple[str, ...]:
    return tuple(normalise_syllable(word) for word in phrase.lower().split())


def load_lexicon(path: Path = LEXICON_FILE) -> Lexicon:
    """The lexicon of the file, every value read as text."""
    raw = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    aliases = {
        tuple(strip_diacritics(word) for word in _texts(alias)): _texts(meaning)
        for alias, meaning in raw["aliases"].items()
    }
    return Lexicon(
        words={normalise_syllable(word): _texts(to) for word, to in raw["words"].items()},
        unless_next={word: frozenset(after) for word, after in raw["unless_next"].items()},
        in_context={
            rule["word"]: ContextRule(
                _texts(rule["becomes"]), frozenset(rule["before"]), frozenset(rule["after"])
            )
            for rule in raw["in_context"]
        },
        aliases=aliases,
        emoji_alone={emoji: _texts(meaning) for emoji, meaning in raw["emoji_alone"].items()},
        longest_alias=max(len(alias) for alias in aliases),
    )


def read_syllables(text: str, lexicon: Lexicon) -> list[Syllable]:
    """Syllables of any text, with the lexicon applied; empty if there is nothing to read."""
    syllables = split_syllables(text)
    if syllables:
        return lexicon.expand(syllables)
    for emoji, meaning in lexicon.emoji_alone.items():
        place = text.find(emoji)
        if place >= 0:
            return [Syllable(word, place, place + len(emoji)) for word in meaning]
    return []
