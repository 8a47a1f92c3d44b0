"""MathML to LaTeX: presentation here, content markup in `pipelines.web.mathml_content`.

For MathML that carries no TeX of its own. The tree is what an HTML parser makes of it, so tags may carry a prefix
(`mml:mi`), attributes may lack quotes and rows may be missing; whatever is not understood is passed through as its
children, and no input raises. Elements and attributes as in W3C MathML 3.0, chapter 3, and MathML Core.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from pipelines.web.mathml_fences import MATRICES, OPENERS, fence, partners, tall
from pipelines.web.mathml_symbols import ACCENTS_OVER, ACCENTS_UNDER, INTEGRALS, LIMITS, WIDE, symbol
from pipelines.web.mathml_tokens import LENGTH, SPECIAL_IN_TEXT, join, local, mi, mn, mo, mspace, mtext, text_of

MAX_DEPTH = 150
"""Elements deeper than this become their text; the interpreter's stack is never at risk."""


def mathml_to_latex(math: Any) -> str:
    """The `math` element (lxml) as LaTeX without delimiters; "" if it is empty."""
    return re.sub(r" {2,}", " ", _row(list(math), 0)).strip()


def group(latex: str) -> str:
    """`latex` as the argument of a script: braces unless it is one character."""
    return latex if len(latex) == 1 and latex not in "'" else f"{{{latex}}}"


def convert(element: Any, depth: int) -> str:
    """One element of presentation markup as LaTeX."""
    if depth > MAX_DEPTH:
        return "".join(symbol(character) for character in text_of(element)[:200])
    name = local(element)
    handler = _HANDLERS.get(name)
    if handler is not None:
        return handler(element, depth)
    if name in _CONTENT:
        from pipelines.web.mathml_content import content_to_latex

        return content_to_latex(element, depth)
    if name in {"annotation", "annotation-xml", "mprescripts", "none", "mspace", "script", "style"}:
        return ""
    rest = _row(list(element), depth + 1)
    if not len(element) and element.text and element.text.strip():
        return "".join(symbol(character) for character in " ".join(element.text.split()))
    return rest


def _children(element: Any) -> list[Any]:
    return [child for child in element if local(child)]


def _row(children: Sequence[Any], depth: int) -> str:
    """Elements side by side; fences around something tall stretch, and a brace before a table makes cases."""
    items = [child for child in children if local(child)]
    while len(items) == 1 and local(items[0]) in {"mrow", "mstyle", "semantics"} and depth <= MAX_DEPTH:
        inner = _children(items[0])
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
            elif any(tall(x) for x in inner):
                out.append(
                    join([f"\\left{fence(sign)}", _row(inner, depth + 1), f"\\right{fence(text_of(items[end]))}"])
                )
            else:
                out += (convert(item, depth + 1), _row(inner, depth + 1), convert(items[end], depth + 1))
            position = end + 1
            continue
        if sign == "{" and position + 1 < len(items) and _table(items[position + 1]) is not None:
            out.append(_cells(_table(items[position + 1]), "cases", depth + 1))
            position += 2
            if position < len(items) and local(items[position]) == "mo" and not text_of(items[position]):
                position += 1
            continue
        out.append(convert(item, depth + 1))
        position += 1
    return join(out)


def _table(element: Any) -> Any:
    """The table that `element` is, or wraps alone; None otherwise."""
    for _ in range(6):
        name = local(element)
        if name == "mtable":
            return element
        children = _children(element)
        if name not in {"mrow", "mstyle", "mpadded"} or len(children) != 1:
            return None
        element = children[0]
    return None


def _matrix(items: Sequence[Any], depth: int) -> str:
    if len(items) != 3 or local(items[0]) != "mo" or local(items[2]) != "mo":
        return ""
    environment = MATRICES.get((text_of(items[0]), text_of(items[2])))
    if environment and (table := _table(items[1])) is not None:
        return _cells(table, environment, depth + 1)
    if text_of(items[0]) == "{" and not text_of(items[2]) and (table := _table(items[1])) is not None:
        return _cells(table, "cases", depth + 1)
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
        parts = _children(element)
        if local(element) == "mrow" and parts and local(parts[0]) == "mo" and text_of(parts[0]) in OPENERS:
            return latex
        return f"{{{latex}}}"
    return latex


def _scripts(element: Any, depth: int, below: int | None, above: int | None) -> str:
    parts = _children(element)
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
    parts = _children(element)
    if len(parts) < 2:
        return _row(parts, depth + 1)
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
    parts = _children(element)
    if len(parts) < 2:
        return _row(parts, depth + 1)
    base = convert(parts[0], depth + 1)
    if command := _accent(parts[1], ACCENTS_UNDER):
        return f"{command}{{{base}}}"
    under = convert(parts[1], depth + 1)
    if base in LIMITS or base in INTEGRALS or base.startswith(("\\underbrace", "\\operatorname")):
        star = base.startswith("\\operatorname{")
        return f"{base.replace('operatorname{', 'operatorname*{', 1) if star else base}_{group(under)}"
    return f"\\underset{{{under}}}{{{base}}}"


def _munderover(element: Any, depth: int) -> str:
    parts = _children(element)
    if len(parts) < 3:
        return _munder(element, depth)
    base, under, over = (convert(part, depth + 1) for part in parts[:3])
    if base in LIMITS or base in INTEGRALS:
        return f"{base}_{group(under)}^{group(over)}"
    if text_of(parts[0]) in {"→", "⟶"}:
        return f"\\xrightarrow[{under}]{{{over}}}"
    return f"\\underset{{{under}}}{{\\overset{{{over}}}{{{base}}}}}"


def _multiscripts(element: Any, depth: int) -> str:
    parts = _children(element)
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
    parts = _children(element)
    top, bottom = (convert(part, depth + 1) for part in parts[:2]) if len(parts) >= 2 else (_row(parts, depth + 1), "")
    thickness = (element.get("linethickness") or "").strip()
    if LENGTH.match(thickness) and re.fullmatch(r"0+(\.0*)?\s*[a-z]*", thickness):
        return f"\\genfrac{{}}{{}}{{0pt}}{{}}{{{top}}}{{{bottom}}}"
    if (element.get("bevelled") or "") == "true":
        return f"{group(top)}/{group(bottom)}"
    return f"\\frac{{{top}}}{{{bottom}}}"


def _msqrt(element: Any, depth: int) -> str:
    return f"\\sqrt{{{_row(_children(element), depth + 1)}}}"


def _mroot(element: Any, depth: int) -> str:
    parts = _children(element)
    index = convert(parts[1], depth + 1) if len(parts) > 1 else ""
    base = convert(parts[0], depth + 1) if parts else ""
    return f"\\sqrt[{index}]{{{base}}}" if index else f"\\sqrt{{{base}}}"


def _mfenced(element: Any, depth: int) -> str:
    left = element.get("open")
    right = element.get("close")
    left, right = "(" if left is None else left.strip(), ")" if right is None else right.strip()
    parts = _children(element)
    if len(parts) == 1 and (table := _table(parts[0])) is not None:
        if environment := MATRICES.get((left, right)):
            return _cells(table, environment, depth + 1)
        if left == "{" and not right:
            return _cells(table, "cases", depth + 1)
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


def _cells(table: Any, environment: str, depth: int) -> str:
    rows = []
    for row in _children(table):
        name = local(row)
        if name not in {"mtr", "mlabeledtr"}:
            rows.append([convert(row, depth + 1)])
            continue
        cells = _children(row)
        if name == "mlabeledtr":
            cells = cells[1:]
        rows.append(
            [_row(_children(cell), depth + 1) if local(cell) == "mtd" else convert(cell, depth + 1) for cell in cells]
        )
    body = " \\\\ ".join(" & ".join(row) for row in rows)
    return f"\\begin{{{environment}}} {body} \\end{{{environment.split('}', maxsplit=1)[0]}}}"


def _mtable(element: Any, depth: int) -> str:
    rows = _children(element)
    labelled = [row for row in rows if local(row) == "mlabeledtr"]
    if len(rows) == 1 and labelled:
        cells = _children(rows[0])
        tag = text_of(cells[0]).strip("() ") if cells else ""
        body = join([_row(_children(cell), depth + 1) for cell in cells[1:]])
        return f"{body} \\tag{{{tag}}}" if tag and re.fullmatch(r"[\w.\-*'⋆]{1,20}", tag) else body
    align = (element.get("columnalign") or "").split()
    widths = {len(_children(row)) for row in rows if local(row) == "mtr"}
    columns = max(widths, default=1)
    if align[:2] == ["right", "left"] or (element.get("displaystyle") == "true" and columns >= 2):
        return _cells(element, "aligned", depth)
    if any(value in align for value in ("left", "right")):
        letters = [{"left": "l", "right": "r"}.get(value, "c") for value in align]
        letters += [letters[-1]] * (columns - len(letters))
        return _cells(element, f"array}}{{{''.join(letters[:columns])}", depth)
    return _cells(
        element,
        "gathered" if columns == 1 and len(rows) > 1 and element.get("displaystyle") == "true" else "matrix",
        depth,
    )


def _menclose(element: Any, depth: int) -> str:
    inner = _row(_children(element), depth + 1)
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
    return _row(_children(element), depth + 1)


def _first(element: Any, depth: int) -> str:
    parts = _children(element)
    return convert(parts[0], depth + 1) if parts else ""


def _semantics(element: Any, depth: int) -> str:
    for part in _children(element):
        if local(part) not in {"annotation", "annotation-xml"}:
            return convert(part, depth + 1)
    for part in _children(element):
        if local(part) == "annotation-xml" and "content" in (part.get("encoding") or "").lower():
            return _row(_children(part), depth + 1)
    return ""


_HANDLERS: dict[str, Callable[[Any, int], str]] = {
    "mi": mi, "mn": mn, "mo": mo, "mtext": mtext, "ms": mtext, "mspace": mspace, "mrow": _mrow, "mstyle": _mrow,
    "mpadded": _mrow, "merror": _mrow, "math": _mrow, "mtd": _mrow, "msup": lambda e, d: _scripts(e, d, None, 1),
    "msub": lambda e, d: _scripts(e, d, 1, None), "msubsup": lambda e, d: _scripts(e, d, 1, 2), "mover": _mover,
    "munder": _munder, "munderover": _munderover, "mmultiscripts": _multiscripts, "mfrac": _mfrac, "msqrt": _msqrt,
    "mroot": _mroot, "mfenced": _mfenced, "mtable": _mtable, "menclose": _menclose, "semantics": _semantics,
    "maction": _first, "mphantom": lambda e, d: f"\\phantom{{{_row(_children(e), d + 1)}}}",
    "mglyph": lambda e, _: f"\\text{{{(e.get('alt') or '').translate(SPECIAL_IN_TEXT)}}}" if e.get("alt") else "",
}  # fmt: skip
_CONTENT = frozenset({
    "apply", "ci", "cn", "csymbol", "bind", "set", "list", "vector", "matrix", "lambda", "interval",
    "piecewise", "reln",
    "pi", "exponentiale", "imaginaryi", "infinity", "eulergamma", "emptyset", "integers", "reals", "rationals",
    "naturalnumbers", "complexes", "primes", "true", "false", "notanumber", "cerror", "cs", "declare", "fn",
})  # fmt: skip
