"""When two addresses are one."""

import pytest

from filters.addresses import address_key


@pytest.mark.parametrize(
    "url",
    [
        "http://www.example.org/a?b=1",
        "https://www.example.org/a?b=1",
        "HTTPS://WWW.Example.ORG/a?b=1",
        "http://www.example.org:80/a?b=1#proof",
        "https://www.example.org:443/a?b=1",
        "http://www.example.org./a?b=1",
    ],
)
def test_one_address_however_it_is_written(url: str) -> None:
    assert address_key(url) == "www.example.org/a?b=1"


def test_path_and_query_keep_addresses_apart() -> None:
    urls = ["http://a.org/x", "http://a.org/X", "http://a.org/x/", "http://a.org/x?p=1", "http://a.org:8080/x"]
    assert len({address_key(url) for url in urls}) == len(urls)
    assert address_key("http://a.org") == address_key("http://a.org/")


@pytest.mark.parametrize("url", ["", "mailto:a@b.org", "/a/b.html", "file:///a", "http://", "http://[bad/"])
def test_what_is_no_address_of_the_web_has_none(url: str) -> None:
    assert address_key(url) is None
