"""Other programs, run within bounds: TeX and what reads it may loop, or take all memory, on a paper that hurts them."""

import os
import resource
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


def called(
    command: Sequence[str],
    folder: Path | None,
    seconds: float,
    memory: int | None = None,
    *,
    patience: float = 4,
    given: bytes = b"",
    variables: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes] | None:
    """Run a command in a folder for so many processor seconds and bytes of memory at most; it is given `given` to read.

    None where it did not end after `patience` times these seconds of the clock. What it printed is kept.
    """

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 1))
        if memory is not None:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    try:
        return subprocess.run(
            command,
            cwd=folder,
            input=given,
            capture_output=True,
            check=False,
            timeout=patience * seconds,
            preexec_fn=bounded,
            env={**os.environ, **(variables or {})},
        )
    except subprocess.TimeoutExpired:
        return None
