"""Look into a corpus from the terminal: documents, rejections, failures, duplicates, their clusters and hits.

Rows are chosen by id, source or reason, or drawn at random with a seed; a draw takes the rows with the smallest hash
of seed and id, so that the same seed shows the same rows whatever order the files are read in.
"""

import difflib
import hashlib
import heapq
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.compute as pc
import pyarrow.parquet as pq

from dedup.overlap.hits import with_context
from manifests import ledger
from manifests.errors import UserError
from manifests.records import BadRecord, Hit
from pipelines.corpus.folder import CLUSTERS, DOCUMENTS, DUPLICATES, FAILED, HITS, REJECTED, REJECTED_TEXTS, REMOVED
from pipelines.corpus.rows import read_texts

KINDS: Mapping[str, str] = {
    "documents": DOCUMENTS,
    "rejected": REJECTED,
    "failed": FAILED,
    "duplicates": DUPLICATES,
    "hits": HITS,
    "removed": REMOVED,
    "clusters": CLUSTERS,
}

_PLACE = ("file", "document_id", "benchmark", "item_id", "field", "document_start", "document_end")
MOST_COMPARED = 2000
"""Comparing takes quadratic time where nothing is equal, so of two texts so many lines, and so many words a line."""
SHOWN_AROUND = 40
"""Characters shown of equal text before and after what differs."""
_WORD = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Choice:
    """Which rows: those that match everything that is set; `count` of them, by `seed` if it is set."""

    identifier: str | None = None
    source: str | None = None
    reason: str | None = None
    stage: str | None = None
    benchmark: str | None = None
    hit_kind: str | None = None
    count: int = 10
    seed: int | None = None


def rows(root: Path, kind: str, choice: Choice) -> list[dict[str, Any]]:
    """The chosen rows of one kind, without the text of documents."""
    found = _matching(root, kind, choice)
    if kind == "hits":
        found = _once(found)
    if choice.seed is None:
        return [row for _, row in zip(range(choice.count), found, strict=False)]
    return heapq.nsmallest(choice.count, found, key=lambda row: draw(choice.seed, _id(row)))


def _once(hits: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Hits, of those at one place (which methods and n find alike) the first."""
    seen: set[tuple[Any, ...]] = set()
    for hit in hits:
        place = tuple(hit[name] for name in _PLACE)
        if place not in seen:
            seen.add(place)
            yield hit


def draw(seed: int | None, identifier: str) -> bytes:
    """Where an id stands in the draw of a seed."""
    return hashlib.blake2b(f"{seed}\0{identifier}".encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _id(row: Mapping[str, Any]) -> str:
    return str(row.get("id") or row.get("document_id") or row.get("cluster") or "")


def _matching(root: Path, kind: str, choice: Choice) -> Iterator[dict[str, Any]]:
    folder = root / KINDS[kind]
    for path in sorted(folder.rglob("*.parquet")):
        relative = path.relative_to(folder).parts
        with pq.ParquetFile(path) as parquet:
            names = [name for name in parquet.schema_arrow.names if name != "text"]
            for batch in parquet.iter_batches(columns=names, batch_size=1 << 13):
                mask = None
                for column, wanted in (
                    ("id", choice.identifier),
                    ("source", choice.source),
                    ("reason", choice.reason),
                    ("stage", choice.stage),
                    ("benchmark", choice.benchmark),
                    ("kind", choice.hit_kind),
                ):
                    if wanted is None:
                        continue
                    if column == "id" and "id" not in names:
                        # The same question under the column's other name.
                        column = "document_id" if "document_id" in names else "cluster"  # noqa: PLW2901
                    if column not in names:
                        if column == "source" and wanted in relative:
                            continue
                        mask = pc.equal(batch.column(0), None)
                        break
                    same = pc.equal(batch.column(column), wanted)
                    mask = same if mask is None else pc.and_(mask, same)
                for row in (batch if mask is None else batch.filter(mask)).to_pylist():
                    yield {**row, "file": path.relative_to(root).as_posix()}


def require_known(root: Path, kind: str, choice: Choice) -> None:
    """Raise UserError where nothing was found because the corpus knows no such source, stage, reason or id."""
    sources: set[str] = set()
    stages: set[str] = set()
    reasons: set[str] = set()
    for entry in ledger.read_entries(root):
        sources.add(entry.source)
        stages.add(entry.stage)
        reasons.update(entry.rejected)
    asked = [("source", choice.source, sources), ("stage", choice.stage, stages)]
    asked += [("reason", choice.reason, reasons)] if kind == "rejected" else []
    for name, value, known in asked:
        if value is not None and value not in known:
            near = difflib.get_close_matches(value, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known)) or 'none'}"
            raise UserError(f"{root}: no {name} `{value}`; {hint}")
    if choice.identifier is not None:
        raise UserError(f"{root}: no {kind} have the id `{choice.identifier}`; `proofpile explain` looks everywhere")


def text_of(root: Path, identifier: str, stem: str | None = None) -> str | None:
    """The text of a document; None if the corpus (or the documents file of that stem) has no such document."""
    for path in sorted((root / DOCUMENTS).rglob("*.parquet" if stem is None else f"{stem}.parquet")):
        with pq.ParquetFile(path) as parquet:
            for group in range(parquet.num_row_groups):
                ids = parquet.read_row_group(group, columns=["id"]).column("id")
                position = pc.index(ids, identifier).as_py()
                if position >= 0:
                    texts = parquet.read_row_group(group, columns=["text"]).column("text")
                    return str(texts[position].as_py())
    return None


def rejected_text(root: Path, identifier: str) -> str | None:
    """What a rejected record held: its document where a later stage turned it away, else what was kept of it."""
    for path in sorted((root / REJECTED_TEXTS).rglob("*.parquet")):
        table = pq.read_table(path)
        position = pc.index(table.column("id"), identifier).as_py()
        if position >= 0:
            return str(table.column("text")[position].as_py())
    return text_of(root, identifier)


def require_text(root: Path, identifier: str) -> str:
    """The text of a document. Raises UserError."""
    text = text_of(root, identifier)
    if text is None:
        raise UserError(f"{root}: no document has the id `{identifier}`")
    return text


@dataclass(frozen=True)
class Places:
    """Where texts are looked for: a corpus, then other corpora and files of texts (Parquet or JSON lines)."""

    root: Path
    others: tuple[Path, ...] = ()
    id_key: str | None = None
    text_key: str = "text"

    def text(self, identifier: str) -> str | None:
        """The text of that id from the first place that has it. Raises UserError for a file without such columns."""
        text = text_of(self.root, identifier)
        for place in self.others:
            if text is not None:
                break
            if place.is_dir():
                text = text_of(place, identifier)
                continue
            for row in read_texts(place, self.id_key, self.text_key):
                if not isinstance(row, BadRecord) and row.id == identifier:
                    text = row.text
                    break
        return text


PASSAGES = ("document_text", "item_text")
"""Columns of a hit that are shown side by side."""


def with_passage(hit: Hit, places: Places) -> Hit:
    """A hit with the document's passage from the texts at hand, if they have the document."""
    whole = places.text(hit.document_id)
    if whole is None:
        return hit
    return hit._replace(document_text=with_context(whole, hit.document_start, hit.document_end))


Pieces = tuple[tuple[str, bool], ...]
"""A line in pieces, each with whether it differs from the other side."""


class Beside(NamedTuple):
    """A line of one text beside the line of the other that stands for it; None where there is none on that side.

    Both are None where equal lines are left out.
    """

    left: Pieces | None
    right: Pieces | None


def beside(left: str, right: str, context: int = 1) -> Iterator[Beside]:
    """Two texts line by line, side by side: lines that differ, with `context` equal ones around them.

    Of long texts the first `MOST_COMPARED` lines are compared, of long lines as many words.
    """
    lines, other_lines = (text.splitlines()[:MOST_COMPARED] for text in (left, right))
    matcher = difflib.SequenceMatcher(None, lines, other_lines)
    for number, group in enumerate(matcher.get_grouped_opcodes(context)):
        if number:
            yield Beside(None, None)
        for kind, start, end, other_start, other_end in group:
            ours, theirs = lines[start:end], other_lines[other_start:other_end]
            for one, other in itertools.zip_longest(ours, theirs):
                if kind == "equal":
                    yield Beside(((one, False),), ((other, False),))
                elif one is None or other is None:
                    yield Beside(*(None if side is None else ((side, True),) for side in (one, other)))
                else:
                    yield _words_beside(one, other)


def _words_beside(left: str, right: str) -> Beside:
    words = [_WORD.findall(line)[:MOST_COMPARED] for line in (left, right)]
    pieces: tuple[list[tuple[str, bool]], ...] = ([], [])
    matcher = difflib.SequenceMatcher(None, words[0], words[1], autojunk=False)
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        for side, first, last in ((0, start, end), (1, other_start, other_end)):
            text = "".join(words[side][first:last])
            if kind == "equal" and len(text) > 2 * SHOWN_AROUND:
                text = f"{text[:SHOWN_AROUND]} … {text[-SHOWN_AROUND:]}"
            if text:
                pieces[side].append((text, kind != "equal"))
    return Beside(*map(tuple, pieces))


_CONTROL = {code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\n\t"}
_CONTROL |= {0x7F: "\u2421"} | dict.fromkeys(range(0x80, 0xA0), "\ufffd")
_CONTROL |= dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd")


def visible(text: str) -> str:
    """Text as a terminal may show it: control characters, which could move the cursor or turn lines, as signs."""
    return text.translate(_CONTROL)


def shown(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A row's fields as short text; scores and meta unfolded, empty fields left out."""
    for name, value in row.items():
        if value is None or value in ("", [], "{}"):
            continue
        if name == "scores":
            yield name, ", ".join(f"{visible(key)}={number:.4g}" for key, number in value)
        elif name == "meta":
            yield name, ", ".join(f"{visible(key)}={visible(str(part))}" for key, part in json.loads(value).items())
        elif name == "sources":
            yield name, ", ".join(f"{visible(key)} {number:,}" for key, number in value)
        elif isinstance(value, float):
            yield name, f"{value:.4f}"
        else:
            yield name, visible(str(value))
