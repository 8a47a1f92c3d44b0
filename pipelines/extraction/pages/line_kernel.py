"""Reads and writes the lines of a text, compiled: which lines need a look, and the text without those that go.

A page has thousands of lines, and hardly one of them needs a look: the compiled pass finds those that hold a phrase or
an edit link, are but a sign, or end in white space. Code between fences is left alone.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.html.automaton import Automaton
from pipelines.extraction.html.kernels import kernel
from pipelines.extraction.html.scan_kernel import count_byte

LOOK, FORMULA = 8, 16
"""Flags of a line: it needs a look; it is a heading with a formula. Below them stands the rank of its heading."""
_LONGEST_SIGN = 16
_HIGHEST_RANK = 6


def scan(data: NDArray[np.uint8], phrases: Automaton) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Where the lines of `data` begin, with the end of the last one behind them, and their flags."""
    most = int(count_byte(data, 10)) + 2
    starts, flags = np.empty(most, np.int32), np.zeros(most, np.uint8)
    count = _scan(data, phrases.classes, phrases.table, phrases.ends, starts, flags)
    return starts[: count + 1], flags[:count]


@kernel
def _is_fence(data: Any, start: Any, end: Any) -> Any:
    return end - start >= 3 and data[start] == 96 and data[start + 1] == 96 and data[start + 2] == 96


@kernel
def _scan(data: Any, classes: Any, table: Any, ends: Any, starts: Any, flags: Any) -> Any:
    count = 0
    start = 0
    fenced = False
    size = data.size
    while start <= size:
        starts[count] = start
        fence = _is_fence(data, start, size)
        if fence:
            fenced = not fenced
        at = start
        state = 0
        said = False
        signs = True
        if fenced or fence:
            while at < size and data[at] != 10:
                at += 1
        else:
            while at < size:
                byte = data[at]
                if byte == 10:
                    break
                state = table[state + classes[byte]]
                if ends[state]:
                    said = True
                if 48 <= byte <= 57 or 97 <= (byte | 0x20) <= 122:
                    signs = False
                at += 1
            if at > start:
                rank = 0
                while rank < at - start and data[start + rank] == 35:
                    rank += 1
                flag = rank if 0 < rank <= _HIGHEST_RANK and start + rank < at and data[start + rank] == 32 else 0
                last = data[at - 1]
                if said or last <= 32 or last >= 0x80 or (signs and at - start <= _LONGEST_SIGN):
                    flag |= LOOK
                if flag & (LOOK - 1):
                    for place in range(start, at - 2):
                        if data[place] == 0xE2 and data[place + 1] == 0xB8 and data[place + 2] == 0xA8:
                            flag |= FORMULA
                flags[count] = flag
        count += 1
        start = at + 1
    starts[count] = size + 1
    return count


def without(
    data: NDArray[np.uint8], starts: NDArray[np.int32], flags: NDArray[np.uint8], dropped: NDArray[np.uint8]
) -> bytes:
    """The text without the dropped lines and without headings that nothing follows before the next of their rank.

    A heading that holds a formula stays. More than one empty line in a row becomes one.
    """
    out = np.empty(data.size + 1, np.uint8)
    used = _without(data, starts, flags, dropped, np.full(_HIGHEST_RANK + 1, flags.size, np.int64), out)
    return out[:used].tobytes()


@kernel
def _without(data: Any, starts: Any, flags: Any, dropped: Any, next_at: Any, out: Any) -> Any:
    count = flags.size
    text_at = count
    for line in range(count - 1, -1, -1):
        if dropped[line]:
            continue
        rank = flags[line] & (LOOK - 1)
        if rank == 0:
            if starts[line + 1] - starts[line] > 1:
                text_at = line
            continue
        keep = text_at < count
        for one in range(1, rank + 1):
            if text_at >= next_at[one]:
                keep = False
        next_at[rank] = line
        if not keep and not flags[line] & FORMULA:
            dropped[line] = 1
    used = 0
    breaks = 0
    for line in range(count):
        if dropped[line]:
            continue
        for at in range(starts[line], starts[line + 1] - 1):
            out[used] = data[at]
            used += 1
            breaks = 0
        breaks += 1
        if breaks <= 2:
            out[used] = 10
            used += 1
    return used
