"""The rules for files of The Stack, one function a language.

Source of all: process_stack.py in EleutherAI/math-lm, `proof_pile_2/algebraic_stack`. Each function names its
original. Two functions of the original are never called there and have no counterpart here: `generated_file` and
`julia_filter_strict`.
"""

import itertools
import re
from collections.abc import Callable, Iterable

from filters.code.general import (
    TEXT_MAX_SIZE,
    PublishedCrash,
    Refused,
    SourceFile,
    beginning,
    general,
    is_blank,
    numerical_density,
)
from filters.code.imports import (
    doctest_imports,
    haskell_imports,
    headers_in,
    imports_its_package,
    may_import,
    may_include,
    own_package,
    python_imports,
    without_c_comments,
)
from filters.code.syntax import called_imports, doubtful_imports, doubtful_includes, parsed_includes
from manifests.records import Rules

IsEnglish = Callable[[str], bool]

PYTHON_PACKAGES = (
    "numpy", "scipy", "sympy", "sage", "numba", "numexpr", "theano", "statsmodels", "networkx", "mpmath", "pymc3",
    "astropy", "cupy", "pycuda", "cvxpy", "pyomo", "jax",
)  # fmt: skip
SAGE = ("sage", "sagews")
"""Endings of programs into which Sage imports its own names."""
HASKELL_MODULES = (
    "Numeric.LinearAlgebra",
    "Numeric.SpecFunctions",
    "Numeric.Vector",
    "Statistics",
    "Data.Complex",
)
C_HEADERS = re.compile(
    r"(?:.*/)?(?:s|d|x)?r?fftw(?:3|f|l|_threads|_mpi)?(?:-mpi|-threads)?\.(?:h|f03)|(?:.*/)?gsl/.*|gsl_\w+\.h"
    r"|(?:.*/)?(?:mkl_)?(?:cblas|blas|lapacke|nlopt)(?:[-_]\w+)?\.h(?:pp)?|(?:.*/)?petsc\w*\.h|petsc/.*"
)
"""The libraries' headers by their parts (`fftw3-mpi.h`, `petscksp.h`), and below a vendor's folder
(`openblas/cblas.h`)."""
C_NAMES = ("fftw", "gsl", "blas", "lapacke", "nlopt", "petsc")
C_INCLUDES_PUBLISHED = (
    "#include <fftw.h>",
    "#include <fftw3.h>#include <rfftw.h>",  # a comma is missing there: two includes fused into one that never occurs
    "#include <gsl",
    "#include <cblas.h>",
    "#include <blas.h>",
    "#include <lapacke.h>",
    "#include <nlopt.h>",
    "#include <petsc.h>",
)
CPP_LIBRARIES = (
    "adept_arrays", "adept", "alglib", "boost", "armadillo", "blitz", "Eigen", "deal.II", "dlib", "NTL", "mtl"
)  # fmt: skip
CPP_INCLUDES_PUBLISHED = (
    "#include <adept_arrays.h>", "#include <adept.h>", "#include <alglib", "#include <boost", "#include <armadillo",
    "#include <blitz", "#include <Eigen", "#include <deal.II", "#include <dlib", "#include <NTL", "#include <mtl",
)  # fmt: skip
CPP_FOLDERS = re.compile(
    r"(?:\.{1,2}/|[Ee]igen(?:3|-[\d.]+)?/(?=[\w/]*Eigen/|unsupported/)|unsupported/|third[-_]?party/|extern(?:al)?/|include/"
    r"|libs?/|3rd[-_]?party/|vendor/|deps/|contrib/|src/|ext/)+"
)
"""Folders before a library's own that installations and copies of it put there."""
CPP_WITHOUT_FOLDER = ("armadillo",)
"""Headers whose whole name is the library's."""
CPP_PARTS = re.compile(r"alglib\w*|adept_\w+")
"""Further headers of libraries that have no folder of their own."""
CPP_MAX_DENSITY = 0.1
MAPLE_MAX_SIZE = 100_000
TEX_MAX_SIZE = 10_000_000
JULIA_LARGE = 100_000
JULIA_TEST_RATIO = 0.1
JULIA_MAX_DENSITY = 0.5
SECTIONING = (
    "\\chapter{", "\\chapter*{", "\\section{", "\\section*{", "\\subsection{", "\\subsection*{", "\\subsubsection{",
    "\\subsubsection*{", "\\paragraph{", "\\subparagraph{",
)  # fmt: skip
NOTEBOOK_MATHEMATICS = ("\\begin{equation}", "\\begin{align}", "import sympy", "from sympy")

_REQUIREMENT = re.compile(r"Requirement\s+\{\s+Identifier")
_HASKELL_PUBLISHED = re.compile(r"import\s+(?:qualified\s+)?(?:" + "|".join(HASKELL_MODULES) + ")")
_SECTIONING = re.compile(r"\\(?:chapter|section|subsection|subsubsection|paragraph|subparagraph)\*?[ \t]*[\[{]")
_RESOURCE_FORK = "/* Resource fork"


def plain(file: SourceFile, rules: Rules) -> Refused | None:
    """GAP, Lean, Isabelle, Fortran, Idris, Agda: the general rule only (`gap_filter` and its siblings)."""
    return general(file, rules)


def r(file: SourceFile, rules: Rules) -> Refused | None:
    """R (`r_filter`): no resource forks, requirement lists, XML or notebooks.

    `corrected` sees XML and notebooks behind a byte order mark or blank lines too.
    """
    if refused := general(file, rules):
        return refused
    if _RESOURCE_FORK in file.text:
        return Refused("resource_fork")
    if _REQUIREMENT.search(file.text):
        return Refused("requirement_list")
    start = beginning(file.text, rules)
    if start.startswith("<?xml"):
        return Refused("xml")
    if start.startswith("{"):
        return Refused("notebook")
    return None


def maple(file: SourceFile, rules: Rules) -> Refused | None:
    """Maple (`maple_filter`): at most 100,000 bytes, no XML worksheets."""
    if refused := general(file, rules, max_size=MAPLE_MAX_SIZE):
        return refused
    return Refused("xml") if beginning(file.text, rules).startswith("<?xml") else None


def haskell(file: SourceFile, rules: Rules) -> Refused | None:
    """Haskell (`haskell_filter`): imports a numerical module.

    `published` searches the text for `import` and a module's first letters, its dots matching anything, also in
    comments. `corrected` takes import declarations only, and whole parts of a module's name.
    """
    if rules == "published":
        if not _HASKELL_PUBLISHED.search(file.text):
            return Refused("no_math_import")
        return general(file, rules)
    if refused := general(file, rules):
        return refused
    modules = haskell_imports(file.text)
    if any(name == wanted or name.startswith(wanted + ".") for name in modules for wanted in HASKELL_MODULES):
        return None
    return Refused("no_math_import")


def python(file: SourceFile, rules: Rules) -> Refused | None:
    """Python (`python_map`): imports one of 17 packages; does not begin with `{`.

    `published` looks for `import numpy` or `from numpy` anywhere: in strings and comments, as the start of another
    name (`import sagemaker`, `from jaxtyping`), and not for `import os, numpy`. `corrected` takes the import
    statements of the program and of the examples in its docstrings (`>>> from mpmath import mp`), Cython's `cimport`
    too, and a relative import in the package itself; a program of Sage needs no import.
    """
    if refused := general(file, rules):
        return refused
    start = file.text.strip()[:1] if rules == "published" else beginning(file.text, rules)[:1]
    if start == "{":
        return Refused("notebook")
    if rules == "published":
        found = any(f"import {name}" in file.text or f"from {name}" in file.text for name in PYTHON_PACKAGES)
    else:
        # Most files name none of the packages at all, which is quicker to see than what they import.
        named = {name for name in PYTHON_PACKAGES if name in file.text}
        said = named and may_import(file.text, named)
        imports = itertools.chain(python_imports(file.text), doctest_imports(file.text)) if said else ()
        found = file.extension.lower() in SAGE or any(name in named for name in imports)
        found = found or (own_package(file.path) in PYTHON_PACKAGES and imports_its_package(file.text))
        if named and not found and doubtful_imports(file.text):
            found = any(name in named for name in called_imports(file.text))
    return None if found else Refused("no_math_import")


def c(file: SourceFile, rules: Rules) -> Refused | None:
    """C (`c_filter`): includes a numerical library.

    `published`: one exact spelling, in comments too, and neither `fftw3.h` nor `rfftw.h` (see
    `C_INCLUDES_PUBLISHED`). `corrected`: include directives in any spelling, outside comments.
    """
    if rules == "published":
        refused = general(file, rules)
        found = any(include in file.text for include in C_INCLUDES_PUBLISHED)
        return refused or (None if found else Refused("no_math_include"))
    return _includes_none(file, "c", C_NAMES, _of_c_library) or general(file, rules)


def cpp(file: SourceFile, rules: Rules) -> Refused | None:
    """C++ (`cpp_filter`): digits at most 0.1, and includes one of 11 libraries.

    `published` takes any header whose name begins with the library's (`<boosting/x.h>`), in one spelling and in
    comments too; `corrected` takes include directives of the library itself, wherever it is installed
    (`<eigen3/Eigen/Dense>`), that some compiler sees (not below `#if 0`).
    """
    if rules == "published":
        refused = general(file, rules, max_density=CPP_MAX_DENSITY)
        found = any(include in file.text for include in CPP_INCLUDES_PUBLISHED)
        return refused or (None if found else Refused("no_math_include"))
    return _includes_none(file, "cpp", CPP_LIBRARIES, _of_library) or general(file, rules, max_density=CPP_MAX_DENSITY)


def _includes_none(
    file: SourceFile, language: str, names: Iterable[str], wanted: Callable[[str], bool]
) -> Refused | None:
    """Turns away a file without a wanted header, before its digits are counted, which takes longer.

    A file that is blank or too large is left to the general rule. The grammar is asked where a scan may see an include
    that is none.
    """
    text = file.text
    if len(text) > TEXT_MAX_SIZE or is_blank(text):
        return None
    if any(name in text for name in names) and may_include(text, names):
        code = without_c_comments(text)
        if any(map(wanted, headers_in(code))) and (
            not doubtful_includes(code) or any(map(wanted, parsed_includes(code, language)))
        ):
            return None
    return Refused("no_math_include")


def _of_c_library(header: str) -> bool:
    return C_HEADERS.fullmatch(header) is not None


def _of_library(header: str) -> bool:
    """`Eigen/Dense`, `eigen3/Eigen/Dense`, `armadillo`, `mtl4/x`: a library's folder or header, perhaps numbered."""
    lead = CPP_FOLDERS.match(header)
    path = header[lead.end() :] if lead else header
    first, slash, _ = path.partition("/")
    name = first.removesuffix(".hpp").removesuffix(".h").removesuffix("_bits")
    if not slash and name == first and name not in CPP_WITHOUT_FOLDER:
        return False  # `<boost>` alone is no header
    return any(name.rstrip("0123456789") == library for library in CPP_LIBRARIES) or (
        not slash and CPP_PARTS.fullmatch(name) is not None
    )


def julia(file: SourceFile, rules: Rules) -> Refused | None:
    """Julia (`julia_filter`): no JSON lines; from 100,000 bytes on only tests with few digits.

    `published` asks nothing else of a smaller file, not even the general rule, and stops at an empty one. `corrected`
    adds the general rule (the paper's "unless otherwise stated") and looks past blank space for the first character.
    """
    if rules == "corrected" and (refused := general(file, rules)):
        return refused
    start = beginning(file.text, rules)
    if not start:
        if rules == "corrected":
            return Refused("empty")
        raise PublishedCrash("the published Julia rule asks for the first character of an empty file")
    if start[0] in "%{[":
        return Refused("not_julia", f"begins with {start[0]}")
    if file.size < JULIA_LARGE:
        return None
    lines = file.text.count("\n") + 1
    tests = file.text.count("@test")
    if not tests or tests / lines < JULIA_TEST_RATIO:
        return Refused("large_not_test")
    if rules == "published" and not file.text.split():  # pragma: no cover - a text with @test is not blank
        raise PublishedCrash("division by zero")
    density = numerical_density(file.text, rules)
    return Refused("digits", f"density {density:.3f}") if density > JULIA_MAX_DENSITY else None


def tex(file: SourceFile, rules: Rules, is_english: IsEnglish) -> Refused | None:
    """TeX (`tex_filter`): extension tex, at most 10,000,000 bytes, not below `latex/`, no gnuplot, a sectioning
    command, English.

    `published`: `latex/` may be the end of a longer folder name, and `\\paragraph*{`, `\\section[short]{` and
    `\\section {` are no sectioning. `corrected`: a folder named `latex` (doxygen's output), and every form of the
    commands. The original asks langid (version 1.1.6) for the language: see `filters.code.english`.
    """
    if refused := general(file, rules, max_size=TEX_MAX_SIZE):
        return refused
    extension = file.extension if rules == "published" else file.extension.lower()
    if extension != "tex":
        return Refused("extension", file.extension[:20])
    in_latex_folder = "latex/" in file.path if rules == "published" else "latex" in file.path.split("/")[:-1]
    if in_latex_folder:
        return Refused("latex_folder")
    if "gnuplot" in file.text:
        return Refused("gnuplot")
    if rules == "published":
        sectioned = any(command in file.text for command in SECTIONING)
    else:
        sectioned = _SECTIONING.search(file.text) is not None
    if not sectioned:
        return Refused("no_sectioning")
    return None if is_english(file.text) else Refused("not_english")


def jupyter_notebook(file: SourceFile, rules: Rules) -> Refused | None:
    """Jupyter (`jupyter_notebook_filter`), on the JSON as stored: an equation environment or an import of sympy.

    The general rule does not apply (the original says "as of yet"). `rules` makes no difference; the conversion that
    follows is `pipelines.extraction.notebooks.markdown`.
    """
    del rules
    lower = file.text.lower()
    return None if any(word in lower for word in NOTEBOOK_MATHEMATICS) else Refused("no_mathematics")
