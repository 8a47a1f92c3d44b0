"""Takes the compression off a web archive: gzip, zstandard, LZ4 or none, as a stream of bounded blocks.

This is the lowest step of reading an archive. It knows nothing of records; it reports where a compressed member
ends (most archives hold one record a member) and where the data is damaged, and goes on behind the damage at the
next member that decodes. Memory is bounded whatever the data says: no call inflates more than `OUTPUT` bytes, or
what `ZSTD_INPUT` bytes of zstandard can hold.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, Protocol, cast

import lz4.frame
import zstandard
from isal import isal_zlib

RAW = 1 << 15
"""Compressed bytes read at a time."""
OUTPUT = 1 << 20
"""Most bytes that one inflating call may return."""
ZSTD_INPUT = 1 << 9
"""zstandard has no limit on a call's output, and a block of 4 bytes can stand for 128 KiB: so feed it by spoonfuls."""
ZSTD_WINDOW = 1 << 27
"""Largest zstandard window accepted (128 MiB: what the command line tool accepts without `--long`)."""
ZSTD_DICTIONARY = 1 << 24
"""Largest dictionary of a zstandard archive, in bytes."""
STEP = 16
"""Compressed bytes inflated at a time where a fault is known to be near, so that nothing before it is lost."""
REREAD = 1 << 22
"""A derailed decoder runs on into the members behind: so far back from where it stopped are they looked for."""
PROBE = 1 << 12
"""Compressed bytes that a member found behind damage must decode without a fault."""
MOST_DAMAGES = 1000
"""A file with more damaged places than this ends there; it bounds the work that a hostile file can ask for."""

GZIP_MAGIC = b"\x1f\x8b\x08"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
ZSTD_SKIPPABLE = tuple(struct.pack("<I", 0x184D2A50 + low) for low in range(16))
ZSTD_DICTIONARY_FRAME = struct.pack("<I", 0x184D2A5D)
LZ4_MAGIC = b"\x04\x22\x4d\x18"

_ISAL_ERROR = cast("type[Exception]", isal_zlib.error)  # declared as an instance in its stub


class Block(NamedTuple):
    """A run of plain bytes. `ends` marks the end of a member behind it, `error` a damage behind it."""

    data: bytes
    ends: bool = False
    error: str = ""


class DamagedDataError(Exception):
    """Compressed data that does not decode."""


class Decoder(Protocol):
    """Decodes one member: feed it raw bytes until `eof`, then `unused` holds what belongs to the next member."""

    eof: bool
    unused: bytes

    def decode(self, raw: bytes) -> Iterator[bytes]:
        """The plain bytes of `raw` in pieces; `DamagedDataError` where it does not decode."""


class GzipDecoder:
    """One gzip member."""

    def __init__(self) -> None:
        self.eof = False
        self.unused = b""
        self._inflate = isal_zlib.decompressobj(31)

    def decode(self, raw: bytes) -> Iterator[bytes]:
        """See `Decoder.decode`."""
        while True:
            try:
                plain = self._inflate.decompress(raw, OUTPUT)
            except _ISAL_ERROR as error:
                raise DamagedDataError("damaged gzip data") from error
            if self._inflate.eof:
                self.eof = True
                self.unused = self._inflate.unused_data
            if plain:
                yield plain
            if self.eof:
                return
            raw = self._inflate.unconsumed_tail
            if not raw and len(plain) < OUTPUT:
                return


class Lz4Decoder:
    """One LZ4 frame."""

    def __init__(self) -> None:
        self.eof = False
        self.unused = b""
        self._inflate = lz4.frame.LZ4FrameDecompressor()

    def decode(self, raw: bytes) -> Iterator[bytes]:
        """See `Decoder.decode`."""
        while True:
            try:
                plain = self._inflate.decompress(raw, OUTPUT)
            except (RuntimeError, EOFError, ValueError) as error:
                raise DamagedDataError("damaged LZ4 data") from error
            if self._inflate.eof:
                self.eof = True
                self.unused = self._inflate.unused_data or b""
            if plain:
                yield plain
            if self.eof:
                return
            if self._inflate.needs_input:
                return
            raw = b""


class ZstdDecoder:
    """One zstandard frame, with the archive's dictionary if it has one."""

    def __init__(self, dictionary: bytes = b"") -> None:
        self.eof = False
        self.unused = b""
        shared = zstandard.ZstdCompressionDict(dictionary) if dictionary else None
        context = zstandard.ZstdDecompressor(dict_data=shared, max_window_size=ZSTD_WINDOW)
        self._inflate = context.decompressobj()

    def decode(self, raw: bytes) -> Iterator[bytes]:
        """See `Decoder.decode`."""
        for at in range(0, len(raw), ZSTD_INPUT):
            try:
                plain = self._inflate.decompress(raw[at : at + ZSTD_INPUT])
            except zstandard.ZstdError as error:
                raise DamagedDataError("damaged zstandard data") from error
            if self._inflate.eof:
                self.eof = True
                self.unused = self._inflate.unused_data + raw[at + ZSTD_INPUT :]
            if plain:
                yield plain
            if self.eof:
                return


def blocks(file: BinaryIO) -> Iterator[Block]:
    """The plain bytes of `file`, whatever it is compressed with; the file must be seekable.

    A damaged place is one `Block` with an `error`; the blocks behind it start with a member that decodes. More than
    `MOST_DAMAGES` of them raise `DamagedDataError`.
    """
    file.seek(0)
    magic = file.read(4)
    file.seek(0)
    if magic.startswith(GZIP_MAGIC[:2]):
        return _members(file, "gzip", GZIP_MAGIC, b"")
    if magic == LZ4_MAGIC:
        return _members(file, "LZ4", LZ4_MAGIC, b"")
    if magic == ZSTD_MAGIC or magic in ZSTD_SKIPPABLE:
        return _members(file, "zstandard", ZSTD_MAGIC, _dictionary(file))
    return _plain(file)


def _plain(file: BinaryIO) -> Iterator[Block]:
    while data := file.read(OUTPUT):
        yield Block(data)


def _dictionary(file: BinaryIO) -> bytes:
    """The dictionary in the archive's first frame, as IIPC's specification "WARC and Zstandard" lays it down."""
    start = file.read(8)
    if not start.startswith(ZSTD_DICTIONARY_FRAME) or len(start) < 8:
        file.seek(0)
        return b""
    size = struct.unpack("<I", start[4:])[0]
    if size > ZSTD_DICTIONARY:
        raise DamagedDataError(f"a zstandard dictionary of {size} bytes, at most {ZSTD_DICTIONARY} are read")
    raw = file.read(size)
    if not raw.startswith(ZSTD_MAGIC):
        return raw
    plain = bytearray()
    for piece in ZstdDecoder().decode(raw):
        plain += piece
        if len(plain) > ZSTD_DICTIONARY:
            raise DamagedDataError(f"a zstandard dictionary of more than {ZSTD_DICTIONARY} bytes")
    return bytes(plain)


def _decoder(kind: str, dictionary: bytes) -> Decoder:
    if kind == "gzip":
        return GzipDecoder()
    return Lz4Decoder() if kind == "LZ4" else ZstdDecoder(dictionary)


def _members(file: BinaryIO, kind: str, magic: bytes, dictionary: bytes) -> Iterator[Block]:
    """Member after member; `file` stands at the first one."""
    damages = 0
    rest = b""
    while True:
        rest = rest or file.read(RAW)
        rest = rest.lstrip(b"\0")  # some writers pad the file with zeros
        if not rest:
            if len(rest := file.read(RAW)) == 0:
                return
            continue
        if len(rest) < 8:
            rest += file.read(RAW)
        if kind == "zstandard" and rest[:4] in ZSTD_SKIPPABLE and len(rest) >= 8:
            rest = _skip(file, rest, 8 + struct.unpack("<I", rest[4:8])[0])
            continue
        member = file.tell() - len(rest)
        chunk = member
        produced = 0
        held: list[bytes] = []
        size = 0
        stopped = 0
        error = "" if rest.startswith(magic) else f"not {kind} data between two members"
        decoder = _decoder(kind, dictionary)
        try:
            while rest and not error:
                for plain in decoder.decode(rest):
                    produced += len(plain)
                    held.append(plain)
                    size += len(plain)
                    if size >= OUTPUT and not decoder.eof:
                        yield Block(b"".join(held))
                        held.clear()
                        size = 0
                if decoder.eof:
                    break
                chunk = file.tell()
                rest = file.read(RAW)
        except DamagedDataError as fault:
            error = str(fault)
            stopped = file.tell()
            yield Block(b"".join(held))
            if kind == "gzip":
                yield from _salvage(file, member, chunk, produced)
            held.clear()
        plain = held[0] if len(held) == 1 else b"".join(held)
        if decoder.eof:
            rest = decoder.unused
            yield Block(plain, ends=True)
        else:
            damages += 1
            if damages > MOST_DAMAGES:
                raise DamagedDataError(f"more than {MOST_DAMAGES} damaged places")
            yield Block(plain, error=error or f"the file ends inside {kind} data")
            _seek_member(file, max(member + 1, (stopped or file.tell()) - REREAD), kind, magic, dictionary)
            rest = b""


def _skip(file: BinaryIO, rest: bytes, size: int) -> bytes:
    """Passes over `size` bytes of which `rest` is the part already read."""
    if size <= len(rest):
        return rest[size:]
    file.seek(size - len(rest), 1)
    return b""


def _salvage(file: BinaryIO, member: int, chunk: int, produced: int) -> Iterator[Block]:
    """What a damaged gzip member still holds behind its first `produced` bytes.

    The fast decoder throws away the output of the call that meets the fault; zlib in steps of a few bytes does not.
    """
    file.seek(member)
    decoder = zlib.decompressobj(31)
    seen = 0
    try:
        while not decoder.eof:
            place = file.tell()
            if place > chunk + 2 * RAW:
                return
            raw = decoder.unconsumed_tail or file.read(min(RAW, chunk - place) if place < chunk else STEP)
            plain = decoder.decompress(raw, OUTPUT)
            if not raw and not plain:
                return
            seen += len(plain)
            if seen > produced:
                yield Block(plain[max(0, len(plain) - (seen - produced)) :])
    except zlib.error:
        return


def _seek_member(file: BinaryIO, start: int, kind: str, magic: bytes, dictionary: bytes) -> None:
    """Moves `file` to the first member at or behind `start` that decodes, or to its end."""
    file.seek(start)
    window = b""
    base = start
    while raw := file.read(RAW):
        window += raw
        at = window.find(magic)
        while at >= 0:
            if _decodes(file, base + at, kind, dictionary):
                file.seek(base + at)
                return
            at = window.find(magic, at + 1)
        keep = min(len(magic) - 1, len(window))
        base += len(window) - keep
        window = window[len(window) - keep :]
        file.seek(base + keep)


def _decodes(file: BinaryIO, start: int, kind: str, dictionary: bytes) -> bool:
    file.seek(start)
    try:
        return any(True for _ in _decoder(kind, dictionary).decode(file.read(PROBE)))
    except DamagedDataError:
        return False
