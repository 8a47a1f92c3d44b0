"""Files of a hub's repository: listed with pages and checksums, fetched with the token kept at home."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from manifests.errors import Fault, UserError
from pipelines.fetching import hub
from pipelines.fetching.download import download
from pipelines.fetching.listing import expand
from pipelines.fetching.remote import Checksum
from tests.pipelines.fetching.hubs import COMMIT, serve_hub
from tests.pipelines.fetching.servers import HASTY, Loopback, Served, answer

FILES = {
    "README.md": b"small",
    "data/a-00.parquet": b"A" * 5000,
    "data/a-01.parquet": b"B" * 6000,
    "data/notes #1.txt": b"with a mark",
    "train/c.jsonl": b"C" * 10,
}


@pytest.fixture(autouse=True)
def endpoint(server: Loopback, other_server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", server.url + "/")
    serve_hub(server, other_server, "datasets/o/n", FILES, token="planted")
    serve_hub(server, other_server, "o/model", {"tokenizer.json": b"{}"})
    monkeypatch.setenv("HF_TOKEN", "planted")


def test_a_pattern_takes_its_files_with_sizes_and_the_hubs_digests() -> None:
    files = expand("hf:datasets/o/n!data/*.parquet", patience=HASTY)
    assert [(file.name, file.size) for file in files] == [("data/a-00.parquet", 5000), ("data/a-01.parquet", 6000)]
    assert files[0].checks == (Checksum("sha256", hashlib.sha256(b"A" * 5000).hexdigest()),)
    assert files[0].address == f"hf:datasets/o/n@{COMMIT}!data/a-00.parquet"


def test_without_a_pattern_the_whole_repository_is_meant() -> None:
    assert [file.name for file in expand("hf:datasets/o/n@main")] == sorted(FILES)


def test_files_of_both_kinds_arrive_and_the_token_stays_with_the_hub(
    server: Loopback, other_server: Loopback, tmp_path: Path
) -> None:
    for file in expand("hf:datasets/o/n"):
        got = download(file, tmp_path / file.name, patience=HASTY)
        assert got.path.read_bytes() == FILES[file.name]
    assert all(request.headers["Authorization"] == "Bearer planted" for request in server.requests)
    assert other_server.requests
    assert all("Authorization" not in request.headers for request in other_server.requests)


def test_an_address_alone_is_enough_to_fetch_a_listed_file(tmp_path: Path) -> None:
    for file in expand("hf:datasets/o/n!data/*"):
        got = download(replace(file, secret=None), tmp_path / "x", patience=HASTY)
        assert got.path.read_bytes() == FILES[file.name]


def test_a_small_file_is_held_to_gits_own_digest(server: Loopback, tmp_path: Path) -> None:
    (file,) = expand("hf:datasets/o/n!README.md")
    server.on(f"/datasets/o/n/resolve/{COMMIT}/README.md", Served(b"SMALL"))
    with pytest.raises(UserError, match=r"expected git-sha1 .*, found"):
        download(file, tmp_path / "x", patience=HASTY)


def test_a_large_file_is_resumed_behind_its_redirect(other_server: Loopback, tmp_path: Path) -> None:
    (file,) = expand("hf:datasets/o/n!data/a-00.parquet")
    path = f"/blobs/{file.checks[0].digest}"
    other_server.on(path, Served(b"A" * 5000, cut=1234), Served(b"A" * 5000))
    assert download(file, tmp_path / "x", patience=HASTY).size == 5000
    assert other_server.requests[1].headers["Range"] == "bytes=1234-"


def test_models_are_the_default_kind(tmp_path: Path) -> None:
    (file,) = expand("hf:o/model!tokenizer.json")
    assert download(file, tmp_path / "x", patience=HASTY).path.read_bytes() == b"{}"


def test_a_commit_is_taken_as_it_is(server: Loopback) -> None:
    expand(f"hf:datasets/o/n@{COMMIT}!README.md")
    assert not [request for request in server.requests if "/revision/" in request.path]


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("hf:datasets/o/other", "knows no such repository or revision"),
        ("hf:datasets/o/n@v9", "knows no such repository or revision"),
        ("hf:datasets/o/n!absent/*", "has no such file"),
        ("hf:datasets/o/n#anonymous", "not allowed"),
    ],
)
def test_what_is_not_there_or_not_allowed_is_the_users_to_mend(address: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        expand(address, patience=HASTY)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": 1}', b'[{"type": "file"}]', b'[{"type": "file", "path": 1}]'])
def test_an_answer_that_is_no_list_of_files_is_a_fault(server: Loopback, body: bytes) -> None:
    server.on(f"/api/datasets/o/n/tree/{COMMIT}", answer(200, body))
    with pytest.raises(Fault, match="hf:datasets/o/n: "):
        expand("hf:datasets/o/n", patience=HASTY)


def test_a_list_without_end_is_a_fault(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "MOST_PAGES", 5)
    server.on(f"/api/datasets/o/n/tree/{COMMIT}", answer(200, b"[]", Link='<?cursor=1>; rel="next"'))
    with pytest.raises(Fault, match="does not end"):
        expand("hf:datasets/o/n", patience=HASTY)


def test_a_next_page_on_another_server_gets_no_token(server: Loopback, other_server: Loopback) -> None:
    other_server.on("/next", answer(200, b"[]"))
    server.on(f"/api/datasets/o/n/tree/{COMMIT}", answer(200, b"[]", Link=f'<{other_server.url}/next>; rel="next"'))
    with pytest.raises(UserError, match="has no such file"):
        expand("hf:datasets/o/n", patience=HASTY)
    assert "Authorization" not in other_server.requests[0].headers


def test_the_token_is_found_where_the_hubs_client_keeps_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HF_TOKEN")
    assert hub.token() is None
    kept = Path("~/.cache/huggingface/token").expanduser()
    kept.parent.mkdir(parents=True)
    kept.write_text("from-home\n")
    assert hub.token() == "from-home"
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    assert hub.token() is None
    (tmp_path / "token").write_text("from-hf-home")
    assert hub.token() == "from-hf-home"
    monkeypatch.setenv("HF_TOKEN", "from-variable")
    assert hub.token() == "from-variable"
