"""A machine that brings a part of a ledger knows which units have an entry, and brings those that it asks for."""

from pathlib import Path

import pytest

from manifests import ledger, mirror, partly, store
from manifests.ledger import Entry, write_entry

ADDRESS = "s3://corpora/part/corpus"
UNITS = [f"u{number}" for number in range(5)]


@pytest.fixture
def elsewhere(endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The corpus as a machine sees it that begins, when five units of `extract` were done on another."""
    root = mirror.opened(ADDRESS)
    for unit in UNITS:
        write_entry(root, Entry("extract", unit, "a", "mark", 3, 3))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "elsewhere"))
    return mirror.opened(ADDRESS, part=True)


def test_which_units_have_an_entry_is_known_before_any_is_brought(elsewhere: Path) -> None:
    assert partly.loose(elsewhere, "extract") == set(UNITS)
    assert partly.stages(elsewhere) == ["extract"]
    assert partly.begun(elsewhere, ["extract"])
    assert not partly.begun(elsewhere, ["filter"])
    assert len(partly.times(elsewhere, "extract")) == 5
    assert not (elsewhere / "ledger/extract").exists()


def test_entries_are_brought_as_they_are_asked_for(elsewhere: Path) -> None:
    partly.bring(elsewhere, "extract", ["u1", "u3", "none"])
    assert sorted(path.stem for path in (elsewhere / "ledger/extract").iterdir()) == ["u1", "u3"]
    partly.bring(elsewhere, "extract")
    assert sorted(ledger.units(elsewhere, "extract")) == UNITS


def test_an_entry_that_was_taken_back_since_the_listing_is_passed_over(elsewhere: Path) -> None:
    store.Bucket(ADDRESS).delete("ledger/extract/u2.json")
    partly.bring(elsewhere, "extract")
    assert sorted(ledger.units(elsewhere, "extract")) == ["u0", "u1", "u3", "u4"]


def test_what_hosts_far_away_did_is_counted_in_the_bucket(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ledger.count(elsewhere, "extract") == 0
    assert partly.count(elsewhere, "extract") == 5
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(store, "MOST_TRIES", 0)
    store.bucket.cache_clear()
    assert partly.count(elsewhere, "extract") == 0, "the next look tells"


def test_in_a_folder_everything_is_here(tmp_path: Path) -> None:
    write_entry(tmp_path, Entry("extract", "u0", "a", "mark", 3, 3))
    assert partly.loose(tmp_path, "extract") == {"u0"}
    assert partly.count(tmp_path, "extract") == 1
    partly.bring(tmp_path, "extract")
    assert ledger.units(tmp_path, "extract") == ["u0"]
