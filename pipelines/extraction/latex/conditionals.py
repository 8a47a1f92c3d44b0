r"""TeX's conditionals: those that can be decided are, and what a reader of the paper does not see goes.

A conditional that hangs on what only typesetting knows (`\ifdim`, `\ifvmode`) stays with both of its branches.
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pipelines.extraction.latex import numbers
from pipelines.extraction.latex.expansion import between_names, command_name
from pipelines.extraction.latex.frames import Frame
from pipelines.extraction.latex.meanings import Alias, Macro, Special

if TYPE_CHECKING:
    from pipelines.extraction.latex.engine import Engine

PRIMITIVE = frozenset(
    """if ifcat ifx ifnum ifdim ifodd ifvmode ifhmode ifmmode ifinner ifvoid ifhbox ifvbox ifeof iftrue iffalse ifcase
    ifdefined ifcsname iffontchar ifincsname ifpdf ifxetex ifluatex ifpdftex ifPDFTeX ifXeTeX ifLuaTeX""".split()
)
_ALWAYS = {
    "iftrue": True,
    "iffalse": False,
    "ifpdf": True,
    "ifpdftex": True,
    "ifPDFTeX": True,
    "ifxetex": False,
    "ifXeTeX": False,
    "ifluatex": False,
    "ifLuaTeX": False,
    "ifincsname": False,
}
"""arXiv typesets with pdfTeX."""
TOGGLE = "toggle@"
"""Before the name of a toggle of etoolbox's, which is no conditional."""
_TOKEN = re.compile(r"\\([a-zA-Z@]+)|\\.|%[^\n]*", re.DOTALL)
MOST_EMPTY = 10
"""So many values that are empty may stand before what is compared."""
DEFINING = frozenset({"newif", "let", "def", "gdef", "newcommand", "renewcommand", "providecommand"})


def is_conditional(engine: "Engine", name: str) -> bool:
    """Whether a command begins a conditional that a `\\fi` ends, by itself or as a copy (`\\let`)."""
    meaning = engine.meanings.table.get(name)
    return name in PRIMITIVE or (isinstance(meaning, Special) and meaning.name in PRIMITIVE)


def conditional(engine: "Engine", name: str, *, unless: bool = False) -> None:
    r"""Decide a conditional and go on with the branch that holds; `unless`: with the other one."""
    places = [(frame, frame.at) for frame in engine.mouth.frames]
    truth = _decide(engine, name)
    truth = not truth if unless and truth is not None else truth
    if truth is None:
        if places and places[-1][0] is engine.mouth.frames[-1]:
            for frame, at in places:
                frame.at = at
        engine.branches.append(None)
        engine.keep_command(f"unless\\{name}" if unless else name)
    elif truth:
        engine.branches.append(True)
        engine.swallow_space(engine.start[0])
    elif (stopped := skip(engine, {"else", "fi"})) == "else":
        engine.branches.append(True)
    elif not stopped:  # it never ends: dropping the rest of a paper for one slip loses more than it cleans
        engine.keep_command(name)


def unless(engine: "Engine", name: str) -> None:
    r"""e-TeX's `\unless\ifx…`."""
    frame = engine.mouth.here()
    at = frame.at if frame is not None else 0
    tested = (engine.mouth.token() or "")[1:]
    meaning = engine.meanings.table.get(tested)
    if isinstance(meaning, Special) and meaning.name in PRIMITIVE and meaning.name != "ifcase":
        conditional(engine, meaning.name, unless=True)
        return
    engine.keep_command(name)
    if frame is not None:
        frame.at = at


def otherwise(engine: "Engine", name: str) -> None:
    r"""`\else` after a branch that held: the rest is skipped."""
    if not engine.branches:
        return
    if engine.branches[-1] is None:
        engine.keep_command(name)
        return
    engine.branches.pop()
    skip(engine, {"fi"})


def end(engine: "Engine", name: str) -> None:
    r"""`\fi`, and `\or` where a case was taken."""
    if engine.branches and engine.branches.pop() is None:
        engine.keep_command(name)
    else:
        engine.swallow_space(engine.start[0])


def case_ends(engine: "Engine", name: str) -> None:
    r"""`\or` behind the case that was taken."""
    if engine.branches and engine.branches[-1] is None:
        engine.keep_command(name)
    elif engine.branches:
        engine.branches.pop()
        skip(engine, {"fi"})


def skip(engine: "Engine", stops: set[str], cases: int = 0) -> str:
    """Pass over text up to one of `stops` outside of inner conditionals and the space behind it; or over nothing.

    `cases`: so many `\\or` are passed too. Returns where it stopped.
    """
    depth = 0
    places = [(frame, frame.at) for frame in engine.mouth.frames]
    while (frame := engine.mouth.here()) is not None:
        if not frame.macro and not cases and all(frame.ahead(f"\\{name}") < 0 for name in ("fi", *stops)):
            break
        previous = ""
        for match in _TOKEN.finditer(frame.text, frame.at):
            name = match[1]
            if name is None:
                continue
            defined, previous = previous in DEFINING, name
            if defined:
                continue
            if depth == 0 and name == "or" and cases:
                cases -= 1
                if cases == 0:
                    return _stop(engine, frame, match, "or")
            elif depth == 0 and name in stops:
                return _stop(engine, frame, match, name)
            elif name == "fi":
                depth -= 1
                if depth < 0:
                    return _stop(engine, frame, match, "fi")
            elif is_conditional(engine, name):
                depth += 1
        engine.mouth.spend(len(frame.text) - frame.at)
        frame.at = len(frame.text)
        if not frame.macro:
            break
    for frame, at in places:
        frame.at = at
    return ""


def _stop(engine: "Engine", frame: Frame, match: re.Match[str], name: str) -> str:
    engine.mouth.spend(match.end() - frame.at)
    frame.at = match.end()
    engine.swallow_space(frame)
    return name


def is_defined(engine: "Engine", name: str) -> bool:
    """Whether a command means something, to the paper or to LaTeX."""
    return name in engine.meanings.table or name in engine.known


def _decide(engine: "Engine", name: str) -> bool | None:
    """Whether a conditional holds; None if that cannot be told. What it tests is read."""
    mouth = engine.mouth
    if name in _ALWAYS:
        return _ALWAYS[name]
    if name == "ifmmode":
        return engine.math
    frame = mouth.here()
    if frame is None:
        return None
    if name == "ifdefined":
        token = mouth.token()
        return token is not None and is_defined(engine, token[1:])
    if name == "ifcsname":
        inside = between_names(engine)
        return None if inside is None else is_defined(engine, command_name(inside.strip()))
    if name == "ifx":
        left, right = mouth.token(), mouth.token()
        return None if left is None or right is None else _same(engine, left, right)
    if name == "if":
        left, right = _unfolded(engine), _unfolded(engine)
        return None if left is None or right is None else left == right
    if name == "ifnum":
        return numbers.compared(engine)
    if name in ("ifodd", "ifcase"):
        number = numbers.read_number(engine)
        if number is None or name == "ifodd":
            return None if number is None else number % 2 == 1
        return number <= 0 or skip(engine, {"else"}, number) != ""
    return None


def _unfolded(engine: "Engine") -> str | None:
    """The next token with a macro's value in its place, if that is one character."""
    for _ in range(MOST_EMPTY):
        token = engine.mouth.token()
        if token is None or not token.startswith("\\") or token[1:] == "relax":
            return token
        if token[1:] == "detokenize":
            engine.push(engine.mouth.argument() or "", macro="detokenized")
        else:
            inside = engine.expanded(token)
            if inside or not isinstance(engine.meanings.meaning(token[1:]), Macro):
                return inside if len(inside) == 1 or inside == token else None
    return None


def _same(engine: "Engine", left: str, right: str) -> bool | None:
    meanings = []
    for token in (left, right):
        if not token.startswith("\\"):
            meanings.append(("character", token))
            continue
        meaning = engine.meanings.meaning(token[1:])
        if token in ("\\empty", "\\@empty"):
            meanings.append(("macro", ""))
        elif isinstance(meaning, Alias):
            unknown = meaning.name in ("undefined", "@undefined", "UnDeFiNeD") or meaning.name not in engine.known
            meanings.append(("undefined", "") if unknown else ("name", meaning.name))
        elif isinstance(meaning, Special):
            meanings.append(("work", f"{id(meaning.work)} {meaning.name}"))
        else:
            value = meaning.body
            single = len(value) == 1 and not meaning.parameters
            alone = meaning.implicit or (single and not left.startswith("\\"))
            meanings.append(("character" if alone else "macro", value))
    return meanings[0] == meanings[1]


def new_if(engine: "Engine", _: str) -> None:
    r"""`\newif\ifdraft`: the conditional and the commands that set it, which make it `\iftrue` or `\iffalse`."""
    token = engine.mouth.token()
    if token is not None and token.startswith("\\if"):
        _new_flag(engine, token[3:])


def new_boolean(engine: "Engine", name: str) -> None:
    r"""`\newboolean{x}`, `\newbool{x}`, `\newtoggle{x}`."""
    flag = (engine.mouth.argument() or "").strip()
    if name.endswith("toggle"):
        flag = f"{TOGGLE}{flag}"
    if flag_of(engine, flag) is None:
        _new_flag(engine, flag)


def flag_of(engine: "Engine", flag: str) -> bool | None:
    r"""How a flag of `\newif` or its like stands, by its name without `if`; None if there is none."""
    meaning = engine.meanings.table.get(f"if{flag}")
    return _ALWAYS.get(meaning.name) if isinstance(meaning, Special) else None


def set_flag(engine: "Engine", flag: str, value: bool, *, everywhere: bool = False) -> None:
    """Set a flag, until its group ends or `everywhere`."""
    engine.meanings.define(f"if{flag}", engine.meanings.own["iftrue" if value else "iffalse"], everywhere=everywhere)


def _new_flag(engine: "Engine", flag: str) -> None:
    set_flag(engine, flag, value=False, everywhere=True)
    for suffix, value in (("true", True), ("false", False)):
        engine.meanings.define(f"{flag}{suffix}", Special(_setter(flag, value)), everywhere=True)


def _setter(flag: str, value: bool) -> "Callable[[Engine, str], None]":
    def work(engine: "Engine", _: str) -> None:
        set_flag(engine, flag, value, everywhere=engine.take_prefix("global"))
        engine.swallow_space(engine.start[0])

    return work


def set_boolean(engine: "Engine", name: str) -> None:
    r"""`\setboolean{x}{true}` and etoolbox's `\booltrue{x}`, `\togglefalse{x}`."""
    flag = (engine.mouth.argument() or "").strip()
    value = engine.mouth.argument() if name.startswith("set") else name.removeprefix("bool").removeprefix("toggle")
    if value is not None:
        toggle = TOGGLE if "toggle" in name else ""
        set_flag(engine, f"{toggle}{flag}", value.strip() == "true", everywhere=engine.take_prefix("global"))


HANDLERS: Mapping[str, Callable[["Engine", str], None]] = {
    **dict.fromkeys(PRIMITIVE, conditional),
    "else": otherwise,
    "fi": end,
    "unless": unless,
    "or": case_ends,
    "newif": new_if,
    **dict.fromkeys(
        ("newboolean", "provideboolean", "newbool", "providebool", "newtoggle", "providetoggle"), new_boolean
    ),
    **dict.fromkeys(
        ("setboolean", "setbool", "settoggle", "booltrue", "boolfalse", "toggletrue", "togglefalse"), set_boolean
    ),
}  # fmt: skip
"""The commands that test, and those that set what is tested."""
