r"""One text that is being read: how far reading has come in it, and what lies ahead.

What is looked for ahead is looked for once: a stretch of a text that holds no `\end{verbatim}` or closes no brace would
otherwise be searched again from every place that asks, which takes the square of its length.
"""

import re
from array import array
from dataclasses import dataclass, field

LONGEST_ARGUMENT = 200_000
_BRACE = re.compile(r"\\.|[{}]|%[^\n]*", re.DOTALL)


@dataclass
class Frame:
    """A text that is being read, from `at` on; what lies before `done` is in the output already.

    `letters`: `@` is a letter. `file`: its path in the submission; `macro`: the macro whose value it is.
    """

    text: str
    letters: bool = False
    file: str = ""
    macro: str = ""
    at: int = 0
    done: int = 0
    inner_document: bool = False
    """A file with a class of its own inside another paper; its preamble is no text."""
    unclosed: set[str] = field(default_factory=set)
    """Environments that have no end from here on, which are looked for once."""
    turns: int = 0
    """How many values in a row stood at the end of the one before, as in a loop that ends by calling itself."""
    _ahead: dict[str, tuple[int, int]] = field(default_factory=dict)
    _closings: "array[int] | None" = None

    def ahead(self, mark: str) -> int:
        """Where `mark` stands next from `at` on; -1 if it does not."""
        since, found = self._ahead.get(mark, (0, 0))
        if since > self.at or 0 <= found < self.at:
            since, found = self.at, self.text.find(mark, self.at)
            self._ahead[mark] = since, found
        return found

    def closed(self, at: int, most: int = LONGEST_ARGUMENT) -> int:
        """Where the braces that open at `at` are closed: the place behind; -1 if not within `most` characters."""
        if self._closings is None:
            end = closing(self.text, at, most)
            if end < 0:
                self._closings = _closings(self.text)
            return end
        end = self._closings[at]
        return end if end - at <= most else -1


def closing(text: str, at: int, most: int = LONGEST_ARGUMENT) -> int:
    """Where the braces that open at `at` are closed: the place behind; -1 if they are not within `most` characters."""
    depth = 0
    for brace in _BRACE.finditer(text, at, at + most):
        sign = brace[0]
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
            if depth == 0:
                return brace.end()
    return -1


def _closings(text: str) -> "array[int]":
    """For each place of `text` where braces open, the place behind where they close; -1 for all other places."""
    ends = array("i", [-1]) * len(text)
    opened = array("i")
    for brace in _BRACE.finditer(text):
        sign = brace[0]
        if sign == "{":
            opened.append(brace.start())
        elif sign == "}" and opened:
            ends[opened.pop()] = brace.end()
    return ends


def behind_comment(text: str, line: int, percent: int) -> tuple[int, bool]:
    """Where reading goes on behind a comment in a line that begins at `line`, and whether the line's end is gone.

    TeX passes over the line's end and the space before the next line.
    """
    end = text.find("\n", percent)
    if end < 0:
        return len(text), False
    if not text[line:percent].strip(" \t"):
        return end + 1, False  # a line of its own goes whole
    at = end + 1
    while at < len(text) and text[at] in " \t":
        at += 1
    if at >= len(text) or text[at] == "\n":
        return end, False
    if text[percent - 1] in "}]" and (text[at] == "\\" or text[line:percent].lstrip().startswith("\\")):
        return end, False  # beside commands the line's end does no harm, and the text is easier to read
    return at, True
