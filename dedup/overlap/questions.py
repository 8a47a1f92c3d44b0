"""Questions of multiple choice: a short question (`Which number is prime?`), or options that are a few values, are in
any text of their subject, and an item only together; so is an answer (`12 years`).
"""

import math
import re
from collections import Counter
from collections.abc import Container

from dedup.benchmarks.choices import OPTIONS
from dedup.overlap.judging import (
    BOUNDED_PROBABILITY,
    COUNTED_PROBABILITY,
    PART_BITS,
    UNSUPPORTED_PROBABILITY,
    evidence_of_text,
)
from dedup.overlap.odds import logistic
from dedup.overlap.words import words_of_text
from manifests.records import Hit

ANSWER, SOLUTION = "answer", "solution"
ANSWER_CHARACTERS = 40
"""A solution of fewer characters is an answer."""
STEM_CHARACTERS, OPTIONS_CHARACTERS = 60, 120
"""A question, or its options, of fewer characters is found in any text of its subject."""
LISTED_PROBABILITY = 0.3
"""A hit beside it supports one from this probability on,"""
NEAR_CHARACTERS = 20_000
"""within so many characters."""
OPTIONS_SHARE, OPTIONS_NUMBERS = 0.8, 0.9
"""So much of the words of the options, in whatever order, stands behind a question that is the item's, and so much of
their numbers: of four options with a unit, three others may be the same.
"""
OTHER_OPTIONS_FROM, OTHER_OPTIONS_TO = 0.2, 0.6
"""Where so much of them does, another question of the same matter is asked."""
SAME_OPTIONS, OTHER_OPTIONS = 2.5, -2.0
"""What either says of an edited question, in logits: of 3,000 planted ones in MMLU-STEM and their neighbours, 1,361 of
1,368 with the same options were the item, and 4 of 60 with others that were less than sure."""
LEAST_PROBABILITY, SURE_PROBABILITY = 0.05, 0.95
"""Questions less probable than the first have little in common but options that many have; the second is enough."""
_OTHERS = ("template", "boilerplate")
_LABEL = re.compile(r"(?:^|(?<=\s))\(?[A-Ea-e][).:]\s*")
_CHARACTERS_A_WORD, _WORDS_TOO_MANY = 12, 1.5
"""How far behind a question its options are looked for, and how many words may stand there for one of theirs."""


def with_options(hit: Hit, text: str, options: str) -> Hit:
    """A hit of a question in the light of what follows it in the document: its options, in whatever order, which make
    it probable (an edited one if they say enough: `True, False` is behind many), or others that have some words of
    them, which make one that is not word for word improbable.
    """
    if hit.kind in _OTHERS:
        return hit
    share = share_behind(text, hit.document_end, options)
    if hit.score == 1 and hit.kind == "whole":
        said = max(hit.probability, BOUNDED_PROBABILITY) if share >= OPTIONS_SHARE else hit.probability
    elif share >= OPTIONS_SHARE and hit.probability >= LEAST_PROBABILITY and evidence_of_text(options) >= PART_BITS:
        said = _moved(hit.probability, SAME_OPTIONS)
    elif OTHER_OPTIONS_FROM <= share < OTHER_OPTIONS_TO:
        said = _moved(hit.probability, OTHER_OPTIONS)
    else:
        return hit
    return hit._replace(probability=said, counted=said >= COUNTED_PROBABILITY)


def _moved(probability: float, logits: float) -> float:
    """A probability by so many logits more; certain ones stay."""
    if not 0 < probability < SURE_PROBABILITY:
        return probability
    return round(min(SURE_PROBABILITY, logistic(math.log(probability / (1 - probability)) + logits)), 4)


def follow(text: str, end: int, options: str) -> bool:
    """Whether the options, in whatever order, follow in a text behind the character `end`."""
    return share_behind(text, end, options) >= OPTIONS_SHARE


def share_behind(text: str, end: int, options: str) -> float:
    """The share of the options' words, their letters left out, that a text has right behind the character `end`, less
    than `OPTIONS_SHARE` where it has other numbers; 0 for a single word.
    """
    wanted = Counter(words_of_text(_LABEL.sub("", options)))
    count = wanted.total()
    behind = words_of_text(text[end : end + 80 + _CHARACTERS_A_WORD * count])[: round(8 + _WORDS_TOO_MANY * count)]
    common = wanted & Counter(behind)
    numbers, same = (sum(times for word, times in some.items() if word.isdigit()) for some in (wanted, common))
    most = OPTIONS_SHARE * same / (OPTIONS_NUMBERS * numbers) if same < OPTIONS_NUMBERS * numbers else 1.0
    return min(most, common.total() / count) if count > 1 else 0.0


def without_stems(hits: list[Hit], choices: Container[str], complete: Container[Hit]) -> list[Hit]:
    """Short questions without their options, and options and answers without their question, made improbable;
    `complete` are questions whose options follow.
    """
    beside: dict[tuple[str, str], list[Hit]] = {}
    for hit in hits:
        if hit.kind not in _OTHERS:
            beside.setdefault((hit.benchmark, hit.item_id), []).append(hit)

    def alone(hit: Hit) -> bool:
        least = OPTIONS_CHARACTERS if hit.field == OPTIONS else STEM_CHARACTERS
        asked = hit.benchmark in choices and hit.item_end - hit.item_start < least
        answer = hit.field == ANSWER or (hit.field == SOLUTION and hit.item_end - hit.item_start < ANSWER_CHARACTERS)
        if hit.kind in _OTHERS or hit.method == "published" or not (asked or answer):
            return False
        return hit not in complete and not any(
            supports(other, hit) for other in beside.get((hit.benchmark, hit.item_id), ())
        )

    return [
        hit._replace(probability=min(hit.probability, UNSUPPORTED_PROBABILITY), counted=False) if alone(hit) else hit
        for hit in hits
    ]


def supports(other: Hit, hit: Hit) -> bool:
    """Whether a hit of the same item is of another field, probable enough and near enough."""
    apart = max(other.document_start - hit.document_end, hit.document_start - other.document_end)
    return other.field != hit.field and other.probability >= LISTED_PROBABILITY and apart <= NEAR_CHARACTERS
