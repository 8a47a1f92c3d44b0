"""fastText's answer for a quantized model of characters, compiled: the library's numbers to the bit, in less time.

The library reads a line by one call a character and makes a string of every n-gram; here bytes are hashed where they
stand, and a word that the model does not know is taken apart once: its rows are remembered. What is added to what, in
which order and in which precision, is the library's: rows of the input matrix are summed one after the other in single
precision, the tree of the hierarchical softmax is walked with the same roundings.
Taken are models as lid.176.ftz is one: supervised, hierarchical softmax, no n-grams of words, a quantized input matrix.
For every other one `compiled_model` answers None, and so it does where a probe gives other numbers than the library.

Source: src/dictionary.cc (hash, readWord, getLine, computeSubwords, pushHash), src/quantmatrix.cc,
src/productquantizer.cc (addcode), src/loss.cc (buildTree, dfs) of facebookresearch/fastText, v0.9.2.
"""

import struct
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from filters.fasttext_kernel import END, add_rows, fill_grams, fill_words, row_numbers, two_likeliest, walk

HEAD = struct.Struct("<ii12id")
DICTIONARY = struct.Struct("<iiiqq")
HIERARCHICAL, SUPERVISED = 1, 3
"""Numbers of the loss and of the kind of model (args.h)."""
_CENTROIDS = 256
REMEMBERED = 20_000
"""Words beyond those of the model whose rows are remembered; then all are forgotten."""
_MEAN_SIZE, _MEAN_ROWS = 12, 6
"""Bytes and rows of such a word for which there is room."""
PROBE = (
    "the quick brown fox jumps over the lazy dog",
    "Soit f une fonction continue sur [0, 1] à valeurs réelles; alors f est bornée.",
    "Пусть G конечная группа, тогда порядок подгруппы делит порядок группы",
    "设 f 是 连续 函数 那么 它 有 界",
    "",
    "a",
    "x </s> behind the end __label__en __label__none ",
    "\ttabs\x0band\x0cfeeds\r\x00 zeros  two  spaces ",
    "ein Wort und naïve Größe " * 40,
)


class Tables(NamedTuple):
    """A model as the kernel reads it.

    `word_slots`: places of an open-addressing table of words by their hash, -1 for none; `word_bytes`, `word_starts`:
    their spelling; `row_starts`, `rows_of`: the rows that a word adds, none for a label. Behind those of the model
    stand the words that are remembered; `known`: how many there are of both, and whether there is no more room.
    `gram_keys`, `gram_rows`: a table of hashes of
    n-grams (plus one; 0 is empty) and their rows. `input`: one row a word and n-gram, shape (rows, dimension).
    `left`, `right`: the tree, -1 at a leaf; `output`: one row an inner node.
    """

    word_slots: NDArray[np.int32]
    word_bytes: NDArray[np.uint8]
    word_starts: NDArray[np.int64]
    row_starts: NDArray[np.int64]
    rows_of: NDArray[np.int32]
    known: NDArray[np.int64]
    gram_keys: NDArray[np.int64]
    gram_rows: NDArray[np.int32]
    input: NDArray[np.float32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    output: NDArray[np.float32]


class CompiledModel:
    """A model that the kernel can ask."""

    def __init__(self, tables: Tables, sizes: tuple[int, int, int], labels: Sequence[str]) -> None:
        self.tables, self.labels = tables, labels
        self._own = int(tables.known[0]), tables.word_slots.copy()
        self._lock = threading.Lock()
        """Held while words are remembered: the kernel lets other threads run."""
        self.numbers = {label: number for number, label in enumerate(labels)}
        self.shortest, self.longest, self.buckets = sizes

    def found(self, line: str) -> list[tuple[float, str]]:
        """Probabilities and labels of one line without its end, in no order; only those above 1e-5."""
        scores, leaves = self._answer(line)
        return [(float(score), self.labels[leaf]) for score, leaf in zip(scores, leaves, strict=True)]

    def likeliest(self, line: str, label: str) -> tuple[float, float, str] | None:
        """The probability of `label`, that of the likeliest other one, and the likeliest of all.

        None where the library must be asked: for a line without a known word, and where two are equally likely.
        """
        scores, leaves = self._answer(line)
        if len(scores) < 2:
            return None
        first, second, mine = two_likeliest(scores, leaves, self.numbers.get(label, -1))
        if scores[first] == scores[second]:
            return None
        other = scores[second if first == mine else first]
        return float(scores[mine]) if mine >= 0 else 0.0, float(other), self.labels[leaves[first]]

    def _answer(self, line: str) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        data = np.frombuffer(line.encode("utf-8", "replace") + b"\n", np.uint8)
        hidden = np.zeros(self.tables.input.shape[1], np.float32)
        with self._lock:
            count = add_rows(data, self.tables, self.shortest, self.longest, self.buckets, hidden)
            if self.tables.known[1]:
                self.forget()
        if not count:
            return np.empty(0, np.float32), np.empty(0, np.int32)
        scores = np.empty(len(self.labels), np.float32)
        leaves = np.empty(len(self.labels), np.int32)
        number = walk(hidden, count, self.tables.left, self.tables.right, self.tables.output, scores, leaves)
        return scores[:number], leaves[:number]

    def forget(self) -> None:
        """Forget all words but those of the model."""
        self.tables.known[:] = self._own[0], 0
        self.tables.word_slots[:] = self._own[1]


def compiled_model(path: Path, library: Any) -> CompiledModel | None:
    """The model in `path` for the kernel; None where it is of another kind or differs from the `library`'s model."""
    model = _read(path.read_bytes())
    if model is None:
        return None
    for line in PROBE:
        if sorted(model.found(line)) != sorted(library.f.predict(line + "\n", -1, 0.0, "strict")):
            return None
    return model


def _read(data: bytes) -> CompiledModel | None:
    head = HEAD.unpack_from(data)
    dimension, _, _, _, _, word_grams, loss, kind, buckets, shortest, longest, _, _ = head[2:]
    size, words, _, _, pruned = DICTIONARY.unpack_from(data, HEAD.size)
    if (loss, kind, word_grams) != (HIERARCHICAL, SUPERVISED, 1) or pruned <= 0 or not 0 < shortest <= longest:
        return None
    place = HEAD.size + DICTIONARY.size
    names: list[bytes] = []
    counts: list[int] = []
    for _ in range(size):
        end = data.index(b"\0", place)
        names.append(data[place:end])
        counts.append(struct.unpack_from("<q", data, end + 1)[0])
        place = end + 10
    grams = np.frombuffer(data, "<i4", 2 * pruned, place).reshape(-1, 2)
    place += 8 * pruned
    if data[place : place + 1] != b"\1":
        return None
    matrix, place = _quantized(data, place + 1, dimension)
    if data[place : place + 1] != b"\0":
        return None
    rows, columns = struct.unpack_from("<qq", data, place + 1)
    output = np.frombuffer(data, "<f4", rows * columns, place + 17).reshape(rows, columns)
    left, right = _tree(counts[words:])
    tables = _tables(names, words, grams, (shortest, longest, buckets), matrix, left, right, output)
    return CompiledModel(tables, (shortest, longest, buckets), [name.decode() for name in names[words:]])


def _quantized(data: bytes, place: int, dimension: int) -> tuple[NDArray[np.float32], int]:
    """A quantized matrix as the numbers that the library adds, and where it ends."""
    with_norms, rows, _, size = struct.unpack_from("<?qqi", data, place)
    codes = np.frombuffer(data, np.uint8, size, place + 21).reshape(rows, -1)
    centroids, parts, width, last, place = _centroids(data, place + 21 + size)
    found = np.empty((rows, dimension), np.float32)
    for part in range(parts):
        wide = last if part == parts - 1 else width
        start = part * _CENTROIDS * width
        table = centroids[start : start + _CENTROIDS * wide].reshape(_CENTROIDS, wide)
        found[:, part * width : part * width + wide] = table[codes[:, part]]
    if with_norms:
        codes = np.frombuffer(data, np.uint8, rows, place)
        norms, _, _, _, place = _centroids(data, place + rows)
        found *= norms[codes][:, None]
    return found, place


def _centroids(data: bytes, place: int) -> tuple[NDArray[np.float32], int, int, int, int]:
    dimension, parts, width, last = struct.unpack_from("<4i", data, place)
    count = dimension * _CENTROIDS
    return np.frombuffer(data, "<f4", count, place + 16), parts, width, last, place + 16 + 4 * count


def _tree(counts: Sequence[int]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The Huffman tree of the labels (buildTree): the children of each node, -1 for those of a leaf."""
    leaves = len(counts)
    weights = [float(count) for count in counts] + [1e15] * (leaves - 1)
    left = np.full(2 * leaves - 1, -1, np.int32)
    right = np.full(2 * leaves - 1, -1, np.int32)
    leaf, node = leaves - 1, leaves
    for inner in range(leaves, 2 * leaves - 1):
        lightest = []
        for _ in range(2):
            if leaf >= 0 and weights[leaf] < weights[node]:
                lightest.append(leaf)
                leaf -= 1
            else:
                lightest.append(node)
                node += 1
        left[inner], right[inner] = lightest
        weights[inner] = weights[lightest[0]] + weights[lightest[1]]
    return left, right


def _tables(
    names: Sequence[bytes],
    words: int,
    grams: NDArray[np.int32],
    sizes: tuple[int, int, int],
    matrix: NDArray[np.float32],
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    output: NDArray[np.float32],
) -> Tables:
    slots = 1 << (2 * len(grams)).bit_length()
    gram_keys, gram_rows = np.zeros(slots, np.int64), np.zeros(slots, np.int32)
    fill_grams(grams[:, 0].astype(np.int64), (grams[:, 1] + words).astype(np.int32), gram_keys, gram_rows)
    spelled = np.frombuffer(b"".join(names), np.uint8)
    starts = np.cumsum([0, *map(len, names)], dtype=np.int64)
    word_slots = np.full(1 << (2 * (len(names) + REMEMBERED)).bit_length(), -1, np.int32)
    fill_words(spelled, starts, word_slots)
    listed: list[NDArray[np.int32]] = []
    for number, name in enumerate(names[:words]):
        rows = np.empty(1 + len(name + b"<>") * sizes[1], np.int32)
        rows[0] = number
        count = 0
        if name != END:
            around = np.frombuffer(b"<" + name + b">", np.uint8)
            count = row_numbers(around, len(around), *sizes, gram_keys, gram_rows, rows[1:])
        listed.append(rows[: 1 + count])
    row_starts = np.cumsum([0, *map(len, listed), *[0] * (len(names) - words)], dtype=np.int64)
    return Tables(
        word_slots,
        _with_room(spelled, _MEAN_SIZE * REMEMBERED),
        _with_room(starts, REMEMBERED),
        _with_room(row_starts, REMEMBERED),
        _with_room(np.concatenate(listed), _MEAN_ROWS * REMEMBERED),
        np.array([len(names), 0], np.int64),
        gram_keys,
        gram_rows,
        matrix,
        left,
        right,
        output,
    )


def _with_room(table: NDArray[Any], room: int) -> NDArray[Any]:
    """A table with so many more places behind it."""
    return np.concatenate([table, np.zeros(room, table.dtype)])
