"""A server of raw files on loopback that fails, when told to, as servers do: busy, cut off, slow, silent."""

import contextlib
import multiprocessing
import random
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

from tests.pipelines.fetching.servers import Handler, Loopback, Served, answer, serving

SHARE = 0.5
"""Of requests that go wrong while the server is faulty."""
FAULTS = ("busy", "broken", "cut", "slow", "silent")


class Switch(Protocol):
    """An event of threads or of processes."""

    def set(self) -> None:
        """Switch on."""

    def clear(self) -> None:
        """Switch off."""

    def is_set(self) -> bool:
        """Whether it is on."""


class Faulty:
    """What is wrong with a server while its switch is on."""

    def __init__(self, choose: random.Random, switch: Switch) -> None:
        self.choose, self.switch = choose, switch

    def serve(self, handler: Handler, content: bytes) -> None:
        """Answer with the file, or as a server with a fault does."""
        kind = self.choose.choice(FAULTS) if self.switch.is_set() and self.choose.random() < SHARE else ""
        if kind == "busy":
            answer(503, Retry_After="0")(handler)
        elif kind == "broken":
            answer(500)(handler)
        elif kind == "cut":
            Served(content, cut=self.choose.randrange(max(1, len(content))))(handler)
        elif kind == "slow":
            Served(content, drip=0.05, piece=max(1, len(content) // 8))(handler)
        elif kind == "silent":
            time.sleep(0.3)
            handler.close_connection = True
        else:
            Served(content)(handler)


@contextlib.contextmanager
def serving_files(
    folder: Path, choose: random.Random, switch: Switch | None = None
) -> Iterator[tuple[Loopback, Switch]]:
    """Serve the files of a folder, and their list as `/all.paths`; with the switch of its faults."""
    faulty = Faulty(choose, switch or threading.Event())
    with serving() as server:
        names = []
        for path in sorted(folder.iterdir()):
            content = path.read_bytes()
            server.on(f"/{path.name}", lambda handler, content=content: faulty.serve(handler, content))
            names.append(path.name)
        server.on("/all.paths", answer(200, "".join(f"{name}\n" for name in names).encode()))
        yield server, faulty.switch


@contextlib.contextmanager
def served_apart(folder: Path, seed: int) -> Iterator[tuple[str, Switch]]:
    """The same in a process of its own, with its address: whoever forks builds should run no threads."""
    forked = multiprocessing.get_context("fork")
    switch, (ours, theirs) = forked.Event(), forked.Pipe()
    process = forked.Process(target=_serve, args=(folder, seed, switch, theirs), daemon=True)
    process.start()
    try:
        yield ours.recv(), switch
    finally:
        process.kill()
        process.join()


def _serve(folder: Path, seed: int, switch: Switch, address: Connection) -> None:
    with serving_files(folder, random.Random(seed), switch) as (server, _):
        address.send(server.url)
        threading.Event().wait()
