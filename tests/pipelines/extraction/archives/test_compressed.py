"""What a packed stream gives out, sound and damaged, is what Python's own reader gives out of it."""

import gzip
import io
import random
from typing import IO

import pytest

from pipelines.extraction.archives.compressed import DAMAGE, STEP, decompressed

TEXT = "".join(random.Random(5).choice("abcdef \n") for _ in range(400_000)).encode()


def _read(stream: IO[bytes], size: int) -> tuple[bytes, str]:
    pieces = []
    read = getattr(stream, "read1", stream.read)
    try:
        while piece := read(size):
            pieces.append(piece)
    except DAMAGE as error:
        return b"".join(pieces), f"{type(error).__name__}: {error}"
    return b"".join(pieces), ""


@pytest.mark.parametrize("size", [1000, STEP, 1 << 16])
@pytest.mark.parametrize("fault", ["none", "cut", "bit", "zeros", "checksum", "behind", "second", "no header"])
def test_a_gzip_stream_gives_at_least_what_the_slow_reader_gives_and_the_same_error(fault: str, size: int) -> None:
    packed = bytearray(gzip.compress(TEXT, mtime=0))
    half = len(packed) // 2
    match fault:
        case "cut":
            del packed[half:]
        case "bit":
            packed[half] ^= 4
        case "zeros":
            packed[half : half + 40] = bytes(40)
        case "checksum":
            packed[-6] ^= 1
        case "behind":
            packed += b"xyz"
        case "second":
            packed += gzip.compress(b"more", mtime=0)
        case "no header":
            packed[2] = 7
    fast = _read(decompressed(io.BytesIO(bytes(packed))), size)
    slow = _read(gzip.GzipFile(fileobj=io.BytesIO(bytes(packed))), STEP)
    assert fast[1] == slow[1]
    assert fast[0].startswith(slow[0])
    assert fast[0] == slow[0] or fault == "bit", "only behind a fault do the two differ"


def test_a_stream_is_read_from_where_its_file_stands_and_again_from_there() -> None:
    packed = gzip.compress(TEXT, mtime=0)
    file = io.BytesIO(b"in front" + packed[:-9])
    file.seek(8)
    content, error = _read(decompressed(file), 1 << 16)
    assert TEXT.startswith(content)
    assert len(content) > len(TEXT) - 2 * STEP
    assert error.startswith("EOFError")
