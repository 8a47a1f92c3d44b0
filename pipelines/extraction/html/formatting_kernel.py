"""Formatting elements that pages forget to close or close in the wrong order; compiled.

The list of active formatting elements (section 13.2.4.3 of the HTML standard) with its markers, opening them again
where a block begins, and the adoption agency (13.2.6.4.7), which gives `<b>1<p>2</b>3` the tree that browsers build.
"""

from typing import Any

import numpy as np

from pipelines.extraction.html.build_kernel import (
    ACTIVE,
    ACTIVE_LIST,
    ATTRIBUTES,
    CLONES,
    DEPTH,
    FIRST_ATTRIBUTE,
    FOREIGN,
    FOSTER,
    LAST,
    MAX_ACTIVE,
    MAX_DEPTH,
    MOVED,
    NAME_END,
    NAME_START,
    NO_LINK,
    OPEN,
    OPENED,
    PARENT,
    PLAIN_SCOPE,
    PREVIOUS,
    STACK,
    STATE,
    TAG,
    TEXT,
    TEXT_END,
    VALUE,
    VALUE_END,
    groups_of,
    imply_ends,
    in_scope,
    insert,
    link,
    link_last,
    new_row,
    pop,
    remove_from_stack,
    top_of,
    unlink,
)
from pipelines.extraction.html.kernels import kernel
from pipelines.extraction.html.names import SPECIAL

_MARKER = -1
_ROUNDS, _INNER_ROUNDS, _ALIKE = 8, 3, 3
_MOST_CLONES = 8
"""More than one round of the agency makes."""


@kernel
def place_in_stack(w: Any, row: Any) -> Any:
    """Where an element stands among the open ones; -1 if it is not open."""
    for place in range(w[DEPTH] - 1, -1, -1):
        if w[STACK + place] == row:
            return place
    return -1


@kernel
def _place_in_active(w: Any, row: Any) -> Any:
    for place in range(w[ACTIVE] - 1, -1, -1):
        if w[ACTIVE_LIST + place] == row:
            return place
    return -1


@kernel
def _remove_active(w: Any, place: Any) -> Any:
    for at in range(place, w[ACTIVE] - 1):
        w[ACTIVE_LIST + at] = w[ACTIVE_LIST + at + 1]
    w[ACTIVE] -= 1


@kernel
def _insert_active(w: Any, place: Any, row: Any) -> Any:
    for at in range(w[ACTIVE], place, -1):
        w[ACTIVE_LIST + at] = w[ACTIVE_LIST + at - 1]
    w[ACTIVE_LIST + place] = row
    w[ACTIVE] += 1


@kernel
def _alike(nodes: Any, attributes: Any, buf: Any, one: Any, other: Any) -> Any:
    """Whether two elements have one name and the same attributes, in the same order."""
    number = nodes[one, ATTRIBUTES]
    if nodes[one, TAG] != nodes[other, TAG] or nodes[other, ATTRIBUTES] != number:
        return False
    for at in range(number):
        left, right = nodes[one, FIRST_ATTRIBUTE] + at, nodes[other, FIRST_ATTRIBUTE] + at
        for start, end in ((NAME_START, NAME_END), (VALUE, VALUE_END)):
            size = attributes[left, end] - attributes[left, start]
            if attributes[right, end] - attributes[right, start] != size:
                return False
            for offset in range(size):
                if buf[attributes[left, start] + offset] != buf[attributes[right, start] + offset]:
                    return False
    return True


@kernel
def push_active(nodes: Any, w: Any, attributes: Any, buf: Any, row: Any) -> Any:
    """Note a formatting element; of those that are alike the last three count."""
    alike = 0
    earliest = -1
    for place in range(w[ACTIVE] - 1, -1, -1):
        other = w[ACTIVE_LIST + place]
        if other == _MARKER:
            break
        if _alike(nodes, attributes, buf, other, row):
            alike += 1
            earliest = place
    if alike >= _ALIKE:
        _remove_active(w, earliest)
    elif w[ACTIVE] >= MAX_ACTIVE:
        _remove_active(w, 0)
    w[ACTIVE_LIST + w[ACTIVE]] = row
    w[ACTIVE] += 1


@kernel
def push_marker(w: Any) -> Any:
    if w[ACTIVE] >= MAX_ACTIVE:
        _remove_active(w, 0)
    w[ACTIVE_LIST + w[ACTIVE]] = _MARKER
    w[ACTIVE] += 1


@kernel
def clear_to_marker(w: Any) -> Any:
    while w[ACTIVE] > 0:
        w[ACTIVE] -= 1
        if w[ACTIVE_LIST + w[ACTIVE]] == _MARKER:
            return


@kernel
def reconstruct(nodes: Any, w: Any) -> Any:
    """Open the active formatting elements again that are not open."""
    place = w[ACTIVE] - 1
    if place < 0 or w[ACTIVE_LIST + place] == _MARKER or nodes[w[ACTIVE_LIST + place], STATE] & OPENED:
        return
    if w[CLONES] < w[ACTIVE] or w[DEPTH] + w[ACTIVE] >= MAX_DEPTH:
        return
    while place > 0 and w[ACTIVE_LIST + place - 1] != _MARKER and not nodes[w[ACTIVE_LIST + place - 1], STATE] & OPENED:
        place -= 1
    for at in range(place, w[ACTIVE]):
        row = w[ACTIVE_LIST + at]
        w[CLONES] -= 1
        clone = insert(nodes, w, nodes[row, TAG], 0, nodes[row, FIRST_ATTRIBUTE], nodes[row, ATTRIBUTES])
        nodes[clone, STATE] |= nodes[row, STATE] & NO_LINK
        w[ACTIVE_LIST + at] = clone


@kernel
def drop_active(nodes: Any, w: Any, tag: Any) -> Any:
    """Forget the last active element of a name, and close it wherever it stands (a second `a`)."""
    place = _last_of(nodes, w, tag)
    if place < 0:
        return
    row = w[ACTIVE_LIST + place]
    _remove_active(w, place)
    at = place_in_stack(w, row)
    if at >= 0:
        remove_from_stack(nodes, w, at)


@kernel
def _last_of(nodes: Any, w: Any, tag: Any) -> Any:
    for place in range(w[ACTIVE] - 1, -1, -1):
        row = w[ACTIVE_LIST + place]
        if row == _MARKER:
            return -1
        if nodes[row, TAG] == tag:
            return place
    return -1


@kernel
def is_active(nodes: Any, w: Any, tag: Any) -> Any:
    """Whether a formatting element of a name is active behind the last marker."""
    return _last_of(nodes, w, tag) >= 0


@kernel
def any_other_end(nodes: Any, w: Any, tag: Any) -> Any:
    """The end tag of an element that has no rule of its own."""
    if w[OPEN + tag] == 0:
        return
    for place in range(w[DEPTH] - 1, -1, -1):
        row = w[STACK + place]
        if nodes[row, STATE] & FOREIGN:
            continue
        if nodes[row, TAG] == tag:
            imply_ends(nodes, w, tag, False)
            while w[DEPTH] > max(place, 1):
                pop(nodes, w)
            return
        if groups_of(nodes[row, TAG]) & SPECIAL:
            return


@kernel
def adopt(nodes: Any, w: Any, tag: Any) -> Any:
    """The adoption agency: the end tag of a formatting element."""
    top = top_of(w)
    if nodes[top, TAG] == tag and not nodes[top, STATE] & FOREIGN and _place_in_active(w, top) < 0:
        pop(nodes, w)
        return
    for _ in range(_ROUNDS):
        listed = _last_of(nodes, w, tag)
        if listed < 0:
            any_other_end(nodes, w, tag)
            return
        element = np.int64(w[ACTIVE_LIST + listed])
        place = place_in_stack(w, element)
        if place < 0:
            _remove_active(w, listed)
            return
        if not in_scope(nodes, w, tag, PLAIN_SCOPE):
            return
        block = place + 1
        while block < w[DEPTH]:
            row = w[STACK + block]
            if not nodes[row, STATE] & FOREIGN and groups_of(nodes[row, TAG]) & SPECIAL:
                break
            block += 1
        if block == w[DEPTH]:
            while w[DEPTH] > place:
                pop(nodes, w)
            _remove_active(w, listed)
            return
        if w[CLONES] < _MOST_CLONES:
            return
        _move(nodes, w, element, place, block)


@kernel
def _move(nodes: Any, w: Any, element: Any, place: Any, block: Any) -> Any:
    """One round of the agency: what stands between `element` and the block inside it comes into the block."""
    w[MOVED] = 1
    ancestor = np.int64(w[STACK + place - 1])
    furthest = np.int64(w[STACK + block])
    bookmark = _place_in_active(w, element)
    last = furthest
    at = block
    inner = 0
    while True:
        inner += 1
        at -= 1
        row = np.int64(w[STACK + at])
        if row == element:
            break
        listed = _place_in_active(w, row)
        if inner > _INNER_ROUNDS and listed >= 0:
            _remove_active(w, listed)
            if listed < bookmark:
                bookmark -= 1
            listed = -1
        if listed < 0:
            remove_from_stack(nodes, w, at)
            continue
        w[CLONES] -= 1
        clone = new_row(
            nodes,
            w,
            nodes[row, TAG],
            nodes[row, STATE] & (NO_LINK | OPENED),
            nodes[row, FIRST_ATTRIBUTE],
            nodes[row, ATTRIBUTES],
        )
        w[ACTIVE_LIST + listed] = clone
        w[STACK + at] = clone
        nodes[row, STATE] &= ~OPENED
        if last == furthest:
            bookmark = listed + 1
        unlink(nodes, last)
        link_last(nodes, last, clone)
        last = clone
    unlink(nodes, last)
    w[FOSTER] += 1
    link(nodes, w, last, ancestor)
    w[FOSTER] -= 1
    w[CLONES] -= 1
    clone = new_row(
        nodes,
        w,
        nodes[element, TAG],
        nodes[element, STATE],
        nodes[element, FIRST_ATTRIBUTE],
        nodes[element, ATTRIBUTES],
    )
    nodes[clone, TEXT], nodes[clone, TEXT_END] = nodes[furthest, TEXT], nodes[furthest, TEXT_END]
    nodes[furthest, TEXT] = nodes[furthest, TEXT_END] = 0
    child = nodes[furthest, LAST]
    nodes[clone, LAST] = child
    nodes[furthest, LAST] = -1
    while child >= 0:
        nodes[child, PARENT] = clone
        child = nodes[child, PREVIOUS]
    link_last(nodes, clone, furthest)
    listed = _place_in_active(w, element)
    if listed >= 0:
        _remove_active(w, listed)
        if listed < bookmark:
            bookmark -= 1
    _insert_active(w, max(0, min(bookmark, w[ACTIVE])), clone)
    remove_from_stack(nodes, w, place_in_stack(w, element))
    behind = place_in_stack(w, furthest) + 1
    for at in range(w[DEPTH], behind, -1):
        w[STACK + at] = w[STACK + at - 1]
    w[STACK + behind] = clone
    w[DEPTH] += 1
    w[OPEN + nodes[clone, TAG]] += 1
