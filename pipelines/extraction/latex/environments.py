r"""`\begin` and `\end`: the author's environments written out, theorems under their printed names.

What an environment hides (`comment`, `\excludecomment`) and the references at the end go whole; an environment without
its end is left as it stands, because dropping the rest of a paper for one slip loses more than it cleans.
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from pipelines.extraction.latex import hooks, verbatim
from pipelines.extraction.latex.layout import (
    BIBLIOGRAPHIES,
    HIDDEN,
    IN_A_LINE,
    LAYOUT_ENVIRONMENTS,
    LISTINGS,
    MATH,
    VERBATIM,
)
from pipelines.extraction.latex.meanings import Environment, Macro, Special, Theorem, without_comments

if TYPE_CHECKING:
    from pipelines.extraction.latex.engine import Engine

END_OF_GROUP = "\\\x01"
"""Stands in a text for the end of an environment's group."""
UNSEEN = "\\\x06"
"""Is written at the end of what is read in silence."""
_END = re.compile(r"\\end\s*\{([^{}]{1,100})\}")
_PLAIN_NAME = re.compile(r"\{([a-zA-Z]{1,40}\*?)\}")
LONGEST_NAME = 100
BY_COMMAND = frozenset(
    """equation displaymath align gather multline eqnarray flalign alignat itemize enumerate description quote quotation
    proof""".split()
)
"""Environments whose insides papers call by name."""
_BODY = re.compile(r"\\BODY(?![a-zA-Z])")


class Open(NamedTuple):
    """An environment that has begun: what its end says, and the state that its end brings back."""

    name: str
    written: str
    depth: int
    math: bool


def begin(engine: "Engine", _: str) -> None:
    r"""`\begin{x}`."""
    start = engine.start
    name = _name(engine)
    if name is None:
        engine.keep_command("begin")
    elif name == "document":
        engine.begin_document()
        if engine.document_begun:
            hooks.run(engine, hooks.BEGIN)
    elif name in engine.verbatim or name in VERBATIM or (name in LISTINGS and "moreverb" in engine.loaded):
        verbatim.environment(engine, name)
    elif name in engine.hidden or (name in HIDDEN and name not in engine.shown):
        _skip(engine, name, to_end=False)
    elif name in engine.shown:
        engine.environments.append(Open(name, "", engine.meanings.depth, engine.math))
        engine.meanings.open()
    elif name in BIBLIOGRAPHIES and not engine.keeps("bibliography"):
        _skip_references(engine, name)
    elif name in ("appendix", "appendices") and not engine.keeps("appendix"):
        engine.stop()
    elif (
        (name in ("tikzpicture", "pgfpicture", "pspicture", "picture", "asy") and not engine.keeps("drawings"))
        or (name.rstrip("*") in ("figure", "wrapfigure", "SCfigure") and not engine.keeps("figures"))
        or (name.rstrip("*") in ("table", "longtable", "sidewaystable") and not engine.keeps("tables"))
    ):
        _skip(engine, name, to_end=False)
    elif (layout := LAYOUT_ENVIRONMENTS.get(name)) is not None and not (
        name in engine.meanings.environments or engine.keeps("layout")
    ):
        engine.mouth.option()
        for _argument in layout:
            engine.mouth.braced()
        _own_line(engine, name)
        engine.environments.append(Open(name, "", engine.meanings.depth, engine.math))
        engine.meanings.open()
        engine.removed()
    else:
        _ordinary(engine, name, start)


def _own_line(engine: "Engine", name: str) -> None:
    """Begin a line where an environment of layout, which begins a paragraph on the page, has its begin or its end."""
    if name in LAYOUT_ENVIRONMENTS and name not in IN_A_LINE and not engine.out.line_is_blank():
        engine.out.add("\n")


def _name(engine: "Engine") -> str | None:
    """The name of an environment in its braces."""
    frame = engine.mouth.frames[-1]
    plain = _PLAIN_NAME.match(frame.text, frame.at)
    if plain is not None:
        frame.at = plain.end()
        return plain[1]
    name = engine.mouth.braced()
    return name.strip() if name is not None and len(name) < LONGEST_NAME else name


def _ordinary(engine: "Engine", name: str, start: tuple[object, int]) -> None:
    known = engine.meanings.environments.get(name)
    written = f"\\end{{{name}}}"
    if isinstance(known, Theorem):
        engine.out.add(f"\\begin{{{known.printed}}}")
        written = f"\\end{{{known.printed}}}"
    elif isinstance(known, Environment) and not _is_hard(engine, known):
        given = engine.mouth.arguments(known.begin)
        if given is not None and (known.collects or any(one.kind == "body" for one in known.begin.parameters)):
            if _collected(engine, name, known, given):
                return
            given = None
        if given is not None:
            engine.environments.append(Open(name, known.end.fill(given), engine.meanings.depth, engine.math))
            engine.meanings.open()
            engine.push(known.begin.fill(given), letters=known.begin.letters, macro=f"begin {name}")
            return
        engine.keep_from(start)
    else:
        if isinstance(known, Environment) and "@" not in known.source and not (engine.out.muted or engine.out.silent):
            engine.needed[f"environment {name}"] = known.source
        engine.keep_from(start)
    engine.environments.append(Open(name, written, engine.meanings.depth, engine.math))
    engine.meanings.open()
    if name in MATH:
        engine.math = True
    elif name in ("minipage", "tabular"):
        engine.math = False


def _collected(engine: "Engine", name: str, known: Environment, given: list[str]) -> bool:
    """Write out an environment whose text is an argument of its definition; False if it has no end here."""
    frame = engine.mouth.here()
    last = frame.ahead(f"\\end{{{name}}}") if frame is not None else -1
    if frame is None or last < 0:
        return False
    text = frame.text[frame.at : last].strip()
    engine.mouth.spend(len(text))
    frame.at = last + len(f"\\end{{{name}}}")
    if not known.collects:
        given = [
            text if one.kind == "body" else value for one, value in zip(known.begin.parameters, given, strict=True)
        ]
    value = _BODY.sub(lambda _: text, known.begin.fill(given)) + known.end.fill(given)
    if not value.strip():
        engine.removed()
    if known.collects:  # environ ends each with `\\ignorespacesafterend`
        engine.swallow_space(frame)
    engine.push(value, letters=known.begin.letters, macro=f"begin {name}")
    return True


def _is_hard(engine: "Engine", environment: Environment) -> bool:
    return engine.meanings.is_hard(environment.begin) or engine.meanings.is_hard(environment.end)


def end(engine: "Engine", _: str) -> None:
    r"""`\end{x}`."""
    name = _name(engine)
    if name is None and not engine.document_begun:  # plain TeX's end of a paper
        engine.stop()
        return
    if name is None:
        engine.keep_command("end")
        return
    if name == "document":
        if not any(frame.inner_document for frame in engine.mouth.frames):
            hooks.run(engine, hooks.END)
        engine.end_document()
        return
    if name in BIBLIOGRAPHIES and not engine.keeps("bibliography"):
        if any(one.written == UNSEEN for one in engine.environments):
            engine.environments[:] = [one for one in engine.environments if one.written != UNSEEN]
            engine.out.silent, engine.out.seam = False, True
        return
    for place in range(len(engine.environments) - 1, max(-1, len(engine.environments) - 6), -1):
        if engine.environments[place].name == name:
            opened = engine.environments[place]
            break
    else:
        if name not in engine.shown:
            engine.out.add(f"\\end{{{name}}}")
        return
    if (
        opened.written == f"\\end{{{name}}}"
        or not opened.written
        or name not in engine.meanings.environments
        or isinstance(engine.meanings.environments[name], Theorem)
    ):
        del engine.environments[place:]
        engine.out.add(opened.written)
        close(engine, opened)
        if not opened.written:
            _own_line(engine, name)
            engine.removed()
    else:
        environment = engine.meanings.environments[name]
        letters = isinstance(environment, Environment) and environment.end.letters
        del engine.environments[place]  # those that it began are ended by its value
        engine.closing.append(opened)
        engine.push(opened.written + END_OF_GROUP, letters=letters, macro=f"end {name}")


def by_command(engine: "Engine", name: str) -> None:
    r"""`\equation … \endequation`: what stands behind `\begin{equation}` and `\end{equation}`."""
    kind, environment = ("end", name.removeprefix("end")) if name.startswith("end") else ("begin", name)
    engine.push(f"\\{kind}{{{environment}}}")


def close(engine: "Engine", opened: Open) -> None:
    """Bring back what the group of an environment changed."""
    while engine.meanings.depth > opened.depth:
        engine.meanings.close()
    engine.math = opened.math


def end_of_group(engine: "Engine", _: str) -> None:
    """The mark behind the end of an environment that was written out."""
    if engine.closing:
        close(engine, engine.closing.pop())


def _skip(engine: "Engine", name: str, *, to_end: bool) -> None:
    """Pass over an environment; one without its end takes the rest of its file with it if `to_end`."""
    frame = engine.mouth.here()
    if frame is None:
        return
    depth = 1
    for match in _END.finditer(frame.text, frame.at if name not in frame.unclosed else len(frame.text)):
        if match[1].strip() == name:
            depth -= 1
            inner = frame.text.count(f"\\begin{{{name}}}", frame.at, match.start()) if depth == 0 else 0
            depth += inner
            if depth == 0 or inner == 0:
                engine.mouth.spend(match.end() - frame.at)
                frame.at = match.end()
                engine.removed()
                return
            depth -= inner
            if name in HIDDEN or name in engine.hidden:
                frame.at = match.end()
                engine.removed()
                return
    if to_end:
        frame.at = len(frame.text)
        return
    frame.unclosed.add(name)
    engine.out.add(f"\\begin{{{name}}}")


def _skip_references(engine: "Engine", name: str) -> None:
    """Pass over references; those that a macro begins are read in silence, up to the end that another one brings."""
    frame = engine.mouth.here()
    begun = engine.mouth.frames[-1]
    if begun.macro and begun.ahead(f"\\end{{{name}}}") < 0 and (frame is None or frame.ahead(f"\\end{{{name}}}") < 0):
        if not engine.out.silent:
            engine.out.silent = True
            engine.environments.append(Open(name, UNSEEN, engine.meanings.depth, engine.math))
        return
    _skip(engine, name, to_end=True)


def hide(engine: "Engine", name: str) -> None:
    r"""`\excludecomment{x}` and `\includecomment{x}`: environments that a version of the paper hides or shows."""
    target = engine.mouth.argument()
    if target is None:
        return
    if name in ("excludecomment", "excludeversion"):
        engine.hidden.add(target.strip())
        engine.shown.discard(target.strip())
    else:
        engine.shown.add(target.strip())
        engine.hidden.discard(target.strip())


def special_comment(engine: "Engine", _: str) -> None:
    r"""comment's `\specialcomment{x}{before}{behind}`: an environment that is shown, between two texts."""
    target, before, behind = (engine.mouth.argument() for _ in range(3))
    if target is not None and before is not None and behind is not None:
        engine.hidden.discard(target.strip())
        ends = [Macro(target.strip(), (), without_comments(text), engine.letters) for text in (before, behind)]
        engine.meanings.environments[target.strip()] = Environment(ends[0], ends[1], engine.written())


HANDLERS: Mapping[str, Callable[["Engine", str], None]] = {
    "begin": begin,
    "end": end,
    **{f"{kind}{name}": by_command for kind in ("", "end") for name in BY_COMMAND},
    END_OF_GROUP[1:]: end_of_group,
    **dict.fromkeys(("excludecomment", "includecomment", "excludeversion", "includeversion"), hide),
    "specialcomment": special_comment,
}  # fmt: skip
"""The commands of this room."""

__all__ = ["HANDLERS", "Open", "Special"]
