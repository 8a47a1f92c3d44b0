r"""From the bytes of a TeX file to its text, whatever encoding its author used.

UTF-8 where the bytes are UTF-8, and where they are but for a few slips. Else what the file itself declares (to
`inputenc`, the CJK environments, XeTeX, `ctex` or the editor), what its paper declares, or what its letters tell
(`encoding_detection`), which also overrules a declaration that makes no sense of the bytes.
"""

import re
from collections.abc import Iterable

from pipelines.extraction.latex.encoding_detection import detect, known

_DECLARED = re.compile(
    rb"\\(?:usepackage|RequirePackage)\s{0,20}\[([^\]\\]{1,80})\]\s{0,20}\{inputenc\}"
    rb"|\\(?:inputencoding|CJKinput|CJKencoding)\s{0,20}\{([\w+-]{1,20})\}"
    rb"|\\begin\s{0,20}\{CJK\*?\}\s{0,20}(?:\[[^\]]{0,20}\])?\s{0,20}\{([\w+-]{1,20})\}"
    rb"|\\(?:XeTeXinputencoding|XeTeXdefaultencoding)\s{0,20}[\"']?([\w+-]{1,20})"
    rb"|\\(?:documentclass|usepackage)\s{0,20}\[([^\]\\]{1,200})\]\s{0,20}\{ctex\w{0,9}\}"
)
_SWITCH = re.compile(
    rb"\\inputencoding\s{0,20}\{([\w+-]{1,20})\}|\\XeTeXinputencoding\s{0,20}[\"']?([\w+-]{1,20})[\"']?"
    rb"|\\begin\s{0,20}\{CJK\*?\}\s{0,20}(?:\[[^\]]{0,20}\])?\s{0,20}\{([\w+-]{1,20})\}|\\end\s{0,20}\{(CJK)\*?\}"
)
"""Where a file goes over to another encoding; behind a CJK environment it goes back."""
_BETWEEN = b"\n\0\n"
"""Stands between parts of a file that are decoded together; no file holds it, as controls are gone by then."""
_MODELINE = re.compile(
    rb"%\s{0,20}!\s{0,9}TEX\s{1,20}encoding\s{0,20}=\s{0,20}([\w -]{1,30})|-\*-.{0,80}?coding:\s{0,20}([\w-]{1,30})",
    re.IGNORECASE,
)
_MODELINE_LINES = 10
"""An editor looks for its lines at a file's start."""
_ESCAPED_JAPANESE = (b"\x1b$B", b"\x1b$@", b"\x1b(J")
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
    "8859-5": "iso8859-5",
    "iso88595": "iso8859-5",
    "maccyr": "mac-cyrillic",
    "8859-7": "iso8859-7",
    "iso-8859-7": "iso8859-7",
    "greek": "iso8859-7",
    "bg5": "big5hkscs",
    "bg5+": "big5hkscs",
    "big5": "big5hkscs",
    "hkscs": "big5hkscs",
    "gb": "gb18030",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "sjis": "cp932",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "jis": "euc_jp",
    "euc-jp": "euc_jp",
    "ks": "cp949",
    "euc-kr": "cp949",
    "uhc": "cp949",
    "iso-8859-1": "cp1252",
    "isolatin": "cp1252",
    "isolatin1": "cp1252",
    "iso latin 1": "cp1252",
    "windows latin 1": "cp1252",
    "windows-1252": "cp1252",
    "iso-8859-2": "iso8859-2",
    "windows-1250": "cp1250",
    "windows-1251": "cp1251",
    "windows cyrillic": "cp1251",
    "windows-1253": "cp1253",
    "iso-8859-15": "iso8859-15",
    "macosroman": "mac-roman",
    "macintosh": "mac-roman",
    "decmulti": "cp1252",
    "cp437de": "cp437",
    "cp858": "cp858",
    "cp865": "cp865",
    "cp855": "cp855",
    "cp866av": "cp866",
    "koi8-ru": "koi8-u",
    "macukr": "mac-cyrillic",
    "cp1253": "cp1253",
    "cp1254": "cp1254",
    "cp932": "cp932",
    "cp936": "gb18030",
    "cp949": "cp949",
    "cp950": "big5hkscs",
    "eucjp": "euc_jp",
    "euckr": "cp949",
    "latin-1": "cp1252",
    "iso-latin-1": "cp1252",
    "latin-2": "iso8859-2",
    "iso-latin-2": "iso8859-2",
    "iso-8859-5": "iso8859-5",
    "iso-8859-9": "iso8859-9",
    "windows-1254": "cp1254",
}
"""Python's names for those of LaTeX's inputenc (its manual, section 2), of the CJK package (CJK.txt, "Encodings") and
of the editors' mode lines (TeXShop, Emacs), in small letters."""
_CONTROLS = bytes([*range(0x09), 0x0B, *range(0x0E, 0x20), 0x7F])
_LINE_ENDS = bytes.maketrans(b"\r\f", b"\n\n")
_WITHOUT_CONTROLS = dict.fromkeys(_CONTROLS) | {ord("\r"): "\n", ord("\f"): "\n"}


def declared_encoding(files: Iterable[bytes]) -> str | None:
    """The codec that the first declaration in the given files names; None for UTF-8, none and unknown ones."""
    for raw in files:
        for match in _DECLARED.finditer(raw):
            if _in_comment(raw, match.start()):
                continue
            names = next(filter(None, match.groups())).decode("ascii", "replace").lower().split(",")
            return next((_CODECS[name.strip()] for name in names if name.strip() in _CODECS), None)
    return None


def decode(raw: bytes, declared: str | None = None) -> str:
    """The text of `raw` with line ends as `\\n`, less control characters (form feeds are line ends).

    `declared` is the codec that the file's paper declares; what the file itself declares goes before it.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _cleaned(raw.decode("utf-16", "replace"))
    if b"\x1b" in raw and any(escape in raw for escape in _ESCAPED_JAPANESE):
        return _cleaned(raw.decode("iso2022_jp_ext", "replace"))
    # In every other encoding the bytes of line ends and controls stand for nothing else.
    return _characters(raw.replace(b"\r\n", b"\n").translate(_LINE_ENDS, _CONTROLS), declared)


def _cleaned(text: str) -> str:
    return text.replace("\r\n", "\n").translate(_WITHOUT_CONTROLS)


def _characters(raw: bytes, declared: str | None) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    switched = _switched(raw, declared)
    if switched is not None:
        return switched
    return _in_one_encoding(raw, declared_encoding([raw]) or _mode_line(raw) or declared)


def _switched(raw: bytes, declared: str | None) -> str | None:
    """The text of a file that goes over to another encoding in its middle; None for one that does not.

    All parts that are said to be in one encoding are judged together, and so are those of which nothing is said.
    """
    parts: dict[str, list[tuple[int, bytes]]] = {}
    outer = inner = ""
    first = len(raw)
    done = number = 0
    for switch in _SWITCH.finditer(raw):
        if _in_comment(raw, switch.start()):
            continue
        first = min(first, switch.start())
        parts.setdefault(inner or outer, []).append((number, raw[done : switch.end()]))
        done, number = switch.end(), number + 1
        name = (switch[1] or switch[2] or switch[3] or b"").decode("ascii", "replace").lower()
        if switch[3] or switch[4]:
            inner = name
        else:
            outer = name
    parts.setdefault(inner or outer, []).append((number, raw[done:]))
    if sum(any(not part.isascii() for _, part in group) for group in parts.values()) < 2:
        return None
    texts: dict[int, str] = {}
    for name, group in parts.items():
        named = _CODECS.get(name) if name else declared_encoding([raw[:first]]) or declared
        text = _in_one_encoding(_BETWEEN.join(part for _, part in group), named)
        texts.update(zip((place for place, _ in group), text.split(_BETWEEN.decode()), strict=True))
    return "".join(texts[place] for place in sorted(texts))


def _in_one_encoding(raw: bytes, named: str | None) -> str:
    partly = raw.decode("utf-8", "surrogateescape")
    odd = len(partly) - len(partly.encode("utf-8", "ignore").decode()) if len(raw) < 1 << 22 else 0
    sound = len(partly) - len(partly.encode("ascii", "ignore")) - odd
    if sound > odd:
        return re.sub("[\udc80-\udcff]", lambda slip: _one(ord(slip[0]) - 0xDC00), partly)
    if named is not None and not known(named):
        try:
            return raw.decode(named)
        except UnicodeDecodeError:
            named = None
    codec = detect(raw, named).codec
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        return raw.decode("latin-1" if codec == "cp1252" else codec, "replace")


def _mode_line(raw: bytes) -> str | None:
    head = b"\n".join(raw[:4000].splitlines()[:_MODELINE_LINES])
    match = _MODELINE.search(head)
    if match is None:
        return None
    name = (match[1] or match[2]).decode("ascii", "replace").lower().strip()
    return _CODECS.get(name.removesuffix("-unix").removesuffix("-dos"))


def _in_comment(raw: bytes, at: int) -> bool:
    line = raw.rfind(b"\n", 0, at) + 1
    return b"%" in raw[line:at].replace(b"\\%", b"")


def _one(byte: int) -> str:
    return bytes([byte]).decode("cp1252", "replace")
