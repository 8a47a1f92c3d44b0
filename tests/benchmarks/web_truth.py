"""What a page holds, found without the code under test: its formulas by kind, and the words of its main text.

Formulas are looked for in the raw source with plain patterns. A formula that the page writes as LaTeX is kept if that
LaTeX, white space and outer delimiters aside, stands in the output as often as in the page. One that the page only
draws (MathML without TeX, trees of MathJax and KaTeX) or writes as AsciiMath is kept if its letters and numbers stand
in the output, either side by side or as the letters of one formula between dollars.

Words of the main element are the truth for text; scripts, navigation and formulas do not count. Words of code and of
clusters of links (lists and paragraphs that are nothing but links) are allowed but not demanded.
"""

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

from lxml import etree

from pipelines.extraction.html.charset import decode
from tests.benchmarks.web_generators import Sample

NOT_TEXT = (
    ".//script|.//style|.//nav|.//noscript|.//template|.//button|.//head|.//*[@role='navigation']|"
    ".//a[contains(@class,'headerlink') or contains(@class,'anchor-link') or @class='anchor' or @class='hash-link']|"
    ".//*[contains(@class,'viewcode-link')]|.//div[contains(@class,'sphinxsidebar')]|"
    ".//div[@class='chlinktop' or @class='chlinkprevnexttop' or @class='chlinkprevnextbot' or "
    "@class='chlinkbot' or @class='pcenter']|"
    ".//table[@class='navigation']|"
    ".//div[@class='navigation' or @class='header' or @class='nav-panel' or @class='navheader' or "
    "@class='navfooter' or @class='navigation-header mb-4' or @class='ContSect' or @class='ChapSects' or "
    "@class='toc' or @class='contents-entry' or @class='related' or @class='crosslinks']|"
    ".//*[@id='toc']|.//span[@class='mw-editsection']|.//form|.//select|.//textarea|.//*[@id='TOC']|"
    ".//*[contains(@style,'display:none') or contains(@style,'display: none')]|.//footer|.//svg|"
    ".//header[contains(@class,'header')]|.//div[contains(@class,'prev-next')]|"
    ".//div[contains(@class,'bd-toc')]|.//math|.//*[contains(@class,'katex')]|"
    ".//*[contains(@class,'MathJax')]|.//mjx-container|"
    ".//span[@class='ltx_Math' or @class='math inline' or @class='math display']"
)  # fmt: skip
CODE = (
    ".//pre|.//code|.//tt|.//kbd|.//samp|.//*[contains(@class,'highlight')]|.//div[@class='fragment']|"
    ".//dt[contains(@class,'sig')]|.//table[contains(@class,'memname') or contains(@class,'memberdecls')]"
)
MOSTLY_LINKS = 0.6
"""An index or a table of contents: whether it is text at all is a matter of taste, so nobody is judged by it."""
FEWEST_WORDS = 30
CLUSTERS = (".//ul|.//ol|.//dl|.//table|.//p|.//div", 3, 0.85)
"""Blocks of at least so many links whose words are to that share words of links: a menu, allowed, not demanded."""
WORD = re.compile(r"\w+")
SPACE = re.compile(r"\s+")

_SKIPPED = re.compile(r"<(script|style|textarea|pre|code|tt|kbd)\b[^>]*>.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z][^>]{0,3000}>|</[a-zA-Z][^>]{0,100}>|<!--.*?-->", re.DOTALL)
_BREAK = re.compile(r"<w?br\s*/?>", re.IGNORECASE)
_SCRIPT = re.compile(r"<script[^>]{0,200}type=[\"']math/(tex|asciimath)[^>]{0,200}>(.*?)</script>", re.DOTALL | re.I)
_MATH = re.compile(r"<(?:mml:|m:)?math\b([^>]{0,3000})>(.*?)</(?:mml:|m:)?math\s*>", re.DOTALL | re.IGNORECASE)
_ANNOTATION = re.compile(
    r"<annotation[^>]{0,100}encoding=[\"']?[^\"'>]{0,30}tex[^>]{0,60}>(.*?)</annotation>", re.DOTALL | re.IGNORECASE
)
_ALTTEXT = re.compile(r"\balttext=(?:\"([^\"]+)\"|'([^']+)')", re.IGNORECASE)
_LEAF = re.compile(r"<(?:mml:|m:)?(mi|mn|mo|mtext|ms|ci|cn)\b[^>]{0,500}>([^<]*)", re.IGNORECASE)
_DELIMITED = re.compile(r"\\\((.{1,2000}?)\\\)|\\\[(.{1,4000}?)\\\]", re.DOTALL)
_ENVIRONMENT = re.compile(
    r"\\begin ?\{((?:align|equation|gather|eqnarray|multline)\*?)\}(.{1,4000}?)\\end ?\{\1\}", re.DOTALL
)
_DOLLARS = re.compile(
    r"(?<![\\$\w])\$\$([^$]{1,3000})\$\$(?!\$)|(?<![\\$\w])\$(?![\s$])([^$\n]{1,300})(?<!\s)\$(?![\w$])"
)
_COMMAND = re.compile(r"\\[a-zA-Z]{2,}|[\^_]\{")
_DEFINITION = re.compile(
    r"\s*\\(?:begingroup|endgroup|(?:re)?newcommand|providecommand|g?def|DeclareMathOperator|require)\b"
)
_WRAPPED = re.compile(r"(?<!\\)((?:\\\\)*)%\n\s*")
_PARENTHESES = re.compile(r"(?<!\\)\\[()]")
_TICKS = re.compile(r"`([^`\n]{1,200})`")
_ELEMENT = re.compile(
    r"<(span|div)[^>]{0,200}class=[\"'](?:math inline|math display|math-inline|math-display|wp-katex-eq|"
    r"katex-inline|katex-block|math-container|nlab-math|ltx_Math)[\"'][^>]{0,200}>([^<]{1,3000})</\1>"
)
_HAS_DELIMITER = re.compile(r"\\\(|\\\[|\$")
_ATTRIBUTES = re.compile(r"<(?!img\b)[a-z][^>]{0,500}\bdata-(?:tex|latex|expr|formula)=(?:\"([^\"]+)\"|'([^']+)')")
_MJX = re.compile(r"<mjx-container\b.*?</mjx-container>", re.DOTALL)
_CODE_POINT = re.compile(r"mjx-c([0-9A-F]{2,6})\b|data-c=\"([0-9A-F]{2,6})\"|#MJX-[\w-]*-([0-9A-F]{2,6})\"")
_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE | re.DOTALL)
_ATTRIBUTE = re.compile(r"\b(alt|class|src|title)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_IMAGE_CLASS = re.compile(
    r"\b(?:formulaInl|formulaDsp|math|latex|tex|mwe-math-fallback-image-\w+|ql-img-\w+-formula)\b"
)
_WHOLE = re.compile(r"\$.+\$|\\\[.+\\\]|\\\(.+\\\)", re.DOTALL)
_SERVICE = re.compile(r"codecogs\.com/[a-z.]+\?|latex\.php\?latex=|(?:mimetex|mathtex)\.cgi\?")
_TYPESETTER = re.compile(r"mathjax|katex", re.IGNORECASE)
_FORMULA = re.compile(r"\$\$(.{1,20000}?)\$\$|(?<!\\)\$([^$\n]{1,20000}?)(?<!\\)\$", re.DOTALL)
_ENDS = re.compile(r"\\(?:begin|end)\s?\{[a-zA-Z*]+\}(?:\{[lcr|]*\})?|\\genfrac\{\}\{\}\{0pt\}\{\}|\\\\\[[^\]]{1,8}\]")
_NAMED = re.compile(r"\\([a-zA-Z]+)")
_LETTERS = frozenset(
    ["arccos", "arcsin", "arctan", "arg", "cos", "cosh", "cot", "coth", "csc", "deg", "det", "dim", "exp", "gcd", "hom",
    "inf", "ker", "lg", "lim", "liminf", "limsup", "ln", "log", "max", "min", "Pr", "sec", "sin", "sinh", "sup", "tan",
    "tanh"]
)  # fmt: skip
_SHAPES = {"ell": "l", "hbar": "h", "imath": "i", "jmath": "j", "Re": "R", "Im": "I", "wp": "p"}


class Formula(NamedTuple):
    """A formula of a page: the kind of its source, its LaTeX or its letters, and which of the two `text` is."""

    kind: str
    text: str
    drawn: bool


class Words(NamedTuple):
    """Words that must come, and words that may come besides."""

    demanded: Counter[str]
    allowed: Counter[str]


def squeeze(latex: str) -> str:
    """LaTeX without what may differ and mean the same: white space, delimiters, style switches, outer braces."""
    text = _WRAPPED.sub(r"\1", html.unescape(html.unescape(latex)))
    text = SPACE.sub("", text).replace("\u200b", "")
    text = text.replace("\\displaystyle", "").replace("\\textstyle", "")
    text = re.sub(r"(?:\\\\)+(\$*)$", r"\1", text)  # a new row that never comes
    text = re.sub(
        r"^(?:\$\$?|\\\(|\\\[|\\begin\{(?:equation\*?|displaymath|math)\})|(?:\$\$?|"
        r"\\\)|\\\]|\\end\{(?:equation\*?|displaymath|math)\})$",
        "",
        text,
    )
    return _PARENTHESES.sub("", text).replace("$", "").replace("{", "").replace("}", "")


def letters(text: str) -> str:
    """The letters and digits of a drawn formula, one spelling each: mathematical alphabets and Greek made plain."""
    plain = unicodedata.normalize("NFKC", html.unescape(text)).replace("ϕ", "φ").replace("ϵ", "ε").replace("ħ", "h")
    plain = unicodedata.normalize("NFKC", plain.replace("ℏ", "h").replace("ı", "i").replace("ȷ", "j").replace("µ", "μ"))
    return "".join(c for c in plain if c.isascii() and c.isalnum())


def letters_of_latex(latex: str) -> str:
    """The letters and digits that a reader of the typeset LaTeX sees, Greek and signs aside."""
    text = _ENDS.sub(" ", latex)
    text = _NAMED.sub(lambda m: m[1] if m[1] in _LETTERS else _SHAPES.get(m[1], " "), text)
    return letters(text)


def formulas_in(page: str) -> Iterator[Formula]:
    """Every formula that plain patterns find in the source of a page."""
    yield from _images(page)
    for match in _SCRIPT.finditer(page):
        if _DEFINITION.match(match[2]):
            continue
        asciimath = match[1].lower() == "asciimath"
        yield Formula(f"script {match[1].lower()}", letters_of_ascii(match[2]) if asciimath else match[2], asciimath)
    for match in _MATH.finditer(page):
        yield from _mathml(match[1], match[2])
    for match in _ATTRIBUTES.finditer(page):
        if _COMMAND.search(match[1] or match[2]):
            yield Formula("data attribute", match[1] or match[2], False)
    for match in _MJX.finditer(page):
        if "<math" in match[0] or "data-latex" in match[0]:
            continue
        drawn = "".join(chr(int(next(filter(None, code)), 16)) for code in _CODE_POINT.findall(match[0]))
        yield Formula("mathjax tree", letters(drawn), True)
    yield from _texts(page)


def _images(page: str) -> Iterator[Formula]:
    spoken = "<annotation" in page
    for image in _IMAGE.finditer(page):
        if spoken and "mwe-math-fallback" in image[0]:  # the same formula stands beside it as MathML
            continue
        attributes = {m[1].lower(): html.unescape(m[2] or m[3] or "") for m in _ATTRIBUTE.finditer(image[0])}
        alt, title = attributes.get("alt", "").strip(), attributes.get("title", "").strip()
        if alt and (_IMAGE_CLASS.search(attributes.get("class", "")) or _WHOLE.fullmatch(alt)):
            yield Formula("image alt", alt, False)
        elif _SERVICE.search(attributes.get("src", "")):
            latex = re.sub(r"^[^?]*\?(?:latex=)?", "", attributes["src"]).split("&")[0]
            if "%2B" in latex.upper():  # a form that writes a plus so writes a space as plus
                latex = latex.replace("+", " ")
            yield Formula("image address", unquote(latex), False)
        elif title and _WHOLE.fullmatch(title):
            yield Formula("image title", title, False)


def _mathml(attributes: str, inner: str) -> Iterator[Formula]:
    if annotation := _ANNOTATION.search(inner):
        yield Formula("annotation", annotation[1], False)
    elif (alttext := _ALTTEXT.search(attributes)) and _COMMAND.search(alttext[1] or alttext[2]):
        yield Formula("alttext", alttext[1] or alttext[2], False)
    else:
        without = re.sub(r"<annotation.*?</annotation(?:-xml)?>|<mphantom.*?</mphantom>", " ", inner, flags=re.DOTALL)
        yield Formula("mathml", letters("".join(match[2] for match in _LEAF.finditer(without))), True)


def letters_of_ascii(source: str) -> str:
    """The letters and digits that a formula in AsciiMath shows beyond its names of signs: single letters, numbers."""
    return letters("".join(re.findall(r"(?<![a-zA-Z])[a-zA-Z](?![a-zA-Z])|\d", html.unescape(source))))


def _texts(page: str) -> Iterator[Formula]:
    for match in _ELEMENT.finditer(page):
        if not _HAS_DELIMITER.search(match[2]):
            yield Formula("element", match[2], False)
    plain = _ELEMENT.sub(lambda found: found[0] if _HAS_DELIMITER.search(found[2]) else "\x01", page)
    plain = _SKIPPED.sub("\x01", plain)
    plain = re.sub(r"<(math|mjx-container|svg|title)\b.*?</\1>", "\x01", plain, flags=re.DOTALL)
    plain = _TAG.sub("\x01", _BREAK.sub("\n", plain))
    for match in _DELIMITED.finditer(plain):
        text = match[1] or match[2]
        if "\x01" not in text and not _DEFINITION.match(text):
            yield Formula("tex text", text, False)
    plain = _DELIMITED.sub(" ", plain)
    for match in _ENVIRONMENT.finditer(plain):
        if "\x01" not in match[2]:
            yield Formula("environment", match[2], False)
    if _TYPESETTER.search(page):
        for match in _DOLLARS.finditer(_ENVIRONMENT.sub(" ", plain)):
            text = match[1] or match[2]
            if "\x01" not in text and _COMMAND.search(text) and not _DEFINITION.match(text):
                yield Formula("dollars", text, False)
    if re.search(r"asciimath|AM_HTMLorMML|AM_CHTML", page, re.IGNORECASE):
        for match in _TICKS.finditer(plain):
            if "\x01" not in match[1] and (drawn := letters_of_ascii(match[1])):
                yield Formula("asciimath", drawn, True)


def kept(formulas: list[Formula], output: str) -> tuple[Counter[str], Counter[str], list[Formula]]:
    """Of each kind: how many formulas the page holds, how many of them stand in `output`; and those that do not.

    A formula that the page holds twice must come twice.
    """
    found: Counter[str] = Counter()
    came: Counter[str] = Counter()
    lost: list[Formula] = []
    squeezed = squeeze(output)
    drawn = Counter("".join(sorted(letters_of_latex(m[1] or m[2]))) for m in _FORMULA.finditer(output))
    run_together = letters(re.sub(r"[^\w]", "", output))
    seen: Counter[str] = Counter()
    for formula in formulas:
        wanted = formula.text if formula.drawn else squeeze(formula.text)
        if not wanted:
            continue
        found[formula.kind] += 1
        seen[wanted] += 1
        if formula.drawn:
            key = "".join(sorted(wanted))
            well = seen[wanted] <= drawn[key] or (len(wanted) > 1 and seen[wanted] <= run_together.count(wanted))
            if (
                formula.kind == "asciimath"
            ):  # `ax` may be two letters or a name, so it is not among those that must come
                well = well or any(not Counter(wanted) - Counter(one) for one in drawn)
        else:
            well = wanted in squeezed and (seen[wanted] == 1 or seen[wanted] <= squeezed.count(wanted))
        if well:
            came[formula.kind] += 1
        else:
            lost.append(formula)
    return found, came, lost


def words(text: str) -> Counter[str]:
    """Words in lower case; a script is part of its word, however an extractor marks it (`E_8`, `E^8`, `E8`)."""
    return Counter(WORD.findall(text.lower().replace("_", "").replace("^", "")))


def words_of(sample: Sample) -> Words | None:
    """The words of a page's main text; None if the page has no known main element or is no text."""
    if not sample.generator.main:
        return None
    root = etree.fromstring(
        decode(sample.data).encode(), etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True)
    )
    found = root.xpath(sample.generator.main)
    if not found:
        return None
    main = found[0]
    for element in main.xpath("|".join(filter(None, (NOT_TEXT, sample.generator.besides)))):
        _drop(element)
    linked = words(" ".join(_text_of(link) for link in main.iter("a"))).total()
    everything = words(_text_of(main)).total()
    if everything < FEWEST_WORDS or linked > MOSTLY_LINKS * everything:
        return None
    whole = words(strip_math(_text_of(main)))
    for element in main.xpath(CODE):
        _drop(element)
    blocks, fewest, share = CLUSTERS
    for element in main.xpath(blocks):
        links = [_text_of(link) for link in element.iter("a")]
        if len(links) >= fewest and words(" ".join(links)).total() >= share * words(_text_of(element)).total():
            _drop(element)
    return Words(words(strip_math(_text_of(main))), whole)


def _drop(element: Any) -> None:
    parent = element.getparent()
    if parent is None:
        return
    tail = element.tail or ""
    previous = element.getprevious()
    if previous is not None:
        previous.tail = (previous.tail or "") + " " + tail
    else:
        parent.text = (parent.text or "") + " " + tail
    parent.remove(element)


def _text_of(element: Any) -> str:
    """Text with a space at the edges of blocks only, so that `E<sub>8</sub>` stays as the page shows it."""
    inline = {"a", "b", "i", "em", "strong", "span", "font", "tt", "code", "small", "big", "u", "var", "sub", "sup"}
    out: list[str] = []
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if not isinstance(node.tag, str):
            continue
        if event == "start":
            out.append("" if node.tag in inline else " ")
            out.append(node.text or "")
        else:
            out.append("" if node.tag in inline else " ")
            if node is not element:
                out.append(node.tail or "")
    return "".join(out)


def strip_math(text: str) -> str:
    """Text without formulas: what counts as a word inside one depends on how it is written."""
    text = re.sub(
        r"\\\(.{1,3000}?\\\)|\\\[.{1,6000}?\\\]|\\begin\{(\w+\*?)\}.{1,6000}?\\end\{\1\}", " ", text, flags=re.DOTALL
    )
    return re.sub(r"\$\$.{1,6000}?\$\$|(?<!\\)\$[^$\n]{1,2000}(?<!\\)\$", " ", text, flags=re.DOTALL)
