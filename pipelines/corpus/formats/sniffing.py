"""The beginning of a file, by which its format is told."""

from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from manifests.errors import UserError
from pipelines.corpus.lines import container_of, opened

HEAD_BYTES = 4096
_PACKED = (".gz", ".zst", ".lz4", ".xz", ".bz2", ".zstd")
_WIDE = (b"\xff\xfe", b"\xfe\xff")


class Head(NamedTuple):
    """What a file is packed in, its first bytes unpacked, and the ending of its name without the packing's."""

    container: str
    start: bytes
    ending: str


def head_of(path: Path) -> Head:
    """The beginning of a file. Raises UserError for one that is not there, or in an encoding of two bytes a letter."""
    container = container_of(path)
    endings = [ending.lower() for ending in path.suffixes if ending.lower() not in _PACKED]
    if container == "parquet":
        return Head(container, b"PAR1", endings[-1] if endings else "")
    with closing(opened(path)) as stream:
        try:
            start = stream.read(HEAD_BYTES)[:HEAD_BYTES]
        except Exception:  # what is damaged from the start on is reported when it is read
            start = b""
    if start.startswith(_WIDE):
        raise UserError(f"{path}: is text in UTF-16; expected UTF-8 (convert it: iconv -f UTF-16 -t UTF-8)")
    return Head(container, start.removeprefix(b"\xef\xbb\xbf"), endings[-1] if endings else "")
