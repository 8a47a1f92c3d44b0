r"""Listings of which TeX reads parts: formulas, what stands between marks, words that a highlighter has coloured.

Sources: the manuals of listings (`mathescape`, `escapechar`, `escapeinside`), minted (the same keys), fancyvrb
(`commandchars`) and alltt; Pygments' LatexFormatter and pandoc's highlighting, which write each word of a program as a
command's argument. In a text a reader's program stands without its colours.
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from pipelines.extraction.latex.frames import closing
from pipelines.extraction.latex.meanings import Macro, Parameter, without_comments

if TYPE_CHECKING:
    from pipelines.extraction.latex.engine import Engine

LONGEST_PART = 500
_MATH = re.compile(r"mathescape(?:\s{0,9}=\s{0,9}(true|false))?")
_CHAR = re.compile(r"escapechar\s{0,9}=\s{0,9}\{?\s{0,9}\\?([^\s\\,{}])")
_INSIDE = re.compile(
    r"escapeinside\s{0,9}=\s{0,9}(?:\{\s{0,9}([^{}\s]{1,6})\s{0,9}\}\s{0,9}\{\s{0,9}([^{}\s]{1,6})\s{0,9}\}"
    r"|\{?\s{0,9}\\?(\S)\\?([^\s,{}]))"
)
_COMMANDS = re.compile(r",?\s{0,9}commandchars\s{0,9}=\s{0,9}\\\\\\\{\\\}\s{0,9}")
_LINE = re.compile(r",?\s{0,9}(first|last)line\s{0,9}=\s{0,9}(\d{1,6})")
_RANGE = re.compile(r"linerange\s{0,9}=\s{0,9}\{?\s{0,9}([\w:.]{1,60})\s{0,9}-\s{0,9}([\w:.]{1,60})")
_SHOWN: Mapping[str, str] = {
    "lstinputlisting": "lstlisting", "inputminted": "minted", "verbatiminput": "verbatim", "VerbatimInput": "Verbatim",
    "BVerbatimInput": "BVerbatim", "LVerbatimInput": "LVerbatim", "verbatimtabinput": "verbatim",
}  # fmt: skip
"""Commands that print a file, and the environments that print a text alike."""
_EMPTY = re.compile(r"(?<=\[),|\[\]")
_FORMULA = re.compile(rf"\$([^$\n]{{1,{LONGEST_PART}}})\$")
_COMMAND = re.compile(r"\\([a-zA-Z]+)|\\(.)")
_SIGNS: Mapping[str, str] = {
    "textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^", "textless": "<", "textgreater": ">",
    "textbar": "|", "textquotesingle": "'", "textasciigrave": "`", "textquotedbl": '"', "textdollar": "$",
    "textunderscore": "_", "PYZbs": "\\", "PYZob": "{", "PYZcb": "}", "PYZca": "^", "PYZam": "&", "PYZlt": "<",
    "PYZgt": ">", "PYZsh": "#", "PYZpc": "%", "PYZdl": "$", "PYZhy": "-", "PYZsq": "'", "PYZdq": '"', "PYZti": "~",
    "PYZus": "_", "PYZat": "@", "PYZlb": "[", "PYZrb": "]", "PYZbar": "|",
}  # fmt: skip
_COLOURS: Mapping[str, int] = {"textcolor": 2, "colorbox": 2, "PY": 2, "hypertarget": 2}
"""Of so many arguments the last is text; of all other commands here the first."""


class Escapes(NamedTuple):
    """What TeX reads in a listing: formulas, what stands between pairs of marks, commands."""

    math: bool = False
    marks: tuple[tuple[str, str], ...] = ()
    commands: bool = False

    def with_options(self, options: str) -> "Escapes":
        """The same under further options of the listing's package."""
        math = _MATH.search(options)
        marks = self.marks
        if sign := _CHAR.search(options):
            marks = (*marks, (sign[1], sign[1]))
        if inside := _INSIDE.search(options):
            first, last = inside[1] or inside[3], inside[2] or inside[4]
            marks = (*marks, (first.replace("\\", ""), last.replace("\\", "")))
        commands = self.commands or _COMMANDS.search(options) is not None
        return Escapes(math[1] != "false" if math else self.math, marks, commands)


def settings(engine: "Engine", name: str) -> None:
    r"""`\lstset{…}`, `\lstdefinelanguage{x}{…}`, `\fvset{…}`, `\setminted{…}`: what all listings are read by."""
    engine.mouth.option()
    if name != "lstset" and name.startswith("lst"):
        engine.mouth.argument()
        if engine.mouth.option() is not None:
            engine.mouth.argument()  # the language that this one is made from
    kept = engine.keeps("layout")
    options = engine.mouth.argument()
    if options is not None:
        engine.escapes[""] = engine.escapes.get("", Escapes()).with_options(options)
    if kept:
        engine.out.add(engine.written())
    else:
        engine.removed()


def declare_file(engine: "Engine", _: str) -> None:
    r"""minted's `\newmintedfile[x]{python}{…}`: `\x` prints a file."""
    option, language = engine.mouth.option(), (engine.mouth.argument() or "").strip()
    engine.mouth.argument()
    name = option or f"{language}file"
    engine.meanings.define(name, Macro(name, (Parameter("optional", ""),), f"\\inputminted[#1]{{{language}}}"))
    engine.removed()


def whole_file(engine: "Engine", name: str) -> None:
    r"""`\lstinputlisting[…]{x.py}`, `\verbatiminput{x}`, `\inputminted{c}{x.c}`: a file that is printed as is."""
    mouth = engine.mouth
    mouth.take("*")
    option = mouth.option() or ""
    language = mouth.argument() if name == "inputminted" else None
    target = mouth.argument()
    target = engine.expanded(target) if target is not None and "\\" in target else target
    text = engine.listing(target.strip(), engine.file) if target is not None and "\\" not in target else None
    shown = _SHOWN[name]
    if text is None or f"\\end{{{shown}}}" in text:
        engine.out.add(without_comments(engine.written()))
        return
    option = without_comments(option)
    text = "\n".join(_chosen(text.rstrip("\n").split("\n"), option))
    engine.mouth.spend(len(text))
    kept = _LINE.sub("", option).strip(" ,")
    head = (f"[{kept}]" if kept else "") + (f"{{{language}}}" if language else "")
    engine.out.add(f"\\begin{{{shown}}}{head}\n{text}\n\\end{{{shown}}}")


def _chosen(lines: list[str], option: str) -> list[str]:
    """The lines of a file that an option asks for: by numbers, or between the lines that hold two marks."""
    wanted = {found[1]: int(found[2]) for found in _LINE.finditer(option)}
    if (span := _RANGE.search(option)) is None:
        return lines[max(0, wanted.get("first", 1) - 1) : wanted.get("last", len(lines))]
    if span[1].isdigit() and span[2].isdigit():
        return lines[max(0, int(span[1]) - 1) : int(span[2])]
    first = next((place for place, line in enumerate(lines) if span[1] in line), -1)
    last = next((place for place, line in enumerate(lines) if place > first and span[2] in line), len(lines))
    return lines[first + 1 : last]


def declared(engine: "Engine", name: str, options: str) -> None:
    """An own environment of listings with options of its own."""
    engine.escapes[name] = Escapes().with_options(options)


def contents(engine: "Engine", name: str, options: str, text: str) -> tuple[str, str]:
    """The options and the text of a listing, as TeX reads it; `name` is its environment."""
    common, own = engine.escapes.get("", Escapes()), engine.escapes.get(name, Escapes())
    escapes = Escapes(common.math or own.math, (*common.marks, *own.marks), common.commands or own.commands)
    escapes = escapes.with_options(options)
    if escapes.commands:
        return _EMPTY.sub("", _COMMANDS.sub("", options)), _without_commands(engine, text)
    if name == "alltt":
        return options, _written_out(engine, text)
    for first, last in dict.fromkeys(escapes.marks):
        part = re.compile(rf"{re.escape(first)}([^\n]{{1,{LONGEST_PART}}}?){re.escape(last)}")
        text = part.sub(lambda found: _expanded(engine, found[1], math=False), text)
    if escapes.math:
        text = _FORMULA.sub(lambda found: f"${_expanded(engine, found[1], math=True)}$", text)
    return options, text


def _expanded(engine: "Engine", text: str, *, math: bool) -> str:
    if "\\" not in text:
        return text
    before, engine.math = engine.math, math
    try:
        return engine.expanded(text)
    finally:
        engine.math = before


def _written_out(engine: "Engine", text: str) -> str:
    """A text in which the author's commands are read, and nothing else."""
    pieces, done = [], 0
    for command in _COMMAND.finditer(text):
        macro = engine.meanings.table.get(command[1] or "")
        if command.start() < done or not isinstance(macro, Macro):
            continue
        end = command.end()
        for _ in macro.parameters:
            end = closing(text, end) if text.startswith("{", end) else -1
            if end < 0:
                break
        if end >= 0:
            pieces += [text[done : command.start()], engine.expanded(text[command.start() : end])]
            done = end
    return "".join([*pieces, text[done:]])


def _without_commands(engine: "Engine", text: str) -> str:
    """A program whose words are arguments of commands, as it was before they were coloured."""
    pieces: list[str] = []
    at = 0
    ends: list[int] = []
    while (command := _COMMAND.search(text, at)) is not None:
        pieces.append(_outside(text, at, command.start(), ends))
        name, at = command[1], command.end()
        if name is None:
            pieces.append(command[2])
        elif name in _SIGNS:
            pieces.append(_SIGNS[name])
            at += 2 * text.startswith("{}", at)
        else:
            for _ in range(_COLOURS.get(name, 1) - 1):
                closed = closing(text, at) if text.startswith("{", at) else -1
                at = max(at, closed)
            end = closing(text, at) if text.startswith("{", at) else -1
            if end >= 0:
                ends.append(end - 1)
                at += 1
        engine.mouth.spend(1)
    return "".join([*pieces, _outside(text, at, len(text), ends)])


def _outside(text: str, start: int, end: int, ends: list[int]) -> str:
    """A stretch of a text without the braces that close arguments, whose places are in `ends`."""
    piece, done = "", start
    for place in sorted(one for one in ends if start <= one < end):
        piece += text[done:place]
        done = place + 1
        ends.remove(place)
    return piece + text[done:end]


HANDLERS: Mapping[str, Callable[["Engine", str], None]] = {
    **dict.fromkeys(("lstset", "lstdefinestyle", "lstdefinelanguage", "fvset", "setminted"), settings),
    **dict.fromkeys(_SHOWN, whole_file),
    "newmintedfile": declare_file,
}
"""The commands of this room."""
