r"""How a paper defines its own commands and environments: `\newcommand`, `\def`, `\let`, xparse, xargs, mathtools,
theorems.

Each handler reads one definition from where it stands and takes it out of the text. What is defined in a class or style
of the submission never changes a command of LaTeX's own (`known`): such files dress the page, and the text they dress
was written in LaTeX's commands.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.extraction.latex.meanings import (
    NO_VALUE,
    STRUCTURE,
    Alias,
    Environment,
    Macro,
    Parameter,
    Special,
    Theorem,
)
from pipelines.extraction.latex.symbols import drawn_symbol

if TYPE_CHECKING:
    from pipelines.extraction.latex.engine import Engine

LONGEST_PATTERN = 300
_NAME = re.compile(r"\s*\\([a-zA-Z@]+|.)\s*\Z", re.DOTALL)
_PARAMETER = re.compile(r"#(\d)([^#]*)")
_XPARSE = re.compile(r"\s*[+!>]?\s*(?:\{[^{}]*\}\s*)?([a-zA-Z])")
_XARGS = re.compile(r"(\d)\s*=\s*(?:\{([^{}]*)\}|([^,]*))")
_DIGIT = re.compile(r"\s*(\d)\s*\Z")


def name_of(engine: "Engine") -> str | None:
    r"""The name of the command that is defined, in braces or not."""
    text = engine.mouth.argument()
    match = _NAME.match(text) if text is not None else None
    return match[1] if match else None


def keep(engine: "Engine", macro: Macro, *, everywhere: bool = False, weak: bool = False) -> None:
    """Give a macro's name its meaning, unless it is one that no paper may change. `weak`: only if it has none."""
    name = macro.name
    if (name in STRUCTURE and not engine.in_prelude) or (
        weak and (name in engine.meanings.table or name in engine.known)
    ):
        return
    if engine.in_package:
        if name in engine.known or not name[0].isalpha():
            return
        if "@" in name + macro.body or len(macro.source) > LONGEST_PATTERN:
            macro = replace(macro, source="")  # the insides of a style are no text, even where they cannot be avoided
    symbol = drawn_symbol(macro.body) if not macro.parameters else None
    if symbol is not None:
        macro = Macro(name, (), symbol)
    engine.meanings.define(name, macro, everywhere=everywhere)


def new_command(engine: "Engine", name: str) -> None:
    r"""`\newcommand{\x}[2][default]{body}` and its kin; `\newcommandx` names the defaults of any argument."""
    engine.mouth.take("*")
    target = name_of(engine)
    count, default = _arguments_of(engine)
    optional = {1: default} if default is not None else {}
    if name.endswith("x") and default is not None:
        optional = {int(m[1]): m[2] if m[2] is not None else m[3].strip() for m in _XARGS.finditer(default)}
    body = engine.mouth.argument()
    if target is None or body is None:
        return
    parameters = tuple(
        Parameter("optional", optional[place] or "") if place in optional else Parameter()
        for place in range(1, count + 1)
    )
    macro = Macro(target, parameters, body, engine.letters, source=engine.written())
    keep(engine, macro, weak=name.startswith("provide"))


def _arguments_of(engine: "Engine") -> tuple[int, str | None]:
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


def xparse(pattern: str) -> tuple[Parameter, ...] | None:
    """The arguments that xparse's letters describe; None for letters that are not known."""
    found: list[Parameter] = []
    at = 0
    while at < len(pattern.rstrip()):
        match = _XPARSE.match(pattern, at)
        if match is None:
            return None
        letter, at = match[1], match.end()
        marks, default = "", NO_VALUE
        if letter in "dDrR":
            marks, at = pattern[at : at + 2], at + 2
        if letter == "t":
            at += 1
        if letter in "ODR":
            rest = pattern[at:].lstrip()
            at = len(pattern) - len(rest)
            end = rest.find("}") if rest.startswith("{") else 0
            default, at = (rest[1:end], at + end + 1) if end > 0 else (rest[:1], at + 1)
        if letter in "mrRgGv":
            found.append(Parameter("optional", default, marks) if marks else Parameter())
        elif letter in "oOdD":
            found.append(Parameter("optional", default, marks))
        elif letter in "st":
            found.append(Parameter("star"))
        else:
            return None
    return tuple(found)


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
    first, _, _ = pattern.partition("#")
    parameters = []
    for match in _PARAMETER.finditer(pattern):
        mark = match[2].strip() if match[2].strip() else match[2][:1]
        parameters.append(Parameter("delimited", mark=mark) if mark else Parameter())
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
    if value.startswith("\\"):
        engine.meanings.define(target, engine.meanings.meaning(value[1:]), everywhere=everywhere)
    elif value not in "{}$":
        engine.meanings.define(target, Macro(target, (), value), everywhere=everywhere)


def operator(engine: "Engine", _: str) -> None:
    r"""`\DeclareMathOperator*{\x}{name}` as `\operatorname*{name}`."""
    star = "*" if engine.mouth.take("*") else ""
    target, body = name_of(engine), engine.mouth.argument()
    if target is not None and body is not None:
        keep(engine, Macro(target, (), f"\\operatorname{star}{{{body.strip()}}}", engine.letters))


def paired_delimiter(engine: "Engine", name: str) -> None:
    r"""mathtools' `\DeclarePairedDelimiter{\x}{left}{right}`; with a star they grow, `[\big]` sets their size."""
    target = name_of(engine)
    count = engine.mouth.option() if "X" in name else "1"
    if name.endswith("XPP"):
        engine.mouth.argument()
    left, right = engine.mouth.argument(), engine.mouth.argument()
    if name.endswith("XPP"):
        engine.mouth.argument()
    inside = engine.mouth.argument() if "X" in name else "#1"
    if target is None or left is None or right is None or inside is None or not (count or "").strip().isdigit():
        return
    arguments = int(count or 1)

    def use(engine: "Engine", _: str) -> None:
        grow = engine.mouth.take("*")
        size = None if grow else engine.mouth.option()
        macro = Macro(target, (Parameter(),) * arguments, inside, engine.letters)
        given = engine.mouth.arguments(macro)
        if given is None:
            engine.out.add(f"\\{target}")
            return
        before, middle, after = (
            ("\\left", "\\middle", "\\right") if grow else (f"{size}l", size, f"{size}r") if size else ("", "", "")
        )
        content = macro.fill(given).replace("\\delimsize", middle or "")
        engine.push(
            f"{before}{left} {content}{' ' if after else ''}{after}{right}" if before else _close(left, content, right)
        )

    engine.meanings.define(target, Special(use))


def _close(left: str, content: str, right: str) -> str:
    gap = " " if left[-1:].isalpha() and content[:1].isalpha() else ""
    return f"{left}{gap}{content}{right}"


def new_environment(engine: "Engine", name: str) -> None:
    r"""`\newenvironment{x}[1][default]{begin}{end}`."""
    engine.mouth.take("*")
    target = engine.mouth.argument()
    if "Document" in name:
        pattern = engine.mouth.argument()
        parameters = xparse(pattern) if pattern is not None and len(pattern) <= LONGEST_PATTERN else None
    else:
        count, default = _arguments_of(engine)
        parameters = tuple(
            Parameter("optional", default) if place == 0 and default is not None else Parameter()
            for place in range(count)
        )
    begin, end = engine.mouth.argument(), engine.mouth.argument()
    if target is None or begin is None or end is None or parameters is None:
        return
    target = target.strip()
    if target in engine.standard_environments or (engine.in_package and target in engine.known):
        return
    engine.meanings.environments[target] = Environment(
        Macro(target, parameters, begin, engine.letters),
        Macro(target, parameters if "Document" in name else (), end, engine.letters),
        engine.written(),
    )


def new_theorem(engine: "Engine", _: str) -> None:
    r"""`\newtheorem{x}[counter]{Printed name}[within]`, also with a star; ntheorem and thmtools say it alike."""
    engine.mouth.take("*")
    target = engine.mouth.argument()
    engine.mouth.option()
    printed = engine.mouth.argument()
    engine.mouth.option()
    if target is not None and printed is not None:
        _theorem(engine, target, printed)


def declare_theorem(engine: "Engine", _: str) -> None:
    r"""thmtools' `\declaretheorem[name=Printed]{x}`."""
    before, target, behind = engine.mouth.option(), engine.mouth.argument(), engine.mouth.option()
    options = f"{before or ''},{behind or ''}"
    if target is None:
        return
    named = re.search(r"(?:name|title|heading)\s*=\s*(?:\{([^{}]*)\}|([^,]*))", options)
    printed = (named[1] or named[2]) if named else target.strip().capitalize()
    for one in target.split(","):
        _theorem(engine, one, printed)


def _theorem(engine: "Engine", target: str, printed: str) -> None:
    printed = " ".join(engine.expanded(printed).split()).rstrip(".:")
    if printed and "{" not in printed and "\\" not in printed:
        engine.meanings.environments[target.strip()] = Theorem(printed)


def alias_environment(engine: "Engine", _: str) -> None:
    r"""`\newtheoremstyle` and others that define nothing for the text: their arguments are read and forgotten."""
    while engine.mouth.next_is("{") or engine.mouth.next_is("["):
        if engine.mouth.braced() is None and engine.mouth.option() is None:
            return


HANDLERS: Mapping[str, Callable[["Engine", str], None]] = {
    **dict.fromkeys(
        ("newcommand", "renewcommand", "providecommand", "DeclareRobustCommand", "newcommandx", "renewcommandx",
         "providecommandx", "newrobustcmd", "renewrobustcmd", "providerobustcmd", "CheckCommand"),
        new_command,
    ),
    **dict.fromkeys(
        ("NewDocumentCommand", "RenewDocumentCommand", "DeclareDocumentCommand", "ProvideDocumentCommand",
         "NewExpandableDocumentCommand"),
        document_command,
    ),
    **dict.fromkeys(("def", "gdef", "edef", "xdef"), define),
    **dict.fromkeys(
        ("newenvironment", "renewenvironment", "NewDocumentEnvironment", "RenewDocumentEnvironment"), new_environment
    ),
    **dict.fromkeys(
        ("DeclarePairedDelimiter", "DeclarePairedDelimiterX", "DeclarePairedDelimiterXPP"), paired_delimiter
    ),
    "let": let,
    "DeclareMathOperator": operator,
    "newtheorem": new_theorem,
    "spnewtheorem": new_theorem,
    "newaliasthm": new_theorem,
    "declaretheorem": declare_theorem,
    "newtheoremstyle": alias_environment,
    "declaretheoremstyle": alias_environment,
}  # fmt: skip
"""The commands that define."""

__all__ = ["HANDLERS", "Alias"]
