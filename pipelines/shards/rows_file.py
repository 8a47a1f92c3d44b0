"""Writes the rows of a shard: Parquet with the schema SEQUENCE, and Megatron's `.bin` and `.idx`.

Megatron's index (NVIDIA/Megatron-LM, `indexed_dataset.py`; also read by GPT-NeoX): `MMIDIDX\\0\\0`, version 1 (u64),
code of the number type (u8: 8 is uint16, 4 is int32), number of sequences and of entries of the document index (u64
each), lengths (int32), byte offsets (int64), document index (int64: 0, 1, … as every sequence is one document). All of
it is little-endian.
"""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from manifests.records import SEQUENCE
from pipelines.shards.packing import Ids, Row

GROUP_TOKENS = 1 << 22
MAGIC = b"MMIDIDX\x00\x00"
UINT16, INT32 = 8, 4
LARGEST_UINT16_VOCABULARY = 1 << 16


class RowsFile:
    """A Parquet file of rows, written in groups of about `GROUP_TOKENS` tokens."""

    def __init__(self, path: Path, source: str) -> None:
        self.rows = 0
        self.tokens = 0
        self._source = source
        self._held: list[Row] = []
        self._tokens_held = 0
        self._writer = pq.ParquetWriter(path, SEQUENCE, compression="zstd", compression_level=3, store_schema=True)

    def add(self, row: Row) -> None:
        """Take one row."""
        self._held.append(row)
        self._tokens_held += len(row.input_ids)
        if self._tokens_held >= GROUP_TOKENS:
            self._flush()

    def close(self) -> None:
        """Write what is left and end the file."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        held, self._held = self._held, []
        if not held:
            return
        pieces = [len(row.lengths) for row in held]
        columns = [
            _lists([len(row.input_ids) for row in held], np.concatenate([row.input_ids for row in held])),
            _lists(pieces, np.array([one for row in held for one in row.lengths], dtype=np.int32)),
            _lists(pieces, pa.array([one for row in held for one in row.ids], type=pa.string())),
            pa.array([self._source] * len(held), type=pa.string()),
        ]
        table = pa.Table.from_arrays(columns, schema=SEQUENCE)
        self._writer.write_table(table, row_group_size=len(held))
        self.rows += len(held)
        self.tokens += self._tokens_held
        self._tokens_held = 0


def _lists(lengths: list[int], values: Any) -> pa.Array:
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    array = values if isinstance(values, pa.Array) else pa.array(values, type=pa.int32())
    return pa.ListArray.from_arrays(pa.array(offsets), array)


class MegatronFiles:
    """A pair of `.bin` and `.idx`, one sequence a document."""

    def __init__(self, binary: Path, index: Path, vocabulary_size: int) -> None:
        self._binary = binary.open("wb")
        self._index = index
        small = vocabulary_size <= LARGEST_UINT16_VOCABULARY
        self._code = UINT16 if small else INT32
        self._type: np.dtype[Any] = np.dtype("<u2" if small else "<i4")
        self._lengths: list[int] = []

    def add(self, ids: Ids) -> None:
        """Take the ids of one document, marks included."""
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
