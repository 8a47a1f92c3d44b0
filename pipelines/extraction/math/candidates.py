"""Finds where a page may hold formulas: elements by their names, classes and attributes, texts by their delimiters.

Both searches run compiled over the arrays of the tree; what they find, Python looks at.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.html.automaton import Automaton
from pipelines.extraction.html.build_kernel import (
    ATTRIBUTES,
    END,
    FIRST_ATTRIBUTE,
    NAME,
    NAME_END,
    NAME_START,
    PARENT,
    STATE,
    TAG,
    TAIL,
    TAIL_END,
    TEXT,
    TEXT_END,
    VALUE,
    VALUE_END,
)
from pipelines.extraction.html.formula_names import ATTRIBUTES as DATA_ATTRIBUTES
from pipelines.extraction.html.formula_names import TAGS as FORMULA_TAGS
from pipelines.extraction.html.kernels import kernel
from pipelines.extraction.html.names import ATTRIBUTE_NUMBER, NUMBER, TAGS
from pipelines.extraction.html.scan_kernel import is_letter
from pipelines.extraction.html.tree import Tree
from pipelines.extraction.html.tree_kernel import GONE
from pipelines.extraction.math.images import ALT_CLASSES, SIGNS, STEMS

_KNOWN = len(TAGS)
_NAMED: NDArray[np.uint8] = np.zeros(_KNOWN, np.uint8)
_NAMED[[NUMBER[name] for name in (*FORMULA_TAGS, "mml:math", "m:math", "script")]] = 1
_CLASS, _SRC, _ALT, _TITLE = (ATTRIBUTE_NUMBER[name] for name in ("class", "src", "alt", "title"))
_LATER_SIZE, _LAZY_SIZE, _CONTENT_SIZE = (len(name) for name in ("data-src", "data-lazy-src", "data-equation-content"))
"""Attributes that are not known by number are told by the size of their name: enough for what only may be a formula."""
_IMG = NUMBER["img"]
_IMAGE_WORDS = Automaton((word.encode(), 0) for word in (*STEMS, *ALT_CLASSES, *SIGNS))
"""An image is a formula only if one of these stands in an attribute, or `math` in a class around it."""
LONGEST_SIGN = 12
"""Characters of an `alt` that is a sign."""
_FIRST_DATA = min(ATTRIBUTE_NUMBER[name] for name in DATA_ATTRIBUTES)
_LAST_DATA = max(ATTRIBUTE_NUMBER[name] for name in DATA_ATTRIBUTES)


def formula_rows(tree: Tree, words: Automaton) -> tuple[list[tuple[int, int]], list[int]]:
    """Elements that may be formulas.

    First those whose class holds one of `words` or that have an attribute for formulas, each with whether it has;
    then those whose name says so, scripts among them, but no image that `formula_of` would find nothing in.
    """
    total = len(tree.nodes)
    classed, named = np.empty((total, 2), np.int32), np.empty(tree.end, np.int32)
    counts = np.zeros(2, np.int64)
    _formula_rows(
        tree.nodes, tree.attributes, tree.buffer, total, tree.end, words.classes, words.table, words.ends, _NAMED,
        _IMAGE_WORDS.classes, _IMAGE_WORDS.table, _IMAGE_WORDS.ends, classed, named, counts,
    )  # fmt: skip
    found = classed[: counts[0]].tolist()
    tree.with_formula_attributes = frozenset(row for row, has in found if has)
    return found, named[: counts[1]].tolist()


def sign_rows(tree: Tree) -> list[int]:
    """The images whose `alt` may be one short word without TeX; see `symbol_images`."""
    rows = np.empty(tree.end, np.int32)
    count = _sign_rows(tree.nodes, tree.attributes, tree.buffer, tree.end, rows)
    found: list[int] = rows[:count].tolist()
    return found


@kernel
def _may_be_sign(buf: Any, start: Any, end: Any) -> Any:
    """Whether a value may be a short word without TeX: one beyond ASCII or with a reference may."""
    while start < end and buf[start] <= 32:
        start += 1
    while end > start and buf[end - 1] <= 32:
        end -= 1
    blank = False
    for at in range(start, end):
        byte = buf[at]
        if byte == 38 or byte >= 128:
            return True
        if byte == 92 or byte == 36:  # noqa: PLR1714 - compiled
            return False
        blank |= byte <= 32
    return not blank and 0 < end - start <= LONGEST_SIGN


@kernel
def _sign_rows(nodes: Any, attributes: Any, buf: Any, end: Any, rows: Any) -> Any:
    count = 0
    for row in range(end):
        if nodes[row, TAG] != _IMG or nodes[row, STATE] & GONE:
            continue
        first = nodes[row, FIRST_ATTRIBUTE]
        sign = False
        seen = False
        for at in range(first, first + nodes[row, ATTRIBUTES]):
            if attributes[at, NAME] == _ALT and not seen:
                seen = True
                sign = _may_be_sign(buf, attributes[at, VALUE], attributes[at, VALUE_END])
        if sign:
            rows[count] = row
            count += 1
    return count


@kernel
def _is_doubtful(buf: Any, at: Any) -> Any:
    """Whether the `&` at `at` may begin a reference that stands for a byte of `_IMAGE_WORDS`.

    It does not where no semicolon ends a name (those that need none are no such byte), nor before `amp;`, nor before
    `quot;`, `nbsp;`, `rsquo;`, `mdash;`, `lt;`, `ldquo;` and others that begin so, nor where a decimal number stands
    for a quotation mark, an apostrophe, `&` or what is not ASCII.
    """
    first, second, third = buf[at + 1], buf[at + 2], buf[at + 3]
    if first in (113, 110, 114, 109):  # q, n, r, m
        return False
    if first == 108 and second in (100, 115, 116):  # ld, ls, lt
        return False
    if first == 97 and second == 109 and third == 112:
        return False
    if first != 35:
        place = at + 1
        while 48 <= buf[place] <= 57 or is_letter(buf[place]):
            place += 1
        return buf[place] == 59
    number = 0
    place = at + 2
    while 48 <= buf[place] <= 57 and place < at + 9:
        number = number * 10 + buf[place] - 48
        place += 1
    return place == at + 2 or not (number in (34, 38, 39) or 160 <= number < 65536)


@kernel
def _may_show_formula(nodes: Any, attributes: Any, buf: Any, image: Any, classes: Any, table: Any, ends: Any) -> Any:
    """Whether an attribute of an image, or a class of the two elements around it, has what a formula needs.

    Doubtful are an unknown reference and letters whose lower case may be an ASCII letter.
    """
    first = nodes[image, FIRST_ATTRIBUTE]
    for at in range(first, first + nodes[image, ATTRIBUTES]):
        kind = attributes[at, NAME]
        if _FIRST_DATA <= kind <= _LAST_DATA:
            return True
        start, end = attributes[at, VALUE], attributes[at, VALUE_END]
        if kind < 0:
            size = attributes[at, NAME_END] - attributes[at, NAME_START]
            if size == _CONTENT_SIZE:
                return True
            if size not in (_LATER_SIZE, _LAZY_SIZE):
                continue
        elif kind not in (_CLASS, _SRC, _ALT, _TITLE):
            continue
        state = 0
        for place in range(start, end):
            byte = buf[place]
            state = table[state + classes[byte]]
            if (
                ends[state]
                or (byte == 38 and (kind == _CLASS or _is_doubtful(buf, place)))
                or (byte >= 128 and kind == _CLASS)
            ):
                return True
    around = nodes[image, PARENT]
    for _ in range(2):
        if around < 0:
            break
        first = nodes[around, FIRST_ATTRIBUTE]
        for at in range(first, first + nodes[around, ATTRIBUTES]):
            if attributes[at, NAME] == _CLASS:
                for place in range(attributes[at, VALUE], attributes[at, VALUE_END]):
                    if buf[place] == 38:
                        return True
                    if buf[place] == 109 and buf[place + 1] == 97 and buf[place + 2] == 116 and buf[place + 3] == 104:
                        return True
        around = nodes[around, PARENT]
    return False


@kernel
def _formula_rows(
    nodes: Any, attributes: Any, buf: Any, total: Any, end: Any, classes: Any, table: Any, ends: Any, by_name: Any,
    image_classes: Any, image_table: Any, image_ends: Any, classed: Any, named: Any, counts: Any,
) -> Any:  # fmt: skip
    class_count = 0
    name_count = 0
    for row in range(total):
        tag = nodes[row, TAG]
        if (
            tag < _KNOWN
            and by_name[tag]
            and row < end
            and (tag != _IMG or _may_show_formula(nodes, attributes, buf, row, image_classes, image_table, image_ends))
        ):
            named[name_count] = row
            name_count += 1
        first = nodes[row, FIRST_ATTRIBUTE]
        seen = False
        found = False
        data = False
        for at in range(first, first + nodes[row, ATTRIBUTES]):
            kind = attributes[at, NAME]
            if _FIRST_DATA <= kind <= _LAST_DATA:
                data = True
            elif kind == _CLASS and not seen:
                seen = True
                state = 0
                for place in range(attributes[at, VALUE], attributes[at, VALUE_END]):
                    byte = buf[place]
                    state = table[state + classes[byte]]
                    if ends[state] or byte == 38:
                        found = True
                        break
        if found or data:
            classed[class_count, 0] = row
            classed[class_count, 1] = 1 if data else 0
            class_count += 1
    counts[0] = class_count
    counts[1] = name_count


class Hints:
    """Beginnings of delimiters, and the elements whose texts hold none, as compiled code reads them."""

    def __init__(self, hints: Iterable[str], skipped: Iterable[str]) -> None:
        data = [hint.encode() for hint in hints]
        self.begins: NDArray[np.uint8] = np.zeros(256, np.uint8)
        self.begins[[hint[0] for hint in data]] = 1
        self.joined: NDArray[np.uint8] = np.frombuffer(b"".join(data), np.uint8)
        self.places: NDArray[np.int32] = np.cumsum([0, *map(len, data)]).astype(np.int32)
        self.skips: NDArray[np.uint8] = np.zeros(_KNOWN, np.uint8)
        self.skips[[NUMBER[name] for name in skipped]] = 1


def delimited_rows(tree: Tree, hints: Hints) -> list[int]:
    """Elements that directly hold a text with one of `hints`, unless they are or stand in one that holds none.

    Texts directly in an element are its own and the tails of its children.
    """
    total = len(tree.nodes)
    rows, seen = np.empty(total, np.int32), np.zeros(total, np.uint8)
    count = _delimited(tree.nodes, tree.buffer, hints.begins, hints.joined, hints.places, hints.skips, rows, seen)
    found: list[int] = rows[:count].tolist()
    return found


@kernel
def _holds_hint(buf: Any, start: Any, end: Any, begins: Any, joined: Any, places: Any) -> Any:
    for at in range(start, end):
        if begins[buf[at]]:
            for hint in range(places.size - 1):
                size = places[hint + 1] - places[hint]
                if at + size > end:
                    continue
                same = True
                for offset in range(size):
                    if buf[at + offset] != joined[places[hint] + offset]:
                        same = False
                        break
                if same:
                    return True
    return False


@kernel
def _delimited(nodes: Any, buf: Any, begins: Any, joined: Any, places: Any, skips: Any, rows: Any, seen: Any) -> Any:
    count = 0
    behind_skipped = 0
    for row in range(nodes.shape[0]):
        if nodes[row, STATE] & GONE:
            continue
        inside = row < behind_skipped
        parent = nodes[row, PARENT]
        if (
            not inside
            and parent >= 0
            and not seen[parent]
            and _holds_hint(buf, nodes[row, TAIL], nodes[row, TAIL_END], begins, joined, places)
        ):
            seen[parent] = 1
            rows[count] = parent
            count += 1
        tag = nodes[row, TAG]
        if not inside and tag < _KNOWN and skips[tag]:
            behind_skipped = nodes[row, END]
            inside = True
        if not inside and not seen[row] and _holds_hint(
            buf, nodes[row, TEXT], nodes[row, TEXT_END], begins, joined, places
        ):  # fmt: skip
            seen[row] = 1
            rows[count] = row
            count += 1
    return count
