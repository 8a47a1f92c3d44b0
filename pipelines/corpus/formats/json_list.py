"""One JSON list of objects, plain or compressed, read an element at a time."""

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from manifests.records import BadRecord
from pipelines.corpus.formats.row import Row, row_key, without_surrogates
from pipelines.corpus.formats.sniffing import Head
from pipelines.corpus.lines import CHUNK_BYTES, MAX_LINE_BYTES, opened

_BEGINS = re.compile(rb"\s*\[\s*(?:[{\]]|\Z)")
_BETWEEN = " \t\r\n,"


def is_one(head: Head) -> bool:
    """Whether the text begins as a list of objects, or as an empty one."""
    return _BEGINS.match(head.start) is not None


def columns(path: Path) -> list[str] | None:  # noqa: ARG001
    """None: every element may have columns of its own."""
    return None


def count(path: Path) -> int:
    """How many elements there are."""
    return sum(1 for _ in rows(path, None))


def rows(path: Path, wanted: Sequence[str] | None) -> Iterator[Row | BadRecord]:
    """The elements; with `wanted` each has exactly these keys. An element that is no object costs that element.

    Raises ValueError where the list breaks off or an element is longer than `MAX_LINE_BYTES`, after those before it.
    """
    decoder = json.JSONDecoder()
    decode = codecs.getincrementaldecoder("utf-8")()
    with closing(opened(path)) as stream:
        text = decode.decode(stream.read(CHUNK_BYTES)).lstrip("\ufeff \t\r\n")[1:]
        number = place = 0
        ended = False
        while True:
            while place < len(text) and text[place] in _BETWEEN:
                place += 1
            if text[place : place + 1] == "]":
                return
            try:
                value, after = decoder.raw_decode(text, place)
                whole = after < len(text) or ended
            except ValueError:
                whole = False
                if ended:
                    raise ValueError(f"the JSON list breaks off or is damaged in element {number}") from None
            if not whole:
                if len(text) - place > MAX_LINE_BYTES:
                    raise ValueError(f"element {number} of the JSON list has more than {MAX_LINE_BYTES} characters")
                # What is left is doubled each time, so that a long element is not read again and again.
                more = stream.read(max(CHUNK_BYTES, len(text) - place))
                text, place, ended = text[place:] + decode.decode(more, not more), 0, not more
                continue
            place = after
            yield _row(value, number, wanted)
            number += 1


def _row(value: object, number: int, wanted: Sequence[str] | None) -> Row | BadRecord:
    if not isinstance(value, dict):
        return BadRecord(
            row_key({"": value}), f"element {number}: a JSON {type(value).__name__} where an object belongs"
        )
    row: Row = without_surrogates(value)
    return row if wanted is None else {name: row.get(name) for name in wanted}
