"""The file beside a signature file that holds each document's record for verification, open to random access.

Layout, little-endian: the records' 32-bit numbers end to end, zeros up to a multiple of 8 bytes, one 64-bit offset a
document and one more (in numbers, not bytes), the count of documents, and eight bytes that name the format. Document
numbers carry the signature file's place in the plan in their upper 32 bits and the row in their lower.
"""

import contextlib
import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from dedup.verifying import Measure, pair_similarities
from manifests.errors import Fault, UserError

U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

MAGIC = b"PPSETS01"
ROW_BITS = np.uint64(32)
ROW_MASK = np.uint64((1 << 32) - 1)
CHUNK_NUMBERS = 8 << 20
"""Numbers (4 bytes each) that verification holds at once."""

CHUNK_PAIRS = 1 << 18


class RecordsWriter:
    """Writes records one after another."""

    def __init__(self, path: Path) -> None:
        self.stream = path.open("wb", buffering=1 << 20)
        self.offsets = [0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            end = np.array([*self.offsets, len(self.offsets) - 1], dtype="<u8")
            self.stream.write(bytes(self.offsets[-1] % 2 * 4) + end.tobytes() + MAGIC)
        self.stream.close()

    def add(self, record: U32) -> None:
        """Append one document's record."""
        self.stream.write(record.astype("<u4", copy=False).tobytes())
        self.offsets.append(self.offsets[-1] + len(record))


class RecordsFile(NamedTuple):
    """An open file: its descriptor and its offsets, which are mapped."""

    descriptor: int
    offsets: U64


@contextlib.contextmanager
def open_records(path: Path) -> Iterator[RecordsFile]:
    """Open a file for as long as the block lasts. Raises UserError when it is missing, cut short or something else."""
    with contextlib.ExitStack() as stack:
        try:
            stream = stack.enter_context(path.open("rb", buffering=0))
            size = os.fstat(stream.fileno()).st_size
            if size < 24 or size % 8:
                raise ValueError("its length is wrong")
            end = os.pread(stream.fileno(), 16, size - 16)
            if end[8:] != MAGIC:
                raise ValueError("its end is missing")
            count = int.from_bytes(end[:8], "little")
            begin = size - 16 - 8 * (count + 1)
            if begin < 0:
                raise ValueError("its length is wrong")
            offsets = np.asarray(np.memmap(path, dtype="<u8", mode="r", offset=begin, shape=(count + 1,)))
            if int(offsets[-1]) * 4 > begin:
                raise ValueError("its length is wrong")
        except (OSError, ValueError) as error:
            raise UserError(
                f"{path}: not a whole records file ({error}); remove its signatures to make them anew"
            ) from None
        yield RecordsFile(stream.fileno(), offsets)


def read_into(descriptor: int, room: memoryview, position: int) -> None:
    """Fill `room` from a file. Raises Fault when the file ends before."""
    while room:
        got = os.preadv(descriptor, [room], position)
        if got == 0:
            raise Fault("a records file was cut short while it was read; run the same command again")
        room, position = room[got:], position + got


class Verifier:
    """Measures pairs of documents of any of the files at `paths`, which document numbers refer to by place.

    Records are read, not mapped, a chunk of pairs at a time, so memory stays flat however large the files are.
    """

    def __init__(self, paths: Sequence[str], measure: Measure) -> None:
        self.paths = paths
        self.measure: Measure = measure

    def similarities(self, left: U64, right: U64) -> F64:
        """The similarity of each pair, in the order given; pairs sorted by their left document are fastest."""
        out = np.empty(len(left), np.float64)
        done = 0
        while done < len(left):
            done = self._chunk(left, right, done, out)
        return out

    def _chunk(self, left: U64, right: U64, done: int, out: F64) -> int:
        """Measure pairs from `done` on while their records fit; returns where it stopped."""
        reach = min(len(left), done + CHUNK_PAIRS)
        documents, places = np.unique(np.concatenate([left[done:reach], right[done:reach]]), return_inverse=True)
        sides = places[: reach - done], places[reach - done :]
        rows = (documents & ROW_MASK).astype(np.int64)
        files = (documents >> ROW_BITS).astype(np.int64)
        cuts = [0, *(np.flatnonzero(files[1:] != files[:-1]) + 1).tolist(), len(files)]
        with contextlib.ExitStack() as stack:
            opened = [stack.enter_context(open_records(Path(self.paths[files[cut]]))) for cut in cuts[:-1]]
            spans = [slice(first, last) for first, last in itertools.pairwise(cuts)]
            starts = np.concatenate([file.offsets[rows[span]] for file, span in zip(opened, spans, strict=True)])
            ends = np.concatenate([file.offsets[rows[span] + 1] for file, span in zip(opened, spans, strict=True)])
            sizes = (ends - starts).astype(np.int64)
            # As many pairs as fit, counting a document each time it is used: never fewer than one.
            take = reach - done
            if int(sizes.sum()) > CHUNK_NUMBERS:
                load = np.cumsum(sizes[sides[0]] + sizes[sides[1]])
                take = max(1, int(np.searchsorted(load, CHUNK_NUMBERS)))
            needed = np.zeros(len(documents), dtype=bool)
            needed[sides[0][:take]] = needed[sides[1][:take]] = True
            bounds = np.concatenate([[0], np.cumsum(np.where(needed, sizes, 0))])
            records = np.empty(int(bounds[-1]), "<u4")
            room = memoryview(records.data).cast("B")
            for file, span in zip(opened, spans, strict=True):
                use = np.flatnonzero(needed[span] & (sizes[span] > 0)) + span.start
                where = zip(starts[use].tolist(), bounds[use].tolist(), bounds[use + 1].tolist(), strict=True)
                for position, first, last in where:
                    read_into(file.descriptor, room[4 * first : 4 * last], 4 * position)
            out[done : done + take] = pair_similarities(
                records.astype(np.uint32, copy=False), bounds, sides[0][:take], sides[1][:take], self.measure
            )
        return done + take
