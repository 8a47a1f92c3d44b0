"""Object stores: moto's S3 server with its real protocol, and Google's JSON interface."""

import hashlib
import io
import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manifests.errors import Fault, UserError
from pipelines.fetching import google_storage, objects
from pipelines.fetching.address import escaped
from pipelines.fetching.batch import FetchOptions, fetch_all
from pipelines.fetching.download import download
from pipelines.fetching.listing import expand
from pipelines.fetching.parts import parts_of
from pipelines.fetching.remote import Checksum, RemoteFile
from tests.pipelines.fetching.hubs import serve_google
from tests.pipelines.fetching.servers import HASTY, Loopback, Served, answer
from tests.pipelines.fetching.test_lists import MANIFEST

boto3 = pytest.importorskip("boto3")
moto_server = pytest.importorskip("moto.server")
pytest.importorskip("s3fs")

BODY = bytes(range(256)) * 100
PAPERS = {"src/arXiv_src_0001_001.tar": b"first", "src/arXiv_src_9108_001.tar": b"0123456789ab"}


class Store:
    """moto's server, with every request it got and a way to let it fail."""

    def __init__(self) -> None:
        self.requests: list[dict[str, str]] = []
        self.fail: list[str] = []
        self.url = ""
        self.server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)

    def start(self) -> None:
        self.server.start()
        _, port = self.server.get_host_and_port()
        inner = self.server._server.app

        def recording(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            self.requests.append({key: str(value) for key, value in environ.items() if isinstance(value, str)})
            if self.fail and environ["REQUEST_METHOD"] == "GET":
                start_response(self.fail.pop(0), [("Content-Length", "0")])
                return [b""]
            return inner(environ, start_response)  # type: ignore[no-any-return]

        self.server._server.app = recording
        self.url = f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def running() -> Iterator[Store]:
    """One server for the module: opening a store's connection reads a megabyte of service descriptions."""
    store = Store()
    store.start()
    objects.forget_connections()
    yield store
    objects.forget_connections()
    store.server.stop()


@pytest.fixture
def s3(running: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("AWS_ENDPOINT_URL", running.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "planted-id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted-key")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    client = boto3.client("s3")
    client.create_bucket(Bucket="arxiv")
    for key, body in {**PAPERS, "src/arXiv_src_manifest.xml": MANIFEST, "other/x#1!.bin": BODY}.items():
        client.put_object(Bucket="arxiv", Key=key, Body=body)
    running.requests.clear()
    running.fail.clear()
    return running


@pytest.fixture
def new_connections() -> Iterator[None]:
    """Settings that the test changes are read, and forgotten afterwards."""
    objects.forget_connections()
    yield
    objects.forget_connections()


def test_a_pattern_lists_objects_by_name_with_their_lengths(s3: Store) -> None:
    files = expand("s3://arxiv/src/arXiv_src_*.tar", patience=HASTY)
    assert [(file.name, file.size) for file in files] == [("arXiv_src_0001_001.tar", 5), ("arXiv_src_9108_001.tar", 12)]
    assert files[0].address == "s3://arxiv/src/arXiv_src_0001_001.tar"


def test_a_closing_slash_takes_all_below(s3: Store) -> None:
    assert len(expand("s3://arxiv/src/", patience=HASTY)) == 3
    assert expand("s3://arxiv/**", patience=HASTY)[0].name == "other/x#1!.bin"


def test_requester_pays_is_said_in_every_request_when_agreed_to_and_never_else(s3: Store, tmp_path: Path) -> None:
    for file in expand("s3://arxiv/src/*.tar#requester-pays", patience=HASTY):
        assert file.address.endswith("#requester-pays")
        download(file, tmp_path / file.name, patience=HASTY)
    assert (tmp_path / "arXiv_src_0001_001.tar").read_bytes() == b"first"
    assert len(s3.requests) > 3
    assert {request.get("HTTP_X_AMZ_REQUEST_PAYER") for request in s3.requests} == {"requester"}
    s3.requests.clear()
    expand("s3://arxiv/src/*.tar", patience=HASTY)
    assert {request.get("HTTP_X_AMZ_REQUEST_PAYER") for request in s3.requests} == {None}


def test_a_table_in_a_bucket_is_read_by_its_columns(s3: Store) -> None:
    target = io.BytesIO()
    numbers = list(range(5000))
    pq.write_table(pa.table({"a": numbers, "text": [f"{one * 7919} " * 90 for one in numbers]}), target)
    boto3.client("s3").put_object(Bucket="arxiv", Key="t.parquet", Body=target.getvalue())
    [file] = expand("s3://arxiv/t.parquet", patience=HASTY)
    opened = parts_of(file, HASTY)
    assert opened is not None
    with pq.ParquetFile(opened, pre_buffer=True) as parquet:
        assert parquet.read(["a"]).column("a").to_pylist() == numbers
    assert opened.taken < len(target.getvalue()) * 0.8
    boto3.client("s3").put_object(Bucket="arxiv", Key="t.parquet", Body=bytes(len(target.getvalue())))
    opened.seek(0)
    with pytest.raises(Fault, match="the file changed while it was being read"):
        opened.read(10)


def test_arxivs_manifest_stands_for_its_tars_with_md5_and_by_month(s3: Store, tmp_path: Path) -> None:
    files = expand("s3://arxiv/src/arXiv_src_manifest.xml#requester-pays&until=1999-12", patience=HASTY)
    (file,) = files
    assert file.address == "s3://arxiv/src/arXiv_src_9108_001.tar#requester-pays"
    assert (file.name, file.size, file.checks) == (
        "arXiv_src_9108_001.tar", 12, (Checksum("md5", "0" * 31 + "1"),)
    )  # fmt: skip
    with pytest.raises(UserError, match=r"expected md5 0{31}1, found"):
        download(file, tmp_path / "x", patience=HASTY)
    assert len(expand("s3://arxiv/src/arXiv_src_manifest.xml#from=2000-01", patience=HASTY)) == 1


def test_a_file_is_resumed_from_where_an_earlier_run_stopped(s3: Store, tmp_path: Path) -> None:
    (file,) = expand("s3://arxiv/other/*", patience=HASTY)
    part = tmp_path / ".x.part"

    def die(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(file, tmp_path / "x", progress=die, patience=HASTY)
    part.write_bytes(BODY[:1000])
    s3.requests.clear()
    assert download(file, tmp_path / "x", patience=HASTY).path.read_bytes() == BODY
    assert s3.requests[-1]["HTTP_RANGE"].startswith("bytes=1000-")
    assert s3.requests[-1]["HTTP_IF_MATCH"]


def test_an_object_that_changed_since_is_read_anew(s3: Store, tmp_path: Path) -> None:
    (file,) = expand("s3://arxiv/other/*", patience=HASTY)
    with pytest.raises(KeyboardInterrupt):
        download(file, tmp_path / "x", progress=_interrupt, patience=HASTY)
    boto3.client("s3").put_object(Bucket="arxiv", Key="other/x#1!.bin", Body=BODY[::-1])
    assert download(file, tmp_path / "x", patience=HASTY).path.read_bytes() == BODY[::-1]


def _interrupt(_: int) -> None:
    raise KeyboardInterrupt


def test_an_address_alone_is_enough_to_fetch_a_listed_object(s3: Store, tmp_path: Path) -> None:
    (file,) = expand("s3://arxiv/other/*", patience=HASTY)
    assert file.address == "s3://arxiv/other/x%231%21.bin"
    bare = RemoteFile(file.address, file.name)
    assert download(bare, tmp_path / "x", patience=HASTY).path.read_bytes() == BODY


def test_a_store_that_says_slow_down_is_asked_again(s3: Store, tmp_path: Path) -> None:
    (file,) = expand("s3://arxiv/other/*", patience=HASTY)
    s3.fail += ["503 Slow Down", "500 Internal Server Error"]
    assert download(file, tmp_path / "x", patience=replace(HASTY, tries=9)).size == len(BODY)
    assert not s3.fail


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("s3://arxiv/absent.tar", "s3://arxiv/absent.tar: not there"),
        ("s3://arxiv/absent/*.tar", "no object of this name"),
        ("s3://no-such-bucket/a/*", "not there|no object"),
        ("s3://arxiv/src", "not there|end the address with /"),
    ],
)
def test_what_is_not_there_is_the_users_to_mend(s3: Store, address: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        expand(address, patience=HASTY)


@pytest.mark.usefixtures("new_connections")
def test_requester_pays_without_credentials_is_the_users_to_mend(s3: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(UserError, match="needs AWS credentials"):
        expand("s3://arxiv/src/*#requester-pays", patience=HASTY)
    assert len(expand("s3://arxiv/src/*", patience=HASTY)) == 3
    assert "HTTP_AUTHORIZATION" not in s3.requests[-1]


@pytest.mark.usefixtures("new_connections")
def test_no_store_at_all_is_a_fault(s3: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(Fault, match="s3://arxiv/src/: the store could not be reached"):
        expand("s3://arxiv/src/", patience=HASTY)


def test_keys_and_signatures_are_logged_nowhere(s3: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    (file,) = expand("s3://arxiv/other/*", patience=HASTY)
    download(file, tmp_path / "x", patience=HASTY)
    assert "planted" not in caplog.text
    assert "Signature" not in caplog.text


OBJECTS = {"d/a.json": b"A" * 3000, "d/b.json": b"B", "d/e/c.json": b"C", "f.txt": b"F"}


@pytest.fixture
def google(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> Loopback:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url)
    serve_google(server, "bucket", OBJECTS)
    return server


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("gs://bucket/d/*.json", ["a.json", "b.json"]),
        ("gs://bucket/**/*.json", ["d/a.json", "d/b.json", "d/e/c.json"]),
        ("gs://bucket/d/", ["a.json", "b.json", "e/c.json"]),
        ("gs://bucket/f.txt", ["f.txt"]),
        ("gs://bucket/{f.txt,d/a.json}", ["d/a.json", "f.txt"]),
    ],
)
def test_googles_objects_are_listed_like_others(google: Loopback, address: str, names: list[str]) -> None:
    assert [file.name for file in expand(address, patience=HASTY)] == names


def test_googles_objects_arrive_checked_by_md5_and_resumed(google: Loopback, tmp_path: Path) -> None:
    google.on("/storage/v1/b/bucket/o/d/a.json", Served(OBJECTS["d/a.json"], cut=100), Served(OBJECTS["d/a.json"]))
    (file,) = expand("gs://bucket/d/a.json", patience=HASTY)
    assert file.checks == (Checksum("md5", hashlib.md5(OBJECTS["d/a.json"]).hexdigest()),)
    (got,) = fetch_all([file], tmp_path / "raw", options=FetchOptions(patience=HASTY))
    assert got.path.read_bytes() == OBJECTS["d/a.json"]
    assert google.requests[-1].headers["Range"] == "bytes=100-"
    assert google.requests[-1].query == {"alt": ["media"], "generation": ["7"]}


def test_an_address_alone_is_enough_to_fetch_an_object_of_google(google: Loopback, tmp_path: Path) -> None:
    bare = RemoteFile("gs://bucket/d/b.json", "b.json")
    assert download(bare, tmp_path / "x", patience=HASTY).path.read_bytes() == b"B"


def test_an_object_that_google_unpacks_is_not_held_to_the_packed_ones_length(google: Loopback) -> None:
    entry = {"name": "x.txt", "size": "5", "md5Hash": "AAAA", "contentEncoding": "gzip"}
    google.on("/storage/v1/b/bucket/o", answer(200, json.dumps({"items": [entry]}).encode()))
    (file,) = expand("gs://bucket/x.txt", patience=HASTY)
    assert (file.size, file.checks) == (None, ())


def test_the_servers_address_is_googles_unless_another_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert google_storage.endpoint() == "https://storage.googleapis.com"
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "localhost:4443/")
    assert google_storage.endpoint() == "http://localhost:4443"


def test_credentials_that_cannot_be_used_are_the_users_to_mend(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key.json").write_text("planted")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
    with pytest.raises(UserError, match="GOOGLE_APPLICATION_CREDENTIALS") as caught:
        google_storage.access()
    assert "planted" not in str(caught.value)


def test_googles_token_goes_to_google(google: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDSDK_AUTH_ACCESS_TOKEN", "planted")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "mine")
    expand("gs://bucket/f.txt#requester-pays", patience=HASTY)
    assert google.requests[-1].headers["Authorization"] == "Bearer planted"
    assert google.requests[-1].query["userProject"] == ["mine"]


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("gs://absent/x", "no such bucket"),
        ("gs://bucket/x", "no object of this name"),
        ("gs://bucket/x#requester-pays", "needs GOOGLE_CLOUD_PROJECT"),
    ],
)
def test_what_google_has_not_is_the_users_to_mend(google: Loopback, address: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        expand(address, patience=HASTY)


def test_a_list_that_cannot_be_read_is_a_fault(google: Loopback) -> None:
    google.on("/storage/v1/b/bucket/o", answer(200, b"<html>"))
    with pytest.raises(Fault, match="cannot be read"):
        expand("gs://bucket/x", patience=HASTY)


def test_keys_that_no_folder_can_hold_together_are_all_fetched(s3: Store, tmp_path: Path) -> None:
    odd = ["bell\x07.txt", "tab\t.txt", "50% #1!.txt", "br[a].txt", "q?*.txt"]
    keys = [f"c/{key}" for key in ["a", "a/b", "a//b", *odd]]
    for key in keys:
        boto3.client("s3").put_object(Bucket="arxiv", Key=key, Body=key.encode())
    files = expand("s3://arxiv/c/**", patience=HASTY)
    got = fetch_all(files, tmp_path / "raw", options=FetchOptions(patience=HASTY))
    assert sorted(one.path.read_text() for one in got) == sorted(keys)
    assert all((tmp_path / "raw") in one.path.parents for one in got)
    again = [RemoteFile.from_plain(file.plain()) for file in files]  # as workers are told of them
    for file in again:
        assert download(file, tmp_path / "one", patience=HASTY).path.read_text() in keys


@pytest.mark.parametrize("key", ["50% #1!.txt", "bell\x07.txt", "p%20c.txt", "br[a].txt", "curly{a,b}.txt"])
def test_an_odd_key_can_be_named_alone(s3: Store, tmp_path: Path, key: str) -> None:
    boto3.client("s3").put_object(Bucket="arxiv", Key=f"odd/{key}", Body=key.encode())
    [file] = expand(f"s3://arxiv/odd/{escaped(key)}", patience=HASTY)
    assert download(file, tmp_path / "one", patience=HASTY).path.read_text() == key


def test_a_key_that_only_marks_a_folder_is_no_file(s3: Store) -> None:
    boto3.client("s3").put_object(Bucket="arxiv", Key="marked/", Body=b"")
    boto3.client("s3").put_object(Bucket="arxiv", Key="marked/a.txt", Body=b"a")
    assert [file.name for file in expand("s3://arxiv/marked/", patience=HASTY)] == ["a.txt"]
