"""What counts as a word, by example; and that the compiled kernel and the plain rule never differ."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.characters import TABLE, UNICODE_VERSION, Normalisation, render, units
from dedup.shingles import Shingler, as_bytes, reference_hashes, word_hash
from dedup.words import normalised, words

pytestmark = pytest.mark.kernel

NORMALISATIONS: tuple[Normalisation, ...] = ("none", "lower", "folded")


def test_a_latex_command_is_one_word_and_keeps_its_case() -> None:
    assert words(r"Let $\Delta=\frac12$, \alpha_i") == ["let", r"\Delta", r"\frac", "12", r"\alpha", "i"]


def test_a_line_end_of_latex_is_not_the_start_of_a_command() -> None:
    assert words(r"a\\begin b\ c\\\frac") == ["a", "begin", "b", "c", r"\frac"]


def test_scripts_without_spaces_give_a_word_a_letter_and_marks_stay_with_theirs() -> None:
    assert words("証明 ok") == ["証", "明", "ok"]
    assert words("ที่นี่") == ["ที่", "นี่"]
    assert words("हिन्दी भाषा") == ["हिन्दी", "भाषा"]
    assert words("漢字a") == ["漢", "字", "a"]


def test_what_is_invisible_is_not_there() -> None:
    assert words("co\u00adoperate \u2061x\ufe0f") == ["cooperate", "x"]


@pytest.mark.parametrize(
    ("normalisation", "expected"),
    [("none", "Élan 𝑥²"), ("lower", "élan 𝑥²"), ("folded", "elan x2")],
)
def test_each_normalisation_does_what_it_says(normalisation: Normalisation, expected: str) -> None:
    assert normalised("Élan, 𝑥²!", normalisation) == expected


def test_folding_makes_composed_and_decomposed_letters_equal() -> None:
    assert normalised("e\u0301tale", "folded") == normalised("étale", "folded") == "etale"
    assert normalised("e\u0301tale", "lower") != normalised("étale", "lower")


@pytest.mark.compiled
@pytest.mark.skipif(unicodedata.unidata_version != UNICODE_VERSION, reason="another version of Unicode runs")
def test_the_committed_table_is_what_its_generator_writes() -> None:
    assert TABLE.read_text("ascii") == render()


def test_the_table_is_pinned_and_not_the_running_pythons() -> None:
    assert int(units("none")[ord("A")]) & 0x1FFFFF == ord("A")
    assert units("lower")[0x1FAF8] == 0  # given away only in Unicode 15


ALPHABET = "abZ09 \t_\\$.éÉ\u0301漢字กขİſﬁ𝑥２\u200d\u00ad한ß\ud800😀ΑΣς²\n"


def check(raw: bytes, normalisation: Normalisation, n: int) -> None:
    hashes, text = Shingler(n, normalisation)(as_bytes(raw))
    plain = words(raw, normalisation)
    assert bytes(text).decode("utf-8") == " ".join(plain)
    assert hashes.tolist() == reference_hashes(plain, n)


@settings(max_examples=400, deadline=None)
@given(st.text(st.sampled_from(ALPHABET)), st.sampled_from(NORMALISATIONS), st.integers(1, 7))
def test_kernel_equals_rule_on_any_text(text: str, normalisation: Normalisation, n: int) -> None:
    check(text.encode("utf-8", "surrogatepass"), normalisation, n)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(), st.text().map(lambda text: text.encode()[1:-1])), st.sampled_from(NORMALISATIONS))
def test_kernel_equals_rule_on_bytes_that_are_not_utf8(raw: bytes, normalisation: Normalisation) -> None:
    check(raw, normalisation, 3)


@pytest.mark.parametrize("length", [1, 7, 8, 9, 15, 16, 17, 24, 25, 1000])
def test_words_of_every_length_hash_alike_in_kernel_and_rule(length: int) -> None:
    check(("x" * length + " " + "\\" + "y" * length + " ü" + "z" * length).encode(), "lower", 1)


PIECES = (
    "a",
    "Bc7",
    " ",
    "-",
    "\n",
    "\\",
    "\\\\",
    r"\frac",
    "é",
    "漢",
    "\u0301",
    "x" * 9,
    "y" * 17,
    "z" * 70,
    " " * 63,
    "\ud800",
)


@pytest.mark.compiled
@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=20, max_size=300).map("".join), st.integers(0, 64))
def test_kernel_equals_rule_across_blocks_of_64_bytes(text: str, shift: int) -> None:
    check(("q" * shift + text).encode("utf-8", "surrogatepass"), "lower", 3)


def test_a_span_sees_nothing_outside_itself() -> None:
    data = as_bytes("alpha beta gamma")
    hashes, text = Shingler(1).span(data, 2, 9)
    assert bytes(text) == b"pha bet"
    assert hashes.tolist() == reference_hashes(["pha", "bet"], 1)


def test_one_word_is_one_shingle_and_no_word_is_none() -> None:
    shingler = Shingler(5)
    assert shingler(as_bytes("One!"))[0].tolist() == reference_hashes(["one"], 5)
    assert len(shingler(as_bytes(""))[0]) == 0
    assert len(shingler(as_bytes(" -- \ud800 ++ "))[0]) == 0


@pytest.mark.compiled
def test_ten_million_equal_words_are_one_shingle() -> None:
    hashes, _ = Shingler(5)(as_bytes("na " * 10_000_000))
    assert len(hashes) == 10_000_000 - 4
    assert np.all(hashes == hashes[0])


def test_word_hashes_of_neighbours_differ() -> None:
    many = [f"x{number}" for number in range(100_000)] + ["a" * length for length in range(1, 300)]
    assert len({word_hash(word) for word in many}) == len(many)


@pytest.mark.compiled
def test_shingle_hashes_collide_no_more_than_chance() -> None:
    text = " ".join(f"{number} {number % 97} {number % 89}" for number in range(100_000))
    hashes, _ = Shingler(5)(as_bytes(text))
    expected = len(hashes) ** 2 / 2 / 2**32
    assert len(hashes) - len(np.unique(hashes)) < expected + 6 * expected**0.5
