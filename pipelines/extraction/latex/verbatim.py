r"""Text that TeX does not read: copied as it stands, in environments and inline, also in those that a paper declares.

Sources: the manuals of verbatim, fancyvrb, listings, minted, shortvrb, tcolorbox, url and pythontex, which say how each
of their commands finds its end. What a paper declares is written out under the name that LaTeX has for it.
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pipelines.extraction.latex import listings
from pipelines.extraction.latex.layout import VERBATIM
from pipelines.extraction.latex.meanings import Macro, Special

if TYPE_CHECKING:
    from pipelines.extraction.latex.engine import Engine
    from pipelines.extraction.latex.frames import Frame

LONGEST_INLINE = 2_000
_BRACE = re.compile(r"[{}]")
_OPTION = re.compile(r"\*?[ \t]?(?:\[[^\[\]\n]{0,500}\])?")
_BEGUN = re.compile(
    r"\\(?:begin\s{0,3}\{([a-zA-Z]{1,40}\*?)\}|([a-zA-Z]{1,40}))(?:\s|\[[^\[\]]{0,200}\]|\{[^{}]{0,200}\}|\\relax){0,20}\Z"
)
"""What an environment's beginning ends with."""


def environment(engine: "Engine", name: str) -> None:
    """Copy an environment as it stands, under the name that LaTeX has for it."""
    frame = engine.mouth.here()
    if frame is None:
        return
    found = frame.ahead(f"\\end{{{name}}}")
    if found < 0:
        engine.out.add(f"\\begin{{{name}}}")
        return
    shown = engine.verbatim.get(name, name)
    begun = _OPTION.match(frame.text, frame.at, found)
    start = begun.end() if begun is not None else frame.at
    options, text = listings.contents(engine, name, frame.text[frame.at : start], frame.text[start:found])
    engine.out.add(f"\\begin{{{shown}}}{options}{text}\\end{{{shown}}}")
    frame.at = found + len(f"\\end{{{name}}}")


def begun_by(begin: str, names: Mapping[str, str]) -> str | None:
    r"""The environment of `names` (and its name in LaTeX) that an own environment's beginning ends with, or None.

    A paper makes one of its own from `\verbatim`, `\begin{minted}{python}` or `\comment`; TeX then reads no command
    up to the own environment's end.
    """
    match = _BEGUN.search(begin.rstrip())
    return None if match is None else names.get(match[1] or match[2])


def declare(engine: "Engine", name: str) -> None:
    r"""`\lstnewenvironment{x}…`, `\DefineVerbatimEnvironment{x}{Verbatim}{}`, `\newminted[x]{python}{}` and others."""
    mouth = engine.mouth
    option = mouth.option() if name in ("newminted", "newtcblisting") else None
    target = mouth.argument()
    shown, options = "lstlisting", None
    if name in ("DefineVerbatimEnvironment", "RecustomVerbatimEnvironment", "CustomVerbatimEnvironment"):
        shown = (mouth.argument() or "Verbatim").strip()
        options = mouth.argument()
    elif name == "newminted":
        target, shown = option or f"{(target or '').strip()}code", "verbatim"
        options = mouth.argument()
    elif name == "lstnewenvironment":
        while mouth.option() is not None:
            pass
        options = mouth.argument()
        mouth.argument()
    else:
        shown = "verbatim"
        while mouth.option() is not None or mouth.braced() is not None:
            pass
    if target is not None and target.strip() not in engine.standard_environments:
        engine.verbatim[target.strip()] = shown if shown in VERBATIM else "verbatim"
        listings.declared(engine, target.strip(), options or "")


def declare_inline(engine: "Engine", name: str) -> None:
    r"""minted's `\newmint[x]{python}{}` and `\newmintinline{c}{}`, url's `\DeclareUrlCommand\x{}`, fancyvrb's
    `\CustomVerbatimCommand{\x}{Verb}{}`."""
    option = engine.mouth.option()
    target = engine.mouth.argument()
    engine.mouth.argument()
    if name.endswith("VerbatimCommand"):
        engine.mouth.argument()
    if target is None:
        return
    if name.endswith("VerbatimCommand"):
        called, work = target.strip().removeprefix("\\"), Special(inline, "Verb")
    elif name == "DeclareUrlCommand":
        called, work = target.strip().removeprefix("\\"), Special(address, "path")
    else:
        language = target.strip()
        called = option or (f"{language}inline" if name == "newmintinline" else language)
        work = Special(inline, "lstinline")
    if called:
        engine.meanings.define(called, work, everywhere=True)


def define_address(engine: "Engine", _: str) -> None:
    r"""url's `\urldef\x\url{…}` (or `\path|…|`): `\x` stands for the address."""
    name, command = engine.mouth.argument(), engine.mouth.token()
    frame = engine.mouth.skip_space()
    last = _end_of_address(engine, frame, any_mark=True) if frame is not None else -1
    if name is None or command is None or frame is None or last < 0:
        return
    target = name.strip().removeprefix("\\")
    engine.meanings.define(target, Macro(target, (), f"{command}{frame.text[frame.at : last]}"))
    frame.at = last


def inline(engine: "Engine", name: str) -> None:
    r"""`\verb|…|` and its kin: copied as they stand."""
    frame = engine.mouth.here()
    if frame is None:
        return
    begin_at = frame.at
    at = begin_at
    if name in ("mintinline", "mint"):
        engine.mouth.option()
        engine.mouth.argument()
        at = frame.at
    elif (options := _OPTION.match(frame.text, at)) is not None:
        at = options.end()
    if at == len(frame.text) and frame.macro:  # a macro that ends with the command and its options
        name += frame.text[begin_at:]
        frame.at = at
        frame = engine.mouth.here() or frame
        begin_at = at = frame.at
    mark = frame.text[at : at + 1]
    if not mark or mark.isspace() or mark.isalnum():
        frame.at = begin_at
        engine.keep_command(name)
        return
    if mark == "{" and name not in ("verb", "verb*"):
        last = _end_of_braces(engine, frame, at)
    else:
        found = frame.text.find(mark, at + 1, at + LONGEST_INLINE)
        last = -1 if found < 0 or "\n" in frame.text[at:found] else found + 1
    frame.at = begin_at if last < 0 else last
    engine.out.add(f"\\{name}" + frame.text[begin_at : frame.at])


def short(engine: "Engine", name: str) -> None:
    r"""`\MakeShortVerb{\|}`, `\DefineShortVerb{\|}`, `\lstMakeShortInline|`: a character that begins verbatim text,
    which is written out under the command that it stands for."""
    star = "*" if engine.mouth.take("*") else ""
    engine.mouth.option()
    mark = engine.mouth.argument()
    if mark is not None and len(mark.strip().lstrip("\\")) == 1:
        sign = mark.strip().lstrip("\\")
        if "Undefine" in name or "Delete" in name:
            engine.short.pop(sign, None)
        elif not sign.isalnum():
            engine.short[sign] = "\\lstinline" if name.startswith("lst") else f"\\verb{star}"
        engine.new_pattern()


def address(engine: "Engine", name: str) -> None:
    r"""`\url{…}`, `\doi{…}`, `\path|…|` and the first argument of `\href`: a `%` in them is a character."""
    frame = engine.mouth.here()
    if frame is None:
        return
    last = _end_of_address(engine, frame, any_mark=name in ("path", "url"))
    if last < 0:
        engine.keep_command(name)
        return
    engine.out.add(f"\\{name}" + frame.text[frame.at : last])
    frame.at = last


def detokenized(engine: "Engine", _: str) -> None:
    r"""`\detokenize{x}`: its argument as it was written."""
    inside = engine.mouth.argument()
    if inside is not None:
        engine.out.add(inside)


def spelled(engine: "Engine", name: str) -> None:
    r"""`\string\x`: the command's name is printed, and nothing done."""
    frame = engine.mouth.here()
    commands = frame is not None and frame.text.startswith("\\", frame.at)
    engine.out.add(f"\\{name}{engine.mouth.token() or ''}" if commands else f"\\{name}")


def _end_of_address(engine: "Engine", frame: "Frame", *, any_mark: bool) -> int:
    at = frame.at
    while at < len(frame.text) and frame.text[at] in " \t":
        at += 1
    mark = frame.text[at : at + 1]
    if mark == "{":
        return _end_of_braces(engine, frame, at)
    if mark and any_mark and not mark.isalnum() and mark not in "\\\n[*":
        found = frame.text.find(mark, at + 1, at + LONGEST_INLINE)
        return found + 1 if found >= 0 and "\n" not in frame.text[at:found] else -1
    return -1


def _end_of_braces(engine: "Engine", frame: "Frame", at: int) -> int:
    """The place behind the brace that closes the one at `at`, where neither `%` nor a backslash means anything."""
    if not 0 <= frame.ahead("}") <= at + LONGEST_INLINE:
        return -1
    depth = 0
    for brace in _BRACE.finditer(frame.text, at, at + LONGEST_INLINE):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return brace.end()
    engine.mouth.spend(LONGEST_INLINE)
    return -1


HANDLERS: Mapping[str, Callable[["Engine", str], None]] = {
    **dict.fromkeys(
        ("lstnewenvironment", "DefineVerbatimEnvironment", "RecustomVerbatimEnvironment", "CustomVerbatimEnvironment",
         "newminted", "newverbatim", "newtcblisting", "renewtcblisting", "DeclareTCBListing", "NewTCBListing",
         "ProvideTCBListing", "RenewTCBListing"),
        declare,
    ),
    **dict.fromkeys(
        ("newmint", "newmintinline", "DeclareUrlCommand", "CustomVerbatimCommand", "RecustomVerbatimCommand"),
        declare_inline,
    ),
    **dict.fromkeys(("verb", "lstinline", "mintinline", "mint", "Verb", "piton"), inline),
    **dict.fromkeys(
        ("MakeShortVerb", "DefineShortVerb", "lstMakeShortInline", "UndefineShortVerb", "DeleteShortVerb",
         "lstDeleteShortInline"),
        short,
    ),
    **dict.fromkeys(("url", "href", "path", "nolinkurl", "burl", "doi", "hyperref@url"), address),
    "urldef": define_address,
    "detokenize": detokenized,
    "string": spelled,
}  # fmt: skip
"""The commands of this room."""
