r"""Numbers that a paper counts by itself: `\newcount`, `\newcounter`, and how they are set, read and written.

Only what the paper declares and changes itself is counted. Counters of LaTeX's own, and those that LaTeX resets or
steps (within sections, for theorems), are known to typesetting alone. Sources: The TeXbook, chapters 20 and 24;
source2e.
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pipelines.extraction.latex.meanings import Macro, Special

if TYPE_CHECKING:
    from pipelines.extraction.latex.engine import Engine

_DIGITS = re.compile(r"[ \t\n]*([+-]?)[ \t]*(\d{1,9})[ \t]?\n?(?!\n)")
_CHARACTER = re.compile(r"[ \t\n]*`\\?(.)[ \t]?", re.DOTALL)
_RELATION = re.compile(r"[ \t\n]*([<>=])")
_NUMBER = re.compile(r"\s*[+-]?\d{1,9}\s*\Z")
_SET = re.compile(r"[ \t]*(?:=|-?[\d.])")
_FAMILY = re.compile(r"[ \t]*(?:\\[a-zA-Z@]+|\d{1,2})[ \t]*=?[ \t]*\\(?!relax)[a-zA-Z@]+[ \t]?")
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
HIGHEST_ROMAN = 10_000
TOKENS = "toks "
"""Before the name of a register of tokens, for what it holds; no command's name holds a space."""
_COMMAND = re.compile(r"\\([a-zA-Z@]+)[ \t]*")


def read_number(engine: "Engine") -> int | None:
    r"""The number that comes next; None (and nothing is read) where only typesetting knows it."""
    mouth = engine.mouth
    frame = mouth.skip_space()
    if frame is None:
        return None
    if match := _DIGITS.match(frame.text, frame.at):
        frame.at = match.end()
        return int(match[1] + match[2])
    if match := _CHARACTER.match(frame.text, frame.at):
        frame.at = match.end()
        return ord(match[1])
    places = [(one, one.at) for one in mouth.frames]
    value = _of_command(engine)
    if value is None:
        for one, at in places:
            one.at = at
    return value


def _of_command(engine: "Engine") -> int | None:
    if engine.mouth.take("-"):
        value = read_number(engine)
        return None if value is None else -value
    name = (engine.mouth.token() or "").removeprefix("\\")
    if name in engine.counters:
        return engine.counters[name]
    if name in ("number", "the"):
        return read_number(engine)
    if name in ("value", "arabic"):
        return engine.counters.get(f"c@{(engine.mouth.argument() or '').strip()}")
    macro = engine.meanings.table.get(name)
    if isinstance(macro, Macro) and not engine.meanings.is_hard(macro):
        given = engine.mouth.arguments(macro)
        if given is not None:
            text = engine.expanded(macro.fill(given), letters=True)
            return int(text) if _NUMBER.match(text) else None
    return None


def compared(engine: "Engine") -> bool | None:
    r"""What `\ifnum` tests: two numbers and a relation between them; None if one of them is not known."""
    left = read_number(engine)
    frame = engine.mouth.here()
    relation = _RELATION.match(frame.text, frame.at) if frame is not None and left is not None else None
    if frame is None or left is None or relation is None:
        return None
    frame.at = relation.end()
    right = read_number(engine)
    return None if right is None else compare(left, relation[1], right)


def compare(left: int, sign: str, right: int) -> bool:
    """Whether two numbers stand in a relation (`<`, `=` or `>`)."""
    return left < right if sign == "<" else left > right if sign == ">" else left == right


def new_count(engine: "Engine", _: str) -> None:
    r"""TeX's `\newcount\x`."""
    token = engine.mouth.token()
    if token is not None and token.startswith("\\") and len(token) > 1 and not engine.in_package:
        engine.counters[token[1:]] = 0
        engine.meanings.define(token[1:], Special(assign), everywhere=True)


def new_tokens(engine: "Engine", _: str) -> None:
    r"""TeX's `\newtoks\x`: a register that holds a text, which `\the\x` puts in its place."""
    token = engine.mouth.token()
    if token is not None and token.startswith("\\") and len(token) > 1:
        engine.meanings.define(token[1:], Special(assign_tokens), everywhere=True)
        engine.meanings.define(f"{TOKENS}{token[1:]}", Macro(token[1:], (), ""), everywhere=True)
        engine.meanings.fields[f"{TOKENS}{token[1:]}"] = False


def new_length(engine: "Engine", _: str) -> None:
    r"""TeX's `\newdimen\x` and `\newskip\x`: lengths are no text where they are set."""
    token = engine.mouth.token()
    if token is not None and token.startswith("\\") and len(token) > 1:
        engine.meanings.define(token[1:], Special(assign_length, token[1:]), everywhere=True)


def assign_length(engine: "Engine", name: str) -> None:
    r"""`\x=5pt` behind the name of a length; as a value it stays."""
    frame = engine.mouth.here()
    if frame is not None and _SET.match(frame.text, frame.at):
        engine.meanings.own["hfuzz"].work(engine, "hfuzz")  # type: ignore[union-attr]
    else:
        engine.keep_command(name)


def set_family(engine: "Engine", name: str) -> None:
    r"""`\textfont\x=\y` gives a family of fonts its font; as a value the command stays."""
    frame = engine.mouth.here()
    if frame is not None and (found := _FAMILY.match(frame.text, frame.at)):
        frame.at = found.end()
    else:
        engine.keep_command(name)


def assign_tokens(engine: "Engine", name: str) -> None:
    r"""`\x={…}`: what stands behind the name of a register of tokens."""
    engine.mouth.take("=")
    text = engine.mouth.braced()
    if text is not None:
        held = Macro(name, (), text, engine.letters)
        engine.meanings.define(f"{TOKENS}{name}", held, everywhere=engine.take_prefix("global"))
        engine.meanings.fields[f"{TOKENS}{name}"] = not engine.in_package
    engine.removed()


def assign(engine: "Engine", name: str) -> None:
    r"""`\x=5`: what stands behind the name of a register."""
    engine.mouth.take("=")
    set_to(engine, name, read_number(engine))


def set_to(engine: "Engine", name: str, value: int | None) -> None:
    """Set a number; one that is not known is not counted any more."""
    if value is None:
        engine.counters.pop(name, None)
    elif name in engine.counters:
        engine.counters[name] = value


def advance(engine: "Engine", name: str) -> None:
    r"""`\advance\x by 1`, `\multiply`, `\divide`; of lengths too, which are only taken out."""
    token = engine.mouth.token()
    engine.mouth.take("by")
    target = token[1:] if token is not None else ""
    value = read_number(engine) if target in engine.counters else None
    if value is None:
        engine.counters.pop(target, None)
        engine.meanings.own["vskip"].work(engine, "vskip")  # type: ignore[union-attr]
        return
    old = engine.counters[target]
    if name == "divide":
        engine.counters[target] = int(old / value) if value else old
    else:
        engine.counters[target] = old + value if name == "advance" else old * value


def new_counter(engine: "Engine", _: str) -> None:
    r"""`\newcounter{x}`; one that LaTeX resets within another is not counted."""
    name = (engine.mouth.argument() or "").strip()
    within = engine.mouth.option()
    if within is None and name.isalpha() and not engine.in_package:
        engine.counters[f"c@{name}"] = 0
        engine.meanings.define(f"the{name}", Macro(f"the{name}", (), f"\\arabic{{{name}}}"), everywhere=True)


def set_counter(engine: "Engine", name: str) -> None:
    r"""`\setcounter{x}{5}`, `\addtocounter{x}{5}`, `\stepcounter{x}`."""
    counter = f"c@{(engine.mouth.argument() or '').strip()}"
    value: int | None = 1
    if name in ("setcounter", "addtocounter"):
        written = engine.mouth.argument() or ""
        value = evaluated(engine, written)
    if counter in engine.counters:
        old = 0 if name == "setcounter" else engine.counters[counter]
        set_to(engine, counter, None if value is None else old + value)


def evaluated(engine: "Engine", text: str) -> int | None:
    r"""A text that is a number, such as the second argument of `\setcounter`."""
    expanded = engine.expanded(text) if "\\" in text else text
    return int(expanded) if _NUMBER.match(expanded) else None


def forget(engine: "Engine", _: str) -> None:
    r"""`\numberwithin{x}{section}` and its kin: from here on LaTeX resets the counter."""
    engine.mouth.option()
    name = (engine.mouth.argument() or "").strip()
    engine.mouth.argument()
    engine.counters.pop(f"c@{name}", None)


def written(engine: "Engine", name: str) -> None:
    r"""`\the`, `\number`, `\arabic`, `\Alph`…: a number in digits, letters or roman numerals, if it is known."""
    places = [(one, one.at) for one in engine.mouth.frames]
    if name == "the" and (held := _tokens(engine)) is not None:
        engine.push(held.body, letters=held.letters)
        return
    if name in ("the", "number", "romannumeral") or name.startswith("@"):
        value = read_number(engine)
    else:
        value = engine.counters.get(f"c@{(engine.mouth.argument() or '').strip()}")
    text = None if value is None else spelled(value, name.removeprefix("@"))
    if text is None:
        for one, at in places:
            one.at = at
        engine.keep_command(name)
        if name in ("the", "number") and engine.mouth.next_is("\\"):
            engine.out.add(engine.mouth.token() or "")
    else:
        engine.push(text)


def _tokens(engine: "Engine") -> Macro | None:
    """What a register of tokens holds, if one comes next."""
    frame = engine.mouth.here()
    match = _COMMAND.match(frame.text, frame.at) if frame is not None else None
    held = engine.meanings.table.get(f"{TOKENS}{match[1]}") if match is not None else None
    if frame is None or match is None or not isinstance(held, Macro):
        return None
    frame.at = match.end()
    return held


def spelled(number: int, way: str) -> str | None:
    """A number as `\\Alph`, `\\roman` and others write it; None where they cannot."""
    if way in ("Alph", "alph"):
        return chr(ord("A" if way == "Alph" else "a") + number - 1) if 1 <= number <= 26 else None
    if way in ("roman", "Roman", "romannumeral"):
        if not 0 < number <= HIGHEST_ROMAN:
            return None
        out = ""
        for size, letters in _ROMAN:
            out += letters * (number // size)
            number %= size
        return out.upper() if way == "Roman" else out
    return str(number)


SETTING: Mapping[str, Callable[["Engine", str], None]] = {
    "newcount": new_count,
    "newtoks": new_tokens,
    **dict.fromkeys(("newdimen", "newskip"), new_length),
    **dict.fromkeys(("textfont", "scriptfont", "scriptscriptfont"), set_family),
    **dict.fromkeys(("advance", "multiply", "divide"), advance),
    "newcounter": new_counter,
    **dict.fromkeys(("setcounter", "addtocounter", "stepcounter", "refstepcounter"), set_counter),
    **dict.fromkeys(("numberwithin", "counterwithin", "@addtoreset", "newaliascnt"), forget),
}
"""The commands that set numbers, and leave nothing where they stood."""

WRITING: Mapping[str, Callable[["Engine", str], None]] = dict.fromkeys(
    ("the", "number", "romannumeral", "arabic", "Alph", "alph", "Roman", "roman", "@arabic", "@Alph", "@alph",
     "@Roman", "@roman", "value"),
    written,
)  # fmt: skip
"""The commands that write numbers."""
