"""What a scan of lines cannot tell is told by the grammar."""

import pytest

from filters.code.general import SourceFile
from filters.code.registry import judge
from filters.code.syntax import called_imports, is_unparsable, parsed_includes

EIGEN = "#include <Eigen/Dense>\nint main() { return zero(); }\n"


def kept(language: str, text: str) -> bool:
    return judge(language, SourceFile(text, size=len(text)), "corrected", "stack") is None


@pytest.mark.parametrize(
    ("text", "is_kept"),
    [
        (EIGEN, True),
        ("#include <eigen3/Eigen/Dense>\n", True),
        ("#include <unsupported/Eigen/FFT>\n", True),
        ("#include <Eigenvalues/x.h>\n", False),
        ("#if 0\n" + EIGEN + "#endif\n", False),
        ("#if 0\n#else\n" + EIGEN + "#endif\n", True),
        ("#if HAVE_EIGEN\n" + EIGEN + "#endif\n", True),
        ('const char *s = R"(\n#include <Eigen/Dense>\n)";\n', False),
        ("namespace x {\n#if defined(A)\n" + EIGEN + "#endif\n}\n", True),
        ("#include <boost/math/x.hpp>\n/* note */\n", True),
    ],
)
def test_cpp(text: str, is_kept: bool) -> None:
    assert kept("cpp", text) == is_kept


@pytest.mark.parametrize(
    "header", ["petscksp.h", "fftw3-mpi.h", "openblas/cblas.h", "gsl/gsl_sf.h", "fftw3.h", "lapacke.h"]
)
def test_c_libraries_under_all_their_headers(header: str) -> None:
    assert kept("c", f"#include <{header}>\nint main(void) {{ return zero(); }}\n")
    assert kept("c", f'#include "{header}"\n')
    assert not kept("c", f"/* #include <{header}> */\nint main(void) {{ return zero(); }}\n")


def test_other_headers_that_hold_a_librarys_name_are_none() -> None:
    assert not kept("c", '#include "blasphemy.h"\n#include <myfftwrapper.h>\n')


def test_python_imports_by_calls() -> None:
    text = 'importlib.import_module("scipy.linalg")\n__import__("numpy")\nf("x")\n'
    assert sorted(called_imports(text)) == ["numpy", "scipy"]
    assert kept("python", 'import importlib\nla = importlib.import_module("scipy.linalg")\n')
    assert not kept("python", '# import_module("scipy")\nimport os\n')


def test_a_directive_in_a_broken_file_is_found() -> None:
    assert list(parsed_includes("int f( { {\n#include <gsl/gsl_sf.h>\n", "c")) == ["gsl/gsl_sf.h"]


@pytest.mark.parametrize(
    ("language", "text", "senseless"),
    [
        ("python", "def f(x):\n    return x\n", False),
        ("python", "print 'two', x\n", False),
        ("python", "{% for x in ][ %} the <<name>> of ((it && so on\n" * 10, True),
        ("c", "int f(int a) { return a; }\n", False),
        ("c", "The quick (brown] fox ))) jumps } over ;;; the lazy \\ dog.\n" * 10, True),
        ("maple", "][ ][\n", False),
    ],
)
def test_a_file_is_unparsable_where_its_grammar_makes_no_sense_of_most_of_it(
    language: str, text: str, senseless: bool
) -> None:
    assert is_unparsable(text, language) is senseless
