"""A build done in shares by processes that know nothing of each other gives the bytes of an ordinary one."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from manifests import ledger
from manifests.errors import UserError
from pipelines.corpus.folder import held_together, locked
from pipelines.engine.sharing import Share, parsed
from pipelines.engine.worker import Unit
from pipelines.stages import share
from pipelines.stages.order import run as whole_build
from tests.pipelines.stages.test_frame import files, make_job, outputs

CONTENTS = [[f"line {number} of {part}" for number in range(3)] for part in range(14)]


def documents(root: Path) -> dict[str, str]:
    return {name: digest for name, digest in outputs(root).items() if name.startswith(("documents", "rejected"))}


def test_shares_take_each_unit_once() -> None:
    units = [Unit("s", f"u{number}", "a", "/", "m:f", "mark", "{}") for number in range(10)]
    taken = [Share(number, 3).of(iter(units)) for number in (1, 2, 3)]
    assert sorted(unit for part, _ in taken for unit in part) == units
    assert [(len(part), count) for part, count in taken] == [(4, 10), (3, 10), (3, 10)]


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "1/0", "a/b", "-1/3", "1/3/5", "1/1000000"])
def test_a_share_that_is_none_is_one_line(text: str) -> None:
    with pytest.raises(UserError, match="expected i/n"):
        parsed(text)


def test_shares_and_one_build_give_the_bytes_of_an_ordinary_build(tmp_path: Path) -> None:
    files(tmp_path, *CONTENTS)
    whole_build(make_job(tmp_path, output="whole"), ("fetch", "extract", "filter"))
    for number in (2, 3, 1):
        share.run(make_job(tmp_path, output="parts"), Share(number, 3))
    entries = {path: path.stat().st_mtime_ns for path in (tmp_path / "parts/ledger").glob("*[rt]/*.json")}
    assert {path.parent.name for path in entries} == {"extract", "filter"}
    whole_build(make_job(tmp_path, output="parts"), ("fetch", "extract", "filter"))
    assert documents(tmp_path / "parts") == documents(tmp_path / "whole")
    assert {path: path.stat().st_mtime_ns for path in entries} == entries, "what shares did is not done again"
    assert len(documents(tmp_path / "whole")) >= 7


def test_only_what_is_missing_is_done_again(tmp_path: Path) -> None:
    files(tmp_path, *CONTENTS)
    share.run(make_job(tmp_path), Share(1, 2))
    root = tmp_path / "out"
    [lost, *kept] = sorted((root / "ledger/extract").glob("*.json"))
    before = {path: path.stat().st_mtime_ns for path in kept}
    ledger.withdraw(root, "extract", lost.stem)
    share.run(make_job(tmp_path), Share(1, 2))
    assert lost.exists()
    assert {path: path.stat().st_mtime_ns for path in kept} == before


def test_shares_work_beside_each_other_and_keep_an_ordinary_build_out(tmp_path: Path) -> None:
    files(tmp_path, *CONTENTS)
    job = make_job(tmp_path)
    with held_together(job.root):
        share.run(make_job(tmp_path), Share(1, 1))
        with pytest.raises(UserError, match="another run"):
            whole_build(job, ("fetch",))
    with locked(job.root), pytest.raises(UserError, match="another run"):
        share.run(make_job(tmp_path), Share(1, 1))


def test_a_share_that_is_killed_costs_only_its_own_unit(tmp_path: Path) -> None:
    files(tmp_path, *CONTENTS)
    job = make_job(tmp_path)
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from manifests import output as module; from pipelines.stages import share\n"
        "from pipelines.engine.sharing import Share; from tests.pipelines.stages.test_frame import make_job\n"
        "from tests.pipelines.engine.inline_engine import InlineEngine\n"
        "real, count = module.write_entry, 0\n"
        "def dying(*given):\n"
        "    global count; count += 1\n"
        "    if count == 3: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    real(*given)\n"
        "module.write_entry = dying\n"
        "share.run(make_job(Path(sys.argv[1]), InlineEngine()), Share(1, 1))\n"
    )
    root = Path(__file__).parents[3]
    died = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=root, capture_output=True, check=False)
    assert died.returncode == -9, died.stderr
    assert len(list((job.root / "ledger/extract").glob("*.json"))) == 2
    share.run(replace(job), Share(1, 1))
    whole_build(make_job(tmp_path), ("fetch", "extract", "filter"))
    whole_build(make_job(tmp_path, output="whole"), ("fetch", "extract", "filter"))
    assert documents(job.root) == documents(tmp_path / "whole")


def test_many_that_begin_at_once_take_one_new_folder(tmp_path: Path) -> None:
    files(tmp_path, *CONTENTS)
    (tmp_path / "recipe.yaml").write_text(
        "name: toy\nlimits: {unit_mb: 0.0001}\nsources:\n  - name: toy\n"
        "    kind: tests.pipelines.sources.toy_source:ToySource\n    inputs: [input]\n"
    )
    root = Path(__file__).parents[3]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, "-m", "pipelines.commands.cli", "build", "recipe.yaml", "--output", "out", "--units"]
    running = [
        subprocess.Popen([*command, f"{number}/4"], cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
        for number in range(1, 5)
    ]
    told = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0] * 4, told
    whole_build(make_job(tmp_path, output="whole"), ("fetch", "extract", "filter"))
    assert len(list((tmp_path / "out/ledger/extract").glob("*.json"))) == len(
        list((tmp_path / "whole/ledger/extract").glob("*.json"))
    )
