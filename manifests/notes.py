"""Small notes for people who ask how far a build is, in the work folder of a corpus; they are no part of it."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from manifests import mirror
from manifests.writing import WORK_FOLDER, write_text


class Noted(NamedTuple):
    """A note, and when it was left (seconds) by the clock of the store or the disk."""

    text: str
    left: float


def note(root: Path, name: str, text: str) -> None:
    """Leave a small note for people who ask how far a build is, below the work folder; it is no part of the corpus."""
    store = mirror.store_of(root)
    if store is None:
        write_text(root / WORK_FOLDER / name, text)
    else:
        store.put(f"{WORK_FOLDER}/{name}", text.encode())


def notes(root: Path, folder: str) -> dict[str, Noted]:
    """The notes of a folder below the work folder, by their names in it."""
    store = mirror.store_of(root)
    base = f"{WORK_FOLDER}/{folder}"
    if store is not None:
        listed = store.list(base)
        with ThreadPoolExecutor(mirror.PARALLEL) as pool:
            found = dict(zip(listed, pool.map(store.get, listed), strict=True))
        decoded = ((name, got[0].decode("utf-8", "replace")) for name, got in found.items() if got)
        return {name.removeprefix(f"{base}/"): Noted(text, listed[name].put) for name, text in decoded}
    texts = {}
    for path in sorted((root / base).rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            with contextlib.suppress(FileNotFoundError):
                text = path.read_text(encoding="utf-8", errors="replace")
                texts[path.relative_to(root / base).as_posix()] = Noted(text, path.stat().st_mtime)
    return texts
