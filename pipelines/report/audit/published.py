"""What the Llemma paper found in Proof-Pile-2, to stand beside an audit of the same sources.

Section 3.5 of arXiv 2310.10631: 30-grams of whitespace-separated words, items and documents hit by source. The 34 MATH
solutions are 36 in the files behind it (repository wellecks/overlap): its script counts one item a document.
"""

from collections.abc import Sequence
from typing import NamedTuple

from pipelines.report.audit.sums import Row

N = 30
METHOD = "published"


class Figure(NamedTuple):
    """Items hit and documents hit."""

    items: int
    documents: int


LLEMMA = {
    ("open-web-math", "math", "problem"): Figure(348, 717),
    ("open-web-math", "math", "solution"): Figure(34, 46),
    ("open-web-math", "gsm8k", "problem"): Figure(2, 3),
    ("open-web-math", "gsm8k", "solution"): Figure(0, 0),
    ("algebraic-stack", "math", "problem"): Figure(3, 3),
    ("algebraic-stack", "math", "solution"): Figure(1, 1),
    ("algebraic-stack", "gsm8k", "problem"): Figure(0, 0),
    ("algebraic-stack", "gsm8k", "solution"): Figure(0, 0),
}
"""By source, benchmark and field."""


def beside(rows: Sequence[Row]) -> list[tuple[str, str, str, Figure, Figure]]:
    """Source, benchmark, field, the paper's figures and those of an audit, where it asked the same."""
    found = []
    for row in rows:
        paper = LLEMMA.get((row.source, row.benchmark, row.field))
        if paper is not None and (row.method, row.n) == (METHOD, N):
            ours = Figure(row.items_hit, row.documents_hit)
            found.append((row.source, row.benchmark, row.field, paper, ours))
    return found
