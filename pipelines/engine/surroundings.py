"""What the processes of a run compute in: one thread a library, memory that goes back, and a fixed order of sets.

All of it is said in the environment, which the interpreter and the libraries read when they begin. So a command begins
again in the environment of its workers before it has loaded anything, and they can be forked from what it then loads.
"""

import os
import sys
from pathlib import Path

from manifests import memory

COLLECT_FROM = (100_000, 20, 100)
"""Thresholds of the collection of garbage in a worker, which at Python's own would look often at what it only reads."""
LOADING_FROM = (1_000_000, 20, 100)
"""The same for what loads libraries: they make objects by the hundred thousand and keep them all, so that looking
through them is in vain, and was a sixth of a command's start at Python's own thresholds."""
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "ARROW_NUM_THREADS")


def of_workers() -> dict[str, str]:
    """The environment of a worker: ours, one thread a library, and this program's packages importable."""
    environment = {**dict.fromkeys(ONE_THREAD, "1"), **os.environ}
    memory.settle(environment)
    environment["PYTHONHASHSEED"] = "0"
    environment["PYTHONPATH"] = os.pathsep.join(dict.fromkeys([*(path for path in sys.path if path), str(Path.cwd())]))
    return environment


def begin_again() -> None:
    """Let this process begin again as a worker would, unless it has; to be called before anything else is done."""
    if sys.platform == "linux" and os.environ.get("PYTHONHASHSEED") != "0":
        environment = of_workers()
        del environment["PYTHONPATH"]  # it searches where it searched
        if "PYTHONPATH" in os.environ:
            environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)  # noqa: S606 - our own words


def is_settled() -> bool:
    """Whether a fork of this process is as good as a process that was started for workers.

    So it is if it has begun again and runs one thread: what others hold would stay held in the fork for ever.
    """
    if sys.flags.hash_randomization or not set(ONE_THREAD) <= set(os.environ):
        return False
    try:
        return len(list(Path("/proc/self/task").iterdir())) == 1
    except OSError:
        return False
