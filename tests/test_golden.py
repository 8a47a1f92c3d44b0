"""Golden values: the ids, the order and the rows of a small whole build, as other programs have stored them.

An id that changes orphans every list of ids that anyone keeps. Rows are compared, not files: how Parquet writes them is
the library's affair. Where a change is meant, the test prints the new rows; raise the stage's `VERSION` with them.
"""

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from manifests.records import order_key, stable_id, to_json
from pipelines.commands.cli import main

GOLDEN = Path(__file__).parent / "golden.txt"
PAGE = """<html><head><title>Lemma</title></head><body><h1>A lemma</h1><p>Let \\(f\\) be continuous on \\([0,1]\\). Then
it attains its maximum, because the image of a compact set is compact and a compact set of reals has a largest
element. The same holds for its minimum, and for every closed and bounded set in place of the interval.</p>
<div>$$\\int_0^1 f(x)\\,dx \\le \\max f$$</div></body></html>"""
PAPER = r"""\documentclass{article}
\newcommand{\RR}{\mathbb{R}}
\title{On sums}
\author{Anna Example}
\begin{document}
\maketitle
\begin{abstract}We add numbers.\end{abstract}
\section{Introduction}
Every real number $x\in\RR$ has a negative, so that $x+(-x)=0$. % a remark
\end{document}
"""
CODE = '''"""Sums of squares, computed with NumPy."""

import numpy as np


def sum_of_squares(values):
    """The sum of the squares of an array."""
    return np.sum(np.asarray(values) ** 2)
'''
PROBLEM = "Anna has 24 apples and gives a third of them to Ben. How many apples does she have left in the end?"
PROOF = """The natural numbers are well ordered: every nonempty set of them has a least element. Suppose that a set S of
them has none. Then 0 is not in S, for it would be the least. If no number up to n is in S then n + 1 is not in S
either, for it would be the least element of S. By induction no natural number is in S, so that S is empty. The same
argument shows that every decreasing sequence of natural numbers ends, which is what descent uses, and that a statement
which holds for a number whenever it holds for all that are smaller holds for every number without exception."""
ROWS = [
    {"text": PROOF, "id": "one"},
    {"text": PROOF, "id": "one again"},
    {"text": PROOF.replace("without exception", "at all"), "id": "two"},
    {"text": f"Exercise 7. {PROBLEM} She has sixteen.", "id": "three"},
    {"text": "", "id": "four"},
]
RECIPE = """
name: golden
sources:
  - {name: pages, kind: web, inputs: [pages], rules: RULES}
  - {name: papers, kind: arxiv, inputs: [papers], rules: RULES}
  - {name: code, kind: code, inputs: [code], rules: RULES}
  - {name: rows, kind: dataset, inputs: [rows.jsonl], rules: RULES}
dedup: {threshold: 0.8}
assets: {apples: {from: apples.jsonl}}
overlap: {benchmarks: {apples: {asset: apples}}}
"""
COLUMNS = {
    "documents": ("id", "source", "subset", "text", "url", "license", "created", "meta", "scores"),
    "rejected": ("id", "source", "stage", "reason", "detail"),
    "failed": ("id", "source", "shard", "stage", "error"),
    "duplicates": ("id", "kept_id", "method", "similarity", "cluster"),
    "hits": ("document_id", "benchmark", "item_id", "field", "method", "n", "document_start", "document_end", "kind"),
}


def test_an_id_is_never_made_in_another_way() -> None:
    assert stable_id("web", "https://example.org/a", "2024-05-01") == "web:0104a714fd474abdf8d9106910c0bb6d"
    assert stable_id("code", "Grüße/∑.py") == "code:df965925d52f90855b50a6e6044b7833"
    assert stable_id("a", "b", "c") != stable_id("a", "bc")
    assert order_key("web:1").hex() == "31f46fec5e388e2e7765623a31"
    assert to_json({"b": [1, "∑"], "a": None}) == '{"a":null,"b":[1,"∑"]}'


def rows_of(root: Path) -> list[str]:
    """Each row of each table of a corpus as one line, in the order of the files; long texts as their digest."""
    lines = []
    for table, columns in COLUMNS.items():
        for path in sorted((root / table).rglob("*.parquet")):
            for cells in pq.read_table(path, columns=list(columns)).to_pylist():
                row = {key: dict(value) if key == "scores" else value for key, value in cells.items()}
                if table == "documents":
                    row["text"] = hashlib.sha256(row["text"].encode()).hexdigest()[:16]
                lines.append(f"{table} {json.dumps(row, ensure_ascii=False, sort_keys=True)}")
    return lines


@pytest.mark.parametrize("rules", ["corrected", "published"])
def test_a_small_build_gives_the_rows_that_it_always_gave(
    rules: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in (("pages/a.html", PAGE), ("code/sums/squares.py", CODE)):
        Path(name).parent.mkdir(parents=True)
        Path(name).write_text(text)
    Path("papers").mkdir()
    with tarfile.open("papers/2101.00001.gz", "w:gz") as submission:
        member = tarfile.TarInfo("main.tex")
        member.size = len(PAPER)
        submission.addfile(member, io.BytesIO(PAPER.encode()))
    Path("rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    Path("apples.jsonl").write_text(json.dumps({"id": "a1", "problem": PROBLEM, "solution": "16"}) + "\n")
    Path("golden.yaml").write_text(RECIPE.replace("RULES", rules))
    assert main(["build", "golden.yaml", "--output", "out", "--quiet"]) == 0
    found = rows_of(tmp_path / "out")
    expected = [line.partition(" ")[2] for line in GOLDEN.read_text().splitlines() if line.startswith(f"{rules} ")]
    assert found == expected, "\n".join(["rows are now:", *(f"{rules} {line}" for line in found)])
