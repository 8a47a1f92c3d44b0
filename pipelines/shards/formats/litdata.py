"""Rows of the stream as litdata's chunks of tokens, which `litdata.StreamingDataset` reads with its `TokensLoader`.

A chunk (Lightning-AI/litdata, `streaming/writer.py`, `_create_chunk`): number of rows, their offsets and that of the
end (all u32), then the ids of the rows one after the other. `index.json` lists the chunks. litdata says which rows are
padded nowhere: padding is made of end marks.

    dataset = litdata.StreamingDataset("corpus/litdata/train", item_loader=litdata.TokensLoader(block_size=4096))
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines.shards.formats.flat import LARGEST_UINT16_VOCABULARY

NAME = "chunk-0-{number}.bin"
LEAF = '[1, {"type": null, "context": null, "children_spec": []}]'
"""The shape of an item that is one array (torch.utils._pytree, `treespec_dumps`)."""
INT32, UINT16 = 2, 5
"""Places of the types in litdata's list (`constants.py`, `_NUMPY_DTYPES_MAPPING`)."""


def _type(vocabulary_size: int) -> tuple[np.dtype[Any], int]:
    small = vocabulary_size <= LARGEST_UINT16_VOCABULARY
    return np.dtype("<u2" if small else "<i4"), UINT16 if small else INT32


def write_litdata(table: pa.Table, path: Path, vocabulary_size: int) -> None:
    """Write rows of one length as a chunk."""
    kind, _ = _type(vocabulary_size)
    ids = table["input_ids"].combine_chunks().flatten().to_numpy().astype(kind)
    rows = table.num_rows
    start = 4 * (rows + 2)
    offsets = start + np.arange(rows + 1, dtype=np.int64) * (ids.nbytes // rows)
    with path.open("wb") as stream:
        stream.write(np.array([rows, *offsets], dtype="<u4").tobytes())
        stream.write(ids.tobytes())


def index_litdata(files: Sequence[tuple[str, int, int]], length: int, vocabulary_size: int) -> Mapping[str, Any]:
    """The values of `index.json`; `files`: name, bytes and rows of each chunk."""
    _, place = _type(vocabulary_size)
    return {
        "chunks": [
            {
                "chunk_bytes": size,
                "chunk_size": rows,
                "dim": rows * length,
                "filename": name,
            }
            for name, size, rows in files
        ],
        "config": {
            "chunk_bytes": None,
            "chunk_size": None,
            "compression": None,
            "data_format": [f"no_header_numpy:{place}"],
            "data_spec": LEAF,
            "encryption": None,
            "item_loader": "TokensLoader",
        },
    }
