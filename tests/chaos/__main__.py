"""`make chaos`: damages, kills, stops, full disks and faulty servers against whole builds, at random by a seed.

After every event the build goes on, and all its files must be those of the undisturbed build, byte for byte. A failure
prints the seed and the event, so that it can be had again; the end says how many events of each kind there were, how
many met a build before it had ended, and at which steps. Ends with 1 if anything was wrong.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

from pipelines.engine import surroundings
from tests.chaos import small_disk
from tests.chaos.beginning import begin, load
from tests.chaos.damage import damage
from tests.chaos.disturbed import FAULTY, FULL, KINDS, PATIENCE, Ending, ending, entries_of, event
from tests.chaos.faulty_server import Switch, served_apart
from tests.chaos.small_build import digests, from_server, make_input
from tests.chaos.small_disk import small

DAMAGES = 20
"""Files that are damaged in one round."""
DAMAGED = "damage files"
SHARE_OF_DAMAGES = 0.3
SHARE_OF_STARTS = 0.1
"""Of builds that begin as a user begins them, with nothing loaded."""


class Suite:
    """Events against builds of one folder, beside one that is `whole` and only damaged."""

    def __init__(self, folder: Path, workers: int, choose: random.Random, faults: Switch) -> None:
        self.folder, self.workers, self.choose, self.faults = folder, workers, choose, faults
        self.kinds = [*KINDS, FAULTY, *([FULL] if small_disk.allowed() else [])]
        self.happened: Counter[str] = Counter()
        self.steps: Counter[str] = Counter()
        self.missed = 0
        load(folder)
        self._go_on("whole")
        self.entries = entries_of(folder / "whole")
        self.expected = digests(folder / "whole")
        self.size = sum((folder / "whole" / name).stat().st_size for name in self.expected)

    def _go_on(self, output: str) -> str:
        build = begin(self.folder, output, self.workers, fresh=False)
        said = build.wait(PATIENCE)
        return "" if build.returncode == 0 else said[-2000:]

    def happen(self) -> str:
        """One event; what went wrong, or nothing."""
        said, trouble, found = self._damages() if self.choose.random() < SHARE_OF_DAMAGES else self._event()
        differ = sorted(name for name in self.expected.keys() | found if self.expected.get(name) != found.get(name))
        return f"{said}: {trouble} {len(differ)} files differ: {differ[:5]}" if trouble or differ else ""

    def _damages(self) -> tuple[str, str, dict[str, str]]:
        whole = self.folder / "whole"
        names = self.choose.sample(sorted(self.expected), DAMAGES)
        said = ", ".join(f"{damage(whole / name, self.choose)} {name}" for name in names)
        self.happened[DAMAGED] += 1
        trouble, found = self._go_on("whole"), digests(whole)
        if trouble or found != self.expected:  # it is told once, and the next damages find a whole build again
            shutil.rmtree(whole)
            self._go_on("whole")
        return said, trouble, found

    def _event(self) -> tuple[str, str, dict[str, str]]:
        what, fresh = event(self.choose, self.kinds), self.choose.random() < SHARE_OF_STARTS
        self.happened[what.kind] += 1
        output = self.folder / "out"
        shutil.rmtree(output, ignore_errors=True)
        if what.kind == FAULTY:
            self.faults.set()
        disk = small(output, int(what.share * self.size)) if what.kind == FULL else nullcontext()
        with disk:
            end: Ending = ending(self.folder, output.name, self.workers, what, self.entries, self.choose, fresh=fresh)
            found = digests(output)
        self.faults.clear()
        if end.step:
            self.steps[end.step] += 1
        else:
            self.missed += 1
        return f"{what.kind} after {what.share:.3f} of {what.step}, at {end.step or 'the end'}", end.trouble, found


def main() -> int:
    """Run events until the time is over or there were enough."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same events (default 1)")
    parser.add_argument("--minutes", type=float, default=5.0, help="how long (default 5)")
    parser.add_argument("--events", type=int, default=1_000_000, help="how many at most")
    parser.add_argument("--workers", type=int, default=2, help="workers of the disturbed builds (default 2)")
    arguments = parser.parse_args()
    count = wrong = 0
    with tempfile.TemporaryDirectory(prefix="chaos-") as place:
        folder = Path(place)
        make_input(folder)
        with served_apart(folder / "rows", arguments.seed) as (address, faults):
            from_server(folder, f"{address}/all.paths")
            suite = Suite(folder, arguments.workers, random.Random(arguments.seed), faults)
            if FULL not in suite.kinds:
                print("full disks are left out: they need the right to mount", flush=True)
            began = time.monotonic()
            while count < arguments.events and time.monotonic() - began < 60 * arguments.minutes:
                trouble = suite.happen()
                count += 1
                if trouble:
                    wrong += 1
                    print(f"seed {arguments.seed}: {trouble}", flush=True)
            minutes = (time.monotonic() - began) / 60
    kinds = ", ".join(f"{kind}: {number}" for kind, number in sorted(suite.happened.items()))
    steps = ", ".join(f"{step}: {number}" for step, number in suite.steps.most_common())
    print(f"{kinds} ({DAMAGES} files each time)\nat {steps}; {suite.missed} came after the end")
    print(f"{count} events in {minutes:.1f} minutes, {count / max(minutes, 0.01):.1f} a minute; {wrong} ended wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    surroundings.begin_again()
    sys.exit(main())
