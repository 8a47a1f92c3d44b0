"""Counting hits: how many items of a benchmark were found, in how many documents, and how many could not be seen.

Under the `published` rules one item counts for each document, as the Llemma authors' script has it: it writes every hit
of a document into the same columns, so the last item in the benchmark's order overwrites the others (repository
wellecks/overlap, `flatten` in `check_overlap.py`, counted by `hit_stats` in `notebooks/analysis.ipynb`). Their table
says 34 MATH solutions in OpenWebMath where 36 were found. (Documents they count by text, we by id.)
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from manifests.records import Hit, Rules

if TYPE_CHECKING:
    from dedup.overlap import Coverage

EVERY_SOURCE = "*"
"""The source under which a table counts the hits of all of them."""


class SummaryRow(NamedTuple):
    """One line of the overlap table; see `dedup.overlap.Coverage` for `items`, `short` and `unseen`."""

    method: str
    benchmark: str
    field: str
    n: int
    items: int
    short: int
    unseen: int
    items_hit: int
    documents_hit: int


SUMMARY = pa.schema(
    [pa.field(name, pa.string(), nullable=False) for name in ("method", "benchmark", "field")]
    + [pa.field("n", pa.int32(), nullable=False)]
    + [
        pa.field(name, pa.int64(), nullable=False)
        for name in ("items", "short", "unseen", "items_hit", "documents_hit")
    ]
)


class Summary:
    """Gathers hits, in any order and any number of times, into the overlap table.

    `item_order` gives each benchmark's item ids in their order; only the `published` rules ask for it.
    """

    def __init__(
        self,
        coverage: "Iterable[Coverage]",
        rules: Rules = "corrected",
        item_order: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        self.coverage = list(coverage)
        self.rules = rules
        self._rank = {
            benchmark: {item: rank for rank, item in enumerate(items)}
            for benchmark, items in (item_order or {}).items()
        }
        self._found: dict[tuple[str, str, str, int], dict[str, set[str]]] = {}

    def add(self, hit: Hit) -> None:
        """Count one hit."""
        self._count(hit, hit.method, hit.n)
        if hit.counted:
            self._count(hit, "counted", 0)

    def _count(self, hit: Hit, method: str, n: int) -> None:
        documents = self._found.setdefault((method, hit.benchmark, hit.field, n), {})
        documents.setdefault(hit.document_id, set()).add(hit.item_id)

    def rows(self) -> list[SummaryRow]:
        """The table: one row for every method, benchmark, field and n, also where nothing was found."""
        return [
            SummaryRow(
                one.method,
                one.benchmark,
                one.field,
                one.n,
                one.items,
                one.short,
                one.unseen,
                len(self._items(one)),
                len(self._documents(one)),
            )
            for one in self.coverage
        ]

    def _documents(self, one: "Coverage") -> dict[str, set[str]]:
        return self._found.get((one.method, one.benchmark, one.field, one.n), {})

    def _items(self, one: "Coverage") -> set[str]:
        documents = self._documents(one)
        if self.rules == "corrected":
            return {item for items in documents.values() for item in items}
        rank = self._rank[one.benchmark]
        return {max(items, key=rank.__getitem__) for items in documents.values()}
