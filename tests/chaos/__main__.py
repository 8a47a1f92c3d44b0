"""`make chaos`: damages, kills, stops, full disks and faulty servers against whole builds, at random by a seed.

After every event the build goes on, and all its files must be those of the undisturbed build, byte for byte. A failure
prints the seed and the event, so that it can be had again. Ends with 1 if there was any.
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

from pipelines.engine.engine import Engine
from tests.chaos import small_disk
from tests.chaos.damage import damage
from tests.chaos.disturbed import FAULTY, FULL, KINDS, ends_well, event
from tests.chaos.faulty_server import serving_files
from tests.chaos.small_build import build, digests, from_server, make_input
from tests.chaos.small_disk import small

DAMAGES = 20
"""Files that are damaged in one round."""


def main() -> int:
    """Run events until the time is over."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same events (default 1)")
    parser.add_argument("--minutes", type=float, default=5.0, help="how long (default 5)")
    parser.add_argument("--workers", type=int, default=2, help="workers of the disturbed builds (default 2)")
    arguments = parser.parse_args()
    choose = random.Random(arguments.seed)
    happened: Counter[str] = Counter()
    wrong = 0
    kinds = [*KINDS, FAULTY, *([FULL] if small_disk.allowed() else [])]
    if FULL not in kinds:
        print("full disks are left out: they need the right to mount", flush=True)
    with tempfile.TemporaryDirectory(prefix="chaos-") as place:
        folder = Path(place)
        make_input(folder)
        with serving_files(folder / "rows", random.Random(arguments.seed)) as (server, faulty):
            from_server(folder, f"{server.url}/all.paths")
            began = time.monotonic()
            build(folder, "whole", Engine())
            seconds = time.monotonic() - began
            expected = digests(folder / "whole")
            size = sum((folder / "whole" / name).stat().st_size for name in expected)
            end = time.monotonic() + 60 * arguments.minutes
            while time.monotonic() < end:
                if choose.random() < 0.3:
                    names = choose.sample(sorted(expected), DAMAGES)
                    said = ", ".join(f"{damage(folder / 'whole' / name, choose)} {name}" for name in names)
                    happened["files damaged"] += DAMAGES
                    build(folder, "whole", Engine())
                    found, trouble = digests(folder / "whole"), ""
                else:
                    what = event(choose, kinds)
                    said = f"{what.kind} after {what.moment:.3f} of {seconds:.1f} s"
                    happened[what.kind] += 1
                    faulty.faulty = what.kind == FAULTY
                    shutil.rmtree(folder / "out", ignore_errors=True)
                    disk = small(folder / "out", int(what.moment * size)) if what.kind == FULL else nullcontext()
                    with disk:
                        trouble = ends_well(folder, "out", arguments.workers, what, seconds, choose)
                        found = digests(folder / "out")
                    faulty.faulty = False
                differ = sorted(name for name in expected.keys() | found if expected.get(name) != found.get(name))
                if trouble or differ:
                    wrong += 1
                    print(
                        f"seed {arguments.seed}: {said}: {trouble} {len(differ)} files differ: {differ[:5]}", flush=True
                    )
    print(", ".join(f"{kind}: {count}" for kind, count in sorted(happened.items())), f"; {wrong} ended wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
