"""Lifts formulas that are elements of the page: scripts, MathML, rendered trees of KaTeX and MathJax, images, spans.

Elements are visited from the outside in, and what stands inside a lifted one is not looked at again, so that a
formula that a page keeps in three forms (source, assistive MathML, glyphs) counts once. The lifted element stays as an
empty `span` with the mark as its text, at its place in the reading order.
"""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pipelines.extraction.html.automaton import Automaton
from pipelines.extraction.html.build_kernel import COLUMNS, STATE
from pipelines.extraction.html.formula_names import (
    CLASS_PARTS,
    DATA,
    DISPLAY_CLASSES,
    HIDDEN,
    INSIDE,
    MJ_RENDERED,
    TEX_CLASSES,
    TEX_ENCODING,
    TEX_TAGS,
    is_tex,
)
from pipelines.extraction.html.limits import HostilePageError
from pipelines.extraction.html.names import NUMBER
from pipelines.extraction.html.tree import Node, Tree
from pipelines.extraction.html.tree_kernel import GONE
from pipelines.extraction.html.writing import to_lxml
from pipelines.extraction.math.candidates import formula_rows
from pipelines.extraction.math.equation_tables import CLASSES as TABLE_CLASSES
from pipelines.extraction.math.equation_tables import equations_of
from pipelines.extraction.math.formulas import Formulas, tidy
from pipelines.extraction.math.images import formula_of, is_drawn
from pipelines.extraction.math.katex_glyphs import katex_to_mathml
from pipelines.extraction.math.mathjax_frames import has_source
from pipelines.extraction.math.mathjax_glyphs import chtml_to_mathml, frame_to_mathml, svg_to_mathml
from pipelines.extraction.math.mathml import mathml_to_latex, parse_mathml, tex_alttext
from pipelines.extraction.math.mathml_tokens import local
from pipelines.extraction.math.texts import formula_in, is_formula_text

MAX_SCANNED, MAX_SCANNED_EACH = 30_000, 20
"""Elements looked at for sources inside formulas, each time counted: so many, and so many for each element of the page;
1,849 large real pages needed at most 12,087."""
MAX_TEXT = 20_000
_MATH, _ANNOTATION, _SCRIPT = NUMBER["math"], NUMBER["annotation"], NUMBER["script"]
_WORDS = Automaton((word.encode(), 0) for word in CLASS_PARTS)
_WORDS_WITHOUT_TEX = Automaton((word.encode(), 0) for word in CLASS_PARTS if word != "tex")
"""For pages that name no TeX: there `text-center` and its like would only be looked at."""
_PARTS = tuple(part for variants in CLASS_PARTS.values() for part in variants)
_PARTS_WITHOUT_TEX = tuple(part for word, variants in CLASS_PARTS.items() if word != "tex" for part in variants)


@lru_cache(maxsize=20_000)
def _may_mean_formula(classes: str, parts: tuple[str, ...]) -> bool:
    """Whether a class attribute holds one of `parts`."""
    return any(part in classes for part in parts)


class ElementLifter:
    """Replaces the formulas of one tree that are elements by their marks."""

    def __init__(self, tree: Tree, formulas: Formulas, typeset: bool, named: bool, typed: bool) -> None:
        """`typeset`: the page says that it has TeX; `named`: it holds one of `TEX_NAMES`; `typed`: the type of a script
        may be one of mathematics."""
        self._tree = tree
        self._named = named
        self._typed = typed
        self._formulas = formulas
        self._typeset = typeset
        self._budget = MAX_SCANNED + MAX_SCANNED_EACH * len(tree.nodes)
        self._scripts: dict[str, Any] = {}
        self._empty_until = 0

    def lift(self) -> None:
        """Lift every formula element of the tree."""
        tree = self._tree
        classed, named = formula_rows(tree, _WORDS if self._named else _WORDS_WITHOUT_TEX)
        parts = _PARTS if self._named else _PARTS_WITHOUT_TEX
        rows = [row for row in named if tree.cells[row * COLUMNS] != _SCRIPT]
        if self._typed:
            rows = named
            scripts = (Node(tree, row) for row in named if tree.cells[row * COLUMNS] == _SCRIPT)
            self._scripts = {identifier: script for script in scripts if (identifier := script.get("id"))}
        cells = tree.cells
        # Containers first: what is inside a lifted one is gone when its turn comes.
        for row, by_attribute in classed:
            if cells[row * COLUMNS + STATE] & GONE:
                continue
            element = Node(tree, row)
            if (by_attribute or _may_mean_formula(element.get("class") or "", parts)) and local(element) not in INSIDE:
                self._visit(element)
        for row in rows:
            if not cells[row * COLUMNS + STATE] & GONE:
                self._visit(Node(tree, row))

    def _replace(self, element: Any, mark: str) -> None:
        display = element.tag in {"div", "p", "figure", "table"} and bool(mark)
        self._tree.empty(element.row)
        parent = element.getparent()
        element.tag = "p" if display and parent is not None and parent.tag != "p" else "span"
        element.text = mark or None
        if not mark:
            return
        self._tree.strip_around(element.row, "$")
        for _ in range(3):
            if parent is None:
                break
            if self._tree.may_be_hidden(parent.row):
                if HIDDEN.search(parent.get("style") or ""):
                    self._tree.remove_attribute(parent.row, "style")
                if parent.get("aria-hidden") == "true":
                    self._tree.remove_attribute(parent.row, "aria-hidden")
            parent = parent.getparent()

    def _spend(self, looked_at: int) -> None:
        """Raises `HostilePageError` when the page's scans come to too many nodes."""
        self._budget -= looked_at
        if self._budget < 0:
            raise HostilePageError("formulas nested in each other: too many elements to look at")

    def _nodes(self, element: Any) -> Iterator[Any]:
        """`element` and all below it."""
        for node in element.iter():
            self._spend(1)
            yield node

    def _math_below(self, element: Any) -> Any:
        if not self._tree.has_prefixes:
            row = self._tree.first(_MATH, element.row)
            self._spend(row - element.row if row >= 0 else self._tree.size(element.row))
            return Node(self._tree, row) if row >= 0 else None
        return next((node for node in self._nodes(element) if local(node) == "math"), None)

    def _annotation(self, element: Any) -> str:
        """The TeX annotation below `element`; "" if there is none."""
        if self._tree.has_prefixes or not isinstance(element, Node):  # MathML in an attribute is a tree of lxml
            named = self._nodes(element)
        else:
            self._spend(self._tree.size(element.row))
            named = self._tree.each(_ANNOTATION, element.row)
        for node in named:
            if local(node) != "annotation" or not TEX_ENCODING.search(node.get("encoding") or ""):
                continue
            if text := "".join(node.itertext()).strip():
                return text
        return ""

    def _text(self, element: Any) -> str:
        """The text below `element`, cut where it is longer than any formula."""
        out: list[str] = []
        length = 0
        for node in self._nodes(element):
            for part in (node.text, node.tail if node != element else None):
                if part:
                    out.append(part)
                    length += len(part)
            if length > MAX_TEXT:
                break
        return " ".join("".join(element.itertext()).split()) if length <= MAX_TEXT else " " * MAX_TEXT

    def _put(self, element: Any, latex: str, kind: str, display: bool = False) -> None:
        self._replace(element, self._formulas.mark(latex, kind, display))

    def _visit(self, element: Any) -> None:
        name = local(element)
        if name == "img":
            self._image(element)
        elif name == "script":
            self._script(element)
        elif name == "math":
            self._math(element, element)
        elif name == "mjx-container":
            self._mjx(element)
        elif name == "alternatives":
            self._alternatives(element)
        elif name in TEX_TAGS:
            text = (element.get("value") or element.get("expression") or "".join(element.itertext())).strip()
            display = "display" in (element.get("class") or "") or element.get("block") is not None
            self._put(element, text, "tex_element", display)
        else:
            self._classed(element)

    def _alternatives(self, element: Any) -> None:
        """One formula that JATS holds in several forms: its TeX, or else its MathML."""
        tex = next((node for node in self._nodes(element) if local(node) == "tex-math"), None)
        around = element.getparent()
        display = around is not None and "disp" in f"{around.tag} {around.get('class') or ''}"
        if tex is not None:
            self._put(element, "".join(tex.itertext()), "tex_element", display)
        elif (math := self._math_below(element)) is not None:
            self._math(element, math, display)

    def _image(self, image: Any) -> None:
        mathml = image.get("data-mathml")
        parsed = parse_mathml(mathml.translate({0xAB: "<", 0xBB: ">", 0xA8: '"', 0xA7: "&"})) if mathml else None
        if parsed is not None and (latex := mathml_to_latex(parsed)):
            self._put(image, latex, "image")
        elif formula := formula_of(image):
            self._put(image, formula.latex, "image", formula.display)
        elif is_drawn(image):
            self._formulas.miss("image_drawn")
            self._replace(image, "")

    def _script(self, script: Any) -> None:
        if (formula := formula_in(script.get("type") or "", script.text or "")) is not None:
            self._put(script, formula.latex, formula.kind, formula.display)

    def _math(self, target: Any, math: Any, display: bool = False) -> None:
        """Lift `target`, whose formula is the MathML element `math`."""
        display = display or "block" in (math.get("display") or "") or (math.get("mode") or "") == "display"
        if tex := self._annotation(math):
            self._put(target, tex, "annotation", display)
            return
        if alt := tex_alttext(math):
            self._put(target, alt, "alttext", display)
            return
        tree = to_lxml(math) if isinstance(math, Node) else math
        self._put(target, mathml_to_latex(tree), "mathml", display)

    def _equations(self, table: Any) -> bool:
        """Lift the displays that a table lays out; whether it held any."""
        self._spend(self._tree.size(table.row))
        found = equations_of(table, self._source)
        pieces = [(self._formulas.mark(latex, "equation_table", True), words) for latex, words in found]
        if pieces:
            self._replace(table, " ".join(part for piece in pieces for part in piece if part))
        return bool(pieces)

    def _source(self, element: Any) -> str | None:
        """The LaTeX of an element inside a table of equations; None if it is no formula."""
        name = local(element)
        if name == "math":
            return tidy(self._annotation(element) or tex_alttext(element) or mathml_to_latex(to_lxml(element)))[0]
        if name == "img" and (formula := formula_of(element)) is not None:
            return tidy(formula.latex)[0]
        if "ltx_Math" in (element.get("class") or "").split():
            return tidy("".join(element.itertext()))[0]
        return None

    def _mjx(self, container: Any) -> None:
        display = container.get("display") == "true"
        for node in self._nodes(container):
            if tex := node.get("data-latex"):
                self._put(container, tex, "mathjax", display)
                return
            if tex := node.get("data-original") or node.get("data-tex"):
                self._put(container, tex, "mathjax", display)
                return
            if local(node) == "math":
                break
        math = self._math_below(container)
        if math is not None:
            self._math(container, math, display)
            return
        latex = ""
        for node in self._nodes(container):
            if local(node) == "mjx-math":
                latex = mathml_to_latex(chtml_to_mathml(to_lxml(node)))
                break
            if local(node) == "svg":
                latex = mathml_to_latex(svg_to_mathml(to_lxml(container)))
                break
        self._put(container, latex, "mathjax", display)

    def _classed(self, element: Any) -> None:
        classes = (element.get("class") or "").lower().split()
        names = set(classes)
        display = bool(names & DISPLAY_CLASSES) or element.get("data-display") == "true"
        if "katex-display" in names or "katex" in names or "katex-mathml" in names:
            self._katex(element, "katex-display" in names)
        elif "katex-error" in names:
            self._put(element, "".join(element.itertext()), "katex", display)
        elif "js-render-math" in names:  # GitLab
            self._put(element, "".join(element.itertext()), "tex_element", element.get("data-math-style") == "display")
        elif "mwe-math-element" in names:
            self._wiki(element)
        elif "mathjax_preview" in names:
            self._preview(element)
        elif names & MJ_RENDERED or "mathjax_display" in names:
            self._mathjax2(element, any("display" in name for name in classes))
        elif "texerror" in names or ("error" in names and "texvc" in names):
            match = re.search(r"\{(.+)\}", "".join(element.itertext()), re.DOTALL)
            if match:
                self._put(element, match.group(1), "tex_element")
        elif element.tag == "table" and names & TABLE_CLASSES and self._equations(element):
            pass
        elif element.tag not in {"body", "html", "head", "link", "meta", "script", "style", "input", "a"}:
            self._data_or_text(element, names, display)

    def _katex(self, element: Any, display: bool) -> None:
        inside = element.row < self._empty_until  # of one that holds neither MathML nor what KaTeX draws
        math = None if inside else self._math_below(element)
        parent = element.getparent()
        if parent is not None and not display:
            display = "katex-display" in (parent.get("class") or "")
        source = next((element.get(n) for n in DATA if element.get(n)), None)
        if math is not None and (tex := self._annotation(math)):
            self._put(element, tex, "annotation", display or math.get("display") == "block")
        elif source:
            self._put(element, source, "katex", display)
        elif math is not None:
            self._math(element, math, display)
        elif latex := "" if inside else self._katex_drawn(element):
            self._put(element, latex, "katex", display)
        else:
            self._empty_until = max(self._empty_until, element.row + self._tree.size(element.row))
            text = "".join(element.itertext()).replace("\u200b", "").strip()
            if text and len(text) < 2000 and (len(element) == 0 or "katex" in (element.get("class") or "").split()):
                self._put(element, text, "katex", display)

    def _katex_drawn(self, element: Any) -> str:
        """The LaTeX of what KaTeX sets where it keeps no source; "" if nothing is set so."""
        found = next((node for node in self._nodes(element) if "katex-html" in (node.get("class") or "")), None)
        return mathml_to_latex(katex_to_mathml(to_lxml(found))) if found is not None else ""

    def _wiki(self, element: Any) -> None:
        self._spend(self._tree.size(element.row))
        shown = " ".join(node.get("class") or "" for node in element.iter("span", "img", "div", "meta"))
        display = "-display" in shown or "block" in (element.get("class") or "")
        math = self._math_below(element)
        if math is not None:
            self._math(element, math, display or math.get("display") == "block")
            return
        for image in element.iter("img"):
            if alt := (image.get("alt") or "").strip():
                self._put(element, alt, "image", display)
                return

    def _preview(self, element: Any) -> None:
        following = element.getnext()
        rendered = following is not None and "mathjax" in (following.get("class") or "").lower()
        if has_source(element) or rendered or not self._text(element):
            self._replace(element, "")
        else:
            self._put(element, "".join(element.itertext()), "mathjax")

    def _mathjax2(self, element: Any, display: bool) -> None:
        frame = next(
            (node.get("id") for node in self._nodes(element) if (node.get("id") or "").startswith("MathJax-Element-")),
            "",
        )
        number = re.match(r"MathJax-Element-\d+", frame or "")
        if has_source(element) or (number and number.group() in self._scripts):
            self._replace(element, "")
            return
        math = self._math_below(element)
        if math is None:
            for node in self._nodes(element):
                if source := node.get("data-mathml"):
                    math = parse_mathml(source)
                    break
        if math is not None:
            self._math(element, math, display)
        elif number and element.tag == "span" and (latex := mathml_to_latex(frame_to_mathml(to_lxml(element)))):
            self._put(element, latex, "mathjax", display)
        elif any(local(node) in {"script", "math"} for node in self._nodes(element)) or len(self._text(element)) > 2000:
            return
        elif (element.tag == "span" or display) and (text := self._text(element)):
            self._put(element, text, "mathjax", display)

    def _data_or_text(self, element: Any, names: set[str], display: bool) -> None:
        if self._tree.may_have_formula(element.row) and self._data(element, names, display):
            return
        if names & TEX_CLASSES and len(element) == 0 and (text := (element.text or "").strip()) and len(text) <= 5000:
            self._leaf(element, text, names, display)

    def _data(self, element: Any, names: set[str], display: bool) -> bool:
        """Lift an element whose attributes hold its formula; whether it was one, or could have been no other."""
        for attribute in DATA:
            source = (element.get(attribute) or "").strip()
            if source and (len(element) == 0 or len(self._text(element)) < 2000) and is_tex(source):
                self._put(element, source, "tex_attribute", display or "display" in names)
                return True
        if (attrs := element.get("data-attrs")) and "persistentExpression" in attrs:
            try:
                expression = json.loads(attrs).get("persistentExpression", "")
            except (ValueError, AttributeError):
                expression = ""
            if isinstance(expression, str) and expression:
                self._put(element, expression, "tex_attribute", True)
                return True
        if mathml := element.get("data-mathml"):
            parsed = parse_mathml(mathml)
            if parsed is not None and (latex := mathml_to_latex(parsed)):
                self._put(element, latex, "mathml", display)
                return True
        return False

    def _leaf(self, element: Any, text: str, names: set[str], display: bool) -> None:
        """An element of a mathematical class that holds nothing but text: TeX with or without delimiters."""
        if is_formula_text(text, names, self._typeset):
            block = element.tag == "div" and "math" in names
            self._put(element, text, "tex_element", display or (block and not text.startswith("\\(")))
