"""What a citizen may name that changes an answer, as lookup tables and synonyms for Rasa.

The words are in `data/entities.yaml`; the hamlets come from the offices of the content folder.
Rasa's own RegexEntityExtractor finds them and its EntitySynonymMapper makes them canonical.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nlu.text import strip_diacritics
from nlu.yaml_files import DATA_FOLDER, DataError, read_yaml

ENTITIES_FILE = DATA_FOLDER / "entities.yaml"
HAMLET = "hamlet"


@dataclass(frozen=True)
class EntityType:
    name: str
    example_intent: str
    example: str
    """A phrase of that intent with the entity marked in Rasa's way."""
    values: dict[str, tuple[str, ...]]
    """Canonical value → all ways to write it, with and without diacritics, itself first."""
    regex: str = ""


def _forms(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*words, *(strip_diacritics(word) for word in words)]))


def read_hamlets(content: Path) -> list[list[str]]:
    """The names of each hamlet of every office, the present one first. Raises DataError."""
    hamlets = []
    for path in sorted((content / "offices").glob("*.yaml")):
        raw = read_yaml(path)
        entries = raw.get("hamlets") if isinstance(raw, dict) else None
        for number, entry in enumerate(entries or [], start=1):
            if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
                raise DataError(f"{path}: hamlet {number} has no name")
            hamlets.append([entry["name"], *(entry.get("old_names") or [])])
    return hamlets


def read_entities(content: Path, path: Path = ENTITIES_FILE) -> list[EntityType]:
    """All entity types in the order of the file. Raises DataError naming the file at fault."""
    raw = read_yaml(path)
    found = []
    for name, entry in raw.items() if isinstance(raw, dict) else ():
        try:
            values = {key: _forms([key, *words]) for key, words in entry["values"].items()}
            example = entry["example"]
            found.append(
                EntityType(name, example["intent"], example["text"], values, entry.get("regex", ""))
            )
        except (KeyError, TypeError, AttributeError) as exc:
            raise DataError(f"{path}: {name} lacks example or values") from exc
        if name == HAMLET:
            values |= {names[0]: _forms(names) for names in read_hamlets(content)}
    return found


def as_training_lines(types: Sequence[EntityType]) -> list[str]:
    """Lookup tables, regular expressions and synonyms in Rasa's YAML."""
    lines = []
    for kind in types:
        if kind.values:
            lines += [f"- lookup: {kind.name}", "  examples: |"]
            lines += [f"    - {form}" for forms in kind.values.values() for form in forms]
        if kind.regex:
            lines += [f"- regex: {kind.name}", "  examples: |", f"    - {kind.regex}"]
        for value, forms in kind.values.items():
            if forms[1:]:
                lines += [f"- synonym: {value}", "  examples: |"]
                lines += [f"    - {form}" for form in forms[1:]]
    return lines
