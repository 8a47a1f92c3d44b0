"""Documents as JSON lines in Proof-Pile-2's own form: `text` and `meta`, compressed with zstandard.

EleutherAI/proof-pile-2 on the hub has one object a line with these two keys. `meta` holds the document's `meta` and the
columns that are set (`id`, `source`, `subset`, `url`, `license`, `created`).
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import zstandard

from pipelines.shards.packing import Ids

LEVEL = 3
COLUMNS = ("source", "subset", "url", "license", "created")


class JsonLinesFile:
    """A `.jsonl.zst` file; the same documents make the same bytes."""

    def __init__(self, paths: list[Path], vocabulary_size: int) -> None:
        del vocabulary_size
        self.rows = 0
        (path,) = paths
        self._stream = path.open("wb")
        self._writer: Any = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).stream_writer(self._stream)

    def add(self, identifier: str, text: str, about: Mapping[str, Any], ids: Ids) -> None:
        """Take one document; `about` holds its other columns."""
        del ids
        meta = json.loads(about.get("meta") or "{}")
        meta.update({name: about[name] for name in COLUMNS if about.get(name)})
        meta["id"] = identifier
        line = json.dumps({"text": text, "meta": meta}, ensure_ascii=False, separators=(",", ":"))
        self._writer.write(line.encode("utf-8", "surrogatepass") + b"\n")
        self.rows += 1

    def close(self) -> None:
        """End the file."""
        self._writer.close()
        self._stream.close()
