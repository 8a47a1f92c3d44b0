"""The names of HTML that the parser of pages treats specially, as numbers and tables that compiled code can read.

The groups of elements are those of the HTML standard (html.spec.whatwg.org, sections 13.2.4 and 13.2.6, as of 2026),
which is what browsers build: `select` is an element like others, `search` a block.
"""

import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.html.formula_names import ATTRIBUTES as FORMULA_ATTRIBUTES
from pipelines.extraction.html.formula_names import INSIDE
from pipelines.extraction.html.formula_names import TAGS as FORMULA_TAGS

EMPTY = (
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "keygen", "link",
    "meta", "param", "source", "track", "wbr",
)  # fmt: skip
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

_BLOCKS = (
    "address", "article", "aside", "blockquote", "center", "details", "dialog", "dir", "div", "dl", "fieldset",
    "figcaption", "figure", "footer", "header", "hgroup", "main", "menu", "nav", "ol", "search", "section", "summary",
    "ul",
)  # fmt: skip
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_HEAD = ("base", "basefont", "bgsound", "link", "meta", "noframes", "script", "style", "template", "title")
_FORMATS = ("b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u")
_TABLE_PARTS = ("caption", "col", "colgroup", "frame", "head", "tbody", "td", "tfoot", "th", "thead", "tr")
MATH_TEXT = ("mi", "mn", "mo", "ms", "mtext")
SVG_TEXT = ("desc", "foreignobject", "title")
_GROUPS: dict[str, tuple[str, ...]] = {
    "SPECIAL": (
        *_BLOCKS, *_HEADINGS, *_HEAD, *_TABLE_PARTS, "applet", "area", "body", "br", "button", "dd", "dt", "embed",
        "form", "frameset", "hr", "html", "iframe", "img", "input", "keygen", "li", "listing", "marquee", "noembed",
        "noscript", "object", "p", "param", "plaintext", "pre", "select", "source", "table", "textarea", "track", "wbr",
        "xmp",
    ),
    "SCOPE": ("applet", "caption", "html", "table", "td", "th", "marquee", "object", "select", "template"),
    "LIST_SCOPE": ("ol", "ul"),
    "BUTTON_SCOPE": ("button",),
    "TABLE_SCOPE": ("html", "table", "template"),
    "IMPLIED": ("dd", "dt", "li", "optgroup", "option", "p", "rb", "rp", "rt", "rtc"),
    "THOROUGH": ("caption", "colgroup", "tbody", "td", "tfoot", "th", "thead", "tr"),
    "FORMATS": (*_FORMATS, "a", "nobr"),
    "IN_TABLE": ("table", "tbody", "template", "tfoot", "thead", "tr"),
    "HEAD_PART": _HEAD,
    "BREAKS_OUT": (
        *_HEADINGS, "b", "big", "blockquote", "body", "br", "center", "code", "dd", "div", "dl", "dt", "em", "embed",
        "head", "hr", "i", "img", "li", "listing", "menu", "meta", "nobr", "ol", "p", "pre", "ruby", "s", "small",
        "span", "strong", "strike", "sub", "sup", "table", "tt", "u", "ul", "var",
    ),
    "HEADING": _HEADINGS,
}  # fmt: skip
"""What an element is to the rules of the standard; one may be of several groups."""
(
    SPECIAL, SCOPE, LIST_SCOPE, BUTTON_SCOPE, TABLE_SCOPE, IMPLIED, THOROUGH, FORMATS, IN_TABLE, HEAD_PART, BREAKS_OUT,
    HEADING,
) = (1 << place for place in range(len(_GROUPS)))  # fmt: skip
"""The groups as bits."""

_STARTS: tuple[tuple[str, ...], ...] = (
    (), _BLOCKS, _HEADINGS, ("p",), ("pre", "listing"), ("form",), ("li",), ("dd", "dt"), ("plaintext",), ("button",),
    ("a",), _FORMATS, ("nobr",), ("applet", "marquee", "object"), ("table",),
    ("area", "br", "embed", "image", "img", "keygen", "wbr"), ("input",), ("param", "source", "track"), ("hr",),
    ("textarea",), ("xmp",), ("iframe",), ("noembed",), ("select",), ("optgroup", "option"), ("rb", "rtc"),
    ("rp", "rt"), ("math",), ("svg",), _TABLE_PARTS, _HEAD, ("html",), ("body",), ("frameset",),
)  # fmt: skip
(
    S_OTHER, S_BLOCK, S_HEADING, S_P, S_PRE, S_FORM, S_LI, S_ITEM, S_PLAINTEXT, S_BUTTON, S_A, S_FORMAT, S_NOBR,
    S_MARKER, S_TABLE, S_VOID, S_INPUT, S_PARAM, S_HR, S_TEXTAREA, S_XMP, S_IFRAME, S_NOEMBED, S_SELECT, S_OPTION, S_RB,
    S_RT, S_MATH, S_SVG, S_TABLE_PART, S_HEAD, S_HTML, S_BODY, S_FRAMESET,
) = range(len(_STARTS))  # fmt: skip
"""What the start tag of an element does in the body (section 13.2.6.4.7): one number for each list of the standard."""

TAGS = tuple(
    sorted(
        {
            *(name for names in (*_GROUPS.values(), *_STARTS) for name in names),
            *EMPTY,
            *_CONTENTS,
            *_OTHERS,
            *INSIDE,
            *FORMULA_TAGS,
            *MATH_TEXT,
            *SVG_TEXT,
            "malignmark",
            "mglyph",
        }
    )
)
"""The known elements; the number of one is its place here."""
NUMBER = {name: number for number, name in enumerate(TAGS)}

NAMING = ("class", "id", "style", "role", "hidden", "aria-hidden", "itemprop")
"""The attributes that say what an element is for; their numbers are the first."""
ATTRIBUTES = (
    *NAMING, "src", "alt", "title", "href", "type",
    "display", "encoding", "start", "face", "size", "color", *FORMULA_ATTRIBUTES,
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

GROUPS: NDArray[np.int32] = np.zeros(len(TAGS) + 1, np.int32)
"""For every known element its groups as bits; the last is for all others."""
for _place, _names in enumerate(_GROUPS.values()):
    GROUPS[[NUMBER[name] for name in _names]] |= 1 << _place

STARTS: NDArray[np.int32] = np.zeros(len(TAGS) + 1, np.int32)
"""For every known element what its start tag does in the body; the last is for all others."""
for _place, _names in enumerate(_STARTS):
    STARTS[[NUMBER[name] for name in _names]] = _place

CONTENTS: NDArray[np.int32] = np.full(len(TAGS) + 1, MARKUP, np.int32)
"""For every known element what its contents are; the last is for all others."""
for _name, _contents in _CONTENTS.items():
    CONTENTS[NUMBER[_name]] = _contents
