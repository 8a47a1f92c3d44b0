"""A store that fails now and then, for a while or for good: a build goes on, or ends with one line."""

import time
from pathlib import Path

import pytest

from manifests import ledger, mirror, store
from manifests.errors import Fault, UserError
from manifests.ledger import Entry
from manifests.writing import FileFact, sha256_of
from pipelines.corpus.folder import Corpus, locked
from pipelines.engine.progress import Progress
from pipelines.stages.build import Build
from pipelines.stages.order import run as whole_build
from tests.object_store import Fate, in_front_of
from tests.pipelines.engine.inline_engine import InlineEngine
from tests.pipelines.engine.kills import digests
from tests.pipelines.stages.test_frame import files, make_job, recipe

ADDRESS = "s3://corpora/mine/corpus"
EARLY = ("fetch", "extract", "filter")
CONTENTS = [[f"line {number} of {part}" for number in range(3)] for part in range(6)]
EXPIRED = b"<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>"
DENIED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


def behind(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    store.bucket.cache_clear()


def build(folder: Path) -> Path:
    corpus = Corpus(mirror.opened(ADDRESS))
    made = recipe()
    corpus.adopt(made)
    whole_build(Build(made, corpus, InlineEngine(), Progress(quiet=True), "toy.yaml", folder), EARLY)
    return corpus.root


def every(number: int, status: int = 500) -> Fate:
    """Each so many-th request is answered 500 and 503 by turns."""
    return lambda count, _method, _path: (status + 3 * (count // number % 2), b"") if count % number == 0 else None


def test_every_third_request_fails_and_the_bytes_are_those_of_a_folder(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files(tmp_path, *CONTENTS)
    whole_build(make_job(tmp_path, InlineEngine(), output="whole"), EARLY)
    with in_front_of(endpoint, every(3)) as address:
        behind(monkeypatch, address)
        root = build(tmp_path)
        assert digests(root) == digests(tmp_path / "whole")
    behind(monkeypatch, endpoint)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another machine"))
    assert digests(mirror.opened(ADDRESS)) == digests(tmp_path / "whole")


def test_a_slow_store_is_waited_for(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(count: int, _method: str, _path: str) -> None:
        if count % 4 == 0:
            time.sleep(0.5)

    with in_front_of(endpoint, slow) as address:
        behind(monkeypatch, address)
        files(tmp_path, *CONTENTS)
        root = build(tmp_path)
    assert list(ledger.read_entries(root, "filter"))


def test_an_answer_that_stands_still_is_given_up_and_asked_for_again(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def once(count: int, _method: str, _path: str) -> None:
        if count == 2:
            time.sleep(20)

    monkeypatch.setattr(store, "SILENCE", store.timedelta(seconds=1))
    with in_front_of(endpoint, once) as address:
        behind(monkeypatch, address)
        began = time.monotonic()
        bucket = store.Bucket(ADDRESS)
        bucket.put("a", b"1")
        assert bucket.get("a") is not None
        assert time.monotonic() - began < 15


def test_a_store_that_fails_for_good_ends_in_one_line_within_the_bound(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "PATIENCE", store.timedelta(seconds=2))
    with in_front_of(endpoint, lambda *_: (503, b"")) as address:
        behind(monkeypatch, address)
        began = time.monotonic()
        with pytest.raises(Fault, match=f"{ADDRESS}: the store answers 503") as caught:
            store.Bucket(ADDRESS).list()
        assert time.monotonic() - began < 30
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("body", "reason"), [(EXPIRED, "ExpiredToken"), (DENIED, "AccessDenied")])
def test_credentials_that_end_in_the_middle_are_one_line_and_the_next_run_goes_on(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: bytes, reason: str
) -> None:
    files(tmp_path, *CONTENTS)

    def ends(_count: int, method: str, path: str) -> tuple[int, bytes] | None:
        done = len(list((tmp_path / "first machine").rglob("ledger/extract/*.json")))
        return (403, body) if done >= 2 and method == "PUT" and "documents/" in path else None

    with in_front_of(endpoint, ends) as address:
        behind(monkeypatch, address)
        with pytest.raises(UserError, match=f"the store refuses \\({reason}\\)") as caught:
            build(tmp_path)
    assert "\n" not in str(caught.value)
    behind(monkeypatch, endpoint)
    there = store.Bucket(ADDRESS).list("ledger/extract")
    assert len(there) == 2
    root = build(tmp_path)
    after = store.Bucket(ADDRESS).list("ledger/extract")
    assert {name: after[name] for name in there} == there, "what was done is not done again"
    whole_build(make_job(tmp_path, InlineEngine(), output="whole"), EARLY)
    assert digests(root) == digests(tmp_path / "whole")


def test_a_bucket_that_refuses_is_one_line(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with in_front_of(endpoint, lambda *_: (403, DENIED)) as address:
        behind(monkeypatch, address)
        with pytest.raises(UserError, match=f"{ADDRESS}.*: the store refuses \\(AccessDenied\\)") as caught:
            mirror.opened(ADDRESS)
    assert "\n" not in str(caught.value)


def unit(root: Path, key: str, text: str) -> None:
    path = root / "documents" / "web" / f"{key}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    fact = FileFact(path.relative_to(root).as_posix(), 1, path.stat().st_size, sha256_of(path))
    ledger.write_entry(root, Entry("extract", key, "web", "mark", 1, 1, outputs=(fact,)))


@pytest.mark.parametrize("hidden", ["documents/", "ledger/extract/b"])
def test_a_listing_that_lags_costs_work_and_no_bytes(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hidden: str
) -> None:
    root = mirror.opened(ADDRESS)
    for key in ("a", "b"):
        unit(root, key, f"text of {key}")
    whole = store.Bucket.list

    def lagging(self: store.Bucket, folder: str | None = None) -> dict[str, store.Listed]:
        return {name: one for name, one in whole(self, folder).items() if not name.startswith(hidden)}

    monkeypatch.setattr(store.Bucket, "list", lagging)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "second machine"))
    there = mirror.opened(ADDRESS)
    with locked(there):
        for key in ("a", "b"):
            if not ledger.is_done(there, "extract", key, "mark"):
                unit(there, key, f"text of {key}")
    monkeypatch.setattr(store.Bucket, "list", whole)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "third machine"))
    third = mirror.opened(ADDRESS)
    assert all(ledger.is_done(third, "extract", key, "mark") for key in ("a", "b"))
    assert sorted(path.read_text() for path in third.rglob("*.parquet")) == ["text of a", "text of b"]
