"""What a page may cost: hostile pages end here, before a parser sees them.

Each check is one linear pass over the bytes. The parser of pages (`pipelines.extraction.html.parser`) is linear itself
and stops at too deep a page or too many attributes, so `check_size` is enough before it; the parsers of libraries are
quadratic in the attributes of one tag, which `check_bytes` bounds.
"""

import re

import numpy as np

MAX_BYTES = 20_000_000
"""Bytes of one page. Common Crawl itself cuts at 1 MiB (5 MiB since 2025); the longest manual page seen has 9 MB."""

MAX_TAGS = 1_000_000
MAX_ATTRIBUTES = 4_000

_TAG = re.compile(rb"<[a-zA-Z](?>(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*)")
_QUOTED = re.compile(rb"\"[^\"]*+\"|'[^']*+'")


class HostilePageError(ValueError):
    """The page would cost more time or memory than one record may; the message says which limit it broke."""


def _longest_gap(data: bytes) -> int:
    """The most bytes between one `>` and the next, or the ends."""
    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord(">"))
    return int(np.diff(ends, prepend=-1, append=len(data)).max())


def check_size(data: bytes) -> None:
    """Raise `HostilePageError` if `data` is too long or has too many tags."""
    if len(data) > MAX_BYTES:
        raise HostilePageError(f"page of {len(data)} bytes, at most {MAX_BYTES} are read")
    tags = data.count(b"<") if len(data) > MAX_TAGS else 0
    if tags > MAX_TAGS:
        raise HostilePageError(f"page with {tags} tags, at most {MAX_TAGS} are read")


def check_bytes(data: bytes) -> None:
    """Raise `HostilePageError` if `data` is too long, has too many tags or one tag has too many attributes."""
    check_size(data)
    if len(data) < 2 * MAX_ATTRIBUTES:
        return
    if data.count(b"=") < MAX_ATTRIBUTES and _longest_gap(data) < 2 * MAX_ATTRIBUTES:
        return
    for tag in _TAG.finditer(data):
        if tag.end() - tag.start() < 2 * MAX_ATTRIBUTES:
            continue
        attributes = len(_QUOTED.sub(b" ", tag.group()).split())
        if attributes > MAX_ATTRIBUTES:
            raise HostilePageError(f"tag with {attributes} attributes, at most {MAX_ATTRIBUTES} are read")
