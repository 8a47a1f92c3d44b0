"""MathML to LaTeX: presentation here, content markup in `pipelines.extraction.math.mathml_content`.

For MathML that carries no TeX of its own. The tree is what an HTML parser makes of it, so tags may carry a prefix
(`mml:mi`), attributes may lack quotes and rows may be missing; whatever is not understood is passed through as its
children, and no input raises. Elements and attributes as in W3C MathML 3.0, chapter 3, and MathML Core.
"""

import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

from lxml import etree

from pipelines.extraction.html.formula_names import is_tex
from pipelines.extraction.math.mathml_content import content_to_latex
from pipelines.extraction.math.mathml_fences import MATRICES, OPENERS, closing_sign, fence, partners, tall
from pipelines.extraction.math.mathml_recursion import HANDLERS, MAX_DEPTH, OTHER, convert
from pipelines.extraction.math.mathml_symbols import ACCENTS_OVER, ACCENTS_UNDER, INTEGRALS, LIMITS, WIDE, symbol
from pipelines.extraction.math.mathml_tables import mtable, table, table_in
from pipelines.extraction.math.mathml_tokens import (
    LENGTH,
    SPECIAL_IN_TEXT,
    children_of,
    join,
    local,
    mi,
    mn,
    mo,
    mspace,
    mtext,
    stray,
    text_of,
    upright_words,
)


def mathml_to_latex(math: Any) -> str:
    """The `math` element (lxml) as LaTeX without delimiters; "" if it is empty."""
    latex = upright_words(re.sub(r" {2,}", " ", join([stray(math.text), row(list(math), 0)]))).strip()
    while latex.endswith("\\") and (len(latex) - len(latex.rstrip("\\"))) % 2:
        latex = latex[:-1].rstrip()  # a space at the end, cut in half
    return latex


def parse_mathml(source: str) -> Any:
    """MathML from an attribute or a script as a tree; None if it is none."""
    if "<math" not in source.lower() and ":math" not in source.lower():
        return None
    try:
        tree = etree.fromstring(source.encode("utf-8", "replace")[:500_000], etree.HTMLParser(encoding="utf-8"))
    except (etree.LxmlError, ValueError):
        return None
    return next((node for node in tree.iter() if local(node) == "math"), None) if tree is not None else None


def tex_alttext(math: Any) -> str:
    """The `alttext` of a `math` element if it is TeX."""
    alt = (math.get("alttext") or math.get("data-latex") or "").strip()
    return alt if alt and is_tex(alt) else ""


def group(latex: str) -> str:
    """`latex` as the argument of a script: braces unless it is one character."""
    return latex if len(latex) == 1 and latex not in "'" else f"{{{latex}}}"


def _other(element: Any, depth: int) -> str:
    """An element that MathML does not know is what stands in it."""
    rest = row(list(element), depth + 1)
    if not len(element) and element.text and element.text.strip():
        return "".join(symbol(character) for character in " ".join(element.text.split()))
    return rest


def row(children: Sequence[Any], depth: int) -> str:
    """Elements side by side; fences around something tall stretch, and a brace before a table makes cases."""
    items = [child for child in children if local(child)]
    while len(items) == 1 and local(items[0]) in {"mrow", "mstyle", "semantics"} and depth <= MAX_DEPTH:
        if stray(items[0].text) or stray(items[0].tail):
            break
        inner = children_of(items[0])
        if local(items[0]) == "semantics":
            inner = inner[:1]
        items = inner
        depth += 1
    if special := _matrix(items, depth):
        return special
    if depth > MAX_DEPTH:
        return join([convert(item, depth) for item in items])
    out: list[str] = []
    pairs = partners(items)
    position = 0
    while position < len(items):
        item = items[position]
        sign = text_of(item) if local(item) == "mo" else ""
        if end := pairs.get(position, 0):
            inner = items[position + 1 : end]
            if special := _matrix(items[position : end + 1], depth):
                out.append(special)
            else:
                left, right = fence(sign), fence(closing_sign(items[end]))
                if any(tall(x) for x in inner):
                    left, right = f"\\left{left}", f"\\right{right}"
                out.append(join([left, stray(item.tail), row(inner, depth + 1), right]))
                out[-1] += _scripts_of(items[end], depth)
            out.append(stray(items[end].tail))
            position = end + 1
            continue
        if sign == "{" and position + 1 < len(items) and table_in(items[position + 1]) is not None:
            out.append(table(table_in(items[position + 1]), "cases", depth + 1))
            position += 2
            if position < len(items) and local(items[position]) == "mo" and not text_of(items[position]):
                position += 1
            continue
        out += (convert(item, depth + 1), stray(item.tail))
        position += 1
    return join(out)


def _scripts_of(closing: Any, depth: int) -> str:
    """The scripts of a closing fence that is their base, as in `(a+b)` squared; "" for a bare fence."""
    if local(closing) == "mo":
        return ""
    bare = etree.Element(local(closing))
    bare.extend([etree.Element("mrow"), *(deepcopy(part) for part in children_of(closing)[1:])])
    return convert(bare, depth + 1).removeprefix("{}")


def _matrix(items: Sequence[Any], depth: int) -> str:
    if len(items) != 3 or local(items[0]) != "mo" or local(items[2]) != "mo":
        return ""
    environment = MATRICES.get((text_of(items[0]), text_of(items[2])))
    if environment and (found := table_in(items[1])) is not None:
        return table(found, environment, depth + 1)
    if text_of(items[0]) == "{" and not text_of(items[2]) and (found := table_in(items[1])) is not None:
        return table(found, "cases", depth + 1)
    return ""


def _base(element: Any, depth: int) -> str:
    """The base of a script: braces where it is more than one token."""
    latex = convert(element, depth + 1)
    if not latex:
        return "{}"
    if local(element) in {
        "mrow",
        "mstyle",
        "msup",
        "msub",
        "msubsup",
        "mover",
        "munder",
        "munderover",
        "mfrac",
    } and not re.fullmatch(r"\\?[a-zA-Z]+|.|\\left.*\\right.", latex, re.DOTALL):
        parts = children_of(element)
        if local(element) == "mrow" and parts and local(parts[0]) == "mo" and text_of(parts[0]) in OPENERS:
            return latex
        return f"{{{latex}}}"
    return latex


def _scripts(element: Any, depth: int, below: int | None, above: int | None) -> str:
    parts = children_of(element)
    if not parts:
        return ""
    base = _base(parts[0], depth)
    out = [base]
    if below is not None and below < len(parts) and (script := convert(parts[below], depth + 1)):
        out.append(f"_{group(script)}")
    if above is not None and above < len(parts) and (script := convert(parts[above], depth + 1)):
        out.append(script if script.strip("'") == "" else f"^{group(script)}" if script != "^{\\circ}" else script)
    return "".join(out)


def _accent(element: Any, table: dict[str, str]) -> str:
    """The accent command that a mark above or below stands for."""
    text = text_of(element)
    return table.get(text, "") if text and len(text) <= 3 else ""


def _mover(element: Any, depth: int) -> str:
    parts = children_of(element)
    if len(parts) < 2:
        return row(parts, depth + 1)
    base = convert(parts[0], depth + 1)
    if command := _accent(parts[1], ACCENTS_OVER):
        plain = len(text_of(parts[0])) <= 1
        return f"{command if plain else WIDE.get(command, command)}{{{base}}}"
    over = convert(parts[1], depth + 1)
    if base in LIMITS or base in INTEGRALS or base.startswith("\\overbrace"):
        return f"{base}^{group(over)}"
    if text_of(parts[0]) in {"→", "⟶"}:
        return f"\\xrightarrow{{{over}}}"
    if text_of(parts[0]) in {"←", "⟵"}:
        return f"\\xleftarrow{{{over}}}"
    return f"\\overset{{{over}}}{{{base}}}"


def _munder(element: Any, depth: int) -> str:
    parts = children_of(element)
    if len(parts) < 2:
        return row(parts, depth + 1)
    base = convert(parts[0], depth + 1)
    if command := _accent(parts[1], ACCENTS_UNDER):
        return f"{command}{{{base}}}"
    under = convert(parts[1], depth + 1)
    if base in LIMITS or base in INTEGRALS or base.startswith(("\\underbrace", "\\operatorname")):
        star = base.startswith("\\operatorname{")
        return f"{base.replace('operatorname{', 'operatorname*{', 1) if star else base}_{group(under)}"
    return f"\\underset{{{under}}}{{{base}}}"


def _munderover(element: Any, depth: int) -> str:
    parts = children_of(element)
    if len(parts) < 3:
        return _munder(element, depth)
    base, under, over = (convert(part, depth + 1) for part in parts[:3])
    if base in LIMITS or base in INTEGRALS:
        return f"{base}_{group(under)}^{group(over)}"
    if text_of(parts[0]) in {"→", "⟶"}:
        return f"\\xrightarrow[{under}]{{{over}}}"
    return f"\\underset{{{under}}}{{\\overset{{{over}}}{{{base}}}}}"


def _multiscripts(element: Any, depth: int) -> str:
    parts = children_of(element)
    if not parts:
        return ""
    before: list[Any] = []
    after: list[Any] = []
    target = after
    for part in parts[1:]:
        if local(part) == "mprescripts":
            target = before
        else:
            target.append(part)

    def write(scripts: list[Any]) -> str:
        out = []
        for index in range(0, len(scripts), 2):
            pair = [convert(script, depth + 1) for script in scripts[index : index + 2]]
            if pair[0]:
                out.append(f"_{group(pair[0])}")
            if len(pair) > 1 and pair[1]:
                out.append(f"^{group(pair[1])}")
            if index + 2 < len(scripts):
                out.append("{}")
        return "".join(out)

    prescripts = write(before)
    return (f"{{}}{prescripts}" if prescripts else "") + _base(parts[0], depth) + write(after)


def _mfrac(element: Any, depth: int) -> str:
    parts = children_of(element)
    top, bottom = (convert(part, depth + 1) for part in parts[:2]) if len(parts) >= 2 else (row(parts, depth + 1), "")
    thickness = (element.get("linethickness") or "").strip()
    if LENGTH.match(thickness) and re.fullmatch(r"0+(\.0*)?\s*[a-z]*", thickness):
        return f"\\genfrac{{}}{{}}{{0pt}}{{}}{{{top}}}{{{bottom}}}"
    if (element.get("bevelled") or "") == "true":
        return f"{group(top)}/{group(bottom)}"
    return f"\\frac{{{top}}}{{{bottom}}}"


def _msqrt(element: Any, depth: int) -> str:
    return f"\\sqrt{{{row(children_of(element), depth + 1)}}}"


def _mroot(element: Any, depth: int) -> str:
    parts = children_of(element)
    index = convert(parts[1], depth + 1) if len(parts) > 1 else ""
    base = convert(parts[0], depth + 1) if parts else ""
    return f"\\sqrt[{index}]{{{base}}}" if index else f"\\sqrt{{{base}}}"


def _mfenced(element: Any, depth: int) -> str:
    left = element.get("open")
    right = element.get("close")
    left, right = "(" if left is None else left.strip(), ")" if right is None else right.strip()
    parts = children_of(element)
    if len(parts) == 1 and (found := table_in(parts[0])) is not None:
        if environment := MATRICES.get((left, right)):
            return table(found, environment, depth + 1)
        if left == "{" and not right:
            return table(found, "cases", depth + 1)
    separators = "".join((element.get("separators") if element.get("separators") is not None else ",").split())
    out: list[str] = []
    for index, part in enumerate(parts):
        if index and separators:
            out.append(symbol(separators[min(index - 1, len(separators) - 1)]))
        out.append(convert(part, depth + 1))
    inner = join(out)
    if any(tall(part) for part in parts) or not left or not right:
        if not left and not right:
            return inner
        return join([f"\\left{fence(left)}", inner, f"\\right{fence(right)}"])
    return join([fence(left), inner, fence(right)])


def _menclose(element: Any, depth: int) -> str:
    inner = row(children_of(element), depth + 1)
    notation = set((element.get("notation") or "longdiv").split())
    if notation & {"box", "roundedbox"}:
        return f"\\boxed{{{inner}}}"
    if notation & {"radical"}:
        return f"\\sqrt{{{inner}}}"
    if notation >= {"updiagonalstrike", "downdiagonalstrike"}:
        return f"\\xcancel{{{inner}}}"
    if notation & {"updiagonalstrike"}:
        return f"\\cancel{{{inner}}}"
    if notation & {"downdiagonalstrike"}:
        return f"\\bcancel{{{inner}}}"
    if notation & {"top", "actuarial"}:
        return f"\\overline{{{inner}}}"
    if notation & {"bottom"}:
        return f"\\underline{{{inner}}}"
    return inner


def _mrow(element: Any, depth: int) -> str:
    return join([stray(element.text), row(children_of(element), depth + 1)])


def _first(element: Any, depth: int) -> str:
    parts = children_of(element)
    return convert(parts[0], depth + 1) if parts else ""


def _semantics(element: Any, depth: int) -> str:
    for part in children_of(element):
        if local(part) not in {"annotation", "annotation-xml"}:
            return convert(part, depth + 1)
    for part in children_of(element):
        if local(part) == "annotation-xml" and "content" in (part.get("encoding") or "").lower():
            return row(children_of(part), depth + 1)
    return ""


_PRESENTATION: dict[str, Callable[[Any, int], str]] = {
    "mi": mi, "mn": mn, "mo": mo, "mtext": mtext, "ms": mtext, "mspace": mspace, "mrow": _mrow, "mstyle": _mrow,
    "mpadded": _mrow, "merror": _mrow, "math": _mrow, "mtd": _mrow, "msup": lambda e, d: _scripts(e, d, None, 1),
    "msub": lambda e, d: _scripts(e, d, 1, None), "msubsup": lambda e, d: _scripts(e, d, 1, 2), "mover": _mover,
    "munder": _munder, "munderover": _munderover, "mmultiscripts": _multiscripts, "mfrac": _mfrac, "msqrt": _msqrt,
    "mroot": _mroot, "mfenced": _mfenced, "mtable": mtable, "menclose": _menclose, "semantics": _semantics,
    "maction": _first, "mphantom": lambda e, d: f"\\phantom{{{row(children_of(e), d + 1)}}}",
    "mglyph": lambda e, _: f"\\text{{{(e.get('alt') or '').translate(SPECIAL_IN_TEXT)}}}" if e.get("alt") else "",
}  # fmt: skip
_SILENT = ("annotation", "annotation-xml", "mprescripts", "none", "script", "style")
_CONTENT = frozenset({
    "apply", "ci", "cn", "csymbol", "bind", "set", "list", "vector", "matrix", "lambda", "interval",
    "piecewise", "reln",
    "pi", "exponentiale", "imaginaryi", "infinity", "eulergamma", "emptyset", "integers", "reals", "rationals",
    "naturalnumbers", "complexes", "primes", "true", "false", "notanumber", "cerror", "cs", "declare", "fn",
})  # fmt: skip
HANDLERS.update(_PRESENTATION)
HANDLERS.update(dict.fromkeys(_CONTENT, content_to_latex))
HANDLERS.update(dict.fromkeys(_SILENT, lambda _element, _depth: ""))
HANDLERS[OTHER] = _other
