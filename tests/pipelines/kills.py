"""Kill a build with SIGKILL at several points of every stage, run it again each time, and compare the final bytes.

    python -m tests.pipelines.kills RECIPE --undisturbed DIR --output DIR [--workers 2] [--kills 3]

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
from collections.abc import Sequence
from pathlib import Path

STAGES = ("fetch", "extract", "filter", "signatures", "dedup", "audit", "shard")
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


def begun(root: Path, stage: str) -> bool:
    """Whether a stage is under way: it has a workspace or an entry."""
    for folder in (root / ".work" / stage, root / "ledger" / stage):
        with contextlib.suppress(OSError):
            if any(folder.iterdir()):
                return True
    return stage == "fetch" and (root / "recipe.yaml").exists()


def run_and_kill(command: Sequence[str], root: Path, stage: str, delay: float) -> str:
    """Start a build and kill its whole process group `delay` seconds after `stage` began; says what was hit."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    before = {path.name for path in (root / "ledger").glob("*/*.json")}
    deadline = time.monotonic() + 600
    while process.poll() is None and not begun(root, stage) and time.monotonic() < deadline:
        time.sleep(0.002)
    waited = time.monotonic() + delay
    while process.poll() is None and time.monotonic() < waited:
        time.sleep(0.002)
    if process.poll() is not None:
        return f"had ended (exit {process.returncode})"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    after = {path.name for path in (root / "ledger").glob("*/*.json")}
    halves = [path for path in (root / ".work").rglob("*") if path.is_file() and path.name != "lock"]
    return f"{len(after - before)} units done in this run, {len(halves)} unfinished files left behind"


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
    command = [sys.executable, "-m", "pipelines.cli", "build", arguments.recipe, "--output", str(arguments.output)]
    command += ["--workers", arguments.workers, "--quiet", *(["--cache", arguments.cache] if arguments.cache else [])]
    for stage in STAGES:
        for number in range(arguments.kills):
            hit = run_and_kill(command, arguments.output, stage, 0.25 * number)
            print(f"{stage:<11} kill {number + 1}, {0.25 * number:.2f} s in: {hit}", flush=True)
    subprocess.run(command, check=True)
    whole, killed = digests(arguments.undisturbed), digests(arguments.output)
    for name in sorted(whole.keys() | killed.keys()):
        if whole.get(name) != killed.get(name):
            print(f"differs: {name}")
    print(f"undisturbed {combined(whole)}\nkilled      {combined(killed)}")
    return 0 if whole == killed else 1


if __name__ == "__main__":
    sys.exit(main())
