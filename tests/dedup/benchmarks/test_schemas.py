"""Schemas of test sets that nobody described: what is read of them without a word about columns."""

import json
from pathlib import Path

import pytest

from dedup.benchmarks import read

ASKED = "In how many ways can Ola lay six blue tiles in a row of nine places so that no two touch?"
SAID = "There are four ways, as one sees."
PAIR = {"problem": ASKED, "solution": SAID}
CHAT = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": ASKED},
        {"role": "assistant", "content": SAID}]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "identifier", "fields"),
    [
        ("list.json", [{"Problem": ASKED, "Solution": SAID, "Problem Number": 3}], "3", PAIR),
        ("object.json", {"version": 1, "data": [{"id": "a", "question": ASKED, "answer": SAID}]}, "a", PAIR),
        ("tasks.json", {"examples": [{"input": ASKED, "target": SAID, "idx": 4}]}, "4", PAIR),
        ("chat.jsonl", {"id": "c", "messages": CHAT}, "c", PAIR),
        (
            "shared.jsonl",
            {"id": "c", "conversations": [{"from": "human", "value": ASKED}, {"from": "gpt", "value": SAID}]},
            "c",
            PAIR,
        ),
        ("pairs.jsonl", {"id": 1, "prompt": ASKED, "completion": SAID}, "1", PAIR),
        ("exercises.jsonl", {"id": 1, "exercise": ASKED, "solution": SAID}, "1", PAIR),
        ("statements.jsonl", {"id": 1, "statement": ASKED, "proof": SAID}, "1", PAIR),
        ("texts.jsonl", {"id": 1, "question_text": ASKED, "answer": SAID}, "1", PAIR),
        ("within.jsonl", {"id": 1, "input": {"question": ASKED}, "target": SAID}, "1", PAIR),
        ("languages.jsonl", {"id": 1, "problem": {"zh": "几", "en": ASKED}, "solution": {"en": SAID}}, "1", PAIR),
        ("queries.jsonl", {"uid": "u", "query": ASKED, "response": SAID}, "u", PAIR),
        ("told.jsonl", {"task_id": "T/1", "instruction": ASKED, "input": "", "output": SAID}, "T/1", PAIR),
        (
            "told_more.jsonl",
            {"task_id": "T/1", "instruction": "Count them.", "input": ASKED, "output": SAID},
            "T/1",
            {"problem": f"Count them.\n{ASKED}", "solution": SAID},
        ),
        ("nested.jsonl", {"id": "n", "question": {"text": ASKED, "lang": "en"}, "solution": SAID}, "n", PAIR),
        (
            "letters.jsonl",
            {"question_id": 11, "question": ASKED, "A": "1 way", "B": "4 ways", "C": "9", "D": "none", "answer": "B"},
            "11",
            {"problem": ASKED, "options": "1 way\n4 ways\n9\nnone"},
        ),
        ("samples.jsonl", {"doc_id": 0, "doc": {"query": ASKED, "choices": ["1 way", "4 ways"]}}, "0",
         {"problem": ASKED, "options": "1 way\n4 ways"}),
        (
            "inside.jsonl",
            {"id": "i", "question": {"stem": ASKED, "choices": [{"text": "1 way", "label": "A"}, {"text": "4 ways"}]}},
            "i",
            {"problem": ASKED, "options": "1 way\n4 ways"},
        ),
        ("two.jsonl", {"qid": 2, "question": ASKED, "option_a": "1 way", "option_b": "4 ways", "correct": "b"}, "2",
         {"problem": ASKED, "options": "1 way\n4 ways"}),
        ("five.jsonl", {"problemid": " 5", "problem_text": ASKED, "choice1": "1", "choice2": "2", "choice3": "4 ways"},
         " 5", {"problem": ASKED, "options": "1\n2\n4 ways"}),
        ("several.jsonl", {"number": 8, "problem": ASKED, "solution_1": SAID, "solution_2": "Count.", "level": 2},
         "8", {"problem": ASKED, "solution": f"{SAID}\nCount."}),
        ("parts.jsonl", {"problem_id": "p", "questions": [ASKED, "And of ten?"], "answers": ["4", "7"]}, "p",
         {"problem": f"{ASKED}\nAnd of ten?"}),
        ("turns.jsonl", {"question_id": 4, "turns": [ASKED, "And of ten?"], "reference": ["4", "7"]}, "4",
         {"problem": f"{ASKED}\nAnd of ten?"}),
        ("held.jsonl", {"id": 6, "problem": {"level": 2, "statement": ASKED}, "solution": {"body": SAID}}, "6", PAIR),
        ("keys.jsonl", {"Problem_9": {"question": ASKED, "reasoning": "", "solution": SAID}}, "Problem_9", PAIR),
        ("rocq.jsonl", {"name": "c", "informal_stmt": ASKED, "coq_statement": "Theorem c : 1 = 1."}, "c",
         {"problem": ASKED, "formal": "Theorem c : 1 = 1."}),
    ],
)  # fmt: skip
def test_a_file_of_another_schema(
    tmp_path: Path, name: str, content: object, identifier: str, fields: dict[str, str]
) -> None:
    (tmp_path / name).write_text(json.dumps(content) + "\n")
    (only,) = read("quiz", tmp_path / name).items
    assert only.id == identifier
    assert dict(only.fields) == fields


def test_options_inside_the_question_are_none_where_a_question_is_a_text(tmp_path: Path) -> None:
    (tmp_path / "plain.jsonl").write_text(json.dumps({"id": 1, "question": ASKED, "option_a": "1 way"}) + "\n")
    (only,) = read("quiz", tmp_path / "plain.jsonl").items
    assert dict(only.fields) == {"problem": ASKED}, "one option is no choice"


def test_a_table_from_a_spreadsheet(tmp_path: Path) -> None:
    for name, sign in (("a.csv", ";"), ("b.csv", ","), ("c.tsv", "\t")):
        quoted = f'"{ASKED}"'
        (tmp_path / name).write_text(f'\ufeffid{sign}Question{sign}Solution\n7{sign}{quoted}{sign}"{SAID}"\n', "utf-8")
        (only,) = read("quiz", tmp_path / name).items
        assert (only.id, dict(only.fields)) == ("7", PAIR), name
