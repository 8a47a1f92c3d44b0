"""Documents' ids one after the other in one file without a header, as datatrove, nanotron and OLMo-core read them.

datatrove and nanotron (huggingface/datatrove, `pipeline/tokens/tokenizer.py`, TokenizedFile): `NAME.ds` holds the ids,
little-endian, two bytes each if all are below 65,536, else four; `NAME.ds.index` the end of each document, in tokens,
as u64. OLMo-core (allenai/OLMo-core, `data/numpy_dataset.py`): the same ids as `NAME.npy`, which in spite of its name
has no header; documents are told by the end mark.
"""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.shards.packing import Ids

LARGEST_UINT16_VOCABULARY = 1 << 16


def number_type(vocabulary_size: int) -> np.dtype[Any]:
    """The least of the two types that holds every id."""
    return np.dtype("<u2" if vocabulary_size <= LARGEST_UINT16_VOCABULARY else "<u4")


class FlatFile:
    """The ids of documents, marks included; with a second path also where each document ends."""

    def __init__(self, paths: list[Path], vocabulary_size: int) -> None:
        self.rows = 0
        self._type = number_type(vocabulary_size)
        self._paths = paths
        self._stream = paths[0].open("wb")
        self._lengths: list[int] = []

    def add(self, identifier: str, text: str, about: Mapping[str, Any], ids: Ids) -> None:
        """Take the ids of one document."""
        del identifier, text, about
        self.rows += 1
        self._stream.write(ids.astype(self._type).tobytes())
        self._lengths.append(len(ids))

    def close(self) -> None:
        """End the files."""
        self._stream.close()
        if len(self._paths) > 1:
            self._paths[1].write_bytes(np.cumsum(self._lengths, dtype="<u8").tobytes())


def merge_flat(parts: Sequence[Sequence[Path]], paths: Sequence[Path], vocabulary_size: int) -> None:
    """Make one set of files of several, in their order."""
    size = number_type(vocabulary_size).itemsize
    ends: list[NDArray[np.uint64]] = [np.zeros(0, dtype=np.uint64)]
    base = 0
    with paths[0].open("wb") as stream:
        for part in parts:
            with part[0].open("rb") as source:
                shutil.copyfileobj(source, stream, 1 << 20)
            if len(paths) > 1:
                ends.append(np.fromfile(part[1], dtype="<u8") + np.uint64(base))
            base += part[0].stat().st_size // size
    if len(paths) > 1:
        paths[1].write_bytes(np.concatenate(ends).astype("<u8").tobytes())
