"""The text of a benchmark's file, unpacked and decoded."""

import bz2
import codecs
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import zstandard

from manifests.errors import UserError

MOST_BYTES = 4 << 30
"""Unpacked; no test set is as large, and what is larger is a mistake or a bomb."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ENDINGS = (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".lean", ".thy", ".v")
"""Of an archive's members, those that end so are read."""


class Content(NamedTuple):
    """One text: `name` names it in errors, `suffixes` are those of its file or member without packing."""

    name: str
    suffixes: tuple[str, ...]
    text: str


def contents_of(path: Path) -> Iterator[Content]:
    """The texts of a file, one for each member of an archive. Raises UserError for a file that cannot be read."""
    try:
        raw = _unpacked(path.read_bytes())
        if raw.startswith(b"PK\x03\x04") or zipfile.is_zipfile(io.BytesIO(raw[-70000:]) if len(raw) < 70000 else path):
            members = list(_of_zip(raw))
        elif raw[257:262] == b"ustar":
            members = list(_of_tar(raw))
        else:
            yield Content(str(path), tuple(path.suffixes), _decoded(str(path), raw))
            return
    except (
        OSError,
        EOFError,
        ValueError,
        lzma.LZMAError,
        zlib.error,
        zstandard.ZstdError,
        tarfile.TarError,
        zipfile.BadZipFile,
    ) as error:
        raise UserError(f"{path}: cannot read the benchmark: {error}") from error
    if not members:
        raise UserError(f"{path}: the archive holds no file that ends in {', '.join(_ENDINGS)}")
    for name, content in members:
        yield Content(f"{path}/{name}", tuple(Path(name).suffixes), _decoded(f"{path}/{name}", content))


def _unpacked(raw: bytes) -> bytes:
    if raw.startswith(b"\x1f\x8b"):
        return gzip.decompress(raw)
    if raw.startswith(b"\x28\xb5\x2f\xfd"):
        return b"".join(_zstandard_frames(raw))
    if raw.startswith(b"BZh"):
        return bz2.decompress(raw)
    if raw.startswith(b"\xfd7zXZ\x00"):
        return lzma.decompress(raw)
    return raw


def _zstandard_frames(raw: bytes) -> Iterator[bytes]:
    """The contents of each frame, one after the other. Raises EOFError if the last one is cut off."""
    while raw:
        frame = zstandard.ZstdDecompressor().decompressobj()
        yield frame.decompress(raw)
        if not frame.eof:
            raise EOFError("the compressed file ends within a frame")
        raw = frame.unused_data


def _wanted(name: str) -> bool:
    plain = not any(part.startswith((".", "__MACOSX")) for part in Path(name).parts)
    return plain and name.endswith(_ENDINGS)


def _of_zip(raw: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        infos = [info for info in archive.infolist() if _wanted(info.filename)]
        _bounded(sum(info.file_size for info in infos))
        for info in sorted(infos, key=lambda info: info.filename):
            yield info.filename, archive.read(info)


def _of_tar(raw: bytes) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        infos = [info for info in archive.getmembers() if info.isfile() and _wanted(info.name)]
        _bounded(sum(info.size for info in infos))
        for info in sorted(infos, key=lambda info: info.name):
            member = archive.extractfile(info)
            if member is not None:
                yield info.name, member.read()


def _bounded(size: int) -> None:
    if size > MOST_BYTES:
        raise ValueError(f"the archive unpacks to {size:,} bytes, more than {MOST_BYTES:,}")


def _decoded(name: str, raw: bytes) -> str:
    """The text in its encoding: UTF-8, or what a byte order mark says. Raises UserError for another one."""
    encoding = next((encoding for mark, encoding in _MARKS if raw.startswith(mark)), "utf-8")
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UserError(
            f"{name}: line {line} holds the byte 0x{raw[error.start]:02x}, which is not {encoding.upper()}; "
            "convert the file, for example with iconv -f LATIN1 -t UTF-8"
        ) from None
    if "\0" in text[:4096]:
        raise UserError(f"{name}: cannot read the benchmark: no text; expected JSON, CSV or Parquet")
    return text
