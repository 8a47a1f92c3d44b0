"""From the bytes of a TeX file to its text, whatever encoding its author used.

UTF-8 where the bytes are UTF-8. Else what the file (or its paper) declares to `inputenc`; else Windows-1252, which
is Latin-1 with letters where Latin-1 has none. A file that is UTF-8 but for a few slips stays UTF-8.
"""

import re
from collections.abc import Iterable

_DECLARED = re.compile(
    rb"\\(?:usepackage|RequirePackage)\s{0,20}\[([^\]\\]{1,80})\]\s{0,20}\{inputenc\}|\\inputencoding\{(\w{1,20})\}"
)
_CODECS = {
    "latin1": "cp1252",
    "ansinew": "cp1252",
    "cp1252": "cp1252",
    "latin2": "iso8859-2",
    "latin3": "iso8859-3",
    "latin4": "iso8859-4",
    "latin5": "iso8859-9",
    "latin9": "iso8859-15",
    "latin10": "iso8859-16",
    "cp1250": "cp1250",
    "cp1251": "cp1251",
    "cp1257": "cp1257",
    "cp437": "cp437",
    "cp850": "cp850",
    "cp852": "cp852",
    "cp866": "cp866",
    "koi8-r": "koi8-r",
    "koi8-u": "koi8-u",
    "applemac": "mac-roman",
    "macce": "mac-latin2",
}
"""The names that LaTeX's inputenc knows (its manual, section 2) and Python's names for them."""
_LINE_ENDS = re.compile(r"\r\n?")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


def declared_encoding(files: Iterable[bytes]) -> str | None:
    """The codec that the first `inputenc` of the given files asks for; None for UTF-8, none and unknown ones."""
    for raw in files:
        if match := _DECLARED.search(raw):
            options = (match[1] or match[2]).decode("ascii", "replace").split(",")
            return next((_CODECS[name.strip()] for name in options if name.strip() in _CODECS), None)
    return None


def decode(raw: bytes, declared: str | None = None) -> str:
    """The text of `raw` with line ends as `\\n`, less control characters (form feeds are line ends)."""
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", _characters(raw, declared)).replace("\f", "\n"))


def _characters(raw: bytes, declared: str | None) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    partly = raw.decode("utf-8", "surrogateescape")
    odd = sum("\udc80" <= letter <= "\udcff" for letter in partly) if len(raw) < 1 << 22 else 0
    sound = sum(letter > "\x7f" for letter in partly) - odd if odd else 0
    if sound > odd:
        return re.sub("[\udc80-\udcff]", lambda slip: _one(ord(slip[0]) - 0xDC00), partly)
    try:
        return raw.decode(declared or "cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _one(byte: int) -> str:
    return bytes([byte]).decode("cp1252", "replace")
