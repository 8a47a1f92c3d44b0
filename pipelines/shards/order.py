"""The order of the training stream: one shuffle of all sequences in which every part has the mixture asked for.

Each source's sequences are put into an order by hash, epoch after epoch, and the sources are dealt into each other so
that after any number of tokens each has its share, to within one sequence. (Weights as GPT-NeoX and Megatron-LM read
them, `blendable_dataset.py`: shares of the stream, whatever the sizes; they too deal out by the largest deficit.) The
order depends on the seed and on how many sequences of which length there are; not on workers, time or place. What is
held in memory is a few numbers a sequence.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

QUARTERS = 4
"""An epoch's sequences keep their quarter in every epoch and are shuffled anew within it, so that two copies of a
sequence lie at least three quarters of an epoch apart."""

EVEN = 8
"""Files of the stream, of more than so many, are a multiple of so many."""

_GOLDEN, _MIX1, _MIX2 = (np.uint64(one) for one in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))

Numbers = NDArray[np.int64]


class Share(NamedTuple):
    """What a source gives: `share` of the stream's tokens, `tokens` in all, `epochs` of its own."""

    share: float
    tokens: float
    epochs: float


def shares(
    sizes: Mapping[str, int], weights: Mapping[str, float], epochs: Mapping[str, float], budget: int | None = None
) -> dict[str, Share]:
    """What each source gives to the stream. `sizes`: its tokens; the first of these that is given decides:

    `epochs`: so many passes over each source (one where none is stated); `weights`: shares of the stream, which is
    as long as it must be for every source to be in it once, or has `budget` tokens; neither: everything once.
    Sources without tokens give nothing.
    """
    there = {name: size for name, size in sizes.items() if size}
    if epochs or not weights:
        tokens = {name: size * epochs.get(name, 1.0) for name, size in there.items()}
        whole = sum(tokens.values())
        scale = budget / whole if budget and whole else 1.0
        return {
            name: Share(count / whole if whole else 0.0, count * scale, count * scale / there[name])
            for name, count in tokens.items()
        }
    asked = sum(weights[name] for name in there)
    share = {name: weights[name] / asked for name in there}
    length = budget or max((size / share[name] for name, size in there.items()), default=0.0)
    return {name: Share(share[name], length * share[name], length * share[name] / there[name]) for name in there}


def stream(pools: Sequence[Numbers], epochs: Sequence[float], seed: int) -> tuple[Numbers, Numbers]:
    """The stream over sources: for each place the source's number and the number of its sequence.

    `pools[s]` has the tokens of each sequence of source s; `epochs[s]` says how often it is passed over.
    """
    places: list[NDArray[np.float64]] = [np.zeros(0)]
    sources: list[Numbers] = [np.zeros(0, dtype=np.int64)]
    rows: list[Numbers] = [np.zeros(0, dtype=np.int64)]
    for number, (tokens, times) in enumerate(zip(pools, epochs, strict=True)):
        chosen = _passes(tokens, times, f"{seed}\0{number}")
        size = tokens[chosen].astype(np.float64)
        ends = np.cumsum(size)
        places.append((ends - size / 2) / ends[-1] if len(ends) and ends[-1] else np.zeros(len(ends)))
        sources.append(np.full(len(chosen), number, dtype=np.int64))
        rows.append(chosen)
    order = np.argsort(np.concatenate(places), kind="stable")
    return np.concatenate(sources)[order], np.concatenate(rows)[order]


def _passes(tokens: Numbers, epochs: float, salt: str) -> Numbers:
    """The sequences of one source in their order, over all its epochs; the last may be a part of one."""
    if not len(tokens):
        return np.zeros(0, dtype=np.int64)
    base = np.argsort(hashes(len(tokens), salt), kind="stable")
    quarters = np.array_split(base, QUARTERS)
    whole = int(epochs)
    # A hundredth of a token is what adding up floats may cost.
    target = (epochs - whole) * int(tokens.sum())
    passes = []
    for epoch in range(whole + (target > 0.01)):
        order = [part[np.argsort(hashes(len(tokens), f"{salt}\0{epoch}")[part], kind="stable")] for part in quarters]
        passes.append(np.concatenate(order))
    if target > 0.01:
        ends = np.cumsum(tokens[passes[-1]])
        middle = ends - tokens[passes[-1]] / 2
        passes[-1] = passes[-1][: int(np.searchsorted(middle, target))]
    return np.concatenate(passes) if passes else np.zeros(0, dtype=np.int64)


def hashes(count: int, salt: str) -> NDArray[np.uint64]:
    """A hash of each number below `count`: SplitMix64 (Steele, Lea and Flood, 2014), started by a hash of `salt`."""
    start = np.uint64(int.from_bytes(hashlib.blake2b(salt.encode(), digest_size=8).digest(), "little"))
    value: Any = start + np.arange(1, count + 1, dtype=np.uint64) * _GOLDEN
    value = (value ^ (value >> np.uint64(30))) * _MIX1
    value = (value ^ (value >> np.uint64(27))) * _MIX2
    return value ^ (value >> np.uint64(31))  # type: ignore[no-any-return]


def cuts(tokens: Numbers, file_tokens: int) -> list[tuple[int, int]]:
    """Where the stream is cut into files of `file_tokens` tokens or less: first place and the one after the last.

    The files are about equal, and so many that two, four or eight workers end together.
    """
    if not len(tokens):
        return []
    ends = np.cumsum(tokens)
    least = -(-int(ends[-1]) // file_tokens)
    files = -(-least // EVEN) * EVEN if least > EVEN else 1 << (least - 1).bit_length()
    file_of = (2 * ends - tokens) * files // (2 * int(ends[-1]))  # the one in which the middle of a sequence lies
    starts = np.flatnonzero(np.concatenate([[True], np.diff(file_of) > 0]))
    return list(zip(starts.tolist(), [*starts[1:].tolist(), len(tokens)], strict=True))
