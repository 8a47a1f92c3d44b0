"""What is left over where units end: their last, shorter rows, packed together into whole rows.

Only the last row of a source and split is then short. It is filled up with end marks, which belong to no document:
`lengths` do not count them, so that a trainer's batches have one shape and nothing made up is learnt from.
"""

from pathlib import Path

import numpy as np

from manifests.ledger import Entry, InputFact, write_entry
from manifests.writing import Workspace, require_recorded
from pipelines.engine.worker import Unit
from pipelines.shards.packing import Packer, Row
from pipelines.shards.token_file import TokenFile, last_row

STAGE = "tails"


def work(unit: Unit) -> None:
    """Pack the last rows of a source's files of one split."""
    given = unit.settings()
    root, length = Path(unit.root), given["sequence_length"]
    workspace = Workspace(root, STAGE, unit.key)
    try:
        out = TokenFile(workspace.path(given["output"]), unit.source)
        packer = Packer(length)
        for path, _, digest in given["files"]:
            require_recorded(root / path, digest)
            row = last_row(root / path)
            start = 0
            for name, size in zip(row.ids, row.lengths, strict=True):
                for packed in packer.add(name, row.input_ids[start : start + size]):
                    out.add(packed)
                start += size
        for packed in packer.finish():
            out.add(filled(packed, length, given["eos"]))
        out.close()
        facts = [workspace.fact(given["output"], out.rows)]
        workspace.publish(facts)
    finally:
        workspace.discard()
    count = len(given["files"])
    inputs = tuple(InputFact(*fact) for fact in given["files"])
    write_entry(
        root,
        Entry(
            stage=STAGE,
            unit=unit.key,
            source=unit.source,
            fingerprint=unit.fingerprint,
            read=count,
            kept=count,
            inputs=inputs,
            outputs=tuple(facts),
            numbers={"rows": out.rows, "tokens": out.tokens, "padding": out.rows * length - out.tokens},
        ),
    )


def filled(row: Row, length: int, mark: int) -> Row:
    """The row with marks behind its tokens, so that it has `length` of them; its lengths stay as they are."""
    padding = np.full(length - len(row.input_ids), mark, dtype=np.int32)
    return row._replace(input_ids=np.concatenate([row.input_ids, padding]))
