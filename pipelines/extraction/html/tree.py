"""A page as a tree: the arrays of `pipelines.extraction.html.parser`, seen as elements where Python looks at one.

`Node` reads and writes as an element of lxml does (text and tail, attributes, parents and siblings), so that the rules
for formulas are written once and in terms that people know. A `Node` costs nothing before it is asked for; what must
be fast goes over the arrays.
"""

import functools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.html.build_kernel import (
    ATTRIBUTES,
    COLUMNS,
    END,
    FIRST_ATTRIBUTE,
    LAST,
    NAME,
    NAME_END,
    NAME_START,
    PARENT,
    PREVIOUS,
    STATE,
    TAG,
    TAIL,
    TEXT,
    TEXT_END,
    VALUE,
    VALUE_END,
)
from pipelines.extraction.html.formula_names import ATTRIBUTES as FORMULA_ATTRIBUTES
from pipelines.extraction.html.names import ATTRIBUTE_NUMBER, NAMING, NUMBER, TAGS
from pipelines.extraction.html.names import ATTRIBUTES as NAMES
from pipelines.extraction.html.parser import MAX_DEPTH, Parsed
from pipelines.extraction.html.references import decode_references
from pipelines.extraction.html.tree_kernel import EMPTIED, GONE, count_characters, drop, first_of, plain_below

_ATTRIBUTE_COLUMNS = 5
_KNOWN = len(TAGS)
_UNKNOWN, _REMOVED = -1, -2
_NAMING = len(NAMING)
_FIRST_FORMULA = min(ATTRIBUTE_NUMBER[name] for name in FORMULA_ATTRIBUTES)
_PREFIXED = [number for number, name in enumerate(TAGS) if ":" in name]
_SCRIPT, _STYLE = NUMBER["script"], NUMBER["style"]
_HIDING = frozenset({ATTRIBUTE_NUMBER["style"], ATTRIBUTE_NUMBER["aria-hidden"]})


class Tree:
    """The tree of one page. Row 0 is its root; elements behind the root's end belong to no tree."""

    def __init__(self, parsed: Parsed, source: bytes) -> None:
        self.nodes = parsed.nodes
        self.attributes = parsed.attributes
        self.buffer = parsed.buffer
        self.used = parsed.used
        self.source = source
        self.end = int(parsed.nodes[0, END])
        self.behind = min(parsed.behind, self.end)
        """The first row behind the page's own end."""
        self._names = parsed.names
        self.cells = parsed.nodes.data.cast("B").cast("i")
        self._attribute_cells = parsed.attributes.data.cast("B").cast("i") if len(parsed.attributes) else None
        self._view = parsed.buffer.data
        self._row = -1
        self._spans: dict[int | str, tuple[int, int]] = {}
        self.with_formula_attributes: frozenset[int] | None = None
        """Elements that have an attribute for formulas, once these have been looked for."""

    def name(self, number: int) -> str:
        """The name of the elements with this number, in lower case."""
        if number < _KNOWN:
            return TAGS[number]
        start, end = self._names[number - _KNOWN]
        return self.source[start:end].lower().decode("utf-8", "replace")

    def span(self, start: int, end: int) -> str:
        """The text of a span of the buffer."""
        return str(self._view[start:end], "utf-8")

    def add(self, text: str) -> tuple[int, int]:
        """A new text at the end of the buffer; its span."""
        data = text.encode("utf-8", "replace")
        end = self.used + len(data)
        if end > self.buffer.size:
            self.buffer = np.concatenate([self.buffer[: self.used], np.empty(self.used + len(data), np.uint8)])
            self._view = self.buffer.data
        self._view[self.used : end] = data
        start, self.used = self.used, end
        return start, end

    def attribute(self, row: int, name: str) -> str | None:
        """The value of an attribute; None if the element does not have it."""
        number = ATTRIBUTE_NUMBER.get(name, -1)
        if number >= _FIRST_FORMULA and not self.may_have_formula(row):
            return None
        if row != self._row:
            self._row, self._spans = row, self._attribute_spans(row)
        span = self._spans.get(number if number >= 0 else name)
        return None if span is None else self._value(*span)

    def _attribute_spans(self, row: int) -> dict[int | str, tuple[int, int]]:
        """The spans of an element's values, by the number of the attribute or the name of one that is not known."""
        cells = self.cells
        count = cells[row * COLUMNS + ATTRIBUTES]
        spans: dict[int | str, tuple[int, int]] = {}
        table = self._attribute_cells
        if not count or table is None:
            return spans
        first = cells[row * COLUMNS + FIRST_ATTRIBUTE] * _ATTRIBUTE_COLUMNS
        for at in range(first, first + count * _ATTRIBUTE_COLUMNS, _ATTRIBUTE_COLUMNS):
            key: int | str = table[at]
            if key == _REMOVED:
                continue
            if key == _UNKNOWN:
                key = self.source[table[at + NAME_START] : table[at + NAME_END]].lower().decode("utf-8", "replace")
            if key not in spans:
                spans[key] = table[at + VALUE], table[at + VALUE_END]
        return spans

    def naming(self, row: int) -> dict[str, str]:
        """The values of those of an element's attributes that say what it is for."""
        cells = self.cells
        table = self._attribute_cells
        values: dict[str, str] = {}
        if table is None:
            return values
        first = cells[row * COLUMNS + FIRST_ATTRIBUTE] * _ATTRIBUTE_COLUMNS
        last = first + cells[row * COLUMNS + ATTRIBUTES] * _ATTRIBUTE_COLUMNS
        for at in range(first, last, _ATTRIBUTE_COLUMNS):
            number = table[at]
            if 0 <= number < _NAMING and (name := NAMES[number]) not in values:
                values[name] = self._value(table[at + VALUE], table[at + VALUE_END])
        return values

    def _value(self, start: int, end: int) -> str:
        if start < 0:
            return ""
        value = self.source[start:end]
        return (decode_references(value) if b"&" in value else value).decode("utf-8", "replace")

    def values(self, name: str) -> list[str]:
        """The values of an attribute on the whole page, those of elements that are gone too."""
        rows = self.attributes[self.attributes[:, NAME] == ATTRIBUTE_NUMBER[name]]
        return [
            self._value(start, end)
            for start, end in zip(rows[:, VALUE].tolist(), rows[:, VALUE_END].tolist(), strict=True)
        ]

    @functools.cached_property
    def lower_source(self) -> bytes:
        """The source in lower case: to look for a word there is ten times as fast as to ignore case."""
        return self.source.lower()

    def attribute_items(self, row: int) -> list[tuple[str, str]]:
        """Names and values of an element's attributes."""
        return [
            (key if isinstance(key, str) else NAMES[key], self._value(*span))
            for key, span in self._attribute_spans(row).items()
        ]

    def remove_attribute(self, row: int, name: str) -> None:
        """Take an attribute away from an element."""
        first = int(self.nodes[row, FIRST_ATTRIBUTE])
        number = ATTRIBUTE_NUMBER[name]
        rows = self.attributes[first : first + int(self.nodes[row, ATTRIBUTES])]
        rows[rows[:, NAME] == number, NAME] = _REMOVED
        self._row = -1

    def text_below(self, row: int) -> str:
        """All text inside an element."""
        out = np.empty(self.used, np.uint8)
        size = plain_below(self.nodes, self.buffer, row, out, np.empty(MAX_DEPTH + 1, np.int32))
        return str(out[:size].data, "utf-8")

    @functools.cached_property
    def _lengths(self) -> NDArray[np.int32]:
        out = np.zeros(self.end, np.int32)
        count_characters(self.nodes, self.buffer, self.end, out, np.empty(MAX_DEPTH + 1, np.int32))
        return out

    def lengths(self) -> NDArray[np.int32]:
        """For every row the characters of text inside it, when that is asked for first; shape (rows,)."""
        return self._lengths

    @functools.cached_property
    def has_prefixes(self) -> bool:
        """Whether names with a prefix (`mml:mi`) occur."""
        if any(b":" in self.source[start:end] for start, end in self._names.tolist()):
            return True
        return bool(np.isin(self.nodes[:, TAG], _PREFIXED).any())

    def may_have_formula(self, row: int) -> bool:
        """Whether an element has an attribute for formulas, or these have not been looked for."""
        return self.with_formula_attributes is None or row in self.with_formula_attributes

    def may_be_hidden(self, row: int) -> bool:
        """Whether an element has an attribute that may hide it: `style` or `aria-hidden`."""
        first, count = self.cells[row * COLUMNS + FIRST_ATTRIBUTE], self.cells[row * COLUMNS + ATTRIBUTES]
        return count > 0 and not _HIDING.isdisjoint(self.attributes[first : first + count, NAME].tolist())

    def size(self, row: int) -> int:
        """How many rows an element takes, with all that is or was inside it."""
        return self.cells[row * COLUMNS + END] - row

    def first(self, number: int, row: int) -> int:
        """The row of the first element of a name at `row` or inside it; -1 if there is none."""
        return int(first_of(self.nodes, number, row, self.cells[row * COLUMNS + END]))

    def each(self, number: int, row: int) -> Iterator["Node"]:
        """The elements of a name at `row` or inside it."""
        end = self.cells[row * COLUMNS + END]
        while row < end and (row := int(first_of(self.nodes, number, row, end))) >= 0:
            yield Node(self, row)
            row += 1

    def all(self, number: int) -> Iterator["Node"]:
        """All elements of a name, those behind the end of the root too."""
        row = 0
        while (row := int(first_of(self.nodes, number, row, len(self.nodes)))) >= 0:
            yield Node(self, row)
            row += 1

    def empty(self, row: int) -> None:
        """Take attributes and contents away from an element; its tail stays."""
        cells = self.cells
        place = row * COLUMNS
        cells[place + ATTRIBUTES] = cells[place + TEXT] = cells[place + TEXT_END] = 0
        cells[place + LAST] = -1
        self._row = -1
        cells[place + STATE] |= EMPTIED
        self.nodes[row + 1 : cells[place + END], STATE] |= GONE

    def strip_around(self, row: int, sign: str) -> None:
        """Take `sign`, as often as it stands, from both sides of an element whose text has it before and behind."""
        cells = self.cells
        previous = cells[row * COLUMNS + PREVIOUS]
        while previous >= 0 and cells[previous * COLUMNS + STATE] & GONE:
            previous = cells[previous * COLUMNS + PREVIOUS]
        parent = cells[row * COLUMNS + PARENT]
        if previous < 0 and parent < 0:
            return
        before = previous * COLUMNS + TAIL if previous >= 0 else parent * COLUMNS + TEXT
        behind = row * COLUMNS + TAIL
        byte = ord(sign)
        for _ in range(2):
            start, end = cells[before], cells[before + 1]
            first, last = cells[behind], cells[behind + 1]
            if start >= end or first >= last or self._view[end - 1] != byte or self._view[first] != byte:
                return
            cells[before + 1] = end - 1
            cells[behind] = first + 1

    def _cell_before(self, row: int) -> int:
        """The cell of the text before an element: the tail of the one before it, or the text of its parent."""
        previous = Node(self, row).getprevious()
        return (
            self.cells[row * COLUMNS + PARENT] * COLUMNS + TEXT if previous is None else previous.row * COLUMNS + TAIL
        )

    def before(self, row: int) -> str:
        """The text right before an element below the root."""
        place = self._cell_before(row)
        return self.span(self.cells[place], self.cells[place + 1])

    def set_before(self, row: int, text: str) -> None:
        """Change the text right before an element below the root."""
        place = self._cell_before(row)
        self.cells[place], self.cells[place + 1] = self.add(text) if text else (0, 0)

    def drop_scripts(self) -> None:
        """Take scripts and styles out of the tree; their tails stay where they are."""
        apart = np.empty((self.end, 2), np.int32)
        for row, before in apart[: drop(self.nodes, self.end, _SCRIPT, _STYLE, apart)].tolist():
            place = row * COLUMNS + TAIL
            cells = self.cells
            joined = self.span(cells[before], cells[before + 1]) + self.span(cells[place], cells[place + 1])
            cells[place] = cells[place + 1] = 0
            cells[before], cells[before + 1] = self.add(joined)


class Node:
    """One element, with the names that lxml gives to its parts."""

    __slots__ = ("row", "tree")

    def __init__(self, tree: Tree, row: int) -> None:
        self.tree = tree
        self.row = row

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and other.row == self.row and other.tree is self.tree

    def __hash__(self) -> int:
        return self.row

    @property
    def tag(self) -> str:
        return self.tree.name(self.tree.cells[self.row * COLUMNS])

    @tag.setter
    def tag(self, name: str) -> None:
        self.tree.cells[self.row * COLUMNS] = NUMBER[name]

    def _text(self, column: int) -> str | None:
        place = self.row * COLUMNS + column
        start, end = self.tree.cells[place], self.tree.cells[place + 1]
        return self.tree.span(start, end) if end > start else None

    def _set_text(self, column: int, text: str | None) -> None:
        place = self.row * COLUMNS + column
        self.tree.cells[place], self.tree.cells[place + 1] = self.tree.add(text) if text else (0, 0)

    @property
    def text(self) -> str | None:
        return self._text(TEXT)

    @text.setter
    def text(self, text: str | None) -> None:
        self._set_text(TEXT, text)

    @property
    def tail(self) -> str | None:
        return self._text(TAIL)

    @tail.setter
    def tail(self, text: str | None) -> None:
        self._set_text(TAIL, text)

    def get(self, name: str, default: str | None = None) -> str | None:
        """The value of an attribute."""
        value = self.tree.attribute(self.row, name)
        return default if value is None else value

    def items(self) -> list[tuple[str, str]]:
        """The names and values of the attributes."""
        return self.tree.attribute_items(self.row)

    def itertext(self) -> Iterator[str]:
        """All text inside the element, in one piece."""
        yield self.tree.text_below(self.row)

    def getparent(self) -> "Node | None":
        row = self.tree.cells[self.row * COLUMNS + PARENT]
        return Node(self.tree, row) if row >= 0 else None

    def iterancestors(self, *tags: str) -> Iterator["Node"]:
        """The elements around this one, from the inside out; with `tags` those of these names."""
        node = self.getparent()
        while node is not None:
            if not tags or node.tag in tags:
                yield node
            node = node.getparent()

    def getprevious(self) -> "Node | None":
        cells = self.tree.cells
        row = cells[self.row * COLUMNS + PREVIOUS]
        while row >= 0 and cells[row * COLUMNS + STATE] & GONE:
            row = cells[row * COLUMNS + PREVIOUS]
        return Node(self.tree, row) if row >= 0 else None

    def getnext(self) -> "Node | None":
        cells = self.tree.cells
        parent = cells[self.row * COLUMNS + PARENT]
        row = cells[self.row * COLUMNS + END]
        last = cells[parent * COLUMNS + END] if parent >= 0 else 0
        while row < last and cells[row * COLUMNS + STATE] & GONE:
            row = cells[row * COLUMNS + END]
        return Node(self.tree, row) if row < last else None

    def __iter__(self) -> Iterator["Node"]:
        cells = self.tree.cells
        if cells[self.row * COLUMNS + STATE] & EMPTIED:
            return
        row, last = self.row + 1, cells[self.row * COLUMNS + END]
        while row < last:
            if not cells[row * COLUMNS + STATE] & GONE:
                yield Node(self.tree, row)
            row = cells[row * COLUMNS + END]

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def iter(self, *tags: str) -> Iterator["Node"]:
        """The element and all below it, in the order of the page; with `tags` those of these names."""
        cells = self.tree.cells
        for row in range(self.row, cells[self.row * COLUMNS + END]):
            if not cells[row * COLUMNS + STATE] & GONE:
                node = Node(self.tree, row)
                if not tags or node.tag in tags:
                    yield node
