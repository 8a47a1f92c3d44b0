"""Ledger entries of a stage of very many units: lines of a few files, instead of a file each.

A unit always ends by writing a file of its own. When a stage is done and has more than `MOST_FILES` units its entries
are packed: each goes, by a hash of its unit's name, to the segment whose number the hash begins with, as a line of
JSON; lines are sorted, and the last one is a hash over all. How many segments there are depends on the number of
entries alone, so the same corpus has the same segments however it came to be. New segments are written before what
they hold is removed, and a file of a unit's own is newer than its line: a crash anywhere leaves every entry readable.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from manifests.writing import write_text

MOST_FILES = 4096
"""A stage of so many units or fewer keeps a file for each."""
EACH = 4096
"""Entries in a segment, on the average at most."""
PREFIX = "segment-"
_END = '{"lines":'


class Segment(NamedTuple):
    """A file of entries: those whose name's hash begins with the `number` of so many `bits`."""

    path: Path
    bits: int
    number: int


def place(folder: Path, bits: int, index: int) -> Path:
    """Where a segment lies."""
    return folder / f"{PREFIX}{bits:02d}-{index:06d}.jsonl"


def segments(folder: Path) -> list[Segment]:
    """The segments of a stage's folder, in order."""
    found = []
    for path in sorted(folder.glob(f"{PREFIX}*.jsonl")):
        bits, _, index = path.stem.removeprefix(PREFIX).partition("-")
        if bits.isdigit() and index.isdigit():
            found.append(Segment(path, int(bits), int(index)))
    return found


def loose(folder: Path) -> list[Path]:
    """The files of single units in a stage's folder, in order."""
    return sorted(folder.glob("*.json"))


def sweep(folder: Path) -> None:
    """Remove entries that were never finished, of workers that died over them; for a run that is alone and at rest."""
    for path in folder.glob(".*.part"):
        path.unlink(missing_ok=True)


def index_of(unit: str, bits: int) -> int:
    """The number of the segment of a unit, of 2 ** `bits`."""
    return int.from_bytes(hashlib.blake2b(unit.encode(), digest_size=4).digest(), "big") >> (32 - bits)


def bits_for(count: int) -> int | None:
    """How many bits of the hash name the segments of so many entries; None where they stay files."""
    return None if count <= MOST_FILES else max(0, (-(-count // EACH) - 1).bit_length())


def read(path: Path) -> tuple[list[str], bool]:
    """The lines of a segment, without its last, and whether they are as they were written."""
    text = path.read_text(encoding="utf-8", errors="replace")
    body, _, end = text.rstrip("\n").rpartition("\n")
    if not end.startswith(_END):
        return text.splitlines(), False
    lines = body.split("\n") if body else []
    return lines, text == _text(lines)


def count(path: Path) -> int:
    """How many entries a segment says it has; 0 where its end is not there."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - 200))
        end = stream.read().rstrip(b"\n").rpartition(b"\n")[2].decode(errors="replace")
    number = end.removeprefix(_END).partition(",")[0]
    return int(number) if end.startswith(_END) and number.isdigit() else 0


def _text(lines: Iterable[str]) -> str:
    body = "".join(f"{line}\n" for line in lines)
    digest = hashlib.blake2b(body.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f'{body}{_END}{body.count(chr(10))},"seal":"{digest}"}}\n'


def write(path: Path, lines: Mapping[str, str]) -> None:
    """Write a segment from the lines of its units."""
    write_text(path, _text(lines[unit] for unit in sorted(lines)))


def changes(folder: Path, count: int) -> Iterator[tuple[int, int, list[Segment], list[Path]]]:
    """What packing `count` entries has to do: by `bits` and index, the older segments and the files that take part.

    Only where something is to be done. Segments of other sizes are re-made in groups, so that memory stays flat.
    """
    bits = bits_for(count)
    if bits is None:
        return
    old = segments(folder)
    coarse = min([bits, *(segment.bits for segment in old)])
    files: dict[int, list[Path]] = defaultdict(list)
    for path in loose(folder):
        files[index_of(path.stem, coarse) if coarse else 0].append(path)
    before: dict[int, list[Segment]] = defaultdict(list)
    for segment in old:
        before[segment.number >> (segment.bits - coarse)].append(segment)
    for index in sorted(files.keys() | before.keys()):
        if files[index] or any(segment.bits != bits for segment in before[index]):
            yield bits, index, before[index], files[index]
