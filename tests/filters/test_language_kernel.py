"""Which words of a text are a language's: the kernel keeps what the rule, said word by word in Python, keeps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.language_kernel import ALONE, KINDS, MARKS, SYMBOLS, keep_words

pytestmark = pytest.mark.kernel


def kept(text: str) -> str:
    data = np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)
    out = np.empty(len(data), np.uint8)
    return out[: keep_words(data, KINDS, out)].tobytes().decode("utf-8", "surrogatepass")


def is_word(word: str) -> bool:
    if "://" in word or "@" in word:
        return False
    if not word.isascii():
        return True
    bare = word.strip(MARKS.decode())
    return bool(bare) and not set(bare) & set(SYMBOLS.decode()) and (len(bare) > 1 or bare in ALONE.decode())


@pytest.mark.parametrize("word", ["a", "I", "it.", "(sets)", "don't", "naïve", "x₁", "“so”", "semi-open", "и"])
def test_words_stay(word: str) -> None:
    assert kept(f" {word}\n") == word


@pytest.mark.parametrize(
    "word", ["x", "(n)", "...", "2nd", "a=b", "f(x)", "C++", "me@there", "http://a.org", "é@b", "_", "ж://"]
)
def test_pieces_of_formulas_and_programs_and_addresses_go(word: str) -> None:
    assert kept(f"one {word} two") == "one two"


def test_an_empty_text_has_no_word() -> None:
    assert kept("") == ""
    assert kept(" \u3000\u2003\xa0 ") == ""


def test_every_white_space_beyond_ascii_parts_words_and_nothing_else_does() -> None:
    for character in map(chr, range(0x80, 0x3100)):
        assert kept(f"one{character}two") == " ".join(f"one{character}two".split()), hex(ord(character))


@pytest.mark.parametrize("blank", ["\x85", "\xa0", "\u1680", "\u2003", "\u205f", "\u3000"])
def test_a_white_space_cut_at_the_end_belongs_to_its_word(blank: str) -> None:
    whole = blank.encode()
    for cut in range(1, len(whole)):
        data = np.frombuffer(b"word" + whole[:cut], np.uint8)
        out = np.empty(len(data), np.uint8)
        assert out[: keep_words(data, KINDS, out)].tobytes() == data.tobytes()


_PIECES = st.sampled_from(
    [*"aIxé\u2028\u00a0\u3000\u1680\u205f\u202f\u200b\x85\x1c \n\t.,()\"'“”$1@:/-𝑥", "word", "://", "\ud800"]
)


@given(st.one_of(st.lists(_PIECES).map("".join), st.text()))
def test_the_kernel_keeps_what_the_rule_keeps(text: str) -> None:
    assert kept(text) == " ".join(filter(is_word, text.split()))
