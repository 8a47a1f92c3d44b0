"""Reads a web archive of any kind into captures: WARC, ARC and WACZ, with any compression, told by the contents.

The reader is the project's own: FastWARC is as fast, but ends at the first damaged record, drops what a wrong
length hides without a word, and knows no ARC.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pipelines.extraction.archives.arc import ArcSyntax
from pipelines.extraction.archives.containers import DamagedDataError, blocks
from pipelines.extraction.archives.framing import HEAD_SIGHT, Capture, Damage, Syntax, captures
from pipelines.extraction.archives.stream import Stream
from pipelines.extraction.archives.wacz import BadPackageError, archives
from pipelines.extraction.archives.warc import VERSION, WarcSyntax

ZIP_MAGIC = b"PK\x03\x04"


class NoArchiveError(Exception):
    """A file that is not a web archive."""


def read(path: Path, limit: int) -> Iterator[Capture | Damage]:
    """Every record of the archive at `path`; blocks of more than `limit` bytes come as oversized captures.

    Damaged places are listed and passed over. `NoArchiveError` if the file is no web archive at all.
    """
    with path.open("rb") as file:
        magic = file.read(len(ZIP_MAGIC))
        if magic != ZIP_MAGIC:
            yield from read_open(file, limit)
            return
    try:
        for member in archives(path):
            listed = False
            try:
                for found in read_open(member.file, limit):
                    listed = isinstance(found, Damage)
                    yield found
            except NoArchiveError as error:
                yield Damage("", "", member.error or f"{member.name}: {error}")
                continue
            if member.error and not listed:
                yield Damage("", "", member.error)
    except BadPackageError as error:
        raise NoArchiveError(str(error)) from error


def read_open(file: BinaryIO, limit: int) -> Iterator[Capture | Damage]:
    """`read` of a seekable file that is open, and no package of archives."""
    try:
        stream = Stream(blocks(file))
        stream.ensure(HEAD_SIGHT)
        yield from captures(stream, _syntax(stream), limit)
    except DamagedDataError as error:
        yield Damage("", "", f"{error}: the rest of the file was not read")


def _syntax(stream: Stream) -> Syntax:
    start = stream.window
    if VERSION.match(start):
        return WarcSyntax()
    arc = ArcSyntax()
    if arc.begins(start, 0):
        return arc
    warc = WarcSyntax()
    if warc.find(start, len(start)) >= 0 or not start.strip(b"\r\n"):
        return warc
    if arc.find(start, len(start)) >= 0:
        return arc
    if stream.error or b"\0" in start:
        return warc
    raise NoArchiveError("neither WARC nor ARC records at the start of the file")
