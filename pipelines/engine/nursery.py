"""Where workers come from: one process that loads libraries and kernels once and forks a worker whenever one is wanted.

What it has loaded is shared by all of its workers, in time and in memory, and a worker that has to be replaced is there
at once. The process that wants workers talks to it through a socket: a JSON line a request, a JSON line an answer. The
ends of the pipes by which a worker is spoken to travel with the request.

The nursery has no threads of its own, which is what makes forking safe; what it loads for workers must start none. It
is itself forked from the command at work, with what that has loaded so far, as long as there are no threads either.
"""

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from pipelines.engine import surroundings
from pipelines.engine.board import Board, new_page
from pipelines.engine.worker import die_with_parent, main, resolve

GONE = -signal.SIGKILL
"""The exit code told of a worker whose nursery is gone: it went with it."""
LONGEST = 1 << 16
"""Bytes of a request or an answer, at most."""

_SPAWNER = ThreadPoolExecutor(1, "spawn")
"""The thread that starts a nursery anew. A nursery asks the kernel to end it with its parent, which for the kernel is
the thread that started it: were that a thread of Beam's, the workers would die under another one that has borrowed
them."""


class Forked:
    """A worker as its owner sees it: a process, the pipes to it, and the board on which it says where it is."""

    def __init__(self, nursery: "Nursery", pid: int, stdin: BinaryIO, stdout: BinaryIO, board: Board) -> None:
        self.nursery, self.pid, self.stdin, self.stdout, self.board = nursery, pid, stdin, stdout, board
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code (less than 0: the signal), or None while it runs."""
        if self.returncode is None:
            self.returncode = self.nursery.ended(self.pid, wait=False)
        return self.returncode

    def wait(self) -> int:
        """The exit code, once it has ended."""
        if self.returncode is None:
            self.returncode = self.nursery.ended(self.pid, wait=True)
        return GONE if self.returncode is None else self.returncode

    def end(self) -> None:
        """End it at once and close the pipes and the board."""
        if self.returncode is None:  # its number is its own until it has been waited for
            with contextlib.suppress(OSError):
                os.kill(self.pid, signal.SIGKILL)
        self.wait()
        for stream in (self.stdin, self.stdout, self.board):
            with contextlib.suppress(OSError):
                stream.close()


class Process(Protocol):
    """A nursery as a process."""

    pid: int

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""

    def kill(self) -> None:
        """End it."""

    def wait(self) -> int:
        """The exit code, once it has ended."""


class _Twin:
    """A process that was forked from this one."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._ended(os.WNOHANG)

    def kill(self) -> None:
        """End it."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """The exit code, once it has ended."""
        code = self._ended(0)
        return GONE if code is None else code

    def _ended(self, options: int) -> int | None:
        if self.returncode is None:
            try:
                found, status = os.waitpid(self.pid, options)
            except ChildProcessError:
                self.returncode = GONE
            else:
                self.returncode = os.waitstatus_to_exitcode(status) if found else None
        return self.returncode


def _anew(channel: socket.socket) -> Process:
    """A nursery that begins with nothing loaded."""
    return subprocess.Popen(
        # Its folder of start is not searched for modules before the libraries.
        [sys.executable, "-P", "-m", "pipelines.engine.nursery", str(channel.fileno())],
        stdin=subprocess.DEVNULL,
        pass_fds=[channel.fileno()],
        env=surroundings.of_workers(),
    )


def _here(channel: socket.socket) -> Process:
    """A nursery that begins with all that this process has loaded, and with nothing that it has open."""
    sys.stdout.flush()
    sys.stderr.flush()
    gc.freeze()  # a collection must not touch, and so copy, what is shared
    pid = os.fork()
    if pid:
        return _Twin(pid)
    code = 1
    try:
        kept = channel.detach()
        for number in [int(path.name) for path in Path("/proc/self/fd").iterdir()]:
            if number > 2 and number != kept:
                with contextlib.suppress(OSError):  # the listing's own
                    os.close(number)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        sys.path.append(str(Path.cwd()))
        code = serve(kept)
    except KeyboardInterrupt:  # a person's, who is not to read where each worker was
        pass
    except BaseException:
        traceback.print_exc()
    os._exit(code)


class Nursery:
    """The owner's side. `prepare` and its arguments: `module:function` to call before anything is forked.

    It is `forked` from this process, or else begins with nothing loaded.
    """

    def __init__(self, prepare: str = "", arguments: Sequence[str] = (), forked: bool = False) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = _here(theirs) if forked else _anew(theirs)
        self.socket = ours
        self.answers = ours.makefile("rb")
        self.lock = threading.Lock()
        if prepare:
            self.socket.sendall(json.dumps({"prepare": prepare, "arguments": list(arguments)}).encode() + b"\n")

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return self.process.poll() is None

    def ask(self, request: dict[str, Any], descriptors: Sequence[int] = ()) -> Any:
        """Its answer. Raises OSError when it is gone."""
        with self.lock:
            line = json.dumps(request).encode() + b"\n"
            if descriptors:
                socket.send_fds(self.socket, [line], list(descriptors))
            else:
                self.socket.sendall(line)
            answer = self.answers.readline()
        if not answer:
            raise OSError("the nursery of the workers is gone")
        return json.loads(answer)

    def fork(self, module: str) -> Forked:
        """A new worker, with a module loaded. Raises OSError when the nursery is gone."""
        theirs_in, ours_in = os.pipe()
        ours_out, theirs_out = os.pipe()
        page = new_page()
        try:
            pid = self.ask({"fork": module}, (theirs_in, theirs_out, page))
            board = Board(page)
        except BaseException:
            os.close(ours_in)
            os.close(ours_out)
            raise
        finally:
            for theirs in (theirs_in, theirs_out, page):
                os.close(theirs)
        return Forked(self, pid, os.fdopen(ours_in, "wb", buffering=0), os.fdopen(ours_out, "rb", buffering=0), board)

    def ended(self, pid: int, wait: bool) -> int | None:
        """The exit code of a worker; None if it runs and is not waited for."""
        try:
            code: int | None = self.ask({"wait" if wait else "poll": pid})
        except OSError:
            return GONE
        return code


_NURSERY: Future[Nursery] | None = None
_STARTING = threading.Lock()


def start(prepare: str = "", arguments: Sequence[str] = ()) -> Future[Nursery]:
    """The nursery of this process; a new one where there is none or the last one is gone."""
    global _NURSERY  # noqa: PLW0603 - a process has one
    with _STARTING:
        if _NURSERY is None or (_NURSERY.done() and (_NURSERY.exception() or not _NURSERY.result().alive)):
            if threading.current_thread() is threading.main_thread() and surroundings.is_settled():
                _NURSERY = Future()
                _NURSERY.set_result(Nursery(prepare, tuple(arguments), forked=True))
            else:
                _NURSERY = _SPAWNER.submit(Nursery, prepare, tuple(arguments))
        return _NURSERY


def stop() -> None:
    """End the nursery of this process, if there is one, and with it all of its workers."""
    global _NURSERY
    with _STARTING:
        ending, _NURSERY = _NURSERY, None
    if ending is not None and not ending.exception():
        ending.result().process.kill()
        ending.result().process.wait()
        ending.result().socket.close()


def fork(module: str) -> Forked:
    """A new worker with a module loaded, from the nursery of this process."""
    nursery = start().result()
    try:
        return nursery.fork(module)
    except OSError:  # it has just gone, or what it was to prepare has ended it
        nursery.process.kill()
        nursery.process.wait()
        return start().result().fork(module)


def serve(descriptor: int) -> int:
    """Answer requests until the owner is gone."""
    die_with_parent()
    gc.set_threshold(*surroundings.LOADING_FROM)
    os.dup2(2, 1)  # libraries print; only a worker has answers, and a pipe of its own for them
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; our owner decides what it means
    with socket.socket(fileno=descriptor) as channel:
        pending = b""
        descriptors: list[int] = []
        while True:
            block, got, _, _ = socket.recv_fds(channel, LONGEST, 3)
            descriptors += got
            if not block:
                return 0
            *lines, pending = (pending + block).split(b"\n")
            for line in lines:
                request = json.loads(line)
                if "prepare" in request:
                    _load(partial(_prepare, request["prepare"], request["arguments"]))
                elif "fork" in request:
                    pid = _fork(request["fork"], descriptors, channel)
                    channel.sendall(json.dumps(pid).encode() + b"\n")
                    descriptors = []
                else:
                    code = _ended(request.get("wait") or request["poll"], "wait" in request)
                    channel.sendall(json.dumps(code).encode() + b"\n")


def _prepare(function: str, arguments: Sequence[str]) -> None:
    resolve(function)(*arguments)


def _load(load: Callable[[], object]) -> None:
    """Load something that will be wanted; the unit that needs it meets the error again and tells it."""
    with contextlib.suppress(Exception):
        load()


def _fork(module: str, descriptors: Sequence[int], channel: socket.socket) -> int:
    """Fork a worker that reads from the first descriptor, answers on the second and has its board on the third; its
    process number.
    """
    _load(lambda: importlib.import_module(module))
    gc.collect()
    gc.freeze()  # a collection must not touch, and so copy, what is shared
    pid = os.fork()
    if pid:
        for one in descriptors:
            os.close(one)
        return pid
    code = 1
    try:
        os.close(channel.detach())
        *pipes, page = descriptors
        for place, one in enumerate(pipes):
            os.dup2(one, place)
            os.close(one)
        sys.stdin = os.fdopen(0, encoding="utf-8")
        board = Board(page)
        os.close(page)
        code = main(board)
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 1
    except KeyboardInterrupt:  # a person's, who is not to read where each worker was
        pass
    except BaseException:
        traceback.print_exc()
    os._exit(code)


def _ended(pid: int, wait: bool) -> int | None:
    try:
        found, status = os.waitpid(pid, 0 if wait else os.WNOHANG)
    except ChildProcessError:
        return GONE
    return os.waitstatus_to_exitcode(status) if found else None


if __name__ == "__main__":
    # The same module under its importable name, so that workers find the monitor that reports.
    from pipelines.engine.nursery import serve as serve_requests

    sys.exit(serve_requests(int(sys.argv[1])))
