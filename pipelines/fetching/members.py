"""Takes members out of a downloaded archive (tar, packed tar, zip, wheel) and trusts nothing that the archive says.

Only regular files come out, below the target folder, under names made safe; links, devices and absolute or climbing
paths cannot reach outside. Sizes are counted while reading, so that an archive cannot unpack to more than allowed.
"""

import bz2
import contextlib
import gzip
import hashlib
import lzma
import os
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, NamedTuple, cast

from manifests.errors import UserError
from pipelines.fetching.patterns import Pattern, safe_name
from pipelines.fetching.remote import READ_SIZE

MOST_MEMBERS = 2_000_000
MOST_BYTES = 64 << 30
HIGHEST_RATIO = 1200
"""Unpacked bytes for each packed one. DEFLATE reaches 1,032 at most; only bombs and blank files come near it."""

_BROKEN = (
    tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError,
    ValueError,
)  # fmt: skip


class _TooMuch(Exception):
    """More was unpacked than is believable."""


class Member(NamedTuple):
    """A file that came out of an archive. `name` is its path below the folder, `/` between parts."""

    name: str
    path: Path
    size: int
    sha256: str


def extract(archive: Path, pattern: str, folder: Path, shown: str, *, limit_bytes: int | None = None) -> list[Member]:
    """Every regular member whose path fits `pattern`, written below `folder`; sorted by name.

    Each file appears whole or not at all. Raises UserError (naming `shown`) for a pattern that fits nothing, for an
    archive that is damaged or of another kind, and for one that unpacks to more than is allowed; OSError for the disk.
    """
    ratio = HIGHEST_RATIO * max(archive.stat().st_size, 4096)
    allowed = min(limit_bytes or MOST_BYTES, MOST_BYTES, ratio)
    taker = _Taker(Pattern(pattern), folder, shown, allowed)
    problem: str | None = None
    try:
        for name, stream in _files(archive, min(MOST_BYTES, ratio)):
            taker.offer(name, stream)
    except _TooMuch:
        problem = f"{shown}: the archive unpacks to more than any honest one"
    except OSError as error:
        if error.errno is not None:
            raise
        problem = f"{shown}: the archive is damaged or of an unknown kind ({error})"  # so gzip and bz2 say it
    except _BROKEN as error:
        problem = f"{shown}: the archive is damaged or of an unknown kind ({type(error).__name__})"
    if problem is not None:
        raise UserError(problem)
    if not taker.taken:
        some = ", ".join(sorted(taker.tops)[:5]) or "no files at all"
        raise UserError(f"{shown}: no member fits !{pattern}; at the top the archive has {some}")
    return [taker.taken[name] for name in sorted(taker.taken)]


class _Taker:
    """Decides about members one after the other and writes those that fit."""

    def __init__(self, pattern: Pattern, folder: Path, shown: str, allowed: int) -> None:
        self.taken: dict[str, Member] = {}
        self.tops: set[str] = set()
        self._pattern = pattern
        self._folder = folder
        self._shown = shown
        self._left = self._allowed = allowed
        self._seen = 0

    def offer(self, name: str, stream: IO[bytes]) -> None:
        self._seen += 1
        if self._seen > MOST_MEMBERS:
            raise UserError(f"{self._shown}: the archive has more than {MOST_MEMBERS:,} members")
        if len(self.tops) < 100:
            top, slash, _ = name.partition("/")
            self.tops.add(top + slash)
        if self._pattern.matches(name):
            safe = safe_name(name)
            self.taken[safe] = self._write(safe, stream)  # of equal names the last one counts, as tar has it

    def _write(self, name: str, stream: IO[bytes]) -> Member:
        target = self._folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary_name = tempfile.mkstemp(prefix=".", suffix=".part", dir=target.parent)
        temporary, digest, size = Path(temporary_name), hashlib.sha256(), 0
        try:
            with os.fdopen(handle, "wb") as out:
                while chunk := stream.read(READ_SIZE):
                    size += len(chunk)
                    self._left -= len(chunk)
                    if self._left < 0:
                        raise UserError(f"{self._shown}: the archive unpacks to more than {self._allowed:,} bytes")
                    digest.update(chunk)
                    out.write(chunk)
            temporary.chmod(0o644)
            temporary.replace(target)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        return Member(name, target, size, digest.hexdigest())


def _files(archive: Path, most: int) -> Iterator[tuple[str, IO[bytes]]]:
    """Path and content of every regular file of an archive, in its order; an archive is read to its very end."""
    with archive.open("rb") as raw:
        start = raw.read(6)
        raw.seek(0)
        if start.startswith(b"PK"):
            yield from _files_of_zip(raw)
            return
        opener = next((opener for magic, opener in _OPENERS.items() if start.startswith(magic)), None)
        with contextlib.closing(opener(raw) if opener else raw) as plain:
            counted = _Counted(plain, most)
            with tarfile.open(fileobj=cast(IO[bytes], counted), mode="r|") as packed:
                for member in packed:
                    if member.isreg() and (content := packed.extractfile(member)) is not None:
                        with content:
                            yield member.name.removeprefix("./"), content
            while counted.read(READ_SIZE):
                pass  # the packer's own checksum stands at the end


def _files_of_zip(raw: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    with zipfile.ZipFile(raw) as packed:
        for info in packed.infolist():
            kind = (info.external_attr >> 16) & 0o170000
            if not info.is_dir() and kind in {0, 0o100000}:
                with packed.open(info) as stream:
                    yield info.filename, stream


_OPENERS: dict[bytes, Callable[[IO[bytes]], IO[bytes]]] = {
    b"\x1f\x8b": lambda raw: cast(IO[bytes], gzip.GzipFile(fileobj=raw)),
    b"BZh": lambda raw: cast(IO[bytes], bz2.BZ2File(raw)),
    b"\xfd7zXZ": lambda raw: cast(IO[bytes], lzma.LZMAFile(raw)),
}


class _Counted:
    """A stream that ends in an error once more bytes were read than an honest archive has."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        self._stream = stream
        self._left = most

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise _TooMuch
        return data
