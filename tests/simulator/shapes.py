"""Shapes of JSON values, to compare what the simulator says with what is documented."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parents[1] / "data" / "zalo"


def read_data(name: str) -> Any:
    """A file of `tests/data/zalo`."""
    return json.loads((_DATA / name).read_text(encoding="utf-8"))


def shape(value: Any) -> Any:
    """Keys and types of a JSON value; the texts themselves do not matter."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__
