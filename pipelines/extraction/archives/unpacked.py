"""About how many bytes a raw file holds when it is unpacked, for plans: told from a look at its beginning.

No format but a table's says it in a place where it can be believed: gzip keeps the length of its last member modulo
2^32 (RFC 1952, section 2.3.1), and an archive of pages has a member a page; zstandard may leave it out (RFC 8878,
section 3.1.1.1.4). So some of the beginning is unpacked, and the rest taken to pack as well.
"""

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.extraction.archives.containers import DamagedDataError, blocks

LOOKED_INTO = (".gz", ".tgz", ".zst", ".lz4")
PACKED = (*LOOKED_INTO, ".bz2", ".xz", ".zip", ".wacz", ".parquet")
USUAL = 5
"""Times that text and pages become larger when they are unpacked: taken where nobody looks."""
LOOKED_AT = 1 << 20
"""Bytes from which a file is looked at: a plan may have a million small ones, and an error in them is small."""
SIGHT = 1 << 17
"""Bytes of the beginning that are unpacked."""


def unpacked_bytes(path: Path | str | None, name: str, size: int) -> int:
    """About how many bytes the file holds; `size` is what it takes, `path` None for one that is elsewhere."""
    ends = name.lower()
    if not ends.endswith(PACKED):
        return size
    found = None
    if path is not None and size >= LOOKED_AT:
        if ends.endswith(".parquet"):
            found = _of_columns(Path(path))
        elif ends.endswith(LOOKED_INTO):
            found = _like_the_beginning(Path(path), size)
    return size * USUAL if found is None else max(size, found)


def _like_the_beginning(path: Path, size: int) -> int | None:
    """What a file holds if all of it packs as its beginning does; None where that cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(SIGHT)
        return size * sum(len(block.data) for block in blocks(io.BytesIO(head))) // len(head)
    except (OSError, DamagedDataError):
        return None


def _of_columns(path: Path) -> int | None:
    """What the columns of a Parquet file take unpacked, by its own account; None where it cannot be read."""
    try:
        with pq.ParquetFile(path) as parquet:
            found = parquet.metadata
            return sum(int(found.row_group(group).total_byte_size) for group in range(found.num_row_groups))
    except (OSError, pa.ArrowException):
        return None
