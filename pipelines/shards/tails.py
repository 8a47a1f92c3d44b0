"""What is left over where units end: their last, shorter rows, packed together into whole rows.

The rows that were whole at once stay where they are; before any of them is used, each of their files is compared with
the digest that was recorded of it (`check`), by as many workers as there are.

Documents that lie one after the other are packed over the bounds of sources, so that only the last row of a split is
short; a row in which two sources meet says of every piece whose it is (`sources`). Such a row is passed over as often
as the source of it that is passed over least often, so a source whose share this would change by more than
`MOST_MISSING` keeps a last row of its own (`together`). Documents that were put where they fit best are packed a source
at a time: of them every row may be short, and a row for which nothing small enough was left is short by much.

What is short is filled up with end marks, which belong to no document: `lengths` do not count them, so that a trainer's
batches have one shape and nothing made up is learnt from.
"""

from collections.abc import Mapping
from pathlib import Path

from manifests.ledger import InputFact
from manifests.output import output
from manifests.settings.shards import ShardSettings
from manifests.writing import require_recorded
from pipelines.engine.worker import Unit
from pipelines.shards.packing import filled, packing, pieces_of
from pipelines.shards.token_file import TokenFile, all_rows

STAGE = "tails"
MOST_MISSING = 0.001
"""Part of the stream's tokens that may be missing, of all sources together, because of rows of several sources."""


def together(tokens: Mapping[str, int], epochs: Mapping[str, float], length: int) -> set[str]:
    """The sources whose last rows may be of several sources: all that are passed over equally often, and more.

    `tokens`: of each source in the split. In rows of `length` tokens a source has less than two rows' tokens beside
    those of others. A source of which only a part is taken stands alone: what of it is taken is chosen by rows.
    """
    whole = [source for source in tokens if epochs[source] >= 1]
    if len({epochs[source] for source in tokens}) == 1:
        return set(tokens)
    least = min((epochs[source] for source in whole), default=1.0)
    most = MOST_MISSING * sum(tokens[source] * epochs[source] for source in tokens) / max(1, len(tokens))
    return {one for one in whole if (epochs[one] - least) * min(tokens[one], 2 * length) <= most}


def work(unit: Unit) -> None:
    """Pack the last rows of a split's files, or of one source's in it."""
    given = unit.settings()
    settings = ShardSettings.model_validate(given["settings"])
    root, length, mark = Path(unit.root), settings.sequence_length, given["eos"]
    read = 0
    with output(root, STAGE, unit.key) as written:
        out = TokenFile(written.path(given["output"]), given["vocabulary_size"])
        packer = packing(settings, mark, last=True)
        for path, _, digest in given["files"]:
            require_recorded(root / path, digest)
            for row in all_rows(root / path):
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


def check(unit: Unit) -> None:
    """Compare files of rows with what was recorded of them. Raises Damaged."""
    given = unit.settings()
    root = Path(unit.root)
    for path, _, digest in given["files"]:
        require_recorded(root / path, digest)
    with output(root, STAGE, unit.key) as written:
        inputs = tuple(InputFact(*fact) for fact in given["files"])
        written.account(unit.source, unit.fingerprint, given["rows"], given["rows"], inputs=inputs)
