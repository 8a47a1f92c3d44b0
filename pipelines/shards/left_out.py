"""Which documents of a file stay out of the shards as a whole, for what the filter and dedup stages listed."""

from collections.abc import Callable
from pathlib import Path

from manifests.settings.shards import ShardSettings
from pipelines.corpus.texts import TextFile, clusters, rejected_ids

Reason = Callable[[str], str | None]


def reasons(root: Path, file: TextFile, settings: ShardSettings) -> Reason:
    """Says of an id why its document stays out, or None."""
    rejected = rejected_ids(root, file)
    duplicates = frozenset(clusters(root, file)) if settings.duplicates == "drop" else frozenset()

    def reason(identifier: str) -> str | None:
        if identifier in rejected:
            return "filter"
        return "duplicate" if identifier in duplicates else None

    return reason
