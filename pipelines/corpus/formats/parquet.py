"""Parquet, read column by column and a piece of a row group at a time. A damaged group costs that group."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from manifests.records import BadRecord
from pipelines.corpus.formats.batches import require, rows_of
from pipelines.corpus.formats.row import Row, said
from pipelines.corpus.formats.sniffing import Head
from pipelines.corpus.lines import CHUNK_BYTES
from pipelines.engine.worker import MONITOR

BATCH_BYTES = 8 << 20
"""About how many uncompressed bytes of a row group are held as Python objects at a time."""
MAX_BATCH_ROWS = 4096


def is_one(head: Head) -> bool:
    """Whether the file begins as Parquet does."""
    return head.container == "parquet"


def columns(path: Path) -> list[str] | None:
    """The columns."""
    return list(pq.read_schema(path).names)


def count(path: Path) -> int:
    """How many rows the footer states."""
    return int(pq.read_metadata(path).num_rows)


def rows(path: Path, wanted: Sequence[str] | None) -> Iterator[Row | BadRecord]:
    """The rows with the wanted columns (None: all). Raises UserError if one is not there."""
    # A buffered read walks a column chunk page by page; the default would load it whole.
    with pq.ParquetFile(path, buffer_size=CHUNK_BYTES, pre_buffer=False) as file:
        names: list[str] = file.schema_arrow.names
        chosen = require(path, wanted, names)
        for group in range(file.metadata.num_row_groups):
            size = file.metadata.row_group(group)
            mean = max(1, size.total_byte_size // max(1, size.num_rows))
            size_of_batch = min(MAX_BATCH_ROWS, max(1, BATCH_BYTES // mean))
            try:
                batches = file.iter_batches(batch_size=size_of_batch, row_groups=[group], columns=chosen)
                while not (poison := MONITOR.part()) and (batch := next(batches, None)) is not None:
                    yield from rows_of(batch, chosen)
                if poison:
                    yield BadRecord(f"row group:{_group_digest(path, size)}", poison)
            except (pa.ArrowException, OSError) as error:
                # The groups after a damaged one can still be read: their places stand in the footer.
                yield BadRecord(f"row group:{_group_digest(path, size)}", said(error))


def _group_digest(path: Path, group: Any) -> str:
    columns = [group.column(index) for index in range(group.num_columns)]
    starts = [column.dictionary_page_offset or column.data_page_offset for column in columns]
    left = sum(column.total_compressed_size for column in columns)
    hasher = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        file.seek(min(starts, default=0))
        while left > 0 and (chunk := file.read(min(left, CHUNK_BYTES))):
            hasher.update(chunk)
            left -= len(chunk)
    return hasher.hexdigest()
