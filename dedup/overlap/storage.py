"""An index in a file: arrays one after the other, mapped into memory by whoever reads them, so that all share one copy.

The file begins with a mark, the length of a header, and the header as JSON: what the writer wants to know again, and
for each array its name, type, shape and place. Nothing in it is run.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MARK = b"PROOFOV2"
_ALIGNMENT = 64


def write_arrays(path: Path, about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays to a file, which appears whole or not at all."""
    listed: list[tuple[str, str, list[int], int]] = []
    place = 0
    for name, array in arrays.items():
        listed.append((name, array.dtype.str, list(array.shape), place))
        place += -(-array.nbytes // _ALIGNMENT) * _ALIGNMENT
    header = json.dumps({"about": about, "arrays": listed}).encode()
    part = path.with_name(f"{path.name}.{os.getpid()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    with part.open("wb") as stream:
        stream.write(_MARK + len(header).to_bytes(8, "little") + header)
        first = _first(len(header))
        for (*_, offset), array in zip(listed, arrays.values(), strict=True):
            stream.seek(first + offset)
            stream.write(np.ascontiguousarray(array).data)
        stream.truncate(first + place)
    part.replace(path)


def map_arrays(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """What the writer said of the arrays, and the arrays, read-only and mapped. Raises ValueError for another file."""
    with path.open("rb") as stream:
        if stream.read(len(_MARK)) != _MARK:
            raise ValueError(f"{path}: is no index of benchmarks")
        length = int.from_bytes(stream.read(8), "little")
        header = json.loads(stream.read(length))
    whole = np.memmap(path, dtype=np.uint8, mode="r")
    first = _first(length)
    arrays: dict[str, NDArray[Any]] = {}
    for name, kind, shape, offset in header["arrays"]:
        dtype = np.dtype(kind)
        size = dtype.itemsize * int(np.prod(shape))
        # A plain array on the mapped bytes: kernels are compiled once for those in memory and these.
        arrays[name] = np.frombuffer(whole.data[first + offset : first + offset + size], dtype=dtype).reshape(shape)
    return header["about"], arrays


def _first(header: int) -> int:
    """Where the arrays begin behind a header of so many bytes."""
    return -(-(len(_MARK) + 8 + header) // _ALIGNMENT) * _ALIGNMENT
