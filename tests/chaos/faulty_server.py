"""A server of raw files on loopback that fails, when told to, as servers do: busy, cut off, slow, silent."""

import contextlib
import random
import time
from collections.abc import Iterator
from pathlib import Path

from tests.pipelines.fetching.servers import Handler, Loopback, Served, answer, serving

SHARE = 0.5
"""Of requests that go wrong while the server is faulty."""
FAULTS = ("busy", "broken", "cut", "slow", "silent")


class Faulty:
    """What is wrong with a server at the moment; `faulty` switches it on."""

    def __init__(self, choose: random.Random) -> None:
        self.choose = choose
        self.faulty = False

    def serve(self, handler: Handler, content: bytes) -> None:
        """Answer with the file, or as a server with a fault does."""
        kind = self.choose.choice(FAULTS) if self.faulty and self.choose.random() < SHARE else ""
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
def serving_files(folder: Path, choose: random.Random) -> Iterator[tuple[Loopback, Faulty]]:
    """Serve the files of a folder, and their list as `/all.paths`."""
    faulty = Faulty(choose)
    with serving() as server:
        names = []
        for path in sorted(folder.iterdir()):
            content = path.read_bytes()
            server.on(f"/{path.name}", lambda handler, content=content: faulty.serve(handler, content))
            names.append(path.name)
        server.on("/all.paths", answer(200, "".join(f"{name}\n" for name in names).encode()))
        yield server, faulty
