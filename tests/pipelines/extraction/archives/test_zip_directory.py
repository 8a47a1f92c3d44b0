"""The directory of a zip is walked an entry at a time, and says of each member what the library would say."""

import io
import random
import struct
import tracemalloc
import zipfile
import zlib

import pytest

from pipelines.extraction.archives.zip_directory import Zip

SAID = ("filename", "flag_bits", "compress_type", "CRC", "compress_size", "file_size", "external_attr", "header_offset")


def packed(count: int = 7, comment: bytes = b"", before: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    buffer.write(before)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(count):
            archive.writestr(f"é{number}.py" if number % 2 else f"a{number}.py", b"x = 1\n" * number)
        archive.comment = comment
    return buffer.getvalue()


def zip64() -> bytes:
    """A stored member whose sizes and place stand in the field for long ones, in a directory found by 64 bits."""
    name, raw, long = b"long.py", b"x = 1", 0xFFFFFFFF
    check = zlib.crc32(raw)
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 45, 0, 0, 0, 33, check, 5, 5, len(name), 0) + name + raw
    numbers = (0x32D, 45, 0, 0, 0, 33, check, long, long, len(name), 28, 0, 0, 0, 0, long)
    directory = struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", *numbers) + name + struct.pack("<HHQQQ", 1, 24, 5, 5, 0)
    end = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(directory), len(local))
    end += struct.pack("<4sIQI", b"PK\6\7", 0, len(local) + len(directory), 1)
    return local + directory + end + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 65535, 65535, long, long, 0)


KINDS = {
    "plain": packed(),
    "empty": packed(0),
    "comment": packed(comment=b"said at the end"),
    "behind a program": packed(before=b"MZ" + bytes(5000)),
    "glued behind a script": b"#!/bin/sh\n" + packed(),
    "zip64": zip64(),
}


@pytest.mark.parametrize("raw", KINDS.values(), ids=KINDS)
def test_each_entry_is_as_the_library_has_it_and_can_be_opened(raw: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(raw)) as theirs, Zip(io.BytesIO(raw)) as ours:
        found = list(ours.entries())
        expected = theirs.infolist()
        assert [[getattr(one, name) for name in SAID] for one in found] == [
            [getattr(one, name) for name in SAID] for one in expected
        ]
        assert [ours.open(one).read() for one in found] == [theirs.read(one) for one in expected]


def test_what_the_library_refuses_of_damaged_directories_is_refused_and_what_it_reads_is_read() -> None:
    choose = random.Random(5)
    sound = packed(5, b"comment")
    refused = 0
    for _ in range(600):
        raw = bytearray(sound)
        for _ in range(choose.choice([1, 1, 3])):
            raw[choose.randrange(sound.index(b"PK\1\2"), len(raw))] = choose.randrange(256)
        try:
            with zipfile.ZipFile(io.BytesIO(raw)) as theirs:
                expected = [(one.filename, one.file_size, one.header_offset) for one in theirs.infolist()]
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            refused += 1
            with pytest.raises(type(error)):
                Zip(io.BytesIO(raw))
        else:
            with Zip(io.BytesIO(raw)) as ours:
                assert [(one.filename, one.file_size, one.header_offset) for one in ours.entries()] == expected
    assert 50 < refused < 550


def test_memory_does_not_grow_with_the_number_of_members() -> None:
    peaks = []
    for count in (200, 4000):
        raw = packed(count)
        tracemalloc.start()
        with Zip(io.BytesIO(raw)) as archive:
            assert sum(1 for _ in archive.entries()) == count
        peaks.append(tracemalloc.get_traced_memory()[1] - len(raw))
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + (1 << 18)
