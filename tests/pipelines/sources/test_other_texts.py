"""Texts of a foreign corpus that is no file of rows: web archives, saved pages, token shards."""

import gzip
import hashlib
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manifests.errors import UserError
from manifests.records import SEQUENCE
from pipelines.corpus.rows import Text
from pipelines.shards.streaming import ABOUT
from pipelines.shards.tokenizer import load_tokenizer
from pipelines.sources.other_texts import columns_of, is_shard, texts_of

PAGE = (
    b"<html><body><article><p>In how many ways can three red tiles be laid on a board of nine squares?</p>"
    b"</article></body></html>"
)


def warc_record(kind: str, url: str, block: bytes, content_type: str) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2024-01-01T00:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{len(block):012d}>\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def response(body: bytes, content_type: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def test_the_pages_of_a_web_archive_are_texts_known_by_their_address(tmp_path: Path) -> None:
    http = "application/http; msgtype=response"
    records = [
        warc_record("request", "http://a.test/", b"GET / HTTP/1.1\r\n\r\n", "application/http; msgtype=request"),
        warc_record("response", "http://a.test/", response(PAGE, "text/html"), http),
        warc_record("response", "http://a.test/b.png", response(b"\x89PNG", "image/png"), http),
        warc_record("conversion", "http://b.test/", b"Plain words of a page.", "text/plain"),
    ]
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(map(gzip.compress, records)))
    first, second = texts_of(path)
    assert isinstance(first, Text) and first.id == "http://a.test/" and "three red tiles" in first.text
    assert second == Text("http://b.test/", "Plain words of a page.")
    assert columns_of(path, None) == ()


def test_a_saved_page_is_a_text(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(PAGE)
    (text,) = texts_of(tmp_path / "a.html")
    assert isinstance(text, Text) and text.id == "a.html" and "nine squares" in text.text


def small_tokenizer(path: Path) -> Path:
    """A tokenizer of words with a mark at the end of documents."""
    import tokenizers

    made = tokenizers.Tokenizer(tokenizers.models.WordLevel({"<end>": 0, "red": 1, "tiles": 2, "three": 3}, "<end>"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    made.add_special_tokens(["<end>"])
    made.save(str(path))
    return path


def shard(path: Path, tokenizer: Path) -> Path:
    rows = [
        {"input_ids": [3, 1, 2, 0, 1], "lengths": [4, 1], "ids": ["a", "b"], "source": "s"},
        {"input_ids": [2, 0], "lengths": [2], "ids": ["b"], "source": "s"},
    ]
    about = {ABOUT: json.dumps({"tokenizer_sha256": hashlib.sha256(tokenizer.read_bytes()).hexdigest()}).encode()}
    pq.write_table(pa.Table.from_pylist(rows, schema=SEQUENCE.with_metadata(about)), path)
    return path


def test_shards_are_texts_again_by_their_tokenizer(tmp_path: Path) -> None:
    tokenizer = small_tokenizer(tmp_path / "tokenizer.json")
    path = shard(tmp_path / "shard.parquet", tokenizer)
    assert is_shard(path)
    assert list(texts_of(path, tokenizer=str(tokenizer))) == [
        Text("a", "three red tiles"),
        Text("b", "red"),
        Text("b", "tiles"),
    ]


def test_shards_without_their_tokenizer_are_named(tmp_path: Path) -> None:
    tokenizer = small_tokenizer(tmp_path / "tokenizer.json")
    path = shard(tmp_path / "shard.parquet", tokenizer)
    with pytest.raises(UserError, match="holds token ids; expected --tokenizer FILE"):
        list(texts_of(path))
    (tmp_path / "other.json").write_text(tokenizer.read_text() + "\n")
    with pytest.raises(UserError, match=r"other\.json: is not the tokenizer of .*shard\.parquet"):
        list(texts_of(path, tokenizer=str(tmp_path / "other.json")))


def test_rows_are_read_as_everywhere(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "x", "content": "words"}\n')
    assert list(texts_of(tmp_path / "a.jsonl")) == [Text("x", "words")]
    assert columns_of(tmp_path / "a.jsonl", None) == ("content",)
    assert load_tokenizer(small_tokenizer(tmp_path / "t.json")).decode([1, 2]) == "red tiles"
