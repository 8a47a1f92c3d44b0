"""Lists of paths and arXiv's manifest."""

import gzip

import pytest
import zstandard

from manifests.errors import UserError
from pipelines.fetching.lists import Entry, arxiv_manifest, lines

MANIFEST = b"""<?xml version='1.0' standalone='yes'?>
<arXivSRC>
  <file>
    <content_md5sum>cacbfede21d5dfef26f367ec99384546</content_md5sum>
    <filename>src/arXiv_src_0001_001.tar</filename>
    <first_item>astro-ph0001001</first_item>
    <last_item>quant-ph0001119</last_item>
    <md5sum>949ae880fbaf4649a485a8d9e07f370b</md5sum>
    <num_items>2364</num_items>
    <seq_num>1</seq_num>
    <size>225605507</size>
    <timestamp>2010-12-23 00:13:59</timestamp>
    <yymm>0001</yymm>
  </file>
  <file>
    <filename>src/arXiv_src_9108_001.tar</filename>
    <md5sum>00000000000000000000000000000001</md5sum><size>12</size><yymm>9108</yymm>
  </file>
  <timestamp>Mon Apr 17 2023</timestamp>
</arXivSRC>
"""


@pytest.mark.parametrize(
    "pack", [bytes, gzip.compress, lambda b: gzip.compress(b[:5]) + gzip.compress(b[5:]), zstandard.compress]
)
def test_a_list_is_read_however_it_is_packed(pack: object) -> None:
    content = b"a/b.warc.gz\r\n\n# a remark\nc d.gz"
    assert lines(pack(content), "here") == ["a/b.warc.gz", "c d.gz"]  # type: ignore[operator]


@pytest.mark.parametrize("content", [gzip.compress(b"a\n" * 1000)[:-12], b"\x1f\x8b broken", b"\x28\xb5\x2f\xfdbroken"])
def test_a_damaged_list_is_no_shorter_list(content: bytes) -> None:
    with pytest.raises(UserError, match="here: the packed list is damaged"):
        lines(content, "here")


def test_a_list_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.fetching.lists.LONGEST_LIST", 1000)
    for content in (gzip.compress(b"\0" * 10_000), zstandard.compress(b"\0" * 10_000), b"a" * 10_000):
        with pytest.raises(UserError, match="longer than 1000 bytes"):
            lines(content, "here")


def test_a_list_that_is_not_text_is_refused() -> None:
    with pytest.raises(UserError, match="byte 1 is not UTF-8"):
        lines(b"a\xff", "here")


@pytest.mark.parametrize("page", ["<!DOCTYPE html><p>Not found</p>", "\n <html>", "\ufeff<?xml version='1.0'?>"])
def test_a_page_in_place_of_a_list_is_refused(page: str) -> None:
    with pytest.raises(UserError, match="here: not a list of paths"):
        lines(page.encode(), "here")


def test_a_list_of_more_files_than_there_can_be_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.fetching.lists.MOST_LINES", 3)
    assert lines(b"\n\na\nb\n#\nc\n\n", "here") == ["a", "b", "c"]
    with pytest.raises(UserError, match="more than 3 lines"):
        lines(b"a\nb\nc\nd\n", "here")


def test_arxivs_manifest_gives_key_size_md5_and_month() -> None:
    assert arxiv_manifest(MANIFEST, "here") == [
        Entry("src/arXiv_src_0001_001.tar", 225605507, "949ae880fbaf4649a485a8d9e07f370b", "2000-01"),
        Entry("src/arXiv_src_9108_001.tar", 12, "00000000000000000000000000000001", "1991-08"),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"not xml", "not XML"),
        (b"<a></a>", "lists no <file>"),
        (MANIFEST.replace(b"225605507", b"many"), "without filename, size, md5sum or yymm"),
        (MANIFEST[:-40], "not XML"),
        (b'<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;">]><a><file>&y;</file></a>', "document type"),
    ],
)
def test_what_is_no_manifest_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        arxiv_manifest(content, "here")
