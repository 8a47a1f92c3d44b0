"""The documents that are in a split as Parquet with their texts: what `documents/` has, without what was left out.

The scores stay behind: they are a map, which Hugging Face's datasets cannot open (5.2: no dtype for it).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from manifests.records import DOCUMENT
from pipelines.shards.packing import Ids

COLUMNS = tuple(name for name in DOCUMENT.names if name != "scores")
SCHEMA = pa.schema([pa.field(name, pa.large_string() if name == "text" else pa.string()) for name in COLUMNS])
GROUP_CHARACTERS = 1 << 23


class TextsFile:
    """A Parquet file of documents, written in groups of about `GROUP_CHARACTERS` characters."""

    def __init__(self, paths: list[Path], vocabulary_size: int) -> None:
        del vocabulary_size
        self.rows = 0
        (path,) = paths
        self._held: list[dict[str, Any]] = []
        self._characters = 0
        self._writer = pq.ParquetWriter(path, SCHEMA, compression="zstd", compression_level=3)

    def add(self, identifier: str, text: str, about: Mapping[str, Any], ids: Ids) -> None:
        """Take one document; `about` holds its other columns."""
        del ids
        self._held.append({**about, "id": identifier, "text": text})
        self._characters += len(text)
        self.rows += 1
        if self._characters >= GROUP_CHARACTERS:
            self._flush()

    def close(self) -> None:
        """Write what is left and end the file."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        held, self._held, self._characters = self._held, [], 0
        if held:
            self._writer.write_table(pa.Table.from_pylist(held, schema=SCHEMA), row_group_size=len(held))
