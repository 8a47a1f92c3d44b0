r"""How a paper defines its own commands: `\newcommand`, `\def`, `\let`, xparse, xargs, etoolbox, mathtools.

Each handler reads one definition from where it stands and takes it out of the text. What is defined in a class or style
of the submission never changes a command of LaTeX's own (`known`): such files dress the page, and the text they dress
was written in LaTeX's commands.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.extraction.latex import title_pages
from pipelines.extraction.latex.front_matter import NAMES as FRONT_MATTER
from pipelines.extraction.latex.key_values import pairs
from pipelines.extraction.latex.layout import LAYOUT
from pipelines.extraction.latex.meanings import (
    FONTS,
    REFERENCES,
    STRUCTURE,
    Alias,
    Macro,
    Parameter,
    Special,
    ends_in_command,
    join,
    without_comments,
)
from pipelines.extraction.latex.output import ONE_ARGUMENT
from pipelines.extraction.latex.symbols import alphabet_of, drawn_symbol
from pipelines.extraction.latex.xparse import LONGEST_PATTERN, xparse

if TYPE_CHECKING:
    from pipelines.extraction.latex.engine import Engine

_NAME = re.compile(r"\s*\\([a-zA-Z@]+|.)\s*\Z", re.DOTALL)
_PARAMETER = re.compile(r"#(\d)([^#]*)")
_COMMAND = re.compile(r"\\([a-zA-Z@]+)")
_DRESS = re.compile(
    r"\\(?:(?:text|page|f)?color(?:box)?|[hv]space\*?|usefont|fontfamily|fontseries)(?:\[[^\]]{0,60}\])?(?:\{[^{}]{0,60}\}){0,4}"
    r"|\\[a-zA-Z@]+|#\d"
)
"""What a value of a font's command holds beside words; what is left of it are words."""
_SPACES = re.compile(r"\s+")
_STEPS = re.compile(
    r"(?:\\global\s{0,9})?(?:\\advance\s{0,9}\\[a-zA-Z@]{1,40}\s{0,9}(?:by)?\s{0,9}-?\d{1,9}"
    r"|\\[a-zA-Z@]{1,40}\s{0,9}=\s{0,9}-?\d{1,9}(?![\d.a-z]))(?:\\relax)?|\\(?:ref)?stepcounter\s{0,9}\{[^{}]{1,40}\}"
    r"|\\setcounter\s{0,9}\{[^{}]{1,40}\}\s{0,9}\{\d{1,9}\}"
)
"""What a command counts."""
_DIGIT = re.compile(r"\s*(\d)\s*\Z")


def name_of(engine: "Engine") -> str | None:
    r"""The name of the command that is defined, in braces or not."""
    text = engine.mouth.argument()
    match = _NAME.match(text) if text is not None else None
    return match[1] if match else None


def keep(engine: "Engine", macro: Macro, *, everywhere: bool = False, weak: bool = False, new: bool = False) -> None:
    r"""Give a macro's name its meaning, unless it is one that no paper may change. `weak`: only if it has none.

    `new`: LaTeX takes the definition only of a name that has no meaning, as with `\newcommand`; so it is the author's,
    unless it is an accent or an alphabet, which styles of fonts define.
    """
    name = macro.name
    if "%" in macro.body:
        macro = replace(macro, body=without_comments(macro.body))
    if weak and (name in engine.meanings.table or name in engine.known):
        return
    title_pages.note(engine, macro)
    followed = name in REFERENCES or (name in FONTS and any(map(str.isalpha, _DRESS.sub("", macro.body))))
    followed = followed and not engine.in_package and not engine.meanings.is_hard(macro)
    if name in STRUCTURE and not engine.in_prelude and not followed:
        if not engine.in_package and (steps := "".join(_STEPS.findall(macro.body))):
            engine.meanings.define(name, Special(_counting(steps), name), everywhere=everywhere)
        return
    if name in LAYOUT and engine.meanings.is_hard(macro):  # it goes, whatever the page looks like
        return
    if engine.in_package:
        if (
            name in FRONT_MATTER
            or (name in engine.known and not (new and name not in ONE_ARGUMENT))
            or not (name[0].isalpha() or name[0] == "@")
        ):
            return
        if "@" in name + macro.body or len(macro.source) > LONGEST_PATTERN:
            macro = replace(macro, source="")  # the insides of a style are no text, even where they cannot be avoided
    else:
        engine.meanings.note_definitions(macro)
    symbol = drawn_symbol(macro.body) if not macro.parameters else alphabet_of(macro.body)
    if symbol is not None:
        macro = Macro(name, macro.parameters, symbol)
    page = title_pages.PAGE._replace(name=name) if name in engine.meanings.title_pages else None
    engine.meanings.define(name, page or macro, everywhere=everywhere)


def _counting(steps: str) -> Callable[["Engine", str], None]:
    """A command of LaTeX's that stays as it is, and goes on to count what the paper says that it counts."""

    def count(engine: "Engine", name: str) -> None:
        engine.keep_command(name)
        engine.push(steps)

    return count


def new_command(engine: "Engine", name: str) -> None:
    r"""`\newcommand{\x}[2][default]{body}` and its kin; `\newcommandx` names the defaults of any argument."""
    engine.mouth.take("*")
    target = name_of(engine)
    parameters = parameters_of(engine, xargs=name.endswith("x"))
    body = engine.mouth.argument()
    if target is None or body is None:
        return
    macro = Macro(target, parameters, body, engine.letters, source=engine.written())
    keep(engine, macro, weak=name.startswith("provide"), new=name in ("newcommand", "newcommandx"))


def parameters_of(engine: "Engine", *, xargs: bool = False) -> tuple[Parameter, ...]:
    """The arguments as `\\newcommand` gives them, or as xargs does, which names the defaults of any."""
    count, default = arguments_of(engine)
    optional = {1: default} if default is not None else {}
    asks = None
    if xargs and default is not None:
        keys = dict(pairs(default))
        optional = {int(key): value or "" for key, value in keys.items() if _DIGIT.match(key)}
        asks = keys["usedefault"] or "" if "usedefault" in keys else None
    return tuple(
        Parameter("optional", optional[place] or "", asks=asks) if place in optional else Parameter()
        for place in range(1, count + 1)
    )


def arguments_of(engine: "Engine") -> tuple[int, str | None]:
    """The number of arguments and the default of the first, as `\\newcommand` gives them."""
    option = engine.mouth.option()
    digit = _DIGIT.match(option) if option is not None else None
    if option is None or digit is None:
        return 0, None
    return int(digit[1]), engine.mouth.option()


def document_command(engine: "Engine", name: str) -> None:
    r"""xparse's `\NewDocumentCommand{\x}{s o m O{default}}{body}`."""
    target, pattern = name_of(engine), engine.mouth.argument()
    body = engine.mouth.argument()
    parameters = xparse(pattern) if pattern is not None and len(pattern) <= LONGEST_PATTERN else None
    if target is None or body is None or parameters is None:
        return
    macro = Macro(target, parameters, body, engine.letters, source=engine.written())
    keep(engine, macro, weak=name.startswith("Provide"))


def define(engine: "Engine", name: str) -> None:
    r"""TeX's `\def\x#1#2{body}`, with any text between and behind the arguments."""
    token = engine.mouth.token()
    frame = engine.mouth.here()
    if token is None or frame is None or not token.startswith("\\"):
        return
    end = frame.text.find("{", frame.at, frame.at + LONGEST_PATTERN)
    if end < 0:
        return
    pattern, frame.at = frame.text[frame.at : end], end
    body = engine.mouth.braced()
    if body is None:
        return
    if name in ("edef", "xdef"):
        needed = dict(engine.needed)
        body = engine.expanded(without_comments(body))
        engine.needed = needed
    pattern = without_comments(pattern)
    first, _, _ = pattern.partition("#")
    parameters = []
    for match in _PARAMETER.finditer(pattern):
        mark = _SPACES.sub(" ", match[2])
        mark = mark.rstrip() if ends_in_command(mark.rstrip()) else mark  # TeX passes over the space behind a name
        parameters.append(Parameter("delimited", mark=mark) if mark else Parameter())
    if pattern.endswith("#") and parameters:  # up to the brace that comes next
        parameters[-1] = Parameter("delimited", mark="{")
    everywhere = name in ("gdef", "xdef") or engine.take_prefix("global")
    macro = Macro(token[1:], tuple(parameters), body, engine.letters, first.strip(), engine.written())
    keep(engine, macro, everywhere=everywhere)


def let(engine: "Engine", _: str) -> None:
    r"""`\let\a=\b`: the name takes the meaning that the other has now."""
    name = engine.mouth.token()
    engine.mouth.take("=")
    value = engine.mouth.token()
    if name is None or value is None or not name.startswith("\\"):
        return
    target = name[1:]
    if target in STRUCTURE or (engine.in_package and (target in engine.known or not target[0].isalpha())):
        return
    everywhere = engine.take_prefix("global")
    if value in ("\\undefined", "\\@undefined", "\\UnDeFiNeD"):
        engine.meanings.forget(target)
        return
    if target in engine.standard_environments:
        pass
    elif value == "\\comment":
        engine.hidden.add(target)
    elif value in ("\\verbatim", "\\lstlisting", "\\Verbatim"):
        engine.verbatim[target] = value[1:]
    if value.startswith("\\"):
        engine.meanings.define(target, engine.meanings.meaning(value[1:]), everywhere=everywhere)
    elif value not in "{}$":
        engine.meanings.define(target, Macro(target, (), value, implicit=True), everywhere=everywhere)


def let_next(engine: "Engine", _: str) -> None:
    r"""`\futurelet\x\y`: `\x` takes the meaning of what stands behind, and `\y` comes next."""
    name, following = engine.mouth.token(), engine.mouth.token()
    frame = engine.mouth.here()
    if name is None or following is None or not name.startswith("\\"):
        return
    command = _COMMAND.match(frame.text, frame.at) if frame is not None else None
    if command is not None:
        engine.meanings.define(name[1:], engine.meanings.meaning(command[1]))
    else:
        sign = frame.text[frame.at : frame.at + 1] if frame is not None else ""
        engine.meanings.define(name[1:], Macro(name[1:], (), sign.replace("\n", " "), implicit=True))
    engine.push(following, letters=True)


def operator(engine: "Engine", _: str) -> None:
    r"""`\DeclareMathOperator*{\x}{name}` as `\operatorname*{name}`."""
    star = "*" if engine.mouth.take("*") else ""
    target, body = name_of(engine), engine.mouth.argument()
    if target is not None and body is not None:
        keep(engine, Macro(target, (), f"\\operatorname{star}{{{body.strip()}}}", engine.letters))


def more(engine: "Engine", name: str) -> None:
    r"""etoolbox's `\appto\x{…}` and `\preto`, LaTeX's `\g@addto@macro\x{…}`: more at an end of a value."""
    target, added = name_of(engine), engine.mouth.argument()
    known = engine.meanings.table.get(target or "")
    if name.endswith("cmd"):  # `\\apptocmd` and `\\pretocmd`
        done, failed = engine.mouth.argument(), engine.mouth.argument()
        engine.push((done if isinstance(known, Macro) or target in engine.known else failed) or "")
        known = known or Special(more)
    if target is None or added is None or not (known is None or isinstance(known, Macro)):
        return
    before = known.body if known is not None else ""
    value: list[str] = []
    for piece in filter(None, (added, before) if "pre" in name else (before, added)):
        join(value, piece)
    letters = engine.letters or (known is not None and known.letters)
    macro = Macro(target, known.parameters if known is not None else (), "".join(value), letters)
    keep(engine, macro, everywhere=name.startswith("g"))


def patch(engine: "Engine", _: str) -> None:
    r"""etoolbox's `\patchcmd{\x}{search}{replace}{done}{failed}`, of what is the paper's own; once, as there."""
    engine.mouth.option()
    target = name_of(engine)
    searched, replaced, done, failed = (engine.mouth.argument() or "" for _ in range(4))
    known = engine.meanings.table.get(target or "")
    if isinstance(known, Macro) and searched and searched in known.body:
        keep(engine, replace(known, body=known.body.replace(searched, replaced, 1), source=""))
        engine.push(done)
    else:  # of a command of LaTeX's own it is taken to go well
        engine.push(done if target in engine.known and not isinstance(known, Macro) else failed)


def paired_delimiter(engine: "Engine", name: str) -> None:
    r"""mathtools' `\DeclarePairedDelimiter{\x}{left}{right}`; with a star they grow, `[\big]` sets their size.

    `…X` names the arguments and what stands between the delimiters, `…XPP` also what stands before and behind them.
    """
    mouth = engine.mouth
    target = name_of(engine)
    count = mouth.option() if "X" in name else "1"
    before = mouth.argument() if name.endswith("XPP") else ""
    left, right = mouth.argument(), mouth.argument()
    behind = mouth.argument() if name.endswith("XPP") else ""
    inside = mouth.argument() if "X" in name else "#1"
    if target is None or left is None or right is None or inside is None or not (count or "").strip().isdigit():
        return
    parameters = (Parameter(),) * int(count or 1)
    outer = [Macro(target, parameters, without_comments(part or "")) for part in (before, inside, behind)]

    def use(engine: "Engine", _: str) -> None:
        grow = engine.mouth.take("*")
        size = None if grow else engine.mouth.option()
        given = engine.mouth.arguments(outer[1])
        if given is None:
            engine.out.add(f"\\{target}")
            return
        first, content, last = (part.fill(given) for part in outer)
        opening, middle, ending = (
            ("\\left", "\\middle", "\\right") if grow else (f"{size}l", size, f"{size}r") if size else ("", "", "")
        )
        content = content.replace("\\delimsize", middle or "")
        pieces = [first, opening, left, " " if opening else "", content, " " if opening else "", ending, right, last]
        if engine.out.wants_argument():
            pieces = ["{", *pieces, "}"]
        value: list[str] = []
        for piece in filter(None, pieces):
            join(value, piece)
        engine.push("".join(value))

    engine.meanings.define(target, Special(use))


HANDLERS: Mapping[str, Callable[["Engine", str], None]] = {
    **dict.fromkeys(
        ("newcommand", "renewcommand", "providecommand", "DeclareRobustCommand", "newcommandx", "renewcommandx",
         "providecommandx", "newrobustcmd", "renewrobustcmd", "providerobustcmd", "CheckCommand"),
        new_command,
    ),
    **dict.fromkeys(
        ("NewDocumentCommand", "RenewDocumentCommand", "DeclareDocumentCommand", "ProvideDocumentCommand",
         "NewExpandableDocumentCommand", "RenewExpandableDocumentCommand", "DeclareExpandableDocumentCommand"),
        document_command,
    ),
    **dict.fromkeys(("def", "gdef", "edef", "xdef"), define),
    **dict.fromkeys(
        ("DeclarePairedDelimiter", "DeclarePairedDelimiterX", "DeclarePairedDelimiterXPP"), paired_delimiter
    ),
    **dict.fromkeys(("appto", "gappto", "preto", "gpreto", "g@addto@macro", "apptocmd", "pretocmd"), more),
    "patchcmd": patch,
    "let": let,
    "futurelet": let_next,
    "DeclareMathOperator": operator,
}  # fmt: skip
"""The commands that define."""

__all__ = ["HANDLERS", "Alias"]
