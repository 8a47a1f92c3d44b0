"""One web page to text: the formulas are lifted out first, then the main text is chosen, then both are joined.

Order matters: an engine that chooses the main text drops scripts, hidden elements and images,
    which is where pages keep
their mathematics. So each formula becomes a mark in the text before any engine sees the page, and LaTeX afterwards.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, get_args

from lxml import etree

from manifests.records import Rules
from pipelines.web import line_rules
from pipelines.web.blocks import BlockWriter
from pipelines.web.charset import decode
from pipelines.web.delimiters import read
from pipelines.web.formulas import CLOSE, OPEN, Formulas
from pipelines.web.formulas_elements import ElementLifter
from pipelines.web.formulas_text import BREAK, TextLifter
from pipelines.web.limits import HostilePageError, check_bytes
from pipelines.web.main_text import choose

Engine = Literal["blocks", "resiliparse", "trafilatura"]
ENGINES: tuple[Engine, ...] = get_args(Engine)
DEFAULT_ENGINE: Engine = "blocks"

_SPACE = frozenset({0x00, 0x0B, 0x0C, ord(BREAK), 0xE001})
_RESERVED = {code: " " if code in _SPACE else "" for code in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)}
_RESERVED |= {ord(BREAK): " ", 0xE001: " ", ord(OPEN): "((", ord(CLOSE): "))"}
"""What no text of a tree may hold: characters that XML forbids (lxml refuses to set them) and our own marks."""
_RESERVED_CHARACTER = re.compile("[" + "".join(map(chr, _RESERVED)) + "]")
_RESERVED_REFERENCE = re.compile(
    "&#(?:0*+("
    + "|".join(str(code) for code in _RESERVED if code)
    + ")(?![0-9])|[xX]0*+("
    + "|".join(f"(?i:{code:x})" for code in _RESERVED if code)
    + ")(?![0-9a-fA-F]));?"
)
_FRAMES = re.compile(r"(</?)(?:template|frameset)(?=[\s>])", re.IGNORECASE)
_SCRIPTS = etree.XPath("//script[not(@src)]")
_CONFIGURES = (
    "inlineMath",
    "displayMath",
    "delimiters",
    "asciimath",
    "processEnvironments",
    "ignoreClass",
    "ignoreHtmlClass",
)


class Page(NamedTuple):
    """What a page yields. `math_found` and `math_kept` count formulas by the kind of their source.

    `text` is Markdown with `$…$` and `$$…$$`; `title` may be empty; `engine` is the one that chose the main text.
    """

    text: str
    title: str
    math_found: Mapping[str, int]
    math_kept: Mapping[str, int]
    engine: str


class EmptyPageError(ValueError):
    """The page holds no element at all."""


def parse(html: str) -> Any:
    """`html` as an lxml tree whose root is `html`.

    Raises `EmptyPageError` if there is nothing to parse, `HostilePageError` if the parser gave up.
    """
    if _RESERVED_CHARACTER.search(html):
        html = html.translate(_RESERVED)
    if "&#" in html:
        html = _RESERVED_REFERENCE.sub(lambda match: _RESERVED[int(match[1] or match[2], 10 if match[1] else 16)], html)
    if "<template" in html or "<frameset" in html or "<TEMPLATE" in html or "<FRAMESET" in html:
        html = _FRAMES.sub(r"\1div", html)
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = etree.fromstring(html.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise EmptyPageError(f"no element in a page of {len(html)} characters") from error
    except MemoryError as error:
        raise HostilePageError("the parser ran out of memory") from error
    if root is None:
        raise EmptyPageError(f"no element in a page of {len(html)} characters")
    if any("xcessive depth" in entry.message for entry in parser.error_log):
        raise HostilePageError("elements nested more than 2048 deep")
    return root


def lift_formulas(root: Any, html: str, rules: Rules) -> Formulas:
    """Replace every formula below `root` by its mark. `html` is the source of the page, as text."""
    formulas = Formulas()
    # Only ASCII is looked for: one byte a character makes each search several times faster.
    lower = html.encode("utf-8", "replace").lower().decode("latin-1")
    scripts = [
        script.text for script in _SCRIPTS(root) if script.text and any(word in script.text for word in _CONFIGURES)
    ]
    delimiters = read(scripts, html, lower, rules)
    ElementLifter(root, lower, formulas, delimiters.typeset or delimiters.commands).lift()
    etree.strip_elements(root, "script", "style", with_tail=False)
    TextLifter(delimiters, formulas).lift_tree(root, lower)
    return formulas


def extract(
    html: bytes | str,
    *,
    url: str | None = None,
    rules: Rules = "corrected",
    engine: Engine = DEFAULT_ENGINE,
    content_type: str | None = None,
) -> Page:
    """The text of a page with every formula as LaTeX.

    `html`: bytes as sent (decoded by `content_type`, meta element and detection) or text. `rules`: how delimiters are
    read and lines are cleaned. Raises `HostilePageError` for a page beyond the limits, `EmptyPageError` for one
    without elements, `ValueError` for an unknown engine.
    """
    if engine not in ENGINES:
        raise ValueError(f"unknown engine {engine!r}, expected one of {', '.join(ENGINES)}")
    data = html.encode("utf-8", "surrogatepass") if isinstance(html, str) else html
    check_bytes(data)
    source = html if isinstance(html, str) else decode(html, content_type)
    root = parse(source)
    formulas = lift_formulas(root, source, rules)
    title = _title(root)
    if engine == "blocks":
        marked = _blocks(root)
    else:
        from pipelines.web import engines

        marked = engines.main_text(root, engine, url)
    marked = line_rules.clean(marked, rules)
    text, kept = formulas.put_back(marked, escape_dollars=True)
    return Page(text, title, formulas.found(), kept, engine)


def _title(root: Any) -> str:
    element = root.find(".//title")
    return " ".join("".join(element.itertext()).split()) if element is not None else ""


def _blocks(root: Any) -> str:
    choice = choose(root)
    text = BlockWriter(choice.sure).write(choice.element)
    if choice.sure or len(text) > 200:
        return text
    body = root.find("body")
    whole = BlockWriter(True).write(body if body is not None else root)
    return whole if len(whole) > 3 * len(text) else text
