"""How deduplication grows: time and memory for 100,000 and 1,000,000 documents of 2 KB, and for 5 % more on top.

    python -m tests.benchmarks.dedup_scale --text FOLDER --work FOLDER [--documents 100000 1000000] [--workers 2]

The documents are made by a stated generator from the lines of real files under --text: each is 2 KB of lines drawn at
random; then 5 % of all documents are exact copies of an earlier one and 15 % are copies with 1 to 20 % of the words
replaced. Every measured run is a process of its own (`dedup_once`). `seconds` begin when its program and its workers
have loaded, `whole` when the process starts; `cpu s` is the processor time of it and its children from their start;
`memory` is the most that all of them held together at one moment, the sum of their proportional set sizes read from
/proc twice a second; `driver` is the high-water mark of the first process alone. The first row, a run of a hundred
documents, shows what it takes to start. `--addition` also measures a new corpus of 5 % of the documents against the
largest one. Last comes what 60 million documents (OpenWebMath before deduplication) and 10 billion need, from the
largest run's costs a document.
"""

import argparse
import contextlib
import itertools
import json
import math
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq

from dedup.minhash import recall_bands
from manifests import ledger
from manifests.records import Document
from manifests.settings.dedup import DedupSettings
from pipelines.stages.dedup import EDGE_BYTES
from pipelines.stages.matching import equal, similar
from tests.pipelines.corpus.made_corpus import make

DOCUMENT_BYTES = 2000
"""Of a document, if nothing else is asked for."""
FILE_DOCUMENTS = 25_000
EXACT, NEAR = 0.05, 0.15
MOST_EDITED = 0.20
FEW = 100
"""Documents of a run that shows what starting takes."""
MACHINE_CORES, DAY_HOURS = 16, 24
STAR_BYTES = 72
"""Of an edge in a round of stars: both directions, the large star's edges, the small star's, and its parents."""
MEMBER_BYTES = 150
"""Of a document in a cluster where survivors are chosen: numbers, id, hashes, and their order."""


def real_lines(folder: Path, most: int = 400_000) -> list[str]:
    """Distinct lines of 20 to 200 characters of the files below `folder`, in a fixed order."""
    seen: dict[str, None] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size < 2_000_000):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        seen.update(dict.fromkeys(line for line in text.splitlines() if 20 <= len(line) <= 200))
        if len(seen) >= most:
            break
    return list(seen)[:most]


def documents(lines: list[str], count: int, seed: int, prefix: str, size: int = DOCUMENT_BYTES) -> Iterator[Document]:
    """The generator described above; documents have about `size` bytes."""
    generator = np.random.default_rng(seed)
    lengths = np.array([len(line) + 1 for line in lines])
    recent: list[str] = []
    for number in range(count):
        kind = generator.random()
        if recent and kind < EXACT + NEAR:
            text = recent[generator.integers(len(recent))]
            if kind >= EXACT:
                words = text.split(" ")
                share = generator.uniform(0.01, MOST_EDITED)
                for place in np.flatnonzero(generator.random(len(words)) < share).tolist():
                    words[place] = f"edit{generator.integers(1 << 30)}"
                text = " ".join(words)
        else:
            drawn = generator.integers(len(lines), size=80)
            take = int(np.searchsorted(np.cumsum(lengths[drawn]), size)) + 1
            text = "\n".join(lines[line] for line in drawn[:take].tolist())
            if len(recent) < 50_000:
                recent.append(text)
            else:
                recent[generator.integers(50_000)] = text
        yield Document(f"{prefix}:{number:08d}", prefix, "", text)


def prepare(root: Path, made: Iterator[Document], count: int, source: str) -> None:
    """Write a corpus of `count` documents, unless it is there."""
    if (root / "made").is_file():
        return
    shutil.rmtree(root, ignore_errors=True)
    for part in range(0, count, FILE_DOCUMENTS):
        rows = [next(made) for _ in range(min(FILE_DOCUMENTS, count - part))]
        make(root, {f"{source}/{part // FILE_DOCUMENTS:04d}": rows}, sources=(source,))
    (root / "made").write_text("")


def tree_mib(pid: int) -> float:
    """Memory of a process and everything below it: the sum of proportional set sizes, in MiB."""
    total = 0.0
    pending = [pid]
    while pending:
        place = Path("/proc") / str(pending.pop())
        with contextlib.suppress(OSError, ValueError):  # it may end while it is looked at
            for task in (place / "task").iterdir():
                pending += map(int, (task / "children").read_text().split())
            rollup = (place / "smaps_rollup").read_text()
            total += int(rollup.split("\nPss:")[1].split()[0]) / 1024
    return total


class Cost(NamedTuple):
    """What a run took: wall-clock and processor seconds, and memory in MiB of all processes and of the first."""

    seconds: float
    whole: float
    processor: float
    tree_mib: float
    driver_mib: float


def measured(root: Path, source: str, workers: int, against: Path | None = None) -> Cost:
    """Deduplicate `root` from nothing in a process of its own."""
    for name in (
        "signatures",
        "duplicates",
        "clusters",
        "ledger/signatures",
        "ledger/keys",
        "ledger/dedup",
        "ledger/clusters",
    ):
        shutil.rmtree(root / name, ignore_errors=True)
    command = [sys.executable, "-m", "tests.benchmarks.dedup_once", str(root), "--name", source]
    command += ["--workers", str(workers)] + ([] if against is None else ["--against", str(against)])
    peak = 0.0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            peak = max(peak, tree_mib(process.pid))
            time.sleep(0.5)
        assert process.stdout is not None
        said = process.stdout.read().splitlines()
    if process.returncode:
        raise SystemExit(f"the measured run of {root} failed")
    return Cost(**json.loads(said[-1]), tree_mib=peak)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, help="folder of real files whose lines are used")
    parser.add_argument("--work", type=Path, help="folder for the corpora (kept between runs)")
    parser.add_argument("--documents", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--bytes", type=int, default=DOCUMENT_BYTES, help="of a document")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--addition", action="store_true", help="also measure 5 %% more against the largest corpus")
    arguments = parser.parse_args()
    lines = real_lines(arguments.text)
    print(f"{len(lines):,} distinct real lines; {arguments.workers} workers")
    heads = f"{'documents':>12} {'seconds':>8} {'whole':>8} {'cpu s':>8} {'us/doc':>7}"
    print(f"{heads} {'memory':>9} {'driver':>9} {'dropped':>9}", flush=True)
    largest, result, count = Path(), Cost(0, 0, 0, 0, 0), 0
    costs = []
    few = arguments.work / f"corpus-{FEW}"
    prepare(few, documents(lines, FEW, FEW, "a"), FEW, "a")
    measured(few, "a", arguments.workers)  # the very first run compiles the kernels
    for count in (FEW, *arguments.documents):
        largest = arguments.work / f"corpus-{arguments.bytes}-{count}"
        prepare(largest, documents(lines, count, count, "a", arguments.bytes), count, "a")
        result = measured(largest, "a", arguments.workers)
        costs.append(result)
        show(count, result, largest)
    if arguments.addition:
        more = count // 20
        root = arguments.work / f"addition-{more}"
        # A fifth of the addition are documents of the corpus under other ids, the rest is made anew.
        again = documents(lines, more // 5, count, "again", arguments.bytes)
        made = itertools.chain(again, documents(lines, more - more // 5, more, "new", arguments.bytes))
        prepare(root, made, more, "b")
        added = measured(root, "b", arguments.workers, largest)
        show(more, added, root)
        start = costs[0]
        print(
            f"{more:,} more documents against {count:,}: {added.seconds / result.seconds:.1%} of their time "
            f"({added.whole / result.whole:.1%} with the start of the program) and "
            f"{added.processor / result.processor:.1%} of their processor time; less what {FEW} documents take, "
            f"{(added.seconds - start.seconds) / (result.seconds - start.seconds):.1%} and "
            f"{(added.processor - start.processor) / (result.processor - start.processor):.1%}"
        )
    needs(largest, result.processor / count, (count, 60_000_000, 10_000_000_000))


def needs(root: Path, processor: float, counts: Sequence[int]) -> None:
    """Print what so many documents need if they are like those of `root`, of which one took `processor` seconds.

    Disk: signatures, records, keys. Shuffled: at most; a pair travels once for each band in which it meets. Graph: what
    union-find needs on one worker; a larger graph is solved by stars on the runner, three shuffles a round, in about
    as many rounds as the largest cluster has halvings. Survivors: the table of all members of clusters, which one
    process sorts.
    """
    signed = list(ledger.read_entries(root, "signatures"))
    numbers = next(iter(ledger.read_entries(root, "clusters"))).numbers
    clusters = pq.read_table(root / "clusters" / "clusters.parquet", columns=["size"]).column("size").to_numpy()
    documents = sum(entry.read for entry in signed)
    kept = [*signed, *ledger.read_entries(root, "keys")]
    disk = sum(fact.bytes for entry in kept for fact in entry.outputs) / documents
    bands = recall_bands(DedupSettings().threshold).bands
    pairs, edges = (numbers[name] / documents for name in ("candidates", "confirmed"))
    shuffled = len(equal.KINDS) * equal.ROW_BYTES + bands * similar.ROW_BYTES * (1 + pairs)
    rounds = math.ceil(math.log2(max(2, int(clusters[0])))) + 1
    print(
        f"{'documents':>14} {'core hours':>11} {'machines':>9} {'disk':>9} {'shuffled':>10} {'shuffles':>8} "
        f"{'graph':>9} {'survivors':>9}   ({MACHINE_CORES} cores each, done in {DAY_HOURS} hours)"
    )
    for count in counts:
        hours = count * processor / 3600
        graph = count * edges * EDGE_BYTES
        stars = graph > DedupSettings().graph_mb << 20
        moved = count * (shuffled + (STAR_BYTES * edges * rounds if stars else 0))
        survivors = count * clusters.sum() / documents * MEMBER_BYTES
        print(
            f"{count:14,} {hours:11,.1f} {math.ceil(hours / MACHINE_CORES / DAY_HOURS):9,} {size_of(count * disk):>9} "
            f"{size_of(moved):>10} {3 + 3 * rounds * stars:8} {size_of(graph):>9} {size_of(survivors):>9}"
        )


def size_of(count: float) -> str:
    """Bytes for people."""
    return f"{count / 1e6:,.0f} MB" if count < 1e9 else f"{count / 1e9:,.0f} GB"


def show(count: int, result: Cost, root: Path) -> None:
    """One line of the table."""
    sums = ledger.totals(ledger.read_entries(root, "dedup"))["dedup"]
    dropped = sum(sum(part.rejected.values()) for part in sums.values())
    print(
        f"{count:12,} {result.seconds:8.1f} {result.whole:8.1f} {result.processor:8.1f} "
        f"{result.processor / count * 1e6:7.1f} {result.tree_mib:5.0f} MiB {result.driver_mib:5.0f} MiB {dropped:9,}",
        flush=True,
    )


if __name__ == "__main__":
    main()
