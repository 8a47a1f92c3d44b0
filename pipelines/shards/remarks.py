"""What whoever makes shards should know of them: sources that give nothing, splits without rows, ids that repeat.

None of it is an error: a corpus may be meant so. Each remark is one line, for the terminal and the card.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from manifests.ledger import Entry
from manifests.settings.shards import ShardSettings
from pipelines.corpus.folder import TOKENS
from pipelines.shards.choices import Split
from pipelines.shards.equal_ids import repeated_ids


def remarks(
    root: Path, sources: Sequence[str], entries: Sequence[Entry], settings: ShardSettings, given: Mapping[str, int]
) -> Iterator[str]:
    """The remarks on the entries of the shard stage, in the order of the sources; `root`: the corpus.

    `given`: the tokens of each source that are in the training stream.
    """
    some = any(entry.numbers.get("documents") for entry in entries)
    for source in sources:
        mine = [entry for entry in entries if entry.source == source]
        numbers = {
            name: sum(entry.numbers.get(name, 0) for entry in mine)
            for name in ("documents", "replaced", "train_tokens", "validation_documents", "test_documents")
        }
        if not numbers["documents"]:
            what = "the other sources have its share of the stream" if some else "the stream is empty"
            yield f"{source}: not one document is left ({_why(mine)}); {what}"
            continue
        shares: Mapping[Split, float] = {"validation": settings.validation, "test": settings.test}
        for split, share in shares.items():
            if share and not numbers[f"{split}_documents"]:
                yield (
                    f"{source}: nothing in {split}: {share:g} of {numbers['documents']:,} documents is "
                    f"{share * numbers['documents']:.1f}, and none was drawn"
                )
        if numbers["train_tokens"] and not given.get(source):
            yield f"{source}: nothing in train: its part of the stream is less than half of a row"
        files = [root / fact.path for entry in mine for fact in entry.outputs if fact.path.startswith(f"{TOKENS}/")]
        repeated = repeated_ids([path for path in files if path.suffix == ".arrow"], numbers["documents"])
        if repeated is not None:
            yield (
                f"{source}: documents with the id of one before them: {repeated.documents:,}, "
                f"such as `{repeated.example}`; `ids` cannot tell them apart"
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
