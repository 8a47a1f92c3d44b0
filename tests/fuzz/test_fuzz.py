"""The fuzzer: a seed gives the same bytes, every parser reads its samples, and what is wrong is found."""

import random
import time

import pytest

from tests.fuzz import __main__ as fuzz
from tests.fuzz.breaking import LONGEST, broken
from tests.fuzz.parsers import Parser, parsers


def test_a_seed_gives_the_same_bytes_and_others_give_others() -> None:
    made = [broken(random.Random(seed), b"some bytes of a file" * 9, [b"another"]) for seed in range(40)]
    assert made == [broken(random.Random(seed), b"some bytes of a file" * 9, [b"another"]) for seed in range(40)]
    assert len(set(made)) > 35 and all(len(data) <= LONGEST for data in made)


@pytest.mark.parametrize("one", parsers(None), ids=lambda one: one.name)
def test_sound_samples_are_read_and_a_few_rounds_find_nothing(one: Parser) -> None:
    for sample in one.samples:
        assert one.read(sample)
    for seed in range(5):
        choose = random.Random(seed)
        assert fuzz.finding(one, broken(choose, choose.choice(one.samples), one.samples)) == ""


def test_an_error_of_its_own_is_no_finding_and_any_other_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(data: bytes) -> str:
        if data == b"slow":
            began = time.process_time()
            while time.process_time() - began < 0.05:
                pass
        return {b"own": "x", b"slow": "", b"surrogate": "\ud800"}[data]

    monkeypatch.setattr(fuzz, "SECONDS", 0.02)
    assert fuzz.finding(Parser("p", [], read, ()), b"own") == ""
    assert "KeyError" in fuzz.finding(Parser("p", [], read, ()), b"none")
    assert fuzz.finding(Parser("p", [], read, (KeyError,)), b"none") == ""
    assert "surrogate" in fuzz.finding(Parser("p", [], read, ()), b"surrogate")
    assert "s for 4 bytes" in fuzz.finding(Parser("p", [], read, ()), b"slow")
