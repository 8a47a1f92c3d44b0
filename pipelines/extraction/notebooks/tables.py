"""Tables of formulas that a notebook's output holds only as HTML, as Markdown rows.

SymPy, pandas and SageMath show tables so; their cells hold TeX between dollars or brackets. Tables without a formula
are data and stay out, as do all other forms of HTML.
"""

import re

import lxml.html
from lxml import etree

MAX_CHARACTERS = 1 << 20
_FORMULA = re.compile(r"\$[^$\n]++\$|\\\(|\\\[|\\begin\{")
_SPACE = re.compile(r"\s+")


def formula_table(html: object) -> str | None:
    """The rows of the tables in `html` as Markdown, or None where it holds no table with a formula."""
    if not isinstance(html, str) or len(html) > MAX_CHARACTERS or "<t" not in html or not _FORMULA.search(html):
        return None
    try:
        tree = lxml.html.fragment_fromstring(html, create_parent="div")
    except (etree.ParserError, ValueError):
        return None
    rows: list[str] = []
    for row in tree.iter("tr"):
        cells = [_SPACE.sub(" ", cell.text_content()).strip() for cell in row if cell.tag in ("td", "th")]
        if any(cells):
            rows.append("| " + " | ".join(cells) + " |")
    text = "\n".join(rows)
    return text if _FORMULA.search(text) else None
