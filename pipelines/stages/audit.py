"""The audit stage: which benchmark items stand in which documents, and a table that sums it up.

A unit is one documents file (or any file of texts) and writes `hits/SOURCE/NAME.parquet`. Documents that the filter or
dedup stage has turned away are not looked at: the table says what is in the corpus. It is written at the end to
`overlap/summary.parquet`, for each source and for all together (source `*`). Nothing is removed here; a recipe's
`overlap.remove` says which hits keep a document out of the shards.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from dedup.benchmarks import BenchmarkFormat, Item, read_benchmark
from dedup.overlap_summary import EVERY_SOURCE, SUMMARY, Summary, SummaryRow
from manifests import ledger
from manifests.errors import UserError
from manifests.ledger import Entry, InputFact, write_entry
from manifests.records import FAILED, HIT, Hit
from manifests.settings.overlap import OverlapSettings
from manifests.writing import PartWriter, Workspace, write_table
from pipelines.corpus.folder import DUPLICATES, HITS, SUMMARY_PATH, fingerprint, payload
from pipelines.corpus.texts import FILTER, GuardedReading, TextFile, clusters, list_digests, of_corpus, rejected_ids
from pipelines.engine.worker import Unit
from pipelines.stages.build import Build

if TYPE_CHECKING:
    # Kernels, which whoever only plans has no use for.
    from dedup.overlap import Overlap

STAGE = "audit"
SUMMARY_STAGE = "overlap"
VERSION = 2


class Benchmark(NamedTuple):
    """A benchmark's file on this machine and how to read it."""

    name: str
    path: str
    sha256: str
    fields: dict[str, str]
    id: str | None

    def fact(self) -> InputFact:
        """It as an input in the ledger."""
        return InputFact(f"benchmark {self.name}", Path(self.path).stat().st_size, self.sha256)

    def items(self) -> list[Item]:
        """Its items. Raises UserError."""
        layout = BenchmarkFormat(self.fields, self.id) if self.fields else None
        return read_benchmark(self.name, Path(self.path), layout)


def run(build: Build) -> None:
    """Audit a build as its recipe says; nothing is done where it has no `overlap` section."""
    if build.recipe.overlap is not None:
        audit(build, of_corpus(build.corpus), build.recipe.overlap)


def ready(build: Build) -> None:
    """Read the benchmarks once before any long work. Raises UserError naming the key of one that is none."""
    settings = build.recipe.overlap
    if settings is None:
        return
    for name in settings.benchmarks:
        try:
            _benchmark(build, name, settings).items()
        except UserError as error:
            raise UserError(f"{build.where}: overlap.benchmarks.{name}: {error}") from error


def audit(build: Build, files: Sequence[TextFile], settings: OverlapSettings, **keys: Any) -> list[tuple[Any, ...]]:
    """Audit files of texts; returns the table's rows (source first, then `SummaryRow`).

    `keys` are `id_key` and `text_key` of files that are not ours. Raises UserError for a benchmark that cannot be read.
    """
    benchmarks = [_benchmark(build, name, settings) for name in settings.benchmarks]
    items = [item for benchmark in benchmarks for item in benchmark.items()]
    build.do(STAGE, [_unit(build.root, file, benchmarks, settings, keys) for file in files])
    return _summarise(build, settings, benchmarks, items)


def _benchmark(build: Build, name: str, settings: OverlapSettings) -> Benchmark:
    chosen = settings.benchmarks[name]
    return Benchmark(name, str(build.assets[chosen.asset]), build.digests[chosen.asset], dict(chosen.fields), chosen.id)


def _meaning(benchmarks: Sequence[Benchmark], settings: OverlapSettings) -> list[Any]:
    """All that decides the hits, without places of this machine. What is removed is decided later."""
    files = [[one.name, one.sha256, one.fields, one.id] for one in benchmarks]
    return [VERSION, files, settings.published, settings.exact, settings.shortest_whole]


def _unit(
    root: Path, file: TextFile, benchmarks: Sequence[Benchmark], settings: OverlapSettings, keys: dict[str, Any]
) -> Unit:
    lists = list_digests(root, file, (FILTER, DUPLICATES))
    return Unit(
        stage=STAGE,
        key=file.key,
        source=file.source,
        root=str(root),
        work="pipelines.stages.audit:work",
        fingerprint=fingerprint(_meaning(benchmarks, settings), file.fact[2], lists, keys),
        payload=payload(
            file=file._asdict(), settings=settings.model_dump(mode="json"), benchmarks=list(benchmarks), keys=keys
        ),
    )


def work(unit: Unit) -> None:
    """Do one unit: look for every item in every document, then write the ledger entry."""
    settings = unit.settings()
    file = TextFile(**settings["file"])
    root = Path(unit.root)
    overlaps = shared_overlaps(json.dumps([settings["benchmarks"], settings["settings"]]))
    workspace = Workspace(root, STAGE, unit.key)
    try:
        pages = _Pages(file, rejected_ids(root, file), frozenset(clusters(root, file)), settings["keys"])
        hits = PartWriter(workspace, f"{HITS}/{file.stem}", HIT, identifier="document_id", part_bytes=1 << 40)
        failed = PartWriter(workspace, f"failed/{STAGE}/{file.stem}", FAILED, part_bytes=1 << 40)
        documents: set[str] = set()
        found = 0
        for hit in pages.search(overlaps):
            hits.add(hit)
            documents.add(hit.document_id)
            found += 1
        for failure in pages.reading.failures:
            failed.add(failure)
        facts = [*hits.close(), *failed.close()]
        workspace.publish(facts)
    finally:
        workspace.discard()
    write_entry(
        root,
        Entry(
            stage=STAGE,
            unit=unit.key,
            source=unit.source,
            fingerprint=unit.fingerprint,
            read=pages.reading.read,
            kept=pages.reading.read - len(pages.reading.failures) - sum(pages.passed.values()),
            failed=len(pages.reading.failures),
            rejected={reason: count for reason, count in pages.passed.items() if count},
            inputs=(file.input(), *(Benchmark(*one).fact() for one in settings["benchmarks"])),
            outputs=tuple(facts),
            numbers={"hits": found, "documents_hit": len(documents), "bytes": pages.bytes},
        ),
    )


class _Pages:
    """The documents of one file on their way through the scan, with the counts for the ledger."""

    def __init__(
        self, file: TextFile, rejected: frozenset[str], duplicates: frozenset[str], keys: dict[str, Any]
    ) -> None:
        self.reading = GuardedReading(file, STAGE, keys)
        self.rejected, self.duplicates = rejected, duplicates
        self.bytes = 0
        self.passed = {"filter": 0, "duplicate": 0}

    def search(self, overlaps: "Sequence[Overlap]") -> Iterator[Hit]:
        """The hits of all methods. Documents are scanned in batches, as one call for each would cost too much."""
        batch: list[tuple[str, str]] = []
        size = 0
        for page in self._texts():
            batch.append(page)
            size += len(page[1])
            if size >= 1 << 22:
                yield from _found(overlaps, batch)
                batch, size = [], 0
        yield from _found(overlaps, batch)

    def _texts(self) -> Iterator[tuple[str, str]]:
        """Ids and texts. Other people's rows may share an id: each counts, the second of them as `ID#2`."""
        seen: dict[str, int] = {}
        for row in self.reading:
            if row.id in self.rejected:
                self.passed["filter"] += 1
            elif row.id in self.duplicates:
                self.passed["duplicate"] += 1
            else:
                self.bytes += len(row.text.encode("utf-8", "surrogatepass"))
                seen[row.id] = time = seen.get(row.id, 0) + 1
                yield row.id if time == 1 else f"{row.id}#{time}", row.text


def _found(overlaps: "Sequence[Overlap]", batch: Sequence[tuple[str, str]]) -> Iterator[Hit]:
    for overlap in overlaps:
        yield from overlap.find(batch)


@lru_cache(maxsize=1)
def shared_overlaps(key: str) -> "tuple[Overlap, ...]":
    """The indices of a worker, built once a process."""
    benchmarks, settings = json.loads(key)
    items = [item for one in benchmarks for item in Benchmark(*one).items()]
    return tuple(overlaps_of(items, OverlapSettings.model_validate(settings)))


def overlaps_of(items: Sequence[Item], settings: OverlapSettings) -> "Iterator[Overlap]":
    """The methods that the settings ask for."""
    from dedup.overlap import Overlap

    if settings.published:
        yield Overlap(items, "published", settings.published)
    if settings.exact:
        yield Overlap(items, "exact", settings.exact, settings.shortest_whole)


def _summarise(
    build: Build, settings: OverlapSettings, benchmarks: Sequence[Benchmark], items: Sequence[Item]
) -> list[tuple[Any, ...]]:
    entries = list(ledger.read_entries(build.root, STAGE))
    paths = [(entry.source, fact) for entry in entries for fact in entry.outputs if fact.path.startswith(f"{HITS}/")]
    mark = fingerprint(_meaning(benchmarks, settings), build.recipe.rules, [fact.sha256 for _, fact in paths])
    target = build.root / SUMMARY_PATH
    if ledger.is_done(build.root, SUMMARY_STAGE, "summary", mark):
        return [tuple(row.values()) for row in pq.read_table(target).to_pylist()]
    ledger.withdraw(build.root, SUMMARY_STAGE, "summary")
    order: dict[str, list[str]] = {}
    for item in items:
        order.setdefault(item.benchmark, []).append(item.id)
    coverage = [row for overlap in overlaps_of(items, settings) for row in overlap.coverage()]
    sources = sorted({entry.source for entry in entries})
    sums = {source: Summary(coverage, build.recipe.rules, order) for source in (EVERY_SOURCE, *sources)}
    count = 0
    for source, fact in paths:
        for hit in _hits(build.root / fact.path):
            sums[source].add(hit)
            sums[EVERY_SOURCE].add(hit)
            count += 1
    rows = [(source, *row) for source, summary in sums.items() for row in summary.rows()]
    workspace = Workspace(build.root, SUMMARY_STAGE, "summary")
    try:
        write_table(workspace.path(SUMMARY_PATH), _table(rows))
        facts = [workspace.fact(SUMMARY_PATH, len(rows))]
        workspace.publish(facts)
    finally:
        workspace.discard()
    write_entry(
        build.root,
        Entry(
            stage=SUMMARY_STAGE,
            unit="summary",
            source=EVERY_SOURCE,
            fingerprint=mark,
            read=count,
            kept=count,
            inputs=tuple(InputFact(fact.path, fact.bytes, fact.sha256) for _, fact in paths),
            outputs=tuple(facts),
        ),
    )
    return rows


def _hits(path: Path) -> Iterator[Hit]:
    with pq.ParquetFile(path) as parquet:
        for batch in parquet.iter_batches():
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                yield Hit(*row)


def _table(rows: Iterable[tuple[Any, ...]]) -> pa.Table:
    schema = pa.schema([pa.field("source", pa.string(), nullable=False), *SUMMARY])
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.Table.from_arrays(
        [pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


def render(rows: Iterable[tuple[Any, ...]]) -> str:
    """The table of all sources together as text for a terminal."""
    head = ("benchmark", "field", "method", "n", "items", "too short", "unseen", "hit", "documents")
    lines = ["{:<12}{:<10}{:<11}{:>3}{:>8}{:>11}{:>8}{:>8}{:>11}".format(*head)]
    for source, *rest in rows:
        if source == EVERY_SOURCE:
            row = SummaryRow(*rest)
            lines.append(
                f"{row.benchmark:<12}{row.field:<10}{row.method:<11}{row.n:>3}{row.items:>8,}{row.short:>11,}"
                f"{row.unseen:>8,}{row.items_hit:>8,}{row.documents_hit:>11,}"
            )
    return "\n".join(lines)
