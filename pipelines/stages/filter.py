"""The filter stage: decide from the stored scores which documents go on.

A unit is one documents file, of which only ids and scores are read. Nothing is deleted: the stage lists what it
rejects, so a changed threshold costs seconds and no new extraction.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

import pyarrow.parquet as pq

from filters.thresholds import judge
from manifests import mirror
from manifests.ledger import InputFact
from manifests.output import WHOLE, output
from manifests.recipe import Recipe
from manifests.records import REJECTED, Rejected
from manifests.settings.thresholds import Threshold
from manifests.writing import require_recorded
from pipelines.corpus.folder import DocumentsFile, fingerprint, payload
from pipelines.engine.worker import Unit
from pipelines.stages.build import Build

STAGE = "filter"
VERSION = 1


def plan(root: Path, recipe: Recipe, files: Iterable[DocumentsFile]) -> Iterator[Unit]:
    """One unit a documents file, each made when it is asked for."""
    for file in files:
        thresholds = [threshold.model_dump() for threshold in recipe.source(file.source).filters]
        yield Unit(
            stage=STAGE,
            key=file.key,
            source=file.source,
            root=str(root),
            work="pipelines.stages.filter:work",
            fingerprint=fingerprint(VERSION, thresholds, file.sha256),
            payload=payload(file=file._asdict(), thresholds=thresholds),
        )


def run(build: Build) -> None:
    """Filter every documents file of a build, and say which thresholds decide nothing: a slip in a score's name."""
    files = build.corpus.documents()
    build.do(STAGE, plan(build.root, build.recipe, files))
    if build.share is not None:
        return  # the build that ends what shares began looks at all documents
    for source in build.recipe.sources:
        wanted = {bound.score for threshold in source.filters for bound in (threshold, *threshold.when)}
        here = scores_there(build.root, (file for file in files if file.source == source.name), wanted)
        for name in sorted(wanted - here) if here is not None else ():
            there = ", ".join(sorted(here or ())) or "none"
            build.progress.say(
                f"filter: no document of `{source.name}` has the score `{name}` that a threshold names; scores: {there}"
            )


def scores_there(root: Path, files: Iterable[DocumentsFile], wanted: AbstractSet[str]) -> set[str] | None:
    """The scores that documents have, read until all that are `wanted` were seen; None if there is no document."""
    names: set[str] = set()
    some = False
    for file in files:
        with pq.ParquetFile(root / file.path) as parquet:
            for batch in parquet.iter_batches(columns=["scores"], batch_size=1 << 10):
                if wanted <= names:
                    return names
                some = some or batch.num_rows > 0
                names.update(name for scores in batch.column(0).to_pylist() for name, _ in scores or ())
    return names if some else None


def work(unit: Unit) -> None:
    """Do one unit: list the documents that fail a threshold, then write the ledger entry."""
    settings = unit.settings()
    file = DocumentsFile(**settings["file"])
    thresholds = [Threshold.model_validate(threshold) for threshold in settings["thresholds"]]
    root = Path(unit.root)
    mirror.bring(root, [file.path])
    reasons: Counter[str] = Counter()
    read = 0
    with output(root, STAGE, unit.key) as out:
        rejected = out.rows(f"rejected/{STAGE}/{file.stem}", REJECTED, part_bytes=WHOLE)
        require_recorded(root / file.path, file.sha256)
        with pq.ParquetFile(root / file.path) as parquet:
            for batch in parquet.iter_batches(columns=["id", "scores"], batch_size=1 << 14):
                for identifier, scores in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    read += 1
                    verdict = judge(dict(scores), thresholds)
                    if verdict is not None:
                        reasons[verdict.reason] += 1
                        rejected.add(Rejected(identifier, unit.source, STAGE, verdict.reason, verdict.detail))
        out.account(
            unit.source,
            unit.fingerprint,
            read,
            read - reasons.total(),
            rejected=dict(reasons),
            inputs=(InputFact(file.path, file.bytes, file.sha256),),
        )
