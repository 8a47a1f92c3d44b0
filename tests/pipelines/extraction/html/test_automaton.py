"""Many words in one pass: found exactly where Python's own search finds them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.extraction.html.automaton import Automaton
from pipelines.extraction.pages.source import readable

pytestmark = pytest.mark.kernel

WORDS = (b"math", b"mathjax", b"jax", b"tex", b"latex", b"data-tex", b"a", b" ad ")
ANY = Automaton((word, number) for number, word in enumerate(WORDS))
PARTS = st.sampled_from([*WORDS, b"MathJax", b"m", b"x", b" ", b"-", b"KaTeX", b"\xff"])


@settings(deadline=None)
@given(st.lists(PARTS, max_size=12).map(b"".join))
def test_finds_what_a_search_for_each_word_finds(data: bytes) -> None:
    expected = sum(1 << number for number, word in enumerate(WORDS) if word in data.lower())
    assert ANY.found(np.frombuffer(data, np.uint8)) == expected


def test_finds_a_word_that_stands_between_two_of_the_parts_read_side_by_side() -> None:
    for place in range(60):
        data = b"." * place + b"mathjax" + b"." * (60 - place)
        assert ANY.found(np.frombuffer(data, np.uint8)) & 1 << WORDS.index(b"mathjax")


def test_a_word_may_have_several_numbers_and_a_number_several_words() -> None:
    automaton = Automaton([(b"tex", 0), (b"tex", 63), (b"mathjax", 63)])
    found = [automaton.found(np.frombuffer(data, np.uint8)) for data in (b"LaTeX", b"<MathJax>", b"te x")]
    assert found == [1 | 1 << 63, 1 << 63, 0]


def test_reserved_characters_and_line_ends_become_readable() -> None:
    page = "a\x00b\x0cc\x01d\ue000e⸨1⸩f&#12;g&#x2E28;h\r\ni\rj".encode()
    assert readable(page).decode() == "a b cd e((1))f g((h\ni\nj"
