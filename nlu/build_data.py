"""Training files for Rasa from the phrases that officers keep in the content folder.

`python -m nlu.build_data --content content --out var/nlu/training.yml` writes that file and
`domain.yml` beside it.
"""

from __future__ import annotations

import argparse
import re
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from nlu.entities import EntityType, as_training_lines, read_entities
from nlu.yaml_files import DATA_FOLDER, DataError, read_yaml

_RASA_MARKUP = str.maketrans({"[": "(", "]": ")", "{": "(", "}": ")"})


@dataclass(frozen=True)
class Examples:
    intents: list[str]
    """All intents of intents.yaml, in its order, with or without phrases."""
    phrases: dict[str, list[str]]
    """Intent → phrases in the order of the file; intents without phrases are absent."""
    entities: list[EntityType]
    """Those whose example belongs to an intent with phrases."""


def read_intents(content: Path) -> list[str]:
    """Names of the intents in the order of intents.yaml."""
    path = content / "intents.yaml"
    raw = read_yaml(path)
    entries = raw.get("intents") if isinstance(raw, dict) else raw
    if not isinstance(entries, list) or not entries:
        raise DataError(f"{path}: a list of intents is expected")
    names = []
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise DataError(f"{path}: entry {number} has no name")
        names.append(entry["name"])
    return names


def read_phrases(path: Path) -> list[str]:
    """Phrases of one phrases.yaml, NFC, on one line each.

    Raises DataError with the path and the number of the entry at fault.
    """
    raw = read_yaml(path)
    entries = raw.get("phrases") if isinstance(raw, dict) else None
    if not isinstance(entries, list):
        raise DataError(f"{path}: a list under 'phrases' is expected")
    phrases = []
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, str):
            raise DataError(f"{path}: phrase {number} is not text: put it in quotes")
        phrase = re.sub(r"\s+", " ", unicodedata.normalize("NFC", entry)).strip()
        if not phrase:
            raise DataError(f"{path}: phrase {number} is empty")
        phrases.append(phrase)
    return phrases


def read_examples(content: Path) -> Examples:
    """All training phrases: content/guides/*/phrases.yaml plus nlu/data/<intent>.yaml.

    Raises DataError if a folder is no intent of intents.yaml or a file is broken.
    """
    intents = read_intents(content)
    phrases: dict[str, list[str]] = {}
    guides = sorted((content / "guides").glob("*/phrases.yaml"))
    own = sorted((DATA_FOLDER / "examples").glob("*.yaml"))
    for path, intent in [(p, p.parent.name) for p in guides] + [(p, p.stem) for p in own]:
        if intent not in intents:
            raise DataError(f"{path}: intents.yaml has no intent {intent!r}")
        known = phrases.setdefault(intent, [])
        known.extend(phrase for phrase in dict.fromkeys(read_phrases(path)) if phrase not in known)
    kept = {name: phrases[name] for name in intents if phrases.get(name)}
    entities = [kind for kind in read_entities(content) if kind.example_intent in kept]
    return Examples(intents, kept, entities)


def training_yaml(examples: Examples) -> str:
    """Rasa's YAML training format; marks that Rasa would read as entities become parentheses."""
    lines = ['version: "3.1"', "nlu:"]
    for intent, phrases in examples.phrases.items():
        lines += [f"- intent: {intent}", "  examples: |"]
        lines += [f"    - {phrase.translate(_RASA_MARKUP)}" for phrase in phrases]
        lines += [f"    - {e.example}" for e in examples.entities if e.example_intent == intent]
    lines += as_training_lines(examples.entities)
    return "\n".join(lines) + "\n"


def domain_yaml(examples: Examples) -> str:
    """A domain of the intents that have phrases, and the entities; Rasa warns about others."""
    lines = ['version: "3.1"', "intents:", *(f"- {name}" for name in examples.phrases)]
    if examples.entities:
        lines += ["entities:", *(f"- {kind.name}" for kind in examples.entities)]
    return "\n".join(lines) + "\n"


def write_training_files(examples: Examples, out: Path) -> None:
    """Writes `out` and domain.yml in the same folder."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(training_yaml(examples), encoding="utf-8")
    out.with_name("domain.yml").write_text(domain_yaml(examples), encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    """Exit code 0, or 1 with one line on stderr that begins with the path of the broken file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--content", type=Path, default=Path("content"))
    parser.add_argument("--out", type=Path, default=Path("var/nlu/training.yml"))
    args = parser.parse_args(argv)
    try:
        examples = read_examples(args.content)
    except DataError as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1
    write_training_files(examples, args.out)
    total = sum(map(len, examples.phrases.values()))
    print(f"{args.out}: {len(examples.phrases)} intents, {total} phrases")
    missing = [name for name in examples.intents if name not in examples.phrases]
    if missing:
        print(f"without phrases: {', '.join(missing)}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
