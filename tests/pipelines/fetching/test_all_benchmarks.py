"""All benchmarks that are known by name, fetched in one audit from a hub on loopback that has them in their schemas."""

import argparse
import io
import json
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manifests.benchmarks import CONVERTED, KnownBenchmark, known_benchmarks
from pipelines.commands import audit
from pipelines.corpus.folder import SUMMARY_PATH
from tests.pipelines.engine.inline_engine import InlineEngine
from tests.pipelines.fetching.hubs import COMMIT, serve_hub
from tests.pipelines.fetching.servers import Loopback, answer

THINGS = "lanterns kettles ribbons saddles anchors violins barrels candles ladders hammers".split()
PLACES = "harbour monastery orchard lighthouse quarry theatre vineyard observatory".split()
SCHEMAS: dict[str, dict[str, object]] = {
    "mmlu_stem": {"question": "PROBLEM", "subject": "x", "choices": ["red", "blue", "grey", "pink"], "answer": 1},
    "mmlu-pro": {"question_id": 7, "question": "PROBLEM", "options": ["red", "blue", "grey"], "cot_content": ""},
    "aime-2025": {"problem_idx": 1, "problem": "PROBLEM", "answer": 70},
    "gsm-symbolic": {"id": 0, "instance": 3, "question": "PROBLEM", "answer": "Nine."},
    "olympiadbench": {"id": 12, "question": "PROBLEM", "solution": ["First.", "Then."], "final_answer": ["9"]},
    "omni-math": {"domain": ["Algebra"], "difficulty": 4.5, "problem": "PROBLEM", "solution": "Nine.", "answer": "9"},
}
"""Rows as the data sets' cards have them; of the others: their columns as their entries name them."""


def problem_of(number: int) -> str:
    """A problem that no other benchmark has."""
    thing, place = THINGS[number % len(THINGS)], PLACES[number // len(THINGS)]
    return (
        f"The keeper of a {place} hangs {thing} in {number + 3} rows of {2 * number + 5} and takes a quarter of the "
        f"{thing} down again before winter. How many {thing} of the {place} are left to be counted in spring?"
    )


def row_of(name: str, entry: KnownBenchmark, problem: str) -> dict[str, object]:
    """A row of the schema of a benchmark."""
    if name in SCHEMAS:
        return {column: problem if value == "PROBLEM" else value for column, value in SCHEMAS[name].items()}
    row: dict[str, object] = {}
    for field, text in (("problem", problem), ("solution", "It is nine, as one sees.")):
        columns = entry.fields.get(field, field)
        if isinstance(columns, str):
            row[columns] = text
        else:  # a body and its question
            body, _, question = text.partition(". ")
            row |= dict(zip(columns, (f"{body}.", question), strict=True))
    return row if entry.id in (None, "#line") else row | {str(entry.id): "1"}


def test_every_known_benchmark_is_fetched_by_its_name(
    tmp_path: Path, server: Loopback, other_server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setattr("pipelines.engine.engine.Engine", InlineEngine)
    names = [name for name, entry in known_benchmarks().items() if entry.hub and entry.rows is None]
    assert len(names) >= 40
    files: dict[str, dict[str, bytes]] = {}
    for number, name in enumerate(names):
        entry = known_benchmarks()[name]
        table = io.BytesIO()
        pq.write_table(pa.Table.from_pylist([row_of(name, entry, problem_of(number))]), table)
        for address in entry.addresses().values():
            repository, _, path = address.removeprefix("hf:").partition("!")
            files.setdefault(repository.partition("@")[0], {})[path] = table.getvalue()
    for repository, held in files.items():
        serve_hub(server, other_server, repository, held, page=100)
        for reference in (CONVERTED, quote(CONVERTED, safe="")):
            server.on(f"/api/{repository}/revision/{reference}", answer(200, json.dumps({"sha": COMMIT}).encode()))
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text(
        "".join(
            json.dumps({"id": name, "text": f"From a leaflet. {problem_of(number)} So it says."}) + "\n"
            for number, name in enumerate(names)
        )
    )
    parser = argparse.ArgumentParser()
    audit.add(parser.add_subparsers())
    asked = ["audit", "--input", str(corpus), *(word for name in names for word in ("--benchmark", name))]
    parsed = parser.parse_args([*asked, "--output", str(tmp_path / "out"), "--quiet"])
    parsed.beam_args = ()
    assert parsed.run(parsed) == 0
    rows = pq.read_table(tmp_path / "out" / SUMMARY_PATH, partitioning=None).to_pylist()
    hit = {row["benchmark"] for row in rows if row["method"] == "counted" and row["items_hit"]}
    assert hit == set(names)
