"""What counts as a formula, what is money, and what hostile text costs."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.formulas import formula_spans, without_formulas


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Let $x$ be even.", "Let   be even."),
        ("Then $$x^2 = 1$$ follows.", "Then   follows."),
        (r"By \(a\) and \[b\] we see.", "By   and   we see."),
        ("Pairs $a$$b$ touch.", "Pairs    touch."),
        ("Old style $ x_1 $ too.", "Old style   too."),
        (r"So \begin{align*}a &= b\\ c &= d\end{align*} holds.", "So   holds."),
        (r"\begin{equation}\begin{split}a\end{split}\end{equation}!", " !"),
        (r"$$a \text{ where $b$ is } c$$ end", "  end"),
    ],
)
def test_takes_the_formula_and_leaves_the_prose(text: str, left: str) -> None:
    assert without_formulas(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5 and then $10 more.",
        "From $5-$10 to $20.",
        r"An escaped \$5 and \$x\$ stay.",
        "US$ 5 or a lone $ sign.",
        "One $x\n\nand another$ paragraph.",
        r"\begin{theorem}Every group is a set.\end{theorem}",
        r"\end{equation} without a beginning, \begin{equation} without an end",
        "Shell: echo $$",
        "$$$$$$$$",
    ],
)
def test_leaves_what_is_no_formula(text: str) -> None:
    assert without_formulas(text) == text


def test_a_stray_dollar_does_not_eat_the_next_formula() -> None:
    assert without_formulas("A $5 note and $x$ too") == "A $5 note and   too"


def test_a_formula_with_an_escaped_dollar_is_whole() -> None:
    assert without_formulas(r"Pay $c = \$5$ now") == "Pay   now"


@given(st.text(alphabet="$\\ab1 \n()[]{}"))
def test_spans_are_ordered_disjoint_and_inside(text: str) -> None:
    end = 0
    for first, last in formula_spans(text):
        assert end <= first < last <= len(text)
        end = last


@given(st.text(alphabet="ab. \n1"))
def test_text_without_delimiters_is_untouched(text: str) -> None:
    assert without_formulas(text) == text


@pytest.mark.parametrize("unit", ["$", "$ ", "$a", "$$a", "{", "\\", "\\[", "\\begin{align}", "\n ", "\n\n$"])
def test_hostile_text_costs_no_more_than_its_length(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        started = time.process_time()
        without_formulas(text)
        return time.process_time() - started

    assert seconds(1_000_000) < 20 * seconds(100_000) + 0.5
