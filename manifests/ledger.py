"""The ledger: for every stage and unit of work, what was read and what became of it.

An entry is the last file a unit writes, so its presence says that the unit is done; of very many units they are packed
(`manifests.segments`). Entries hold nothing that
depends on when, where or how fast a unit ran; that is what the journal of runs is for (`runs.jsonl`). The manifest
(`manifest.json`) gathers all entries of a finished corpus and is therefore the same for every run of a recipe.
"""

import itertools
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

from manifests import mirror, segments
from manifests.errors import UserError
from manifests.names import Names
from manifests.sealed import sealed, unsealed
from manifests.writing import FileFact, write_text

LEDGER_FOLDER = "ledger"
MANIFEST_NAME = "manifest.json"
JOURNAL_NAME = "runs.jsonl"
FORMAT = 1
"""Version of the entries' and the manifest's layout."""


class InputFact(NamedTuple):
    """One input: its name in the recipe's terms (never a path of this machine), its size in bytes, its sha256."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Entry:
    """What one unit of one stage did.

    Raises ValueError unless read = kept + rejected + failed: an entry that does not balance is a bug and must not be
    written. `fingerprint` is a hash of all that decides the outputs (settings, inputs, models); a unit whose
    fingerprint differs is done again. `numbers` holds further counts (tokens, bytes of text, hits).
    """

    stage: str
    unit: str
    source: str
    fingerprint: str
    read: int
    kept: int
    failed: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    inputs: tuple[InputFact, ...] = ()
    outputs: tuple[FileFact, ...] = ()
    licences: Mapping[str, int] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if min(self.read, self.kept, self.failed, *self.rejected.values(), 0) < 0:
            raise ValueError(f"{self.stage}/{self.unit}: a count is negative")
        out = self.kept + self.failed + sum(self.rejected.values())
        if self.read != out:
            raise ValueError(f"{self.stage}/{self.unit}: read {self.read}, but kept + rejected + failed = {out}")

    def as_json(self) -> dict[str, Any]:
        """The entry as JSON values; mappings are sorted when written."""
        data = {one.name: getattr(self, one.name) for one in fields(self)}
        data["inputs"] = [fact._asdict() for fact in self.inputs]
        data["outputs"] = [fact._asdict() for fact in self.outputs]
        return data


def entry_path(root: Path, stage: str, unit: str) -> Path:
    """Where the entry of a unit lies."""
    return root / LEDGER_FOLDER / stage / f"{unit}.json"


def write_entry(root: Path, entry: Entry) -> None:
    """Write an entry: the last act of a unit. In a bucket its outputs are published first, and it before it is here."""
    path, text = entry_path(root, entry.stage, entry.unit), text_of(entry)
    mirror.publish_entry(root, [fact.path for fact in entry.outputs], path.relative_to(root).as_posix(), text)
    write_text(path, text)


def text_of(entry: Entry) -> str:
    """The text of an entry's file."""
    return sealed(entry.as_json())


def read_entry(path: Path) -> Entry:
    """Read the entry of a file of its own. Raises UserError that names the file when it is not one."""
    try:
        return entry_from(path.read_bytes().decode())  # as they are: no other line end is taken for one of ours
    except FileNotFoundError:
        raise
    except (OSError, *WRONG) as error:
        raise _no_entry(path, error) from error


WRONG = (ValueError, TypeError, KeyError, AttributeError)
"""What `entry_from` raises for a text that is no entry."""


def _no_entry(path: Path, error: Exception) -> UserError:
    return UserError(f"{path}: not a ledger entry ({error}); remove it to have its unit done again")


def entry_from(text: str, *, trusted: bool = False) -> Entry:
    """An entry from its text; its own seal is looked at unless the text is known to be what was written."""
    data = unsealed(text, trusted=trusted)
    data["inputs"] = tuple(InputFact(**fact) for fact in data["inputs"])
    data["outputs"] = tuple(FileFact(**fact) for fact in data["outputs"])
    entry = Entry(**data)
    for fact in entry.outputs:
        _check_inside(fact.path)
    return entry


def _check_inside(path: str) -> None:
    # Outputs of an entry are removed when its unit is done again, so one from elsewhere must not reach outside.
    if path.startswith("/") or not path or ".." in path.split("/"):
        raise ValueError(f"the output `{path}` is not a path inside the corpus")


class Listing(NamedTuple):
    """What an entry says of files: the names of its inputs, and its outputs."""

    stage: str
    unit: str
    source: str
    fingerprint: str
    inputs: tuple[str, ...]
    outputs: tuple[FileFact, ...]


class Written(NamedTuple):
    """An entry as it lies there: the file, its line with the end, and whether that is known to be what was written."""

    path: Path
    text: str
    sound: bool

    def entry(self) -> Entry:
        """The entry. Raises UserError that names the file when it is not one."""
        try:
            return entry_from(self.text, trusted=self.sound)
        except WRONG as error:
            raise _no_entry(self.path, error) from error

    def values(self) -> dict[str, Any]:
        """The entry as JSON values; none is made of what was found good as a whole, as there may be a million."""
        found: dict[str, Any] = json.loads(self.text) if self.sound else self.entry().as_json()
        return found

    def listing(self) -> Listing:
        """What it says of files. Raises UserError that names the file when it is not one."""
        data = self.values()
        return Listing(
            data["stage"],
            data["unit"],
            data["source"],
            data["fingerprint"],
            tuple(fact["name"] for fact in data["inputs"]),
            tuple(FileFact(**fact) for fact in data["outputs"]),
        )


def written(root: Path, stage: str) -> Iterator[Written]:
    """The entries of a stage as they lie there, in a fixed order: a file of a unit's own goes before a packed line."""
    folder = root / LEDGER_FOLDER / stage
    packed = segments.segments(folder)
    newer = segments.Loose(folder)
    seen, mixed = Names(newer if packed else ()), len({segment.bits for segment in packed}) > 1
    for segment in packed:
        lines, sound = segments.read(segment.path)
        if len(newer) or mixed:
            names = [unit_of(line) for line in lines]
            lines = [line for line, before in zip(lines, seen.among(names), strict=True) if not before]
            seen.update(names if mixed else ())
        for line in lines:
            yield Written(segment.path, line + "\n", sound)
    gone = set()
    for name in newer:
        path = entry_path(root, stage, name)
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            gone.add(name)
            continue
        yield Written(path, text.decode(errors="replace"), False)
    for segment in segments.segments(folder) if gone else ():  # they were packed meanwhile, or taken back
        lines, sound = segments.read(segment.path)
        yield from (Written(segment.path, line + "\n", sound) for line in lines if unit_of(line) in gone)


def unit_of(line: str) -> str:
    """The unit of a line of a segment; empty where it is none."""
    try:
        return str(json.loads(line)["unit"])
    except WRONG:
        return ""


def count(root: Path, stage: str) -> int:
    """About how many units have an entry: a packed one that was done again counts twice until it is packed again."""
    folder = root / LEDGER_FOLDER / stage
    single = sum(name.endswith(segments.END) for name in segments.names_in(folder))
    return single + sum(segments.count(segment.path) for segment in segments.segments(folder))


def times(root: Path, stage: str) -> list[float]:
    """When the files of a stage's entries were written (seconds); of packed ones that of the segment."""
    folder = root / LEDGER_FOLDER / stage
    single = (folder / name for name in segments.names_in(folder) if name.endswith(segments.END))
    packed = (segment.path for segment in segments.segments(folder))
    return [mirror.written_at(root, path) for path in itertools.chain(single, packed)]


def stages(root: Path) -> list[str]:
    """The stages that have entries."""
    return sorted(path.name for path in (root / LEDGER_FOLDER).glob("*") if path.is_dir())


def read_entries(root: Path, stage: str | None = None) -> Iterator[Entry]:
    """All entries of a corpus, or of one stage, in a fixed order."""
    for name in stages(root) if stage is None else [stage]:
        for one in written(root, name):
            yield one.entry()


def entry_of(root: Path, stage: str, unit: str) -> Entry | None:
    """The entry of a unit; None where it is not done. Raises UserError where what lies there is no entry."""
    path = entry_path(root, stage, unit)
    if path.exists():
        return read_entry(path)
    for segment, lines, sound in _packed(root, stage, unit):
        for line in lines:
            if unit_of(line) == unit:
                return Written(segment.path, line + "\n", sound).entry()
    return None


def _packed(root: Path, stage: str, unit: str) -> Iterator[tuple[segments.Segment, list[str], bool]]:
    """The segments that a unit's entry may be in."""
    for segment in segments.segments(root / LEDGER_FOLDER / stage):
        if segment.number == (segments.index_of(unit, segment.bits) if segment.bits else 0):
            yield segment, *segments.read(segment.path)


def is_done(root: Path, stage: str, unit: str, fingerprint: str) -> bool:
    """Whether a unit's entry is there with this fingerprint, and its outputs with the sizes it names."""
    entry = entry_of(root, stage, unit)
    if entry is None or entry.fingerprint != fingerprint:
        return False
    return all(mirror.size_of(root, fact.path) == fact.bytes for fact in entry.outputs)


def units(root: Path, stage: str) -> list[str]:
    """The names of the units that have an entry."""
    return [one.listing().unit for one in written(root, stage)]


def withdraw(root: Path, stage: str, unit: str, paths: Sequence[str] | None = None, *, beside: bool = False) -> None:
    """Take back a unit: its entry first, then its outputs, so that a crash in between leaves a unit to do again.

    With `paths` only these outputs go, as the unit will find the others and take them for done. With others at work
    `beside` us a packed entry stays, since segments are written by one process alone; the unit's next one is newer.
    """
    path = entry_path(root, stage, unit)
    entry = None if beside and not path.exists() else entry_of(root, stage, unit)
    if entry is None:
        return
    gone = [fact.path for fact in entry.outputs] if paths is None else list(paths)
    mirror.withdraw(root, [path.relative_to(root).as_posix()])
    if not beside:
        _unpack(root, stage, {unit})
    path.unlink(missing_ok=True)
    mirror.withdraw(root, gone)
    for name in gone:
        (root / name).unlink(missing_ok=True)


def withdraw_all(root: Path, stage: str, wanted: Collection[str]) -> None:
    """Take back many units."""
    if len(wanted) > 1 and segments.segments(root / LEDGER_FOLDER / stage):
        # Their lines become files first, so that no segment is written once for each.
        _unpack(root, stage, set(wanted), keep=True)
    for unit in wanted:
        withdraw(root, stage, unit)


def _unpack(root: Path, stage: str, wanted: set[str], *, keep: bool = False) -> None:
    """Take units out of the segments; with `keep` they become files of their own."""
    for segment in segments.segments(root / LEDGER_FOLDER / stage):
        here = {u for u in wanted if segment.number == (segments.index_of(u, segment.bits) if segment.bits else 0)}
        if not here:
            continue
        lines, sound = segments.read(segment.path)
        rest = {}
        for line in lines:
            unit = unit_of(line)
            if unit not in here:
                rest[unit] = line
            elif keep and not entry_path(root, stage, unit).exists():
                text = text_of(Written(segment.path, line + "\n", sound).entry())
                mirror.publish_text(root, entry_path(root, stage, unit), text)
        if len(rest) < len(lines):
            write_segment(root, segment.path, rest)


def write_segment(root: Path, path: Path, lines: Mapping[str, str]) -> None:
    """Write a segment from the lines of its units, in the bucket too; none is left where there is no line."""
    if lines:
        segments.write(path, lines)
        mirror.publish_file(root, path)
    else:
        mirror.withdraw(root, [path.relative_to(root).as_posix()])
        path.unlink(missing_ok=True)


@dataclass
class Totals:
    """Sums over entries."""

    units: int = 0
    read: int = 0
    kept: int = 0
    failed: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    numbers: Counter[str] = field(default_factory=Counter)

    def add(self, values: Mapping[str, Any]) -> None:
        """Add the values of one entry."""
        self.units += 1
        self.read += values["read"]
        self.kept += values["kept"]
        self.failed += values["failed"]
        for sums, more in (
            (self.rejected, values["rejected"]),
            (self.licences, values["licences"]),
            (self.numbers, values["numbers"]),
        ):
            for name, number in more.items():  # a third of the time of `Counter.update`, for a million entries
                sums[name] += number

    def as_json(self) -> dict[str, Any]:
        """The sums as JSON values with sorted keys."""
        return {
            "units": self.units,
            "read": self.read,
            "kept": self.kept,
            "failed": self.failed,
            "rejected": dict(sorted(self.rejected.items())),
            "licences": dict(sorted(self.licences.items())),
            "numbers": dict(sorted(self.numbers.items())),
        }


def totals(entries: Iterable[Entry]) -> dict[str, dict[str, Totals]]:
    """Sums by stage, then by source."""
    sums: dict[str, dict[str, Totals]] = {}
    for entry in entries:
        sums.setdefault(entry.stage, {}).setdefault(entry.source, Totals()).add(vars(entry))
    return sums
