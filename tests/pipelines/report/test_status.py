"""How far a build is: from its ledger, its workspaces and the noted plan."""

import os
import time
from pathlib import Path

import pytest

from manifests.ledger import Entry, entry_path, write_entry
from manifests.mirror import opened
from manifests.notes import note
from pipelines.engine.spending import Spending, spent
from pipelines.report import status as module
from pipelines.report.status import lines, plan_noted, span, status


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Three of nine units of `extract`, a minute apart, one under way."""
    for number in range(3):
        write_entry(tmp_path, Entry("extract", f"u{number}", "s", "f", 10, 8, failed=1, rejected={"short": 1}))
        os.utime(entry_path(tmp_path, "extract", f"u{number}"), (1000 + 60 * number,) * 2)
    plan_noted(tmp_path, "extract", 9)
    plan_noted(tmp_path, "filter", 4)
    note(tmp_path, "spent/extract/host-1-a", '{"seconds": 5400.0, "units": 3, "at": "u3"}')
    note(tmp_path, "spent/extract/host-2-b", '{"seconds": 1800.0, "units": 0, "at": "u2"}')
    return tmp_path


def test_a_stage_under_way(corpus: Path) -> None:
    extract, filtering = status(corpus)
    assert (extract.units, extract.planned, extract.running) == (3, 9, 1)
    assert (extract.read, extract.kept, extract.failed) == (30, 24, 3)
    assert (extract.units_a_minute, extract.seconds_left) == (1.0, 360.0)
    assert (filtering.units, filtering.planned, filtering.seconds_left) == (0, 4, None)


def test_the_table_says_so(corpus: Path) -> None:
    head, extract, filtering, costs = lines(corpus, now=1180, price=0.05)
    assert head.split()[:2] == ["stage", "units"]
    assert "3 of 9" in extract and extract.endswith("1.0 min ago, 6.0 min left")
    assert "0 of 4" in filtering
    assert " 2.0 h " in extract
    assert costs == "so far 2.0 h of one core, 0.10 at 0.05 an hour of a core"


def test_what_units_cost_is_noted_by_the_process_that_does_them(tmp_path: Path) -> None:
    spending = Spending()
    with spending.unit(tmp_path, "extract", "a"):
        assert [note.at for note in spent(tmp_path)["extract"]] == ["a"]
        until = time.process_time() + 0.2
        while time.process_time() < until:
            pass
    with pytest.raises(KeyError), spending.unit(tmp_path, "extract", "b"):
        raise KeyError
    [one] = spent(tmp_path)["extract"]
    assert (one.units, one.at) == (2, "")
    assert 0.2 <= one.seconds < 5


def test_a_corpus_in_a_bucket_tells_the_same(endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    root = opened("s3://corpora/a/corpus", part=True)
    plan_noted(root, "extract", 2)
    write_entry(root, Entry("extract", "u0", "s", "f", 10, 10))
    with Spending().unit(root, "extract", "u1"):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another machine"))
        [one] = status(opened("s3://corpora/a/corpus", part=True))
    assert (one.units, one.planned, one.running, one.read) == (1, 2, 1, 10)
    assert one.last > 1e9


def test_in_a_bucket_who_said_where_it_is_a_moment_ago_is_at_work(endpoint: str) -> None:
    root = opened("s3://corpora/a/corpus")
    plan_noted(root, "extract", 3)
    cost = Spending()
    for number in range(2):
        with cost.unit(root, "extract", f"u{number}"):
            write_entry(root, Entry("extract", f"u{number}", "s", "f", 10, 10))
    [one] = status(opened("s3://corpora/a/corpus", part=True))
    assert (one.units, one.running) == (2, 1), "its note still names the first unit, which is done"
    write_entry(root, Entry("extract", "u2", "s", "f", 10, 10))
    [one] = status(opened("s3://corpora/a/corpus", part=True))
    assert (one.units, one.running) == (3, 0)


def test_of_very_many_units_a_sample_is_read(endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    root = opened("s3://corpora/a/corpus", part=True)
    for number in range(10):
        write_entry(root, Entry("extract", f"u{number}", "s", "f", 10, 8, failed=2))
    plan_noted(root, "extract", 20)
    monkeypatch.setattr(module, "MOST_READ", 4)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another machine"))
    there = opened("s3://corpora/a/corpus", part=True)
    [one] = status(there)
    assert (one.units, one.planned, one.read, one.kept, one.failed, one.whole) == (10, 20, 100, 80, 20, False)
    assert len(list((there / "ledger/extract").iterdir())) == 4
    assert "~100" in list(lines(there))[1]


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (59, "59 s"), (90, "1.5 min"), (7200, "2.0 h"), (2e5, "2.3 d")]
)
def test_times_as_people_say_them(seconds: float, words: str) -> None:
    assert span(seconds) == words
