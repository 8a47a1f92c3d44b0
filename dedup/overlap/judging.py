"""What a match is: whole, part, template or boilerplate, and how probable that it is the item and no neighbour of it.

The judge sees the item laid beside the text (`dedup.overlap.alignment`), not a run alone: problems of one source share
whole sentences, and what tells them apart are the numbers and the few words in which they differ.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

import dedup.overlap.alignment as column
from dedup.overlap.evidence import LETTER, NUMERIC, QUARTERS, WEIGHT, evidence_of, weigh
from dedup.overlap.odds import logistic, probability
from dedup.overlap.odds import share as share_of
from dedup.overlap.words import words_of

Kind = Literal["whole", "part", "template", "boilerplate"]

WHOLE_BITS = 13.0
"""Evidence that a text found whole needs to be listed at all: `Evaluate 3/4 + 5/6` has it, `solve for x: 3x` not."""
BOUNDED_BITS = 8.0
"""The same where it begins and ends as a sentence does: `Compute $\\dbinom{7}{2}$.` as a paragraph of its own."""
BOUNDED_PROBABILITY = 0.95
"""Of such a one: of those planted, 77 of 80 were the item."""
PART_BITS = 18.0
"""The same for a part of a text."""
COUNTED_PROBABILITY = 0.67
"""Hits of this probability and above count in the headline: what is twice as likely a copy as not."""
LEAST_SHARE = 0.6
"""An edited text is listed from this share of what its words say on."""
WHOLE_SHARE = 0.9
TEMPLATE_SHARE = 0.8
"""A template agrees in this share of what its words say that are no numbers,"""
TEMPLATE_NUMBERS = 0.2
"""and other numbers stand in the places of this share of its own;"""
RENAMED_SHARE, RENAMED_NUMBERS = 0.6, 0.6
"""or, where persons have other names too, in this share and in the places of so many."""
SAYING_WORDS, SAYING_BITS = 8, 24.0
"""A text of fewer words, none of which is a number or a symbol (`What is the mean?`), must say so much."""
SUPPORTING_WORDS, SUPPORTED_WORDS = 30, 100
"""An equal run of so many words counts however much is missing, as in Llemma's check, of an item of so many: a part of
a
shorter one may be what problems of its source share.
"""
DRAWN_SHARE = 0.95
"""Where an item draws, its words are its whole content only if so much of the drawing is found too,"""
LEAST_DRAWN, DRAWING_BITS = 0.5, 40.0
"""and where less than this share of it is, the words must say so much."""
COMPLETE_BITS, COMPLETE_LENGTH, COMPLETE_SYMBOLS, STRAY_SYMBOLS, COMPLETE_PROBABILITY = 24.0, 1.6, 0.25, 2, 0.9
"""Where all words of an item that says so much stand in their order, in a text no longer than so many times the item,
and between them no more numbers and letters than this share of its own, or so many, and none within a formula, there
are a page header, numbers of lines or a remark among them.
"""
FRAGMENT_WORDS, FRAGMENT_PROBABILITY = 0.5, 0.3
"""Less than this share of an item's words is no copy by itself, whatever it says: a list of primes, a formula."""
UNSUPPORTED_PROBABILITY = 0.01
"""Of a hit that cannot be the item: other numbers, or phrases of many items. Of those planted, 4 in 1,000 were it."""

_NEAR = 24
_BEFORE = re.compile(r"(?:\\(?:item|problem|exercise|question|part)\b)?[\W_]*\Z")
_COMMANDS = ("\\item", "\\problem", "\\exercise", "\\question", "\\part")
_AFTER = re.compile(r"(?:\\[A-Za-z]+|[\W_])*")
"""What may stand behind the last word of a text: signs, and commands such as `\\right\\rceil`."""
_BOUNDARY = frozenset('.?!:\n<>"|;')


class Judgement(NamedTuple):
    """What a match is, how probable, the share of what the item says that was found again, and of its words."""

    kind: Kind
    probability: float
    share: float
    words: float
    evidence: float


def evidence_of_text(text: str) -> float:
    """What the words of a text say together, in bits."""
    return evidence_of_words(text, 0, len(_weighed(text)[0]))


def words_that_say(text: str, first: int, last: int) -> int:
    """How many of the words `first` to `last` (excluded) of a text do more than draw."""
    return int(np.count_nonzero(_weighed(text)[1][first:last] & WEIGHT))


def evidence_of_words(text: str, first: int, last: int) -> float:
    """What the words `first` to `last` (excluded) of a text say together, in bits, where they stand."""
    hashes, weights = _weighed(text)
    said, _ = evidence_of(hashes, weights, np.arange(first, last))
    return float(said) / QUARTERS


def is_saying(text: str) -> bool:
    """Whether a text of few words, without a number or a symbol, may stand in any text of its subject."""
    hashes, weights = _weighed(text)
    symbols = (weights & NUMERIC != 0) | (weights & WEIGHT == LETTER)
    return len(hashes) < SAYING_WORDS and not symbols.any() and evidence_of_text(text) < SAYING_BITS


@lru_cache(maxsize=256)
def _weighed(text: str) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    words = words_of(text, "exact")
    return (words.hashes >> np.uint64(32)).astype(np.uint32), weigh(text, words)


def is_evident(evidence: float, share: float) -> bool:
    """Whether a match of this evidence, in bits, that covers this share of its text is worth listing."""
    return evidence >= (WHOLE_BITS if share >= WHOLE_SHARE else PART_BITS)


def is_bounded(text: str, start: int, end: int) -> bool:
    """Whether the characters `start` to `end` of a text begin and end where a sentence, a line or a value does."""
    before = _BEFORE.search(text, max(0, start - _NEAR), start)
    after = _AFTER.match(text, end, end + _NEAR)
    opened = before is not None and (
        before.start() == 0 or bool(_BOUNDARY & set(before[0])) or before[0].startswith(_COMMANDS)
    )
    closed = after is not None and (after.end() == len(text) or bool(_BOUNDARY & set(after[0])))
    return opened and closed


def is_template(row: Sequence[int]) -> bool:
    """Whether an alignment is of another problem of the same template: other numbers stand in the places of some, or a
    word that excludes the item's (`dedup.overlap.contrasts`).
    """
    plain = share_of(row[column.PLAIN], row[column.ALL_PLAIN])
    numbers, other = row[column.ALL_NUMBERS], row[column.OTHER_NUMBERS]
    if plain >= TEMPLATE_SHARE and other > 0 and other >= TEMPLATE_NUMBERS * numbers:
        return True
    if plain >= RENAMED_SHARE and other > 1 and other >= RENAMED_NUMBERS * numbers:
        return True
    return row[column.CONTRASTS] > 0 and share_of(row[column.SAID], row[column.TO_SAY]) >= LEAST_SHARE


def judge(row: Sequence[int]) -> Judgement:
    """Judge an alignment (the columns of `dedup.overlap.alignment`)."""
    share = share_of(row[column.SAID], row[column.TO_SAY])
    words = share_of(row[column.WORDS], row[column.ALL_WORDS])
    evidence = row[column.EVIDENCE] / QUARTERS
    own = row[column.OWN_EVIDENCE] / QUARTERS
    least = min(share, words)
    if is_template(row):
        return Judgement("template", UNSUPPORTED_PROBABILITY, share, words, evidence)
    if is_evident(evidence, least) and not is_evident(own, least):
        return Judgement("boilerplate", UNSUPPORTED_PROBABILITY / 2, share, words, evidence)
    kind: Kind = "whole" if least >= WHOLE_SHARE else "part"
    drawn = share_of(row[column.DRAWN], row[column.ALL_DRAWN])
    if drawn < LEAST_DRAWN and own < DRAWING_BITS:
        return Judgement(kind, UNSUPPORTED_PROBABILITY, share, words, evidence)
    if words == 1 and row[column.LAST] - row[column.FIRST] <= row[column.WORDS] and drawn >= DRAWN_SHARE:
        return Judgement(kind, probability_of(own, 1.0), share, words, evidence)
    said = probability(row)
    if words < FRAGMENT_WORDS:
        return Judgement(kind, min(said, FRAGMENT_PROBABILITY), share, words, evidence)
    short = row[column.LAST] - row[column.FIRST] <= COMPLETE_LENGTH * row[column.WORDS]
    symbols = row[column.NUMBERS] + row[column.LETTERS]
    short &= row[column.MORE_SYMBOLS] <= max(STRAY_SYMBOLS, COMPLETE_SYMBOLS * symbols) and row[column.GROWN] == 0
    if words == 1 and short and own >= COMPLETE_BITS and drawn >= DRAWN_SHARE and row[column.CONTRASTS] == 0:
        said = max(said, COMPLETE_PROBABILITY)
    return Judgement(kind, said, share, words, evidence)


def unjudged(evidence: float, share: float) -> Judgement:
    """What is said of a run of equal words that no alignment was made of."""
    kind: Kind = "whole" if share >= WHOLE_SHARE else "part"
    return Judgement(kind, probability_of(evidence, share), share, share, evidence)


def probability_of(evidence: float, share: float) -> float:
    """The same for equal words that say so much, in bits, and are this share of the item."""
    return round(logistic(0.4 * (evidence - 6.5) + 6 * (share - 1)), 4)
