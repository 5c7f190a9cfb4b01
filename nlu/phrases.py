"""What is wrong with the training phrases: `python -m nlu.phrases`, part of `./dev check`.

Reports phrases that are equal after normalising, intents short of phrases, and phrases that are
nearer to another intent than to their own. The last are advice: two matters may be near each other.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from nlu.build_data import Examples, read_examples
from nlu.features import Reading, TwinFeatures, unit_rows
from nlu.lexicon import load_lexicon, read_syllables
from nlu.text import closing_start, split_syllables, strip_diacritics
from nlu.yaml_files import DataError, read_yaml

NEEDED_OF_CORE, NEEDED, NEEDED_OUTSIDE = 120, 80, 600
OUTSIDE = "ngoai_pham_vi"
TOO_NEAR = 0.85
"""Cosine from which on two phrases of different intents are as good as the same."""
_ROWS_AT_ONCE = 2_000


@dataclass(frozen=True)
class NearPair:
    likeness: float
    text: str
    intent: str
    other_text: str
    other_intent: str


def _key(text: str) -> str:
    """The text as it is compared: syllables without diacritics."""
    return " ".join(strip_diacritics(s.text) for s in split_syllables(text))


def duplicates(examples: Examples) -> Iterator[str]:
    seen: dict[str, str] = {}
    for intent, phrases in examples.phrases.items():
        for phrase in phrases:
            key = _key(phrase)
            if key in seen:
                yield f"{intent} and {seen[key]}: {phrase}"
            seen.setdefault(key, intent)


def shortages(examples: Examples, core: set[str]) -> Iterator[str]:
    for intent in examples.intents:
        needed = NEEDED_OF_CORE if intent in core else NEEDED
        needed = NEEDED_OUTSIDE if intent == OUTSIDE else needed
        found = len(examples.phrases.get(intent, ()))
        if found < needed:
            yield f"{intent}: {found} of {needed}"


def near_pairs(examples: Examples, *, least: float = TOO_NEAR) -> list[NearPair]:
    """Pairs of different intents with at least this cosine and no nearer phrase of their own."""
    rows = [(text, i) for i, texts in examples.phrases.items() for text in texts]
    intents = np.array([intent for _, intent in rows])
    unit = _unit_features([text for text, _ in rows])
    found = []
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = np.asarray((unit[start : start + _ROWS_AT_ONCE] @ unit.T).todense())
        for index, likeness in enumerate(part, start=start):
            likeness[index] = 0
            nearest = int(likeness.argmax())
            if likeness[nearest] >= least and intents[nearest] != intents[index]:
                found.append(NearPair(float(likeness[nearest]), *rows[index], *rows[nearest]))
    return sorted(found, key=lambda pair: -pair.likeness)


def _unit_features(texts: list[str]) -> csr_matrix:
    lexicon = load_lexicon()
    readings = []
    for text in texts:
        syllables = read_syllables(text, lexicon)
        readings.append(Reading(tuple(s.text for s in syllables), closing_start(text, syllables)))
    twin = TwinFeatures.learn(readings, longest=3)
    return unit_rows(twin.transform(readings)[:, twin.bare_start :])


def main(argv: list[str] | None = None) -> int:
    """Exit code 0; 1 if a phrase stands twice, an intent is short of phrases, a file is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--content", type=Path, default=Path("content"))
    parser.add_argument("--near", type=int, default=10, help="so many near pairs are shown")
    args = parser.parse_args(argv)
    try:
        examples = read_examples(args.content)
        raw = read_yaml(args.content / "intents.yaml")
    except DataError as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1
    core = {entry["name"] for entry in raw["intents"] if entry.get("core") == "true"}
    wrong = [f"[LỖI] twice: {text}" for text in duplicates(examples)]
    wrong += [f"[LỖI] short of phrases: {text}" for text in shortages(examples, core)]
    pairs = near_pairs(examples)
    for line in wrong:
        print(line)
    for pair in pairs[: args.near]:
        print(f"[GẦN] {pair.likeness:.2f} {pair.intent}: {pair.text}")
        print(f"           {pair.other_intent}: {pair.other_text}")
    total = sum(map(len, examples.phrases.values()))
    print(f"{total} phrases of {len(examples.phrases)} intents: {len(wrong)} problems, "
          f"{len(pairs)} nearest to another intent (likeness {TOO_NEAR} or more)")  # fmt: skip
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
