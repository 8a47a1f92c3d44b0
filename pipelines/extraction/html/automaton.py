"""Looks for many words in one pass over bytes, in any case of ASCII letters (Aho and Corasick 1975).

A page is asked for about eighty names of programs, classes, attributes and delimiters. One search each would cost more
than all the rest of its extraction; the automaton reads each byte once, whatever the number of words.
"""

from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.html.kernels import kernel


class Automaton:
    """Words, each with a number from 0 to 63; several words may share one.

    `table[state * width + classes[byte]]` is the next state, `said[state]` the set of numbers whose words end there,
    as bits; `depths[state]` is how many bytes the state stands for. A word holds no capital letter.
    """

    def __init__(self, words: Mapping[bytes, int], one_blank: bool = False) -> None:
        """`one_blank`: the blank of a word stands for any white space."""
        self.longest = max(map(len, words))
        letters = sorted({byte for word in words for byte in word})
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
        for word, number in words.items():
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

    def found(self, data: NDArray[np.uint8]) -> int:
        """The numbers of the words that stand in `data`, as bits."""
        return int(_found(data, self.longest, self.classes, self.table, self.ends, self.said))


@kernel
def _found(data: Any, longest: Any, classes: Any, table: Any, ends: Any, said: Any) -> Any:
    """Four parts of `data` are read side by side: a state waits for the one before it, and so the four share the wait.

    A part begins so far before the end of the last one that no word between the two is missed.
    """
    quarter = data.size // 4
    second = max(0, quarter - longest + 1)
    third = max(0, 2 * quarter - longest + 1)
    fourth = max(0, 3 * quarter - longest + 1)
    size = data.size - fourth
    one = two = three = four = np.int32(0)
    found = np.uint64(0)
    for at in range(size):
        one = table[one + classes[data[at]]]
        two = table[two + classes[data[second + at]]]
        three = table[three + classes[data[third + at]]]
        four = table[four + classes[data[fourth + at]]]
        if ends[one] | ends[two] | ends[three] | ends[four]:
            found |= said[one] | said[two] | said[three] | said[four]
    return found
