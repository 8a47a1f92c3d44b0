r"""The text that a paper becomes: in pieces put together so that no command runs into a letter."""

import re

from pipelines.extraction.latex.meanings import LONGEST_NAME, ends_in_command

_ARGUMENT_BEFORE = re.compile(r"(?:(?<!\\)[_^]|\\([a-zA-Z]{1,40})\*?)\s{0,9}\Z")
_FIRST_BEFORE = re.compile(r"\\([a-zA-Z]{1,40})\s{0,9}(?:[^\s\\{}]|\\[a-zA-Z]{1,40})\s{0,9}\Z")
_OPTION_BEFORE = re.compile(r"\\(?:sqrt|xrightarrow|xleftarrow)\s{0,9}\[[^\[\]]{0,100}\]\Z")
_TWO_NAMES = ("frac", "binom", "stackrel", "set")
_TWO_BEFORE = re.compile(rf"\\[a-z]{{0,5}}(?:{'|'.join(_TWO_NAMES)})\s{{0,9}}\{{")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
TAIL = 400
SHORT_TAIL = 120
"""Characters before a place in which its command is looked for, with and without arguments between."""
MOST_BLANKS = 100
"""Pieces of nothing but space that are passed over on the way to the beginning of a line."""

ONE_ARGUMENT = frozenset(
    """sqrt hat bar tilde vec dot ddot dddot check breve acute grave mathring overline underline widehat widetilde
    overbrace underbrace overrightarrow overleftarrow widecheck mathbf mathrm mathcal mathbb mathfrak mathsf mathit
    mathtt mathscr mathnormal boldsymbol bm text mathop mathrel mathbin mathord operatorname textbf textit emph pmod pod
    xrightarrow xleftarrow substack textrm textsf texttt textsc textup boxed tag limits""".split()
)
TWO_ARGUMENTS = frozenset("frac dfrac tfrac cfrac binom dbinom tbinom stackrel overset underset".split())


class Output:
    """Gathers text. What comes while it is `muted`, as in a preamble, stands `aside`; while it is `silent`, nowhere."""

    def __init__(self, *, muted: bool = False, silent: bool = False) -> None:
        self.pieces: list[str] = []
        self.aside: list[str] = []
        self.muted = muted
        self.silent = silent
        self._tail, self._told = "", 0
        """The last characters of so many pieces, `TAIL` of them at most."""
        self.seam = False
        """Whether what comes next does not stand behind the last piece in any one file."""

    def add(self, piece: str) -> None:
        """Add a piece of text."""
        if self.silent or not piece:
            return
        if self.seam:
            self.seam = False
            first = piece[0]
            if first.isalpha() and first.isascii() and ends_in_command(self.tail(LONGEST_NAME)):
                piece = f" {piece}"
        (self.aside if self.muted else self.pieces).append(piece)

    def speak(self) -> None:
        """From here on it is text: neither muted nor silent."""
        self.muted = self.silent = False
        self._tail, self._told = "", 0

    def tail(self, characters: int) -> str:
        """The last characters, at most `TAIL`."""
        pieces = self.aside if self.muted else self.pieces
        if self._told < len(pieces):
            found = ""
            for place in range(len(pieces) - 1, self._told - 1, -1):
                found = pieces[place][-TAIL:] + found
                if len(found) >= TAIL:
                    break
            else:
                found = self._tail + found
            self._tail, self._told = found[-TAIL:], len(pieces)
        return self._tail[-characters:]

    def line_is_blank(self) -> bool:
        """Whether nothing but space stands on the last line, as far as its last pieces tell."""
        pieces = self.aside if self.muted else self.pieces
        for number, piece in enumerate(reversed(pieces)):
            _, mark, line = piece.rpartition("\n")
            if line.strip(" \t") or number == MOST_BLANKS:
                return False
            if mark:
                return True
        return True

    def back_to(self, pieces: int) -> None:
        """Forget all but the first pieces."""
        del self.pieces[pieces:]
        self._tail, self._told = "", 0

    def wants_argument(self) -> bool:
        r"""Whether the next token is taken by the command before it, as in `x^`, `\hat` or `\frac{1}`."""
        tail = self.tail(SHORT_TAIL)
        stripped = tail.rstrip()
        if "\\" not in stripped and not stripped.endswith(("_", "^", "}")):
            return False
        if stripped.endswith("]"):
            return _OPTION_BEFORE.search(stripped) is not None
        if stripped.endswith("}"):
            stripped = self.tail(TAIL).rstrip()
            at = -1
            if any(name in stripped for name in _TWO_NAMES) and _TWO_BEFORE.search(stripped):
                at = opening(stripped)
            before = _ARGUMENT_BEFORE.search(stripped[:at][-60:]) if at >= 0 else None
            return before is not None and before[1] in TWO_ARGUMENTS
        if "\n\n" in tail[len(stripped) :]:
            return False
        if stripped.endswith(("_", "^")) and not stripped.endswith(("\\_", "\\^")):
            return True
        name = stripped[stripped.rfind("\\") + 1 :].removesuffix("*")
        if len(name) < len(stripped) and (name in ONE_ARGUMENT or name in TWO_ARGUMENTS):
            return True
        if not any(two in tail for two in _TWO_NAMES):
            return False
        first = _FIRST_BEFORE.search(tail)
        return first is not None and first[1] in TWO_ARGUMENTS

    def text(self) -> str:
        """All of it."""
        return "".join(self.pieces)


def opening(text: str) -> int:
    """Where the braces open that close at the end of `text`; -1 if that is not there."""
    depth = 0
    for brace in reversed(list(_BRACE.finditer(text))):
        depth += (brace[0] == "}") - (brace[0] == "{")
        if depth == 0 and brace[0] == "{":
            return brace.start()
    return -1
