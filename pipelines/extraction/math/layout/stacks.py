"""Lines of a box, one above the other, and the rules between them, as a part of a formula.

A rule between two lines is a fraction's, one above a line an overline's; a line of a large sign has its limits above
and below; lines of bracket pieces are a fence; an empty line between two small ones has scripts above and below.
Anything else is a column. HeVeA 2.36 and TtH 4.16 write all of them.
"""

from collections.abc import Iterator, Sequence

from pipelines.extraction.math.layout.atoms import Atom, accent, fence_of, is_operator, row_to_latex


class Rule:
    """A horizontal rule between two lines."""


RULE = Rule()
Line = list[Atom]


class BoxError(ValueError):
    """The box is no formula."""


def lines_of(parts: Iterator[Atom | Rule | None]) -> list[Line | Rule]:
    """Parts as lines and rules; the last line is dropped where nothing stands in it."""
    lines: list[Line | Rule] = []
    line: Line = []
    for part in parts:
        if isinstance(part, Atom):
            line.append(part)
            continue
        if part is None or line:
            lines.append(line)
        if part is not None:
            lines.append(part)
        line = []
    if line:
        lines.append(line)
    return lines


def stacked(lines: Sequence[Line | Rule]) -> list[Atom]:
    """Lines and rules, from above, as a row of atoms."""
    rules = [place for place, line in enumerate(lines) if isinstance(line, Rule)]
    filled = [line for line in lines if isinstance(line, list) and line]
    if rules:
        return _with_rule([line for line in lines if isinstance(line, Rule) or line])
    if not filled:
        return []
    signs = ["".join(atom.latex for atom in line) for line in filled]
    if fence := fence_of(signs):
        return [Atom(fence, fence=True)] if len(filled) > 1 or fence == "\\int" else filled[0]
    if _are_scripts(lines):
        first, last = lines[0], lines[-1]
        sup = row_to_latex(first) if isinstance(first, list) else ""
        sub = row_to_latex(last) if isinstance(last, list) else ""
        return [Atom(sub=sub, sup=sup)]
    if len(filled) == 1:
        return filled[0]
    return _column(filled)


def _are_scripts(lines: Sequence[Line | Rule]) -> bool:
    """Whether the first and last of three or more lines stand beside what is before them: nothing is between."""
    if len(lines) < 3 or any(lines[1:-1]) or not all(isinstance(line, list) for line in lines):
        return False
    return bool(lines[0] or lines[-1])


def small_scripts(lines: Sequence[Line | Rule]) -> Atom | None:
    """The scripts that a cell of TtH holds, the upper in its first line and the lower in its second, both small.

    TtH sets them so behind an accented letter, where the cell before is no higher than two lines.
    """
    if len(lines) != 2 or not any(lines):
        return None
    above, below = lines
    if isinstance(above, Rule) or isinstance(below, Rule):
        return None
    if not all(atom.small or atom.scripts for atom in above + below):
        return None
    return Atom(sub=row_to_latex(below), sup=row_to_latex(above))


def _with_rule(lines: Sequence[Line | Rule]) -> list[Atom]:
    rules = [place for place, line in enumerate(lines) if isinstance(line, Rule)]
    if len(rules) > 1:
        raise BoxError("several rules in one box")
    above = [line for line in lines[: rules[0]] if isinstance(line, list)]
    below = [line for line in lines[rules[0] + 1 :] if isinstance(line, list)]
    if above and below:
        return [Atom(f"\\frac{{{row_to_latex(stacked(above))}}}{{{row_to_latex(stacked(below))}}}")]
    if below:
        return [Atom(f"\\overline{{{row_to_latex(stacked(below))}}}")]
    return [Atom(f"\\underline{{{row_to_latex(stacked(above))}}}")] if above else []


def has_limits(lines: Sequence[Line | Rule]) -> bool:
    """Whether a large sign stands alone in the second of three lines, or in the first of two."""
    filled = [line for line in lines if isinstance(line, list) and line]
    sign = filled[-2] if len(filled) in (2, 3) else []
    return len(sign) == 1 and is_operator(sign[0].latex)


def _column(filled: Sequence[Line]) -> list[Atom]:
    """Lines without a rule: a sign with its limits, an accent, or a column."""
    written = [row_to_latex(line) for line in filled]
    big = [place for place, latex in enumerate(written) if is_operator(latex)]
    if len(big) == 1 and len(filled) <= 3:
        place = big[0]
        above, below = "".join(written[:place]), "".join(written[place + 1 :])
        if len(written[:place]) <= 1 and len(written[place + 1 :]) <= 1:
            return [Atom(written[place], sub=below, sup=above)]
    if written[-1] == "\\surd" and len(filled) == 2:  # TtH's index, beside a piece of a bracket
        index = written[0].strip("⎛⎜ ")
        return [Atom(f"\\surd[{index}]" if index else "\\surd")]
    if len(filled) == 2 and (over := accent("".join(atom.latex for atom in filled[0]), written[1])):
        return [Atom(over)]
    return [Atom(rows=[[latex] for latex in written])]
