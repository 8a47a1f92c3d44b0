"""The script for Slurm's arrays, run as its tasks run it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import pipelines.engine

SCRIPT = Path(str(pipelines.engine.__file__)).parent / "hosts" / "slurm-array.sh"


def run(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the script where `proofpile` only says what it was asked."""
    program = folder / "proofpile"
    program.write_text('#!/bin/sh\necho "$@"\n')
    program.chmod(0o755)
    environment = {"PATH": f"{folder}:{os.environ['PATH']}", **variables}
    return subprocess.run([SCRIPT, *words], env=environment, capture_output=True, text=True, check=False)


TASK = {"SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_MAX": "40"}


def test_a_task_does_its_share(tmp_path: Path) -> None:
    done = run(tmp_path, "a recipe.yaml", "s3://bucket/corpus", **TASK, SLURM_CPUS_PER_TASK="4")
    assert done.stdout == "build a recipe.yaml --output s3://bucket/corpus --units 3/40 --workers 4 --quiet\n"
    assert "--units 3/100 --workers 1" in run(tmp_path, "r.yaml", "out", **TASK, SHARES="100").stdout


@pytest.mark.parametrize(("words", "variables"), [((), TASK), (("r.yaml",), TASK), (("r.yaml", "out"), {})])
def test_what_is_missing_is_one_line(tmp_path: Path, words: tuple[str, ...], variables: dict[str, str]) -> None:
    done = run(tmp_path, *words, **variables)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="needs shellcheck")
def test_shellcheck_finds_nothing() -> None:
    assert subprocess.run(["shellcheck", SCRIPT], capture_output=True, text=True, check=False).stdout == ""
