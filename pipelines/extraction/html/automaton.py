"""Looks for many words in one pass over bytes, in any case of ASCII letters (Aho and Corasick 1975).

A page is asked for hundreds of names of programs, classes, attributes and delimiters. One search each would cost more
than all the rest of its extraction; the automaton reads each byte once, whatever the number of words.
"""

from collections import deque
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.html.kernels import kernel

_ENDS = np.int32(-(2**31))
"""The sign of a state in which a word ends."""
_STATE = np.int32(2**31 - 1)


class Automaton:
    """Words, each with a number from 0 to 63; several words may share one, and a word may have several.

    `table[state * width + classes[byte]]` is the next state, `said[state]` the set of numbers whose words end there,
    as bits; `depths[state]` is how many bytes the state stands for. A word holds no capital letter.
    """

    def __init__(self, words: Iterable[tuple[bytes, int]], one_blank: bool = False) -> None:
        """`one_blank`: the blank of a word stands for any white space."""
        words = list(words)
        self.longest = max(len(word) for word, _ in words)
        letters = sorted({byte for word, _ in words for byte in word})
        classes = np.zeros(256, np.uint8)
        for number, byte in enumerate(letters, 1):
            classes[byte] = number
            if 97 <= byte <= 122:
                classes[byte - 32] = number
        if one_blank:
            classes[[9, 10, 12, 13]] = classes[32]
        self.width = len(letters) + 1
        children: list[dict[int, int]] = [{}]
        said = [0]
        depths = [0]
        for word, number in words:
            state = 0
            for byte in word:
                symbol = int(classes[byte])
                if symbol not in children[state]:
                    children[state][symbol] = len(children)
                    children.append({})
                    said.append(0)
                    depths.append(depths[state] + 1)
                state = children[state][symbol]
            said[state] |= 1 << number
        table = np.zeros((len(children), self.width), np.int32)
        fallback = [0] * len(children)
        queue = deque([0])
        while queue:
            state = queue.popleft()
            table[state] = table[fallback[state]] if state else 0
            for symbol, child in children[state].items():
                fallback[child] = int(table[fallback[state], symbol]) if state else 0
                said[child] |= said[fallback[child]]
                queue.append(child)
            for symbol, child in children[state].items():
                table[state, symbol] = child
        self.classes: NDArray[np.uint8] = classes
        # Rows are numbered by where they begin, which spares the compiled loop a multiplication.
        self.table: NDArray[np.int32] = np.ascontiguousarray(table * self.width).reshape(-1)
        self.said: NDArray[np.uint64] = np.zeros(len(children) * self.width, np.uint64)
        self.said[:: self.width] = np.array(said, np.uint64)
        self.depths: NDArray[np.uint8] = np.repeat(np.array(depths, np.uint8), self.width)
        self.ends: NDArray[np.uint8] = (self.said != 0).astype(np.uint8)

        self._marked: NDArray[np.int32] = np.where(self.ends[self.table], self.table | _ENDS, self.table)

    def found(self, data: NDArray[np.uint8]) -> int:
        """The numbers of the words that stand in `data`, as bits."""
        return int(_found(data, self.longest, self.classes, self._marked, self.said))


@kernel
def _found(data: Any, longest: Any, classes: Any, table: Any, said: Any) -> Any:
    """Eight parts of `data` are read side by side: a state waits for the one before it, and the eight share the wait.

    A part begins so far before the end of the last one that no word between the two is missed.
    """
    part = data.size // 8
    begin_1, begin_2, begin_3, begin_4, begin_5, begin_6, begin_7 = (
        max(0, part - longest + 1), max(0, 2 * part - longest + 1), max(0, 3 * part - longest + 1),
        max(0, 4 * part - longest + 1), max(0, 5 * part - longest + 1), max(0, 6 * part - longest + 1),
        max(0, 7 * part - longest + 1),
    )  # fmt: skip
    size = data.size - begin_7
    state_0 = state_1 = state_2 = state_3 = state_4 = state_5 = state_6 = state_7 = np.int32(0)
    found = np.uint64(0)
    for at in range(size):
        state_0 = table[(state_0 & _STATE) + classes[data[at]]]
        state_1 = table[(state_1 & _STATE) + classes[data[begin_1 + at]]]
        state_2 = table[(state_2 & _STATE) + classes[data[begin_2 + at]]]
        state_3 = table[(state_3 & _STATE) + classes[data[begin_3 + at]]]
        state_4 = table[(state_4 & _STATE) + classes[data[begin_4 + at]]]
        state_5 = table[(state_5 & _STATE) + classes[data[begin_5 + at]]]
        state_6 = table[(state_6 & _STATE) + classes[data[begin_6 + at]]]
        state_7 = table[(state_7 & _STATE) + classes[data[begin_7 + at]]]
        if (state_0 | state_1 | state_2 | state_3 | state_4 | state_5 | state_6 | state_7) < 0:
            for state in (state_0, state_1, state_2, state_3, state_4, state_5, state_6, state_7):
                if state < 0:
                    found |= said[state & _STATE]
    return found
