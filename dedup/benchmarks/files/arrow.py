"""Benchmarks in Arrow: the file format (Feather) and the streams that the `datasets` library keeps."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from dedup.benchmarks.values import Row
from manifests.errors import UserError


def is_one(path: Path) -> bool:
    """Whether the file begins as Arrow does: a file by its name, a stream by its first message's mark."""
    with path.open("rb") as stream:
        head = stream.read(6)
    return head == b"ARROW1" or (head[:4] == b"\xff\xff\xff\xff" and path.suffix == ".arrow")


def rows(path: Path) -> Iterator[Row]:
    """The rows. Raises UserError for a damaged file."""
    try:
        with pa.memory_map(str(path)) as source:
            is_file = source.read(6) == b"ARROW1"
            source.seek(0)
            reader = pa.ipc.open_file(source) if is_file else pa.ipc.open_stream(source)
            yield from reader.read_all().to_pylist()
    except (OSError, ValueError, pa.ArrowException) as error:
        raise UserError(f"{path}: cannot read the benchmark: {error}") from error
