"""What a match is: whole, part, template or boilerplate, and how probable that it is the item and no neighbour of it.

The judge sees the item laid beside the text (`dedup.overlap.alignment`), not a run alone: problems of one source share
whole sentences, and what tells them apart are the numbers and the few words in which they differ.
"""

import math
import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

import dedup.overlap.alignment as column
from dedup.overlap.evidence import QUARTERS, evidence_of, weigh
from dedup.overlap.words import words_of

Kind = Literal["whole", "part", "template", "boilerplate"]

WHOLE_BITS = 13.0
"""Evidence that a text found whole needs to be listed at all: `Evaluate 3/4 + 5/6` has it, `solve for x: 3x` not."""
BOUNDED_BITS = 8.0
"""The same where it begins and ends as a sentence does: `Compute $\\dbinom{7}{2}$.` as a paragraph of its own."""
BOUNDED_PROBABILITY = 0.8
PART_BITS = 18.0
"""The same for a part of a text."""
COUNTED_PROBABILITY = 0.5
"""Hits of this probability and above count in the headline."""
LEAST_SHARE = 0.6
"""An edited text is listed from this share of what its words say on."""
WHOLE_SHARE = 0.9
TEMPLATE_SHARE = 0.8
"""A template agrees in this share of what its words say that are no numbers,"""
TEMPLATE_NUMBERS = 0.2
"""and other numbers stand in the places of this share of its own."""
SUPPORTING_WORDS, SUPPORTED_WORDS = 30, 100
"""An equal run of so many words counts however much is missing, as in Llemma's check, of an item of so many: a part of
a
shorter one may be what problems of its source share.
"""
DRAWING_WORDS, DRAWING_BITS = 10, 40.0
"""Where so many words of an item draw, the others are its whole content only if they say so much."""
UNSUPPORTED_PROBABILITY = 0.1
"""Of a hit that cannot be the item: other numbers, or phrases of many items."""

_NEAR = 24
_BEFORE = re.compile(r"(?:\\(?:item|problem|exercise|question|part)\b)?[\W_]*\Z")
_COMMANDS = ("\\item", "\\problem", "\\exercise", "\\question", "\\part")
_AFTER = re.compile(r"[\W_]*")
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
    words = words_of(text, "exact")
    said, _ = evidence_of(
        (words.hashes >> np.uint64(32)).astype(np.uint32), weigh(text, words), np.arange(len(words.hashes))
    )
    return float(said) / QUARTERS


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


def judge(row: Sequence[int], length: int) -> Judgement:
    """Judge an alignment (the columns of `dedup.overlap.alignment`) with an item of `length` words."""
    share = _share(row[column.SAID], row[column.TO_SAY])
    words = _share(row[column.WORDS], row[column.ALL_WORDS])
    plain = _share(row[column.PLAIN], row[column.ALL_PLAIN])
    numbers = row[column.ALL_NUMBERS]
    evidence = row[column.EVIDENCE] / QUARTERS
    own = row[column.OWN_EVIDENCE] / QUARTERS
    other = row[column.OTHER_NUMBERS]
    least = min(share, words)
    if plain >= TEMPLATE_SHARE and other > 0 and other >= TEMPLATE_NUMBERS * numbers:
        return Judgement("template", UNSUPPORTED_PROBABILITY, share, words, evidence)
    if is_evident(evidence, least) and not is_evident(own, least):
        return Judgement("boilerplate", UNSUPPORTED_PROBABILITY / 2, share, words, evidence)
    kind: Kind = "whole" if least >= WHOLE_SHARE else "part"
    probability = _probability(row, share, own)
    if length - row[column.ALL_WORDS] >= DRAWING_WORDS and own < DRAWING_BITS:
        probability = min(probability, UNSUPPORTED_PROBABILITY)
    return Judgement(kind, probability, share, words, evidence)


def _probability(row: Sequence[int], share: float, own: float) -> float:
    """How probable it is that an alignment is of the item itself: a logistic function of what agrees and what differs.

    The coefficients were fitted to the planted items of even number and to neighbours of even number, as
    `tests.benchmarks.overlap_planted` makes them. Four decimals, so that it is the same on every machine.
    """
    missing = row[column.ALL_WORDS] - row[column.WORDS]
    extra = row[column.LAST] - row[column.FIRST] - row[column.WORDS]
    if missing == 0 and extra <= 0:
        return probability_of(own, 1.0)
    lost = math.log1p((row[column.ALL_PLAIN] - row[column.PLAIN]) / QUARTERS)
    gaps = math.log1p(row[column.GAPS])
    numbers = _share(row[column.NUMBERS], row[column.ALL_NUMBERS])
    symbols = _share(row[column.NUMBERS] + row[column.LETTERS], row[column.ALL_NUMBERS] + row[column.ALL_LETTERS])
    other = row[column.OTHER_NUMBERS]
    score = (
        -4.14
        - 1.87 * share
        + 1.41 * symbols
        - 2.81 * numbers
        + 5.34 * share * numbers
        - 1.79 * math.log1p(missing)
        - 0.21 * lost
        - 7.47 * gaps
        + 0.65 * lost * gaps
        + 1.41 * gaps * math.log1p(own)
        + 3.63 * math.log1p(row[column.ALL_WORDS])
        - 1.68 * math.log1p(row[column.RUN])
        - 0.78 * math.log1p(max(0, extra))
        - 2.70 * min(1.0, other / max(1, row[column.ALL_NUMBERS]))
        - 1.53 * math.log1p(other) * symbols
    )
    return round(_logistic(score), 4)


def probability_of(evidence: float, share: float) -> float:
    """The same for equal words that say so much, in bits, and are this share of the item."""
    return round(_logistic(0.3 * (evidence - 10) + 6 * (share - 1)), 4)


def _logistic(score: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
