"""A source whose documents are wrong in the way each record's text names, for tests of the extract stage."""

import errno
from collections.abc import Iterator
from typing import Any

from manifests.errors import UserError
from manifests.records import BadRecord, Document
from pipelines.sources.base import RawFile, Record, Refusal, Source

WRONG: dict[str, dict[str, Any]] = {
    "text is a number": {"text": 3},
    "text is missing": {"text": None},
    "meta is a mapping": {"meta": {}},
    "url is bytes": {"url": b"x"},
    "score is a word": {"scores": {"s": "high"}},
    "scores are a list": {"scores": [1]},
    "id is missing": {"id": None},
    "meta is a list": {"meta": "[1]"},
}


UNREAD: dict[str, Any] = {"gives nothing": None, "gives a tuple": [("a", b"b")], "gives a number": [Record(7, b"b")]}  # type: ignore[arg-type]


class OddSource(Source):
    kind = "odd"

    def records(self, file: RawFile) -> Iterator[Record | BadRecord]:
        words = file.path.read_text().splitlines()
        if words[0] == "raises at once":
            raise ValueError("planted")
        if words[0] in UNREAD:
            return UNREAD[words[0]]
        return iter([Record(word, word.encode()) for word in words])

    def record_id(self, record: Record | BadRecord) -> str:
        if "has no id" in record.key:
            raise KeyError("planted")
        return super().record_id(record)

    def document(self, record: Record) -> Document | Refusal:
        word = record.payload.decode()
        if word == "full disk":
            raise OSError(errno.ENOSPC, "No space left on device", "/somewhere/x")
        if word == "model is missing":
            raise UserError("model.bin: no such model")
        if word.startswith("raises"):
            raise ValueError("planted \ud835 at 0x7f00deadbeef")
        if word.startswith("surrogate id"):
            return Document("odd:\ud835", self.name, "", word)
        if word.startswith("odd reason"):
            return Refusal("word\ud835", "detail\ud835")
        if word.startswith("long reason"):
            return Refusal(f"Too Short! only {word[12:]} of 30 " + "words " * 30)
        if word.startswith("no number"):
            return Document(f"odd:{word}", self.name, "", word, meta='{"a":NaN,"b":[-Infinity,1]}')
        good = Document(f"odd:{word}", self.name, "", word, scores={"length": len(word)})
        return good._replace(**WRONG.get(word, {}))
