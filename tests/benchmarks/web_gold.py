"""Main text against texts that people marked by hand, ours beside the peers, by the field's published sets.

    python -m tests.benchmarks.web_gold SET... [--extractors blocks,trafilatura,resiliparse] [--worst 20]

A SET is a checkout of one of these, known by its files: scrapinghub/article-extraction-benchmark (181 articles),
opendatalab/magic-html (158 articles, 103 threads of forums), mozilla/readability (its test pages; their truth is
that program's own output, looked through by its makers) and markusmobius/go-trafilatura (trafilatura's own evaluation:
926 pages with phrases that must and phrases that must not be there). Of the first three only pages whose marked text
is English are judged, as a corpus keeps no others.

Precision and recall of a page count runs of four words, as scrapinghub's `evaluate.py` does, and are averaged over
pages; the page's title may be there and need not. With phrases, they count all phrases alike: found ones that must be
there, out of all found and out of all that must be. Pages are split in two halves by a hash of their name: rules are
made while looking at one, and the other is for the final judgement.
"""

import argparse
import gzip
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from lxml import html as lxml_html

from pipelines.extraction.html.charset import decode
from tests.benchmarks.web_extractors import Extractor, extractors
from tests.benchmarks.web_truth import strip_math

WORD = re.compile(r"\w+")
RUN = 4
"""Words a run: scrapinghub's measure."""
COMMON = frozenset({"the", "of", "and", "to", "in", "is", "that", "for", "it", "with", "as", "on", "be", "this"})
FEWEST_COMMON = 0.1


class Marked(NamedTuple):
    """One page and what people marked in it: its text, or phrases that must and must not be in the text."""

    name: str
    data: bytes
    text: str = ""
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()

    @property
    def half(self) -> str:
        return "development" if hashlib.sha256(self.name.encode()).digest()[0] % 2 == 0 else "held-out"

    @property
    def titles(self) -> Counter[tuple[str, ...]]:
        """The runs of words in the page's title and main headings, which are allowed but not demanded."""
        tree = lxml_html.fromstring(decode(self.data).encode(), parser=lxml_html.HTMLParser(encoding="utf-8"))
        return sum((_runs(node.text_content()) for node in tree.iter("title", "h1")), Counter())

    @property
    def english(self) -> bool:
        """Whether the marked text is English, or there is none to tell by."""
        words = WORD.findall(self.text)
        common = sum(word.lower() in COMMON for word in words)
        return bool(self.wanted) or (bool(words) and common >= FEWEST_COMMON * len(words))


def _scrapinghub(folder: Path) -> Iterator[Marked]:
    for key, row in json.loads((folder / "ground-truth.json").read_text()).items():
        yield Marked(key[:12], gzip.decompress((folder / f"html/{key}.html.gz").read_bytes()), row["articleBody"])


def _magic_html(folder: Path) -> Iterator[Marked]:
    for kind in ("article", "forum"):
        base = folder / "benchmark/data" / kind
        for key, row in json.loads((base / "base.json").read_text()).items():
            page = base / "htmls" / f"{key}.html"
            if page.exists():
                yield Marked(f"{kind} {row['url']}", page.read_bytes(), row["content"])


def _readability(folder: Path) -> Iterator[Marked]:
    for page in sorted((folder / "test/test-pages").glob("*/source.html")):
        truth = lxml_html.fromstring((page.parent / "expected.html").read_bytes().decode())
        yield Marked(page.parent.name, page.read_bytes(), " ".join(truth.itertext()))


_ENTRY = re.compile(r'File:\s+"([^"]+)".*?\n\t\},', re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def _phrases(entry: str, name: str) -> tuple[str, ...]:
    found = re.search(rf"\n\t\t{name}:\s+\[\]string\{{(.*?)\}},?\n", entry)
    return tuple(json.loads(text) for text in _STRING.findall(found.group(1))) if found else ()


def _trafilatura(folder: Path) -> Iterator[Marked]:
    for entry in _ENTRY.finditer((folder / "scripts/comparison/data.go").read_text()):
        page = folder / "test-files/comparison" / entry.group(1)
        wanted = _phrases(entry.group(0), "With")
        if page.exists() and wanted:
            yield Marked(page.name, page.read_bytes(), "", wanted, _phrases(entry.group(0), "Without"))


SETS: tuple[tuple[str, str, Callable[[Path], Iterator[Marked]]], ...] = (
    ("article-extraction-benchmark", "ground-truth.json", _scrapinghub),
    ("magic-html", "benchmark/data/article/base.json", _magic_html),
    ("readability", "test/test-pages", _readability),
    ("go-trafilatura", "scripts/comparison/data.go", _trafilatura),
)


def _runs(text: str) -> Counter[tuple[str, ...]]:
    words = WORD.findall(strip_math(text))
    return Counter(tuple(words[at : at + RUN]) for at in range(max(1, len(words) - RUN + 1)))


class Counts(NamedTuple):
    """What one program found on one page: what it should, what it should not, what it should have."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 0.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 0.0


def judge(marked: Marked, said: str) -> Counts:
    """Runs of words of a page with a marked text, or phrases."""
    if marked.wanted:
        right = sum(phrase in said for phrase in marked.wanted)
        return Counts(right, sum(phrase in said for phrase in marked.unwanted), len(marked.wanted) - right)
    wanted, got = _runs(marked.text), _runs(said)
    got -= marked.titles - wanted
    both = (wanted & got).total()
    return Counts(both, got.total() - both, wanted.total() - both)


def summary(rows: list[Counts], phrases: bool) -> str:
    """Precision / recall (F) of a program: of all phrases, or the averages over pages."""
    if phrases:
        whole = Counts(*(sum(column) for column in zip(*rows, strict=True)))
        precision, recall = whole.precision, whole.recall
    else:
        precision, recall = sum(r.precision for r in rows) / len(rows), sum(r.recall for r in rows) / len(rows)
    return f"{precision:.3f} / {recall:.3f} ({2 * precision * recall / ((precision + recall) or 1.0):.3f})"


def _run(extractor: Extractor, marked: Marked) -> str:
    try:
        return extractor(marked.data)
    except Exception as error:
        print(f"failed: {marked.name}: {error!r}", file=sys.stderr)
        return ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", type=Path)
    parser.add_argument("--extractors", default="blocks,trafilatura,resiliparse")
    parser.add_argument("--worst", type=int, default=0)
    parser.add_argument("--half", choices=("development", "held-out", "all"), default="all")
    options = parser.parse_args()
    programs = extractors(options.extractors)
    print("| set | pages | " + " | ".join(programs) + " |\n" + "|---" * (2 + len(programs)) + "|")
    for folder in options.sets:
        known = [(name, read) for name, mark, read in SETS if (folder / mark).exists()]
        if not known:
            parser.error(f"{folder}: expected a checkout of one of {', '.join(name for name, _, _ in SETS)}")
        name, read = known[0]
        pages = [page for page in read(folder) if page.english and options.half in ("all", page.half)]
        scores = {p: [judge(page, _run(run, page)) for page in pages] for p, run in programs.items()}
        cells = [summary(rows, bool(pages[0].wanted)) for rows in scores.values()]
        print(f"| {name} | {len(pages)} | " + " | ".join(cells) + " |", flush=True)
        first = next(iter(scores.values()))
        order = sorted(range(len(pages)), key=lambda at: min(first[at].precision, first[at].recall))
        for at in order[: options.worst]:
            print(
                "  ",
                pages[at].name,
                *(f"{p} {rows[at].precision:.2f}/{rows[at].recall:.2f}" for p, rows in scores.items()),
            )


if __name__ == "__main__":
    main()
