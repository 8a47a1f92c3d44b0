r"""TeX's conditionals: those that can be decided are, and what a reader of the paper does not see goes.

A conditional that hangs on what only typesetting knows (`\ifdim`, `\ifvmode`) stays with both of its branches.
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pipelines.extraction.latex.meanings import NO_VALUE, Alias, Special

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
_NUMBERS = re.compile(r"\s*(-?\d+)\s*([<>=])\s*(-?\d+)(?:\s|(?=\\))?")
_NUMBER = re.compile(r"\s*(-?\d+)(?:[ \t]|(?=\\))?")
_TOKEN = re.compile(r"\\([a-zA-Z@]+)|\\.|%[^\n]*", re.DOTALL)
_TEST = re.compile(
    r"\s*(?:\\(not|NOT|\(|\)|and|AND|or|OR)|\\(boolean|equal|isodd|isundefined|lengthtest)|(-?\d+)\s*([<>=])\s*(-?\d+))",
)
DEFINING = frozenset({"newif", "let", "def", "gdef", "newcommand", "renewcommand", "providecommand"})


def is_conditional(engine: "Engine", name: str) -> bool:
    """Whether a command begins a conditional that a `\\fi` ends."""
    return name in PRIMITIVE or (
        name.startswith("if") and name[2:] in engine.meanings.flags and name in engine.conditionals
    )


def conditional(engine: "Engine", name: str) -> None:
    r"""Decide a conditional and go on with the branch that holds."""
    truth = _decide(engine, name)
    if truth is None:
        engine.branches.append(None)
        engine.keep_command(name)
    elif truth or (stopped := skip(engine, {"else", "fi"})) == "else":
        engine.branches.append(True)
        engine.swallow_space()
    elif stopped:
        engine.swallow_space()
    else:  # it never ends: dropping the rest of a paper for one slip loses more than it cleans
        engine.keep_command(name)


def otherwise(engine: "Engine", name: str) -> None:
    r"""`\else` after a branch that held: the rest is skipped."""
    if not engine.branches:
        return
    if engine.branches[-1] is None:
        engine.keep_command(name)
        return
    engine.branches.pop()
    skip(engine, {"fi"})
    engine.swallow_space()


def end(engine: "Engine", name: str) -> None:
    r"""`\fi`, and `\or` where a case was taken."""
    if engine.branches and engine.branches.pop() is None:
        engine.keep_command(name)
    else:
        engine.swallow_space()


def case_ends(engine: "Engine", name: str) -> None:
    r"""`\or` behind the case that was taken."""
    if engine.branches and engine.branches[-1] is None:
        engine.keep_command(name)
    elif engine.branches:
        engine.branches.pop()
        skip(engine, {"fi"})
        engine.swallow_space()


def skip(engine: "Engine", stops: set[str], cases: int = 0) -> str:
    """Pass over text up to one of `stops` outside of inner conditionals, or over nothing if there is none.

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


def _stop(engine: "Engine", frame: object, match: re.Match[str], name: str) -> str:
    engine.mouth.spend(match.end() - frame.at)  # type: ignore[attr-defined]
    frame.at = match.end()  # type: ignore[attr-defined]
    return name


def _decide(engine: "Engine", name: str) -> bool | None:
    """Whether a conditional holds; None if that cannot be told. What it tests is read."""
    mouth = engine.mouth
    if name in _ALWAYS:
        return _ALWAYS[name]
    if name == "ifmmode":
        return engine.math
    if name in engine.conditionals and name[2:] in engine.meanings.flags:
        return engine.meanings.flags[name[2:]]
    frame = mouth.here()
    if frame is None:
        return None
    if name == "ifdefined":
        token = mouth.token()
        return token is not None and (token[1:] in engine.meanings.table or token[1:] in engine.known)
    if name == "ifcsname":
        end = frame.text.find("\\endcsname", frame.at, frame.at + 300)
        if end < 0:
            return None
        inside, frame.at = frame.text[frame.at : end], end + len("\\endcsname")
        return inside in engine.meanings.table or inside in engine.known
    if name == "ifx":
        left, right = mouth.token(), mouth.token()
        return None if left is None or right is None else _same(engine, left, right)
    if name == "if":
        left, right = _unfolded(engine), _unfolded(engine)
        return None if left is None or right is None else left == right
    if name == "ifnum" and (numbers := _NUMBERS.match(frame.text, frame.at)):
        frame.at = numbers.end()
        return _compare(int(numbers[1]), numbers[2], int(numbers[3]))
    if name == "ifodd" and (number := _NUMBER.match(frame.text, frame.at)):
        frame.at = number.end()
        return int(number[1]) % 2 == 1
    if name == "ifcase" and (number := _NUMBER.match(frame.text, frame.at)):
        frame.at = number.end()
        chosen = int(number[1])
        return chosen <= 0 or skip(engine, {"else"}, chosen) != ""
    return None


def _unfolded(engine: "Engine") -> str | None:
    """The next token with a macro's value in its place, if that is one character."""
    token = engine.mouth.token()
    if token is not None and token.startswith("\\"):
        inside = engine.expanded(token)
        return inside if len(inside) == 1 or inside == token else None
    return token


def _same(engine: "Engine", left: str, right: str) -> bool | None:
    meanings = []
    for token in (left, right):
        if not token.startswith("\\"):
            meanings.append(("character", token))
            continue
        meaning = engine.meanings.meaning(token[1:])
        if isinstance(meaning, Alias):
            unknown = meaning.name in ("undefined", "@undefined", "UnDeFiNeD") or meaning.name not in engine.known
            meanings.append(("undefined", "") if unknown else ("name", meaning.name))
        elif isinstance(meaning, Special):
            meanings.append(("work", str(id(meaning.work))))
        else:
            value = meaning.body
            single = len(value) == 1 and not meaning.parameters
            meanings.append(("character", value) if single and not left.startswith("\\") else ("macro", value))
    return meanings[0] == meanings[1]


def _compare(left: int, sign: str, right: int) -> bool:
    return left < right if sign == "<" else left > right if sign == ">" else left == right


def new_if(engine: "Engine", _: str) -> None:
    r"""`\newif\ifdraft`: the conditional and the commands that set it."""
    token = engine.mouth.token()
    if token is not None and token.startswith("\\if"):
        _flag(engine, token[3:], conditional_too=True)


def new_boolean(engine: "Engine", name: str) -> None:
    r"""`\newboolean{x}`, `\newbool{x}`, `\newtoggle{x}`."""
    flag = engine.mouth.argument()
    if flag is not None and flag.strip() not in engine.meanings.flags:
        _flag(engine, flag.strip(), conditional_too=name != "newtoggle")


def _flag(engine: "Engine", flag: str, *, conditional_too: bool) -> None:
    engine.meanings.flags[flag] = False
    if not conditional_too:
        return
    engine.conditionals.add(f"if{flag}")
    engine.meanings.define(f"if{flag}", Special(conditional), everywhere=True)
    for suffix, value in (("true", True), ("false", False)):
        engine.meanings.define(f"{flag}{suffix}", Special(_setter(flag, value)), everywhere=True)


def _setter(flag: str, value: bool) -> "Callable[[Engine, str], None]":
    def set_flag(engine: "Engine", _: str) -> None:
        engine.meanings.flags[flag] = value
        engine.swallow_space()

    return set_flag


def set_boolean(engine: "Engine", name: str) -> None:
    r"""`\setboolean{x}{true}` and etoolbox's `\booltrue{x}`, `\togglefalse{x}`."""
    flag = engine.mouth.argument()
    value = engine.mouth.argument() if name.startswith("set") else name.removeprefix("bool").removeprefix("toggle")
    if flag is not None and value is not None:
        engine.meanings.flags[flag.strip()] = value.strip() == "true"


def two_branches(engine: "Engine", name: str) -> None:
    r"""Tests whose branches are arguments: `\ifthenelse`, `\ifbool`, `\iftoggle`, `\ifstrequal`, `\IfNoValueTF`…"""
    mouth = engine.mouth
    frame = mouth.here()
    at = frame.at if frame is not None else 0
    test = mouth.argument()
    truth: bool | None = None
    if test is not None:
        if name == "ifthenelse":
            truth = _test(engine, test)
        elif name in ("ifbool", "iftoggle", "notbool", "nottoggle"):
            truth = engine.meanings.flags.get(test.strip())
            truth = not truth if truth is not None and name.startswith("not") else truth
        elif name in ("ifdef", "ifundef"):
            known = test.strip().removeprefix("\\") in engine.meanings.table
            truth = known == (name == "ifdef")
        elif name == "ifstrequal":
            other = mouth.argument()
            truth = None if other is None else test == other
        elif name in ("ifstrempty", "ifblank", "ifx@empty"):
            truth = not test.strip()
        elif name in ("IfNoValueTF", "IfNoValueT", "IfNoValueF", "IfValueTF", "IfValueT", "IfValueF"):
            truth = (test.strip() == NO_VALUE) == name.startswith("IfNo")
        elif name.startswith("IfBoolean"):
            truth = test.strip() == "*"
        elif name in ("IfFileExists", "InputIfFileExists"):
            truth = engine.find(test, engine.file, None) is not None
    first = second = ""
    if truth is not None:
        first = (mouth.argument() or "") if not name.endswith("F") or name.endswith("TF") else ""
        second = (mouth.argument() or "") if not name.endswith("T") else ""
    if truth is None:
        if frame is not None:
            frame.at = at
        engine.keep_command(name)
        return
    chosen = first if truth else second
    if name == "InputIfFileExists" and truth and test is not None:
        chosen += f"\\input{{{test}}}"
    engine.push(chosen)


def _test(engine: "Engine", text: str) -> bool | None:
    r"""ifthen's tests: `\boolean`, `\equal`, `\isodd`, comparisons of numbers, `\not`, `\AND`, `\OR`."""
    from pipelines.extraction.latex.frames import closing

    at, result, join, negate = 0, None, "", False
    while text[at:].strip():
        match = _TEST.match(text, at)
        if match is None:
            return None
        at = match.end()
        word, function = match[1], match[2]
        if word in ("not", "NOT"):
            negate = not negate
            continue
        if word in ("and", "AND", "or", "OR"):
            join = word.lower()
            continue
        if word is not None:
            return None
        arguments = []
        if function is not None:
            for _ in range(2 if function == "equal" else 1):
                while text[at : at + 1].isspace():
                    at += 1
                end = closing(text, at)
                if end < 0:
                    return None
                arguments.append(text[at + 1 : end - 1])
                at = end
        value: bool | None
        if function == "boolean":
            value = engine.meanings.flags.get(arguments[0].strip())
        elif function == "equal":
            value = engine.expanded(arguments[0]) == engine.expanded(arguments[1])
        elif function == "isodd":
            value = int(arguments[0]) % 2 == 1 if arguments[0].strip().isdigit() else None
        elif function == "isundefined":
            value = arguments[0].strip().removeprefix("\\") not in engine.meanings.table
        elif function is None:
            value = _compare(int(match[3]), match[4], int(match[5]))
        else:
            value = None
        if value is None:
            return None
        value, negate = value != negate, False
        result = value if result is None or not join else (result and value) if join == "and" else (result or value)
    return result


HANDLERS: Mapping[str, Callable[["Engine", str], None]] = {
    **dict.fromkeys(PRIMITIVE, conditional),
    "else": otherwise,
    "fi": end,
    "or": case_ends,
    "newif": new_if,
    **dict.fromkeys(
        ("newboolean", "provideboolean", "newbool", "providebool", "newtoggle", "providetoggle"), new_boolean
    ),
    **dict.fromkeys(
        ("setboolean", "setbool", "settoggle", "booltrue", "boolfalse", "toggletrue", "togglefalse"), set_boolean
    ),
    **dict.fromkeys(
        ("ifthenelse", "ifbool", "iftoggle", "notbool", "nottoggle", "ifdef", "ifundef", "ifstrequal", "ifstrempty",
         "ifblank", "IfNoValueTF", "IfNoValueT", "IfNoValueF", "IfValueTF", "IfValueT", "IfValueF", "IfBooleanTF",
         "IfBooleanT", "IfBooleanF", "IfFileExists", "InputIfFileExists"),
        two_branches,
    ),
}  # fmt: skip
"""The commands that test, and those that set what is tested."""
