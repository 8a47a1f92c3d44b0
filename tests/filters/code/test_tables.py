"""What is taken off a file as the rows of tables, and what is left."""

import pytest

from filters.code.tables import is_data_path, is_program, number_density, without_rows

ROWS = "".join(f"    0.{number:04d}, -1.{number:03d}e-05,\n" for number in range(60))


@pytest.mark.parametrize(
    "row",
    [
        "  0.25, -1.5e-3, 0x1F,",
        "weights = np.array([0.1, 0.2])",
        "static const double w[3] = { 1.5, 2.5, 3.5 };",
        '  [103, 56, 21, "BK"],',
        "%!   0   0   6   1  19",
        "## [1] 0.4790561946",
        "x <- c(1.5, 2.5)",
        "  1.5;2.5\r",
    ],
)
def test_a_row_is_numbers_with_what_they_are_given_to(row: str) -> None:
    assert without_rows(f"before(x)\n{row}\nafter(y)\n").split() == ["before(x)", "after(y)"]


@pytest.mark.parametrize("line", ["y = f(x) + 1.5", "if n == 3:", "double f(double x);", "# see section 3.2"])
def test_a_line_of_a_program_is_no_row(line: str) -> None:
    assert line in without_rows(f"a\n{line}\n")


def test_names_and_coefficients_of_formulas_are_no_numbers() -> None:
    assert number_density("float64 x1 uint8 log10") == 0
    assert number_density("p = -1600*p**10*q**10 - 23600*p**7*q**12") < 0.1
    assert number_density("assert f(12345678) == 87654321") > 0.5


def test_a_number_of_many_digits_counts_as_one_of_eighteen() -> None:
    assert number_density("value is " + "7" * 5000) == number_density("value is " + "7" * 18)


def test_a_function_with_its_table_is_a_program_and_the_table_alone_is_not() -> None:
    function = (
        "def f(x):\n    total = 0\n    for c in reversed(TABLE):\n        total = total * x + c\n    return total\n"
    )
    assert is_program("TABLE = [\n" + ROWS + "]\n" + function * 5, "lib/series.py")
    assert not is_program("TABLE = [\n" + ROWS + "]\n", "lib/series.py")


def test_assertions_about_numbers_are_a_test() -> None:
    text = "".join(f"assert ae(fp.e1({n}.5), 0.{n:018d}{n:018d})\n" for n in range(40))
    assert is_program(text, "mp/tests/test_fp.py")


@pytest.mark.parametrize(
    ("path", "is_data"),
    [
        ("pkg/tests/results/results_glm.py", True),
        ("pkg/test_data/a.py", True),
        ("pkg/fixtures/a.jl", True),
        ("pkg/cluster/hierarchy_test_data.py", True),
        ("src/Data/Complex.hs", False),
        ("pkg/database.py", False),
        ("pkg/tests/test_glm.py", False),
    ],
)
def test_folders_and_names_tell_that_a_file_holds_data(path: str, is_data: bool) -> None:
    assert is_data_path(path) is is_data


def test_expected_results_are_data_although_functions_stand_around_them() -> None:
    text = "class Results:\n    def __init__(self):\n        self.params = [\n" + ROWS + "        ]\n"
    assert not is_program(text * 3, "pkg/tests/results/results_glm.py")


def test_a_script_with_what_it_printed_stays_among_results() -> None:
    script = "library(itsmr)\nfit <- yw(lake, 1)\nprint(fit$phi)\n" + "# [1] 0.4790561946 0.4730073172\n" * 6
    assert is_program(script, "pkg/tests/results/fit.R")
