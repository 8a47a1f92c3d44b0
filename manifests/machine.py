"""Which machine this is, since which start of its system, and where its user keeps what can be made again."""

import os
from pathlib import Path


def started() -> str:
    """A name that the system has until it starts anew (Linux, `random(4)`); empty where none is told."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def cache() -> Path:
    """Our folder below $XDG_CACHE_HOME, else below ~/.cache (XDG Base Directory Specification 0.8)."""
    named = os.environ.get("XDG_CACHE_HOME")
    return (Path(named) if named else Path.home() / ".cache") / "proofpile"
