"""The suite of random faults: its events come from a seed, and a build that is hit ends with the same bytes."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from manifests.ledger import LEDGER_FOLDER
from pipelines.engine.engine import Engine
from tests.chaos.beginning import begin
from tests.chaos.damage import KINDS, damage
from tests.chaos.disturbed import FAULTY, FULL, STEPS, Event, children_of, ending, entries_of, event, step_of
from tests.chaos.disturbed import KINDS as EVENTS
from tests.chaos.faulty_server import serving_files
from tests.chaos.small_build import build, digests, from_server, make_input
from tests.chaos.small_disk import allowed, small
from tests.pipelines.engine.inline_engine import InlineEngine

ROOT = Path(__file__).parents[2]


def test_a_seed_gives_the_same_events() -> None:
    assert [event(random.Random(5)) for _ in range(3)] == [event(random.Random(5)) for _ in range(3)]
    assert {event(random.Random(seed)).kind for seed in range(90)} == set(EVENTS)


def test_every_step_of_a_build_keeps_entries_and_is_met_by_events(tmp_path: Path) -> None:
    make_input(tmp_path, files=3, rows=8)
    entries = entries_of(build(tmp_path, "whole", InlineEngine()))
    assert [step for step, number in entries.items() if not number] == []
    kept = {path.name for path in (tmp_path / "whole" / LEDGER_FOLDER).iterdir() if path.is_dir()}
    assert kept == set(STEPS)
    assert {event(random.Random(seed)).step for seed in range(200)} == set(STEPS)
    assert step_of(tmp_path / "none", entries) == "fetch"
    assert step_of(tmp_path / "whole", entries) == "end"


def test_every_damage_changes_a_file(tmp_path: Path) -> None:
    choose, seen = random.Random(1), set()
    for _ in range(60):
        path = tmp_path / "a"
        path.write_bytes(b"some bytes of a file")
        seen.add(damage(path, choose))
        assert not path.exists() or path.read_bytes() != b"some bytes of a file"
    assert seen == set(KINDS)


def test_workers_are_found_although_they_are_forks_without_a_name_of_their_own(tmp_path: Path) -> None:
    make_input(tmp_path, files=3, rows=8)
    build_at_work = begin(tmp_path, "out", 2)
    while build_at_work.poll() is None and not (workers := children_of(children_of([build_at_work.pid]))):
        time.sleep(0.02)
    build_at_work.end()
    assert 1 <= len(workers) <= 2


def test_the_suite_counts_what_it_did_and_where(tmp_path: Path) -> None:
    words = ["--events", "3", "--seed", "4", "--workers", "1"]
    command = [sys.executable, "-m", "tests.chaos", *words]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 events in" in done.stdout
    assert "0 ended wrong" in done.stdout


@pytest.mark.parametrize(
    "kind", ["kill a worker", "kill the largest worker", "kill all workers", "kill the build", "stop the build"]
)
def test_a_build_that_is_hit_ends_with_the_same_bytes(tmp_path: Path, kind: str) -> None:
    make_input(tmp_path, files=3, rows=8)
    expected = digests(build(tmp_path, "whole", Engine()))
    end = ending(tmp_path, "out", 2, Event(kind, "keys", 0.3), entries_of(tmp_path / "whole"), random.Random(1))
    assert end.trouble == ""
    assert end.step
    assert digests(tmp_path / "out") == expected


def test_a_build_whose_server_fails_ends_with_the_same_bytes(tmp_path: Path) -> None:
    make_input(tmp_path, files=3, rows=8)
    with serving_files(tmp_path / "rows", random.Random(3)) as (server, faulty):
        from_server(tmp_path, f"{server.url}/all.paths")
        expected = digests(build(tmp_path, "whole", Engine()))
        asked = len(server.requests)
        faulty.set()
        assert ending(tmp_path, "out", 1, Event(FAULTY, "fetch", 0), {}, random.Random(1)).trouble == ""
        assert len(server.requests) > 2 * asked, "no fault was met"
    assert digests(tmp_path / "out") == expected


@pytest.mark.skipif(not allowed(), reason="a file system of one's own needs the right to mount")
def test_a_build_whose_disk_is_full_says_so_and_goes_on_where_there_is_room(tmp_path: Path) -> None:
    make_input(tmp_path, files=3, rows=8)
    expected = digests(build(tmp_path, "whole", Engine()))
    with small(tmp_path / "out", 100_000):
        assert ending(tmp_path, "out", 1, Event(FULL, "fetch", 0), {}, random.Random(1)).trouble == ""
        assert digests(tmp_path / "out") == expected
