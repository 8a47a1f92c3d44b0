"""The rule on size and digits that every language starts with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.code.general import (
    TEXT_MAX_SIZE,
    PublishedCrash,
    SourceFile,
    beginning,
    character_counts,
    general,
    numerical_density,
)


def refused(text: str, rules: str, **limits: object) -> str | None:
    verdict = general(SourceFile(text), rules, **limits)  # type: ignore[arg-type]
    return verdict.reason if verdict else None


@pytest.mark.parametrize("rules", ["published", "corrected"])
def test_keeps_an_ordinary_file(rules: str) -> None:
    assert refused("def f(x):\n    return x + 1\n", rules) is None


@pytest.mark.parametrize("rules", ["published", "corrected"])
def test_size_counts_bytes_of_utf8_and_the_limit_itself_is_allowed(rules: str) -> None:
    assert refused("é" * (TEXT_MAX_SIZE // 2) + "a", rules) is None
    assert refused("é" * (TEXT_MAX_SIZE // 2) + "ab", rules) == "too_large"


def test_published_density_is_digits_over_all_visible_characters() -> None:
    assert numerical_density("12 ab", "published") == 0.5
    assert refused("12 ab", "published") is None
    assert refused("123 ab", "published") == "digits"


def test_corrected_density_is_digits_over_other_characters_as_the_original_comment_says() -> None:
    assert numerical_density("12 abcd", "corrected") == 0.5
    assert refused("12 abcd", "corrected") is None
    assert refused("12 abc", "corrected") == "digits"
    assert refused("1 2 3", "corrected") == "digits"


def test_only_ascii_digits_count() -> None:
    assert refused("٣٤٥ a", "published") is None


def test_published_stack_rules_crash_on_blank_files_and_repository_rules_do_not() -> None:
    with pytest.raises(PublishedCrash):
        refused(" \n\t\u2003", "published")
    assert refused(" \n", "published", blank_crashes=False) is None
    assert refused(" \n", "corrected") == "empty"
    assert refused("\ufeff\n", "corrected") == "empty"


def test_a_byte_order_mark_hides_a_beginning_from_published_rules_only() -> None:
    assert beginning("\ufeff\n<?xml", "published").startswith("\ufeff")
    assert beginning("\ufeff\n<?xml", "corrected") == "<?xml"


@given(st.text(max_size=200))
def test_counts_are_those_of_the_original_formula(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    visible = "".join(text.split())
    assert character_counts(text) == (sum(visible.count(digit) for digit in "0123456789"), len(visible))


TABLE = "static const double c[] = {\n" + "  -1.2345678901234567e-05, 2.3456789012345678,\n" * 20 + "};\n"
FUNCTION = "/* The series by the recurrence of its terms. */\ndouble f(double x) {\n  return chebyshev(c, x);\n}\n"


class TestTables:
    def test_coefficients_between_code_are_no_reason_to_turn_a_file_away(self) -> None:
        text = TABLE + FUNCTION * 3
        assert general(SourceFile(text), "corrected") is None
        refused = general(SourceFile(text), "published")
        assert refused is not None
        assert refused.reason == "digits"

    def test_a_table_with_hardly_any_code_is_data(self) -> None:
        refused = general(SourceFile(TABLE * 5 + FUNCTION), "corrected")
        assert refused is not None
        assert refused.reason == "digits"

    def test_digits_between_words_count_as_before(self) -> None:
        refused = general(SourceFile("x12345678 = f9876543(1234567)\n" * 30), "corrected")
        assert refused is not None
        assert refused.reason == "digits"
