"""From the bytes of a source file to its text.

`published`: UTF-8 or nothing (`_extract` in process_github.py of EleutherAI/math-lm skips a file that is not).
`corrected` also reads UTF-16 with a byte order mark, and the older encoding that a file itself declares in its first
lines (PEP 263 in Python, `inputenc` in TeX, `!TEX encoding`); nothing is guessed.
"""

import codecs
import re

from manifests.records import Rules

_HEAD = 8192
_DECLARED = re.compile(
    rb"(?:coding[:=][ \t]*+|!TEX[ \t]++encoding[ \t]*+=[ \t]*+|\\usepackage\[)(?P<name>[\w-]++)(?:[ \t]++[\w-]++)?"
)
_KNOWN = {
    "latin1": "latin-1", "latin-1": "latin-1", "iso-8859-1": "latin-1", "iso8859-1": "latin-1", "isolatin": "latin-1",
    "latin9": "iso8859-15", "iso-8859-15": "iso8859-15", "latin2": "iso8859-2", "iso-8859-2": "iso8859-2",
    "cp1252": "cp1252", "ansinew": "cp1252", "windows-1252": "cp1252", "cp1250": "cp1250", "cp1251": "cp1251",
    "koi8-r": "koi8-r", "euc-jp": "euc-jp", "shift_jis": "shift-jis", "sjis": "shift-jis", "gbk": "gbk", "big5": "big5",
    "applemac": "mac-roman", "euc-kr": "euc-kr", "gb2312": "gb2312",
}  # fmt: skip


def decoded(raw: bytes, rules: Rules) -> str | None:
    """The text of `raw`, or None if its encoding is not known. A byte order mark stays where `published` kept it."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        if rules == "published":
            return None
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strictly(raw, "utf-16")
    for match in _DECLARED.finditer(raw[:_HEAD]):
        if name := _KNOWN.get(match["name"].decode("ascii", "replace").lower()):
            return _strictly(raw, name)
    return None


def _strictly(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None
