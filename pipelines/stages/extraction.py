"""One unit of the extract stage under way: its records one by one, each to one end.

Every call into a source is guarded here for exceptions, and by `pipelines.engine.guard` for time, memory and crashes,
so that nothing a record does can cost more than itself.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from filters.edits.base import Edit
from filters.scorer import Scorer
from filters.thresholds import judge
from manifests.ledger import InputFact
from manifests.output import Output
from manifests.records import (
    DOCUMENT,
    FAILED,
    REJECTED,
    REJECTED_TEXT,
    BadRecord,
    Document,
    Failed,
    Rejected,
    RejectedText,
    to_json,
)
from manifests.settings.thresholds import Threshold
from manifests.writing import require_recorded
from pipelines.corpus.texts import NO_DIGEST, Raw
from pipelines.engine.failures import describe, not_the_records, trace, whole
from pipelines.engine.timing import STEPS
from pipelines.engine.worker import MONITOR, Unit
from pipelines.fetching.arriving import Absent, size_of
from pipelines.sources.base import RawFile, Record, Refusal, Source
from pipelines.stages.editing import edited
from pipelines.stages.on_the_way import OnTheWay
from pipelines.stages.scoring import scored

STAGE = "extract"
NOT_THERE = "not_there"
REST = "this record could not be read, nor what follows it in its file"
EMPTY = "the file is empty: 0 bytes"
MOST_TEXT = 10_000
"""Characters kept of the text of a rejected record, where it is kept at all."""
MOST_DETAIL = 500
"""Characters kept of a rejection's detail or a failure's error."""
MOST_REASON = 40
"""Characters of a reason that is made of what is none."""
_REASON = re.compile(r"[a-z0-9_]{1,60}")
_NO_REASON = re.compile(r"[^a-z0-9]+")
_META = json.JSONDecoder(parse_constant=lambda _: None)


def as_recorded(raw: Raw) -> None:
    """Compare a file that was just read with what was recorded of it. Raises Damaged where it has changed since."""
    MONITOR.rest()
    if raw.sha256 == NO_DIGEST:
        return
    with STEPS("check"):
        require_recorded(Path(raw.path), raw.sha256)


class Turned(NamedTuple):
    """A record that was turned away; `text` is empty where it is not kept."""

    row: Rejected
    text: str


@dataclass
class Extraction:
    """One unit under way."""

    source: Source
    edits: Sequence[Edit]
    scorers: Sequence[Scorer]
    early: Sequence[Threshold]
    unit: Unit
    out: Output
    most_texts: int = 0
    count: int = 0
    kept: int = 0
    lost: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    numbers: Counter[str] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        stem = f"{self.unit.source}/{self.unit.key.removeprefix(self.unit.source + '-')}"
        self.documents = self.out.rows(f"documents/{stem}", DOCUMENT)
        self.rejected = self.out.rows(f"rejected/{STAGE}/{stem}", REJECTED)
        self.failed = self.out.rows(f"failed/{STAGE}/{stem}", FAILED)
        self.texts = self.out.rows(f"rejected_texts/{STAGE}/{stem}", REJECTED_TEXT)

    def read(self, raw: Raw, coming: OnTheWay | None = None) -> InputFact:
        """Take one raw file from its first record to its last; one on its way is read while it comes."""
        if coming is None:
            self._records(RawFile(Path(raw.path), raw.name))
            as_recorded(raw)
            self.numbers["raw_bytes"] += raw.bytes
            return InputFact(raw.name, raw.bytes, raw.sha256)
        self._records(coming.file)
        MONITOR.rest()
        try:
            got = coming.arriving.whole()
        except Absent:
            return InputFact(raw.name, 0, NO_DIGEST)
        self.numbers["raw_bytes"] += got.size
        return InputFact(raw.name, got.size, got.sha256)

    def leave_out(self, raw: Raw) -> None:
        """List what bears a file's name and is not read, as one rejected record."""
        row = Record(raw.name, b"")
        self._turn_away(*self._rejection(row, self._id(row), raw.left_out, "", ""))
        self.count += 1

    def finish(self) -> None:
        """Write the documents that are held back; nothing of it is any record's."""
        MONITOR.rest()
        with STEPS("write"):
            self.documents.flush()

    def _records(self, file: RawFile) -> None:
        iterator = self._guarded(file)
        first = self.count
        while True:
            ordinal = self.count
            poison = MONITOR.begin("read", ordinal)
            if poison is not None:
                # No reader can be asked for what stands behind the bytes that end it.
                self._fail(file, "", f"{poison}; {REST}")
                return
            try:
                with STEPS("read"):
                    record = next(iterator)
            except StopIteration:
                if self.count == first and size_of(file.path) == 0:
                    self._fail(file, "", EMPTY)
                return
            except Absent as error:
                row = Record(file.name, b"")
                self._turn_away(*self._rejection(row, self._id(row), NOT_THERE, str(error), ""))
                self.count += 1
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
            if isinstance(outcome, Turned):
                self._turn_away(*outcome)
            else:
                self._keep(outcome)
            self.count += 1

    def _guarded(self, file: RawFile) -> Iterator[Record | BadRecord]:
        # A source may do its reading in the call itself and answer with a list; it may be the user's own.
        found: object = self.source.records(file)
        name = f"{type(self.source).__name__}.records"
        if not isinstance(found, Iterable):
            raise TypeError(f"{name} returned {_kind(found)}; expected records")
        for record in found:
            if not isinstance(record, Record | BadRecord):
                raise TypeError(f"{name} gave {_kind(record)}; expected Record or BadRecord")
            if not isinstance(record.key, str):
                raise TypeError(f"{name} gave a record whose key is {_kind(record.key)}; expected text")
            yield record

    def _judge(self, record: Record, file: RawFile) -> "Document | Turned":
        """What becomes of a record; whatever is wrong with its strings or numbers comes out here."""
        with STEPS("document"):
            outcome: object = self.source.document(record)  # of a class that may be the user's own
        if isinstance(outcome, Refusal):
            text = record.payload[: 4 * MOST_TEXT].decode(errors="replace")[:MOST_TEXT]
            return self._rejection(record, self._id(record), *short(outcome), text)
        if not isinstance(outcome, Document):
            message = f"{type(self.source).__name__}.document returned {_kind(outcome)}; expected Document or Refusal"
            raise TypeError(message)
        found: Counter[str] = Counter()
        with STEPS("edit"):
            document = edited(traced(sound(outcome), file.name, record.key), self.edits, found)
        with STEPS("score"):
            document = sound(scored(document, self.scorers))
        verdict = judge(document.scores, self.early)
        if verdict is not None:
            return self._rejection(record, document.id, verdict.reason, verdict.detail, document.text)
        if document.id in self.seen:
            detail = "another record of this unit has the same id"
            return self._rejection(record, document.id, "same_id", detail, document.text)
        self.numbers.update(found)
        return document

    def _keep(self, document: Document) -> None:
        if self.documents.is_full:
            MONITOR.rest()
        self.seen.add(document.id)
        with STEPS("write"):
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

    def _rejection(self, record: Record, identifier: str, reason: str, detail: str, text: str) -> "Turned":
        # The key says which page or file it was, so that a person can look at what was turned away.
        detail = whole(f"{record.key}: {detail}" if detail else record.key)[:MOST_DETAIL]
        text = text[:MOST_TEXT] if self.reasons[whole(reason)] < self.most_texts else ""
        for edit in self.edits:  # what an edit masks must not stand here either
            text = edit.edit(text).text
        return Turned(Rejected(whole(identifier), self.source.name, STAGE, whole(reason), detail), whole(text))

    def _turn_away(self, row: Rejected, text: str) -> None:
        self.reasons[row.reason] += 1
        self.rejected.add(row)
        if text:
            self.texts.add(RejectedText(row.id, row.source, row.reason, text))

    def _fail(self, file: RawFile, identifier: str, error: str, where: str = "") -> None:
        self.count += 1
        self.lost += 1
        error = whole(error.replace(str(file.path), file.name))[:MOST_DETAIL]
        shard = whole(file.name)
        self.failed.add(Failed(identifier, self.source.name, shard, STAGE, error, where))


def short(refusal: Refusal) -> Refusal:
    """A refusal whose reason is one short word as reasons are; what else was written there goes to the detail."""
    reason = str(refusal.reason)
    if _REASON.fullmatch(reason):
        return refusal
    word = _NO_REASON.sub("_", reason.lower()).strip("_")[:MOST_REASON].rstrip("_") or "refused"
    return Refusal(word, f"{reason}: {refusal.detail}" if refusal.detail else reason)


def _kind(value: object) -> str:
    return "None" if value is None else type(value).__name__


def traced(document: Document, file: str, key: str) -> Document:
    """The document with the raw file and the record in it that it was made from, so that a person finds it again.

    What is no number (NaN) becomes null: JSON has no such numbers. Raises TypeError where `meta` is no object.
    """
    meta = _META.decode(document.meta)
    if not isinstance(meta, dict):
        raise TypeError(f"document.meta: expected an object of names, found {_kind(meta)}")
    return document._replace(meta=to_json({**meta, "origin": {"file": whole(file), "record": whole(key)}}))


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
