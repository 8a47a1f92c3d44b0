"""Files that rows of texts lie in. A new format is a module here and an entry in `FORMATS`.

A format tells by the beginning of a file whether it is one of its own (`is_one`), and gives its `columns` (None: each
row may have its own), its `count` of rows and its `rows`, as a stream and with bounded memory.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol, cast

from manifests.records import BadRecord
from pipelines.corpus.formats import arrow, delimited, json_lines, json_list, parquet, plain_text
from pipelines.corpus.formats.row import Row
from pipelines.corpus.formats.sniffing import Head, head_of


class Format(Protocol):
    """What a module here has."""

    def is_one(self, head: Head) -> bool: ...
    def columns(self, path: Path) -> list[str] | None: ...
    def count(self, path: Path) -> int: ...
    def rows(self, path: Path, wanted: Sequence[str] | None) -> Iterator[Row | BadRecord]: ...


FORMATS = cast("tuple[Format, ...]", (parquet, arrow, delimited, plain_text, json_list, json_lines))
"""In this order: the first that says that a file is one of its own reads it."""


def format_of(path: Path) -> Format:
    """The format of a file. Raises UserError for one that is not there."""
    head = head_of(path)
    return next(one for one in FORMATS if one.is_one(head))
