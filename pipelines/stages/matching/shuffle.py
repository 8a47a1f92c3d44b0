"""What both matching pipelines share: the plan, document numbers, and packing rows for a shuffle.

What is shuffled are rows of 64-bit numbers. A worker sorts its rows by range of keys into a file of the plan's folder,
and what travels through the runner says only where the rows of each range lie: runners that hold a shuffle in memory
then hold next to nothing. Each range ends in a file of its own whose bytes do not depend on the order of arrival, so
the result is the same on any runner. A document's number is the place of its signature file in the plan (upper 32 bits)
and its row (lower).
"""

import itertools
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
from pipelines.stages.matching.records_file import ROW_BITS, read_into

U64 = npt.NDArray[np.uint64]

EDGE = np.dtype([("left", "<u8"), ("right", "<u8"), ("similarity", "<f8")])
MOST_RANGES = 1 << 12
TALLY, ROWS = "tally", "rows"
"""Folders of a plan: counts of rows, and the rows that are under way."""
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
        return ranges_of((min(rows, 2 * new) if searched else rows) * record_bytes, self.settings.shuffle_mb << 20)


def ranges_of(size: int, most: int) -> int:
    """How many ranges rows of `size` bytes are cut into, a power of two, about `most` bytes each."""
    return min(MOST_RANGES, 1 << max(0, size // most - 1).bit_length())


def range_of(keys: U64, ranges: int) -> npt.NDArray[np.int64]:
    """The range that each key falls into: the upper bits of the key, mixed."""
    if ranges == 1:
        return np.zeros(len(keys), np.int64)
    mixed = keys * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(65 - ranges.bit_length())).astype(np.int64)


class Piece(NamedTuple):
    """Rows of one range under way: their file, the place of the first in it (in rows), and how many they are."""

    path: str
    first: int
    rows: int


class Counted:
    """Batches of rows on their way into a shuffle; `rows` says how many there were so far."""

    def __init__(self, batches: Iterable[Sequence[U64]]) -> None:
        self.batches, self.rows = batches, 0

    def __iter__(self) -> Iterator[Sequence[U64]]:
        for columns in self.batches:
            self.rows += len(columns[0])
            yield columns


def cut(path: Path, batches: Iterable[Sequence[U64]], ranges: int) -> Iterator[tuple[int, tuple[str, int, int]]]:
    """Write rows, given as columns, to a file, those of each batch by range of the first column: (range, `Piece`).

    Nothing is yielded before the file is whole, so that a try that is given up leaves nothing to be read.
    """
    pieces: list[tuple[int, Piece]] = []
    written = 0
    with atomic(path) as temporary, temporary.open("wb") as stream:
        for columns in batches:
            where = range_of(columns[0], ranges)
            order = np.argsort(where, kind="stable")
            where = where[order]
            stream.write(np.stack(columns, axis=1).astype("<u8", copy=False)[order].data)
            starts = np.flatnonzero(np.diff(where, prepend=-1))
            for first, last in itertools.pairwise([*starts.tolist(), len(where)]):
                pieces.append((int(where[first]), Piece(str(path), written + first, last - first)))
            written += len(where)
    for number, piece in pieces:
        yield number, (piece.path, piece.first, piece.rows)


def gather(pieces: Iterable[tuple[str, int, int]], columns: int) -> U64:
    """The rows of many pieces, shape (rows, columns). Raises Fault where one is missing."""
    wanted = [Piece(*piece) for piece in pieces]
    rows = np.empty((sum(piece.rows for piece in wanted), columns), "<u8")
    done = 0
    # In order of files, so that each is opened once.
    for path, group in itertools.groupby(sorted(wanted), key=lambda piece: piece.path):
        with Path(path).open("rb", buffering=0) as stream:
            for piece in group:
                room = rows[done : done + piece.rows].data.cast("B")
                read_into(stream.fileno(), room, 8 * columns * piece.first)
                done += piece.rows
    return rows.astype(np.uint64, copy=False)


def rows_path(folder: str, name: str) -> Path:
    """Where a worker puts rows that it sends; a try that is made again puts them there again."""
    return Path(folder) / ROWS / name


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
        for name in (TALLY, ROWS):
            shutil.rmtree(folder / name, ignore_errors=True)
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
