"""Processes that start together compile a kernel once, and what was compiled serves until a source changes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULE = """
from manifests.kernels import njit
from dedup.made_table import ADDED

@njit(nogil=True)
def inner(a):
    return a + ADDED

@njit(nogil=True)
def outer(a):
    return inner(a) * 2
"""
ASK = """
from dedup.made_kernel import inner, outer
answer = outer(5)
hits = sum(outer.stats.cache_hits.values())
misses = sum(outer.stats.cache_misses.values())
print(answer, hits, misses)
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of the two packages that a kernel needs, in which sources can be changed."""
    for package in ("manifests", "dedup"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("")
    for name in ("absent", "compiled", "kernels"):
        (tmp_path / "manifests" / f"{name}.py").write_text((ROOT / "manifests" / f"{name}.py").read_text())
    (tmp_path / "dedup" / "made_kernel.py").write_text(MODULE)
    (tmp_path / "dedup" / "made_table.py").write_text("ADDED = 1\n")
    return tmp_path


def start(checkout: Path, cache: str = "cache") -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA", "PROOFPILE"))}
    environment |= {"XDG_CACHE_HOME": str(checkout / cache), "PYTHONPATH": str(checkout)}
    return subprocess.Popen(
        [sys.executable, "-c", ASK],
        cwd=checkout,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def answer(process: subprocess.Popen[str]) -> tuple[list[int], str]:
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return [int(word) for word in out.split()], errors


def test_processes_that_start_together_compile_once_and_one_says_so(checkout: Path) -> None:
    answers = [answer(process) for process in [start(checkout) for _ in range(3)]]
    assert [values[0] for values, _ in answers] == [12, 12, 12]
    assert sum(values[2] for values, _ in answers) == 1
    assert sum("compiling kernels" in errors for _, errors in answers) == 1


def test_a_constant_of_another_module_is_seen_and_a_comment_is_not(checkout: Path) -> None:
    assert answer(start(checkout))[0] == [12, 0, 1]
    table = checkout / "dedup" / "made_table.py"
    table.write_text("# a comment\nADDED = 1\n")
    assert answer(start(checkout))[0] == [12, 1, 0]
    table.write_text("ADDED = 2\n")
    assert answer(start(checkout))[0] == [14, 0, 1]


CALLS = """
import numpy as np
from manifests.kernels import njit

@njit(nogil=True)
def inner(a, counted):
    return a + 1 if counted else a - 1

@njit(nogil=True)
def outer(array, narrow):
    known = inner(3, True) + inner(array[0], False)
    return known + inner(array.size, array.size > 0) + inner(narrow[1], narrow[0] == 0)

numbers = np.arange(2)
print(outer(numbers, numbers.astype(np.int32)), len(inner.signatures), inner(5, True), len(inner.signatures))
"""


def test_a_kernel_is_compiled_once_for_constants_and_integers_of_every_width(checkout: Path) -> None:
    (checkout / "dedup" / "made_calls.py").write_text(CALLS)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA", "PROOFPILE"))}
    environment |= {"XDG_CACHE_HOME": str(checkout / "cache"), "PYTHONPATH": str(checkout)}
    command = [sys.executable, "-c", "import dedup.made_calls"]
    done = subprocess.run(command, cwd=checkout, env=environment, text=True, capture_output=True, check=False)
    assert done.stdout.split() == ["8", "1", "6", "1"], done.stderr


def test_a_cache_that_cannot_be_written_to_costs_only_time(checkout: Path) -> None:
    (checkout / "file").write_text("")
    assert answer(start(checkout, "file"))[0] == [12, 0, 1]
