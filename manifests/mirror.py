"""A corpus that lies in a bucket, and the folder of this machine through which it is worked on.

The bucket is the truth. `opened` brings the folder to what the bucket holds, `publish_entry` puts a unit's outputs and
then its ledger entry, `held` keeps others out while a build runs and at its end puts the pages at the top. Readers
find whole files in the folder, as mapped and column-wise reading want them. A folder that has no bucket is left alone,
so every function here does nothing for a corpus that is a folder only.
"""

import contextlib
import hashlib
import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from manifests import leases
from manifests.errors import UserError
from manifests.store import Bucket, Listed, bucket, holds, scheme_of
from manifests.writing import WORK_FOLDER, atomic, write_text

MARK = f"{WORK_FOLDER}/bucket"
"""The file in a working folder that says which bucket it stands for."""
KNOWN = f"{WORK_FOLDER}/known.json"
PARALLEL = 16
LEDGER = "ledger"
FETCHED = f"{LEDGER}/fetch/"
PACKED = "segment-"
"""How the names of files of packed entries begin (`manifests.segments`)."""


class Away(NamedTuple):
    """What is known of a bucket of which only a part is brought: here a file that is not there is not missing.

    `files`: those that were listed, `folders`: where that was done for all, `stages`: those that have entries.
    """

    files: dict[str, Listed]
    folders: set[str]
    stages: tuple[str, ...]


_AWAY: dict[Path, Away] = {}


def opened(place: str, *, part: bool = False) -> Path:
    """The folder for a place: itself, or for a bucket its working folder, brought to what the bucket holds.

    With `part` only the ledger and what lies at the top is brought (`pull`). Raises UserError for an address of another
    kind, a bucket that is not there or refuses; Fault if unreachable.
    """
    if scheme_of(place) is None:
        return Path(place)
    address = place.rstrip("/")
    bucket(address).list(WORK_FOLDER)
    root = folder_for(address)
    if part:
        pull(root, part=True)
        return root
    with _free(root) as free:
        if free:
            pull(root)
    return root


def folder_for(address: str) -> Path:
    """The folder of this machine through which the corpus at an address is worked on; nothing is brought into it."""
    root = _home() / hashlib.sha256(address.encode()).hexdigest()[:16] / address.rsplit("/", 1)[1]
    try:
        if not (root / MARK).is_file():
            write_text(root / MARK, address + "\n")
    except OSError as error:
        why = (error.strerror or "no reason given").lower()
        raise UserError(f"{address}: {root}: {why}; expected room on this machine: XDG_CACHE_HOME names it") from None
    return root


def _home() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "proofpile" / "buckets"


def named(text: str) -> str:
    """A message in which folders of this machine that stand for buckets are called by the buckets' addresses."""
    home = _home()
    if str(home) in text:
        for root in home.glob("*/*"):
            if str(root) in text:
                text = text.replace(str(root), shown(root))
    return text


def store_of(root: Path) -> Bucket | None:
    """The bucket that a folder stands for."""
    try:
        return bucket((root / MARK).read_text(encoding="utf-8").strip())
    except (FileNotFoundError, NotADirectoryError):
        return None


def address_of(root: Path) -> str:
    """The address of the bucket that a folder stands for, empty for a folder that is one."""
    store = store_of(root)
    return "" if store is None else store.address


def shown(root: Path) -> str:
    """How a corpus is called in messages: by its bucket's address, or its folder."""
    store = store_of(root)
    return str(root) if store is None else store.address


@contextlib.contextmanager
def _free(root: Path) -> Iterator[bool]:
    """Whether no run of this machine is at work in the folder; none can begin inside the block."""
    import fcntl

    handle = os.open(root / WORK_FOLDER / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True
    finally:
        os.close(handle)


def pull(root: Path, *, part: bool = False) -> None:
    """Make the folder hold what the bucket holds, and nothing else but what is remembered between runs.

    With `part` only what lies at the top, what was fetched and packed entries are listed and brought; `bring` brings
    more where it is wanted, `size_of` and `away` ask what there is.
    """
    store = store_of(root)
    if store is None:
        return
    if part:
        _AWAY[root] = _pull_part(root, store)
        return
    there = {name: found for name, found in store.list().items() if not _own(name)}
    known = _known(root)
    for path in sorted(root.rglob("*"), reverse=True):
        name = path.relative_to(root).as_posix()
        if path.is_file() and not _own(name) and name not in there:
            path.unlink()
    _bring_changed(root, store, there, known)
    _AWAY.pop(root, None)
    facts = {name: [found.size, found.tag, (root / name).stat().st_mtime_ns] for name, found in there.items()}
    write_text(root / KNOWN, json.dumps(facts, sort_keys=True))


def _pull_part(root: Path, store: Bucket) -> Away:
    there, _ = store.list_top()
    _, stages = store.list_top(LEDGER)
    for stage in stages:
        folder = f"{LEDGER}/{stage}"
        early = store.list(folder) if f"{folder}/" == FETCHED else store.list_beginning(folder, PACKED)
        for path in (root / folder).glob("*" if f"{folder}/" == FETCHED else f"{PACKED}*"):
            if f"{folder}/{path.name}" not in early:
                path.unlink(missing_ok=True)
        there |= early
    there = {name: found for name, found in there.items() if not _own(name)}
    _bring_changed(root, store, there, {})
    return Away(there, {FETCHED}, stages)


def _bring_changed(root: Path, store: Bucket, there: Mapping[str, Listed], known: Mapping[str, list[object]]) -> None:
    changed = [name for name, found in there.items() if not _same(root / name, found, known.get(name))]
    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(lambda name: _bring(root, store, name), changed))


def bring(root: Path, paths: Iterable[str | Path]) -> None:
    """Bring these files of the corpus, unless they are here; paths are below it, or absolute. Others are left alone.

    Raises Fault where the bucket does not have one of them.
    """
    store = store_of(root)
    if store is None:
        return
    wanted = [full for full in (root / path for path in paths) if full.is_relative_to(root) and not full.exists()]
    names = [full.relative_to(root).as_posix() for full in wanted]
    if len(names) < 2:
        for name in names:
            _bring(root, store, name)
        return
    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(lambda name: _bring(root, store, name), names))


def away(root: Path, folder: str) -> list[str]:
    """The files of a folder, with the slash at its end, that are in the bucket and were not brought."""
    return [name for name in _listed_in(root, folder) if not (root / name).exists()]


def _listed_in(root: Path, folder: str) -> dict[str, Listed]:
    """The files of a folder, which is listed once, in the bucket of a corpus of which a part is brought."""
    known, store = _AWAY.get(root), store_of(root)
    if known is None or store is None:
        return {}
    if folder not in known.folders:
        known.files.update(store.list(folder.rstrip("/")))
        known.folders.add(folder)
    return {name: found for name, found in known.files.items() if name.startswith(folder)}


def stages_away(root: Path) -> tuple[str, ...]:
    """The stages that have entries in the bucket of a corpus of which a part is brought."""
    known = _AWAY.get(root)
    return () if known is None else known.stages


def bring_texts(root: Path, names: Iterable[str]) -> None:
    """Bring small files as they are now; those that are not there, or no longer, are not here either."""
    store = store_of(root)
    if store is None:
        return

    def one(name: str) -> None:
        got, path = store.get(name), _inside(root, name)
        if got is None:
            path.unlink(missing_ok=True)
            return
        with atomic(path) as temporary:
            temporary.write_bytes(got[0])

    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(one, names))


def _bring(root: Path, store: Bucket, name: str) -> None:
    with atomic(_inside(root, name)) as temporary:
        store.download(name, temporary)


def size_of(root: Path, name: str) -> int | None:
    """The size in bytes of a file of the corpus, here or in its bucket; None where there is none."""
    try:
        facts = os.stat(f"{root}/{name}")  # noqa: PTH116 - the same as Path.stat, for millions of files
    except OSError:
        known, store = _AWAY.get(root), store_of(root)
        found = None if known is None or store is None else known.files.get(name) or store.head(name)
        return None if found is None else found.size
    return facts.st_size if stat.S_ISREG(facts.st_mode) else None


def written_at(root: Path, path: Path) -> float:
    """When a file of the corpus was written (seconds), in its bucket where that is known."""
    known = _AWAY.get(root)
    found = None if known is None else known.files.get(path.relative_to(root).as_posix())
    return path.stat().st_mtime if found is None else found.put


def put_times(root: Path, folder: str) -> list[float]:
    """When the files of a folder, with the slash at its end, were put into the bucket (seconds), as it was listed."""
    return [found.put for found in _listed_in(root, folder).values()]


def _own(name: str) -> bool:
    """Whether a name is of the machine's own: the work folder, and what fetching remembers."""
    return any(part.startswith(".") for part in name.split("/"))


def _inside(root: Path, name: str) -> Path:
    if ".." in name.split("/") or name.startswith("/"):
        raise UserError(f"{shown(root)}/{name}: not the name of a file of a corpus")
    return root / name


def _known(root: Path) -> dict[str, list[object]]:
    try:
        data = json.loads((root / KNOWN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _same(path: Path, found: Listed, known: list[object] | None) -> bool:
    try:
        facts = path.stat()
    except OSError:
        return False
    if facts.st_size != found.size:
        return False
    return known == [found.size, found.tag, facts.st_mtime_ns] or holds(found, path)


def publish_entry(root: Path, outputs: Sequence[str], name: str, entry: str) -> None:
    """Put a unit's outputs into the bucket, and when all are there its entry, of this name and text."""
    store = store_of(root)
    if store is None:
        return
    for output in outputs:
        if not holds(store.head(output), root / output):
            store.put(output, root / output)
    store.put(name, entry.encode())


def publish_file(root: Path, path: Path) -> None:
    """Put a file into the bucket as it is here."""
    store = store_of(root)
    if store is not None:
        store.put(path.relative_to(root).as_posix(), path)


def publish_text(root: Path, path: Path, text: str) -> None:
    """Write a small file, in the bucket first."""
    store = store_of(root)
    if store is not None:
        store.put(path.relative_to(root).as_posix(), text.encode())
    write_text(path, text)


def withdraw(root: Path, names: Sequence[str]) -> None:
    """Remove objects, in this order."""
    store = store_of(root)
    if store is not None and names:
        store.delete(*names)


def push(root: Path) -> None:
    """Put the files at the top of the folder that changed, the manifest last; remove what the folder has no more."""
    store = store_of(root)
    if store is None:
        return
    there = store.list()
    tops = sorted(path for path in root.iterdir() if path.is_file() and not path.name.startswith("."))
    for path in sorted(tops, key=lambda path: path.name == "manifest.json"):
        if not holds(there.get(path.name), path):
            store.put(path.name, path)
    store.delete(*(name for name in there if not _own(name) and not (root / name).is_file()))


@contextlib.contextmanager
def held(root: Path) -> Iterator[None]:
    """Hold the bucket for one build at a time, whichever machine it runs on; at the end the pages are put.

    Raises UserError when another run, or a share of one, has it.
    """
    store = store_of(root)
    if store is None:
        yield
        return
    with leases.alone(store) as sure:
        pull(root)
        yield
        sure()
        push(root)


@contextlib.contextmanager
def held_beside(root: Path) -> Iterator[None]:
    """Hold the bucket for one share of a build. Raises UserError while a build has it alone."""
    store = store_of(root)
    if store is None:
        yield
        return
    with leases.beside(store):
        yield


@contextlib.contextmanager
def turn(root: Path, name: str) -> Iterator[None]:
    """Wait until no other machine is inside of the block of this name; inside, what others did before is here."""
    store = store_of(root)
    if store is None:
        yield
        return
    with leases.leased(store, f"{WORK_FOLDER}/{name}", waits=True):
        pull(root, part=True)
        yield
