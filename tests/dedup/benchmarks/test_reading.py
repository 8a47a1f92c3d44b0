"""Reading test sets as they are published."""

import gzip
import hashlib
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from dedup.benchmarks import LINE, BenchmarkFormat, Reading, read, read_benchmark, read_parts
from manifests.errors import UserError

REAL = os.environ.get("PROOFPILE_REAL_DATA")
ROWS = [{"question": "How many?", "answer": "Two."}, {"question": "Which?", "answer": "  "}]


def lines(rows: list[dict[str, object]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


@pytest.mark.skipif(not REAL, reason="PROOFPILE_REAL_DATA is not set")
@pytest.mark.parametrize(
    ("name", "file", "items", "fields", "first"),
    [
        ("math", "math_test", 5000, {"problem", "solution"}, "0"),
        ("gsm8k", "gsm8k_test", 1319, {"problem", "solution"}, "0"),
        ("proofnet", "proofnet_test", 186, {"problem", "solution", "formal"}, "Rudin|exercise_1_1b"),
        ("mmlu_stem", "mmlu_stem_test", 3018, {"problem", "options"}, "0"),
        ("ocw", "ocw_courses_test", 272, {"problem", "solution", "answer"}, "0"),
        ("sat", "sat_math_test", 32, {"problem", "options"}, "0"),
        ("minif2f", "minif2f_isabelle_test", 244, {"problem", "solution", "formal"}, "test-0"),
    ],
)
def test_reads_the_published_files(name, file, items, fields, first):
    found = read_benchmark(name, Path(str(REAL)) / "benchmarks" / f"{file}.jsonl")
    assert len(found) == items
    assert {field for one in found for field, _ in one.fields} == fields
    assert found[0].id == first


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
def test_reads_json_lines_plain_or_compressed(tmp_path, pack):
    path = tmp_path / "test.jsonl"
    path.write_bytes(pack(lines(ROWS)))
    first, second = read_benchmark("gsm8k", path)
    assert first == ("gsm8k", "0", (("problem", "How many?"), ("solution", "Two.")))
    assert second.fields == (("problem", "Which?"),), "an empty text is no text"


def test_reads_parquet(tmp_path):
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "x")
    assert [one.id for one in read_benchmark("gsm8k", tmp_path / "x")] == ["0", "1"]


def test_without_ids_an_item_is_known_by_its_texts_wherever_it_stands(tmp_path):
    (tmp_path / "a").write_bytes(lines(ROWS))
    (tmp_path / "b").write_bytes(lines([*ROWS[::-1], ROWS[0]]))
    first, second = (read_benchmark("mine", tmp_path / name) for name in "ab")
    assert first == second[::-1]


def test_columns_can_be_named(tmp_path):
    (tmp_path / "a").write_bytes(lines([{"frage": "Warum?", "nr": 4}]))
    (only,) = read_benchmark("mine", tmp_path / "a", BenchmarkFormat({"problem": "frage"}, "nr"))
    assert only == ("mine", "4", (("problem", "Warum?"),))


@pytest.mark.parametrize(
    ("content", "layout", "message"),
    [
        (b"", None, "has no items"),
        (b"{]\n", None, "line 1 is not JSON"),
        (b"[1]\n", None, "item 0 of the list is int"),
        (b'{"problem": "a"}\n[1]\n', None, "line 2 is list"),
        (b'{"frage": "?"}\n', None, "none of the columns frage is known"),
        (b'{"problem": 5}\n', None, "no item has a text"),
        (b'{"problem": "a"}\n', BenchmarkFormat({"problem": "task"}), "no column `task`"),
        (b'{"problem": "a", "n": null}\n', BenchmarkFormat({"problem": "problem"}, "n"), "row 0 has no id"),
        (
            b'{"problem": "a", "n": 1}\n{"problem": "b", "n": 1}\n',
            BenchmarkFormat({"problem": "problem"}, "n"),
            "two items have the id `1`",
        ),
        (b"\x1f\x8b\x08broken", BenchmarkFormat({"problem": "problem"}, LINE), "cannot read the benchmark"),
    ],
)
def test_a_file_that_is_no_benchmark_is_named_in_one_line(tmp_path, content, layout, message):
    path = tmp_path / "test.jsonl"
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_benchmark("mine", path, layout)
    assert str(path) in str(caught.value)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UserError, match=r"gone\.jsonl"):
        read_benchmark("math", tmp_path / "gone.jsonl")


def test_a_test_set_that_is_one_json_object_with_nested_solutions(tmp_path: Path) -> None:
    steps = [{"_text": "Count the strings."}, {"_text": "Add them up."}]
    problem = {"identifier": "P_1", "_text": "How many strings are there?", "solution": {"steps": steps}}
    path = tmp_path / "v0.json"
    path.write_text(json.dumps({"problems": {"P_1": problem}, "hints": {}}))
    [item] = read_benchmark("champ", path)
    assert item.id == "P_1"
    assert item.fields == (
        ("problem", "How many strings are there?"),
        ("solution", "Count the strings.\nAdd them up."),
    )


def test_all_frames_of_a_compressed_test_set_are_read(tmp_path: Path) -> None:
    lines = [json.dumps({"problem": f"Add {number} and one."}).encode() + b"\n" for number in range(6)]
    (tmp_path / "a.zst").write_bytes(b"".join(zstandard.compress(line) for line in lines))
    assert len(read_benchmark("mine", tmp_path / "a.zst")) == 6


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_cut_off_test_set_is_no_smaller_test_set(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    lines = "".join(json.dumps({"problem": hashlib.sha256(bytes([n])).hexdigest()}) + "\n" for n in range(200)).encode()
    path = tmp_path / "cut"
    path.write_bytes(pack(lines[: len(lines) // 2]) + pack(lines[len(lines) // 2 :])[:-9])
    with pytest.raises(UserError, match="cannot read the benchmark"):
        read_benchmark("mine", path)


@pytest.mark.parametrize("indent", [None, 1])
def test_a_test_set_may_be_one_json_list(tmp_path: Path, indent: int | None) -> None:
    path = tmp_path / "list.json"
    path.write_text(json.dumps([{"problem": "Add one and two."}, {"problem": "Add two and three."}], indent=indent))
    assert [item.fields for item in read_benchmark("math", path)] == [
        (("problem", "Add one and two."),),
        (("problem", "Add two and three."),),
    ]


@pytest.mark.parametrize("content", ['[{"problem": "a"}, 3]', '[{"problem": "a"}'])
def test_a_list_that_is_none_is_named_in_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "list.json").write_text(content)
    with pytest.raises(UserError, match=r"list\.json: (item 1 of the list is int|begins with `\[`)"):
        read_benchmark("mine", tmp_path / "list.json")


@pytest.mark.parametrize(
    ("name", "content", "identifier", "fields"),
    [
        ("a.jsonl", {"problem_idx": 3, "problem": "Why?", "answer": 5}, "3", {"problem": "Why?"}),
        ("a.jsonl", {"unique_id": "t/1", "problem": "Why?"}, "t/1", {"problem": "Why?"}),
        ("a.jsonl", {"id": 0, "instance": 2, "question": "Why?"}, "0-2", {"problem": "Why?"}),
        ("a.jsonl", {"doc_id": 7, "doc": {"question": "Why?"}}, "7", {"problem": "Why?"}),
        (
            "a.jsonl",
            {"name": "t", "informal_prefix": "/--Why?-/", "formal_statement": "a"},
            "t",
            {"problem": "Why?", "formal": "a"},
        ),
        ("a.jsonl", {"Problem ID": "i", "Problem": "Why?"}, "i", {"problem": "Why?"}),
        (
            "a.jsonl",
            {"id": 1, "question": "Why?", "solution": ["So", "there"]},
            "1",
            {"problem": "Why?", "solution": "So\nthere"},
        ),
        ("a.json", {"rows": [{"row_idx": 0, "row": {"id": 4, "problem": "Why?"}}]}, "4", {"problem": "Why?"}),
    ],
)
def test_files_are_read_as_they_are_published(tmp_path, name, content, identifier, fields):
    (tmp_path / name).write_text(json.dumps(content))
    (only,) = read_benchmark("mine", tmp_path / name)
    assert (only.id, dict(only.fields)) == (identifier, fields)


def test_csv_is_read_by_its_first_line(tmp_path):
    (tmp_path / "gpqa.csv").write_text('Question,Correct Answer,Record ID\n"Why, then?",So,rec1\n')
    (only,) = read_benchmark("gpqa", tmp_path / "gpqa.csv")
    assert only == ("gpqa", "rec1", (("problem", "Why, then?"), ("solution", "So")))


def test_nested_columns_can_be_named_also_as_ids(tmp_path):
    (tmp_path / "a").write_bytes(lines([{"doc": {"id": "x", "q": "Why?"}}]))
    (only,) = read_benchmark("mine", tmp_path / "a", BenchmarkFormat({"problem": "doc.q"}, "doc.id"))
    assert only.id == "x"


def test_a_named_column_without_any_text_is_an_error(tmp_path):
    (tmp_path / "a").write_bytes(lines([{"problem": "Why?", "solution": 5}]))
    with pytest.raises(UserError, match="no item has a text in column `solution`"):
        read_benchmark("mine", tmp_path / "a", BenchmarkFormat({"problem": "problem", "solution": "solution"}))


def said(
    folder: Path, rows: list[dict[str, object]], name: str = "mine", layout: BenchmarkFormat | None = None
) -> Reading:
    (folder / "test.jsonl").write_bytes(lines(rows))
    return read(name, folder / "test.jsonl", layout)


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        ({"question": "Why?", "options": ["for fun", "for gold"], "answer": "A"}, {"options": "for fun\nfor gold"}),
        ({"question": "Why?", "choices": {"text": ["so", "not"], "label": ["A", "B"]}}, {"options": "so\nnot"}),
        ({"question": "Why?", "options": {"A": "so", "B": "not"}}, {"options": "so\nnot"}),
        ({"question": "Why?", "options": "a ) 38 , b ) 27"}, {"options": "a ) 38 , b ) 27"}),
        ({"question": "Why?", "A": "so", "B": "not", "C": "yes", "D": "no"}, {"options": "so\nnot\nyes\nno"}),
        (
            {
                "Question": "Why?",
                "Correct Answer": "So",
                "Incorrect Answer 1": "x",
                "Incorrect Answer 2": "y",
                "Incorrect Answer 3": "z",
            },
            {"solution": "So", "options": "x\ny\nz"},
        ),
        ({"question": "Why?", "choices": [3, 4.5]}, {"options": "3\n4.5"}),
    ],
)
def test_options_are_a_field_of_their_own_in_whatever_form(tmp_path, row, fields):
    assert dict(said(tmp_path, [row]).items[0].fields) == {"problem": "Why?", **fields}


def test_an_answer_is_read_where_it_says_something(tmp_path):
    number = said(tmp_path, [{"problem": "Why?", "answer": 204}])
    assert (set(number.columns), number.unread) == ({"problem"}, ("answer",))
    letter = said(tmp_path, [{"problem": "Why?", "answer": "B"}])
    assert (set(letter.columns), letter.unread) == ({"problem"}, ("answer",))
    words = said(tmp_path, [{"problem": "Why?", "solution": "Thus.", "answer": "all the even numbers"}])
    assert set(words.columns) == {"problem", "solution", "answer"}
    three = said(tmp_path, [{"problem": "Why?", "solution": "Thus.", "answer": "all even numbers"}])
    assert set(three.columns) == {"problem", "solution", "answer"}
    two = said(tmp_path, [{"problem": "Why?", "solution": "Thus.", "answer": "even numbers"}])
    assert set(two.columns) == {"problem", "solution"}
    only = said(tmp_path, [{"problem": "Why?", "answer": "Because."}])
    assert only.columns == {"problem": ("problem",), "solution": ("answer",)}


def test_several_columns_make_up_one_field(tmp_path):
    row = {"ID": "s1", "Body": "He has two.", "Question": "How many?"}
    assert said(tmp_path, [row], "svamp").items[0] == ("svamp", "s1", (("problem", "He has two.\nHow many?"),))


def test_parts_of_a_file_are_not_mixed(tmp_path):
    rows = [{"id": 0, "split": "train", "problem": "a"}, {"id": 0, "split": "test", "problem": "b"}]
    found = said(tmp_path, rows)
    assert [item.fields for item in found.items] == [(("problem", "b"),)]
    assert "only `test` is read, not train (1 rows)" in found.said("mine")
    assert said(tmp_path, rows, layout=BenchmarkFormat({}, split="train")).items[0].fields == (("problem", "a"),)
    with pytest.raises(UserError, match="no row has split = `dev`; the parts that are there: train"):
        said(tmp_path, rows, layout=BenchmarkFormat({}, split="dev"))
    with pytest.raises(UserError, match=r"several parts, none called `test`: train .*choose one with split=NAME"):
        said(tmp_path, [{"split": "train", "problem": "a"}, {"split": "valid", "problem": "b"}])


def test_a_copy_of_another_length_than_the_published_is_named(tmp_path):
    assert "the published test set has 1,319" in said(tmp_path, ROWS, "gsm8k").said("gsm8k")


def test_ids_that_repeat_are_joined_with_what_tells_the_rows_apart(tmp_path):
    rows = [
        {"Problem Number": 1, "Year": 1983, "Part": "I", "Question": "a"},
        {"Problem Number": 1, "Year": 1984, "Part": "I", "Question": "b"},
        {"Problem Number": 1, "Year": 1984, "Part": "II", "Question": "c"},
    ]
    found = said(tmp_path, rows)
    assert [item.id for item in found.items] == ["1-I-1983", "1-I-1984", "1-II-1984"]
    assert "ids are joined with Part and Year" in found.said("mine")


def test_an_item_that_stands_twice_is_one_item(tmp_path):
    # A sample file of lm-evaluation-harness has a row for each filter of the answers.
    rows = [{"doc_id": 0, "doc": {"question": "Why?"}, "filter": name} for name in ("strict", "flexible")]
    found = said(tmp_path, rows)
    assert (len(found.items), found.unread) == (1, ())
    assert "rows that repeat an item, left out: 1" in found.said("mine")


def test_whole_numbers_that_a_table_made_into_fractions_are_whole_again(tmp_path):
    assert [item.id for item in said(tmp_path, [{"id": 3.0, "problem": "a"}, {"id": 5.5, "problem": "b"}]).items] == [
        "3",
        "5.5",
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.json", {"problem": ["Why?", "How?"], "id": ["a", "b"]}),
        ("t.json", {"a": {"problem": "Why?"}, "b": {"problem": "How?"}}),
        ("t.json", {"version": 1, "data": [{"id": "a", "problem": "Why?"}, {"id": "b", "problem": "How?"}]}),
    ],
)
def test_one_json_value_may_hold_the_items_in_many_ways(tmp_path, name, content):
    (tmp_path / name).write_text(json.dumps(content))
    found = read("mine", tmp_path / name)
    assert [(item.id, dict(item.fields)["problem"]) for item in found.items] == [("a", "Why?"), ("b", "How?")]


def test_arrow_files_and_streams_are_read(tmp_path):
    table = pa.table({"id": ["a"], "problem": ["Why?"]})
    for name, new in (("file.arrow", pa.ipc.new_file), ("stream.arrow", pa.ipc.new_stream)):
        with new(str(tmp_path / name), table.schema) as writer:
            writer.write_table(table)
        assert read_benchmark("mine", tmp_path / name)[0].id == "a"


def test_other_encodings_are_read_where_the_file_says_so_and_named_where_not(tmp_path):
    row = json.dumps({"id": "é", "problem": "Für n ≥ 2?"}, ensure_ascii=False)
    for encoding in ("utf-16", "utf-8-sig"):
        (tmp_path / "a.jsonl").write_bytes((row + "\n").encode(encoding))
        assert read_benchmark("mine", tmp_path / "a.jsonl")[0].id == "é"
    (tmp_path / "b.jsonl").write_bytes(b'{"problem": "a"}\n' + '{"problem": "Für"}'.encode("latin-1"))
    with pytest.raises(UserError, match=r"b\.jsonl: line 2 holds the byte 0xfc, which is not UTF-8"):
        read_benchmark("mine", tmp_path / "b.jsonl")


LEAN = """import Mathlib

/-- Show that $2 + 2 = 4$. -/
theorem two_two : (2 : ℕ) + 2 = 4 := by
  norm_num

abbrev answer : ℕ := sorry
/-- What is it? -/
theorem putnam_1 (n : ℕ) (h : n > 3)
  : n ≠ answer :=
sorry
"""
ISABELLE = """theory A imports Main begin
lemma easy:
  fixes n :: nat
  assumes "n > 0"
  shows "n \\<ge> 1"
  sorry
end
"""


def test_sources_of_provers_give_their_statements(tmp_path):
    (tmp_path / "t.lean").write_text(LEAN)
    first, second = read_benchmark("mine", tmp_path / "t.lean")
    assert first.id == "two_two"
    assert dict(first.fields) == {
        "problem": "Show that $2 + 2 = 4$.",
        "formal": "theorem two_two : (2 : ℕ) + 2 = 4",
    }
    assert dict(second.fields)["formal"].endswith("n ≠ answer")
    (tmp_path / "t.thy").write_text(ISABELLE)
    (lemma,) = read_benchmark("mine", tmp_path / "t.thy")
    assert (lemma.id, dict(lemma.fields)["formal"].splitlines()[-1]) == ("easy", '  shows "n \\<ge> 1"')


def test_an_archive_of_sources_is_one_benchmark(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("src/a.lean", LEAN)
        archive.writestr("src/b.thy", ISABELLE)
        archive.writestr("README.md", "no items")
    assert [item.id for item in read_benchmark("mine", tmp_path / "t.zip")] == ["two_two", "putnam_1", "easy"]


def test_a_benchmark_of_several_files_knows_an_item_by_its_part(tmp_path):
    for part in ("algebra", "geometry"):
        (tmp_path / part).write_bytes(lines([{"problem": f"{part}?", "solution": "So.", "level": "Level 2"}]))
    found = read_parts("math", {part: tmp_path / part for part in ("algebra", "geometry")})
    assert [item.id for item in found.items] == ["algebra/0", "geometry/0"]
    assert found.levels == {"algebra/0": "Level 2", "geometry/0": "Level 2"}
