"""Breaks bytes as disks, networks, programs and people do: a few random changes at random places."""

import random
from collections.abc import Sequence

TOKENS = (
    b"\x00", b"\xff", b"\xef\xbb\xbf", b"<", b">", b"</", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"&",
    b"&#x110000;", b"&#0;", b"\"", b"'", b"{", b"}", b"[", b"]", b"$", b"$$", b"\\", b"\\(", b"%",
    b"\r\n\r\n", b"\n", b"-1", b"0", b"4294967296", b"99999999999999999999", b"1e999", b"null", b"\\u0000",
    b"\\ud800", b"<table>", b"<svg>", b"<script>", b"<math>", b"\\def\\a{\\a\\a}\\a", b"\\begin{", b"\\end{",
    b"\\fi", b"WARC/1.0\r\n", b"Content-Length: 9999999999\r\n", b"\x1f\x8b\x08", b"PK\x03\x04", b"- ", b": ",
    b"&a", b"*a", b"!!python/object:os.system", b"\xed\xa0\x80",
)  # fmt: skip
"""What grammars take special care of."""
MOST_CHANGES = 6
LONGEST = 1 << 20


def broken(choose: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """The bytes with one to six changes; pieces of `others` may come in."""
    for _ in range(choose.randint(1, MOST_CHANGES)):
        data = _changed(choose, data, others)[:LONGEST]
    return data


def _changed(choose: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    place = choose.randint(0, len(data))
    length = min(choose.choice((1, 1, 4, 30, 500)), len(data) - place)
    kind = choose.randrange(8)
    if kind == 0:  # a flipped bit
        raw = bytearray(data or b"\0")
        raw[choose.randrange(len(raw))] ^= 1 << choose.randrange(8)
        return bytes(raw)
    if kind == 1:
        return data[:place] + data[place + length :]
    if kind == 2:
        return data[:place]
    if kind == 3:  # a piece again and again
        return data[:place] + data[place : place + length] * choose.choice((2, 3, 50, 2000)) + data[place + length :]
    if kind == 4:
        return data[:place] + choose.choice(TOKENS) * choose.choice((1, 1, 2, 300)) + data[place:]
    if kind == 5:
        other = choose.choice(others)
        start = choose.randint(0, len(other))
        return data[:place] + other[start : start + choose.choice((5, 100, 3000))] + data[place:]
    if kind == 6:
        return data[:place] + choose.randbytes(length) + data[place + length :]
    target = choose.randint(0, len(data))
    piece = data[place : place + length]
    rest = data[:place] + data[place + length :]
    return rest[:target] + piece + rest[target:]
