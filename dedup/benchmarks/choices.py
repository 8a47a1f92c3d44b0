"""The options of multiple choice, in the forms that test sets have them in.

A list of texts (MMLU, MMLU-Pro), one text with letters (SAT, MathQA), an object with texts and labels (ARC, whose
older layout keeps it inside the question), an object from letters to texts, one column an option (GPQA's wrong answers,
`A` to `D`, `option_a` and those behind it).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Any

from dedup.benchmarks.values import Row, value_at

OPTIONS = "options"
_WHOLE = ("options", "choices", "answer_choices", "possible_answers", "candidates", "mc_options", "option", "endings")
_LETTERS = ("a", "b", "c", "d", "e")
_APART = (
    ("correct_answer", "incorrect_answer_1", "incorrect_answer_2", "incorrect_answer_3"),
    ("distractor1", "distractor2", "distractor3"),
    _LETTERS[:4],
    _LETTERS,
)
_STEMS = ("option", "op", "choice", "opt")
_COUNTS = ("abcdefghij", "1234567890", "0123456789")
"""One column an option: a stem and a sign that counts, with or without an underscore between them (MedMCQA: `opa`)."""
_TEXTS = ("text", "texts", "content", "choices", "option")


def option_columns(columns: Iterable[str]) -> tuple[str, ...]:
    """The columns that hold the options; none where a file has none."""
    plain = {column.strip().lower().replace(" ", "_"): column for column in reversed(list(columns))}
    for name in _WHOLE:
        if name in plain:
            return (plain[name],)
    groups: list[tuple[str, ...]] = [names for names in _APART if all(name in plain for name in names)]
    counted = (list(takewhile(plain.__contains__, names)) for names in _counted())
    groups += [tuple(names) for names in counted if len(names) > 1]
    return tuple(plain[name] for name in max(groups, key=len)) if groups else ()


def inner_option_columns(rows: Iterable[Row], columns: Sequence[str]) -> tuple[str, ...]:
    """The dotted column of options that stand inside one of `columns` (ARC: `question.choices`); none where none do."""
    inside: dict[str, None] = {}
    for row in rows:
        for column in columns:
            value = row.get(column)
            inside.update(
                dict.fromkeys(f"{column}.{name}" for name in _WHOLE if isinstance(value, dict) and name in value)
            )
    return tuple(inside)[:1]


def _counted() -> Iterator[list[str]]:
    for signs in _COUNTS:
        for stem in _STEMS:
            for between in ("", "_"):
                yield [f"{stem}{between}{sign}" for sign in signs]


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
