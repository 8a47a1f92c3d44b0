"""The lines of a text that hold one of some words, found without looking at the others."""

from collections.abc import Iterable

REACH = 100
"""How many characters before a value its name may stand."""


def lines_with(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """The lines in which a word stands, from `REACH` characters before the first one to the line's end."""
    starts: dict[int, int] = {}
    for word in words:
        at = text.find(word)
        while at >= 0:
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            first = max(text.rfind("\n", 0, at) + 1, at - REACH)
            starts[end] = min(first, starts.get(end, first))
            at = text.find(word, end)
    return sorted((start, end) for end, start in starts.items())
