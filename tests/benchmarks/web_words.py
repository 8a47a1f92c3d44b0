"""Words of real pages that the parser loses beside lexbor, the parser of the standard's tree in Resiliparse.

    python -m tests.benchmarks.web_words FOLDER... [--pages 10000]

Pages are taken by a hash of their names, so that every collection of a folder has its share. Both parsers are given the
same bytes; what they keep below `html` is compared as text and, where that differs, word by word with how often each
stands there. A page of which a word is lost is printed.
"""

import argparse
import re
from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from resiliparse.parse.html import HTMLTree

from pipelines.extraction.html import parser as html_parser
from pipelines.extraction.html.charset import to_utf8
from pipelines.extraction.html.tree import Tree
from pipelines.extraction.pages.source import readable

LARGEST = 1_500_000
_WORD = re.compile(r"\w+")


class Difference(NamedTuple):
    """The words of one page: how many there are, which are lost, which are said beyond lexbor's; same text or not."""

    words: int
    lost: Counter[str]
    more: Counter[str]
    same: bool


def chosen(folders: list[Path], most: int) -> Iterator[Path]:
    """The pages with the smallest hashes of their names."""
    pages = {path for folder in folders for ending in ("*.html", "*.htm", "*.xhtml") for path in folder.rglob(ending)}
    files = [path for path in pages if path.is_file() and 0 < path.stat().st_size <= LARGEST]
    yield from sorted(files, key=lambda path: blake2b(str(path).encode(), digest_size=8).digest())[:most]


def difference(page: bytes) -> Difference:
    """One page through both parsers."""
    source = readable(to_utf8(page, None))
    theirs, ours = _lexbor(source), _own(source)
    if theirs == ours:
        return Difference(len(_WORD.findall(ours)), Counter(), Counter(), True)
    said, kept = (Counter(_WORD.findall(text)) for text in (theirs, ours))
    return Difference(said.total(), said - kept, kept - said, False)


def _lexbor(source: bytes) -> str:
    document = HTMLTree.parse(source.decode("utf-8", "replace")).document
    html = document.get_elements_by_tag_name("html") if document is not None else []
    return "".join(element.text or "" for element in list(html)[:1])


def _own(source: bytes) -> str:
    parsed = html_parser.parse(source)
    return Tree(parsed, source).text_below(0) if len(parsed.nodes) else ""


def main() -> None:
    """Print the pages that differ, and the sums."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--pages", type=int, default=10_000)
    options = parser.parse_args()
    pages = words = lost = more = differing = 0
    for path in chosen(options.folders, options.pages):
        found = difference(path.read_bytes())
        pages += 1
        words += found.words
        lost += found.lost.total()
        more += found.more.total()
        differing += not found.same
        if found.lost or found.more:
            print(f"{path}: lost {found.lost.most_common(6)}, more {found.more.most_common(6)}", flush=True)
    print(f"{pages} pages, {words} words: {lost} lost, {more} more, the text of {differing} pages differs")


if __name__ == "__main__":
    main()
