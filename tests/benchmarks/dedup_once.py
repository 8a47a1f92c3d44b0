"""The process that `dedup_scale` measures: one deduplication of a made corpus, and what it took as a line of JSON.

As `proofpile dedup` does, it first starts its workers, which load their libraries and kernels while it loads its own.
`seconds` begin when that is done; `whole` begins with the process.
"""

import argparse
import json
import os
import time
from pathlib import Path


def main() -> None:
    """Deduplicate and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path)
    parser.add_argument("--name", default="a")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--against", nargs="*", default=[])
    arguments = parser.parse_args()
    began = time.perf_counter() - time.process_time()  # what came before was Python's own start

    from pipelines.engine import guard, nursery, surroundings

    surroundings.begin_again()
    nursery.start("pipelines.stages.matching.signing:ready")

    from pipelines.engine.engine import Engine
    from pipelines.stages import dedup
    from tests.pipelines.corpus.made_corpus import make

    settings = {"against": arguments.against} if arguments.against else {}
    build = make(arguments.root, {}, settings, Engine(workers=arguments.workers), sources=(arguments.name,))
    dedup.warm_up()
    started = time.perf_counter()
    dedup.run(build)
    ended = time.perf_counter()
    guard.stop_idle()
    # The high-water mark of this very process: what getrusage tells is inherited from the process that started it.
    status = Path("/proc/self/status").read_text()
    own = int(status.split("VmHWM:")[1].split()[0]) / 1024
    processor = time.process_time() + sum(os.times()[2:4])
    print(json.dumps({"seconds": ended - started, "whole": ended - began, "driver_mib": own, "processor": processor}))


if __name__ == "__main__":
    main()
