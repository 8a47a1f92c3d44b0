"""Hits of one document seen together: what one says of another.

A passage that many items share is the language of problems. A passage that is nearer to one item is no copy of its
neighbour. A problem that is found with its own solution is the more probable for it. For questions of multiple choice
see `dedup.overlap.questions`.
"""

from bisect import bisect_left
from collections.abc import Container, Sequence
from itertools import groupby

from dedup.benchmarks.choices import OPTIONS
from dedup.overlap.judging import COUNTED_PROBABILITY, UNSUPPORTED_PROBABILITY
from dedup.overlap.questions import LISTED_PROBABILITY, supports, without_stems
from manifests.records import Hit

BOILERPLATE_ITEMS = 5
"""A passage of one document that so many items share is the language of problems, not one of them."""
SHARED_PLACE = 0.8
"""and so does one that lies with this share of it in what they have."""
NEARER = 0.05
"""An item that has so much more of itself in a passage than another has is the nearer one."""
_OTHERS = ("template", "boilerplate")


def in_company(hits: list[Hit], choices: Container[str] = (), complete: Container[Hit] = ()) -> list[Hit]:
    """The hits of one document, each judged beside the others; their order stays. `choices` are the benchmarks of
    multiple choice, `complete` the hits of their questions whose options follow.
    """
    return without_stems(_with_support(_without_rivals(_without_boilerplate(hits))), choices, complete)


def _without_boilerplate(hits: list[Hit]) -> list[Hit]:
    """Those parts, and those options, that many items share at about the same place marked as boilerplate."""
    some = [hit for hit in hits if hit.kind == "part" or hit.field == OPTIONS]
    if len({(hit.benchmark, hit.item_id) for hit in some}) < BOILERPLATE_ITEMS:
        return hits
    order = sorted(some, key=lambda hit: hit.document_start)
    starts = [hit.document_start for hit in order]
    longest = max(hit.document_end - hit.document_start for hit in order)

    def shared(hit: Hit) -> bool:
        near = order[bisect_left(starts, hit.document_start - longest) : bisect_left(starts, hit.document_end)]
        least = SHARED_PLACE * (hit.document_end - hit.document_start)
        sharing = {(one.benchmark, one.item_id) for one in near if _common(one, hit) >= least}
        return len(sharing) >= BOILERPLATE_ITEMS

    return [
        hit._replace(kind="boilerplate", probability=min(hit.probability, UNSUPPORTED_PROBABILITY / 2), counted=False)
        if (hit.kind == "part" or hit.field == OPTIONS) and shared(hit)
        else hit
        for hit in hits
    ]


def _common(one: Hit, other: Hit) -> int:
    """How many characters of the document two hits share."""
    return min(one.document_end, other.document_end) - max(one.document_start, other.document_start)


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
        and 2 * _common(other, hit) >= hit.document_end - hit.document_start
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
            if hit.counted or hit.probability < LISTED_PROBABILITY:
                continue
            best = max((hits[other].probability for other in places if supports(hits[other], hit)), default=0.0)
            raised[place] = round(1 - (1 - hit.probability) * (1 - best), 4)
    return [
        hit._replace(probability=raised[place], counted=raised[place] >= COUNTED_PROBABILITY)
        if place in raised
        else hit
        for place, hit in enumerate(hits)
    ]
