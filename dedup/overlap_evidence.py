"""How much a match says: the rarity of its words, what kind of match it is, and how probable that it is one.

Runs of numbers (`[1], [2], … [13]`) and standard identities are long and say nothing. So a matched word counts by its
inverse document frequency in ordinary mathematics (the file `overlap-background.tsv`, written by
`tests.benchmarks.overlap_background`; Spärck Jones 1972), once however often it stands there, and numbers and single
letters count little and never more than the words around them. allenai/decon weighs its n-grams in the same spirit.
"""

import math
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from dedup.overlap_words import words_of_text

TABLE = Path(__file__).with_name("overlap-background.tsv")
RAREST_BITS = 11.0
"""No word says more than this, however rare: names and misspellings would outweigh everything."""
NUMBER_BITS = 1.5
LETTER_BITS = 0.5
WHOLE_BITS = 13.0
"""Evidence that a text found whole needs to be listed at all: `Evaluate 3/4 + 5/6` has it, `solve for x: 3x` not."""
PART_BITS = 18.0
"""The same for a part of a text."""
COUNTED_PROBABILITY = 0.5
"""Hits of this probability and above count in the headline."""
UNSUPPORTED_PROBABILITY = 0.4
SUPPORTING_SHARE, SUPPORTING_WORDS = 0.5, 30
"""An equal run supports a hit from this share of its text or, as in Llemma's check, from 30 words on."""
SUPPORTING_EDITED_SHARE = 0.75
"""An edited text is supported from this share of its words on, numbers and letters among them."""
WHOLE_SHARE = 0.9
CONTEXT_CHARACTERS = 80

_NUMBER_WORDS = """
one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million half twice third
"""


class Weight(NamedTuple):
    """What one word says, in bits, and whether it is a number (in digits or in words)."""

    bits: float
    numeric: bool


@cache
def _background() -> dict[str, float]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    total = int(lines[0].split("\t")[1])
    counts = (line.split("\t") for line in lines[1:])
    return {word: min(RAREST_BITS, math.log2(total / int(count))) for word, count in counts}


@cache
def _number_words() -> frozenset[str]:
    return frozenset(_NUMBER_WORDS.split())


@cache
def weight_of(word: str) -> Weight:
    """What a folded word says."""
    if len(word) == 1 and not word.isdigit():
        return Weight(LETTER_BITS, False)
    if any(letter.isdigit() for letter in word):
        return Weight(NUMBER_BITS, True)
    return Weight(_background().get(word, RAREST_BITS), word in _number_words())


def evidence_of_words(words: Iterable[str]) -> float:
    """The evidence of matched words in bits."""
    weights = [(word, weight_of(word)) for word in sorted(set(words))]
    plain = sum(weight.bits for word, weight in weights if len(word) > 1 and weight.bits != NUMBER_BITS)
    slight = sum(weight.bits for word, weight in weights if len(word) == 1 or weight.bits == NUMBER_BITS)
    return plain + min(slight, plain)


def evidence_of(text: str) -> float:
    """The evidence of a matched text in bits."""
    return evidence_of_words(words_of_text(text))


def is_evident(evidence: float, share: float) -> bool:
    """Whether a match of this evidence that covers this share of its text is worth listing."""
    return evidence >= (WHOLE_BITS if share >= WHOLE_SHARE else PART_BITS)


def probability_of(evidence: float, share: float, supported: bool) -> float:
    """The probability that a match is this item and no neighbour of it, between 0 and 1.

    A logistic function of evidence and of the share of the text that was found. A match that is not `supported` (too
    small a share, or numbers that differ) stays below the headline, whatever its words say: problems of one source
    share whole sentences. Four decimals, so that it is the same on every machine.
    """
    probability = round(1 / (1 + math.exp(-(0.22 * (evidence - 22) + 4 * (share - 0.5)))), 4)
    return probability if supported else min(probability, UNSUPPORTED_PROBABILITY)


def with_context(text: str, start: int, end: int) -> str:
    """The characters `start` to `end` of `text` with `CONTEXT_CHARACTERS` of context on both sides."""
    return text[max(0, start - CONTEXT_CHARACTERS) : end + CONTEXT_CHARACTERS]
