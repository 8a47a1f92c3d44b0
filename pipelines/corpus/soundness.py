"""Whether what the ledger lists is what lies in the corpus, found out before anything is made from it.

Between two runs a disk can flip a bit, a person can cut a file or delete it; the ledger's entries themselves can be hit.
`heal` takes back every unit that was, so that the build does it again and ends with the same bytes. What was found sound
is noted with the file's times and place on disk, and not read again until one of these changes.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from manifests import ledger
from manifests.errors import UserError
from manifests.ledger import Entry
from manifests.writing import WORK_FOLDER, FileFact, sha256_of, write_text

FETCH = "fetch"
"""The stage whose outputs come from elsewhere: of these only what was hit is brought again."""
NOTES = "sound.json"
AT_ONCE = 8
"""Files that are read at a time: hashing lets other threads run."""
MOST_NAMED = 3


class Damage(NamedTuple):
    """An output that is not what its entry lists: `kind` is missing or changed."""

    entry: Entry
    path: str
    kind: str


Mark = tuple[int, int, int, int, str]
"""What a file looked like when it was found sound: size, times of change (ns), number on disk, sha256."""


class Notes:
    """What was found sound, by path below the corpus folder."""

    def __init__(self, root: Path, *, forget: bool = False) -> None:
        self.root = root
        self.path = root / WORK_FOLDER / NOTES
        self.known: dict[str, Mark] = {}
        if forget:
            return
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            self.known = {str(name): tuple(mark) for name, mark in found.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            pass  # then all is read once more

    def sound(self, fact: FileFact) -> bool:
        """Whether an output is as it is listed; reads the file unless it was found sound as it is."""
        path = self.root / fact.path
        try:
            mark = _mark(path, fact.sha256)
            if mark[0] != fact.bytes:
                return False
            if self.known.get(fact.path) != mark:
                if sha256_of(path) != fact.sha256:
                    return False
                self.known[fact.path] = mark
        except OSError:
            return False
        return True

    def keep(self, paths: Iterable[str]) -> None:
        """Write down what is known of these paths."""
        wanted = {path: self.known[path] for path in sorted(paths) if path in self.known}
        if self.path.parent.is_dir():
            write_text(self.path, json.dumps(wanted) + "\n")


def _mark(path: Path, sha256: str) -> Mark:
    facts = os.stat(path)  # noqa: PTH116 - the same as Path.stat, for millions of files
    return facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino, sha256


def damages(entries: Iterable[Entry], notes: Notes) -> Iterator[Damage]:
    """The outputs of entries that are not as they are listed."""
    listed = [(entry, fact) for entry in entries for fact in entry.outputs]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for (entry, fact), sound in zip(listed, pool.map(notes.sound, (fact for _, fact in listed)), strict=True):
            if not sound:
                yield Damage(entry, fact.path, "changed" if (notes.root / fact.path).is_file() else "missing")


def heal(root: Path, tell: Callable[[str], None], *, under_way: bool = False, thorough: bool = False) -> int:
    """Take back every unit of which an entry or an output was hit; returns how many. Needs the folder's lock.

    `under_way`: a build may have read what was hit, so that the units that read it are taken back too. `thorough`: read
    every file, also those that were found sound before and whose times have not changed.
    """
    hit: dict[tuple[str, str], list[str]] = {}
    entries: list[Entry] = []
    for path in sorted((root / ledger.LEDGER_FOLDER).glob("*/*.json")):
        try:
            entries.append(ledger.read_entry(path))
        except UserError:
            path.unlink()
            hit[path.parent.name, path.stem] = [path.relative_to(root).as_posix()]
    notes = Notes(root, forget=thorough)
    for damage in list(damages(entries, notes)):
        hit.setdefault((damage.entry.stage, damage.entry.unit), []).append(damage.path)
    if under_way:
        damaged = {path for paths in hit.values() for path in paths}
        for entry in entries:
            if any(fact.name in damaged for fact in entry.inputs):
                hit.setdefault((entry.stage, entry.unit), [])
    for stage, unit in hit:
        if stage == FETCH:
            ledger.withdraw(root, stage, unit, hit[stage, unit])
        else:
            ledger.withdraw(root, stage, unit)
    notes.keep(fact.path for entry in entries for fact in entry.outputs)
    if hit:
        paths = [path for found in hit.values() for path in found]
        more = f" and {len(paths) - MOST_NAMED} more" if len(paths) > MOST_NAMED else ""
        units = "1 unit is" if len(hit) == 1 else f"{len(hit)} units are"
        tell(f"not as recorded: {', '.join(paths[:MOST_NAMED])}{more}; {units} done again")
    return len(hit)
