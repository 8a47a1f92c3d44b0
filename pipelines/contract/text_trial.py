"""What an edit or a score promises, looked at over the texts of the inputs and over texts of odd shapes."""

import math
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from filters.edits.base import Edit, Edited
from manifests.errors import UserError
from manifests.mistakes import explain
from manifests.user_classes import place_of
from pipelines.contract.loading import EDIT
from pipelines.contract.telling import Told, Trial

ODD_TEXTS = ("", " ", "x", "naïve – ∑ 数学 \U0001d4d0", "$x^2$\n" * 3, "\ufeffa\u200bb", "a\r\nb\0c", "(" * 2000)


def try_texts(trial: Trial, inputs: list[str], options: dict[str, Any]) -> None:
    """Run an edit or a score over the inputs' texts, and over texts of odd shapes."""
    folders = [name for name in inputs if Path(name).is_dir()]
    if folders:
        raise UserError(f"{folders[0]}: is a folder; an edit or a score is tried on text files")
    texts = {name: Path(name).read_text(encoding="utf-8", errors="replace") for name in inputs}
    texts |= {f"odd text {number}": text for number, text in enumerate(ODD_TEXTS, 1)}
    method = trial.part.methods[0]
    cls: Any = trial.cls
    try:
        subject: Any = cls(cls.Options.model_validate(options)) if trial.part is EDIT else cls(**options)
    except ValidationError as error:
        raise UserError(explain(error, "--option", cls.Options)) from None
    except TypeError as error:
        raise UserError(f"{place_of(trial.cls)}: `{trial.cls.__name__}` cannot be made: {error}") from None
    names: set[str] = set()
    for record, text in texts.items():
        trial.at(method, record)
        try:
            outcome = getattr(subject, method)(text)
            again = getattr(subject, method)(text)
        except Exception as error:
            trial.raised(error, method, record)
            continue
        if outcome != again:
            trial.at_method(method, "gave two results for one text", record)
        if isinstance(subject, Edit):
            _judge_edit(trial, subject, outcome, record)
        else:
            names |= _judge_scores(trial, outcome, record)
        trial.outcome(record, "result", outcome)
    gives = getattr(subject, "gives", None)
    if gives is not None and names - set(gives):
        trial.at_method(method, f"gave {', '.join(sorted(names - set(gives)))}, which `gives` does not name")


def _judge_edit(trial: Trial, edit: Edit, outcome: Any, record: str) -> None:
    if not isinstance(outcome, Edited):
        kind = "None" if outcome is None else type(outcome).__name__
        trial.at_method("edit", f"returned {kind}; expected Edited(text, counts)", record)
        raise Told
    text: object = outcome.text
    if not isinstance(text, str):
        trial.at_method("edit", f"gave a text of type {type(text).__name__}", record)
        raise Told
    counts = dict(outcome.counts)
    if not all(isinstance(key, str) and isinstance(value, int) for key, value in counts.items()):
        trial.at_method("edit", f"gave counts {counts!r}; expected whole numbers by name", record)
    second = edit.edit(outcome.text)
    if second.text != outcome.text:
        trial.at_method("edit", "changes its own result again; an edited text must stay as it is", record)


def _judge_scores(trial: Trial, outcome: Any, record: str) -> set[str]:
    if not hasattr(outcome, "items"):
        kind = "None" if outcome is None else type(outcome).__name__
        trial.at_method("score", f"returned {kind}; expected a mapping of names to numbers", record)
        raise Told
    names = set()
    for key, value in outcome.items():
        if isinstance(value, str):
            continue
        names.add(str(key))
        try:
            sane = isinstance(key, str) and math.isfinite(float(value))
        except (TypeError, ValueError):
            sane = False
        if not sane:
            trial.at_method("score", f"gave {key!r}: {value!r}; expected finite numbers by name", record)
    return names
