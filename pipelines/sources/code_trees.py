"""What a source tree holds besides its source files: licences, what is no file, and data that looks like rows."""

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from filters.code.licences import REVIEWED, ArchiveLicences, archive_licences, speaks_of_licence
from pipelines.extraction.archives import packed_files as archives
from pipelines.sources.base import RawFile, entries_below
from pipelines.sources.stack import table_is_stack

MOST_LICENCE_BYTES = 1 << 20

DATA_FILE = "data_file"
BESIDE = ".license"
Places = tuple[tuple[str, Path], ...]
"""What the tree calls files, and where they lie."""


def special_files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Everything below a folder that is neither file nor folder, with its reason. Nothing is opened or followed."""
    for path, mode in entries_below(str(folder)):
        if reason := archives.SPECIAL.get(stat.S_IFMT(mode)):
            yield Path(path), reason


def licences_above(file: RawFile) -> ArchiveLicences:
    """What the licence files beside and above a file of a tree say, up to the tree's first folder."""
    beside = _read(_beside(file))
    return archive_licences((*_above(*_where(file)), *beside)) if beside else _licences(*_where(file))


def licence_digest(files: Iterable[RawFile]) -> str:
    """The sha256 of all licence files that `licences_above` reads for files of trees, as they are now."""
    for cached in (_entries, _places, _above, _licences):
        cached.cache_clear()
    found: set[tuple[str, str]] = set()
    for file in files:
        found.update(_above(*_where(file)), _read(_beside(file)))
    digest = hashlib.sha256()
    for name, text in sorted(found):
        digest.update(f"{name}\0{len(text)}\0{text}".encode("utf-8", "replace"))
    return digest.hexdigest()


def licence_files(files: Iterable[RawFile]) -> set[Path]:
    """All licence files that `licences_above` reads for files of trees."""
    return {path for file in files for _, path in (*_places(*_where(file)), *_beside(file))}


def _where(file: RawFile) -> tuple[str, str]:
    """The folder of a file, and what the tree calls it."""
    return os.path.dirname(file.path), file.name.rpartition("/")[0]  # noqa: PTH120 - a path a file is much slower


def _beside(file: RawFile) -> Places:
    """A file's own licence file, if it has one."""
    folder, name = os.path.split(file.path)
    return ((file.name + BESIDE, Path(folder, name + BESIDE)),) if name + BESIDE in _entries(folder) else ()


@lru_cache(maxsize=4096)
def _licences(folder: str, name: str) -> ArchiveLicences:
    return archive_licences(_above(folder, name))


@lru_cache(maxsize=4096)
def _above(folder: str, name: str) -> tuple[tuple[str, str], ...]:
    """The names and texts of the licence files in a folder and above it."""
    return _read(_places(folder, name))


@lru_cache(maxsize=4096)
def _places(folder: str, name: str) -> Places:
    """The licence files in a folder and above it, called by the names that the tree has for them."""
    lead = f"{name}/" if name else ""
    found = [
        (lead + entry, Path(folder, entry))
        for entry in sorted(_entries(folder))
        if not entry.endswith(BESIDE) and speaks_of_licence(lead + entry)
    ]
    for listed in (".reuse/dep5", REVIEWED):
        path = Path(folder, listed)
        if path.is_file() and not path.is_symlink():
            found.append((lead + listed, path))
    higher = _places(os.path.dirname(folder), name.rpartition("/")[0]) if name else ()  # noqa: PTH120
    return (*found, *higher)


@lru_cache(maxsize=4096)
def _entries(folder: str) -> frozenset[str]:
    """The names of the files in a folder, links left out; none where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return frozenset(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
    except OSError:
        return frozenset()


def _read(places: Places) -> tuple[tuple[str, str], ...]:
    """The names and texts of licence files, without those that cannot be read."""
    found = []
    for name, path in places:
        with contextlib.suppress(OSError):
            found.append((name, _text(path)))
    return tuple(found)


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(MOST_LICENCE_BYTES).decode("utf-8", "replace")


def without_data(paths: Sequence[Path], row_endings: tuple[str, ...]) -> Iterable[Path]:
    """`paths` of a folder without the tables that are data of a repository.

    A folder that holds nothing but tables is a copy of The Stack, and a wrong one among them the user's mistake.
    """
    if all(path.name.endswith(row_endings) for path in paths):
        return paths
    return [path for path in paths if not path.name.endswith(row_endings) or table_is_stack(path)]
