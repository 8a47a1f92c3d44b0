"""The words by which a page's bytes say that it may hold mathematics; `pipelines.extraction.pages.seen` looks for them.

The names of elements, classes, attributes, services and programs come from the rooms that read them, so that no page is
turned away in which a formula would be found. A strong mark is one that only mathematics has; a weak one needs the
second look that a backslash needs; and a page that says `FEWEST_WORDS` different words of mathematics is looked at for
its words.
"""

from enum import IntEnum

from pipelines.extraction.html.formula_names import ATTRIBUTES, MJ_RENDERED, SURE_CLASSES, TEX_CLASSES, TEX_TAGS
from pipelines.extraction.math import delimiters
from pipelines.extraction.math.images import ALT_CLASSES

FEWEST_WORDS = 5
_LONG = 9
"""Letters of a class that nobody writes by chance."""
_STRONG = (
    "mathjax", "katex", "math-container", "<math", ":math>", ":math ", "math/tex", "math/mml", "asciimath", "mathtex.",
    "mimetex", "codecogs", "latex.php", "tex.cgi", "<amath", "amath ", "wiris", "numberedequation", "desmos.", "hevea",
    "mathquill", "arithmatex", 'class="tex"', "class='tex'", 'class="math', "class='math", "formulainl", "formuladsp",
    "mwe-math", "nlab-math", "ltx_math", 'alt="$', "alt='$", 'alt=" |-"', "cht=tx", "<m:omath", 'hrcomp"', 'dcell"',
    "<!-- math", "mq-root-block",
)  # fmt: skip
_WEAK = (
    "<sup", "<sub", "vertical-align:su", "overline", "&frasl;", "&#8260;", "⁄", "√", "&radic;", "&#8730;", "&#x221a;",
    "∑", "∫", "&sum;", "&int;", "&#8747;", "&#8721;", "⎛", "⎧", "⎡", "&#x239", "&#x23a", "&#911", "&#912", "symbol",
    "inline-flex", "<hr", "border-bottom", "equation", "formula", "latex", ' tex"', "eqn", "/tex/", "/math/", "/png/",
    "inline-grid", "border-top", 'height="1"', 'height="2"', "height=1 ", "height=1>", "height=2 ", "height=2>", "<u>",
    ">lim<", ">max<", ">min<", ">sup<", ">inf<",
    "/svg/", "sfrac", 'class="den', "class=den", 'class="frac-den', 'class="fraction-den',
)  # fmt: skip
_WORDS = (
    "theorem", "lemma", "corollary", "polynomial", "integral", "derivative", "eigenvalue", "algebra", "calculus",
    "logarithm", "inequality", "summation", "quadratic", "cosine", "denominator", "numerator", "perpendicular",
    "hypotenuse", "coefficient", "permutation", "probability", "differential", "exponent", "geometry", "trigonometr",
    "arithmetic", "congruent", "convergen", "topology", "isomorphi", "homomorphi", "manifold", "bijection",
)  # fmt: skip


class Sign(IntEnum):
    """What the bytes of a page say."""

    NOTHING = 0
    WORDS = 1
    WEAK = 2
    STRONG = 3


def _strong() -> set[str]:
    """The strong marks, those of the other rooms among them."""
    classes = {*TEX_CLASSES, *MJ_RENDERED, *SURE_CLASSES, *ALT_CLASSES}
    found = {*_STRONG, *(f"<{name}" for name in TEX_TAGS if name != "tex"), *(f"{name}=" for name in ATTRIBUTES)}
    found |= {name for name in classes if len(name) >= _LONG}
    openers = (left for left, _ in (*delimiters.INLINE, *delimiters.DISPLAY))
    found |= {left.lower() for left in openers if left[0] in "[<" or len(left) > 2}
    return {word for word in found if not any(other in word and other != word for other in found)}


NUMBERED = (
    *((word, 0) for word in sorted(_strong())),
    *((word, 1) for word in _WEAK),
    *((word, number) for number, word in enumerate(_WORDS, 2)),
)
"""Every word with the number of its bit."""
BITS = 2 + len(_WORDS)


def sign_of(found: int) -> Sign:
    """The strongest sign among the words that a page holds, as the bits of their numbers; others do not count."""
    if found & 1:
        return Sign.STRONG
    if found & 2:
        return Sign.WEAK
    return Sign.WORDS if ((found & (1 << BITS) - 1) >> 2).bit_count() >= FEWEST_WORDS else Sign.NOTHING
