"""The file beside a signature file that holds each document's record for verification, open to random access.

Layout, little-endian: the records' 32-bit numbers end to end, zeros up to a multiple of 8 bytes, one 64-bit offset a
document and one more (in numbers, not bytes), the count of documents, and eight bytes that name the format. Document
numbers carry the signature file's place in the plan in their upper 32 bits and the row in their lower.
"""

import itertools
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from dedup.verifying import Measure, pair_similarities
from manifests.errors import UserError

U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

MAGIC = b"PPSETS01"
ROW_BITS = np.uint64(32)
ROW_MASK = np.uint64((1 << 32) - 1)
CHUNK_NUMBERS = 16 << 20
"""Numbers (4 bytes each) that verification holds at once."""


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
    """An open file: the numbers and the offsets, both mapped, neither in memory."""

    numbers: U32
    offsets: U64


def open_records(path: Path) -> RecordsFile:
    """Map a file. Raises UserError when it is missing, cut short or something else."""
    try:
        size = path.stat().st_size
        if size < 24 or size % 8:
            raise ValueError("its length is wrong")
        with path.open("rb") as stream:
            stream.seek(-16, os.SEEK_END)
            count = int.from_bytes(stream.read(8), "little")
            if stream.read(8) != MAGIC:
                raise ValueError("its end is missing")
        begin = size - 16 - 8 * (count + 1)
        if begin < 0:
            raise ValueError("its length is wrong")
        whole = np.asarray(np.memmap(path, dtype=np.uint8, mode="r"))
        offsets = whole[begin : size - 16].view("<u8")
        if int(offsets[-1]) * 4 > begin:
            raise ValueError("its length is wrong")
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path}: not a whole records file ({error}); remove its signatures to make them anew"
        ) from None
    return RecordsFile(whole[:begin].view("<u4"), offsets)


class Verifier:
    """Measures pairs of documents of any of the files at `paths`, which document numbers refer to by place.

    Files are mapped while one chunk of pairs is measured and let go after it, so memory stays flat.
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
        reach = min(len(left), done + (1 << 18))
        documents, places = np.unique(np.concatenate([left[done:reach], right[done:reach]]), return_inverse=True)
        sides = places[: reach - done], places[reach - done :]
        files = (documents >> ROW_BITS).astype(np.int64)
        rows = (documents & ROW_MASK).astype(np.int64)
        starts, sizes = np.empty(len(documents), np.int64), np.empty(len(documents), np.int64)
        cuts = np.concatenate([[0], np.flatnonzero(files[1:] != files[:-1]) + 1, [len(files)]])
        opened = {}
        for first, last in itertools.pairwise(cuts.tolist()):
            file = opened[int(files[first])] = open_records(Path(self.paths[int(files[first])]))
            starts[first:last] = file.offsets[rows[first:last]]
            sizes[first:last] = file.offsets[rows[first:last] + 1].astype(np.int64) - starts[first:last]
        # As many pairs as fit, counting a document each time it is used: never fewer than one.
        load = np.cumsum(sizes[sides[0]] + sizes[sides[1]])
        take = reach - done
        if load[-1] > CHUNK_NUMBERS:
            used = np.unique(np.concatenate(sides))
            if int(sizes[used].sum()) > CHUNK_NUMBERS:
                take = max(1, int(np.searchsorted(load, CHUNK_NUMBERS)))
        left_places, right_places = sides[0][:take], sides[1][:take]
        needed = np.zeros(len(documents), dtype=bool)
        needed[left_places] = needed[right_places] = True
        bounds = np.concatenate([[0], np.cumsum(np.where(needed, sizes, 0))])
        records = np.empty(int(bounds[-1]), np.uint32)
        for index in np.flatnonzero(needed):
            start = int(starts[index])
            records[bounds[index] : bounds[index + 1]] = opened[int(files[index])].numbers[start : start + sizes[index]]
        out[done : done + take] = pair_similarities(records, bounds, left_places, right_places, self.measure)
        return done + take
