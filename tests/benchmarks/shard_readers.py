"""The folder that the shard stage writes, opened by the libraries that trainers read it with: a line about each.

    python -m tests.benchmarks.shard_readers --text FOLDER --tokenizer FILE --work FOLDER [--megabytes 20] \\
        [--neox CHECKOUT] [--nanotron CHECKOUT]

The texts become three sources in all forms. What a library gives is compared with the rows of the stream in their
order, or with the ids that the project's tokenizer gives for the texts. Libraries that are not installed are named. Of
GPT-NeoX and nanotron, which do not install without a GPU's tools, the modules that read data are loaded from checkouts.
Ends with an error if anything differs.
"""

import argparse
import importlib.metadata
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import types
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as pq

from pipelines.shards.formats.flat import number_type
from pipelines.shards.tokenizer import load_tokenizer
from pipelines.training.batches import Batches, torch_batches, torch_rows
from tests.benchmarks.overlap_speed import texts

LENGTH, BATCH = 512, 4
SOURCES = ("first", "second", "third")
FORMS = ("texts", "megatron", "nanotron", "olmo", "mds", "litdata")


class Made(NamedTuple):
    """The folder; by source its training texts, and the ids of each, marks included; the stream; mark and ids."""

    folder: Path
    texts: Mapping[str, list[str]]
    documents: Mapping[str, list[list[int]]]
    rows: list[list[int]]
    eos: int
    size: int


def made(folder: Path, chosen: Sequence[str], tokenizer: Path) -> Made:
    """Shard the texts as three sources, and say what should be in the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    corpus = folder / "corpus"
    command = [sys.executable, "-m", "pipelines.commands.cli", "shard", "--quiet", "--sequence-length", str(LENGTH)]
    command += [word for form in FORMS for word in ("--format", form)]
    command += ["--tokenizer", str(tokenizer), "--output", str(corpus), "--source"]
    for number, source in enumerate(SOURCES):
        part = enumerate(chosen[number :: len(SOURCES)])
        lines = (json.dumps({"id": f"{source}{place}", "text": text}) + "\n" for place, text in part)
        (folder / f"{source}.jsonl").write_text("".join(lines), encoding="utf-8")
        command.append(f"{source}={folder / source}.jsonl")
    subprocess.run(command, check=True)
    loaded = load_tokenizer(tokenizer)
    assert loaded.eos is not None
    there = {source: column(corpus / "texts" / "train" / source, "text") for source in SOURCES}
    ids = {source: [[*one.tolist(), loaded.eos] for one in loaded.encode(part)] for source, part in there.items()}
    return Made(
        corpus, there, ids, column(corpus / "shards" / "train", "input_ids"), loaded.eos, loaded.vocabulary_size
    )


def column(folder: Path, name: str) -> list[Any]:
    """A column of the Parquet files of a folder."""
    return [value for path in sorted(folder.glob("*.parquet")) for value in pq.read_table(path)[name].to_pylist()]


def counted(documents: Sequence[Sequence[int]]) -> Counter[tuple[int, ...]]:
    """Documents whatever their order."""
    return Counter(tuple(map(int, one)) for one in documents)


def by_datasets(of: Made) -> Iterator[tuple[str, bool]]:
    """The default configuration, the same as a stream, and that of the texts."""
    import datasets

    cache = str(of.folder.parent / "cache")
    whole = datasets.load_dataset(str(of.folder), split="train", cache_dir=cache)
    yield "load_dataset(folder)", whole["input_ids"][:] == of.rows
    stream = datasets.load_dataset(str(of.folder), split="train", streaming=True, cache_dir=cache)
    yield "streaming", [row["input_ids"] for row in stream] == of.rows
    found = datasets.load_dataset(str(of.folder), "texts", split="train", cache_dir=cache)
    yield "texts", Counter(found["text"]) == Counter(text for part in of.texts.values() for text in part)


def by_torch(of: Made) -> Iterator[tuple[str, bool]]:
    """PyTorch's loader with 0, 1, 2, 4 workers, from the begin and from steps in the middle."""
    import torch

    batches = [one.input_ids.tolist() for one in Batches(of.folder, BATCH).of_worker(0, 1)]
    yield "our batches", [row for one in batches for row in one] == of.rows[: len(batches) * BATCH]
    for workers in (0, 1, 2, 4):
        for start in (0, 1, len(batches) // 2, len(batches) - 1):
            rows = torch_batches(of.folder, BATCH, start=start)
            loader = torch.utils.data.DataLoader(rows, batch_size=None, num_workers=workers)
            same = [one["input_ids"].tolist() for one in loader] == batches[start:]
            yield f"{workers} workers from batch {start}", same


def by_transformers(of: Made) -> Iterator[tuple[str, bool]]:
    """The batches that Hugging Face's Trainer takes."""
    import transformers

    settings = {"vocab_size": of.size, "n_positions": LENGTH, "n_embd": 8, "n_layer": 1, "n_head": 1}
    model = transformers.GPT2LMHeadModel(transformers.GPT2Config(**settings))
    about = {"output_dir": str(of.folder.parent / "trainer"), "per_device_train_batch_size": BATCH, "use_cpu": True}
    arguments = transformers.TrainingArguments(max_steps=1, report_to=[], **about)
    trainer = transformers.Trainer(model=model, args=arguments, train_dataset=torch_rows(of.folder, BATCH))
    found = [row for one in trainer.get_train_dataloader() for row in one["input_ids"].tolist()]
    yield "Trainer's loader", found == of.rows[: len(of.rows) // BATCH * BATCH]


def by_megatron(of: Made) -> Iterator[tuple[str, bool]]:
    """megatron-core's pairs of files, one a source."""
    from megatron.core.datasets.indexed_dataset import IndexedDataset

    for source, documents in of.documents.items():
        found = IndexedDataset(str(of.folder / "megatron" / "train" / source))
        same = counted([found[place].tolist() for place in range(len(found))]) == counted(documents)
        yield f"{source}: {len(found)} documents", same and len(found.document_indices) == len(found) + 1


def by_neox(of: Made, checkout: Path) -> Iterator[tuple[str, bool]]:
    """GPT-NeoX's reader of the same files."""
    module = loaded("megatron.data.indexed_dataset", checkout, {"megatron": {"print_rank_0": lambda *_: None}})
    for source, documents in of.documents.items():
        found = module.MMapIndexedDataset(str(of.folder / "megatron" / "train" / source), skip_warmup=True)
        same = counted([found.get(place).tolist() for place in range(len(found))]) == counted(documents)
        yield f"{source}: {len(found)} documents", same


def by_nanotron(of: Made, checkout: Path) -> Iterator[tuple[str, bool]]:
    """nanotron's Nanoset: every window of each file, and a mixture by weights."""
    import datatrove.utils.dataset as reading

    class Folder(reading.DatatroveFolderDataset):  # type: ignore[misc]
        """With the arguments as nanotron gives them; datatrove has renamed some of them since."""

        def __init__(self, folder_path: str, filename_pattern: str, eos_token_id: int, **others: Any) -> None:
            names = {"filename_pattern": Path(filename_pattern).name, "positions_from_eos_token_id": eos_token_id}
            super().__init__(folder_path, **others, **names)

    log = {"get_logger": lambda _: types.SimpleNamespace(warning=print, info=print), "log_rank": lambda *_, **__: None}
    log |= {"INFO": 20}
    given = {"nanotron": {"logging": types.SimpleNamespace(**log)}, "nanotron.logging": log, "nanotron.data": {}}
    count = {"count_dataset_indexes": lambda index, sets: [index.count(one) for one in range(sets)]}
    given["nanotron.data.utils"] = {**count, "normalize": lambda weights: np.array(weights) / np.sum(weights)}
    module = loaded("nanotron.data.nanoset", checkout / "src", given)
    module.DatatroveFolderDataset = Folder
    folders = [str(of.folder / "nanotron" / "train" / source) for source in SOURCES]
    keys = {"token_size": number_type(of.size).itemsize, "eos_token_id": of.eos, "use_cache": False}
    module.Nanoset.print_nanoset_info = lambda _: None
    for source, folder in zip(SOURCES, folders, strict=True):
        (part,) = module.Nanoset([folder], LENGTH, train_split_num_samples=10, **keys).datatrove_datasets
        windows = [part[place]["input_ids"].tolist() for place in range(len(part))]
        raw = np.fromfile(Path(folder) / f"{source}.ds", dtype=number_type(of.size))[: len(part) * (LENGTH + 1)]
        yield f"{source}: {len(part)} windows", counted(windows) == counted(raw.reshape(-1, LENGTH + 1).tolist())
    mixed = module.Nanoset(folders, LENGTH, train_split_num_samples=700, dataset_weights=[2, 4, 1], **keys)
    shares = np.bincount(mixed.dataset_index, minlength=3) / len(mixed)
    yield "mixture 2 : 4 : 1", bool(np.abs(shares - np.array([2, 4, 1]) / 7).max() < 0.01)


def by_datatrove(of: Made) -> Iterator[tuple[str, bool]]:
    """datatrove's own dataset of the same files."""
    from datatrove.utils.dataset import DatatroveFileDataset

    for source in SOURCES:
        path = of.folder / "nanotron" / "train" / source / f"{source}.ds"
        kind = number_type(of.size)
        found = DatatroveFileDataset(str(path), LENGTH, token_size=kind.itemsize)
        raw = np.fromfile(path, dtype=kind)[: len(found) * (LENGTH + 1)].reshape(-1, LENGTH + 1)
        same = [found[place]["input_ids"].tolist() for place in range(len(found))] == raw.tolist()
        whole = np.split(np.fromfile(path, dtype=kind), np.fromfile(f"{path}.index", dtype="<u8").astype(np.int64)[:-1])
        yield f"{source}: {len(found)} windows", same and counted(whole) == counted(of.documents[source])


def by_streaming(of: Made) -> Iterator[tuple[str, bool]]:
    """MosaicML's rows."""
    import streaming

    found = streaming.StreamingDataset(local=str(of.folder / "mds" / "train"), shuffle=False, batch_size=1)
    yield "rows", [row["input_ids"].tolist() for row in found] == of.rows


def by_litdata(of: Made) -> Iterator[tuple[str, bool]]:
    """Lightning's rows."""
    import litdata

    loader = litdata.TokensLoader(block_size=LENGTH)
    found = litdata.StreamingDataset(str(of.folder / "litdata" / "train"), item_loader=loader)
    yield "rows", [np.array(found[place]).tolist() for place in range(len(found))] == of.rows


def by_olmo(of: Made) -> Iterator[tuple[str, bool]]:
    """OLMo-core's instances, which are cut out of a source's documents."""
    from olmo_core.data.numpy_dataset import NumpyFSLDataset

    kind = np.uint16 if number_type(of.size).itemsize == 2 else np.uint32
    about = {"pad_token_id": of.eos, "eos_token_id": of.eos, "vocab_size": of.size, "dtype": kind}
    for source, documents in of.documents.items():
        path = of.folder / "olmo" / "train" / f"{source}.npy"
        found = NumpyFSLDataset(str(path), sequence_length=LENGTH, **about)
        raw = np.fromfile(path, dtype=kind)
        whole = np.split(raw, np.flatnonzero(raw == of.eos) + 1)[:-1]
        rows = [found[place]["input_ids"].tolist() for place in range(len(found))]
        same = rows == raw[: len(found) * LENGTH].reshape(-1, LENGTH).tolist()
        yield f"{source}: {len(found)} instances", same and counted(whole) == counted(documents)


def loaded(name: str, checkout: Path, given: Mapping[str, Mapping[str, Any]]) -> Any:
    """A module of a checkout, while the modules that it imports are these; the others are as they were afterwards."""
    before = {one: sys.modules.get(one) for one in given}
    try:
        for one, values in given.items():
            sys.modules[one] = types.ModuleType(one)
            sys.modules[one].__dict__.update(values)
        path = checkout / f"{name.replace('.', '/')}.py"
        spec = importlib.util.spec_from_file_location(f"checkout_{name.rpartition('.')[2]}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        for one, found in before.items():
            del sys.modules[one]
            if found is not None:
                sys.modules[one] = found


def main() -> None:
    """Let all read, and print a line about each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, required=True, help="folder of texts")
    parser.add_argument("--tokenizer", type=Path, required=True, help="a vocabulary of any kind")
    parser.add_argument("--work", type=Path, required=True, help="folder for input and output")
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--neox", type=Path, help="a checkout of GPT-NeoX")
    parser.add_argument("--nanotron", type=Path, help="a checkout of nanotron")
    arguments = parser.parse_args()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    chosen = [text for _, text in texts(arguments.text, int(arguments.megabytes * 1e6))]
    of = made(arguments.work, chosen, arguments.tokenizer)
    documents = sum(map(len, of.documents.values()))
    print(f"{documents:,} documents, {len(of.rows):,} rows of {LENGTH} tokens, {arguments.tokenizer.name}", flush=True)
    readers: dict[str, Callable[[Made], Iterator[tuple[str, bool]]]] = {
        "datasets": by_datasets,
        "torch": by_torch,
        "transformers": by_transformers,
        "megatron-core": by_megatron,
        "datatrove": by_datatrove,
        "mosaicml-streaming": by_streaming,
        "litdata": by_litdata,
        "ai2-olmo-core": by_olmo,
    }
    if arguments.neox:
        readers["GPT-NeoX"] = lambda of: by_neox(of, arguments.neox)
    if arguments.nanotron:
        readers["nanotron"] = lambda of: by_nanotron(of, arguments.nanotron)
    wrong = 0
    for name, reader in readers.items():
        try:
            outcomes = list(reader(of))
        except ImportError as error:
            print(f"{name:<20}not read: {error}", flush=True)
            continue
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            version = "checkout"
        differ = [what for what, same in outcomes if not same]
        wrong += len(differ)
        words = "; ".join(what for what, _ in outcomes)
        said = f"DIFFER: {'; '.join(differ)}" if differ else "equal"
        print(f"{name:<20}{version:<14}{said}: {words}", flush=True)
    if wrong:
        sys.exit("what is read differs")


if __name__ == "__main__":
    main()
