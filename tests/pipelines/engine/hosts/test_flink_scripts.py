"""The scripts that start Flink where machines are given out, run with stand-ins for the programs that they call."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import pipelines.engine

HOSTS = Path(pipelines.engine.__path__[0], "hosts")
SAYS = '#!/bin/sh\nprintf "%s\\n" "{name} $*" >> "$SAID"\n'
OPTIONS = "--runner FlinkRunner --flink_master=one:8081 --workers 8"
PYTHON = SAYS.format(name="python3") + (
    'while [ -n "$NODES" ] && [ "$4" = --host ] && ! grep -q "^python3 .*flink worker" "$SAID"; do sleep 0.05; done\n'
    f'case "$*" in *" start "*) echo "{OPTIONS}"; echo "worker --job-manager one:1";; -c*) echo "$HOSTS";; esac\n'
)
SRUN = SAYS.format(name="srun") + 'while [ "$1" != bash ]; do shift; done\nSLURMD_NODENAME=two exec "$@"\n'


def run(folder: Path, script: str, *words: str, fails: bool = False, **variables: str) -> tuple[int, list[str], str]:
    """Run a script; returns its exit status, the commands that it gave, and what it said of errors."""
    programs = {"python3": PYTHON, "srun": SRUN, "proofpile": SAYS.format(name="proofpile") + f"exit {int(fails)}\n"}
    for name, text in programs.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    said = folder / "said"
    environment = {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "SAID": str(said),
        "HOSTS": str(HOSTS),
        "TMPDIR": str(folder),
    }
    command = ["bash", str(HOSTS / script), *words]
    done = subprocess.run(command, env={**environment, **variables}, capture_output=True, text=True, check=False)
    return done.returncode, said.read_text().splitlines() if said.exists() else [], done.stderr


def test_a_build_waits_for_its_task_managers_and_stops_the_cluster(tmp_path: Path) -> None:
    code, said, _ = run(tmp_path, "flink-build.sh", "one", "6123", "4", "a recipe.yaml", "s3://bucket/x")
    folder = said[0].rpartition(" ")[2]
    assert code == 0
    start = "start --host one --port 6123 --task-managers 0 --wait-for 4"
    assert said == [
        f"python3 -m pipelines.engine.flink {start} --folder {folder}",
        f"proofpile build a recipe.yaml --output s3://bucket/x --quiet {OPTIONS}",
        f"python3 -m pipelines.engine.flink stop --folder {folder}",
    ]
    assert not Path(folder).exists()


def test_a_build_that_fails_stops_the_cluster_too(tmp_path: Path) -> None:
    code, said, _ = run(tmp_path, "flink-build.sh", "one", "6123", "4", "r.yaml", "s3://bucket/x", fails=True)
    assert code == 1
    assert " stop " in said[-1]


def test_in_an_allocation_each_node_joins_the_first(tmp_path: Path) -> None:
    given = {"SLURM_JOB_NUM_NODES": "4", "SLURMD_NODENAME": "one", "SLURM_CPUS_PER_TASK": "8", "NODES": "4"}
    code, said, _ = run(tmp_path, "slurm-flink.sh", "r.yaml", "s3://bucket/x", **given)
    assert code == 0
    worker = next(line for line in said if line.startswith("python3 -m pipelines.engine.flink worker"))
    assert " --job-manager one:6123 --slots 8 --host two --folder " in worker
    assert any("start --host one --port 6123 --task-managers 0 --wait-for 4" in line for line in said)
    assert any(line.startswith("proofpile build r.yaml --output s3://bucket/x") for line in said)
    assert any(line.startswith("srun --overlap --no-kill --kill-on-bad-exit=0 ") for line in said)


@pytest.mark.parametrize(
    ("script", "words", "variables"),
    [
        ("flink-build.sh", ("one", "6123"), {}),
        ("slurm-flink.sh", ("r.yaml",), {"SLURM_JOB_NUM_NODES": "2"}),
        ("slurm-flink.sh", ("r.yaml", "s3://bucket/x"), {}),
    ],
)
def test_what_is_missing_is_one_line(
    tmp_path: Path, script: str, words: tuple[str, ...], variables: dict[str, str]
) -> None:
    code, said, errors = run(tmp_path, script, *words, **variables)
    assert (code, said, len(errors.splitlines())) == (2, [], 1)


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="needs shellcheck")
@pytest.mark.parametrize("script", ["flink-build.sh", "slurm-flink.sh"])
def test_shellcheck_finds_nothing(script: str) -> None:
    done = subprocess.run(["shellcheck", HOSTS / script], capture_output=True, text=True, check=False)
    assert done.stdout == ""
