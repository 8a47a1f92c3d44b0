"""What a benchmark is made of: items with named texts, and the layout of the file they come from."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

LINE = "#line"
"""As an id column: the number of the row, counted from 0."""


class Item(NamedTuple):
    """One item of a benchmark: its id, unique in the benchmark, and its texts by field name, none of them empty.

    The fields are searched apart: `problem`, `solution`, `answer` (where it has words of its own), `options`, `formal`.
    """

    benchmark: str
    id: str
    fields: tuple[tuple[str, str], ...]


class BenchmarkFormat(NamedTuple):
    """Where a file keeps what: our field name and the file's column or columns, and the column of the id.

    Without an id column the usual ones are tried, else an item is known by a hash of its texts. A column with dots
    leads into nested values; texts of a list, or of several columns, are joined by line ends. `rows` is the key under
    which a file that is one JSON object keeps its items. `split` chooses the rows with this value in a column `split`.
    """

    fields: Mapping[str, str | tuple[str, ...]]
    id: str | None = None
    rows: str | None = None
    split: str | None = None


def layout_of(
    fields: Mapping[str, str | Sequence[str]], identifier: str | None, split: str | None
) -> BenchmarkFormat | None:
    """The layout that settings name; None where they leave everything to the names of the columns."""
    if not fields and identifier is None and split is None:
        return None
    columns = {field: one if isinstance(one, str) else tuple(one) for field, one in fields.items()}
    return BenchmarkFormat(columns, identifier, split=split)


def problem_digest(text: str) -> str:
    """A digest of a problem's words, by which it is known where its id is not; it does not give the text away."""
    return hashlib.blake2b(" ".join(text.split()).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class Reading(NamedTuple):
    """What was read of a file, and how: columns by field, the column of the id, the columns that were not read.

    `levels` has the difficulty of the items whose rows state one. `notes` are what a user should know: rows left out,
    ids joined from two columns, parts that were not read.
    """

    items: list[Item]
    levels: dict[str, str]
    columns: dict[str, tuple[str, ...]]
    id: str
    unread: tuple[str, ...]
    notes: tuple[str, ...]

    def said(self, name: str) -> str:
        """It in one line."""
        read = ", ".join(f"{field} from {' and '.join(columns)}" for field, columns in self.columns.items())
        parts = [f"{len(self.items):,} items", read, f"ids from {self.id}"]
        parts.append(f"not read: {', '.join(self.unread)}" if self.unread else "every column read")
        return f"benchmark {name}: " + "; ".join([*parts, *self.notes])
