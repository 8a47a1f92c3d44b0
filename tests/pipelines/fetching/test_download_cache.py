"""Files of a known digest are kept between builds, and the cache never costs more than a download."""

import errno
from pathlib import Path

import pytest

from pipelines.fetching import store
from tests.pipelines.fetching.bringing import CONTENT, SHA256, bring, left_in
from tests.pipelines.fetching.servers import Loopback, Served


def test_the_cache_gives_a_file_of_known_digest_without_the_network(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/a.bin", Served(CONTENT))
    cache = tmp_path / "cache"
    bring(url, tmp_path / "a", sha256=SHA256, cache=cache)
    got = bring(url, tmp_path / "b", sha256=SHA256, cache=cache)
    assert len(server.requests) == 1
    assert got.path.read_bytes() == CONTENT
    assert (tmp_path / "b").samefile(store.place(cache, SHA256))


def test_a_damaged_cache_costs_a_download_and_nothing_else(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/a.bin", Served(CONTENT))
    cache = tmp_path / "cache"
    kept = store.place(cache, SHA256)
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"damaged")
    assert bring(url, tmp_path / "a", sha256=SHA256, cache=cache).sha256 == SHA256
    assert kept.read_bytes() == CONTENT


def test_a_cache_on_another_file_system_is_copied_from(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def across(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    url, cache = server.on("/a.bin", Served(CONTENT)), tmp_path / "cache"
    bring(url, tmp_path / "a", sha256=SHA256, cache=cache)
    monkeypatch.setattr("os.link", across)
    got = bring(url, tmp_path / "b", sha256=SHA256, cache=cache)
    assert got.path.read_bytes() == CONTENT
    assert not got.path.samefile(store.place(cache, SHA256))
    assert left_in(tmp_path) == ["a", "b", "cache"]


def test_a_cache_that_cannot_be_written_is_passed_over(server: Loopback, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")
    got = bring(server.on("/a.bin", Served(CONTENT)), tmp_path / "a", cache=tmp_path / "cache", sha256=SHA256)
    assert got.sha256 == SHA256
