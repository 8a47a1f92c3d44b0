"""A corpus on the hub: what is sent, that it is what was recorded, and that a stopped upload goes on."""

import base64
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from manifests.errors import Fault, UserError
from pipelines.commands import push as command
from pipelines.corpus import hub, manifest
from pipelines.corpus.hub import push
from pipelines.engine.progress import Progress
from pipelines.report import card
from pipelines.stages import shard
from tests.pipelines.stages.shard_corpora import corpus_of, documents, model

__all__ = ["model"]

LARGE = 2000


class Hub(ThreadingHTTPServer):
    """A hub on this machine with one dataset: what it holds, by path, and what it was asked to commit."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[bytes, bool]] = {}
        self.stored: dict[str, bytes] = {}
        self.commits: list[list[str]] = []
        self.refuse = 0
        self.fail_after: int | None = None
        super().__init__(("127.0.0.1", 0), Answer)


class Answer(BaseHTTPRequestHandler):
    """The requests of huggingface_hub that an upload makes."""

    server: Hub

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""

    def answer(self, data: object, status: int = 200) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def do_GET(self) -> None:
        if self.server.refuse or "/tree/" not in self.path:
            self.answer({"id": "me/math", "sha": "0" * 40, "siblings": []}, self.server.refuse or 200)
            return
        listed = []
        for path, (data, large) in sorted(self.server.files.items()):
            blob = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
            lfs = {"lfs": {"oid": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 100}}
            listed.append({"type": "file", "path": path, "size": len(data), "oid": blob, **(lfs if large else {})})
        self.answer(listed)

    def do_PUT(self) -> None:
        self.server.stored[self.path.rsplit("/", 1)[1]] = self.body()
        self.answer({})

    def do_POST(self) -> None:
        body = self.body()
        if self.server.refuse:
            self.answer({"error": "no"}, self.server.refuse)
        elif self.path.endswith("/preupload/main"):
            files = [
                {
                    "path": one["path"],
                    "uploadMode": "lfs" if one["size"] > LARGE else "regular",
                    "shouldIgnore": False,
                    "oid": None,
                }
                for one in json.loads(body)["files"]
            ]
            self.answer({"files": files})
        elif self.path.endswith("/objects/batch"):
            base = f"http://127.0.0.1:{self.server.server_port}/store"
            objects = [
                {**one, "actions": {"upload": {"href": f"{base}/{one['oid']}", "header": {}}}}
                for one in json.loads(body)["objects"]
            ]
            self.answer({"transfer": "basic", "objects": objects})
        elif "/commit/" in self.path:
            self.commit([json.loads(line) for line in body.splitlines()])
        else:
            self.answer({"url": "http://127.0.0.1/datasets/me/math", "errors": [], "warnings": []})

    def commit(self, lines: list[dict]) -> None:
        if self.server.fail_after is not None and len(self.server.commits) >= self.server.fail_after:
            self.answer({"error": "down"}, 500)
            return
        for line in lines:
            value = line["value"]
            if line["key"] == "file":
                self.server.files[value["path"]] = (base64.b64decode(value["content"]), False)
            elif line["key"] == "lfsFile":
                self.server.files[value["path"]] = (self.server.stored[value["oid"]], True)
            elif line["key"] == "deletedFile":
                del self.server.files[value["path"]]
        self.server.commits.append([line["value"].get("path", "") for line in lines[1:]])
        self.answer({"success": True, "commitOid": "0" * 40, "commitUrl": "http://127.0.0.1/datasets/me/math/commit/0"})


@pytest.fixture
def server():
    with Hub() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def api(server: Hub, monkeypatch: pytest.MonkeyPatch):
    import huggingface_hub

    # The hub's newer store of blocks speaks a protocol of its own; the older one is what is played here.
    monkeypatch.setattr("huggingface_hub._commit_api.is_xet_available", lambda: False)
    return huggingface_hub.HfApi(endpoint=f"http://127.0.0.1:{server.server_port}", token="hf_x")


@pytest.fixture
def corpus(tmp_path: Path, model: Path) -> Path:
    build = corpus_of(tmp_path / "c", model, documents(200), "test: 0.2, sequence_length: 16, jsonl: true", parts=3)
    shard.run(build)
    manifest.write(build.root, build.recipe)
    card.write(build.corpus)
    manifest.seal(build.root)
    return build.root


def test_a_reader_gets_the_corpus_as_it_was_recorded(corpus: Path, server: Hub, api) -> None:
    sent = push(corpus, "me/math", Progress(quiet=True), api=api)
    assert sent.files == len(server.files) > 5
    assert any(large for _, large in server.files.values())
    for path, (data, _) in server.files.items():
        assert data == (corpus / path).read_bytes()
    folders = {path.split("/")[0] for path in server.files}
    assert {"shards", "texts", "jsonl", "README.md", "manifest.json", "mixture.json"} <= folders
    assert not folders & {"documents", "tokens", "ledger", "runs.jsonl"}
    assert "README.md" in server.commits[-1]
    again = push(corpus, "me/math", Progress(quiet=True), api=api)
    assert (again.files, again.there, again.bytes) == (0, sent.files, 0)


def test_a_stopped_upload_goes_on(corpus: Path, server: Hub, api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "BATCH_FILES", 2)
    server.fail_after = 2
    with pytest.raises(Fault, match="run the same command again to go on"):
        push(corpus, "me/math", Progress(quiet=True), api=api)
    before = len(server.files)
    assert before == 4
    assert "README.md" not in server.files
    server.fail_after = None
    assert push(corpus, "me/math", Progress(quiet=True), api=api).there == before
    assert "README.md" in server.files


def test_what_the_corpus_no_longer_has_is_removed(corpus: Path, server: Hub, api) -> None:
    server.files = {"shards/train/old.parquet": (b"old", False), ".gitattributes": (b"a", False)}
    assert push(corpus, "me/math", Progress(quiet=True), api=api).removed == 1
    assert "shards/train/old.parquet" not in server.files
    assert ".gitattributes" in server.files


def test_a_changed_file_is_not_published(corpus: Path, server: Hub, api) -> None:
    path = next(corpus.glob("shards/train/*.parquet"))
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(Fault, match=r"parquet: not what the ledger recorded"):
        push(corpus, "me/math", Progress(quiet=True), api=api)
    assert not server.files


def test_what_the_hub_refuses_and_unfinished_corpora_are_one_line(corpus: Path, server: Hub, api) -> None:
    server.refuse = 401
    with pytest.raises(UserError, match=r"^hf:me/math: the hub refuses"):
        push(corpus, "me/math", Progress(quiet=True), api=api)
    (corpus / "manifest.json").unlink()
    with pytest.raises(UserError, match=r"no manifest\.json; expected a finished corpus"):
        push(corpus, "me/math", Progress(quiet=True), api=api)


@pytest.mark.parametrize("text", ["me/math", "hf:me", "hf:/x", "hf:a/b/c"])
def test_a_place_that_is_none_is_refused(text: str) -> None:
    import argparse

    with pytest.raises(argparse.ArgumentTypeError, match="expected hf:owner/name"):
        command.repository(text)
