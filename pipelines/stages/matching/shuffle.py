"""What both matching pipelines share: the plan, document numbers, and packing rows for a shuffle.

What travels through a shuffle is packed: one element is one worker's rows of 64-bit numbers for one range of keys.
Each range ends in a file of its own whose bytes do not depend on the order of arrival, so the result is the same on
any runner. A document's number is the place of its signature file in the plan (upper 32 bits) and its row (lower).
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from dedup.buckets import NO_EDGES, Edges
from dedup.key_set import KeySet
from dedup.methods import make_method
from dedup.methods.base import Method
from manifests.errors import Fault, UserError
from manifests.settings.dedup import DedupSettings
from manifests.writing import atomic, write_text
from pipelines.stages.matching.records_file import ROW_BITS

U64 = npt.NDArray[np.uint64]

EDGE = np.dtype([("left", "<u8"), ("right", "<u8"), ("similarity", "<f8")])
RANGE_BYTES = 24 << 20
"""About how many bytes of packed rows one range of keys gets."""
MOST_RANGES = 1 << 12
TALLY = "tally"
MOST_TRIES = 3

Build = Callable[[Any], Any]
Run = Callable[[Build], None]
"""Runs a pipeline that a function builds, as `Engine.run_pipeline` does."""


class Source(NamedTuple):
    """A signature file in the plan: the stem of its name, and what people call the file it was made from.

    `keys` is the file of its keys, empty where there is none.
    """

    place: int
    name: str
    signatures: str
    records: str
    rows: int
    shown: str
    keys: str = ""


class Plan(NamedTuple):
    """What the matching pipelines know. Sources below place `frozen` belong to earlier corpora."""

    sources: tuple[Source, ...]
    frozen: int
    settings: DedupSettings
    folder: str
    shuffle_bytes: int

    @property
    def method(self) -> Method:
        """How near duplicates are found."""
        return make_method(self.settings)

    @property
    def frozen_below(self) -> int:
        """The first document number that is not of an earlier corpus."""
        return self.frozen << int(ROW_BITS)

    def ranges(self, record_bytes: int, searched: bool = False) -> int:
        """How many ranges of keys a shuffle of so many bytes a document is cut into: a power of two.

        `searched`: earlier corpora send only what new documents ask for, at most about as much as those.
        """
        rows = sum(source.rows for source in self.sources)
        new = sum(source.rows for source in self.sources[self.frozen :])
        wanted = (min(rows, 2 * new) if searched else rows) * record_bytes // RANGE_BYTES
        return min(MOST_RANGES, 1 << max(0, wanted - 1).bit_length())


def range_of(keys: U64, ranges: int) -> npt.NDArray[np.int64]:
    """The range that each key falls into: the upper bits of the key, mixed."""
    if ranges == 1:
        return np.zeros(len(keys), np.int64)
    mixed = keys * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(65 - ranges.bit_length())).astype(np.int64)


def cut(columns: Sequence[U64], ranges: int) -> Iterator[tuple[int, bytes]]:
    """Pack rows of 64-bit columns by the range of the first column: (range, bytes)."""
    where = range_of(columns[0], ranges)
    order = np.argsort(where, kind="stable")
    table = np.stack(columns, axis=1).astype("<u8", copy=False)[order]
    where = where[order]
    for rows in np.split(np.arange(len(where)), np.flatnonzero(np.diff(where)) + 1):
        if len(rows):
            yield int(where[rows[0]]), table[rows[0] : rows[-1] + 1].tobytes()


def unpack(blocks: Iterable[bytes], columns: int) -> U64:
    """The rows of many packed blocks, shape (rows, columns), in order of arrival."""
    return np.concatenate([np.frombuffer(block, "<u8").reshape(-1, columns) for block in blocks])


def distinct(keys: U64) -> U64:
    """The distinct keys, sorted."""
    keys = np.sort(keys)
    return keys[np.concatenate([[True], keys[1:] != keys[:-1]])] if len(keys) else keys


def numbers_of(source: Source, first: int, count: int) -> U64:
    """The document numbers of `count` rows of a source from row `first`."""
    return (np.uint64(source.place) << ROW_BITS) + np.arange(first, first + count, dtype=np.uint64)


def span(numbers: U64, source: Source) -> tuple[int, int]:
    """Where a source's documents lie in a sorted array of document numbers."""
    bounds = np.array([source.place, source.place + 1], np.uint64) << ROW_BITS
    low, high = np.searchsorted(numbers, bounds)
    return int(low), int(high)


def fixed(column: pa.ChunkedArray) -> npt.NDArray[np.uint8]:
    """A column of fixed-size binary as (rows, bytes)."""
    if column.num_chunks == 1:
        array = column.chunk(0)  # as it is: these columns are the bulk of all that is read
    else:
        array = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    width = array.type.byte_width
    if not len(array):
        return np.empty((0, width), np.uint8)
    data = np.frombuffer(array.buffers()[1], np.uint8)
    return data[array.offset * width : (array.offset + len(array)) * width].reshape(-1, width)


def read_columns(path: str, columns: Sequence[str]) -> pa.Table:
    """Columns of a signature file. Raises UserError when it is cut short."""
    try:
        with pq.ParquetFile(path, pre_buffer=False) as parquet:
            return parquet.read(columns=list(columns))
    except (OSError, ValueError) as error:
        raise broken(path, error) from None


def broken(path: str, error: Exception) -> UserError:
    """The one line about a signature file that cannot be read."""
    reason = " ".join(str(error).split())
    return UserError(f"{path}: not a whole signature file ({reason}); remove it to have it made anew")


def save_rows(path: Path, rows: npt.NDArray[Any]) -> None:
    """Write an array as a NumPy file that appears whole or not at all."""
    with atomic(path) as temporary, temporary.open("wb") as stream:
        np.save(stream, rows, allow_pickle=False)


def tally(folder: str, step: str, side: Literal["sent", "received"], name: str, rows: int) -> None:
    """Note how many rows one worker sent into a shuffle, or received from it, under a name that a retry reuses."""
    write_text(Path(folder) / TALLY / step / f"{side}-{name}", f"{rows}\n")


def lost(folder: Path) -> str:
    """What a shuffle lost or doubled, in words; empty where every row that was sent arrived once."""
    faults = []
    for step in sorted(path for path in (folder / TALLY).glob("*") if path.is_dir()):
        sent, received = (
            sum(int(path.read_text(encoding="ascii")) for path in step.glob(f"{side}-*"))
            for side in ("sent", "received")
        )
        if sent != received:
            faults.append(f"{step.name}: {sent:,} rows sent, {received:,} received")
    return "; ".join(faults)


def run_counted(run: Run, build: Build, folder: Path, say: Callable[[str], None]) -> None:
    """Run a pipeline until every row of its shuffles has arrived: a runner that loses rows must not pass unseen.

    The files of a run that lost rows are written over by the next. Raises Fault after `MOST_TRIES` runs.
    """
    fault = ""
    for _ in range(MOST_TRIES):
        shutil.rmtree(folder / TALLY, ignore_errors=True)
        run(build)
        fault = lost(folder)
        if not fault:
            return
        say(f"the runner lost rows of a shuffle ({fault}); doing it again")
    raise Fault(
        f"the runner lost rows of a shuffle {MOST_TRIES} times over ({fault}); use one worker or another runner"
    )


@lru_cache(maxsize=1)
def load_wanted(path: str | None) -> KeySet | None:
    """The set in a file of sorted keys; None for none. Kept, because every source asks for the same."""
    return None if path is None else KeySet(np.load(path, allow_pickle=False))


def write_edges(path: Path, edges: Edges) -> None:
    """Write edges as a NumPy file of `EDGE` rows."""
    rows = np.empty(len(edges.left), EDGE)
    rows["left"], rows["right"], rows["similarity"] = edges.left, edges.right, edges.similarity
    save_rows(path, rows)


def read_edges(paths: Iterable[Path]) -> Edges:
    """The edges of several files, one after another."""
    parts = [np.load(path, allow_pickle=False) for path in paths]
    if not parts:
        return NO_EDGES
    rows = np.concatenate(parts)
    return Edges(rows["left"].copy(), rows["right"].copy(), rows["similarity"].copy())
