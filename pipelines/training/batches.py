"""The training stream as batches for PyTorch: the same ones, in the same order, whatever the workers, from any step on.

`torch` is an optional extra: nothing here imports it before `torch_batches` is called. A batch is known by its number
in the stream of its rank, so the state of a training run is how many batches it has taken. PyTorch's DataLoader takes
one item from each of its workers in turn (torch.utils.data, "Multi-process data loading"); worker w of W therefore
gives batches w, w + W, … and what comes out is the order that one process would give.

    loader = torch.utils.data.DataLoader(torch_batches(folder, batch_size=8, start=taken), batch_size=None)
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from manifests.errors import UserError
from pipelines.corpus.folder import SHARDS
from pipelines.shards.streaming import ABOUT

NOT_LEARNT = -100
"""The label that PyTorch's cross-entropy passes over (its `ignore_index`)."""


class Batch(NamedTuple):
    """Rows of one length: all are int64 of shape (rows, length); padding's label is -100.

    `position_ids` counts from 0 in every document (in every piece of one), `segments` numbers the pieces in a row from
    1 on, 0 for padding: what a trainer needs that lets no document see another.
    """

    input_ids: NDArray[np.int64]
    labels: NDArray[np.int64]
    position_ids: NDArray[np.int64]
    segments: NDArray[np.int64]


class Batches:
    """The batches of one rank, from number `start` on; a last batch that would be smaller is left out.

    Raises UserError for a folder without packed shards of that split, and for one that has not a single batch.
    """

    def __init__(
        self, folder: Path, batch_size: int, *, split: str = "train", rank: int = 0, ranks: int = 1, start: int = 0
    ) -> None:
        if batch_size < 1 or not 0 <= rank < ranks or start < 0:
            raise UserError(f"batch_size {batch_size}, rank {rank} of {ranks}, start {start}: out of range")
        self.batch_size, self.rank, self.ranks, self.start = batch_size, rank, ranks, start
        self._paths = sorted((folder / SHARDS / split).glob("*.parquet"))
        if not self._paths:
            raise UserError(f"{folder / SHARDS / split}: no shards; expected the output of `proofpile shard`")
        about = json.loads((pq.read_schema(self._paths[0]).metadata or {}).get(ABOUT, b"{}"))
        if about.get("layout") != "packed":
            raise UserError(f"{self._paths[0]}: rows of different lengths; expected shards of layout `packed`")
        # The part of a file that was read last; each worker has a copy of this object and so a part of its own.
        self._file = self._group = -1
        self._parquet: Any = None
        self._table: Any = None
        self._ends = np.cumsum([pq.read_metadata(path).num_rows for path in self._paths])
        if self._ends[-1] < batch_size * ranks:
            raise UserError(
                f"{folder / SHARDS / split}: {self._ends[-1]} rows; a step takes {batch_size} for each of {ranks}; "
                "expected as many or more"
            )

    def __len__(self) -> int:
        """How many batches the rank has from `start` on."""
        return max(0, int(self._ends[-1]) // (self.batch_size * self.ranks) - self.start)

    def of_worker(self, worker: int, workers: int) -> Iterator[Batch]:
        """The batches that worker number `worker` of `workers` gives."""
        for number in range(self.start + worker, self.start + len(self), workers):
            first = (number * self.ranks + self.rank) * self.batch_size
            rows = [self._row(place) for place in range(first, first + self.batch_size)]
            ids = np.stack([one for one, _ in rows])
            labels, positions, segments = ids.copy(), np.zeros_like(ids), np.zeros_like(ids)
            for index, (_, lengths) in enumerate(rows):
                sizes = [*lengths, ids.shape[1] - sum(lengths)]
                positions[index] = np.concatenate([np.arange(size) for size in sizes])
                segments[index] = np.repeat([*range(1, len(sizes)), 0], sizes)
                labels[index, sum(lengths) :] = NOT_LEARNT
            yield Batch(ids, labels, positions, segments)

    def _row(self, place: int) -> tuple[NDArray[np.int64], list[int]]:
        """A row's ids and how many of them each piece of a document has."""
        file = int(np.searchsorted(self._ends, place, side="right"))
        place -= int(self._ends[file - 1]) if file else 0
        if self._file != file:
            self._file, self._parquet, self._group = file, pq.ParquetFile(self._paths[file]), -1
        group = 0
        while place >= self._parquet.metadata.row_group(group).num_rows:
            place -= self._parquet.metadata.row_group(group).num_rows
            group += 1
        if self._group != group:
            self._group, self._table = group, self._parquet.read_row_group(group, columns=["input_ids", "lengths"])
        ids = self._table["input_ids"][place].values.to_numpy().astype(np.int64)
        return ids, self._table["lengths"][place].as_py()


def torch_batches(folder: Path, batch_size: int, *, masks: bool = False, **keys: Any) -> Any:
    """The batches as a `torch.utils.data.IterableDataset` of dicts of tensors; `keys` as of `Batches`.

    Without `masks` they have `input_ids` and `labels` alone, which is what Llemma's trainer took. Raises UserError
    where PyTorch is not installed.
    """
    return _torch_dataset(Batches(folder, batch_size, **keys), masks, collated=True)


def torch_rows(folder: Path, batch_size: int, *, masks: bool = False, **keys: Any) -> Any:
    """The same batches row by row, for a loader (or Hugging Face's Trainer) that puts `batch_size` of them together."""
    return _torch_dataset(Batches(folder, batch_size, **keys), masks, collated=False)


def _torch_dataset(batches: Batches, masks: bool, collated: bool) -> Any:
    try:
        import torch
    except ImportError:
        raise UserError("PyTorch is not installed; expected `pip install proofpile[torch]`") from None

    class TorchBatches(torch.utils.data.IterableDataset):
        """See the module."""

        def __len__(self) -> int:
            return len(batches) * (1 if collated else batches.batch_size)

        def __iter__(self) -> Iterator[dict[str, Any]]:
            info = torch.utils.data.get_worker_info()
            worker, workers = (0, 1) if info is None else (info.id, info.num_workers)
            for batch in batches.of_worker(worker, workers):
                given = batch._asdict() if masks else {"input_ids": batch.input_ids, "labels": batch.labels}
                tensors = {name: torch.from_numpy(values) for name, values in given.items()}
                if collated:
                    yield tensors
                else:
                    for row in range(batches.batch_size):
                        yield {name: values[row] for name, values in tensors.items()}

    return TorchBatches()
