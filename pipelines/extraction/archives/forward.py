"""A stream that can only be read forward, as tarfile expects a file."""

import io
from collections.abc import Iterator

from pipelines.extraction.archives.compressed import DAMAGE

AHEAD = 1 << 16
"""Bytes of a tar that are unpacked at a time."""


class Forward(io.RawIOBase):
    """A stream as tarfile expects a file: reads are whole, and places ahead can be gone to.

    What stands before a damage is given out first; the next read raises.
    """

    def __init__(self, inner: io.RawIOBase) -> None:
        super().__init__()
        self._inner = inner
        self._buffer, self._at, self._place = b"", 0, 0
        self._damage: Exception | None = None

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def read(self, size: int = -1) -> bytes:
        end = self._at + size
        if size >= 0 and end <= len(self._buffer):
            data = self._buffer[self._at : end]
        else:
            data = b"".join(self._pieces(size))
            end = self._at
            if self._damage is not None and not data:
                raise self._damage
        self._at = end
        self._place += len(data)
        return data

    def seek(self, place: int, whence: int = io.SEEK_SET) -> int:
        """Go on to a place ahead, or to the end where that comes first."""
        if whence != io.SEEK_SET or place < self._place:
            raise io.UnsupportedOperation("only places ahead")
        left = place - self._place
        if left and not sum(map(len, self._pieces(left))) and self._damage is not None:
            raise self._damage
        self._place = place
        return place

    def _pieces(self, size: int) -> Iterator[bytes]:
        """The next `size` bytes as they come; ends early at a damage and at the end."""
        while size > 0:
            if self._at == len(self._buffer):
                self._buffer, self._at = self._more(), 0
                if not self._buffer:
                    return
            piece = self._buffer[self._at : self._at + size]
            self._at += len(piece)
            size -= len(piece)
            yield piece

    def _more(self) -> bytes:
        try:
            return b"" if self._damage is not None else self._inner.read(AHEAD) or b""
        except DAMAGE as error:
            self._damage = error
            return b""
