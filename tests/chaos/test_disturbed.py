"""The suite of random faults: its events come from a seed, and a build that is hit ends with the same bytes."""

import random
import time
from pathlib import Path

import pytest

from pipelines.engine.engine import Engine
from tests.chaos.damage import KINDS, damage
from tests.chaos.disturbed import Event, ends_well, event
from tests.chaos.small_build import build, digests, make_input


def test_a_seed_gives_the_same_events() -> None:
    assert [event(random.Random(5)) for _ in range(3)] == [event(random.Random(5)) for _ in range(3)]
    assert len({event(random.Random(seed)).kind for seed in range(60)}) == 6


def test_every_damage_changes_a_file(tmp_path: Path) -> None:
    choose, seen = random.Random(1), set()
    for _ in range(60):
        path = tmp_path / "a"
        path.write_bytes(b"some bytes of a file")
        seen.add(damage(path, choose))
        assert not path.exists() or path.read_bytes() != b"some bytes of a file"
    assert seen == set(KINDS)


@pytest.mark.parametrize("kind", ["kill all workers", "kill the build", "stop the build"])
def test_a_build_that_is_hit_ends_with_the_same_bytes(tmp_path: Path, kind: str) -> None:
    make_input(tmp_path, files=3, rows=8)
    began = time.monotonic()
    expected = digests(build(tmp_path, "whole", Engine()))
    seconds = time.monotonic() - began
    assert ends_well(tmp_path, "out", 2, Event(kind, 0.6), seconds, random.Random(1)) == ""
    assert digests(tmp_path / "out") == expected
