"""Reads scripts that a page sets by style: raised and lowered text becomes `sup` and `sub`.

Google Docs exports `vertical-align: super` as a class of its own (`.c3{…}` in the page's `style`), Word and hand-made
pages write it, or a relative position, into `style` attributes. Without it `10⁵` is read as `105`. The other way round,
the letters behind an ordinal number (19th, 2e, 1er) are raised and no power.
"""

import re

from pipelines.extraction.html.names import NUMBER
from pipelines.extraction.html.tree import Node, Tree
from pipelines.extraction.math.style_sheets import sheet_rules

_ORDINAL = re.compile(
    rb"<(?:sup|SUP)\b[^<>]{0,80}>\s?(?:st|nd|rd|th|er|re|eme|\xc3\xa8me|\xc3\xa8re|\xc2\xba|\xc2\xaa|mo|ma|TM|SM|tm|"
    rb"\xc2\xae|\xc2\xa9|\xe2\x84\xa2|&(?:reg|copy|trade);|&#(?:174|169|8482);)\s?<"
)
_ORDINAL_LETTERS = frozenset(
    ["st", "nd", "rd", "th", "er", "re", "ère", "ème", "eme", "º", "ª", "mo", "ma"]
)  # fmt: skip
_OWNERS = frozenset({"tm", "sm", "®", "©", "™", "℠"})
"""Marks of trade and of rights behind a name."""
_IN_LINE = _ORDINAL_LETTERS | _OWNERS
_NAME_END = re.compile(r"\w\w\Z")
_STACKED = re.compile(rb"</su[pb]>\s{0,9}<br ?/?>\s{0,9}<su[pb]")
LONGEST = 40
"""Characters of a script."""
ACCENT = "overacc"
"""TtH's classes of accents begin so: they are raised and no scripts."""
LEAST_SHIFT = {"em": 0.2, "ex": 0.4, "pt": 2.0, "px": 3.0, "%": 20.0}
"""A smaller shift sets a line right and no script."""
_LARGE = frozenset("∑∏∐∫∬∭∮⋂⋃⋁⋀⨁⨂√∛∜()[]{}|‖⟨⟩⌊⌋⌈⌉")
_TAGS = tuple(NUMBER[name] for name in ("span", "font", "small"))
_SUP, _BR = NUMBER["sup"], NUMBER["br"]
_ON_PAGE = (
    re.compile(rb"vertical-align\s{0,3}:\s{0,3}(?:su|-?[0-9.])"),
    re.compile(rb"position\s{0,3}:\s{0,3}relative"),
)
"""Apart, since an expression that begins with a word is looked for by that word, many times as fast."""
_ALIGN = re.compile(
    r"vertical-align\s{0,3}:\s{0,3}(?:(super|sub)(?![\w-])|(-?[0-9.]{1,8})(em|ex|pt|px|%))", re.IGNORECASE
)
_MOVED = re.compile(r"(?:^|[;\s])(top|bottom)\s{0,3}:\s{0,3}(-?[0-9.]{1,8})(em|ex|pt|px|%)", re.IGNORECASE)
_RELATIVE = re.compile(r"position\s{0,3}:\s{0,3}relative", re.IGNORECASE)


def read_raised(tree: Tree) -> None:
    """Make `sup` and `sub` of the elements whose text the page raises or lowers."""
    if not any(words.search(tree.source) for words in _ON_PAGE):
        return
    classes = _classes(tree)
    if not classes and not any(map(_script, tree.values("style"))):
        return
    for number in _TAGS:
        for element in list(tree.each(number, 0)):
            style = element.get("style") or ""
            tag = _script(style) if style else ""
            if not tag and classes:
                names = (element.get("class") or "").split()
                tag = next((classes[name] for name in names if name in classes), "")
                if tag and names[0].startswith(ACCENT):
                    continue
            if tag and _says_little(tree, element):
                element.tag = tag


def read_ordinals(tree: Tree) -> None:
    """Set the letters of ordinal numbers in the line: `19<sup>th</sup>` is no power, `n<sup>th</sup>` may be one.

    So are the marks behind names, `Maple<sup>TM</sup>`; behind one letter they may be a transposed matrix.
    """
    if not _ORDINAL.search(tree.source):
        return
    for script in list(tree.each(_SUP, 0)):
        text = (script.text or "").strip().lower()
        if len(script) or text not in _IN_LINE:
            continue
        before = tree.before(script.row)
        if _NAME_END.search(before) if text in _OWNERS else before[-1:].isdecimal():
            script.tag = "span"


def read_stacked(tree: Tree) -> None:
    """Join a `sup` and a `sub` that stand above each other in a box, as MediaWiki's templates set both indices."""
    if not _STACKED.search(tree.source):
        return
    for line in list(tree.each(_BR, 0)):
        above, below = line.getprevious(), line.getnext()
        if above is None or below is None or {above.tag, below.tag} != {"sup", "sub"}:
            continue
        if not (above.tail or "").strip() and not (line.tail or "").strip():
            above.tail = line.tail = None
            line.tag = "span"


def _classes(tree: Tree) -> dict[str, str]:
    """What the classes of the page's own styles do: "sup" or "sub"."""
    return {name: tag for rule in sheet_rules(tree) if (tag := _script(rule.declarations)) for name in rule.classes}


def _script(style: str) -> str:
    """The element that a style makes: "sup", "sub" or ""."""
    if aligned := _ALIGN.search(style):
        if aligned.group(1):
            return "sup" if aligned.group(1).lower() == "super" else "sub"
        return _shifted(aligned.group(2), aligned.group(3))
    if _RELATIVE.search(style) and (moved := _MOVED.search(style)):
        up = _shifted(moved.group(2), moved.group(3))
        return up if moved.group(1).lower() == "bottom" else {"sup": "sub", "sub": "sup"}.get(up, "")
    return ""


def _shifted(number: str, unit: str) -> str:
    try:
        shift = float(number)
    except ValueError:
        return ""
    if abs(shift) < LEAST_SHIFT[unit.lower()]:
        return ""
    return "sup" if shift > 0 else "sub"


def _says_little(tree: Tree, element: Node) -> bool:
    """Whether an element holds a short text and nothing else; a large sign is set lower and no script."""
    text = tree.text_below(element.row) if tree.size(element.row) < LONGEST else ""
    if text.strip() in _LARGE or not 0 < len(text.strip()) <= LONGEST:
        return False
    return next(element.iter("img", "sup", "sub", "br", "input"), None) is None
