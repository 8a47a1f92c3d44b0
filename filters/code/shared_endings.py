"""Which language a file is in whose ending several languages share, by marks of their syntax.

Each language that uses an ending has a few marks (`filters.code.syntax_marks`); the language with most marked lines
wins, and where no mark is seen the ending's usual language. A modeline of Emacs or Vim decides before them. Which
languages share an ending is told by linguist's `languages.yml` (github-linguist/linguist).
`tests.benchmarks.code_detection` measures.
"""

import re
from collections.abc import Callable, Mapping

from filters.code import syntax_marks as marks
from filters.code.imports import without_c_comments
from filters.code.syntax_marks import Marks

_MODELINE = re.compile(
    r"-\*-[ \t]*+(?:[^\n]{0,80}?\bmode:[ \t]*+)?(?P<emacs>[\w+#-]++)[ \t]*+(?:;[^\n]{0,80}?)?-\*-"
    r"|\b(?:vim?|ex):[^\n]{0,60}?\b(?:ft|filetype|syntax)=(?P<vim>\w++)",
    re.IGNORECASE,
)
_MODES: Mapping[str, str | None] = {
    "c++": "cpp", "cpp": "cpp", "c": "c", "coq": "coq", "gap": "gap", "octave": "matlab", "matlab": "matlab",
    "python": "python", "r": "r", "ess-r": "r", "fortran": "fortran", "f90": "fortran", "latex": "tex", "tex": "tex",
    "plaintex": "tex", "objc": None, "verilog": None, "systemverilog": None, "mercury": None, "rebol": None,
    "mathematica": None, "forth": None, "asm": None, "pascal": None, "php": None, "magma": None,
}  # fmt: skip
"""What a modeline may name; other names say nothing."""


def _won(text: str, ours: Mapping[str, Marks], others: tuple[Marks, ...], usual: str | None) -> str | None:
    """The language of ours with most marks, None where another has more; `usual` where there are none at all."""
    counts = {language: marks(text) for language, marks in ours.items()}
    language = max(counts, key=counts.__getitem__)
    other = max((marks(text) for marks in others), default=0)
    if not counts[language] and not other:
        return usual
    return language if counts[language] >= other and counts[language] else None


def _v(text: str) -> str | None:
    return _won(
        text, {"coq": marks.COQ}, (marks.VERILOG, marks.VLANG), "coq" if text.lstrip().startswith("(*") else None
    )


def _m(text: str) -> str | None:
    begins = text[:4096].lstrip()
    if begins.startswith(("/*", "//")) or (":-" in text and marks.MERCURY.seen(text)):
        return None
    if begins.startswith(("% ", "%%", "##", "function ", "classdef ")):
        return "matlab"  # no other language but Mercury begins so
    if marks.LIMBO(text) > 1:
        return None
    if marks.OBJECTIVE_C(text) and not marks.MATLAB_SURE.search(text):
        return None
    matlab = marks.MATLAB(text)
    if max(marks.MATHEMATICA(text), marks.MAGMA(text), marks.MUF(text)) > matlab // 2:
        return None
    # Mumps has one-letter commands, labels at the left and comments behind a semicolon; blanks lead its lines.
    mumps = marks.MUMPS(text)
    if mumps > 2 * matlab or (mumps and 2 * mumps >= matlab and not marks.MATLAB_SURE.search(text)):
        return None
    if re.search(
        r"^[ \t]*+(?:/\*|//|#[ \t]*+include[ \t]*+[<\"])", text, re.MULTILINE
    ) and not marks.MATLAB_SURE.search(text):
        return None
    return "matlab"


def _h(text: str) -> str | None:
    if not marks.OBJECTIVE_C.seen(text) and not marks.CPP.seen(text):
        return "c"  # most headers of C have no such mark even in comments
    code = marks.CPLUSPLUS_ONLY.sub("", without_c_comments(text))
    if marks.OBJECTIVE_C.seen(code):
        return None
    return "cpp" if marks.CPP.seen(code) else "c"


def _hh(text: str) -> str | None:
    return None if marks.HACK.match(text) else "cpp"


def _inc(text: str) -> str | None:
    code = without_c_comments(text)
    if marks.MARKUP(text) or marks.PAWN(code) or marks.POV(code):
        return None
    others = max(2 * marks.PASCAL(text), marks.SHELL_LIKE(code))
    fortran = marks.FORTRAN(text) if not re.search(r"[;{}]", code[:4096]) else 0
    cpp, lines = marks.CPP(code), marks.C_LINES(code)
    if fortran > max(others, lines):
        return "fortran"
    if marks.TEX_COMMAND(text) > max(others, cpp + lines):
        return "tex"
    if cpp + lines > others:
        return "cpp" if cpp else "c"
    return None


def _f(text: str) -> str | None:
    return _won(text, {"fortran": marks.FORTRAN}, (marks.FORTH, marks.FILEBENCH, marks.TABLE), "fortran")


def _fpp(text: str) -> str | None:
    return _won(text, {"fortran": marks.FORTRAN}, (marks.FPRIME,), "fortran")


def _g(text: str) -> str | None:
    return None if marks.GRAMMAR_SURE(text) else _won(text, {"gap": marks.GAP}, (marks.GRAMMAR, marks.GCODE), None)


def _gd(text: str) -> str | None:
    # GAP ends its statements with semicolons; Godot's script has none.
    return None if marks.GODOT(text) > marks.ENDED(text) else "gap"


def _tst(text: str) -> str | None:
    return "gap" if re.search(r"^gap>|\bSTART_TEST[ \t]*+\(", text, re.MULTILINE) else None


def _r(text: str) -> str | None:
    if marks.RATFOR(text) and "<-" not in text:
        return None
    return _won(text, {"r": marks.R}, (marks.REBOL, marks.REZ), "r")


def _cls(text: str) -> str | None:
    return _won(text, {"tex": marks.TEX}, (marks.BRACES,), None)


def _toc(text: str) -> str | None:
    return _won(text, {"tex": marks.TEX}, (marks.WARCRAFT,), None)


def _cp(text: str) -> str | None:
    return None if marks.COMPONENT_PASCAL.search(text) else "cpp"


def _re(text: str) -> str | None:
    return "cpp" if marks.RE2C.search(text) else None


def _rpy(text: str) -> str | None:
    return _won(text, {"python": marks.PYTHON}, (marks.RENPY,), None)


def _spec(text: str) -> str | None:
    return _won(text, {"python": marks.PYTHON}, (marks.RPM,), None)


def _mpl(text: str) -> str | None:
    return None if marks.MPS.match(text.removeprefix("\ufeff")) and "maple" not in text[:400].lower() else "maple"


def _chunks(text: str) -> str | None:
    """The language of a document's first chunk that runs; R Markdown's chunks may be in other languages than R."""
    engines = [chunk["engine"].lower() for chunk in marks.CHUNK.finditer(text)]
    return next((engine for engine in engines if engine in ("r", "python", "julia")), None)


_SHEBANG = re.compile(r"\A#![ \t]*+(?P<line>[^\n]++)")
_INTERPRETERS = re.compile(
    r"(?:\A|[/ \t])(?:(?P<python>(?:i?python|pypy)[\d.]*+w?|uv[ \t]++run|sage)|(?P<r>Rscript|R|littler|r)"
    r"|(?P<julia>julia)|(?P<haskell>run(?:ghc|haskell|hugs)|stack)|(?P<matlab>octave(?:-cli)?)|(?P<gap>gap)"
    r"|(?P<c>tcc))(?=[ \t]|\Z)"
)


def of_interpreter(text: str) -> str | None:
    """The language of the interpreter that a script's first line names (`#!/usr/bin/env python3`)."""
    line = _SHEBANG.match(text[:256])
    found = _INTERPRETERS.search(line["line"].rstrip()) if line else None
    return found.lastgroup if found else None


def of_modeline(text: str) -> tuple[str | None, bool]:
    """The language that a modeline in the first or last lines names, and whether one that is known is there."""
    for part in (text[:600], text[-300:] if len(text) > 600 else ""):
        for found in _MODELINE.finditer(part):
            name = (found["emacs"] or found["vim"]).lower()
            if name in _MODES:
                return _MODES[name], True
    return None, False


SHARED: dict[str, Callable[[str], str | None]] = {
    "v": _v, "m": _m, "h": _h, "hh": _hh, "inc": _inc, "f": _f, "for": _f, "fpp": _fpp, "g": _g, "gd": _gd, "gi": _gd,
    "tst": _tst, "r": _r, "cls": _cls, "toc": _toc, "cp": _cp, "re": _re, "rpy": _rpy, "spec": _spec, "mpl": _mpl,
    "rmd": _chunks, "qmd": _chunks, "cgi": of_interpreter, "fcgi": of_interpreter, "": of_interpreter,
}  # fmt: skip
"""What decides for an ending that languages share; the empty one is that of a name without a dot."""
