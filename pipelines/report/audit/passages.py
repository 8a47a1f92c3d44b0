"""The two passages of a hit side by side: context, and the matched words with those that differ marked."""

import difflib
import re
from collections.abc import Sequence
from typing import NamedTuple

from dedup.overlap.hits import CONTEXT_CHARACTERS

MOST_WORDS = 400
"""Words of a passage that are compared; comparing takes quadratic time where little is equal."""
_WORD = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")

Piece = tuple[str, bool]
"""Some text, and whether the other side has something else in its place."""


class Passage(NamedTuple):
    """One side: what stands before the match, the match in pieces, what stands behind it."""

    before: str
    pieces: tuple[Piece, ...]
    after: str


def passages(
    document_text: str, document_range: tuple[int, int], item_text: str, item_range: tuple[int, int]
) -> tuple[Passage, Passage]:
    """The passage of the document and that of the item; the ranges are those of the match in the whole texts.

    Case and spacing are no difference.
    """
    sides = [_parted(document_text, document_range), _parted(item_text, item_range)]
    pieces = _compared(sides[0][1], sides[1][1])
    return (
        Passage(sides[0][0], pieces[0], sides[0][2]),
        Passage(sides[1][0], pieces[1], sides[1][2]),
    )


def shortened(passage: Passage, most: int) -> Passage:
    """The passage with at most about `most` characters of its match: its ends, and what differs between them."""
    length = sum(len(text) for text, _ in passage.pieces)
    if length <= most:
        return passage
    half = most // 2
    return passage._replace(
        pieces=(
            *_ends(passage.pieces, half),
            (f" … {length - 2 * half:,} characters … ", False),
            *reversed(_ends(passage.pieces[::-1], half, last=True)),
        )
    )


def _ends(pieces: Sequence[Piece], most: int, *, last: bool = False) -> list[Piece]:
    taken: list[Piece] = []
    for text, differs in pieces:
        if most <= 0:
            break
        taken.append((text[-most:] if last else text[:most], differs))
        most -= len(text)
    return taken


def _parted(text: str, where: tuple[int, int]) -> tuple[str, str, str]:
    """What a hit keeps of a side (see `dedup.overlap.hits.with_context`) as context, match and context."""
    start = min(CONTEXT_CHARACTERS, where[0])
    end = start + where[1] - where[0]
    return text[:start], text[start:end], text[end:]


def _compared(left: str, right: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    words = [_WORD.findall(text) for text in (left, right)]
    keys = [[word.strip().lower() for word in side] for side in words]
    if keys[0] == keys[1]:
        return ((left, False),), ((right, False),)
    pieces: tuple[list[Piece], list[Piece]] = ([], [])
    matcher = difflib.SequenceMatcher(None, keys[0][:MOST_WORDS], keys[1][:MOST_WORDS], autojunk=False)
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        for side, first, past in ((0, start, end), (1, other_start, other_end)):
            if first < past:
                pieces[side].append(("".join(words[side][first:past]), kind != "equal"))
    for side in (0, 1):
        if len(words[side]) > MOST_WORDS:
            pieces[side].append(("".join(words[side][MOST_WORDS:]), False))
    return tuple(pieces[0]), tuple(pieces[1])
