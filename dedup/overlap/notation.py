"""What notation stands for: the small kernels that `dedup.overlap.words` asks where notation begins, all in place.

No byte moves: Greek letters become themselves where their command stands, and what interrupts a word becomes the byte
`SKIPPED`, which no word notices, so that places found in the result are places in the text. A function that reads a
construct returns the byte behind it, or `at` if there is none.
"""

from typing import Any

import numpy as np

from dedup.overlap.names import ENTITY, LONGEST_ENTITY, NOTHING, SLOTS, TAG, name_hash
from manifests.kernels import njit

SKIPPED = 0x7F
"""DEL, a byte that no text means, stands for nothing at all."""
WIDE_OPENERS = b"\xc2\xe2\xef"
"""First bytes of characters at which the splitter asks `rewrite_wide`."""

_UNCLOSED = tuple(name_hash(name, ENTITY) for name in (b"lt", b"gt", b"amp", b"quot", b"nbsp"))
"""Entities that pages leave without their semicolon."""
_PARTING_SPACES = (0xA0, 0x2009, 0x202F)
_CUBE_ROOT, _FOURTH_ROOT = 0x221B, 0x221C
_LONGEST_TAG = 300
_LONGEST_ADDRESS = 300
_LONGEST_ANNOTATION = 80
_SPACE, _BACKSLASH, _AND, _LESS = 0x20, 0x5C, 0x26, 0x3C
_BRACE, _END_BRACE, _LINE, _RETURN, _SEMICOLON, _COMMA = 0x7B, 0x7D, 0x0A, 0x0D, 0x3B, 0x2C


@njit(nogil=True, inline="always")
def is_letter(byte: Any) -> Any:
    return 0x61 <= (byte | 0x20) <= 0x7A


@njit(nogil=True, inline="always")
def is_digit(byte: Any) -> Any:
    return 0x30 <= byte <= 0x39


@njit(nogil=True)
def _digit_value(byte: Any) -> Any:
    """The value of a hexadecimal digit, or -1."""
    if 0x30 <= byte <= 0x39:
        return np.int64(byte) - 0x30
    low = np.int64(byte) | 0x20
    return low - 0x61 + 10 if 0x61 <= low <= 0x66 else np.int64(-1)


@njit(nogil=True)
def lookup(keys: Any, values: Any, key: Any) -> Any:
    """What a name stands for, or -1 for a name that is not known."""
    slot = key & (SLOTS - 1)
    while keys[slot] != 0:
        if keys[slot] == key:
            return values[slot]
        slot = (slot + 1) & (SLOTS - 1)
    return np.int64(-1)


@njit(nogil=True)
def _code_units(data: Any, at: Any) -> Any:
    """The code unit of `uXXXX` or `xXX` behind the backslash at `at`, or -1."""
    last = at + (6 if at + 1 < len(data) and data[at + 1] == 0x75 else 4)
    if last > len(data) or data[at + 1] not in (0x75, 0x78):
        return np.int64(-1)
    code = np.int64(0)
    for place in range(at + 2, last):
        digit = _digit_value(data[place])
        if digit < 0:
            return np.int64(-1)
        code = code * 16 + digit
    return code


@njit(nogil=True)
def _write(data: Any, first: Any, last: Any, code: Any) -> Any:
    """Put the character `code` at `first`, and what is skipped behind it as far as `last`, unless it is a sign of one
    byte; whether it is there to be read.
    """
    numerator, denominator = _vulgar(code)
    if numerator > 0:
        data[first], data[first + 1], data[first + 2] = 0x30 + numerator, _SPACE, 0x30 + denominator
        data[first + 3 : last] = _SPACE
        return True
    if code < 0x80:
        if not (is_letter(code) or is_digit(code)):
            return False
        data[first] = code
        at = first + 1
    elif code < 0x800:
        data[first], data[first + 1] = 0xC0 | (code >> 6), 0x80 | (code & 0x3F)
        at = first + 2
    elif code < 0x10000:
        data[first], data[first + 1] = 0xE0 | (code >> 12), 0x80 | ((code >> 6) & 0x3F)
        data[first + 2] = 0x80 | (code & 0x3F)
        at = first + 3
    else:
        data[first], data[first + 1] = 0xF0 | (code >> 18), 0x80 | ((code >> 12) & 0x3F)
        data[first + 2], data[first + 3] = 0x80 | ((code >> 6) & 0x3F), 0x80 | (code & 0x3F)
        at = first + 4
    data[at:last] = SKIPPED
    return True


@njit(nogil=True)
def _vulgar(code: Any) -> Any:
    """Numerator and denominator of the fractions among the characters, else zeros."""
    if code in (0xBC, 0xBD, 0xBE):
        return np.int64(3 if code == 0xBE else 1), np.int64(2 if code == 0xBD else 4)
    if 0x2153 <= code <= 0x215E:
        place = code - 0x2153
        if place < 2:
            return place + 1, np.int64(3)
        if place < 6:
            return place - 1, np.int64(5)
        if place < 8:
            return (place - 6) * 4 + 1, np.int64(6)
        return (place - 8) * 2 + 1, np.int64(8)
    return np.int64(0), np.int64(0)


@njit(nogil=True)
def thousands(data: Any, before: Any, after: Any) -> Any:
    """Whether `data[before]` is a digit and exactly three digits begin at `after`: 1,000."""
    if before < 0 or after + 3 > len(data) or not is_digit(data[before]):
        return False
    for place in range(after, after + 3):
        if not is_digit(data[place]):
            return False
    return after + 3 == len(data) or not is_digit(data[after + 3])


@njit(nogil=True)
def is_pair(data: Any, before: Any, after: Any) -> Any:
    """Whether the digits that end with `data[before]` and the three from `after` on are all between two parentheses:
    (84,126).
    """
    while before >= 0 and is_digit(data[before]):
        before -= 1
    return before >= 0 and data[before] == 0x28 and after + 3 < len(data) and data[after + 3] == 0x29


@njit(nogil=True)
def _is_ending(letter: Any) -> Any:
    """Whether a letter begins what English joins to a word by an apostrophe: 's, 't, 're, 've, 'll, 'd, 'm."""
    return letter in (0x73, 0x74, 0x72, 0x76, 0x6C, 0x64, 0x6D)


@njit(nogil=True)
def accent_end(data: Any, at: Any) -> Any:
    """The accent that the backslash at `at` sets on the letter behind it, struck out: `Poincar\\'e`, `H\\"{o}lder`."""
    size = len(data)
    if at + 2 >= size:
        return at
    sign = data[at + 1]
    if sign not in (0x27, 0x60, 0x5E, 0x22, 0x7E):
        return at
    if is_letter(data[at + 2]) and not (sign == 0x27 and _is_ending(data[at + 2])):  # not Janet\\'s
        data[at : at + 2] = SKIPPED
        return at + 2
    return braced_letter_end(data, at, at + 2)


@njit(nogil=True)
def braced_letter_end(data: Any, at: Any, brace: Any) -> Any:
    """What stands from `at` to the letter in braces, and the last brace, struck out: `\\c{c}`."""
    if brace + 2 < len(data) and data[brace] == _BRACE and is_letter(data[brace + 1]) and data[brace + 2] == _END_BRACE:
        data[at : brace + 1] = SKIPPED
        data[brace + 2] = SKIPPED
        return brace + 3
    return at


@njit(nogil=True)
def escape_end(data: Any, at: Any) -> Any:
    """The escape `\\u00e1` of JSON, or `\\xe1` of Python, at the backslash at `at`, pairs of surrogates too, written as
    its character; second what it reads as: see `entity_end`.
    """
    code = _code_units(data, at)
    last = at + (6 if at + 1 < len(data) and data[at + 1] == 0x75 else 4)
    if 0xD800 <= code < 0xDC00 and last < len(data) and data[last] == _BACKSLASH:
        low = _code_units(data, last)
        if 0xDC00 <= low < 0xE000:
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
            last += 6
    if code < 0 or 0xD800 <= code < 0xE000:
        return at, False
    return last, _write(data, at, last, code)


@njit(nogil=True)
def group_end(data: Any, at: Any, columns: Any) -> Any:
    """Behind the group in braces at `at`, and with `columns` behind a second one that names columns only (`{cc|c}`)."""
    size = len(data)
    if at >= size or data[at] != _BRACE:
        return at
    end = at + 1
    while end < size and end - at < 40 and data[end] != _END_BRACE and data[end] != _BRACE and data[end] != _LINE:
        end += 1
    if end >= size or data[end] != _END_BRACE:
        return at
    end += 1
    if columns and end < size and data[end] == _BRACE:
        last = end + 1
        while last < size and last - end < 40 and data[last] in (0x63, 0x6C, 0x72, 0x7C, _SPACE):
            last += 1
        if last < size and data[last] == _END_BRACE:
            return last + 1
    return end


@njit(nogil=True)
def entity_end(data: Any, at: Any, keys: Any, values: Any) -> Any:
    """The HTML entity at `at`, and whether it was written as a character that is to be read: otherwise it separates."""
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
        if end > first and end < size and data[end] == _SEMICOLON and end - at >= 4 and code < 0x110000:
            if code == _COMMA and at > 0 and thousands(data, at - 1, end + 1):
                data[at : end + 1] = SKIPPED
                return end + 1, True
            return end + 1, not 0xD800 <= code < 0xE000 and _write(data, at, end + 1, code)
        return at, False
    key = np.int64(ENTITY)
    while end < size and end - at < LONGEST_ENTITY and (is_letter(data[end]) or is_digit(data[end])):
        key = (key * 131 + np.int64(data[end])) & 0x7FFFFFFF
        end += 1
    if end < size and data[end] == _SEMICOLON:
        if end - at == 4 and data[at + 1] == 0x61 and data[at + 2] == 0x6D:  # &amp;nbsp;
            data[end] = _AND
            return end, False
        value = lookup(keys, values, key)
        if value >= NOTHING:
            return end + 1, value != NOTHING and _write(data, at, end + 1, value)
    elif key in _UNCLOSED and (end == size or data[end] <= _SPACE):
        return end, False
    return at, False


@njit(nogil=True)
def tag_end(data: Any, at: Any, keys: Any, values: Any) -> Any:
    """The tag of HTML or MathML at `at`."""
    size = len(data)
    end = at + 1
    if end < size and data[end] == 0x2F:
        end += 1
    key = np.int64(TAG)
    while end < size and end - at < 16 and (is_letter(data[end]) or is_digit(data[end])):
        byte = np.int64(data[end])
        key = (key * 131 + (byte | 0x20 if is_letter(byte) else byte)) & 0x7FFFFFFF
        end += 1
    if end < size and (data[end] in (0x2F, 0x3E) or data[end] <= _SPACE) and lookup(keys, values, key) == NOTHING:
        attribute = data[end] > _SPACE
        while end < size and end - at < _LONGEST_TAG and data[end] != 0x3E and data[end] != _LESS:
            attribute |= data[end] == 0x3D  # which <b and c> does not hold
            end += 1
        if end < size and data[end] == 0x3E and (attribute or data[end - 1] == 0x2F):
            return end + 1
    return at


@njit(nogil=True)
def break_end(data: Any, at: Any) -> Any:
    """The tag `<wbr>` at `at`, where a word may be cut at the end of a line, struck out."""
    size = len(data)
    if at + 4 >= size or data[at + 1] | 0x20 != 0x77 or data[at + 2] | 0x20 != 0x62 or data[at + 3] | 0x20 != 0x72:
        return at
    end = at + 4
    while end < size and end - at < 8 and (data[end] == _SPACE or data[end] == 0x2F):
        end += 1
    if end >= size or data[end] != 0x3E:
        return at
    data[at : end + 1] = SKIPPED
    return end + 1


@njit(nogil=True)
def annotation_end(data: Any, at: Any) -> Any:
    """The calculation `<<16-3=13>>` that GSM8K's solutions carry, at the first of its signs."""
    end = at + 2
    while end < len(data) and end - at < _LONGEST_ANNOTATION and 0x28 <= data[end] <= 0x3D and data[end] != _LESS:
        end += 1
    return end + 2 if end + 1 < len(data) and data[end] == 0x3E and data[end + 1] == 0x3E else at


@njit(nogil=True)
def line_end(data: Any, at: Any, before: Any) -> Any:
    """Where the word goes on that is cut before `at` by the end of its line, or `at`. `before` is its last byte."""
    size = len(data)
    end = at
    while end < size and data[end] == _SPACE:
        end += 1
    if end < size and data[end] == _RETURN:
        end += 1
    if end < size and data[end] == _LINE and before >= 0 and is_letter(data[before]):
        end += 1
        while end < size and (data[end] == _SPACE or data[end] == 0x09 or data[end] == 0x3E):
            end += 1
        if end < size and 0x61 <= data[end] <= 0x7A:
            return end
    return at


@njit(nogil=True)
def link_end(data: Any, at: Any) -> Any:
    """The address of the Markdown link whose text ends with the bracket at `at`."""
    size = len(data)
    if at + 3 >= size or data[at + 1] != 0x28:
        return at
    first = data[at + 2]
    if not (first == 0x2F or first == 0x23 or (first == 0x68 and data[at + 3] == 0x74) or first == 0x2E):
        return at
    end = at + 3
    while end < size and end - at < _LONGEST_ADDRESS and data[end] > _SPACE and data[end] != 0x29:
        end += 1
    return end + 1 if end < size and data[end] == 0x29 else at


@njit(nogil=True)
def rewrite_wide(data: Any, at: Any, code: Any, width: Any) -> Any:
    """Write anew what begins with the character `code` at `at`, if need be; whether it was.

    A soft hyphen or hyphen at the end of a line, spaces that part thousands, ligatures, and fractions and roots that
    are one character.
    """
    size = len(data)
    if code in _PARTING_SPACES:
        if thousands(data, at - 1, at + width):
            data[at : at + width] = SKIPPED
            return True
        return False
    if code == _CUBE_ROOT or code == _FOURTH_ROOT:  # as \\sqrt[3]{…}
        data[at], data[at + 1], data[at + 2] = _SPACE, 0x33 + code - _CUBE_ROOT, _SPACE
        return True
    if code == 0xAD or code == 0x2010:
        end = line_end(data, at + width, at - 1)
        if end > at + width:
            data[at:end] = SKIPPED
            return True
        return False
    if 0xFB00 <= code <= 0xFB06:
        data[at] = 0x66 if code <= 0xFB04 else 0x73
        data[at + 1] = 0x69 if code == 0xFB01 else 0x6C if code == 0xFB02 else 0x66 if code <= 0xFB04 else 0x74
        data[at + 2] = 0x69 if code == 0xFB03 else 0x6C if code == 0xFB04 else SKIPPED
        return True
    numerator, denominator = _vulgar(code)
    if numerator > 0 and (at == 0 or not is_digit(data[at - 1])):
        last = at + width
        if width == 2 and last < size and data[last] < 0x30 and (last + 1 == size or not is_digit(data[last + 1])):
            last += 1
        if last - at >= 3:
            data[at], data[at + 1], data[at + 2] = 0x30 + numerator, _SPACE, 0x30 + denominator
            return True
    return False
