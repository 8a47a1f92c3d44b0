"""Plain text, plain or compressed: the file is one document, known by its name."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from manifests.records import BadRecord
from pipelines.corpus.formats.batches import require
from pipelines.corpus.formats.row import Row, digest
from pipelines.corpus.formats.sniffing import Head
from pipelines.corpus.lines import LongLine, read_lines

ENDINGS = (".txt", ".text", ".md", ".markdown", ".rst", ".tex", ".lean", ".thy", ".v")
COLUMNS = ["id", "text"]


def is_one(head: Head) -> bool:
    """Whether the file is called so, as nothing in it says so."""
    return head.ending in ENDINGS


def columns(path: Path) -> list[str] | None:  # noqa: ARG001
    """A name and a text."""
    return list(COLUMNS)


def count(path: Path) -> int:  # noqa: ARG001
    """One."""
    return 1


def rows(path: Path, wanted: Sequence[str] | None) -> Iterator[Row | BadRecord]:
    """The only row. A file that is no UTF-8, or has a line beyond bounds, is a bad record."""
    chosen = require(path, wanted, COLUMNS)
    lines = list(read_lines(path))
    plain = [line for line in lines if not isinstance(line, LongLine)]
    raw = b"\n".join(plain)
    try:
        row = {"id": path.name, "text": raw.decode("utf-8")}
    except UnicodeDecodeError as error:
        yield BadRecord(f"text:{digest(raw)}", f"UnicodeDecodeError: {error}")
        return
    if len(plain) != len(lines):
        yield BadRecord(f"text:{digest(raw)}", "a line beyond bounds")
        return
    yield {name: row[name] for name in chosen}
