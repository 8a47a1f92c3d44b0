"""Entries of very many units are packed into a few files, and stay what they were."""

import random
from pathlib import Path

import pytest

from manifests import ledger, packing, segments
from manifests.ledger import Entry, entry_path, read_entries, write_entry
from manifests.names import Names
from manifests.survey import survey
from manifests.writing import FileFact, sha256_of
from pipelines.corpus import soundness

COUNT = 60


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments of about four entries, from nine on."""
    monkeypatch.setattr(segments, "MOST_FILES", 8)
    monkeypatch.setattr(segments, "EACH", 4)


def entry(root: Path, number: int, mark: str = "mark") -> Entry:
    path = root / "documents" / "web" / f"{number:03d}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"text {number}")
    fact = FileFact(path.relative_to(root).as_posix(), 1, path.stat().st_size, sha256_of(path))
    return Entry("extract", f"web-{number:03d}", "web", mark, 3, 2, rejected={"short": 1}, outputs=(fact,))


def written(root: Path, numbers: "list[int] | range") -> dict[str, Entry]:
    entries = [entry(root, number) for number in numbers]
    for one in entries:
        write_entry(root, one)
    return {one.unit: one for one in entries}


def read(root: Path) -> dict[str, Entry]:
    return {one.unit: one for one in read_entries(root, "extract")}


def lie(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((root / "ledger/extract").iterdir())}


def test_few_units_keep_a_file_each(tmp_path: Path) -> None:
    written(tmp_path, range(8))
    before = lie(tmp_path)
    packing.pack(tmp_path, "extract")
    assert lie(tmp_path) == before


def test_what_is_packed_reads_as_before(tmp_path: Path) -> None:
    entries = written(tmp_path, range(COUNT))
    packing.pack(tmp_path, "extract")
    assert {Path(name).suffix for name in lie(tmp_path)} == {".jsonl"}
    assert 8 <= len(lie(tmp_path)) <= 16
    assert read(tmp_path) == entries
    assert ledger.count(tmp_path, "extract") == COUNT
    assert ledger.entry_of(tmp_path, "extract", "web-007") == entries["web-007"]
    assert ledger.entry_of(tmp_path, "extract", "none") is None
    assert ledger.is_done(tmp_path, "extract", "web-007", "mark")
    seen = survey(tmp_path, "extract", ((unit, "mark") for unit in entries))
    assert (seen.done, seen.stale, seen.surplus) == (Names(entries), [], [])
    other = survey(tmp_path, "extract", ((unit, "other") for unit in entries))
    assert (other.done, sorted(other.stale)) == (Names(), sorted(entries))
    assert sorted(survey(tmp_path, "extract", ()).surplus) == sorted(entries)
    assert seen.totals == ledger.totals(read_entries(tmp_path))["extract"]
    assert ledger.totals(read_entries(tmp_path))["extract"]["web"].read == 3 * COUNT


def test_the_same_units_make_the_same_segments_however_they_came(tmp_path: Path) -> None:
    written(tmp_path / "once", range(COUNT))
    packing.pack(tmp_path / "once", "extract")
    numbers = list(range(COUNT))
    random.Random(5).shuffle(numbers)
    for part in (numbers[:20], numbers[20:25], numbers[25:]):
        written(tmp_path / "thrice", part)
        packing.pack(tmp_path / "thrice", "extract")
    assert lie(tmp_path / "once") == lie(tmp_path / "thrice")


def test_an_entry_that_is_written_again_is_the_newer_one(tmp_path: Path) -> None:
    entries = written(tmp_path, range(COUNT))
    packing.pack(tmp_path, "extract")
    again = entry(tmp_path, 7, "another mark")
    write_entry(tmp_path, again)
    assert read(tmp_path) == {**entries, again.unit: again}
    packing.pack(tmp_path, "extract")
    assert not entry_path(tmp_path, "extract", again.unit).exists()
    assert read(tmp_path) == {**entries, again.unit: again}


def test_units_are_taken_back(tmp_path: Path) -> None:
    entries = written(tmp_path, range(COUNT))
    packing.pack(tmp_path, "extract")
    ledger.withdraw(tmp_path, "extract", "web-007")
    ledger.withdraw_all(tmp_path, "extract", [f"web-{number:03d}" for number in range(10, 50)])
    left = {unit: one for unit, one in entries.items() if unit != "web-007" and not "web-010" <= unit < "web-050"}
    assert read(tmp_path) == left
    assert {path.name for path in tmp_path.rglob("*.parquet")} == {f"{unit[4:]}.parquet" for unit in left}


def test_a_packed_entry_stays_while_others_are_at_work(tmp_path: Path) -> None:
    entries = written(tmp_path, range(COUNT))
    packing.pack(tmp_path, "extract")
    before = lie(tmp_path)
    ledger.withdraw(tmp_path, "extract", "web-007", beside=True)
    assert lie(tmp_path) == before
    assert read(tmp_path) == entries


@pytest.mark.parametrize("moment", range(0, 24, 3))
def test_a_crash_while_packing_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int) -> None:
    entries = written(tmp_path, range(30))
    packing.pack(tmp_path, "extract")
    entries |= written(tmp_path, range(30, COUNT))
    count = 0
    real = Path.unlink

    def counting(path: Path, missing_ok: bool = False) -> None:
        nonlocal count
        if path.suffix in (".json", ".jsonl"):
            count += 1
            if count > moment:
                raise KeyboardInterrupt
        real(path, missing_ok)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", counting)
        with pytest.raises(KeyboardInterrupt):
            packing.pack(tmp_path, "extract")
    assert read(tmp_path) == entries
    ledger.withdraw(tmp_path, "extract", "web-002")
    assert "web-002" not in read(tmp_path)
    write_entry(tmp_path, entry(tmp_path, 2))
    packing.pack(tmp_path, "extract")
    written(tmp_path / "whole", range(COUNT))
    packing.pack(tmp_path / "whole", "extract")
    assert lie(tmp_path) == lie(tmp_path / "whole")


@pytest.mark.parametrize("place", [3, 200, 333, 700, -3, -30, -60])
def test_a_flipped_bit_in_a_segment_costs_at_most_what_it_hit(tmp_path: Path, place: int) -> None:
    entries = written(tmp_path, range(COUNT))
    packing.pack(tmp_path, "extract")
    path = min(path for path in (tmp_path / "ledger/extract").iterdir() if path.stat().st_size > 1200)
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    soundness.heal(tmp_path, lambda _: None)
    left = read(tmp_path)
    assert len(left) >= COUNT - 2
    assert all(entries[unit] == one for unit, one in left.items())
    assert all(one.sound for one in ledger.written(tmp_path, "extract"))


def test_an_output_of_a_packed_entry_that_is_damaged_is_made_again(tmp_path: Path) -> None:
    written(tmp_path, range(COUNT))
    packing.pack(tmp_path, "extract")
    (tmp_path / ".work").mkdir()
    assert soundness.heal(tmp_path, print) == 0
    (tmp_path / "documents/web/007.parquet").write_text("tExt 7")
    assert soundness.heal(tmp_path, print) == 1
    assert "web-007" not in read(tmp_path)
    assert len(read(tmp_path)) == COUNT - 1
