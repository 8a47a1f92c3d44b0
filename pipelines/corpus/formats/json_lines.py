"""JSON lines: one object a line, plain or compressed. A line that is none costs that line."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from manifests.records import BadRecord
from pipelines.corpus.formats.row import Row, digest, said, without_surrogates
from pipelines.corpus.formats.sniffing import Head
from pipelines.corpus.lines import MAX_LINE_BYTES, LongLine, count_line_ends, read_lines
from pipelines.engine.worker import MONITOR

_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")


def is_one(head: Head) -> bool:  # noqa: ARG001 - the last format takes what is left
    """Every file that is nothing else is taken for this."""
    return True


def columns(path: Path) -> list[str] | None:  # noqa: ARG001
    """None: every line may have columns of its own."""
    return None


def count(path: Path) -> int:
    """How many line ends there are: what `wc -l` counts."""
    return count_line_ends(path)


def rows(path: Path, wanted: Sequence[str] | None) -> Iterator[Row | BadRecord]:
    """The rows; with `wanted` each has exactly these keys, with None where a line lacks one.

    A line that is more than the process can bear costs that line.
    """
    for number, line in enumerate(read_lines(path), start=1):
        if isinstance(line, LongLine):
            error = f"line {number}: {line.size} bytes, more than {MAX_LINE_BYTES}"
            yield BadRecord(f"line:{line.digest}", error)
        elif line and not line.isspace():
            if poison := MONITOR.part():
                yield BadRecord(f"line:{digest(line)}", f"line {number}: {poison}")
            else:
                yield _row(line, number, wanted)


def _row(line: bytes, number: int, wanted: Sequence[str] | None) -> Row | BadRecord:
    """`number` counts the file's lines from 1, for the person who wants to mend it; the row's name is its content's."""
    try:
        value = json.loads(line.decode("utf-8"))
        if not isinstance(value, dict):
            raise ValueError(f"a JSON {type(value).__name__} where each line must hold one object")
        if _SURROGATE_ESCAPE.search(line):
            value = without_surrogates(value)
    except (ValueError, RecursionError, MemoryError) as error:
        return BadRecord(f"line:{digest(line)}", f"line {number}: {said(error)}")
    return value if wanted is None else {name: value.get(name) for name in wanted}
