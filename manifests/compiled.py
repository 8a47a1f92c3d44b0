"""Which sources a compiled kernel comes from, and where it is kept: a folder of the user's cache.

A kernel is good as long as the meaning of its own module, and of every module of ours that this one imports, is what it
was when the kernel was compiled; constants and tables of other modules are compiled into it. The meaning of a module
is its syntax tree without its docstrings, with the data files that it names: a changed comment changes nothing, and
neither does any module that a kernel knows nothing of. `manifests.kernels` is where numba is told.
"""

import ast
import contextlib
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from pathlib import Path
from typing import NamedTuple

from manifests import machine

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("manifests", "filters", "dedup", "pipelines")
QUIET = "PROOFPILE_QUIET"
"""The variable that commands set which are to print nothing but errors; their workers inherit it."""
UNUSED_DAYS = 30
"""A folder that no process asked for in so many days is removed by the next one that makes a new folder."""


around: Callable[[], AbstractContextManager[object]] = nullcontext
"""What surrounds a compilation in this process. A worker sets it, so that no record pays the time of one."""


class Meaning(NamedTuple):
    """What a module says: a hash of its syntax tree and data files, and the modules of ours that it imports."""

    mark: str
    imports: tuple[str, ...]


def home() -> Path:
    """The folder of all compiled kernels: $NUMBA_CACHE_DIR, else below $XDG_CACHE_HOME, else below ~/.cache."""
    if given := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(given)
    return machine.cache() / "kernels"


def path_of(module: str, root: Path = ROOT) -> Path | None:
    """The file of a module of ours, or None for any other name."""
    if module.split(".", maxsplit=1)[0] not in PACKAGES:
        return None
    place = root.joinpath(*module.split("."))
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)


def read_meaning(path: Path, root: Path = ROOT) -> Meaning:
    """Read what a module says from its source."""
    tree = ast.parse(path.read_bytes())
    digest = hashlib.sha256()
    imports: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            imports.update(name for name in (node.module, *(f"{node.module}.{one.name}" for one in node.names)))
        elif isinstance(node, ast.Import):
            imports.update(one.name for one in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) < 256:
            beside = path.parent / node.value
            if "\0" not in node.value and "/" not in node.value and beside.suffix and beside.is_file():
                digest.update(beside.read_bytes())
        body = getattr(node, "body", None)
        if isinstance(body, list):  # texts that stand alone are documentation
            node.body = [one for one in body if not _is_text(one)]  # type: ignore[attr-defined]
    digest.update(ast.dump(tree).encode())
    return Meaning(digest.hexdigest()[:32], tuple(sorted(name for name in imports if path_of(name, root) is not None)))


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


class Meanings:
    """The meanings of modules below `root`, remembered in a file by the size and time of their sources."""

    def __init__(self, root: Path = ROOT, memory: Path | None = None) -> None:
        self.root = root
        self.memory = memory
        self._known: dict[str, list[object]] = {}
        self._of: dict[str, Meaning] = {}
        if memory is not None:
            with contextlib.suppress(OSError, ValueError):
                read = json.loads(memory.read_text(encoding="utf-8"))
                self._known = read if isinstance(read, dict) else {}

    def of(self, module: str) -> Meaning:
        """What one module says."""
        if module not in self._of:
            path = path_of(module, self.root)
            assert path is not None, module
            facts = path.stat()
            stamp = [facts.st_mtime_ns, facts.st_size]
            known = self._known.get(module)
            if known and known[:2] == stamp and isinstance(known[3], list):
                self._of[module] = Meaning(str(known[2]), tuple(map(str, known[3])))
            else:
                meaning = self._of[module] = read_meaning(path, self.root)
                self._known[module] = [*stamp, meaning.mark, list(meaning.imports)]
                self._remember()
        return self._of[module]

    def mark(self, module: str) -> str:
        """A hash of what a module and all that it imports, directly or not, say."""
        seen: set[str] = set()
        pending = [module]
        while pending:
            name = pending.pop()
            if name not in seen:
                seen.add(name)
                pending.extend(self.of(name).imports)
        text = "\0".join(f"{name}={self.of(name).mark}" for name in sorted(seen))
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def _remember(self) -> None:
        if self.memory is not None:
            with contextlib.suppress(OSError):
                part = self.memory.with_name(f"{self.memory.name}.{os.getpid()}")
                part.write_text(json.dumps(self._known), encoding="utf-8")
                part.replace(self.memory)


@cache
def meanings() -> Meanings:
    """The meanings of this installation's modules."""
    folder = usable(home())
    memory = None if folder is None else folder / f"{hashlib.sha256(str(ROOT).encode()).hexdigest()[:16]}.json"
    return Meanings(ROOT, memory)


def lock() -> Path:
    """The file by which processes of this installation wait for the one that compiles; others need not wait for it."""
    return home() / f"{hashlib.sha256(str(ROOT).encode()).hexdigest()[:16]}.lock"


def usable(folder: Path) -> Path | None:
    """The folder, made if need be; None where it cannot be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # RuntimeError: there is no home
        return None
    return folder if os.access(folder, os.W_OK | os.X_OK) else None


@cache
def place_of(directory: str) -> Path | None:
    """The folder for the kernels of the modules in a directory; None where none can be had."""
    folder = home() / f"{Path(directory).name}-{hashlib.sha256(directory.encode()).hexdigest()[:16]}"
    new = not folder.is_dir()
    if usable(folder) is None:
        return None
    with contextlib.suppress(OSError):
        os.utime(folder)
    if new:
        sweep(folder)
    return folder


def sweep(folder: Path) -> None:
    """Remove the neighbours of `folder` that nobody asked for lately."""
    for other in folder.parent.iterdir():
        with contextlib.suppress(OSError):
            if other != folder and time.time() - other.stat().st_mtime > UNUSED_DAYS * 86400:
                shutil.rmtree(other) if other.is_dir() else other.unlink()
