"""Loads a fastText model and asks it, around a trap of the library.

Scores are rounded to six decimals: the library sums in single precision, and a probability can come out a hair above 1.

The library reads a file that was cut short for ever (inside the dictionary) or fills the rest with zeros (inside a
matrix), so the announced sizes are compared with the file's before it is asked. The layout: src/fasttext.cc,
src/dictionary.cc, src/densematrix.cc, src/quantmatrix.cc and src/productquantizer.cc of the same version.

Source: python/fasttext_module/fasttext/FastText.py of facebookresearch/fastText, v0.9.2.
"""

import mmap
import struct
from functools import lru_cache
from pathlib import Path
from typing import Any

from filters.fasttext_compiled import CompiledModel, compiled_model
from manifests.errors import UserError

LABEL = "__label__"
DECIMALS = 6
MAGIC = 793712314
_HEAD = struct.Struct("<ii12id")
_DICTIONARY = struct.Struct("<iiiqq")
_BEHIND_WORD = 10  # the zero that ends it, its count and its type


@lru_cache(maxsize=8)
def load(path: Path) -> Any:
    """The model in `path`, kept for the life of the process. Raises UserError if it is no fastText model."""
    import fasttext

    look(path)
    try:
        return fasttext.load_model(str(path))
    except (ValueError, RuntimeError, MemoryError) as error:
        raise UserError(f"{path}: not a fastText model: {error}") from None


def look(path: Path) -> None:
    """See that a file is a whole fastText model, without loading it. Raises UserError if not."""
    if not path.is_file():
        raise UserError(f"{path}: no such model; expected a fastText model (.bin or .ftz)")
    if not is_whole(path):
        raise UserError(f"{path}: not a fastText model, or one that was cut short; expected a .bin or .ftz file")


def is_whole(path: Path) -> bool:
    """Whether a file is a fastText model with all the bytes that it announces."""
    with path.open("rb") as file:
        if file.seek(0, 2) < _HEAD.size:
            return False
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                return _HEAD.unpack_from(data)[0] == MAGIC and _end(data) <= len(data)
            except (struct.error, ValueError):  # an announced place lies behind the end
                return False


def _end(data: mmap.mmap) -> int:
    """Where a model ends by what it announces. Raises struct.error or ValueError where it announces nonsense."""
    place = _HEAD.size
    words, _, _, _, pruned = _DICTIONARY.unpack_from(data, place)
    place += _DICTIONARY.size
    for _ in range(words):
        found = data.find(b"\0", place)
        if found < 0:
            raise ValueError("a word without an end")
        place = found + _BEHIND_WORD
    place += 8 * max(0, pruned)
    packed = data[place : place + 1] == b"\1"
    place = _matrix(data, place + 1, packed)
    packed_output = packed and data[place : place + 1] == b"\1"
    return _matrix(data, place + 1, packed_output)


def _matrix(data: mmap.mmap, place: int, packed: bool) -> int:
    """Where a matrix that begins at `place` ends."""
    if not packed:
        rows, columns = struct.unpack_from("<qq", data, place)
        return int(place + 16 + 4 * rows * columns)
    with_norms, rows, _, codes = struct.unpack_from("<?qqi", data, place)
    place = _quantizer(data, place + 21 + codes)
    return _quantizer(data, place + rows) if with_norms else place


def _quantizer(data: mmap.mmap, place: int) -> int:
    (dimension,) = struct.unpack_from("<i", data, place)
    return int(place + 16 + 4 * 256 * dimension)


@lru_cache(maxsize=8)
def _compiled(path: Path) -> CompiledModel | None:
    return compiled_model(path, load(path))


def likeliest(path: Path, text: str, label: str) -> tuple[float, float, str]:
    """The probability of `label`, that of the likeliest other label, and the likeliest label of all ("" for none).

    `path` is the model's; where it can be (`filters.fasttext_compiled`) it is asked without the library. Raises
    UserError if it is no fastText model.
    """
    named = LABEL + label
    compiled = _compiled(path)
    told = None if compiled is None else compiled.likeliest(_line(text), named)
    if told is not None:
        return _rounded(told[0]), _rounded(told[1]), told[2].removeprefix(LABEL)
    found = _found(load(path), text, -1)
    of_label = next((probability for probability, one in found if one == named), 0.0)
    of_other = next((probability for probability, one in found if one != named), 0.0)
    return _rounded(of_label), _rounded(of_other), found[0][1].removeprefix(LABEL) if found else ""


def predict(model: Any, text: str, labels: int = -1) -> dict[str, float]:
    """The `labels` likeliest labels of `text` (all: -1), without their prefix, and their probabilities.

    `text` is taken as one line: fastText would stop at the first line end.
    """
    return {label.removeprefix(LABEL): _rounded(probability) for probability, label in _found(model, text, labels)}


def _found(model: Any, text: str, labels: int) -> list[tuple[float, str]]:
    found, probabilities = model.predict(_line(text), k=labels)
    return list(zip(probabilities.tolist(), found, strict=True))


def _line(text: str) -> str:
    return text.replace("\n", " ").encode("utf-8", "replace").decode()


def _rounded(probability: float) -> float:
    return min(1.0, round(probability, DECIMALS))
