"""The Stack's second version: rows that name contents, which are brought from a store of contents."""

import gzip
import hashlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from manifests.errors import Fault, UserError
from manifests.records import BadRecord, Document
from pipelines.fetching import objects
from pipelines.fetching.blobs import Blobs, TooLong, ahead
from pipelines.fetching.patience import Patience
from pipelines.fetching.remote import NotThere
from pipelines.sources.base import RawFile, Refusal
from pipelines.sources.code import CodeOptions, CodeSource
from pipelines.sources.stack import is_stack
from tests.object_store import s3_server

HASTY = Patience(tries=2, unreachable_tries=2, first_wait=0.01, longest_wait=0.02)
CODE = "import numpy as np\nprint(np.pi)  # Größe\n"


def sha1(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def row(path: str = "/lib/a.py", content: bytes = CODE.encode(), **other: Any) -> dict[str, Any]:
    """A row with the columns of the second version that are read."""
    return {
        "blob_id": sha1(content), "path": path, "repo_name": "ann/sums", "revision_id": "f" * 40,
        "detected_licenses": ["MIT"], "license_type": "permissive", "src_encoding": "UTF-8", "language": "Python",
        "length_bytes": len(content), "extension": path.rsplit(".", 1)[-1],
    } | other  # fmt: skip


class Bucket:
    """A folder laid out as the bucket is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def put(self, content: bytes, packed: bytes | None = None) -> str:
        (self.folder / sha1(content)).write_bytes(gzip.compress(content) if packed is None else packed)
        return sha1(content)


@pytest.fixture
def bucket(tmp_path: Path) -> Bucket:
    return Bucket(tmp_path / "content")


def outcomes(folder: Path, rows: list[dict[str, Any]], contents: str, **options: Any) -> list[Any]:
    path = folder / "rows.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)
    made = CodeSource("code", CodeOptions(contents=contents, **options))
    records = list(made.records(RawFile(path, "rows.parquet")))
    return [record if isinstance(record, BadRecord) else made.document(record) for record in records]


def test_a_row_of_the_second_version_becomes_the_document_of_its_content(tmp_path: Path, bucket: Bucket) -> None:
    bucket.put(CODE.encode())
    [document] = outcomes(tmp_path, [row()], str(bucket.folder))
    assert isinstance(document, Document)
    assert (document.text, document.subset, document.license) == (CODE, "python", "MIT")
    assert document.url == f"https://github.com/ann/sums/blob/{'f' * 40}/lib/a.py"
    assert json.loads(document.meta) == {"path": "lib/a.py", "repository": "ann/sums"}


def test_contents_are_read_in_their_own_encoding(tmp_path: Path, bucket: Bucket) -> None:
    encoded = CODE.encode("cp1252")
    bucket.put(encoded)
    kept, unknown, wrong = outcomes(
        tmp_path,
        [
            row(content=encoded, src_encoding="windows-1252"),
            row(content=encoded, src_encoding="klingon"),
            row(content=encoded, src_encoding="UTF-8"),
        ],
        str(bucket.folder),
    )
    assert isinstance(kept, Document) and kept.text == CODE
    assert unknown.error == "`src_encoding` is 'klingon', no encoding of texts"
    assert wrong.error == "the content is not in UTF-8, its `src_encoding`"


def test_rows_that_are_repositories_have_a_record_for_each_file(tmp_path: Path, bucket: Bucket) -> None:
    bucket.put(CODE.encode())
    shared = {"repo_name": "ann/sums", "revision_id": "f" * 40}
    files = [{k: v for k, v in row(path).items() if k not in shared} for path in ("/a.py", "/b.py")]
    found = outcomes(tmp_path, [{**shared, "files": files}], str(bucket.folder))
    assert [json.loads(one.meta) for one in found] == [
        {"path": "a.py", "repository": "ann/sums"},
        {"path": "b.py", "repository": "ann/sums"},
    ]


def test_each_content_that_cannot_be_had_is_one_failed_record_and_the_others_stay(
    tmp_path: Path, bucket: Bucket
) -> None:
    bucket.put(CODE.encode())
    cut, broken = b"import numpy  # cut\n", b"import numpy  # broken\n"
    bucket.put(cut, gzip.compress(cut)[:-4])
    bucket.put(broken, gzip.compress(broken)[:12] + b"\xff\xff\xff" + gzip.compress(broken)[15:])
    rows = [
        row("/missing.py", b"never stored"), row("/cut.py", cut), row("/broken.py", broken),
        row("/odd.py", blob_id="../../etc/passwd"), row("/size.py", length_bytes=-1), row("/good.py"),
    ]  # fmt: skip
    found = outcomes(tmp_path, rows, str(bucket.folder))
    assert [type(one) for one in found] == [BadRecord] * 5 + [Document]
    assert found[0].error == f"{sha1(b'never stored')}: No such file or directory"
    assert found[1].error == "the packed content is cut off"
    assert found[2].error.startswith("the packed content is damaged")
    assert found[3].error == "'../../etc/passwd' is no id of a content"
    assert found[4].error == "the row's size is '-1', expected a number of bytes"


def test_what_no_rule_would_keep_is_not_fetched(tmp_path: Path) -> None:
    rows = [row(language="Java"), row(length_bytes=10**9), row("/a.jl", language="Julia")]
    found = outcomes(tmp_path, rows, "s3://nowhere-at-all/content", languages=["python"])
    assert [(one.reason, one.detail) for one in found if isinstance(one, Refusal)] == [
        ("other_language", "Java"),
        ("too_large", "more than 67108864 bytes"),
        ("language_not_asked_for", "julia"),
    ]


def test_a_content_that_is_longer_than_its_row_says_is_bounded(tmp_path: Path, bucket: Bucket) -> None:
    bomb = b"import numpy\n" + b" " * (1 << 20)
    bucket.put(bomb)
    [found] = outcomes(tmp_path, [row(content=bomb, length_bytes=10)], str(bucket.folder), max_file_bytes=1000)
    assert found == Refusal("too_large", "more than 1000 bytes")


def test_json_lines_may_hold_rows_of_both_versions(tmp_path: Path, bucket: Bucket) -> None:
    bucket.put(CODE.encode())
    first = {"content": CODE, "lang": "Python", "max_stars_repo_path": "b.py", "max_stars_repo_name": "o/r"}
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in (first, row(), {"path": "c.py"}, "odd")))
    made = CodeSource("code", CodeOptions(contents=str(bucket.folder)))
    found = list(made.records(RawFile(path, "rows.jsonl")))
    assert [type(one).__name__ for one in found] == ["Record", "Record", "BadRecord", "BadRecord"]
    assert [made.document(one).text for one in found[:2]] == [CODE, CODE]  # type: ignore[arg-type, union-attr]


def test_tables_of_both_versions_are_told_from_other_tables() -> None:
    assert is_stack(["content", "lang"]) and is_stack(["blob_id", "path"]) and is_stack(["repo_name", "files"])
    assert not is_stack(["content", "x"]) and not is_stack(["files", "x"]) and not is_stack([])


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    pytest.importorskip("moto.server")
    with s3_server() as address:
        yield address


class TestBucket:
    @pytest.fixture
    def client(self, store: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
        import boto3

        monkeypatch.setenv("AWS_ENDPOINT_URL", store)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "planted-id")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted-key")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        objects.forget_connections()
        yield boto3.client("s3")
        objects.forget_connections()

    def test_contents_come_from_the_bucket_in_the_order_of_the_rows(self, tmp_path: Path, client: Any) -> None:
        client.create_bucket(Bucket="softwareheritage")
        contents = [f"import numpy\nx = {number}\n".encode() for number in range(60)]
        for content in contents:
            key = f"content/{sha1(content)}"
            client.put_object(Bucket="softwareheritage", Key=key, Body=gzip.compress(content))
        rows = [row(f"/{number}.py", content) for number, content in enumerate(contents)]
        rows.insert(30, row("/missing.py", b"not there"))
        found = outcomes(tmp_path, rows, CodeOptions().contents)
        assert found.pop(30).error == f"s3://softwareheritage/content/{sha1(b'not there')}: not there"
        assert [one.text.encode() for one in found] == contents

    def test_a_store_that_does_not_answer_is_a_fault_and_no_records(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "planted-id")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted-key")
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        objects.forget_connections()
        with pytest.raises(Fault, match=r"s3://softwareheritage/content/a{40}: .*given up after 2 tries"):
            Blobs("s3://softwareheritage/content", 100, HASTY).content("a" * 40)
        objects.forget_connections()


def test_contents_of_a_web_server(tmp_path: Path) -> None:
    from tests.pipelines.fetching.servers import answer, serving

    with serving() as server:
        server.on("/content/abc", answer(200, gzip.compress(b"x" * 50)))
        server.on("/content/plain", answer(200, b"as it is"))
        blobs = Blobs(f"{server.url}/content", 60, HASTY)
        assert (blobs.content("abc"), blobs.content("plain")) == (b"x" * 50, b"as it is")
        with pytest.raises(NotThere):
            blobs.content("missing")
        with pytest.raises(TooLong):
            Blobs(f"{server.url}/content", 49, HASTY).content("abc")


def test_contents_lie_in_a_bucket_a_folder_or_on_the_web() -> None:
    for wrong in ("hf:datasets/a/b", "gs://bucket/x"):
        with pytest.raises(UserError, match="contents are read from"):
            Blobs(wrong, 10)
        with pytest.raises(ValidationError, match="contents are read from"):
            CodeOptions(contents=wrong)


class TestAhead:
    def test_results_come_in_order_whichever_is_ready_first(self) -> None:
        gate = threading.Event()

        def slow() -> int:
            assert gate.wait(10)
            return 0

        def fast() -> int:
            gate.set()
            return 1

        assert list(ahead([slow, fast, 2, fast])) == [0, 1, 2, 1]

    def test_what_came_before_damage_is_handed_on_before_it_is_told(self) -> None:
        def items() -> Iterator[Any]:
            yield lambda: 1
            yield 2
            raise EOFError("cut off")

        found = ahead(items())
        assert [next(found), next(found)] == [1, 2]
        with pytest.raises(EOFError, match="cut off"):
            next(found)
