"""Where compiled kernels are kept: a folder of the user's cache, named by the sources that they come from.

numba keeps a compiled kernel beside its source and looks at that one file to see whether it is still good. A kernel
into which another module's was compiled would outlive a change there and write other bytes without a word. So every
change of any module with kernels, or of the tables that they read, leads to a folder of its own. The packages with
kernels call `keep` before numba compiles the first.
"""

import contextlib
import hashlib
import os
import shutil
import sys
import time
from functools import cache
from pathlib import Path

VARIABLE = "NUMBA_CACHE_DIR"
ROOMS = (
    "dedup",
    "pipelines/shards",
    "pipelines/extraction/html",
    "pipelines/extraction/math",
    "pipelines/extraction/pages",
)
"""The folders that hold kernels."""
UNUSED_DAYS = 30
"""A folder that no process asked for in so many days is removed by the next one that makes a new folder."""


def home() -> Path:
    """The folder of all compiled kernels: below $XDG_CACHE_HOME, else below ~/.cache."""
    named = os.environ.get("XDG_CACHE_HOME")
    return (Path(named) if named else Path.home() / ".cache") / "proofpile" / "kernels"


def mark(root: Path) -> str:
    """A hash of all sources in the rooms with kernels below `root`."""
    digest = hashlib.sha256()
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def keep() -> None:
    """Tell numba where to keep kernels, unless the user has, or the folder cannot be written to."""
    if os.environ.get(VARIABLE):
        return
    folder = home() / mark(Path(__file__).parents[1])
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True)
            sweep(folder)
        os.utime(folder)
        usable = os.access(folder, os.W_OK)
    except (OSError, RuntimeError):  # RuntimeError: there is no home
        usable = False
    if usable:
        os.environ[VARIABLE] = str(folder)
        if "numba" in sys.modules:  # it has read the environment already
            sys.modules["numba"].config.CACHE_DIR = str(folder)


def sweep(folder: Path) -> None:
    """Remove the neighbours of `folder` that nobody asked for lately."""
    for other in folder.parent.iterdir():
        with contextlib.suppress(OSError):
            if other != folder and time.time() - other.stat().st_mtime > UNUSED_DAYS * 86400:
                shutil.rmtree(other, ignore_errors=True)
