"""AsciiMath to LaTeX.

Grammar and symbols as published with ASCIIMathML.js (asciimath.org, "Grammar" and "Syntax"):
`E ::= I E | I/I E`, `I ::= S_S | S^S | S_S^S | S`, `S ::= v | l E r | u S | b S S`. Every string is valid: what is no
symbol is a letter, a number or itself; a bracket that never closes is a bracket.
"""

import re
from typing import NamedTuple

MAX_LENGTH = 20_000
MAX_DEPTH = 60

_CONSTANTS = [
    r"alpha",
    r"beta",
    r"gamma",
    r"Gamma",
    r"delta",
    r"Delta",
    r"epsilon",
    r"varepsilon",
    r"zeta",
    r"eta",
    r"theta",
    r"Theta",
    r"vartheta",
    r"iota",
    r"kappa",
    r"lambda",
    r"Lambda",
    r"mu",
    r"nu",
    r"xi",
    r"Xi",
    r"pi",
    r"Pi",
    r"rho",
    r"sigma",
    r"Sigma",
    r"tau",
    r"upsilon",
    r"phi",
    r"Phi",
    r"varphi",
    r"chi",
    r"psi",
    r"Psi",
    r"omega",
    r"Omega",
    r"sum",
    r"prod",
    r"int",
    r"oint",
    r"cdot",
    r"times",
    r"div",
    r"circ",
    r"oplus",
    r"otimes",
    r"odot",
    r"wedge",
    r"vee",
    r"cap",
    r"cup",
    r"sin",
    r"cos",
    r"tan",
    r"sec",
    r"csc",
    r"cot",
    r"sinh",
    r"cosh",
    r"tanh",
    r"arcsin",
    r"arccos",
    r"arctan",
    r"exp",
    r"log",
    r"ln",
    r"det",
    r"dim",
    r"lim",
    r"mod",
    r"gcd",
    r"min",
    r"max",
    r"sup",
    r"inf",
    r"in",
    r"notin",
    r"subset",
    r"supset",
    r"subseteq",
    r"supseteq",
    r"equiv",
    r"cong",
    r"approx",
    r"propto",
    r"neg",
    r"forall",
    r"exists",
    r"bot",
    r"top",
    r"vdash",
    r"models",
    r"partial",
    r"nabla",
    r"emptyset",
    r"aleph",
    r"therefore",
    r"because",
    r"angle",
    r"triangle",
    r"square",
    r"diamond",
    r"quad",
    r"qquad",
    r"ldots",
    r"cdots",
    r"vdots",
    r"ddots",
    r"uparrow",
    r"downarrow",
    r"rightarrow",
    r"leftarrow",
    r"leftrightarrow",
    r"Rightarrow",
    r"Leftarrow",
    r"Leftrightarrow",
    r"prec",
    r"succ",
    r"preceq",
    r"succeq",
    r"ast",
    r"star",
    r"setminus",
    r"rtimes",
    r"ltimes",
    r"bowtie",
    r"oint",
    r"perp",
    r"parallel",
    r"hbar",
    r"ell",
]
_OTHERS = {
    "*": "\\cdot", "**": "\\ast", "***": "\\star", "//": "/", "\\\\": "\\backslash", "xx": "\\times", "-:": "\\div",
    "@": "\\circ", "o+": "\\oplus", "ox": "\\otimes", "o.": "\\odot", "^^": "\\wedge", "^^^": "\\bigwedge",
    "vv": "\\vee",
    "vvv": "\\bigvee", "nn": "\\cap", "nnn": "\\bigcap", "uu": "\\cup", "uuu": "\\bigcup", "|><": "\\ltimes",
    "><|": "\\rtimes", "|><|": "\\bowtie", "!=": "\\neq", "ne": "\\neq", "lt": "<", "gt": ">", "<=": "\\leq",
    "le": "\\leq",
    "lt=": "\\leq", ">=": "\\geq", "ge": "\\geq", "gt=": "\\geq", "-<": "\\prec", ">-": "\\succ", "-<=": "\\preceq",
    ">-=": "\\succeq", "!in": "\\notin", "sub": "\\subset", "sup": "\\supset", "sube": "\\subseteq",
    "supe": "\\supseteq",
    "-=": "\\equiv", "~=": "\\cong", "~~": "\\approx", "~": "\\sim", "prop": "\\propto", "and": "\\text{and}",
    "or": "\\text{or}", "not": "\\neg", "=>": "\\Rightarrow", "if": "\\text{if}", "iff": "\\Leftrightarrow",
    "<=>": "\\Leftrightarrow", "AA": "\\forall", "EE": "\\exists", "_|_": "\\bot", "TT": "\\top", "|--": "\\vdash",
    "|==": "\\models", "del": "\\partial", "grad": "\\nabla", "+-": "\\pm", "-+": "\\mp", "O/": "\\emptyset",
    "oo": "\\infty", "infty": "\\infty",
    "...": "\\ldots", ":.": "\\therefore", ":'": "\\because", "/_": "\\angle", "/_\\": "\\triangle", "'": "'",
    "frown": "\\frown", "\\ ": "\\ ", "CC": "\\mathbb{C}", "NN": "\\mathbb{N}", "QQ": "\\mathbb{Q}",
    "RR": "\\mathbb{R}",
    "ZZ": "\\mathbb{Z}", "->": "\\to", "to": "\\to", "uarr": "\\uparrow", "darr": "\\downarrow",
    "rarr": "\\rightarrow",
    "larr": "\\leftarrow", "harr": "\\leftrightarrow", "rArr": "\\Rightarrow", "lArr": "\\Leftarrow",
    "hArr": "\\Leftrightarrow",
    "|->": "\\mapsto", ">->": "\\rightarrowtail", "->>": "\\twoheadrightarrow", "lcm": "\\operatorname{lcm}",
    "dx": "{dx}", "dy": "{dy}", "dz": "{dz}", "dt": "{dt}", "%": "\\%", "#": "\\#", "&": "\\&", "$": "\\$",
    "setminus": "\\setminus",
    "Lim": "\\operatorname{Lim}", "sech": "\\operatorname{sech}", "csch": "\\operatorname{csch}",
    "lub": "\\operatorname{lub}",
    "glb": "\\operatorname{glb}", "f": "f", "g": "g",
}  # fmt: skip
_UNARY = {
    "sqrt": "\\sqrt{%s}", "abs": "\\left|%s\\right|", "norm": "\\left\\|%s\\right\\|",
    "floor": "\\left\\lfloor %s\\right\\rfloor",
    "ceil": "\\left\\lceil %s\\right\\rceil", "hat": "\\hat{%s}", "bar": "\\overline{%s}",
    "overline": "\\overline{%s}",
    "vec": "\\vec{%s}", "tilde": "\\tilde{%s}", "dot": "\\dot{%s}", "ddot": "\\ddot{%s}", "ul": "\\underline{%s}",
    "underline": "\\underline{%s}", "ubrace": "\\underbrace{%s}", "underbrace": "\\underbrace{%s}",
    "obrace": "\\overbrace{%s}",
    "overbrace": "\\overbrace{%s}", "bb": "\\mathbf{%s}", "mathbf": "\\mathbf{%s}", "sf": "\\mathsf{%s}",
    "mathsf": "\\mathsf{%s}",
    "bbb": "\\mathbb{%s}", "mathbb": "\\mathbb{%s}", "cc": "\\mathcal{%s}", "mathcal": "\\mathcal{%s}",
    "tt": "\\mathtt{%s}",
    "mathtt": "\\mathtt{%s}", "fr": "\\mathfrak{%s}", "mathfrak": "\\mathfrak{%s}", "cancel": "\\cancel{%s}",
    "Abs": "\\left|%s\\right|",
}  # fmt: skip
_BINARY = {
    "frac": "\\frac{%s}{%s}", "root": "\\sqrt[%s]{%s}", "stackrel": "\\overset{%s}{%s}",
    "overset": "\\overset{%s}{%s}",
    "underset": "\\underset{%s}{%s}", "color": "{\\color{%s}%s}",
}  # fmt: skip
_LEFT = {
    "(": "(",
    "[": "[",
    "{": "\\{",
    "(:": "\\langle ",
    "<<": "\\langle ",
    "langle": "\\langle ",
    "{:": ".",
    "|:": "|",
}
_RIGHT = {
    ")": ")",
    "]": "]",
    "}": "\\}",
    ":)": "\\rangle ",
    ">>": "\\rangle ",
    "rangle": "\\rangle ",
    ":}": ".",
    ":|": "|",
}

_SYMBOLS: dict[str, str] = {**{name: f"\\{name}" for name in _CONSTANTS}, **_OTHERS, "mod": "\\bmod"}
_NAMES = sorted(
    {*_SYMBOLS, *_UNARY, *_BINARY, *_LEFT, *_RIGHT, "text", "mbox", "/", "_", "^", "|"}, key=len, reverse=True
)
_TOKEN = re.compile(
    r"\s+|\"(?P<quoted>[^\"]*)\"|(?:text|mbox)\((?P<text>[^()]*)\)|(?P<number>\d+(?:\.\d+)?)|(?P<name>"
    + "|".join(map(re.escape, _NAMES))
    + r")|(?P<other>.)",
    re.DOTALL,
)


class _Token(NamedTuple):
    kind: str
    text: str


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def _peek(self) -> str:
        return (
            self._tokens[self._at].text
            if self._at < len(self._tokens) and self._tokens[self._at].kind == "name"
            else ""
        )

    def expression(self, closing: bool) -> str:
        """Everything up to a closing bracket (left standing) or, at the outermost level, to the end."""
        out: list[str] = []
        while self._at < len(self._tokens):
            if closing and (self._peek() in _RIGHT or self._peek() == "|"):
                break
            left = self._scripted()
            if self._peek() == "/":
                self._at += 1
                left = f"\\frac{{{_bare(left)}}}{{{_bare(self._scripted())}}}"
            out.append(left)
        return _join(out)

    def _scripted(self) -> str:
        base = self._simple()
        for sign in "_^":
            if self._peek() == sign:
                self._at += 1
                script = _bare(self._simple())
                base += f"{sign}{script}" if len(script) == 1 else f"{sign}{{{script}}}"
        return base

    def _simple(self) -> str:
        if self._at >= len(self._tokens):
            return ""
        kind, text = self._tokens[self._at]
        self._at += 1
        if kind == "text":
            return f"\\text{{{text}}}"
        if kind != "name":
            return text
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                return ""
            if text in _UNARY:
                return _UNARY[text].replace("%s", _bare(self._simple()))
            if text in _BINARY:
                first, second = _bare(self._simple()), _bare(self._simple())
                return _BINARY[text].replace("%s", "\x00").replace("\x00", first, 1).replace("\x00", second, 1)
            if text in _LEFT or text == "|":
                return self._bracket(text)
        finally:
            self._depth -= 1
        if text in _RIGHT:
            return _RIGHT[text].strip() if _RIGHT[text] != "." else ""
        return _SYMBOLS.get(text, text)

    def _bracket(self, opening: str) -> str:
        start = self._at
        inner = self.expression(closing=True)
        closer = self._peek()
        if opening == "|" and closer != "|":
            self._at = start
            return "\\mid" if closer or self._at >= len(self._tokens) else "|"
        if closer not in _RIGHT and closer != "|":
            return _LEFT.get(opening, "|").replace(".", "") + inner
        self._at += 1
        left, right = _LEFT.get(opening, "|"), _RIGHT.get(closer, "|")
        rows = _rows(inner)
        if rows:
            environment = {"(": "pmatrix", "[": "bmatrix", "|": "vmatrix"}.get(
                opening, "matrix" if closer == ":}" else ""
            )
            body = " \\\\ ".join(" & ".join(row) for row in rows)
            if opening == "{" and closer == ":}":
                return f"\\begin{{cases}} {body} \\end{{cases}}"
            if environment:
                return f"\\begin{{{environment}}} {body} \\end{{{environment}}}"
        if left == right == ".":
            return f"{{{inner}}}"
        if "\\frac" in inner or "." in (left, right) or "\\sum" in inner or "\\begin" in inner:
            return f"\\left{left}{inner}\\right{right}".replace(" \\right", "\\right")
        return f"{left}{inner}{right}".strip()


def _rows(inner: str) -> list[list[str]]:
    """The rows of `(a,b),(c,d)` as written by `_Parser`, or nothing if it is no matrix."""
    for left, right in (("(", ")"), ("[", "]")):
        if not (inner.startswith(left) and inner.endswith(right)):
            continue
        rows: list[list[str]] = []
        for part in _split(inner):
            if not (part.startswith(left) and part.endswith(right)):
                return []
            rows.append(_split(part[1:-1]))
        if len(rows) > 1 and len({len(row) for row in rows}) == 1:
            return rows
    return []


def _split(text: str) -> list[str]:
    """`text` cut at its outermost commas."""
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(text[start:position].strip())
            start = position + 1
    parts.append(text[start:].strip())
    return parts


def _bare(latex: str) -> str:
    """An argument without the brackets that only grouped it."""
    for left, right in (("(", ")"), ("[", "]"), ("\\{", "\\}"), ("\\left(", "\\right)"), ("{", "}")):
        if latex.startswith(left) and latex.endswith(right) and len(latex) > len(left) + len(right):
            inner = latex[len(left) : len(latex) - len(right)]
            depth = 0
            for character in inner:
                depth += (character in "([{") - (character in ")]}")
                if depth < 0:
                    return latex
            return inner if depth == 0 else latex
    return latex


def _join(parts: list[str]) -> str:
    out = ""
    for part in parts:
        if not part:
            continue
        if (
            (out and part[0].isalpha() and re.search(r"\\[a-zA-Z]+$", out[-40:]))
            or (out and part.startswith("\\text{"))
            or (out.endswith("}") and re.search(r"\\text\{[^{}]*\}$", out[-200:]))
        ):
            out += " "
        out += part
    return out


def asciimath_to_latex(source: str) -> str:
    """`source`, AsciiMath without its delimiters, as LaTeX; source beyond the length limit comes back as it is."""
    if len(source) > MAX_LENGTH:
        return source
    tokens: list[_Token] = []
    for match in _TOKEN.finditer(source):
        if match.lastgroup in {"quoted", "text"}:
            tokens.append(_Token("text", match.group(match.lastgroup)))
        elif match.lastgroup is not None:
            tokens.append(_Token(match.lastgroup, match.group(match.lastgroup)))
    parser = _Parser(tokens)
    return parser.expression(closing=False).strip()
