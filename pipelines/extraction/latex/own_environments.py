r"""How a paper defines its own environments and theorems.

Sources: LaTeX's usrguide (`\newenvironment`, xparse's, `\newtheorem`), the manuals of environ, ntheorem, thmtools,
mdframed, tcolorbox and LNCS.
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pipelines.extraction.latex.definitions import parameters_of
from pipelines.extraction.latex.layout import HIDDEN, VERBATIM
from pipelines.extraction.latex.meanings import Environment, Macro, Parameter, Theorem, without_comments
from pipelines.extraction.latex.verbatim import begun_by
from pipelines.extraction.latex.xparse import LONGEST_PATTERN, xparse

if TYPE_CHECKING:
    from pipelines.extraction.latex.engine import Engine

_BOXED = re.compile(r"\\setbox\s*\\?\w{1,40}\s*=?\s*\\[vh]box\s*\\bgroup|\\begin\s*\{lrbox\}")
"""Begins what is typeset into a box; where the box is used nowhere, nobody sees it."""
_USES_BOX = re.compile(r"\\(?:un[vh])?(?:box|copy|usebox)(?![a-zA-Z])")
_INSIDE = re.compile(r"\\csname\s*end([a-zA-Z]{1,40}\*?)\\endcsname|\\end([a-zA-Z]{1,40})(?![a-zA-Z@])")
_READ_OTHERWISE = frozenset({"csname", "input", "group", "graf", "list", "trivlist", "verbatim", "comment"})
_FONT = re.compile(
    r"\\(?:protect|normalfont|bf|it|sc|rm|sf|sl|em|bfseries|itshape|scshape|upshape|slshape|rmfamily|sffamily|mdseries"
    r"|large|Large|small|noindent|indent|xspace|ignorespaces|unskip)(?![a-zA-Z])|\\(?:text[a-z]{2}|emph|mbox|hbox)(?=\{)|[{}]"
)
"""What dresses a printed name."""
_NAMED = re.compile(r"(?:name|title|heading)\s*=\s*(?:\{([^{}]*)\}|([^,]*))")


def new_environment(engine: "Engine", name: str) -> None:
    r"""`\newenvironment{x}[1][default]{begin}{end}`, and xparse's and xargs' forms of it."""
    engine.mouth.take("*")
    target = engine.mouth.argument()
    if "Document" in name:
        pattern = engine.mouth.argument()
        parameters = xparse(pattern) if pattern is not None and len(pattern) <= LONGEST_PATTERN else None
    else:
        parameters = parameters_of(engine, xargs=name.endswith("x"))
    begin, end = engine.mouth.argument(), engine.mouth.argument()
    if target is None or begin is None or end is None or parameters is None:
        return
    target = target.strip()
    if target in engine.standard_environments or (engine.in_package and target in engine.known):
        return
    if name.startswith("provide") and target in engine.meanings.environments:
        return
    begin, end = _by_name(begin, end)
    own = without_comments(begin)
    if (
        like := begun_by(own, {name: engine.verbatim.get(name, name) for name in (*VERBATIM, *engine.verbatim)})
    ) is not None:
        engine.verbatim[target] = like if like in VERBATIM else "verbatim"
        return
    if begun_by(own, {name: name for name in HIDDEN | engine.hidden}) or (
        _BOXED.search(own) and not _USES_BOX.search(own + end)
    ):
        engine.hidden.add(target)
        return
    everywhere = Macro(target, parameters if "Document" in name else (), without_comments(end), engine.letters)
    _keep(engine, target, Environment(Macro(target, parameters, own, engine.letters), everywhere, engine.written()))


def _by_name(begin: str, end: str) -> tuple[str, str]:
    r"""Values with the insides of environments (`\x`, `\endx`, also by `\csname`) as their `\begin` and `\end`."""
    for match in _INSIDE.finditer(end):
        name = match[1] or match[2]
        inside = re.compile(rf"\\{name}(?![a-zA-Z@])|\\csname\s*{re.escape(name)}\\endcsname")
        if inside.search(begin) and name not in _READ_OTHERWISE:
            begin = inside.sub(lambda _, name=name: f"\\begin{{{name}}}", begin, count=1)  # type: ignore[misc]
            end = end.replace(match[0], f"\\end{{{name}}}", 1)
    return begin, end


def new_environ(engine: "Engine", _: str) -> None:
    r"""environ's `\NewEnviron{x}[1][default]{… \BODY …}[end]`: the text between begin and end stands for `\BODY`."""
    engine.mouth.take("*")
    target = engine.mouth.argument()
    parameters = parameters_of(engine)
    body, end = engine.mouth.argument(), engine.mouth.option()
    if target is None or body is None:
        return
    begin = Macro(target.strip(), parameters, without_comments(body), engine.letters)
    last = Macro(target.strip(), (), without_comments(end or ""), engine.letters)
    _keep(engine, target.strip(), Environment(begin, last, engine.written(), collects=True))


def _keep(engine: "Engine", target: str, environment: Environment) -> None:
    if target in engine.standard_environments or (engine.in_package and target in engine.known):
        return
    engine.hidden.discard(target)
    engine.meanings.environments[target] = environment


def new_theorem(engine: "Engine", name: str) -> None:
    r"""`\newtheorem{x}[counter]{Printed name}[within]`, also with a star; ntheorem and mdframed say it alike."""
    engine.mouth.take("*")
    engine.mouth.option()
    target = engine.mouth.argument()
    shared = engine.mouth.option()
    printed = engine.mouth.argument()
    engine.mouth.option()
    if shared is not None:  # LaTeX steps the counter
        engine.counters.pop(f"c@{shared.strip()}", None)
    if name == "spnewtheorem":  # LNCS: the fonts of the name and of the text
        engine.mouth.argument(), engine.mouth.argument()
    if target is not None and printed is not None:
        _theorem(engine, target, printed)


def new_box_theorem(engine: "Engine", _: str) -> None:
    r"""tcolorbox's `\newtcbtheorem[init]{x}{Printed name}{options}{prefix}`; used as `\begin{x}{title}{label}`."""
    engine.mouth.option()
    target, printed = engine.mouth.argument(), engine.mouth.argument()
    engine.mouth.argument()
    prefix = engine.mouth.argument()
    if target is None or printed is None:
        return
    for name in (target.strip(), target.strip() + "*"):
        label = "" if name.endswith("*") else f"\\ifblank{{#3}}{{}}{{\\label{{{(prefix or '').strip()}:#3}}}}"
        begin = f"\\begin{{{printed.strip()}}}\\ifblank{{#2}}{{}}{{[#2]}}{label}"
        parameters = (Parameter("optional", ""), Parameter(), *((Parameter(),) if label else ()))
        _keep(
            engine,
            name,
            Environment(
                Macro(name, parameters, begin), Macro(name, (), f"\\end{{{printed.strip()}}}"), engine.written()
            ),
        )


def declare_theorem(engine: "Engine", _: str) -> None:
    r"""thmtools' `\declaretheorem[name=Printed]{x}`."""
    before, target, behind = engine.mouth.option(), engine.mouth.argument(), engine.mouth.option()
    if target is None:
        return
    named = _NAMED.search(f"{before or ''},{behind or ''}")
    printed = (named[1] or named[2]) if named else ""
    for one in target.split(","):
        _theorem(engine, one, printed or one.strip().capitalize())


def _theorem(engine: "Engine", target: str, printed: str) -> None:
    printed = " ".join(_FONT.sub("", engine.expanded(printed)).replace("~", " ").split()).rstrip(".:")
    if printed and "{" not in printed and "\\" not in printed:
        engine.meanings.environments[target.strip()] = Theorem(printed)


def forgotten(engine: "Engine", _: str) -> None:
    r"""`\newtheoremstyle` and others that define nothing for the text: their arguments are read and forgotten."""
    while engine.mouth.next_is("{") or engine.mouth.next_is("["):
        if engine.mouth.braced() is None and engine.mouth.option() is None:
            return


HANDLERS: Mapping[str, Callable[["Engine", str], None]] = {
    **dict.fromkeys(
        ("newenvironment", "renewenvironment", "provideenvironment", "newenvironmentx", "renewenvironmentx",
         "provideenvironmentx", "NewDocumentEnvironment",
         "RenewDocumentEnvironment", "ProvideDocumentEnvironment", "DeclareDocumentEnvironment"),
        new_environment,
    ),
    **dict.fromkeys(("NewEnviron", "RenewEnviron"), new_environ),
    **dict.fromkeys(
        ("newtheorem", "spnewtheorem", "newaliasthm", "newmdtheoremenv", "mdtheorem", "newshadetheorem",
         "newframedtheorem", "renewtheorem"),
        new_theorem,
    ),
    **dict.fromkeys(("newtcbtheorem", "NewTcbTheorem", "DeclareTColorBoxTheorem"), new_box_theorem),
    "declaretheorem": declare_theorem,
    "newtheoremstyle": forgotten,
    "declaretheoremstyle": forgotten,
}  # fmt: skip
"""The commands that define environments."""
