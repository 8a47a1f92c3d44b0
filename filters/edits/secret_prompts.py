"""Secrets behind a prompt, in a sentence, and in elements and tables whose head says what a cell holds.

What was typed where a program asked for a password stands in logs, in transcripts and in scripts that answer such
programs; pairs of elements, and the columns of a table, name a value from further away than the same line. Sources: the
dialogues of FTP (RFC 959), POP3 (RFC 1939) and `expect`; Apple's property lists; Python's and IPython's prompts.
`filters.edits.secret_context` judges what is found.
"""

import re
from collections.abc import Iterator

from filters.edits.secret_lines import lines_with
from filters.edits.secret_names import name_of
from filters.edits.secret_values import fills_setting, is_chosen, is_random

_ASKED = r"(?i:pass(?:word|wd|phrase|code))"
_PROMPTS = re.compile(
    rf"{_ASKED}(?: is| was|(?: (?:for|of) [^\s:]{{1,40}}){{1,2}}):[ ](?P<asked>[^\s<\"']{{6,64}})[ \t\r]*$"
    r"|^(?:[\w-]{1,12}> ?)?(?:quote |raw )?PASS (?P<sent>[^\s<\"';]{6,64})[ \t\r]*$"
    r"|^[ \t]{0,8}\w{0,8}> ?user \S{1,40} (?P<login>[^\s<\"']{6,64})[ \t\r]*$"
    r"|assword[^\n]{0,60}?(?:\n[^\n]{0,60}?)?(?i:\b\w{0,8}send\w{0,6}|\bwrite\w{0,6}|\bputs)\b"
    r"[ (]{0,2}(?:-- )?[brfu]?[\"']"
    r"(?P<answered>[^\s\"']{6,64}?)(?:\\[rn]){0,2}[\"']"
    rf"|<key>[\w .-]{{0,30}}{_ASKED}</key>\s{{0,40}}<string>(?P<listed>[^\s<]{{6,64}})</string>"
    rf"|<[\w:.-]{{0,30}}(?:{_ASKED}|(?i:pass|pwd))(?: [\w:.-]{{1,30}}=\"[^\"\n]{{0,80}}\"){{1,4}}>\s{{0,40}}"
    r"(?P<element>[^\s<]{6,64})\s{0,40}</",
    re.MULTILINE,
)
"""A value that fills its place, which nothing but a password does."""
_SENTENCES = re.compile(
    r"(?<![^\s\"'`<>|,;()=])(?P<said>(?>[^\s\"'`<>|,;()=]{8,64}))[\"'`]? (?:as|is|being) "
    rf"(?:(?:the|my|his|her|your|our|an?|its) )?(?:[\w-]{{1,20}} ){{0,2}}{_ASKED}\b"
    rf"|\b{_ASKED}(?: \w{{1,10}}){{1,5}} to [\"'`]?"
    r"(?P<changed>[^\s\"'`<>|,;()=]{8,64}?)(?=[.,;:)]?(?:\s|\Z)|[\"'`])"
    rf"|(?<!\|)\|[ ]{{1,40}}(?P<cell>[^\s|]{{8,64}})[ ]{{1,40}}\|(?!\|)[^\n]{{0,80}}?\b{_ASKED}\b",
)
"""A value among words, which must look chosen by itself."""
_ECHOED = re.compile(
    r"^(?:>>>|In \[\d{1,4}\]:|irb[^>\n]{0,20}>|>) [\w.$@]{0,60}(?i:token|secret|key|session_?id)(?:\(\))?[ \t]*\r?\n"
    r"(?:Out\[\d{1,4}\]: |=> |\[1\] )?[\"'](?P<echoed>[^\s\"']{16,600})[\"']"
    r"|<key>[\w .-]{0,30}(?i:token|secret|api_?key|access_?key)</key>\s{0,40}"
    r"<string>(?P<listed>[^\s<]{16,600})</string>",
    re.MULTILINE,
)
"""What a prompt answers when it is asked for a key; a key in a property list."""
_HEADS = re.compile(
    r"^[^\n(){}=]{0,200}\b(?i:password|passwd|pwd|token|secret|api_?key)\b[^\n(){}=]{0,200}$", re.MULTILINE
)
_CELL = re.compile(r"[\"'*` ]*([^\W\d][\w .-]{0,30}?)[\"'*` ]*")
_SEPARATORS = ("|", "\t", ",", ";")
MAX_ROWS = 1000
"""Rows of a table that are read under its head."""


class _Cells:
    """The cells of the lines of a table, with their places."""

    def __init__(self, text: str, separator: str) -> None:
        self._text, self._separator = text, separator

    def of(self, start: int, end: int) -> list[tuple[int, int]]:
        places, at = [], start
        for piece in self._text[start:end].split(self._separator):
            places.append((at, at + len(piece)))
            at += len(piece) + len(self._separator)
        return places


def _tables(text: str) -> Iterator[tuple[int, int, bool]]:
    """The cells under a head that names secrets: start, end, and whether a key is named."""
    done = 0
    for head in _HEADS.finditer(text):
        if head.start() < done:
            continue
        separator = next((one for one in _SEPARATORS if one in head[0]), None)
        if separator is None:
            continue
        cells = _Cells(text, separator)
        names = [_CELL.fullmatch(text, *place) for place in cells.of(*head.span())]
        if not all(name or separator == "|" for name in names):
            continue
        said = [name_of(name[1]) if name else None for name in names]
        columns = [(at, one.what == "key") for at, one in enumerate(said) if one is not None and one.certain]
        at = head.end() + 1
        for _ in range(MAX_ROWS if columns else 0):
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            row = cells.of(at, end)
            if len(row) != len(names) or end == at:
                break
            for column, is_key in columns:
                start, stop = row[column]
                inner = text[start:stop].strip(" \t\r\"'`")
                if inner:
                    start = text.index(inner, start)
                    yield start, start + len(inner), is_key
            done = at = end + 1


def prompted(text: str) -> Iterator[tuple[bool, int, int]]:
    """The secrets of these kinds: whether it is a key, where it starts and ends, in characters."""
    for start, end in lines_with(text, _ASKING):
        for patterns, judged in ((_PROMPTS, fills_setting), (_SENTENCES, _is_chosen)):
            for match in patterns.finditer(text, start, min(end + NEXT, len(text))):
                group = match.lastgroup or ""
                if judged(match[group]):
                    yield False, *match.span(group)
    if any(word in text for word in _ECHOING):
        for match in _ECHOED.finditer(text):
            group = match.lastgroup or ""
            if is_random(match[group], digest=True):
                yield True, *match.span(group)
    for start, end, is_key in _tables(text):
        value = text[start:end]
        if is_random(value, digest=True) if is_key else " " not in value and is_chosen(value, certain=True):
            yield is_key, start, end


def _is_chosen(value: str) -> bool:
    return is_chosen(value, certain=False)


_ASKING = ("assword", "asscode", "assphrase", "PASSW", "PASS ", "assw", "user ", "Pass", "<pass", "pwd")
_ECHOING = (">>> ", "In [", "irb", "> ", "<key>")
NEXT = 200
"""Characters of the lines behind one that asks, in which the answer may stand."""
