"""Takes the compression off a stream: gzip, bzip2, xz or zstandard, told from its first bytes.

What is packed inside (a tar, one file) is the business of `packed_files` and of those who read submissions.
"""

import bz2
import gzip
import io
import lzma
import zlib
from typing import IO, cast

import zstandard
from isal import igzip, isal_zlib

MAX_WINDOW = 1 << 31
XZ_MEMORY = 1 << 30
CHUNK = 1 << 18
DAMAGE = (EOFError, OSError, zlib.error, lzma.LZMAError, zstandard.ZstdError)
"""What reading a packed stream raises where it is cut or broken."""


def packing(head: bytes) -> str | None:
    """The compression of a stream that begins like this; None for any other."""
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"BZh"):
        return "bzip2"
    if head.startswith(b"\xfd7zXZ\x00"):
        return "xz"
    return "zstd" if head.startswith(b"\x28\xb5\x2f\xfd") else None


def decompressed(file: IO[bytes], *, by_zlib: bool = False) -> IO[bytes]:
    """What a gzip, bzip2, xz or zstandard stream unpacks to, or the file itself. Reading raises one of `DAMAGE`.

    `by_zlib` gives out of a damaged gzip stream what Python's own reader does, in steps as they are asked for.
    """
    start = file.tell()
    kind = packing(file.read(8))
    file.seek(start)
    if kind == "gzip":
        return cast(IO[bytes], gzip.GzipFile(fileobj=file) if by_zlib else Gzip(file))
    if kind == "bzip2":
        return cast(IO[bytes], bz2.BZ2File(file))
    if kind == "xz":
        return cast(IO[bytes], _Xz(file))
    if kind == "zstd":
        reader = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW).stream_reader(file, read_across_frames=True)
        return cast(IO[bytes], reader)
    return file


STEP = 10240
"""Bytes that zlib unpacks at a time near a damage, of which one step is lost."""
_ISAL_ERROR = cast("type[Exception]", isal_zlib.error)  # declared as an instance in its stub


class Gzip(io.RawIOBase):
    """gzip by a reader thrice as fast as zlib, and where that meets a fault by zlib.

    zlib gives out more of what stands before the fault, and names it in the words that are known of it. `file` is one
    that can be read again from where it stands.
    """

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file, self._start = file, file.tell()
        self._fast: igzip.IGzipFile | None = igzip.IGzipFile(fileobj=file, mode="rb")  # type: ignore[no-untyped-call]
        self._slow: gzip.GzipFile | None = None
        self._produced = 0
        self._late = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        size = CHUNK if size < 0 else size
        if self._fast is not None:
            try:
                raw: bytes = self._fast.read1(size)
            except (OSError, EOFError, _ISAL_ERROR) as error:
                if isinstance(error, OSError) and error.errno is not None:
                    raise  # of the disk
                self._fast = None
            else:
                self._produced += len(raw)
                return raw
        if self._slow is None:
            self._slow = self._read_again()
        if self._late:
            raw, self._late = self._late[:size], self._late[size:]
            return raw
        return self._slow.read1(min(size, STEP))

    def _read_again(self) -> gzip.GzipFile:
        """zlib's reader behind what was given out already."""
        self._file.seek(self._start)
        slow = gzip.GzipFile(fileobj=self._file)
        left = self._produced
        while left > 0 and (raw := slow.read1(STEP)):
            self._late = raw[left:]
            left -= len(raw)
        return slow


class _Xz(io.RawIOBase):
    """xz with a bound on memory, which `lzma.LZMAFile` does not take."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file
        self._inner = lzma.LZMADecompressor(memlimit=XZ_MEMORY)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        size = CHUNK if size < 0 else size
        while size:
            if self._inner.eof:
                rest = self._inner.unused_data or self._file.read(CHUNK)
                rest = rest.lstrip(b"\0")
                if not rest:
                    return b""
                self._inner = lzma.LZMADecompressor(memlimit=XZ_MEMORY)
                raw = self._inner.decompress(rest, size)
            elif self._inner.needs_input:
                more = self._file.read(CHUNK)
                if not more:
                    raise EOFError("the xz stream is cut off")
                raw = self._inner.decompress(more, size)
            else:
                raw = self._inner.decompress(b"", size)
            if raw:
                return raw
        return b""
