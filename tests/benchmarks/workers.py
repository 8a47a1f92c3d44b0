"""What more workers are worth: the same extraction with each number of workers, in seconds, and whether bytes agree.

    python -m tests.benchmarks.workers INPUT... [--source web] [--workers 1 2] [--runs 3] [-- OPTIONS OF extract]

Every run is the command `proofpile extract` as a user gives it, into a folder of its own. `command` is the whole
command from start to end, `extract` the stage alone, as the journal of the run has it; both are medians. `times` is
how many times faster that is than with the first number of workers.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.pipelines.engine.kills import digests


def timed(inputs: Sequence[str], source: str, workers: int, more: Sequence[str], output: Path) -> tuple[float, float]:
    """One run; seconds of the command and of its extract stage."""
    named = [word for one in inputs for word in ("--input", one)]
    command = [
        sys.executable,
        "-m",
        "pipelines.commands.cli",
        "extract",
        "--source",
        source,
        *named,
        "--output",
        str(output),
    ]
    began = time.monotonic()
    subprocess.run([*command, "--workers", str(workers), "--quiet", *more], check=True)
    seconds = time.monotonic() - began
    last = (output / "runs.jsonl").read_text(encoding="utf-8").splitlines()[-1]
    return seconds, json.loads(last)["stages"]["extract"]


def main() -> int:
    """Measure and print a table; 1 if the bytes differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", nargs="+", help="what `extract --input` takes")
    parser.add_argument("--source", default="web", help="kind of source")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--runs", type=int, default=3, help="runs with each number of workers, in turn")
    words = sys.argv[1:]
    cut = words.index("--") if "--" in words else len(words)
    arguments, more = parser.parse_args(words[:cut]), words[cut + 1 :]
    seconds: dict[int, list[tuple[float, float]]] = {workers: [] for workers in arguments.workers}
    found = []
    with tempfile.TemporaryDirectory() as folder:
        timed(arguments.input, arguments.source, 1, more, Path(folder) / "first")  # compiles kernels, warms the disk
        for turn in range(arguments.runs):
            for workers in arguments.workers:
                output = Path(folder) / f"{turn}-{workers}"
                seconds[workers].append(timed(arguments.input, arguments.source, workers, more, output))
                found.append(digests(output))
    print(f"{'workers':>7} {'command':>9} {'times':>6} {'extract':>9} {'times':>6}")
    first = [statistics.median(one) for one in zip(*seconds[arguments.workers[0]], strict=True)]
    for workers, runs in seconds.items():
        whole, stage = (statistics.median(one) for one in zip(*runs, strict=True))
        print(f"{workers:7} {whole:7.1f} s {first[0] / whole:6.2f} {stage:7.1f} s {first[1] / stage:6.2f}")
    same = all(one == found[0] for one in found)
    print(f"{len(found[0])} files, {'the same bytes in every run' if same else 'NOT the same bytes in every run'}")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
