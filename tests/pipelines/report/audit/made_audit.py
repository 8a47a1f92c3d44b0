"""A small audit for tests of what is made of one."""

import argparse
import json
from pathlib import Path

import pytest

from pipelines.commands import audit
from tests.pipelines.engine.inline_engine import InlineEngine

PROBLEMS = (
    "In how many ways can three red tiles be laid side by side on a board of nine squares?",
    "A train leaves at noon and another one follows it an hour later at twice its speed; when do they meet?",
    "Find the sum of all positive divisors of the number which is obtained when seven is added to ninety.",
)
DOCUMENTS = {
    "a": f"Some words before it. {PROBLEMS[0]} And <b>then</b> others.",
    "b": f"{PROBLEMS[1].replace('noon', 'dawn')} {PROBLEMS[0]}",
    "c": "Find the sum of all positive divisors of the number which is obtained when 12 is added to 40.",
    "d": "Nothing to see here, but that the weather was mild.",
}


def made_audit(folder: Path, *more: str, name: str = "mine") -> Path:
    """An audit of `DOCUMENTS` against `PROBLEMS` with levels; returns its folder."""
    (folder / "in.jsonl").write_text(
        "".join(json.dumps({"id": key, "text": text}) + "\n" for key, text in DOCUMENTS.items())
    )
    rows = [
        {"id": f"i{number}", "problem": problem, "solution": "Two.", "level": f"Level {number % 2}"}
        for number, problem in enumerate(PROBLEMS)
    ]
    (folder / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    parser = argparse.ArgumentParser()
    audit.add(parser.add_subparsers())
    output = folder / "audit"
    asked = ["audit", "--input", str(folder / "in.jsonl"), "--benchmark", f"{name}={folder / 'test.jsonl'}"]
    parsed = parser.parse_args([*asked, "--output", str(output), "--quiet", *more])
    parsed.beam_args = ()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.engine.engine.Engine", InlineEngine)
        assert parsed.run(parsed) == 0
    return output
