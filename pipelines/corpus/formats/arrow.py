"""Arrow files (Feather) and streams, as the `datasets` library keeps them; read a batch at a time."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from manifests.records import BadRecord
from pipelines.corpus.formats.batches import require, rows_of
from pipelines.corpus.formats.row import Row
from pipelines.corpus.formats.sniffing import Head

_FILE, _STREAM = b"ARROW1", b"\xff\xff\xff\xff"
BATCH_ROWS = 4096


def is_one(head: Head) -> bool:
    """Whether the file begins as Arrow does and is not packed."""
    named = head.start.startswith(_STREAM) and head.ending in (".arrow", ".arrows", ".feather")
    return head.container == "plain" and (head.start.startswith(_FILE) or named)


def columns(path: Path) -> list[str] | None:
    """The columns."""
    with pa.memory_map(str(path)) as source:
        return list(_opened(source)[0].schema.names)


def count(path: Path) -> int:
    """How many rows there are."""
    with pa.memory_map(str(path)) as source:
        return sum(batch.num_rows for batch in _batches(source))


def rows(path: Path, wanted: Sequence[str] | None) -> Iterator[Row | BadRecord]:
    """The rows with the wanted columns (None: all). Raises UserError if one is not there."""
    with pa.memory_map(str(path)) as source:
        chosen = require(path, wanted, _opened(source)[0].schema.names)
        for batch in _batches(source):
            for start in range(0, batch.num_rows, BATCH_ROWS):
                yield from rows_of(batch.slice(start, BATCH_ROWS), chosen)


def _opened(source: Any) -> tuple[Any, bool]:
    """A reader, and whether it is a file's (which knows its batches) or a stream's."""
    source.seek(0)
    is_file = source.read(len(_FILE)) == _FILE
    source.seek(0)
    return (pa.ipc.open_file(source) if is_file else pa.ipc.open_stream(source)), is_file


def _batches(source: Any) -> Iterator[Any]:
    reader, is_file = _opened(source)
    if is_file:
        yield from (reader.get_batch(number) for number in range(reader.num_record_batches))
    else:
        yield from reader
