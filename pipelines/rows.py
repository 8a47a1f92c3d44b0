"""Rows of a published corpus, whatever file they lie in: Parquet, or JSON lines plain or compressed.

Everything that takes a foreign corpus (`audit`, `dedup`, `shard`, the `dataset` source) reads it here, as a
stream and with bounded memory. The format is told from a file's first bytes, never from its name. A row that
cannot be read is a `BadRecord` and reading goes on; only damage to the container itself (a cut-off gzip stream)
ends the file, after everything before it has been yielded.
"""

import bz2
import gzip
import hashlib
import json
import lzma
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple, Protocol, cast

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from manifests.errors import UserError
from manifests.records import stable_id
from pipelines.sources.base import BadRecord

Row = Mapping[str, Any]

MAX_LINE_BYTES = 256 << 20
"""A longer line is no document and would fill the memory; it is skipped as one bad row."""
BATCH_BYTES = 8 << 20
"""About how many uncompressed bytes of a Parquet row group are held as Python objects at a time."""
MAX_BATCH_ROWS = 4096
CHUNK_BYTES = 1 << 20
ZSTD_INPUT_BYTES = 4 << 10
UNDECIDED_ROWS = 1000
"""So many first rows may lack the text column before the whole file is refused."""
ZSTD_WINDOW = 1 << 31
"""The window of `zstd --long=31`, which published dumps use; the library stops at 2**27 by default."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_MAGIC = (
    (b"PAR1", "parquet"),
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"BZh", "bzip2"),
)
_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")  # a skippable frame, which zstd and lz4 share


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
    if _format(path) == "parquet":
        return _parquet_rows(path, columns)
    return _json_rows(path, columns)


def read_texts(path: Path, id_key: str | None = None, text_key: str = "text") -> Iterator[Text | BadRecord]:
    """Yield id and text of every row of the Parquet or JSON lines file `path`.

    Both keys may lead into nested objects with dots (`meta.arxiv_id`). Without `id_key`, the column `id` is used
    if there is one. A row without an id is known by its text (equal texts then have equal ids). Raises `UserError`
    if the file lacks the text column, or the id column that was asked for; a single row whose text is missing or
    no string is a `BadRecord`.
    """
    wanted = None
    if _format(path) == "parquet":
        present = pq.read_schema(path).names
        _require(path, _top(text_key, present), present, "text")
        if id_key is not None:
            _require(path, _top(id_key, present), present, "id")
        tops = [_top(key, present) for key in (id_key or "id", text_key)]
        wanted = [name for name in dict.fromkeys(tops) if name in present]
    return _texts(path, read_rows(path, wanted), id_key, text_key)


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


def _texts(
    path: Path, rows: Iterator[Row | BadRecord], id_key: str | None, text_key: str
) -> Iterator[Text | BadRecord]:
    undecided: list[BadRecord] = []
    decided = False
    seen: dict[str, None] = {}
    for row in rows:
        if isinstance(row, BadRecord):
            yield row
            continue
        text = pick(row, text_key)
        name = pick(row, id_key or "id")
        if not decided:
            seen.update(dict.fromkeys(row))
            if text is None:
                undecided.append(BadRecord(_row_key(row), f"no text: `{text_key}` is missing"))
                if len(undecided) >= UNDECIDED_ROWS:
                    _require(path, text_key, list(seen), "text")
                continue
            if id_key is not None and name is None:
                _require(path, id_key, list(seen), "id")
            decided = True
            yield from undecided
            undecided.clear()
        if not isinstance(text, str):
            what = "is missing" if text is None else f"is {type(text).__name__}, not a string"
            yield BadRecord(_row_key(row), f"no text: `{text_key}` {what}")
        elif isinstance(name, (str, int)) and not isinstance(name, bool) and name != "":
            yield Text(str(name), text)
        else:
            yield Text(stable_id("text", text), text)
    if undecided:
        _require(path, text_key, list(seen), "text")


def _top(key: str, present: Sequence[str]) -> str:
    return key if key in present else key.split(".", 1)[0]


def _require(path: Path, key: str, present: Sequence[str], role: str) -> None:
    if key not in present:
        there = ", ".join(present) or "none"
        raise UserError(f"{path}: no column `{key}` for the {role}; the columns that are there: {there}")


def _format(path: Path) -> str:
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise UserError(f"{path}: no such file to read rows from") from error
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if _SKIPPABLE.match(head):
        return "lz4" if ".lz4" in path.suffixes else "zstd"
    return "plain"


def _open_lz4(path: Path) -> "_Stream":
    try:
        import lz4.frame
    except ImportError as error:
        raise UserError(f"{path}: reading lz4 needs the Python package `lz4`: pip install lz4") from error
    return cast("_Stream", lz4.frame.open(path, "rb"))


class _ZstdStream:
    """The content of a file of one or more zstd frames; a frame that is cut off raises `EOFError`.

    The library's own stream reader ends silently there. The input is fed in small pieces because one byte of it can
    stand for 32 KB of output, all of which a decompressor returns at once.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._frame = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW).decompressobj()
        self._input = b""
        self._inside = False

    def read(self, size: int) -> bytes:
        """Some next bytes, `size` or a little more of them; none only at the end."""
        output: list[bytes] = []
        left = size
        while left > 0:
            self._input = self._input or self._file.read(ZSTD_INPUT_BYTES)
            if not self._input:
                if self._inside and not output:
                    raise EOFError("the zstd stream is cut off")
                break
            piece = self._frame.decompress(self._input)
            self._inside = not self._frame.eof
            self._input = self._frame.unused_data
            if self._frame.eof:
                self._frame = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW).decompressobj()
            output.append(piece)
            left -= len(piece)
        return b"".join(output)

    def close(self) -> None:
        self._file.close()


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...


_OPENERS: Mapping[str, Callable[[Path], _Stream]] = {
    "plain": lambda path: path.open("rb"),
    "gzip": lambda path: cast("_Stream", gzip.open(path, "rb")),
    "zstd": _ZstdStream,
    "lz4": _open_lz4,
    "xz": lambda path: cast("_Stream", lzma.open(path, "rb")),
    "bzip2": lambda path: cast("_Stream", bz2.open(path, "rb")),
}


class _LongLine(NamedTuple):
    digest: str
    size: int


def _lines(stream: _Stream) -> Iterator[bytes | _LongLine]:
    """The lines of `stream` without their ends. Only "\\n" ends one (U+2028 may stand inside a JSON string).

    The stream is read in chunks rather than by `readline`, which would hold a line of any length. The text after
    the last line end counts as a line if the stream ended soundly.
    """
    parts: list[bytes] = []
    held = 0
    hasher = None
    while chunk := stream.read(CHUNK_BYTES):
        *whole, tail = chunk.split(b"\n")
        for piece in whole:
            if hasher is not None:
                hasher.update(piece)
                yield _LongLine(hasher.hexdigest(), held + len(piece))
                hasher = None
            elif parts:
                parts.append(piece)
                yield b"".join(parts)
            else:
                yield piece
            parts, held = [], 0
        held += len(tail)
        if hasher is not None:
            hasher.update(tail)
        elif held > MAX_LINE_BYTES:
            hasher = hashlib.blake2b(b"".join([*parts, tail]), digest_size=16)
            parts = []
        elif tail:
            parts.append(tail)
    if hasher is not None:
        yield _LongLine(hasher.hexdigest(), held)
    elif parts:
        yield b"".join(parts)


def _json_rows(path: Path, columns: Sequence[str] | None) -> Iterator[Row | BadRecord]:
    with closing(_OPENERS[_format(path)](path)) as stream:
        first = True
        for line in _lines(stream):
            if isinstance(line, _LongLine):
                error = f"a line of {line.size} bytes, more than {MAX_LINE_BYTES}"
                yield BadRecord(f"line:{line.digest}", error)
                continue
            if first:
                line, first = line.removeprefix(b"\xef\xbb\xbf"), False  # noqa: PLW2901 - the mark is no data
            if not line or line.isspace():
                continue
            yield _json_row(line, columns)


def _json_row(line: bytes, columns: Sequence[str] | None) -> Row | BadRecord:
    try:
        value = json.loads(line.decode("utf-8"))
        if not isinstance(value, dict):
            raise ValueError(f"a JSON {type(value).__name__} where each line must hold one object")
        if _SURROGATE_ESCAPE.search(line):
            value = _without_surrogates(value)
    except (ValueError, RecursionError) as error:
        return BadRecord(f"line:{_digest(line)}", _said(error))
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


def _row_key(row: Row) -> str:
    content = json.dumps(row, sort_keys=True, default=str, ensure_ascii=True)
    return f"row:{_digest(content.encode())}"


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:300]


def _digest(raw: bytes) -> str:
    return hashlib.blake2b(raw, digest_size=16).hexdigest()
