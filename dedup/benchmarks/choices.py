"""The options of multiple choice, in the forms that test sets have them in.

A list of texts (MMLU, MMLU-Pro), one text with letters (SAT, MathQA), an object with texts and labels (ARC), an object
from letters to texts, one column an option (GPQA's wrong answers, `A` to `D`).
"""

from collections.abc import Iterable
from typing import Any

from dedup.benchmarks.values import Row, value_at

OPTIONS = "options"
_WHOLE = ("options", "choices", "answer_choices", "possible_answers", "candidates", "mc_options", "option", "endings")
_LETTERS = ("a", "b", "c", "d", "e")
_APART = (
    ("correct_answer", "incorrect_answer_1", "incorrect_answer_2", "incorrect_answer_3"),
    ("distractor1", "distractor2", "distractor3"),
    ("option_a", "option_b", "option_c", "option_d"),
    ("opa", "opb", "opc", "opd"),
    _LETTERS[:4],
    _LETTERS,
)
_TEXTS = ("text", "texts", "content", "choices", "option")


def option_columns(columns: Iterable[str]) -> tuple[str, ...]:
    """The columns that hold the options; none where a file has none."""
    plain = {column.strip().lower().replace(" ", "_"): column for column in reversed(list(columns))}
    for name in _WHOLE:
        if name in plain:
            return (plain[name],)
    best = max(_APART, key=lambda names: (all(name in plain for name in names), len(names)))
    return tuple(plain[name] for name in best) if all(name in plain for name in best) else ()


def options_text(row: Row, columns: tuple[str, ...]) -> str:
    """All options of a row, one a line; empty where there are none."""
    return "\n".join(text for column in columns for text in _texts(value_at(row, column)))


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, dict):
        inner = next((value[key] for key in _TEXTS if key in value), None)
        return _texts(list(value.values()) if inner is None else inner)
    if isinstance(value, list):
        return [text for element in value for text in _texts(element)]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return [str(value)]
    return []
