"""A disk that is full before a build is done: a file system in memory of a bounded size, where mounting is allowed."""

import contextlib
import functools
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path


def _mount(folder: Path, *options: str) -> bool:
    words = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(folder)]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


@functools.cache
def allowed() -> bool:
    """Whether this machine lets us mount a file system of our own."""
    with tempfile.TemporaryDirectory() as folder, small(Path(folder) / "disk", 1 << 20) as mounted:
        return mounted


@contextlib.contextmanager
def small(folder: Path, size: int) -> Iterator[bool]:
    """A file system of `size` bytes at `folder` for the time of the block; whether that was possible."""
    folder.mkdir(parents=True, exist_ok=True)
    mounted = _mount(folder, f"size={size}")
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False)


def enlarge(folder: Path) -> None:
    """Give the file system at `folder` as much room as anybody needs."""
    _mount(folder, "remount", "size=1g")
