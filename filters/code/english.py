"""Is a TeX file English? The published rule's own classifier, its model read as data.

Source: `tex_filter` in process_stack.py asks langid.py 1.1.6 (Lui and Baldwin, ACL 2012) whether the likeliest of 97
languages is English. The model lies inside `langid/langid.py` as a base64 string of a bzip2-compressed pickle of
protocol 0, which is lines of text. A pickle can run anything, so none is loaded here: `_Reader` follows the dozen
opcodes that make numbers, strings, tuples, lists, one dictionary and arrays of numbers, and refuses every other.
"""

import base64
import bz2
import re
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from manifests.errors import UserError

_MODEL = re.compile(rb'^model\s*=\s*b?"""(?P<data>[A-Za-z0-9+/=\s]++)"""', re.MULTILINE)
_MAX_MODEL_BYTES = 64 << 20
_NUMBERS = re.compile(rb"(?>(?:a?[FI][^\n]{1,40}\n)+)a?")
_ARRAY_KINDS = {"f": np.float32, "d": np.float64, "H": np.uint16, "I": np.uint32, "L": np.uint64, "i": np.int32}
_MARK = object()
_ARRAY = object()


class Langid(NamedTuple):
    """A naive Bayes model over byte n-grams, which an automaton finds: `next_state[256 * state + byte]`.

    `features` are the n-grams that a state completes; `weights` has a row a feature and a column a language.
    """

    weights: NDArray[np.float64]
    priors: NDArray[np.float64]
    languages: list[str]
    next_state: list[int]
    features: dict[int, tuple[int, ...]]

    def classify(self, text: str) -> str:
        """The likeliest language of `text`, an ISO 639-1 code."""
        states: list[int] = []
        append = states.append
        next_state = self.next_state
        state = 0
        for byte in text.encode("utf-8"):
            state = next_state[(state << 8) + byte]
            append(state)
        counts = np.zeros(len(self.weights))
        for state, times in Counter(states).items():
            for feature in self.features.get(state, ()):
                counts[feature] += times
        (present,) = counts.nonzero()
        return self.languages[int(np.argmax(counts[present] @ self.weights[present] + self.priors))]


def load_langid(path: Path) -> Langid:
    """The model inside langid's own source file `langid.py`. Raises `UserError` when there is none to be read."""
    match = _MODEL.search(path.read_bytes())
    if match is None:
        raise UserError(f"{path}: expected the file langid/langid.py of langid 1.1.6, which holds its model")
    unpacker = bz2.BZ2Decompressor()
    raw = unpacker.decompress(base64.b64decode(match["data"]), _MAX_MODEL_BYTES)
    try:
        weights, priors, languages, next_state, features = _Reader(raw).value()
        columns = len(priors)
        return Langid(
            np.asarray(weights, dtype=np.float64).reshape(-1, columns),
            np.asarray(priors, dtype=np.float64),
            [str(language) for language in languages],
            np.asarray(next_state).tolist(),
            {int(state): tuple(map(int, found)) for state, found in features.items()},
        )
    except (ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
        raise UserError(f"{path}: expected the model of langid 1.1.6 ({error})") from None


class _Reader:
    """Reads one value out of a pickle of protocol 0 without running anything."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0
        self._stack: list[Any] = []
        self._memo: dict[bytes, Any] = {}

    def value(self) -> Any:
        """The value that the pickle describes; raises ValueError on an opcode that only data does not need."""
        stack = self._stack
        while True:
            opcode = self._raw[self._at : self._at + 1]
            self._at += 1
            if opcode == b".":
                return stack.pop()
            if opcode == b"(":
                stack.append(_MARK)
            elif opcode == b"c":
                if (self._line(), self._line()) != (b"array", b"array"):
                    raise ValueError("a global that is not array.array")
                stack.append(_ARRAY)
            elif opcode == b"p":
                self._memo[self._line()] = stack[-1]
            elif opcode == b"g":
                stack.append(self._memo[self._line()])
            elif opcode == b"l":
                stack.append(self._list(self._to_mark()))
            elif opcode == b"t":
                stack.append(tuple(self._to_mark()))
            elif opcode == b"d":
                self._to_mark()
                stack.append({})
            elif opcode == b"s":
                value, key = stack.pop(), stack.pop()
                stack[-1][key] = value
            elif opcode == b"a":
                value = stack.pop()
                stack[-1].append(value)
            elif opcode == b"I":
                stack.append(int(self._line()))
            elif opcode == b"F":
                stack.append(float(self._line()))
            elif opcode == b"S":
                stack.append(self._line().strip(b"'\"").decode("ascii"))
            elif opcode == b"R":
                (kind, values), function = stack.pop(), stack.pop()
                if function is not _ARRAY:
                    raise ValueError("a call of something that is not array.array")
                stack.append(np.array(values, dtype=_ARRAY_KINDS[kind]))
            else:
                raise ValueError(f"the opcode {opcode!r}")

    def _list(self, start: list[Any]) -> list[Any] | NDArray[np.float64]:
        """The list, its run of numbers read at once (the arrays have millions)."""
        name = re.compile(rb"p\d+\n").match(self._raw, self._at)
        if name is None:
            return start
        run = _NUMBERS.match(self._raw, name.end())
        if run is None or run.end() - run.start() < 1000:
            return start
        self._at = run.end()
        return np.fromstring(run[0].translate(None, b"aFI").decode("ascii"), sep="\n")

    def _line(self) -> bytes:
        end = self._raw.index(b"\n", self._at)
        line = self._raw[self._at : end]
        self._at = end + 1
        return line

    def _to_mark(self) -> list[Any]:
        taken: list[Any] = []
        while (item := self._stack.pop()) is not _MARK:
            taken.append(item)
        return taken[::-1]
