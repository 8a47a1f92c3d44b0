"""Two audits side by side: which items and which pairs are counted in one and not in the other."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipelines.report.audit.cards import Card, cards
from pipelines.report.audit.sums import sums_of


class Difference(NamedTuple):
    """Of one field of a benchmark: the items that both audits count, and those that only one of them does."""

    benchmark: str
    field: str
    both: frozenset[str]
    only_first: frozenset[str]
    only_second: frozenset[str]


class Comparison(NamedTuple):
    """All differences, the documents counted in each, and the pairs that only one audit counts, worst first."""

    differences: list[Difference]
    documents: tuple[int, int]
    only_first: list[Card]
    only_second: list[Card]
    remarks: list[str]


def compare(first: Path, second: Path) -> Comparison:
    """Compare two audits. Raises UserError for a folder that holds none."""
    sums = (sums_of(first), sums_of(second))
    found = tuple([card for card in cards(root)[0] if card.best.counted] for root in (first, second))
    items = [_items(side) for side in found]
    fields = {(row.benchmark, row.field): None for side in sums for row in side.rows}
    differences = []
    for benchmark, field in fields:
        one, other = (side.get((benchmark, field), frozenset()) for side in items)
        differences.append(Difference(benchmark, field, one & other, one - other, other - one))
    pairs = [{(card.benchmark, card.item_id, card.document_id) for card in side} for side in found]
    only = [
        [card for card in side if (card.benchmark, card.item_id, card.document_id) not in other]
        for side, other in zip(found, reversed(pairs), strict=True)
    ]
    remarks = list(_remarks([{one["name"]: one["items"] for one in side.benchmarks} for side in sums]))
    return Comparison(differences, (sums[0].documents_hit, sums[1].documents_hit), only[0], only[1], remarks)


def _items(found: list[Card]) -> dict[tuple[str, str], frozenset[str]]:
    items: dict[tuple[str, str], set[str]] = {}
    for card in found:
        for field in card.fields:
            if field.hit.counted:
                items.setdefault((card.benchmark, field.hit.field), set()).add(card.item_id)
    return {key: frozenset(value) for key, value in items.items()}


def _remarks(benchmarks: list[dict[str, int]]) -> Iterator[str]:
    first, second = benchmarks
    for name in sorted(first.keys() | second.keys()):
        if name not in first or name not in second:
            yield f"`{name}` is in the {'first' if name in first else 'second'} audit only"
        elif first[name] != second[name]:
            yield f"`{name}` has {first[name]:,} items in the first audit and {second[name]:,} in the second"


def render(comparison: Comparison, most: int = 10) -> str:
    """The comparison as text for a terminal, with the first `most` pairs of each side."""
    head = ("benchmark", "field", "first", "second", "both", "only first", "only second")
    wide = max([12, *(len(one.benchmark) + 2 for one in comparison.differences)])
    lines = [f"{head[0]:<{wide}}" + "{:<10}{:>8}{:>8}{:>8}{:>12}{:>13}".format(*head[1:])]
    for one in comparison.differences:
        counts = (len(one.both) + len(one.only_first), len(one.both) + len(one.only_second), len(one.both))
        if not one.both | one.only_first | one.only_second:
            continue
        lines.append(
            f"{one.benchmark:<{wide}}{one.field:<10}{counts[0]:>8,}{counts[1]:>8,}{counts[2]:>8,}"
            f"{len(one.only_first):>12,}{len(one.only_second):>13,}"
        )
    lines.append(f"documents counted: {comparison.documents[0]:,} and {comparison.documents[1]:,}")
    lines += comparison.remarks
    for name, side in (("first", comparison.only_first), ("second", comparison.only_second)):
        if side:
            lines.append(f"only in the {name}: {len(side):,} pairs")
            lines += [f"  {card.name()} ({card.best.kind}, {card.best.probability:.2f})" for card in side[:most]]
            lines += [f"  and {len(side) - most:,} more"] if len(side) > most else []
    return "\n".join(lines)
