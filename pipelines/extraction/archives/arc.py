"""The heads of ARC records (Internet Archive's format of 1996, still found in old crawls), read leniently.

A head is one line: address, IP address, date of 14 digits, type, length, and between type and length five more
fields in version 2. Addresses may hold spaces, so the fields count from the right. The file's first record
(`filedesc:`) tells the version; its length is often wrong, and it ends at a blank line anyway.
"""

import re

from pipelines.extraction.archives.framing import HEAD_SIGHT, BadHeadError, Head
from pipelines.extraction.archives.stream import Stream

MOST_DIGITS = 18
LINE = re.compile(rb"[A-Za-z][A-Za-z0-9+.\-]{0,30}:[^\n]{1,%d}\n" % (HEAD_SIGHT - 40))
LINE_BEHIND = re.compile(rb"\n(?=[A-Za-z])")
DATE = re.compile(rb"[0-9]{8,20}")
HOST = re.compile(rb"[0-9A-Za-z.:\-]{1,64}")
LENGTH = re.compile(rb"-?[0-9A-Za-z]{1,20}")
DESCRIPTION = b"filedesc:"
FIELDS_BY_VERSION = {1: 5, 2: 10}


class ArcSyntax:
    """Implements `framing.Syntax` for ARC 1 and 2; the version is learnt from the file's description."""

    end = b"\n"

    def __init__(self) -> None:
        self._version = 1

    def begins(self, window: bytes | bytearray, place: int) -> bool:
        """Whether a line at `place` has the fields of a head."""
        return self._fields(window, place) is not None

    def whole(self, block: bytes, place: int, limit: int) -> tuple[Head, int] | None:  # noqa: ARG002 - as in WARC
        """Never: archives of this format are few, and the careful way is fast enough for them."""
        return None

    def find(self, window: bytearray, end: int) -> int:
        """The first line before `end`, the first line left out, that has the fields of a head."""
        for found in LINE_BEHIND.finditer(window):
            if found.end() >= end:
                return -1
            if self._fields(window, found.end()) is not None:
                return found.end()
        return -1

    def head(self, stream: Stream) -> Head:
        """Take a head; `BadHeadError` where its length cannot be used."""
        fields = self._fields(stream.window, 0)
        if fields is None:
            stream.drop(1)
            raise BadHeadError("not the head of an ARC record")
        stream.drop(stream.window.index(b"\n") + 1)
        url, date, mime, length = (_text(field) for field in fields)
        if fields[0].startswith(DESCRIPTION):
            return self._description(stream, url, date)
        if not (length.isdigit() and len(length) <= MOST_DIGITS):
            raise BadHeadError(f"an ARC record's length is {length!r}", url, _iso(date))
        kind = "response" if url.startswith(("http:", "https:")) else "resource"
        return Head(kind, url, _iso(date), "", mime, int(length))

    def _description(self, stream: Stream, url: str, date: str) -> Head:
        """The head of the file's first record, with the length measured: up to its blank line."""
        stream.ensure(HEAD_SIGHT)
        if stream.window[:2] == b"2 ":
            self._version = 2
        end = stream.window.find(b"\n\n", 0, HEAD_SIGHT)
        length = end + 1 if end >= 0 else 0
        return Head("filedesc", url, _iso(date), "", "text/plain", length)

    def _fields(self, window: bytes | bytearray, place: int) -> tuple[bytes, bytes, bytes, bytes] | None:
        """Address, date, type and length of a head at `place`; None if there is none."""
        line = LINE.match(window, place)
        if line is None:
            return None
        text = line.group()[:-1].rstrip(b"\r")
        if text.startswith(DESCRIPTION):
            return _numbered(text, FIELDS_BY_VERSION[1]) or _numbered(text, FIELDS_BY_VERSION[2])
        return _numbered(text, FIELDS_BY_VERSION[self._version])


def _numbered(text: bytes, count: int) -> tuple[bytes, bytes, bytes, bytes] | None:
    parts = text.rsplit(b" ", count - 1)
    if len(parts) < count:
        return None
    url, host, date, mime, length = parts[0], parts[1], parts[2], parts[3], parts[-1]
    if not (HOST.fullmatch(host) and DATE.fullmatch(date) and LENGTH.fullmatch(length)):
        return None
    return url, date, mime, length


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _iso(date: str) -> str:
    """A date of ARC (`20140216050221`) as ISO 8601; what is not one is handed through."""
    if len(date) < 14:
        return f"{date[:4]}-{date[4:6]}-{date[6:8]}"
    return f"{date[:4]}-{date[4:6]}-{date[6:8]}T{date[8:10]}:{date[10:12]}:{date[12:14]}Z"
