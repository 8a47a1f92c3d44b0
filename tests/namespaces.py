"""Machines that share nothing but a wire, made of Linux namespaces: for what is said of clusters.

Each host has a network, a process table and mounts of its own. All see one system, as if it were installed from the
same image, and can write none of it; what they write (`/tmp`, shared memory) is memory of their own that no other sees.
The switch between them is a namespace too, so that the machine's own network is left as it is. Needs root and
iproute2 (`missing`).
"""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

NETWORK = "198.18.77"
"""Addresses for trying out networks, which are routed nowhere (RFC 2544)."""
OWN = ("/tmp", "/dev/shm")
UNSHARE = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
UNDER = "/mnt"
"""A folder of every system that nothing here needs; from it folders are moved to their places."""


def missing() -> str:
    """Why there can be no such hosts here; empty if there can."""
    if os.name != "posix" or os.geteuid() != 0:
        return "needs root"
    for program in ("ip", "unshare", "mount"):
        if shutil.which(program) is None:
            return f"needs {program}"
    name = f"try{os.getpid()}"
    tried = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False)
    subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "may make no network namespaces"


class Host:
    """One machine: its `address` on the wire, and what runs on it.

    `shows`: folders that lie below what is the host's own and are to be seen all the same; `hides`: folders that it
    finds empty.
    """

    def __init__(self, namespace: str, address: str, shows: Sequence[Path] = (), hides: Sequence[Path] = ()) -> None:
        self.namespace, self.address = namespace, address
        script = mounts(shows, hides)
        self._init = subprocess.Popen(
            [*self._inside(), *UNSHARE, "sh", "-c", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._init.stdout is not None
        if self._init.stdout.readline() != b"up\n":
            raise OSError(f"the host {namespace} did not come up")
        below = Path(f"/proc/{self._init.pid}/task/{self._init.pid}/children").read_text(encoding="ascii").split()
        self.first = int(below[0])
        """The process id of the host's own first process, seen from outside."""

    def _inside(self) -> list[str]:
        return ["ip", "netns", "exec", self.namespace]

    def start(
        self, command: Sequence[str], environment: Mapping[str, str], output: int | IO[bytes] | None = None
    ) -> subprocess.Popen[bytes]:
        """Begin a command on the host; its output goes to a file or pipe outside."""
        entered = ["nsenter", f"--target={self.first}", "--mount", "--pid", "--net", "--wd=/tmp", *command]
        return subprocess.Popen(
            entered, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )

    def run(self, command: Sequence[str], environment: Mapping[str, str]) -> str:
        """Run a command on the host to its end; returns what it printed. Raises OSError with the end of it."""
        process = self.start(command, environment, subprocess.PIPE)
        text = process.communicate()[0].decode("utf-8", "replace")
        if process.returncode:
            raise OSError(f"{self.namespace}: {shlex.join(command)} ended with {process.returncode}: {text[-4000:]}")
        return text

    def kill(self) -> None:
        """Pull the plug: with its first process the kernel ends all others of the host."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.first, signal.SIGKILL)
        self._init.wait()


def mounts(shows: Sequence[Path], hides: Sequence[Path]) -> str:
    """The script of a host's first process: what it sees, then nothing until its input ends."""
    steps = ["set -e", f"mount -t tmpfs -o size=1m own {UNDER}"]
    for number, folder in enumerate(shows):
        steps += [f"mkdir {UNDER}/{number}", f"mount --bind {shlex.quote(str(folder))} {UNDER}/{number}"]
    steps += [f"mount -t tmpfs own {folder}" for folder in OWN]
    hidden = [shlex.quote(str(folder)) for folder in hides]
    steps += [f"if [ -d {folder} ]; then mount -t tmpfs own {folder}; fi" for folder in hidden]
    for number, folder in enumerate(shows):
        place = shlex.quote(str(folder))
        steps += [f"mkdir -p {place}", f"mount --bind {UNDER}/{number} {place}", f"mount -o remount,ro,bind {place}"]
    steps += ["mount -o remount,ro,bind /", "echo up", "exec cat"]
    return "\n".join(steps)


@contextlib.contextmanager
def switch() -> Iterator["Switch"]:
    """The wire; whatever hangs on it is gone after the block."""
    made = Switch(f"pile{os.getpid()}")
    try:
        made.begin()
        yield made
    finally:
        made.end()


class Switch:
    """A bridge in a namespace of its own, and the hosts on it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.hosts: list[Host] = []
        self._names: list[str] = []

    def begin(self) -> None:
        """Make the bridge."""
        self._namespace(self.name)
        self._ip("-n", self.name, "link", "add", "bridge", "type", "bridge")
        self._ip("-n", self.name, "link", "set", "bridge", "up")

    def host(self, shows: Sequence[Path] = (), hides: Sequence[Path] = ()) -> Host:
        """Another host on the wire."""
        number = len(self._names)
        name, address = f"{self.name}-{number}", f"{NETWORK}.{number}"
        self._namespace(name)
        port = f"port{number}"
        self._ip("-n", self.name, "link", "add", port, "type", "veth", "peer", "name", "wire", "netns", name)
        self._ip("-n", self.name, "link", "set", port, "master", "bridge", "up")
        self._ip("-n", name, "address", "add", f"{address}/24", "dev", "wire")
        for device in ("wire", "lo"):
            self._ip("-n", name, "link", "set", device, "up")
        made = Host(name, address, shows, hides)
        self.hosts.append(made)
        return made

    def _namespace(self, name: str) -> None:
        self._ip("netns", "add", name)
        self._names.append(name)

    def _ip(self, *words: str) -> None:
        done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise OSError(f"ip {' '.join(words)}: {done.stderr.strip()}")

    def end(self) -> None:
        """End all hosts, then take the wire away."""
        for host in self.hosts:
            host.kill()
        for name in self._names:
            for _ in range(20):
                if subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False).returncode == 0:
                    break
                time.sleep(0.1)
