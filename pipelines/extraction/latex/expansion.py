r"""TeX's ways to make a name and to choose what comes next: `\csname`, `\expandafter`, `\@ifstar`, `\@firstoftwo`.

Source: The TeXbook, chapter 20, and the LaTeX kernel (source2e).
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pipelines.extraction.latex.meanings import Macro, join

if TYPE_CHECKING:
    from pipelines.extraction.latex.engine import Engine

Handler = Callable[["Engine", str], None]
LONGEST_NAME = 300
MOST_WAITING = 50
"""So many commands may wait for the one behind them to be expanded."""
LONGEST_GROUP = 20_000
"""Characters in which a group ends that `\\expandafter` reaches into."""
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_IMPLICIT = {"\\bgroup": "{", "\\egroup": "}"}
_ODD = re.compile(r"[^a-zA-Z@]")


def if_star(engine: "Engine", _: str) -> None:
    r"""`\@ifstar{a}{b}`: `a` if a star follows."""
    starred, plain = engine.mouth.argument(), engine.mouth.argument()
    chosen = starred if engine.mouth.take("*") else plain
    engine.push(chosen or "")


def if_next(engine: "Engine", _: str) -> None:
    r"""`\@ifnextchar[{a}{b}`: `a` if that character follows."""
    sign, first, second = engine.mouth.token(), engine.mouth.argument(), engine.mouth.argument()
    sign = _IMPLICIT.get(sign or "", sign)
    engine.push((first if sign is not None and engine.mouth.next_is(sign) else second) or "")


def default_option(engine: "Engine", name: str) -> None:
    r"""`\@dblarg{x}` and `\@testopt{x}{default}`: `x`, with a default where no bracket follows."""
    first = engine.mouth.argument() or ""
    default = engine.mouth.argument() if name == "@testopt" else None
    if engine.mouth.next_is("["):
        engine.push(first)
    elif name == "@testopt":
        engine.push(f"{first}[{default or ''}]")
    else:
        value = engine.mouth.argument() or ""
        engine.push(f"{first}[{{{value}}}]{{{value}}}")


def chosen(place: int, count: int) -> Handler:
    r"""`\@firstoftwo` and its kin: one of so many arguments."""

    def choose(engine: "Engine", _: str) -> None:
        given = [engine.mouth.argument() for _ in range(count)]
        engine.push((given[place] if place >= 0 else "") or "")

    return choose


def command_name(name: str) -> str:
    """A name that `\\csname` makes, in letters: signs that cannot stand in a command's name are spelled by them."""

    def spelled(sign: "re.Match[str]") -> str:
        return "@" + "".join(chr(ord("a") + int(digit)) for digit in str(ord(sign[0])))

    return _ODD.sub(spelled, name)


def between_names(engine: "Engine") -> str | None:
    r"""The name between `\csname`, which was read, and `\endcsname`; None if it has no end."""
    frame = engine.mouth.here()
    end = -1 if frame is None else frame.text.find("\\endcsname", frame.at, frame.at + LONGEST_NAME)
    if frame is None or end < 0:
        return None
    inside, frame.at = frame.text[frame.at : end], end + len("\\endcsname")
    engine.swallow_space(frame)
    return engine.expanded(inside) if "\\" in inside else inside


def named_command(engine: "Engine", name: str) -> None:
    r"""`\csname x\endcsname` as the command that it names; `\@nameuse{x}` too, and `\@namedef` defines it."""
    if name in ("csname", "begincsname"):
        target = between_names(engine)
    else:
        target = engine.mouth.argument() or ""
        target = engine.expanded(target) if "\\" in target else target
    if target is None or "\\" in target:
        engine.keep_command(name) if target is None else engine.out.add(f"\\csname {target}\\endcsname")
        return
    called = command_name(target.strip())
    if name in ("@namedef", "csdef", "csgdef", "csedef", "csxdef"):
        engine.push(f"\\{name.removeprefix('cs').removeprefix('@name')}\\{called}", letters=True)
    elif called and (called == target.strip() or called in engine.meanings.table):
        engine.push(f"\\{called}", letters=True)


def let_named(engine: "Engine", name: str) -> None:
    r"""etoolbox's `\cslet{x}\y`, `\letcs\x{y}` and `\csletcs{x}{y}`, letltxmacro's `\LetLtxMacro{\x}{\y}`."""
    first, second = engine.mouth.argument(), engine.mouth.argument()
    if name == "LetLtxMacro":
        engine.push(f"\\let{(first or '').strip()}={(second or '').strip()} ", letters=True)
    elif first is not None and second is not None:
        target = first if name == "letcs" else f"\\{command_name(first.strip())}"
        value = second if name == "cslet" else f"\\{command_name(second.strip())}"
        engine.push(f"\\let{target}={value} ", letters=True)


def expand_after(engine: "Engine", _: str) -> None:
    r"""`\expandafter\a\b`: `\b` is expanded once, then comes `\a`."""
    waiting: list[str] = []
    while len(waiting) < MOST_WAITING and (token := engine.mouth.token()) is not None:
        waiting.append(token)
        frame = engine.mouth.here()
        at = frame.at if frame is not None else 0
        if frame is None or not frame.text.startswith("\\", at):
            break
        following = (engine.mouth.token() or "").removeprefix("\\")
        if following.isalpha():
            engine.swallow_space(frame)
        if following != "expandafter":
            if not _expand_once(engine, following, tested=waiting[0] == "\\ifx"):
                frame.at = at
            break
    first: list[str] = []
    for token in waiting:
        join(first, token)
    if waiting[-1:] == ["{"]:  # a group that is read as a whole
        first += _to_its_end(engine)
    engine.push("".join(first), letters=True)


def _to_its_end(engine: "Engine") -> list[str]:
    """What comes next up to the brace that closes the group that was opened, in whatever texts it stands."""
    pieces: list[str] = []
    depth = 1
    for frame in reversed(engine.mouth.frames):
        engine.mouth.spend(min(len(frame.text) - frame.at, LONGEST_GROUP) if frame.ahead("}") < 0 else 0)
        for brace in _BRACE.finditer(frame.text, frame.at, frame.at + LONGEST_GROUP):
            depth += (brace[0] == "{") - (brace[0] == "}")
            if depth == 0:
                join(pieces, frame.text[frame.at : brace.end()])
                frame.at = brace.end()
                return pieces
        if not frame.macro:
            break
        if frame.at < len(frame.text):
            join(pieces, frame.text[frame.at :])
            frame.at = len(frame.text)
    return pieces


def _expand_once(engine: "Engine", name: str, *, tested: bool = False) -> bool:
    """Put the value of a command, which was read, in its place; False if it stays as it is.

    `tested`: by `\\ifx`. A name that `\\csname` makes and nothing defines means `\\relax`.
    """
    if name in ("fi", "else", "or"):
        engine.meanings.own[name].work(engine, name)  # type: ignore[union-attr]
    elif name == "csname":
        target = between_names(engine)
        if target is None or "\\" in target:
            return False
        called = command_name(target.strip())
        if tested and called not in engine.meanings.table and called not in engine.known:
            called = "relax"
        engine.push(f"\\{called}", letters=True)
    elif isinstance(macro := engine.meanings.table.get(name), Macro) and not engine.meanings.is_hard(macro):
        given = engine.mouth.arguments(macro)
        if given is None:
            return False
        value = macro.fill(given)
        engine.mouth.spend(len(value) + 20)
        engine.push(value, letters=macro.letters)
    else:
        return False
    return True


def in_one_style(engine: "Engine", name: str) -> None:
    r"""`\mathchoice{D}{T}{S}{SS}` and `\mathpalette\x{y}`: one formula, in the size that it has in a line."""
    if name == "mathpalette":
        command, argument = engine.mouth.argument(), engine.mouth.argument()
        engine.push(f"{command or ''}{{}}{{{argument or ''}}}")
        return
    given = [engine.mouth.argument() for _ in range(4)]
    engine.push(f"{{{given[1] or ''}}}")


def not_expanded(engine: "Engine", name: str) -> None:
    r"""`\noexpand\a` and `\unexpanded{…}`: as they stand, for the definition that they are in."""
    text = engine.mouth.token() if name == "noexpand" else engine.mouth.argument()
    if text is not None:
        engine.out.add(text)
        engine.out.seam = True


HANDLERS: Mapping[str, Handler] = {
    **dict.fromkeys(("csname", "begincsname", "@nameuse", "csuse", "@namedef", "csdef", "csgdef", "csedef", "csxdef"),
                    named_command),
    **dict.fromkeys(("cslet", "letcs", "csletcs", "LetLtxMacro"), let_named),
    **dict.fromkeys(("@ifnextchar", "kernel@ifnextchar"), if_next),
    **dict.fromkeys(("@testopt", "@dblarg"), default_option),
    **dict.fromkeys(("noexpand", "unexpanded"), not_expanded),
    **dict.fromkeys(("mathchoice", "mathpalette"), in_one_style),
    "@ifstar": if_star,
    "@firstoftwo": chosen(0, 2),
    "@secondoftwo": chosen(1, 2),
    "@firstofone": chosen(0, 1),
    "@gobble": chosen(-1, 1),
    "@gobbletwo": chosen(-1, 2),
    **dict.fromkeys(("@empty", "@bsphack", "@esphack"), chosen(-1, 0)),
    "expandafter": expand_after,
}  # fmt: skip
"""The commands of this room."""
