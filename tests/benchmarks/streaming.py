"""Many archives from a server that is slow for each connection: the rate reached, bytes sent, disk and memory held.

    python -m tests.benchmarks.streaming [ARCHIVE] [--files 64] [--rate 0.25] [--workers 8] [--mb 4]

Every file is ARCHIVE under another name, or one of `--mb` that is made up where none is named: pictures, which nobody
unpacks further, and a page among every ten, so that not the processors but the connections are what is waited for. It
is sent at `--rate` MB/s a connection. The ideal is that every worker's connection is busy all the time: `workers x
rate`, in whole rounds of files. Start-up is told apart: the clock runs from the first request for a file to the last
byte sent, and to the end of the build. Disk (raw files that wait or arrive) and memory (of all processes of the build,
what they share counted once) are told as the most in each tenth that ends where 10, 50 and 100 % of the bytes are sent.
"""

import argparse
import contextlib
import http.server
import random
import subprocess
import sys
import tempfile
import threading
import time
from itertools import count
from pathlib import Path
from typing import NamedTuple

from manifests.writing import WORK_FOLDER
from tests.pipelines.extraction.archives.archive_samples import gzipped, warc
from tests.pipelines.extraction.archives.archive_samples import http as answer

PIECES_A_SECOND = 10
PICTURE = 50_000
"""Bytes of a picture."""
MARKS = (0.1, 0.5, 1.0)
RECIPE = """\
name: far
sources:
  - {{name: web, kind: web, keep_raw: false, inputs: ['{url}/all.paths']}}
"""


def made_up(megabytes: float) -> bytes:
    """An archive of pictures and a few pages."""
    choose = random.Random(1)
    found = bytearray()
    for number in count():
        block = answer() if number % 10 == 0 else answer(choose.randbytes(PICTURE), b"Content-Type: image/png\r\n")
        found += gzipped([warc(number, block)])
        if len(found) >= megabytes * 1e6:
            return bytes(found)
    raise AssertionError  # there is always another number


class Seen(NamedTuple):
    """At one moment: the share of all bytes that is sent, bytes of raw files on disk, bytes of memory."""

    share: float
    disk: int
    memory: int


class Slow(http.server.ThreadingHTTPServer):
    """Serves one content under many names, each connection at a bounded rate."""

    daemon_threads = True

    def __init__(self, content: bytes, files: int, rate: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content, self.files, self.rate = content, files, rate
        self.lock = threading.Lock()
        self.sent = 0
        self.requests = 0
        self.first = self.last = 0.0


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Slow

    def do_GET(self) -> None:
        content = self.server.content
        listing = self.path.endswith(".paths")
        if listing:
            content = "".join(f"w/{number:05d}.warc.gz\n" for number in range(self.server.files)).encode()
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("ETag", '"one"')
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        if listing:
            self.wfile.write(content)
            return
        with self.server.lock:
            self.server.requests += 1
            self.server.first = self.server.first or time.monotonic()
        piece = int(self.server.rate * 1e6 / PIECES_A_SECOND)
        view = memoryview(content)
        due = time.monotonic()
        for at in range(start, len(content), piece):
            data = view[at : at + piece]
            due += len(data) / (self.server.rate * 1e6)
            time.sleep(max(0.0, due - time.monotonic()))
            self.wfile.write(data)
            with self.server.lock:
                self.server.sent += len(data)
                self.server.last = time.monotonic()

    def log_message(self, *_: object) -> None:
        pass


def held(folder: Path) -> int:
    """Bytes of raw files in a corpus's working folder."""
    total = 0
    for path in (folder / WORK_FOLDER / "arriving").glob("*"):
        with contextlib.suppress(OSError):
            total += path.stat().st_size
    return total


def resident(parent: int) -> int:
    """Resident bytes, not shared ones counted once, of the processes below a build."""
    total = 0
    below = {parent}
    for place in sorted(Path("/proc").glob("[0-9]*"), key=lambda path: int(path.name)):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = (place / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) in below or int(place.name) == parent:
                below.add(int(place.name))
                pss = next(line for line in (place / "smaps_rollup").read_text().splitlines() if line[:4] == "Pss:")
                total += int(pss.split()[1]) << 10
    return total


def most(seen: list[Seen], until: float) -> str:
    """The most held while the tenth of the bytes was sent that ends at the share `until`."""
    tenth = [one for one in seen if until - 0.1 <= one.share <= until] or seen
    disk, memory = max(one.disk for one in tenth), max(one.memory for one in tenth)
    return f"up to {until:.0%} of the bytes: raw files {disk / 1e6:.1f} MB, memory {memory / 1e6:.0f} MB"


def main() -> int:
    """Run it and print a line of figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("archive", type=Path, nargs="?")
    parser.add_argument("--mb", type=float, default=4.0, help="size of the made up archive")
    parser.add_argument("--files", type=int, default=64)
    parser.add_argument("--rate", type=float, default=0.25, help="MB/s a connection")
    parser.add_argument("--workers", type=int, default=8)
    arguments = parser.parse_args()
    content = made_up(arguments.mb) if arguments.archive is None else arguments.archive.read_bytes()
    server = Slow(content, arguments.files, arguments.rate)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="streaming-") as place:
        folder = Path(place)
        (folder / "far.yaml").write_text(RECIPE.format(url=f"http://127.0.0.1:{server.server_port}"))
        words = ["build", "far.yaml", "--output", "out", "--workers", str(arguments.workers), "--quiet"]
        began = time.monotonic()
        build = subprocess.Popen([sys.executable, "-m", "pipelines.commands.cli", *words], cwd=folder)
        seen: list[Seen] = []
        while build.poll() is None:
            time.sleep(1)
            if server.first:
                share = server.sent / (arguments.files * len(content))
                seen.append(Seen(share, held(folder / "out"), resident(build.pid)))
        ended = time.monotonic()
    ideal = -(-arguments.files // arguments.workers) * len(content) / (arguments.rate * 1e6)
    took = server.last - server.first
    for line in (
        f"{arguments.files} files of {len(content) / 1e6:.1f} MB, {arguments.workers} workers at {arguments.rate} MB/s",
        f"ideal {ideal:.1f} s, last byte after {took:.1f} s: {ideal / took:.3f} of the ideal rate",
        f"start-up {server.first - began:.1f} s, done {ended - server.first:.1f} s after the first request",
        f"{server.requests} requests, each byte sent {server.sent / (arguments.files * len(content)):.4f} times",
        *(most(seen, until) for until in MARKS),
    ):
        print(line)
    return build.returncode


if __name__ == "__main__":
    sys.exit(main())
