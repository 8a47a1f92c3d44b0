"""Documents as Megatron's pair of `.bin` and `.idx`, which GPT-NeoX reads too.

The index (NVIDIA/Megatron-LM, `indexed_dataset.py`): `MMIDIDX\\0\\0`, version 1 (u64), code of the number type
(u8: 8 is uint16, 4 is int32), number of sequences and of entries of the document index (u64 each), lengths
(int32), byte offsets (int64), document index (int64: 0, 1, … as every sequence is one document). All of it is
little-endian.
"""

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.shards.packing import Ids

MAGIC = b"MMIDIDX\x00\x00"
UINT16, INT32 = 8, 4
LARGEST_UINT16_VOCABULARY = 1 << 16


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
        lengths = np.array(self._lengths, dtype="<i4")
        offsets: NDArray[np.int64] = (
            np.concatenate([[0], np.cumsum(lengths[:-1], dtype=np.int64)]) * self._type.itemsize
        )
        with self._index.open("wb") as stream:
            stream.write(MAGIC + struct.pack("<QBQQ", 1, self._code, len(lengths), len(lengths) + 1))
            stream.write(lengths.tobytes())
            stream.write(offsets[: len(lengths)].astype("<i8").tobytes())
            stream.write(np.arange(len(lengths) + 1, dtype="<i8").tobytes())
