"""The overlap table as it is printed."""

from dedup.overlap_summary import EVERY_SOURCE
from pipelines.stages.audit_table import render

ROWS = [
    (EVERY_SOURCE, "exact", "math", "problem", 10, 5000, 412, 7, 1, 3),
    (EVERY_SOURCE, "exact", "math", "problem", 13, 5000, 800, 9, 0, 0),
    (EVERY_SOURCE, "fuzzy", "math", "problem", 0, 5000, 0, 7, 70, 108),
    (EVERY_SOURCE, "counted", "math", "problem", 0, 5000, 0, 7, 0, 0),
    (EVERY_SOURCE, "exact", "gsm8k", "problem", 10, 1319, 0, 0, 0, 0),
    (EVERY_SOURCE, "counted", "gsm8k", "problem", 0, 1319, 0, 0, 0, 0),
    ("web", "exact", "math", "problem", 10, 5000, 412, 7, 1, 3),
]


def test_what_was_found_stands_beside_what_of_it_counts() -> None:
    lines = [line.split() for line in render(ROWS).splitlines()]
    assert lines[1:4] == [
        ["math", "problem", "exact", "10", "5,000", "412", "7", "1", "3"],
        ["math", "problem", "fuzzy", "5,000", "0", "7", "70", "108"],
        ["math", "problem", "counted", "5,000", "0", "7", "0", "0"],
    ]


def test_what_was_not_found_is_told_with_what_could_be_seen() -> None:
    told = render(ROWS).splitlines()[4:]
    assert told == [
        "nothing found in gsm8k problem (1,319 of 1,319 can be seen)",
        "3 rows of zeros are left out here; all are in overlap/summary.parquet",
    ]
