"""Which machine this is, and since which start of its system."""

from pathlib import Path


def started() -> str:
    """A name that the system has until it starts anew (Linux, `random(4)`); empty where none is told."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
