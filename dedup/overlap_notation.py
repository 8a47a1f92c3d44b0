"""Notation brought to one form before the `exact` method splits words, in place: no byte moves.

One formula is written in many ways: `\\dfrac`, `\\tfrac` and `/`; `\\le`, `\\leq`, `&le;` and ≤; `\\alpha` and α; a
page saved with its tags, a data set dumped with `\\u00e1`, a word cut at the end of a line. What only dresses a formula
becomes spaces, Greek letters become themselves, and what interrupts a word becomes characters that are ignored (U+00AD,
U+2060), so that places found in the result are places in the text. Names of commands and entities: LaTeX's companion
`amsmath` and HTML 4, section 24. Relations and operators are dropped rather than renamed, as their Unicode signs
separate words too.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manifests.kernels import njit

_DROPPED = """
frac dfrac tfrac cfrac left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr middle le leq leqslant ge geq
geqslant ne neq lt gt cdot times ast div pm mp cdots ldots dots dotsc dotsb text textrm textbf textit textup mathrm
mathbf mathit mathbb mathcal mathsf operatorname mbox hbox quad qquad displaystyle textstyle boxed circ degree infty
sqrt sum prod int iff implies to rightarrow Rightarrow leftrightarrow Leftrightarrow equiv approx sim cong in notin
subset subseteq cup cap emptyset varnothing angle triangle perp parallel mid nmid lfloor rfloor lceil rceil langle
rangle forall exists partial nabla limits overline bar vec hat widehat underline lbrace rbrace lvert rvert vert star
bullet prime land lor neg
"""
_DROPPED_ENTITIES = """
nbsp amp quot apos rsquo lsquo ldquo rdquo minus sdot hellip ndash mdash radic sup2 sup3 thinsp ensp emsp deg middot
bull isin notin sub sube rarr lArr rArr hArr ang prime
"""
_GREEK_NAMES = """
alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega
varepsilon vartheta varphi varrho Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
"""
_GREEK_LETTERS = "αβγδεζηθικλμνξπρστυφχψωεθφρΓΔΘΛΞΠΣΥΦΨΩ"
_TAGS = """
a b i u p em strong span sub sup br div code pre li ul ol td tr th table tbody font img h1 h2 h3 h4 h5 h6 hr small math
mi mo mn mrow msup msub
"""

GREEK = (0x370, 0x400)
"""Letters of this block are words by themselves in `exact`: 2α reads as 2\\alpha does."""

_SLOTS = 1024
_COMMAND, _ENTITY, _TAG = 1, 2, 3
_LONGEST_TAG = 300
_SPACE, _BACKSLASH, _AND, _LESS, _HYPHEN = 0x20, 0x5C, 0x26, 0x3C, 0x2D


def _name_hash(name: bytes, role: int) -> int:
    value = role
    for byte in name:
        value = (value * 131 + byte) & 0x7FFFFFFF
    return value


@cache
def _names() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Two arrays of shape (_SLOTS,): the hash of a name (0: free), and the code point it stands for (0: spaces)."""
    greek = list(zip(_GREEK_NAMES.split(), _GREEK_LETTERS, strict=True))
    entries = [(name, role, 0) for role in (_COMMAND, _ENTITY) for name in _DROPPED.split()]
    entries += [(name, _ENTITY, 0) for name in _DROPPED_ENTITIES.split()] + [(name, _TAG, 0) for name in _TAGS.split()]
    entries += [(name, role, ord(letter)) for role in (_COMMAND, _ENTITY) for name, letter in greek]
    keys, values = np.zeros(_SLOTS, dtype=np.int64), np.zeros(_SLOTS, dtype=np.int64)
    for name, role, code in entries:
        key = _name_hash(name.encode(), role)
        slot = key % _SLOTS
        while keys[slot] not in (0, key):
            slot = (slot + 1) % _SLOTS
        keys[slot], values[slot] = key, code
    return keys, values


@njit(nogil=True, inline="always")
def _is_letter(byte: Any) -> Any:
    return 0x61 <= (byte | 0x20) <= 0x7A


@njit(nogil=True, inline="always")
def _is_digit(byte: Any) -> Any:
    return 0x30 <= byte <= 0x39


@njit(nogil=True)
def _digit_value(byte: Any) -> Any:
    """The value of a hexadecimal digit, or -1."""
    if 0x30 <= byte <= 0x39:
        return np.int64(byte) - 0x30
    low = np.int64(byte) | 0x20
    return low - 0x61 + 10 if 0x61 <= low <= 0x66 else np.int64(-1)


@njit(nogil=True)
def _lookup(keys: Any, values: Any, key: Any) -> Any:
    """The code point that a name stands for, 0 for spaces, -1 for a name that is not known."""
    slot = key % len(keys)
    while keys[slot] != 0:
        if keys[slot] == key:
            return values[slot]
        slot = (slot + 1) % len(keys)
    return np.int64(-1)


@njit(nogil=True)
def _ignore(out: Any, first: Any, last: Any) -> None:
    """Fill `out[first:last]` (none, or two bytes and more) with characters that no word notices."""
    at = first
    while at < last:
        if (last - at) % 2 == 1 and last - at >= 3:
            out[at], out[at + 1], out[at + 2] = 0xE2, 0x81, 0xA0
            at += 3
        else:
            out[at], out[at + 1] = 0xC2, 0xAD
            at += 2


@njit(nogil=True)
def _write(out: Any, first: Any, last: Any, code: Any) -> None:
    """Put the character `code` at `first`, and what is ignored behind it as far as `last`."""
    if code < 0x80:
        letter = _is_letter(code) or _is_digit(code)
        out[first] = code if letter else _SPACE
        at = first + 1
        if not letter or last - at == 1:
            out[at:last] = _SPACE
            return
    elif code < 0x800:
        out[first], out[first + 1] = 0xC0 | (code >> 6), 0x80 | (code & 0x3F)
        at = first + 2
    else:
        out[first], out[first + 1] = 0xE0 | (code >> 12), 0x80 | ((code >> 6) & 0x3F)
        out[first + 2] = 0x80 | (code & 0x3F)
        at = first + 3
    if last - at == 1:
        out[at] = _SPACE
    else:
        _ignore(out, at, last)


@njit(nogil=True)
def _command(data: Any, out: Any, at: Any, keys: Any, values: Any) -> Any:
    """Rewrite what begins with the backslash at `at`; returns where to read on."""
    size = len(data)
    if at + 5 < size and data[at + 1] == 0x75:  # \u00e1
        code = np.int64(0)
        for place in range(at + 2, at + 6):
            digit = _digit_value(data[place])
            code = np.int64(-1) if digit < 0 or code < 0 else code * 16 + digit
        if 0 <= code < 0xD800 or code >= 0xE000:
            _write(out, at, at + 6, code)
            return at + 6
    end = at + 1
    key = np.int64(_COMMAND)
    while end < size and _is_letter(data[end]):
        key = (key * 131 + np.int64(data[end])) & 0x7FFFFFFF
        end += 1
    code = _lookup(keys, values, key)
    if code == 0:
        out[at:end] = _SPACE
        # \frac12 is \frac{1}{2}
        fraction = end - at >= 5 and data[end - 1] == 0x63 and data[end - 4] == 0x66
        if fraction and end + 1 < size and _is_digit(data[end]) and _is_digit(data[end + 1]):
            out[end - 1], out[end] = data[end], _SPACE
            return end + 2
    elif code > 0:
        out[at:end] = _SPACE
        out[at], out[at + 1] = 0xC0 | (code >> 6), 0x80 | (code & 0x3F)
    elif end - at > 2 and data[at + 1] in (0x6E, 0x74) and data[at + 2] < 0x60:  # \nThe, from a dump as JSON
        out[at], out[at + 1] = _SPACE, _SPACE
    return max(end, at + 1)


@njit(nogil=True)
def _entity(data: Any, out: Any, at: Any, keys: Any, values: Any) -> Any:
    """Rewrite the HTML entity at `at` if it is one; returns where to read on."""
    size = len(data)
    end = at + 1
    if end < size and data[end] == 0x23:
        end += 1
        base = np.int64(10)
        if end < size and data[end] | 0x20 == 0x78:
            base = np.int64(16)
            end += 1
        code, first = np.int64(0), end
        while end < size and end - first < 7:
            digit = _digit_value(data[end])
            if digit < 0 or digit >= base:
                break
            code = code * base + digit
            end += 1
        if end > first and end < size and data[end] == 0x3B:
            if code < 0xD800 or 0xE000 <= code < 0x10000:
                _write(out, at, end + 1, code)
            else:
                out[at : end + 1] = _SPACE
            return end + 1
        return at + 1
    key = np.int64(_ENTITY)
    while end < size and end - at < 12 and (_is_letter(data[end]) or _is_digit(data[end])):
        key = (key * 131 + np.int64(data[end])) & 0x7FFFFFFF
        end += 1
    if end < size and data[end] == 0x3B:
        code = _lookup(keys, values, key)
        if code >= 0:
            out[at : end + 1] = _SPACE
            if code > 0:
                out[at], out[at + 1] = 0xC0 | (code >> 6), 0x80 | (code & 0x3F)
            return end + 1
    return at + 1


@njit(nogil=True)
def _tag(data: Any, out: Any, at: Any, keys: Any, values: Any) -> Any:
    """Put spaces in the place of the HTML tag at `at` if it is one; returns where to read on."""
    size = len(data)
    end = at + 1
    if end < size and data[end] == 0x2F:
        end += 1
    key = np.int64(_TAG)
    while end < size and end - at < 10 and (_is_letter(data[end]) or _is_digit(data[end])):
        byte = np.int64(data[end])
        key = (key * 131 + (byte | 0x20 if _is_letter(byte) else byte)) & 0x7FFFFFFF
        end += 1
    if end < size and data[end] in (0x20, 0x2F, 0x3E) and _lookup(keys, values, key) == 0:
        while end < size and end - at < _LONGEST_TAG and data[end] != 0x3E and data[end] != _LESS:
            end += 1
        if end < size and data[end] == 0x3E:
            out[at : end + 1] = _SPACE
            return end + 1
    return at + 1


@njit(nogil=True)
def _hyphen(data: Any, out: Any, at: Any) -> Any:
    """Join a word that is cut by the hyphen at `at` and the end of its line; returns where to read on."""
    size = len(data)
    end = at + 1
    if end < size and data[end] == 0x0D:
        end += 1
    if end < size and data[end] == 0x0A and at > 0 and _is_letter(data[at - 1]):
        end += 1
        while end < size and data[end] == _SPACE:
            end += 1
        if end < size and 0x61 <= data[end] <= 0x7A:
            _ignore(out, at, end)
            return end
    return at + 1


@njit(nogil=True)
def _rewrite(data: Any, out: Any, keys: Any, values: Any) -> None:
    at = np.int64(0)
    size = np.int64(len(data))
    while at < size:
        byte = data[at]
        if byte == _BACKSLASH:
            at = _command(data, out, at, keys, values)
        elif byte == _AND:
            at = _entity(data, out, at, keys, values)
        elif byte == _LESS:
            at = _tag(data, out, at, keys, values)
        elif byte == _HYPHEN:
            at = _hyphen(data, out, at)
        else:
            at += 1


def one_notation(raw: bytes) -> bytes:
    """`raw` (UTF-8) with its notation in one form, of the same length."""
    data = np.frombuffer(raw, dtype=np.uint8)
    out = data.copy()
    keys, values = _names()
    _rewrite(data, out, keys, values)
    return out.tobytes()
