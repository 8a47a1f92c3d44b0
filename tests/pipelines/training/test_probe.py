"""The probe: its losses fall, are the same again, go on where a run was stopped, and are told in card and report."""

import argparse
import json
from pathlib import Path

import numpy as np
import pytest
import sentencepiece

from manifests.errors import UserError
from manifests.records import Document
from pipelines.commands import train_probe
from pipelines.corpus import manifest, verify
from pipelines.report import card, report
from pipelines.stages import shard
from pipelines.training import held_out as rows_module
from pipelines.training import side_by_side, small_model
from pipelines.training.batches import NOT_LEARNT, Batches
from pipelines.training.held_out import held_out
from pipelines.training.probe import about_of_shards, probe
from pipelines.training.side_by_side import compare
from tests.pipelines.stages.shard_corpora import corpus_of, mixed, model, rows

__all__ = ["model"]


def corpus(folder: Path, model: Path, settings: str, text: str = "the th ") -> Path:
    """The root of a finished corpus with rows of 32 tokens."""
    chosen = [Document(f"toy:{n}", "toy", "", text * (n % 5 + 8)) for n in range(300)]
    build = corpus_of(folder, model, chosen, f"sequence_length: 32, {settings}")
    shard.run(build)
    manifest.write(build.root, build.recipe)
    return build.root


@pytest.fixture
def folder(tmp_path: Path, model: Path) -> Path:
    pytest.importorskip("torch")
    return corpus(tmp_path / "c", model, "validation: 0.1")


def ran(*arguments: str) -> int:
    """The exit code of `proofpile train-probe` with these arguments."""
    parser = argparse.ArgumentParser()
    train_probe.add(parser.add_subparsers())
    parsed = parser.parse_args(["train-probe", "--quiet", *arguments])
    return int(parsed.run(parsed))


def test_the_loss_falls_by_a_quarter_at_least(folder: Path, tmp_path: Path) -> None:
    found = probe(folder, tmp_path / "p", steps=40, batch=4)
    assert found.after["toy"] < 0.75 * found.before["toy"]
    assert [step for step, _ in found.points["toy"]] == [0, 10, 20, 40]
    assert found.splits == {"toy": "validation"}
    assert found.tokens == 40 * 4 * 32
    written = json.loads((tmp_path / "p" / "probe.json").read_text())
    assert written["curve"] == found.curve


def test_a_stopped_run_goes_on_to_the_same_losses(folder: Path, tmp_path: Path) -> None:
    whole = probe(folder, tmp_path / "whole", steps=12, batch=4)
    first = probe(folder, tmp_path / "parts", steps=12, batch=4, stop_after=5)
    assert first.curve == whole.curve[:5]
    assert probe(folder, tmp_path / "parts", steps=12, batch=4) == whole
    for name in ("probe.json", "loss.svg", "model/model.safetensors"):
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    other = probe(folder, tmp_path / "parts", steps=12, batch=4, seed=1)
    assert other.curve != whole.curve


def test_rows_are_measured_that_are_not_learnt(tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "TOKENS", 256)
    with_validation = corpus(tmp_path / "v", model, "validation: 0.1, test: 0.1")
    found = held_out(with_validation, 32)
    assert (found.splits, found.first) == ({"toy": "validation"}, None)
    assert [row.ids.tolist() for row in found.rows["toy"]] == [
        row["input_ids"] for row in reversed(rows(with_validation, "validation")[-8:])
    ]
    assert held_out(corpus(tmp_path / "t", model, "test: 0.1"), 32).splits == {"toy": "test"}
    without = corpus(tmp_path / "n", model, "")
    found = held_out(without, 32)
    stream = rows(without)
    assert (found.splits, found.first) == ({"toy": "train"}, len(stream) - 8)
    assert {row.ids.tobytes() for row in found.rows["toy"]} == {
        np.array(row["input_ids"]).tobytes() for row in stream[-8:]
    }
    pytest.importorskip("torch")
    assert probe(without, tmp_path / "p", steps=3, batch=4).splits == {"toy": "train"}
    few = Document("toy:1", "toy", "", "the ")
    build = corpus_of(tmp_path / "few", model, [few], "sequence_length: 32")
    shard.run(build)
    with pytest.raises(UserError, match="expected more rows than are held back"):
        probe(build.root, tmp_path / "p", steps=3, batch=4)


def test_of_a_row_of_several_sources_each_is_measured_on_its_own_tokens(tmp_path: Path, model: Path) -> None:
    build = mixed(tmp_path / "c", model, {"a": 30, "b": 30, "c": 1}, dict.fromkeys("abc", 1.0))
    shard.run(build)
    found = held_out(build.root, 32)
    assert set(found.rows) == {"a", "b", "c"}
    shared = [row for row in rows(build.root) if len(set(row["sources"])) > 1]
    assert shared
    for row in shared:
        owners = np.repeat(row["sources"], row["lengths"])
        for source in set(owners):
            (same,) = [one for one in found.rows[source] if one.ids.tolist() == row["input_ids"]]
            padded = [*(owners == source), *[False] * (32 - len(owners))]
            assert [label != NOT_LEARNT for label in same.labels] == padded


def test_padding_is_not_measured(tmp_path: Path, model: Path) -> None:
    build = corpus_of(tmp_path / "c", model, [Document("toy:1", "toy", "", "the " * 40)], "sequence_length: 32")
    shard.run(build)
    (batch,) = list(Batches(build.root, 2).of_worker(0, 1))
    found = held_out(build.root, 32)
    assert {row.labels.tobytes() for row in found.rows["toy"]} == {row.tobytes() for row in batch.labels}


def test_card_and_report_tell_it_until_the_stream_changes(folder: Path) -> None:
    assert ran(str(folder), "--steps", "8", "--batch", "4") == 0
    found = json.loads((folder / "probe" / "probe.json").read_text())
    after = f"{found['points']['toy'][-1][1]:.3f}"
    assert f"| {after} |" in card.render(report.Corpus(folder))
    assert "![Loss by source](probe/loss.svg)" in (folder / "README.md").read_text()
    page = (folder / "report.html").read_text()
    assert "Does it teach?" in page and "<polyline" in page and after in page
    assert [finding for finding in verify.verify(folder) if finding.path.startswith("probe")] == []
    (folder / "probe" / "loss.svg").write_text("other")
    assert [finding.path for finding in verify.verify(folder) if finding.kind == "changed"] == ["probe/loss.svg"]
    found["stream"] = "another"
    (folder / "probe" / "probe.json").write_text(json.dumps(found))
    assert "Does it teach?" not in card.render(report.Corpus(folder))


def test_the_model_is_the_one_that_transformers_opens(folder: Path, tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    torch = pytest.importorskip("torch")
    found = probe(folder, tmp_path / "p", steps=8, batch=4)
    opened = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "p" / "model")
    held = held_out(folder, 32)
    with torch.no_grad():
        losses = [
            opened(input_ids=torch.from_numpy(row.ids[None]), labels=torch.from_numpy(row.labels[None])).loss.item()
            for row in held.rows["toy"]
            if (row.labels >= 0).all()
        ]
    assert np.mean(losses) == pytest.approx(found.after["toy"], abs=0.05)


def test_the_vocabulary_is_the_one_that_transformers_opens(folder: Path, model: Path, tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    (tmp_path / "m").mkdir()
    small_model._save_vocabulary(model, tmp_path / "m", about_of_shards(folder))
    assert sorted(path.name for path in (tmp_path / "m").iterdir()) == ["tokenizer.json", "tokenizer_config.json"]
    words = transformers.AutoTokenizer.from_pretrained(tmp_path / "m")
    library = sentencepiece.SentencePieceProcessor(model_file=str(model))
    assert words("the th é").input_ids == library.encode("the th é")
    assert (words.eos_token_id, words.decode(library.encode("the th"))) == (library.eos_id(), "the th")


def test_no_mark_is_added_when_the_vocabulary_is_opened(model: Path, tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    small_model._save_vocabulary(model, tmp_path / "m", {"end": 2, "begin": None})
    said = json.loads((tmp_path / "m" / "tokenizer_config.json").read_text())
    assert (said["add_bos_token"], said["add_eos_token"], said["eos_token"]) == (False, False, "</s>")


def test_two_corpora_are_compared_on_the_rows_of_both(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    first = corpus(tmp_path / "plain", model, "validation: 0.1", "the th ")
    second = corpus(tmp_path / "other", model, "validation: 0.1", "t he x ")
    said: list[str] = []
    lines = compare([first, second], tmp_path / "o", seeds=3, steps=20, batch=4, say=said.append)
    assert [(line.rows_of, line.source) for line in lines] == [("1 plain", "toy"), ("2 other", "toy")]
    on_first, on_second = (line.difference for line in lines)
    assert on_first.low > 0 > on_second.high, "each teaches its own rows better, beyond chance"
    assert on_first.differs and len(said) == 6, "a line a run"
    written = (tmp_path / "o" / "comparison.json").read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(side_by_side, "probe", None)
        assert compare([first, second], tmp_path / "o", seeds=3, steps=20, batch=4, say=said.append) == lines
    assert (tmp_path / "o" / "comparison.json").read_bytes() == written
    again = compare([first, first], tmp_path / "same", seeds=2, steps=4, batch=4, say=said.append)
    assert [line.difference.value for line in again] == [0.0, 0.0]
    assert json.loads((tmp_path / "o" / "comparison.json").read_text())["seeds"] == 3


def test_what_cannot_be_compared_is_refused_in_one_line(tmp_path: Path, model: Path) -> None:
    pytest.importorskip("torch")
    first = corpus(tmp_path / "a", model, "")
    build = corpus_of(tmp_path / "b", model, [Document("toy:1", "toy", "", "the " * 99)], "sequence_length: 16")
    shard.run(build)
    with pytest.raises(UserError, match=r"sequence_length is 16, that of .* is 32; expected the same"):
        compare([first, build.root], tmp_path / "o", seeds=2, steps=2, say=print)
    with pytest.raises(UserError, match="--seeds: 1; expected 2 to 11"):
        compare([first, first], tmp_path / "o", seeds=1, steps=2, say=print)
    for arguments, message in (
        (("--steps", "0"), "--steps: 0; expected 1 or more"),
        ((str(first),), "two corpora: expected --output"),
        ((str(first), str(first)), "3 corpora; expected one or two"),
    ):
        with pytest.raises(UserError, match=message):
            ran(str(first), *arguments)
