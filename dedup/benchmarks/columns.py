"""Which column of a file is what: the usual names, and the choice among those that a file has."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from dedup.benchmarks.choices import OPTIONS, inner_option_columns, option_columns, options_text
from dedup.benchmarks.items import LINE, BenchmarkFormat
from dedup.benchmarks.values import Row, id_of, joined, value_at
from manifests.benchmarks import KnownBenchmark

GENERAL = ("query", "prompt", "input", "text")
"""Names that a column of any table may have; a known benchmark is not taken from them."""
USUAL: Mapping[str, tuple[str, ...]] = {
    "problem": (
        "problem",
        "question",
        "problem_statement",
        "informal_statement",
        "nl_statement",
        "informal_stmt",
        "informal_prefix",
        "natural_language",
        "nl_problem",
        "natural_language_statement",
        "refined_statement",
        "problem_text",
        "question_text",
        "questions",
        "turns",
        "exercise",
        "statement",
        "instruction",
        *GENERAL,
    ),
    "solution": (
        "solution",
        "solutions",
        "informal_solution",
        "informal_proof",
        "nl_proof",
        "proof",
        "explanation",
        "rationale",
        "cot_content",
    ),
    "answer": (
        "answer",
        "answers",
        "correct_answer",
        "final_answer",
        "short_answer",
        "golden_answer",
        "expected_answer",
        "reference_answer",
        "ground_truth",
        "output",
        "target",
        "completion",
        "response",
    ),
    "formal": (
        "formal_statement",
        "formal_theorem",
        "lean4_statement",
        "lean_statement",
        "isabelle_statement",
        "coq_statement",
        "rocq_statement",
        "lean_code",
        "lean4_code",
        "lean4_formalization",
        "autoformalization",
        "formal",
    ),
}
"""For a file of no known layout: the first of these columns that the file has, for each field; case does not matter,
and neither do spaces, hyphens and underscores between words (`Problem ID`, `problemid`). Where no column has the name,
those that have it with a number behind are joined. An answer that is all the solution there is, is the solution
(GSM8K)."""
IDS = (
    "id",
    "unique_id",
    "problem_idx",
    "question_id",
    "problem_id",
    "record_id",
    "problem_name",
    "theorem_name",
    "theorem_names",
    "full_name",
    "name",
    "identifier",
    "task_id",
    "uuid",
    "uid",
    "qid",
    "idx",
    "doc_id",
    "problem_number",
    "number",
    "index",
)
"""Columns of ids, tried in this order; one is taken where most rows have an id in it."""
INSTANCE = "instance"
"""A column that tells rows of one id apart (GSM-Symbolic) is always joined to the id: `12-3`."""
BESIDE_ID = ("variation_id", "part", "year", "config", "subset", "subject", "topic", "contest", "split")
"""Where ids repeat, one or two of these are joined to them, if that tells the rows apart."""
CHATS = ("messages", "conversations", "conversation", "chat", "dialogue")
"""Columns of chats, each a list of messages with a role and a text."""
LEVELS = ("level", "difficulty", "difficulty_level")
SPLIT = "split"
WORDS_BESIDE_A_SOLUTION = 3
"""Answers beside a solution that never have so many words are no field: they cannot be looked for."""
_BETWEEN_WORDS = str.maketrans(dict.fromkeys(" _-"))
_DIGITS = "0123456789"
_WORD = re.compile(r"[^\W\d_]{2}")


class Chosen(NamedTuple):
    """Which columns are read: by field, of the id (None: rows have none), of the level."""

    fields: dict[str, tuple[str, ...]]
    id: str | None
    level: str | None


def choose(
    columns: Sequence[str], rows: Sequence[Row], layout: BenchmarkFormat | None, known: KnownBenchmark | None
) -> Chosen:
    """The columns to read: those that the user named, else the known benchmark's if they are there, else the usual."""
    level = next(iter(named(columns, LEVELS)), None)
    if layout is not None:
        return Chosen({field: _tuple(column) for field, column in layout.fields.items()}, layout.id, level)
    fields = {field: _tuple(column) for field, column in known.fields.items()} if known else {}
    if not fields or not all(top in columns for group in fields.values() for top in map(_top, group)):
        fields = _usual(columns, rows)
    taken = {column for group in fields.values() for column in group}
    options = tuple(column for column in option_columns(columns) if column not in taken)
    options = options or inner_option_columns(rows, fields.get("problem", ()))
    if options and any(options_text(row, options).strip() for row in rows):
        fields[OPTIONS] = options
    return Chosen(fields, _id_column(columns, rows, known), level)


def named(columns: Iterable[str], names: Iterable[str]) -> list[str]:
    """The columns that have one of the names, in the order of these."""
    plain = {_plain(column): column for column in reversed(list(columns))}
    return [plain[_plain(name)] for name in names if _plain(name) in plain]


def _plain(name: str) -> str:
    name = name.strip().lower()
    return name[:1] + name[1:].translate(_BETWEEN_WORDS)


def _tuple(column: str | tuple[str, ...]) -> tuple[str, ...]:
    return (column,) if isinstance(column, str) else tuple(column)


def _top(column: str) -> str:
    return column.partition(".")[0]


def _usual(columns: Sequence[str], rows: Sequence[Row]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for field, names in USUAL.items():
        for column in [*named(columns, names), *_numbered(columns, names)[:1]]:
            texts = [text for row in rows if (text := joined(row, (column,)))]
            if field == "answer" and not _says_something(texts, beside="solution" in found):
                continue
            if texts:
                more = tuple(named(columns, ("input",))) if column in named(columns, ("instruction",)) else ()
                if column in (numbered := _numbered(columns, names)):
                    more = tuple(numbered[1:])
                found["solution" if field == "answer" and "solution" not in found else field] = (column, *more)
                break
    return found or _chat(columns, rows)


def _numbered(columns: Sequence[str], names: Iterable[str]) -> list[str]:
    """The columns of the first name that some have with a number behind it (HARP: `solution_1`, `solution_2`)."""
    for name in names:
        found = [
            column for column in columns if (stem := column.rstrip(_DIGITS)) != column and _plain(stem) == _plain(name)
        ]
        if found:
            return found
    return []


def _chat(columns: Sequence[str], rows: Sequence[Row]) -> dict[str, tuple[str, ...]]:
    """Of rows that are chats: what the user asks is the problem, what is answered the solution."""
    for column in named(columns, CHATS):
        if any(joined(row, (f"{column}.user",)) for row in rows):
            return {"problem": (f"{column}.user",), "solution": (f"{column}.assistant",)}
    return {}


def _says_something(answers: Sequence[str], *, beside: bool) -> bool:
    """Whether some answer is more than a number or a letter; `beside` a solution, whether it has words enough."""
    if beside:
        return any(len(answer.split()) >= WORDS_BESIDE_A_SOLUTION for answer in answers)
    return any(_WORD.search(answer) for answer in answers)


def _id_column(columns: Sequence[str], rows: Sequence[Row], known: KnownBenchmark | None) -> str | None:
    candidates = [known.id] if known and known.id not in (None, LINE) and _top(str(known.id)) in columns else []
    for column in [*candidates, *named(columns, IDS)]:
        if 2 * sum(id_of(value_at(row, str(column))) is not None for row in rows) > len(rows):
            return column
    return known.id if known and known.id == LINE else None
