"""Benchmarks: the test sets that a corpus is audited against, read from the files they are published in.

An item has an id and named texts (`problem`, `solution`, `formal`), which are searched apart. The formats below name
the columns of the published files; a user may name others. MATH and GSM8K carry no ids of their own: the published
results (repository wellecks/overlap) know their items by line, counted from 0, and so do we.
"""

import bz2
import csv
import gzip
import hashlib
import io
import json
import lzma
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import zstandard

from manifests.errors import UserError

_COMMENT = re.compile(r"\A\s*/--?(.*?)-/\s*\Z", re.DOTALL)
"""A whole text that is a comment of Lean: its words are the text."""
LINE = "#line"
"""As an id column: the number of the row, counted from 0."""


class Item(NamedTuple):
    """One item of a benchmark: its id, unique in the benchmark, and its texts by field name, none of them empty."""

    benchmark: str
    id: str
    fields: tuple[tuple[str, str], ...]


class BenchmarkFormat(NamedTuple):
    """Where a file keeps what: our field name and the file's column, and the column of the id.

    Without an id column, `id` is used where every row has one, else a hash of the item's texts. A column with dots
    leads into nested values; texts of a list are joined by line ends. `rows` is the key under which a file that is one
    JSON object keeps its items.
    """

    fields: Mapping[str, str]
    id: str | None = None
    rows: str | None = None


FORMATS: Mapping[str, BenchmarkFormat] = {
    "math": BenchmarkFormat({"problem": "problem", "solution": "solution"}, LINE),
    "gsm8k": BenchmarkFormat({"problem": "question", "solution": "answer"}, LINE),
    "proofnet": BenchmarkFormat(
        {"problem": "nl_statement", "solution": "nl_proof", "formal": "formal_statement"}, "id"
    ),
    "mmlu_stem": BenchmarkFormat({"problem": "question"}, "id"),
    "ocw": BenchmarkFormat({"problem": "problem", "solution": "solution"}, "id"),
    "sat": BenchmarkFormat({"problem": "question"}, "id"),
    "minif2f": BenchmarkFormat(
        {"problem": "informal_statement", "solution": "informal_proof", "formal": "formal_statement"}, "id"
    ),
    "champ": BenchmarkFormat({"problem": "_text", "solution": "solution.steps._text"}, "identifier", "problems"),
}
"""The test sets of the Llemma paper (section 3 and appendix) and CHAMP (arXiv 2406.18321), laid out as their files."""

_KNOWN_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "problem": (
        "problem",
        "question",
        "informal_statement",
        "nl_statement",
        "informal_prefix",
        "prompt",
        "input",
        "text",
    ),
    "solution": (
        "solution",
        "informal_solution",
        "informal_proof",
        "nl_proof",
        "explanation",
        "cot_content",
        "answer",
        "correct_answer",
        "output",
    ),
    "formal": ("formal_statement",),
}
"""For a file of no known format: the first of these columns that the file has, for each field; case does not matter,
and a space is an underscore (`Problem ID`)."""
_KNOWN_IDS = (
    "id",
    "unique_id",
    "problem_idx",
    "question_id",
    "problem_id",
    "record_id",
    "problem_name",
    "name",
    "doc_id",
)
"""Columns of ids, tried in this order; one is taken where every row has an id in it."""
INSTANCE = "instance"
"""Where ids repeat and this column tells rows apart (GSM-Symbolic), it is joined to the id: `12-3`."""
_CONTAINERS = ("rows", "data", "problems", "items", "examples")
"""Keys under which a file that is one JSON object may keep its items (the datasets server of Hugging Face: `rows`)."""


def read_benchmark(name: str, path: Path, layout: BenchmarkFormat | None = None) -> list[Item]:
    """Read the benchmark file `path` (Parquet, or JSON lines or one JSON list, plain, gzip or zstandard) in file order.

    The format is `layout`, else that of `FORMATS[name]` if the columns are there, else the first known columns. Raises
    UserError that names the file and what was expected if it cannot be read, has none of the columns, no items, or two
    items of one id.
    """
    known = layout or FORMATS.get(name.lower().replace("-", "_"))
    rows = [_flat(row) for row in _rows(path, known.rows if known else None)]
    if not rows:
        raise UserError(f"{path}: benchmark `{name}` has no items; expected JSON lines or Parquet with one item a row")
    columns = list(dict.fromkeys(key for row in rows for key in row))
    chosen = layout or _format_for(name, columns)
    if layout is None and known is not None and not _has_any(known, columns):
        raise UserError(
            f"{path}: none of the columns {', '.join(known.fields.values())}, by which benchmark `{name}` is known; "
            f"there are {', '.join(columns)}; name them as its fields, or give the benchmark another name"
        )
    if not chosen.fields:
        usual = ", ".join(column for group in _KNOWN_COLUMNS.values() for column in group)
        raise UserError(f"{path}: none of the columns {', '.join(columns)} is known; name one (known are {usual})")
    for column in [*chosen.fields.values(), *([chosen.id] if chosen.id not in (None, LINE) else [])]:
        if column.partition(".")[0] not in columns:
            raise UserError(f"{path}: no column `{column}`; the columns that are there: {', '.join(columns)}")
    id_column = chosen.id or next(
        (name for name in _named(columns, _KNOWN_IDS) if all(_is_id(row.get(name)) for row in rows)), None
    )
    _check_named(path, rows, layout)
    instances = id_column not in (None, LINE) and INSTANCE in columns and id_column != INSTANCE
    items: list[Item] = []
    seen: set[str] = set()
    for number, row in enumerate(rows):
        texts = [(field, _text_at(row, column)) for field, column in chosen.fields.items()]
        fields = tuple((field, text) for field, text in texts if isinstance(text, str) and text.strip())
        identifier = _item_id(path, number, row, id_column, fields)
        if instances and _is_id(row.get(INSTANCE)):
            identifier = f"{identifier}-{row[INSTANCE]}"
        if identifier in seen:
            if id_column is None:
                continue  # the same texts again say nothing new
            raise UserError(
                f"{path}: two items have the id `{identifier}` in column `{id_column}`; ids must "
                f"differ (id={LINE} counts the rows instead)"
            )
        seen.add(identifier)
        if fields:
            items.append(Item(name, identifier, fields))
    if not items:
        raise UserError(f"{path}: no item has a text in {', '.join(chosen.fields.values())}")
    return items


def _format_for(name: str, columns: list[str]) -> BenchmarkFormat:
    known = FORMATS.get(name.lower().replace("-", "_"))
    if known is not None and all(column.partition(".")[0] in columns for column in known.fields.values()):
        return known if known.id in (None, LINE) or known.id in columns else known._replace(id=None)
    fields = {field: next(iter(_named(columns, candidates)), "") for field, candidates in _KNOWN_COLUMNS.items()}
    return BenchmarkFormat({field: column for field, column in fields.items() if column})


def _has_any(known: BenchmarkFormat, columns: list[str]) -> bool:
    """Whether a file has any of the columns of texts by which its benchmark is known."""
    return any(_named(columns, [column.partition(".")[0] for column in known.fields.values()]))


def _named(columns: Iterable[str], known: Iterable[str]) -> list[str]:
    """The columns that have one of the known names, in the order of these."""
    plain = {column.strip().lower().replace(" ", "_"): column for column in reversed(list(columns))}
    return [plain[name] for name in known if name in plain]


def _check_named(path: Path, rows: list[Mapping[str, Any]], layout: BenchmarkFormat | None) -> None:
    """Raise UserError if a column that the user named holds no text in any row."""
    for field, column in (layout.fields if layout else {}).items():
        if not any((_text_at(row, column) or "").strip() for row in rows):
            raise UserError(f"{path}: no item has a text in column `{column}`, which is named as the {field}")


def _flat(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row of lm-evaluation-harness's sample files keeps the item under `doc`: its columns are the row's."""
    inner = row.get("doc")
    return {**row, **inner} if isinstance(inner, dict) and "doc_id" in row else row


def _text_at(value: Any, column: str) -> str | None:
    """The text that a column's dotted name leads to; None if there is none."""
    key, _, rest = column.partition(".")
    found = value.get(key) if isinstance(value, dict) else None
    if not rest:
        if isinstance(found, list):
            return "\n".join(text for text in found if isinstance(text, str)) or None
        return _COMMENT.sub(r"\1", found) if isinstance(found, str) else None
    if isinstance(found, list):
        texts = [_text_at(element, rest) for element in found]
        return "\n".join(text for text in texts if text) or None
    return _text_at(found, rest)


def _value_at(row: Any, column: str) -> Any:
    """What a column's dotted name leads to; None if there is nothing."""
    for key in [column] if isinstance(row, dict) and column in row else column.split("."):
        row = row.get(key) if isinstance(row, dict) else None
    return row


def _is_id(value: Any) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool) and value != ""


def _item_id(
    path: Path, number: int, row: Mapping[str, Any], column: str | None, fields: tuple[tuple[str, str], ...]
) -> str:
    if column == LINE:
        return str(number)
    if column is not None:
        value = _value_at(row, column)
        if not _is_id(value):
            raise UserError(f"{path}: row {number} has no id in column `{column}`; expected a string or a number")
        return str(value)
    content = "\0".join(f"{field}\0{text}" for field, text in fields).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def _rows(path: Path, within: str | None = None) -> Iterator[Mapping[str, Any]]:
    try:
        with path.open("rb") as stream:
            magic = stream.read(4)
        if magic == b"PAR1":
            yield from pq.read_table(path).to_pylist()
            return
        if magic == b"ARRO":
            yield from pyarrow.feather.read_table(path).to_pylist()
            return
        raw = path.read_bytes()
        if magic.startswith(b"\x1f\x8b"):
            raw = gzip.decompress(raw)
        elif magic == b"\x28\xb5\x2f\xfd":
            raw = b"".join(_zstandard_frames(raw))
        elif magic.startswith(b"BZh"):
            raw = bz2.decompress(raw)
        elif magic == b"\xfd7zX":
            raw = lzma.decompress(raw)
        raw = raw.removeprefix(b"\xef\xbb\xbf")
    except (OSError, EOFError, ValueError, lzma.LZMAError, zlib.error, pa.ArrowException, zstandard.ZstdError) as error:
        raise UserError(f"{path}: cannot read the benchmark: {error}") from error
    if within is not None:
        yield from _rows_of_document(path, raw, within)
        return
    if raw.lstrip()[:1] == b"[":
        yield from _rows_of_list(path, raw)
        return
    if ".csv" in path.suffixes or ".tsv" in path.suffixes:
        yield from _rows_of_table(path, raw, "\t" if ".tsv" in path.suffixes else ",")
        return
    key = _container(raw)
    if key is not None:
        yield from (
            row["row"] if isinstance(row.get("row"), dict) else row for row in _rows_of_document(path, raw, key)
        )
        return
    for number, line in enumerate(raw.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UserError(f"{path}: line {number} is not JSON: {error}") from error
        if not isinstance(row, dict):
            raise UserError(f"{path}: line {number} is {type(row).__name__}; expected a JSON object")
        yield row


def _zstandard_frames(raw: bytes) -> Iterator[bytes]:
    """The contents of each frame, one after the other. Raises EOFError if the last one is cut off."""
    while raw:
        frame = zstandard.ZstdDecompressor().decompressobj()
        yield frame.decompress(raw)
        if not frame.eof:
            raise EOFError("the compressed file ends within a frame")
        raw = frame.unused_data


def _container(raw: bytes) -> str | None:
    """The key under which a file that is one JSON object keeps its items, or None."""
    if raw.lstrip()[:1] != b"{":
        return None
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None  # JSON lines
    return next((key for key in _CONTAINERS if isinstance(found.get(key), list | dict)), None)


def _rows_of_table(path: Path, raw: bytes, delimiter: str) -> Iterator[Mapping[str, Any]]:
    """The rows of a CSV file whose first line names the columns."""
    try:
        reader = csv.DictReader(io.StringIO(raw.decode("utf-8"), newline=""), delimiter=delimiter, strict=True)
        for row in reader:
            if None in row:
                raise UserError(f"{path}: line {reader.line_num} has more fields than the first line names columns")
            yield row
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path}: is no CSV file in UTF-8: {error}") from error


def _rows_of_list(path: Path, raw: bytes) -> Iterator[Mapping[str, Any]]:
    """The items of a file that is one JSON list."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: begins with `[` and is not a JSON list: {error}") from error
    for number, row in enumerate(found):
        if not isinstance(row, dict):
            raise UserError(f"{path}: item {number} of the list is {type(row).__name__}; expected a JSON object")
        yield row


def _rows_of_document(path: Path, raw: bytes, key: str) -> Iterator[Mapping[str, Any]]:
    """The items that one JSON object keeps under `key`, as a list or as the values of an object."""
    try:
        found = json.loads(raw)[key]
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise UserError(f"{path}: expected one JSON object with the items under `{key}`: {error}") from error
    for row in found.values() if isinstance(found, dict) else found:
        if not isinstance(row, dict):
            raise UserError(f"{path}: `{key}` holds a {type(row).__name__}; expected JSON objects")
        yield row
