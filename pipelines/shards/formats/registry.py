"""The forms that `formats:` of a recipe and `--format` name, and what each of them is given."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from pipelines.shards.formats.jsonl import JsonLinesFile
from pipelines.shards.formats.megatron import MegatronFiles
from pipelines.shards.formats.texts import TextsFile
from pipelines.shards.packing import Ids


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
    """A form: its folder in the corpus, the endings of its files, and its writer.

    `writer` is given one path an ending, and the number of ids of the vocabulary.
    """

    folder: str
    endings: tuple[str, ...]
    writer: Callable[[list[Path], int], Writer]


FORMATS: Mapping[str, Format] = {
    "jsonl": Format("jsonl", (".jsonl.zst",), JsonLinesFile),
    "texts": Format("texts", (".parquet",), TextsFile),
    "megatron": Format("megatron", (".bin", ".idx"), MegatronFiles),
}
