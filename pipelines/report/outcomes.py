"""What became of every record of a corpus, counted from the ledger's entries: each record once, so that the counts of a
source add up to the records read.
"""

from collections import Counter
from collections.abc import Mapping

from manifests import ledger
from manifests.ledger import Totals
from pipelines.corpus.folder import Corpus

OUTCOMES = (
    "kept", "rejected: extract", "failed", "rejected: filter", "duplicate", "benchmark", "empty", "elsewhere",
)  # fmt: skip
"""What can become of a record. `empty`: the document has no text to tokenize. `elsewhere`: a later stage
has not seen the record, because it has not run since, or has run on other files."""
STAGES = ("extract", "filter", "signatures", "dedup", "audit", "shard")
Sums = Mapping[str, Mapping[str, Totals]]


def sums_of(corpus: Corpus) -> Sums:
    """Sums by stage and source."""
    return ledger.totals(ledger.read_entries(corpus.root))


def first_stage(sums: Sums) -> str:
    """The stage that read the records first: `extract`, or what a command ran on files of texts."""
    return next((stage for stage in STAGES if stage in sums), "extract")


def sources_of(sums: Sums) -> list[str]:
    """The sources whose records were read."""
    return list(sums.get(first_stage(sums), {}))


def outcome(sums: Sums, source: str) -> dict[str, int]:
    """What became of every record of a source, by `OUTCOMES`; the counts add up to the records read."""

    def part(stage: str) -> Totals:
        return sums.get(stage, {}).get(source, Totals())

    extract, filtered, dedup, shard = part("extract"), part("filter"), part("dedup"), part("shard")
    result = dict.fromkeys(OUTCOMES, 0)
    result["rejected: extract"] = sum(extract.rejected.values())
    result["failed"] = extract.failed + filtered.failed
    if shard.units:
        # The shard stage carries out what the others listed, and so knows of each document what became of it.
        words = {
            "filter": "rejected: filter",
            "duplicate": "duplicate",
            "overlap": "benchmark",
            "empty": "empty",
        }
        for reason, count in shard.rejected.items():
            result[words.get(reason, "elsewhere")] += count
        result["kept"] = shard.kept
        result["failed"] = extract.failed + shard.failed
    else:
        result["rejected: filter"] = sum(filtered.rejected.values())
        result["duplicate"] = sum(dedup.rejected.values())
        result["failed"] += part("signatures").failed + dedup.failed
        last = next((stage for stage in ("dedup", "filter", "audit", "extract") if part(stage).units), "signatures")
        result["kept"] = part(last).kept
    read = part(first_stage(sums)).read
    result["elsewhere"] += read - sum(result.values())
    return result


def turned_away(sums: Sums, source: str) -> Counter[str]:
    """Why records of a source were turned away, over all stages, each record once."""
    counts: Counter[str] = Counter()
    for stage in ("extract", "filter", "dedup", "shard"):
        for reason, count in sums.get(stage, {}).get(source, Totals()).rejected.items():
            # The shard stage carries out what the stages before it listed.
            if stage != "shard" or reason not in ("filter", "duplicate"):
                counts[f"benchmark_{reason}" if stage == "shard" and reason == "overlap" else reason] += count
    return counts
