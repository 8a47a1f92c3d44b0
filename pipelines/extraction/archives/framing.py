"""Cuts the bytes of a web archive into captures, and finds its way again behind damage.

WARC and ARC differ in how a record's head is written, not in what can go wrong with it. A `Syntax` knows the head;
this module does the rest: bodies by their announced length, lengths that lie in either direction, truncated files,
rubbish between records, bodies too large to hold. Every record of the archive comes out once, as a `Capture` or as
a `Damage`, and a damaged record takes no other one with it.
"""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from pipelines.extraction.archives.stream import BLANK, Stream

HEAD_SIGHT = 1 << 13
"""Bytes that suffice to see whether a head begins; ARC heads are one line with an address."""
SEARCH = 1 << 17
"""Bytes buffered at least when searching, so that rescanning the overlap costs little."""
MOST_BLANK = 1 << 16
"""Line ends behind a block that are still taken for its end."""


class Head(NamedTuple):
    """The head of one record: `length` is the announced size of its block in bytes, `date` is ISO 8601."""

    kind: str
    url: str
    date: str
    record_id: str
    content_type: str
    length: int
    truncated: str = ""
    payload_type: str = ""


class Capture(NamedTuple):
    """One whole record. `block` is empty where the record is larger than the limit (`oversized`)."""

    head: Head
    block: bytes
    oversized: bool = False


class Damage(NamedTuple):
    """A record, or a stretch of the file, that could not be read; whose it was where the head told that."""

    url: str
    date: str
    error: str
    record_id: str = ""


class BadHeadError(Exception):
    """A record's head that cannot be used: no length, too long, not closed."""

    def __init__(self, error: str, url: str = "", date: str = "", record_id: str = "") -> None:
        super().__init__(error)
        self.damage = Damage(url, date, error, record_id)


class Syntax(Protocol):
    """How one format writes the head of a record, and what `end` stands behind a block."""

    end: bytes

    def begins(self, window: bytes | bytearray, place: int) -> bool:
        """Whether a head begins at `place`."""

    def whole(self, block: bytes, place: int, limit: int) -> tuple[Head, int] | None:
        """A flawless head at `place` and where its block starts, if that has at most `limit` bytes; or None."""

    def find(self, window: bytearray, end: int) -> int:
        """The first place before `end` where a head begins behind a line end; -1 if there is none."""

    def head(self, stream: Stream) -> Head:
        """Take the head at the stream's place; `BadHeadError` if it cannot be used (some bytes are taken then too)."""


def captures(stream: Stream, syntax: Syntax, limit: int) -> Iterator[Capture | Damage]:
    """Every record of an archive in order. Blocks of more than `limit` bytes are passed over without holding them.

    What is damaged is listed once: rubbish directly behind a listed damage is part of it.
    """
    listed = False
    while True:
        for capture in _in_a_row(stream, syntax, limit):
            yield capture
            listed = False
        if not stream.skip_blank_lines():
            if not stream.error:
                return
            if not listed:
                yield Damage("", "", stream.error)
            stream.pass_damage()
            listed = True
            continue
        if not _begins(stream, syntax, 0):
            if not listed:
                yield Damage("", "", "bytes that belong to no record")
            listed = True
            _seek(stream, syntax)
            continue
        try:
            head = syntax.head(stream)
        except BadHeadError as bad:
            yield bad.damage
            listed = True
            _seek(stream, syntax)
            continue
        found = _held(stream, syntax, head) if head.length <= limit else _passed_over(stream, syntax, head)
        listed = isinstance(found, Damage)
        yield found


def _in_a_row(stream: Stream, syntax: Syntax, limit: int) -> Iterator[Capture]:
    """Records that lie whole in one block, as nearly all do, without the window; what is left goes into it."""
    while True:
        block = stream.taken_back() if stream.window else stream.block()
        if block is None:
            return
        place = 0
        data = block.data
        while (found := syntax.whole(data, place, limit)) is not None:
            head, start = found
            end = start + head.length
            behind = end + len(syntax.end)
            if not data.startswith(syntax.end, end):
                break
            if not (block.ends if behind == len(data) else syntax.begins(data, behind)):
                break
            yield Capture(head, data[start:end])
            place = behind
        stream.put(block, place)


def _held(stream: Stream, syntax: Syntax, head: Head) -> Capture | Damage:
    """The record whose head was just taken, if its length is right."""
    size = head.length
    whole = stream.ensure(size)
    if (early := _record_in_next_member(stream, syntax, size)) >= 0:
        stream.drop(early)
        return _damaged(head, f"the block ends after {early} of {size} bytes")
    if not whole:
        got = len(stream.window)
        error = stream.error or "the file ends inside the record"
        inner = syntax.find(stream.window, got)
        if inner >= 0:
            stream.drop(inner)
            error = "another record begins inside the block"
        elif stream.error:
            stream.pass_damage()
        else:
            stream.drop(got)
        return _damaged(head, f"{error} ({got} of {size} bytes)")
    rest = _behind(stream, size)
    if rest is None:
        error = stream.error
        stream.pass_damage()
        return _damaged(head, error)
    if rest < len(stream.window) and not _begins(stream, syntax, rest) and not _member_done(stream, size, rest):
        inner = syntax.find(stream.window, size)
        closed = len(syntax.end) > 1 and stream.window.startswith(syntax.end, size)
        if inner >= 0 or not closed:
            stream.drop(inner if inner >= 0 else size)
            return _damaged(head, f"the announced length of {size} bytes is wrong")
    capture = Capture(head, stream.take(size))
    stream.drop(rest - size)
    return capture


def _damaged(head: Head, error: str) -> Damage:
    return Damage(head.url, head.date, error, head.record_id)


def _begins(stream: Stream, syntax: Syntax, place: int) -> bool:
    """Whether a head begins at `place` of the window, read ahead only where that decides it."""
    if syntax.begins(stream.window, place):
        return True
    before = len(stream.window)
    stream.ensure(place + HEAD_SIGHT)
    return len(stream.window) > before and syntax.begins(stream.window, place)


def _record_in_next_member(stream: Stream, syntax: Syntax, size: int) -> int:
    """Where, less than `size` bytes ahead, a compressed member ends and the next one begins with a record; else -1.

    Most archives hold one record a member; a block that runs into the next record has a wrong length.
    """
    for end in stream.member_ends():
        if end >= size:
            return -1
        if _begins(stream, syntax, end):
            return end
    return -1


def _member_done(stream: Stream, size: int, rest: int) -> bool:
    """Whether a compressed member ends in the blank lines between a block and what comes next."""
    return any(size <= end <= rest for end in stream.member_ends() if end <= rest)


def _behind(stream: Stream, size: int) -> int | None:
    """Where the next thing behind a block and its blank lines begins; None if the data is damaged before that."""
    place = size
    while True:
        blank = BLANK.match(stream.window, place)
        place = blank.end() if blank else place
        if place < len(stream.window):
            return place
        if place - size > MOST_BLANK or stream.member_ends_at(place):
            return place
        if not stream.fill():
            return None if stream.error else place


def _passed_over(stream: Stream, syntax: Syntax, head: Head) -> Capture | Damage:
    """A record too large to hold: its block is passed over, unless another record begins inside it."""
    left = head.length
    while left:
        more = stream.ensure(min(left, SEARCH) + HEAD_SIGHT)
        inner = syntax.find(stream.window, min(left, len(stream.window)))
        early = _record_in_next_member(stream, syntax, left)
        if inner >= 0 or early >= 0:
            stream.drop(min(place for place in (inner, early) if place >= 0))
            return _damaged(head, f"another record begins inside a block of {head.length} bytes")
        step = min(left, len(stream.window) - HEAD_SIGHT if more else len(stream.window))
        stream.drop(step)
        left -= step
        if left and not more:
            got = head.length - left
            error = stream.error or "the file ends inside the record"
            if stream.error:
                stream.pass_damage()
            return _damaged(head, f"{error} ({got} of {head.length} bytes)")
    return Capture(head, b"", oversized=True)


def _seek(stream: Stream, syntax: Syntax) -> None:
    """Moves to the next head or the next member, or to the end of the data or the next damaged place."""
    while True:
        more = stream.ensure(SEARCH)
        found = syntax.find(stream.window, len(stream.window))
        member = next(stream.member_ends(), -1)
        places = [place for place in (found, member) if place >= 0]
        if places:
            stream.drop(min(places))
            return
        if not more:
            stream.drop(len(stream.window))
            return
        stream.drop(len(stream.window) - HEAD_SIGHT)
