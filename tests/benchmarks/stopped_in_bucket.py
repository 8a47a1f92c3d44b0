"""A build into a bucket, killed at many places, beside one into a folder: is every file the same?

    python -m tests.benchmarks.stopped_in_bucket RECIPE --folder runs [--stops 20] [--faults 50] [--cache DIR]

The bucket is that of an S3 server on loopback (moto's), behind another one that answers one request of `--faults` with
500 or 503 or a second late. The whole build gets SIGKILL after so and so many things were put, at places spread evenly
over what an undisturbed build puts. Each start has a cache folder of its own, as on a machine that saw nothing of the
runs before. Prints what was hit and one sha256 over all files of each of the three corpora. With the address of a
`--server` that stays (`moto_server`) the same command goes on where an earlier one was ended.
"""

import argparse
import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import boto3

from manifests import mirror
from tests.object_store import in_front_of, s3_server
from tests.pipelines.engine.kills import combined, digests

COMMAND = (sys.executable, "-m", "pipelines.commands.cli", "build")
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nothing", "AWS_DEFAULT_REGION": "us-east-1"}
MOST_STARTS = 3
"""A build that needs so many times more starts than it was stopped does not come forward."""


class Turn(NamedTuple):
    """How far the stops are: what an undisturbed build `puts` (0: not known yet), what was `put`, stops, starts."""

    puts: int = 0
    put: int = 0
    hit: int = 0
    starts: int = 0


class Disturbed:
    """What becomes of the requests of one build: faults by number, and its end after some of them."""

    def __init__(self, command: Sequence[str], faults: int) -> None:
        self.command = command
        self.faults = faults
        self.puts = 0
        self.stop_at = 0
        self.running: subprocess.Popen[bytes] | None = None

    def fate(self, number: int, method: str, _path: str) -> tuple[int, bytes] | None:
        """A fault for every so many requests; SIGKILL for the build that puts one thing too many."""
        if method == "PUT":
            self.puts += 1
            if self.running is not None and self.puts == self.stop_at:
                os.killpg(self.running.pid, signal.SIGKILL)
                return 500, b""
        if self.faults and number % self.faults == 0:
            kind = number // self.faults % 3
            if kind == 0:
                time.sleep(1)
                return None
            return (500, b"") if kind == 1 else (503, b"")
        return None

    def start(self, place: str, folder: Path) -> int:
        """Run the build to its end or to the place where it is stopped; its exit code."""
        environment = {**os.environ, "XDG_CACHE_HOME": str(folder)}
        command = [*self.command, "--output", place]
        with folder.with_suffix(".log").open("wb") as log:
            self.running = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
            return self.running.wait()


def main(argv: Sequence[str] | None = None) -> int:
    """Build thrice and compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recipe")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--stops", type=int, default=20)
    parser.add_argument("--faults", type=int, default=50, help="one request of so many is answered badly; 0: none")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--cache", help="where downloads that are pinned are kept between the builds")
    parser.add_argument("--server", help="the address of an S3 server that runs already")
    arguments = parser.parse_args(argv)
    folder: Path = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    command = [*COMMAND, arguments.recipe, "--workers", str(arguments.workers), "--quiet"]
    command += ["--cache", arguments.cache] if arguments.cache else []
    alone, kept = folder / "alone", folder / "turn.json"
    subprocess.run([*command, "--output", str(alone)], check=True)
    known = kept.is_file() and arguments.server is not None
    turn = Turn(**json.loads(kept.read_text())) if known else Turn()
    disturbed = Disturbed(command, arguments.faults)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # else the server says each request
    server = s3_server() if arguments.server is None else contextlib.nullcontext(arguments.server)
    with server as behind, in_front_of(behind, disturbed.fate) as address:
        os.environ |= {**CREDENTIALS, "AWS_ENDPOINT_URL": address, "AWS_ALLOW_HTTP": "true"}
        if not turn.puts:
            boto3.client("s3", endpoint_url=behind).create_bucket(Bucket="corpora")
            if disturbed.start("s3://corpora/whole", folder / "whole"):
                print((folder / "whole.log").read_text())
                return 1
            turn = Turn(disturbed.puts)
            kept.write_text(json.dumps(turn._asdict()))
        code, disturbed.puts = 1, turn.put
        while code and turn.starts < MOST_STARTS * (arguments.stops + 1):
            disturbed.stop_at = 0
            if turn.hit < arguments.stops:
                disturbed.stop_at = max((turn.hit + 1) * turn.puts // (arguments.stops + 1), disturbed.puts + 1)
            code = disturbed.start("s3://corpora/stopped", folder / f"start {turn.starts + 1}")
            turn = Turn(turn.puts, disturbed.puts, turn.hit + (code == -signal.SIGKILL), turn.starts + 1)
            kept.write_text(json.dumps(turn._asdict()))
            print(f"start {turn.starts}: ended with {code} after {turn.put} of {turn.puts} things were put", flush=True)
        found = {"folder": digests(alone)}
        for name in ("whole", "stopped"):
            found[name] = digests(mirror.opened(f"s3://corpora/{name}"))
    for name, one in found.items():
        differ = sorted(
            path for path in one.keys() | found["folder"].keys() if one.get(path) != found["folder"].get(path)
        )
        print(f"{name:8} {len(one)} files {combined(one)}; differ: {differ}")
    print(f"stopped {turn.hit} times of {arguments.stops}, {turn.starts} starts")
    return int(any(one != found["folder"] for one in found.values()) or turn.hit < arguments.stops)


if __name__ == "__main__":
    sys.exit(main())
