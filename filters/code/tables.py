"""What of a source file is numbers written down, and what is program: the `corrected` side of the rule on digits.

The published rule counts every digit, so that special functions, quadrature rules and tests go with the data. Here
rows of tables and of literal lists are taken off first, whatever they are assigned to, and only digits of numbers
count (not those of `float64` or `x1`, nor the coefficients of formulas). What is left must be a program of some size.
A file of assertions is a test and stays, as the published rule for large Julia files has it (`julia_filter` in
process_stack.py); files whose path says that they hold data (linguist's `vendor.yml` lists such folders) get no leave.
`tests.benchmarks.code_decisions` compares with 300 files that were read.
"""

import re

LEAST_CODE = 0.15
"""Share of a file's visible characters that must be left without its tables."""
MAX_CODE_DENSITY = 0.5
"""Digits of numbers to other characters in what is left; the bound of the published general rule."""
TEST_SHARE = 0.1
"""Share of lines with assertions from which a file is a test (`JULIA_TEST_RATIO` in process_stack.py)."""
MAX_NUMBER = 18
"""Digits of one number that count: a longer one is no more data than a number of machine words."""

_LITERALS = (
    r"(?P<literals>(?>(?:0[xX][\da-fA-F]++|[\da-fA-F]{16,}+|\d[\d.]*+(?:[eEdD][-+]?\d++)?[jJLUlfF]{0,3}"
    r"|[-+.,;{}()\[\] \t\r\\&|:_*/<>]|\"[^\"\n]{0,40}\"|'[^'\n]{0,40}'|[\"'])*))"
)
_COMMENT = r"(?>(?:%!|//|--|[#%!*>]{1,2})?)"
_ROW = re.compile(
    rf"^[ \t]*+{_COMMENT}[ \t]*+"
    # A name that the row is given to, and calls around it: `x = np.array([`, `static const double w[3] = {`.
    r"(?:[A-Za-z_][\w.$\"'\[\]()*&, \t]{0,60}?(?::=|=|:|<-|<<)[ \t]*+)?(?>(?:[A-Za-z_][\w.]{0,30}\([ \t]*+){0,3})"
    rf"{_LITERALS}$",
    re.MULTILINE,
)
_PRINTED = re.compile(rf"^[ \t]*+(?://|--|[#%!*>]){{1,2}}{_LITERALS}$", re.MULTILINE)
_NAME_OR_FORMULA = re.compile(
    r"[A-Za-z_]\w*+|\d[\d.]*+(?>(?:[eEdD][-+]?\d+)?)(?=[ \t]*+[*^/])|(?<=[*^/])[ \t]*+\d[\d.]*+"
)
_OPENS = ("[", "(", "{", "=")
"""Ends of a line whose numbers stand in the lines that follow."""
_LONG_NUMBER = re.compile(rf"(?<=\d{{{MAX_NUMBER}}})\d++")
_DIGIT = re.compile(r"\d")
_ASSERTION = re.compile(
    r"\bassert|\b(?:def|function)[ \t]++_?test|\b[A-Z]*(?:TEST|CHECK|VERIFY|EXPECT|ASSERT)[A-Z_]*\(|@test\b"
    r"|^gap>|^%!|\braises\(|\bae\(",
    re.MULTILINE | re.IGNORECASE,
)
_ASSERTION_WORDS = ("assert", "test", "check", "verify", "expect", "gap>", "%!", "raises(", "ae(")
_DATA_PATH = re.compile(
    r"(?:^|/)(?:fixtures?|\w*test_?data|results|expected|golden|datapkg|data)/"
    r"|(?:^|/)(?:results?_\w+|\w+_(?:results?|data|fixtures?))\.\w+\Z"
)


def without_rows(text: str) -> str:
    """`text` without the rows of its tables and lists of literals, labels of rows and calls around them included."""
    return _ROW.sub(
        lambda row: "" if _DIGIT.search(row["literals"]) or row[0].rstrip().endswith(_OPENS) else row[0], text
    )


def is_row(line: str) -> bool:
    """Whether a line may be a row that `without_rows` takes off."""
    return _DIGIT.search(line) is not None or line.rstrip().endswith(_OPENS)


def is_data_path(path: str) -> bool:
    """Whether a file's path says that it holds data, fixtures or expected results."""
    return _DATA_PATH.search(path) is not None


def visible(text: str) -> int:
    """The number of characters that are no blank space."""
    return sum(map(len, text.split()))


def is_program(text: str, path: str) -> bool:
    """Whether a file with many digits is a program, with tables in it perhaps, or a test."""
    if is_data_path(path):
        return _density(_PRINTED.sub("", text)) <= MAX_CODE_DENSITY
    code = without_rows(text)
    lines = sum(1 for line in code.split("\n") if line.strip())
    if lines and _assertions(code) >= TEST_SHARE * lines:
        return True
    return visible(code) >= LEAST_CODE * visible(text) and number_density(code) <= MAX_CODE_DENSITY


def _assertions(code: str) -> int:
    """The number of lines with assertions."""
    small = code.lower()
    if not any(word in small for word in _ASSERTION_WORDS):
        return 0
    count, next_line = 0, 0
    while (found := _ASSERTION.search(code, next_line)) is not None:
        count += 1
        next_line = code.find("\n", found.end()) + 1
        if not next_line:
            break
    return count


def number_density(code: str) -> float:
    """Digits of numbers to other visible characters, names and the coefficients of formulas aside."""
    return _density(_LONG_NUMBER.sub("", _NAME_OR_FORMULA.sub("x", code)))


def _density(text: str) -> float:
    digits = len(_DIGIT.findall(text))
    others = visible(text) - digits
    return digits / others if others else float(digits > 0)
