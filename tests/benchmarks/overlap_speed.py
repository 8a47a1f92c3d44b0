"""How fast benchmark overlap is found, beside the method of the published script, on the same texts in one run.

    python -m tests.benchmarks.overlap_speed --text FOLDER --benchmark math=FILE gsm8k=FILE [--megabytes 30] [--items N]

The published method (repository wellecks/overlap) makes the set of a document's n-grams and intersects it with each
item's set, for one field and one n at a time; it is written anew here, set for set. Ours scans for all fields and all n
at once. Times are processor time of one core. Both must find the same items in the same documents at n = 30, or the
command ends with an error. With `--items` the benchmarks are filled up to so many items by others of the same words in
another order. The index is mapped from a file, whose size is printed, as is the memory of this process that the search
takes besides it.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from dedup.benchmarks import Item, read_benchmark
from dedup.overlap import Overlap


def texts(folder: Path, most: int) -> list[tuple[str, str]]:
    """Named texts of the files below `folder`, in a fixed order, repeated up to about `most` bytes."""
    found: list[tuple[str, str]] = []
    total = 0
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            found.append((str(path), text))
            total += len(text.encode())
            if total >= most:
                return found
    if not found:
        raise SystemExit(f"{folder}: no texts")
    once = list(found)
    while total < most:
        found += once
        total += sum(len(text.encode()) for _, text in once)
    return found


class PublishedMethod:
    """One field, one n: for every document its set of n-grams, and for every item the intersection with its own."""

    def __init__(self, items: list[Item], field: str, n: int) -> None:
        self.n = n
        self.index = [
            ((item.benchmark, item.id), set(self.grams(text)))
            for item in items
            for name, text in item.fields
            if name == field
        ]

    def grams(self, text: str) -> list[str]:
        """The n-grams of whitespace-separated words."""
        words = text.split()
        return [" ".join(words[start : start + self.n]) for start in range(len(words) - self.n + 1)]

    def hits(self, text: str) -> set[tuple[str, str]]:
        """The items that share an n-gram with the text."""
        grams = set(self.grams(text))
        return {name for name, own in self.index if grams.intersection(own)}


def main() -> None:
    """Time all and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, required=True, help="folder of texts")
    parser.add_argument("--benchmark", nargs="+", required=True, metavar="NAME=FILE", help="test sets")
    parser.add_argument("--megabytes", type=float, default=30, help="texts for ours (default 30)")
    parser.add_argument("--peer-megabytes", type=float, default=1, help="texts for the published method (default 1)")
    parser.add_argument("--items", type=int, help="items looked for (default: those of the files)")
    arguments = parser.parse_args()
    items = [
        item
        for given in arguments.benchmark
        for item in read_benchmark(given.partition("=")[0], Path(given.partition("=")[2]))
    ]
    items = filled(items, arguments.items) if arguments.items else items
    documents = texts(arguments.text, int(arguments.megabytes * 1e6))
    few = texts(arguments.text, int(arguments.peer_megabytes * 1e6))
    print(f"{len(items):,} items, {len(documents):,} documents")
    peer = PublishedMethod(items, "problem", 30)
    started = time.process_time()
    theirs = {(name, item) for name, text in few for item in peer.hits(text)}
    slow = rate(few, time.process_time() - started)
    print(f"published method, problems, n = 30        {slow:9.2f} MB/s")
    for method, fuzzy, about in (
        ("published", False, "n = 20, 30, all fields"),
        ("exact", False, "n = 10, 13, 20, 30, all fields"),
        ("exact", True, "and edited texts"),
    ):
        started = time.process_time()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "index"
            Overlap(items, method, fuzzy=fuzzy).save(path)  # type: ignore[arg-type] # one of the two
            built = time.process_time() - started
            size = path.stat().st_size
            overlap = Overlap.load(path)
        list(overlap.find(documents[:1]))
        before = own_memory()
        best = 0.0
        for _ in range(3):
            started = time.process_time()
            found = list(overlap.find(documents))
            best = max(best, rate(documents, time.process_time() - started))
        print(
            f"ours, {method:<9} {about:<31}{best:6.1f} MB/s, {best / slow:7.0f} times; index {built:.1f} s, "
            f"{size / 1e6:.0f} MB; {(own_memory() - before) / 1e6:+.0f} MB while searching"
        )
        if method == "published":
            names = {name for name, _ in few}
            ours = {
                (hit.document_id, (hit.benchmark, hit.item_id))
                for hit in found
                if hit.n == 30 and hit.field == "problem" and hit.document_id in names
            }
            if ours != theirs:
                sys.exit(f"the hits differ: {sorted(ours ^ theirs)[:5]}")
            print(f"the same {len(ours)} hits as the published method")


def filled(items: list[Item], count: int) -> list[Item]:
    """The items, and others of the same words in another order, up to `count`."""
    draw = random.Random(20)
    more = list(items)
    while len(more) < count:
        item = items[len(more) % len(items)]
        fields = []
        for field, text in item.fields:
            words = text.split(" ")
            draw.shuffle(words)
            fields.append((field, " ".join(words)))
        more.append(Item(item.benchmark, f"{item.id}-{len(more)}", tuple(fields)))
    return more[:count]


def own_memory() -> float:
    """Bytes of memory that belong to this process alone: not what is mapped from files."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * float(next(line for line in status.splitlines() if line.startswith("RssAnon")).split()[1])


def rate(documents: list[tuple[str, str]], seconds: float) -> float:
    """MB/s."""
    return sum(len(text.encode()) for _, text in documents) / seconds / 1e6


if __name__ == "__main__":
    main()
