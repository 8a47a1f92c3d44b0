"""Rows of Arrow batches. A row whose bytes are no UTF-8, or no possible date, costs that row."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import pyarrow as pa

from manifests.errors import UserError
from manifests.records import BadRecord
from pipelines.corpus.formats.row import Row, digest, said


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
    try:
        values = [column.to_pylist() for column in columns]
    except (ValueError, OverflowError, pa.ArrowException):
        # One of the rows holds bytes that are no UTF-8, or no possible date.
        for index in range(batch.num_rows):
            try:
                yield {name: column[index].as_py() for name, column in zip(names, columns, strict=True)}
            except (ValueError, OverflowError, pa.ArrowException) as error:
                raw = b"\0".join(_raw(column[index]) for column in columns)
                yield BadRecord(f"row:{digest(raw)}", said(error))
        return
    for row in range(batch.num_rows):
        yield {name: column[row] for name, column in zip(names, values, strict=True)}


def _raw(scalar: Any) -> bytes:
    if isinstance(scalar, (pa.StringScalar, pa.LargeStringScalar, pa.BinaryScalar, pa.LargeBinaryScalar)):
        buffer = scalar.as_buffer()
        return b"" if buffer is None else cast("bytes", buffer.to_pybytes())
    return b""
