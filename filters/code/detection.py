"""In which of the seventeen languages a file is written: its ending, and for shared endings its text.

The published corpus took the language from The Stack (GitHub's linguist) or, for whole repositories, from the ending
alone. Endings that languages share (`.v` of Coq and Verilog, `.m` of Matlab and Objective-C, `.h` of C and C++, `.f` of
Fortran and Forth, `.g` of GAP and grammars, `.r` of R and Rebol) are decided here by a few marks of syntax, as
linguist's own heuristics do. Names are those of Proof-Pile-2's folders.
"""

import re
from collections.abc import Callable

from manifests.records import Rules

LANGUAGES = (
    "agda", "c", "coq", "cpp", "fortran", "gap", "haskell", "idris", "isabelle", "julia", "jupyter-notebook", "lean",
    "maple", "matlab", "python", "r", "tex",
)  # fmt: skip
"""The languages of AlgebraicStack."""

ENDINGS = {
    "agda": "agda", "lagda": "agda",
    "c": "c", "cats": "c",
    "cc": "cpp", "cpp": "cpp", "cxx": "cpp", "c++": "cpp", "cp": "cpp",
    "hh": "cpp", "hpp": "cpp", "hxx": "cpp", "h++": "cpp", "inl": "cpp", "ipp": "cpp", "tcc": "cpp", "tpp": "cpp",
    "f77": "fortran", "f90": "fortran", "f95": "fortran", "f03": "fortran", "f08": "fortran", "ftn": "fortran",
    "gap": "gap",
    "hs": "haskell", "lhs": "haskell",
    "idr": "idris", "lidr": "idris",
    "thy": "isabelle",
    "jl": "julia",
    "ipynb": "jupyter-notebook",
    "lean": "lean",
    "mpl": "maple",
    "matlab": "matlab",
    "py": "python", "pyw": "python", "pyi": "python",
    "tex": "tex", "ltx": "tex",
}  # fmt: skip
"""Endings (lower case) that tell the language by themselves."""

LITERATE_AGDA = re.compile(r"\.lagda(?:\.(?:md|markdown|tex|rst|org|typ|tree))?\Z")
"""Agda's literate forms; the second ending is that of the text around the code."""

PUBLISHED_ENDINGS = {"v": "coq", "m": "matlab"}

STACK_NAMES = {
    "c++": "cpp", "gap": "gap", "jupyter notebook": "jupyter-notebook", "objective-c": "", "verilog": "",
    "octave": "matlab", "literate agda": "agda", "literate haskell": "haskell",
}  # fmt: skip
"""What The Stack's column `lang` says, where it is not simply the name in lower case."""

_HEAD = 65536
_COQ = re.compile(
    r"^[ \t]*+(?>(?:(?:Local|Global|Program|#\[[^\]\n]*+\])[ \t]++)?)(?:Require|From[ \t]++[\w.]++[ \t]++Require"
    r"|Theorem|Lemma|Corollary|Proposition|Fact|Remark|Proof|Definition|Fixpoint|CoFixpoint|Inductive|CoInductive"
    r"|Section|Module|Notation|Hypothesis|Variables?|Record|Class|Instance|Import|Export|Ltac|Axiom|Parameter|Set"
    r"|Declare)\b",
    re.MULTILINE,
)
_OBJECTIVE_C = re.compile(
    r"^[ \t]*+(?:#[ \t]*+(?:import|include)[ \t]*+[<\"]|@(?:interface|implementation|protocol|class|property)\b"
    r"|//|/\*)",
    re.MULTILINE,
)
_MATHEMATICA = re.compile(
    r"^[ \t]*+(?:\(\*|(?:BeginPackage|Needs)\[|[A-Za-z$]\w*+\[[^\]\n_]*+_[^\]\n]*+\][ \t]*+:?=)", re.MULTILINE
)
_MERCURY = re.compile(r"^:-[ \t]*+module\b", re.MULTILINE)
_CPP = re.compile(
    r"^[ \t]*+(?:template[ \t]*+<|namespace\b|class[ \t]++\w|using[ \t]++(?:namespace|std)|public:|private:|protected:"
    r"|#[ \t]*+include[ \t]*+<(?:iostream|string|vector|map|memory|algorithm|cmath|complex|cstd\w++|limits|utility"
    r"|functional)>)|\bstd::",
    re.MULTILINE,
)
_FORTRAN = re.compile(
    r"^[ \t]*+(?:(?>(?:recursive|pure|elemental|real|integer|complex|double[ \t]++precision|logical|character)?)"
    r"[^\n!'\"]{0,40}\b(?:program|subroutine|function|module)[ \t]++\w|block[ \t]*+data\b|implicit[ \t]++none\b"
    r"|[c*!d][^\n]*+$)",
    re.MULTILINE | re.IGNORECASE,
)
_GAP = re.compile(
    r"\b(?:InstallMethod|DeclareOperation|DeclareAttribute|InstallGlobalFunction|BindGlobal|function[ \t]*+\(|SetName"
    r"|SymmetricGroup|Group[ \t]*+\(|gap>)|^[ \t]*+(?:fi|od);",
    re.MULTILINE,
)
_REBOL = re.compile(r"^[ \t]*+rebol\b", re.MULTILINE | re.IGNORECASE)
_RD = re.compile(r"^\\(?:name|title|alias)\{", re.MULTILINE)


def ending(path: str) -> str:
    """The ending of a path's last part, without its dot, in lower case; empty if it has none."""
    name = path.rsplit("/", 1)[-1]
    return name.rsplit(".", 1)[-1].lower() if "." in name.strip(".") else ""


def stack_language(lang: str) -> str | None:
    """The language that The Stack's column `lang` names, or None if it is not one of the seventeen."""
    name = lang.strip().lower()
    name = STACK_NAMES.get(name, name)
    return name if name in LANGUAGES else None


def possible(path: str) -> bool:
    """Whether a file of this path can be in one of the seventeen languages at all."""
    found = ending(path)
    return found in ENDINGS or found in _SHARED or LITERATE_AGDA.search(path.lower()) is not None


def language_of(path: str, text: str, rules: Rules = "corrected") -> str | None:
    """The language of a file, or None if it is in none of the seventeen.

    `published` takes every `.v` for Coq and every `.m` for Matlab and leaves the rest to their rules, as
    process_github.py does; the other languages come from The Stack there, which had decided like `corrected`.
    """
    found = ending(path)
    if rules == "published" and found in PUBLISHED_ENDINGS:
        return PUBLISHED_ENDINGS[found]
    if LITERATE_AGDA.search(path.lower()):
        return "agda"
    if language := ENDINGS.get(found):
        return language
    decide = _SHARED.get(found)
    return decide(text[:_HEAD]) if decide else None


_GODOT = re.compile(
    r"^(?:tool|@tool|extends[ \t]++[\"\w]|class_name[ \t]++\w|(?:export|onready|static)\b[^\n]*+\b(?:var|func)\b"
    r"|@(?:export|onready)"
    r"|var[ \t]++\w++[ \t]*+(?::=|[:=\n])|func[ \t]++\w++[ \t]*+\(|signal[ \t]++\w|enum\b|const[ \t]++\w++[ \t]*+[:=])",
    re.MULTILINE,
)
_MUMPS = re.compile(
    r"^(?:%?[A-Z][A-Z0-9]*(?:\([^()\n]{0,60}\))?)?[ \t]+;[^\n]*\n[ \t]+;;\d"
    r"|^[ \t]+(?:Q|QUIT|q|quit)(?:[ \t]*$|:)"
    r"|^[ \t]+(?:[SsDdWwKkNn]|[Ss]et|[Dd]o|[Ww]rite|[Nn]ew|[Kk]ill)[ \t]+[\w^%!,()\"]+",
    re.MULTILINE,
)
_MUMPS_SURE = re.compile(
    r"^(?:%?[A-Za-z][A-Za-z0-9]*)(?:\([^()\n]{0,60}\))?[ \t]+;[^\n]*$"
    r"|^[ \t]+;;?[^\n]*$|\^[%A-Z]\w*\(|\$\$\w+\^|\bD \^\w",
    re.MULTILINE,
)
_MATLAB_LINE = re.compile(
    r"^[ \t]*+(?:%|function\b"
    r"|classdef\b|\[[\w, ~]++\][ \t]*+=|\w++[ \t]*+=[^\n]*;[ \t]*+$)",
    re.MULTILINE,
)
_GAP_LINE = re.compile(r";[ \t\r]*+(?:#[^\n]*+)?$", re.MULTILINE)
_PACKAGE_INFO = re.compile(r"\bSetPackageInfo[ \t]*+\(")


def _v(text: str) -> str | None:
    return "coq" if _COQ.search(text) else None


def _m(text: str) -> str | None:
    if _MERCURY.search(text) or _MATHEMATICA.search(text):
        return None
    if _OBJECTIVE_C.search(text):
        return None
    # Mumps has lines of one-letter commands and labels with comments behind a semicolon; Matlab begins neither so.
    if _MUMPS_SURE.search(text) and _MUMPS.search(text) and not _MATLAB_LINE.search(text):
        return None
    return "matlab"


def _h(text: str) -> str | None:
    return "cpp" if _CPP.search(text) else "c"


def _f(text: str) -> str | None:
    return "fortran" if _FORTRAN.search(text) else None


def _g(text: str) -> str | None:
    if _PACKAGE_INFO.search(text):
        return None  # a package's own description, which is data
    return "gap" if _GAP.search(text) else None


def _gd(text: str) -> str | None:
    if _PACKAGE_INFO.search(text):
        return None
    # GAP ends its statements with semicolons and its comments begin with #; Godot's script has neither.
    return "gap" if _GAP_LINE.search(text) and not _GODOT.search(text) else None


def _r(text: str) -> str | None:
    return None if _REBOL.search(text) or _RD.search(text) else "r"


_SHARED: dict[str, Callable[[str], str | None]] = {
    "v": _v, "m": _m, "gd": _gd, "gi": _gd, "h": _h, "f": _f, "for": _f, "g": _g, "tst": _g, "r": _r
}  # fmt: skip
