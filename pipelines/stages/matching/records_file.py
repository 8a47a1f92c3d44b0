"""The file beside a signature file that holds each document's record for verification, open to random access.

Layout, little-endian: the records end to end, zeros up to a multiple of 8 bytes, where each record begins and the last
ends (64-bit numbers), the count of documents, and eight bytes that name the coding. Sets of shingles are coded
(`dedup.shingle_sets`); other records are their 32-bit numbers. Document numbers carry the signature file's place in the
plan in their upper 32 bits and the row in their lower.
"""

import contextlib
import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.columns import Ragged
from dedup.shingle_sets import PADDING, decode, encode
from dedup.verifying import Measure, pair_similarities
from manifests.errors import Fault, UserError

U8 = npt.NDArray[np.uint8]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

CODED, PLAIN = b"PPSETS02", b"PPROWS02"
ROW_BITS = np.uint64(32)
ROW_MASK = np.uint64((1 << 32) - 1)
CHUNK_BYTES = 8 << 20
"""Bytes of records that are read at once; those of sets need up to four times as much when they are decoded."""

CHUNK_PAIRS = 1 << 18


class RecordsWriter:
    """Writes records a batch after another, coded where they are sets."""

    def __init__(self, path: Path, measure: Measure) -> None:
        self.stream = path.open("wb", buffering=1 << 20)
        self.coded = measure == "jaccard"
        self.starts: list[I64] = []
        self.end = self.count = 0

    def add(self, records: Ragged) -> None:
        """Append the records of some documents."""
        if self.coded:
            data, places = encode(records)
        else:
            data, places = records.values.astype("<u4", copy=False).view(np.uint8), 4 * records.bounds
        self.stream.write(data.data)
        self.starts.append(places[:-1] + self.end)
        self.count += len(places) - 1
        self.end += len(data)

    def close(self) -> None:
        """Finish the file."""
        places = np.concatenate([*self.starts, [self.end], [self.count]]).astype("<u8")
        self.stream.write(bytes(-self.end % 8) + places.tobytes() + (CODED if self.coded else PLAIN))
        self.stream.close()


class RecordsFile(NamedTuple):
    """An open file: its descriptor, where its records begin and end (mapped), and whether they are coded."""

    descriptor: int
    offsets: U64
    coded: bool

    def read(self, first: int, last: int) -> Ragged:
        """The records of the rows [first, last). Raises Fault for a damaged file."""
        places = self.offsets[first : last + 1].astype(np.int64)
        data = np.empty(int(places[-1] - places[0]) + PADDING, np.uint8)
        read_into(self.descriptor, data.data[:-PADDING], int(places[0]))
        return decoded(data, places - places[0], self.coded)


def decoded(data: U8, places: I64, coded: bool) -> Ragged:
    """Records as numbers; `PADDING` bytes follow the last. Raises Fault for a damaged one."""
    if not coded:
        return Ragged(data[: places[-1]].view("<u4").astype(np.uint32, copy=False), places // 4)
    try:
        return decode(data, places)
    except ValueError as error:
        raise Fault(f"a records file is damaged ({error}); remove its signatures to make them anew") from None


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
            if end[8:] not in (CODED, PLAIN):
                raise ValueError("its end is missing")
            count = int.from_bytes(end[:8], "little")
            begin = size - 16 - 8 * (count + 1)
            if begin < 0:
                raise ValueError("its length is wrong")
            offsets = np.asarray(np.memmap(path, dtype="<u8", mode="r", offset=begin, shape=(count + 1,)))
            if int(offsets[-1]) > begin:
                raise ValueError("its length is wrong")
        except (OSError, ValueError) as error:
            raise UserError(
                f"{path}: not a whole records file ({error}); remove its signatures to make them anew"
            ) from None
        yield RecordsFile(stream.fileno(), offsets, end[8:] == CODED)


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
            if int(sizes.sum()) > CHUNK_BYTES:
                load = np.cumsum(sizes[sides[0]] + sizes[sides[1]])
                take = max(1, int(np.searchsorted(load, CHUNK_BYTES)))
            needed = np.zeros(len(documents), dtype=bool)
            needed[sides[0][:take]] = needed[sides[1][:take]] = True
            bounds = np.concatenate([[0], np.cumsum(np.where(needed, sizes, 0))])
            data = np.empty(int(bounds[-1]) + PADDING, np.uint8)
            room = data.data
            for file, span in zip(opened, spans, strict=True):
                use = np.flatnonzero(needed[span] & (sizes[span] > 0)) + span.start
                where = zip(starts[use].tolist(), bounds[use].tolist(), bounds[use + 1].tolist(), strict=True)
                for position, first, last in where:
                    read_into(file.descriptor, room[first:last], position)
            records = decoded(data, bounds, self.measure == "jaccard")
            out[done : done + take] = pair_similarities(
                records.values, records.bounds, sides[0][:take], sides[1][:take], self.measure
            )
        return done + take
