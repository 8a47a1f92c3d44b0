"""Imports as statements of a program, not as words in strings and comments."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.code import imports
from filters.code.imports import haskell_imports, included_headers, python_imports


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import numpy", ["numpy"]),
        ("import os, numpy as np, scipy.linalg", ["os", "numpy", "scipy"]),
        ("from sympy.core import S", ["sympy"]),
        ("from . import numpy", []),
        ("from .numpy import x", []),
        ("try: import numpy\nexcept ImportError: pass", ["numpy"]),
        ("x = 1; import numpy", ["numpy"]),
        ("def f():\n\timport numpy\n", ["numpy"]),
        ("import os, \\\n    numpy", ["os", "numpy"]),
        ("'import numpy'", []),
        ("'''\nimport numpy\n'''", []),
        ('"""a"""\nimport numpy', ["numpy"]),
        ('x = "\\""\nimport numpy', ["numpy"]),
        ('x = """\\"""\nimport numpy\n"""', []),
        ("# '''\nimport numpy", ["numpy"]),
        ("x = '#'\nimport numpy", ["numpy"]),
        (">>> import numpy", []),
        ("important = numpy", []),
        ("import numpy # '''", ["numpy"]),
        ("'unclosed\nimport numpy", ["numpy"]),
        ("'''unclosed\nimport numpy", []),
    ],
)
def test_python(text: str, names: list[str]) -> None:
    assert list(python_imports(text)) == names


def test_python_agrees_with_the_compiler_on_this_project() -> None:
    text = Path(imports.__file__).read_text(encoding="utf-8")
    truth = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            truth += [alias.name.split(".")[0] for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            truth.append((node.module or "").split(".")[0])
    assert sorted(python_imports(text)) == sorted(truth)


@given(st.text(alphabet="'\"#\\\n;: import from n.,", max_size=60))
def test_python_finds_nothing_the_compiler_does_not(text: str) -> None:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    truth = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            truth |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            truth.add((node.module or "").split(".")[0])
    assert set(python_imports(text)) == truth


@pytest.mark.parametrize(
    ("text", "modules"),
    [
        ("import Data.Complex", ["Data.Complex"]),
        ("import qualified Data.Complex as C", ["Data.Complex"]),
        ("import safe qualified Data.Complex", ["Data.Complex"]),
        ('import "base" Data.Complex', ["Data.Complex"]),
        ("import Data.Complex qualified as C", ["Data.Complex"]),
        ("import\n  Data.Complex", ["Data.Complex"]),
        ("-- import Data.Complex", []),
        ("--> import", []),
        ("{- a {- b -} import Data.Complex -}", []),
        ("{- a\n{- b -}\nimport Data.Complex\n-}\nimport Data.List", ["Data.List"]),
        ('x = "{-"\nimport Data.List', ["Data.List"]),
        ("> import Data.List", ["Data.List"]),
        ("important = Data.List", []),
    ],
)
def test_haskell(text: str, modules: list[str]) -> None:
    assert list(haskell_imports(text)) == modules


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        ("#include <gsl/gsl_sf.h>", ["gsl/gsl_sf.h"]),
        (' # include "fftw3.h"', ["fftw3.h"]),
        ("/* #include <a.h> */\n#include <b.h>", ["b.h"]),
        ("/*\n#include <a.h>\n*/", []),
        ("// #include <a.h>", []),
        ("// \\\n#include <a.h>", []),
        ('x = "/*";\n#include <a.h>', ["a.h"]),
        ("x = '\"';\n#include <a.h>", ["a.h"]),
        ("#include MACRO", []),
        ("/* unclosed\n#include <a.h>", []),
        ('#define F "x\n#include <a.h>', ["a.h"]),
    ],
)
def test_c(text: str, headers: list[str]) -> None:
    assert list(included_headers(text)) == headers
