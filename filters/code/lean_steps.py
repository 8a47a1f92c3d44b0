"""Lean proofs step by step: goal and tactic in turn, without the steps of test theorems.

The form is that of `lake exe training_data MODULE --proofstep` (lean-training-data, scripts/training_data.lean), which
process_lean_proofsteps.py of EleutherAI/math-lm takes as it is: `[GOAL]`, the state, `[PROOFSTEP]`, the tactic. The
program's longer form (blocks between `===`, fields between `---`) and the theorems of LeanDojo (`traced_tactics` with
`tactic` and `state_before`; the README of the LeanDojo benchmarks) are brought into it.

The published program cuts nothing. Where a form tells which theorem a step is of, `corrected` leaves out those of the
test set by file and full name; the short form tells goals alone, so there a step goes whose goal is one of a test's.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from filters.code.declarations import lean
from filters.code.theorems import TELLING

GOAL, STEP = "[GOAL]\n", "[PROOFSTEP]\n"
_BLOCK = re.compile(r"^\[GOAL\]\n", re.MULTILINE)
_VERBOSE = re.compile(r"^===\n", re.MULTILINE)
_FIELDS = 7


class Step(NamedTuple):
    """A goal and the tactic that was applied to it; `theorem` is the full name of the theorem, if that is told."""

    goal: str
    tactic: str
    theorem: str = ""


class Steps(NamedTuple):
    """The text of a file's steps, and how many steps of test theorems were left out of it."""

    text: str
    removed: int


class LeanTests:
    """The test theorems of LeanDojo's benchmarks: by file and full name, and by the goals that their proofs meet."""

    def __init__(self, items: Iterable[Mapping[str, Any]] = ()) -> None:
        """`items` are theorems with `file_path`, `full_name` and, where there are some, `traced_tactics`."""
        self._names: dict[str, set[str]] = {}
        self._endings: dict[str, set[str]] = {}
        self._goals: set[str] = set()
        for item in items:
            path, name = str(item["file_path"]), str(item["full_name"])
            self._names.setdefault(name, set()).add(path)
            parts = name.split(".")
            for first in range(len(parts)):
                self._endings.setdefault(".".join(parts[first:]), set()).add(path)
            self._goals.update(_same(str(step.get("state_before", ""))) for step in item.get("traced_tactics") or ())

    def has(self, path: str, name: str, *, whole: bool) -> bool:
        """Whether a theorem of this file is a test, by its `whole` name or by the end of it that a file writes."""
        known = (self._names if whole else self._endings).get(name, ())
        return any(("/" + path).endswith("/" + one) for one in known)

    def states(self, goal: str) -> bool:
        """Whether a test theorem's proof meets this goal; one of a few characters may be anybody's."""
        same = _same(goal)
        return len(same) >= TELLING and same in self._goals


def _same(goal: str) -> str:
    return "".join(goal.split())


def of_goals(text: str, tests: LeanTests) -> Steps:
    """The short form without the steps whose goals are a test's; all else stays as it is."""
    starts = [match.start() for match in _BLOCK.finditer(text)]
    if not starts:
        return Steps(text, 0)
    kept, removed = [text[: starts[0]]], 0
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        block = text[start:end]
        if tests.states(block[len(GOAL) :].partition(STEP)[0]):
            removed += 1
        else:
            kept.append(block)
    return Steps("".join(kept), removed)


def is_long_form(text: str) -> bool:
    """Whether a text is the longer form."""
    return text.startswith("===\n")


def of_long_form(text: str, path: str, tests: LeanTests) -> Steps:
    """The steps of the longer form of the file at `path`. Raises ValueError for a block that lacks a field."""
    kept: list[Step] = []
    removed = 0
    for block in _VERBOSE.split(text)[1:]:
        fields = block.split("\n---\n")
        if len(fields) < _FIELDS:
            raise ValueError(f"a block with {len(fields)} fields, expected {_FIELDS}: no output of training_data")
        _, _, declaration, goal, _, tactic = fields[:6]
        named = [one.name for one in lean.declarations(declaration) if one.name]
        if tests.states(goal) or (named and tests.has(path, named[-1], whole=False)):
            removed += 1
        else:
            kept.append(Step(goal, tactic))
    return Steps(written(kept), removed)


def of_theorem(theorem: Mapping[str, Any]) -> Iterator[Step]:
    """The steps of one of LeanDojo's theorems. Raises ValueError for what is none."""
    traced, name = theorem.get("traced_tactics"), theorem.get("full_name")
    if not isinstance(traced, list) or not isinstance(name, str) or not isinstance(theorem.get("file_path"), str):
        raise ValueError("no theorem of LeanDojo: expected `file_path`, `full_name` and a list `traced_tactics`")
    for step in traced:
        goal, tactic = (step.get(key) if isinstance(step, Mapping) else None for key in ("state_before", "tactic"))
        if not isinstance(goal, str) or not isinstance(tactic, str):
            raise ValueError(f"a step of {name[:80]} without `state_before` or `tactic`")
        yield Step(goal, tactic, name)


def of_theorems(steps: Iterable[Step], path: str, tests: LeanTests) -> Steps:
    """The steps of LeanDojo's theorems of the file at `path`."""
    every = list(steps)
    kept = [step for step in every if not tests.has(path, step.theorem, whole=True)]
    return Steps(written(kept), len(every) - len(kept))


def written(steps: Iterable[Step]) -> str:
    """Steps in the short form."""
    return "".join(f"{GOAL}{step.goal}\n{STEP}{step.tactic}\n" for step in steps)
