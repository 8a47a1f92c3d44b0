"""Write `dedup/overlap-background.tsv`: how many paragraphs of ordinary mathematics hold a word.

    python -m tests.benchmarks.overlap_background FILE... > dedup/overlap-background.tsv

FILE: LaTeX, saved pages or JSON lines of benchmarks. A paragraph ends at an empty line, or at the end of a JSON string;
words are those of the `exact` method. Words of fewer than `LEAST` paragraphs are left out; the first line counts all.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

from dedup.overlap_words import words_of_text

LEAST = 4


def main() -> None:
    """Count and print."""
    counts: Counter[str] = Counter()
    total = 0
    for name in sys.argv[1:]:
        text = Path(name).read_bytes().decode("utf-8", "replace")
        if name.endswith(".jsonl"):
            rows = [json.loads(line) for line in text.splitlines()]
            paragraphs = [value for row in rows for value in row.values() if isinstance(value, str)]
        else:
            paragraphs = re.split(r"\n\s*\n|</p>|<br>|</li>", text)
        for paragraph in paragraphs:
            words = {word for word in words_of_text(paragraph) if word.isalpha() and len(word) > 1}
            total += bool(words)
            counts.update(words)
    print(f"\t{total}")
    for word, count in sorted(counts.items()):
        if count >= LEAST:
            print(f"{word}\t{count}")


if __name__ == "__main__":
    main()
