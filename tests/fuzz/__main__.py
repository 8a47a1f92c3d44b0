"""`make fuzz`: every parser on samples that were broken at random, with bounds checks of the compiled kernels.

    NUMBA_BOUNDSCHECK=1 python -m tests.fuzz [--seed 1] [--minutes 60] [--real FOLDER] [--keep FINDINGS]

A round takes a parser and a sample, cuts, doubles, moves and changes pieces, and reads it. A finding is an error that
is none of the parser's own, a text that UTF-8 cannot hold, or more processor time than ten seconds for each megabyte.
One seed gives the same rounds; a finding names its round. Ends with 1 if there was any.
"""

import argparse
import os
import random
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

from tests.fuzz.breaking import broken
from tests.fuzz.parsers import Parser, parsers

SECONDS = 10.0
"""Processor seconds for a megabyte, and at least; checks of bounds make kernels several times slower."""


def finding(parser: Parser, data: bytes) -> str:
    """What is wrong with how a parser reads the bytes, or nothing."""
    began = time.process_time()
    try:
        parser.read(data).encode()
    except parser.refuses:
        pass
    except Exception:
        return traceback.format_exc(limit=-6)
    took = time.process_time() - began
    return f"{took:.1f} s for {len(data)} bytes" if took > SECONDS * max(1.0, len(data) / 1e6) else ""


def main() -> int:
    """Run until the time is over."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same rounds (default 1)")
    parser.add_argument("--minutes", type=float, default=60.0, help="how long (default 60)")
    parser.add_argument("--real", type=Path, help="a folder of real files, whose samples are taken too")
    parser.add_argument("--keep", type=Path, help="a folder for the bytes of findings")
    arguments = parser.parse_args()
    if os.environ.get("NUMBA_BOUNDSCHECK") != "1":
        print("without NUMBA_BOUNDSCHECK=1 compiled kernels are not checked: `make fuzz` sets it", flush=True)
    known = parsers(arguments.real)
    for one in known:
        for sample in one.samples:
            finding(one, sample)  # compiles, and samples may be odd themselves
    rounds: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    end = time.monotonic() + 60 * arguments.minutes
    while time.monotonic() < end:
        number = rounds.total()
        choose = random.Random(f"{arguments.seed} {number}")
        one = choose.choice(known)
        rounds[one.name] += 1
        data = broken(choose, choose.choice(one.samples), one.samples)
        if said := finding(one, data):
            wrong[one.name] += 1
            print(f"seed {arguments.seed}, round {number}, {one.name}: {said}", flush=True)
            if arguments.keep is not None:
                arguments.keep.mkdir(parents=True, exist_ok=True)
                (arguments.keep / f"{one.name.replace(' ', '-')}-{arguments.seed}-{number}").write_bytes(data)
    counts = ", ".join(f"{name} {count:,}" for name, count in sorted(rounds.items()))
    print(f"{rounds.total():,} rounds ({counts}), {wrong.total()} findings")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
