"""The index of benchmark texts: built once, kept as plain arrays, written to a file and mapped by every process.

Any match of at least `shortest` words contains, in the item, an anchor of k words that begins at a multiple of s, as
long as k + s - 1 <= shortest. So only those anchors are kept (a quarter of all for n = 10), and each word of a document
is looked up. Texts shorter than `shortest` are found whole, by their first words. Edited texts are found by some
anchors of three words each, their rarest, in which all numbers are one (`blind`).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.overlap.asking import asks
from dedup.overlap.evidence import COMMON, LETTER, NUMERIC, QUARTERS, WEIGHT, instructions, weigh
from dedup.overlap.grams import Grams, gram_table
from dedup.overlap.splitting import Method
from dedup.overlap.words import raw_words, reading, words_of
from manifests.kernels import njit

SHORTEST_ANCHOR = 7
FUZZY_WORDS = 3
FUZZY_QUARTERS = 8 * QUARTERS
"""An anchor of an edited text says at least so much."""
FUZZY_ANCHORS = 40
"""The rarest anchors of a text that are kept."""
FUZZY_PLACES = 48
"""An anchor that stands in more places of the benchmarks is the language of problems."""
FEW_ANCHORS, SOME_ANCHORS, ANCHOR_SHARE = 3, 10, 0.12
"""A text is nominated by one of up to 3 anchors, two of up to 10, else by this share of them."""
NEVER = 0xFFFF
PHRASE_WORDS = 4
PHRASE_ITEMS, ITEMS_PER_PHRASE = 8, 1000
"""So many words are a common phrase if 8 items have them, and one more of each thousand."""
COMMON_SHARE = 0.5
"""Where more of a text is common, it is one of a family of items, and its words are its own."""
OWNER_BLOCK = 32


class Index(NamedTuple):
    """All texts that are looked for, one after the other, and the tables of their grams.

    Text t has the bytes `text_bounds[t]` to `text_bounds[t + 1]` of `text` (UTF-8) and the words `bounds[t]` to
    `bounds[t + 1]`: `hashes` are the upper halves of their hashes, `weights` see `dedup.overlap.evidence`. `asks`, of
    shape (texts, 2), are the first and last (excluded) of a text's words that ask, `owners` has the text of every 32nd
    word, `least` how many fuzzy anchors nominate a text.
    """

    text: NDArray[np.uint8]
    text_bounds: NDArray[np.int64]
    bounds: NDArray[np.int64]
    hashes: NDArray[np.uint32]
    weights: NDArray[np.uint8]
    asks: NDArray[np.uint32]
    owners: NDArray[np.uint32]
    least: NDArray[np.uint16]
    anchors: Grams
    wholes: Grams
    fuzzy: Grams


class Plan(NamedTuple):
    """How an index is asked: `stride` and `shortest` as above, `whole` is the least number of words of a text that is
    found whole (0: none is).
    """

    shortest: int
    stride: int
    whole: int


def plan_of(shortest: int, whole: int) -> Plan:
    """The plan for matches of `shortest` words and more."""
    # A longer stride means a smaller index, but shorter anchors, and those of fewer than 7 words are common.
    return Plan(shortest, max(1, min(shortest // 2, shortest - SHORTEST_ANCHOR + 1)), whole)


@njit(nogil=True, inline="always")
def owner_of(place: Any, owners: Any, bounds: Any) -> Any:
    """The text that a word of all words belongs to."""
    owner = np.int64(owners[place // OWNER_BLOCK])
    while bounds[owner + 1] <= place:
        owner += 1
    return owner


@njit(nogil=True)
def blind(hashes: Any, numeric: Any, constants: Any) -> Any:
    """Hashes in which all numbers are one."""
    out = hashes.copy()
    for word in range(len(hashes)):
        if numeric[word]:
            out[word] = constants[5]
    return out


def build_index(texts: Sequence[str], items: Sequence[int], method: Method, plan: Plan) -> Index:
    """Index the texts; `items` says which item each belongs to, in ascending order."""
    constants = reading(method).alphabet.constants
    parts = [words_of(text, method) for text in texts]
    raw = [raw_words(text, method) for text in texts]
    counts = np.array([len(part.hashes) for part in parts], dtype=np.int64)
    bounds = _starts(counts)
    hashes = _joined([part.hashes for part in parts], np.uint64)
    said = [weigh(text, part) for text, part in zip(texts, parts, strict=True)]
    weights = _joined(said, np.uint8)
    owners = np.repeat(np.arange(len(counts), dtype=np.uint32), counts)
    inside = np.arange(len(owners), dtype=np.int64) - bounds[owners]
    room = counts[owners] - inside
    if method == "exact":
        asked = _joined([instructions(*one) for one in zip(texts, parts, said, strict=True)], np.bool_)
        weights |= _phrases(hashes, weights, np.asarray(items, dtype=np.int64)[owners], owners, room, bounds, constants)
        weights[asked] |= COMMON
    length = plan.shortest - plan.stride + 1
    anchored = (counts[owners] >= plan.shortest) & (inside % plan.stride == 0) & (room >= length)
    short = (inside == 0) & (counts[owners] < plan.shortest) & (counts[owners] >= plan.whole) & (plan.whole > 0)
    fuzzy, least = _fuzzy(hashes, weights, owners, room, len(counts), constants, method)
    return Index(
        np.frombuffer(b"".join(raw), dtype=np.uint8),
        _starts(np.array([len(one) for one in raw], dtype=np.int64)),
        bounds,
        (hashes >> np.uint64(32)).astype(np.uint32),
        weights,
        np.array([asks(*one) for one in zip(texts, parts, strict=True)], dtype=np.uint32).reshape(-1, 2),
        owners[::OWNER_BLOCK].copy(),
        least,
        gram_table(hashes, length, _places(anchored), constants),
        gram_table(hashes, max(plan.whole, 1), _places(short), constants),
        fuzzy,
    )


def _fuzzy(
    hashes: NDArray[np.uint64],
    weights: NDArray[np.uint8],
    owners: NDArray[np.uint32],
    room: NDArray[np.int64],
    texts: int,
    constants: NDArray[np.uint64],
    method: Method,
) -> tuple[Grams, NDArray[np.uint16]]:
    """The anchors of edited texts, and how many of them nominate each text."""
    said = np.where(weights & COMMON, 0, weights & WEIGHT).astype(np.int64)
    sums = _starts(said)
    ends = np.minimum(np.arange(len(said)) + FUZZY_WORDS, len(said))
    says = sums[ends] - sums[:-1]
    good = (room >= FUZZY_WORDS) & (says >= FUZZY_QUARTERS) & (method == "exact")
    chosen = np.flatnonzero(good)
    order = np.lexsort((chosen, -says[chosen], owners[chosen]))
    chosen = chosen[order]
    rank = np.arange(len(chosen)) - np.searchsorted(owners[chosen], owners[chosen])
    chosen = np.sort(chosen[rank < FUZZY_ANCHORS])
    table = gram_table(
        blind(hashes, weights & NUMERIC != 0, constants), FUZZY_WORDS, chosen.astype(np.uint32), constants, FUZZY_PLACES
    )
    kept = np.bincount(owners[table.places], minlength=texts)
    least = np.maximum(2, np.ceil(ANCHOR_SHARE * kept)).astype(np.uint16)
    least[kept <= SOME_ANCHORS] = 2
    least[kept <= FEW_ANCHORS] = 1
    least[kept == 0] = NEVER
    return table, least


def _phrases(
    hashes: NDArray[np.uint64],
    weights: NDArray[np.uint8],
    items: NDArray[np.int64],
    owners: NDArray[np.uint32],
    room: NDArray[np.int64],
    bounds: NDArray[np.int64],
    constants: NDArray[np.uint64],
) -> NDArray[np.uint8]:
    """The mark COMMON for the words of phrases that many items have."""
    starts = np.flatnonzero(room >= PHRASE_WORDS)
    key = np.zeros(len(starts), dtype=np.uint64)
    for word in range(PHRASE_WORDS):
        key += hashes[starts + word] * constants[word]
    order = np.lexsort((items[starts], key))
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (key[order][1:] != key[order][:-1]) | (items[starts][order][1:] != items[starts][order][:-1])
    _, group = np.unique(key[order], return_inverse=True)
    many = (
        np.bincount(group, weights=first, minlength=1)[group]
        >= PHRASE_ITEMS + (items.max(initial=0) + 1) // ITEMS_PER_PHRASE
    )
    common = np.zeros(len(hashes), dtype=np.bool_)
    for word in range(PHRASE_WORDS):
        common[starts[order][many] + word] = True
    plain = np.where((weights & NUMERIC == 0) & (weights & WEIGHT > LETTER), weights & WEIGHT, 0).astype(np.int64)
    own, whole = _starts(np.where(common, plain, 0)), _starts(plain)
    family = (own[bounds[1:]] - own[bounds[:-1]]) > COMMON_SHARE * (whole[bounds[1:]] - whole[bounds[:-1]])
    common &= ~family[owners]
    return np.where(common, COMMON, 0).astype(np.uint8)


def _places(chosen: NDArray[np.bool_]) -> NDArray[np.uint32]:
    return np.flatnonzero(chosen).astype(np.uint32)


def _starts(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts, dtype=np.int64)])


def _joined(arrays: Sequence[NDArray[Any]], dtype: Any) -> NDArray[Any]:
    return np.concatenate([np.empty(0, dtype=dtype), *arrays]).astype(dtype)
