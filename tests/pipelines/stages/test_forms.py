"""Forms for other trainers: what stands in their files, and that the programs themselves read them, where they are."""

import json
import struct
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from manifests import ledger
from manifests.errors import UserError
from manifests.recipe import recipe_from
from pipelines.stages import shard
from tests.pipelines.stages.shard_corpora import EOS, corpus_of, documents, expected, model, rows

__all__ = ["model"]

LENGTH = 16


@pytest.fixture
def folder(tmp_path: Path, model: Path) -> Path:
    settings = f"sequence_length: {LENGTH}, formats: [megatron, nanotron, olmo, mds, litdata]"
    build = corpus_of(tmp_path / "c", model, documents(40), settings, parts=3)
    shard.run(build)
    return build.root


def split_at_marks(ids: np.ndarray) -> list[list[int]]:
    ends = np.flatnonzero(ids == EOS) + 1
    return [part.tolist() for part in np.split(ids, ends) if len(part)]


def test_documents_are_in_one_set_of_files_a_source_and_split(folder: Path, model: Path) -> None:
    whole = sorted(expected(model, documents(40)).values())
    outputs = [output for entry in ledger.read_entries(folder, "shard") for output in entry.outputs]
    for name in ("megatron", "nanotron", "olmo"):
        counts = Counter(
            Path(output.path).suffix for output in outputs for _ in range(output.rows) if name in output.path
        )
        assert set(counts.values()) == {len(whole)}, name
    for name, endings in (("megatron", ["bin", "idx"]), ("nanotron", ["ds", "ds.index"]), ("olmo", ["npy"])):
        found = sorted(path.relative_to(folder / name).as_posix() for path in (folder / name).rglob("*.*"))
        stem = "train/toy/toy" if name == "nanotron" else "train/toy"
        assert found == [f"{stem}.{ending}" for ending in endings]
    for path in ("megatron/train/toy.bin", "nanotron/train/toy/toy.ds", "olmo/train/toy.npy"):
        assert sorted(split_at_marks(np.fromfile(folder / path, dtype="<u2"))) == whole
    ends = np.fromfile(folder / "nanotron/train/toy/toy.ds.index", dtype="<u8").tolist()
    sizes = [len(one) for one in split_at_marks(np.fromfile(folder / "nanotron/train/toy/toy.ds", dtype="<u2"))]
    assert ends == np.cumsum(sizes).tolist()
    index = (folder / "megatron/train/toy.idx").read_bytes()
    assert struct.unpack_from("<9sQBQQ", index) == (b"MMIDIDX\x00\x00", 1, 8, 40, 41)
    assert np.frombuffer(index, "<i4", 40, 34).tolist() == sizes
    assert np.frombuffer(index, "<i8", 40, 34 + 160).tolist() == (2 * np.cumsum([0, *sizes[:-1]])).tolist()


def test_rows_are_those_of_the_stream(folder: Path) -> None:
    stream = [row["input_ids"] for row in rows(folder)]
    (listed,) = json.loads((folder / "litdata/train/index.json").read_text())["chunks"]
    chunk = (folder / "litdata/train" / listed["filename"]).read_bytes()
    assert (listed["chunk_size"], listed["chunk_bytes"]) == (len(stream), len(chunk))
    begin = 4 * (len(stream) + 2)
    assert np.frombuffer(chunk, "<u2", offset=begin).reshape(-1, LENGTH).tolist() == stream
    (listed,) = json.loads((folder / "mds/train/index.json").read_text())["shards"]
    data = (folder / "mds/train" / listed["raw_data"]["basename"]).read_bytes()
    assert (listed["samples"], listed["raw_data"]["bytes"]) == (len(stream), len(data))
    offsets = np.frombuffer(data, "<u4", len(stream) + 1, 4)
    first = data[offsets[0] : offsets[1]]
    assert np.frombuffer(first, "<i4", LENGTH, 4).tolist() == stream[0]
    assert first[-3:] == b"toy"
    assert listed["column_names"] == ["input_ids", "known", "source"]
    assert listed["column_encodings"] == [f"ndarray:int32:{LENGTH}", "int", "str"]
    assert listed["column_sizes"] == [4 * LENGTH, 8, None]


def test_the_same_command_again_does_nothing_and_another_form_is_added(
    tmp_path: Path, model: Path, folder: Path
) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    again = corpus_of(
        tmp_path / "again",
        model,
        documents(40),
        f"sequence_length: {LENGTH}, formats: [megatron, nanotron, olmo, mds, litdata]",
        parts=3,
    )
    shard.run(again)
    shard.run(again)
    for path, content in before.items():
        if path.suffix in (".bin", ".idx", ".ds", ".npy", ".mds"):
            assert (again.root / path.relative_to(folder)).read_bytes() == content


def test_rows_of_different_lengths_have_no_such_form() -> None:
    settings = {"tokenizer": "t", "layout": "documents", "formats": ["mds"]}
    data = {"name": "x", "sources": [{"name": "a", "kind": "dataset", "inputs": ["b"]}], "shards": settings}
    with pytest.raises(UserError, match="formats: mds holds rows of one length; expected layout: packed"):
        recipe_from(data, "r")


def test_mosaics_streaming_reads_them(folder: Path) -> None:
    streaming = pytest.importorskip("streaming", exc_type=ImportError)
    dataset = streaming.StreamingDataset(local=str(folder / "mds/train"), shuffle=False, batch_size=1)
    stream = rows(folder)
    assert [one["input_ids"].tolist() for one in dataset] == [row["input_ids"] for row in stream]
    assert [one["known"] for one in dataset] == [sum(row["lengths"]) for row in stream]


def test_litdata_reads_them(folder: Path) -> None:
    litdata = pytest.importorskip("litdata")
    dataset = litdata.StreamingDataset(
        str(folder / "litdata/train"), item_loader=litdata.TokensLoader(block_size=LENGTH)
    )
    assert [np.array(dataset[n]).tolist() for n in range(len(dataset))] == [row["input_ids"] for row in rows(folder)]


def test_datatrove_reads_them_for_nanotron(folder: Path) -> None:
    pytest.importorskip("torch")
    module = pytest.importorskip("datatrove.utils.dataset")
    dataset = module.DatatroveFileDataset(str(folder / "nanotron/train/toy/toy.ds"), LENGTH, return_positions=True)
    ids = np.fromfile(folder / "nanotron/train/toy/toy.ds", dtype="<u2")
    for number in range(len(dataset)):
        one = dataset[number]
        part = ids[number * (LENGTH + 1) : (number + 1) * (LENGTH + 1)]
        assert one["input_ids"].tolist() == part.tolist()
        after = np.flatnonzero(part[:-1] == EOS) + 1
        assert all(one["positions"][place] == 0 for place in after)


def test_megatron_reads_them(folder: Path, model: Path) -> None:
    pytest.importorskip("torch")
    module = pytest.importorskip("megatron.core.datasets.indexed_dataset")
    dataset = module.IndexedDataset(str(folder / "megatron/train/toy"))
    assert sorted(dataset[n].tolist() for n in range(len(dataset))) == sorted(expected(model, documents(40)).values())


def test_olmo_reads_them(folder: Path) -> None:
    pytest.importorskip("torch")
    module = pytest.importorskip("olmo_core.data.numpy_dataset", exc_type=ImportError)
    path = folder / "olmo/train/toy.npy"
    about = {"pad_token_id": EOS, "eos_token_id": EOS, "vocab_size": 60000, "dtype": np.uint16}
    dataset = module.NumpyFSLDataset(str(path), sequence_length=LENGTH, **about)
    ids = np.fromfile(path, dtype="<u2")
    assert len(dataset) == len(ids) // LENGTH
    assert dataset[1]["input_ids"].tolist() == ids[LENGTH : 2 * LENGTH].tolist()
