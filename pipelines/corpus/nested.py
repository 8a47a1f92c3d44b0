"""Values inside rows: nested objects, and objects that stand in a column as JSON."""

import json
from collections.abc import Mapping
from typing import Any

from pipelines.corpus.formats.row import Row


def pick(row: Row, key: str) -> Any:
    """The value of `key` in `row`: the column of that name, else the path that its dots describe, else None.

    A column that holds a JSON object as a string (OpenWebMath's `metadata`) is looked into as well.
    """
    if key in row:
        return row[key]
    value: Any = row
    for part in key.split("."):
        if isinstance(value, str) and value.startswith("{"):
            value = parse_object(value)
        if not isinstance(value, Mapping) or part not in value:
            return None
        value = value[part]
    return value


def parse_object(text: str) -> Mapping[str, Any] | None:
    """The JSON object that `text` holds, or None if it holds none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
