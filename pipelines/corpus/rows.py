"""Rows of a published corpus, whatever file they lie in: Parquet, or JSON lines plain or compressed.

Everything that takes a foreign corpus (`audit`, `dedup`, `shard`, the `dataset` source) reads it here, as a
stream and with bounded memory. The format is told from a file's first bytes, never from its name. A row that
cannot be read is a `BadRecord` and reading goes on; only damage to the container itself (a cut-off gzip stream)
ends the file, after everything before it has been yielded.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from manifests.errors import UserError
from manifests.records import stable_id
from pipelines.corpus.lines import CHUNK_BYTES, MAX_LINE_BYTES, LongLine, container_of, count_line_ends, read_lines
from manifests.records import BadRecord

Row = Mapping[str, Any]

BATCH_BYTES = 8 << 20
"""About how many uncompressed bytes of a Parquet row group are held as Python objects at a time."""
MAX_BATCH_ROWS = 4096
UNDECIDED_ROWS = 1000
"""So many first rows may lack the text column before the whole file is refused."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")


class Text(NamedTuple):
    """A text of a foreign corpus and the id it is known by."""

    id: str
    text: str


def read_rows(path: Path, columns: Sequence[str] | None = None) -> Iterator[Row | BadRecord]:
    """Yield the rows of the Parquet or JSON lines file `path` as mappings, in file order.

    `columns` names the top-level columns wanted (None: all). Each row then has exactly these keys, with None
    where a JSON line lacks one. A Parquet file that lacks one raises `UserError`. A lone surrogate, which JSON can
    express and UTF-8 cannot, becomes U+FFFD. Errors of the container (`OSError`, `EOFError`, `lzma.LZMAError`,
    `zlib.error`, `zstandard.ZstdError`, `pa.ArrowException`) end the iteration.
    """
    if container_of(path) == "parquet":
        return _parquet_rows(path, columns)
    return _json_rows(path, columns)


OF_TEXT = "text"
"""What an id begins with that was made from the row's text."""


def read_texts(path: Path, id_key: str | None = None, text_key: str = "text") -> Iterator[Text | BadRecord]:
    """Yield id and text of every row of the Parquet or JSON lines file `path`.

    Both keys may lead into nested objects with dots (`meta.arxiv_id`). Without `id_key`, the column `id` is used
    if there is one. A row without an id is known by its text, and the second of equal texts in a file by that it is
    the second; equal texts of different files then have equal ids (`made_from_text` tells them). Raises `UserError` if
    the file lacks the text column, or the id column that was asked for; a single row whose text is missing or
    no string is a `BadRecord`.
    """
    wanted = None
    present = column_names(path)
    if present is not None:
        _require(path, top_level(text_key, present), present, "text")
        if id_key is not None:
            _require(path, top_level(id_key, present), present, "id")
        tops = [top_level(key, present) for key in (id_key or "id", text_key)]
        wanted = [name for name in dict.fromkeys(tops) if name in present]
    rows = having(path, read_rows(path, wanted), text_key, "text")
    if id_key is not None:
        rows = having(path, rows, id_key, "id")
    return _texts(rows, id_key or "id", text_key)


def pick(row: Row, key: str) -> Any:
    """The value of `key` in `row`: the column of that name, else the path that its dots describe, else None.

    A column that holds a JSON object as a string (OpenWebMath's `metadata`) is looked into as well.
    """
    if key in row:
        return row[key]
    value: Any = row
    for part in key.split("."):
        if isinstance(value, str) and value.startswith("{"):
            value = parse_object(value)
        if not isinstance(value, Mapping) or part not in value:
            return None
        value = value[part]
    return value


def parse_object(text: str) -> Mapping[str, Any] | None:
    """The JSON object that `text` holds, or None if it holds none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def having(path: Path, rows: Iterable[Row | BadRecord], key: str, role: str) -> Iterator[Row | BadRecord]:
    """Pass `rows` on, but raise `UserError` if none of the first rows (1,000, or the whole file) has `key`.

    A wrong key would otherwise fail every row of a corpus one by one. Single rows without it pass.
    """
    held: list[Row | BadRecord] = []
    seen: dict[str, None] = {}
    lacking = 0
    stream = iter(rows)
    for row in stream:
        held.append(row)
        if isinstance(row, BadRecord):
            continue
        seen.update(dict.fromkeys(row))
        if pick(row, key) is not None:
            break
        lacking += 1
        if lacking >= UNDECIDED_ROWS:
            _require(path, key, list(seen), role)
            break
    else:
        if lacking:
            _require(path, key, list(seen), role)
    yield from held
    held.clear()
    yield from stream


def column_names(path: Path) -> list[str] | None:
    """The columns of a Parquet file, or None for JSON lines, whose rows may each have their own."""
    return list(pq.read_schema(path).names) if container_of(path) == "parquet" else None


def top_level(key: str, present: Sequence[str]) -> str:
    """The column that `key` leads into: the one of that name, else the one before its first dot."""
    return key if key in present else key.split(".", 1)[0]


def count_rows(path: Path) -> int:
    """How many rows `path` has; of JSON lines, how many line ends (what `wc -l` counts)."""
    if container_of(path) == "parquet":
        return int(pq.read_metadata(path).num_rows)
    return count_line_ends(path)


def row_key(row: Row) -> str:
    """A name for a row made from its content alone."""
    content = json.dumps(row, sort_keys=True, default=str, ensure_ascii=True)
    return f"row:{_digest(content.encode())}"


def text_of(row: Row, key: str) -> str | BadRecord:
    """The string under `key`, or what is wrong with it."""
    text = pick(row, key)
    if isinstance(text, str):
        return text
    what = "is missing" if text is None else f"is {type(text).__name__}, not a string"
    return BadRecord(row_key(row), f"no text: `{key}` {what}")


def _texts(rows: Iterable[Row | BadRecord], id_key: str, text_key: str) -> Iterator[Text | BadRecord]:
    seen: dict[str, int] = {}
    for row in rows:
        text = row if isinstance(row, BadRecord) else text_of(row, text_key)
        if isinstance(row, BadRecord) or isinstance(text, BadRecord):
            yield cast("BadRecord", text)
            continue
        name = pick(row, id_key)
        if isinstance(name, (str, int)) and not isinstance(name, bool) and name != "":
            yield Text(str(name), text)
            continue
        own = stable_id(OF_TEXT, text)
        seen[own] = seen.get(own, 0) + 1
        yield Text(own if seen[own] == 1 else f"{own}#{seen[own]}", text)


def made_from_text(ids: pa.Array | pa.ChunkedArray) -> Any:
    """Which of `ids` were made from a text because its row had none: equal ones then mean equal texts."""
    return pc.match_substring_regex(ids, rf"^{OF_TEXT}:[0-9a-f]{{32}}(#[0-9]+)?$")


def _require(path: Path, key: str, present: Sequence[str], role: str) -> None:
    if key not in present:
        there = ", ".join(present) or "none"
        raise UserError(f"{path}: no column `{key}` for the {role}; the columns that are there: {there}")


def _json_rows(path: Path, columns: Sequence[str] | None) -> Iterator[Row | BadRecord]:
    for number, line in enumerate(read_lines(path), start=1):
        if isinstance(line, LongLine):
            error = f"line {number}: {line.size} bytes, more than {MAX_LINE_BYTES}"
            yield BadRecord(f"line:{line.digest}", error)
        elif line and not line.isspace():
            yield _json_row(line, number, columns)


def _json_row(line: bytes, number: int, columns: Sequence[str] | None) -> Row | BadRecord:
    """`number` counts the file's lines from 1, for the person who wants to mend it; the row's name is its content's."""
    try:
        value = json.loads(line.decode("utf-8"))
        if not isinstance(value, dict):
            raise ValueError(f"a JSON {type(value).__name__} where each line must hold one object")
        if _SURROGATE_ESCAPE.search(line):
            value = _without_surrogates(value)
    except (ValueError, RecursionError) as error:
        return BadRecord(f"line:{_digest(line)}", f"line {number}: {_said(error)}")
    return value if columns is None else {name: value.get(name) for name in columns}


def _without_surrogates(value: Any) -> Any:
    # The parser has joined the escapes that pair up, so whatever is left stands alone.
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    return value


def _parquet_rows(path: Path, columns: Sequence[str] | None) -> Iterator[Row | BadRecord]:
    # A buffered read walks a column chunk page by page; the default would load it whole.
    with pq.ParquetFile(path, buffer_size=CHUNK_BYTES, pre_buffer=False) as file:
        names: list[str] = file.schema_arrow.names
        if columns is not None:
            for name in columns:
                _require(path, name, names, "row")
        wanted = list(names if columns is None else columns)
        for group in range(file.metadata.num_row_groups):
            size = file.metadata.row_group(group)
            mean = max(1, size.total_byte_size // max(1, size.num_rows))
            rows = min(MAX_BATCH_ROWS, max(1, BATCH_BYTES // mean))
            try:
                for batch in file.iter_batches(batch_size=rows, row_groups=[group], columns=wanted):
                    yield from _batch_rows(batch, wanted)
            except (pa.ArrowException, OSError) as error:
                # The groups after a damaged one can still be read: their places stand in the footer.
                yield BadRecord(f"row group:{_group_digest(path, size)}", _said(error))


def _batch_rows(batch: Any, names: Sequence[str]) -> Iterator[Row | BadRecord]:
    columns = [batch.column(name) for name in names]
    try:
        values = [column.to_pylist() for column in columns]
    except (ValueError, OverflowError, pa.ArrowException):
        # One of the rows holds bytes that are no UTF-8, or no possible date.
        for index in range(batch.num_rows):
            try:
                yield {name: column[index].as_py() for name, column in zip(names, columns, strict=True)}
            except (ValueError, OverflowError, pa.ArrowException) as error:
                raw = b"\0".join(_raw(column[index]) for column in columns)
                yield BadRecord(f"row:{_digest(raw)}", _said(error))
        return
    for row in range(batch.num_rows):
        yield {name: column[row] for name, column in zip(names, values, strict=True)}


def _raw(scalar: Any) -> bytes:
    if isinstance(scalar, (pa.StringScalar, pa.LargeStringScalar, pa.BinaryScalar, pa.LargeBinaryScalar)):
        buffer = scalar.as_buffer()
        return b"" if buffer is None else cast("bytes", buffer.to_pybytes())
    return b""


def _group_digest(path: Path, group: Any) -> str:
    columns = [group.column(index) for index in range(group.num_columns)]
    starts = [column.dictionary_page_offset or column.data_page_offset for column in columns]
    left = sum(column.total_compressed_size for column in columns)
    hasher = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        file.seek(min(starts, default=0))
        while left > 0 and (chunk := file.read(min(left, CHUNK_BYTES))):
            hasher.update(chunk)
            left -= len(chunk)
    return hasher.hexdigest()


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:300]


def _digest(raw: bytes) -> str:
    return hashlib.blake2b(raw, digest_size=16).hexdigest()
