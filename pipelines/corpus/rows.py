"""Rows of a published corpus, whatever file they lie in (see `formats`), and their texts.

Everything that takes a foreign corpus (`audit`, `dedup`, `shard`, the `dataset` source) reads it here, as a
stream and with bounded memory. A row that cannot be read is a `BadRecord` and reading goes on; only damage to the
container itself (a cut-off gzip stream) ends the file, after everything before it has been yielded.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import pyarrow as pa
import pyarrow.compute as pc

from manifests.errors import UserError
from manifests.records import BadRecord, stable_id
from pipelines.corpus.formats import format_of
from pipelines.corpus.formats.row import Row, row_key
from pipelines.corpus.nested import pick
from pipelines.corpus.text_columns import text_columns, text_from

UNDECIDED_ROWS = 1000
"""So many first rows may lack the text column before the whole file is refused."""


class Text(NamedTuple):
    """A text of a foreign corpus and the id it is known by."""

    id: str
    text: str


def read_rows(path: Path, columns: Sequence[str] | None = None) -> Iterator[Row | BadRecord]:
    """Yield the rows of the file `path` as mappings, in file order.

    `columns` names the top-level columns wanted (None: all). Each row then has exactly these keys, with None
    where a JSON line lacks one. A file with one set of columns that lacks one raises `UserError`. A lone surrogate,
    which JSON can express and UTF-8 cannot, becomes U+FFFD. Errors of the container (`lines.DAMAGE`) end the iteration.
    """
    return format_of(path).rows(path, columns)


OF_TEXT = "text"
"""What an id begins with that was made from the row's text."""
DEFAULT_TEXT = "text"

TextKeys = str | Sequence[str] | None
"""The column of the text, or several; None: whichever is usual."""


def read_texts(path: Path, id_key: str | None = None, text_key: TextKeys = DEFAULT_TEXT) -> Iterator[Text | BadRecord]:
    """Yield id and text of every row of the file `path`.

    Keys may lead into nested objects with dots (`meta.arxiv_id`). Without `id_key`, the column `id` is used
    if there is one. A row without an id is known by its text, and the second of equal texts in a file by that it is
    the second; equal texts of different files then have equal ids (`made_from_text` tells them). Raises `UserError` if
    the file lacks a text column, or the id column that was asked for; a single row without a text is a `BadRecord`.
    """
    keys = text_keys(path, text_key)
    wanted = None
    present = column_names(path)
    if present is not None:
        for key in keys:
            _require(path, top_level(key, present), present, "text")
        if id_key is not None:
            _require(path, top_level(id_key, present), present, "id")
        tops = [top_level(key, present) for key in (id_key or "id", *keys)]
        wanted = [name for name in dict.fromkeys(tops) if name in present]
    rows = read_rows(path, wanted)
    for key in keys:
        rows = having(path, rows, key, "text")
    if id_key is not None:
        rows = having(path, rows, id_key, "id")
    return _texts(rows, id_key or "id", keys)


def text_keys(path: Path, text_key: TextKeys) -> tuple[str, ...]:
    """The columns of the text that are meant. Raises UserError if none was named and none is usual."""
    if text_key is None:
        return text_columns(path, read_rows(path))
    return (text_key,) if isinstance(text_key, str) else tuple(text_key)


def require_texts(path: Path, texts: Iterable[Text | BadRecord]) -> bool:
    """Whether a file has a text that can be read; False for one without rows. `texts` are those of the file.

    Raises UserError if none of its first rows (1,000, or the whole file) can be read, with what is wrong with one.
    """
    first = ""
    read = 0
    for row in texts:
        if not isinstance(row, BadRecord):
            return True
        first = first or row.error
        read += 1
        if read >= UNDECIDED_ROWS:
            break
    if read:
        raise UserError(f"{path}: none of the first {read:,} rows can be read as a text; the first: {first}")
    return False


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
    """The columns of a file, or None where each row may have its own (JSON)."""
    return format_of(path).columns(path)


def top_level(key: str, present: Sequence[str]) -> str:
    """The column that `key` leads into: the one of that name, else the one before its first dot."""
    return key if key in present else key.split(".", 1)[0]


def count_rows(path: Path) -> int:
    """How many rows `path` has; of JSON lines, how many line ends (what `wc -l` counts)."""
    return format_of(path).count(path)


def text_of(row: Row, key: str) -> str | BadRecord:
    """The string under `key`, or what is wrong with it."""
    text = pick(row, key)
    if isinstance(text, str):
        return text
    what = "is missing" if text is None else f"is {type(text).__name__}, not a string"
    return BadRecord(row_key(row), f"no text: `{key}` {what}")


def _texts(rows: Iterable[Row | BadRecord], id_key: str, keys: Sequence[str]) -> Iterator[Text | BadRecord]:
    seen: dict[str, int] = {}
    for row in rows:
        text = row if isinstance(row, BadRecord) else text_from(row, keys)
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
