"""Hits of one document: from the rows that the scan found to what an audit lists."""

from collections.abc import Container, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.overlap.alignment import ITEM_FIRST, ITEM_LAST, OTHER_NUMBERS, SAID
from dedup.overlap.company import in_company
from dedup.overlap.judging import (
    BOUNDED_PROBABILITY,
    COUNTED_PROBABILITY,
    LEAST_SHARE,
    SUPPORTED_WORDS,
    SUPPORTING_WORDS,
    UNSUPPORTED_PROBABILITY,
    WHOLE_SHARE,
    Judgement,
    evidence_of_text,
    evidence_of_words,
    is_bounded,
    is_evident,
    is_saying,
    judge,
    probability_of,
    unjudged,
    words_that_say,
)
from dedup.overlap.questions import follow, with_options
from dedup.overlap.scan import ALIGNED_END, ALIGNED_START, ALIGNMENT, END, ITEM_WORD, LENGTH, START, TARGET, WORD
from dedup.overlap.splitting import Method, encode, first_byte, last_byte
from dedup.overlap.targets import Target, Targets
from dedup.overlap.words import words_of
from manifests.records import Hit

FUZZY = "fuzzy"
CONTEXT_CHARACTERS = 80

Row = tuple[int, ...]


class Listing(NamedTuple):
    """What is listed: the method and its n, whether texts shorter than n are found whole, whether only what says enough
    is listed, and whether edited texts are.
    """

    method: Method
    lengths: tuple[int, ...]
    whole: bool
    evident: bool
    fuzzy: bool


def document_hits(
    identifier: str,
    text: str,
    rows: Sequence[Row],
    targets: Targets,
    listing: Listing,
    choices: Container[str] = (),
) -> list[Hit]:
    """The hits of one document: the targets in their order, by n, and those of `fuzzy` at the end. `choices` are the
    benchmarks of multiple choice.

    `rows` are those of `dedup.overlap.scan`, places counted in bytes of the text from its beginning.
    """
    places = _characters(
        encode(text),
        [row[at] for row in rows for at in (START, ALIGNED_START)],
        [row[at] for row in rows for at in (END, ALIGNED_END)],
    )
    exact: list[Hit] = []
    fuzzy: list[Hit] = []
    complete: set[Hit] = set()
    for number, group in groupby(
        sorted(rows, key=lambda row: (row[TARGET], row[WORD], row)), key=lambda row: row[TARGET]
    ):
        target, found = targets[number], list(group)
        runs = list(_runs(identifier, text, target, [row for row in found if row[LENGTH]], places, listing))
        edited: list[Hit] = []
        if listing.fuzzy and not any(hit.kind == "whole" for hit in runs):
            edited = list(_edited(identifier, text, target, found, places))
        options = targets.options(number) if listing.evident and target.benchmark in choices else ""
        if options:
            runs, edited = ([with_options(hit, text, options) for hit in side] for side in (runs, edited))
            complete |= {hit for hit in (*runs, *edited) if hit.counted and follow(text, hit.document_end, options)}
        exact += runs
        fuzzy += edited
    return in_company(exact + fuzzy, choices, complete) if listing.evident else exact + fuzzy


def _runs(
    identifier: str, text: str, target: Target, found: Sequence[Row], places: dict[int, int], listing: Listing
) -> Iterator[Hit]:
    for n in listing.lengths:
        need = min(n, target.words) if listing.whole else n
        for row in _apart([row for row in found if row[LENGTH] >= need]):
            start, end = places[row[START]], places[row[END]]
            item = item_place(target.text, listing.method, row[ITEM_WORD], row[ITEM_WORD] + row[LENGTH])
            share = row[LENGTH] / target.words
            if not listing.evident:
                evidence = evidence_of_text(target.text[slice(*item)])
                yield _hit(
                    identifier, text, target, listing.method, n, (start, end), item, share, unjudged(evidence, share)
                )
                continue
            words = (row[ITEM_WORD], row[ITEM_WORD] + row[LENGTH])
            evidence = evidence_of_words(target.text, *words)
            if is_evident(evidence, share) or (share == 1 and is_bounded(text, start, end)):
                judgement = judge(row[ALIGNMENT:])
                if share == 1 and judgement.kind != "template" and is_bounded(text, start, end):
                    judgement = judgement._replace(
                        kind="whole", probability=max(judgement.probability, BOUNDED_PROBABILITY)
                    )
                if share == 1 and is_saying(target.text):
                    judgement = judgement._replace(probability=UNSUPPORTED_PROBABILITY)
                supporting = target.words >= SUPPORTED_WORDS and row[ALIGNMENT + OTHER_NUMBERS] == 0
                if judgement.kind == "part" and supporting and words_that_say(target.text, *words) >= SUPPORTING_WORDS:
                    judgement = judgement._replace(
                        probability=max(judgement.probability, probability_of(evidence, 1.0))
                    )
                if judgement.kind == "whole" and share < WHOLE_SHARE:
                    judgement = judgement._replace(kind="part")
            else:
                continue
            yield _hit(identifier, text, target, listing.method, n, (start, end), item, share, judgement)


def _edited(identifier: str, text: str, target: Target, found: Sequence[Row], places: dict[int, int]) -> Iterator[Hit]:
    """Hits of `fuzzy`: alignments that are apart, the fullest first."""
    taken: list[tuple[int, int]] = []
    for row in sorted(found, key=lambda row: (-row[ALIGNMENT + SAID], row[ALIGNED_START])):
        judgement = judge(row[ALIGNMENT:])
        start, end = row[ALIGNED_START], row[ALIGNED_END]
        if not (judgement.share >= LEAST_SHARE or judgement.kind == "template"):
            continue
        if not is_evident(judgement.evidence, judgement.share) or any(start < b and a < end for a, b in taken):
            continue
        taken.append((start, end))
        item = item_place(target.text, "exact", row[ALIGNMENT + ITEM_FIRST], row[ALIGNMENT + ITEM_LAST])
        place = (places[start], places[end])
        yield _hit(identifier, text, target, FUZZY, 0, place, item, round(judgement.share, 6), judgement)


def _hit(
    identifier: str,
    text: str,
    target: Target,
    method: str,
    n: int,
    place: tuple[int, int],
    item: tuple[int, int],
    score: float,
    judgement: Judgement,
) -> Hit:
    return Hit(
        document_id=identifier,
        benchmark=target.benchmark,
        item_id=target.item_id,
        field=target.field,
        method=method,
        n=n,
        document_start=place[0],
        document_end=place[1],
        item_start=item[0],
        item_end=item[1],
        score=score,
        kind=judgement.kind,
        probability=judgement.probability,
        counted=method != "published" and judgement.probability >= COUNTED_PROBABILITY,
        document_text=with_context(text, *place),
        item_text=with_context(target.text, *item),
    )


def with_context(text: str, start: int, end: int) -> str:
    """The characters `start` to `end` of `text` with `CONTEXT_CHARACTERS` of context on both sides."""
    return text[max(0, start - CONTEXT_CHARACTERS) : end + CONTEXT_CHARACTERS]


def item_place(text: str, method: Method, first: int, last: int) -> tuple[int, int]:
    """Where the words `first` to `last` (excluded) of an item stand in its text, in characters."""
    places = _word_places(text, method)
    start, end = int(first_byte(places[first])), int(last_byte(places[last - 1]))
    offsets = _characters(encode(text), [start], [end])
    return offsets[start], offsets[end]


@lru_cache(maxsize=256)
def _word_places(text: str, method: Method) -> NDArray[np.int64]:
    return words_of(text, method).places


def _apart(candidates: Sequence[Row]) -> list[Row]:
    """Those of the runs of one target that are worth listing: the longest first, and no other that lies with more than
    half of its words in a part of the document that is listed already (a target that repeats itself, or a document that
    does, has one run for every way of laying one upon the other). In document order.
    """
    chosen: list[Row] = []
    for row in sorted(candidates, key=lambda row: (-row[LENGTH], row[WORD], row[ITEM_WORD])):
        end = row[WORD] + row[LENGTH]
        shared = (min(end, one[WORD] + one[LENGTH]) - max(row[WORD], one[WORD]) for one in chosen)
        if all(2 * words <= row[LENGTH] for words in shared):
            chosen.append(row)
    return sorted(chosen, key=lambda row: (row[WORD], row[ITEM_WORD]))


def _characters(raw: bytes, starts: Iterable[int], ends: Iterable[int]) -> dict[int, int]:
    """Byte offsets into UTF-8 of the starts and ends of words, and the character offsets they are.

    A character that reads as several words (`½`) belongs whole to each of them.
    """
    known = {offset: _boundary(raw, offset, 1) for offset in ends}
    known |= {offset: _boundary(raw, offset, -1) for offset in starts}
    offsets = _character_offsets(raw, known.values())
    return {offset: offsets[boundary] for offset, boundary in known.items()}


def _boundary(raw: bytes, offset: int, step: int) -> int:
    """The beginning of a character at a byte or, if there is none, the next one in the direction of `step`."""
    while 0 < offset < len(raw) and raw[offset] & 0xC0 == 0x80:
        offset += step
    return offset


def _character_offsets(raw: bytes, offsets: Iterable[int]) -> dict[int, int]:
    """Byte offsets into UTF-8, where characters begin, and the character offsets they are."""
    if raw.isascii():
        return {offset: offset for offset in offsets}
    found = {}
    before = total = 0
    for offset in sorted(set(offsets)):
        total += len(raw[before:offset].decode("utf-8", "surrogatepass"))
        found[offset] = total
        before = offset
    return found
