"""What became of one record: every stage that saw it, in order, to its end.

A record is asked for by its id, its address, its path or name in an archive, or a part of these. Ids are made of a
source's name and the record's key, so a whole key is found without a search.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from manifests import ledger
from manifests.records import stable_id
from pipelines.corpus.folder import CLUSTERS, DOCUMENTS, DUPLICATES, FAILED, HITS, REJECTED, SHARDS

MOST_FOUND = 20
"""Records that a part of an address or a path may stand for, and rows of a shard that are named."""


class Step(NamedTuple):
    """What one stage did with a record: a word or two, and the file and facts that show it."""

    stage: str
    outcome: str
    detail: str = ""


class Explained(NamedTuple):
    """A record and its way."""

    id: str
    name: str
    steps: tuple[Step, ...]


def explain(root: Path, asked: str) -> list[Explained]:
    """The records of a corpus that `asked` stands for, each with its way; none where it stands for none."""
    sources = sorted({entry.source for entry in ledger.read_entries(root, "extract")})
    wanted = {asked, *(stable_id(source, asked) for source in sources)}
    found = dict(_by_id(root, wanted)) or dict(_by_part(root, asked))
    return [Explained(identifier, name, tuple(_way(root, identifier))) for identifier, name in sorted(found.items())]


def _tables(root: Path, folder: str, columns: list[str]) -> Iterator[tuple[str, pa.RecordBatch]]:
    for path in sorted((root / folder).rglob("*.parquet")):
        with pq.ParquetFile(path) as parquet:
            names = [name for name in columns if name in parquet.schema_arrow.names]
            for batch in parquet.iter_batches(columns=names, batch_size=1 << 14):
                yield path.relative_to(root).as_posix(), batch


def _by_id(root: Path, wanted: set[str]) -> Iterator[tuple[str, str]]:
    values = pa.array(sorted(wanted))
    for folder in (DOCUMENTS, REJECTED, FAILED):
        for _, batch in _tables(root, folder, ["id", "url", "detail", "shard"]):
            for row in batch.filter(pc.is_in(batch.column("id"), values)).to_pylist():
                yield row["id"], str(row.get("url") or row.get("detail") or row.get("shard") or "")


def _by_part(root: Path, asked: str) -> Iterator[tuple[str, str]]:
    """Records whose address, key or file holds what was asked for."""
    count = 0
    for folder, columns in ((DOCUMENTS, ["url", "meta"]), (REJECTED, ["detail"]), (FAILED, ["shard", "error"])):
        for _, batch in _tables(root, folder, ["id", *columns]):
            mask = None
            for name in columns:
                holds = pc.fill_null(pc.match_substring(batch.column(name), asked), False)
                mask = holds if mask is None else pc.or_(mask, holds)
            for row in batch.filter(mask).to_pylist():
                if row["id"]:
                    yield row["id"], str(row.get("url") or row.get("detail") or _place(row) or row.get("shard"))
                    count += 1
                if count >= MOST_FOUND:
                    return


def _place(document: dict[str, Any]) -> str:
    """Where a document without an address came from."""
    meta = json.loads(document.get("meta") or "{}")
    return str(meta.get("path") or (meta.get("origin") or {}).get("record") or "")


def _rows(root: Path, folder: str, column: str, identifier: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((root / folder).rglob("*.parquet")):
        with pq.ParquetFile(path) as parquet:
            if column not in parquet.schema_arrow.names:
                continue
            names = [name for name in parquet.schema_arrow.names if name not in ("text", "input_ids")]
            first = 0
            for batch in parquet.iter_batches(columns=names, batch_size=1 << 14):
                values = batch.column(column)
                if pa.types.is_list(values.type):
                    parents = pc.list_parent_indices(values)
                    at = sorted(set(parents.filter(pc.equal(pc.list_flatten(values), identifier)).to_pylist()))
                else:
                    at = pc.indices_nonzero(pc.equal(values, identifier)).to_pylist()
                for number, row in zip(at, batch.take(at).to_pylist() if at else (), strict=True):
                    yield path.relative_to(root).as_posix(), row | {"row": first + number}
                first += batch.num_rows


def _way(root: Path, identifier: str) -> Iterator[Step]:
    for file, row in _rows(root, DOCUMENTS, "id", identifier):
        origin = json.loads(row["meta"]).get("origin") or {}
        came = f"from {origin['file']}, record {origin['record']}" if origin else f"from {row['url'] or 'its source'}"
        yield Step("extract", "kept", f"{came}; in {file}")
        scores = ", ".join(f"{name} {value:.4g}" for name, value in row["scores"])
        if scores:
            yield Step("extract", "scored", scores)
    for file, row in _rows(root, FAILED, "id", identifier):
        yield Step(row["stage"], "failed", f"{row['error']} ({row['shard']}); in {file}")
    for file, row in _rows(root, REJECTED, "id", identifier):
        yield Step(row["stage"], f"rejected: {row['reason']}", f"{row['detail']}; in {file}".lstrip("; "))
    for file, row in _rows(root, DUPLICATES, "id", identifier):
        alike = f"{row['method']}, similarity {row['similarity']:.4f}"
        yield Step("dedup", f"duplicate of {row['kept_id']}", f"{alike}; in {file}")
    stands = sum(1 for _ in _rows(root, DUPLICATES, "kept_id", identifier))
    if stands:
        yield Step("dedup", "kept", f"for {stands} duplicates of it")
    for _, row in _rows(root, CLUSTERS, "cluster", identifier):
        yield Step("dedup", "heads a cluster", f"of {row['size']} documents")
    for file, row in _rows(root, HITS, "document_id", identifier):
        yield Step("audit", f"hit: {row['benchmark']} {row['item_id']} {row['field']}", f"{row['method']}; in {file}")
    placed: dict[str, list[int]] = {}
    for file, row in _rows(root, SHARDS, "ids", identifier):
        placed.setdefault(file, []).append(row["row"])
    for file, rows in placed.items():
        more = f" and {len(rows) - MOST_FOUND} more" if len(rows) > MOST_FOUND else ""
        named = ", ".join(map(str, rows[:MOST_FOUND]))
        yield Step("shard", "written", f"{file}, row{'s' * (len(rows) > 1)} {named}{more}")
    if not placed and (root / SHARDS).is_dir() and any((root / SHARDS).rglob("*.parquet")):
        yield Step("shard", "not in any shard", "for the reason above, or because the mixture does not draw it")
