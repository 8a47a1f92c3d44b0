"""Whether what the ledger lists is what lies in the corpus, found out before anything is made from it.

Between two runs a disk can flip a bit, a person can cut a file or delete it; the ledger's entries themselves can be hit.
`heal` takes back every unit that was, so that the build does it again and ends with the same bytes. What was found sound
is noted with the file's times and place on disk, and not read again until one of these changes.
"""

import hashlib
import itertools
import json
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from manifests import ledger, packing, segments
from manifests.errors import UserError
from manifests.ledger import Listing, Written
from manifests.writing import WORK_FOLDER, FileFact, sha256_of, write_text

FETCH = "fetch"
"""The stage whose outputs come from elsewhere: of these only what was hit is brought again."""
NOTES = "sound.json"
AT_ONCE = 8
"""Files that are read at a time: hashing lets other threads run."""
BATCH = 1 << 12
MOST_NAMED = 3


class Notes:
    """What was found sound: a hash of each file's path, sha256, size, times of change and number on disk."""

    def __init__(self, root: Path, *, forget: bool = False) -> None:
        self.root = root
        self.path = root / WORK_FOLDER / NOTES
        self.known: set[int] = set()
        self.seen: set[int] = set()
        if forget:
            return
        try:
            self.known = {int(mark) for mark in json.loads(self.path.read_text(encoding="utf-8"))}
        except (OSError, ValueError, TypeError):
            pass  # then all is read once more

    def mark(self, fact: FileFact) -> int | None:
        """The mark of an output as it lies there; None where it is missing or of another size."""
        try:
            facts = os.stat(f"{self.root}/{fact.path}")  # noqa: PTH116 - the same as Path.stat, for millions of files
        except OSError:
            return None
        if facts.st_size != fact.bytes:
            return None
        text = f"{fact.path}\0{fact.sha256} {fact.bytes} {facts.st_mtime_ns} {facts.st_ctime_ns} {facts.st_ino}"
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return int.from_bytes(digest, "big")

    def recall(self, one: Listing) -> bool:
        """Whether all outputs are as they were when they were found sound."""
        marks = [self.mark(fact) for fact in one.outputs]
        if not all(mark in self.known for mark in marks):
            return False
        self.seen.update(mark for mark in marks if mark is not None)
        return True

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
            write_text(self.path, json.dumps(sorted(self.seen)) + "\n")


def damages(listings: Iterable[Listing], notes: Notes) -> Iterator[tuple[Listing, list[str]]]:
    """What of the ledger has outputs that are not as they are listed, with these. Memory does not grow with it."""

    def damaged(one: Listing) -> list[str]:
        return [fact.path for fact in one.outputs if not notes.sound(fact)]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        left = iter(listings)
        while batch := list(itertools.islice(left, BATCH)):
            new = [one for one in batch if not notes.recall(one)]
            for one, paths in zip(new, pool.map(damaged, new), strict=True):
                if paths:
                    yield one, paths


def heal(root: Path, tell: Callable[[str], None], *, under_way: bool = False, thorough: bool = False) -> int:
    """Take back every unit of which an entry or an output was hit; returns how many. Needs the folder's lock.

    `under_way`: a build may have read what was hit, so that the units that read it are taken back too. `thorough`: read
    every file, also those that were found sound before and whose times have not changed.
    """
    hit: dict[tuple[str, str], list[str]] = {}
    for stage in ledger.stages(root):
        broken = {one.path for one in ledger.written(root, stage) if not _is_entry(one)}
        for path in sorted(broken):
            hit[stage, path.stem] = [path.relative_to(root).as_posix()]
            packing.drop_damaged(root, path)
    notes = Notes(root, forget=thorough)
    for one, paths in list(damages(_listings(root), notes)):
        hit.setdefault((one.stage, one.unit), []).extend(paths)
    if under_way and hit:
        damaged = {path for paths in hit.values() for path in paths}
        for one in _listings(root):
            if not damaged.isdisjoint(one.inputs):
                hit.setdefault((one.stage, one.unit), [])
    for stage, unit in hit:
        if stage == FETCH:
            ledger.withdraw(root, stage, unit, hit[stage, unit])
        else:
            ledger.withdraw(root, stage, unit)
    notes.keep()
    if hit:
        paths = [path for found in hit.values() for path in found]
        more = f" and {len(paths) - MOST_NAMED} more" if len(paths) > MOST_NAMED else ""
        units = "1 unit is" if len(hit) == 1 else f"{len(hit)} units are"
        tell(f"not as recorded: {', '.join(paths[:MOST_NAMED])}{more}; {units} done again")
    return len(hit)


def _listings(root: Path) -> Iterator[Listing]:
    return (one.listing() for stage in ledger.stages(root) for one in ledger.written(root, stage))


def _is_entry(one: Written) -> bool:
    """Whether an entry is one, as it was written."""
    if one.sound:
        return True
    try:
        one.entry()
    except UserError:
        return False
    return not one.path.name.startswith(segments.PREFIX)
