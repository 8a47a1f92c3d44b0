"""What a program imports, outside its strings and comments: the `corrected` rules of Python, Haskell, C and C++.

A scanner strips strings and comments in one pass, then anchored patterns read the statements. Every alternative of
a scanner always succeeds (an unclosed string or comment runs to the end of its line or of the file), so the time is
linear on any input. Against tree-sitter's grammars on real files the answers agree and the scanner is many times
faster; `tests.benchmarks.code_imports` shows the figures.
"""

import re
from collections.abc import Iterable, Iterator

_PYTHON_NOISE = re.compile(
    r"""(?P<quote>\"{3}|'{3})(?>(?:[^"'\\]+|\\.|(?!(?P=quote))["'])*)(?:(?P=quote)|\\?\Z)
      | "(?>[^"\\\n]*(?:\\.[^"\\\n]*)*)"?
      | '(?>[^'\\\n]*(?:\\.[^'\\\n]*)*)'?
      | \#[^\n]*+
      | \\\r?\n""",
    re.DOTALL | re.VERBOSE,
)
_PYTHON_IMPORT = re.compile(
    r"""(?:^\ufeff?|[;:])[ \t\f]*+(?:
        from[ \t]++(?P<origin>\w++)(?>(?:[ \t]*+\.[ \t]*+\w++)*)[ \t]++c?import\b
      | c?import[ \t]++(?P<names>[^;\n]++))""",
    re.MULTILINE | re.VERBOSE,
)
_PYTHON_ANY_IMPORT = re.compile(r"\b(?:from|c?import)[ \t\f][^\n]*+")
_RELATIVE_IMPORT = re.compile(r"(?:^|[;:])[ \t\f]*+from[ \t]*+\.[\w.]*+[ \t]++c?import\b", re.MULTILINE)
_PACKAGE_PATH = re.compile(
    r"(?:[^/]+/)*(?:site|dist)-packages/(?P<installed>[^/]+)/"
    r"|(?P<name>[a-z]\w+)[-_][^/]*/(?:src/|python/)?(?P=name)/|(?:src/|python/)?(?P<top>[^/]+)/"
)
_DOCTEST_IMPORT = re.compile(
    r"^[ \t]*+(?:>>>|\.\.\.)[ \t]++"
    r"(?:from[ \t]++(?P<origin>\w++)[\w.]*+[ \t]++import\b|import[ \t]++(?P<names>[^;\n]++))",
    re.MULTILINE,
)
_FIRST_NAME = re.compile(r"[^\W\d]\w*")

_HASKELL_NOISE = re.compile(r"""\{-|-}|--+(?![!#$%&*+./<=>?@\\^|~:])[^\n]*+|"(?>(?:[^"\\\n]|\\.)*)"?""", re.DOTALL)
_HASKELL_IMPORT = re.compile(
    r"""(?:^|[{;])[ \t>]*+import\s++(?>(?:safe\s++)?)(?>(?:qualified\s++)?)(?>(?:"[^"\n]*+"\s++)?)"""
    r"""(?P<module>[A-Z][\w.']*+)""",
    re.MULTILINE,
)

_C_NOISE = re.compile(
    r"""(?P<keep>"(?>[^"\\\n]*(?:\\.[^"\\\n]*)*)"? | '(?>[^'\\\n]*(?:\\.[^'\\\n]*)*)'?)
      | /\*(?>[^*]*(?:\*(?!/)[^*]*)*)(?:\*/|\*?\Z)
      | //(?>[^\\\n]*(?:\\.[^\\\n]*)*)""",
    re.DOTALL | re.VERBOSE,
)
_C_INCLUDE = re.compile(
    r"""^\ufeff?[ \t]*+(?:(?:\#|%:|\?\?=)[ \t]*+(?:include(?:_next)?|import)\b|(?:export[ \t]++)?import\b)[ \t]*+
        (?:[<"](?P<header>[^>"\n]++)[>"]|(?P<macro>[A-Za-z_]\w*+)[ \t]*+$)""",
    re.MULTILINE | re.VERBOSE,
)
"""Directives, those of GCC and of Objective-C among them, and C++'s imports of header units."""
_C_HEADER_MACRO = r"""^[ \t]*+#[ \t]*+define[ \t]++{}[ \t]++[<"](?P<header>[^>"\n]++)[>"]"""
_C_ANY_INCLUDE = re.compile(
    r"\b(?:include(?:_next)?|import)\b"
    r"(?P<macro>[ \t]*+(?:/\*[^\n]{0,200}?\*/[ \t]*+)?[A-Za-z_]\w*+[ \t]*+(?:$|/))?[^\n]*+",
    re.MULTILINE,
)
"""A superset of `_C_INCLUDE` where comments still stand."""
_SPLICED = re.compile(r"\\\r?\n")


def python_imports(text: str) -> Iterator[str]:
    """The first name of every module that the program's `import` and `from` statements name (`scipy` of `scipy.io`).

    Relative imports give nothing.
    """
    code = _PYTHON_NOISE.sub(lambda match: " " if match[0][0] in "#\\" else '""', text)
    yield from _first_names(_PYTHON_IMPORT.finditer(code))


def may_import(text: str, names: Iterable[str]) -> bool:
    """Whether a Python file may import a module of one of the names; where not, no line of it says so."""
    return (
        "\\\n" in text
        or "\\\r" in text
        or any(name in line[0] for line in _PYTHON_ANY_IMPORT.finditer(text) for name in names)
    )


def own_package(path: str) -> str | None:
    """The package that a module at `path` belongs to: the folder where packages are installed, or at the top of a tree.

    `sympy-1.13/sympy/core/add.py` and `src/sympy/core/add.py` are SymPy's; `examples/sympy/add.py` is not.
    """
    found = _PACKAGE_PATH.match(path)
    return (found["installed"] or found["name"] or found["top"]) if found else None


def imports_its_package(text: str) -> bool:
    """Whether a program has a relative import (`from .core import x`), which names the package that it is part of."""
    if "from ." not in text:
        return False
    code = _PYTHON_NOISE.sub(lambda match: " " if match[0][0] in "#\\" else '""', text)
    return _RELATIVE_IMPORT.search(code) is not None


def doctest_imports(text: str) -> Iterator[str]:
    """The same for the examples in docstrings (`>>> from mpmath import mp`), which are code that runs too."""
    yield from _first_names(_DOCTEST_IMPORT.finditer(text))


def _first_names(statements: Iterator[re.Match[str]]) -> Iterator[str]:
    for statement in statements:
        if statement["origin"]:
            yield statement["origin"]
            continue
        for name in statement["names"].split(","):
            if first := _FIRST_NAME.match(name.strip()):
                yield first[0]


def haskell_imports(text: str) -> Iterator[str]:
    """The modules of the import declarations, by their full name (`Data.Complex`)."""
    for declaration in _HASKELL_IMPORT.finditer(_without_haskell_comments(text)):
        yield declaration["module"].rstrip(".")


def _without_haskell_comments(text: str) -> str:
    """`text` without comments (block comments nest) and strings."""
    kept: list[str] = []
    depth = 0
    position = 0
    for noise in _HASKELL_NOISE.finditer(text):
        if noise[0] == "{-":
            if not depth:
                kept.append(text[position : noise.start()])
            depth += 1
        elif noise[0] == "-}":
            depth = max(0, depth - 1)
        elif depth:
            continue
        else:
            kept.append(text[position : noise.start()])
            if noise[0].startswith('"'):
                kept.append('""')
        position = noise.end()
    if not depth:
        kept.append(text[position:])
    return "".join(kept)


def may_include(text: str, names: Iterable[str]) -> bool:
    """Whether a C or C++ file may include a header with one of the names: none of its lines says so otherwise.

    Most files that hold a library's name at all do so in comments, namespaces and functions.
    """
    if _SPLICED.search(text):
        return True
    return any(line["macro"] or any(name in line[0] for name in names) for line in _C_ANY_INCLUDE.finditer(text))


def included_headers(text: str) -> Iterator[str]:
    """The headers of the include directives of a C or C++ file, as written between the brackets or quotes."""
    return headers_in(without_c_comments(text))


def headers_in(code: str) -> Iterator[str]:
    """The same of a text that is without comments already."""
    for directive in _C_INCLUDE.finditer(code):
        if directive["header"]:
            yield directive["header"].strip()
        elif header := macro_header(code, directive["macro"]):
            yield header


def macro_header(code: str, macro: str) -> str | None:
    """The header that a macro is defined as: `#define HEADER <fftw3.h>` for `#include HEADER`."""
    defined = re.search(_C_HEADER_MACRO.format(re.escape(macro)), code, re.MULTILINE)
    return defined["header"].strip() if defined else None


def without_c_comments(text: str) -> str:
    """The text of a C or C++ file with a blank for every comment, and with spliced lines joined."""
    code = _C_NOISE.sub(lambda match: match["keep"] or " ", text)
    return _SPLICED.sub("", code) if "\\\n" in code or "\\\r" in code else code
