"""The 2,048-character rule: what counts as a piece, and who goes."""

import hashlib
import random
from collections import Counter
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from filters.code.chunks import CHUNK_CHARACTERS, ChunkDuplicate, ChunkedFile, chunk_duplicates, chunk_hashes
from manifests.records import Rules

RULES: tuple[Rules, ...] = get_args(Rules)
A, B, C = ("".join(random.Random(seed).choices("abcdefgh é", k=CHUNK_CHARACTERS)) for seed in "ABC")


def gone(texts: dict[str, str], rules: Rules) -> list[str]:
    files = [ChunkedFile(name, chunk_hashes(text, rules)) for name, text in texts.items()]
    return [found.id for found in chunk_duplicates(files, rules)]


def test_a_piece_is_2048_characters_hashed_with_sha256() -> None:
    assert chunk_hashes(A + B, "published") == [hashlib.sha256(piece.encode()).digest() for piece in (A, B)]


def test_published_ignores_the_rest_of_a_long_text_but_takes_a_short_text_whole() -> None:
    assert len(chunk_hashes(A + "rest", "published")) == 1
    assert len(chunk_hashes("short", "published")) == 1
    assert chunk_hashes("", "published") == chunk_hashes("", "corrected") == []


def test_corrected_takes_the_last_2048_characters_for_the_rest() -> None:
    rest = hashlib.sha256((A + "rest")[-CHUNK_CHARACTERS:].encode()).digest()
    assert chunk_hashes(A + "rest", "corrected") == [*chunk_hashes(A, "published"), rest]
    # A newline at the end of two files is nothing that they share.
    assert gone({"1": A + "\n", "2": B + "\n"}, "corrected") == []


def test_one_shared_piece_is_enough_for_published() -> None:
    assert gone({"1": A + B, "2": A + C, "3": C + B}, "published") == ["2", "3"]


def test_pieces_of_a_file_that_goes_still_count_against_later_ones() -> None:
    assert gone({"1": A, "2": A + B, "3": B}, "published") == ["2", "3"]
    assert gone({"1": A, "2": A + B, "3": B}, "corrected") == ["2"]


def test_published_drops_a_file_that_repeats_itself() -> None:
    assert gone({"1": A + A}, "published") == ["1"]
    assert gone({"1": A + A}, "corrected") == []


def test_corrected_wants_half_of_the_file() -> None:
    assert gone({"1": A, "2": A + B + C}, "published") == ["2"]
    assert gone({"1": A, "2": A + B + C}, "corrected") == []
    assert gone({"1": A + B, "2": A + B + C}, "corrected") == ["2"]


def test_a_duplicate_names_the_file_it_repeats_and_how_much() -> None:
    files = [ChunkedFile("1", chunk_hashes(A + B, "published")), ChunkedFile("2", chunk_hashes(B + C, "published"))]
    assert list(chunk_duplicates(files, "published")) == [ChunkDuplicate("2", "1", 0.5)]


@given(st.lists(st.lists(st.sampled_from([A, B, C, "x"]), max_size=4).map("".join), max_size=6), st.sampled_from(RULES))
def test_pieces_that_no_other_file_has_need_only_be_counted(texts: list[str], rules: Rules) -> None:
    files = [ChunkedFile(number, chunk_hashes(text, rules)) for number, text in enumerate(texts)]
    count = Counter(piece for file in files for piece in file.hashes)
    known = [[piece for piece in file.hashes if count[piece] > 1] for file in files]
    short = [ChunkedFile(f.id, some, len(list(f.hashes)) - len(some)) for f, some in zip(files, known, strict=True)]
    assert list(chunk_duplicates(short, rules)) == list(chunk_duplicates(files, rules))


def original(texts: list[str]) -> set[int]:
    """The published rule, said as directly as it can be."""
    seen: set[str] = set()
    out = set()
    for number, text in enumerate(texts):
        for start in range(0, len(text), CHUNK_CHARACTERS):
            piece = text[start : start + CHUNK_CHARACTERS]
            if len(piece) == CHUNK_CHARACTERS or len(piece) == len(text):
                if piece in seen:
                    out.add(number)
                seen.add(piece)
    return out


@given(st.lists(st.lists(st.sampled_from([A, B, C, "x"]), max_size=4).map("".join), max_size=6))
def test_published_agrees_with_the_rule_said_directly(texts: list[str]) -> None:
    found = gone({str(number): text for number, text in enumerate(texts)}, "published")
    assert {int(name) for name in found} == original(texts)
