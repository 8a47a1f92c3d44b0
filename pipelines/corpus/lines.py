"""Lines of a file in any of the containers that corpora are published in, as a stream and with bounded memory.

The container is told from a file's first bytes, never from its name. A line beyond a bound is skipped and counted
instead of held, and a container that was cut off raises only after the lines before the cut.
"""

import bz2
import gzip
import hashlib
import lzma
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol

import zstandard

from manifests.errors import UserError

DAMAGE = (OSError, EOFError, ValueError, RuntimeError, lzma.LZMAError, zlib.error, zstandard.ZstdError)
"""What a container raises that is cut off or damaged; Arrow's errors of damaged files are among them."""
MAX_LINE_BYTES = 256 << 20
"""A longer line is no document and would fill the memory."""
CHUNK_BYTES = 1 << 20
ZSTD_INPUT_BYTES = 4 << 10
ZSTD_WINDOW = 1 << 31
"""The window of `zstd --long=31`, which published dumps use; the library stops at 2**27 by default."""

_MAGIC = (
    (b"PAR1", "parquet"),
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"BZh", "bzip2"),
)
_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")  # a skippable frame, which zstd and lz4 share


def container_of(path: Path) -> str:
    """What `path` is by its first bytes: `parquet`, `gzip`, `zstd`, `lz4`, `xz`, `bzip2` or `plain`."""
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise UserError(f"{path}: no such file to read rows from") from error
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if _SKIPPABLE.match(head):
        return "lz4" if ".lz4" in path.suffixes else "zstd"
    return "plain"


def _open_lz4(path: Path) -> "Stream":
    try:
        import lz4.frame
    except ImportError as error:
        raise UserError(f"{path}: reading lz4 needs the Python package `lz4`: pip install lz4") from error
    return _ToTheDamage(path, lz4.frame.open)


class _ToTheDamage:
    """The content of a compressed file, up to the damage if there is any: only then its error is raised.

    `read` of Python's own readers throws away what it has unpacked when the rest of what was asked for is damaged, so
    they are asked for one piece after the other.
    """

    def __init__(self, path: Path, unpacked: Callable[[BinaryIO], Any]) -> None:
        self._raw = path.open("rb")
        self._file: _Pieces = unpacked(self._raw)
        self._error: Exception | None = None

    def read(self, size: int) -> bytes:
        """The next `size` bytes, or as many as there are before the end or the damage."""
        if self._error is not None:
            raise self._error
        output: list[bytes] = []
        left = size
        while left > 0:
            try:
                piece = self._file.read1(left)
            except (OSError, EOFError, RuntimeError, zlib.error, lzma.LZMAError) as error:
                if not output:
                    raise
                self._error = error
                break
            if not piece:
                break
            output.append(piece)
            left -= len(piece)
        return b"".join(output)

    def close(self) -> None:
        self._file.close()
        self._raw.close()


class _ZstdStream:
    """The content of a file of one or more zstd frames; a frame that is cut off raises `EOFError`.

    The library's own stream reader ends silently there. The input is fed in small pieces because one byte of it can
    stand for 32 KB of output, all of which a decompressor returns at once.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._frame = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW).decompressobj()
        self._input = b""
        self._inside = False
        self._error: zstandard.ZstdError | None = None

    def read(self, size: int) -> bytes:
        """Some next bytes, `size` or a little more of them; none only at the end."""
        if self._error is not None:
            raise self._error
        output: list[bytes] = []
        left = size
        while left > 0:
            self._input = self._input or self._file.read(ZSTD_INPUT_BYTES)
            if not self._input:
                if self._inside and not output:
                    raise EOFError("the zstd stream is cut off")
                break
            try:
                piece = self._frame.decompress(self._input)
            except zstandard.ZstdError as error:
                if not output:
                    raise
                self._error = error
                break
            self._inside = not self._frame.eof
            self._input = self._frame.unused_data
            if self._frame.eof:
                self._frame = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW).decompressobj()
            if piece:  # an input may give nothing yet, and nothing read must mean the end
                output.append(piece)
                left -= len(piece)
        return b"".join(output)

    def close(self) -> None:
        self._file.close()


class Stream(Protocol):
    """The content of a file, unpacked."""

    def read(self, size: int, /) -> bytes:
        """Some next bytes, about `size`; none only at the end."""
        ...

    def close(self) -> None: ...


class _Pieces(Protocol):
    def read1(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...


_OPENERS: Mapping[str, Callable[[Path], Stream]] = {
    "plain": lambda path: path.open("rb"),
    "gzip": lambda path: _ToTheDamage(path, gzip.open),
    "zstd": _ZstdStream,
    "lz4": _open_lz4,
    "xz": lambda path: _ToTheDamage(path, lzma.open),
    "bzip2": lambda path: _ToTheDamage(path, bz2.open),
}


def opened(path: Path) -> Stream:
    """The content of `path`, unpacked if need be."""
    return _OPENERS[container_of(path)](path)


class LongLine(NamedTuple):
    """A line longer than `MAX_LINE_BYTES`: a digest of its bytes and how many there were."""

    digest: str
    size: int


def read_lines(path: Path) -> Iterator[bytes | LongLine]:
    """Yield the lines of `path` without their ends, unpacked if need be, less a byte order mark at the start.

    A container that is damaged or cut off raises after the lines before the damage.
    """
    with closing(opened(path)) as stream:
        first = True
        for line in _split(stream):
            yield line.removeprefix(b"\xef\xbb\xbf") if first and isinstance(line, bytes) else line
            first = False


def count_line_ends(path: Path) -> int:
    """How many line ends the content of `path` has: what `wc -l` counts."""
    with closing(opened(path)) as stream:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(CHUNK_BYTES), b""))


def _split(stream: Stream) -> Iterator[bytes | LongLine]:
    """The lines of `stream` without their ends. Only "\\n" ends one (U+2028 may stand inside a JSON string).

    The stream is read in chunks rather than by `readline`, which would hold a line of any length. The text after
    the last line end counts as a line if the stream ended soundly.
    """
    parts: list[bytes] = []
    held = 0
    hasher = None
    while chunk := stream.read(CHUNK_BYTES):
        *whole, tail = chunk.split(b"\n")
        for piece in whole:
            if hasher is not None:
                hasher.update(piece)
                yield LongLine(hasher.hexdigest(), held + len(piece))
                hasher = None
            elif parts:
                parts.append(piece)
                yield b"".join(parts)
            else:
                yield piece
            parts, held = [], 0
        held += len(tail)
        if hasher is not None:
            hasher.update(tail)
        elif held > MAX_LINE_BYTES:
            hasher = hashlib.blake2b(b"".join([*parts, tail]), digest_size=16)
            parts = []
        elif tail:
            parts.append(tail)
    if hasher is not None:
        yield LongLine(hasher.hexdigest(), held)
    elif parts:
        yield b"".join(parts)
