"""`proofpile dedup` on foreign files: JSON lines and Parquet, ids by name, mistakes in one line."""

import argparse
import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manifests.errors import UserError
from manifests.records import stable_id
from pipelines.commands import dedup
from pipelines.commands.cli import main
from pipelines.corpus.verify import verify

ROWS = [
    {"name": "1", "body": "Let x be prime; then x is odd or two."},
    {"name": "2", "body": "let X be prime, then x is odd or TWO"},
    {"name": "3", "body": "\ud800 alone"},
    {"name": "4", "body": "Something else entirely."},
]


def command(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    dedup.add(parser.add_subparsers())
    parsed = parser.parse_args(["dedup", *arguments, "--quiet"])
    parsed.beam_args = ()
    code: int = parsed.run(parsed)
    return code


def listed(root: Path) -> list[tuple[str, str, str]]:
    tables = [pq.read_table(path).to_pylist() for path in sorted(root.glob("duplicates/**/*.parquet"))]
    return sorted((row["id"], row["kept_id"], row["method"]) for rows in tables for row in rows)


def test_json_lines_and_parquet_are_deduplicated_together_and_against_an_earlier_run(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "rows.jsonl.gz", "wt", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row) + "\n" for row in ROWS)
    more = pa.table({"name": ["5", "6"], "body": ["Something else, entirely", "New words."]})
    pq.write_table(more, tmp_path / "more.parquet")
    keys = ("--id-key", "name", "--text-key", "body")
    inputs = ("--input", str(tmp_path / "rows.jsonl.gz"), "--input", str(tmp_path / "more.parquet"))
    assert command(*inputs, *keys, "--output", str(tmp_path / "out")) == 0
    assert listed(tmp_path / "out") == [("2", "1", "normalised"), ("5", "4", "normalised")]
    late = pa.table({"name": ["7", "8"], "body": ["New words.", "Newer words still."]})
    pq.write_table(late, tmp_path / "late.parquet")
    against = ("--against", str(tmp_path / "out"))
    assert command("--input", str(tmp_path / "late.parquet"), *keys, *against, "--output", str(tmp_path / "new")) == 0
    assert listed(tmp_path / "new") == [("7", "6", "exact")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--bands", "4"), "bands and rows go together"),
        (("--threshold", "1.5"), "threshold"),
        (("--method", "simhash", "--differing-bits", "9"), "needs more blocks"),
    ],
)
def test_settings_that_cannot_be_are_one_line(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(UserError, match=said):
        command("--input", "x.jsonl", *arguments, "--output", str(tmp_path / "out"))


def test_rows_with_equal_ids_are_refused(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"id": "a", "text": "x"}\n{"id": "a", "text": "y"}\n')
    with pytest.raises(
        UserError, match=r"id 'a' occurs twice, in .*rows\.jsonl \(text 1\) and in .*rows\.jsonl \(text 2\)"
    ):
        command("--input", str(tmp_path / "rows.jsonl"), "--output", str(tmp_path / "out"))


def test_equal_rows_without_ids_are_duplicates_and_no_fault(tmp_path: Path) -> None:
    rows = ['{"text": "one text of several words"}', '{"text": "another text of other words"}']
    (tmp_path / "a.jsonl").write_text("\n".join([*rows, rows[0]]) + "\n")
    (tmp_path / "b.jsonl").write_text(rows[1] + "\n")
    assert command("--input", str(tmp_path / "*.jsonl"), "--output", str(tmp_path / "out")) == 0
    found = listed(tmp_path / "out")
    assert sorted(method for _, _, method in found) == ["exact", "exact"]
    inside = [(dropped, kept) for dropped, kept, _ in found if dropped != kept]
    assert len(inside) == 1
    assert {name.partition("#")[0] for name in inside[0]} == {stable_id("text", "one text of several words")}
    assert [(dropped, kept) for dropped, kept, _ in found if dropped == kept] == [
        (stable_id("text", "another text of other words"),) * 2
    ]


def failed(root: Path) -> list[str]:
    tables = [pq.read_table(path).to_pylist() for path in sorted(root.glob("failed/signatures/**/*.parquet"))]
    return [row["error"] for rows in tables for row in rows]


def test_when_no_text_can_be_read_the_command_ends_with_1_and_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rows.jsonl").write_text("[1]\nnot JSON\n")
    code = main(["dedup", "--input", str(tmp_path / "rows.jsonl"), "--output", str(tmp_path / "out"), "--quiet"])
    said = capsys.readouterr().err.strip().splitlines()
    assert code == 1
    assert len(said) == 1 and "signatures: none of the 2 records could be read" in said[0]
    assert len(failed(tmp_path / "out")) == 2


def test_a_file_cut_short_costs_what_comes_after_the_cut_and_is_listed(tmp_path: Path) -> None:
    lines = "".join(
        json.dumps({"id": f"{n}", "text": f"text {n} of many {hash(n) * 7919}"}) + "\n" for n in range(3000)
    )
    whole = gzip.compress(lines.encode())
    (tmp_path / "cut.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "same.jsonl").write_text('{"id": "x", "text": "Text 5 of many 39595"}\n[]\n')
    inputs = ("--input", str(tmp_path / "cut.jsonl.gz"), "--input", str(tmp_path / "same.jsonl"))
    assert command(*inputs, "--output", str(tmp_path / "out")) == 0
    assert [row[:2] for row in listed(tmp_path / "out")] == [("x", "5")]
    assert len(failed(tmp_path / "out")) == 2
    assert [finding for finding in verify(tmp_path / "out") if finding.path != "manifest.json"] == []


def test_a_table_with_our_columns_of_other_types_is_a_foreign_file(tmp_path: Path) -> None:
    rows = {"id": ["1", None], "source": [1, 2], "text": ["a b c", "a B c"], "scores": [0.5, None]}
    pq.write_table(pa.table(rows), tmp_path / "rows.parquet")
    assert command("--input", str(tmp_path / "rows.parquet"), "--output", str(tmp_path / "out")) == 0
    ((gone, kept, method),) = listed(tmp_path / "out")
    assert method == "normalised" and "1" in (gone, kept)


def test_chunks_are_a_method_of_the_command(tmp_path: Path) -> None:
    shared, own = "lemma a : b. " * 200, "theorem c : d. " * 200
    rows = [{"id": "1", "text": shared}, {"id": "2", "text": shared[:2048] + own}]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    inputs = ("--input", str(tmp_path / "rows.jsonl"))
    assert command(*inputs, "--output", str(tmp_path / "plain")) == 0
    assert listed(tmp_path / "plain") == []
    assert command(*inputs, "--chunks", "published", "--output", str(tmp_path / "out")) == 0
    ((gone, kept, method),) = listed(tmp_path / "out")
    assert method == "chunks" and {gone, kept} == {"1", "2"}
