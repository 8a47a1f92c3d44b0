"""Published corpora as sources: a rebuild can start from any step that somebody has already published.

Reads rows of any format (see `pipelines.corpus.formats`) and maps their columns to the fields of a document. A
`preset` knows the columns of a known corpus; every key can also be given by itself. A key names a column, or with dots
a value inside a nested object or inside a JSON string.
"""

import datetime
import hashlib
import itertools
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal, NamedTuple, cast

from pydantic import Field

from manifests.errors import UserError
from manifests.records import BadRecord, Document, to_json
from pipelines.corpus.formats.row import Row
from pipelines.corpus.nested import parse_object, pick
from pipelines.corpus.rows import column_names, count_rows, having, read_rows, text_of, top_level
from pipelines.sources.base import RawFile, Record, Refusal, Source, SourceOptions

Preset = Literal[
    "open-web-math",
    "red-pajama-arxiv",
    "red-pajama-github",
    "proof-pile-2",
    "algebraic-stack",
    "the-stack",
    "the-pile",
    "proofpile",
]


class Columns(NamedTuple):
    """Which column of a corpus holds which field of a document; an empty key means there is none."""

    text: str = "text"
    id: tuple[str, ...] = ()
    url: str = ""
    created: str = ""
    license: str = ""
    subset: str = ""
    meta: tuple[str, ...] = ()
    scores: str = ""


PRESETS: Mapping[Preset, Columns] = {
    # open-web-math/open-web-math, Parquet: url, text, date, metadata (a JSON string).
    "open-web-math": Columns(id=("url", "date"), url="url", created="date", meta=("metadata",)),
    # togethercomputer/RedPajama-Data, branch rp_v1, data_prep/arxiv/arxiv_cleaner.py: text and meta with timestamp,
    # yymm, arxiv_id, language, url, source.
    "red-pajama-arxiv": Columns(id=("meta.arxiv_id",), url="meta.url", created="meta.timestamp", meta=("meta",)),
    # EleutherAI/proof-pile-2, .jsonl.zst: text and meta, whose keys differ by subset (arXiv's are RedPajama's).
    "proof-pile-2": Columns(url="meta.url", created="meta.timestamp", meta=("meta",)),
    # EleutherAI/math-lm, proof_pile_2/algebraic_stack/process_stack.py: meta is the row of The Stack less its content.
    "algebraic-stack": Columns(license="meta.max_stars_repo_licenses", subset="meta.lang", meta=("meta",)),
    # bigcode/the-stack-dedup, Parquet.
    "the-stack": Columns(
        text="content",
        id=("max_stars_repo_name", "max_stars_repo_path", "hexsha"),
        license="max_stars_repo_licenses",
        subset="lang",
        meta=("hexsha", "max_stars_repo_name", "max_stars_repo_path", "max_stars_count", "size", "ext"),
    ),
    # togethercomputer/RedPajama-Data-1T, GitHub, .jsonl: text and meta with content_hash, path, repo_name, license.
    "red-pajama-github": Columns(
        id=("meta.repo_name", "meta.path", "meta.content_hash"), license="meta.license", meta=("meta",)
    ),
    # The Pile, .jsonl.zst: text and meta.pile_set_name.
    "the-pile": Columns(subset="meta.pile_set_name", meta=("meta",)),
    # The documents of a corpus this program built.
    "proofpile": Columns(
        id=("id",),
        url="url",
        created="created",
        license="license",
        subset="subset",
        meta=("meta",),
        scores="scores",
    ),
}

FIRST_ROWS = 20
"""So many rows at the beginning of a file are looked at before any work."""
_SPACED_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")


class DatasetOptions(SourceOptions):
    """What a recipe may say about a published corpus."""

    preset: Preset | None = Field(default=None, description="a known corpus whose columns need not be named")
    text: str | None = Field(default=None, description="key of the text (default: text)")
    id: tuple[str, ...] | str | None = Field(
        default=None,
        description="key or keys that name a row among all; without one a row is known by its file and text",
    )
    url: str | None = Field(default=None, description="key of the address")
    created: str | None = Field(default=None, description="key of the date")
    license: str | None = Field(
        default=None, description="key of the licence; the recipe's own licence stands in for none"
    )
    subset: str | None = Field(default=None, description="key of the subset")
    leave_out: tuple[str, ...] = Field(default=(), description="subsets whose rows are rejected")
    meta: tuple[str, ...] | str | None = Field(
        default=None, description="keys to keep in meta; an object is merged into it, another value keeps its last name"
    )
    split: Literal["red-pajama-arxiv"] | None = Field(
        default=None, description="record in meta the published split, which goes by a row's place in its file"
    )

    def columns(self) -> Columns:
        """The preset's columns with the given keys in their place."""
        chosen = Columns() if self.preset is None else PRESETS[self.preset]
        given = {name: value for name in Columns._fields if (value := getattr(self, name, None)) is not None}
        for name in ("id", "meta"):
            if isinstance(given.get(name), str):
                given[name] = (given[name],)
        return chosen._replace(**given)


class DatasetSource(Source):
    """Reads the rows of a published corpus as documents."""

    kind = "dataset"
    Options: ClassVar[type[SourceOptions]] = DatasetOptions
    options: DatasetOptions
    suffixes = tuple(
        stem + packing
        for stem in (".jsonl", ".ndjson", ".json", ".parquet", ".arrow", ".csv", ".tsv")
        for packing in ("", ".gz", ".zst", ".lz4", ".xz", ".bz2")
    )

    def gives(self) -> frozenset[str] | None:
        return None if self.options.columns().scores else frozenset()

    def look(self, file: RawFile) -> None:
        columns = self.options.columns()
        rows = having(file.path, read_rows(file.path, _wanted(file, columns)), columns.text, "text")
        first = list(itertools.islice(rows, FIRST_ROWS))
        if first and all(isinstance(row, BadRecord) for row in first):
            error = next(row.error for row in first if isinstance(row, BadRecord))
            raise UserError(f"{file.path}: expected Parquet or JSON lines with an object a line, found {error}")

    def records(self, file: RawFile) -> Iterator[Record | BadRecord]:
        """Yield a record a row; its payload is the text, its `info` the row without the text."""
        columns = self.options.columns()
        rows = having(file.path, read_rows(file.path, _wanted(file, columns)), columns.text, "text")
        total = count_rows(file.path) if self.options.split else 0
        for index, row in enumerate(rows):
            text = row if isinstance(row, BadRecord) else text_of(row, columns.text)
            if isinstance(row, BadRecord) or isinstance(text, BadRecord):
                yield cast("BadRecord", text)
                continue
            info = {name: value for name, value in row.items() if name != columns.text}
            if self.options.split:
                info["split"] = red_pajama_split(index, total)
            yield Record(_key(row, columns, text, file.name), text.encode("utf-8", "replace"), info)

    def document(self, record: Record) -> Document | Refusal:
        """Make the document of a row; a row whose text is blank is refused as `empty`."""
        text = record.payload.decode("utf-8")
        if not text.strip():
            return Refusal("empty")
        columns = self.options.columns()
        row = record.info
        subset = _string(pick(row, columns.subset)) or ""
        if subset in self.options.leave_out:
            return Refusal("subset_left_out", subset)
        meta: dict[str, Any] = {}
        for key in columns.meta:
            value = plain(pick(row, key))
            if isinstance(value, str) and value.startswith("{"):
                value = parse_object(value) or value
            if isinstance(value, Mapping):
                meta.update(value)
            elif value is not None:
                meta[key.rsplit(".", 1)[-1]] = value
        if "split" in row and self.options.split:
            meta["split"] = row["split"]
        return self.make(
            record,
            text,
            subset=subset,
            url=_string(pick(row, columns.url)),
            license=_string(pick(row, columns.license)),
            created=_date(pick(row, columns.created)),
            meta=meta,
            scores=_scores(pick(row, columns.scores)),
        )


def red_pajama_split(index: int, total: int) -> str:
    """The split of line `index` of `total` in a file of RedPajama's arXiv papers, as Proof-Pile-2 divided it.

    The last hundredth (at least what the division leaves over) is held out, its first half for validation. Source:
    EleutherAI/math-lm, proof_pile_2/arXiv_redpajama/download.sh.
    """
    train = total * 99 // 100
    validation = (total - train) // 2
    return "train" if index < train else "validation" if index < train + validation else "test"


def plain(value: Any) -> Any:
    """`value` with everything that JSON cannot hold (dates, bytes, not-a-number) turned into strings or None."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (str, int)) or value is None:
        return value
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _wanted(file: RawFile, columns: Columns) -> list[str] | None:
    """The top-level columns to read, so that a Parquet file gives up no others. JSON lines are parsed whole anyway."""
    present = column_names(file.path)
    if present is None:
        return None
    keys = (columns.text, *columns.id, *columns.meta, *columns[2:6], columns.scores)
    tops = dict.fromkeys(top_level(key, present) for key in keys if key)
    missing = [key for key in (columns.text, *columns.id) if top_level(key, present) not in present]
    if missing:
        raise UserError(f"{file.path}: no column `{missing[0]}`; the columns that are there: {', '.join(present)}")
    return [name for name in tops if name in present]


def _key(row: Row, columns: Columns, text: str, name: str) -> str:
    """What names a row: its id, else its file and text, so that equal texts of two files are two documents."""
    parts = [_string(pick(row, key)) for key in columns.id]
    if parts and any(parts):
        return "\0".join(part or "" for part in parts)
    return hashlib.blake2b(f"{name}\0{text}".encode("utf-8", "replace"), digest_size=16).hexdigest()


def _string(value: Any) -> str | None:
    value = plain(value)
    if value is None or value == "":
        return None
    if isinstance(value, list):
        return ", ".join(filter(None, (_string(item) for item in value))) or None
    return value if isinstance(value, str) else to_json(value) if isinstance(value, dict) else str(value)


def _date(value: Any) -> str | None:
    text = _string(value)
    return text.replace(" ", "T", 1) if text and _SPACED_TIME.match(text) else text


def _scores(value: Any) -> dict[str, float]:
    pairs = value.items() if isinstance(value, Mapping) else value or ()
    return {str(name): float(score) for name, score in pairs}
