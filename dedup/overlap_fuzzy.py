"""Edited items: `fuzzy` finds a benchmark text of which words were changed, lost or added.

Rare anchors nominate, alignment decides. An anchor is a run of three words of the text that says at least `ANCHOR_BITS`
(see `dedup.overlap_evidence`) and stands in few texts. Where anchors of one text lie together in a document, the words
of both are aligned (Ratcliff and Obershelp 1988, as `difflib` has it), and the share of the text's evidence found
again decides. Where all words but the numbers agree the hit is a `template`. Texts whose words were shuffled, and
translations, are not found.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.overlap_evidence import evidence_of_words, is_evident, weight_of
from dedup.overlap_index import GramTable, TargetWords, gram_hash, gram_table, slot_of
from dedup.overlap_words import alphabet, place_constants, split_words, words_of_text, words_room
from manifests.kernels import njit

ANCHOR_WORDS = 3
ANCHOR_BITS = 8.0
ANCHOR_TEXTS = 24
"""An anchor that stands in more places of the benchmarks is the language of problems."""
LEAST_SHARE = 0.6
TEMPLATE_SHARE = 0.9
"""A template agrees in this share of what its words say, and differs in half of its numbers or more."""
SHORT_WORDS = 12
"""A text of so few words is nominated by one anchor, a longer one by two, and by one more for every 25 words."""
WORDS_PER_ANCHOR = 25
GROUPS = 2
"""Places of one document at which one text is aligned."""


class Alignment(NamedTuple):
    """An edited text in a document: places count words, ends are excluded.

    `share` of the text's evidence and `words_share` of its words were found again; a `template` differs in numbers.
    """

    target: int
    start: int
    end: int
    item_start: int
    item_end: int
    share: float
    words_share: float
    evidence: float
    template: bool


class FuzzyIndex:
    """The anchors of all texts and the weights of their words."""

    def __init__(self, target: TargetWords, texts: Sequence[str]) -> None:
        self.target = target
        self.words = [words_of_text(text) for text in texts]
        flat = [weight_of(word) for words in self.words for word in words]
        self.bits = np.array([weight.bits for weight in flat], dtype=np.float64)
        self.numeric = np.array([weight.numeric for weight in flat], dtype=np.bool_)
        counts = np.diff(target.bounds)
        owners = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        at = np.arange(len(owners), dtype=np.int32)
        room = target.bounds[1:][owners] - at >= ANCHOR_WORDS
        sums = np.concatenate([np.zeros(1), np.cumsum(self.bits)])
        ends = np.minimum(at + ANCHOR_WORDS, len(at))
        good = room & (sums[ends] - sums[at] >= ANCHOR_BITS)
        self.anchors: GramTable = gram_table(target, ANCHOR_WORDS, owners[good], at[good])

    def find(self, data: NDArray[np.uint8]) -> tuple[NDArray[np.int64], list[Alignment]]:
        """The places of the words of one text (UTF-8, notation in one form), and what stands in it by target."""
        room = words_room(len(data))
        hashes, places = np.empty(room, dtype=np.uint64), np.empty(room, dtype=np.int64)
        count = split_words(data, alphabet("exact"), place_constants(), hashes, places)
        hashes, places = hashes[:count], places[:count]
        groups: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for owner, word, at in _anchors(hashes, self.anchors, place_constants()).tolist():
            groups[owner].append((at, word - int(self.target.bounds[owner])))
        found = [one for owner in sorted(groups) for one in self._aligned(owner, groups[owner], hashes)]
        return places, found

    def _aligned(self, owner: int, anchors: list[tuple[int, int]], hashes: NDArray[np.uint64]) -> Iterator[Alignment]:
        low, high = int(self.target.bounds[owner]), int(self.target.bounds[owner + 1])
        length = high - low
        least = 1 if length <= SHORT_WORDS else 2 + length // WORDS_PER_ANCHOR
        slack = 4 + length // 5
        chosen = [group for group in _together(anchors, length + slack) if len({word for _, word in group}) >= least]
        chosen.sort(key=lambda group: (-len({word for _, word in group}), group[0]))
        for group in sorted(chosen[:GROUPS]):
            first = max(0, min(at - word for at, word in group) - slack)
            last = min(len(hashes), max(at - word for at, word in group) + length + slack)
            blocks = SequenceMatcher(
                None, self.target.hashes[low:high].tolist(), hashes[first:last].tolist(), autojunk=False
            ).get_matching_blocks()[:-1]
            alignment = self._judged(owner, blocks, first)
            if alignment is not None:
                yield alignment

    def _judged(self, owner: int, blocks: Sequence[Any], first: int) -> Alignment | None:
        low, high = int(self.target.bounds[owner]), int(self.target.bounds[owner + 1])
        matched = np.zeros(high - low, dtype=np.bool_)
        for block in blocks:
            matched[block.a : block.a + block.size] = True
        bits, numeric = self.bits[low:high], self.numeric[low:high]
        share = float(bits[matched].sum() / bits.sum())
        plain = bits[~numeric]
        plain_share = float(bits[matched & ~numeric].sum() / plain.sum()) if len(plain) else 0.0
        words = self.words[owner]
        evidence = evidence_of_words(words[place] for place in np.flatnonzero(matched).tolist())
        changed = int((numeric & ~matched).sum())
        template = plain_share >= TEMPLATE_SHARE and changed > 0 and 2 * changed >= int(numeric.sum())
        if not (share >= LEAST_SHARE or template) or not is_evident(evidence, share):
            return None
        begin, end = blocks[0], blocks[-1]
        return Alignment(
            owner,
            first + begin.b,
            first + end.b + end.size,
            begin.a,
            end.a + end.size,
            share,
            float(matched.mean()),
            evidence,
            template,
        )


def _together(anchors: list[tuple[int, int]], reach: int) -> Iterator[list[tuple[int, int]]]:
    """Anchors that lie within `reach` words of the first of them."""
    group: list[tuple[int, int]] = []
    for anchor in sorted(anchors):
        if group and anchor[0] - group[0][0] > reach:
            yield group
            group = []
        group.append(anchor)
    if group:
        yield group


@njit(nogil=True)
def _anchors(hashes: Any, table: GramTable, constants: Any) -> Any:
    """One row an anchor: target, its global word, the word of the document. An int64 array of shape (anchors, 3)."""
    bitmap, keys, firsts, counts = table.filter, table.keys, table.firsts, table.counts
    owners, words = table.targets, table.words
    found = np.empty((64, 3), dtype=np.int64)
    filled = 0
    for at in range(len(hashes) - ANCHOR_WORDS + 1):
        slot = slot_of(gram_hash(hashes, at, ANCHOR_WORDS, constants), bitmap, keys, counts)
        if slot < 0 or counts[slot] > ANCHOR_TEXTS:
            continue
        for place in range(firsts[slot], firsts[slot] + counts[slot]):
            if filled == len(found):
                larger = np.empty((2 * filled, 3), dtype=np.int64)
                larger[:filled] = found
                found = larger
            found[filled, 0], found[filled, 1], found[filled, 2] = owners[place], words[place], at
            filled += 1
    return found[:filled]
