"""Hits of one document seen together: what one says of another.

A passage that many items share is the language of problems. A passage that is nearer to one item is no copy of its
neighbour. A problem that is found with its own solution is the more probable for it. And a short question of multiple
choice (`An outlier is an observation that`), or options that are a few values, are an item only together.
"""

from bisect import bisect_left
from collections.abc import Container, Sequence
from itertools import groupby

from dedup.benchmarks.choices import OPTIONS
from dedup.overlap.judging import COUNTED_PROBABILITY, UNSUPPORTED_PROBABILITY
from manifests.records import Hit

BOILERPLATE_ITEMS = 5
"""A passage of one document that so many items share is the language of problems, not one of them."""
NEARER = 0.05
"""An item that has so much more of itself in a passage than another has is the nearer one."""
SUPPORTING_PROBABILITY = 0.3
"""Hits of two fields of an item support each other from this probability on,"""
SUPPORTING_CHARACTERS = 20_000
"""within so many characters."""
STEM_CHARACTERS, OPTIONS_CHARACTERS = 60, 120
"""A question, or its options, of fewer characters is found in any text of its subject."""
_OTHERS = ("template", "boilerplate")


def in_company(hits: list[Hit], choices: Container[str] = ()) -> list[Hit]:
    """The hits of one document, each judged beside the others; their order stays. `choices` are the benchmarks of
    multiple choice.
    """
    return _without_stems(_with_support(_without_rivals(_without_boilerplate(hits))), choices)


def _without_boilerplate(hits: list[Hit]) -> list[Hit]:
    """Those parts that many items share at the same place marked as boilerplate."""
    sharing: dict[tuple[int, int], set[tuple[str, str]]] = {}
    for hit in hits:
        sharing.setdefault((hit.document_start, hit.document_end), set()).add((hit.benchmark, hit.item_id))
    return [
        hit._replace(kind="boilerplate", probability=min(hit.probability, UNSUPPORTED_PROBABILITY / 2), counted=False)
        if hit.kind == "part" and len(sharing[hit.document_start, hit.document_end]) >= BOILERPLATE_ITEMS
        else hit
        for hit in hits
    ]


def _without_rivals(hits: list[Hit]) -> list[Hit]:
    """Those that share most of their place with a counted hit of another item, which has more of itself there, made
    improbable: the passage is a copy of that one.
    """
    counted = sorted((hit for hit in hits if hit.counted), key=lambda hit: hit.document_start)
    starts = [hit.document_start for hit in counted]
    longest = max((hit.document_end - hit.document_start for hit in counted), default=0)

    def judged(hit: Hit) -> Hit:
        if hit.probability <= UNSUPPORTED_PROBABILITY or hit.score >= 1 - NEARER or hit.method == "published":
            return hit
        near = counted[bisect_left(starts, hit.document_start - longest) : bisect_left(starts, hit.document_end)]
        return hit._replace(probability=UNSUPPORTED_PROBABILITY, counted=False) if _nearer(hit, near) else hit

    return [judged(hit) for hit in hits]


def _nearer(hit: Hit, others: Sequence[Hit]) -> bool:
    """Whether one of the others, of another item, is nearer to where a hit is."""
    return any(
        (other.benchmark, other.field) == (hit.benchmark, hit.field)
        and other.item_id != hit.item_id
        and other.score >= hit.score + NEARER
        and other.probability >= hit.probability
        and 2 * (min(other.document_end, hit.document_end) - max(other.document_start, hit.document_start))
        >= hit.document_end - hit.document_start
        for other in others
    )


def _with_support(hits: list[Hit]) -> list[Hit]:
    """Problem and solution of one item that are found near each other: one of the two suffices to be right."""
    raised: dict[int, float] = {}
    order = sorted(
        (place for place, hit in enumerate(hits) if hit.kind not in _OTHERS and hit.method != "published"),
        key=lambda place: (hits[place].benchmark, hits[place].item_id),
    )
    for _, group in groupby(order, key=lambda place: (hits[place].benchmark, hits[place].item_id)):
        places = list(group)
        for place in places:
            hit = hits[place]
            if hit.counted or hit.probability < SUPPORTING_PROBABILITY:
                continue
            best = max((hits[other].probability for other in places if _supports(hits[other], hit)), default=0.0)
            raised[place] = round(1 - (1 - hit.probability) * (1 - best), 4)
    return [
        hit._replace(probability=raised[place], counted=raised[place] >= COUNTED_PROBABILITY)
        if place in raised
        else hit
        for place, hit in enumerate(hits)
    ]


def _without_stems(hits: list[Hit], choices: Container[str]) -> list[Hit]:
    """Short questions without their options, and options without their question, not counted."""
    beside: dict[tuple[str, str], list[Hit]] = {}
    for hit in hits:
        if hit.benchmark in choices and hit.kind not in _OTHERS:
            beside.setdefault((hit.benchmark, hit.item_id), []).append(hit)

    def alone(hit: Hit) -> bool:
        least = OPTIONS_CHARACTERS if hit.field == OPTIONS else STEM_CHARACTERS
        if not hit.counted or hit.benchmark not in choices or hit.item_end - hit.item_start >= least:
            return False
        return not any(_is_near(other, hit) for other in beside.get((hit.benchmark, hit.item_id), ()))

    return [hit._replace(probability=UNSUPPORTED_PROBABILITY, counted=False) if alone(hit) else hit for hit in hits]


def _supports(other: Hit, hit: Hit) -> bool:
    """Whether a hit is of another field of the same item, probable enough and near enough."""
    return other.probability >= SUPPORTING_PROBABILITY and _is_near(other, hit)


def _is_near(other: Hit, hit: Hit) -> bool:
    """Whether a hit of the same item is of another field and near."""
    apart = max(other.document_start - hit.document_end, hit.document_start - other.document_end)
    return other.field != hit.field and apart <= SUPPORTING_CHARACTERS
