r"""What a command of a paper stands for: a macro of the author's, another command's name, or work for the engine.

Meanings follow TeX: `\let` copies a meaning as it is at that moment, and a definition ends with the group that it was
made in. Which definitions may be written out is said here too: a macro whose body reaches into TeX's boxes, registers
or LaTeX's insides stays in the text, and then its definition must stay as well.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from pipelines.extraction.latex.layout import FORMULA, MATH_OF

NO_VALUE = "\x02"
"""Stands for an optional argument that was not given and has no default (xparse's -NoValue-)."""

Kind = Literal["mandatory", "optional", "braced", "star", "delimited", "embellishment", "verbatim", "body"]
_PLACE = re.compile(r"\\.|#([1-9#])", re.DOTALL)
_REMARK = re.compile(r"(?<!\\)%[^\n]*(?:\n[ \t]*)?")
_COMMENT = re.compile(r"((?<!\\)(?:\\\\)*)%[^\n]*(?:\n[ \t]*|\Z)")
_ACTIVE = re.compile(r"[$%]|\\\Z")
_TOKEN = re.compile(r"\\(?:[a-zA-Z]+|.)|[{}]", re.DOTALL)
_COMMAND = re.compile(r"\\([a-zA-Z@]+)")
_DEFINES = re.compile(r"\\(?:[egx]?def|(?:future)?let)\s{0,9}\\([a-zA-Z@]{1,60})")
_LATEX3 = re.compile(r"\\[a-zA-Z]{1,40}_[a-zA-Z_]{1,80}:[a-zA-Z]{0,12}")
LONGEST_NAME = 200

DEEPEST_MACRO = 60
"""Macros that stand for one another this often in a row are not written out."""

HARD = frozenset(
    """setbox box copy unhbox unvbox unhcopy wd ht dp dimen count skip toks write openout closeout read openin closein
    immediate special catcode lccode uccode mathcode delcode sfcode afterassignment aftergroup
    everymath everydisplay everypar everyhbox output insert vadjust halign valign ooalign vsplit
    fontdimen newdimen newskip newbox newtoks newread newwrite usecounter obeylines obeyspaces
    string meaning jobname numexpr dimexpr pgfmathparse scantokens""".split()
)
"""Commands that read or set what only typesetting knows: a macro that holds one stays as it is.

What only draws (`\\raisebox`, `\\rotatebox`, `\\phantom`) is LaTeX's own and is written out with the rest of a value.
"""

STRUCTURE = frozenset(
    """begin end item section subsection subsubsection chapter part paragraph subparagraph cite ref eqref label title
    author date abstract caption footnote input include bibliography appendix maketitle documentclass usepackage
    newcommand renewcommand providecommand def let left right frac sqrt sum int text mbox document par else fi
    documentstyle footnotetext footnotemark bibitem thebibliography tableofcontents emph textbf textit textrm texttt
    pagestyle thispagestyle and thanks makeatletter makeatother newenvironment newtheorem hbox item enddocument
    """.split()
)
"""Commands whose redefinition changes the look of what readers of the text rely on: their new meanings are ignored."""

REFERENCES = frozenset({"cite", "ref", "eqref"})
"""Of these, what a paper itself says that they mean is followed where it can be written out: labels hang on it."""

FONTS = frozenset({"emph", "textbf", "textit", "textrm", "texttt"})
"""So is what a paper says of these where it adds words, and does not only dress them otherwise."""


class Parameter(NamedTuple):
    """One argument of a macro.

    `default` is of one that may be missing. `mark` is what ends a delimited one, what a star or an embellishment begins
    with, or the pair of signs in which an optional one stands. A `body` is what stands between an environment's begin
    and its end.
    """

    kind: Kind = "mandatory"
    default: str = NO_VALUE
    mark: str = ""
    processors: tuple[str, ...] = ()
    """What xparse does with the value before the macro gets it, as it was written; the last one first."""
    asks: str | None = None
    """The value of an optional one that asks for its default (xargs' `usedefault`)."""


@dataclass
class Macro:
    """A macro of the author's. `first` must stand before its arguments (as in `\\def\\a(#1){…}`)."""

    name: str
    parameters: Sequence[Parameter]
    body: str
    letters: bool = False
    """Whether `@` is a letter in the body, as it was where the definition stands."""
    first: str = ""
    source: str = ""
    """The definition as it was written, for a macro that must stay."""
    implicit: bool = False
    r"""Whether it stands for a character as such, given by `\let`."""
    parts: list[str | int] = field(init=False, default_factory=list)
    hard: bool | None = field(init=False, default=None)
    inert: bool = field(init=False, default=False)
    inert_at: int = field(init=False, default=-1)

    def __post_init__(self) -> None:
        done = 0
        for place in _PLACE.finditer(self.body):
            if place[1] is None:
                continue  # `\\#` is a sign
            self.parts.append(self.body[done : place.start()])
            self.parts.append("#" if place[1] == "#" else int(place[1]))
            done = place.end()
        self.parts.append(self.body[done:])

    def fill(self, arguments: Sequence[str]) -> str:
        """The body with its arguments in place."""
        if len(self.parts) == 1:
            return self.body
        out: list[str] = []
        for part in self.parts:
            piece = part if isinstance(part, str) else arguments[part - 1] if part <= len(arguments) else ""
            if piece:
                join(out, piece)
        return "".join(out)


class Alias(NamedTuple):
    """The meaning that a command of LaTeX's has by itself, given to another name by `\\let`."""

    name: str


class Special(NamedTuple):
    """Work that the engine does for a command; called with the engine and the command's name.

    `name` is what the command is called by itself, which a copy of its meaning (`\\let`) goes by as well.
    """

    work: Callable[[Any, str], None]
    name: str = ""


class Environment(NamedTuple):
    """An environment of the author's: what stands for its begin and its end, and the definition as it was written."""

    begin: Macro
    end: Macro
    source: str
    collects: bool = False
    r"""Its text stands for `\BODY` in its begin, and not behind it."""


class Theorem(NamedTuple):
    """A theorem-like environment and the name that it prints."""

    printed: str


Meaning = Macro | Alias | Special


def without_comments(body: str) -> str:
    """A value as TeX stores it: a comment goes with its line's end and the space that begins the next line."""
    return _COMMENT.sub(r"\1", body) if "%" in body else body


def join(out: list[str], piece: str) -> None:
    """Add a piece; a space is put where a command's name would run into a letter."""
    if out and piece[0].isalpha() and piece[0].isascii() and ends_in_command(out[-1]):
        out.append(" ")
    out.append(piece)


def ends_in_command(text: str) -> bool:
    """Whether a text ends in a command's name, so that a letter behind it would be read as part of it."""
    name = text[text.rfind("\\", -LONGEST_NAME) + 1 :] if "\\" in text[-LONGEST_NAME:] else ""
    return bool(name) and name.isascii() and name.replace("@", "a").isalpha()


def commands_in(text: str) -> set[str]:
    """The names of the commands that stand in a text; `@` counts as a letter."""
    return {match[1] for match in _COMMAND.finditer(text)}


class Meanings:
    """The commands that mean something to the engine, with TeX's groups."""

    def __init__(self, own: Mapping[str, Meaning]) -> None:
        self.own = own
        """What the engine does for commands by itself."""
        self.table: dict[str, Meaning] = dict(own)
        self.version = 0
        """Grows whenever a command's meaning changes."""
        self.environments: dict[str, Environment | Theorem] = {}
        self.undo: list[dict[str, Meaning | None] | None] = []
        """For each open group what its end brings back; None where nothing was defined in it."""
        self.set_by_macros = {"@let@token"}
        """Names that the author's macros define when they are used: known by then to those that use them."""
        self.title_pages: dict[str, tuple[Macro, bool]] = {}
        r"""The paper's own `\maketitle`, and what else prints the title; whether it stands in a class or style."""
        self.fields: dict[str, bool] = {}
        """Names that commands of the paper's own only set, for a page of titles to print; whether the author did."""
        self.soft = False
        """Whether macros are written out whatever stands in them."""
        self._changed: dict[str, list[dict[str, Meaning | None]]] = {}
        """The groups whose ends bring a command's meaning back, from the outermost on."""

    @property
    def depth(self) -> int:
        """How many groups are open."""
        return len(self.undo)

    def open(self) -> None:
        """Begin a group."""
        self.undo.append(None)

    def close(self) -> None:
        """End a group: what was defined in it is forgotten."""
        if not self.undo:
            return
        before_group = self.undo.pop()
        if before_group is None:
            return
        self.version += 1
        for name, before in before_group.items():
            self._changed[name].pop()
            if before is None:
                self.table.pop(name, None)
            else:
                self.table[name] = before

    def define(self, name: str, meaning: Meaning, *, everywhere: bool = False) -> None:
        """Give a command a meaning, until its group ends or `everywhere`."""
        if everywhere:
            for undo in self._changed.pop(name, ()):
                del undo[name]
        elif self.undo:
            group = self.undo[-1]
            if group is None:
                group = self.undo[-1] = {}
            if name not in group:
                group[name] = self.table.get(name)
                self._changed.setdefault(name, []).append(group)
        self.table[name] = meaning
        self.version += 1

    def note_definitions(self, macro: Macro) -> None:
        """Remember the names that a macro defines when it is used."""
        if "@" in macro.body:
            self.set_by_macros.update(_DEFINES.findall(macro.body))

    def forget(self, name: str) -> None:
        """Leave a command without a meaning of the paper's, until its group ends."""
        if name in self.table:
            self.define(name, self.table[name])
            del self.table[name]

    def meaning(self, name: str) -> Meaning:
        """What a command stands for; itself, if it was given no meaning of the paper's own."""
        found = self.table.get(name)
        return Alias(name) if found is None or found is self.own.get(name) else found

    def is_hard(self, macro: Macro, depth: int = 0) -> bool:
        """Whether a macro must stay because the engine cannot carry out what stands in it, however deep."""
        if depth > DEEPEST_MACRO or self.soft:
            return not self.soft
        if macro.hard is None:
            # one that holds itself is judged by the rest; names of LaTeX3's language are read as such nowhere here
            macro.hard = _LATEX3.search(macro.body) is not None
            for name in commands_in(macro.body):
                known = self.table.get(name)
                if isinstance(known, Macro) and known is not macro:
                    macro.hard |= self.is_hard(known, depth + 1)
                elif known is None or name == "string":  # which prints a name only where it stands in the text
                    macro.hard |= name in HARD or ("@" in name and name != "@" and not self._is_set(name))
        return macro.hard

    def _is_set(self, name: str) -> bool:
        """Whether an inner name is one that the paper's macros set for others of them."""
        return name in self.set_by_macros or (bool(self.title_pages) and name in self.fields)

    def is_inert(self, macro: Macro) -> bool:
        """Whether nothing in a macro's value means anything to the engine, so that it stands for its value as it is."""
        if macro.inert_at != self.version:
            macro.inert_at = self.version
            depth = 0
            macro.inert = not macro.letters and not _ACTIVE.search(macro.body)
            for token in _TOKEN.finditer(macro.body) if macro.inert else ():
                sign = token[0]
                depth += (sign == "{") - (sign == "}")
                if depth < 0 or sign[1:] in self.table or sign[1:] in MATH_OF or sign[1:] in FORMULA:
                    macro.inert = False
                    break
            macro.inert &= depth == 0
        return macro.inert

    def keep_sources(self, macro: Macro, needed: dict[str, str]) -> None:
        """Add to `needed`, by name, the definition of a macro that stays and those of the macros that it uses."""
        waiting = [macro]
        while waiting:
            macro = waiting.pop()
            if macro.name not in needed and macro.source:
                needed[macro.name] = _REMARK.sub("", macro.source)
                used = (self.table.get(name) for name in sorted(commands_in(macro.body), reverse=True))
                waiting += [other for other in used if isinstance(other, Macro)]
