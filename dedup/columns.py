"""Columns of documents as the kernels take them and give them back: all bytes or numbers end to end, and their bounds.

A column of texts comes from Arrow's buffers as it is, and no Python object is made for a document on the way to its
shingles and hashes.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.blake2b import digest
from dedup.shingles import Shingler, normalise, shingle_hashes, word_hashes
from manifests.kernels import njit

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]


class Texts(NamedTuple):
    """UTF-8 texts: document i is data[offsets[i]:offsets[i + 1]]."""

    data: U8
    offsets: I64


class Ragged(NamedTuple):
    """Rows of 32-bit numbers: row i is values[bounds[i]:bounds[i + 1]]."""

    values: U32
    bounds: I64


class Hashed(NamedTuple):
    """Of each text: its shingles' hashes, in order and with repetitions, and 128-bit hashes by which texts are equal.

    The latter are BLAKE2b (RFC 7693), so that no two different texts meet by accident or intent, of shape (texts, 2):
    of the bytes, and of the normalised text, which is the words of `dedup.words` joined by one space. Texts that differ
    only in case, punctuation or spacing are equal there. Zeros stand for a text without words, which equals no other.
    """

    shingles: Ragged
    bytes_hash: U64
    words_hash: U64


@njit(nogil=True)
def _hash_column(
    data: Any,
    offsets: Any,
    tables: Any,
    rooms: Any,
    n: Any,
    values: Any,
    bounds: Any,
    bytes_hash: Any,
    words_hash: Any,
) -> None:
    ascii_map, table = tables
    mapped, text, starts, hashes = rooms
    words, state = np.empty(16, np.uint64), np.empty(8, np.uint64)
    made = np.int64(0)
    for row in range(len(offsets) - 1):
        start, end = offsets[row], offsets[row + 1]
        digest(data, start, end, words, state, bytes_hash[row])
        count, written = normalise(data, start, end, ascii_map, table, mapped, text, starts)
        if count:
            digest(text, 0, written - 1, words, state, words_hash[row])
        word_hashes(text, starts, count, hashes)
        made += shingle_hashes(hashes, count, n, values[made:])
        bounds[row + 1] = made


def hash_texts(shingler: Shingler, texts: Texts) -> Hashed:
    """Shingles and hashes of every text. `shingler` lends its tables and its working space."""
    sizes = np.diff(texts.offsets)
    count = len(sizes)
    # The worst text has two words in three bytes; what is never written takes no memory.
    values = np.empty(int(((2 * sizes + 2) // 3 + 1).sum()), np.uint32)
    bounds = np.zeros(count + 1, np.int64)
    hashes = np.zeros((2, count, 2), np.uint64)
    rooms = shingler.rooms(int(sizes.max(initial=0)))
    _hash_column(texts.data, texts.offsets, shingler.tables, rooms, shingler.n, values, bounds, hashes[0], hashes[1])
    return Hashed(Ragged(values[: bounds[-1]], bounds), hashes[0], hashes[1])
