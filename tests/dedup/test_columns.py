"""Which texts are exactly equal, by their bytes and by their normalised text."""

import hashlib

import numpy as np
import pytest

from dedup.columns import Hashed, Texts, hash_texts
from dedup.shingles import Shingler

pytestmark = pytest.mark.kernel


def hashed(*texts: str) -> Hashed:
    data = [text.encode() for text in texts]
    return hash_texts(Shingler(), Texts(np.frombuffer(b"".join(data), np.uint8), np.cumsum([0, *map(len, data)])))


def of_bytes(text: str) -> bytes:
    return hashed("before", text, "behind").bytes_hash[1].astype("<u8").tobytes()


def of_words(text: str) -> bytes:
    return hashed("before", text, "behind").words_hash[1].astype("<u8").tobytes()


def blake2b(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def test_both_hashes_are_blake2b_of_128_bits() -> None:
    assert of_bytes("The  proof.") == blake2b("The  proof.")
    assert of_words("The  proof.") == blake2b("the proof")


def test_case_space_and_punctuation_do_not_count_in_the_normalised_text() -> None:
    assert of_words("The  proof: $x^2$.") == of_words("the proof x 2")
    assert of_words("the proof x2") != of_words("the proof x 2")
    assert of_bytes("The proof") != of_bytes("the proof")


def test_a_command_is_not_the_word_of_its_letters() -> None:
    assert of_words(r"\frac a") != of_words("frac a")


def test_texts_without_words_have_no_normalised_text() -> None:
    assert of_words("---") == of_words("") == bytes(16)
    assert of_bytes("---") != of_bytes("") == blake2b("")
