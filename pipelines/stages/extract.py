"""The extract stage: raw files in, documents with text and scores out.

A unit is a group of raw files of one source. Each record of each file ends as a document, a rejection or a failure;
nothing it does can cost more than itself, because every call into a source is guarded here for exceptions and by
`pipelines.engine.guard` for time, memory and crashes.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filters.edits.base import Edit
from filters.scorer import Scorer
from filters.thresholds import judge
from manifests.ledger import Entry, InputFact, write_entry
from manifests.recipe import Recipe, Score, SourceEntry
from manifests.records import DOCUMENT, FAILED, REJECTED, BadRecord, Document, Failed, Rejected, to_json
from manifests.settings.thresholds import Threshold
from manifests.user_classes import code_hash, search_in
from manifests.writing import PartWriter, Workspace, require_recorded
from pipelines.corpus.folder import fingerprint, payload, public
from pipelines.corpus.texts import Raw
from pipelines.engine.failures import describe, not_the_records, trace, whole
from pipelines.engine.worker import LOADING, MONITOR, Unit
from pipelines.sources.base import RawFile, Record, Refusal, Source
from pipelines.sources.registry import KINDS, make_source, source_class
from pipelines.stages.build import Build
from pipelines.stages.editing import edited, make_edits
from pipelines.stages.scoring import make_scorer, scored

STAGE = "extract"
VERSION = 2
"""Raised when the stage would write other bytes for the same input, so that old units are done again."""
NO_DIGEST = "0" * 64
"""Stands for the digest of a file of which none was taken."""
MOST_DETAIL = 500
"""Characters kept of a rejection's detail or a failure's error."""


def plan(
    root: Path,
    recipe: Recipe,
    raw: Mapping[str, Sequence[Raw]],
    assets: Mapping[str, Path],
    digests: Mapping[str, str],
    folder: Path | None = None,
) -> list[Unit]:
    """The units of all sources. `raw` and `assets` come from the fetch stage; `digests` are the assets' sha256.

    `folder` is where modules of the user's own are looked for, besides the current folder.
    """
    units: list[Unit] = []
    for shown, entry in zip(public(recipe).sources, recipe.sources, strict=True):
        named = {recipe.scores[name].model or "" for name in entry.scores} - {""}
        named |= {name for name in recipe.assets if mentions(entry.options, name)}
        early = [threshold.model_dump() for threshold in entry.filters if threshold.early]
        decides = [
            VERSION,
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
        for group in groups(raw.get(entry.name, ()), int(recipe.limits.unit_mb * (1 << 20))):
            identity = [(file.name, file.sha256) for file in group]
            units.append(
                Unit(
                    stage=STAGE,
                    key=f"{entry.name}-{fingerprint(identity)[:16]}",
                    source=entry.name,
                    root=str(root),
                    work="pipelines.stages.extract:work",
                    fingerprint=fingerprint(decides, identity),
                    payload=payload(
                        # Nobody needs to know an address any more, and a plan travels far.
                        entry={**entry.model_dump(mode="json", by_alias=True), "inputs": _inputs(shown)},
                        folder=None if folder is None else str(folder),
                        rules=entry.rules or recipe.rules,
                        files=[file._asdict() for file in group],
                        most_bytes=int(recipe.limits.file_mb * (1 << 20)),
                        scores={name: recipe.scores[name].model_dump() for name in entry.scores},
                        assets={name: str(assets[name]) for name in sorted(named)},
                    ),
                )
            )
    return units


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
    build.do(STAGE, plan(build.root, build.recipe, build.raw, build.assets, build.digests, build.folder))


def groups(files: Sequence[Raw], size: int) -> Iterator[list[Raw]]:
    """Consecutive files (by name) in groups of about `size` bytes; a larger file is a group of its own.

    So is a file elsewhere whose size nobody has told: a list of 90,000 of them must not become one unit.
    """
    group: list[Raw] = []
    held = 0
    for file in sorted(files):
        unknown = file.remote is not None and not file.bytes
        if group and (unknown or held + file.bytes > size):
            yield group
            group, held = [], 0
        group.append(file)
        held += size if unknown else file.bytes
    if group:
        yield group


def as_recorded(raw: Raw) -> None:
    """Compare a file that was just read with what was recorded of it. Raises Damaged where it has changed since."""
    MONITOR.rest()
    if raw.sha256 == NO_DIGEST:
        return
    require_recorded(Path(raw.path), raw.sha256)


def ready(*kinds: str) -> None:
    """Load in a worker what units of these kinds of sources will need; those of a user's module load with the unit."""
    for kind in kinds:
        if kind in KINDS:
            source_class(kind).prepare()


def work(unit: Unit) -> None:
    """Do one unit: read its files, write its documents, rejections and failures, then its ledger entry."""
    settings = unit.settings()
    entry = SourceEntry.model_validate(settings["entry"])
    if settings.get("folder"):
        search_in(Path(settings["folder"]))
    assets = {name: Path(path) for name, path in settings["assets"].items()}
    source = make_source(entry, settings["rules"], assets)
    MONITOR.begin(LOADING, 0)
    scorers = [
        make_scorer(name, Score.model_validate(score), assets, settings["rules"])
        for name, score in settings["scores"].items()
    ]
    edits = make_edits(entry, settings["rules"])
    source.prepare()
    MONITOR.rest()
    workspace = Workspace(Path(unit.root), STAGE, unit.key)
    try:
        extraction = Extraction(
            source, edits, scorers, [t for t in entry.filters if t.early], unit, workspace, settings["most_bytes"]
        )
        inputs = [extraction.read(Raw(**file)) for file in settings["files"]]
        facts = extraction.close()
        workspace.publish(facts)
    finally:
        workspace.discard()
    write_entry(
        Path(unit.root),
        Entry(
            stage=STAGE,
            unit=unit.key,
            source=unit.source,
            fingerprint=unit.fingerprint,
            read=extraction.count,
            kept=extraction.kept,
            failed=extraction.lost,
            rejected=dict(extraction.reasons),
            inputs=tuple(inputs),
            outputs=tuple(facts),
            licences=dict(extraction.licences),
            numbers=dict(extraction.numbers),
        ),
    )


@dataclass
class Extraction:
    """One unit under way."""

    source: Source
    edits: Sequence[Edit]
    scorers: Sequence[Scorer]
    early: Sequence[Threshold]
    unit: Unit
    workspace: Workspace
    most_bytes: int | None = None
    count: int = 0
    kept: int = 0
    lost: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    numbers: Counter[str] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        stem = f"{self.unit.source}/{self.unit.key.removeprefix(self.unit.source + '-')}"
        self.documents = PartWriter(self.workspace, f"documents/{stem}", DOCUMENT)
        self.rejected = PartWriter(self.workspace, f"rejected/{STAGE}/{stem}", REJECTED)
        self.failed = PartWriter(self.workspace, f"failed/{STAGE}/{stem}", FAILED)

    def read(self, raw: Raw) -> InputFact:
        """Take one raw file from its first record to its last; fetch it first where the plan says so."""
        if raw.remote is None:
            self._records(RawFile(Path(raw.path), raw.name), raw.bytes)
            as_recorded(raw)
            return InputFact(raw.name, raw.bytes, raw.sha256)
        from pipelines.fetching.download import download
        from pipelines.fetching.remote import RemoteFile

        with tempfile.TemporaryDirectory(dir=self.workspace.folder) as folder:
            path = Path(folder) / Path(raw.name).name
            MONITOR.rest()  # the time of a download is no record's
            got = download(RemoteFile.from_plain(raw.remote), path, limit_bytes=self.most_bytes)
            self._records(RawFile(got.path, raw.name), got.size)
            return InputFact(raw.name, got.size, got.sha256)

    def _records(self, file: RawFile, size: int) -> None:
        self.numbers["raw_bytes"] += size
        iterator = self._guarded(file)
        while True:
            ordinal = self.count
            poison = MONITOR.begin("read", ordinal)
            if poison is not None:
                self._fail(file, "", poison)
                return
            try:
                record = next(iterator)
            except StopIteration:
                return
            except Exception as error:
                # Reading stopped short: what came before stands, the damage is one failed record.
                not_the_records(error)
                self._fail(file, "", describe(error), trace(error))
                return
            if isinstance(record, BadRecord):
                self._fail(file, self._id(record), record.error)
                continue
            poison = MONITOR.begin("document", ordinal)
            if poison is not None:
                self._fail(file, self._id(record), poison)
                continue
            try:
                outcome = self._judge(record, file)
            except Exception as error:
                not_the_records(error)
                self._fail(file, self._id(record), describe(error), trace(error))
                continue
            # Outside of the guard: a full disk is no fault of the record.
            if isinstance(outcome, Rejected):
                self.reasons[outcome.reason] += 1
                self.rejected.add(outcome)
            else:
                self._keep(outcome)
            self.count += 1

    def _guarded(self, file: RawFile) -> Iterator[Record | BadRecord]:
        # A source may do its reading in the call itself and answer with a list.
        yield from self.source.records(file)

    def _judge(self, record: Record, file: RawFile) -> Document | Rejected:
        """What becomes of a record; whatever is wrong with its strings or numbers comes out here."""
        outcome: object = self.source.document(record)  # of a class that may be the user's own
        if isinstance(outcome, Refusal):
            return self._rejection(record, self._id(record), outcome.reason, outcome.detail)
        if not isinstance(outcome, Document):
            kind = "None" if outcome is None else type(outcome).__name__
            message = f"{type(self.source).__name__}.document returned {kind}; expected Document or Refusal"
            raise TypeError(message)
        found: Counter[str] = Counter()
        document = sound(scored(edited(traced(sound(outcome), file.name, record.key), self.edits, found), self.scorers))
        verdict = judge(document.scores, self.early)
        if verdict is not None:
            return self._rejection(record, document.id, verdict.reason, verdict.detail)
        if document.id in self.seen:
            return self._rejection(record, document.id, "same_id", "another record of this unit has the same id")
        self.numbers.update(found)
        return document

    def _keep(self, document: Document) -> None:
        if self.documents.is_full:
            MONITOR.rest()
        self.seen.add(document.id)
        self.documents.add(document)
        self.kept += 1
        self.licences[document.license or "unknown"] += 1
        self.numbers["text_bytes"] += len(document.text.encode())

    def _id(self, record: Record | BadRecord) -> str:
        """The record's id, empty where the source cannot tell it."""
        try:
            return whole(self.source.record_id(record))
        except Exception:
            return ""

    def _rejection(self, record: Record, identifier: str, reason: str, detail: str) -> Rejected:
        # The key says which page or file it was, so that a person can look at what was turned away.
        detail = whole(f"{record.key}: {detail}" if detail else record.key)[:MOST_DETAIL]
        return Rejected(whole(identifier), self.source.name, STAGE, whole(reason), detail)

    def _fail(self, file: RawFile, identifier: str, error: str, where: str = "") -> None:
        self.count += 1
        self.lost += 1
        error = whole(error.replace(str(file.path), file.name))[:MOST_DETAIL]
        shard = whole(file.name)
        self.failed.add(Failed(identifier, self.source.name, shard, STAGE, error, where))

    def close(self) -> list[Any]:
        """Write what is left; returns the facts of all outputs."""
        MONITOR.rest()
        return [*self.documents.close(), *self.rejected.close(), *self.failed.close()]


def traced(document: Document, file: str, key: str) -> Document:
    """The document with the raw file and the record in it that it was made from, so that a person finds it again."""
    return document._replace(
        meta=to_json({**json.loads(document.meta), "origin": {"file": whole(file), "record": whole(key)}})
    )


def sound(document: Document) -> Document:
    """The document with every value as the schema has it, so that one record cannot spoil a whole file.

    Lone surrogates become U+FFFD. Raises TypeError for a value of another kind, ValueError for a score that is none.
    """
    texts: dict[str, str] = {}
    for name in ("id", "source", "subset", "text", "meta", "url", "license", "created"):
        value = getattr(document, name)
        if isinstance(value, str):
            texts[name] = whole(value)
        elif value is not None or name in ("id", "source", "subset", "text", "meta"):
            raise TypeError(f"document.{name}: expected text, found {type(value).__name__}")
    scores = {whole(name): float(value) for name, value in document.scores.items()}
    return document._replace(**texts, scores=scores)
