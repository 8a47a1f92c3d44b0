"""What a source tree holds besides its source files: licences, what is no file, and data that looks like rows."""

import hashlib
import stat
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from filters.code.licences import ArchiveLicences, archive_licences, speaks_of_licence
from pipelines.sources.base import RawFile, entries_below
from pipelines.sources.stack import table_is_stack

MOST_LICENCE_BYTES = 1 << 20

DATA_FILE = "data_file"
SPECIAL = {
    stat.S_IFLNK: "link", stat.S_IFSOCK: "socket", stat.S_IFIFO: "pipe", stat.S_IFBLK: "device", stat.S_IFCHR: "device",
}  # fmt: skip
"""Reasons for what is not read, by its kind in a file's mode; a link leads to a file that is read where it stands."""


def special_files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Everything below a folder that is neither file nor folder, with its reason. Nothing is opened or followed."""
    for path, mode in entries_below(str(folder)):
        if reason := SPECIAL.get(stat.S_IFMT(mode)):
            yield Path(path), reason


def licences_above(file: RawFile) -> ArchiveLicences:
    """What the licence files beside and above a file of a tree say, up to the tree's first folder."""
    return _licences(_above(file))


def licence_digest(files: Iterable[RawFile]) -> str:
    """The sha256 of all licence files that `licences_above` reads for files of trees, as they are now."""
    _licence_files.cache_clear()
    _texts.cache_clear()
    digest = hashlib.sha256()
    for name, text in sorted({one for file in files for one in _above(file)}):
        digest.update(f"{name}\0{len(text)}\0{text}".encode("utf-8", "replace"))
    return digest.hexdigest()


def licence_files(files: Iterable[RawFile]) -> set[Path]:
    """All licence files that `licences_above` reads for files of trees."""
    return {path for file in files for place in _places_above(file) for _, path in place}


def _above(file: RawFile) -> tuple[tuple[str, str], ...]:
    """The names and texts of the licence files beside and above a file."""
    return tuple(one for place in _places_above(file) for one in _texts(place))


def _places_above(file: RawFile) -> list[tuple[tuple[str, Path], ...]]:
    """The names and places of these files, folder by folder."""
    parts = file.name.split("/")
    found = []
    folder = file.path.parent
    for depth in range(len(parts) - 1, -1, -1):
        found.append(_licence_files(str(folder), "/".join(parts[:depth])))
        folder = folder.parent
    beside = file.path.with_name(file.path.name + ".license")
    if beside.is_file():
        found.append(((file.name + ".license", beside),))
    return found


@lru_cache(maxsize=1024)
def _licences(files: tuple[tuple[str, str], ...]) -> ArchiveLicences:
    return archive_licences(files)


@lru_cache(maxsize=4096)
def _licence_files(folder: str, name: str) -> tuple[tuple[str, Path], ...]:
    """The licence files in one folder, called by the name that the tree has for it; none where it cannot be read."""
    lead = f"{name}/" if name else ""
    found: list[tuple[str, Path]] = []
    try:
        for path in sorted(Path(folder).iterdir()):
            known = speaks_of_licence(lead + path.name) and not path.name.endswith(".license")
            if known and path.is_file() and not path.is_symlink():
                found.append((lead + path.name, path))
        dep5 = Path(folder) / ".reuse" / "dep5"
        if dep5.is_file():
            found.append((lead + ".reuse/dep5", dep5))
    except OSError:
        return ()
    return tuple(found)


@lru_cache(maxsize=4096)
def _texts(places: tuple[tuple[str, Path], ...]) -> tuple[tuple[str, str], ...]:
    """The names and texts of licence files; none where one cannot be read."""
    try:
        return tuple((name, _text(path)) for name, path in places)
    except OSError:
        return ()


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
