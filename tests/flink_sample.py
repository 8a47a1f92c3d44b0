"""Build one recipe on every runner and compare the bytes.

    python -m tests.flink_sample [--recipe manifests/sample.yaml] [--workers 2] [--folder runs]

In this order: the in-process runner with one worker, with N, Beam's multi-process mode, Flink's local master, and a
standalone Flink cluster of two task managers that is started on 127.0.0.1 for the purpose. Prints seconds and one
sha256 over all outputs for each; ends with 1 if any differs.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from pipelines.engine.flink import cluster
from tests.pipelines.engine.kills import combined, digests


def build(recipe: str, output: Path, cache: Path, *more: str) -> tuple[float, dict[str, str]]:
    """Build once; returns the seconds it took and the digests of all outputs."""
    command = [
        sys.executable,
        "-m",
        "pipelines.commands.cli",
        "build",
        recipe,
        "--output",
        str(output),
        "--cache",
        str(cache),
    ]
    started = time.monotonic()
    subprocess.run([*command, "--quiet", *more], check=True)
    return time.monotonic() - started, digests(output)


def main(argv: Sequence[str] | None = None) -> int:
    """Run all builds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--recipe", default="manifests/sample.yaml")
    parser.add_argument("--workers", default="2")
    parser.add_argument("--folder", type=Path, default=Path("corpus-runs"))
    arguments = parser.parse_args(argv)
    runs: dict[str, tuple[str, ...]] = {
        "in-process, 1 worker": (),
        f"in-process, {arguments.workers} workers": ("--workers", arguments.workers),
        f"{arguments.workers} worker processes": ("--workers", arguments.workers, "--mode", "processes"),
        "Flink, local master": ("--runner", "FlinkRunner", "--flink_master=[local]", "--workers", arguments.workers),
    }
    started = cluster.start(arguments.folder / "cluster", 2)
    runs["Flink, two task managers"] = (
        *("--runner", "FlinkRunner", f"--flink_master={started.address}", "--workers", "2"),
    )
    found: dict[str, dict[str, str]] = {}
    try:
        for number, (name, more) in enumerate(runs.items()):
            seconds, found[name] = build(
                arguments.recipe, arguments.folder / str(number), arguments.folder / "cache", *more
            )
            print(f"{name:<26} {seconds:7.1f} s  {len(found[name])} files  {combined(found[name])}", flush=True)
    finally:
        cluster.stop(arguments.folder / "cluster")
    first = next(iter(found.values()))
    for name, other in found.items():
        for path in sorted(first.keys() | other.keys()):
            if first.get(path) != other.get(path):
                print(f"{name}: differs: {path}")
    return 0 if all(other == first for other in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
