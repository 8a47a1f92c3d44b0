"""The work of one file of the stream: take its rows from where they lie and write them as Parquet in their order.

Every file says by itself what it was made with: the tokenizer's sha256, the marks, the length of its sequences, the
number of ids and the version of this program stand in the metadata of its schema.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from manifests.ledger import InputFact
from manifests.output import output
from manifests.writing import disk_faults
from pipelines.engine.worker import Unit
from pipelines.shards.formats.registry import ROW_FORMATS
from pipelines.shards.token_file import gathered

STAGE = "stream"
GROUP_TOKENS = 1 << 20
ABOUT = b"proofpile"
"""The key under which a file's schema tells what it was made with, as JSON."""


def work(unit: Unit) -> None:
    """Write one file of the stream."""
    given = unit.settings()
    root = Path(unit.root)
    file_of = np.array(given["file_of"], dtype=np.int64)
    rows = np.array(given["rows"], dtype=np.int64)
    table = gathered([root / path for path, _, _ in given["files"]], file_of, rows)
    about = {ABOUT: json.dumps(given["about"], sort_keys=True).encode()}
    with output(root, STAGE, unit.key) as out:
        path = out.path(given["output"])
        per_row = max(1, sum(len(part.values) for part in table["input_ids"].chunks) // max(1, len(rows)))
        with disk_faults(root / given["output"]):
            # A dictionary of tokens costs half as much time again, and a fifth more space, than the tokens themselves
            # (Llama 3's vocabulary): zstd finds fewer words in it.
            pq.write_table(
                table.replace_schema_metadata(about),
                path,
                compression="zstd",
                compression_level=1,
                use_dictionary=["source", "sources.list.element"],
                row_group_size=max(1, GROUP_TOKENS // per_row),
                store_schema=True,
            )
        out.wrote(given["output"], len(rows))
        for name, file in given["forms"]:
            form = ROW_FORMATS[name]
            place = f"{form.folder}/{given['split']}/{file}"
            with disk_faults(root / place):
                form.write(table, out.path(place), given["about"]["vocabulary_size"])
            out.wrote(place, len(rows))
        out.account(
            unit.source,
            unit.fingerprint,
            len(rows),
            len(rows),
            inputs=tuple(InputFact(*fact) for fact in given["files"]),
            numbers=_tokens_by_source(table),
        )


def about_of(path: Path) -> dict[str, Any]:
    """What a file of the stream was made with; empty for a file that does not say."""
    metadata = pq.read_schema(path).metadata or {}
    found: dict[str, Any] = json.loads(metadata.get(ABOUT, b"{}"))
    return found


def _tokens_by_source(table: pa.Table) -> dict[str, int]:
    """The tokens of documents that each source has in a table; padding is not counted."""
    found: dict[str, int] = {}
    for batch in table.select(["lengths", "sources"]).to_batches():
        pieces = batch.column("sources").flatten().dictionary_encode()
        sums = np.bincount(pieces.indices.to_numpy(), batch.column("lengths").flatten().to_numpy())
        for name, count in zip(pieces.dictionary.to_pylist(), sums.tolist(), strict=True):
            found[name] = found.get(name, 0) + int(count)
    return found
