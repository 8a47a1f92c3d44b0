"""How well English is told in manuals full of formulas and code, and other languages full of English commands.

    python -m tests.benchmarks.language_short --model lid.176.ftz --english giac=giac-doc/en --other el=giac-doc/el

Each folder is a manual in one language. Printed is the share of its pages that are taken for English
(`english >= 0.5`), by the published and by the corrected features. Giac's manual of computer algebra (Debian package
`giac-doc`) has commands and results in every line; the manuals of Debian in other languages (`debian-reference-*`,
`debian-faq-it`, `maint-guide-ru`) have names and commands that are English.
"""

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path

from filters.language import ENGLISH_AT_LEAST, LanguageScorer
from manifests.records import Rules
from pipelines.training.pages import read_pages

LEAST_PAGE = 100
"""Characters of a page that says something."""
RULES: tuple[Rules, ...] = ("published", "corrected")


def texts_of(folder: Path, most: int) -> list[str]:
    """The texts of the pages of a folder, by hash of their names."""
    paths = sorted(folder.rglob("*.htm*"), key=lambda path: hashlib.blake2b(path.name.encode()).digest())
    pages = (page.text for path in paths[:most] if path.is_file() for page in read_pages(path, path.name))
    return [text for text in pages if len(text) >= LEAST_PAGE]


def share(scorer: LanguageScorer, texts: Sequence[str]) -> float:
    """How many of the texts are taken for English."""
    return sum(float(scorer.score(text)["english"]) >= ENGLISH_AT_LEAST for text in texts) / max(1, len(texts))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, type=Path)
    parser.add_argument("--english", action="append", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--other", action="append", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--most", type=int, default=150, help="pages a folder")
    arguments = parser.parse_args()
    scorers = {rules: LanguageScorer(arguments.model, rules) for rules in RULES}
    print("| manual | English | pages | published | corrected |\n" + "|---" * 5 + "|")
    for english, places in (("yes", arguments.english), ("no", arguments.other)):
        for place in places:
            name, _, folder = place.partition("=")
            texts = texts_of(Path(folder), arguments.most)
            shares = " | ".join(f"{share(scorer, texts):.3f}" for scorer in scorers.values())
            print(f"| {name} | {english} | {len(texts)} | {shares} |", flush=True)


if __name__ == "__main__":
    main()
