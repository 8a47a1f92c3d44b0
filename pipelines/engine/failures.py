"""How a failed record tells what happened to it: the same words on every machine, and fit for UTF-8.

What a stage lists under `failed/` is an output like any other, so it holds no path of this machine and no address in
memory. `not_the_records` keeps apart what a record cannot be blamed for.
"""

import errno
import os
import re
import sys
import tempfile
import traceback
from pathlib import Path

from manifests.errors import Fault, ProofpileError

MOST_FRAMES = 12
"""The innermost calls that are kept of a traceback."""
DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE})
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,16}")


def whole(text: str) -> str:
    """Text that UTF-8 can hold: lone surrogates become U+FFFD."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return _LONE_SURROGATE.sub("\ufffd", text)
    return text


def not_the_records(error: Exception) -> None:
    """Raise what is no fault of the record at hand: our own errors for people, and a disk that is full."""
    if isinstance(error, ProofpileError):
        raise error
    if isinstance(error, OSError) and error.errno in DISK_ERRORS:
        raise Fault(f"{error.filename or tempfile.gettempdir()}: {os.strerror(error.errno)}; run again to go on")


def describe(error: BaseException) -> str:
    """An exception in one line, without memory addresses."""
    return _ADDRESS.sub("0x…", f"{type(error).__name__}: {whole(' '.join(str(error).split()))}")


def trace(error: BaseException) -> str:
    """Where an exception came from, with paths as importing sees them: the same on every machine."""
    lines = []
    for frame in traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]:
        lines.append(f"{importable(frame.filename)}:{frame.lineno} in {frame.name}")
    return "\n".join(lines)


def importable(filename: str) -> str:
    """A file's path relative to the folder on the module search path that holds it."""
    for folder in sorted((path for path in sys.path if path), key=len, reverse=True):
        if filename.startswith(folder.rstrip("/") + "/"):
            return filename[len(folder.rstrip("/")) + 1 :]
    return Path(filename).name
