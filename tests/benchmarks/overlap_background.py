"""Write `dedup/overlap/background.tsv`: how many paragraphs of ordinary mathematics and English hold a word.

    python -m tests.benchmarks.overlap_background FOLDER... > dedup/overlap/background.tsv

FOLDER: texts of one kind (papers in LaTeX, pages of documentation as text, prose); each kind counts alike, as if it had
as many paragraphs as the largest. No benchmark may be among them. A paragraph ends at an empty line or, in a collection
of sayings, at a line `%`; words are those of the `exact` method. Words of fewer than `LEAST` paragraphs are left out,
as are those as rare as no word is counted to be; the first line counts all. The table that ships was counted from LaTeX
of public repositories, the documentation of SymPy, GAP, Octave, Maxima and FLINT, the glosses of WordNet 3.0, Debian's
handbook and history, and its package `fortunes`.
"""

import re
import sys
from collections import Counter
from math import log2
from pathlib import Path

from dedup.overlap.evidence import QUARTERS, RAREST
from dedup.overlap.words import words_of_text

LEAST = 5


def count(folder: Path) -> tuple[int, Counter[str]]:
    """How many paragraphs the texts of a folder have, and in how many of them each word stands."""
    counts: Counter[str] = Counter()
    total = 0
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        text = path.read_bytes().decode("utf-8", "replace")
        for paragraph in re.split(r"\n\s*\n|\n%\n", text):
            words = {word for word in words_of_text(paragraph) if word.isalpha() and len(word) > 1}
            total += bool(words)
            counts.update(words)
    return total, counts


def main() -> None:
    """Count and print."""
    kinds = [count(Path(name)) for name in sys.argv[1:]]
    most = max(total for total, _ in kinds)
    counts: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for total, words in kinds:
        seen.update(words)
        for word, number in words.items():
            counts[word] += number * most // total
    paragraphs = most * len(kinds)
    print(f"\t{paragraphs}")
    for word, number in sorted(counts.items()):
        if seen[word] >= LEAST and number and QUARTERS * log2(paragraphs / number) < RAREST - 0.5:
            print(f"{word}\t{number}")


if __name__ == "__main__":
    main()
