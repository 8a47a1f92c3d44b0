"""Fetching a known benchmark by its name, from a hub on loopback."""

import argparse
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.commands import audit
from pipelines.corpus.folder import BENCHMARKS_PATH, SUMMARY_PATH
from tests.pipelines.engine.inline_engine import InlineEngine
from tests.pipelines.fetching.hubs import COMMIT, serve_hub
from tests.pipelines.fetching.servers import Loopback, answer

PROBLEM = "In how many ways can three red tiles be laid side by side on a board of nine squares?"


def test_a_name_alone_is_fetched_and_audited_against(
    tmp_path: Path, server: Loopback, other_server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setattr("pipelines.engine.engine.Engine", InlineEngine)
    table = pa.table({"problem": [PROBLEM], "solution": ["Seven."], "unique_id": ["test/algebra/1.json"]})
    parquet = io.BytesIO()
    pq.write_table(table, parquet)
    repository = "datasets/HuggingFaceH4/MATH-500"
    serve_hub(server, other_server, repository, {"default/test/0000.parquet": parquet.getvalue()})
    server.on(f"/api/{repository}/revision/refs/convert/parquet", answer(200, json.dumps({"sha": COMMIT}).encode()))
    (tmp_path / "corpus.jsonl").write_text(json.dumps({"id": "d", "text": f"Once more. {PROBLEM} Yes."}) + "\n")
    parser = argparse.ArgumentParser()
    audit.add(parser.add_subparsers())
    asked = ["audit", "--input", str(tmp_path / "corpus.jsonl"), "--benchmark", "MATH-500"]
    parsed = parser.parse_args([*asked, "--output", str(tmp_path / "out"), "--quiet"])
    parsed.beam_args = ()
    assert parsed.run(parsed) == 0
    rows = pq.read_table(tmp_path / "out" / SUMMARY_PATH, partitioning=None).to_pylist()
    assert {row["items_hit"] for row in rows if row["method"] == "counted" and row["field"] == "problem"} == {1}
    (known,) = json.loads((tmp_path / "out" / BENCHMARKS_PATH).read_text())
    assert (known["title"], known["id"]) == ("MATH-500", "unique_id")
    assert "the published test set has 500" in known["notes"][0]
