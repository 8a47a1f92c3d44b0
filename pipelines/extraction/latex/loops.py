r"""What a paper does many times over, mostly to name the letters of an alphabet: `\@for`, `\loop`, `\foreach`.

Sources: source2e (`\@for`, `\@tfor`), The TeXbook, page 217 (`\loop`), the manuals of etoolbox, pgffor and forloop.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pipelines.extraction.latex.definitions import name_of
from pipelines.extraction.latex.layout import DRAWINGS
from pipelines.extraction.latex.meanings import Macro

if TYPE_CHECKING:
    from pipelines.extraction.latex.engine import Engine

MOST_TURNS = 1000
_BETWEEN = "\x04"
"""Behind each item of a list; no text holds it."""
_LIST = re.compile(r"\s*:=\s*")
_DO = re.compile(r"\\do(?![a-zA-Z@])")
_REPEAT = re.compile(r"\\(loop|repeat)(?![a-zA-Z@])")
_FOREACH = re.compile(r"\s*((?:\\[a-zA-Z]+\s*/?\s*){1,4})(?:\[[^\[\]]{0,200}\]\s*)?in\s*")
_DEFINES = re.compile(r"\\(?:csname|[gex]?def|let|newcommand|cs[gex]?def|@namedef|DeclareMathOperator)(?![a-zA-Z])")
_DRAWS = re.compile(
    r"\\(?:draw|node|path|fill|filldraw|shade|clip|coordinate|pgf[a-z]+|addplot|tikz[a-z]*|put|line)(?![a-zA-Z])"
)
_TOKEN = re.compile(r"\\(?:[a-zA-Z@]+|.)|\{[^{}]*\}|[^\s\\{}]", re.DOTALL)
_COMMAND = re.compile(r"\\([a-zA-Z]+)")


def for_each(engine: "Engine", name: str) -> None:
    r"""`\@for\x:=a,b\do{…}` and `\@tfor\x:=ab\do{…}`, which takes the tokens one by one."""
    mouth = engine.mouth
    variable = mouth.token()
    frame = mouth.here()
    begun = _LIST.match(frame.text, frame.at) if frame is not None else None
    do = _DO.search(frame.text, begun.end(), begun.end() + 4000) if frame is not None and begun is not None else None
    if frame is None or begun is None or do is None or variable is None:
        engine.keep_command(name)
        return
    text, frame.at = frame.text[begun.end() : do.start()].strip(), do.end()
    body = mouth.argument() or ""
    if name == "@for":
        text = engine.expanded(text, letters=True) if text.startswith("\\") else text
        items = [item.strip() for item in text.split(",") if item.strip()]
    else:
        items = _TOKEN.findall(text)
    _turns(engine, (f"\\def{variable}{{{item.removeprefix('{').removesuffix('}')}}}{body}" for item in items))


def for_list(engine: "Engine", name: str) -> None:
    r"""etoolbox's `\forcsvlist{\x}{a,b}` and `\docsvlist{a,b}`: `\x{a}\x{b}`."""
    handler = engine.mouth.argument() if name == "forcsvlist" else "\\do"
    items = engine.mouth.argument()
    if handler is None or items is None:
        engine.keep_command(name)
        return
    _turns(engine, (f"{handler}{{{item.strip()}}}" for item in items.split(",") if item.strip()))


def add_to_list(engine: "Engine", _: str) -> None:
    r"""etoolbox's `\listadd\x{item}`: one more item of the list that `\x` holds."""
    target, item = name_of(engine), engine.mouth.argument()
    known = engine.meanings.table.get(target or "")
    if target is not None and item:
        before = known.body if isinstance(known, Macro) else ""
        engine.mouth.spend(len(before))
        engine.meanings.define(target, Macro(target, (), f"{before}{item}{_BETWEEN}", engine.letters), everywhere=True)
    engine.removed()


def over_list(engine: "Engine", name: str) -> None:
    r"""etoolbox's `\dolistloop{\x}` and `\forlistloop{\y}{\x}`: `\y{a}\y{b}` of the items of `\x`."""
    handler = engine.mouth.argument() if name == "forlistloop" else "\\do"
    known = engine.meanings.table.get(name_of(engine) or "")
    if handler is not None and isinstance(known, Macro):
        _turns(engine, (f"{handler}{{{item}}}" for item in known.body.split(_BETWEEN) if item))


def process_list(engine: "Engine", _: str) -> None:
    r"""xparse's `\ProcessList{{a}{b}}{\x}`: `\x{a}\x{b}`."""
    items, handler = engine.mouth.argument(), engine.mouth.argument()
    if items is not None and handler is not None:
        _turns(engine, (f"{handler}{item}" for item in _TOKEN.findall(items)))


def foreach(engine: "Engine", name: str) -> None:
    r"""pgffor's `\foreach \x in {A,...,Z}{…}`; where it draws it stays as it is."""
    mouth = engine.mouth
    places = [(frame, frame.at) for frame in mouth.frames]
    frame = mouth.here()
    head = _FOREACH.match(frame.text, frame.at) if frame is not None else None
    variables: Sequence[str] = ()
    items = body = None
    if frame is not None and head is not None:
        variables, frame.at = _COMMAND.findall(head[1]), head.end()
        items, body = mouth.argument(), mouth.braced()
    drawn = any(one.name in DRAWINGS for one in engine.environments) or _DRAWS.search(body or "") is not None
    if items is None or body is None or (drawn and not _DEFINES.search(body)):
        for one, at in places:
            one.at = at
        engine.keep_command(name)
        return
    if items.startswith("\\"):
        items = engine.expanded(items)
    turns = []
    for item in _filled([item.strip() for item in items.split(",")]):
        values = item.split("/") if len(variables) > 1 else [item]
        values += [values[-1]] * (len(variables) - len(values))
        given = "".join(f"\\def\\{one}{{{value}}}" for one, value in zip(variables, values, strict=False))
        turns.append(f"\\begingroup{given}{body}\\endgroup")
    _turns(engine, turns)


def _filled(items: Sequence[str]) -> Iterator[str]:
    """A list of pgffor's with `...` written out, between letters or numbers."""
    for place, item in enumerate(items):
        if item != "..." or not 0 < place < len(items) - 1:
            yield item
            continue
        first, last = items[place - 1], items[place + 1]
        if first.isdigit() and last.isdigit():
            before = items[place - 2] if place > 1 else ""
            step = int(first) - int(before) if before.isdigit() else 1
            yield from map(str, range(int(first) + step, min(int(last), int(first) + MOST_TURNS), step or 1))
        elif len(first) == len(last) == 1:
            yield from map(chr, range(ord(first) + 1, ord(last)))


def loop(engine: "Engine", name: str) -> None:
    r"""TeX's `\loop … \if… … \repeat`."""
    frame = engine.mouth.here()
    depth, end = 1, None
    for match in _REPEAT.finditer(frame.text, frame.at, frame.at + 4000) if frame is not None else ():
        depth += 1 if match[1] == "loop" else -1
        if depth == 0:
            end = match
            break
    if frame is None or end is None:
        engine.keep_command(name)
        return
    body, frame.at = frame.text[frame.at : end.start()], end.end()
    again = f"loop@{engine.meanings.depth}"
    called = "".join(letter if letter.isalpha() or letter == "@" else chr(ord("a") + int(letter)) for letter in again)
    engine.meanings.define(called, Macro(called, (), f"{body}\\expandafter\\{called}\\fi", letters=True))
    engine.push(f"\\{called} ", letters=True)


def counted_loop(engine: "Engine", _: str) -> None:
    r"""forloop's `\forloop[step]{counter}{start}{condition}{…}`."""
    mouth = engine.mouth
    step = mouth.option() or "1"
    counter, start, condition, body = mouth.argument(), mouth.argument(), mouth.argument(), mouth.argument()
    if counter is not None and start is not None and condition is not None and body is not None:
        again = f"\\ifnum{condition}\\relax {body}\\addtocounter{{{counter}}}{{{step}}}\\repeat "
        engine.push(f"\\setcounter{{{counter}}}{{{start}}}\\loop{again}")


def while_do(engine: "Engine", _: str) -> None:
    r"""ifthen's `\whiledo{test}{…}`."""
    test, body = engine.mouth.argument(), engine.mouth.argument()
    if test is not None and body is not None:
        engine.push(f"\\ifthenelse{{{test}}}{{{body}\\whiledo{{{test}}}{{{body}}}}}{{}}")


def _turns(engine: "Engine", turns: "Sequence[str] | Iterator[str]") -> None:
    text = "".join(turn for turn, _ in zip(turns, range(MOST_TURNS), strict=False))
    engine.mouth.spend(len(text))
    engine.push(text, letters=True)


HANDLERS: Mapping[str, Callable[["Engine", str], None]] = {
    **dict.fromkeys(("@for", "@tfor"), for_each),
    **dict.fromkeys(("forcsvlist", "docsvlist"), for_list),
    **dict.fromkeys(("listadd", "listgadd", "listeadd", "listxadd"), add_to_list),
    **dict.fromkeys(("dolistloop", "forlistloop"), over_list),
    "ProcessList": process_list,
    "foreach": foreach,
    "loop": loop,
    "forloop": counted_loop,
    "whiledo": while_do,
}
"""The commands of this room."""
