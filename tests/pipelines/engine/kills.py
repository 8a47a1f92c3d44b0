"""Kill a build with SIGKILL at several points of every stage, run it again each time, and compare the final bytes.

    python -m tests.pipelines.engine.kills RECIPE --undisturbed DIR --output DIR [--workers 2] [--kills 3]

`--undisturbed` is a finished build of the same recipe. Prints where each kill struck and the sha256 over all outputs.
"""

import argparse
import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

STAGES = ("fetch", "extract", "filter", "signatures", "matching", "dedup", "audit", "shard")
NOT_OUTPUTS = (".work", "runs.jsonl", "raw", ".raw")


def digests(root: Path) -> dict[str, str]:
    """sha256 of every output below a corpus folder, by relative path."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.relative_to(root).parts[0].startswith(NOT_OUTPUTS)
    }


def combined(found: dict[str, str]) -> str:
    """One sha256 over all of them."""
    return hashlib.sha256("".join(f"{name} {digest}\n" for name, digest in found.items()).encode()).hexdigest()


def events(root: Path, stage: str) -> set[str]:
    """What a stage has to show: raw files or finished units, and workspaces with what was begun in them."""
    if stage == "fetch":
        return {f"done {path}" for path in (root / "raw").rglob("*") if path.is_file()}
    done = {f"done {path.name}" for path in (root / "ledger" / stage).glob("*.json")}
    # The folder of a dead run has the same name as that of the next one; its number tells them apart.
    begun = {f"begun {path.name} {path.stat().st_ino}" for path in _existing((root / ".work" / stage).rglob("*"))}
    return done | begun


def _existing(paths: Iterator[Path]) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        for path in paths:
            if path.exists():
                yield path


def run_and_kill(command: Sequence[str], root: Path, stage: str, number: int) -> str:
    """Start a build and kill its whole process group after `number` things happened in `stage`; says what was hit."""
    before = events(root, stage)
    ledger = {path.name for path in (root / "ledger").glob("*/*.json")}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 600
    new: set[str] = set()
    while process.poll() is None and len(new) < number and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            new |= events(root, stage) - before
        time.sleep(0.001)
    if process.poll() is not None:
        return f"had ended (exit {process.returncode})"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    after = {path.name for path in (root / "ledger").glob("*/*.json")}
    halves = [path for path in (root / ".work").rglob("*") if path.is_file() and path.name != "lock"]
    return f"{len(after - ledger)} units done in this run, {len(halves)} unfinished files left behind"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the whole exercise; 0 when the bytes are equal."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("recipe")
    parser.add_argument("--undisturbed", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--workers", default="1")
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--cache", default=None)
    arguments = parser.parse_args(argv)
    command = [
        sys.executable,
        "-m",
        "pipelines.commands.cli",
        "build",
        arguments.recipe,
        "--output",
        str(arguments.output),
    ]
    command += ["--workers", arguments.workers, "--quiet", *(["--cache", arguments.cache] if arguments.cache else [])]
    for stage in STAGES:
        for number in range(arguments.kills):
            # The first strikes when the stage shows its first sign, the others in the middle of it.
            hit = run_and_kill(command, arguments.output, stage, 1 + 3 * number)
            print(f"{stage:<11} kill {number + 1}, after {1 + 3 * number} events: {hit}", flush=True)
    subprocess.run(command, check=True)
    whole, killed = digests(arguments.undisturbed), digests(arguments.output)
    for name in sorted(whole.keys() | killed.keys()):
        if whole.get(name) != killed.get(name):
            print(f"differs: {name}")
    print(f"undisturbed {combined(whole)}\nkilled      {combined(killed)}")
    return 0 if whole == killed else 1


if __name__ == "__main__":
    sys.exit(main())
