r"""One pass over a paper: its files read where they are read, its macros written out, what is no text left out.

The engine copies text between the places where something must happen: a command that means something (see `meanings`),
a brace, a dollar, a comment. It follows TeX (Knuth, The TeXbook, chapters 7, 20 and 24) as far as a text can be
followed without being typeset, with one difference: LaTeX's own commands stay as they are. Work is bounded by the
length of the paper; where the bound is reached, or a macro calls itself without end, the rest stays as it was written.
"""

import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from pipelines.extraction.latex import environments, reading
from pipelines.extraction.latex.frames import Frame, behind_comment
from pipelines.extraction.latex.hooks import Hook
from pipelines.extraction.latex.layout import FORMULA, MATH_OF, STANDARD_ENVIRONMENTS
from pipelines.extraction.latex.listings import Escapes
from pipelines.extraction.latex.meanings import Alias, Macro, Meanings, Special
from pipelines.extraction.latex.output import Output
from pipelines.extraction.latex.own_commands import TABLE
from pipelines.extraction.latex.reading import DEEPEST, Mouth, OutOfWork, Runaway, work_for
from pipelines.extraction.latex.verbatim import LONGEST_INLINE

DEEPEST_READING = 40
"""Readings inside readings: packages, preludes, arguments that are written out apart."""

_PLAIN = r"\\(?:[a-zA-Z]+|.|\Z)"
_LETTERS = r"\\(?:[a-zA-Z@]+|.|\Z)"
_SIGNS = r"|\{[^\\{}%%$%s]{0,80}+\}|[{}]|\$[^\\{}%%$%s]{1,80}+\$(?!\$)|\$\$?|%%[^\n]*"
"""Where something may have to be done; groups and formulas in which nothing is are met as wholes."""
_BLANK = re.compile(r"[ \t]*(?:\n|\Z)")
_BLANKS = re.compile(r"[ \t]*")
_SPACE = re.compile(r"[ \t]*(?:\n(?![ \t]*\n)[ \t]*)?")
_SINGLE = re.compile(r"\s*(?:\\(?:[a-zA-Z]+|.)|[^\\\s{}])\s*\Z", re.DOTALL)


class Mark(NamedTuple):
    """Where the outermost macro was met, to go back to if it does not end."""

    name: str
    frame: Frame
    frames: int
    at: int
    pieces: int
    depth: int


class Engine:
    """Reads one paper. `find` gives path and text of a file that it names; `keep` says what stays that may go."""

    def __init__(
        self,
        characters: int,
        find: Callable[[str, str, str | None], tuple[str, str] | None],
        *,
        package: Callable[[str], str | None] = lambda name: None,  # noqa: ARG005
        listing: Callable[[str, str], str | None] = lambda name, here: None,  # noqa: ARG005
        known: AbstractSet[str] = frozenset(),
        keep: AbstractSet[str] = frozenset(),
    ) -> None:
        self.mouth = Mouth(work_for(characters))
        self.out = Output()
        self.meanings = Meanings(TABLE)
        self.counters: dict[str, int] = {}
        """The numbers that the paper counts by itself: registers by name, LaTeX's counters as `c@` and the name."""
        self.included: frozenset[str] | None = None
        self.branches: list[bool | None] = []
        self.environments: list[environments.Open] = []
        self.closing: list[environments.Open] = []
        self.loaded: set[str] = set()
        """Packages that were asked for; LaTeX reads each once."""
        self.options: list[str] = []
        self.declared_options: dict[str, str] = {}
        self.depth = 0
        """How many texts are read one inside the other, each of which began another reading."""
        self.verbatim: dict[str, str] = {}
        self.escapes: dict[str, Escapes] = {}
        """What is read in listings, by their environments; without a name, in all."""
        self.hidden, self.shown = set[str](), set[str]()
        self.short: dict[str, str] = {}  # characters that begin verbatim text, with LaTeX's command for it
        self.math = self._display = False
        self.known = known
        self.standard_environments = STANDARD_ENVIRONMENTS
        self.find, self.package, self.listing, self.kept = find, package, listing, keep
        self.needed: dict[str, str] = {}
        """Definitions that must stay, since a macro stays that they define."""
        self.expansions, self.exhausted = 0, False
        self.hooks: dict[str, list[Hook]] = {}
        self.in_package = self.in_prelude = self.document_begun = False
        self.start: tuple[Frame, int]
        self._saved_math: list[tuple[int, bool]] = []
        self._next_math: bool | None = None
        """What the group that comes next holds, if a command says so: mathematics, or text."""
        self.prefixes: set[str] = set()
        """`\\global`, `\\long` or `\\outer` before the definition that follows."""
        self._broken: set[str] = set()
        self._outermost: Mark | None = None
        self.new_pattern()

    # -- reading

    def new_pattern(self) -> None:
        """Make the expressions that find the next place of interest; characters of short verbatim are among them."""
        more = "".join(re.escape(sign) for sign in sorted(self.short))
        signs = _SIGNS % (more, more) + (f"|[{more}]" if more else "")
        self._patterns = (re.compile(_PLAIN + signs, re.DOTALL), re.compile(_LETTERS + signs, re.DOTALL))

    def read(self, text: str, *, file: str = "", letters: bool = False) -> None:
        """Read a text to its end."""
        below = self.mouth.floor
        floor = self.mouth.floor = len(self.mouth.frames)
        self.mouth.frames.append(Frame(text, letters, file))
        self.depth += 1
        while len(self.mouth.frames) > floor:
            try:
                self._step(floor)
            except Runaway:
                self._go_back()
            except OutOfWork:
                self.exhausted = True
                self._copy_rest(floor)
        self.mouth.floor = below
        self.depth -= 1

    def read_prelude(self, text: str) -> None:
        """Read the definitions of a format, which may give any command its meaning."""
        frames, out, prelude = self.mouth.frames, self.out, self.in_prelude
        self.mouth.frames, self.out, self.in_prelude = [], Output(silent=True), True
        try:
            self.read(text, letters=True)
        finally:
            self.mouth.frames, self.out, self.in_prelude = frames, out, prelude

    def _step(self, floor: int) -> None:
        """Go on in the uppermost frame until another one lies above it or it ends."""
        frames = self.mouth.frames
        frame = frames[-1]
        frame.done = frame.at  # arguments of a value above may have been taken from here
        while self._pass(frame):
            if len(frames) <= floor or frames[-1] is not frame:
                return
        if frames and frames[-1] is frame:
            frames.pop()
            self._left(frame)

    def _pass(self, frame: Frame) -> bool:
        """Go on in a frame up to the next place from which reading may go on elsewhere; False at its end."""
        table, text, undo = self.meanings.table, frame.text, self.meanings.undo
        for match in self._patterns[frame.letters].finditer(text, frame.at):
            sign = match[0]
            first = sign[0]
            if first == "\\":
                name = sign[1:]
                meaning = table.get(name)
                if meaning is None:
                    if name in MATH_OF:
                        self._next_math = MATH_OF[name]
                    elif name in FORMULA:
                        self.math = sign in ("\\(", "\\[")
                    continue
                start, frame.at = match.span()
                if start > frame.done:
                    self.out.add(text[frame.done : start])
                frame.done = start
                self.start = (frame, start)
                self._command(name, meaning)
                frame.done = frame.at
                return True
            if first == "{":
                if len(sign) > 1:
                    self._next_math = None
                    continue
                undo.append(None)
                if self._next_math is not None:
                    self._saved_math.append((len(undo), self.math))
                    self.math, self._next_math = self._next_math, None
            elif sign == "}":
                if self._saved_math and self._saved_math[-1][0] == len(undo):
                    self.math = self._saved_math.pop()[1]
                if undo and undo[-1] is None:
                    undo.pop()
                else:
                    self.meanings.close()
            elif first == "%":
                percent = match.start()
                line = text.rfind("\n", 0, percent) + 1
                alone = line >= frame.done and not text[line:percent].strip(" \t")
                self._flush(frame, line if alone else percent)
                frame.at, joined = behind_comment(text, line, percent)
                frame.done = frame.at
                self.out.seam |= joined
            elif first == "$":
                if sign == "$":
                    self.math = not self.math
                elif sign == "$$" and (not self.math or self._display):
                    self.math = self._display = not self.math
            else:
                at = match.end()
                end = text.find(sign, at, at + LONGEST_INLINE)
                if end >= 0 and "\n" not in text[at:end]:
                    self._flush(frame, at - 1)
                    self.out.add(self.short[sign])
                    frame.at = end + 1
                    return True
        self._flush(frame, len(text))
        frame.at = len(text)
        return False

    def _flush(self, frame: Frame, end: int) -> None:
        if end > frame.done:
            self.out.add(frame.text[frame.done : end])
        frame.done = end

    def _left(self, frame: Frame) -> None:
        self.out.seam = True
        if frame.inner_document:
            self.out.silent = False
        if self._outermost is not None and len(self.mouth.frames) <= self._outermost.frames:
            self._outermost = None

    def _command(self, name: str, meaning: object) -> None:
        if isinstance(meaning, Special):
            meaning.work(self, meaning.name or name)
            self.out.seam = True
        elif isinstance(meaning, Macro):
            self._use(name, meaning)
        elif isinstance(meaning, Alias):
            special = TABLE.get(meaning.name)
            if special is not None:
                special.work(self, meaning.name)
            else:
                self.out.seam = True
                self.out.add(f"\\{meaning.name}")
                self.out.seam = True

    def _use(self, name: str, macro: Macro) -> None:
        frame = self.mouth.frames[-1]
        if name in self._broken or self.meanings.is_hard(macro):
            if not self.out.muted and not self.out.silent:
                self.meanings.keep_sources(macro, self.needed)
            self.out.add(f"\\{name}")
            return
        frames, met = self.mouth.frames, frame.at
        if len(frames) > DEEPEST:
            raise Runaway
        bare = not macro.parameters and not macro.first
        given = [] if bare else self.mouth.arguments(macro)
        if given is None:
            frame.at = met
            self.out.add(f"\\{name}")
            return
        behind = _SPACE if not macro.body.startswith("\\end{") else _BLANKS  # a line's end stays behind an end
        if frame.at == met and name[-1:].isalpha() and (space := behind.match(frame.text, frame.at)):
            frame.at = space.end()  # behind the name alone, and not behind a value that ends with it
        value = macro.fill(given)
        self.mouth.spend(len(value) + reading.EXPANSION_WORK + reading.PART_WORK * len(macro.parts))
        self.expansions += 1
        inert = bare and self._next_math is None and not self.short and self.meanings.is_inert(macro)
        if not inert and self._outermost is None:
            self._outermost = Mark(name, frame, len(frames), met, len(self.out.pieces), self.meanings.depth)
        if not self.out.silent and not _SINGLE.match(value) and self.out.wants_argument():
            inside = value if inert else self.expanded(value, letters=macro.letters)
            self.out.add(inside if _SINGLE.match(inside) else f"{{{inside.strip()}}}")
            self.out.seam = True
            if self._outermost is not None and self._outermost.frames == len(frames):
                self._outermost = None
        elif inert:
            self.out.seam = True
            self.out.add(value)
            self.out.seam = True
        else:
            if not value and self.out.line_is_blank():
                self.removed()
            self.push(value, letters=macro.letters, macro=name)

    def push(self, text: str, *, letters: bool | None = None, macro: str = "value") -> None:
        """Read a text next, before what follows the command that was read."""
        self.out.seam = True
        if text:
            self.mouth.enter(Frame(text, self.letters if letters is None else letters, macro=macro))

    def expanded(self, text: str, *, letters: bool | None = None) -> str:
        """A text with its macros written out, apart from all else that is being read."""
        if len(self.mouth.frames) > DEEPEST or self.depth > DEEPEST_READING:
            raise Runaway
        frames, floor, out, outermost = self.mouth.frames, self.mouth.floor, self.out, self._outermost
        needed = dict(self.needed)
        self.mouth.frames, self.mouth.floor, self.out = [*frames], len(frames), Output()
        self.depth += 1
        try:
            self.mouth.frames.append(Frame(text, self.letters if letters is None else letters, macro="value"))
            while len(self.mouth.frames) > len(frames):
                self._step(len(frames))
            return self.out.text()
        finally:
            self.mouth.frames, self.mouth.floor, self.out, self._outermost = frames, floor, out, outermost
            self.needed = needed if out.muted or out.silent else self.needed
            self.depth -= 1

    @property
    def letters(self) -> bool:
        """Whether `@` is a letter where reading is."""
        return bool(self.mouth.frames) and self.mouth.frames[-1].letters

    def written(self) -> str:
        """What was read since the command that is being carried out, as it stands in its file."""
        frame, start = self.start
        return frame.text[start : frame.at]

    def keep_command(self, name: str) -> None:
        """Leave a command in the text as it was written."""
        self.out.add(f"\\{name}")

    def keep_from(self, start: tuple[object, int]) -> None:
        """Leave all that was read since `start` in the text."""
        frame, at = start
        if isinstance(frame, Frame):
            self.out.add(frame.text[at : frame.at])

    def removed(self) -> None:
        """Something was taken out of the text: a line that is left blank goes whole."""
        frame = self.mouth.here()
        if frame is not None and self.out.line_is_blank():
            blank = _BLANK.match(frame.text, frame.at)
            if blank:
                frame.at = blank.end()
        self.out.seam = True

    def swallow_space(self, frame: Frame | None = None) -> None:
        """Pass over the space that TeX passes over behind a command's name, which stands in `frame` if it is given."""
        frame = frame or self.mouth.here()
        if frame is not None and (space := _SPACE.match(frame.text, frame.at)):
            frame.at = space.end()

    def take_prefix(self, name: str) -> bool:
        """Whether `\\global` or the like stood before a definition."""
        found = name in self.prefixes
        self.prefixes.clear()
        return found

    def keeps(self, what: str) -> bool:
        """Whether a part of papers stays that may go."""
        return what in self.kept

    # -- files and documents

    @property
    def file(self) -> str:
        """The file that is being read."""
        return next((frame.file for frame in reversed(self.mouth.frames) if frame.file), "")

    def begin_document(self) -> None:
        r"""`\begin{document}`: from here on there is text."""
        if self.in_package:
            return
        self.document_begun = True
        self.out.speak()
        self.environments.clear()
        self.removed()

    def end_document(self) -> None:
        r"""`\end{document}`: the file that it stands in has ended, and with the outermost the paper."""
        for place in range(len(self.mouth.frames) - 1, 0, -1):
            if self.mouth.frames[place].inner_document:
                del self.mouth.frames[place:]
                self.out.silent, self.out.seam = False, True
                return
        self.stop()

    def stop(self) -> None:
        """End the paper."""
        self.mouth.frames.clear()

    # -- when it does not end

    def _go_back(self) -> None:
        """A macro did not end: leave it in the text where it was met, from here on for good."""
        mark = self._outermost
        self._outermost = None
        if mark is None or len(self.mouth.frames) < mark.frames:
            self.exhausted = True
            self._copy_rest(0)
            return
        self._broken.add(mark.name)
        self.mouth.work -= reading.RUNAWAY_WORK
        del self.mouth.frames[mark.frames - 1 :]
        self.mouth.frames.append(mark.frame)
        self.out.back_to(mark.pieces)
        while self.meanings.depth > mark.depth:
            self.meanings.close()
        mark.frame.at = mark.frame.done = mark.at
        self.out.add(f"\\{mark.name}")
        self.out.seam = True

    def _copy_rest(self, floor: int) -> None:
        while len(self.mouth.frames) > floor:
            frame = self.mouth.frames.pop()
            self.out.add(frame.text[max(frame.done, 0) :])
