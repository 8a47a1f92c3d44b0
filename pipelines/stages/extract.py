"""The extract stage: raw files in, documents with text and scores out.

A unit is a group of raw files of one source; each record of each file ends as a document, a rejection or a failure
(`pipelines.stages.extraction`).
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from filters.edits.base import Edit
from filters.scorer import Scorer
from manifests import mirror
from manifests.errors import Described
from manifests.output import output
from manifests.paged import Paged, in_order
from manifests.recipe import Recipe, Score, SourceEntry
from manifests.user_classes import code_hash, search_in
from pipelines.corpus.folder import fingerprint, fingerprints, payload, public
from pipelines.corpus.texts import Raw
from pipelines.engine.timing import STEPS
from pipelines.engine.worker import LOADING, MONITOR, Unit
from pipelines.extraction.archives.unpacked import unpacked_bytes
from pipelines.fetching.arriving import Changed
from pipelines.sources.base import RawFile, Source
from pipelines.sources.registry import SOURCES, make_source, source_class
from pipelines.stages.build import Build
from pipelines.stages.cutting import cut
from pipelines.stages.editing import make_edits
from pipelines.stages.extraction import STAGE, Extraction
from pipelines.stages.lending import AROUND, lent
from pipelines.stages.on_the_way import TRIES, files_of, forget
from pipelines.stages.scoring import make_scorer

LEFT_OUT_BYTES = 512
"""For so many bytes counts what is only listed, when files are grouped into units."""
VERSION = 14
"""Raised when the stage would write other bytes for the same input, so that old units are done again."""


def plan(
    root: Path,
    recipe: Recipe,
    raw: Mapping[str, Sequence[Raw]],
    assets: Mapping[str, Path],
    digests: Mapping[str, str],
    folder: Path | None = None,
    workers: int = 1,
) -> Iterator[Unit]:
    """The units of all sources, each made when it is asked for.

    `raw` and `assets` come from the fetch stage; `digests` are the assets' sha256.

    `folder` is where modules of the user's own are looked for, besides the current folder. `workers` share the pace at
    which records are asked for.
    """
    for shown, entry in zip(public(recipe).sources, recipe.sources, strict=True):
        named = {recipe.scores[name].model or "" for name in entry.scores} - {""}
        named |= {name for name in recipe.assets if mentions(entry.options, name)}
        early = [threshold.model_dump() for threshold in entry.filters if threshold.early]
        decides = [
            VERSION,
            recipe.limits.rejected_texts,
            entry.rules or recipe.rules,
            entry.model_dump(include={"name", "kind", "options", "licence", "edits", "scores"}),
            early,
            {name: recipe.scores[name].model_dump() for name in entry.scores},
            {name: digests[name] for name in sorted(named)},
            [
                code_hash(kind)
                for kind in (
                    entry.kind,
                    *(edit.kind for edit in entry.edits),
                    *(recipe.scores[name].kind for name in entry.scores),
                )
            ],
        ]
        common = payload(
            # Nobody needs to know an address any more, and a plan travels far.
            entry={**entry.model_dump(mode="json", by_alias=True), "inputs": _inputs(shown)},
            folder=None if folder is None else str(folder),
            rules=entry.rules or recipe.rules,
            most_bytes=int(recipe.limits.file_mb * (1 << 20)),
            most_texts=recipe.limits.rejected_texts,
            per_second=recipe.limits.requests_per_second / workers,
            scores={name: recipe.scores[name].model_dump() for name in entry.scores},
            assets={name: str(assets[name]) for name in sorted(named)},
        )
        mark, kind = fingerprints(decides), source_class(entry.kind)
        for group, size in groups(raw.get(entry.name, ()), int(recipe.limits.unit_mb * (1 << 20))):
            identity = [(file.name, file.left_out or file.sha256) for file in group]
            # Made when they are asked for, which hardly a kind does: a path takes longer than all else of a unit.
            here = (RawFile(Path(file.path), file.name) for file in group if file.remote is None and not file.left_out)
            yield Unit(
                stage=STAGE,
                key=f"{entry.name}-{fingerprint(identity)[:16]}",
                source=entry.name,
                root=str(root),
                work="pipelines.stages.extract:work",
                fingerprint=mark(identity, kind.beside(here)),
                payload=payload(files=[file._asdict() for file in group]),
                common=common,
                size=size,
                ahead=any(file.remote is not None for file in group),
            )


def _inputs(entry: SourceEntry) -> list[Any]:
    return [item.model_dump(mode="json", by_alias=True) for item in entry.inputs]


def mentions(value: Any, name: str) -> bool:
    """Whether an option's value names an asset, at any depth."""
    if isinstance(value, dict):
        return any(mentions(inner, name) for inner in value.values())
    if isinstance(value, list | tuple):
        return any(mentions(inner, name) for inner in value)
    return bool(value == name)


def run(build: Build) -> None:
    """Extract every source of a build."""
    workers = build.engine.workers
    units: Iterable[Unit] = plan(
        build.root, build.recipe, build.raw, build.assets, build.digests, build.folder, workers
    )
    if build.engine.far(build.root):
        from pipelines.engine.engine import not_done

        here = Paged(Unit, units)
        sent = {unit.key: unit for unit in lent(build.root, not_done(here))}
        units = (sent.get(unit.key, unit) for unit in here)
    try:
        build.do(STAGE, units)
    except Described:
        mirror.take_back(build.root)
        raise
    if build.engine.far(build.root):
        mirror.take_back(build.root)
    if build.share is None:
        forget(build.root)


def groups(files: Sequence[Raw], size: int) -> Iterator[tuple[list[Raw], int]]:
    """Consecutive files (by name) in groups that hold about `size` bytes when unpacked, the last ones less; how many.

    A larger file is a group of its own. So is a file elsewhere whose size nobody has told: a list of 90,000 of them
    must not become one unit.
    """
    ordered = in_order(Raw, files)
    held = array("q", map(unpacked, ordered))  # each is measured once: a look into a file takes its time
    first = 0
    for group in cut(ordered, array("q", (one or size for one in held)), size):
        yield group, sum(held[first : first + len(group)])
        first += len(group)


def unpacked(file: Raw) -> int:
    """About how many bytes a raw file holds when unpacked; 0 where nobody knows."""
    if file.left_out:
        return LEFT_OUT_BYTES
    return unpacked_bytes(file.path if file.remote is None else None, file.name, file.bytes)


def ready(*kinds: str) -> None:
    """Load in a worker what units of these kinds of sources will need; those of a user's module load with the unit."""
    for kind in kinds:
        if kind in SOURCES.names:
            source_class(kind).prepare()


def work(unit: Unit) -> None:
    """Do one unit: read its files, write its documents, rejections and failures, then its ledger entry."""
    settings = unit.settings()
    entry = SourceEntry.model_validate(settings["entry"])
    if settings.get("folder"):
        search_in(Path(settings["folder"]))
    assets = {name: Path(path) for name, path in settings["assets"].items()}
    raw = [file["path"] for file in settings["files"] if file["path"]]
    mirror.bring(Path(unit.root), [*assets.values(), *raw, *settings.get(AROUND, ())])
    source = make_source(entry, settings["rules"], assets)
    MONITOR.begin(LOADING, 0)
    scorers = [
        make_scorer(name, Score.model_validate(score), assets, settings["rules"])
        for name, score in settings["scores"].items()
    ]
    edits = make_edits(entry, settings["rules"])
    with STEPS("load"):
        source.prepare()
    MONITOR.rest()
    for _ in range(TRIES - 1):
        try:
            _do(unit, settings, entry, source, edits, scorers)
        except Changed:
            continue
        return
    _do(unit, settings, entry, source, edits, scorers)


def _do(
    unit: Unit,
    settings: Mapping[str, Any],
    entry: SourceEntry,
    source: Source,
    edits: Sequence[Edit],
    scorers: Sequence[Scorer],
) -> None:
    """Read a unit's files once. Raises Changed where one of them changed on its server meanwhile."""
    with files_of(unit) as coming, output(Path(unit.root), STAGE, unit.key) as out:
        extraction = Extraction(
            source,
            edits,
            scorers,
            [t for t in entry.filters if t.early],
            unit,
            out,
            settings["most_texts"],
        )
        raw = [Raw(**file) for file in settings["files"]]
        inputs = [extraction.read(file, coming.get(file.name)) for file in raw if not file.left_out]
        for file in raw:
            if file.left_out:
                extraction.leave_out(file)
        extraction.finish()
        out.account(
            unit.source,
            unit.fingerprint,
            extraction.count,
            extraction.kept,
            failed=extraction.lost,
            rejected=dict(extraction.reasons),
            inputs=tuple(inputs),
            licences=dict(extraction.licences),
            numbers=dict(extraction.numbers),
        )
