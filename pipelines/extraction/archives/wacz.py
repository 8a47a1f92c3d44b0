"""The archives inside a WACZ file (a zip of WARC files, their indexes and a description).

Only members below `archive/` whose name says WARC or ARC are read; a WACZ without any is not one.
"""

import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple

ARCHIVE_ENDS = (".warc", ".warc.gz", ".warc.zst", ".warc.lz4", ".arc", ".arc.gz")
MOST_MEMBERS = 10_000
MOST_UNPACKED = 1 << 35
"""Largest member that is unpacked, 32 GiB: the standard asks for stored members of about 1 GB."""
MOST_RATIO = 100
"""A member that unpacks to more than this times its packed size is a bomb: archives are packed already, or text."""
SMALL = 1 << 24
"""Members that unpack to less than this are unpacked whatever their ratio."""
PIECE = 1 << 16


class BadPackageError(Exception):
    """A zip file that is damaged, or that is no WACZ."""


class Member(NamedTuple):
    """One archive of a package, as a seekable file; `error` if it is not whole."""

    name: str
    file: BinaryIO
    error: str


def archives(path: Path) -> Iterator[Member]:
    """Every archive inside, by name. `BadPackageError` if there are none, or the list of members is damaged."""
    try:
        package = zipfile.ZipFile(path)
        found = [one for one in package.infolist() if _is_archive(one.filename)]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BadPackageError("a damaged zip file") from error
    with package:
        if not found:
            raise BadPackageError("a zip file without web archives below archive/")
        if len(found) > MOST_MEMBERS:
            raise BadPackageError(f"a zip file of {len(found)} web archives, at most {MOST_MEMBERS} are read")
        for member in sorted(found, key=lambda one: one.filename):
            # Reading behind damage needs seeking, and seeking in a zip member means decoding it again.
            with tempfile.TemporaryFile() as unpacked:
                wrong = _unpack(package, member, unpacked)
                yield Member(member.filename, unpacked, wrong)


def _unpack(package: zipfile.ZipFile, member: zipfile.ZipInfo, target: IO[bytes]) -> str:
    """Copies a member as far as it is sound; returns what is wrong with it."""
    size = member.file_size
    if size > MOST_UNPACKED or (size > SMALL and size > MOST_RATIO * member.compress_size):
        return f"{member.filename}: a member of {size} bytes, packed in {member.compress_size}, is not unpacked"
    try:
        with package.open(member) as packed:
            while piece := packed.read(PIECE):
                target.write(piece)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError):
        return f"{member.filename}: a damaged or encrypted member"
    return ""


def _is_archive(name: str) -> bool:
    return name.startswith("archive/") and name.endswith(ARCHIVE_ENDS)
