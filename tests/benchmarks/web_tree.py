"""The tree of a page beside the HTML standard's: html5lib's suite, and how fast pages are parsed.

    python -m tests.benchmarks.web_tree SUITE [--pages FOLDER]

SUITE is the folder `tree-construction` of html5lib-tests with `.dat` files. Printed are the shares of tests whose whole
tree, whose text and whose text in order are right; with pages the speed of the parser in megabytes a second of
processor time.
"""

import argparse
import time
from pathlib import Path

from pipelines.extraction.html import parser as html_parser
from pipelines.extraction.pages.source import readable
from tests.pipelines.extraction.html.tree_suite import cases, rows_of, text_of

LARGEST = 1_000_000
ROUNDS = 3


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suite", type=Path)
    parser.add_argument("--pages", type=Path)
    options = parser.parse_args()
    found = [(case.rows, rows_of(case.page)) for path in sorted(options.suite.glob("*.dat")) for case in cases(path)]
    number = max(1, len(found))
    tree = sum(theirs == ours for theirs, ours in found) / number
    text = sum(sorted(text_of(theirs)) == sorted(text_of(ours)) for theirs, ours in found) / number
    order = sum(text_of(theirs) == text_of(ours) for theirs, ours in found) / number
    print(f"{number} tests: tree {tree:.3f}, text {text:.3f}, order {order:.3f}")
    if options.pages:
        pages = [path.read_bytes() for path in sorted(options.pages.rglob("*.html"))]
        sources = [readable(page.decode("utf-8", "replace").encode()) for page in pages if 0 < len(page) < LARGEST]
        print(f"{speed(sources):.0f} MB/s on {len(sources)} pages")


def speed(sources: list[bytes]) -> float:
    """Megabytes a second, the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        for source in sources:
            html_parser.parse(source)
        best = min(best, time.process_time() - start)
    return sum(map(len, sources)) / best / 1e6


if __name__ == "__main__":
    main()
