"""Auditing any corpus from the command line, and what the table says."""

import argparse
import bz2
import gzip
import hashlib
import json
import lzma
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from manifests import ledger
from manifests.errors import UserError
from manifests.records import HIT
from pipelines.commands import audit
from pipelines.corpus.folder import BENCHMARKS_PATH, SUMMARY_PATH
from pipelines.corpus.texts import TextFile
from pipelines.stages.audit import require_readable
from tests.pipelines.engine.inline_engine import InlineEngine

PROBLEMS = (
    "In how many ways can three red tiles be laid side by side on a board of nine squares?",
    "A train leaves at noon and another one follows it an hour later at twice its speed; when do they meet?",
    "Find the sum of all positive divisors of the number which is obtained when seven is added to ninety.",
)
ITEMS = [{"problem": problem, "solution": "Two."} for problem in PROBLEMS]
ITEMS.append({"problem": "Evaluate seven factorial quickly.", "solution": "It is 5040, as the product shows at once."})


def run(*arguments: str) -> int:
    """The command; in this process unless it is asked for workers."""
    parser = argparse.ArgumentParser()
    audit.add(parser.add_subparsers())
    parsed = parser.parse_args(["audit", *arguments])
    parsed.beam_args = ()
    with pytest.MonkeyPatch.context() as patch:
        if parsed.workers == 1:
            patch.setattr("pipelines.engine.engine.Engine", InlineEngine)
        code: int = parsed.run(parsed)
    return code


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    rows = [
        {"id": "a", "text": f"Here 🦙 it is: {ITEMS[0]['problem'].upper()} And {ITEMS[1]['problem']}"},
        {"id": "b", "text": f"{ITEMS[1]['problem']} And that was all."},
        {"id": "c", "text": "Please evaluate SEVEN factorial — quickly!"},
        {"id": "d", "text": "Nothing to see."},
    ]
    lines = [json.dumps(row).encode() + b"\n" for row in rows]
    (tmp_path / "in" / "1.jsonl.zst").write_bytes(zstandard.compress(b"".join(lines[:1])))
    (tmp_path / "in" / "2.jsonl.gz").write_bytes(gzip.compress(lines[1] + b"{broken\n"))
    (tmp_path / "in" / "3.jsonl").write_bytes(lines[2])
    pq.write_table(pa.Table.from_pylist(rows[3:]), tmp_path / "in" / "4.parquet")
    (tmp_path / "test.jsonl").write_text("".join(json.dumps(item) + "\n" for item in ITEMS))
    return tmp_path


def go(folder: Path, *more: str, output: str = "out") -> Path:
    audit_of = ["--input", str(folder / "in"), "--benchmark", f"math={folder / 'test.jsonl'}"]
    assert run(*audit_of, "--output", str(folder / output), "--quiet", *more) == 0
    return folder / output


def summary(root: Path) -> dict[tuple[str, str, str, int], tuple[int, int]]:
    rows = pq.read_table(root / SUMMARY_PATH).to_pylist()
    return {
        (row["source"], row["method"], row["field"], row["n"]): (row["items_hit"], row["documents_hit"]) for row in rows
    }


def test_reads_parquet_and_json_lines_alike_and_sums_up(corpus: Path) -> None:
    root = go(corpus, "--published", "10", "--exact", "10,13")
    table = summary(root)
    assert table["*", "exact", "problem", 10] == (3, 3)
    assert table["*", "exact", "problem", 13] == (3, 3)
    assert table["*", "published", "problem", 10] == (1, 2)
    assert table["*", "exact", "solution", 10] == (0, 0)
    assert table["input", "exact", "problem", 10] == (3, 3)
    for row in pq.read_table(root / SUMMARY_PATH).to_pylist():
        assert row["items"] == 4
        if (row["method"], row["field"], row["n"]) == ("published", "problem", 10):
            assert (row["short"], row["unseen"]) == (1, 1)
        if (row["method"], row["field"], row["n"]) == ("exact", "solution", 13):
            assert (row["short"], row["unseen"]) == (4, 3)


def test_a_hit_names_both_places(corpus: Path) -> None:
    root = go(corpus, "--published", "0", "--exact", "10")
    hits = [row for path in sorted((root / "hits").rglob("*.parquet")) for row in pq.read_table(path).to_pylist()]
    assert all(pq.read_schema(path).equals(HIT) for path in (root / "hits").rglob("*.parquet"))
    (found,) = (hit for hit in hits if hit["document_id"] == "c")
    text = "Please evaluate SEVEN factorial — quickly!"
    assert text[found["document_start"] : found["document_end"]] == "evaluate SEVEN factorial — quickly"
    assert (found["item_id"], found["item_start"], found["score"]) == ("3", 0, 1.0)
    first = next(hit for hit in hits if hit["document_id"] == "a")
    assert (first["item_id"], first["document_start"]) == ("0", len("Here 🦙 it is: "))


def test_the_ledger_balances_and_a_broken_line_costs_one_record(corpus: Path) -> None:
    root = go(corpus)
    sums = ledger.totals(ledger.read_entries(root, "audit"))["audit"]["input"]
    assert (sums.read, sums.kept, sums.failed) == (5, 4, 1)
    (failure,) = pq.read_table(next((root / "failed").rglob("*.parquet"))).to_pylist()
    assert "JSON" in failure["error"]


def test_the_same_input_gives_the_same_bytes_and_nothing_is_done_twice(corpus: Path) -> None:
    roots = go(corpus), go(corpus, "--workers", "2", output="again")
    digests = [
        {
            path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in root.rglob("*")
            if path.is_file() and path.name not in ("runs.jsonl", "manifest.json") and ".work" not in path.parts
        }
        for root in roots
    ]
    assert digests[0] == digests[1]
    before = {path: path.stat().st_mtime_ns for path in roots[0].rglob("*.parquet")}
    go(corpus)
    assert {path: path.stat().st_mtime_ns for path in roots[0].rglob("*.parquet")} == before


def test_the_published_count_is_one_item_a_document(corpus: Path) -> None:
    text = f"{ITEMS[0]['problem']} {ITEMS[1]['problem']}"
    (corpus / "in" / "1.jsonl.zst").write_text(json.dumps({"id": "a", "text": text}) + "\n")
    counts = {
        rules: summary(go(corpus, "--published", "10", "--rules", rules, output=rules))["*", "published", "problem", 10]
        for rules in ("published", "corrected")
    }
    assert counts == {"published": (1, 2), "corrected": (2, 2)}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--benchmark", "maht"], "did you mean `math`"),
        (["--benchmark", "champ"], "expected champ=FILE"),
        (["--benchmark", "test.jsonl"], "expected NAME=test.jsonl"),
        (["--benchmark", "math=gone.jsonl"], r"gone\.jsonl"),
        (["--benchmark", "mine=test.jsonl:problem"], "mine"),
        (["--benchmark", "mine=test.jsonl:problem=frage"], "no column `frage`"),
        (["--benchmark", "math=test.jsonl", "--published", "0", "--exact", "0"], "nothing would be looked for"),
    ],
)
def test_a_wrong_request_is_one_line(corpus: Path, monkeypatch, arguments: list[str], message: str) -> None:
    monkeypatch.chdir(corpus)
    with pytest.raises(UserError, match=message) as caught:
        run("--input", "in", *arguments, "--output", "out", "--quiet")
    assert "\n" not in str(caught.value)


def test_columns_of_a_benchmark_can_be_named() -> None:
    assert audit.parse_benchmark("Mine=a:b.jsonl") == ("mine", "a:b.jsonl", {})
    assert audit.parse_benchmark("mine=hf:x/y.parquet:problem=q,id=nr") == (
        "mine",
        "hf:x/y.parquet",
        {"fields": {"problem": "q"}, "id": "nr"},
    )


def test_texts_that_cannot_be_read_are_named_in_one_line_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "test.jsonl").write_text(json.dumps(ITEMS[0]) + "\n")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "strings.jsonl").write_text(json.dumps(PROBLEMS[0]) + "\n")
    with pytest.raises(
        UserError, match=r"strings\.jsonl: none of the first 1 rows can be read as a text; the first: l"
    ):
        go(tmp_path)
    assert not (tmp_path / "out" / "overlap").exists(), "no table of zeros"


def test_an_audit_says_how_many_records_it_could_not_read(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--input", str(corpus / "in"), "--benchmark", f"math={corpus / 'test.jsonl'}"]
    assert run(*asked, "--output", str(corpus / "out")) == 0
    shown = capsys.readouterr()
    assert "audit: 1 of 5 records could not be read" in shown.out + shown.err


def test_two_benchmarks_of_one_name_are_a_mistake(corpus: Path) -> None:
    with pytest.raises(UserError, match="the name `math` is given twice"):
        go(corpus, "--benchmark", f"Math={corpus / 'test.jsonl'}")


CORPORA = {
    "a.json": lambda texts: json.dumps([{"id": name, "text": text} for name, text in texts.items()], indent=1),
    "a.csv": lambda texts: "id,text\n" + "".join(f'{name},"{text}"\n' for name, text in texts.items()),
    "chat.jsonl": lambda texts: "".join(
        json.dumps({"id": name, "messages": [{"role": "user", "content": text}, {"role": "assistant", "content": "?"}]})
        + "\n"
        for name, text in texts.items()
    ),
    "pairs.jsonl": lambda texts: "".join(
        json.dumps({"id": name, "prompt": "Solve:", "completion": text}) + "\n" for name, text in texts.items()
    ),
    "content.jsonl": lambda texts: "".join(
        json.dumps({"id": name, "content": text}) + "\n" for name, text in texts.items()
    ),
    "nested.jsonl": lambda texts: "".join(
        json.dumps({"id": name, "doc": {"text": text}}) + "\n" for name, text in texts.items()
    ),
}


@pytest.mark.parametrize("name", CORPORA)
def test_corpora_of_other_schemas_are_read_by_themselves(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_text(CORPORA[name]({"d1": PROBLEMS[0], "d2": "Nothing.", "d3": PROBLEMS[1]}))
    (tmp_path / "test.jsonl").write_text("".join(json.dumps(item) + "\n" for item in ITEMS))
    root = go(tmp_path, "--published", "0", "--exact", "10")
    assert summary(root)["*", "counted", "problem", 0] == (2, 2)
    (hits,) = (root / "hits").rglob("*.parquet")
    assert set(pq.read_table(hits, partitioning=None)["document_id"].to_pylist()) == {"d1", "d3"}


def test_several_text_columns_are_all_looked_through(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    row = {"id": "d", "prompt": PROBLEMS[0], "completion": PROBLEMS[1], "text": "Nothing."}
    (tmp_path / "in" / "a.jsonl").write_text(json.dumps(row) + "\n")
    (tmp_path / "test.jsonl").write_text("".join(json.dumps(item) + "\n" for item in ITEMS))
    keys = ["--text-key", "prompt", "--text-key", "completion"]
    assert summary(go(tmp_path, *keys))["*", "counted", "problem", 0] == (2, 1)
    with pytest.raises(UserError, match="no column `complet` for the text"):
        go(tmp_path, "--text-key", "prompt", "--text-key", "complet", output="other")


def test_documents_are_rows_also_where_files_share_ids(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for file in "ab":
        rows = [{"id": 0, "text": PROBLEMS[0]}, {"id": 0, "text": PROBLEMS[1]}]
        (tmp_path / "in" / f"{file}.jsonl").write_text(
            "".join(json.dumps(row) + f"{' ' * ord(file)}\n" for row in rows)
        )
    (tmp_path / "test.jsonl").write_text("".join(json.dumps(item) + "\n" for item in ITEMS))
    assert summary(go(tmp_path))["*", "counted", "problem", 0] == (2, 4)


def test_what_is_read_of_a_benchmark_is_said_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "c.jsonl").write_text(json.dumps({"text": PROBLEMS[0]}) + "\n")
    rows = [{"problem_idx": 4, "problem": PROBLEMS[0], "answer": 3, "level": "Level 1", "tags": ["x"]}]
    (tmp_path / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = ["--input", str(tmp_path / "c.jsonl"), "--benchmark", f"mine={tmp_path / 'test.jsonl'}"]
    assert run(*asked, "--output", str(tmp_path / "out")) == 0
    shown = capsys.readouterr()
    assert "mine: 1 items; problem from problem; ids from problem_idx; not read: answer, tags" in shown.out + shown.err
    (kept,) = json.loads((tmp_path / "out" / BENCHMARKS_PATH).read_text())
    assert (kept["unread"], kept["levels"]) == (["answer", "tags"], {"Level 1": 1})


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
def test_a_file_that_is_damaged_before_its_first_text_is_told_before_the_work_if_there_is_no_other(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    rows = "".join(json.dumps({"text": f"{number * 7919} words"}) + "\n" for number in range(500)).encode()
    cut, sound = tmp_path / "cut", tmp_path / "sound"
    cut.write_bytes(pack(rows)[:30])
    sound.write_bytes(pack(rows))
    files = [TextFile("", "a", "", str(path), ("", 0, ""), ours=False) for path in (cut, sound)]
    with pytest.raises(UserError, match=r"cut: cannot be read: EOFError"):
        require_readable(files[:1], id_key=None, text_key=None)
    assert require_readable(files, id_key=None, text_key=None) == ["text"]
