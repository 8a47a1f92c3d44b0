"""The ledger: for every stage and unit of work, what was read and what became of it.

An entry is the last file a unit writes, so its presence says that the unit is done. Entries hold nothing that
depends on when, where or how fast a unit ran; that is what the journal of runs is for (`runs.jsonl`). The manifest
(`manifest.json`) gathers all entries of a finished corpus and is therefore the same for every run of a recipe.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from manifests import mirror
from manifests.errors import UserError
from manifests.records import to_json
from manifests.writing import FileFact, write_text

LEDGER_FOLDER = "ledger"
MANIFEST_NAME = "manifest.json"
JOURNAL_NAME = "runs.jsonl"
SEAL = "seal"
"""The key of an entry's file that holds a hash over all others."""
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
        """The entry as JSON values; mappings are sorted by `to_json` when written."""
        data = {one.name: getattr(self, one.name) for one in fields(self)}
        data["inputs"] = [fact._asdict() for fact in self.inputs]
        data["outputs"] = [fact._asdict() for fact in self.outputs]
        return data


def entry_path(root: Path, stage: str, unit: str) -> Path:
    """Where the entry of a unit lies."""
    return root / LEDGER_FOLDER / stage / f"{unit}.json"


def write_entry(root: Path, entry: Entry) -> None:
    """Write an entry: the last act of a unit. In a bucket its outputs are published first, and it before it is here."""
    path, text = entry_path(root, entry.stage, entry.unit), _sealed(entry.as_json())
    mirror.publish_entry(root, [fact.path for fact in entry.outputs], path.relative_to(root).as_posix(), text)
    write_text(path, text)


def _sealed(data: Mapping[str, Any]) -> str:
    """The text of an entry's file, with a hash over the entry, so that a flipped bit is noticed."""
    seal = hashlib.blake2b(to_json(data).encode(), digest_size=16).hexdigest()
    return to_json({**data, SEAL: seal}) + "\n"


def read_entry(path: Path) -> Entry:
    """Read an entry. Raises UserError that names the file when it is not one."""
    try:
        text = path.read_text(encoding="utf-8")
        data = json.loads(text)
        if data.pop(SEAL, None) is not None and text != _sealed(data):
            raise ValueError("its bytes are not those that were written")
        data["inputs"] = tuple(InputFact(**fact) for fact in data["inputs"])
        data["outputs"] = tuple(FileFact(**fact) for fact in data["outputs"])
        entry = Entry(**data)
        for fact in entry.outputs:
            _check_inside(fact.path)
        return entry
    except FileNotFoundError:
        raise
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UserError(f"{path}: not a ledger entry ({error}); remove it to have its unit done again") from error


def entry_of(root: Path, stage: str, unit: str) -> Entry:
    """The entry of a unit that is done. Raises UserError where it is not one, FileNotFoundError where there is none."""
    return read_entry(entry_path(root, stage, unit))


def _check_inside(path: str) -> None:
    # Outputs of an entry are removed when its unit is done again, so one from elsewhere must not reach outside.
    if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts or not path:
        raise ValueError(f"the output `{path}` is not a path inside the corpus")


def read_entries(root: Path, stage: str | None = None) -> Iterator[Entry]:
    """All entries of a corpus, or of one stage, in a fixed order."""
    base = root / LEDGER_FOLDER
    for folder in sorted(path for path in base.glob(stage or "*") if path.is_dir()):
        for path in sorted(folder.glob("*.json")):
            yield read_entry(path)


def is_done(root: Path, stage: str, unit: str, fingerprint: str) -> bool:
    """Whether a unit's entry is there with this fingerprint, and its outputs with the sizes it names."""
    path = entry_path(root, stage, unit)
    if not path.exists():
        return False
    entry = read_entry(path)
    if entry.fingerprint != fingerprint:
        return False
    return all(mirror.size_of(root, fact.path) == fact.bytes for fact in entry.outputs)


def withdraw(root: Path, stage: str, unit: str, paths: Sequence[str] | None = None) -> None:
    """Take back a unit: its entry first, then its outputs, so that a crash in between leaves a unit to do again.

    With `paths` only these outputs go, as the unit will find the others and take them for done.
    """
    path = entry_path(root, stage, unit)
    if not path.exists():
        return
    gone = [fact.path for fact in read_entry(path).outputs] if paths is None else list(paths)
    mirror.withdraw(root, [path.relative_to(root).as_posix(), *gone])
    path.unlink()
    for name in gone:
        (root / name).unlink(missing_ok=True)


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

    def add(self, entry: Entry) -> None:
        """Add one entry."""
        self.units += 1
        self.read += entry.read
        self.kept += entry.kept
        self.failed += entry.failed
        self.rejected.update(entry.rejected)
        self.licences.update(entry.licences)
        self.numbers.update(entry.numbers)

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
        sums.setdefault(entry.stage, {}).setdefault(entry.source, Totals()).add(entry)
    return sums
