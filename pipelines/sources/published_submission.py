"""The `.tex` files of a submission as the published program took them.

Source: togethercomputer/RedPajama-Data, branch rp_v1, data_prep/arxiv/arxiv_cleaner.py (`_tex_proj_loader`). That
program opened a submission with Python's tarfile, and so does this module, because what tarfile makes of an odd archive
is part of the rule: every member counts whose name ends in `.tex`, hidden ones, the resource forks of a Mac (which cost
the paper, as they are not UTF-8), each of two with the same name, and links, which are followed inside the archive. A
link to nothing and a folder of such a name cost the paper. What tarfile takes for no tar is read as one gzipped file, a
tar cut inside a member too, whole with its headers; a zip costs the paper. Only bounds on size are added.
"""

import io
import tarfile
from typing import Any, cast

from pipelines.extraction.archives import compressed
from pipelines.sources.submission import LIMITS, MOST_FILES, MOST_TEXT, TooLarge

MOST_UNPACKED = 1 << 30
"""Bytes that a submission may unpack to; arXiv takes 50 MB."""
_GZIP = b"\x1f\x8b"
_PACKED = (_GZIP, b"BZh", b"\xfd7zXZ\x00")


class Unreadable(Exception):
    """A submission that the published program gave up: the message says at what."""


class _Unpacked(io.BytesIO):
    """What was unpacked of a stream up to an error, which comes again where reading comes to it."""

    def __init__(self, content: bytes, error: Exception | None) -> None:
        super().__init__(content)
        self.error = error

    def read(self, size: int | None = -1) -> bytes:
        raw = super().read(size)
        if self.error is not None and (size is None or size < 0 or len(raw) < size):
            raise self.error
        return raw


def published_files(payload: bytes) -> list[bytes]:
    """The `.tex` files of a submission in archive order. Raises `Unreadable` and `TooLarge`."""
    stream = _unpacked(payload)
    try:
        return _members(stream)
    except tarfile.ReadError as error:
        if payload and not payload.startswith(_GZIP):
            raise Unreadable(f"neither a tar nor gzipped ({error})") from None
    except TooLarge:
        raise
    except Exception as error:  # the original leaves out a paper on which tarfile raises anything at all
        raise Unreadable(f"{type(error).__name__}: {error}") from None
    if stream.error is not None:
        raise Unreadable(f"{type(stream.error).__name__}: {stream.error}")
    return [stream.getvalue()]


def _members(stream: _Unpacked) -> list[bytes]:
    with tarfile.open(fileobj=stream, mode="r:") as tar:
        found = []
        while (member := tar.next()) is not None:
            found.append(member)
            if len(found) > MOST_FILES:
                raise TooLarge(f"more than {MOST_FILES} files")
        contents = []
        size = 0
        for member in found:
            if member.name.endswith(".tex"):
                if member.size > LIMITS.member:  # of a sparse file, which need not be that long in the archive
                    raise TooLarge(f"{member.name}: more than {LIMITS.member} bytes")
                content = cast(Any, tar.extractfile(member)).read()
                size += len(content)
                if size > MOST_TEXT:
                    raise TooLarge(f"more than {MOST_TEXT} bytes of text files")
                contents.append(content)
        return contents


def _unpacked(payload: bytes) -> _Unpacked:
    if not payload.startswith(_PACKED):
        return _Unpacked(payload, None)
    stream: Any = compressed.decompressed(io.BytesIO(payload), by_zlib=True)
    read = getattr(stream, "read1", stream.read)  # gives what there is before it raises
    pieces: list[bytes] = []
    size = 0
    try:
        while piece := read(compressed.CHUNK):
            pieces.append(piece)
            size += len(piece)
            if size > MOST_UNPACKED:
                raise TooLarge(f"unpacks to more than {MOST_UNPACKED} bytes")
    except compressed.DAMAGE as error:
        return _Unpacked(b"".join(pieces), error)
    return _Unpacked(b"".join(pieces), None)
