"""A build done in shares by machines that share nothing but a bucket gives the bytes of an ordinary one."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from manifests import leases, ledger, mirror, packing, partly, segments, store
from manifests.errors import UserError
from pipelines.corpus.folder import Corpus, held_together, locked
from pipelines.engine.engine import Engine
from pipelines.engine.progress import Progress
from pipelines.engine.sharing import Share
from pipelines.stages import share
from pipelines.stages.build import Build
from pipelines.stages.order import run as whole_build
from tests.pipelines.engine.inline_engine import InlineEngine
from tests.pipelines.stages.test_frame import files, make_job, outputs, recipe

CONTENTS = [[f"line {number} of {part}" for number in range(3)] for part in range(9)]
ADDRESS = "s3://corpora/shared/toy"
EARLY = ("fetch", "extract", "filter")


def on_machine(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch, *, part: bool = True, engine: Engine | None = None
) -> Build:
    """The job as a machine of this name sees it, that has no file of any other."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / name))
    corpus = Corpus(mirror.opened(ADDRESS, part=part))
    made = recipe()
    if part:
        share.adopt(corpus, made)
    else:
        corpus.adopt(made)
    return Build(made, corpus, engine or InlineEngine(), Progress(quiet=True), "toy.yaml", folder)


def of_documents(root: Path) -> dict[str, str]:
    return {name: digest for name, digest in outputs(root).items() if name.startswith(("documents", "rejected"))}


def entries() -> dict[str, store.Listed]:
    found = store.Bucket(ADDRESS).list("ledger")
    return {name: one for name, one in found.items() if "/fetch/" not in name}


def test_shares_on_machines_of_their_own_and_one_build_give_the_bytes_of_an_ordinary_build(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files(tmp_path, *CONTENTS)
    for number in (2, 3, 1):
        share.run(on_machine(f"m{number}", tmp_path, monkeypatch), Share(number, 3))
    before = entries()
    job = on_machine("last", tmp_path, monkeypatch, part=False)
    whole_build(job, EARLY)
    assert entries() == before, "what shares did is not done again"
    whole_build(make_job(tmp_path, output="whole"), EARLY)
    assert of_documents(job.root) == of_documents(tmp_path / "whole")
    assert len(of_documents(job.root)) >= 5
    assert not store.Bucket(ADDRESS).list(leases.SHARES)


def test_a_share_brings_only_what_its_units_read(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files(tmp_path, *CONTENTS)
    share.run(on_machine("first", tmp_path, monkeypatch), Share(1, 1))
    job = on_machine("second", tmp_path, monkeypatch)
    assert not list(ledger.read_entries(job.root, "extract")), "the entries of others are not brought"
    [unit, other, *_] = sorted(partly.loose(job.root, "extract"))
    partly.bring(job.root, "extract", [unit, "none"])
    assert ledger.entry_of(job.root, "extract", unit) is not None
    assert ledger.entry_of(job.root, "extract", other) is None
    assert not (job.root / "documents").exists()
    [path, *_] = store.Bucket(ADDRESS).list("documents")
    assert mirror.size_of(job.root, path) == store.Bucket(ADDRESS).list()[path].size
    assert mirror.size_of(job.root, "documents/none") is None
    mirror.bring(job.root, [path, tmp_path / "input" / "0.txt"])
    assert [file.name for file in (job.root / "documents").rglob("*.parquet")] == [Path(path).name]


def test_a_share_that_died_costs_its_unit_and_another_machine_goes_on(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files(tmp_path, *CONTENTS)
    code = (
        "import os, signal, sys; from pathlib import Path; import pytest\n"
        "from manifests import output as module; from pipelines.stages import share\n"
        "from pipelines.engine.sharing import Share; from tests.pipelines.stages import test_share_bucket as here\n"
        "real, count = module.write_entry, 0\n"
        "def dying(*given):\n"
        "    global count; count += 1\n"
        "    if count == 3: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    real(*given)\n"
        "module.write_entry = dying\n"
        "share.run(here.on_machine('one', Path(sys.argv[1]), pytest.MonkeyPatch()), Share(1, 1))\n"
    )
    died = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=Path(__file__).parents[3], capture_output=True, check=False
    )
    assert died.returncode == -9, died.stderr
    before = entries()
    assert len(before) == 2
    share.run(on_machine("two", tmp_path, monkeypatch), Share(1, 1))
    assert {name: one for name, one in entries().items() if name in before} == before
    whole_build(on_machine("last", tmp_path, monkeypatch, part=False), EARLY)  # the dead one's lease keeps nobody out
    assert not store.Bucket(ADDRESS).list(leases.SHARES)


def test_a_share_and_a_build_keep_each_other_out(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files(tmp_path, *CONTENTS)
    one = on_machine("one", tmp_path, monkeypatch)
    two = on_machine("two", tmp_path, monkeypatch)
    with held_together(one.root):
        with held_together(two.root):
            pass
        with pytest.raises(UserError, match=f"{ADDRESS}: a share of a build is writing"), locked(two.root):
            pass
    with (
        locked(one.root),
        pytest.raises(UserError, match=f"{ADDRESS}: another run is writing"),
        held_together(two.root),
    ):
        pass
    with locked(two.root):
        pass


def test_leases_of_processes_that_died_elsewhere_end(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = mirror.opened(ADDRESS)
    bucket = store.Bucket(ADDRESS)
    bucket.put(f"{leases.SHARES}/a", b"elsewhere 1 token 7")
    with pytest.raises(UserError, match="or died less than 80 s ago"), locked(root):
        pass
    monkeypatch.setattr(leases, "SHARE_LEASE_SECONDS", -1.0)
    with locked(root):
        pass
    bucket.put(leases.LOCK, b"elsewhere 1 token 7")
    monkeypatch.setattr(leases, "LEASE_SECONDS", -1.0)
    with held_together(root):
        assert bucket.get(leases.LOCK) is None


def test_many_that_begin_at_once_take_one_new_bucket(endpoint: str, tmp_path: Path) -> None:
    files(tmp_path, *CONTENTS)
    (tmp_path / "recipe.yaml").write_text(
        "name: toy\nlimits: {unit_mb: 0.0001}\nsources:\n  - name: toy\n"
        "    kind: tests.pipelines.sources.toy_source:ToySource\n    inputs: [input]\n"
    )
    command = [sys.executable, "-m", "pipelines.commands.cli", "build", "recipe.yaml", "--output", ADDRESS, "--units"]
    running = [
        subprocess.Popen(
            [*command, f"{number}/3"],
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": str(Path(__file__).parents[3]),
                "XDG_CACHE_HOME": str(tmp_path / f"m{number}"),
            },
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(1, 4)
    ]
    told = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0] * 3, told
    whole = make_job(tmp_path, InlineEngine(), output="whole")
    whole_build(whole, ("fetch", "extract"))
    units = {f"ledger/extract/{unit}.json" for unit in ledger.units(whole.root, "extract")}
    assert {name for name in entries() if "/extract/" in name} == units
    assert len(units) >= 5


def test_what_a_share_asks_for_does_not_grow_with_what_others_did(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files(tmp_path, *CONTENTS)
    asked: list[str] = []

    def noting(name: str) -> None:
        real = getattr(store.Bucket, name)
        monkeypatch.setattr(store.Bucket, name, lambda bucket, *given: asked.append(name) or real(bucket, *given))

    for name in ("list", "list_top", "list_beginning", "get", "head", "download"):
        noting(name)
    share.run(on_machine("first", tmp_path, monkeypatch), Share(1, 3))
    first = Counter(asked)
    share.run(on_machine("second", tmp_path, monkeypatch), Share(2, 3))
    asked.clear()
    bucket = store.Bucket(ADDRESS)
    for number in range(40):
        bucket.put(f"ledger/extract/other-{number}.json", b"{}")
    share.run(on_machine("third", tmp_path, monkeypatch), Share(3, 3))
    third = Counter(asked)
    assert third["list"] <= first["list"]
    assert sum(third.values()) <= sum(first.values()) + len(("ledger", "extract", "filter", "fetch")) + 2


def test_a_share_that_begins_again_takes_up_what_it_did_and_what_became_of_it(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files(tmp_path, *CONTENTS)
    share.run(on_machine("first", tmp_path, monkeypatch), Share(1, 2))
    before, bucket = entries(), store.Bucket(ADDRESS)
    [gone, *_] = [name for name in before if "/extract/" in name]
    [cut, *_] = bucket.list("documents")
    found = bucket.get(cut)
    assert found is not None
    bucket.delete(gone)
    bucket.put(cut, b"of another size")
    job = on_machine("first", tmp_path, monkeypatch)  # its folder has the entry still
    share.run(job, Share(1, 2))
    assert set(entries()) == set(before), "what was taken back is done again"
    again = bucket.get(cut)
    assert again is not None and again[0] == found[0], "and so is what is not as it was"
    share.run(on_machine("second", tmp_path, monkeypatch), Share(1, 2))
    whole_build(on_machine("last", tmp_path, monkeypatch, part=False), EARLY)
    whole_build(make_job(tmp_path, output="whole"), EARLY)
    assert of_documents(Path(mirror.opened(ADDRESS))) == of_documents(tmp_path / "whole")


def test_a_share_finds_its_units_among_packed_ones(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files(tmp_path, *CONTENTS)
    monkeypatch.setattr(segments, "MOST_FILES", 4)
    monkeypatch.setattr(segments, "EACH", 4)
    whole_build(on_machine("whole", tmp_path, monkeypatch, part=False), EARLY)
    before = entries()
    assert all(name.endswith(".jsonl") for name in before if "/extract/" in name)
    share.run(on_machine("first", tmp_path, monkeypatch), Share(1, 2))
    assert entries() == before


def test_entries_that_are_packed_while_they_are_read_are_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files(tmp_path, *CONTENTS)
    job = make_job(tmp_path)
    whole_build(job, EARLY)
    units = ledger.units(job.root, "extract")
    monkeypatch.setattr(segments, "MOST_FILES", 4)
    monkeypatch.setattr(segments, "EACH", 4)
    reading = ledger.written(job.root, "extract")
    first = next(reading)
    packing.pack(job.root, "extract")
    assert sorted([first.listing().unit, *(one.listing().unit for one in reading)]) == sorted(units)
