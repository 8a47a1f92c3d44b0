"""Benchmarks: the test sets that a corpus is audited against, read from the files they are published in.

`read_benchmark` gives the items of a file; `read` tells besides which columns were read and which were not. `files/`
holds one module a kind of file, `columns` knows the usual names of columns, `choices` the options of questions.
"""

from dedup.benchmarks.items import LINE, BenchmarkFormat, Item, Reading, layout_of, problem_digest
from dedup.benchmarks.reading import read, read_benchmark, read_parts

__all__ = [
    "LINE",
    "BenchmarkFormat",
    "Item",
    "Reading",
    "layout_of",
    "problem_digest",
    "read",
    "read_benchmark",
    "read_parts",
]
