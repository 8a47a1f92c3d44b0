"""The probe: its losses fall, are the same again, and go on where a run was stopped."""

import json
from pathlib import Path

import pytest

from manifests.records import Document
from pipelines.stages import shard
from pipelines.training import probe as module
from pipelines.training.probe import probe
from tests.pipelines.stages.test_shard import corpus_of, model

__all__ = ["model"]


@pytest.fixture
def folder(tmp_path: Path, model: Path) -> Path:
    pytest.importorskip("torch")
    chosen = [Document(f"toy:{n}", "toy", "", "the th " * (n % 5 + 8)) for n in range(300)]
    build = corpus_of(tmp_path / "c", model, chosen, "sequence_length: 32, validation: 0.1")
    shard.run(build)
    return build.root


def test_the_loss_falls_by_a_quarter_at_least(folder: Path, tmp_path: Path) -> None:
    found = probe(folder, tmp_path / "p", steps=40, batch=4)
    assert found.after["toy"] < 0.75 * found.before["toy"]
    assert json.loads((tmp_path / "p" / "probe.json").read_text()) == found._asdict()


def test_a_stopped_run_goes_on_to_the_same_losses(folder: Path, tmp_path: Path) -> None:
    whole = probe(folder, tmp_path / "whole", steps=12, batch=4)
    first = probe(folder, tmp_path / "parts", steps=12, batch=4, stop_after=5)
    assert first.curve == whole.curve[:5]
    assert probe(folder, tmp_path / "parts", steps=12, batch=4) == whole
    other = probe(folder, tmp_path / "parts", steps=12, batch=4, seed=1)
    assert other.curve != whole.curve


def test_without_validation_rows_the_last_ones_are_held_back(tmp_path: Path, model: Path, monkeypatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.setattr(module, "MEASURED_ROWS", 8)
    chosen = [Document(f"toy:{n}", "toy", "", "the " * 40) for n in range(40)]
    build = corpus_of(tmp_path / "c", model, chosen, "sequence_length: 32")
    shard.run(build)
    assert probe(build.root, tmp_path / "p", steps=3, batch=4).before.keys() == {"toy"}
