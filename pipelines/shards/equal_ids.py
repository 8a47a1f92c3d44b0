"""Documents of one source that have one id: how many, and one of the ids, however many files they lie in.

What is held of an id is a hash of 64 bits. Ids that are alike lie in one split unless their source says otherwise, but
all splits are looked at together. A document that was cut begins once, with its piece at position 0.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.shards.order import hashes

HELD = 1 << 25
"""Hashes that are held at once: 256 MiB. Of more documents a part is looked at in each of several passes."""

Hashes = NDArray[np.uint64]


class Repeated(NamedTuple):
    """How many documents have the id of one before them, and one such id."""

    documents: int
    example: str


def repeated_ids(files: Sequence[Path], documents: int) -> Repeated | None:
    """The ids that repeat in files of rows that hold so many documents in all; None if no id does."""
    passes = documents // HELD + 1
    count, first = 0, None
    for one in range(passes):
        found = [np.zeros(0, dtype=np.uint64)]
        for _, mine in _hashes_of(files):
            found.append(mine[mine % np.uint64(passes) == one])
        ordered = np.sort(np.concatenate(found))
        again = ordered[1:][ordered[1:] == ordered[:-1]]
        count += len(again)
        first = again[0] if first is None and len(again) else first
    if first is None:
        return None
    example = next(
        ids[int(np.argmax(mine == first))].as_py() for ids, mine in _hashes_of(files) if (mine == first).any()
    )
    return Repeated(count, example)


def _hashes_of(files: Sequence[Path]) -> Iterator[tuple[pa.Array, Hashes]]:
    """The ids of the documents that begin in each batch of the files, and a hash of each."""
    for path in files:
        with pa.memory_map(str(path)) as raw:
            reader = pa.ipc.open_file(raw)
            for batch in map(reader.get_batch, range(reader.num_record_batches)):
                begins = batch.column("positions").flatten().to_numpy() == 0
                ids = batch.column("ids").flatten().filter(pa.array(begins))
                yield ids, _hashed(ids)


def _hashed(ids: pa.Array) -> Hashes:
    """Sums of bytes, each times a number of its place (multilinear hashing: Carter and Wegman, 1979), modulo 2**64."""
    buffers: list[Any] = ids.buffers()
    ends = np.frombuffer(buffers[1], dtype="<i4", count=len(ids) + 1, offset=4 * ids.offset).astype(np.int64)
    data = np.frombuffer(buffers[2], dtype=np.uint8)[ends[0] : ends[-1]] if buffers[2] is not None else np.zeros(0)
    sizes = np.diff(ends)
    place = np.arange(len(data)) - np.repeat(ends[:-1] - ends[0], sizes)
    table = hashes(int(sizes.max(initial=0)), "ids") | np.uint64(1)
    sums = np.concatenate([[np.uint64(0)], np.cumsum((data.astype(np.uint64) + np.uint64(1)) * table[place])])
    return sums[ends[1:] - ends[0]] - sums[ends[:-1] - ends[0]]  # type: ignore[no-any-return]
