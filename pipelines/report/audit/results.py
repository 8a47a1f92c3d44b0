"""Results of models on a benchmark, item by item, as evaluation programs write them.

JSON lines with an id (or the problem's text) and whether the answer is right; the sample files of
lm-evaluation-harness; the one JSON object of Llemma's fork of it (repository wellecks/lm-evaluation-harness), which
keeps a list of items with `acc` for each task under `cache`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from dedup.benchmarks import problem_digest
from dedup.benchmarks.columns import IDS, USUAL, named
from dedup.benchmarks.files import rows_of
from dedup.benchmarks.values import id_of, text_of, value_at
from manifests.errors import UserError

CORRECT = ("correct", "is_correct", "exact_match", "acc", "acc_norm", "accuracy", "score", "passed", "pass", "right")
"""Columns that say whether an answer is right: true or false, or a number from 0 to 1."""


RIGHT = 0.5
"""An answer of this score and above is right."""
GENERATED = (
    "resps", "filtered_resps", "metadata.candidates", "candidates", "generated", "generation", "generations",
    "completion", "completions", "response", "responses", "model_output", "output", "prediction",
)  # fmt: skip
"""Columns of what a model wrote: of lm-evaluation-harness, of Llemma's fork of it, and the usual names of others."""


class Result(NamedTuple):
    """One item's result: how right the answer is, from 0 to 1, what the item is known by, and what the model wrote, as
    far as the file tells.
    """

    ids: tuple[str, ...]
    digest: str
    correct: float
    generated: str = ""

    @property
    def is_right(self) -> bool:
        """Whether the answer counts as right."""
        return self.correct >= RIGHT


def read_results(path: Path, correct_key: str | None = None) -> list[Result]:
    """The results of a file. Raises UserError naming the file, and the row where it fits."""
    rows = [_flat(row) for row in _rows(path)]
    if not rows:
        raise UserError(f"{path}: no results; expected a JSON object a line")
    columns = list(dict.fromkeys(key for row in rows for key in row))
    correct = [correct_key] if correct_key else named(columns, CORRECT)
    if not set(correct) & set(columns):
        there = ", ".join(columns)
        raise UserError(f"{path}: no column `{correct_key or 'correct'}` that says what is right; there are {there}")
    ids, problems = named(columns, IDS), named(columns, USUAL["problem"])
    return list(_of_first_filter(path, rows, ids, problems, correct))


def _rows(path: Path) -> Sequence[Mapping[str, Any]]:
    """The rows of a file; where some hold lists of results, the rows of these lists alone."""
    rows = list(rows_of(path))
    tasks = [task for row in rows for task in (row, *(value for value in row.values() if isinstance(value, dict)))]
    listed = [value for task in tasks for value in task.values() if _are_results(value)]
    return [item for items in listed for item in items] or rows


def _are_results(value: Any) -> bool:
    """Whether a value is a list of items with what says whether they are right."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict) and bool(named(value[0], CORRECT))


def _flat(row: Mapping[str, Any]) -> Mapping[str, Any]:
    inner = row.get("doc")
    return {**inner, **row} if isinstance(inner, dict) else row


def _of_first_filter(
    path: Path,
    rows: Iterable[Mapping[str, Any]],
    ids: Sequence[str],
    problems: Sequence[str],
    correct: Sequence[str],
) -> Iterator[Result]:
    """The results; of lm-evaluation-harness's several filters of an answer the first. Tasks of one file may say by
    different columns what is right: each row has the first it knows.
    """
    first: Any = None
    for number, row in enumerate(rows):
        if "filter" in row:
            first = row["filter"] if first is None else first
            if row["filter"] != first:
                continue
        column = next((one for one in correct if row.get(one) is not None), correct[0])
        value = row.get(column)
        if not isinstance(value, bool | int | float) or not 0 <= value <= 1:
            raise UserError(f"{path}: result {number}: `{column}` is {value!r}; expected true, false or 0 to 1")
        known = tuple(found for column in ids if (found := id_of(row.get(column))) is not None)
        texts = (text for column in problems if (text := text_of(row.get(column))))
        written = (text for column in GENERATED if (text := text_of(value_at(row, column))))
        yield Result(known, problem_digest(next(texts, "")), float(value), next(written, ""))
