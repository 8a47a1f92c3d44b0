"""A corpus in a bucket, on moto's S3 server: what is published when, and what keeps builds apart."""

import threading
from pathlib import Path
from typing import Any

import pytest

from manifests import leases, ledger, mirror, store
from manifests.errors import Fault, UserError
from manifests.ledger import Entry
from manifests.writing import FileFact, sha256_of
from pipelines.corpus.folder import locked

ADDRESS = "s3://corpora/mine/corpus"


def other_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The same address, opened where nothing of it is known."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "second machine"))
    return mirror.opened(ADDRESS)


def console(endpoint: str) -> Any:
    """A client that puts objects past us, as a store's console does; the fixture has skipped where there is none."""
    import boto3

    return boto3.client("s3", endpoint_url=endpoint)


def unit(root: Path, key: str, text: str) -> Entry:
    """Do a unit: one output and its entry."""
    path = root / "documents" / "web" / f"{key}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    fact = FileFact(path.relative_to(root).as_posix(), 1, path.stat().st_size, sha256_of(path))
    entry = Entry("extract", key, "web", "mark", 1, 1, outputs=(fact,))
    ledger.write_entry(root, entry)
    return entry


def test_the_vocabulary_of_a_bucket(endpoint: str) -> None:
    bucket = store.Bucket(ADDRESS)
    tag = bucket.put_new("a", b"1")
    assert tag is not None
    assert bucket.put_new("a", b"2") is None
    second = bucket.replace("a", b"3", tag)
    assert second is not None
    assert bucket.replace("a", b"4", tag) is None
    assert bucket.get("a") == (b"3", second)
    assert {name: found[:2] for name, found in bucket.list().items()} == {"a": (1, second)}
    bucket.put("folder/b", b"2")
    assert list(bucket.list("folder")) == ["folder/b"]
    bucket.delete("folder/b")
    bucket.delete("a")
    bucket.delete("a")
    assert bucket.get("a") is None
    assert bucket.head("a") is None
    assert bucket.replace("a", b"5", second) is None


@pytest.mark.parametrize("name", ["raw/a b", "raw/a%20b", "raw/a#c", "raw/~x[1]", "raw/é", "raw/a?b", "raw/x*y"])
def test_names_of_files_are_kept(endpoint: str, name: str) -> None:
    bucket = store.Bucket(ADDRESS)
    bucket.put(name, b"1")
    assert list(bucket.list()) == [name]


def test_a_folder_is_itself_and_an_address_is_never_a_folder_of_that_name(endpoint: str, tmp_path: Path) -> None:
    assert mirror.opened("corpus") == Path("corpus")
    root = mirror.opened(ADDRESS)
    assert root.name == "corpus"
    assert root.is_relative_to(tmp_path)
    assert mirror.shown(root) == ADDRESS
    assert not Path("s3:").exists()


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("s3://nowhere/corpus", "there is no such bucket"),
        ("ftp://host/corpus", "expected a folder, or a bucket as s3://…, gs://…, az://…"),
        ("s3:///corpus", "no bucket is named"),
        ("s3:/corpora/x", "expected a folder, or a bucket"),
        ("S3:corpora/x", "expected a folder, or a bucket"),
        (" s3://corpora/x", "expected a folder, or a bucket"),
        ("file:corpus", "expected a folder, or a bucket"),
        ("", "an empty name: expected a folder, or a bucket"),
        ("s3://corpora//x", "a part of the name is empty"),
        ("gs://corpora/../x", "a part of the name is empty"),
        ("s3://no_bu!cket", "no name of a bucket"),
    ],
)
def test_a_place_that_cannot_be_is_one_line(endpoint: str, place: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as caught:
        mirror.opened(place)
    assert "\n" not in str(caught.value)
    assert place in str(caught.value)


def test_what_consoles_put_for_a_folder_is_no_object(endpoint: str) -> None:
    client = console(endpoint)
    for name in ("corpus/", "corpus/documents/", "corpus/new/"):
        client.put_object(Bucket="corpora", Key=name, Body=b"")
    place = store.Bucket("s3://corpora/corpus")
    place.put("documents/a", b"x")
    place.put("none", b"")
    assert list(place.list()) == ["documents/a", "none"]
    assert sorted(path.name for path in mirror.opened("s3://corpora/corpus").iterdir()) == [
        ".work",
        "documents",
        "none",
    ]


def test_an_object_whose_name_no_corpus_has_is_the_users_to_remove(endpoint: str) -> None:
    client = console(endpoint)
    client.put_object(Bucket="corpora", Key="odd/a/../b", Body=b"x")
    with pytest.raises(UserError, match=r"s3://corpora/odd: it holds an object whose name no corpus has") as caught:
        mirror.opened("s3://corpora/odd")
    assert "\n" not in str(caught.value)


def test_a_machine_without_room_for_the_corpus_is_told(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/none")
    with pytest.raises(UserError, match=f"^{ADDRESS}: /proc/none/.*; expected room on this machine") as no:
        mirror.opened(ADDRESS)
    assert "\n" not in str(no.value)


def test_messages_call_a_corpus_by_its_bucket(endpoint: str, tmp_path: Path) -> None:
    root = mirror.opened(ADDRESS)
    assert mirror.named(f"{root}/failed/a: {root}: {tmp_path}: x") == f"{ADDRESS}/failed/a: {ADDRESS}: {tmp_path}: x"


def test_a_password_in_an_address_is_not_repeated() -> None:
    with pytest.raises(UserError, match="…@corpora: no name of a bucket") as caught:
        mirror.opened("s3://me:secret@corpora/x")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["a b", "ü", "q?v=1", "q#a", "%41", "a%20b", "x+y&z"])
def test_every_character_of_a_name_stands_for_itself(endpoint: str, name: str) -> None:
    store.Bucket(f"s3://corpora/{name}/").put("o", b"x")
    assert list(store.Bucket("s3://corpora").list()) == [f"{name}/o"]


def test_a_store_that_cannot_be_reached_is_one_line(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(store, "MOST_TRIES", 0)
    with pytest.raises(Fault, match="cannot be reached") as caught:
        store.Bucket(ADDRESS).list()
    assert "\n" not in str(caught.value)


def test_credentials_that_are_missing_are_one_line(
    endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(UserError, match="no credentials; set AWS_ACCESS_KEY_ID"):
        store.Bucket(ADDRESS)


def test_a_unit_is_published_with_its_outputs_and_read_on_another_machine(
    endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    root = mirror.opened(ADDRESS)
    entry = unit(root, "a", "text")
    there = other_machine(monkeypatch, tmp_path)
    assert there != root
    assert list(ledger.read_entries(there)) == [entry]
    assert ledger.is_done(there, "extract", "a", "mark")
    assert (there / "documents/web/a.parquet").read_text() == "text"
    ledger.withdraw(there, "extract", "a")
    assert store.Bucket(ADDRESS).list() == {}


def test_an_entry_is_published_only_behind_its_outputs(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root = mirror.opened(ADDRESS)
    names: list[str] = []
    put = store.Bucket.put

    def noting(self: store.Bucket, name: str, content: bytes | Path) -> str:
        names.append(name)
        if name.endswith(".parquet") and len(names) > 2:
            raise Fault("the store went away")
        return put(self, name, content)

    monkeypatch.setattr(store.Bucket, "put", noting)
    unit(root, "a", "text")
    assert names == ["documents/web/a.parquet", "ledger/extract/a.json"]
    with pytest.raises(Fault):
        unit(root, "b", "more")
    assert sorted(store.Bucket(ADDRESS).list()) == sorted(names[:2])


def test_the_bucket_is_the_truth_when_a_run_died_in_between(endpoint: str) -> None:
    root = mirror.opened(ADDRESS)
    unit(root, "a", "text")
    (root / "documents/web/a.parquet").write_text("spoilt")
    (root / "documents/web/b.parquet").write_text("of a unit without an entry")
    store.Bucket(ADDRESS).put("documents/web/c.parquet", b"of a run that died elsewhere")
    with locked(mirror.opened(ADDRESS)):
        assert sorted(path.name for path in (root / "documents/web").iterdir()) == ["a.parquet"]
        assert (root / "documents/web/a.parquet").read_text() == "text"
        (root / "manifest.json").write_text("{}")
    assert sorted(store.Bucket(ADDRESS).list()) == [
        "documents/web/a.parquet",
        "ledger/extract/a.json",
        "manifest.json",
    ]


def test_one_build_at_a_time_over_machines(endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(leases, "RENEWAL_SECONDS", 0.05)
    root = mirror.opened(ADDRESS)
    there = other_machine(monkeypatch, tmp_path)
    with locked(root), pytest.raises(UserError, match=f"{ADDRESS}: another run is writing"), locked(there):
        pass
    with locked(there):
        pass


@pytest.mark.parametrize("owner", ["elsewhere 1 token", "{here} 999999999 token"])
def test_the_lock_of_a_dead_build_is_taken_over(endpoint: str, monkeypatch: pytest.MonkeyPatch, owner: str) -> None:
    monkeypatch.setattr(leases, "LEASE_SECONDS", 0.1)
    store.Bucket(ADDRESS).put(leases.LOCK, owner.format(here=leases._machine()).encode())
    with locked(mirror.opened(ADDRESS)):
        pass
    assert leases.LOCK not in store.Bucket(ADDRESS).list()


def test_of_two_that_take_over_one_wins(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "LEASE_SECONDS", 0.0)
    monkeypatch.setattr(leases, "RENEWAL_SECONDS", 0.05)
    bucket = store.Bucket(ADDRESS)
    tag = bucket.put(leases.LOCK, b"elsewhere 1 token")
    won = [bucket.replace(leases.LOCK, name, tag) for name in (b"one", b"two")]
    assert [tag is not None for tag in won] == [True, False]


def test_a_store_that_overlooks_conditions_is_refused_as_no_lock_would_hold(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = mirror.opened(ADDRESS)
    monkeypatch.setattr(store.Bucket, "put_new", store.Bucket.put)
    with pytest.raises(UserError, match=f"^{ADDRESS}: the store overlooks conditions of puts"), locked(root):
        pass


def test_a_build_that_lost_its_lock_says_so(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "RENEWAL_SECONDS", 0.05)
    root = mirror.opened(ADDRESS)
    with pytest.raises(Fault, match="another run took this place over"), locked(root):
        store.Bucket(ADDRESS).put(leases.LOCK, b"elsewhere 1 token")
        threading.Event().wait(0.5)
