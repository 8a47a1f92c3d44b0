"""Are the hits that were published found again: documents, items and every n-gram, by the method `published`.

    python -m tests.benchmarks.overlap_published BENCHMARKS HITS...

BENCHMARKS: the folder of math_test.jsonl and gsm8k_test.jsonl. HITS: files of the repository wellecks/overlap
(`output/llemma/CORPUS_BENCHMARK_FIELD_hits_30.json`), one document a line with its text and the n-grams that the Llemma
authors found in it. Prints for each file, and for all, how many of its documents and items are found, how many n-grams
are missing or too many, and how many of its pairs of a document and an item the headline counts. Ends with an error if
a document, an item or an n-gram differs.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

from dedup.benchmarks import read_benchmark
from dedup.overlap import Overlap

N = 30


class Found(NamedTuple):
    """Documents as (file, line), items as (field, benchmark, id), n-grams as (file, line, id, words)."""

    documents: set[tuple[str, int]]
    items: set[tuple[str, str, str]]
    grams: set[tuple[str, int, str, str]]


def main() -> None:
    """Read, search, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmarks", type=Path)
    parser.add_argument("hits", type=Path, nargs="+")
    arguments = parser.parse_args()
    items = [
        item for name in ("math", "gsm8k") for item in read_benchmark(name, arguments.benchmarks / f"{name}_test.jsonl")
    ]
    published, exact = Overlap(items, "published", (N,)), Overlap(items, "exact")
    theirs, ours = Found(set(), set(), set()), Found(set(), set(), set())
    for path in arguments.hits:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        benchmark = "gsm8k" if "gsm8k" in path.name else "math"
        field = "problem" if "_input_" in path.name else "solution"
        said, found = _said(path.name, benchmark, field, rows), _found(published, path.name, benchmark, field, rows)
        counted = _pairs(exact, benchmark, rows)
        _print(path.name, said, found, counted)
        for total, part in zip((*theirs, *ours), (*said, *found), strict=True):
            total.update(part)  # type: ignore[arg-type] # each set with the same of one file
    _print("all", theirs, ours, (0, 0))
    if theirs != ours:
        sys.exit("what was published is not found again")


def _said(name: str, benchmark: str, field: str, rows: list[dict[str, Any]]) -> Found:
    grams = {
        (name, number, str(hit["test_id"]), hit["ngram"])
        for number, row in enumerate(rows)
        for hit in row["hits"]
        if hit["test_id"] >= 0
    }
    return _sums(name, benchmark, field, grams)


def _found(overlap: Overlap, name: str, benchmark: str, field: str, rows: list[dict[str, Any]]) -> Found:
    grams = set()
    for hit in overlap.find((str(number), row["text"]) for number, row in enumerate(rows)):
        if (hit.benchmark, hit.field) == (benchmark, field):
            words = rows[int(hit.document_id)]["text"][hit.document_start : hit.document_end].split()
            grams |= {
                (name, int(hit.document_id), hit.item_id, " ".join(words[at : at + N]))
                for at in range(len(words) - N + 1)
            }
    return _sums(name, benchmark, field, grams)


def _sums(name: str, benchmark: str, field: str, grams: set[tuple[str, int, str, str]]) -> Found:
    return Found({(name, gram[1]) for gram in grams}, {(field, benchmark, gram[2]) for gram in grams}, grams)


def _pairs(overlap: Overlap, benchmark: str, rows: list[dict[str, Any]]) -> tuple[int, int]:
    """How many of the pairs of a document and an item that a file names the headline counts, and how many it names."""
    pairs = {
        (str(number), str(hit["test_id"]))
        for number, row in enumerate(rows)
        for hit in row["hits"]
        if hit["test_id"] >= 0
    }
    hits = overlap.find((str(number), row["text"]) for number, row in enumerate(rows))
    return len(
        {(hit.document_id, hit.item_id) for hit in hits if hit.counted and hit.benchmark == benchmark} & pairs
    ), len(pairs)


def _print(name: str, said: Found, found: Found, counted: tuple[int, int]) -> None:
    pairs = f"; the headline counts {counted[0]} of {counted[1]} pairs" if counted[1] else ""
    print(
        f"{name}: documents {len(found.documents & said.documents)} of {len(said.documents)}, items "
        f"{len(found.items & said.items)} of {len(said.items)}, n-grams {len(found.grams & said.grams):,} of "
        f"{len(said.grams):,} and {len(found.grams - said.grams)} others{pairs}"
    )


if __name__ == "__main__":
    main()
