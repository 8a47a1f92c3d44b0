"""Damages files at random, as disks and people do: a flipped bit, a cut, a deletion, a byte more."""

import random
from pathlib import Path

KINDS = ("flip", "cut", "delete", "append", "zero")


def damage(path: Path, choose: random.Random) -> str:
    """Damage a file; returns what was done to it."""
    data = bytearray(path.read_bytes())
    kind = choose.choice(KINDS if data else ("delete", "append"))
    if kind == "flip":
        place = choose.randrange(len(data))
        data[place] ^= 1 << choose.randrange(8)
    elif kind == "cut":
        data = data[: choose.randrange(len(data))]
    elif kind == "append":
        data += bytes([choose.randrange(256)])
    elif kind == "zero":
        data[choose.randrange(len(data)) :] = b""
        data += bytes(8)
    if kind == "delete":
        path.unlink()
    else:
        path.write_bytes(data)
    return kind
