"""Benchmarks that are one JSON value: a list of items, an object that holds them, or columns of equal length."""

import json
from collections.abc import Iterator
from typing import Any

from dedup.benchmarks.files.content import Content
from dedup.benchmarks.values import Row
from manifests.errors import UserError

CONTAINERS = ("rows", "data", "problems", "questions", "items", "examples", "instances", "test")
"""Keys under which an object may keep its items (the datasets server of Hugging Face: `rows`)."""


def is_one(content: Content) -> bool:
    """Whether the text begins as a list, or is one object that holds items and not an item by itself."""
    first = content.text.lstrip()[:1]
    return first == "[" or (first == "{" and _held(_parsed(content.text)) is not None)


def rows(content: Content) -> Iterator[Row]:
    """The items. Raises UserError for a list that is none and for an item that is no object."""
    try:
        found = json.loads(content.text)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{content.name}: begins with `[` and is not a JSON list: {error}") from error
    yield from _objects(content.name, "the list", found if isinstance(found, list) else _held(found))


def rows_within(content: Content, key: str) -> Iterator[Row]:
    """The items that one JSON object keeps under `key`, as a list or as the values of an object. Raises UserError."""
    try:
        found = json.loads(content.text)[key]
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise UserError(f"{content.name}: expected one JSON object with the items under `{key}`: {error}") from error
    yield from _objects(content.name, f"`{key}`", _named(found) if isinstance(found, dict) else found)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None  # JSON lines


def _held(found: Any) -> list[Any] | None:
    """The items of an object: under a known key, as columns, or as its values; None if it is one item."""
    if not isinstance(found, dict):
        return None
    for key in CONTAINERS:
        inner = found.get(key)
        if isinstance(inner, dict):
            return _held(inner) or _named(inner)
        if isinstance(inner, list) and inner and all(isinstance(one, dict) for one in inner):
            return [one["row"] if isinstance(one.get("row"), dict) else one for one in inner]
    values = list(found.values())
    if len(values) > 1 and all(isinstance(value, list) for value in values) and len(set(map(len, values))) == 1:
        return [dict(zip(found, row, strict=True)) for row in zip(*values, strict=True)]
    if len(values) > 1 and all(isinstance(value, dict) for value in values):
        return _named(found)
    return None


def _named(found: dict[str, Any]) -> list[Any]:
    """The values of an object; the key of one that has no id is its id."""
    return [{"id": key, **value} if isinstance(value, dict) else value for key, value in found.items()]


def _objects(name: str, where: str, found: Any) -> Iterator[Row]:
    if not isinstance(found, list):
        raise UserError(f"{name}: {where} holds a {type(found).__name__}; expected JSON objects")
    for number, row in enumerate(found):
        if not isinstance(row, dict):
            raise UserError(f"{name}: item {number} of {where} is {type(row).__name__}; expected a JSON object")
        yield row
