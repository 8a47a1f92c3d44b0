"""Reads a box of a page (a cell, a table, a raised span) as a part of a formula.

What HeVeA 2.36, TtH 4.16 and people write is read by one rule: a box is lines, one above the other, between them
rules (`<hr>`, a row with the class `hrule`, a border). A rule between two lines is a fraction's, one above a line a
root's or an overline; a line of a large sign has its limits above and below; lines of bracket pieces are a fence; an
empty line between two small ones has scripts above and below. Anything else is a column.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from pipelines.extraction.math.layout.atoms import (
    ACCENT,
    Atom,
    row_to_latex,
)
from pipelines.extraction.math.layout.stacks import (
    RULE,
    BoxError,
    Line,
    Rule,
    has_limits,
    lines_of,
    small_scripts,
    stacked,
)
from pipelines.extraction.math.mathml_symbols import ACCENTS_OVER, FUNCTIONS, symbol
from pipelines.extraction.math.mathml_tokens import SPECIAL_IN_TEXT, local
from pipelines.extraction.math.raised_text import ACCENT as RAISED_ACCENT

MAX_DEPTH = 40
_OVERLINE = re.compile(
    r"text-decoration(?:-line)?\s{0,3}:\s{0,3}overline|border-top(?:-\w{1,9})?\s{0,3}:\s{0,3}[^;0n]", re.I
)
_BOTTOM_RULE = re.compile(r"border-bottom(?:-\w{1,9})?\s{0,3}:\s{0,3}(?!0|none)", re.I)
_TOP_RULE = re.compile(r"border-top(?:-\w{1,9})?\s{0,3}:\s{0,3}(?!0|none)", re.I)
_ITALIC = re.compile(r"font-style\s{0,3}:\s{0,3}(?:italic|oblique)", re.I)
_BOLD = re.compile(r"font-weight\s{0,3}:\s{0,3}(?:bold|[6-9]00)", re.I)
_RED = re.compile(r"color\s{0,3}:\s{0,3}red", re.I)
_BLOCK = re.compile(r"display\s{0,3}:\s{0,3}(?:block|table-row|inline-block|inline-flex|flex|inline-grid|grid)", re.I)
_BAR = re.compile(
    r"background[^;]{0,40};.{0,40}height\s{0,3}:\s{0,3}[1-3]px|height\s{0,3}:\s{0,3}[1-3]px.{0,60}background", re.I
)
_SLASHES = frozenset({"/", "⁄"})
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
_WORD = re.compile(r"[^\W\d_]+")
_FUNCTION = re.compile(r"(?:" + "|".join(sorted(FUNCTIONS, key=len, reverse=True)) + ")")
_WIDE_SPACES = {"\u2003": "\\quad ", "\u2001": "\\quad "}


Upright = Literal["words", "variables", "mixed"]
_SMALL_WORDS = frozenset({"if", "or", "and", "for", "all", "else", "when", "is"})
_SPELLED = {"є": "\\epsilon", "\u2126": "\\Omega", "\u3008": "\\langle", "\u3009": "\\rangle"}
"""What HeVeA (a Cyrillic letter) and TtH (the sign of the ohm, brackets of Chinese) write for signs of TeX."""
RULED = frozenset({"hrule", "hbar"})
"""The classes of cells that HeVeA draws as a rule, today and before 2.0."""
_THIN = frozenset({"1", "2", "3"})
"""Pixels of a coloured cell that is a rule."""
_BRACES = {"◥▼◤": "\\underbrace", "◢▲◣": "\\overbrace"}


class Reader:
    """Reads the boxes of one formula.

    `upright` says what upright letters are: "words" where the page slants its variables; "variables" where it never
    does (TtH, which slants calligraphic capitals); "mixed" where people write, who mean both.
    """

    def __init__(self, upright: Upright) -> None:
        self._upright = upright
        self._depth = 0

    def box(self, element: Any) -> list[Atom]:
        """The contents of an element as a row of atoms. Raises `BoxError` for what is no formula."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise BoxError("nested too deep")
        try:
            lines = lines_of(self._parts(element, italic=False, bold=False, small=False))
            beside = small_scripts(lines) if self._upright == "variables" else None
            return stacked(lines) if beside is None else [beside]
        finally:
            self._depth -= 1

    def table(self, table: Any) -> list[Atom]:
        """A table as a row of atoms: a row of boxes, a stack, or the cells of a matrix."""
        cells = [[cell for cell in row if local(cell) in {"td", "th"}] for row in rows_of(table)]
        cells = [row for row in cells if row]
        if not cells:
            return []
        if len(cells) == 1:
            return [atom for cell in cells[0] for atom in self.box(cell)]
        if brace := _brace_of(cells):
            kept = [row[0] for row in cells if len(row) == 1 and "".join(row[0].itertext()).strip()]
            return [Atom(f"{brace}{{{row_to_latex(self._stack(table, kept))}}}")]
        if all(len(row) == 1 for row in cells):
            return self._stack(table, [row[0] for row in cells])
        if (crossed := self._crossed(cells) or self._limited(cells)) is not None:
            return crossed
        written = [[row_to_latex(self.box(cell)) for cell in row] for row in cells]
        return [Atom(rows=written)]

    def _stack(self, table: Any, cells: Sequence[Any]) -> list[Atom]:
        """A column of cells: lines with rules between them, or a matrix of one column."""
        lines: list[Line | Rule] = []
        for cell in cells:
            style = cell.get("style") or ""
            classes = (cell.get("class") or "").split()
            if not RULED.isdisjoint(classes) or _has_only_rule(cell):
                lines.append(RULE)
                continue
            if _TOP_RULE.search(style):
                lines.append(RULE)
            found = lines_of(self._parts(cell, italic=False, bold=False, small=False))
            filled = [line for line in found if isinstance(line, Rule) or line]
            lines += filled if filled and len(filled) == len(found) else [stacked(found)] if filled else [[]]
            if (_BOTTOM_RULE.search(style) or _is_underlined(cell)) and cell is not cells[-1]:
                lines.append(RULE)
        shown = "display" in (table.get("class") or "")
        if shown and len(lines) == len(cells) == 2 and [] in lines:  # HeVeA's script beside something high
            lines.insert(1, [])
        column = not shown and not any(isinstance(line, Rule) for line in lines) and not has_limits(lines)
        if column and sum(1 for line in lines if line) > 1:
            return [Atom(rows=[[row_to_latex(line)] for line in lines if isinstance(line, list)])]
        return stacked(lines)

    def _crossed(self, cells: Sequence[Sequence[Any]]) -> list[Atom] | None:
        """Two rows in which cells of the height of both stand beside fractions, as people write them by hand."""
        if len(cells) not in (2, 3) or not any(_spans(cell) >= len(cells) for cell in cells[0]):
            return None
        below = [list(row) for row in cells[1:]]
        out: list[Atom] = []
        for cell in cells[0]:
            if _spans(cell) >= len(cells):
                out += self.box(cell)
                continue
            column = [cell, *(row.pop(0) for row in below if row)]
            ruled = any(_BOTTOM_RULE.search(one.get("style") or "") for one in column[:-1])
            ruled |= any(_TOP_RULE.search(one.get("style") or "") for one in column[1:])
            lines: list[Line | Rule] = []
            for one in column:
                lines.append(RULE if _has_only_rule(one) else self.box(one))
            if ruled and not any(isinstance(line, Rule) for line in lines):
                lines.insert(1, RULE)
            out += stacked(lines)
        return None if any(below) else out

    def _limited(self, cells: Sequence[Sequence[Any]]) -> list[Atom] | None:
        """Rows in which only large signs have something above or below them; None if they are anything else."""
        if len(cells) not in (2, 3):
            return None
        line = len(cells) - 2
        out: list[Atom] = []
        signs = 0
        for place in range(max(map(len, cells))):
            column = [self.box(row[place]) if place < len(row) else [] for row in cells]
            if any(column[:line] + column[line + 1 :]):
                if not has_limits(column):
                    return None
                signs += 1
            out += stacked([line for line in column if line])
        return out if signs else None

    def _parts(self, element: Any, *, italic: bool, bold: bool, small: bool) -> Iterator[Atom | Rule | None]:
        """Atoms, rules, and None for the end of a line, below `element`."""
        yield from self._said(element.text or "", italic, bold, small)
        over: list[Atom] = []
        for child in element:
            name = local(child)
            style = child.get("style") or ""
            if over and not (_is_over(name, style) and not (child.getprevious().tail or "").strip()):
                yield self._overlined(over)
                over = []
            if _is_over(name, style):
                over += self.box(child)
                if (child.tail or "").strip():
                    yield self._overlined(over)
                    over = []
            else:
                yield from self._child(child, name, style, italic, bold, small)
            yield from self._said(child.tail or "", italic, bold, small)
        if over:
            yield self._overlined(over)

    def _overlined(self, atoms: list[Atom]) -> Atom:
        return Atom(f"\\overline{{{row_to_latex(atoms)}}}")

    def _child(
        self, child: Any, name: str, style: str, italic: bool, bold: bool, small: bool
    ) -> Iterator[Atom | Rule | None]:
        classes = (child.get("class") or "").split()
        if name == "br":
            yield None
        elif name == "hr" or not RULED.isdisjoint(classes):
            yield RULE
        elif name in {"sub", "sup"}:
            latex = row_to_latex(self.box(child))
            if latex:
                yield Atom(sub=latex) if name == "sub" else Atom(sup=latex)
        elif name == "table":
            yield from self.table(child)
        elif name == "img":
            raise BoxError("an image")
        elif any(one.startswith(RAISED_ACCENT) for one in classes):
            yield Atom(ACCENT, sup="".join(child.itertext()).strip())
        elif name in {"span", "div", "p"} and _BLOCK.search(style) and _ruled(child):
            yield from self._raised(child)
        elif "roman" in classes or "text" in classes:
            yield from _words("".join(child.itertext()))
        elif name in {"script", "style", "a", "input"}:
            if (text := "".join(child.itertext()).strip()) and name == "a":
                yield from self._said(text, italic, bold, small)
        else:
            block = name in {"div", "p"}
            italic = italic or name in {"i", "em", "var"} or _ITALIC.search(style) is not None
            bold = bold or name in {"b", "strong"} or _BOLD.search(style) is not None
            small = small or name == "small"
            if block:
                yield None
            text = "".join(child.itertext()).strip()
            if (
                (_RED.search(style) or (name == "i" and self._upright == "variables"))
                and len(text) == 1
                and text.isupper()
            ):
                yield Atom(f"\\mathcal{{{text}}}", small=small)
            else:
                self._depth += 1
                if self._depth > MAX_DEPTH:
                    raise BoxError("nested too deep")
                yield from self._parts(child, italic=italic, bold=bold, small=small)
                self._depth -= 1
            if block:
                yield None

    def _raised(self, element: Any) -> Iterator[Atom]:
        """A fraction of two boxes, one with a border."""
        children = [child for child in element if local(child)]
        lines: list[Line | Rule] = []
        for number, child in enumerate(children):
            style = child.get("style") or ""
            if _TOP_RULE.search(style) and number and not isinstance(lines[-1], Rule):
                lines.append(RULE)
            text = "".join(child.itertext()).strip()
            rule = _has_only_rule(child) or local(child) == "hr" or (number == 1 and text in _SLASHES)
            lines.append(RULE if rule else self.box(child))
            if _BOTTOM_RULE.search(style) and number + 1 < len(children):
                lines.append(RULE)
        yield from stacked(lines)

    def _said(self, text: str, italic: bool, bold: bool, small: bool) -> Iterator[Atom]:
        """The atoms of a text: numbers, letters, names of functions, words, signs."""
        place = 0
        while place < len(text):
            character = text[place]
            if character in _WIDE_SPACES:
                yield Atom(_WIDE_SPACES[character])
                place += 1
            elif character.isspace() or not character.isprintable():
                place += 1
            elif text.startswith("...", place):
                yield Atom("\\ldots ")
                place += 3
            elif character == "°" and not text[max(0, place - 1) : place].isdigit():
                yield Atom("\\circ")
                place += 1
            elif number := _NUMBER.match(text, place):
                yield Atom(_bolded(number.group(), bold), small=small)
                place = number.end()
            elif (word := _WORD.match(text, place)) is not None:
                place = word.end()
                behind = text[place : place + 1]
                command = ACCENTS_OVER.get(behind) if behind and unicodedata.combining(behind) else None
                plain = word.group() if command is None else word.group()[:-1]
                yield from self._letters(plain, italic, bold, small)
                if command is not None:  # a letter and behind it the accent over it
                    yield Atom(_bolded(f"{command}{{{symbol(word.group()[-1])}}}", bold), small=small)
                    place += 1
            else:
                yield Atom(_SPELLED.get(character) or symbol(character), small=small)
                place += 1

    def _letters(self, word: str, italic: bool, bold: bool, small: bool) -> Iterator[Atom]:
        if word in FUNCTIONS and not italic:
            yield Atom(f"\\{word}", small=small)
        elif not italic and len(word) > 1 and word.isascii() and self._is_word(word):
            yield Atom(f"\\text{{{word}}}", small=small, text=True)
        else:
            place = 0
            if not italic and (function := _FUNCTION.match(word)) and word.isascii():
                yield Atom(f"\\{function.group()}", small=small)
                place = function.end()
            for character in word[place:]:
                latex = _SPELLED.get(character) or _accented(character) or symbol(character)
                yield Atom(_bolded(latex, bold), small=small)

    def _is_word(self, word: str) -> bool:
        if self._upright == "mixed":
            return word in _SMALL_WORDS or (len(word) > 3 and not _FUNCTION.match(word))
        return self._upright == "words"


def rows_of(table: Any) -> Iterator[Any]:
    """The rows of a table, without those of tables in it."""
    for child in table:
        if local(child) == "tr":
            yield child
        elif local(child) in {"tbody", "thead", "tfoot"}:
            yield from (row for row in child if local(row) == "tr")


def upright_of(element: Any) -> Upright:
    """What upright letters are in an element, by whether any are slanted."""
    slanted = any(local(one) in {"i", "em", "var"} or _ITALIC.search(one.get("style") or "") for one in element.iter())
    return "words" if slanted else "mixed"


def _brace_of(cells: Sequence[Sequence[Any]]) -> str:
    """The command for the horizontal brace that HeVeA draws with triangles in a row of five cells; "" if none."""
    for row in cells:
        signs = "".join("".join(cell.itertext()).strip() for cell in row)
        if signs in _BRACES:
            return _BRACES[signs]
    return ""


def _accented(letter: str) -> str:
    """A letter that carries its accent as one character; "" for any other."""
    parts = unicodedata.normalize("NFD", letter)
    command = ACCENTS_OVER.get(parts[1:]) if len(parts) == 2 else None
    return f"{command}{{{symbol(parts[0])}}}" if command is not None else ""


def _bolded(latex: str, bold: bool) -> str:
    if not bold:
        return latex
    return f"\\boldsymbol{{{latex}}}" if latex.startswith("\\") else f"\\mathbf{{{latex}}}"


def _words(text: str) -> Iterator[Atom]:
    words = " ".join(text.replace("\xa0", " ").split())
    if words in FUNCTIONS:
        yield Atom(f"\\{words}")
    elif words:
        before, after = " " * (not text[:1].strip()), " " * (not text[-1:].strip())
        yield Atom(f"\\text{{{before}{words.translate(SPECIAL_IN_TEXT)}{after}}}", text=True)


def _is_over(name: str, style: str) -> bool:
    return name in {"span", "u", "font"} and _OVERLINE.search(style) is not None


def _has_only_rule(cell: Any) -> bool:
    """Whether all that an element holds is a rule."""
    if "".join(cell.itertext()).strip():
        return False
    if cell.get("bgcolor") is not None and (cell.get("height") or "").removesuffix("px") in _THIN:
        return True
    ruled = not RULED.isdisjoint((cell.get("class") or "").split()) or _BAR.search(cell.get("style") or "") is not None
    return ruled or next(cell.iter("hr"), None) is not None


def _ruled(element: Any) -> bool:
    """Whether the direct children of a box are two or three of which one draws the rule of a fraction."""
    children = [child for child in element if local(child)]
    if len(children) not in (2, 3) or (element.text or "").strip() or any((one.tail or "").strip() for one in children):
        return False
    if len(children) == 3:
        between = "".join(children[1].itertext()).strip()
        return _has_only_rule(children[1]) or local(children[1]) == "hr" or not between or between in _SLASHES
    first, second = (child.get("style") or "" for child in children)
    return _BOTTOM_RULE.search(first) is not None or _TOP_RULE.search(second) is not None


def _is_underlined(cell: Any) -> bool:
    """Whether all that a cell holds is underlined: a numerator, as people write it."""
    children = [child for child in cell if local(child)]
    beside = (cell.text or "") + "".join(child.tail or "" for child in children)
    return len(children) == 1 and local(children[0]) == "u" and not beside.strip()


def _spans(cell: Any) -> int:
    rows = cell.get("rowspan") or "1"
    return int(rows) if rows.isdigit() and len(rows) < 3 else 1
