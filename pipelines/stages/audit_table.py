"""The last step of an audit: from the hits of all files to the overlap table, the levels and the totals.

`overlap/summary.parquet` has a row for every method, benchmark, field and n, for each source and for all together
(source `*`); `overlap/levels.parquet` the counted hits by the level of their items; `overlap/totals.json` items and
documents hit, each once; `overlap/benchmarks.json` what was read of every benchmark; `overlap/ids.txt` the ids of the
documents that are hit, one a line, for other tools; `overlap/items.parquet` every item, so that results of models can
be joined to it.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from dedup.benchmarks import Reading, problem_digest
from dedup.overlap_summary import EVERY_SOURCE, SUMMARY, Summary, SummaryRow
from manifests import ledger
from manifests.benchmarks import find_known
from manifests.ledger import InputFact
from manifests.output import output
from manifests.records import Hit, Rules
from manifests.writing import write_table, write_text
from pipelines.corpus.folder import (
    BENCHMARKS_PATH,
    HITS,
    IDS_PATH,
    ITEMS_PATH,
    LEVELS_PATH,
    SUMMARY_PATH,
    TOTALS_PATH,
    fingerprint,
)

if TYPE_CHECKING:
    from dedup.overlap import Coverage

STAGE = "overlap"
VERSION = 2
LEVELS = pa.schema(
    [pa.field(name, pa.string(), nullable=False) for name in ("benchmark", "field", "level")]
    + [pa.field(name, pa.int64(), nullable=False) for name in ("items", "items_hit")]
)

ITEMS = pa.schema(
    [pa.field(name, pa.string(), nullable=False) for name in ("benchmark", "item_id", "level", "problem_digest")]
)

Found = dict[tuple[str, str], set[str]]
"""Benchmark and field, and the ids of the items whose hits are counted."""


def summarise(
    root: Path,
    of_stage: str,
    meaning: list[Any],
    rules: Rules,
    readings: Mapping[str, Reading],
    coverage: Callable[[], "list[Coverage]"],
) -> list[tuple[Any, ...]]:
    """Write the tables of what the stage `of_stage` found, unless they are there; returns the overlap table's rows.

    `meaning` is all that decided the hits; `coverage` is asked for only if there is something to do.
    """
    entries = list(ledger.read_entries(root, of_stage))
    paths = [(entry.source, fact) for entry in entries for fact in entry.outputs if fact.path.startswith(f"{HITS}/")]
    mark = fingerprint(VERSION, meaning, rules, [fact.sha256 for _, fact in paths])
    if ledger.is_done(root, STAGE, "summary", mark):
        return [tuple(row.values()) for row in pq.read_table(root / SUMMARY_PATH, partitioning=None).to_pylist()]
    ledger.withdraw(root, STAGE, "summary")
    order = {name: [item.id for item in reading.items] for name, reading in readings.items()}
    covered = coverage()
    sources = sorted({entry.source for entry in entries})
    sums = {source: Summary(covered, rules, order) for source in (EVERY_SOURCE, *sources)}
    counted: Found = {}
    documents: set[str] = set()
    count = 0
    for source, fact in paths:
        for hit in _hits(root / fact.path):
            # Rows of two files may share an id (files that count from 0); each is a document.
            row = hit._replace(document_id=f"{fact.path}\0{hit.document_id}")
            sums[source].add(row)
            sums[EVERY_SOURCE].add(row)
            count += 1
            if hit.counted:
                counted.setdefault((hit.benchmark, hit.field), set()).add(hit.item_id)
                documents.add(row.document_id)
    rows = [(source, *row) for source, summary in sums.items() for row in summary.rows()]
    levels = list(_levels(readings, counted))
    hit_items = {(benchmark, item) for (benchmark, _), items in counted.items() for item in items}
    totals = {"items_hit": len(hit_items), "documents_hit": len(documents), "hits": count}
    with output(root, STAGE, "summary") as out:
        schema = pa.schema([pa.field("source", pa.string(), nullable=False), *SUMMARY])
        write_table(out.path(SUMMARY_PATH), _table(rows, schema))
        write_table(out.path(LEVELS_PATH), _table(levels, LEVELS))
        write_text(out.path(TOTALS_PATH), json.dumps(totals) + "\n")
        write_text(out.path(BENCHMARKS_PATH), described(readings))
        ids = sorted({document.partition("\0")[2] for document in documents})
        write_text(out.path(IDS_PATH), "".join(f"{_line(identifier)}\n" for identifier in ids))
        items = list(_items(readings))
        write_table(out.path(ITEMS_PATH), _table(items, ITEMS))
        out.wrote(ITEMS_PATH, len(items))
        out.wrote(IDS_PATH, len(ids))
        out.wrote(SUMMARY_PATH, len(rows))
        out.wrote(LEVELS_PATH, len(levels))
        out.wrote(TOTALS_PATH, 1)
        out.wrote(BENCHMARKS_PATH, len(readings))
        inputs = [InputFact(fact.path, fact.bytes, fact.sha256) for _, fact in paths]
        out.account(EVERY_SOURCE, mark, count, count, inputs=inputs)
    return rows


def described(readings: Mapping[str, Reading]) -> str:
    """What was read of each benchmark, as JSON: a benchmark a line of the list."""
    found = []
    for name, reading in readings.items():
        known = find_known(name)
        found.append(
            {
                "name": name,
                "title": known.title if known else name,
                "licence": known.licence if known else "not stated",
                "items": len(reading.items),
                "columns": {field: list(columns) for field, columns in reading.columns.items()},
                "id": reading.id,
                "unread": list(reading.unread),
                "notes": list(reading.notes),
                "levels": dict(sorted(Counter(reading.levels.values()).items())),
            }
        )
    return "[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in found) + "\n]\n"


def _line(identifier: str) -> str:
    """An id on one line; a line end in it is written as an escape."""
    return identifier.replace("\\", "\\\\").replace("\n", "\\n") if "\n" in identifier else identifier


def _items(readings: Mapping[str, Reading]) -> Iterator[tuple[str, str, str, str]]:
    """Every item by benchmark and id, with its level and the digest of its problem."""
    for name, reading in readings.items():
        for item in reading.items:
            problem = dict(item.fields).get("problem", "")
            yield name, item.id, reading.levels.get(item.id, ""), problem_digest(problem) if problem else ""


def _levels(readings: Mapping[str, Reading], counted: Found) -> Iterator[tuple[str, str, str, int, int]]:
    """Benchmark, field and level, how many items have that field and how many of them are hit."""
    for name, reading in readings.items():
        items: Counter[tuple[str, str]] = Counter()
        hit: Counter[tuple[str, str]] = Counter()
        for item in reading.items:
            level = reading.levels.get(item.id)
            for field, _ in item.fields if level is not None else ():
                items[field, str(level)] += 1
                hit[field, str(level)] += item.id in counted.get((name, field), ())
        for (field, level), count in sorted(items.items()):
            yield name, field, level, count, hit[field, level]


def _hits(path: Path) -> Iterator[Hit]:
    with pq.ParquetFile(path) as parquet:
        names = [name for name in Hit._fields if name not in ("document_text", "item_text")]
        for batch in parquet.iter_batches(columns=names):
            for row in batch.to_pylist():
                yield Hit(**row)


def _table(rows: Iterable[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.Table.from_arrays(
        [pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


def render(rows: Iterable[tuple[Any, ...]]) -> str:
    """The table of all sources together as text for a terminal; what was not found is one line at its end.

    Where a method found something, the headline stands beside it, also when it counts none of it.
    """
    head = ("benchmark", "field", "method", "n", "items", "too short", "unseen", "hit", "documents")
    made = [SummaryRow(*rest) for source, *rest in rows if source == EVERY_SOURCE]
    wide = max([12, *(len(row.benchmark) + 2 for row in made)])
    lines = [f"{head[0]:<{wide}}" + "{:<10}{:<11}{:>3}{:>8}{:>11}{:>8}{:>8}{:>11}".format(*head[1:])]
    clean: dict[str, None] = {}
    found = {(row.benchmark, row.field) for row in made if row.items_hit}
    shown = [row for row in made if row.items_hit or (row.method == "counted" and row[1:3] in found)]
    for row in made:
        if row in shown:
            n = row.n or ""
            lines.append(
                f"{row.benchmark:<{wide}}{row.field:<10}{row.method:<11}{n:>3}{row.items:>8,}{row.short:>11,}"
                f"{row.unseen:>8,}{row.items_hit:>8,}{row.documents_hit:>11,}"
            )
        elif (row.benchmark, row.field) not in found:
            seen = max(other.items - other.unseen for other in made if other[1:3] == row[1:3])
            clean[f"{row.benchmark} {row.field} ({seen:,} of {row.items:,} can be seen)"] = None
    zeros = len(made) - len(shown)
    if clean:
        lines.append(f"nothing found in {'; '.join(clean)}")
    if zeros:
        lines.append(f"{zeros} rows of zeros are left out here; all are in {SUMMARY_PATH}")
    return "\n".join(lines)
