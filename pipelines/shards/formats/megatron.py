"""Documents as Megatron's pair of `.bin` and `.idx`, which GPT-NeoX reads too.

The index (NVIDIA/Megatron-LM, `indexed_dataset.py`): `MMIDIDX\\0\\0`, version 1 (u64), code of the number type
(u8: 8 is uint16, 4 is int32), number of sequences and of entries of the document index (u64 each), lengths
(int32), byte offsets (int64), document index (int64: 0, 1, … as every sequence is one document). All of it is
little-endian.
"""

import shutil
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.shards.formats.flat import LARGEST_UINT16_VOCABULARY
from pipelines.shards.packing import Ids

MAGIC = b"MMIDIDX\x00\x00"
UINT16, INT32 = 8, 4
HEADER = struct.Struct("<9sQBQQ")


class MegatronFiles:
    """A pair of `.bin` and `.idx`, one sequence a document."""

    def __init__(self, paths: list[Path], vocabulary_size: int) -> None:
        binary, index = paths
        self.rows = 0
        self._binary = binary.open("wb")
        self._index = index
        small = vocabulary_size <= LARGEST_UINT16_VOCABULARY
        self._code = UINT16 if small else INT32
        self._type: np.dtype[Any] = np.dtype("<u2" if small else "<i4")
        self._lengths: list[int] = []

    def add(self, identifier: str, text: str, about: Mapping[str, Any], ids: Ids) -> None:
        """Take the ids of one document, marks included."""
        del identifier, text, about
        self.rows += 1
        self._binary.write(ids.astype(self._type).tobytes())
        self._lengths.append(len(ids))

    def close(self) -> None:
        """End both files."""
        self._binary.close()
        write_index(self._index, np.array(self._lengths, dtype="<i4"), self._code)


def write_index(path: Path, lengths: NDArray[np.int32], code: int) -> None:
    """Write the index of documents of so many ids each."""
    size = 2 if code == UINT16 else 4
    offsets = np.concatenate([[0], np.cumsum(lengths[:-1], dtype=np.int64)]) * size
    with path.open("wb") as stream:
        stream.write(HEADER.pack(MAGIC, 1, code, len(lengths), len(lengths) + 1))
        stream.write(lengths.astype("<i4").tobytes())
        stream.write(offsets[: len(lengths)].astype("<i8").tobytes())
        stream.write(np.arange(len(lengths) + 1, dtype="<i8").tobytes())


def read_lengths(path: Path) -> NDArray[np.int32]:
    """The ids that each document of an index has."""
    with path.open("rb") as stream:
        count = HEADER.unpack(stream.read(HEADER.size))[3]
        return np.frombuffer(stream.read(4 * count), dtype="<i4")


def merge_megatron(parts: Sequence[Sequence[Path]], paths: Sequence[Path], vocabulary_size: int) -> None:
    """Make one pair of several, in their order."""
    binary, index = paths
    with binary.open("wb") as stream:
        for part, _ in parts:
            with part.open("rb") as source:
                shutil.copyfileobj(source, stream, 1 << 20)
    lengths = np.concatenate([np.zeros(0, dtype="<i4"), *(read_lengths(one) for _, one in parts)])
    write_index(index, lengths, UINT16 if vocabulary_size <= LARGEST_UINT16_VOCABULARY else INT32)
