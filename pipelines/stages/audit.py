"""The audit stage: which benchmark items stand in which documents, and a table that sums it up.

A unit is one documents file (or any file of texts) and writes `hits/SOURCE/NAME.parquet`. Documents that the filter or
dedup stage has turned away are not looked at: the tables (`pipelines.stages.audit_table`) say what is in the corpus.
Nothing is removed here; a recipe's `overlap.remove` says which hits keep a document out of the shards.
"""

import fcntl
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from dedup.benchmarks import Item, Reading, layout_of, read_parts
from manifests.benchmarks import find_known
from manifests.errors import UserError
from manifests.ledger import InputFact
from manifests.output import WHOLE, output
from manifests.records import FAILED, HIT, BadRecord, Hit
from manifests.settings.overlap import OverlapSettings
from manifests.writing import WORK_FOLDER, sha256_of
from pipelines.corpus.folder import DUPLICATES, HITS, fingerprint, payload
from pipelines.corpus.lines import DAMAGE
from pipelines.corpus.rows import require_texts
from pipelines.corpus.texts import (
    FILTER,
    GuardedReading,
    TextFile,
    TextRow,
    clusters,
    list_digests,
    of_corpus,
    read,
    rejected_ids,
)
from pipelines.engine.failures import describe
from pipelines.engine.worker import Unit
from pipelines.sources.other_texts import columns_of, texts_of
from pipelines.stages import audit_table
from pipelines.stages.build import Build

if TYPE_CHECKING:
    # Kernels, which whoever only plans has no use for.
    from dedup.overlap import Overlap

STAGE = "audit"
INDEX_FOLDER = "overlap-index"
"""Below `.work`: the indices that workers share while the stage runs."""
VERSION = 12


class Benchmark(NamedTuple):
    """A benchmark's files on this machine, by part, and how to read them."""

    name: str
    paths: dict[str, str]
    sha256: dict[str, str]
    fields: dict[str, str | tuple[str, ...]]
    id: str | None
    split: str | None
    hide: bool

    def facts(self) -> list[InputFact]:
        """It as inputs in the ledger."""
        return [
            InputFact(f"benchmark {self.name} {part}".strip(), Path(path).stat().st_size, self.sha256[part])
            for part, path in self.paths.items()
        ]

    def read(self) -> Reading:
        """Its items and what was read. Raises UserError."""
        layout = layout_of(self.fields, self.id, self.split)
        return read_parts(self.name, {part: Path(path) for part, path in self.paths.items()}, layout)


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
            _benchmark(build, name, settings).read()
        except UserError as error:
            raise UserError(f"{build.where}: overlap.benchmarks.{name}: {error}") from error


def audit(build: Build, files: Sequence[TextFile], settings: OverlapSettings, **keys: Any) -> list[tuple[Any, ...]]:
    """Audit files of texts; returns the table's rows (source first, then `SummaryRow`).

    `keys` are `id_key`, `text_key` and `tokenizer` of files that are not ours. Raises UserError for a benchmark that
    cannot be read.
    """
    benchmarks = [_benchmark(build, name, settings) for name in settings.benchmarks]
    readings = {benchmark.name: benchmark.read() for benchmark in benchmarks}
    build.do(STAGE, [_unit(build.root, file, benchmarks, settings, keys) for file in files])
    for reading, benchmark in zip(readings.values(), benchmarks, strict=True):
        build.progress.say(reading.said(benchmark.name))
    rows = audit_table.summarise(
        build.root,
        STAGE,
        _meaning(benchmarks, settings),
        build.recipe.rules,
        readings,
        lambda: [
            row
            for overlap in _overlaps(build.root, benchmarks, settings.model_dump(mode="json"))
            for row in overlap.coverage()
        ],
    )
    shared_overlaps.cache_clear()
    shutil.rmtree(build.root / WORK_FOLDER / INDEX_FOLDER, ignore_errors=True)
    return rows


MOST_LOOKED_INTO = 500
"""Of more files than this, so many are looked into before the work; the rest is found out by it."""


def require_readable(files: Sequence[TextFile], **keys: Any) -> list[str]:
    """Look into the files of a foreign corpus before any work; returns the columns of the texts, as they are called.

    Raises UserError naming a file that holds no such texts, also where all are damaged before their first one; where
    only some are, the work lists them.
    """
    step = -(-len(files) // MOST_LOOKED_INTO) or 1
    damage = ""
    some = False
    columns: set[str] = set()
    for path in (Path(file.path) for file in files[::step]):
        try:
            some = require_texts(path, texts_of(path, **keys)) or some
            columns.add(" and ".join(columns_of(path, keys["text_key"])))
        except DAMAGE as error:
            damage = damage or f"{path}: cannot be read: {describe(error)}"
    if step == 1 and not some:
        also = " and the others" if len(files) > 1 else ""
        raise UserError(damage or f"{files[0].path}{also}: no texts; the files have no rows")
    return sorted(columns - {""})


def any_texts(file: TextFile, **keys: Any) -> Iterator[TextRow | BadRecord]:
    """The texts of a documents file of ours, or of a file of any kind."""
    if file.ours:
        yield from read(file)
        return
    for row in texts_of(Path(file.path), **keys):
        yield row if isinstance(row, BadRecord) else TextRow(row.id, row.text, {})


def _benchmark(build: Build, name: str, settings: OverlapSettings) -> Benchmark:
    chosen = settings.benchmarks[name]
    parts = chosen.assets()
    known = find_known(name)
    hide = settings.hide_items if settings.hide_items is not None else known is not None and known.hide
    paths = {part: str(build.assets[asset]) for part, asset in parts.items()}
    digests = {part: build.digests[asset] for part, asset in parts.items()}
    return Benchmark(name, paths, digests, dict(chosen.fields), chosen.id, chosen.split, hide)


def _meaning(benchmarks: Sequence[Benchmark], settings: OverlapSettings) -> list[Any]:
    """All that decides the hits, without places of this machine. What is removed is decided later."""
    files = [[one.name, one.sha256, one.fields, one.id, one.split, one.hide] for one in benchmarks]
    return [VERSION, files, settings.published, settings.exact, settings.shortest_whole, settings.fuzzy]


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
        fingerprint=fingerprint(_meaning(benchmarks, settings), file.fact[2], lists, _plain(keys)),
        payload=payload(
            file=file._asdict(), settings=settings.model_dump(mode="json"), benchmarks=list(benchmarks), keys=keys
        ),
    )


def _plain(keys: Mapping[str, Any]) -> dict[str, Any]:
    """The keys without places of this machine."""
    tokenizer = keys.get("tokenizer")
    return {**keys, "tokenizer": sha256_of(Path(tokenizer)) if tokenizer else None}


def work(unit: Unit) -> None:
    """Do one unit: look for every item in every document, then write the ledger entry."""
    settings = unit.settings()
    file = TextFile(**settings["file"])
    root = Path(unit.root)
    overlaps = _overlaps(root, [Benchmark(*one) for one in settings["benchmarks"]], settings["settings"])
    with output(root, STAGE, unit.key) as out:
        pages = _Pages(file, rejected_ids(root, file), frozenset(clusters(root, file)), settings["keys"])
        hits = out.rows(f"{HITS}/{file.stem}", HIT, identifier="document_id", part_bytes=WHOLE)
        failed = out.rows(f"failed/{STAGE}/{file.stem}", FAILED, part_bytes=WHOLE)
        documents: set[str] = set()
        found = 0
        hidden = {name for name, *_, hide in settings["benchmarks"] if hide}
        for hit in pages.search(overlaps):
            hits.add(hit._replace(document_text="", item_text="") if hit.benchmark in hidden else hit)
            documents.add(hit.document_id)
            found += 1
        for failure in pages.reading.failures:
            failed.add(failure)
        out.account(
            unit.source,
            unit.fingerprint,
            pages.reading.read,
            pages.reading.read - len(pages.reading.failures) - sum(pages.passed.values()),
            failed=len(pages.reading.failures),
            rejected={reason: count for reason, count in pages.passed.items() if count},
            inputs=(file.input(), *(fact for one in settings["benchmarks"] for fact in Benchmark(*one).facts())),
            numbers={"hits": found, "documents_hit": len(documents), "bytes": pages.bytes},
        )


class _Pages:
    """The documents of one file on their way through the scan, with the counts for the ledger."""

    def __init__(
        self, file: TextFile, rejected: frozenset[str], duplicates: frozenset[str], keys: dict[str, Any]
    ) -> None:
        self.reading = GuardedReading(file, STAGE, keys, reader=any_texts)
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


def _overlaps(root: Path, benchmarks: Sequence[Benchmark], settings: dict[str, Any]) -> "tuple[Overlap, ...]":
    meaning = fingerprint(_meaning(benchmarks, OverlapSettings.model_validate(settings)))
    return shared_overlaps(root, meaning, json.dumps([benchmarks, settings]))


@lru_cache(maxsize=1)
def shared_overlaps(root: Path, meaning: str, key: str) -> "tuple[Overlap, ...]":
    """The indices of all workers: the first that asks builds them and writes them to a file each, and all map those.

    `meaning` is a hash of all that decides them, `key` holds benchmarks and settings as JSON.
    """
    from dedup.overlap import Overlap

    benchmarks, chosen = json.loads(key)
    settings = OverlapSettings.model_validate(chosen)
    folder = root / WORK_FOLDER / INDEX_FOLDER
    paths = [folder / f"{meaning}.{name}" for name in ("published", "exact") if getattr(settings, name)]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not all(path.exists() for path in paths):
            items = [item for one in benchmarks for item in Benchmark(*one).read().items]
            for path, overlap in zip(paths, overlaps_of(items, settings), strict=True):
                overlap.save(path)
    return tuple(Overlap.load(path) for path in paths)


def overlaps_of(items: Sequence[Item], settings: OverlapSettings) -> "Iterator[Overlap]":
    """The methods that the settings ask for."""
    from dedup.overlap import Overlap

    if settings.published:
        yield Overlap(items, "published", settings.published)
    if settings.exact:
        yield Overlap(items, "exact", settings.exact, settings.shortest_whole, fuzzy=settings.fuzzy)
