"""What a match is: whole, part, template or boilerplate, and how probable that it is the item and no neighbour of it.

The judge sees the item laid beside the text (`dedup.overlap.alignment`), not a run alone: problems of one source share
whole sentences, and what tells them apart are the numbers and the few words in which they differ.
"""

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

import dedup.overlap.alignment as column
from dedup.overlap.evidence import QUARTERS, evidence_of, weigh
from dedup.overlap.words import words_of

Kind = Literal["whole", "part", "template", "boilerplate"]

WHOLE_BITS = 13.0
"""Evidence that a text found whole needs to be listed at all: `Evaluate 3/4 + 5/6` has it, `solve for x: 3x` not."""
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
SUPPORTING_WORDS = 30
"""An equal run of so many words counts however much of the item is missing, as in Llemma's check."""
UNSUPPORTED_PROBABILITY = 0.4


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


def judge(row: Sequence[int]) -> Judgement:
    """Judge an alignment (the columns of `dedup.overlap.alignment`)."""
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
    return Judgement(kind, probability_of(own, least), share, words, evidence)


def probability_of(evidence: float, share: float) -> float:
    """The probability that a match is this item and no neighbour, between 0 and 1, from its evidence in bits and the
    share of the item that was found. Four decimals, so that it is the same on every machine.
    """
    return round(1 / (1 + math.exp(-(0.22 * (evidence - 22) + 8 * (share - 0.75)))), 4)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
