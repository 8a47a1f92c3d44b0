"""Takes the page out of an HTTP response as an archive holds it: status, fields, and the body decoded.

Bodies come chunked or not, compressed with gzip, deflate, Brotli or zstandard or with several of them, and sometimes
their header tells of a coding that the crawler has already undone: a body that does not look coded is taken as it is.
A body that breaks off is kept up to there and marked; a body that decodes to more than the limit is not held.
"""

import functools
import re
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

import brotli
import zstandard

from pipelines.extraction.archives.warc import chosen_fields

USED = re.compile(
    r"\n((?i:Content-(?:Type|Encoding)|Transfer-Encoding))[ \t]{0,8}:[ \t]{0,64}([^\r\n]*)",
)
"""The fields that say how to read the body."""
MOST_HEAD = 1 << 18
"""Largest HTTP head in bytes."""
PIECE = 1 << 16
"""Bytes decoded at a time, in and out."""
ZSTD_PIECE = 1 << 8
ZSTD_WINDOW = 1 << 27
MOST_CODINGS = 5
"""A field that names more content codings than this is taken for hostile (curl draws the same line)."""
GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
TEXT_CONTROLS = b"\t\n\f\r"
MARKUP_SIGHT = 512


class Message(NamedTuple):
    """A response: `fields` are those that say how to read the body, with lower-case names; `body` is as it was sent."""

    status: int
    fields: dict[str, str]
    body: memoryview


class Body(NamedTuple):
    """A decoded body. `broken` where it ended too early, `oversized` (and empty) where it passed the limit."""

    data: bytes
    broken: bool = False
    oversized: bool = False


class BadMessageError(Exception):
    """A response that cannot be read: no status line, a head without end, a body in a wrong coding."""


class _TooLargeError(Exception):
    """A body grew beyond the limit while it was decoded."""


def parse(block: bytes) -> Message:
    """The parts of an HTTP response. `BadMessageError` without a status line or an end of the head.

    A head that fills the whole block (no blank line) is a response without a body.
    """
    if block[:5].upper() != b"HTTP/":
        raise BadMessageError("the block does not begin with an HTTP status line")
    size = _head_size(block)
    if size > MOST_HEAD:
        raise BadMessageError(f"an HTTP head of more than {MOST_HEAD} bytes")
    head = block[:size]
    words = head.split(b"\n", 1)[0].split(None, 2)
    if len(words) < 2 or not words[1].isdigit() or len(words[1]) != 3:
        raise BadMessageError(f"the HTTP status line is {words[:2]!r}")
    return Message(int(words[1]), chosen_fields(head, USED), memoryview(block)[size:])


def _head_size(block: bytes) -> int:
    end = len(block)
    for mark in (b"\r\n\r\n", b"\n\n", b"\n\r\r\n"):
        place = block.find(mark, 0, end)
        if place >= 0:
            end = place + len(mark)
    return end


def decode(message: Message, limit: int) -> Body:
    """The body without its codings, at most `limit` bytes. `BadMessageError` if it is not in the coding it claims."""
    broken = False
    body: bytes = b""
    try:
        if "chunked" in message.fields.get("transfer-encoding", "").lower():
            body, broken = _dechunk(message.body, limit)
        else:
            if len(message.body) > limit:
                raise _TooLargeError
            body = bytes(message.body)
        codings = [name.strip() for name in message.fields.get("content-encoding", "").lower().split(",")]
        codings = [name for name in codings if name not in ("", "identity", "none", "utf-8")]
        if len(codings) > MOST_CODINGS:
            raise BadMessageError(f"{len(codings)} content codings")
        for name in reversed(codings):
            body, cut = _undo(name, body, limit)
            broken = broken or cut
    except _TooLargeError:
        return Body(b"", oversized=True)
    return Body(body, broken)


def _dechunk(body: memoryview, limit: int) -> tuple[bytes, bool]:
    """The chunks joined, and whether the last one is missing. A body that is not chunked comes back as it is."""
    raw = bytes(body)
    plain = bytearray()
    place = 0
    while place < len(raw):
        line_end = raw.find(b"\n", place, place + PIECE)
        size_text = raw[place:line_end].split(b";", 1)[0].strip() if line_end >= 0 else b""
        size = _hexadecimal(size_text)
        if size is None:
            if place == 0:
                if len(raw) > limit:
                    raise _TooLargeError
                return raw, False
            if line_end < 0 and len(raw) - place < 16:
                return bytes(plain), True
            raise BadMessageError(f"a chunk's size is {raw[place : place + 20]!r}")
        if size == 0:
            return bytes(plain), False
        if len(plain) + size > limit:
            raise _TooLargeError
        start = line_end + 1
        plain += raw[start : start + size]
        if start + size > len(raw):
            return bytes(plain), True
        place = start + size
        place += 2 if raw[place : place + 2] == b"\r\n" else 1 if raw[place : place + 1] == b"\n" else 0
    return bytes(plain), True


def _hexadecimal(text: bytes) -> int | None:
    if not text or len(text) > 16 or text.strip(b"0123456789abcdefABCDEF"):
        return None
    return int(text, 16)


def _undo(name: str, body: bytes, limit: int) -> tuple[bytes, bool]:
    """One content coding undone: the plain bytes and whether they break off."""
    if not body:
        return b"", False
    if name in ("gzip", "x-gzip", "deflate", "x-deflate"):
        if not body.startswith(GZIP) and "gzip" in name:
            return _unless_binary(name, body), False
        return _joined(_inflated(body), limit)
    if name == "br":
        try:
            return _joined(_unbrotlied(body), limit)
        except BadMessageError:
            return _unless_binary(name, body), False
    if name == "zstd":
        if not body.startswith(ZSTD):
            return _unless_binary(name, body), False
        return _joined(_unzstandarded(body), limit)
    return _unless_binary(name, body), False


def _unless_binary(name: str, body: bytes) -> bytes:
    """`body` as it is, if it looks like text: the crawler undid the coding and left the field."""
    start = body[:MARKUP_SIGHT]
    if any(byte < 32 and byte not in TEXT_CONTROLS for byte in start) or b"<" not in start:
        raise BadMessageError(f"a body that is not in its content coding {name[:40]!r}")
    return body


def _joined(pieces: Iterator[bytes | None], limit: int) -> tuple[bytes, bool]:
    """The pieces in one, and whether they break off: a decoder ends with None where its data is whole."""
    plain = bytearray()
    for piece in pieces:
        if piece is None:
            return bytes(plain), False
        plain += piece
        if len(plain) > limit:
            raise _TooLargeError
    return bytes(plain), True


def _inflated(body: bytes) -> Iterator[bytes | None]:
    """gzip, zlib or raw deflate by their first bytes: servers mean any of them by `deflate`; members are joined."""
    if body.startswith(GZIP):
        windows = 31
    elif body[0] & 0x0F == 8 and len(body) > 1 and (body[0] << 8 | body[1]) % 31 == 0:
        windows = 15
    else:
        windows = -15
    rest = body
    while rest is body or rest.startswith(GZIP):
        decoder = zlib.decompressobj(windows)
        while True:
            piece = _guarded(functools.partial(decoder.decompress, max_length=PIECE), rest, "deflate")
            yield piece
            if decoder.eof:
                rest = decoder.unused_data
                break
            rest = decoder.unconsumed_tail
            if not rest and len(piece) < PIECE:
                return
    yield None


def _unbrotlied(body: bytes) -> Iterator[bytes | None]:
    decoder = brotli.Decompressor()
    raw = body
    while True:
        piece = _guarded(functools.partial(decoder.process, output_buffer_limit=PIECE), raw, "br")
        raw = b""
        yield piece
        if decoder.is_finished():
            yield None
            return
        if not piece and decoder.can_accept_more_data():
            return


def _unzstandarded(body: bytes) -> Iterator[bytes | None]:
    decoder = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW).decompressobj()
    for place in range(0, len(body), ZSTD_PIECE):
        yield _guarded(decoder.decompress, body[place : place + ZSTD_PIECE], "zstd")
        if decoder.eof:
            yield None
            return


def _guarded(step: Callable[[bytes], bytes], raw: bytes, name: str) -> bytes:
    try:
        return step(raw)
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        raise BadMessageError(f"a body that does not decode as {name}") from error
