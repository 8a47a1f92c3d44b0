"""What whoever makes shards should know of them: sources that give nothing, splits without rows, ids that repeat.

None of it is an error: a corpus may be meant so. Each remark is one line, for the terminal and the card.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from manifests.ledger import Entry
from manifests.settings.shards import ShardSettings
from pipelines.corpus.folder import TOKENS
from pipelines.shards.choices import Split
from pipelines.shards.token_file import ids_of_rows


def remarks(root: Path, sources: Sequence[str], entries: Sequence[Entry], settings: ShardSettings) -> Iterator[str]:
    """The remarks on the entries of the shard stage, in the order of the sources; `root`: the corpus."""
    for source in sources:
        mine = [entry for entry in entries if entry.source == source]
        numbers = {
            name: sum(entry.numbers.get(name, 0) for entry in mine)
            for name in ("documents", "equal_ids", "replaced", "validation_documents", "test_documents")
        }
        if not numbers["documents"]:
            yield f"{source}: not one document is left ({_why(mine)}); the other sources have its share of the stream"
            continue
        shares: Mapping[Split, float] = {"validation": settings.validation, "test": settings.test}
        for split, share in shares.items():
            if share and not numbers[f"{split}_documents"]:
                yield (
                    f"{source}: nothing in {split}: {share:g} of {numbers['documents']:,} documents is "
                    f"{share * numbers['documents']:.1f}, and none was drawn"
                )
        if numbers["equal_ids"]:
            repeated = _repeated(root, mine, settings.layout == "packed")
            yield (
                f"{source}: documents with the id of one before them: {numbers['equal_ids']:,}, "
                f"such as `{next(repeated, '?')}`; `ids` cannot tell them apart"
            )
        if numbers["replaced"]:
            yield (
                f"{source}: characters U+FFFD in the texts: {numbers['replaced']:,}, which stand for what could not be "
                "read (lone surrogates, broken bytes)"
            )


def _why(entries: Sequence[Entry]) -> str:
    counts: dict[str, int] = {"failed": sum(entry.failed for entry in entries)}
    for entry in entries:
        for reason, count in entry.rejected.items():
            counts[reason] = counts.get(reason, 0) + count
    return ", ".join(f"{count:,} {reason}" for reason, count in sorted(counts.items()) if count) or "it had none"


def _repeated(root: Path, entries: Sequence[Entry], packed: bool) -> Iterator[str]:
    """Ids that two documents of one unit have."""
    for entry in entries:
        seen: set[str] = set()
        for fact in entry.outputs:
            last = None
            for row in ids_of_rows(root / fact.path) if fact.path.startswith(f"{TOKENS}/") else ():
                # A document that runs on in the next row of a packed file is not a second one.
                for name in row[int(packed and row[0] == last) :]:
                    if name in seen:
                        yield name
                    seen.add(name)
                last = row[-1]
