"""The formulas of one page: each is taken out of the tree as a mark and comes back into the text as LaTeX.

A mark is a short printable word, so that no engine drops it as markup, splits it or takes it for a control
character. Engines choose the main text among marks and words; `put_back` then writes `$…$` or `$$…$$` where a mark
survived, and counts it as kept.
"""

import html
import re
from collections import Counter
from typing import NamedTuple

OPEN, CLOSE = "⸨", "⸩"
"""Double parentheses (U+2E28, U+2E29): printable, in no alphabet, and absent from pages about mathematics."""

MARK = re.compile(f"{OPEN}([0-9]{{1,7}}){CLOSE}")

_CODED = re.compile(r"&(?:lt|gt|amp|quot|nbsp|#[0-9]{1,6}|#x[0-9a-fA-F]{1,6});")
_SPACE = re.compile(r"\s+")
_PERCENT = re.compile(r"(?<!\\)(?:\\\\)*%")
_COMMAND_END = re.compile(r"\\[a-zA-Z]{1,60}$")
_DOLLAR = re.compile(r"(?<!\\)\$")
_PAIRS = (("$`", "`$"), ("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))
"""Delimiters that a formula may bring along, GitHub's with backticks among them."""
_STYLES = re.compile(r"^\\(?:display|text|script)style(?![a-zA-Z])\s*")
_PLAIN_ENVIRONMENT = re.compile(r"^\\begin\s?\{(equation\*?|displaymath|math)\}(.*)\\end\s?\{\1\}$", re.DOTALL)
_MATHTYPE = re.compile(r"%?\s?MathType[!@]MTEF[!@]\S*(?:\s?%\s?\S{0,200})*|%\s*\Z")
"""The source that MathType keeps beside TeX, in lines of a comment or as all there is."""
_DOCUMENT = re.compile(r"\\begin\s?\{document\}(.*?)\\end\s?\{document\}", re.DOTALL)
"""A formula that is a whole document, as publishers keep it in JATS: its preamble is none of it."""
_DEFINITION = re.compile(
    r"\\(?:(?:re)?newcommand\*?\s?\{?|def\s?)(\\[a-zA-Z]{1,40})\}?\s?\{((?:[^{}\\]|\\.|\{[^{}]{0,200}\}){0,200})\}\s?"
)
"""A macro without arguments."""
_INVISIBLE = str.maketrans(
    {"\u200b": None, "\u2060": None, "\ufeff": None, "\u00ad": None, "\x00": None, OPEN: "((", CLOSE: "))"}
)


class Formula(NamedTuple):
    """One formula: LaTeX without delimiters, whether it stands on its own line, and where the page kept it."""

    latex: str
    display: bool
    kind: str


def wrapped_whole(text: str, left: str, right: str) -> bool:
    """Whether `text` is one formula between `left` and `right`, with neither inside."""
    if len(text) < len(left) + len(right) or not (text.startswith(left) and text.endswith(right)):
        return False
    inner = text[len(left) : len(text) - len(right)]
    if left == right:
        return left not in inner.replace("\\$", "") and not inner.endswith("\\")
    return left not in inner and right not in inner


def tidy(latex: str) -> tuple[str, bool | None]:
    """`latex` on one line without its own delimiters, and whether these said display (None: they said nothing).

    Comments go because the lines are joined; the `{\\displaystyle …}` that MediaWiki and others wrap around a whole
    formula goes; dollars nested inside a box become `\\(…\\)`, so that the dollars around the formula stay its own.
    """
    text = latex.translate(_INVISIBLE)
    document = None
    if "\\begin" in text and (document := _DOCUMENT.search(text)):
        text = document.group(1)
    if "MTEF" in text:
        text = _MATHTYPE.sub("", text)
    if "\\newcommand" in text or "\\def" in text or "\\renewcommand" in text:
        text = _expanded(text)
    if "&" in text and _CODED.search(text):
        text = html.unescape(text)
    if "%" in text and "\n" in text:
        text = _without_comments(text)
    text = _SPACE.sub(" ", text).strip()
    display: bool | None = None
    for left, right in _PAIRS:
        if wrapped_whole(text, left, right):
            text = text[len(left) : len(text) - len(right)].strip()
            display = left in {"$$", "\\["} if document is None else None  # a document sets inline ones so too
            break
    if text.startswith("{") and _closes_at_end(text) and _STYLES.match(text[1:].lstrip()):
        text = _STYLES.sub("", text[1:-1].strip()).strip()
    elif match := _STYLES.match(text):
        text = text[match.end() :].strip()
    if text.startswith("\\begin") and (plain := _PLAIN_ENVIRONMENT.match(text)):
        text = plain.group(2).strip()
        display = plain.group(1) != "math"
    while text.endswith("\\\\"):
        text = text[:-2].rstrip()  # a new row that never comes would hide the dollar behind it
    if "$" in text:
        text = _nested_dollars(text)
    if text.endswith("\\") and not text.endswith("\\\\"):
        text += " "
    return text, display


def _expanded(text: str) -> str:
    """`text` without the macros without arguments that it defines, each written out where it is used."""
    macros: dict[str, str] = {}

    def note(match: re.Match[str]) -> str:
        macros[match.group(1)] = match.group(2)
        return ""

    rest = _DEFINITION.sub(note, text)
    if not macros or not rest.strip():
        return text  # definitions alone are for the formulas that follow
    return re.sub(r"\\[a-zA-Z]{1,40}", lambda match: macros.get(match.group(), match.group()), rest)


def _without_comments(text: str) -> str:
    """`text` without comments, lines joined as TeX joins them (The TeXbook, chapter 8).

    A comment takes the end of its line and the space that opens the next with it, so that a number cut in two by a
    program that wraps lines (LaTeXML) is one number again; a command stays apart from the letter that follows.
    """
    lines = text.split("\n")
    out: list[str] = []
    joins = False
    for index, line in enumerate(lines):
        rest = line.lstrip(" \t") if joins else line
        if joins and rest[:1].isalpha() and _COMMAND_END.search(out[-1][-61:]):
            rest = " " + rest
        elif not joins and index:
            rest = "\n" + rest
        comment = _PERCENT.search(rest)
        joins = comment is not None and (index < len(lines) - 1 or comment.end() == len(rest))
        out.append(rest[: comment.end() - 1] if comment is not None and joins else rest)
    return "".join(out)


def _closes_at_end(text: str) -> bool:
    """Whether the brace that opens `text` closes with its last character."""
    depth = 0
    escaped = False
    for position, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return position == len(text) - 1
    return False


def _nested_dollars(text: str) -> str:
    pieces = _DOLLAR.split(text)
    if len(pieces) % 2 == 0:
        return "".join(pieces)
    return "".join(
        piece if index == len(pieces) - 1 else piece + ("\\(" if index % 2 == 0 else "\\)")
        for index, piece in enumerate(pieces)
    ).replace("\\(\\)", "")


def _escape_dollars(text: str) -> str:
    """`$` as `\\$` outside code, fenced or in backticks."""
    lines = text.split("\n")
    fenced = False
    for index, line in enumerate(lines):
        if line.startswith("```"):
            fenced = not fenced
        elif not fenced and "$" in line:
            pieces = line.split("`")
            for at in range(0, len(pieces), 2 if len(pieces) % 2 else 1):
                pieces[at] = pieces[at].replace("\\$", "$").replace("$", "\\$")
            lines[index] = "`".join(pieces)
    return "\n".join(lines)


_NOTHING = frozenset({"\\ ", "\\begingroup", "\\endgroup"})
"""What shows nothing: Stack Exchange sets a group around each post, in hidden elements of their own."""


class Formulas:
    """The formulas found in one page, in the order of their discovery."""

    def __init__(self) -> None:
        self._items: list[Formula] = []
        self._found: Counter[str] = Counter()

    def __len__(self) -> int:
        return self._found.total()

    def __getitem__(self, number: int) -> Formula:
        return self._items[number]

    def mark(self, latex: str, kind: str, display: bool = False) -> str:
        """Note a formula and return the mark that stands for it; an empty formula is none and gives ""."""
        text, own = tidy(latex)
        if not text or text in _NOTHING:
            return ""
        formula = Formula(text, display if own is None else own or display, kind)
        self._items.append(formula)
        self._found[kind] += 1
        return f"{OPEN}{len(self._items) - 1}{CLOSE}"

    def miss(self, kind: str) -> None:
        """Count a formula that the page shows and of which it holds no source: found, and never kept."""
        self._found[kind] += 1

    def found(self) -> dict[str, int]:
        """How many formulas the page holds, by kind, kinds in alphabetical order."""
        return dict(sorted(self._found.items()))

    def put_back(self, text: str, escape_dollars: bool = False) -> tuple[str, dict[str, int]]:
        """`text` with LaTeX in place of the marks, and how many formulas it kept by kind.

        A mark that an engine repeats is written each time and counted once. With `escape_dollars` the dollars that
        are none of ours become `\\$`, so that a price cannot be read as the start of a formula.
        """
        kept: Counter[str] = Counter()
        seen: set[int] = set()

        def write(match: re.Match[str]) -> str:
            number = int(match.group(1))
            if number >= len(self._items):
                return match.group()
            formula = self._items[number]
            if number not in seen:
                seen.add(number)
                kept[formula.kind] += 1
            return f"$${formula.latex}$$" if formula.display else f"${formula.latex}$"

        if escape_dollars and self._items and "$" in text:
            text = _escape_dollars(text)
        return MARK.sub(write, text), dict(sorted(kept.items()))
