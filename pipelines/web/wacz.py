"""The archives inside a WACZ file (a zip of WARC files, their indexes and a description).

Only members below `archive/` whose name says WARC or ARC are read; a WACZ without any is not one.
"""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

ARCHIVE_ENDS = (".warc", ".warc.gz", ".warc.zst", ".warc.lz4", ".arc", ".arc.gz")
MOST_MEMBERS = 10_000
MOST_UNPACKED = 1 << 36
"""Largest member that is unpacked, 64 GiB: the standard asks for stored members of about 1 GB."""


class BadPackageError(Exception):
    """A zip file that is damaged, or that is no WACZ."""


def archives(path: Path) -> Iterator[tuple[str, BinaryIO]]:
    """Name and seekable contents of every archive inside, by name. `BadPackageError` if there are none."""
    try:
        package = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BadPackageError("a damaged zip file") from error
    with package:
        found = [one for one in package.infolist() if _is_archive(one.filename)]
        if not found:
            raise BadPackageError("a zip file without web archives below archive/")
        if len(found) > MOST_MEMBERS:
            raise BadPackageError(f"a zip file of {len(found)} web archives, at most {MOST_MEMBERS} are read")
        for member in sorted(found, key=lambda one: one.filename):
            if member.file_size > MOST_UNPACKED:
                raise BadPackageError(f"{member.filename}: {member.file_size} bytes, at most {MOST_UNPACKED}")
            # Reading behind damage needs seeking, and seeking in a zip member means decoding it again.
            with tempfile.TemporaryFile() as unpacked:
                try:
                    with package.open(member) as packed:
                        shutil.copyfileobj(packed, unpacked, 1 << 20)
                except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
                    raise BadPackageError(f"{member.filename}: a damaged or encrypted member") from error
                yield member.filename, cast("BinaryIO", unpacked)


def _is_archive(name: str) -> bool:
    return name.startswith("archive/") and name.endswith(ARCHIVE_ENDS)
