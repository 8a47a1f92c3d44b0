"""How well a math score finds mathematics in pages that no training set of its kind held, and how fast.

Each set is a folder of pages whose subject is known. Pages are judged twice: as they are, and without anything that
is LaTeX (which must make no difference to the score: the classifier never sees it). Pages that hold none of the
commonest LaTeX commands are counted apart: those are the ones that only the words can give away.

    python -m tests.benchmarks.mathscore --model manifests/models/mathscore.bin \\
        --about-math planetmath=latex/planetmath --about-math gap=gap-doc --not-math apache=apache2-doc
"""

import argparse
import hashlib
import time
from pathlib import Path
from typing import NamedTuple

from filters.latex_commands import holds_command
from filters.mathscore import MathScorer, features
from pipelines.training.judgement import Scored, quality_table
from pipelines.training.labelled import LEAST_WORDS
from pipelines.training.pages import read_pages, readable

SHOWN = (0.17, 0.5, 0.8)


class Judged(NamedTuple):
    """One page: where it is from, whether it is about mathematics, whether it holds LaTeX, its score."""

    group: str
    about_math: bool
    latex: bool
    score: float


def texts_of(folder: Path, most: int) -> list[str]:
    """The texts of up to `most` files by hash of their names; too short ones are left out."""
    names = sorted(readable(folder), key=lambda path: hashlib.blake2b(str(path.relative_to(folder)).encode()).digest())
    found = [page.text for path in names[:most] for page in read_pages(path, path.name)]
    return [text for text in found if features(text).count(" ") + 1 >= LEAST_WORDS]


def main() -> None:
    """Read the arguments and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, type=Path)
    parser.add_argument("--about-math", action="append", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--not-math", action="append", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--most", type=int, default=400, help="files a set")
    arguments = parser.parse_args()
    scorer = MathScorer(arguments.model)
    judged: list[Judged] = []
    seconds = size = 0.0
    print("| set | about mathematics | pages |" + "".join(f" > {t} |" for t in SHOWN), end="")
    print(" without LaTeX |" + "".join(f" > {t} |" for t in SHOWN) + "\n|" + "---|" * 10)
    for about, sets in ((True, arguments.about_math), (False, arguments.not_math)):
        for item in sets:
            name, _, folder = item.partition("=")
            texts = texts_of(Path(folder), arguments.most)
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
    print(f"\n{len(judged) / seconds:.0f} pages/s, {size / seconds / 1e6:.1f} MB/s")


if __name__ == "__main__":
    main()
