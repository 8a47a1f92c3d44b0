"""HTTP responses as archives hold them: codings undone, lies about codings seen through, bombs bounded."""

import gzip
import time
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pipelines.extraction.archives.http_messages import BadMessageError, Body, decode, parse

PAGE = b"<!doctype html><p>The sum \\sum_{k} k is known.</p>" * 40
LIMIT = 1_000_000


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def response(body: bytes, *fields: bytes) -> bytes:
    return b"\r\n".join((b"HTTP/1.1 200 OK", b"Content-Type: text/html", *fields, b"", body))


def decoded(body: bytes, *fields: bytes, limit: int = LIMIT) -> Body:
    return decode(parse(response(body, *fields)), limit)


def chunked(body: bytes, size: int = 700) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


CODINGS = {
    b"gzip": gzip.compress,
    b"x-gzip": gzip.compress,
    b"deflate": zlib.compress,
    b"DEFLATE": raw_deflate,
    b"br": brotli.compress,
    b"zstd": zstandard.compress,
    b"identity": bytes,
}


@pytest.mark.parametrize("name", sorted(CODINGS))
def test_undoes_a_content_coding(name: bytes) -> None:
    assert decoded(CODINGS[name](PAGE), b"Content-Encoding: " + name) == Body(PAGE)


def test_undoes_several_codings_last_first() -> None:
    assert decoded(gzip.compress(brotli.compress(PAGE)), b"Content-Encoding: br, gzip") == Body(PAGE)


def test_joins_chunks_and_then_undoes_the_coding() -> None:
    body = chunked(gzip.compress(PAGE), 50)
    assert decoded(body, b"Transfer-Encoding: chunked", b"Content-Encoding: gzip") == Body(PAGE)


def test_chunk_extensions_and_bare_line_feeds_are_read() -> None:
    assert decoded(b"3;name=value\nabc\n2 \r\nde\r\n0\r\n\r\n", b"Transfer-Encoding: chunked") == Body(b"abcde")


def test_joins_gzip_members_and_ignores_what_follows_them() -> None:
    body = gzip.compress(PAGE) + gzip.compress(b"more") + b"\0\0"
    assert decoded(body, b"Content-Encoding: gzip") == Body(PAGE + b"more")


@pytest.mark.parametrize("field", [b"Transfer-Encoding: chunked", *(b"Content-Encoding: " + name for name in CODINGS)])
def test_a_page_that_the_crawler_decoded_is_taken_as_it_is(field: bytes) -> None:
    if b"eflate" not in field.lower():
        assert decoded(PAGE, field) == Body(PAGE)


@pytest.mark.parametrize("name", [b"gzip", b"br", b"zstd", b"compress", b"made-up"])
def test_a_binary_body_in_another_coding_is_a_fault(name: bytes) -> None:
    with pytest.raises(BadMessageError):
        decoded(bytes(range(250, 1, -1)) * 3, b"Content-Encoding: " + name)


@pytest.mark.parametrize("name", [b"gzip", b"deflate", b"br", b"zstd"])
def test_a_body_that_breaks_off_is_kept_and_marked(name: bytes) -> None:
    page = bytes(x * 7 % 251 for x in range(90_000)) + PAGE * 30
    whole = CODINGS[name](page)
    got = decoded(whole[: len(whole) * 2 // 3], b"Content-Encoding: " + name)
    assert got.broken
    assert page.startswith(got.data)


def test_chunks_that_break_off_are_kept_and_marked() -> None:
    whole = chunked(PAGE)
    for cut in (len(whole) - 5, len(whole) - 30, len(whole) // 2, 704):
        got = decoded(whole[:cut], b"Transfer-Encoding: chunked")
        assert got.broken
        assert PAGE.startswith(got.data)


def test_a_wrong_chunk_size_is_a_fault() -> None:
    with pytest.raises(BadMessageError, match="chunk's size"):
        decoded(b"5\r\nabc\r\nzz zz zz zz zz zz zz zz\r\n0\r\n\r\n", b"Transfer-Encoding: chunked")


@pytest.mark.parametrize("name", [b"gzip", b"deflate", b"br", b"zstd"])
def test_a_bomb_is_not_held(name: bytes) -> None:
    import tracemalloc

    zeros = bytes(30_000_000)
    bomb = brotli.compress(zeros, quality=1) if name == b"br" else CODINGS[name](zeros)
    tracemalloc.start()
    got = decoded(bomb, b"Content-Encoding: " + name)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert got == Body(b"", oversized=True)
    assert peak < 18_000_000 + 2 * len(bomb)


def test_many_codings_are_a_fault() -> None:
    with pytest.raises(BadMessageError, match="content codings"):
        decoded(PAGE, b"Content-Encoding: " + b", ".join([b"gzip"] * 100))


@pytest.mark.parametrize("body", [b"f" * 2_000_000, b"1\r\na\r\n" * 300_000, b"\n" * 2_000_000, b"0" * 2_000_000])
def test_hostile_chunks_take_linear_time(body: bytes) -> None:
    start = time.process_time()
    decoded(body, b"Transfer-Encoding: chunked")
    assert time.process_time() - start < 3


@pytest.mark.parametrize("line", [b"HTTP/1.0 302 ", b"HTTP/1.1 302 Found", b"http/1.1 302", b"HTTP/2 302 \xe9\xff"])
def test_reads_a_status_without_its_text(line: bytes) -> None:
    assert parse(line + b"\r\nLocation: x\r\n\r\n").status == 302


@pytest.mark.parametrize(
    "block", [b"", b"HTTPX/1.1 200 OK\r\n\r\n", b"HTTP/1.1\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", PAGE]
)
def test_a_block_without_a_status_line_is_a_fault(block: bytes) -> None:
    with pytest.raises(BadMessageError):
        parse(block)


def test_a_head_without_a_body_is_a_response_without_a_body() -> None:
    assert decode(parse(b"HTTP/1.1 200 OK\r\nServer: x"), LIMIT) == Body(b"")


@given(st.binary(max_size=300), st.sampled_from(sorted(CODINGS)), st.booleans())
def test_any_body_decodes_or_is_a_fault(body: bytes, name: bytes, in_chunks: bool) -> None:
    fields = [b"Content-Encoding: " + name] + [b"Transfer-Encoding: chunked"] * in_chunks
    try:
        got = decoded(body, *fields, limit=100)
    except BadMessageError:
        return
    assert len(got.data) <= 100


@given(st.binary(max_size=3000), st.integers(1, 400), st.sampled_from(sorted(CODINGS)))
def test_every_body_survives_its_codings(body: bytes, size: int, name: bytes) -> None:
    sent = CODINGS[name](body)
    got = decoded(chunked(sent, size), b"Transfer-Encoding: chunked", b"Content-Encoding: " + name)
    assert got == Body(body)
