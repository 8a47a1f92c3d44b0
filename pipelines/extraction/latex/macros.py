r"""Writing out the author's own macros, so that papers use the same commands for the same things.

Definitions are read where they stand and hold from there on, as in TeX, but without regard to groups. A macro is
written out if its definition is plain notation; definitions that test, define or reach into LaTeX's insides stay.
Work is bounded: `\def\a{\b\b}\def\b{\c\c}…` stops being expanded when the bound is reached, and the rest of the
text stays as it was written.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pipelines.extraction.latex.scan import Token, tokens

LONGEST_VALUE = 500
"""A longer definition is a table or a title page, not notation."""
DEEPEST = 32
"""Macros inside macros; TeX papers stay below ten."""
WORK_FACTOR = 4
LEAST_WORK = 2_000_000
"""Characters that expansions may read and make: `WORK_FACTOR` times the text, but at least `LEAST_WORK`."""
LONGEST_ARGUMENT = 20_000
LONGEST_FIRST = 200
"""Characters before a macro in which the first argument of `\\frac` is looked for."""
LONGEST_OPTION = 300
"""Characters in which an argument in brackets must end."""

# Commands whose redefinition changes the look of a structure that readers of the text rely on.
_KEPT = frozenset(
    """begin end item section subsection subsubsection chapter part paragraph subparagraph cite ref eqref label title
    author date abstract caption footnote input include bibliography appendix maketitle documentclass usepackage
    newcommand renewcommand providecommand def let left right frac sqrt sum int text mbox document par else fi
    """.split()  # noqa: SIM905 - read as words
)
_UNSAFE = re.compile(
    r"\\(?:[a-zA-Z]*@[a-zA-Z@]*|if[a-zA-Z]*|else|fi|or|[egx]?def|let|futurelet|newcommand|renewcommand|providecommand"
    r"|expandafter|csname|noexpand|the|advance|newif|catcode|global|long|outer|afterassignment|aftergroup|setcounter"
    r"|addtocounter|stepcounter|refstepcounter|newtheorem|newenvironment|verb|char|box|copy|[hv]box|write"
    r"|mathchoice|mathpalette|ooalign|[hv]?align|m?kern|m?skip|[hv]skip|raise|lower|raisebox|[rl]lap|setbox|special|rule"
    r"|vrule|hrule|moveleft|moveright|vcenter|everymath|fontdimen|dimen|discretionary|obeylines|pgf[a-z]*|tikz[a-z]*"
    r"|includegraphics|hyperlink|hypertarget|index|label)(?![a-zA-Z@])"
)
_NEW = frozenset({"newcommand", "renewcommand", "providecommand", "DeclareRobustCommand"})
_XPARSE = frozenset({"NewDocumentCommand", "RenewDocumentCommand", "DeclareDocumentCommand"})
_OPERATOR = frozenset({"DeclareMathOperator"})
_DEF = frozenset({"def", "gdef"})
_NEW_HEAD = re.compile(r"\*?\s*(?:\{\s*\\([a-zA-Z]+)\s*\}|\\([a-zA-Z]+))\s*(?:\[\s*(\d)\s*\])?\s*")
_OPERATOR_HEAD = re.compile(r"(\*?)\s*(?:\{\s*\\([a-zA-Z]+)\s*\}|\\([a-zA-Z]+))\s*")
_DEF_HEAD = re.compile(r"\s*\\([a-zA-Z]+)((?:#\d){0,9})\s*(?=\{)")
_XPARSE_HEAD = re.compile(r"\s*(?:\{\s*\\([a-zA-Z]+)\s*\}|\\([a-zA-Z]+))\s*\{([m ]*)\}\s*")
_LET = re.compile(r"\s*\\([a-zA-Z]+)\s*=?\s*\\([a-zA-Z]+)")
_DEFINES = re.compile(
    r"\\(?:g?def|let|DeclareMathOperator|DeclareRobustCommand|(?:new|renew|provide)command|(?:New|Renew|Declare)DocumentCommand)\b"
)
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_BRACKET = re.compile(r"[\]{}]")
_PLACE = re.compile(r"#(\d)")
_COMMAND_END = re.compile(r"\\[a-zA-Z@]{1,100}\Z")
_ONE_TOKEN = re.compile(r"\s*(\\(?:[a-zA-Z@]+|.)|[^\s{}%\\])")
_SINGLE = re.compile(r"\\[a-zA-Z]+|[^\\]", re.DOTALL)
_BLANK_REST = re.compile(r"[ \t]*(?:\n|\Z)")
_SPACE = re.compile(r"[ \t]*\n?[ \t]*")
# Commands with arguments: a macro that stands as one is put in braces (`\frac\a\b`).
_ONE_ARGUMENT = frozenset(
    """sqrt hat bar tilde vec dot ddot check breve acute grave mathring overline underline widehat widetilde overbrace
    underbrace mathbf mathrm mathcal mathbb mathfrak mathsf mathit mathscr boldsymbol bm text mathop operatorname
    textbf textit emph pmod""".split()  # noqa: SIM905 - read as words
)
_TWO_ARGUMENTS = frozenset({"frac", "dfrac", "tfrac", "binom", "stackrel", "overset", "underset"})
_BEFORE = re.compile(r"(?:([_^])|\\([a-zA-Z]{1,40}))\s{0,9}\Z")
_BEFORE_FIRST = re.compile(r"\\([a-zA-Z]{1,40})\s{0,9}(?:[^\s\\{}]|\\[a-zA-Z]{1,40})?\s{0,9}\Z")


class Macro(NamedTuple):
    """A macro's number of arguments, the default of the first (None: it is not optional) and what it stands for."""

    arguments: int
    default: str | None
    value: str


class Expander:
    """Reads definitions and writes out their uses; one for each paper, fed with its texts in order."""

    def __init__(self, characters: int) -> None:
        self.macros: dict[str, Macro] = {}
        self.left = max(LEAST_WORK, WORK_FACTOR * characters)
        self.expanded = 0
        self.too_deep = False

    @property
    def exhausted(self) -> bool:
        """Whether the bound was reached, so that some uses were left as they stand."""
        return self.left <= 0

    def expand(self, text: str) -> str:
        """`text` with macros written out and the definitions that were read taken out."""
        if not self.macros and not _DEFINES.search(text):
            return text
        return self._expand(text, 0) or ""

    def _expand(self, text: str, depth: int) -> str | None:
        out = _Joined()
        done = 0
        for token in tokens(text):
            if self.too_deep and depth:
                return None
            if token.start < done or token.kind != "command":
                continue
            if (end := self._define(text, token)) is not None:
                out.add(text[done : token.start])
                done = end
                rest = _BLANK_REST.match(text, end)
                if rest and out.line_is_blank:
                    done = rest.end()
                continue
            macro = self.macros.get(token.name)
            use = None if macro is None or self.left <= 0 else self._use(text, token, macro, depth)
            if use is None:
                continue
            value, end = use
            out.add(text[done : token.start])
            if not _SINGLE.fullmatch(value) and _is_argument(text, token.start):
                value = f"{{{value}}}"
            out.add(value, fresh=True)
            self.expanded += 1
            done = end
        out.add(text[done:])
        return out.text()

    def _use(self, text: str, token: Token, macro: Macro, depth: int) -> tuple[str, int] | None:
        if depth >= DEEPEST:
            self.too_deep = True
            return None
        arguments, end = [], token.end
        for index in range(macro.arguments):
            if index == 0 and macro.default is not None:
                given = self._optional(text, end)
                arguments.append(macro.default if given is None else given[0])
                end = end if given is None else given[1]
                continue
            space = _SPACE.match(text, end)
            argument = self._group(text, space.end() if space else end, LONGEST_ARGUMENT)
            if argument is None:
                return None
            arguments.append(argument[0])
            end = argument[1]
        value = _fill(macro.value, arguments)
        self.left -= len(value) + len(macro.value) + 10
        if self.left <= 0:
            return None
        if "\\" in value:
            value = self._expand(value, depth + 1) or ""
        if self.too_deep and depth == 0:
            # Macros that call each other without end are no notation: this one is left as it is from here on.
            self.macros.pop(token.name, None)
            self.too_deep = False
            return None
        return None if self.left <= 0 else (value, end)

    def _define(self, text: str, token: Token) -> int | None:
        """Read the definition that starts at `token`; None if there is none that can be written out."""
        head: re.Match[str] | None
        if self.left <= 0:
            return None
        if token.name in _NEW:
            head = _NEW_HEAD.match(text, token.end)
            if head is None:
                return None
            name, arguments = head[1] or head[2], int(head[3] or 0)
            at, default = head.end(), None
            if arguments and (given := self._optional(text, at)) is not None:
                default, at = given
            value = self._group(text, at, LONGEST_VALUE)
        elif token.name in _DEF:
            head = _DEF_HEAD.match(text, token.end)
            if head is None:
                return None
            name, arguments, default = head[1], len(head[2]) // 2, None
            if head[2] != "".join(f"#{index + 1}" for index in range(arguments)):
                return None
            value = self._group(text, head.end(), LONGEST_VALUE)
        elif token.name in _OPERATOR:
            head = _OPERATOR_HEAD.match(text, token.end)
            value = None if head is None else self._group(text, head.end(), LONGEST_VALUE)
            if head is None or value is None:
                return None
            name, arguments, default = head[2] or head[3], 0, None
            value = (f"\\operatorname{head[1]}{{{value[0].strip()}}}", value[1])
        elif token.name in _XPARSE:
            head = _XPARSE_HEAD.match(text, token.end)
            if head is None:
                return None
            name, arguments, default = head[1] or head[2], head[3].count("m"), None
            value = self._group(text, head.end(), LONGEST_VALUE)
        elif token.name == "let":
            return self._alias(text, token)
        else:
            return None
        if value is None:
            return None
        body = value[0].strip()
        if body.endswith("\\xspace"):
            body = body.removesuffix("\\xspace").rstrip()
        if name in _KEPT or not _is_notation(name, arguments, body):
            self.macros.pop(name, None)
            return None
        if token.name != "providecommand" or name not in self.macros:
            self.macros[name] = Macro(arguments, default, body)
        return value[1]

    def _group(self, text: str, at: int, longest: int) -> tuple[str, int] | None:
        """What stands in braces at `at`, or the single token there, and where it ends. Scanning counts as work."""
        if text[at : at + 1] != "{":
            token = _ONE_TOKEN.match(text, at)
            return (token[1], token.end()) if token else None
        depth = 0
        for brace in _BRACE.finditer(text, at, at + longest):
            depth += (brace[0] == "{") - (brace[0] == "}")
            if depth == 0:
                self.left -= brace.end() - at
                return text[at + 1 : brace.start()], brace.end()
        self.left -= longest
        return None

    def _optional(self, text: str, at: int) -> tuple[str, int] | None:
        if text[at : at + 1] != "[":
            return None
        depth = 0
        for mark in _BRACKET.finditer(text, at + 1, at + LONGEST_OPTION):
            if mark[0] == "]" and depth <= 0:
                return text[at + 1 : mark.start()], mark.end()
            depth += (mark[0] == "{") - (mark[0] == "}")
        self.left -= LONGEST_OPTION
        return None

    def _alias(self, text: str, token: Token) -> int | None:
        let = _LET.match(text, token.end)
        if let is None or let[1] in _KEPT or let[1] == let[2]:
            return None
        known = self.macros.get(let[2])
        if known is None and not _is_notation(let[1], 0, f"\\{let[2]}"):
            return None
        self.macros[let[1]] = known or Macro(0, None, f"\\{let[2]}")
        return let.end()


class _Joined:
    """Pieces of output; a space is put where a command's name would run into the letter after it."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.after_value = False
        self.line_is_blank = True

    def add(self, piece: str, *, fresh: bool = False) -> None:
        if not piece:
            return
        seam = (fresh or self.after_value) and self.pieces and piece[0].isascii() and piece[0].isalpha()
        if seam and _COMMAND_END.search(self.pieces[-1][-120:]):
            self.pieces.append(" ")
        self.pieces.append(piece)
        self.after_value = fresh
        _, mark, tail = piece.rpartition("\n")
        self.line_is_blank = (bool(mark) or self.line_is_blank) and (tail.isspace() or not tail)

    def text(self) -> str:
        return "".join(self.pieces)


def _is_argument(text: str, at: int) -> bool:
    r"""Whether what starts at `at` is taken by the command before it, as in `x^\a`, `\hat\a` or `\frac{1}\a`."""
    before = text[max(0, at - LONGEST_FIRST) : at].rstrip()
    if before.endswith("}"):
        depth = 0
        for brace in reversed(list(_BRACE.finditer(before))):
            depth += (brace[0] == "}") - (brace[0] == "{")
            if depth == 0:
                command = _BEFORE.search(before[: brace.start()][-60:])
                return command is not None and command[2] in _TWO_ARGUMENTS
        return False
    before = text[max(0, at - 60) : at]
    command = _BEFORE.search(before)
    if command is not None and (command[1] or command[2] in _ONE_ARGUMENT or command[2] in _TWO_ARGUMENTS):
        return True
    command = _BEFORE_FIRST.search(before)
    return command is not None and command[1] in _TWO_ARGUMENTS


def _is_notation(name: str, arguments: int, body: str) -> bool:
    if len(body) > LONGEST_VALUE or _UNSAFE.search(body) or f"\\{name}" in _command_names(body):
        return False
    return all(1 <= int(place[1]) <= arguments for place in _PLACE.finditer(body)) and "##" not in body


def _command_names(body: str) -> Iterator[str]:
    return (f"\\{token.name}" for token in tokens(body) if token.kind == "command")


def _fill(value: str, arguments: list[str]) -> str:
    if not arguments:
        return value
    out = _Joined()
    done = 0
    for place in _PLACE.finditer(value):
        out.add(value[done : place.start()])
        out.add(arguments[int(place[1]) - 1], fresh=True)
        done = place.end()
    out.add(value[done:])
    return out.text()
