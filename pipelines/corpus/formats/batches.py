"""Rows of Arrow batches.

A row whose bytes are no UTF-8, or no possible date, costs that row; so does one that is more than the process can bear
as Python objects, of which a batch of lists takes far more than its bytes.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import pyarrow as pa

from manifests.errors import UserError
from manifests.records import BadRecord
from pipelines.corpus.formats.row import Row, digest, said
from pipelines.engine.worker import MONITOR

_BAD = (ValueError, OverflowError, MemoryError, pa.ArrowException)


def require(path: Path, wanted: Sequence[str] | None, names: Sequence[str]) -> list[str]:
    """The wanted columns, or all. Raises UserError if one is not there."""
    for name in wanted or ():
        if name not in names:
            there = ", ".join(names) or "none"
            raise UserError(f"{path}: no column `{name}` for the row; the columns that are there: {there}")
    return list(names if wanted is None else wanted)


def rows_of(batch: Any, names: Sequence[str]) -> Iterator[Row | BadRecord]:
    """The rows of a batch with the named columns."""
    columns = [batch.column(name) for name in names]
    poison = MONITOR.part()
    try:
        values = None if poison else [column.to_pylist() for column in columns]
    except _BAD:
        values = None
    if values is None:
        yield from _one_by_one(batch.num_rows, columns, names)
        return
    for row in range(batch.num_rows):
        yield {name: column[row] for name, column in zip(names, values, strict=True)}


def _one_by_one(count: int, columns: Sequence[Any], names: Sequence[str]) -> Iterator[Row | BadRecord]:
    """The rows of a batch of which one cannot be had."""
    for index in range(count):
        poison = MONITOR.part()
        try:
            if not poison:
                yield {name: column[index].as_py() for name, column in zip(names, columns, strict=True)}
                continue
        except _BAD as error:
            poison = said(error)
        raw = b"\0".join(_raw(column[index]) for column in columns)
        yield BadRecord(f"row:{digest(raw)}", poison)


def _raw(scalar: Any) -> bytes:
    if isinstance(scalar, (pa.StringScalar, pa.LargeStringScalar, pa.BinaryScalar, pa.LargeBinaryScalar)):
        buffer = scalar.as_buffer()
        return b"" if buffer is None else cast("bytes", buffer.to_pybytes())
    return b""
