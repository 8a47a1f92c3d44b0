"""Which characters the bytes of a page stand for: byte order mark, HTTP header, meta element, detection.

The order is that of the HTML standard (section 13.2.3.2, "Determining the character encoding"), with one addition
from practice: bytes that are valid UTF-8 with a multi-byte character are UTF-8 whatever a header claims, since text
in another encoding almost never is.
"""

import codecs
import functools
import re

from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

_META = re.compile(rb"<meta[^>]{0,512}?charset\s{0,8}=\s{0,8}[\"']?\s{0,8}([a-zA-Z0-9_:.\-]{1,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s{0,16}<\?xml[^>]{0,128}?encoding\s{0,8}=\s{0,8}[\"']([a-zA-Z0-9_:.\-]{1,40})")
_HEADER = re.compile(r"charset\s{0,8}=\s{0,8}[\"']?([a-zA-Z0-9_:.\-]{1,40})", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_NOT_ASCII = ("utf-16", "utf-7", "utf_7", "iso2022", "hz")
"""Codecs in which ASCII bytes are not ASCII characters: there, bytes that pass for UTF-8 prove nothing."""

_META_WINDOW = 4096
_DETECT_WINDOW = 65_536


@functools.lru_cache(maxsize=1_000)
def _known(name: str) -> str | None:
    """`name` as Python's codec for what browsers read under that label (`latin-1` is windows-1252), or None."""
    try:
        mapped = map_encoding_to_html5(name, fallback_utf8=False)
        return codecs.lookup(mapped or name).name
    except (LookupError, TypeError, ValueError):
        return None


def declared(data: bytes, content_type: str | None = None) -> str | None:
    """The codec that the page declares, from its byte order mark, its header or its meta element."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    if content_type and (found := _HEADER.search(content_type[:1000])) and (name_ := _known(found.group(1))):
        return name_
    head = data[:_META_WINDOW]
    match = _XML.search(head) or _META.search(head)
    if match and (name_ := _known(match.group(1).decode("ascii"))):
        # A document that was read as ASCII far enough to find its meta element is not UTF-16.
        return "utf-8" if name_.startswith("utf-16") else name_
    return None


def decode(data: bytes, content_type: str | None = None) -> str:
    """`data` as text; bytes that do not fit their encoding become U+FFFD. Never raises."""
    return to_utf8(data, content_type).decode("utf-8")


def to_utf8(data: bytes, content_type: str | None = None) -> bytes:
    """`data` in UTF-8, without a byte order mark; bytes that do not fit their encoding become U+FFFD. Never raises."""
    name = declared(data, content_type)
    if name is None or not name.startswith(_NOT_ASCII):
        try:
            data.decode("utf-8")
            return data.removeprefix(codecs.BOM_UTF8)
        except UnicodeDecodeError:
            pass
    if name is None:
        detected = detect_encoding(data[:_DETECT_WINDOW])
        name = (_known(detected) if detected else None) or "cp1252"
    try:
        text = data.decode(name, "replace")
    except (LookupError, ValueError):
        text = data.decode("utf-8", "replace")
    return text.removeprefix("\ufeff").encode("utf-8", "replace")
