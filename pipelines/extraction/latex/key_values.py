r"""Keys that a paper or its styles define, and what the settings of their values do: keyval, xkeyval, pgfkeys.

As in these packages a key is a macro: `\define@key{f}{k}{code}` makes `\KV@f@k` with one argument (keyval's manual,
section 2), `\pgfkeys{/f/k/.code=…}` the code of `/f/k` (PGF manual, "Key management"). Keys of distributions (of
`\includegraphics`, of drawings) are nobody's here: what sets only such stays as it was written.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from pipelines.extraction.latex.expansion import command_name
from pipelines.extraction.latex.frames import Frame
from pipelines.extraction.latex.meanings import Macro, Parameter

if TYPE_CHECKING:
    from pipelines.extraction.latex.engine import Engine

_MARK = re.compile(r"\\.|[{},=]", re.DOTALL)
_HANDLER = re.compile(r"(.*?)/\.([a-z ]{1,30})\Z", re.DOTALL)
_DRAWINGS = ("/pgf/", "/tikz/", "/pgfplots/")
"""Keys of packages that draw."""
_ARGUMENT = (Parameter(),)


def pairs(text: str) -> Iterator[tuple[str, str | None]]:
    """The keys of a list with their values, which may stand in braces; None where a key has no value."""
    depth, begun, equals = 0, 0, -1
    marks = [*((mark.start(), mark[0]) for mark in _MARK.finditer(text)), (len(text), ",")]
    for at, mark in marks:
        depth += (mark == "{") - (mark == "}")
        if mark == "=" and depth == 0 and equals < 0:
            equals = at
        elif mark == "," and (depth == 0 or at == len(text)):
            key = text[begun : equals if equals >= 0 else at].strip()
            value = _unbraced(text[equals + 1 : at].strip()) if equals >= 0 else None
            begun, equals = at + 1, -1
            if key:
                yield key, value


def _unbraced(value: str) -> str:
    if not (value.startswith("{") and value.endswith("}")):
        return value
    depth = 0
    for mark in _MARK.finditer(value):
        depth += (mark[0] == "{") - (mark[0] == "}")
        if depth == 0:
            return value[1:-1] if mark.end() == len(value) else value
    return value


def _set(engine: "Engine", name: str, body: str, *, takes: bool = False) -> None:
    macro = Macro(name, _ARGUMENT if takes else (), body, letters=True)
    engine.meanings.note_definitions(macro)
    engine.meanings.define(name, macro)


def _stays(engine: "Engine", command: str, start: tuple[Frame, int]) -> None:
    """Leave a setting in the text; what stands in its arguments is read as ever, where they stand in one text."""
    frame, at = start
    if engine.mouth.frames[-1] is frame:
        frame.at = at
        engine.keep_command(command)
    else:
        engine.out.add(engine.written())


def _here(engine: "Engine") -> tuple[Frame, int]:
    return engine.mouth.frames[-1], engine.mouth.frames[-1].at


def define_key(engine: "Engine", command: str) -> None:
    r"""`\define@key{family}{key}[default]{code}`, and xkeyval's `\define@cmdkey` and `\define@boolkey`."""
    prefix = engine.mouth.option() or "KV"
    family = (engine.mouth.argument() or "").strip()
    stem = {"define@cmdkey": "cmd", "define@boolkey": ""}.get(command)
    macros = engine.mouth.option() if stem is not None else None
    key = (engine.mouth.argument() or "").strip()
    default = engine.mouth.option()
    code = engine.mouth.argument() or ""
    name = command_name(f"{prefix}@{family}@{key}")
    called = f"{macros if macros is not None else f'{stem}{prefix}@{family}@'}{key}"
    if command == "define@cmdkey":
        code = f"\\def\\{command_name(called)}{{#1}}{code}"
    elif command == "define@boolkey":
        default = "true" if default is None else default
        engine.push(f"\\newif\\if{command_name(called)}", letters=True)
        code = f"\\csname {called}#1\\endcsname {code}"
    if not key:
        return
    _set(engine, name, code, takes=True)
    if default is not None:
        _set(engine, f"{name}@default", f"\\{name}{{{default}}}")


def set_keys(engine: "Engine", command: str) -> None:
    r"""`\setkeys{family}{key=value, …}`; with only keys that nobody defined it stays."""
    start = _here(engine)
    engine.mouth.take("*")
    engine.mouth.take("+")
    prefix = engine.mouth.option() or "KV"
    families = [one.strip() for one in (engine.mouth.argument() or "").split(",")]
    engine.mouth.option()
    said = engine.mouth.argument() or ""
    out: list[str] = []
    for key, value in pairs(said):
        for family in families:
            name = command_name(f"{prefix}@{family}@{key}")
            if name not in engine.meanings.table:
                continue
            out.append(f"\\{name}{{{value}}}" if value is not None else f"\\{name}@default ")
            break
    if out:
        engine.push("".join(out), letters=True)
    else:
        _stays(engine, command, start)


def pgf_keys(engine: "Engine", command: str) -> None:
    r"""`\pgfkeys{/f/.cd, k/.store in=\x, k=value, …}` and `\pgfqkeys{/f}{…}`; what sets only drawings stays."""
    start = _here(engine)
    path = _absolute((engine.mouth.argument() or "").strip(), "") if command == "pgfqkeys" else ""
    said = engine.mouth.argument() or ""
    out: list[str] = []
    own = False
    for key, value in pairs(said):
        handler = _HANDLER.match(key)
        place = _absolute(handler[1] if handler else key, path)
        name = _pgf(place)
        if handler is not None and handler[2] == "cd":
            path = place
            own |= _pgf(place, "family") in engine.meanings.table
        elif handler is not None:
            own |= _define_pgf(engine, place, handler[2], value)
        elif _pgf(place, "code") in engine.meanings.table:
            given = value if value is not None else "\\" + _pgf(place, "default") + " "
            out.append(f"\\{_pgf(place, 'code')}{{{given}}}")
            own = True
        elif _pgf(place, "family") in engine.meanings.table:
            path, own = place, True
        elif name in engine.meanings.table:
            _set(engine, name, value or "")
            own = True
    if own:
        engine.push("".join(out), letters=True)
    else:
        _stays(engine, command, start)


def _absolute(key: str, path: str) -> str:
    return key if key.startswith("/") else f"{path}/{key}" if path else f"/{key}"


def _pgf(place: str, what: str = "value") -> str:
    return command_name(f"pgfk@{what}{place}")


def _define_pgf(engine: "Engine", place: str, handler: str, value: str | None) -> bool:
    """Carry out a key handler; False if it is none of those that say what a key does to the text."""
    given = value or ""
    if place.startswith(_DRAWINGS):
        return False
    if handler in ("code", "store in", "is if", "style", "estore in"):
        bodies = {
            "store in": f"\\def{given}{{#1}}",
            "estore in": f"\\edef{given}{{#1}}",
            "is if": f"\\csname {given.removeprefix('if')}#1\\endcsname ",
            "style": f"\\pgfqkeys{{{place.rpartition('/')[0]}}}{{{given}}}",
        }
        _set(engine, _pgf(place, "code"), bodies.get(handler, given), takes=True)
        if handler == "is if":
            _set(engine, _pgf(place, "default"), "true")
        return True
    if handler in ("default", "initial"):
        _set(engine, _pgf(place, handler if handler == "default" else "value"), given)
        if handler == "initial" and _pgf(place, "code") in engine.meanings.table:
            engine.push(f"\\{_pgf(place, 'code')}{{{given}}}", letters=True)
        return True
    if handler == "is family":
        _set(engine, _pgf(place, "family"), "")
        return True
    return False


def value_of(engine: "Engine", command: str) -> None:
    r"""`\pgfkeysvalueof{/f/k}`, and `\pgfkeysgetvalue{/f/k}\x`; a key without a value of the paper's stays."""
    place = (engine.mouth.argument() or "").strip()
    target = engine.mouth.argument() if command == "pgfkeysgetvalue" else ""
    if _pgf(place) not in engine.meanings.table:
        engine.out.add(engine.written())
    elif target:
        engine.push(f"\\let{target}\\{_pgf(place)} ", letters=True)
    else:
        engine.push(f"\\{_pgf(place)} ", letters=True)


def set_value(engine: "Engine", _: str) -> None:
    r"""`\pgfkeyssetvalue{/f/k}{value}`."""
    place = (engine.mouth.argument() or "").strip()
    if place.startswith(_DRAWINGS):
        engine.out.add(engine.written())
    elif (value := engine.mouth.argument()) is not None:
        _set(engine, _pgf(place), value)


HANDLERS: Mapping[str, Callable[["Engine", str], None]] = {
    **dict.fromkeys(("define@key", "define@cmdkey", "define@boolkey"), define_key),
    "setkeys": set_keys,
    **dict.fromkeys(("pgfkeys", "pgfqkeys"), pgf_keys),
    **dict.fromkeys(("pgfkeysvalueof", "pgfkeysgetvalue"), value_of),
    "pgfkeyssetvalue": set_value,
}
"""The commands of this room."""
