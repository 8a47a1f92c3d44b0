"""Where an item begins to ask: two problems may tell the same story, with the same numbers, and ask another question.

An edited copy is changed all over; another problem with the premises of an item is the same up to its question
(`How many did each girl get?` for `How many were left?`). So alignments are told which words of an item ask.
"""

import re

import numpy as np

from dedup.overlap.splitting import encode
from dedup.overlap.words import Words

_ASKING = re.compile(
    r"\b(?:how|what|which|who|whom|whose|why|find|compute|calculate|determine|evaluate|simplify|solve|prove|show|"
    r"verify|express|factor|expand|describe|state|give|estimate|sketch)\b",
    re.IGNORECASE,
)
_STOP = re.compile(r"[.?!]\s")


def question_of(text: str) -> tuple[int, int]:
    """The characters `start` to `end` of a text that ask: of its last sentence with a question mark or, if none has
    one, of its last with a verb that asks, from such a word on. Both are the length of a text that asks nothing.
    """
    mark = text.rfind("?")
    if mark >= 0:
        start = _sentence(text, mark)
        found = _ASKING.search(text, start, mark)
        return (found.start() if found else start), mark + 1
    verbs = [found.start() for found in _ASKING.finditer(text)]
    if not verbs:
        return len(text), len(text)
    start = _sentence(text, verbs[-1])
    return next(verb for verb in verbs if verb >= start), len(text)


def asks(text: str, words: Words) -> tuple[int, int]:
    """The first and last (excluded) of a text's words that ask."""
    start, end = (len(encode(text[:place])) for place in question_of(text))
    first, last = np.searchsorted(words.places >> 32, (start, end)).tolist()
    return first, last


def _sentence(text: str, place: int) -> int:
    """Where the sentence of a character begins."""
    return max((stop.end() for stop in _STOP.finditer(text, 0, place)), default=0)
