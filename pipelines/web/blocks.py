"""Writes the text of an element: headings, paragraphs, lists, tables, definition lists and code as plain Markdown.

One pass over the tree. Furniture is skipped on the way (`main_text.is_furniture`), and a block that turns out to be
nothing but short links is taken back when it ends.
"""

import re
from typing import Any, NamedTuple

from lxml import etree

from pipelines.web.formulas import OPEN
from pipelines.web.main_text import LINE_NUMBERS, is_furniture

_HEADINGS = {"h1": "# ", "h2": "## ", "h3": "### ", "h4": "#### ", "h5": "##### ", "h6": "###### "}
_PARAGRAPHS = frozenset(
    ["p", "div", "section", "article", "main", "blockquote", "figure", "figcaption", "details", "summary",
    "address", "center", "fieldset", "form", "header", "footer", "aside", "body", "html", "hgroup", "legend",
    "caption"]
)  # fmt: skip
_LINES = frozenset(["li", "dt", "dd", "tr", "option", "thead", "tbody", "tfoot", "colgroup"])
_GROUPS = frozenset(["ul", "ol", "dl", "table"])
_CLUSTERS = frozenset(["ul", "ol", "dl", "table", "div", "section", "p", "aside", "header", "footer", "td", "center"])
_BLOCKS = _PARAGRAPHS | _LINES | _GROUPS | frozenset(_HEADINGS) | {"pre", "hr", "td", "th", "textarea"}
_COMPLEX_TABLE = etree.XPath(
    "boolean(.//table or .//h1 or .//h2 or .//h3 or .//h4 or .//pre or .//ul or .//dl or "
    "count(.//p) > 2 * count(.//td))"
)
_BLANKS = re.compile(r"\n{3,}")


_SPECIAL = frozenset({"a", "br", "code", "sub", "sup"})


def _code_of(element: Any) -> str:
    """The text of a `pre`: line breaks as elements and lines as blocks count, line numbers do not."""
    if not len(element):
        return element.text or ""
    if element.find(".//br") is None and element.find(".//div") is None and element.find(".//li") is None:
        numbers = [e for e in element.iter("span", "td") if not LINE_NUMBERS.isdisjoint((e.get("class") or "").split())]
        for number in numbers:
            number.clear(keep_tail=True)
        return "".join(element.itertext())
    out: list[str] = [element.text or ""]
    for node in element.iterdescendants():
        if node.tag in {"br", "div", "li", "p", "tr"} and not (out[-1].endswith("\n") and node.tag != "br"):
            out.append("\n")
        out += (node.text or "", "")
        ended = node
        while ended is not element and (ended is not node or not len(node)):
            out.append(ended.tail or "")
            if ended.getnext() is not None:
                break
            ended = ended.getparent()
    return "".join(out)


class _Mark(NamedTuple):
    """Where a block began: lines written, characters, characters in links, number of links, of formulas."""

    lines: int
    characters: int
    linked: int
    links: int
    formulas: int


class BlockWriter:
    """Writes one element as text. `sure`: the page itself said that this element is the text."""

    def __init__(self, sure: bool) -> None:
        self._sure = sure
        self._out: list[str] = []
        self._inline: list[str] = []
        self._characters = self._linked = self._links = self._formulas = 0
        self._in_link = self._in_pre = 0
        self._lists: list[list[int]] = []
        self._marker = ""
        self._tables: list[list[str] | None] = []
        self._in_cells = 0

    def write(self, root: Any) -> str:
        """The text below `root`, blocks separated by line breaks, paragraphs by blank lines."""
        walker = etree.iterwalk(root, events=("start", "end"))
        marks: list[tuple[Any, _Mark]] = []
        skipped: Any = None
        say = self._say
        for event, element in walker:
            tag = element.tag
            if event == "start":
                if element is not root and is_furniture(element, tag):
                    walker.skip_subtree()
                    skipped = element
                    continue
                text = element.text
                if tag in _BLOCKS:
                    self._open(element, tag)
                    if tag in _CLUSTERS:
                        marks.append((element, self._mark()))
                    elif tag == "pre":
                        say(_code_of(element))
                        self._close(tag)
                        walker.skip_subtree()
                        skipped = element
                        continue
                elif tag in _SPECIAL and self._start_inline(element, tag):
                    walker.skip_subtree()
                    skipped = element
                    continue
                if text:
                    say(text)
                continue
            if element is skipped:
                skipped = None
            elif tag in _BLOCKS:
                self._close(tag)
                if marks and marks[-1][0] is element:
                    self._judge(tag, marks.pop()[1])
            elif tag == "a":
                self._in_link -= 1
            if (tail := element.tail) and element is not root:
                say(tail)
        self._flush()
        return _BLANKS.sub("\n\n", "\n".join(self._out)).strip()

    def _start_inline(self, element: Any, tag: str) -> bool:
        """Say what an inline element means; True if what is below it has been said too."""
        if tag == "a":
            self._in_link += 1
            self._links += 1
        elif tag == "br":
            self._break()
        elif tag == "code":
            text = " ".join("".join(element.itertext()).split())
            self._say(f"`{text}`" if text and OPEN not in text and "`" not in text else text)
            return True
        elif len(element) == 0 and element.text and OPEN not in element.text:
            self._inline.append("_" if tag == "sub" else "^")
        return False

    def _mark(self) -> _Mark:
        return _Mark(len(self._out), self._characters, self._linked, self._links, self._formulas)

    def _say(self, text: str) -> None:
        self._inline.append(text)
        if text.isspace():
            return
        length = len(text)
        self._characters += length
        if self._in_link:
            self._linked += length
        if OPEN in text:
            self._formulas += 1

    def _take(self) -> str:
        text = " ".join("".join(self._inline).split())
        self._inline.clear()
        return text

    def _flush(self) -> None:
        if not self._inline:
            return
        if self._in_cells:
            self._inline.append(" ")
            return
        text = self._take()
        if text:
            self._out.append(self._marker + text)
            self._marker = ""

    def _break(self) -> None:
        if self._in_pre:
            self._inline.append("\n")
        elif self._in_cells or (False):
            self._inline.append(" ")
        else:
            self._flush()

    def _open(self, element: Any, tag: str) -> None:
        if self._in_pre:
            if tag in {"div", "p", "li", "tr"} and self._inline and not self._inline[-1].endswith("\n"):
                self._inline.append("\n")
            if tag == "pre":
                self._in_pre += 1
            return
        if tag in {"td", "th"}:
            if self._tables and self._tables[-1] is not None:
                self._in_cells += 1
                self._inline.clear()
            else:
                self._flush()
            return
        if self._in_cells and tag not in {"table", "tr"}:
            self._inline.append(" ")
            return
        self._flush()
        if tag in _HEADINGS:
            self._blank()
        elif tag in {"ul", "ol"}:
            start = element.get("start") or "1"
            self._lists.append([int(start) if start.isdigit() and len(start) < 7 else 1] if tag == "ol" else [])
        elif tag == "li":
            indent = "  " * max(0, len(self._lists) - 1)
            if self._lists and self._lists[-1]:
                self._marker = f"{indent}{self._lists[-1][0]}. "
                self._lists[-1][0] += 1
            else:
                self._marker = f"{indent}- "
        elif tag == "table":
            self._tables.append(None if _COMPLEX_TABLE(element) else [])
        elif tag == "tr":
            if self._tables and self._tables[-1] is not None:
                self._tables[-1].clear()
        elif tag == "pre":
            self._in_pre += 1
            self._blank()
        elif tag == "p" and not self._marker:
            self._blank()

    def _blank(self) -> None:
        if self._out and self._out[-1]:
            self._out.append("")

    def _close(self, tag: str) -> None:
        if self._in_pre:
            if tag == "pre":
                self._in_pre -= 1
                if not self._in_pre:
                    self._write_code()
            return
        if tag in {"td", "th"}:
            if self._tables and self._tables[-1] is not None:
                self._in_cells -= 1
                self._tables[-1].append(self._take())
            else:
                self._flush()
            return
        if self._in_cells and tag not in {"table", "tr"}:
            self._inline.append(" ")
            return
        if tag in _HEADINGS:
            text = self._take()
            if text:
                self._out.append(_HEADINGS[tag] + text)
                self._marker = ""
            self._blank()
            return
        self._flush()
        if tag in {"ul", "ol"}:
            if self._lists:
                self._lists.pop()
            self._marker = ""
            if not self._lists:
                self._blank()
        elif tag == "li":
            self._marker = ""
        elif tag == "table":
            if self._tables:
                self._tables.pop()
            self._blank()
        elif tag == "tr":
            if self._tables and self._tables[-1]:
                cells = self._tables[-1]
                if any(cells):
                    self._out.append(cells[0] if len(cells) == 1 else "| " + " | ".join(cells) + " |")
                self._tables[-1].clear()
        elif tag == "p":
            self._blank()

    def _write_code(self) -> None:
        code = "".join(self._inline).strip("\n")
        self._inline.clear()
        if not code.strip():
            return
        if self._in_cells:
            self._inline.append(code)
            return
        self._out += ["```", code.rstrip(), "```", ""]
        self._marker = ""

    def _judge(self, tag: str, mark: _Mark) -> None:
        """Take back a block that is a cluster of links."""
        links = self._links - mark.links
        if links < 3 or self._in_cells or self._formulas > mark.formulas:
            return
        characters = self._characters - mark.characters
        linked = self._linked - mark.linked
        if characters == 0 or len(self._out) <= mark.lines:
            return
        if linked / characters < (0.9 if self._sure else 0.8) or linked / links > 40:
            return
        if self._sure and tag not in {"p", "div", "ul"}:
            return
        del self._out[mark.lines :]
        self._characters, self._linked, self._links = mark.characters, mark.linked, mark.links
