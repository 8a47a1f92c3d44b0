"""The members of a zip as its directory lists them, one at a time.

`zipfile` makes an object of some 600 bytes of every entry before the first member can be read, 6 GB for a zip of ten
million members. Here the directory is walked twice, first to see that it is whole; opening a member is the library's.
"""

import struct
import zipfile
from collections.abc import Iterator
from typing import IO, Any, cast

_ENTRY = struct.Struct("<4s4B4HL2L5H2L")
"""An entry of the directory up to its name (PKWARE's APPNOTE, 4.3.12)."""
_MARK = b"PK\x01\x02"
_UTF8 = 0x800
_PIECE = 1 << 16
_MOST_VERSION = 63
"""The newest version of the format that the library reads."""
_TAIL_64 = 56 + 20
"""Bytes of the two records of a zip64 between the directory and its end."""


class Zip(zipfile.ZipFile):
    """A zip open for reading whose members `entries` gives; the library's own list of them stays empty.

    Raises as the library does (BadZipFile, NotImplementedError, ValueError) where the directory is damaged.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._start = self._size = self._shift = 0
        super().__init__(file)
        for _ in self.entries():
            pass

    def _RealGetContents(self) -> None:  # noqa: N802 - what the library calls to read the directory
        file = cast("IO[bytes]", self.fp)
        # Nine numbers of the end record, its comment, and where it stands; None where there is none.
        end = cast("Any", zipfile)._EndRecData(file)
        if not end:
            raise zipfile.BadZipFile("File is not a zip file")
        self._size = end[5]
        # Bytes may stand before the archive, such as the program of one that unpacks itself.
        self._shift = end[9] - end[5] - end[6] - (_TAIL_64 if end[0] == b"PK\x06\x06" else 0)
        self._start = end[6] + self._shift
        if self._start < 0:
            raise zipfile.BadZipFile("Bad offset for central directory")

    def entries(self) -> Iterator[zipfile.ZipInfo]:
        """The entries in the directory's order, of which each can be opened."""
        read = _Pieces(cast("IO[bytes]", self.fp), self._start, self._size)
        while read.left > 0:
            fixed = read(_ENTRY.size)
            if len(fixed) != _ENTRY.size:
                raise zipfile.BadZipFile("Truncated central directory")
            entry = _ENTRY.unpack(fixed)
            if entry[0] != _MARK:
                raise zipfile.BadZipFile("Bad magic number for central directory")
            yield self._info(entry, read(entry[12]), read(entry[13]), read(entry[14]))

    def _info(self, entry: tuple[Any, ...], name: bytes, extra: bytes, comment: bytes) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name.decode("utf-8" if entry[5] & _UTF8 else "cp437"))
        info.extra, info.comment = extra, comment
        info.create_version, info.create_system, info.extract_version, info.reserved = entry[1:5]
        info.flag_bits, info.compress_type = entry[5:7]
        info.CRC, info.compress_size, info.file_size = entry[9:12]
        info.volume, info.internal_attr, info.external_attr, info.header_offset = entry[15:19]
        if info.extract_version > _MOST_VERSION:
            raise NotImplementedError(f"zip file version {info.extract_version / 10:.1f}")
        _long_sizes(info)
        info.header_offset += self._shift
        return info


class _Pieces:
    """Reads a stretch of a file in pieces, wherever the file is moved to in between."""

    def __init__(self, file: IO[bytes], start: int, size: int) -> None:
        self._file, self._place, self._rest = file, start, size
        self._piece, self._at = b"", 0

    @property
    def left(self) -> int:
        """How many bytes are still to come; below zero where the last entry is said to be longer than what is there."""
        return self._rest + len(self._piece) - self._at

    def __call__(self, size: int) -> bytes:
        """The next `size` bytes, or what is there of them."""
        if len(self._piece) - self._at < size and self._rest:
            self._file.seek(self._place)
            more = self._file.read(min(self._rest, max(size, _PIECE)))
            self._rest = self._rest - len(more) if more else 0
            self._place += len(more)
            self._piece, self._at = self._piece[self._at :] + more, 0
        self._at += size
        return self._piece[self._at - size : self._at]


def _long_sizes(info: zipfile.ZipInfo) -> None:
    """Take sizes and place that four bytes cannot hold from the zip64 field (APPNOTE, 4.5.3)."""
    extra, place = info.extra, 0
    while len(extra) - place >= 4:
        kind, size = struct.unpack_from("<HH", extra, place)
        place += 4
        if place + size > len(extra):
            raise zipfile.BadZipFile(f"Corrupt extra field {kind:04x} (size={size})")
        if kind == 1:
            numbers = iter(struct.unpack_from(f"<{min(size, 24) // 8}Q", extra, place))
            try:
                if info.file_size == 0xFFFFFFFF:
                    info.file_size = next(numbers)
                if info.compress_size == 0xFFFFFFFF:
                    info.compress_size = next(numbers)
                if info.header_offset == 0xFFFFFFFF:
                    info.header_offset = next(numbers)
            except StopIteration:
                raise zipfile.BadZipFile("Corrupt zip64 extra field") from None
        place += size
