"""YAML of the content folder and of `data/`, read as text."""

from __future__ import annotations

from pathlib import Path

import yaml

DATA_FOLDER = Path(__file__).parent / "data"

# Ten times as quick where PyYAML was built with libyaml; both read every scalar as text.
_TEXT_ONLY = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class DataError(Exception):
    """A file that cannot be used; the message begins with its path."""


def read_yaml(path: Path) -> object:
    """Content of the file with every scalar as text: "0243" or "không" stays what it is.

    Raises DataError if it is missing, not UTF-8 or not YAML.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_TEXT_ONLY)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        detail = " ".join(str(exc).split())
        raise DataError(f"{path}: {detail}") from exc
