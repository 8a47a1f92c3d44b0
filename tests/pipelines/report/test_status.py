"""How far a build is: from its ledger, its workspaces and the noted plan."""

import os
from pathlib import Path

import pytest

from manifests.ledger import Entry, entry_path, write_entry
from manifests.writing import Workspace
from pipelines.report.status import lines, plan_noted, span, status


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Three of nine units of `extract`, a minute apart, one under way."""
    for number in range(3):
        write_entry(tmp_path, Entry("extract", f"u{number}", "s", "f", 10, 8, failed=1, rejected={"short": 1}))
        os.utime(entry_path(tmp_path, "extract", f"u{number}"), (1000 + 60 * number,) * 2)
    plan_noted(tmp_path, "extract", 9)
    plan_noted(tmp_path, "filter", 4)
    Workspace(tmp_path, "extract", "u3")
    return tmp_path


def test_a_stage_under_way(corpus: Path) -> None:
    extract, filtering = status(corpus)
    assert (extract.units, extract.planned, extract.running) == (3, 9, 1)
    assert (extract.read, extract.kept, extract.failed) == (30, 24, 3)
    assert (extract.units_a_minute, extract.seconds_left) == (1.0, 360.0)
    assert (filtering.units, filtering.planned, filtering.seconds_left) == (0, 4, None)


def test_the_table_says_so(corpus: Path) -> None:
    head, extract, filtering = lines(corpus, now=1180)
    assert head.split()[:2] == ["stage", "units"]
    assert "3 of 9" in extract and extract.endswith("1.0 min ago, 6.0 min left")
    assert "0 of 4" in filtering


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (59, "59 s"), (90, "1.5 min"), (7200, "2.0 h"), (2e5, "2.3 d")]
)
def test_times_as_people_say_them(seconds: float, words: str) -> None:
    assert span(seconds) == words
