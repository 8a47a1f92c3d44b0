"""What a source promises, looked at record by record as the extract stage would read it."""

import datetime
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from manifests.errors import UserError
from manifests.mistakes import explain
from manifests.records import BadRecord, Document
from manifests.user_classes import place_in, place_of
from pipelines.contract.telling import Told, Trial
from pipelines.sources.base import RawFile, Record, Refusal, Source
from pipelines.stages.extraction import sound

REASON = re.compile(r"[a-z][a-z0-9_]{0,39}")
DATE = re.compile(r"\d{4}(-\d\d(-\d\d([T ]\d\d:\d\d[0-9:.+Z-]*)?)?)?")
MOST_REASONS = 30
"""Different reasons for a rejection; more are no fixed words but tell of single records."""


def try_source(trial: Trial, inputs: list[str], options: dict[str, Any]) -> None:
    """Read the inputs as the extract stage would, and look at every record and document."""
    cls: type[Source] = trial.cls
    if not (isinstance(cls.Options, type) and hasattr(cls.Options, "model_validate")):
        trial.mistake(place_of(cls), f"`{cls.__name__}.Options` is no subclass of pipelines.sources.base:SourceOptions")
        raise Told
    suffixes: Any = cls.suffixes
    if isinstance(suffixes, str) or not all(isinstance(suffix, str) for suffix in suffixes):
        trial.mistake(place_of(cls), f"`{cls.__name__}.suffixes`: expected a tuple of endings, as in ('.md',)")
        raise Told
    try:
        checked = cls.Options.model_validate(options)
    except ValidationError as error:
        raise UserError(explain(error, "--option", cls.Options)) from None
    trial.at("__init__", "")
    try:
        source = cls("trial", checked)
    except TypeError as error:
        trial.raised(error, "__init__", "")
        raise Told from None
    for name in ("name", "options", "rules", "licence"):
        if not hasattr(source, name):
            trial.mistake(place_of(cls.__init__), f"`{cls.__name__}.__init__` does not call `super().__init__(…)`")
            raise Told
    source.prepare()
    SourceTrial(trial, source).run(list(_files(source, inputs)))


def _files(source: Source, inputs: list[str]) -> Iterator[RawFile]:
    found = 0
    for name in inputs:
        path = Path(name)
        if path.is_dir():
            files = list(source.files(path))
            if not files:
                raise UserError(f"{name}: no file in it ends in {', '.join(source.suffixes) or 'anything'}")
            yield from (RawFile(file, file.relative_to(path).as_posix()) for file in files)
            found += len(files)
        else:
            yield RawFile(path, path.name)


class SourceTrial:
    """The records of a source, one by one."""

    def __init__(self, trial: Trial, source: Source) -> None:
        self.trial = trial
        self.source = source
        self.name = type(source).__name__
        self.seen: dict[str, str] = {}
        self.reasons: set[str] = set()
        self.refused = 0
        self.failed = 0
        self.made = 0

    def run(self, files: list[RawFile]) -> None:
        """All of them, up to the number that was asked for."""
        for file in files:
            for record in self._records(file):
                self._document(record, file)
            if len(self.seen) >= self.trial.most:
                break
        trial = self.trial
        if not self.seen and not self.failed:
            trial.at_method("records", f"gave no record of {len(files)} files")
        elif self.seen and not self.made and self.refused == len(self.seen):
            words = ", ".join(sorted(self.reasons))
            trial.at_method("document", f"turned all {self.refused} records away ({words})")
        if len(self.reasons) > MOST_REASONS:
            some = ", ".join(f"`{reason}`" for reason in sorted(self.reasons)[:3])
            trial.at_method(
                "document",
                f"gave {len(self.reasons)} reasons ({some}, …); expected a few fixed words, the rest in `detail`",
            )

    def _records(self, file: RawFile) -> Iterator[Record]:
        trial = self.trial
        trial.at("records", file.name)
        try:
            found: Any = self.source.records(file)
            iterator = iter(found)
        except TypeError as error:
            if place_in(error, trial.file):
                trial.raised(error, "records", file.name)
            else:
                kind = type(found).__name__
                trial.at_method(
                    "records", f"returned {kind}; expected an iterator of Record (`yield Record(key, bytes)`)"
                )
            raise Told from None
        except Exception as error:
            trial.raised(error, "records", file.name)
            return
        while len(self.seen) < trial.most:
            trial.at("records", file.name)
            try:
                record = next(iterator)
            except StopIteration:
                return
            except Exception as error:
                self.failed += 1
                trial.raised(error, "records", file.name)
                return
            if isinstance(record, BadRecord):
                self.failed += 1
                continue
            if self._is_record(record, file):
                yield record

    def _is_record(self, record: Any, file: RawFile) -> bool:
        trial = self.trial
        if not isinstance(record, Record):
            trial.at_method("records", f"gave a {type(record).__name__}; expected Record or BadRecord")
            raise Told
        key: object = record.key
        payload: object = record.payload
        if not isinstance(key, str) or not key:
            trial.at_method("records", f"gave the key {key!r}; expected a text that names the record")
            raise Told
        if not isinstance(payload, bytes):
            kind = type(payload).__name__
            trial.at_method("records", f"gave a payload of type {kind}; expected bytes", record.key)
            raise Told
        if str(file.path.parent) in record.key and file.path.is_absolute():
            trial.at_method("records", f"gave the key `{record.key}`, a path of this machine; use `file.name`")
        if record.key in self.seen:
            trial.at_method(
                "records", f"gave the key `{record.key}` twice; ids are made of keys, so only the first would be kept"
            )
            return False
        self.seen[record.key] = file.name
        return True

    def _document(self, record: Record, file: RawFile) -> None:
        trial = self.trial
        trial.at("document", record.key)
        try:
            outcome: Any = self.source.document(record)
        except Exception as error:
            self.failed += 1
            trial.raised(error, "document", record.key)
            return
        if isinstance(outcome, Refusal):
            self.refused += 1
            self.reasons.add(str(outcome.reason))
            if not REASON.fullmatch(str(outcome.reason)) and self.refused < 3:
                trial.at_method(
                    "document",
                    f"gave the reason {str(outcome.reason)[:60]!r}; expected a short word such as `too_short`",
                )
            trial.outcome(record.key, "refused", outcome)
            return
        if not isinstance(outcome, Document):
            kind = "None" if outcome is None else type(outcome).__name__
            trial.at_method("document", f"returned {kind}; expected Document or Refusal", record.key)
            raise Told
        self._judge(outcome, record, file)

    def _judge(self, document: Document, record: Record, file: RawFile) -> None:
        trial = self.trial
        try:
            document = sound(document)
        except (TypeError, ValueError) as error:
            trial.at_method("document", f"gave a {error}", record.key)
            raise Told from None
        self.made += 1
        wrong = []
        if document.id != self.source.record_id(record):
            wrong.append("an id that is not `record_id(record)`; make documents by `self.make(record, text)`")
        if not document.text.strip():
            wrong.append("an empty text; refuse such a record: `Refusal('empty')`")
        if document.created is not None and not _is_date(document.created):
            wrong.append(f"created={document.created!r}; expected an ISO 8601 date such as 2024-05-01")
        if document.source != self.source.name:
            wrong.append(f"source={document.source!r}; expected the name that the recipe gave")
        try:
            if not isinstance(json.loads(document.meta), dict):
                wrong.append("meta that is no JSON object")
        except ValueError:
            wrong.append("meta that is no JSON")
        if str(file.path) in document.meta and file.path.is_absolute():
            wrong.append("meta with a path of this machine; use `file.name`")
        wrong += [f"the score {key}={value}" for key, value in document.scores.items() if not math.isfinite(value)]
        for words in wrong:
            trial.at_method("document", f"gave {words}", record.key)
        trial.outcome(record.key, "document", document)


def _is_date(text: str) -> bool:
    if not DATE.fullmatch(text):
        return False
    try:
        datetime.datetime.fromisoformat(text + "-01-01"[len(text) - 4 :] if len(text) < 10 else text)
    except ValueError:
        return False
    return True
