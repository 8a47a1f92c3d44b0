"""Ledger entries of a stage of very many units: lines of a few files, instead of a file each.

A unit always ends by writing a file of its own. When a stage is done and has more than `MOST_FILES` units its entries
are packed: each goes, by a hash of its unit's name, to the segment whose number the hash begins with, as a line of
JSON; lines are sorted, and the last one is a hash over all. How many segments there are depends on the number of
entries alone, so the same corpus has the same segments however it came to be. New segments are written before what
they hold is removed, and a file of a unit's own is newer than its line: a crash anywhere leaves every entry readable.
"""

import contextlib
import hashlib
import os
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
END = ".json"
"""How the name of an entry's own file ends."""
GROUP_BITS = 8
"""Of more than `MOST_FILES` names so many bits of the hash make the groups in which they are held."""
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
    for path in sorted(folder / name for name in names_in(folder) if name.startswith(PREFIX)):
        bits, _, index = path.stem.removeprefix(PREFIX).partition("-")
        if path.suffix == ".jsonl" and bits.isdigit() and index.isdigit():
            found.append(Segment(path, int(bits), int(index)))
    return found


def names_in(folder: Path) -> Iterator[str]:
    """The names of a folder's files, one at a time: there may be a million, of which `glob` makes a list of objects."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as found:
        for one in found:
            yield one.name


class Loose:
    """The units of a stage's folder whose entries are files of their own, as they are listed now.

    In a fixed order; of very many only the bytes of their names are kept, in groups by their hashes.
    """

    def __init__(self, folder: Path) -> None:
        self.bits = 0
        self.groups = [bytearray()]
        self.count = 0
        for name in names_in(folder):
            if name.endswith(END):
                self._put(name.removesuffix(END))

    def _put(self, unit: str) -> None:
        self.count += 1
        if self.count == MOST_FILES + 1:
            before, self.bits = list(self), GROUP_BITS
            self.groups = [bytearray() for _ in range(1 << GROUP_BITS)]
            for one in before:
                self._into(one)
        self._into(unit)

    def _into(self, unit: str) -> None:
        self.groups[index_of(unit, self.bits) if self.bits else 0] += os.fsencode(unit) + b"/"

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[str]:
        for group in self.groups:
            yield from sorted(os.fsdecode(bytes(group)).split("/")[:-1])

    def of(self, index: int, bits: int) -> list[str]:
        """Those whose name's hash begins with the number `index` of so many `bits`, in order."""
        if bits <= self.bits:
            some = self.groups[index << (self.bits - bits) : (index + 1) << (self.bits - bits)]
            return sorted(os.fsdecode(b"".join(some)).split("/")[:-1])
        [group] = self.groups[index >> (bits - self.bits) :][:1]
        return sorted(unit for unit in os.fsdecode(bytes(group)).split("/")[:-1] if index_of(unit, bits) == index)


def sweep(folder: Path) -> None:
    """Remove entries that were never finished, of workers that died over them; for a run that is alone and at rest."""
    for name in names_in(folder):
        if name.startswith(".") and name.endswith(".part"):
            (folder / name).unlink(missing_ok=True)


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
    single = Loose(folder)
    before: dict[int, list[Segment]] = defaultdict(list)
    for segment in old:
        before[segment.number >> (segment.bits - coarse)].append(segment)
    for index in range(1 << coarse):
        files = [folder / f"{unit}{END}" for unit in single.of(index, coarse)]
        if files or any(segment.bits != bits for segment in before[index]):
            yield bits, index, before[index], files
