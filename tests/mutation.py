"""Mutates the program at random places and says which changes no test notices.

    python -m tests.mutation --count 100 --seed 1 manifests filters dedup

Each mutation is one change of meaning (a comparison, a bound, a constant, `and` for `or`, a condition that is turned
round, a returned value) in a copy of the checkout, of which the tests that mirror the module are run. What survives is
either a test that is missing or a place where both meanings are one (say which).

With the record of a run that knows which test reached which line, those tests run instead, mirroring ones first.
Compiled kernels leave no lines: they are recorded, and run, uncompiled too, where Python checks every index.

    export COVERAGE_FILE=reached
    NUMBA_DISABLE_JIT=1 python -m pytest -m "kernel and not compiled" --cov --cov-context=test --cov-report= tests
    python -m pytest --cov --cov-append --cov-context=test --cov-report= tests
    python -m tests.mutation --reached reached manifests filters dedup pipelines
"""

import argparse
import ast
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from coverage import CoverageData

ROOT = Path(__file__).parent.parent
COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==", ast.In: "not in",
    ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is",
}  # fmt: skip
_KERNEL = re.compile(rb"^@(?:kernel|inlined|n?jit|vectorize)\b", re.MULTILINE)
SECONDS = 600
MOST_TESTS = 400


class Mutation(NamedTuple):
    """A change: in `path` (relative) at `line` the source from `start` to `end` (offsets) becomes `new`."""

    path: Path
    line: int
    start: int
    end: int
    old: str
    new: str


def mutations(path: Path) -> Iterator[Mutation]:
    """Every place of a module that can be changed, outside of annotations and texts for people."""
    text = (ROOT / path).read_text(encoding="utf-8")
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line.encode()))
    data = text.encode()

    def at(line: int, column: int) -> int:
        return starts[line - 1] + column

    def change(node: ast.expr, new: str) -> Mutation:
        start, end = at(node.lineno, node.col_offset), at(node.end_lineno or 0, node.end_col_offset or 0)
        return Mutation(path, node.lineno, start, end, data[start:end].decode(), new)

    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARISONS:
                yield change(node, f"({ast.unparse(left)} {COMPARISONS[type(op)]} {ast.unparse(right)})")
            case ast.BoolOp(op=op, values=values):
                word = " or " if isinstance(op, ast.And) else " and "
                yield change(node, "(" + word.join(f"({ast.unparse(value)})" for value in values) + ")")
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                yield change(node, f"bool({ast.unparse(operand)})")
            case ast.BinOp(op=ast.Add() | ast.Sub() as op, left=left, right=right):
                if not any(isinstance(side, ast.JoinedStr | ast.Constant) and _is_text(side) for side in (left, right)):
                    sign = "-" if isinstance(op, ast.Add) else "+"
                    yield change(node, f"({ast.unparse(left)} {sign} ({ast.unparse(right)}))")
            case ast.Constant(value=bool(value)):
                yield change(node, str(not value))
            case ast.Constant(value=int(value)):
                yield change(node, str(value + 1))
            case ast.If(test=test) | ast.IfExp(test=test):
                yield change(test, f"(not ({ast.unparse(test)}))")


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or isinstance(getattr(node, "value", None), str | bytes)


def tests_of(path: Path) -> str:
    """The tests that mirror a module: its own file, else those of the nearest folder that has any."""
    own = Path("tests") / path.parent / f"test_{path.stem}.py"
    if (ROOT / own).is_file():
        return str(own)
    folder = Path("tests") / path.parent
    while not any((ROOT / folder).rglob("test_*.py")):
        folder = folder.parent
    return str(folder)


def reaching(record: CoverageData | None, mutation: Mutation) -> list[str]:
    """The tests that reached a line in a recorded run, mirroring ones first; without a record those that mirror it."""
    mirroring = tests_of(mutation.path)
    if record is None:
        return [mirroring]
    measured = next((name for name in record.measured_files() if name.endswith(f"/{mutation.path}")), None)
    lines = record.contexts_by_lineno(measured) if measured else {}
    found = sorted({context.partition("|")[0] for context in lines.get(mutation.line, ()) if "::" in context})
    nearest = sorted(found, key=lambda test: not test.startswith(mirroring))
    return nearest[:MOST_TESTS] or [mirroring]


def survives(copy: Path, mutation: Mutation, tests: list[str]) -> bool:
    """Whether the tests pass although the program was changed."""
    target = copy / mutation.path
    sound = target.read_bytes()
    target.write_bytes(sound[: mutation.start] + mutation.new.encode() + sound[mutation.end :])
    chosen = copy.parent / "chosen"
    chosen.write_text("\n".join(tests), encoding="utf-8")
    try:
        if _KERNEL.search(sound) and not _pass(copy, chosen, "-m", "kernel and not compiled", NUMBA_DISABLE_JIT="1"):
            return False
        return _pass(copy, chosen)
    finally:
        target.write_bytes(sound)


def _pass(copy: Path, chosen: Path, *options: str, **variables: str) -> bool:
    """Whether the chosen tests end in time and none fails; also where the options leave none."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", f"@{chosen}", *options]
    surroundings = {**os.environ, **variables, "PYTHONPATH": str(copy)}
    try:
        done = subprocess.run(command, cwd=copy, env=surroundings, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


def main() -> int:
    """Mutate, and print what survived; 1 where more than a tenth did."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("places", nargs="+", type=Path, metavar="PATH", help="modules or folders, relative")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reached", type=Path, metavar="FILE", help="which tests reach which line, kept by coverage")
    given = parser.parse_args()
    files = sorted({file for place in given.places for file in ([place] if place.is_file() else place.rglob("*.py"))})
    every = [mutation for file in files for mutation in mutations(file)]
    chosen = random.Random(given.seed).sample(every, min(given.count, len(every)))
    record = None
    if given.reached is not None:
        record = CoverageData(str(given.reached))
        record.read()
    survivors = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "checkout"
        for package in ("manifests", "filters", "dedup", "pipelines", "tests"):
            shutil.copytree(ROOT / package, copy / package)
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(ROOT / name, copy)
        for number, mutation in enumerate(chosen, 1):
            alive = survives(copy, mutation, reaching(record, mutation))
            survivors += alive
            word = "SURVIVED" if alive else "killed"
            print(f"{number:4} {word:8} {mutation.path}:{mutation.line}: {mutation.old} -> {mutation.new}", flush=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} killed, of {len(every):,} places")
    return int(survivors * 10 > len(chosen))


if __name__ == "__main__":
    sys.exit(main())
