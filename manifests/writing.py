"""Writing files so that a reader never meets half of one, and the same rows always make the same bytes.

A unit of work writes into a `Workspace`, files of its own below `.work/`, and `Workspace.publish` moves the finished
files to their final names in one step each. `PartWriter` turns rows into Parquet files sorted by
`records.order_key`; it starts a new part whenever the buffered text reaches a bound, so that memory stays flat
however large the input is.

No file is forced to the disk, which a unit would wait for longer than for much of its work: what a machine that loses
its power leaves cut or empty is told from its size and digest as any other damage is, and made again.
"""

import errno
import hashlib
import itertools
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from manifests.errors import Damaged, Fault
from manifests.records import order_key

PART_BYTES = 128 << 20
"""Buffered bytes (as `row_bytes` counts) at which a part is closed. Arrow's copy of the rows comes on top for as long
as the part is written, so a writer needs at most about twice this much memory."""
VALUE_BYTES = 56
"""What a Python object takes besides its content."""
ROW_GROUP_BYTES = 16 << 20
WORK_FOLDER = ".work"


class FileFact(NamedTuple):
    """One finished output: its path relative to the corpus folder, its rows, its size in bytes, its sha256."""

    path: str
    rows: int
    bytes: int
    sha256: str


def sha256_of(path: Path) -> str:
    """The sha256 of a file's bytes, read in blocks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def require_recorded(path: Path, sha256: str) -> None:
    """See that a file holds the bytes that were recorded of it. Raises Damaged naming it; reads the whole file."""
    try:
        found = sha256_of(path)
    except OSError as error:
        raise Damaged(f"{path}: {error.strerror}; it was there when it was recorded") from None
    if found != sha256:
        raise Damaged(f"{path}: changed since its sha256 was recorded ({sha256[:12]}…); run again")


class _DiskFaults:
    """What `disk_faults` gives; as it is no generator, a block costs next to nothing and may stand around a record."""

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, OSError):
            return
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise Fault(
                f"{self._path}: the disk is full; free some space and run the same command again to go on"
            ) from error
        if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
            raise Fault(f"{self._path}: cannot write here: {os.strerror(error.errno)}") from error


def disk_faults(path: Path) -> AbstractContextManager[None]:
    """Turn a full or failing disk into one clear line that names the file, in each block that is entered with it."""
    return _DiskFaults(path)


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; it takes the final name when the block ends well, else it vanishes."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}.part")
    with disk_faults(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a small text file atomically, as UTF-8 with `\\n` line ends."""
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


class Workspace:
    """A unit's own files below `.work/`: outputs are made here and published together.

    Two workers may do the same unit at once (a runner that retries); each has files of its own and both publish the
    same bytes. They lie side by side in the folder of the stage: to make and remove folders takes longer than many a
    small unit's work.
    """

    def __init__(self, root: Path, stage: str, unit: str) -> None:
        self.root = root
        self.stem = root / WORK_FOLDER / stage / f"{unit}-{uuid.uuid4().hex[:8]}"
        self.places: dict[str, Path] = {}
        with disk_faults(self.stem):
            self.stem.parent.mkdir(parents=True, exist_ok=True)

    def path(self, relative: str) -> Path:
        """Where to write the output that will be called `relative` below the corpus folder."""
        if relative not in self.places:
            name = f"{self.stem.name}.{len(self.places)}{PurePosixPath(relative).suffix}"
            self.places[relative] = self.stem.with_name(name)
        return self.places[relative]

    def fact(self, relative: str, rows: int) -> FileFact:
        """Describe an output written to `path(relative)`."""
        path = self.path(relative)
        return FileFact(relative, rows, path.stat().st_size, sha256_of(path))

    def publish(self, facts: Sequence[FileFact]) -> None:
        """Move the described outputs to their final names and remove what else is here."""
        for fact in facts:
            target = self.root / fact.path
            with disk_faults(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                self.path(fact.path).replace(target)
                del self.places[fact.path]
        self.discard()

    def folder(self) -> Path:
        """A folder for what the unit needs while it is under way, new at the first call."""
        self.stem.mkdir(exist_ok=True)
        return self.stem

    def discard(self) -> None:
        """Remove whatever is left here."""
        for path in self.places.values():
            path.unlink(missing_ok=True)
        self.places = {}
        if self.stem.is_dir():
            shutil.rmtree(self.stem, ignore_errors=True)


class PartWriter:
    """Writes rows of one schema as `STEM.parquet`, `STEM-001.parquet`, …, each sorted by the rows' ids.

    Rows are NamedTuples in the schema's column order. An empty writer makes no file. `identifier` is the column to
    sort by; rows with equal ids are ordered by their other columns, so that the order of arrival never shows.
    """

    def __init__(
        self,
        workspace: Workspace,
        stem: str,
        schema: pa.Schema,
        *,
        identifier: str = "id",
        part_bytes: int = PART_BYTES,
    ) -> None:
        self.workspace = workspace
        self.stem = stem
        self.schema = schema
        self.identifier = schema.get_field_index(identifier)
        self.part_bytes = part_bytes
        self.facts: list[FileFact] = []
        self.rows: list[tuple[Any, ...]] = []
        self.buffered = 0

    @property
    def is_full(self) -> bool:
        """Whether the next row makes the writer write a part first, which takes a while."""
        return self.buffered >= self.part_bytes

    def add(self, row: tuple[Any, ...]) -> None:
        """Take one row; writes a part first when enough is buffered."""
        if self.is_full:
            self.flush()
        self.rows.append(row)
        self.buffered += row_bytes(row)

    def flush(self) -> None:
        """Write the buffered rows as one part."""
        if not self.rows:
            return
        part = len(self.facts)
        name = f"{self.stem}.parquet" if part == 0 else f"{self.stem}-{part:03d}.parquet"
        path = self.workspace.path(name)
        with disk_faults(path):
            write_table(path, rows_table(in_order(self.rows, self.identifier), self.schema))
        self.facts.append(self.workspace.fact(name, len(self.rows)))
        self.rows = []
        self.buffered = 0

    def close(self) -> list[FileFact]:
        """Write what is left and return the facts of all parts."""
        self.flush()
        return self.facts


def in_order(rows: Sequence[tuple[Any, ...]], identifier: int) -> list[tuple[Any, ...]]:
    """Rows by the `order_key` of their id (column `identifier`), rows of one id by what they hold.

    Only rows that share an id are compared by content: doing so for all would cost a second copy of every text.
    """
    ordered: list[tuple[Any, ...]] = []
    by_key = sorted(((order_key(row[identifier]), row) for row in rows), key=lambda pair: pair[0])
    for _, group in itertools.groupby(by_key, key=lambda pair: pair[0]):
        same = [row for _, row in group]
        ordered += sorted(same, key=_content) if len(same) > 1 else same
    return ordered


def _content(row: tuple[Any, ...]) -> str:
    return repr([sorted(value.items()) if isinstance(value, Mapping) else value for value in row])


def row_bytes(row: tuple[Any, ...]) -> int:
    """How many bytes a row takes in memory, at most; the same number on every machine, as it decides where parts end.

    A string with any character beyond ASCII is taken to need four bytes for each, the most that Python uses.
    """
    return VALUE_BYTES + sum(_value_bytes(value) for value in row)


def _value_bytes(value: Any) -> int:
    if isinstance(value, str):
        return VALUE_BYTES + len(value) * (1 if value.isascii() else 4)
    if isinstance(value, Mapping):
        return VALUE_BYTES + sum(2 * VALUE_BYTES + _value_bytes(key) for key in value)
    if isinstance(value, bytes):
        return VALUE_BYTES + len(value)
    if isinstance(value, list | tuple):
        return VALUE_BYTES + 8 * len(value) + sum(_value_bytes(item) for item in value)
    return VALUE_BYTES // 2


def rows_table(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    """Rows as an Arrow table. Mappings become sorted pairs, so that a map column's bytes do not depend on order."""
    columns: list[pa.Array] = []
    for index, field in enumerate(schema):
        values = [row[index] for row in rows]
        if pa.types.is_map(field.type):
            values = [sorted(value.items()) if isinstance(value, Mapping) else value for value in values]
        columns.append(pa.array(values, type=field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def write_table(path: Path, table: pa.Table) -> None:
    """Write a table with the settings that every output shares (zstandard level 3, bounded row groups)."""
    per_row = max(1, table.nbytes // max(1, table.num_rows))
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=3,
        row_group_size=max(1, min(1 << 20, ROW_GROUP_BYTES // per_row)),
        write_statistics=True,
        store_schema=True,
    )
