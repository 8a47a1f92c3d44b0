"""Benchmarks in JSON lines: one object a line."""

import json
from collections.abc import Iterator

from dedup.benchmarks.files.content import Content
from dedup.benchmarks.values import Row
from manifests.errors import UserError


def is_one(content: Content) -> bool:  # noqa: ARG001 - the last kind takes what is left
    """Every text that is nothing else is taken for this."""
    return True


def rows(content: Content) -> Iterator[Row]:
    """The rows. Raises UserError naming the line that is no JSON object."""
    for number, line in enumerate(content.text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UserError(f"{content.name}: line {number} is not JSON: {error}") from error
        if not isinstance(row, dict):
            raise UserError(f"{content.name}: line {number} is {type(row).__name__}; expected a JSON object")
        yield row
