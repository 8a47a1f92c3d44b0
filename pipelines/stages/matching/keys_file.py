"""The keys by which documents meet (bands of MinHash, blocks of SimHash), and the file that keeps them for later.

A file of keys lies beside the signature file once a corpus is deduplicated. What is added to that corpus later asks it
for a few keys; reading 72 bytes a document instead of a signature of 512 makes the asking cheap. A NumPy file of
64-bit numbers, a row a document in the signature file's order; a text without words, which is similar to nothing,
has zeros. Its name tells how the keys were made, so that a file made in another way is not taken for it.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from dedup.methods.base import Method
from manifests.errors import UserError
from pipelines.stages.matching.shuffle import U64, Source, broken, fixed, numbers_of

GROUP_ROWS = 1 << 15
"""Rows of a file of keys that are looked at together."""


def keys_path(signatures: Path, method: Method) -> Path:
    """Where the keys of a signature file lie."""
    return signatures.with_suffix(f".{method.label}.keys")


def read_keys(source: Source, method: Method) -> Iterator[tuple[U64, U64]]:
    """Documents of a source that can be similar to others, and their keys (documents, keys), some rows at a time.

    Raises UserError for a file that is cut short.
    """
    first = 0
    for worded, keys in _kept(source) if source.keys else _made(source.signatures, method):
        documents = numbers_of(source, first, len(worded))
        first += len(worded)
        yield (documents, keys) if worded.all() else (documents[worded], keys[worded])


def _made(signatures: str, method: Method) -> Iterator[tuple[npt.NDArray[np.bool_], U64]]:
    try:
        with pq.ParquetFile(signatures, pre_buffer=False) as parquet:
            for group in range(parquet.num_row_groups):
                table = parquet.read_row_group(group, columns=["signature", "words_hash"])
                worded = np.asarray(fixed(table.column("words_hash")).any(axis=1), np.bool_)
                yield worded, method.keys(fixed(table.column("signature")))
    except (OSError, ValueError) as error:
        raise broken(signatures, error) from None


def _kept(source: Source) -> Iterator[tuple[npt.NDArray[np.bool_], U64]]:
    try:
        rows = np.load(source.keys, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise UserError(f"{source.keys}: not a whole file of keys ({error}); run dedup on its corpus again") from None
    for first in range(0, len(rows), GROUP_ROWS):
        keys = np.asarray(rows[first : first + GROUP_ROWS])
        yield np.asarray(keys.any(axis=1), np.bool_), keys


def write_keys(path: Path, signatures: str, method: Method) -> int:
    """Write the keys of a signature file; returns how many documents it has."""
    parts = [np.empty((0, method.keys_per_document), np.uint64)]
    for worded, keys in _made(signatures, method):
        parts.append(np.where(worded[:, None], keys, np.uint64(0)))
    rows = np.concatenate(parts)
    with path.open("wb") as stream:
        np.save(stream, rows.astype("<u8", copy=False), allow_pickle=False)
    return len(rows)
