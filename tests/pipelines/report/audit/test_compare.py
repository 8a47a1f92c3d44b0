"""Two audits side by side."""

import json
from pathlib import Path

import pytest

from pipelines.commands.cli import main
from pipelines.corpus.folder import IDS_PATH
from pipelines.report.audit.compare import compare
from tests.pipelines.report.audit.made_audit import PROBLEMS, made_audit


def test_what_only_one_audit_counts_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    for folder in (first, second):
        folder.mkdir()
    one = made_audit(first)
    other = made_audit(second)
    assert main(["audit", "--compare", str(one), str(other)]) == 0
    assert "only in" not in capsys.readouterr().out
    (second / "in.jsonl").write_text(json.dumps({"id": "x", "text": f"Again: {PROBLEMS[1]}"}) + "\n")
    rows = [{"id": f"i{number}", "problem": problem} for number, problem in enumerate(PROBLEMS[:2])]
    (second / "less.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = ["--input", str(second / "in.jsonl"), "--benchmark", f"mine={second / 'less.jsonl'}", "--quiet"]
    assert main(["audit", *asked, "--output", str(tmp_path / "3")]) == 0
    found = compare(one, tmp_path / "3")
    (problem,) = [one for one in found.differences if one.field == "problem"]
    assert "i0" in problem.only_first and problem.both == {"i1"} and not problem.only_second
    assert [card.document_id for card in found.only_second] == ["x"]
    assert found.remarks == ["`mine` has 3 items in the first audit and 2 in the second"]
    assert main(["audit", "--compare", str(one), str(tmp_path / "3")]) == 0
    shown = capsys.readouterr().out
    assert "only in the second: 1 pairs" in shown and "mine/i1 in x (whole" in shown


def test_without_input_or_two_audits_one_line_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "--input", "x", "--output", str(tmp_path / "out")]) == 2
    assert "--benchmark is missing; expected --input, --benchmark and --output, or --compare" in capsys.readouterr().err


def test_the_ids_of_documents_with_hits_are_a_list_for_other_tools(tmp_path: Path) -> None:
    ids = (made_audit(tmp_path) / IDS_PATH).read_text().splitlines()
    assert ids == sorted(ids) and {"a", "b"} <= set(ids) and "d" not in ids
