r"""`\begin` and `\end`: the author's environments written out, theorems under their printed names, verbatim text
untouched.

What an environment hides (`comment`, `\excludecomment`) and the references at the end go whole; an environment without
its end is left as it stands, because dropping the rest of a paper for one slip loses more than it cleans.
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from pipelines.extraction.latex.layout import BIBLIOGRAPHIES, HIDDEN, MATH, VERBATIM
from pipelines.extraction.latex.meanings import Environment, Special, Theorem

if TYPE_CHECKING:
    from pipelines.extraction.latex.engine import Engine

END_OF_GROUP = "\\\x01"
"""Stands in a text for the end of an environment's group."""
_END = re.compile(r"\\end\s*\{([^{}]{1,100})\}")
_PLAIN_NAME = re.compile(r"\{([a-zA-Z]{1,40}\*?)\}")
LONGEST_NAME = 100
LONGEST_INLINE = 2_000
_BRACE = re.compile(r"[{}]")
_OPTION = re.compile(r"\*?(?:\[[^\[\]\n]{0,500}\])?")


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
    elif name in engine.verbatim or name in VERBATIM:
        _verbatim(engine, name)
    elif name in engine.hidden or (name in HIDDEN and name not in engine.shown):
        _skip(engine, name, to_end=False)
    elif name in engine.shown:
        engine.environments.append(Open(name, "", engine.meanings.depth, engine.math))
        engine.meanings.open()
    elif name in BIBLIOGRAPHIES and not engine.keeps("bibliography"):
        _skip(engine, name, to_end=True)
    elif name in ("appendix", "appendices") and not engine.keeps("appendix"):
        engine.stop()
    elif (
        (name in ("tikzpicture", "pgfpicture", "pspicture", "picture", "asy") and not engine.keeps("drawings"))
        or (name.rstrip("*") in ("figure", "wrapfigure", "SCfigure") and not engine.keeps("figures"))
        or (name.rstrip("*") in ("table", "longtable", "sidewaystable") and not engine.keeps("tables"))
    ):
        _skip(engine, name, to_end=False)
    else:
        _ordinary(engine, name, start)


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
        if given is not None:
            engine.environments.append(Open(name, known.end.fill(given), engine.meanings.depth, engine.math))
            engine.meanings.open()
            engine.push(known.begin.fill(given), letters=known.begin.letters, macro=f"begin {name}")
            return
        engine.keep_from(start)
    else:
        if isinstance(known, Environment) and not engine.out.muted and not engine.out.silent:
            engine.needed[f"environment {name}"] = known.source
        engine.keep_from(start)
    engine.environments.append(Open(name, written, engine.meanings.depth, engine.math))
    engine.meanings.open()
    if name in MATH:
        engine.math = True
    elif name in ("minipage", "tabular"):
        engine.math = False


def _is_hard(engine: "Engine", environment: Environment) -> bool:
    return engine.meanings.is_hard(environment.begin) or engine.meanings.is_hard(environment.end)


def end(engine: "Engine", _: str) -> None:
    r"""`\end{x}`."""
    name = _name(engine)
    if name is None:
        engine.keep_command("end")
        return
    if name == "document":
        engine.end_document()
        return
    if name in BIBLIOGRAPHIES and not engine.keeps("bibliography"):
        return
    for place in range(len(engine.environments) - 1, max(-1, len(engine.environments) - 6), -1):
        if engine.environments[place].name == name:
            opened = engine.environments[place]
            del engine.environments[place:]
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
        engine.out.add(opened.written)
        close(engine, opened)
    else:
        environment = engine.meanings.environments[name]
        letters = isinstance(environment, Environment) and environment.end.letters
        engine.closing.append(opened)
        engine.push(opened.written + END_OF_GROUP, letters=letters, macro=f"end {name}")


def close(engine: "Engine", opened: Open) -> None:
    """Bring back what the group of an environment changed."""
    while engine.meanings.depth > opened.depth:
        engine.meanings.close()
    engine.math = opened.math


def end_of_group(engine: "Engine", _: str) -> None:
    """The mark behind the end of an environment that was written out."""
    if engine.closing:
        close(engine, engine.closing.pop())


def _verbatim(engine: "Engine", name: str) -> None:
    """Copy an environment as it stands, under the name that LaTeX has for it."""
    frame = engine.mouth.here()
    if frame is None:
        return
    found = frame.ahead(f"\\end{{{name}}}")
    if found < 0:
        engine.out.add(f"\\begin{{{name}}}")
        return
    shown = engine.verbatim.get(name, name)
    engine.out.add(f"\\begin{{{shown}}}{frame.text[frame.at : found]}\\end{{{shown}}}")
    frame.at = found + len(f"\\end{{{name}}}")


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


def declare_verbatim(engine: "Engine", name: str) -> None:
    r"""`\lstnewenvironment{x}…`, `\DefineVerbatimEnvironment{x}{Verbatim}{}`, `\newminted[x]{python}{}` and others."""
    mouth = engine.mouth
    option = mouth.option() if name == "newminted" else None
    target = mouth.argument()
    shown = "lstlisting"
    if name in ("DefineVerbatimEnvironment", "RecustomVerbatimEnvironment", "CustomVerbatimEnvironment"):
        shown = (mouth.argument() or "Verbatim").strip()
        mouth.argument()
    elif name == "newminted":
        language = (target or "").strip()
        target, shown = option or f"{language}code", "verbatim"
        mouth.argument()
    elif name == "lstnewenvironment":
        while mouth.option() is not None:
            pass
        mouth.argument(), mouth.argument()
    else:
        shown = "verbatim"
        while mouth.next_is("{") and mouth.braced() is not None:
            pass
    if target is not None:
        engine.verbatim[target.strip()] = shown if shown in VERBATIM else "verbatim"


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


def inline_verbatim(engine: "Engine", name: str) -> None:
    r"""`\verb|…|` and its kin: copied as they stand."""
    frame = engine.mouth.here()
    if frame is None:
        return
    begin_at = frame.at
    at = begin_at
    if name == "mintinline":
        engine.mouth.option()
        engine.mouth.argument()
        at = frame.at
    elif (options := _OPTION.match(frame.text, at)) is not None:
        at = options.end()
    mark = frame.text[at : at + 1]
    if not mark or mark.isspace() or mark.isalnum():
        frame.at = begin_at
        engine.keep_command(name)
        return
    if mark == "{":
        last = frame.closed(at, LONGEST_INLINE)
    else:
        found = frame.text.find(mark, at + 1, at + LONGEST_INLINE)
        last = -1 if found < 0 or "\n" in frame.text[at:found] else found + 1
    frame.at = begin_at if last < 0 else last
    engine.out.add(f"\\{name}" + frame.text[begin_at : frame.at])


def short_verbatim(engine: "Engine", name: str) -> None:
    r"""`\MakeShortVerb{\|}`, `\DefineShortVerb{\|}`, `\lstMakeShortInline|`: a character that begins verbatim text."""
    engine.mouth.option()
    mark = engine.mouth.argument()
    if mark is not None and len(mark.strip().lstrip("\\")) == 1:
        sign = mark.strip().lstrip("\\")
        if "Undefine" in name or "Delete" in name:
            engine.short.discard(sign)
        elif not sign.isalnum():
            engine.short.add(sign)
        engine.new_pattern()


def address(engine: "Engine", name: str) -> None:
    r"""`\url{…}`, `\doi{…}`, `\path|…|` and the first argument of `\href`: a `%` in them is a character."""
    frame = engine.mouth.here()
    if frame is None:
        return
    at = frame.at
    while at < len(frame.text) and frame.text[at] in " \t":
        at += 1
    mark = frame.text[at : at + 1]
    last = -1
    if mark == "{":
        depth = 0
        for brace in _BRACE.finditer(frame.text, at, at + LONGEST_INLINE):
            depth += 1 if brace[0] == "{" else -1
            if depth == 0:
                last = brace.end()
                break
        else:
            engine.mouth.spend(LONGEST_INLINE)
    elif mark and name in ("path", "url") and not mark.isalnum() and mark not in "\\\n":
        found = frame.text.find(mark, at + 1, at + LONGEST_INLINE)
        last = found + 1 if found >= 0 and "\n" not in frame.text[at:found] else -1
    if last < 0:
        engine.keep_command(name)
        return
    engine.out.add(f"\\{name}" + frame.text[frame.at : last])
    frame.at = last


HANDLERS: Mapping[str, Callable[["Engine", str], None]] = {
    "begin": begin,
    "end": end,
    END_OF_GROUP[1:]: end_of_group,
    **dict.fromkeys(
        ("lstnewenvironment", "DefineVerbatimEnvironment", "RecustomVerbatimEnvironment", "CustomVerbatimEnvironment",
         "newminted", "newverbatim", "newtcblisting", "DeclareTCBListing"),
        declare_verbatim,
    ),
    **dict.fromkeys(("excludecomment", "includecomment", "excludeversion", "includeversion"), hide),
    **dict.fromkeys(("verb", "lstinline", "mintinline", "Verb"), inline_verbatim),
    **dict.fromkeys(
        ("MakeShortVerb", "DefineShortVerb", "lstMakeShortInline", "UndefineShortVerb", "DeleteShortVerb",
         "lstDeleteShortInline"),
        short_verbatim,
    ),
    **dict.fromkeys(("url", "href", "path", "nolinkurl", "burl", "doi", "hyperref@url"), address),
}  # fmt: skip
"""The commands of this room."""

__all__ = ["HANDLERS", "Open", "Special"]
