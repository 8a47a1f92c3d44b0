"""How well English is recognised: pages of manuals in many languages, whole and partly translated.

A page's language is read from its address: a folder named by a language (`installation-guide-amd64/de/…`) or the
ending of its name (`ch01.de.html`). Debian's manuals are laid out so: installation-guide-amd64 (19 languages),
debian-reference-*, debian-faq-*, maint-guide-*, debian-handbook, apache2-doc. Many pages there are English in spite of
their address, or half translated, and some under an English address are not English: pages that declare another
language than their address are left out. For the others the truth is counted: the share of a page's characters in lines
that stand in an English edition too. Less than a tenth: another language. More than nine tenths: English. The others
are mixed pages, shown apart by their share. Unpack the packages, then

    python -m tests.benchmarks.language --model lid.176.ftz --pages FOLDER [--most 60]

Printed are, for the published and the corrected features, precision and recall of `english >= 0.5`, the languages with
pages that went wrong, the mixed pages kept, and speed.
"""

import argparse
import hashlib
import re
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from filters.language import ENGLISH_AT_LEAST, LanguageScorer
from manifests.records import Rules
from pipelines.training.pages import read_pages

LEAST_CHARACTERS = 200
LEAST_LINE = 30
PURE = 0.9
LANGUAGES = frozenset(re.findall("..", "arcacsdadeelenesfafrhrhuiditjakonbnlplptrorusvtrukvizh"))
_IN_FOLDER = re.compile(r"/([a-z]{2})(?:[_-][A-Za-z]{2,4})?/")
_IN_NAME = re.compile(r"\.([a-z]{2})(?:[_-][A-Za-z]{2,4})?\.html?$")
_LANG = re.compile(rb"<html\b[^<>]{0,400}?\blang=[\"']?([a-zA-Z]{2})")
RULES: tuple[Rules, ...] = ("published", "corrected")


def language_of(name: str) -> str | None:
    """The language that a page's address tells."""
    found = _IN_NAME.search(name) or _IN_FOLDER.search(name)
    return found[1] if found and found[1] in LANGUAGES else None


def _declared(path: Path) -> str | None:
    """The language that the page itself declares, if it declares one."""
    with path.open("rb") as file:
        found = _LANG.search(file.read(4096))
    return found[1].decode().lower() if found else None


class Sample(NamedTuple):
    """A page, the language of its address, and the counted share of English in it."""

    language: str
    name: str
    text: str
    english: float


def collect(folders: Sequence[Path], most: int) -> list[Sample]:
    """Up to `most` pages a language and folder, by hash of the name, and all English ones."""
    pages: list[tuple[str, str, str]] = []
    for folder in folders:
        names: dict[str, list[str]] = defaultdict(list)
        for path in folder.rglob("*.htm*"):
            name = "/" + path.relative_to(folder).as_posix()
            if path.is_file() and (language := language_of(name)) and _declared(path) in (None, language):
                names[language].append(name)
        for language, found in names.items():
            found.sort(key=lambda name: hashlib.blake2b(name.encode()).digest())
            for name in found if language == "en" else found[:most]:
                for page in read_pages(folder / name[1:], name):
                    if len(page.text) >= LEAST_CHARACTERS:
                        pages.append((language, name, page.text))
    known = {line for language, _, text in pages if language == "en" for line in _lines(text)}
    return [Sample(*page, _share_of(page[2], known)) for page in pages]


def _lines(text: str) -> list[str]:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [line for line in lines if len(line) >= LEAST_LINE]


def _share_of(text: str, known: set[str]) -> float:
    lines = _lines(text)
    size = sum(map(len, lines))
    return sum(len(line) for line in lines if line in known) / size if size else 0.5


def judge(samples: Sequence[Sample], model: Path, rules: Rules, errors: int) -> None:
    """Print precision and recall, the languages that went wrong, and the mixed pages kept."""
    scorer = LanguageScorer(model, rules)
    started = time.perf_counter()
    scores = [float(scorer.score(sample.text)["english"]) for sample in samples]
    seconds = time.perf_counter() - started
    size = sum(len(sample.text) for sample in samples)
    taken = [(sample, score >= ENGLISH_AT_LEAST, score) for sample, score in zip(samples, scores, strict=True)]
    english = [kept for sample, kept, _ in taken if sample.english > PURE]
    other = [(sample, kept, score) for sample, kept, score in taken if sample.english < 1 - PURE]
    false = sum(kept for _, kept, _ in other)
    languages = len({sample.language for sample, _, _ in other})
    print(
        f"\n{rules}: precision {sum(english) / max(sum(english) + false, 1):.4f}, "
        f"recall {sum(english) / max(len(english), 1):.4f} on {len(english)} English pages and {len(other)} in "
        f"{languages} other languages; {len(samples) / seconds:.0f} pages/s, {size / seconds / 1e6:.1f} MB/s"
    )
    for language in sorted({sample.language for sample, _, _ in other}):
        held = [item for item in other if item[0].language == language]
        wrong = [item for item in held if item[1]]
        print(f"  {language}: {len(held)} pages, {len(wrong)} taken for English")
        for sample, _, score in wrong[:errors]:
            print(f"      {score:.3f} {sample.name} {' '.join(sample.text.split())[:120]!r}")
    print("  mixed pages, by the counted share of English: pages, share kept")
    for low in range(1, 9):
        held = [item for item in taken if low / 10 <= item[0].english < (low + 1) / 10]
        if held:
            share = sum(kept for _, kept, _ in held) / len(held)
            print(f"    {low / 10:.1f}–{(low + 1) / 10:.1f}: {len(held)}, {share:.2f}")


def main() -> None:
    """Read the arguments and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, type=Path)
    parser.add_argument("--pages", required=True, type=Path, action="append")
    parser.add_argument("--most", type=int, default=60, help="pages a language and folder")
    parser.add_argument("--errors", type=int, default=0, help="show so many wrong pages a language")
    arguments = parser.parse_args()
    samples = collect(arguments.pages, arguments.most)
    for rules in RULES:
        judge(samples, arguments.model, rules, arguments.errors)


if __name__ == "__main__":
    main()
