"""A build in many shares side by side, some of them killed, beside an ordinary build: are the bytes equal?

    python -m tests.benchmarks.shares RECIPE --folder runs [--shares 40] [--at-once 40] [--kill 0.05] [--place PLACE]

Each share is a process of its own; with a bucket as PLACE (`s3://bucket/name`) each has a cache folder of its own too,
as on a machine that shares nothing else. So many are at work `--at-once`, as in a queue of jobs. The part `--kill` of
them gets SIGKILL in the middle of its work. Those that died are started again, an ordinary build does the rest, and one
on a local folder is what it is compared with. Prints what `proofpile status` says in the middle, how many units were
done before the second round and how many of these were written again. Where a turn may not last so long, `--turn 1/4`
to `--turn 4/4` run a quarter of the shares each, and the last of them all that follows.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from manifests import mirror
from manifests.ledger import LEDGER_FOLDER
from manifests.store import bucket, scheme_of
from manifests.writing import WORK_FOLDER
from pipelines.engine.sharing import parsed
from pipelines.engine.spending import FOLDER
from tests.pipelines.engine.kills import combined, digests

CLI = (sys.executable, "-m", "pipelines.commands.cli")
COMMAND = (*CLI, "build")


def stamps(place: str) -> dict[str, float]:
    """When each ledger entry was written."""
    if scheme_of(place) is None:
        found = Path(place, LEDGER_FOLDER).rglob("*.json")
        return {path.relative_to(place).as_posix(): path.stat().st_mtime for path in found}
    return {name: one.put for name, one in bucket(place).list(LEDGER_FOLDER).items()}


def begun(recipe: str, place: str, folder: Path, number: int, shares: int) -> subprocess.Popen[bytes]:
    """A share at work, in a group of its own so that it can be killed with its workers."""
    environment = dict(os.environ)
    if scheme_of(place) is not None:
        environment["XDG_CACHE_HOME"] = str(folder / f"machine {number}")
    with (folder / f"share-{number}.log").open("ab") as log:
        return subprocess.Popen(
            [*COMMAND, recipe, "--output", place, "--units", f"{number}/{shares}", "--quiet"],
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def first_round(arguments: argparse.Namespace, place: str) -> tuple[int, dict[int, int]]:
    """Run every share once, some of which are killed; returns how many were, and the exit code of each."""
    draw = random.Random(arguments.seed)
    victims = set(draw.sample(range(1, arguments.shares + 1), max(1, round(arguments.kill * arguments.shares))))
    length = -(-arguments.shares // arguments.turn.parts)
    waiting = list(range(1, arguments.shares + 1))[(arguments.turn.number - 1) * length :][:length][::-1]
    half = len(waiting) // 2
    running: dict[int, subprocess.Popen[bytes]] = {}
    codes: dict[int, int] = {}
    ends: dict[int, float] = {}
    shown = False
    while waiting or running:
        while waiting and len(running) < arguments.at_once:
            number = waiting.pop()
            running[number] = begun(arguments.recipe, place, arguments.folder, number, arguments.shares)
        for number, share in list(running.items()):
            if number in victims and number not in ends and at_work(place, share.pid):
                ends[number] = time.monotonic() + draw.uniform(0.0, 1.0)
            if time.monotonic() > ends.get(number, float("inf")):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(share.pid, signal.SIGKILL)
            code = share.poll()
            if code is not None:
                codes[number] = code
                del running[number]
        if not shown and len(codes) >= half:
            shown = True
            subprocess.run([*CLI, "status", place, "--price", "0.04"], check=True)
        time.sleep(0.2)
    return sum(code == -signal.SIGKILL for code in codes.values()), codes


def at_work(place: str, process: int) -> bool:
    """Whether a process of a share has begun a unit, as the notes of what units cost tell."""
    below = f"{WORK_FOLDER}/{FOLDER}"
    listed = bucket(place).list(below) if scheme_of(place) else Path(place, below).rglob("*-*-*")
    for note in listed:
        with contextlib.suppress(ProcessLookupError, ValueError):
            if os.getpgid(int(str(note).rsplit("-", 2)[1])) == process:
                return True
    return False


def main(argv: Sequence[str] | None = None) -> int:
    """Run the shares, those that died again, and both builds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recipe")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--place")
    parser.add_argument("--shares", type=int, default=40)
    parser.add_argument("--kill", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at-once", type=int, default=40)
    parser.add_argument("--turn", type=parsed, default=parsed("1/1"))
    arguments = parser.parse_args(argv)
    place = arguments.place or str(arguments.folder / "shared")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    died, codes = first_round(arguments, place)
    kept = arguments.folder / "codes.json"
    known = json.loads(kept.read_text()) if arguments.turn.number > 1 else {}
    codes |= {int(number): code for number, code in known.items()}
    kept.write_text(json.dumps(codes))
    if arguments.turn.number < arguments.turn.parts:
        print(f"turn {arguments.turn.number} of {arguments.turn.parts}: {died} killed")
        return 0
    died = sum(code == -signal.SIGKILL for code in codes.values())
    again = [number for number, code in sorted(codes.items()) if code]
    before = stamps(place)
    print(f"{arguments.shares} shares, {died} killed, {len(before)} units done; again: {again}", flush=True)
    failed = [
        number for number in again if begun(arguments.recipe, place, arguments.folder, number, arguments.shares).wait()
    ]
    subprocess.run([*COMMAND, arguments.recipe, "--output", place, "--quiet"], check=True)
    after = stamps(place)
    # What is fetched is noted anew by every build, as input on this machine is looked at every time.
    rewritten = [name for name, stamp in before.items() if after.get(name) != stamp and "/fetch/" not in name]
    print(f"{len(after)} units in the end, {len(rewritten)} of the earlier ones written again; failed: {failed}")
    alone = arguments.folder / "alone"
    subprocess.run([*COMMAND, arguments.recipe, "--output", str(alone), "--quiet"], check=True)
    one, other = digests(alone), digests(mirror.opened(place))
    differ = sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
    print(f"alone  {len(one)} files {combined(one)}\nshares {len(other)} files {combined(other)}; differ: {differ}")
    return 1 if differ or rewritten or failed else 0


if __name__ == "__main__":
    sys.exit(main())
