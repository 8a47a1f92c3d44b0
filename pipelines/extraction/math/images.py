"""Finds LaTeX in images: in the address of a rendering service, in `alt`, in `title`, in data attributes.

Services are known by their addresses, generators (Doxygen, Sphinx imgmath, latex2html, MediaWiki, WordPress,
QuickLaTeX, CK-12, WIRIS) by the classes they give,
    and any `alt` between TeX delimiters is a formula whatever the image.
"""

import re
from typing import Any, NamedTuple
from urllib.parse import unquote, unquote_plus

from pipelines.extraction.math.asciimath import asciimath_to_latex

_SERVICE = re.compile(
    r"codecogs\.com|latex\.php|(?:mimetex|mathtex|tex)\.(?:cgi|exe|php)|cht=tx|/equation\?tex=|render/math\?math=|"
    r"math\.now\.sh|upmath\.me/|tex\.s2cms\.ru|/(?:formula|latex|tex)/[^/]*%5C|[?&](?:latex|tex|formula|eq|math)=|"
    r"/teximages/|latexrender|/images/math/|media/math/render|wikimedia\.org/math|quicklatex",
    re.IGNORECASE,
)
STEMS = ("tex", "math", "formula", "codecogs", "cht=tx", "eq=")
"""Every alternative of `_SERVICE` holds one of these: to look for them first spares most addresses the search."""
_PARAMETER = re.compile(r"[?&](?:latex|tex|chl|math|from|formula|eq|equation|expr)=([^&#]*)", re.IGNORECASE)
_PATH = re.compile(r"/(?:svg|png|gif|formula|latex|tex|math)/([^?#]*%5C[^?#]*|[^?#/]*[\\^_{}][^?#]*)$", re.IGNORECASE)
_CODECOGS = re.compile(
    r"codecogs\.com/(?:[a-z]+\.(?:latex|image|download)|eq\.latex|eqnedit\.php|gif\.latex)\??(.*)$",
    re.IGNORECASE | re.DOTALL,
)
_REFERENCES = {"space": " ", "plus": "%2B", "hash": "#"}
_REFERENCE = re.compile(r"&(?:amp;)?(space|plus|hash);")
_CGI = re.compile(r"(?<![a-z])(?:mimetex|mathtex|tex)\.(?:cgi|exe|php)\?(.*)$", re.IGNORECASE | re.DOTALL)
_PREAMBLE = re.compile(
    r"^(?:\s|\\dpi\s?\{\d+\}|\\(?:bg|fg)(?:_[a-z]+(?![a-z])|\s?\{[^}]{0,40}\})|\\(?:fn_[a-z]+|inline|tiny|small|large|Large|LARGE|huge|normalsize|reverse|opaque|displaystyle)(?![a-zA-Z])|"
    r"\\usepackage(?:\[[^\]]{0,80}\])?\{[^}]{0,80}\}|\\color\{[^}]{0,40}\}|formdata=|\d{1,4}\$)+"
)
ALT_CLASSES = frozenset(
    ["formulainl", "formuladsp", "math", "tex", "latex", "latexcenter", "latexdisplay", "latexblock",
    "latexblockcenter", "mathtex", "mimetex", "texrender", "mwe-math-fallback-image-inline",
    "mwe-math-fallback-image-display", "ql-img-inline-formula", "ql-img-displayed-formula", "x-ck12",
    "x-ck12-math", "x-ck12-block-math", "x-ck12-hwpmath", "latex_render", "teximage", "ee_img", "eqn",
    "equation", "numbered_equation", "numberedequation", "inlineformula",
    "displayformula", "inline-formula", "display-formula",
    "mathimg", "wirisformula", "math-image", "inlineequation", "mathml", "latex-image", "latex_img", "texhtml",
    "rendered-math"]
)  # fmt: skip
_DISPLAY_CLASSES = frozenset(
    ["formuladsp", "latexcenter", "latexdisplay", "latexblock", "latexblockcenter",
    "mwe-math-fallback-image-display", "ql-img-displayed-formula", "x-ck12-block-math", "displayformula",
    "display-formula", "numbered_equation", "numberedequation"]
)  # fmt: skip
DRAWN_CLASSES = frozenset({"math-display"})
"""Classes of images whose `alt` draws the formula with characters in lines and columns (TeX4ht): no LaTeX is left."""
_MATHWORLD = frozenset({"numberedequation", "inlineformula", "displayformula"})
_SPOKEN = re.compile(r"[_^]\(|(?:sqrt|int|sum|prod|lim)[_(]|infty|\)/\(")
"""What MathWorld's `alt` holds: `sum_(k=1)^inftyk^(-s)`, which AsciiMath reads."""
_DELIMITED = re.compile(
    r"\s*(?:\$[^$]+\$|\$\$.+\$\$|\\\(.+\\\)|\\\[.+\\\]|\\begin\s?\{[a-zA-Z*]+\}.+\\end\s?\{[a-zA-Z*]+\})\s*[.,;:]?\s*",
    re.DOTALL,
)
SIGNS = ("\\", "$", "{")
"""What a text that is LaTeX (`_DELIMITED`, `_COMMAND`) holds one of."""
_COMMAND = re.compile(r"\\[a-zA-Z]{2,}|[\^_]\{|\\[{}|,;]")
_SURE = re.compile(r"[=<>+(]\s{0,3}\\(?:[dt]?frac|sqrt|sum|int|prod|lim)(?![a-zA-Z])")
_TWO_WORDS = re.compile(r"(?<![\\a-zA-Z])[a-zA-Z]{3,30}[ ,][a-zA-Z]{2,}")
_LOST_IN_ADDRESS = str.maketrans(dict.fromkeys("+ \t\n\r", None))
_NEW_ROW = "\\\\"
_NAME = re.compile(r"[\w\-. ]{1,80}\.(?:png|gif|jpe?g|svg)$", re.IGNORECASE)


class ImageFormula(NamedTuple):
    """LaTeX an image stands for, and whether the image is a display."""

    latex: str
    display: bool


def _rows(latex: str) -> str:
    """`latex` in an `aligned` where it holds rows and no environment: Sphinx adds one when it draws such a formula."""
    text = latex.strip()
    for left, right in (("$$", "$$"), ("$", "$")):
        if len(text) > 2 * len(left) and text.startswith(left) and text.endswith(right):
            text = text[len(left) : -len(right)]
            break
    if "&" not in text or "\\\\" not in text or "\\begin" in text:
        return latex
    return f"\\begin{{aligned}} {text.strip().removesuffix(_NEW_ROW)} \\end{{aligned}}"


def _clean(latex: str) -> str:
    return _PREAMBLE.sub("", latex.strip()).strip()


def _decoded(value: str, plus: bool) -> str:
    """A part of an address as text; `+` is a space only where a form encoded it."""
    text = unquote_plus(value) if plus and "%20" not in value and ("%2B" in value or "%2b" in value) else unquote(value)
    return unquote(text) if re.search(r"%(?:5C|7B|5E)", text, re.IGNORECASE) else text


def _bare(latex: str) -> str:
    """`latex` without what an address may have changed in it."""
    return latex.translate(_LOST_IN_ADDRESS)


def _is_service(address: str) -> bool:
    """Whether an address looks like that of a service that draws formulas."""
    lower = address.lower()
    return any(stem in lower for stem in STEMS) and _SERVICE.search(address) is not None


def from_address(address: str) -> str:
    """The LaTeX in the address of a rendering service; "" if it holds none."""
    if not _is_service(address[:20_000]):
        return ""
    for pattern in (_CODECOGS, _CGI):
        if match := pattern.search(address):
            value = match.group(1)
            if value.startswith(("latex=", "formdata=")):
                value = value.split("=", 1)[1]
            if "?" in value and not value.startswith("%") and pattern is _CODECOGS and "=" in value.split("?")[0]:
                value = value.split("?", 1)[1]
            if "&" in value:  # the editor of CodeCogs writes spaces and signs as references that HTML does not have
                value = _REFERENCE.sub(lambda match: _REFERENCES[match.group(1)], value)
            return _clean(_decoded(value, plus=True))
    if match := _PARAMETER.search(address):
        value = match.group(1)
        if "latex.php" in address:  # WordPress encodes as forms do: a plus is a space, a sign of addition is `%2B`
            value = value.replace("+", "%20")
        return _clean(_decoded(value, plus=True))
    if match := _PATH.search(address):
        return _clean(_decoded(match.group(1), plus=False))
    return ""


def _in_block(image: Any) -> bool:
    """Whether the image stands in a block of the class `math`: in Sphinx the block, a paragraph, the image."""
    element = image.getparent()
    for _ in range(2):
        if element is None or element.tag not in {"div", "p", "center"}:
            return False
        if "math" in (element.get("class") or "").split():
            return True
        element = element.getparent()
    return False


def _is_equation(text: str) -> bool:
    """Whether a text says that something is a fraction, a root or a sum: `x=\\frac{1}{2}`, and has no words."""
    return _SURE.search(text) is not None and _TWO_WORDS.search(text) is None


def is_drawn(image: Any) -> bool:
    """Whether an image in which `formula_of` finds nothing shows a formula all the same."""
    return not DRAWN_CLASSES.isdisjoint((image.get("class") or "").lower().split())


def formula_of(image: Any) -> ImageFormula | None:
    """The formula that an `img` element (lxml) shows, or None if it is a picture."""
    said = dict(image.items())
    classes = said.get("class", "").lower().split()
    address = said.get("src") or said.get("data-src") or said.get("data-lazy-src") or ""
    if address.startswith("data:"):
        address = said.get("data-src", "")
    alt = said.get("alt", "").strip()
    title = said.get("title", "").strip()
    if alt.startswith("[asy]"):  # a drawing: the source of Asymptote, as Art of Problem Solving keeps it
        return None
    block = _in_block(image)
    by_class = block or any(name in ALT_CLASSES for name in classes)
    display = block or any(name in _DISPLAY_CLASSES for name in classes)
    for name in ("data-latex", "data-tex", "data-equation", "data-equation-content", "data-formula"):
        if value := said.get(name, "").strip():
            return ImageFormula(_decoded(value, plus=False), display)
    for text in (alt, title):
        if text and _DELIMITED.fullmatch(text):
            return ImageFormula(_rows(text.rstrip(".,;: ")), display or text.startswith(("\\[", "$$", "\\begin")))
    latex = from_address(address) if address else ""
    if latex and alt and _bare(latex) == _bare(alt):
        return ImageFormula(_clean(alt), display)  # an address may not tell spaces from signs of addition
    if latex and (_COMMAND.search(alt) is None or len(latex) >= len(alt)):
        return ImageFormula(latex, display)
    service = bool(address) and _is_service(address[:2000])
    if by_class or service:
        for text in (title, alt) if _COMMAND.search(title) and not _COMMAND.search(alt) else (alt, title):
            if text and not _NAME.fullmatch(text) and not text.lower().startswith(("rendered by", "http")):
                latex = _decoded(text, plus=False) if "%5C" in text else text
                if "\\" not in latex and not _MATHWORLD.isdisjoint(classes) and _SPOKEN.search(latex):
                    latex = asciimath_to_latex(latex)
                return ImageFormula(_rows(_clean(latex) if service else latex), display)
    if latex:
        return ImageFormula(latex, display)
    for text in (alt, title):
        if len(_COMMAND.findall(text)) >= 2 or (text.startswith("\\") and _COMMAND.match(text)) or _is_equation(text):
            return ImageFormula(text, display)
    return None
