"""Groups the elements of a page by what decides about them: their name, class, id, style and role.

A page repeats a few start tags thousands of times, and a site repeats them on every page. So elements get the number
of their signature here, compiled, and Python decides about each signature once.
"""

import itertools
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.html.automaton import Automaton
from pipelines.extraction.html.build_kernel import ATTRIBUTES, END, FIRST_ATTRIBUTE, NAME, STATE, TAG, VALUE, VALUE_END
from pipelines.extraction.html.kernels import kernel
from pipelines.extraction.html.names import NAMING, TAGS
from pipelines.extraction.html.tree import Tree
from pipelines.extraction.html.tree_kernel import EMPTIED, GONE

_CLASS, _ID, _STYLE = (NAMING.index(name) for name in ("class", "id", "style"))
_KNOWN = len(TAGS)
NAME_WORD, STYLE_WORD = 0, 1


class Signatures(NamedTuple):
    """`of` gives every row its signature, -1 where it has no naming attribute; `rows` an element of each signature;
    `keys` the bytes that identify it on any page."""

    of: NDArray[np.int32]
    rows: list[int]
    keys: list[bytes]


class NamingWords:
    """The words for which a class, an id or a style counts, and the three bytes that each begins with."""

    def __init__(self, names: Iterable[bytes], styles: Iterable[bytes]) -> None:
        """A blank in a name stands for any white space and for the ends of a value."""
        words = {**dict.fromkeys(names, NAME_WORD), **dict.fromkeys(styles, STYLE_WORD)}
        self.automaton = Automaton(words.items(), one_blank=True)
        classes, width = self.automaton.classes, self.automaton.width
        self.begins: NDArray[np.uint8] = np.zeros(256, np.uint8)
        self.triples: NDArray[np.uint8] = np.zeros(width**3, np.uint8)
        for word, number in words.items():
            first, second, third = (int(classes[byte]) for byte in word[:3])
            self.begins[classes == first] |= 1 << number
            self.triples[(first * width + second) * width + third] |= 1 << number


def asked(inline: frozenset[str], nothing: frozenset[str]) -> NDArray[np.uint8]:
    """For every known element which naming attributes count, as bits; for `inline` ones only class and style."""
    bits = np.full(_KNOWN + 1, (1 << len(NAMING)) - 1, np.uint8)
    for number, name in enumerate(TAGS):
        if name in inline:
            bits[number] = (1 << NAMING.index("class")) | (1 << NAMING.index("style"))
        elif name in nothing:
            bits[number] = 0
    return bits


def signatures(tree: Tree, bits: NDArray[np.uint8], words: NamingWords) -> Signatures:
    """The signatures of all elements that are in the tree.

    Class and id count where one of them holds a word of `words` with number `NAME_WORD` (each stands in blanks), a
    style where it holds one with number `STYLE_WORD`: all others decide nothing, and there are many of them.
    """
    size = tree.end
    slots = 1 << max(6, (2 * size).bit_length())
    of, rows, ends = np.full(size, -1, np.int32), np.empty(size, np.int32), np.empty(size, np.int32)
    hashes = np.empty(size, np.uint32)
    # Signatures repeat bytes of the source, with one byte for the name of an attribute and two for the element's. One
    # that is known is written before it is recognised, as that of a `b` that the parser opens again in the next `p`.
    data = np.empty(2 * len(tree.source) + 16, np.uint8)
    count = _signatures(
        tree.nodes, tree.attributes, tree.buffer, size, bits, of, rows, ends, hashes, data,
        np.full(slots, -1, np.int32), words.begins, words.triples, words.automaton.width, words.automaton.classes,
        words.automaton.table, words.automaton.said, words.automaton.depths,
    )  # fmt: skip
    places = [0, *ends[:count].tolist()]
    everything = data[: places[-1]].tobytes()
    return Signatures(of, rows[:count].tolist(), [everything[begin:end] for begin, end in itertools.pairwise(places)])


def spread(tree: Tree, of: NDArray[np.int32], judged: NDArray[np.int32], plain: NDArray[np.int32]) -> NDArray[np.int32]:
    """For every row what was `judged` of its signature, or what is `plain` for its name where it has none."""
    _spread(tree.nodes, of, judged, plain)
    return of


@kernel
def _spread(nodes: Any, of: Any, judged: Any, plain: Any) -> Any:
    for row in range(of.size):
        if of[row] >= 0:
            of[row] = judged[of[row]]
        else:
            of[row] = plain[min(nodes[row, TAG], _KNOWN)]


@kernel
def _holds(
    buf: Any, start: Any, end: Any, bit: Any, begins: Any, triples: Any, width: Any, classes: Any, table: Any,
    said: Any, depths: Any,
) -> Any:  # fmt: skip
    """Whether a value holds a word with the number `bit`, or anything that is not plain ASCII."""
    wanted = np.uint64(1) << np.uint64(bit)
    for at in range(start - 1, end):
        byte = buf[at] if at >= start else 32
        if byte >= 128 or byte == 38:  # a letter with an unknown lower case, or a character reference
            return True
        if not begins[byte] >> bit & 1 or at + 1 >= end:
            continue
        second, third = buf[at + 1], buf[at + 2] if at + 2 < end else 32
        triple = (np.int64(classes[byte]) * width + classes[second]) * width + classes[third]
        if not triples[triple] >> bit & 1:
            continue
        # Words that begin here: the state is then as deep as bytes were read.
        state = table[classes[byte]]
        read = 1
        while at + read <= end and depths[state] == read:
            state = table[state + classes[buf[at + read] if at + read < end else 32]]
            read += 1
            if said[state] & wanted:
                return True
    return False


@kernel
def _signatures(
    nodes: Any, attributes: Any, buf: Any, end: Any, bits: Any, of: Any, rows: Any, ends: Any, hashes: Any, data: Any,
    slots: Any, begins: Any, triples: Any, width: Any, classes: Any, table: Any, said: Any, depths: Any,
) -> Any:  # fmt: skip
    mask = slots.size - 1
    count = 0
    used = 0
    row: Any = 0
    while row < end:
        state = nodes[row, STATE]
        if state & GONE:
            row = np.int64(nodes[row, END])
            continue
        tag = nodes[row, TAG]
        wanted = bits[min(tag, _KNOWN)]
        number = nodes[row, ATTRIBUTES]
        if wanted != 0 and number > 0:
            first = nodes[row, FIRST_ATTRIBUTE]
            begin = used
            done = 0
            named = False
            styled = False
            for at in range(first, first + number):
                kind = attributes[at, NAME]
                if (kind == _CLASS or kind == _ID or kind == _STYLE) and (wanted >> kind) & 1:
                    bit = STYLE_WORD if kind == _STYLE else NAME_WORD
                    if _holds(
                        buf, attributes[at, VALUE], attributes[at, VALUE_END], bit, begins, triples, width, classes,
                        table, said, depths,
                    ):  # fmt: skip
                        if kind == _STYLE:
                            styled = True
                        else:
                            named = True
            for at in range(first, first + number):
                kind = attributes[at, NAME]
                if kind < 0 or kind >= 8 or not (wanted >> kind) & 1 or (done >> kind) & 1:
                    continue
                done |= 1 << kind
                if (kind == _STYLE and not styled) or ((kind == _CLASS or kind == _ID) and not named):
                    continue
                start, stop = attributes[at, VALUE], attributes[at, VALUE_END]
                if used == begin:
                    data[used] = tag & 255
                    data[used + 1] = min(tag, _KNOWN) >> 8
                    used += 2
                data[used] = 128 + kind
                used += 1
                for place in range(max(start, 0), max(stop, 0)):
                    data[used] = buf[place]
                    used += 1
            if used > begin:
                value = np.uint64(2166136261)  # products of 32 bits have 64 here: cut, or nothing is ever found again
                for place in range(begin, used):
                    value = ((value ^ np.uint64(data[place])) * np.uint64(16777619)) & np.uint64(0xFFFFFFFF)
                slot = np.int64(value) & mask
                found = -1
                while slots[slot] >= 0:
                    other = slots[slot]
                    other_begin = ends[other - 1] if other > 0 else 0
                    if np.uint64(hashes[other]) == value and ends[other] - other_begin == used - begin:
                        same = True
                        for offset in range(used - begin):
                            if data[other_begin + offset] != data[begin + offset]:
                                same = False
                                break
                        if same:
                            found = other
                            break
                    slot = (slot + 1) & mask
                if found >= 0:
                    used = begin
                else:
                    rows[count] = row
                    ends[count] = used
                    hashes[count] = value
                    slots[slot] = count
                    found = count
                    count += 1
                of[row] = found
        row = np.int64(nodes[row, END]) if state & EMPTIED else row + 1
    return count
