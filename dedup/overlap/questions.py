"""Questions of multiple choice: a short question (`Which number is prime?`), or options that are a few values, are in
any text of their subject, and an item only together.
"""

import re
from collections import Counter
from collections.abc import Container

from dedup.benchmarks.choices import OPTIONS
from dedup.overlap.judging import BOUNDED_PROBABILITY, UNSUPPORTED_PROBABILITY
from dedup.overlap.words import words_of_text
from manifests.records import Hit

STEM_CHARACTERS, OPTIONS_CHARACTERS = 60, 120
"""A question, or its options, of fewer characters is found in any text of its subject."""
LISTED_PROBABILITY = 0.3
"""A hit beside it supports one from this probability on,"""
NEAR_CHARACTERS = 20_000
"""within so many characters."""
OPTIONS_SHARE = 0.9
"""So much of the words of the options, in whatever order, stands behind a question that is the item's."""
_OTHERS = ("template", "boilerplate")
_LABEL = re.compile(r"(?:^|(?<=\s))\(?[A-Ea-e][).:]\s*")
_CHARACTERS_A_WORD, _WORDS_TOO_MANY = 12, 1.5
"""How far behind a question its options are looked for, and how many words may stand there for one of theirs."""


def with_options(hit: Hit, text: str, options: str) -> Hit:
    """A hit of a whole question: probable, if its options follow it in the document."""
    if hit.kind != "whole" or not follow(text, hit.document_end, options):
        return hit
    return hit._replace(probability=max(hit.probability, BOUNDED_PROBABILITY), counted=True)


def follow(text: str, end: int, options: str) -> bool:
    """Whether the words of the options, in whatever order, follow in a text behind the character `end`."""
    wanted = Counter(words_of_text(_LABEL.sub("", options)))
    count = wanted.total()
    behind = words_of_text(text[end : end + 80 + _CHARACTERS_A_WORD * count])[: round(8 + _WORDS_TOO_MANY * count)]
    return count > 1 and (wanted & Counter(behind)).total() >= OPTIONS_SHARE * count


def without_stems(hits: list[Hit], choices: Container[str], complete: Container[Hit]) -> list[Hit]:
    """Short questions without their options, and options without their question, made improbable; `complete` are
    questions whose options follow.
    """
    beside: dict[tuple[str, str], list[Hit]] = {}
    for hit in hits:
        if hit.benchmark in choices and hit.kind not in _OTHERS:
            beside.setdefault((hit.benchmark, hit.item_id), []).append(hit)

    def alone(hit: Hit) -> bool:
        least = OPTIONS_CHARACTERS if hit.field == OPTIONS else STEM_CHARACTERS
        if hit.kind in _OTHERS or hit.benchmark not in choices or hit.item_end - hit.item_start >= least:
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
