"""The parts of a formula in a row: signs with their scripts, fences, stacks; and a row of them as LaTeX.

A fence of several lines is drawn with the bracket pieces of Unicode (U+239B to U+23AD) or of the old Symbol font; what
stands between two fences decides what they are: a binomial, a matrix, cases, or brackets of any height.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pipelines.extraction.math.mathml_symbols import ACCENTS_OVER, INTEGRALS, LIMITS
from pipelines.extraction.math.mathml_tokens import join

_PIECES = {
    "(": "⎛⎜⎝(", ")": "⎞⎟⎠)", "[": "⎡⎢⎣[", "]": "⎤⎥⎦]", "\\{": "⎧⎨⎩⎪{", "\\}": "⎫⎬⎭⎪}", "\\int": "⌠⎮⌡⎪",
}  # fmt: skip
_ENDS = frozenset("⎛⎝⎞⎠⎡⎣⎤⎦⎧⎨⎩⎫⎬⎭⌠⌡")
_RINGS = frozenset({"(⎜)", "(⎮)", "(⎪)"})
"""The middle of a contour integral as TtH draws it."""
_BARS = frozenset("⎪⎢⎥⎜⎟⎮|∣│⏐")
_DOUBLE_BARS = frozenset("∥‖║")
_OPENING = {"(": ")", "[": "]", "\\{": "\\}", "|": "|", "\\|": "\\|", "\\lfloor": "\\rfloor", "\\lceil": "\\rceil"}
_CLOSING = frozenset(_OPENING.values())
_MATRICES = {"(": "pmatrix", "[": "bmatrix", "|": "vmatrix", "\\|": "Vmatrix", "\\{": "Bmatrix"}
_ROOT = re.compile(r"\\surd(\[.{1,20}\])?|∛|∜")
_GROUPS = {"\\{": "\\}", "(": ")"}
ACCENT = "\\accent"
"""Stands for an accent over the next atom; the accent is its upper script."""
_ACCENTS = {
    "\\hat{}": "\\hat", "\\tilde{}": "\\tilde", "\\sim": "\\tilde", "\\rightarrow": "\\vec", "\\bar{}": "\\bar",
    "\\cdot": "\\dot", "-": "\\bar", "∧": "\\hat", "\\wedge": "\\hat", "·": "\\dot", "··": "\\ddot",
}  # fmt: skip
"""Accents as `symbol` writes them where they stand alone, and as TtH 4.16 draws them."""
_SMALLER = {"\\bigcap": "\\cap", "\\bigcup": "\\cup"}
"""HeVeA writes the large sign for the small one: without limits it is the small one."""
_FLOORS = {"⎣": "\\lfloor", "⎦": "\\rfloor", "⎡": "\\lceil", "⎤": "\\rceil"}


@dataclass
class Atom:
    """A sign or a group with its scripts. `rows` are the cells of a table; `fence` says that it is drawn as high as
    what it stands beside; `small` that the page sets it smaller; `scripts` that it has no base of its own."""

    latex: str = ""
    sub: str = ""
    sup: str = ""
    fence: bool = False
    small: bool = False
    text: bool = False
    rows: list[list[str]] = field(default_factory=list)

    @property
    def scripts(self) -> bool:
        return not self.latex and not self.rows and bool(self.sub or self.sup)

    def write(self) -> str:
        base = _SMALLER.get(self.latex, self.latex) if not self.sub and not self.sup else self.latex
        if self.rows:
            base = environment("matrix" if len(self.rows[0]) > 1 else "array", self.rows)
        return (base if base or not self.scripts else "{}") + script("_", self.sub) + script("^", self.sup)


def script(sign: str, latex: str) -> str:
    """A script with its sign, in braces if it is more than one character."""
    if not latex:
        return ""
    if sign == "^" and latex.strip("'") == "":
        return latex
    return f"{sign}{latex}" if len(latex) == 1 else f"{sign}{{{latex}}}"


def environment(name: str, rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells in an environment."""
    columns = f"{{{'c' * max(map(len, rows))}}}" if name == "array" else ""
    body = " \\\\ ".join(" & ".join(row) for row in rows)
    return f"\\begin{{{name}}}{columns} {body} \\end{{{name}}}"


def is_operator(latex: str) -> bool:
    """Whether limits stand above and below a sign."""
    return latex in LIMITS or latex in INTEGRALS


def accent(sign: str, base: str) -> str:
    """`base` under an accent that the page draws as a line of its own; "" if it is no accent."""
    command = ACCENTS_OVER.get(sign) or _ACCENTS.get(sign)
    if command is None:
        return ""
    wide = len(base) > 1 and not base.startswith("\\")
    wider = {"\\bar": "\\overline", "\\hat": "\\widehat", "\\tilde": "\\widetilde", "\\vec": "\\overrightarrow"}
    return f"{wider.get(command, command) if wide else command}{{{base}}}"


def fence_of(lines: Sequence[str]) -> str:
    """The fence that lines of bracket pieces draw; "" if they draw none."""
    signs = [line for line in ("".join(line.split()) for line in lines) if line]
    if signs[:1] == ["⌠"] and signs[-1] == "⌡" and _RINGS.intersection(signs):
        return "\\oint"
    if not signs or any(len(sign) > 1 for sign in signs):
        return ""
    drawn = set(signs)
    if drawn & _ENDS:
        if len(signs) > 1 and signs[0] in "⎢⎥" and signs[-1] in "⎣⎦":
            return _FLOORS[signs[-1]]
        if len(signs) > 1 and signs[0] in "⎡⎤" and signs[-1] in "⎢⎥":
            return _FLOORS[signs[0]]
        return next((fence for fence, pieces in _PIECES.items() if drawn <= set(pieces)), "")
    if drawn <= _BARS:
        return "|"
    return "\\|" if drawn <= _DOUBLE_BARS else ""


def row_to_latex(atoms: Sequence[Atom]) -> str:
    """A row of atoms as LaTeX: scripts go to what they stand behind, fences to what they stand around."""
    return join([atom.write() for atom in _fenced(close_roots(_attached(atoms)))])


def _attached(atoms: Sequence[Atom]) -> list[Atom]:
    out: list[Atom] = []
    for atom in _joined_words(atoms):
        if atom.scripts and out and not out[-1].text:
            before = out[-1]
            out[-1] = replace(before, sub=before.sub + atom.sub, sup=before.sup + atom.sup)
        elif atom.latex or atom.rows or atom.scripts:
            out.append(atom)
    return out


def _joined_words(atoms: Sequence[Atom]) -> list[Atom]:
    """The atoms with words that follow each other in one, blanks between it and the formula beside it."""
    out: list[Atom] = []
    for place, atom in enumerate(atoms):
        if not atom.text:
            out.append(atom)
            continue
        words = _words_of(atom)
        if out and out[-1].text:
            words = f"{_words_of(out.pop())} {words}"
        before = " " * bool(out and (out[-1].latex[-1:].isalnum() or out[-1].latex[-1:] in "},;"))
        after = " " * any(
            other.latex[:1].isalnum() or other.latex[:1] == "\\" for other in atoms[place + 1 : place + 2]
        )
        out.append(Atom(f"\\text{{{before}{words}{after}}}", text=True))
    return out


def _words_of(atom: Atom) -> str:
    return atom.latex.removeprefix("\\text{").removesuffix("}").strip()


def _fenced(atoms: Sequence[Atom]) -> list[Atom]:
    """The atoms with pairs of fences written as such."""
    out: list[Atom] = []
    open_: list[int] = []
    for atom in atoms:
        if atom.fence and atom.latex in _CLOSING and open_ and _OPENING[out[open_[-1]].latex] == atom.latex:
            start = open_.pop()
            inside = out[start + 1 :]
            out[start:] = [_pair(out[start].latex, inside, atom)]
        else:
            out.append(atom)
            if atom.fence and atom.latex in _OPENING:
                open_.append(len(out) - 1)
    for start in reversed(open_):
        behind = start + 1
        while behind < len(out) and out[behind].rows and len(out[behind].rows) == len(out[start + 1].rows):
            behind += 1
        if out[start].latex == "\\{" and behind > start + 1:
            columns = [atom.rows for atom in out[start + 1 : behind]]
            rows = [[cell for part in parts for cell in part] for parts in zip(*columns, strict=True)]
            out[start:behind] = [Atom(environment("cases", rows))]
        elif start == 0 and out[-1].fence and out[-1].latex in _CLOSING:  # half open intervals
            out[0] = Atom(f"\\left{out[0].latex} ")
            out[-1] = Atom(f"\\right{out[-1].latex}", out[-1].sub, out[-1].sup)
    return out


def _pair(opening: str, inside: Sequence[Atom], closing: Atom) -> Atom:
    """What stands between two fences, and the scripts of the closing one."""
    if len(inside) == 1 and inside[0].rows and not (inside[0].sub or inside[0].sup):
        rows = inside[0].rows
        if opening == "(" and [len(row) for row in rows] == [1, 1]:
            return Atom(f"\\binom{{{rows[0][0]}}}{{{rows[1][0]}}}", closing.sub, closing.sup)
        if opening in _MATRICES:
            return Atom(environment(_MATRICES[opening], rows), closing.sub, closing.sup)
    body = join([atom.write() for atom in inside])
    return Atom(join([f"\\left{opening}", body, f"\\right{closing.latex}"]), closing.sub, closing.sup)


def close_roots(atoms: Sequence[Atom]) -> list[Atom]:
    """The atoms with a root's sign and what stands under it as one root, and accents over what follows them."""
    out: list[Atom] = []
    place = 0
    while place < len(atoms):
        atom = atoms[place]
        place += 1
        root = _ROOT.fullmatch(atom.latex)
        if atom.latex == ACCENT and place < len(atoms):
            base = atoms[place]
            out.append(
                Atom(accent(atom.sup, base.latex) or f"\\overset{{{atom.sup}}}{{{base.latex}}}", base.sub, base.sup)
            )
            place += 1
        elif root is not None and place < len(atoms):
            body, behind = _radicand(atoms, place)
            index = {"∛": "[3]", "∜": "[4]"}.get(atom.latex, root.group(1) or "")
            last = atoms[behind - 1]
            out.append(Atom(f"\\sqrt{index}{{{body}}}", last.sub, last.sup))
            place = behind
        else:
            out.append(atom)
    return out


def _radicand(atoms: Sequence[Atom], place: int) -> tuple[str, int]:
    """What stands under a root whose sign stands before `place`, and where the row goes on."""
    first = atoms[place]
    if first.latex.startswith("\\overline{"):
        return first.latex[10:-1], place + 1
    if first.latex in _GROUPS and not first.fence:
        depth = 0
        for behind in range(place, len(atoms)):
            depth += {first.latex: 1, _GROUPS[first.latex]: -1}.get(atoms[behind].latex, 0)
            if depth == 0:
                return join([atom.write() for atom in close_roots(atoms[place + 1 : behind])]), behind + 1
    return first.latex, place + 1
