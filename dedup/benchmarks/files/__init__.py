"""Files that benchmarks come in. A new kind is a module here with `is_one` and `rows`, and an entry in `KINDS`.

The container is told from the first bytes: Parquet and Arrow hold rows by themselves; gzip, zstandard, xz, bzip2, zip
and tar are unpacked, and what they hold is told from its first characters and its name.
"""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from dedup.benchmarks.files import arrow, delimited, json_document, json_lines, parquet, provers
from dedup.benchmarks.files.content import Content, contents_of
from dedup.benchmarks.values import Row

COLUMNAR = (parquet, arrow)
KINDS: tuple[ModuleType, ...] = (provers, delimited, json_document, json_lines)
"""In this order: the first that says that a content is one of its own reads it."""


def rows_of(path: Path, within: str | None = None) -> Iterator[Row]:
    """The rows of a file. `within`: the key under which a file that is one JSON object keeps them.

    Raises UserError naming the file (and the member of an archive) and what was expected.
    """
    for columnar in COLUMNAR:
        if columnar.is_one(path):
            yield from columnar.rows(path)
            return
    for content in contents_of(path):
        yield from _rows(content, within)


def _rows(content: Content, within: str | None) -> Iterator[Row]:
    if within is not None:
        yield from json_document.rows_within(content, within)
        return
    kind = next(kind for kind in KINDS if kind.is_one(content))
    yield from kind.rows(content)
