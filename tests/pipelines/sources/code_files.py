"""Source files as the code source is given them, and what it makes of them: for its tests."""

import gzip
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from manifests.records import BadRecord, Document, Rules
from pipelines.sources.base import RawFile, Refusal
from pipelines.sources.code import CodeOptions, CodeSource


def packed(files: Mapping[str, str | bytes]) -> bytes:
    """A gzipped tar of these files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, text in files.items():
            raw = text.encode() if isinstance(text, str) else text
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            tar.addfile(info, io.BytesIO(raw))
    return gzip.compress(buffer.getvalue())


def source(rules: Rules = "corrected", assets: dict[str, Path] | None = None, **options: Any) -> CodeSource:
    """The source `code` with these options."""
    return CodeSource("code", CodeOptions(**options), rules, assets=assets)


def raw_file(folder: Path, name: str, content: bytes | str) -> RawFile:
    """A raw file of this name, kept in `folder`."""
    path = folder / name.replace("/", "_")
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return RawFile(path, name)


def outcomes(made: CodeSource, file: RawFile) -> dict[str, Document | Refusal | BadRecord]:
    """What became of each record, by its key."""
    found: dict[str, Document | Refusal | BadRecord] = {}
    for record in made.records(file):
        assert record.key not in found
        found[record.key] = record if isinstance(record, BadRecord) else made.document(record)
    return found


def reasons(found: dict[str, Document | Refusal | BadRecord]) -> dict[str, str]:
    """`kept` or the reason of each, by the last part of its key."""
    return {key.rsplit("/", 1)[-1]: one.reason if isinstance(one, Refusal) else "kept" for key, one in found.items()}  # type: ignore[union-attr]
