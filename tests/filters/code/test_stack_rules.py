"""The published decisions for files of The Stack, language by language, and what `corrected` changes."""

import time

import pytest

from filters.code.general import PublishedCrash, SourceFile
from filters.code.registry import judge
from manifests.records import Rules


def verdict(language: str, text: str, rules: Rules = "published", **file: object) -> str | None:
    fields = {"path": "a/b", "repository": "o/r", "extension": "", "size": len(text.encode())} | file
    refused = judge(language, SourceFile(text, **fields), rules, "stack", lambda text: "Deutsch" not in text)  # type: ignore[arg-type]
    return refused.reason if refused else None


def both(language: str, text: str, **file: object) -> tuple[str | None, str | None]:
    return verdict(language, text, "published", **file), verdict(language, text, "corrected", **file)


@pytest.mark.parametrize("language", ["gap", "lean", "isabelle", "fortran", "idris", "agda"])
def test_these_languages_have_the_general_rule_only(language: str) -> None:
    assert both(language, "anything at all") == (None, None)
    assert both(language, "1 2 3 4 5") == ("digits", "digits")
    with pytest.raises(PublishedCrash):
        verdict(language, "\n")


class TestR:
    def test_keeps_code(self) -> None:
        assert both("r", "x <- rnorm(10)\n") == (None, None)

    def test_turns_away_resource_forks_requirement_lists_xml_and_notebooks(self) -> None:
        assert both("r", "/* Resource fork */ x") == ("resource_fork",) * 2
        assert both("r", "a Requirement \n {  Identifier b") == ("requirement_list",) * 2
        assert both("r", "Requirement {Identifier") == (None, None)
        assert both("r", "<?xml version='a'?>") == ("xml",) * 2
        assert both("r", '{"cells": []}') == ("notebook",) * 2

    def test_only_corrected_looks_behind_blank_space(self) -> None:
        assert both("r", "\n<?xml version='a'?>") == (None, "xml")
        assert both("r", '\ufeff{"cells": []}') == (None, "notebook")


class TestMaple:
    def test_at_most_100_000_bytes(self) -> None:
        assert both("maple", "a" * 100_000) == (None, None)
        assert both("maple", "a" * 100_001) == ("too_large",) * 2

    def test_no_xml_worksheets(self) -> None:
        assert both("maple", "<?xml ...") == ("xml",) * 2
        assert both("maple", " <?xml ...") == (None, "xml")


class TestHaskell:
    @pytest.mark.parametrize(
        "module", ["Numeric.LinearAlgebra", "Numeric.SpecFunctions", "Numeric.Vector", "Statistics", "Data.Complex"]
    )
    def test_keeps_imports_of_numerical_modules(self, module: str) -> None:
        assert both("haskell", f"module M where\nimport {module}\n") == (None, None)
        assert both("haskell", f"import  qualified {module} as X\n") == (None, None)

    def test_other_modules_are_not_enough(self) -> None:
        assert both("haskell", "import Data.List\n") == ("no_math_import",) * 2

    def test_published_sees_comments_and_beginnings_of_names(self) -> None:
        assert both("haskell", "-- import Statistics\nx = y\n") == (None, "no_math_import")
        assert both("haskell", "import StatisticsOfMine\n") == (None, "no_math_import")
        assert both("haskell", "import DataXComplex\n") == (None, "no_math_import")

    def test_published_misses_safe_and_package_imports(self) -> None:
        assert both("haskell", "import safe Data.Complex\n") == ("no_math_import", None)
        assert both("haskell", 'import "hmatrix" Numeric.LinearAlgebra\n') == ("no_math_import", None)

    def test_a_blank_file_is_turned_away_before_the_density_would_crash(self) -> None:
        assert verdict("haskell", "\n") == "no_math_import"


class TestPython:
    @pytest.mark.parametrize("package", ["numpy", "sympy", "sage", "pymc3", "jax", "mpmath", "pyomo", "cvxpy"])
    def test_keeps_imports_of_the_packages(self, package: str) -> None:
        assert both("python", f"import {package}\n") == (None, None)
        assert both("python", f"from {package}.x import y\n") == (None, None)

    def test_other_packages_are_not_enough(self) -> None:
        assert both("python", "import torch, pandas\n") == ("no_math_import",) * 2

    def test_published_sees_strings_comments_and_beginnings_of_names(self) -> None:
        assert both("python", '"""\nimport numpy\n"""\n') == (None, "no_math_import")
        assert both("python", "# import numpy\nx = y\n") == (None, "no_math_import")
        assert both("python", "import sagemaker\n") == (None, "no_math_import")

    def test_an_example_in_a_docstring_is_code_too(self) -> None:
        assert both("python", 'def f():\n    """\n    >>> from mpmath import mp\n    """\n') == (None, None)

    def test_published_misses_the_second_name_of_a_statement(self) -> None:
        assert both("python", "import os, numpy as np\n") == ("no_math_import", None)
        assert both("python", "import  numpy\n") == ("no_math_import", None)

    def test_json_is_turned_away_before_imports_are_looked_for(self) -> None:
        assert both("python", '\n {"a": "import numpy"}') == ("notebook",) * 2


class TestC:
    @pytest.mark.parametrize(
        "header", ["fftw.h", "gsl/gsl_math.h", "cblas.h", "blas.h", "lapacke.h", "nlopt.h", "petsc.h"]
    )
    def test_keeps_includes_of_numerical_libraries(self, header: str) -> None:
        assert both("c", f"#include <{header}>\nint x;\n") == (None, None)

    @pytest.mark.parametrize("header", ["fftw3.h", "rfftw.h"])
    def test_a_missing_comma_fuses_two_includes_so_that_published_finds_neither(self, header: str) -> None:
        assert both("c", f"#include <{header}>\nint x;\n") == ("no_math_include", None)

    def test_published_finds_the_fused_string_itself(self) -> None:
        assert verdict("c", "#include <fftw3.h>#include <rfftw.h>") is None

    def test_published_wants_one_spelling_and_sees_comments(self) -> None:
        assert both("c", "#  include <cblas.h>\n") == ("no_math_include", None)
        assert both("c", '#include "cblas.h"\n') == ("no_math_include", None)
        assert both("c", "/*\n#include <cblas.h>\n*/ int x;\n") == (None, "no_math_include")

    def test_published_takes_any_header_that_begins_with_gsl(self) -> None:
        assert both("c", "#include <gsling.h>\n") == (None, "no_math_include")


class TestCpp:
    @pytest.mark.parametrize(
        "header",
        ["adept.h", "adept_arrays.h", "alglib/ap.h", "boost/x.hpp", "armadillo", "blitz/array.h", "Eigen/Dense",
         "deal.II/base/point.h", "dlib/matrix.h", "NTL/ZZ.h", "mtl/mtl.h"],
    )  # fmt: skip
    def test_keeps_includes_of_the_libraries(self, header: str) -> None:
        assert both("cpp", f"#include <{header}>\nint x;\n") == (None, None)

    def test_digits_are_limited_to_a_tenth(self) -> None:
        head = "#include <Eigen/Dense>\n"  # 21 visible characters
        assert verdict("cpp", head + "1" * 2) is None
        assert verdict("cpp", head + "1" * 3) == "digits"

    def test_only_corrected_wants_the_whole_name(self) -> None:
        assert both("cpp", "#include <boosting.h>\n") == (None, "no_math_include")
        assert both("cpp", "#include <mtl4/x.hpp>\n") == (None, None)

    def test_other_libraries_are_not_enough(self) -> None:
        assert both("cpp", "#include <vector>\n") == ("no_math_include",) * 2


class TestJulia:
    @pytest.mark.parametrize("first", ["%", "{", "["])
    def test_turns_away_what_is_not_julia(self, first: str) -> None:
        assert both("julia", first + "x") == ("not_julia",) * 2
        assert both("julia", "\n" + first + "x") == (None, "not_julia")

    def test_published_asks_nothing_else_of_a_file_below_100_000_bytes(self) -> None:
        assert both("julia", "1 2 3") == (None, "digits")
        assert both("julia", "\n") == (None, "empty")

    def test_published_crashes_on_an_empty_file(self) -> None:
        with pytest.raises(PublishedCrash):
            verdict("julia", "")
        assert verdict("julia", "", "corrected") == "empty"

    def test_a_large_file_must_be_tests_with_few_digits(self) -> None:
        line = "x = y + z\n"
        large = line * 10_000
        assert both("julia", large[:-1]) == (None, None)
        assert both("julia", large) == ("large_not_test",) * 2
        tests = (line * 9 + "@test a == b\n") * 1_100
        assert both("julia", tests.removesuffix("\n")) == (None, None)
        assert both("julia", (line * 10 + "@test a == b\n") * 1_100) == ("large_not_test",) * 2
        assert both("julia", "@test 12345678901234567890\n" * 4_000) == ("digits",) * 2

    def test_size_is_that_of_the_stored_file(self) -> None:
        assert verdict("julia", "x = y\n", size=100_000) == "large_not_test"


class TestTex:
    def tex(self, text: str, **file: object) -> tuple[str | None, str | None]:
        return both("tex", text, **({"extension": "tex"} | file))

    @pytest.mark.parametrize(
        "command",
        ["chapter", "chapter*", "section", "section*", "subsection", "subsection*", "subsubsection", "subsubsection*",
         "paragraph", "subparagraph"],
    )  # fmt: skip
    def test_keeps_english_with_a_sectioning_command(self, command: str) -> None:
        assert self.tex(f"\\{command}{{Groups}} A group is a set.") == (None, None)

    def test_without_sectioning_it_goes(self) -> None:
        assert self.tex("A group is a set.") == ("no_sectioning",) * 2

    @pytest.mark.parametrize("command", ["\\paragraph*{", "\\section[short]{", "\\section {"])
    def test_published_does_not_know_every_form(self, command: str) -> None:
        assert self.tex(command + "Groups}") == ("no_sectioning", None)

    def test_extension_folder_and_gnuplot(self) -> None:
        assert self.tex("\\section{A}", extension="sty") == ("extension",) * 2
        assert self.tex("\\section{A}", extension="TEX") == ("extension", None)
        assert self.tex("\\section{A}", path="latex/a.tex") == ("latex_folder",) * 2
        assert self.tex("\\section{A}", path="my_latex/a.tex") == ("latex_folder", None)
        assert self.tex("\\section{A} gnuplot") == ("gnuplot",) * 2

    def test_other_languages_go(self) -> None:
        assert self.tex("\\section{A} Deutsch") == ("not_english",) * 2

    def test_may_be_longer_than_other_files(self) -> None:
        assert self.tex("\\section{A}" + "a" * 2_000_000) == (None, None)
        assert self.tex("\\section{A}" + "a" * 10_000_000) == ("too_large",) * 2


class TestJupyter:
    @pytest.mark.parametrize("word", ["\\begin{equation}", "\\BEGIN{align}", "import sympy", "from SymPy"])
    def test_keeps_formulas_and_sympy(self, word: str) -> None:
        assert both("jupyter-notebook", '{"cells": "' + word + '"}') == (None, None)

    def test_anything_else_goes(self) -> None:
        assert both("jupyter-notebook", "\\begin{align*}") == ("no_mathematics",) * 2

    def test_the_general_rule_does_not_apply(self) -> None:
        assert both("jupyter-notebook", "import sympy" + "1" * 2_000_000) == (None, None)
        assert both("jupyter-notebook", "\n") == ("no_mathematics",) * 2


HOSTILE = [
    "Requirement" + " " * 1_000_000,
    "import " * 150_000,
    "import" + " " * 1_000_000,
    "{-" * 500_000,
    '"' * 1_000_001,
    '"""' + "\\" * 1_000_000,
    "'''" + '"' * 1_000_000,
    "/*" * 500_000,
    "/*" + "*" * 1_000_000,
    "#" * 1_000_000,
    "# " * 500_000,
    "#include <" + "a" * 1_000_000,
    "--" * 500_000,
    "\\section" * 120_000,
    "\\section" + " " * 1_000_000,
    ";" * 1_000_000,
    "from " + "a" * 1_000_000,
    "from a" + "." * 1_000_000,
]


@pytest.mark.parametrize("language", ["r", "haskell", "python", "c", "cpp", "tex"])
def test_a_megabyte_made_to_slow_the_patterns_takes_no_time(language: str) -> None:
    started = time.process_time()
    for text in HOSTILE:
        both(language, text, extension="tex")
    assert time.process_time() - started < 12
