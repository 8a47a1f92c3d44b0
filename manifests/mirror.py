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
import socket
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from manifests.errors import Fault, UserError
from manifests.store import Bucket, Listed, bucket, holds, scheme_of
from manifests.writing import WORK_FOLDER, atomic, write_text

MARK = f"{WORK_FOLDER}/bucket"
"""The file in a working folder that says which bucket it stands for."""
KNOWN = f"{WORK_FOLDER}/known.json"
LOCK = f"{WORK_FOLDER}/lock"
PARALLEL = 16
RENEWAL_SECONDS = 5.0
LEASE_SECONDS = 20.0
"""A lock that nobody renewed for so long belongs to a build that died."""


def opened(place: str) -> Path:
    """The folder for a place: itself, or for a bucket its working folder, brought to what the bucket holds.

    Raises UserError for an address of another kind, a bucket that is not there or refuses; Fault if unreachable.
    """
    if scheme_of(place) is None:
        return Path(place)
    address = place.rstrip("/")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "proofpile" / "buckets"
    root = home / hashlib.sha256(address.encode()).hexdigest()[:16] / address.rsplit("/", 1)[1]
    store = bucket(address)
    store.list()
    (root / WORK_FOLDER).mkdir(parents=True, exist_ok=True)
    write_text(root / MARK, address + "\n")
    with _free(root) as free:
        if free:
            pull(root)
    return root


def store_of(root: Path) -> Bucket | None:
    """The bucket that a folder stands for."""
    try:
        return bucket((root / MARK).read_text(encoding="utf-8").strip())
    except (FileNotFoundError, NotADirectoryError):
        return None


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


def pull(root: Path) -> None:
    """Make the folder hold what the bucket holds, and nothing else but what is remembered between runs."""
    store = store_of(root)
    if store is None:
        return
    there = {name: found for name, found in store.list().items() if not _own(name)}
    known = _known(root)
    for path in sorted(root.rglob("*"), reverse=True):
        name = path.relative_to(root).as_posix()
        if path.is_file() and not _own(name) and name not in there:
            path.unlink()
    wanted = [name for name, found in there.items() if not _same(root / name, found, known.get(name))]

    def bring(name: str) -> None:
        with atomic(_inside(root, name)) as temporary:
            store.download(name, temporary)

    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(bring, wanted))
    facts = {name: [found.size, found.tag, (root / name).stat().st_mtime_ns] for name, found in there.items()}
    write_text(root / KNOWN, json.dumps(facts, sort_keys=True))


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


def publish_entry(root: Path, outputs: Sequence[str], entry: Path) -> None:
    """Put a unit's outputs into the bucket, and when all are there its entry."""
    store = store_of(root)
    if store is None:
        return
    for name in outputs:
        if not holds(store.head(name), root / name):
            store.put(name, root / name)
    store.put(entry.relative_to(root).as_posix(), entry)


def withdraw(root: Path, names: Sequence[str]) -> None:
    """Remove objects, in this order."""
    store = store_of(root)
    for name in names if store else ():
        assert store is not None
        store.delete(name)


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
    for name in there:
        if not _own(name) and not (root / name).is_file():
            store.delete(name)


@contextlib.contextmanager
def held(root: Path) -> Iterator[None]:
    """Hold the bucket for one build at a time, whichever machine it runs on. Raises UserError when another has it.

    A build renews its lock by replacing it; one that nobody renews, or whose process on this machine is gone, is
    taken over. At the end the pages are put.
    """
    store = store_of(root)
    if store is None:
        yield
        return
    owner = f"{_machine()} {os.getpid()} {uuid.uuid4().hex}"
    tag = _taken(store, owner)
    ended, lost = threading.Event(), threading.Event()

    def renew() -> None:
        nonlocal tag
        count = 0
        while not ended.wait(RENEWAL_SECONDS):
            count += 1
            with contextlib.suppress(Fault):  # a store that is away for a while
                renewed = store.replace(LOCK, f"{owner} {count}".encode(), tag)
                if renewed is None:
                    found = store.get(LOCK)
                    if found is None or not found[0].decode("utf-8", "replace").startswith(owner):
                        lost.set()
                        return
                    renewed = found[1]
                tag = renewed

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        pull(root)
        yield
        if lost.is_set():
            raise Fault(f"{store.address}: another run took this place over while the store could not be reached")
        push(root)
    finally:
        ended.set()
        thread.join()
        if not lost.is_set():
            with contextlib.suppress(Fault, UserError):
                store.delete(LOCK)


def _machine() -> str:
    """This machine and its space of process numbers, so that two containers are told apart."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{socket.gethostname()}/{boot}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return socket.gethostname()


def _taken(store: Bucket, owner: str) -> str:
    """Take the lock; returns its tag."""
    began = time.monotonic()
    seen: tuple[bytes, str] | None = None
    while True:
        tag = store.put_new(LOCK, owner.encode())
        if tag is not None:
            return tag
        found = store.get(LOCK)
        if found is None:
            continue
        text = found[0].decode("utf-8", "replace")
        if text.startswith(owner):
            return found[1]  # ours: the answer to the first put was lost
        if seen is not None and found != seen:
            raise UserError(
                f"{store.address}: another run is writing to this place; wait for it or choose another --output"
            )
        seen = found
        if _gone(text) or time.monotonic() - began > LEASE_SECONDS:
            tag = store.replace(LOCK, owner.encode(), found[1])
            if tag is not None:
                return tag
        time.sleep(0.5)


def _gone(owner: str) -> bool:
    """Whether the owner was a process of this machine that is no more."""
    machine, _, rest = owner.partition(" ")
    number = rest.split(" ", 1)[0]
    return machine == _machine() and number.isdigit() and not Path(f"/proc/{number}").exists()
