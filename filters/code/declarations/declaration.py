"""The record that every parser of declarations gives, and how two statements are compared."""

import re
from typing import NamedTuple

_SPACE = re.compile(r"\s+")
_SYMBOLS = {
    r"\<open>": "‹", r"\<close>": "›", r"\<le>": "≤", r"\<ge>": "≥", r"\<Rightarrow>": "⇒", r"\<Longrightarrow>": "⟹",
    r"\<longrightarrow>": "⟶", r"\<forall>": "∀", r"\<exists>": "∃", r"\<and>": "∧", r"\<or>": "∨", r"\<not>": "¬",
    r"\<noteq>": "≠", r"\<in>": "∈", r"\<And>": "⋀", r"\<lambda>": "λ", r"\<times>": "×", r"\<Sum>": "∑",
    r"\<Prod>": "∏",
}  # fmt: skip
"""Isabelle's names of symbols, which some copies hold as Unicode."""
_SYMBOL = re.compile(r"\\<\w+>")


class Declaration(NamedTuple):
    """A theorem or definition of a file.

    `name` is the full name (with its namespaces), empty for one without; `statement` what it states, comments and the
    name left out; `start` and `end` are positions in the text and hold everything that belongs to it: the comments and
    attributes right above, the modifiers, the whole proof.
    """

    keyword: str
    name: str
    statement: str
    start: int
    end: int


def normal(statement: str) -> str:
    """A statement without blank space and with symbols written one way, for comparison."""
    return _SPACE.sub("", _SYMBOL.sub(lambda found: _SYMBOLS.get(found[0], found[0]), statement))


def end_of_line_comment(text: str, blanked: str, end: int) -> int:
    """`end`, or the end of its line where nothing but the rest of a comment follows on it.

    `blanked` is `text` with blanks for comments; it is blank from `end` to the line's end for such a comment.
    """
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    rest = text[end:line_end]
    return line_end if rest.strip() and not blanked[end:line_end].strip() else end
