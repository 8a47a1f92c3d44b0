"""Brings the rows of a tree into the order of the page, and tells where each element ends; compiled."""

from typing import Any

from pipelines.extraction.html.build_kernel import COLUMNS, END, LAST, PARENT, PREVIOUS
from pipelines.extraction.html.kernels import kernel


@kernel
def end_rows(nodes: Any, count: Any) -> Any:
    """Note for each row the one behind the last inside it. The rows are in order."""
    for row in range(count - 1, -1, -1):
        last = nodes[row, LAST]
        nodes[row, END] = row + 1 if last < 0 else nodes[last, END]


@kernel
def order(nodes: Any, count: Any, places: Any, out: Any) -> Any:
    """Write the rows that hang on row 0 to `out` in the order of the page; how many they are.

    The tree is walked from its end, children last to first and each element behind its children, which is the order of
    the page reversed. `places` gets the new number of each row, -1 for those that hang on nothing.
    """
    for one in range(count):
        places[one] = -1
    number = 0
    row: Any = 0
    while True:
        while nodes[row, LAST] >= 0:
            row = nodes[row, LAST]
        while True:
            places[row] = number
            number += 1
            if row == 0:
                break
            if nodes[row, PREVIOUS] >= 0:
                row = nodes[row, PREVIOUS]
                break
            row = nodes[row, PARENT]
        if row == 0 and places[0] >= 0:
            break
    for one in range(count):
        if places[one] >= 0:
            places[one] = number - 1 - places[one]
    for one in range(count):
        place = places[one]
        if place < 0:
            continue
        for column in range(COLUMNS):
            out[place, column] = nodes[one, column]
        for column in (PARENT, PREVIOUS, LAST):
            other = nodes[one, column]
            out[place, column] = places[other] if other >= 0 else -1
    return number
