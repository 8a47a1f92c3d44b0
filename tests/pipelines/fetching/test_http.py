"""Redirects are followed with care, and credentials stay with the server they belong to."""

import base64
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from manifests.errors import Fault, UserError
from pipelines.fetching.download import download
from pipelines.fetching.http import Access, _content_range, get, open_at, origin
from pipelines.fetching.listing import expand
from tests.pipelines.fetching.servers import HASTY, Handler, Loopback, Served, answer


def redirect(to: str, status: int = 302) -> object:
    return answer(status, Location=to)


def read(url: str, access: Access | None = None) -> bytes:
    with open_at(url, access=access, patience=HASTY) as opened:
        return b"".join(opened.chunks)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_to_another_server(server: Loopback, other_server: Loopback, status: int) -> None:
    there = other_server.on("/b", Served(b"content"))
    assert read(server.on("/a", redirect(there, status))) == b"content"  # type: ignore[arg-type]


def test_a_relative_redirect_hangs_on_the_address_it_came_from(server: Loopback) -> None:
    server.on("/x/b c", Served(b"content"))
    assert read(server.on("/x/a", redirect("b%20c"))) == b"content"  # type: ignore[arg-type]


def test_redirects_in_a_circle_are_the_addresss_fault(server: Loopback) -> None:
    server.on("/b", redirect("/a"))  # type: ignore[arg-type]
    with pytest.raises(UserError, match="/a: redirects lead in a circle"):
        read(server.on("/a", redirect("/b")))  # type: ignore[arg-type]


def test_redirects_without_end_are_given_up(server: Loopback) -> None:
    for number in range(30):
        server.on(f"/{number}", redirect(f"/{number + 1}"))  # type: ignore[arg-type]
    with pytest.raises(UserError, match="more than 10 redirects"):
        read(server.url + "/0")
    assert len(server.requests) == HASTY.redirects + 1


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://host/x", "http://h:99999/", "javascript:0", "http://[::1"]
)
def test_a_redirect_leads_to_the_web_or_nowhere(server: Loopback, target: str) -> None:
    with pytest.raises(UserError, match="neither http nor https"):
        read(server.on("/a", redirect(target)))  # type: ignore[arg-type]


def test_the_range_goes_along_with_a_redirect(server: Loopback, other_server: Loopback, tmp_path: Path) -> None:
    content = bytes(range(256)) * 100
    there = other_server.on("/b", Served(content, cut=1000), Served(content))
    (file,) = expand(server.on("/a", redirect(there)))  # type: ignore[arg-type]
    assert download(file, tmp_path / "a", patience=HASTY).size == len(content)
    assert other_server.requests[1].headers["Range"] == "bytes=1000-"


def test_a_password_in_the_address_is_sent_to_its_own_server_only(server: Loopback, other_server: Loopback) -> None:
    there = other_server.on("/b", Served(b"content"))
    url = server.on("/a", redirect("/a2")).replace("://", "://me:p%40ss@")  # type: ignore[arg-type]
    server.on("/a2", redirect(there))  # type: ignore[arg-type]
    assert read(url) == b"content"
    expected = "Basic " + base64.b64encode(b"me:p@ss").decode()
    assert [request.headers.get("Authorization") for request in server.requests] == [expected, expected]
    assert "Authorization" not in other_server.requests[0].headers


def test_headers_of_one_server_are_not_shown_to_another_even_on_the_same_host(
    server: Loopback, other_server: Loopback
) -> None:
    there = other_server.on("/b", Served(b"content"))
    access = Access(origin(server.url), {"Authorization": "Bearer planted"})
    assert read(server.on("/a", redirect(there)), access) == b"content"  # type: ignore[arg-type]
    assert server.requests[0].headers["Authorization"] == "Bearer planted"
    assert "planted" not in str(other_server.requests[0].headers)


def test_a_netrc_file_serves_its_own_host_and_never_replaces_a_token(
    server: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password pw\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    url = server.on("/a", Served(b"content"))
    read(url)
    read(url, Access(origin(url), {"Authorization": "Bearer planted"}))
    assert [request.headers["Authorization"].split()[0] for request in server.requests] == ["Basic", "Bearer"]


def test_cookies_are_neither_kept_nor_sent(server: Loopback) -> None:
    server.on("/b", Served(b"content"))
    read(server.on("/a", answer(302, Location="/b", Set_Cookie="session=planted; Path=/")))
    assert "Cookie" not in server.requests[1].headers


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://a.org/x", "https://A.org:443/y", True),
        ("http://a.org/x", "http://a.org:80/", True),
        ("https://a.org/", "http://a.org/", False),
        ("https://a.org/", "https://a.org:444/", False),
        ("https://a.org/", "https://b.a.org/", False),
        ("https://a.org@evil.org/", "https://a.org/", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(one: str, other: str, same: bool) -> None:
    assert (origin(one) == origin(other)) is same


def test_a_small_answer_longer_than_allowed_is_refused(server: Loopback) -> None:
    with pytest.raises(UserError, match="longer than 10 bytes"):
        get(server.on("/a", Served(b"x" * 11)), limit=10, patience=HASTY)


def test_a_small_answer_that_is_cut_is_asked_for_again(server: Loopback) -> None:
    url = server.on("/a", Served(b"0123456789", cut=3), answer(503), Served(b"0123456789"))
    assert get(url, limit=100, patience=HASTY).content == b"0123456789"


def test_a_certificate_nobody_vouches_for_is_a_fault_at_once(server: Loopback) -> None:
    """TLS is spoken to a server that does not: the handshake fails for good or the connection breaks."""
    with pytest.raises(Fault):
        get(server.url.replace("http://", "https://") + "/a", limit=10, patience=HASTY)


@pytest.mark.parametrize("header", ["bytes 0-0/1", "bytes 5-9/*", "bytes */7"])
def test_a_content_range_is_read(header: str, server: Loopback) -> None:
    expected = {"bytes 0-0/1": (0, 0, 1), "bytes 5-9/*": (5, 9, None), "bytes */7": (-1, None, 7)}
    assert _content_range(_Response(header)) == expected[header]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "header", ["", "bytes", "bytes 5-/9", "octets 0-1/2", "bytes 0-1/2 ", "bytes ٣-4/5", "x" * 10**6]
)
def test_anything_else_is_no_content_range(header: str) -> None:
    begun = time.monotonic()
    first, _, _ = _content_range(_Response(header))  # type: ignore[arg-type]
    assert first == (0 if header.startswith("bytes 0-1/2") else -1)
    assert time.monotonic() - begun < 0.5


class _Response:
    def __init__(self, header: str) -> None:
        self.headers = {"Content-Range": header}


def test_an_answer_that_is_not_http_is_a_fault(server: Loopback) -> None:
    def garbage(handler: Handler) -> None:
        handler.wfile.write(b"\x00\xff" * 100 + b"\r\n\r\n")
        handler.close_connection = True

    with pytest.raises(Fault, match=re.escape(server.url)):
        read_or_fault(server.on("/a", garbage))


@pytest.mark.parametrize("endless", [b"X-Slow: a\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_a_head_without_end_is_given_up_although_bytes_keep_coming(server: Loopback, endless: bytes) -> None:
    def drip(handler: Handler) -> None:
        if endless.startswith(b"X"):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            handler.wfile.write(endless)
            time.sleep(0.1)

    patience = replace(HASTY, tries=2, read=0.5)
    began = time.monotonic()
    with pytest.raises(Fault, match="no answer in time"):
        get(server.on("/a", drip), limit=1000, patience=patience)
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("before", [b"103 Early Hints", b"102 Processing", b"100 Continue"])
def test_what_only_announces_an_answer_is_passed_over(server: Loopback, before: bytes) -> None:
    def hints(handler: Handler) -> None:
        handler.wfile.write(
            b"HTTP/1.1 " + before + b"\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere"
        )

    assert read(server.on("/a", hints)) == b"here"


@pytest.mark.parametrize("transfer", [b"gzip, chunked", b"deflate", b"chunked, chunked"])
def test_a_file_that_is_packed_for_the_way_is_not_taken_as_it_comes(server: Loopback, transfer: bytes) -> None:
    def packed(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + transfer + b"\r\n\r\n4\r\nhere\r\n0\r\n\r\n")
        handler.close_connection = True

    with pytest.raises(Fault, match=f"packed as '{transfer.decode()}'"):
        read(server.on("/a", packed))


def read_or_fault(url: str) -> None:
    get(url, limit=1000, patience=HASTY)
