"""How much of a page's layout the text keeps: rows of tables and lines of preformatted text, ours beside the peers.

    python -m tests.benchmarks.web_structure FOLDER... [--per-collection 20] [--extractors blocks,lynx]

The main element of a page is known from its template (`web_generators`). A row of a table of data (two rows or more of
two cells or more, no table inside) is kept if the words of its cells stand in one line, in their order; a line of
preformatted text is kept if it is a line of the text, its indentation as it was against that of the line before it.
lynx lays out every table and keeps what is preformatted: it is the peer to learn from.
"""

import argparse
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree

from pipelines.extraction.html.charset import decode
from tests.benchmarks.web_extractors import extractors
from tests.benchmarks.web_generators import Sample, samples

FEWEST_ROWS, FEWEST_CELLS = 2, 2
LONGEST_CELL = 200
"""Characters: a longer one is text that is laid out, and no data."""
_WORD = re.compile(r"\w+")


class Structure(NamedTuple):
    """The rows of a page's tables, each as its words, and its preformatted lines, each as indentation and text."""

    rows: list[tuple[str, ...]]
    lines: list[tuple[int, str]]


def structure_of(page: str, main: str) -> Structure | None:
    """What a page lays out in its main element (XPath); None if it has none."""
    root = etree.fromstring(page.encode(), etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True))
    found = root.xpath(main) if main and root is not None else []
    if not found:
        return None
    rows = [words for table in found[0].iter("table") for words in _rows(table)]
    lines = [line for pre in found[0].iter("pre") if next(pre.iter("table"), None) is None for line in _lines(pre)]
    return Structure(rows, lines)


def _rows(table: Any) -> Iterator[tuple[str, ...]]:
    """The words of each row of a table of data."""
    if (
        next(table.iterdescendants("table"), None) is not None
        or next(table.iter("pre", "math", "img"), None) is not None
    ):
        return
    rows = [[_text_of(cell) for cell in row if cell.tag in {"td", "th"}] for row in table.iter("tr")]
    full = [row for row in rows if sum(bool(_WORD.search(cell)) for cell in row) >= FEWEST_CELLS]
    if len(full) >= FEWEST_ROWS and all(len(cell) <= LONGEST_CELL for row in full for cell in row):
        yield from (tuple(_WORD.findall(" ".join(row))) for row in full)


def _text_of(cell: Any) -> str:
    return " ".join("".join(cell.itertext()).split())


def _lines(pre: Any) -> Iterator[tuple[int, str]]:
    """The lines that say something, with what each is indented by against the least indented one."""
    for line in pre.iter("br"):
        line.tail = "\n" + (line.tail or "")
    lines = [line.expandtabs().rstrip() for line in "".join(pre.itertext()).split("\n")]
    yield from _indented(line for line in lines if _WORD.search(line))


def _indented(lines: Iterator[str]) -> Iterator[tuple[int, str]]:
    """Each line with its indentation against that of the line before it."""
    before = 0
    for line in lines:
        indent = len(line) - len(line.lstrip())
        yield indent - before, " ".join(line.split())
        before = indent


def kept(expected: Structure, text: str) -> tuple[int, int]:
    """How many of the rows, and of the preformatted lines, a text keeps."""
    lines = [line.expandtabs().rstrip() for line in text.split("\n")]
    rows = Counter(tuple(_WORD.findall(line)) for line in lines)
    said = Counter(_indented(line for line in lines if _WORD.search(line)))
    return (Counter(expected.rows) & rows).total(), (Counter(expected.lines) & said).total()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--per-collection", type=int, default=20)
    parser.add_argument("--largest", type=int, default=300_000, help="bytes of the largest page to take")
    parser.add_argument("--extractors", default="blocks,trafilatura,resiliparse,lynx")
    parser.add_argument("--lost", type=int, default=0, help="print so many rows and lines that the first one loses")
    options = parser.parse_args()
    runs = extractors(options.extractors)
    pages: list[tuple[Sample, Structure]] = []
    for sample in samples(options.folders, options.per_collection, options.largest):
        found = structure_of(decode(sample.data), sample.generator.main)
        if found is not None and (found.rows or found.lines):
            pages.append((sample, found))
    rows, lines = (sum(len(part) for part in parts) for parts in zip(*(found for _, found in pages), strict=True))
    print(f"{len(pages)} pages, {rows} rows of tables, {lines} preformatted lines\n")
    print("| program | rows | lines |\n|---|---|---|")
    for name, run in runs.items():
        right = [kept(found, run(sample.data)) for sample, found in pages]
        shares = (sum(one[part] for one in right) / max(1, total) for part, total in enumerate((rows, lines)))
        print(f"| {name} | " + " | ".join(f"{share:.3f}" for share in shares) + " |")
    if options.lost:
        _show(pages, next(iter(runs.values())), options.lost)


def _show(pages: list[tuple[Sample, Structure]], run: Any, most: int) -> None:
    """Print the pages that lose most, with the first rows and lines that are lost."""
    losses = []
    for sample, found in pages:
        text = run(sample.data)
        rows, lines = kept(found, text)
        losses.append((len(found.rows) + len(found.lines) - rows - lines, sample, found, text))
    for number, sample, found, text in sorted(losses, key=lambda loss: -loss[0])[:most]:
        print(f"{number} {sample.generator.name} {sample.path}")
        every = text.split("\n")
        said = {tuple(_WORD.findall(line)) for line in every}
        told = set(_indented(line.expandtabs().rstrip() for line in every if _WORD.search(line)))
        print("    rows", [" ".join(row)[:60] for row in found.rows if row not in said][:3])
        print("    lines", [line for line in found.lines if line not in told][:3])


if __name__ == "__main__":
    main()
