"""Rows of the stream as MosaicML's Mosaic Data Shards, which `streaming.StreamingDataset` reads.

A shard (mosaicml/streaming, `base/format/mds/writer.py`): number of samples and the offsets of each and of the end (all
u32), the columns as JSON, then the samples; a sample is the sizes (u32) of its columns without a fixed one and then the
columns, by name. Columns: `input_ids` (int32, a row), `known` (how many of them are a document's; the rest is padding)
and `source`. `index.json` lists the shards.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

NAME = "shard.{number:05d}.mds"


def config(length: int) -> dict[str, Any]:
    """How a shard of rows of `length` ids describes itself."""
    return {
        "version": 2,
        "format": "mds",
        "compression": None,
        "hashes": [],
        "size_limit": None,
        "column_names": ["input_ids", "known", "source"],
        "column_encodings": [f"ndarray:int32:{length}", "int", "str"],
        "column_sizes": [4 * length, 8, None],
    }


def write_mds(table: pa.Table, path: Path, vocabulary_size: int) -> None:
    """Write rows of one length as a shard."""
    del vocabulary_size
    rows = table.num_rows
    length = len(table["input_ids"][0])
    about = json.dumps(config(length), sort_keys=True).encode()
    samples = []
    for row in table.select(["input_ids", "lengths", "source"]).to_batches():
        ids = row["input_ids"].flatten().to_numpy().astype("<i4").reshape(-1, length)
        for one, lengths, source in zip(ids, row["lengths"].to_pylist(), row["source"].to_pylist(), strict=True):
            name = source.encode()
            samples.append(struct.pack("<I", len(name)) + one.tobytes() + struct.pack("<q", sum(lengths)) + name)
    start = 4 * (rows + 2) + len(about)
    offsets = start + np.concatenate([[0], np.cumsum([len(sample) for sample in samples])])
    with path.open("wb") as stream:
        stream.write(struct.pack("<I", rows) + offsets.astype("<u4").tobytes() + about)
        stream.writelines(samples)


def index_mds(files: Sequence[tuple[str, int, int]], length: int, vocabulary_size: int) -> Mapping[str, Any]:
    """The values of `index.json`; `files`: name, bytes and rows of each shard."""
    del vocabulary_size
    shards = [
        {
            **config(length),
            "raw_data": {"basename": name, "bytes": size, "hashes": {}},
            "samples": rows,
            "zip_data": None,
        }
        for name, size, rows in files
    ]
    return {"version": 2, "shards": shards}
