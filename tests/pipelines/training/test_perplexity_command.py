"""`train-perplexity`: a model that KenLM reads, from documents."""

import json
from pathlib import Path

import pytest

from filters.perplexity import PerplexityScorer
from pipelines.commands.train_perplexity import main

ABOUT_GROUPS = [
    "Every subgroup of a cyclic group is cyclic, and $G$ is one.",
    "The order of a subgroup divides the order of the group.",
    "Every group of prime order is a cyclic group.",
]


def documents(folder: Path) -> Path:
    path = folder / "papers.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in ABOUT_GROUPS))
    return path


def test_text_like_the_corpus_is_nearer_than_other_text(tmp_path: Path) -> None:
    pytest.importorskip("kenlm", reason="the extra `perplexity` is not installed")
    assert main(["--input", str(documents(tmp_path)), "--order", "3", "--output", str(tmp_path / "m"), "--quiet"]) == 0
    scorer = PerplexityScorer(tmp_path / "m" / "perplexity.arpa")
    near = float(scorer.score("A subgroup of a group of prime order is cyclic.")["perplexity"])
    far = float(scorer.score("Buy two watches now and get one free of charge.")["perplexity"])
    assert 1 <= near < far / 2


def test_the_same_documents_give_the_same_model_with_or_without_the_lines(tmp_path: Path) -> None:
    path = str(documents(tmp_path))
    assert main(["--input", path, "--output", str(tmp_path / "a"), "--quiet"]) == 0
    assert main(["--input", path, "--output", str(tmp_path / "b"), "--lines", "--quiet"]) == 0
    assert (tmp_path / "a" / "perplexity.arpa").read_bytes() == (tmp_path / "b" / "perplexity.arpa").read_bytes()
    lines = (tmp_path / "b" / "lines.txt").read_text().splitlines()
    assert lines[0] == "every subgroup of a cyclic group is cyclic, and is one."
    assert not list((tmp_path / "a").glob(".training-*"))


def test_a_mistake_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(documents(tmp_path))
    assert main(["--input", path, "--order", "9", "--output", str(tmp_path / "a")]) == 2
    assert capsys.readouterr().err == "train-perplexity: order 9: expected a number from 2 to 6\n"
