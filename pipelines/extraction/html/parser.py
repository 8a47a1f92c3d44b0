"""Reads HTML into a tree of arrays in one pass over its bytes.

The tree is the one that the HTML standard builds (html.spec.whatwg.org, section 13.2), comments and declarations left
out and the contents of a `template` as its children; see `pipelines.extraction.html.construct_kernel`. It differs where
a page would cost more than it says: at most `MAX_ACTIVE` formatting elements are opened again in the next block, and
no more than two for each tag of the page. OpenWebMath's extractor read pages with lexbor, which builds the same tree,
so both rules of extraction use it. A page that begins as XML has its `<a/>` ended, as readers of XML do.

Time and memory are linear in the page's length; a page nested deeper than `MAX_DEPTH` or with a tag of more than
`limits.MAX_ATTRIBUTES` attributes ends with `Fault`. Formatting elements that a page never closes do not count: beyond
`MAX_DEPTH` the next one stands beside the last.

A tree is a buffer of bytes and a table of elements in document order, one row each (columns in `build_kernel`). The
buffer begins with the source; decoded texts lie behind it. Texts are spans of the buffer, as in lxml: `TEXT` stands
before an element's first child, `TAIL` behind its end tag.
"""

import re
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.html.build_kernel import (
    BEHIND,
    CLONES,
    COLUMNS,
    COUNT,
    KNOWN,
    MAX_DEPTH,
    MOVED,
    NULS,
    OPEN,
    QUIRKS,
    SPARE,
    USED,
    XML,
)
from pipelines.extraction.html.names import ATTRIBUTE_NAMES, TAG_NAMES
from pipelines.extraction.html.order_kernel import end_rows, order
from pipelines.extraction.html.references import REFERENCES
from pipelines.extraction.html.scan_kernel import count_two
from pipelines.extraction.html.token_kernel import read_tokens

__all__ = ["MAX_DEPTH", "Fault", "Parsed", "parse"]

MARGIN = 16
"""Zeros behind the source in the buffer, so that a look ahead needs no check."""
_SPARE = 8_192
_PROLOG = re.compile(rb"\s{0,100}<\?xml\s", re.IGNORECASE)
_QUIRKS = re.compile(
    rb"<!doctype\s{1,9}(?!html[\s>])|<!doctype\s{1,9}html\s{1,9}public\s{1,9}[\"'](?:-//(?:ietf|w3o|netscape|microsoft|"
    rb"softquad|sun|webtechs|as|advasoft|metrius|o'reilly|spyglass|sq)|-//w3c//dtd (?:html (?:3|4\.0 (?:frameset|"
    rb"transitional)|experimental|i18n)|w3 html)|-//w3c//dtd html 4\.01 (?:frameset|transitional)//en[\"']\s{0,9}>|"
    rb"html[\"'])|"
    rb"<!doctype\s{1,9}html\s{1,9}system\s{1,9}[\"']http://www\.ibm\.com/data/dtd/v11/",
    re.IGNORECASE,
)
"""The declarations that mean an old page, in which a table may stand in a paragraph (section 13.2.6.4.1)."""
_DECLARATION = b"<!doctype"
"""What each of these begins with: to look for it first spares pages without one the search."""
_SIGHT = 2_000


class Fault(IntEnum):
    """Why a page was not read to its end."""

    NONE = 0
    DEPTH = 1
    ATTRIBUTES = 2
    ROOM = 3


class Tables(NamedTuple):
    """What the compiled code looks things up in."""

    tag_slots: NDArray[np.int32]
    tag_starts: NDArray[np.int32]
    tag_bytes: NDArray[np.uint8]
    attribute_slots: NDArray[np.int32]
    attribute_starts: NDArray[np.int32]
    attribute_bytes: NDArray[np.uint8]
    reference_slots: NDArray[np.int32]
    reference_rows: NDArray[np.int32]
    reference_bytes: NDArray[np.uint8]


TABLES = Tables(
    TAG_NAMES.slots, TAG_NAMES.starts, TAG_NAMES.bytes,
    ATTRIBUTE_NAMES.slots, ATTRIBUTE_NAMES.starts, ATTRIBUTE_NAMES.bytes, *REFERENCES,
)  # fmt: skip


class Parsed(NamedTuple):
    """A page as arrays: see the head of this module. `names` are the spans of names that are not known.

    `behind` is the first row behind the page's first `</body>` or `</html>`, the number of rows where there is none.
    """

    buffer: NDArray[np.uint8]
    source: int
    used: int
    nodes: NDArray[np.int32]
    attributes: NDArray[np.int32]
    names: NDArray[np.int32]
    fault: Fault
    behind: int


def parse(source: bytes) -> Parsed:
    """Read `source`: valid UTF-8, line ends as `\\n`."""
    size = len(source)
    spare = size // 4 + _SPARE
    data = np.frombuffer(source, np.uint8)
    tags, nuls = (int(count) for count in count_two(data, 60, 0))
    buffer = np.empty(size + MARGIN + size + size // 4 + 64 + spare + 2 * nuls, np.uint8)
    buffer[:size] = data
    buffer[size : size + MARGIN] = 0
    slots = 1 << max(6, (2 * tags).bit_length())
    room = 2 * tags + size // 64 + 16
    begin = source[:_SIGHT].lower().find(_DECLARATION)
    quirks = begin >= 0 and _QUIRKS.search(source, begin, _SIGHT) is not None
    xml = _PROLOG.match(source) is not None
    while True:
        # A start tag makes three rows at most (`td`: `tbody` and `tr` too), and a text may need one.
        nodes = np.empty((6 * tags + 64, COLUMNS), np.int32)
        attributes = np.empty((room, 5), np.int32)
        names = np.empty((tags + 1, 2), np.int32)
        w = np.zeros(OPEN + KNOWN + tags + 2, np.int32)
        w[CLONES], w[SPARE], w[USED], w[QUIRKS], w[XML] = 2 * tags + 16, spare, size + MARGIN, quirks, xml
        w[NULS] = nuls > 0
        attribute_count, own, fault = read_tokens(
            buffer, size, nodes, w, attributes, names, np.full(slots, -1, np.int32), TABLES
        )
        if fault != Fault.ROOM:
            break
        room *= 4
    count, behind = int(w[COUNT]), int(w[BEHIND])
    behind = count if behind < 0 else behind
    if w[MOVED] and count:
        places, ordered = np.empty(count, np.int32), np.empty((count, COLUMNS), np.int32)
        total = int(order(nodes, count, places, ordered))
        later = places[behind:]
        behind = int(later[later >= 0].min(initial=total))
        nodes, count = ordered, total
    end_rows(nodes, count)
    return Parsed(
        buffer, size, int(w[USED]), nodes[:count], attributes[:attribute_count], names[:own], Fault(fault), behind
    )
