"""The heads of WARC records (ISO 28500), read leniently.

Real archives end their lines with CR LF, LF or CR CR LF, fold long fields, put addresses in angle brackets or leave
spaces in them, and write field names in any case. A head needs a length that can be used; everything else may lack.
"""

import re

from pipelines.extraction.archives.framing import BadHeadError, Head
from pipelines.extraction.archives.stream import Stream

MOST_HEAD = 1 << 16
"""Largest head in bytes; redirect chains and cookies make some of a few kilobytes."""
MOST_DIGITS = 18
VERSION = re.compile(rb"WARC/[0-9]\.[0-9]{1,2}[ \t]{0,8}\r{0,2}\n")
LIKELY_HEAD = re.compile(rb"WARC/[0-9]\.[0-9]{1,2}[ \t]{0,8}\r{0,2}\n(?i:warc-|content-)")
USED = re.compile(
    r"\n((?i:WARC-(?:Type|Target-URI|Date|Record-ID|Truncated|Identified-Payload-Type)|Content-(?:Type|Length)))"
    r"[ \t]{0,8}:[ \t]{0,64}([^\r\n]*)"
)
"""The fields that are used, so that the others cost nothing."""
FOLD = re.compile(rb"\r{0,2}\n[ \t]{1,64}")
HEAD_ENDS = (b"\r\n\r\n", b"\n\n", b"\n\r\r\n")


class WarcSyntax:
    """Implements `framing.Syntax` for WARC 0.17 to 1.1."""

    end = b"\r\n\r\n"

    def begins(self, window: bytes | bytearray, place: int) -> bool:
        """Whether a version line stands at `place`."""
        return VERSION.match(window, place) is not None

    def find(self, window: bytearray, end: int) -> int:
        """The first version line before `end` that follows a line end and is followed by a field of WARC."""
        place = 0
        while found := LIKELY_HEAD.search(window, place):
            if found.start() >= end:
                return -1
            if found.start() > 0 and window[found.start() - 1] == 10:
                return found.start()
            place = found.start() + 1
        return -1

    def head(self, stream: Stream) -> Head:
        """Take a head; `BadHeadError` where it is not closed, or has no length."""
        size = _head_size(stream)
        if size < 0:
            whole = len(stream.window) >= MOST_HEAD
            stream.drop(1)
            cut = stream.error or "the file ends inside a record's head"
            raise BadHeadError(f"a record's head has no end within {MOST_HEAD} bytes" if whole else cut)
        return _head(stream.take(size))

    def whole(self, block: bytes, place: int, limit: int) -> tuple[Head, int] | None:
        """See `framing.Syntax.whole`; the head's lines end with CR LF here."""
        if VERSION.match(block, place) is None:
            return None
        end = block.find(b"\r\n\r\n", place, place + MOST_HEAD)
        if end < 0 or block.find(b"\n\n", place, end) >= 0 or block.find(b"\r\r\n", place, end) >= 0:
            return None
        try:
            head = _head(block[place : end + 2])
        except BadHeadError:
            return None
        return (head, end + 4) if head.length <= limit else None


def _head(raw: bytes) -> Head:
    fields = chosen_fields(raw, USED)
    url = fields.get("warc-target-uri", "")
    if url.startswith("<") and url.endswith(">"):  # wget 1.14 to 1.19, by the letter of the first standard
        url = url[1:-1]
    date = fields.get("warc-date", "")
    record_id = fields.get("warc-record-id", "").strip("<>")
    length = fields.get("content-length", "")
    if not (length.isascii() and length.isdigit() and len(length) <= MOST_DIGITS):
        raise BadHeadError(f"a record's Content-Length is {length[:40]!r}", url, date, record_id)
    return Head(
        fields.get("warc-type", "").lower(),
        url,
        date,
        record_id,
        fields.get("content-type", ""),
        int(length),
        fields.get("warc-truncated", ""),
        fields.get("warc-identified-payload-type", ""),
    )


def _head_size(stream: Stream) -> int:
    """Bytes of the head at the stream's place with its blank line; -1 if there is no blank line."""
    seen = 0
    while True:
        window = stream.window
        places = []
        end = min(len(window), MOST_HEAD)
        for mark in HEAD_ENDS:
            place = window.find(mark, max(0, seen - 4), end)
            if place >= 0:
                end = place + len(mark)
                places.append(end)
        if places:
            return min(places)
        seen = len(window)
        if seen >= MOST_HEAD or not stream.fill():
            return -1


def chosen_fields(head: bytes, fields: re.Pattern[str]) -> dict[str, str]:
    """Fields by their names in lower case; of a repeated field the first counts. Folded lines are joined.

    `fields` matches a line end, a name (group 1), a colon and a value without line ends (group 2).
    """
    if b"\n " in head or b"\n\t" in head:
        head = FOLD.sub(b" ", head)
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError:
        text = head.decode("latin-1")
    found = fields.findall(text)
    found.reverse()
    return {name.lower(): value.rstrip() for name, value in found}
