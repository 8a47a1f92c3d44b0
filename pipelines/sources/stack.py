"""Rows of The Stack as records of source files: version 1 with its texts, version 2 with ids of contents.

Sources of the columns: the cards of bigcode/the-stack-dedup (`content`, `lang`, `ext`, `size`, `hexsha`,
`max_stars_repo_…`), bigcode/the-stack-v2 (`blob_id`, `path`, `repo_name`, `language`, `src_encoding`, `length_bytes`,
`detected_licenses`, …; no text) and bigcode/the-stack-v2-train-full-ids (one row a repository, its files in `files`).
Texts of version 2 come from a store of contents (`pipelines.fetching.blobs`), only for files that are wanted.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from filters.code.detection import stack_language
from filters.code.registry import Origin
from manifests.errors import UserError
from manifests.records import BadRecord
from pipelines.corpus.rows import column_names, read_rows
from pipelines.fetching.blobs import Blobs, TooLong, ahead
from pipelines.fetching.remote import NotThere
from pipelines.sources.base import RawFile, Record

TEXTS = ("content", "text")
BLOB, FILES = "blob_id", "files"
PATHS = ("max_stars_repo_path", "path")
REPOSITORIES = ("max_stars_repo_name", "repo_name")
REVISIONS = ("max_stars_repo_head_hexsha", "revision_id")
LICENCES = ("max_stars_repo_licenses", "detected_licenses")
DIGESTS = ("hexsha", BLOB)
LANGUAGES = ("lang", "language")
ENDINGS = ("ext", "extension")
SIZES = ("size", "length_bytes")
OTHERS = ("src_encoding", "revision_date", FILES)
COLUMNS = (*TEXTS, *PATHS, *REPOSITORIES, *REVISIONS, *LICENCES, *DIGESTS, *LANGUAGES, *ENDINGS, *SIZES, *OTHERS)
MARKS = frozenset(("lang", "hexsha", "max_stars_repo_path", "max_stars_repo_name", "ext"))
"""Columns of version 1 of which a table of source files has at least one besides its text."""

Row = Mapping[str, Any]


class Settings(NamedTuple):
    """How rows are taken: whose rules judge them, the repository's name where one is given, and of version 2 the
    languages that are fetched at all, and the bytes that a file may have.
    """

    origin: Origin
    repository: str | None
    languages: Collection[str]
    most_bytes: int


class _Wanted(NamedTuple):
    """A file of version 2 whose text is to come."""

    key: str
    blob: str
    encoding: str
    info: dict[str, Any]


def is_stack(columns: Collection[str]) -> bool:
    """Whether a table with these columns is one of The Stack."""
    names = frozenset(columns)
    return bool(names.intersection(TEXTS) and names & MARKS) or _is_second(names)


def _is_second(names: Collection[str]) -> bool:
    return BLOB in names or (FILES in names and "repo_name" in names)


def table_is_stack(path: Path) -> bool:
    """Whether a file is a table of The Stack; False for what cannot be read."""
    try:
        columns = column_names(path)
        if columns is None:
            row = next(iter(read_rows(path)), None)
            columns = list(row) if isinstance(row, dict) else []
    except (UserError, OSError, ValueError, EOFError, StopIteration):
        return False
    return is_stack(columns)


def records(file: RawFile, settings: Settings, blobs: Callable[[], Blobs]) -> Iterator[Record | BadRecord]:
    """The files of a table of The Stack. Raises UserError for a table without texts and ids of contents."""
    present = column_names(file.path)
    columns = None if present is None else [name for name in COLUMNS if name in present]
    if present is not None and not (set(TEXTS) & set(present) or _is_second(present)):
        raise UserError(
            f"{file.name}: no column `content` (as in The Stack), `blob_id` (as in its version 2) or `text`"
        )
    store = lru_cache(maxsize=1)(blobs)
    made: Iterator[Record | BadRecord] = ahead(_steps(_files(read_rows(file.path, columns)), settings, store))
    yield from made


def _steps(
    rows: Iterable[Row | BadRecord], settings: Settings, store: Callable[[], Blobs]
) -> Iterator[Record | BadRecord | Callable[[], Record | BadRecord]]:
    """A record of each row, or what brings its text and makes it."""
    for row in rows:
        if isinstance(row, BadRecord):
            yield row
        elif row.get(BLOB) is None or any(row.get(name) is not None for name in TEXTS):
            yield _first(row, settings)
        else:
            known = _second(row, settings)
            yield partial(_fetched, known, store()) if isinstance(known, _Wanted) else known


def _files(rows: Iterable[Row | BadRecord]) -> Iterator[Row | BadRecord]:
    """The rows; of a row that is a repository, one for each of its files."""
    for row in rows:
        inside = None if isinstance(row, BadRecord) else row.get(FILES)
        if not isinstance(inside, list):
            yield row
            continue
        assert not isinstance(row, BadRecord)
        shared = {name: value for name, value in row.items() if name != FILES}
        for one in inside:
            if isinstance(one, Mapping):
                yield {**shared, **one}
            else:
                yield BadRecord(f"{_text(row, REPOSITORIES)}/?", "an entry of the row's `files` is no object")


def _text(row: Row, names: Iterable[str]) -> str:
    return str(next((row[name] for name in names if row.get(name) is not None), ""))


def _first(row: Row, settings: Settings) -> Record | BadRecord:
    """A row that holds its text."""
    text = next((row[name] for name in TEXTS if row.get(name) is not None), None)
    path, repository, digest = (_text(row, names) for names in (PATHS, REPOSITORIES, DIGESTS))
    payload = text.encode("utf-8", "replace") if isinstance(text, str) else b""
    known = path and digest
    key = (
        "/".join((repository, path.lstrip("/"), digest))
        if known
        else f"sha256:{hashlib.sha256(payload).hexdigest()}/{repository}/{path}"
    )
    if not isinstance(text, str):
        return BadRecord(key, "the row's `content` is no string")
    info = _info(row, settings, len(payload))
    if isinstance(info, str):
        return BadRecord(key, info)
    return Record(key, payload, info)


def _second(row: Row, settings: Settings) -> Record | BadRecord | _Wanted:
    """A row that names its content: with a refusal where that is not wanted."""
    path, repository, blob = _text(row, PATHS).lstrip("/"), _text(row, REPOSITORIES), str(row[BLOB])
    key = f"{repository}/{path}/{blob}"
    info = _info(row, settings, 0)
    if isinstance(info, str):
        return BadRecord(key, info)
    language = info["language"]
    if "refusal" not in info and language is not None and language not in settings.languages:
        info["refusal"] = ("language_not_asked_for", language)
    if "refusal" not in info and info["size"] > settings.most_bytes:
        info["refusal"] = _too_large(settings.most_bytes)
    if "refusal" in info:
        return Record(key, b"", info)
    return _Wanted(key, blob, str(row.get("src_encoding") or "utf-8"), info)


def _too_large(most: int) -> tuple[str, str]:
    return "too_large", f"more than {most} bytes"


def _fetched(wanted: _Wanted, blobs: Blobs) -> Record | BadRecord:
    """The record of a file of version 2, or what is wrong with its content."""
    try:
        content = blobs.content(wanted.blob)
        payload = content.decode(wanted.encoding).encode("utf-8")
    except TooLong:
        return Record(wanted.key, b"", {**wanted.info, "refusal": _too_large(blobs.most_bytes)})
    except NotThere as error:
        return BadRecord(wanted.key, str(error))
    except LookupError:
        return BadRecord(wanted.key, f"`src_encoding` is {wanted.encoding[:40]!r}, no encoding of texts")
    except UnicodeError:
        return BadRecord(wanted.key, f"the content is not in {wanted.encoding[:40]}, its `src_encoding`")
    except ValueError as error:
        return BadRecord(wanted.key, str(error))
    info = wanted.info if wanted.info["size"] else {**wanted.info, "size": len(payload)}
    return Record(wanted.key, payload, info)


def _info(row: Row, settings: Settings, length: int) -> dict[str, Any] | str:
    """What the source knows of a file besides its text, or what is wrong with the row."""
    path, repository, revision = (_text(row, names) for names in (PATHS, REPOSITORIES, REVISIONS))
    path = path.lstrip("/")
    lang, size = _text(row, LANGUAGES), _text(row, SIZES)
    if size and not size.isdecimal():
        return f"the row's size is {size[:40]!r}, expected a number of bytes"
    language = stack_language(lang) if lang else None
    licences = next((row[name] for name in LICENCES if isinstance(row.get(name), list)), None)
    extension = next((str(row[name]) for name in ENDINGS if row.get(name) is not None), None)
    info: dict[str, Any] = {
        "path": path,
        "repository": settings.repository or repository,
        "extension": path.rsplit(".", 1)[-1] if extension is None else extension,
        "size": int(size) if size else length,
        "origin": settings.origin,
        "language": language,
        "licence": ", ".join(map(str, licences)) if licences else None,
        "url": f"https://github.com/{repository}/blob/{revision}/{path}" if repository and revision else None,
    }
    if lang and language is None:
        info["refusal"] = ("other_language", lang[:40])
    return info
