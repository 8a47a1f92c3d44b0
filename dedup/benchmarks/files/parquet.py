"""Benchmarks in Parquet, as the hubs keep them."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dedup.benchmarks.values import Row
from manifests.errors import UserError


def is_one(path: Path) -> bool:
    """Whether the file begins as Parquet does. Raises UserError for a file that cannot be opened."""
    try:
        with path.open("rb") as stream:
            return stream.read(4) == b"PAR1"
    except OSError as error:
        raise UserError(f"{path}: cannot read the benchmark: {error.strerror}") from error


def rows(path: Path) -> Iterator[Row]:
    """The rows. Raises UserError for a damaged file."""
    try:
        yield from pq.read_table(path, partitioning=None).to_pylist()
    except (OSError, ValueError, pa.ArrowException) as error:
        raise UserError(f"{path}: cannot read the benchmark: {error}") from error
