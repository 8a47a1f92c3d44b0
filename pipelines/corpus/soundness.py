"""Whether what the ledger lists is what lies in the corpus, found out before anything is made from it.

Between two runs a disk can flip a bit, a person can cut a file or delete it; the ledger's entries can be hit too.
`heal` takes back every unit that was, so that the build does it again and ends with the same bytes. What was found
sound is noted with the file's times and place on disk, and not read again until one of these changes, or the system
starts anew: it may have lost its power before all was on the disk.
"""

import contextlib
import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from manifests import ledger, machine, packing, segments
from manifests.errors import UserError
from manifests.ledger import Listing
from manifests.names import Names
from manifests.writing import WORK_FOLDER, FileFact, atomic, sha256_of

FETCH = "fetch"
"""The stage whose outputs come from elsewhere: no recipe makes others of them, and what was hit is brought again."""
NOTES = "sound"
AT_ONCE = 8
"""Files that are read at a time: hashing lets other threads run."""
BATCH = 1 << 12
MOST_NAMED = 3


class Notes:
    """What was found sound: of each file its path, sha256, size, times of change and number on disk."""

    def __init__(self, root: Path, *, forget: bool = False) -> None:
        self.root = root
        self.path = root / WORK_FOLDER / NOTES
        self.known, self.seen = Names(), Names()
        if forget:
            return
        with contextlib.suppress(OSError, ValueError):  # then all is read once more
            started, _, marks = self.path.read_bytes().partition(b"\n")
            if started.decode() == machine.started():
                self.known = Names.from_bytes(marks)

    def mark(self, fact: FileFact) -> str | None:
        """The mark of an output as it lies there; None where it is missing or of another size."""
        try:
            facts = os.stat(f"{self.root}/{fact.path}")  # noqa: PTH116 - the same as Path.stat, for millions of files
        except OSError:
            return None
        if facts.st_size != fact.bytes:
            return None
        return f"{fact.path}\0{fact.sha256} {fact.bytes} {facts.st_mtime_ns} {facts.st_ctime_ns} {facts.st_ino}"

    def new(self, batch: Sequence[Listing]) -> list[Listing]:
        """Those of which not all outputs are as they were when they were found sound."""
        marks = [[self.mark(fact) for fact in one.outputs] for one in batch]
        there = [mark for some in marks for mark in some if mark is not None]
        known = {mark for mark, found in zip(there, self.known.among(there), strict=True) if found}
        recalled = [all(mark in known for mark in some) for some in marks]
        for some, found in zip(marks, recalled, strict=True):
            self.seen.update(mark for mark in some if found and mark is not None)
        return [one for one, found in zip(batch, recalled, strict=True) if not found]

    def sound(self, fact: FileFact) -> bool:
        """Whether an output is as it is listed; reads the file unless it was found sound as it is."""
        mark = self.mark(fact)
        if mark is None:
            return False
        if mark not in self.known:
            try:
                if sha256_of(self.root / fact.path) != fact.sha256:
                    return False
            except OSError:
                return False
        self.seen.add(mark)
        return True

    def keep(self) -> None:
        """Write down what was found sound."""
        if self.path.parent.is_dir() and self.seen != self.known:
            with atomic(self.path) as temporary:
                temporary.write_bytes(f"{machine.started()}\n".encode() + self.seen.as_bytes())


def damages(listings: Iterable[Listing], notes: Notes) -> Iterator[tuple[Listing, list[str]]]:
    """What of the ledger has outputs that are not as they are listed, with these. Memory does not grow with it."""

    def damaged(one: Listing) -> list[str]:
        return [fact.path for fact in one.outputs if not notes.sound(fact)]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        left = iter(listings)
        while batch := list(itertools.islice(left, BATCH)):
            new = notes.new(batch)
            for one, paths in zip(new, pool.map(damaged, new), strict=True):
                if paths:
                    yield one, paths


def heal(
    root: Path,
    tell: Callable[[str], None],
    *,
    under_way: bool = False,
    thorough: bool = False,
    listed: Names | None = None,
) -> int:
    """Take back every unit of which an entry or an output was hit; returns how many. Needs the folder's lock.

    `under_way`: a build may have read what was hit, so that the units that read it are taken back too. `thorough`: read
    every file, also those that were found sound before and whose times have not changed. `listed` is given the names of
    all outputs that an entry names.
    """
    hit: dict[tuple[str, str], list[str]] = {}
    notes = Notes(root, forget=thorough)
    look = _Look(root, listed)
    for one, paths in list(damages(look.listings(), notes)):
        hit.setdefault((one.stage, one.unit), []).extend(paths)
    for stage, path in sorted(look.broken):
        hit.setdefault((stage, path.stem), []).append(path.relative_to(root).as_posix())
        packing.drop_damaged(root, path)
    if under_way and hit:
        damaged = {path for paths in hit.values() for path in paths}
        for one in _Look(root).listings():
            if not damaged.isdisjoint(one.inputs):
                hit.setdefault((one.stage, one.unit), [])
    for (stage, unit), paths in hit.items():
        if stage == FETCH:
            ledger.withdraw(root, stage, unit, paths)
        else:
            ledger.withdraw(root, stage, unit)
    notes.keep()
    if hit:
        paths = [path for found in hit.values() for path in found]
        more = f" and {len(paths) - MOST_NAMED} more" if len(paths) > MOST_NAMED else ""
        units = "1 unit is" if len(hit) == 1 else f"{len(hit)} units are"
        tell(f"not as recorded: {', '.join(paths[:MOST_NAMED])}{more}; {units} done again")
    return len(hit)


class _Look:
    """One look at all entries: what they list, and which files hold what is no entry, as it was written."""

    def __init__(self, root: Path, listed: Names | None = None) -> None:
        self.root, self.listed = root, listed
        self.broken: set[tuple[str, Path]] = set()

    def listings(self) -> Iterator[Listing]:
        """What the entries say of files."""
        for stage in ledger.stages(self.root):
            for one in ledger.written(self.root, stage):
                try:
                    found = one.listing()
                except UserError:
                    self.broken.add((stage, one.path))
                    continue
                if not one.sound and one.path.name.startswith(segments.PREFIX):
                    self.broken.add((stage, one.path))
                if self.listed is not None:
                    self.listed.update(fact.path for fact in found.outputs)
                yield found
