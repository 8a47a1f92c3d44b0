"""Which documents of a file stay out of the shards: what earlier stages listed for it."""

from collections.abc import Callable, Sequence
from pathlib import Path

from manifests.settings.overlap import RemovalPolicy
from manifests.settings.shards import ShardSettings
from pipelines.corpus.texts import TextFile, clusters, hit_ids, rejected_ids

Reason = Callable[[str], str | None]


def reasons(root: Path, file: TextFile, settings: ShardSettings, policies: Sequence[RemovalPolicy]) -> Reason:
    """Says of an id why its document stays out, or None."""
    rejected = rejected_ids(root, file)
    duplicates = frozenset(clusters(root, file)) if settings.duplicates == "drop" else frozenset()
    hits = hit_ids(root, file, policies)

    def reason(identifier: str) -> str | None:
        if identifier in rejected:
            return "filter"
        if identifier in duplicates:
            return "duplicate"
        return "overlap" if identifier in hits else None

    return reason
