"""The names of HTML that the parser of pages treats specially, as numbers and tables that compiled code can read.

Which start tag closes which open element and which end tags reach past open elements is as in libxml2 2.14
(HTMLparser.c): HTML as browsers wrote it down before HTML 5, which never moves an element, so that one pass over the
bytes builds the tree. Where that loses text the HTML standard counts: its void elements (section 13.1.2) are empty.
"""

import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.html.formula_names import ATTRIBUTES as FORMULA_ATTRIBUTES
from pipelines.extraction.html.formula_names import INSIDE
from pipelines.extraction.html.formula_names import TAGS as FORMULA_TAGS

_CLOSED_BY = {
    "a": "a fieldset table td th", "address": "dd dl dt form li ul", "b": "center p td th", "big": "p",
    "caption": "col colgroup tbody tfoot thead tr", "col": "col colgroup tbody tfoot thead tr",
    "colgroup": "colgroup tbody tfoot thead tr", "dd": "dt", "dir": "dd dl dt form ul", "dl": "form li",
    "dt": "dd dl", "font": "center td th", "form": "form", "h1": "fieldset form li p table",
    "h2": "fieldset form li p table", "h3": "fieldset form li p table", "h4": "fieldset form li p table",
    "h5": "fieldset form li p table", "h6": "fieldset form li p table",
    "head": "a abbr acronym address b bdo big blockquote body br center cite code dd dfn dir div dl dt em fieldset "
            "font form frameset h1 h2 h3 h4 h5 h6 hr i iframe img kbd li listing map menu ol p pre q s samp small span "
            "strike strong sub sup table tt u ul var xmp",
    "hr": "form", "i": "center p td th", "legend": "fieldset", "li": "li", "link": "body frameset",
    "listing": "dd dl dt fieldset form li table ul", "menu": "dd dl dt form ul", "ol": "form",
    "option": "optgroup option",
    "p": "address blockquote body caption center col colgroup dd dir div dl dt fieldset form frameset h1 h2 h3 h4 h5 "
         "h6 head hr li listing menu ol p pre table tbody td tfoot th title tr ul xmp",
    "pre": "dd dl dt fieldset form li table ul", "s": "p", "script": "noscript", "small": "p", "span": "td th",
    "strike": "p", "style": "body frameset", "tbody": "tbody tfoot", "td": "tbody td tfoot th tr", "tfoot": "tbody",
    "th": "tbody td tfoot th tr", "thead": "tbody tfoot", "title": "body frameset", "tr": "tbody tfoot tr", "tt": "p",
    "u": "p td th", "ul": "address form menu pre", "xmp": "dd dl dt fieldset form li table ul",
}  # fmt: skip
"""For an open element, the start tags that close it."""

_PRIORITIES = {
    "div": 150, "td": 160, "th": 160, "tr": 170, "thead": 180, "tbody": 180, "tfoot": 180, "table": 190, "head": 200,
    "body": 200, "html": 220,
}  # fmt: skip
"""An end tag that finds an open element of a higher priority on its way is ignored."""

EMPTY = (
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "isindex", "keygen",
    "link", "meta", "param", "source", "track", "wbr",
)  # fmt: skip
FORMATTING = (
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
)  # fmt: skip
"""The elements that the HTML standard calls formatting (section 13.2.4.2): pages forget to close them."""
MARKUP, REFERENCES_ONLY, RAW, PLAIN, SCRIPT = range(5)
"""What the contents of an element are: markup, text with character references, text, text to the end, a script."""
_CONTENTS = {
    "iframe": RAW, "noembed": RAW, "noframes": RAW, "plaintext": PLAIN, "script": SCRIPT, "style": RAW,
    "textarea": REFERENCES_ONLY, "title": REFERENCES_ONLY, "xmp": RAW,
}  # fmt: skip

_OTHERS = (
    "acronym", "abbr", "article", "aside", "audio", "bdi", "bdo", "blockquote", "button", "canvas", "center",
    "cite", "code", "data", "datalist", "del", "details", "dfn", "dialog", "embed", "fieldset", "figcaption",
    "figure", "footer", "header", "hgroup", "ins", "kbd", "label", "main", "map", "mark", "meter", "nav",
    "noscript", "object", "optgroup", "output", "picture", "progress", "q", "rp", "rt", "ruby", "samp",
    "section", "select", "source", "span", "strong", "sub", "summary", "sup", "svg", "table", "template",
    "time", "track", "var", "video", "wbr", "em", "math", "semantics", "annotation", "annotation-xml", "mi",
    "mn", "mo", "ms", "mtext", "mspace", "mrow", "mfrac", "msqrt", "mroot", "mstyle", "merror", "mpadded",
    "mphantom", "mfenced", "menclose", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mtable",
    "mtr", "mtd", "g", "use", "path", "rect", "text", "mjx-container", "mjx-math", "mjx-c", "math-renderer",
    "math-field", "tex-math", "mml:math", "m:math", "applet", "frameset",
)  # fmt: skip

TAGS = tuple(
    sorted(
        {
            *_CLOSED_BY,
            *" ".join(_CLOSED_BY.values()).split(),
            *_PRIORITIES,
            *EMPTY,
            *_CONTENTS,
            *FORMATTING,
            *_OTHERS,
            *INSIDE,
            *FORMULA_TAGS,
        }
    )
)
"""The known elements; the number of one is its place here."""
NUMBER = {name: number for number, name in enumerate(TAGS)}

NAMING = ("class", "id", "style", "role", "hidden", "aria-hidden", "itemprop")
"""The attributes that say what an element is for; their numbers are the first."""
ATTRIBUTES = (
    *NAMING, "src", "alt", "title", "href", "type",
    "display", "encoding", "start", *FORMULA_ATTRIBUTES,
)  # fmt: skip
"""The attributes that are looked for in every page; the number of one is its place here."""
ATTRIBUTE_NUMBER = {name: number for number, name in enumerate(ATTRIBUTES)}


def hashed(name: bytes) -> int:
    """The hash of a name in lower case (FNV-1a, 32 bits), as the parser computes it."""
    value = 2166136261
    for byte in name:
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value


class Names:
    """Names in one array, found by their hash: `slots[hash & mask]` is the number of a name, or -1."""

    def __init__(self, names: tuple[str, ...], size: int) -> None:
        data = [name.encode() for name in names]
        self.bytes: NDArray[np.uint8] = np.frombuffer(b"".join(data), np.uint8)
        self.starts: NDArray[np.int32] = np.cumsum([0, *map(len, data)]).astype(np.int32)
        self.slots: NDArray[np.int32] = np.full(size, -1, np.int32)
        for number, name in enumerate(data):
            place = hashed(name) & (size - 1)
            while self.slots[place] >= 0:
                place = (place + 1) & (size - 1)
            self.slots[place] = number


TAG_NAMES = Names(TAGS, 1024)
ATTRIBUTE_NAMES = Names(ATTRIBUTES, 256)

CLOSES: NDArray[np.uint8] = np.zeros((len(TAGS), len(TAGS)), np.uint8)
"""`CLOSES[open, new]`: the start tag `new` ends the element `open`."""
for _open, _new in _CLOSED_BY.items():
    CLOSES[NUMBER[_open], [NUMBER[name] for name in _new.split()]] = 1

KINDS: NDArray[np.int32] = np.full((len(TAGS), 3), (100, 0, MARKUP), np.int32)
"""For every known element: the priority of its end tag, whether it is empty, what its contents are."""
for _name, _priority in _PRIORITIES.items():
    KINDS[NUMBER[_name], 0] = _priority
KINDS[[NUMBER[name] for name in EMPTY], 1] = 1
for _name, _contents in _CONTENTS.items():
    KINDS[NUMBER[_name], 2] = _contents
