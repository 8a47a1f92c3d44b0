"""Words of real pages that the parser loses beside lexbor, the parser of the standard's tree in Resiliparse.

    python -m tests.benchmarks.web_words FOLDER... [--pages 10000]

Pages are taken by a hash of their names, so that every collection of a folder has its share. Both parsers are given the
same bytes; what they keep below `html` is compared as text and, where that differs, word by word with how often each
stands there. A page of which a word is lost is printed. A page that begins as XML is compared with what libxml2 reads
as XML: lexbor does not end its `<script/>` and shows the rest as text.
"""

import argparse
import re
from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b
from html.entities import name2codepoint
from pathlib import Path
from typing import NamedTuple

from lxml import etree
from resiliparse.parse.html import HTMLTree

from pipelines.extraction.html import parser as html_parser
from pipelines.extraction.html.charset import to_utf8
from pipelines.extraction.html.tree import Tree
from pipelines.extraction.pages.source import readable

LARGEST = 1_500_000
_WORD = re.compile(r"\w+")
_ENTITY = re.compile(rb"&([a-zA-Z][a-zA-Z0-9]*);")
_PROLOG = re.compile(rb"\s{0,100}<\?xml\s", re.IGNORECASE)


class Difference(NamedTuple):
    """The words of one page: how many there are, which are lost, which are said beyond lexbor's; same words or not."""

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
    theirs, ours = _xml(source) or _lexbor(source), _own(source)
    if theirs == ours:
        return Difference(len(_WORD.findall(ours)), Counter(), Counter(), True)
    said, kept = (Counter(_WORD.findall(text)) for text in (theirs, ours))
    return Difference(said.total(), said - kept, kept - said, said == kept)


def _xml(source: bytes) -> str:
    """The text of a page that begins as XML; empty for others, and for those that are none."""
    if not _PROLOG.match(source):
        return ""
    numbered = _ENTITY.sub(_as_number, source)
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, remove_comments=True, huge_tree=True
    )
    root = etree.fromstring(numbered, parser)
    if root is None:
        return ""
    for block in root.iter("{*}pre"):  # HTML drops the line break that opens one, XML keeps it
        block.text = (block.text or "").removeprefix("\n")
    return "".join(root.itertext())


def _as_number(entity: re.Match[bytes]) -> bytes:
    """A named entity as a number, which needs no declaration."""
    return b"&#%d;" % name2codepoint.get(entity.group(1).decode(), ord(" "))


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
