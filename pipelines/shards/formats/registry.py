"""The forms that `formats:` of a recipe and `--format` name, and what each of them is given.

Most hold documents: a unit of the shard stage writes them a document once, in the order of their files, and where a
program wants one file a source and split the units' files are put together afterwards (`pipelines.shards.merging`).
Others hold rows: the files of the stream, in its order.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pyarrow as pa

from pipelines.shards.formats import litdata, mds
from pipelines.shards.formats.flat import FlatFile, merge_flat
from pipelines.shards.formats.jsonl import JsonLinesFile
from pipelines.shards.formats.megatron import MegatronFiles, merge_megatron
from pipelines.shards.formats.texts import TextsFile
from pipelines.shards.packing import Ids

Merge = Callable[[Sequence[Sequence[Path]], Sequence[Path], int], None]


class Writer(Protocol):
    """Writes the documents of one split of one unit."""

    rows: int

    def add(self, identifier: str, text: str, about: Mapping[str, Any], ids: Ids) -> None:
        """Take one document: its id, text, other columns and token ids, marks included."""
        ...

    def close(self) -> None:
        """End the files."""
        ...


class Format(NamedTuple):
    """A form of documents: its folder in the corpus, the endings of its files, and its writer.

    `merged` is the name of a source's files without the endings: nanotron is given a folder and a weight a source
    (huggingface/nanotron, `data/nanoset.py`), others a file.

    `writer` is given one path an ending, and the number of ids of the vocabulary. `merge`, if there is one, makes one
    file an ending of those of several units: it is given their paths, the new ones, and that number.
    """

    folder: str
    endings: tuple[str, ...]
    writer: Callable[[list[Path], int], Writer]
    merge: Merge | None = None
    merged: str = "{source}"


class RowFormat(NamedTuple):
    """A form of rows, all of one length: its folder, the name of a file by its number, writer and index.

    `write` is given rows with the schema SEQUENCE, a path and the number of ids of the vocabulary; `listing` is given
    name, bytes and rows of every file, the length of a row, and that number, and returns the values of `index.json`.
    """

    folder: str
    name: str
    write: Callable[[pa.Table, Path, int], None]
    listing: Callable[[Sequence[tuple[str, int, int]], int, int], Mapping[str, Any]]


FORMATS: Mapping[str, Format] = {
    "jsonl": Format("jsonl", (".jsonl.zst",), JsonLinesFile),
    "texts": Format("texts", (".parquet",), TextsFile),
    "megatron": Format("megatron", (".bin", ".idx"), MegatronFiles, merge_megatron),
    "nanotron": Format("nanotron", (".ds", ".ds.index"), FlatFile, merge_flat, "{source}/{source}"),
    "olmo": Format("olmo", (".npy",), FlatFile, merge_flat),
}
ROW_FORMATS: Mapping[str, RowFormat] = {
    "mds": RowFormat("mds", mds.NAME, mds.write_mds, mds.index_mds),
    "litdata": RowFormat("litdata", litdata.NAME, litdata.write_litdata, litdata.index_litdata),
}
