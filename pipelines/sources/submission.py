"""What lies in one submission to arXiv: the files of a gzipped tar, or the one file that was gzipped alone.

Works on bytes in memory, because a submission is itself a member of a monthly archive; nothing is written to disk.
Only files that can hold text or definitions are kept; the names of all others still tell what was submitted.
"""

import gzip
import io
import posixpath
from typing import IO, NamedTuple, cast

from pipelines.extraction.archives import packed_files as archives
from pipelines.extraction.latex.directives import is_directives
from pipelines.extraction.latex.project import LISTED_SUFFIXES, READ_SUFFIXES

LIMITS = archives.Limits(member=64 << 20, unpacked=2 << 30)
MOST_TEXT = 256 << 20
"""Bytes of kept files; arXiv takes submissions of 50 MB, most of it figures."""
MOST_FILES = 20_000
_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_PADDING = b"\0\x1a \r\n"
"""What old systems fill a file's last block with."""
_HEAD = 1024


class Submission(NamedTuple):
    """The text files of a submission in archive order, the names of all its files, or its only file.

    `unsafe` are members whose names lead out of the submission, `binary` text files with NUL bytes; neither is read.
    """

    files: dict[str, bytes]
    names: list[str]
    single: bytes | None = None
    unsafe: tuple[str, ...] = ()
    binary: tuple[str, ...] = ()


class TooLarge(Exception):
    """A submission that unpacks to more than any real one."""


def unpack(payload: bytes) -> Submission:
    """Open a submission, whatever form it has: tar (plain or packed), zip, gzipped file, plain file.

    Raises `TooLarge`; `archives.DamagedArchive`, `EOFError`, `OSError` or `zlib.error` for one that is cut or broken.
    """
    head = _start(payload)
    if not archives.is_archive(payload[:_HEAD]) or (payload.startswith(_GZIP) and not archives.is_archive(head)):
        return Submission({}, [], _content(payload))
    if payload.startswith(_GZIP) and head.startswith(_ZIP):
        payload = _content(payload)
    names: list[str] = []
    unsafe: list[str] = []

    def wanted(path: str) -> bool:
        names.append(path)
        if len(names) > MOST_FILES:
            raise TooLarge(f"more than {MOST_FILES} files")
        if ".." in path.split("/"):
            unsafe.append(path)
            return False
        return readable(path)

    files: dict[str, bytes] = {}
    size = 0
    for member in archives.members_of(io.BytesIO(payload), LIMITS, wanted):
        if member.content is None:
            if member.error:
                raise archives.DamagedArchive(f"{member.path}: {member.error}")
            continue
        size += len(member.content)
        if size > MOST_TEXT:
            raise TooLarge(f"more than {MOST_TEXT} bytes of text files")
        files[posixpath.normpath(member.path)] = member.content
    binary = tuple(name for name, raw in files.items() if binary_text(raw))
    for name in binary:
        del files[name]
    return Submission(files, names, unsafe=tuple(unsafe), binary=binary)


def readable(path: str) -> bool:
    """Whether a file of this name may hold text or definitions of a paper, or a program that it prints."""
    name = posixpath.basename(path)
    suffix = posixpath.splitext(name)[1].lower()
    return is_directives(name) or (suffix in (*READ_SUFFIXES, *LISTED_SUFFIXES) and not name.startswith("."))


def binary_text(raw: bytes) -> bool:
    """Whether a file that should be text holds NUL bytes; UTF-16 does, and so does padding at a file's end."""
    return b"\0" in raw.rstrip(_PADDING) and not raw.startswith((b"\xff\xfe", b"\xfe\xff"))


def _start(payload: bytes) -> bytes:
    if not payload.startswith(_GZIP):
        return payload[:_HEAD]
    with gzip.GzipFile(fileobj=io.BytesIO(payload)) as stream:
        return cast("IO[bytes]", stream).read(_HEAD)


def _content(payload: bytes) -> bytes:
    if not payload.startswith(_GZIP):
        return payload
    with gzip.GzipFile(fileobj=io.BytesIO(payload)) as stream:
        raw = stream.read(LIMITS.member + 1)
    if len(raw) > LIMITS.member:
        raise TooLarge(f"a file of more than {LIMITS.member} bytes")
    return raw
