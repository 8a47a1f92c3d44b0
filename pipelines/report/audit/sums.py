"""What an audit adds up to: the overlap table, the levels and the readings that its last step wrote."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from manifests import ledger
from manifests.errors import UserError
from pipelines.corpus.folder import BENCHMARKS_PATH, LEVELS_PATH, SUMMARY_PATH, TOTALS_PATH


class Row(NamedTuple):
    """A row of the overlap table; see `dedup.overlap_summary.SummaryRow`."""

    source: str
    method: str
    benchmark: str
    field: str
    n: int
    items: int
    short: int
    unseen: int
    items_hit: int
    documents_hit: int


class Level(NamedTuple):
    """Counted hits of the items of one level."""

    benchmark: str
    field: str
    level: str
    items: int
    items_hit: int


class Sums(NamedTuple):
    """All of it; `items_hit` and `documents_hit` count an item or document once, whatever its fields."""

    rows: list[Row]
    levels: list[Level]
    benchmarks: list[dict[str, Any]]
    documents: int
    items_hit: int
    documents_hit: int


def sums_of(root: Path) -> Sums:
    """The sums of the audit in a folder. Raises UserError where there is none."""
    if not (root / SUMMARY_PATH).is_file():
        raise UserError(f"{root}: no audit; expected the output of proofpile audit, with {SUMMARY_PATH}")
    totals = json.loads((root / TOTALS_PATH).read_text(encoding="utf-8"))
    return Sums(
        [Row(**row) for row in pq.read_table(root / SUMMARY_PATH, partitioning=None).to_pylist()],
        [Level(**row) for row in pq.read_table(root / LEVELS_PATH, partitioning=None).to_pylist()],
        json.loads((root / BENCHMARKS_PATH).read_text(encoding="utf-8")),
        sum(entry.kept for entry in ledger.read_entries(root, "audit")),
        totals["items_hit"],
        totals["documents_hit"],
    )
