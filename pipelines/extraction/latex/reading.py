r"""TeX's mouth: the texts that are being read, one inside the other, and the arguments that are taken from them.

A macro's value is read before what stands behind the macro, so that its last command can take arguments from there.
Scanning costs work, of which a paper has so much, so that no text takes longer than a bound set by its length.
"""

import itertools
import re
from collections.abc import Sequence

from pipelines.extraction.latex.frames import LONGEST_ARGUMENT, Frame, closing
from pipelines.extraction.latex.meanings import Macro, Parameter
from pipelines.extraction.latex.xparse import processed

WORK_FACTOR = 9
LEAST_WORK = 4_000_000
"""Characters that may be read and made: `WORK_FACTOR` times the paper with its files, but at least `LEAST_WORK`."""
DEEPEST = 120
"""Values inside values; TeX papers stay far below."""
MOST_TURNS = 3_000
LONGEST_OPTION = 2_000
"""Characters in which an argument in brackets must end."""
SEARCHED = 16
"""So many characters that are only searched for a mark cost as much as one that is read."""
MISSED = 3
"""So many times its length costs a stretch in which a mark is looked for, brace by brace, and not found."""
EXPANSION_WORK = 60
PART_WORK = 12
"""What an expansion, and each argument that is put into it, costs beside the length of the value."""
RUNAWAY_WORK = 15_000
"""What a macro without end costs, in characters, beside what was made of it."""

_SPACE = re.compile(r"(?:[ \t]|%[^\n]*\n[ \t]*)*(?:\n(?!\s*\n)(?:[ \t]|%[^\n]*\n)*)?")
_NAME_SPACE = re.compile(r"[ \t]*(?:\n(?![ \t]*\n)[ \t]*)?")
"""What TeX passes over behind a command's name."""
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_BRACKET = re.compile(r"\\.|[\]\[{}]", re.DOTALL)
_TOKEN = re.compile(r"\\(?:[a-zA-Z]+|.)|[^\\]", re.DOTALL)
_TOKEN_AT = re.compile(r"\\(?:[a-zA-Z@]+|.)|[^\\]", re.DOTALL)


class Runaway(Exception):
    """A macro calls itself without end."""


def work_for(characters: int, least: int | None = None) -> int:
    """The work that a text of so many characters may cost."""
    return max(LEAST_WORK if least is None else least, WORK_FACTOR * characters)


class OutOfWork(Exception):
    """The bound on work is reached: what is left of the paper stays as it stands."""


class Mouth:
    """The stack of texts, and how arguments are read from it."""

    def __init__(self, work: int) -> None:
        self.frames: list[Frame] = []
        self.floor = 0
        """Frames below it are not read to their end now."""
        self.work = work
        self._files: set[str] = set()

    def begin_file(self, path: str, characters: int) -> None:
        """Allow for the work of a file that is read for the first time; to read it again costs. Raises OutOfWork."""
        if path in self._files:
            self.spend(characters)
        else:
            self._files.add(path)
            self.work += WORK_FACTOR * characters

    def enter(self, frame: Frame) -> None:
        """Read a value next; those that are read to their end go first, as loops would pile up. Raises Runaway."""
        frames = self.frames
        while len(frames) > self.floor and (last := frames[-1]).macro and last.at >= len(last.text):
            frame.turns = max(frame.turns, last.turns + 1)
            frames.pop()
        if frame.turns > MOST_TURNS or len(frames) > DEEPEST * 2:
            raise Runaway
        frames.append(frame)

    def spend(self, characters: int) -> None:
        """Take work from what is left. Raises OutOfWork."""
        self.work -= characters
        if self.work < 0:
            raise OutOfWork

    def here(self) -> Frame | None:
        """The frame whose next character comes next; values that are read to their end are passed over."""
        for frame in reversed(self.frames):
            if frame.at < len(frame.text) or not frame.macro:
                return frame
        return None

    def skip_space(self) -> Frame | None:
        """Pass over space and comments, but over no empty line; returns the frame that comes next."""
        for frame in reversed(self.frames):
            match = _SPACE.match(frame.text, frame.at)
            if match:
                frame.at = match.end()
            if frame.at < len(frame.text) or not frame.macro:
                return frame
        return None

    def skip_name_space(self) -> None:
        """Pass over what TeX passes over behind a command's name."""
        if (frame := self.here()) is not None and (space := _NAME_SPACE.match(frame.text, frame.at)):
            frame.at = space.end()

    def next_is(self, mark: str) -> bool:
        """Whether a text comes next, after space."""
        frame = self.skip_space()
        return frame is not None and frame.text.startswith(mark, frame.at)

    def take(self, mark: str) -> bool:
        """Read a text if it comes next, after space."""
        frame = self.skip_space()
        if frame is not None and frame.text.startswith(mark, frame.at):
            frame.at += len(mark)
            return True
        return False

    def token(self) -> str | None:
        """One token, without space before it: a command with its backslash, or a character."""
        frame = self.skip_space()
        match = (_TOKEN_AT if frame.letters else _TOKEN).match(frame.text, frame.at) if frame is not None else None
        if frame is None or match is None:
            return None
        frame.at = match.end()
        if match[0][-1:].isalpha() and len(match[0]) > 1 and (space := _NAME_SPACE.match(frame.text, frame.at)):
            frame.at = space.end()
        return match[0]

    def argument(self) -> str | None:
        """What stands in braces, or one token; None where there is nothing."""
        frame = self.skip_space()
        if frame is None or frame.at >= len(frame.text):
            return None
        if frame.text[frame.at] == "{":
            return self.group(frame)
        if frame.text[frame.at] == "}":
            return None
        return self.token()

    def braced(self) -> str | None:
        """What stands in braces; None where no brace comes next."""
        frame = self.skip_space()
        if frame is None or not frame.text.startswith("{", frame.at):
            return None
        return self.group(frame)

    def group(self, frame: Frame) -> str | None:
        """What stands in the braces that open at `frame.at`; None if they are not closed."""
        end = frame.closed(frame.at)
        if end < 0:
            return None
        self.spend(end - frame.at)
        inside = frame.text[frame.at + 1 : end - 1]
        frame.at = end
        return inside

    def option(self, most: int = LONGEST_OPTION) -> str | None:
        """What stands in brackets; None where no bracket comes next or it is not closed within `most` characters."""
        frame = self.skip_space()
        if frame is None or not frame.text.startswith("[", frame.at):
            return None
        if not 0 <= frame.ahead("]") <= frame.at + most:
            return None
        depth = level = 0
        for mark in _BRACKET.finditer(frame.text, frame.at + 1, frame.at + most):
            sign = mark[0]
            if sign == "]" and depth <= 0 and level == 0:
                inside = frame.text[frame.at + 1 : mark.start()]
                frame.at = mark.end()
                return inside
            depth += (sign == "{") - (sign == "}")
            if depth == 0:
                level += (sign == "[") - (sign == "]")
        self.spend(most)
        return None

    def arguments(self, macro: Macro) -> list[str] | None:
        """The arguments of a macro that was just read; None if they are not all there (then nothing was read).

        An argument that is the body of an environment is left empty.
        """
        places = [(frame, frame.at) for frame in self.frames]
        found: list[str] = []
        sound = not macro.first or self.take(macro.first)
        if sound and macro.parameters and macro.parameters[0].kind == "delimited" and macro.name[-1:].isalpha():
            self.skip_space()  # TeX passes over the space behind a command's name
        while sound and len(found) < len(macro.parameters):
            if macro.parameters[len(found)].kind == "embellishment":
                found += self._embellishments(macro.parameters[len(found) :])
                continue
            parameter = macro.parameters[len(found)]
            if found and (mark := macro.parameters[len(found) - 1].mark)[:1] == "\\" and mark[-1].isalpha():
                self.skip_name_space()
            value = self._one(parameter)
            sound = value is not None
            if value is not None:
                found.append(processed(value, parameter.processors) if parameter.processors else value)
        if sound:
            return found
        for frame, at in places:
            frame.at = at
        return None

    def _one(self, parameter: Parameter) -> str | None:
        kind = parameter.kind
        if kind == "mandatory":
            return self.argument()
        if kind == "delimited":
            return self._delimited(parameter.mark)
        if kind == "body":
            return ""
        frame = self.here()
        at = frame.at if frame is not None else 0
        given: str | None
        if kind == "star":
            given = parameter.mark if self.take(parameter.mark or "*") else None
            given = "*" if given is not None else None
        elif kind == "braced":
            given = self.braced()
        elif kind == "verbatim":
            return self._verbatim()
        else:
            given = self._between(parameter.mark[0], parameter.mark[1]) if parameter.mark else self.option()
        if given is None and frame is not None and self.here() is frame:
            frame.at = at  # the space before an argument that is not there is the text's
        return parameter.default if given is None or given == parameter.asks else given

    def _embellishments(self, parameters: Sequence[Parameter]) -> list[str]:
        """xparse's `e{_^}`: values behind these signs, in any order."""
        group = list(itertools.takewhile(lambda parameter: parameter.kind == "embellishment", parameters))
        values = [parameter.default for parameter in group]
        while (place := next((n for n, one in enumerate(group) if self.next_is(one.mark)), -1)) >= 0:
            self.take(group[place].mark)
            values[place] = self.argument() or ""
        return values

    def _verbatim(self) -> str | None:
        """xparse's `v`: what stands between two equal signs, or in braces."""
        frame = self.skip_space()
        if frame is None or frame.at >= len(frame.text):
            return None
        mark = frame.text[frame.at]
        end = frame.text.find("}" if mark == "{" else mark, frame.at + 1, frame.at + LONGEST_OPTION)
        if mark == "{":
            end = closing(frame.text, frame.at, LONGEST_OPTION) - 1
        if end < 0:
            return None
        inside = frame.text[frame.at + 1 : end]
        frame.at = end + 1
        return inside

    def _between(self, left: str, right: str) -> str | None:
        frame = self.skip_space()
        if frame is None or not frame.text.startswith(left, frame.at):
            return None
        end = frame.text.find(right, frame.at + len(left), frame.at + LONGEST_OPTION)
        if end < 0:
            return None
        inside = frame.text[frame.at + len(left) : end]
        frame.at = end + len(right)
        return inside

    def _delimited(self, mark: str) -> str | None:
        """What stands before `mark`, which counts only outside of braces; braces around all of it are taken off.

        A space at an end of `mark` is any space, also a line's end.
        """
        frame = self.here()
        if frame is None:
            return None
        before, after = mark[:1] == " " != mark, mark[-1:] == " " != mark and not mark.endswith("\\ ")
        mark = mark[before : len(mark) - after]
        text, at, depth = frame.text, frame.at, 0
        last = at + LONGEST_ARGUMENT
        word, stays = mark.startswith("\\") and mark[-1:].isalpha(), mark == "{"
        end = frame.ahead(mark)
        if mark == "\\par" and (blank := frame.ahead("\n\n")) >= 0 and not 0 <= end < blank:
            mark, end, word, stays = "\n\n", blank, False, True  # an empty line is a `\\par`
        while 0 <= end <= last and depth >= 0:
            for brace in _BRACE.finditer(text, at, end + 1):
                if brace.start() == end or depth < 0:
                    break
                at = brace.end()
                depth += (brace[0] == "{") - (brace[0] == "}")
            behind = end + len(mark)
            apart = (not before or text[end - 1].isspace()) and (not after or text[behind : behind + 1].isspace())
            if depth == 0 and at <= end and apart and not (word and text[behind : behind + 1].isalpha()):
                inside = text[frame.at : end].rstrip() if before else text[frame.at : end]
                self.spend(end - frame.at)
                frame.at = end if stays else behind
                if after and (space := _NAME_SPACE.match(text, behind)):
                    frame.at = space.end()
                stripped = inside.strip()
                if stripped.startswith("{") and closing(stripped, 0) == len(stripped):
                    return stripped[1:-1]
                return inside
            end = text.find(mark, end + 1, last)
            self.spend((last - at) // SEARCHED if end < 0 else 0)
        self.spend(MISSED * (at - frame.at))
        return None
