r"""Takes the formulas out of a text and leaves the prose, for classifiers that must not see LaTeX.

A formula is what stands between `$…$`, `$$…$$`, `\(…\)`, `\[…\]`, or in an environment of mathematics
(`\begin{equation}` …). Everything is found in one pass over the delimiters, so that a page of ten million dollar signs
costs no more for each of them than a page with two.

A dollar sign is also money. The rule for `$…$` is Pandoc's (manual, extension `tex_math_dollars`): no space after the
opening sign, none before the closing one and no digit behind it; spaces on both sides are allowed where the content
shows itself as TeX by a command, an index, an exponent or a brace. No formula reaches across a blank line, except
environments.
"""

import re
from collections.abc import Iterator

_NAMES = (
    "align alignat aligned alignedat array Bmatrix bmatrix cases CD dcases displaymath eqnarray equation flalign "
    "gather gathered math matrix multline pmatrix rcases smallmatrix split subequations tikzcd Vmatrix vmatrix "
    "xalignat xxalignat"
)
MATH_ENVIRONMENTS = frozenset(name + star for name in _NAMES.split() for star in ("", "*"))

_TOKEN = re.compile(r"\\(?:(?:begin|end)\{[A-Za-z]{1,32}\*?\}|.)|\$+|\n[ \t\r]*\n", re.DOTALL)
_SHOWS_TEX = re.compile(r"[\\^_{]")


def formula_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end (excluded) of every formula with its delimiters, in order, outermost only."""
    end = 0
    start = -1
    for first, last in sorted(_pairs(text)):
        if start < 0:
            start, end = first, last
        elif first >= end:
            yield start, end
            start, end = first, last
        elif last > end:
            end = last
    if start >= 0:
        yield start, end


def without_formulas(text: str) -> str:
    """`text` with a space in the place of every formula. Linear in the text."""
    if "$" not in text and "\\" not in text:
        return text
    kept = []
    position = 0
    for start, end in formula_spans(text):
        kept.append(text[position:start])
        position = end
    if not kept:
        return text
    kept.append(text[position:])
    return " ".join(kept)


def _pairs(text: str) -> Iterator[tuple[int, int]]:
    inline = display = paren = bracket = -1
    environments: dict[str, list[int]] = {}
    for match in _TOKEN.finditer(text):
        found = match[0]
        start, end = match.span()
        mark = found[0]
        if mark == "$":
            length = end - start
            if length > 2:
                inline = display = -1
                continue
            if inline >= 0 and _closes(text, inline, start, end):
                yield inline, start + 1
                # The second sign of `$a$$b$` opens the next formula.
                inline = start + 1 if length == 2 else -1
                continue
            inline = start if length == 1 else -1
            if length == 2:
                if display >= 0:
                    yield display, end
                    display = -1
                else:
                    display = start
        elif mark == "\n":
            inline = display = paren = bracket = -1
        elif found == "\\(":
            paren = start
        elif found == "\\[":
            bracket = start
        elif found == "\\)" and paren >= 0:
            yield paren, end
            paren = -1
        elif found == "\\]" and bracket >= 0:
            yield bracket, end
            bracket = -1
        elif found.startswith("\\begin{"):
            if found[7:-1] in MATH_ENVIRONMENTS:
                environments.setdefault(found[7:-1], []).append(start)
        elif found.startswith("\\end{"):
            opened = environments.get(found[5:-1])
            if opened:
                yield opened.pop(), end


def _closes(text: str, opening: int, start: int, end: int) -> bool:
    """Whether the dollar sign at `start` ends the formula that the one at `opening` began."""
    first = opening + 1
    if first >= start:
        return False
    spaces = text[first].isspace(), text[start - 1].isspace()
    if not any(spaces):
        return not text[end : end + 1].isdigit()
    return all(spaces) and _SHOWS_TEX.search(text, first, start) is not None
