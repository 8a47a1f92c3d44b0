"""Compiled kernels are kept where a change of any source they come from is seen."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from manifests import compiled

ROOT = Path(__file__).parents[2]
SHOW = "import {first}, {second}; from numba import config; print(config.CACHE_DIR)"


def cache_folder(home: Path, first: str = "dedup", second: str = "numba", **more: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != compiled.VARIABLE}
    environment |= {"XDG_CACHE_HOME": str(home), **more}
    command = [sys.executable, "-c", SHOW.format(first=first, second=second)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("first", "second"), [("dedup", "numba"), ("numba", "pipelines.extraction.html"), ("dedup", "pipelines")]
)
def test_numba_keeps_kernels_in_a_folder_of_the_sources_whoever_comes_first(
    tmp_path: Path, first: str, second: str
) -> None:
    assert cache_folder(tmp_path, first, second) == str(tmp_path / "proofpile" / "kernels" / compiled.mark(ROOT))


def test_what_the_user_says_counts(tmp_path: Path) -> None:
    assert cache_folder(tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "mine")) == str(tmp_path / "mine")


def test_a_place_that_cannot_be_made_is_left_to_numba(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert cache_folder(tmp_path / "file") == ""


def test_a_change_in_any_module_of_a_room_or_a_new_one_leads_to_another_folder(tmp_path: Path) -> None:
    kernel, table = tmp_path / "dedup" / "kernel.py", tmp_path / "pipelines" / "shards" / "table.py"
    for path in (kernel, table):
        path.parent.mkdir(parents=True)
        path.write_text("A = 1\n")
    (tmp_path / "pipelines" / "report.py").write_text("A = 1\n")
    marks = [compiled.mark(tmp_path)]
    table.write_text("A = 2\n")
    marks.append(compiled.mark(tmp_path))
    kernel.with_name("other.py").write_text("")
    marks.append(compiled.mark(tmp_path))
    assert len(set(marks)) == 3
    (tmp_path / "pipelines" / "report.py").write_text("A = 2\n")
    assert compiled.mark(tmp_path) == marks[-1]


def test_folders_of_old_sources_go_when_they_were_not_used_for_long(tmp_path: Path) -> None:
    new, recent, old = (tmp_path / name for name in ("new", "recent", "old"))
    for folder in (new, recent, old):
        folder.mkdir()
    long_ago = time.time() - (compiled.UNUSED_DAYS + 1) * 86400
    os.utime(old, (long_ago, long_ago))
    compiled.sweep(new)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "recent"]
