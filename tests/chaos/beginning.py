"""Builds that begin in a process which has loaded everything, so that an event costs the work of a build and no start.

Libraries and kernels take two thirds of the time of a build as small as ours. `load` builds once in this process; what
it has loaded is there in every process that is then forked from it, and in the workers, which these fork in turn. Now
and then a build is begun as a user begins one, so that its start is hit too.
"""

import os
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

from pipelines.commands import cli
from tests.chaos.small_build import build
from tests.pipelines.engine.inline_engine import InlineEngine

POLL = 0.01
"""Seconds between two looks at whether a build has ended."""


def load(folder: Path) -> None:
    """Load what a build loads, by one of `folder`'s recipe in this process, so that it stays here."""
    build(folder, "loaded", InlineEngine())


class Begun:
    """A build under way in a process of its own, which leads a group; what it says lies in a file."""

    def __init__(self, pid: int, errors: Path) -> None:
        self.pid, self.errors = pid, errors
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code (less than 0: the signal), or None while it runs."""
        if self.returncode is None:
            found, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if found else None
        return self.returncode

    def wait(self, timeout: float) -> str:
        """What it has said by its end. Raises subprocess.TimeoutExpired."""
        end = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired("build", timeout)
            time.sleep(POLL)
        return self.errors.read_text(errors="replace")

    def end(self) -> None:
        """End it and all that it has started."""
        os.killpg(self.pid, signal.SIGKILL)


def begin(folder: Path, output: str, workers: int, *, fresh: bool = True) -> Begun:
    """Begin a build of `folder/r.yaml`; `fresh`: as a user does, else with what this process has loaded."""
    words = ["build", "r.yaml", "--output", output, "--workers", str(workers), "--quiet", "--accept-changes"]
    errors = folder / f"{output}.errors"
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return Begun(pid, errors)
    code = 1
    try:
        os.setsid()
        os.chdir(folder)
        os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 2)
        if fresh:
            os.execv(sys.executable, [sys.executable, "-m", "pipelines.commands.cli", *words])
        code = cli.main(words)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)
