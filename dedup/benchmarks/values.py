"""What a column's name leads to in a row: values, texts and ids."""

import math
import re
from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]

ROLES = {"user": ("user", "human"), "assistant": ("assistant", "gpt", "model")}
"""In a chat, `messages.user` leads to what the user says, by whatever name."""
TEXTS = ("text", "content", "value", "stem", "question", "problem", "statement", "body", "en")
"""Where an object keeps its text; of texts in several languages the English one."""
_COMMENT = re.compile(r"\A\s*/--?(.*?)-/\s*\Z", re.DOTALL)
"""A whole text that is a comment of Lean: its words are the text."""


def value_at(row: Any, column: str) -> Any:
    """What a column's dotted name leads to; through a list, the list of what it leads to in each. None if nothing."""
    if isinstance(row, dict) and column in row:
        return row[column]
    key, dot, rest = column.partition(".")
    if isinstance(row, list):
        if column in ROLES and all(isinstance(element, dict) for element in row):
            return [text_of(element) for element in row if _role(element) in ROLES[column]]
        return [value_at(element, column) for element in row]
    found = row.get(key) if isinstance(row, dict) else None
    return value_at(found, rest) if dot and found is not None else found


def text_of(value: Any) -> str | None:
    """A value as text: itself, the texts of a list joined by line ends, or that of an object; None where there is none
    (a number).
    """
    if isinstance(value, str):
        return _COMMENT.sub(r"\1", value)
    if isinstance(value, list):
        return "\n".join(text for text in map(text_of, value) if text) or None
    if isinstance(value, dict):
        return next((value[key] for key in TEXTS if isinstance(value.get(key), str)), None)
    return None


def _role(message: Row) -> Any:
    """Who says a message of a chat."""
    return message.get("role", message.get("from"))


def joined(row: Row, columns: tuple[str, ...]) -> str:
    """The texts of several columns, joined by line ends; empty where none has one."""
    texts = (text_of(value_at(row, column)) for column in columns)
    return "\n".join(text for text in texts if text and text.strip())


def id_of(value: Any) -> str | None:
    """A value as an id: text or a number, a whole one without a point; None for what cannot be one."""
    if isinstance(value, float) and math.isfinite(value):
        return str(int(value)) if value.is_integer() else str(value)
    if isinstance(value, int | str) and not isinstance(value, bool) and str(value).strip():
        return str(value)
    return None
