"""BLAKE2b of 128 bits (RFC 7693) for columns of texts: what `hashlib.blake2b` gives, without an object a text."""

from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.instructions import load64
from manifests.kernels import njit

U8 = npt.NDArray[np.uint8]
I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]

BLOCK = 128
DIGEST_BYTES = 16

_IV = np.array(
    [
        0x6A09E667F3BCC908,
        0xBB67AE8584CAA73B,
        0x3C6EF372FE94F82B,
        0xA54FF53A5F1D36F1,
        0x510E527FADE682D1,
        0x9B05688C2B3E6C1F,
        0x1F83D9ABFB41BD6B,
        0x5BE0CD19137E2179,
    ],
    np.uint64,
)
"""The initial vector: fractional parts of the square roots of the first eight primes (RFC 7693, 2.6)."""
_PARAMETERS = np.uint64(0x01010000 ^ DIGEST_BYTES)
"""No key, fanout 1, depth 1, 16 bytes of digest (RFC 7693, 2.5)."""
_SIGMA = np.array(
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
        [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
        [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
        [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
        [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
        [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
        [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
        [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
        [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    ],
    np.uint64,
)
"""Which words of a block each round takes in which order (RFC 7693, 2.7)."""
_R32, _R24, _R16, _R63 = np.uint64(32), np.uint64(24), np.uint64(16), np.uint64(63)
_L32, _L40, _L48, _L1 = np.uint64(32), np.uint64(40), np.uint64(48), np.uint64(1)
_ONES = np.uint64(0xFFFFFFFFFFFFFFFF)


@njit(nogil=True)
def _mix(a: Any, b: Any, c: Any, d: Any, x: Any, y: Any) -> Any:
    """The function G (RFC 7693, 3.1)."""
    a = a + b + x
    d = d ^ a
    d = (d >> _R32) | (d << _L32)
    c = c + d
    b = b ^ c
    b = (b >> _R24) | (b << _L40)
    a = a + b + y
    d = d ^ a
    d = (d >> _R16) | (d << _L48)
    c = c + d
    b = b ^ c
    b = (b >> _R63) | (b << _L1)
    return a, b, c, d


@njit(nogil=True)
def _compress(state: Any, words: Any, length: Any, last: Any) -> None:
    """The function F (RFC 7693, 3.2) over one block of 16 words; `length`: bytes up to its end."""
    a0, a1, a2, a3 = state[0], state[1], state[2], state[3]
    b0, b1, b2, b3 = state[4], state[5], state[6], state[7]
    c0, c1, c2, c3 = _IV[0], _IV[1], _IV[2], _IV[3]
    d0, d1, d2, d3 = _IV[4] ^ np.uint64(length), _IV[5], _IV[6], _IV[7]
    if last:
        d2 = d2 ^ _ONES
    for turn in range(12):
        s = _SIGMA[turn]
        a0, b0, c0, d0 = _mix(a0, b0, c0, d0, words[s[0]], words[s[1]])
        a1, b1, c1, d1 = _mix(a1, b1, c1, d1, words[s[2]], words[s[3]])
        a2, b2, c2, d2 = _mix(a2, b2, c2, d2, words[s[4]], words[s[5]])
        a3, b3, c3, d3 = _mix(a3, b3, c3, d3, words[s[6]], words[s[7]])
        a0, b1, c2, d3 = _mix(a0, b1, c2, d3, words[s[8]], words[s[9]])
        a1, b2, c3, d0 = _mix(a1, b2, c3, d0, words[s[10]], words[s[11]])
        a2, b3, c0, d1 = _mix(a2, b3, c0, d1, words[s[12]], words[s[13]])
        a3, b0, c1, d2 = _mix(a3, b0, c1, d2, words[s[14]], words[s[15]])
    state[0] ^= a0 ^ c0
    state[1] ^= a1 ^ c1
    state[2] ^= a2 ^ c2
    state[3] ^= a3 ^ c3
    state[4] ^= b0 ^ d0
    state[5] ^= b1 ^ d1
    state[6] ^= b2 ^ d2
    state[7] ^= b3 ^ d3


@njit(nogil=True)
def digest(data: Any, start: Any, end: Any, words: Any, state: Any, out: Any) -> None:
    """Hash data[start:end] into the two words of `out`. `words` (16) and `state` (8) are working space."""
    for index in range(8):
        state[index] = _IV[index]
    state[0] ^= _PARAMETERS
    at = np.int64(start)
    while end - at > BLOCK:
        for index in range(16):
            words[index] = load64(data, at + 8 * index)
        at += BLOCK
        _compress(state, words, at - start, False)
    for index in range(16):
        words[index] = np.uint64(0)
    whole = (end - at) // 8
    for index in range(whole):
        words[index] = load64(data, at + 8 * index)
    for place in range(8 * whole, end - at):
        words[whole] |= np.uint64(data[at + place]) << np.uint64(8 * (place - 8 * whole))
    _compress(state, words, end - start, True)
    out[0], out[1] = state[0], state[1]


@njit(nogil=True)
def _digests(data: Any, offsets: Any, out: Any) -> None:
    words, state = np.empty(16, np.uint64), np.empty(8, np.uint64)
    for row in range(len(out)):
        digest(data, offsets[row], offsets[row + 1], words, state, out[row])


def digests(data: U8, offsets: I64) -> U64:
    """The hash of each data[offsets[i]:offsets[i + 1]]: shape (texts, 2), little-endian words of the digest."""
    out = np.empty((len(offsets) - 1, 2), np.uint64)
    _digests(data, offsets, out)
    return out
