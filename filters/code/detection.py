"""In which of the seventeen languages a file is written: its ending, and for shared endings its text.

The published corpus took the language from The Stack (GitHub's linguist) or, for whole repositories, from the ending
alone. Endings that languages share (`.v` of Coq and Verilog, `.m` of Matlab and Objective-C, `.h` of C and C++) are
decided by what the file holds (`filters.code.shared_endings`). Names are those of Proof-Pile-2's folders.
"""

import re

from filters.code.shared_endings import SHARED, of_modeline
from manifests.records import Rules

LANGUAGES = (
    "agda", "c", "coq", "cpp", "fortran", "gap", "haskell", "idris", "isabelle", "julia", "jupyter-notebook", "lean",
    "maple", "matlab", "python", "r", "tex",
)  # fmt: skip
"""The languages of AlgebraicStack."""

ENDINGS = {
    "agda": "agda", "lagda": "agda",
    "c": "c", "cats": "c", "idc": "c",
    "coq": "coq",
    "cc": "cpp", "cpp": "cpp", "cxx": "cpp", "c++": "cpp", "cppm": "cpp", "ixx": "cpp", "ino": "cpp", "h++": "cpp",
    "hpp": "cpp", "hxx": "cpp", "inl": "cpp", "ipp": "cpp", "tcc": "cpp", "tpp": "cpp", "txx": "cpp",
    "f77": "fortran", "f90": "fortran", "f95": "fortran", "f03": "fortran", "f08": "fortran", "f15": "fortran",
    "f18": "fortran", "ftn": "fortran", "fypp": "fortran",
    "gap": "gap",
    "hs": "haskell", "lhs": "haskell", "hs-boot": "haskell", "hsc": "haskell",
    "idr": "idris", "lidr": "idris",
    "thy": "isabelle",
    "jl": "julia",
    "ipynb": "jupyter-notebook",
    "lean": "lean", "hlean": "lean",
    "matlab": "matlab",
    "py": "python", "pyw": "python", "pyi": "python", "py3": "python", "pyx": "python", "pxd": "python",
    "pxi": "python", "sage": "python", "sagews": "python", "gyp": "python", "gypi": "python", "lmi": "python",
    "pyde": "python",
    "pyp": "python", "pyt": "python", "tac": "python", "wsgi": "python", "xpy": "python",
    "rnw": "r", "rd": "r", "rsx": "r", "rhistory": "r", "rprofile": "r",
    "tex": "tex", "ltx": "tex", "sty": "tex", "dtx": "tex", "ins": "tex", "bbx": "tex", "cbx": "tex", "lbx": "tex",
    "aux": "tex", "mkii": "tex", "mkiv": "tex", "mkvi": "tex",
}  # fmt: skip
"""Endings (lower case) that tell the language by themselves, after linguist's `languages.yml`.

What linguist holds for a language of its own is taken for the one that it is a form of: Cython and Sage for Python,
Sweave for R (R Markdown by its chunks, see `shared_endings`), fypp for Fortran.
"""

NAMES = {
    "deps": "python", "sconscript": "python", "sconstruct": "python", "wscript": "python", ".gclient": "python",
    ".rapp.history": "r",
}  # fmt: skip
"""Whole names (lower case) that tell the language."""

LITERATE_AGDA = re.compile(r"\.lagda(?:\.(?:md|markdown|tex|rst|org|typ|tree))?\Z")
"""Agda's literate forms; the second ending is that of the text around the code."""

PUBLISHED_ENDINGS = {"v": "coq", "m": "matlab"}

STACK_NAMES = {
    "c++": "cpp", "gap": "gap", "jupyter notebook": "jupyter-notebook", "objective-c": "", "verilog": "",
    "octave": "matlab", "literate agda": "agda", "literate haskell": "haskell",
}  # fmt: skip
"""What The Stack's column `lang` says, where it is not simply the name in lower case."""

_HEAD = 65536


def ending(path: str) -> str:
    """The ending of a path's last part, without its dot, in lower case; empty if it has none.

    A template (`config.h.in`) has the ending of what is made from it.
    """
    name = path.rsplit("/", 1)[-1].lower()
    if name.endswith(".in") and "." in name[:-3].strip("."):
        name = name[:-3]
    name = name[1:] if name.startswith(".r") else name  # R's own hidden files, `.Rprofile`
    return name.rsplit(".", 1)[-1] if "." in name.strip(".") else name if name in ("rprofile", "rhistory") else ""


def stack_language(lang: str) -> str | None:
    """The language that The Stack's column `lang` names, or None if it is not one of the seventeen."""
    name = lang.strip().lower()
    name = STACK_NAMES.get(name, name)
    return name if name in LANGUAGES else None


def possible(path: str) -> bool:
    """Whether a file of this path can be in one of the seventeen languages at all.

    A name without a dot is not taken for one, for most are no programs.
    """
    found = ending(path)
    return (
        found in ENDINGS
        or (found in SHARED and found != "")
        or path.rsplit("/", 1)[-1].lower() in NAMES
        or LITERATE_AGDA.search(path.lower()) is not None
    )


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
    name = path.rsplit("/", 1)[-1]
    if language := NAMES.get(name.lower()):
        return language
    head = text[:_HEAD]
    if name.endswith((".C", ".H")):  # C++'s, where cases of letters are told apart
        return SHARED["h"](head) or "c"
    if language := ENDINGS.get(found):
        return language
    decide = SHARED.get(found)
    if decide is None:
        return None
    language, is_told = of_modeline(head) if found else (None, False)
    return language if is_told else decide(head)
