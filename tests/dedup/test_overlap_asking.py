"""Which words of an item ask, and what that tells of a document with the same premises."""

import pytest

from dedup.overlap.asking import asks, question_of
from dedup.overlap.words import words_of
from tests.dedup.test_overlap_cases import hits

PREMISES = "Mr. Olsen picked 318 plums and packed them evenly into some crates. If there are 24 plums in each crate, "
TANGENT = "Let $g(t) = 2t^3 - 9t^2 + 12t - 4$. Determine all values of $t$ where the tangent line of $g$ is horizontal."


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Bo has 7 pens. How many pens are left?", "How many pens are left?"),
        ("If a pen costs 3 coins, how many can Bo buy? Round down.", "how many can Bo buy?"),
        ("Is 91 prime?", "Is 91 prime?"),
        ("Let $x=2$. Find $x^2$ and simplify.", "Find $x^2$ and simplify."),
        ("Let $G$ be a group. Prove that it is abelian. Suppose not.", "Prove that it is abelian. Suppose not."),
        ("A group of nine.", ""),
        ("", ""),
    ],
)
def test_what_a_text_asks(text: str, question: str) -> None:
    start, end = question_of(text)
    assert text[start:end] == question


def test_words_that_ask_are_counted_where_they_stand() -> None:
    text = "Zoë has 7 pens. How many are left? Hurry."
    assert asks(text, words_of(text, "exact")) == (4, 8)
    assert asks("Nine pens.", words_of("Nine pens.", "exact")) == (2, 2)


@pytest.mark.kernel
def test_another_question_on_the_same_premises_is_another_problem() -> None:
    item = PREMISES + "how many plums were left unpacked?"
    assert any(hit.counted for hit in hits(item, PREMISES + "how many plums are left unpacked?"))
    other = hits(item, PREMISES + "how many crates of plums are there?")
    assert other
    assert not any(hit.counted for hit in other)


@pytest.mark.kernel
def test_another_formula_under_the_same_words_is_another_problem() -> None:
    longer = hits(
        "Find the antiderivative: $\\int \\cos^4 x \\, dx$", "Find the antiderivative: $\\int x \\cos^4 x \\, dx$"
    )
    assert longer
    assert not any(hit.counted for hit in longer)
    other = hits(TANGENT, TANGENT.replace("2t^3 - 9t^2 + 12t - 4", "\\frac{t+5}{t-3}"))
    assert not any(hit.counted for hit in other)


@pytest.mark.kernel
def test_the_number_of_a_footnote_makes_no_other_formula() -> None:
    item = PREMISES + "how many plums were left unpacked?"
    assert any(hit.counted for hit in hits(item, item.replace("plums and", "plums[^3] and")))
