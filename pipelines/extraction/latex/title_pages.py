r"""What a paper's own `\maketitle` prints beside title and authors: a supervisor, a dedication, the number of a report.

Own classes keep such things in fields: `\supervisor{…}` sets `\@supervisor`, which their `\maketitle` prints (the way
of LaTeX's own `\title`; source2e, ltsect). The page is read as far as it can be followed. Of its lines those stay that
hold what the author put into a field; those that are sentences stay too if the page stands in the paper itself, or
holds a field and was followed to its end. What only sets the page is no text; title, authors and date are front matter.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pipelines.extraction.latex.frames import closing
from pipelines.extraction.latex.front_matter import UNDERSTOOD
from pipelines.extraction.latex.meanings import Macro, Special
from pipelines.extraction.latex.names import balanced, one_line
from pipelines.extraction.latex.reading import Runaway

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipelines.extraction.latex.engine import Engine

LONGEST_PAGE = 20_000
LEAST_WORDS = 3
"""So many words make a line text that holds no field."""
_SETS = re.compile(
    r"\s{0,20}(?:\\(?:global|long)\s{0,9}){0,2}\\(?:[gex]?def|(?:re)?newcommand\*?)\s{0,9}"
    r"\{?\\([a-zA-Z@]{1,60})\}?\s{0,9}(?=\{)"
)
_FROM, _TO = "\x03", "\x05"
"""Stand around the value of a field; no text holds them."""
_VALUE = re.compile(f"{_FROM}([^{_FROM}{_TO}]*){_TO}")
_FRONT = ("@title", "@author", "@date", "@thanks", "thetitle", "theauthor", "thedate", "thanks", "today")
"""What is front matter, or no text at all."""
_PRINTS = re.compile(r"\\(?:@|the)title(?![a-zA-Z@])")
_LINE_END = re.compile(
    r"\\\\\*?(?:\[[^\[\]]{0,40}\])?|\\(?:par|cr|hfill|hfil|hss|newline|egroup|bgroup)(?![a-zA-Z])|\n[ \t]*\n|&"
    r"|\\(?:begin|end)\s{0,3}\{[^{}]{0,60}\}(?:\[[^\[\]]{0,20}\]|\{[^{}]{0,60}\}){0,3}"
)
_SIZE = (
    r"-?(?:\d{1,9}\.?\d{0,9}|\.\d{1,9})?\s{0,3}"
    r"(?:(?:true)?(?:pt|em|ex|cm|mm|in|pc|bp|sp|fil+)(?![a-zA-Z])|\\[a-zA-Z@]{1,60})"
)
_RULE = re.compile(
    r"\\(?:hrule|vrule|rule|kern|raise|lower|parbox|makebox|framebox|raisebox|colorbox|setcounter|includegraphics"
    r"|vbox|hbox|vtop|hsize|fontsize|definecolor|color)(?![a-zA-Z])\*?(?:\s{0,3}\[[^\[\]]{0,80}\]"
    rf"|\s{{0,3}}(?:to|spread|height|width|depth|plus|minus|=)?\s{{0,3}}(?:{_SIZE}))*"
    r"(?:\{(?:-?[\d.]{0,9}\s{0,3}\\?[a-zA-Z@]{0,40}|[\w./-]{0,60})\}){0,2}"
)
_LEFT = re.compile(r"\\[a-zA-Z]{0,40}@|\\(?:if[a-z]*|else|fi|setbox|advance|let|def)(?![a-z])")
"""What a page that was followed to its end does not hold."""
_COMMAND = re.compile(r"\\[a-zA-Z@]{1,60}|[={}@]")
_WORD = re.compile(r"[^\W\d_]{2,}")


def note(engine: "Engine", macro: Macro) -> None:
    r"""Remember an own `\maketitle` or page of another name, commands that only set fields, and fields that are set."""
    meanings = engine.meanings
    if engine.in_prelude:
        return
    if macro.name == "maketitle" or (
        not macro.parameters and "@" not in macro.name and macro.name not in UNDERSTOOD and _PRINTS.search(macro.body)
    ):
        meanings.title_pages[macro.name] = (macro, engine.in_package)
    elif macro.name in meanings.fields:
        meanings.fields[macro.name] = not engine.in_package
    elif macro.parameters and "#1" in macro.body and macro.name not in UNDERSTOOD:
        meanings.fields.update(dict.fromkeys(fields_set(macro.body), False))


def fields_set(body: str) -> tuple[str, ...]:
    """The names that a command defines, if it does nothing else."""
    found, at = [], 0
    while match := _SETS.match(body, at):
        found.append(match[1])
        at = closing(body, match.end())
        if at < 0:
            return ()
    return () if body[at:].strip() else tuple(found)


def make_title(engine: "Engine", name: str) -> None:
    r"""`\maketitle`: what the paper's own definition of it prints beside the front matter."""
    page = None if engine.in_package else engine.meanings.title_pages.pop(name, None)  # each is printed once
    engine.swallow_space(engine.start[0])
    lines = dict.fromkeys(_printed(engine, page[0].body, of_class=page[1])) if page else ()
    if lines:
        engine.out.add("\n" * (not engine.out.line_is_blank()) + "\n".join(lines) + "\n\n")
    engine.removed()


PAGE = Special(make_title)
"""The meaning of a page of another name than `\\maketitle`."""


def _printed(engine: "Engine", body: str, *, of_class: bool) -> Iterator[str]:
    """The lines that a page of titles prints of fields and of words of its own."""
    text = _followed(engine, body)
    followed = not of_class or (_FROM in text and not _LEFT.search(text))
    for piece in _LINE_END.split(_RULE.sub(" ", text)):
        line = balanced(one_line(piece.replace(_FROM, "").replace(_TO, ""))[0]).strip(" ,;:")
        if _COMMAND.search(line) or not (followed or _FROM in piece):
            found = [one_line(value[1])[0] for value in _VALUE.finditer(piece)]
        else:
            found = [line] if _FROM in piece or len(_WORD.findall(line)) >= LEAST_WORDS else []
        yield from (value for value in found if _WORD.search(value))


def _followed(engine: "Engine", body: str) -> str:
    """A page of titles written out as far as it goes, without the front matter, and with marks around fields."""
    meanings = engine.meanings
    if len(body) > LONGEST_PAGE:
        return ""
    environments, depth, math = [*engine.environments], meanings.depth, engine.math
    meanings.open()
    for name in _FRONT:
        meanings.define(name, Macro(name, (), ""))
    for name in (name for name, given in meanings.fields.items() if given):
        value = meanings.table.get(name)
        if isinstance(value, Macro) and not value.parameters and value.body.strip():
            meanings.define(name, Macro(name, (), _FROM + value.body + _TO, value.letters))
    meanings.soft = True
    try:
        return engine.expanded(body, letters=True)
    except Runaway:
        return ""
    finally:
        meanings.soft = False
        while meanings.depth > depth:
            meanings.close()
        engine.environments[:], engine.math = environments, math


HANDLERS: "Mapping[str, Callable[[Engine, str], None]]" = {"maketitle": make_title}
"""The command of this room."""
