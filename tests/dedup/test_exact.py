"""Which texts are exactly equal, by their bytes and by their normalised text."""

import hashlib

from dedup.exact import NO_WORDS, exact_hash, normalised_hash
from dedup.shingles import Shingler, as_bytes


def normal(text: str) -> bytes:
    return normalised_hash(Shingler()(as_bytes(text))[1])


def test_the_hash_is_blake2b_of_128_bits() -> None:
    assert exact_hash(b"proof") == hashlib.blake2b(b"proof", digest_size=16).digest()


def test_case_space_and_punctuation_do_not_count_in_the_normalised_text() -> None:
    assert normal("The  proof: $x^2$.") == normal("the proof x 2")
    assert normal("the proof x2") != normal("the proof x 2")
    assert exact_hash(b"The proof") != exact_hash(b"the proof")


def test_a_command_is_not_the_word_of_its_letters() -> None:
    assert normal(r"\frac a") != normal("frac a")


def test_texts_without_words_have_no_normalised_text() -> None:
    assert normal("---") == normal("") == NO_WORDS
