"""What was damaged between two runs or during one is noticed before it is used, and made again with the same bytes."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from manifests import ledger, machine
from manifests.errors import Damaged, UserError
from manifests.ledger import Entry, read_entry, write_entry
from manifests.names import Names
from manifests.writing import FileFact, require_recorded, sha256_of
from pipelines.corpus import soundness
from pipelines.corpus.texts import GuardedReading, Raw, of_raw
from pipelines.stages import audit, filter, shard
from tests.chaos.damage import damage
from tests.chaos.small_build import build, digests, make_input
from tests.pipelines.engine.inline_engine import InlineEngine


def entry_of(root: Path, name: str, content: bytes, stage: str = "extract") -> Entry:
    """An entry with one output, which is written too."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    fact = FileFact(name, 1, len(content), sha256_of(path))
    entry = Entry(stage, Path(name).stem, "toy", "f", 1, 1, outputs=(fact,))
    write_entry(root, entry)
    return entry


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".work").mkdir()
    entry_of(tmp_path, "documents/toy/a.parquet", b"first")
    entry_of(tmp_path, "documents/toy/b.parquet", b"second")
    return tmp_path


def units(root: Path) -> set[str]:
    return {entry.unit for entry in ledger.read_entries(root)}


def test_what_is_sound_stays(root: Path) -> None:
    said: list[str] = []
    assert (soundness.heal(root, said.append), said, units(root)) == (0, [], {"a", "b"})


@pytest.mark.parametrize("content", [b"fIrst", b"fir", b"first!", None])
def test_a_unit_with_a_damaged_output_is_taken_back_and_told(root: Path, content: bytes | None) -> None:
    said: list[str] = []
    path = root / "documents/toy/a.parquet"
    path.unlink() if content is None else path.write_bytes(content)
    assert soundness.heal(root, said.append) == 1
    assert said == ["not as recorded: documents/toy/a.parquet; 1 unit is done again"]
    assert units(root) == {"b"} and not path.exists()


def test_a_flip_is_noticed_although_size_and_time_of_change_are_as_before(root: Path) -> None:
    import os

    soundness.heal(root, print)
    path = root / "documents/toy/a.parquet"
    times = (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    path.write_bytes(b"fIrst")
    os.utime(path, ns=times)
    assert soundness.heal(root, print) == 1


def test_a_file_that_was_found_sound_is_read_once_more_only_when_asked_to(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soundness.heal(root, print)
    read: list[Path] = []

    def reading(path: Path) -> str:
        read.append(path)
        return sha256_of(path)

    monkeypatch.setattr(soundness, "sha256_of", reading)
    soundness.heal(root, print)
    assert read == []
    soundness.heal(root, print, thorough=True)
    assert len(read) == 2


def test_after_a_start_of_the_system_all_is_read_once_more(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system without power may keep the note, and of the file no more than its name and size."""
    soundness.heal(root, print)
    noted = soundness.Notes(root).known
    assert len(noted) == 2
    monkeypatch.setattr(machine, "started", lambda: "another start")
    assert soundness.Notes(root).known == Names()
    soundness.heal(root, print)
    assert soundness.Notes(root).known == noted


@pytest.mark.parametrize("place", range(0, 300, 7))
def test_a_flipped_bit_anywhere_in_an_entry_is_noticed(root: Path, place: int) -> None:
    path = ledger.entry_path(root, "extract", "a")
    data = bytearray(path.read_bytes())
    data[place % len(data)] ^= 1
    path.write_bytes(data)
    with pytest.raises(UserError, match="not a ledger entry"):
        read_entry(path)
    assert soundness.heal(root, print) == 1
    assert units(root) == {"b"}


def test_of_what_was_fetched_only_the_damaged_file_goes(root: Path) -> None:
    entry_of(root, "raw/toy/x.gz", b"x", "fetch")
    other = entry_of(root, "raw/toy/y.gz", b"y", "fetch")
    fact = FileFact("raw/toy/x.gz", 0, 1, sha256_of(root / "raw/toy/x.gz"))
    both = Entry("fetch", "toy", "toy", "f", 2, 2, outputs=(*other.outputs, fact))
    for name in ("x", "y"):
        ledger.entry_path(root, "fetch", name).unlink()
    write_entry(root, both)
    (root / "raw/toy/x.gz").write_bytes(b"z")
    assert soundness.heal(root, print) == 1
    assert (root / "raw/toy/y.gz").exists() and not (root / "raw/toy/x.gz").exists()


def test_what_read_a_damaged_file_is_taken_back_while_a_build_is_under_way(root: Path) -> None:
    fact = read_entry(ledger.entry_path(root, "extract", "a")).outputs[0]
    write_entry(
        root, Entry("filter", "reader", "toy", "f", 1, 1, inputs=(ledger.InputFact(fact.path, 5, fact.sha256),))
    )
    (root / fact.path).write_bytes(b"fIrst")
    assert soundness.heal(root, print, under_way=True) == 2
    assert units(root) == {"b"}


def test_a_file_is_compared_with_what_was_recorded(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    require_recorded(path, sha256_of(path))
    with pytest.raises(Damaged, match=r"a: changed since its sha256 was recorded \(000000000000…\)"):
        require_recorded(path, "0" * 64)
    with pytest.raises(Damaged, match="No such file"):
        require_recorded(tmp_path / "none", "0" * 64)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """A small whole build and the digests of all its files."""
    folder = tmp_path_factory.mktemp("built")
    make_input(folder)
    yield folder, digests(build(folder, "out", InlineEngine()))


def test_random_damage_anywhere_is_healed_to_equal_bytes(built: tuple[Path, dict[str, str]]) -> None:
    folder, before = built
    choose = random.Random(12)
    for _ in range(6):
        done = [(name, damage(folder / "out" / name, choose)) for name in choose.sample(sorted(before), 40)]
        assert digests(build(folder, "out", InlineEngine())) == before, done


def test_files_that_lost_power_leaves_empty_are_made_again(built: tuple[Path, dict[str, str]]) -> None:
    """Nothing is forced to the disk: any of the newest files, entries among them, may be there by name only."""
    folder, before = built
    choose = random.Random(3)
    for share in (0.1, 0.5, 1.0):
        for name in choose.sample(sorted(before), int(share * len(before))):
            if name not in ("recipe.yaml", "manifest.json"):
                (folder / "out" / name).write_bytes(b"")
        assert digests(build(folder, "out", InlineEngine())) == before


@pytest.mark.parametrize(
    ("module", "victim"), [(filter, "documents/"), (audit, "documents/"), (audit, "duplicates/"), (shard, "hits/")]
)
def test_what_is_hit_while_the_build_runs_is_made_again(
    built: tuple[Path, dict[str, str]], module: Any, victim: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, before = built
    run, hit = module.run, []

    def disturbed(job: Any) -> None:
        if not hit:
            name = next(name for name in sorted(before) if name.startswith(victim))
            hit.append(name)
            damage_one_byte(folder / "again" / name)
        run(job)

    monkeypatch.setattr(module, "run", disturbed)
    assert digests(build(folder, "again", InlineEngine())) == before
    assert hit
    import shutil

    shutil.rmtree(folder / "again")


def damage_one_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)


@pytest.mark.parametrize("now", ['{"other": "x"}\n', '{"text": "x"}\n', "\x1f\x8b"])
def test_a_file_of_the_user_that_became_another_is_said_to_have_changed(tmp_path: Path, now: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a"}\n')
    (file,) = of_raw({"s": [Raw(str(path), "a.jsonl", path.stat().st_size, sha256_of(path))]})
    assert [row.text for row in GuardedReading(file, "shard", {})] == ["a"]
    path.write_text(now)
    with pytest.raises(Damaged, match=r"a\.jsonl: changed since its sha256 was recorded"):
        list(GuardedReading(file, "shard", {}))


def test_input_that_changed_stops_its_unit_and_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_input(tmp_path, files=2, rows=4)
    from pipelines.stages import extract

    run = extract.run

    def disturbed(job: Any) -> None:
        path = tmp_path / "rows" / "1.jsonl"
        path.write_text(path.read_text() + json.dumps({"text": "one more"}) + "\n")
        run(job)

    monkeypatch.setattr(extract, "run", disturbed)
    with pytest.raises(Damaged, match=r"rows/1\.jsonl: changed since its sha256 was recorded"):
        build(tmp_path, "out", InlineEngine())
    written = (tmp_path / "out/documents").rglob("*.parquet")
    texts = [text for path in written for text in pq.read_table(path)["text"].to_pylist()]
    assert "one more" not in texts
