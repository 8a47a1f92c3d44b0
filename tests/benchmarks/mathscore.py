"""How well a math score finds mathematics in pages that no training set of its kind held, and how fast.

Each set is a folder of pages whose subject is known, or the items of a test set: `FILE:FIELD` is a field of every line
of a JSON lines file, `FILE:FIELD+FIELD` two fields together, `FILE:FIELD*20` twenty items as one text, and `@1/2` or
`@2/2` at the end takes every other line. The classifier never sees LaTeX. Pages that hold none of the commonest LaTeX
commands are counted apart: those are the ones that only the words can give away.

    python -m tests.benchmarks.mathscore --model manifests/models/mathscore.bin \\
        --about-math planetmath=latex/planetmath --about-math 'MATH=math_test.jsonl:problem*20@2/2' \\
        --not-math apache=apache2-doc
"""

import argparse
import hashlib
import json
import time
from pathlib import Path
from typing import NamedTuple

from filters.latex_commands import holds_command
from filters.mathscore import MathScorer, features
from pipelines.training.judgement import Scored, calibration_table, quality_table
from pipelines.training.labelled import LEAST_WORDS
from pipelines.training.pages import read_pages, readable

SHOWN = (0.17, 0.5, 0.8)


class Judged(NamedTuple):
    """One page: where it is from, whether it is about mathematics, whether it holds LaTeX, its score."""

    group: str
    about_math: bool
    latex: bool
    score: float


def texts_of(place: str, most: int, least_words: int) -> list[str]:
    """Up to `most` texts of a folder (by hash of the files' names) or of a file of items, too short ones left out."""
    found = _items(place) if ":" in place else _pages(Path(place), most)
    return [text for text in found if features(text).count(" ") + 1 >= least_words][:most]


def _pages(folder: Path, most: int) -> list[str]:
    names = sorted(readable(folder), key=lambda path: hashlib.blake2b(str(path.relative_to(folder)).encode()).digest())
    return [page.text for path in names[:most] for page in read_pages(path, path.name)]


def _items(place: str) -> list[str]:
    """The texts that `FILE:FIELD[+FIELD…][*N][@1/2]` stands for."""
    file, _, rest = place.rpartition(":")
    rest, _, half = rest.partition("@")
    fields, _, together = rest.partition("*")
    rows = [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines()]
    rows = rows[1::2] if half == "2/2" else rows[::2] if half == "1/2" else rows
    texts = ["\n".join(str(row[field]) for field in fields.split("+")) for row in rows]
    size = int(together or 1)
    return ["\n\n".join(texts[start : start + size]) for start in range(0, len(texts), size)]


def main() -> None:
    """Read the arguments and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, type=Path)
    parser.add_argument("--about-math", action="append", default=[], metavar="NAME=PLACE")
    parser.add_argument("--not-math", action="append", default=[], metavar="NAME=PLACE")
    parser.add_argument("--most", type=int, default=400, help="files or items a set")
    parser.add_argument("--least-words", type=int, default=LEAST_WORDS, help="leave out texts with fewer words left")
    arguments = parser.parse_args()
    scorer = MathScorer(arguments.model)
    judged: list[Judged] = []
    seconds = size = 0.0
    print("| set | about mathematics | pages |" + "".join(f" > {t} |" for t in SHOWN), end="")
    print(" without LaTeX |" + "".join(f" > {t} |" for t in SHOWN) + "\n|" + "---|" * 10)
    for about, sets in ((True, arguments.about_math), (False, arguments.not_math)):
        for item in sets:
            name, _, place = item.partition("=")
            texts = texts_of(place, arguments.most, arguments.least_words)
            started = time.perf_counter()
            scores = [float(scorer.score(text)["math_score"]) for text in texts]
            seconds += time.perf_counter() - started
            size += sum(map(len, texts))
            found = [Judged(name, about, holds_command(t), s) for t, s in zip(texts, scores, strict=True)]
            judged += found
            cells = [f"| {name} | {'yes' if about else 'no'}"]
            for held in (found, [page for page in found if not page.latex]):
                cells.append(str(len(held)))
                cells += [f"{sum(page.score > t for page in held) / max(len(held), 1):.3f}" for t in SHOWN]
            print(" | ".join(cells) + " |")
    plain = [Scored(page.score, page.about_math) for page in judged if not page.latex]
    print(f"\nPages without LaTeX, all sets ({len(plain)}):\n{quality_table(plain)}")
    print(f"\nCalibration, all pages:\n{calibration_table([Scored(page.score, page.about_math) for page in judged])}")
    print(f"\n{len(judged) / seconds:.0f} pages/s, {size / seconds / 1e6:.1f} MB/s")


if __name__ == "__main__":
    main()
