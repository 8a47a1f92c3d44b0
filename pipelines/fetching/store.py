"""An optional cache of fetched files, addressed by their sha256, that several builds on one machine share.

A file is taken from the cache only when its sha256 is known beforehand (pinned by the recipe or stated by the source)
and only after its bytes have been hashed again, so a damaged cache costs a download and never a wrong input.
"""

import contextlib
import errno
import os
import shutil
import tempfile
from pathlib import Path

from pipelines.fetching.remote import file_digest


def place(cache: Path, sha256: str) -> Path:
    """Where the cache keeps the file of this digest."""
    return cache / "sha256" / sha256[:2] / sha256


def take(cache: Path, sha256: str, target: Path) -> bool:
    """Put the cached file at `target`, complete or not at all; False if the cache does not hold it undamaged."""
    kept = place(cache, sha256)
    try:
        whole = file_digest(kept) == sha256
    except OSError:
        return False
    if not whole:
        with contextlib.suppress(OSError):
            kept.unlink()
        return False
    put_in_place(kept, target)
    return True


def keep(cache: Path, sha256: str, source: Path) -> bool:
    """Add a file to the cache. A cache that cannot be written to (full, read-only) is passed over: False."""
    kept = place(cache, sha256)
    if kept.exists():
        return True
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        put_in_place(source, kept)
    except OSError:
        return False
    return True


def move_in_place(source: Path, target: Path) -> None:
    """Give `source` the name `target` instead of its own, also from another file system. Raises OSError."""
    try:
        source.replace(target)
        return
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    put_in_place(source, target)
    source.unlink()


def put_in_place(source: Path, target: Path) -> None:
    """Give `source` a second name `target` (a hard link), or copy it where links cannot be made; replaces `target`.

    Raises OSError; `target` is never seen unfinished.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        temporary.unlink()
        try:
            os.link(source, temporary)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise
            shutil.copyfile(source, temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
