"""A window over the plain bytes of an archive, in which records are looked for.

It stands between the decompressor (`containers`) and the record syntaxes (`warc`, `arc`): bytes are looked at before
they are taken, ends of compressed members are remembered, and a damaged place looks like the end of the data until
the reader has dealt with it.
"""

import re
from collections import deque
from collections.abc import Iterator

from pipelines.extraction.archives.containers import Block

BLANK = re.compile(rb"[\r\n]*")


class Stream:
    """Bytes in order. `window` holds what is buffered; the reader's place is always its start."""

    def __init__(self, blocks: Iterator[Block]) -> None:
        self.window = bytearray()
        self.error = ""
        self._blocks = blocks
        self._ends: deque[int] = deque()  # counted from the first byte of the archive, as is `_place`
        self._place = 0
        self._done = False
        self._fresh = False

    def fill(self) -> bool:
        """Buffer one more block; false at the end of the data and at a damaged place (`error` says which)."""
        block = self.block()
        if block is None:
            return False
        self.put(block)
        self._fresh = True
        return True

    def block(self) -> Block | None:
        """The next block, not buffered: the caller reads it and puts back the rest, or all of it."""
        if self._done or self.error:
            return None
        block = next(self._blocks, None)
        self._done = block is None
        return block

    def taken_back(self) -> Block | None:
        """What is buffered as a block again, if it is of one member, and at most once for each block buffered."""
        end = self._place + len(self.window)
        if not self._fresh or (self._ends and self._ends[0] != end):
            return None
        self._fresh = False
        block = Block(bytes(self.window), bool(self._ends), self.error)
        self.window.clear()
        self._ends.clear()
        return block

    def put(self, block: Block, taken: int = 0) -> None:
        """Buffer a block without its first `taken` bytes, which are read; those need an empty window."""
        self._place += taken
        self.window += block.data[taken:] if taken else block.data
        end = self._place + len(self.window)
        if block.ends and end > self._place and (not self._ends or self._ends[-1] != end):
            self._ends.append(end)
        self.error = block.error

    def ensure(self, size: int) -> bool:
        """Buffer at least `size` bytes; false if there are fewer before the end or the next damaged place."""
        while len(self.window) < size:
            if not self.fill():
                return False
        return True

    def drop(self, size: int) -> None:
        """Move the reader's place forward by `size` buffered bytes."""
        del self.window[:size]
        self._place += size
        while self._ends and self._ends[0] <= self._place:
            self._ends.popleft()

    def take(self, size: int) -> bytes:
        """The next `size` buffered bytes, taken."""
        with memoryview(self.window) as view:
            data = bytes(view[:size])
        self.drop(size)
        return data

    def pass_damage(self) -> None:
        """Forget what is buffered before a damaged place and go on behind it."""
        self.drop(len(self.window))
        self.error = ""

    def skip_blank_lines(self) -> bool:
        """Pass over line ends; false at the end of the data or at a damaged place."""
        while True:
            blank = BLANK.match(self.window)
            if blank and blank.end():
                self.drop(blank.end())
            if self.window:
                return True
            if not self.fill():
                return False

    def member_ends(self) -> Iterator[int]:
        """Where compressed members end in the window, nearest first; those of now, whatever is buffered meanwhile."""
        place = self._place
        return (end - place for end in tuple(self._ends))

    def member_ends_at(self, place: int) -> bool:
        """Whether a compressed member ends `place` bytes into the window."""
        wanted = self._place + place
        return any(end == wanted for end in self._ends if end <= wanted)
