"""Content MathML to LaTeX: `apply` and its operators written the way mathematicians write them.

Elements as in W3C MathML 3.0, chapter 4. An operator that is not known is written as a function of its arguments.
"""

from typing import Any

from pipelines.extraction.math.mathml_recursion import MAX_DEPTH, convert
from pipelines.extraction.math.mathml_symbols import FUNCTIONS, symbol
from pipelines.extraction.math.mathml_tokens import join, text_of
from pipelines.extraction.math.mathml_tokens import local as _local

_CONSTANTS = {
    "pi": "\\pi", "exponentiale": "e", "imaginaryi": "i", "infinity": "\\infty", "eulergamma": "\\gamma",
    "emptyset": "\\emptyset", "integers": "\\mathbb{Z}", "reals": "\\mathbb{R}", "rationals": "\\mathbb{Q}",
    "naturalnumbers": "\\mathbb{N}", "complexes": "\\mathbb{C}", "primes": "\\mathbb{P}", "true": "\\mathrm{true}",
    "false": "\\mathrm{false}", "notanumber": "\\mathrm{NaN}",
}  # fmt: skip
_INFIX = {
    "eq": ("=", 1), "neq": ("\\neq", 1), "lt": ("<", 1), "gt": (">", 1), "leq": ("\\leq", 1), "geq": ("\\geq", 1),
    "equivalent": ("\\equiv", 1), "approx": ("\\approx", 1), "implies": ("\\Rightarrow", 0), "in": ("\\in", 1),
    "notin": ("\\notin", 1), "subset": ("\\subseteq", 1), "prsubset": ("\\subset", 1),
    "notsubset": ("\\nsubseteq", 1),
    "tendsto": ("\\to", 1), "factorof": ("\\mid", 1), "and": ("\\wedge", 2), "or": ("\\vee", 2),
    "xor": ("\\oplus", 2),
    "union": ("\\cup", 3), "intersect": ("\\cap", 3), "setdiff": ("\\setminus", 3), "plus": ("+", 4),
    "minus": ("-", 4),
    "cartesianproduct": ("\\times", 5), "times": ("", 5), "vectorproduct": ("\\times", 5),
    "scalarproduct": ("\\cdot", 5),
    "outerproduct": ("\\otimes", 5), "compose": ("\\circ", 5), "rem": ("\\bmod", 5),
}  # fmt: skip
_AROUND = {
    "abs": ("|", "|"), "card": ("|", "|"), "floor": ("\\lfloor ", "\\rfloor"), "ceiling": ("\\lceil ", "\\rceil"),
    "determinant": ("\\det ", ""), "conjugate": ("\\overline{", "}"), "not": ("\\neg ", ""), "factorial": ("", "!"),
    "transpose": ("", "^{T}"), "inverse": ("", "^{-1}"), "exp": ("e^{", "}"), "grad": ("\\nabla ", ""),
    "divergence": ("\\nabla\\cdot ", ""), "curl": ("\\nabla\\times ", ""), "laplacian": ("\\nabla^2 ", ""),
}  # fmt: skip
_BIG = {"sum": "\\sum", "product": "\\prod", "int": "\\int", "limit": "\\lim", "max": "\\max", "min": "\\min"}
_QUALIFIERS = frozenset(
    {"bvar", "lowlimit", "uplimit", "interval", "condition", "degree", "logbase", "domainofapplication",
    "momentabout"}
)  # fmt: skip
_NAMES = {"arcsinh": "arsinh", "arccosh": "arcosh", "arctanh": "artanh", "real": "Re", "imaginary": "Im", "arg": "arg"}
_ATOM, _POWER, _PRODUCT = 9, 6, 5


def content_to_latex(element: Any, depth: int = 0) -> str:
    """One element of content markup as LaTeX."""
    return _write(element, depth)[0]


def _children(element: Any) -> list[Any]:
    return [child for child in element if _local(child)]


def _bracket(element: Any, depth: int, above: int) -> str:
    """`element`, in parentheses if it binds no tighter than `above`."""
    latex, strength = _write(element, depth + 1)
    return latex if strength > above else f"\\left({latex}\\right)" if "\\frac" in latex else f"({latex})"


def _write(element: Any, depth: int) -> tuple[str, int]:
    """LaTeX and how tightly it binds."""
    if depth > MAX_DEPTH:
        return join([symbol(c) for c in text_of(element)[:200]]), _ATOM
    name = _local(element)
    children = _children(element)
    if name in _CONSTANTS:
        return _CONSTANTS[name], _ATOM
    if name in {"ci", "csymbol", "cn"}:
        return _leaf(element, name, depth)
    if name in {"apply", "reln", "bind"}:
        return _apply(children, depth)
    if name in {"set", "list", "vector", "interval"}:
        inner = ", ".join(
            _write(child, depth + 1)[0] for child in children if _local(child) not in {"bvar", "condition"}
        )
        conditions = [
            _write(c, depth + 1)[0] for child in children if _local(child) == "condition" for c in _children(child)
        ]
        if conditions:
            inner += " \\mid " + ", ".join(conditions)
        left, right = {"set": ("\\{", "\\}"), "interval": _interval(element)}.get(name, ("(", ")"))
        return f"{left}{inner}{right}", _ATOM
    if name in {"matrix", "matrixrow"}:
        rows = [[_write(cell, depth + 2)[0] for cell in _children(row)] for row in children]
        return "\\begin{pmatrix} " + " \\\\ ".join(" & ".join(row) for row in rows) + " \\end{pmatrix}", _ATOM
    if name == "piecewise":
        rows = []
        for piece in children:
            parts = [_write(part, depth + 2)[0] for part in _children(piece)]
            rows.append(parts if _local(piece) == "piece" else [*parts, "\\text{otherwise}"])
        return "\\begin{cases} " + " \\\\ ".join(" & ".join(row) for row in rows) + " \\end{cases}", _ATOM
    if name == "lambda":
        variables = ", ".join(
            _write(b, depth + 2)[0] for child in children if _local(child) == "bvar" for b in _children(child)
        )
        body = join([_write(child, depth + 1)[0] for child in children if _local(child) != "bvar"])
        return f"{variables} \\mapsto {body}", 0
    if name in {
        "condition",
        "bvar",
        "lowlimit",
        "uplimit",
        "degree",
        "logbase",
        "domainofapplication",
        "fn",
        "declare",
    }:
        return join([_write(child, depth + 1)[0] for child in children]), 0
    if name in FUNCTIONS:
        return f"\\{name}", _ATOM
    if not children and name in _INFIX:
        return _INFIX[name][0], _ATOM
    return convert(element, depth + 1) if name.startswith("m") else f"\\operatorname{{{name}}}", _ATOM


def _interval(element: Any) -> tuple[str, str]:
    closure = element.get("closure") or "closed"
    return ("(" if closure in {"open", "open-closed"} else "[", ")" if closure in {"open", "closed-open"} else "]")


def _leaf(element: Any, name: str, depth: int) -> tuple[str, int]:
    children = _children(element)
    separators = [child for child in children if _local(child) == "sep"]
    if name == "cn" and separators:
        numbers = ["".join((element.text or "").split()), *("".join((s.tail or "").split()) for s in separators)]
        kind = (element.get("type") or "").lower()
        if kind == "rational":
            return f"\\frac{{{numbers[0]}}}{{{numbers[1]}}}", _ATOM
        if kind == "complex-cartesian":
            return f"{numbers[0]}+{numbers[1]}i", 4
        if kind == "e-notation":
            return f"{numbers[0]}\\times 10^{{{numbers[1]}}}", _PRODUCT
        return " ".join(numbers), _ATOM
    if children:
        return join([convert(child, depth + 1) for child in children]), _ATOM
    text = " ".join((element.text or "").split())
    if len(text) > 1 and text.isalpha() and name != "cn":
        return (f"\\{text}" if text in FUNCTIONS else f"\\operatorname{{{text}}}"), _ATOM
    return join([symbol(character) for character in text]), (_ATOM if not text.startswith("-") else 4)


def _qualifier(children: list[Any], name: str, depth: int) -> str:
    for child in children:
        if _local(child) == name:
            return ", ".join(_write(part, depth + 1)[0] for part in _children(child)) or ""
    return ""


def _apply(children: list[Any], depth: int) -> tuple[str, int]:
    if not children:
        return "", _ATOM
    head, rest = children[0], children[1:]
    name = _local(head)
    if name == "csymbol" and "".join(head.itertext()).strip() in _INFIX:
        name = "".join(head.itertext()).strip()
    arguments = [
        child
        for child in rest
        if _local(child) not in _QUALIFIERS or (_local(child) == "interval" and name not in _BIG)
    ]
    first = arguments[0] if arguments else None
    if name == "minus" and len(arguments) == 1:
        return join(["-", _bracket(arguments[0], depth, 4)]), 4
    if name in _INFIX:
        sign, strength = _INFIX[name]
        parts = [
            _bracket(a, depth, strength if name == "minus" and i else strength - 1) for i, a in enumerate(arguments)
        ]
        if name == "times":
            out = parts[0] if parts else ""
            for part in parts[1:]:
                out += (
                    " \\cdot " + part
                    if part[:1].isdigit() or part[:1] == "-"
                    else (" " + part if part[:1].isalpha() else part)
                )
            return out, strength
        return f" {sign} ".join(parts), strength
    if name == "divide" and len(arguments) >= 2:
        return f"\\frac{{{_write(arguments[0], depth + 1)[0]}}}{{{_write(arguments[1], depth + 1)[0]}}}", 7
    if name == "power" and len(arguments) >= 2:
        return f"{_bracket(arguments[0], depth, _POWER)}^{{{_write(arguments[1], depth + 1)[0]}}}", _POWER
    if name == "root" and first is not None:
        degree = _qualifier(rest, "degree", depth)
        inner = _write(first, depth + 1)[0]
        return (f"\\sqrt[{degree}]{{{inner}}}" if degree not in {"", "2"} else f"\\sqrt{{{inner}}}"), 7
    if name == "selector" and arguments:
        indices = ", ".join(_write(a, depth + 1)[0] for a in arguments[1:])
        return f"{_bracket(arguments[0], depth, 7)}_{{{indices}}}", 7
    if name in _AROUND and first is not None:
        left, right = _AROUND[name]
        inside = left.strip().endswith(("|", "{", "floor", "ceil"))
        return f"{left}{_write(first, depth + 1)[0] if inside else _bracket(first, depth, 6)}{right}", 7
    if name in {"forall", "exists"}:
        sign = f"\\{name} "
        variables = ", ".join(
            _write(v, depth + 2)[0] for child in rest if _local(child) == "bvar" for v in _children(child)
        )
        condition = _qualifier(rest, "condition", depth)
        return f"{sign}{condition or variables} : " + join([_write(a, depth + 1)[0] for a in arguments]), 0
    if name in _BIG:
        return _big(name, rest, arguments, depth)
    if name in {"diff", "partialdiff"}:
        return _derivative(name, rest, arguments, depth)
    if name == "log":
        base = _qualifier(rest, "logbase", depth)
        return f"\\log{f'_{{{base}}}' if base else ''} {_bracket(first, depth, 7) if first is not None else ''}", 5
    function = (
        f"\\{name}"
        if name in FUNCTIONS
        else f"\\operatorname{{{_NAMES[name]}}}"
        if name in _NAMES
        else _write(head, depth + 1)[0]
    )
    return join([function, "(", ", ".join(_write(a, depth + 1)[0] for a in arguments), ")"]), 8


def _big(name: str, rest: list[Any], arguments: list[Any], depth: int) -> tuple[str, int]:
    variable = _qualifier(rest, "bvar", depth)
    low, high = _qualifier(rest, "lowlimit", depth), _qualifier(rest, "uplimit", depth)
    condition = _qualifier(rest, "condition", depth) or _qualifier(rest, "domainofapplication", depth)
    intervals = [child for child in rest if _local(child) == "interval"]
    if intervals and not low:
        ends = [_write(end, depth + 1)[0] for end in _children(intervals[0])]
        low, high = ([*ends, "", ""])[:2]
    below = condition
    if low:
        below = low if name == "int" else f"{variable} \\to {low}" if name == "limit" else f"{variable}={low}"
    sign = _BIG[name] + (f"_{{{below}}}" if below else "") + (f"^{{{high}}}" if high else "")
    body = ", ".join(_bracket(a, depth, 3) for a in arguments)
    return f"{sign} {body}" + (f" \\, d{variable}" if name == "int" and variable else ""), 4


def _derivative(name: str, rest: list[Any], arguments: list[Any], depth: int) -> tuple[str, int]:
    sign = "d" if name == "diff" else "\\partial "
    body = ", ".join(_bracket(a, depth, 5) for a in arguments)
    below = []
    total: list[str] = []
    for child in rest:
        if _local(child) != "bvar":
            continue
        degree = _qualifier(_children(child), "degree", depth)
        variable = ", ".join(_write(v, depth + 2)[0] for v in _children(child) if _local(v) != "degree")
        below.append(f"{sign}{variable}" + (f"^{{{degree}}}" if degree else ""))
        total.append(degree or "1")
    if not below:
        return f"{body}'", 7
    order = (
        total[0]
        if len(total) == 1
        else str(sum(map(int, total)))
        if all(t.isdigit() for t in total)
        else "+".join(total)
    )
    return f"\\frac{{{sign.strip()}{'' if order == '1' else f'^{{{order}}}'}}}{{{' '.join(below)}}} {body}", 5
