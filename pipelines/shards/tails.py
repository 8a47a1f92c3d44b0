"""What is left over where units end: their last, shorter rows, packed together into whole rows.

Only the last row of a source and split is then short (or, of documents that were put where they fit best, those for
which nothing small enough was left). It is filled up with end marks, which belong to no document: `lengths` do not
count them, so that a trainer's batches have one shape and nothing made up is learnt from.

One row for the remainders of all sources would be a row of no source. It could not be repeated with both of two sources
that are passed over unequally often, which their weights ask for; and of a source with less than a row in a split, as
the sample's papers have in `test`, no row would be left to measure a loss on.
"""

from pathlib import Path

from manifests.ledger import InputFact
from manifests.output import output
from manifests.settings.shards import ShardSettings
from manifests.writing import require_recorded
from pipelines.engine.worker import Unit
from pipelines.shards.packing import filled, packing, pieces_of
from pipelines.shards.token_file import TokenFile, last_rows

STAGE = "tails"


def work(unit: Unit) -> None:
    """Pack the last rows of a source's files of one split."""
    given = unit.settings()
    settings = ShardSettings.model_validate(given["settings"])
    root, length, mark = Path(unit.root), settings.sequence_length, given["eos"]
    read = 0
    with output(root, STAGE, unit.key) as written:
        out = TokenFile(written.path(given["output"]), unit.source, given["vocabulary_size"])
        packer = packing(settings, mark, last=True)
        for (path, _, digest), count in zip(given["files"], given["counts"], strict=True):
            require_recorded(root / path, digest)
            for row in last_rows(root / path, count):
                read += 1
                for piece in pieces_of(row):
                    whole = piece.position == 0 and piece.ids[-1] == mark
                    for packed in packer.add(piece, whole=whole):
                        out.add(packed)
        for packed in packer.finish():
            out.add(filled(packed, length, mark))
        out.close()
        written.wrote(given["output"], out.rows)
        inputs = tuple(InputFact(*fact) for fact in given["files"])
        written.account(
            unit.source,
            unit.fingerprint,
            read,
            read,
            inputs=inputs,
            numbers={
                "rows": out.rows,
                "tokens": out.tokens,
                "padding": out.padding,
                "cut": packer.cut,
                "cut_that_fit": packer.cut_that_fit,
            },
        )
