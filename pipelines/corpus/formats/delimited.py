"""CSV and TSV whose first line names the columns, plain or compressed."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from manifests.records import BadRecord
from pipelines.corpus.formats.batches import require
from pipelines.corpus.formats.row import Row, digest
from pipelines.corpus.formats.sniffing import Head
from pipelines.corpus.lines import MAX_LINE_BYTES, LongLine, read_lines

csv.field_size_limit(MAX_LINE_BYTES)
_BROKEN = "\ufffd"


def is_one(head: Head) -> bool:
    """Whether the file is called so, as nothing in it says so."""
    return head.ending in (".csv", ".tsv")


def columns(path: Path) -> list[str] | None:
    """The names in the first line."""
    return next(_records(path), [])


def count(path: Path) -> int:
    """How many rows there are behind the first line."""
    return max(0, sum(1 for _ in _records(path)) - 1)


def rows(path: Path, wanted: Sequence[str] | None) -> Iterator[Row | BadRecord]:
    """The rows with the wanted columns (None: all). Raises UserError if one is not there.

    A row with more or fewer fields than there are columns, or with bytes that are no UTF-8, costs that row.
    """
    records = _records(path)
    names = next(records, [])
    chosen = require(path, wanted, names)
    for number, record in enumerate(records, start=1):
        if len(record) != len(names):
            error = f"row {number}: {len(record)} fields where the first line names {len(names)} columns"
        elif any(_BROKEN in field for field in record):
            error = f"row {number}: bytes that are no UTF-8"
        else:
            row = dict(zip(names, record, strict=True))
            yield {name: row[name] for name in chosen}
            continue
        yield BadRecord(f"row:{digest(repr(record).encode('utf-8', 'replace'))}", error)


def _records(path: Path) -> Iterator[list[str]]:
    with closing(read_lines(path)) as lines:  # type: ignore[type-var]
        texts = (
            "" if isinstance(line, LongLine) else line.decode("utf-8", "replace").replace("\0", "") + "\n"
            for line in lines
        )
        yield from (record for record in csv.reader(texts, delimiter=_delimiter(path)) if record)


def _delimiter(path: Path) -> str:
    """A tabulator in files called so; else the mark that parts the columns' names, a comma if there is none."""
    if ".tsv" in path.suffixes:
        return "\t"
    first = next(read_lines(path), b"")
    text = "" if isinstance(first, LongLine) else first.decode("utf-8", "replace")
    return next((mark for mark in ",;\t" if mark in text), ",")
