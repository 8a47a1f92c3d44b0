"""Batches of the stream are the same whatever the workers and ranks, and from any step on."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from manifests.errors import UserError
from pipelines.stages import shard
from pipelines.training.batches import NOT_LEARNT, Batches, torch_batches, torch_rows
from tests.pipelines.stages.shard_corpora import corpus_of, documents, model, rows

__all__ = ["model"]


@pytest.fixture
def folder(tmp_path: Path, model: Path) -> Path:
    build = corpus_of(tmp_path / "c", model, documents(80), "sequence_length: 16", parts=3)
    shard.run(build)
    return build.root


def drawn(batches: Batches, workers: int = 1) -> list[list[list[int]]]:
    """The batches as a loader with so many workers gives them: one of each in turn."""
    turns = itertools.zip_longest(*(batches.of_worker(worker, workers) for worker in range(workers)))
    return [batch.input_ids.tolist() for turn in turns for batch in turn if batch is not None]


def test_batches_are_the_rows_in_their_order(folder: Path) -> None:
    found = [row for batch in drawn(Batches(folder, 4)) for row in batch]
    stream = [row["input_ids"] for row in rows(folder)]
    assert found == stream[: len(stream) // 4 * 4]
    assert len(Batches(folder, 4)) == len(stream) // 4


@pytest.mark.parametrize("workers", [1, 2, 3, 4])
@pytest.mark.parametrize("start", [0, 1, 5])
def test_workers_and_resumption_change_nothing(folder: Path, workers: int, start: int) -> None:
    assert drawn(Batches(folder, 4, start=start), workers) == drawn(Batches(folder, 4))[start:]


def test_ranks_share_the_stream(folder: Path) -> None:
    ranks = [drawn(Batches(folder, 2, rank=rank, ranks=3)) for rank in range(3)]
    together = [batch for turn in zip(*ranks, strict=True) for batch in turn]
    assert together == drawn(Batches(folder, 2))[: len(together)]


def test_padding_is_not_learnt(folder: Path) -> None:
    learnt = sum(int((batch.labels != NOT_LEARNT).sum()) for batch in Batches(folder, 1).of_worker(0, 1))
    assert learnt == sum(sum(row["lengths"]) for row in rows(folder))


def test_no_document_sees_another_through_the_masks(folder: Path) -> None:
    stream = rows(folder)
    for row, batch in zip(stream, Batches(folder, 1).of_worker(0, 1), strict=True):
        sizes = row["lengths"]
        known = sum(sizes)
        assert batch.segments[0, :known].tolist() == [n for n, size in enumerate(sizes, 1) for _ in range(size)]
        assert batch.position_ids[0, :known].tolist() == [at for size in sizes for at in range(size)]
        assert set(batch.segments[0, known:].tolist()) <= {0}
        assert (batch.labels[0, known:] == NOT_LEARNT).all()


def test_rows_of_different_lengths_are_one_line(tmp_path: Path, model: Path) -> None:
    build = corpus_of(tmp_path / "c", model, documents(5), "layout: documents")
    shard.run(build)
    with pytest.raises(UserError, match=r"train-00000\.parquet: rows of different lengths; expected .*`packed`"):
        Batches(build.root, 1)


def test_a_loader_that_would_give_nothing_is_one_line(folder: Path) -> None:
    many = len(rows(folder))
    assert len(Batches(folder, many)) == 1
    with pytest.raises(UserError, match=rf"train: {many} rows; a step takes {many} for each of 2; expected"):
        Batches(folder, many, ranks=2)


def test_a_folder_without_shards_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no shards"):
        Batches(tmp_path, 4)


def test_pytorchs_loader_gives_the_same(folder: Path) -> None:
    torch = pytest.importorskip("torch")
    for workers in (0, 2):
        loader = torch.utils.data.DataLoader(torch_batches(folder, 4), batch_size=None, num_workers=workers)
        found = [batch["input_ids"].numpy() for batch in loader]
        assert np.array_equal(np.stack(found), np.array(drawn(Batches(folder, 4))))


@pytest.mark.parametrize("workers", [0, 1, 2, 4])
def test_pytorchs_loader_puts_rows_together_to_the_same_batches(folder: Path, workers: int) -> None:
    torch = pytest.importorskip("torch")
    dataset = torch_rows(folder, 4, start=1, masks=True)
    loader = torch.utils.data.DataLoader(dataset, batch_size=4, num_workers=workers)
    found = list(loader)
    assert len(dataset) == 4 * len(found)
    assert [batch["input_ids"].tolist() for batch in found] == drawn(Batches(folder, 4))[1:]
    assert set(found[0]) == {"input_ids", "labels", "position_ids", "segments"}


def test_hugging_faces_trainer_learns_from_the_stream_in_its_order(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("accelerate")
    settings = {"vocab_size": 1024, "n_positions": 16, "n_embd": 8, "n_layer": 1, "n_head": 1}
    seen = []

    class Seeing(transformers.Trainer):  # type: ignore[name-defined,misc]
        def compute_loss(self, model, inputs, *rest, **keys):
            seen.append(inputs["input_ids"].tolist())
            return super().compute_loss(model, inputs, *rest, **keys)

    asked = transformers.TrainingArguments(
        str(tmp_path / "out"),
        per_device_train_batch_size=4,
        max_steps=5,
        report_to=[],
        use_cpu=True,
        save_strategy="no",
        disable_tqdm=True,
    )
    model = transformers.GPT2LMHeadModel(transformers.GPT2Config(**settings))
    Seeing(model=model, args=asked, train_dataset=torch_rows(folder, 4)).train()
    assert seen == drawn(Batches(folder, 4))[:5]
