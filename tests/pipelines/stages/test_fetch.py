"""The fetch stage: once asked, it needs no network; it leaves nothing of an earlier recipe, and tells no secret."""

import hashlib
import http.server
import io
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from manifests import ledger
from manifests.errors import ProofpileError, UserError
from manifests.recipe import parse_recipe
from pipelines.corpus import manifest, verify
from pipelines.corpus.folder import Corpus, locked, public, public_address, recipe_text
from pipelines.engine.progress import Progress
from pipelines.stages import extract
from pipelines.stages.build import Build
from pipelines.stages.fetch import bring
from tests.pipelines.engine.inline_engine import InlineEngine

SECRET = "pa55word"


class _Files(http.server.BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []
    contents: ClassVar[dict[str, bytes]] = {}

    def do_GET(self) -> None:
        self.asked.append(self.path)
        content = self.contents.get(self.path.partition("?")[0])
        if content is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    _Files.asked.clear()
    _Files.contents.clear()
    _Files.contents.update({"/a.txt": b"one line\nanother\n", "/b.txt": b"from b\n", "/model": b"m"})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Files) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def job(folder: Path, inputs: list[str], *, output: Path | None = None, more: str = "", keep_raw: bool = True) -> Build:
    recipe = parse_recipe(
        f"name: toy\nsources:\n  - name: toy\n    kind: tests.pipelines.sources.toy_source:ToySource\n"
        f"    inputs: {inputs}\n    keep_raw: {str(keep_raw).lower()}\n{more}",
        "toy.yaml",
    )
    corpus = Corpus(output or folder / "out")
    corpus.adopt(recipe, accept_changes=True)
    return Build(recipe, corpus, InlineEngine(), Progress(quiet=True), "toy.yaml", folder)


def names(build: Build) -> list[str]:
    return [file.name for file in build.raw["toy"]]


def test_a_second_run_asks_nobody(tmp_path: Path, server: str) -> None:
    more = f"assets: {{m: {{from: '{server}/model'}}}}\n"
    first = bring(job(tmp_path, [f"{server}/a.txt", f"{server}/b.txt"], more=more))
    asked = len(_Files.asked)
    assert asked >= 3
    entries = {path: path.read_bytes() for path in (first.root / "ledger/fetch").iterdir()}
    again = bring(job(tmp_path, [f"{server}/a.txt", f"{server}/b.txt"], more=more))
    assert len(_Files.asked) == asked
    assert (again.raw, again.assets, again.digests) == (first.raw, first.assets, first.digests)
    assert {path: path.read_bytes() for path in entries} == entries


def test_an_archive_that_several_inputs_pin_is_fetched_once(tmp_path: Path, server: str) -> None:
    with zipfile.ZipFile(made := io.BytesIO(), "w") as archive:
        archive.writestr("a/x.txt", "one line\n")
        archive.writestr("b/y.txt", "another\n")
    _Files.contents["/all.zip"] = made.getvalue()
    digest = hashlib.sha256(made.getvalue()).hexdigest()
    inputs: list[Any] = [{"from": f"{server}/all.zip!{part}/*.txt", "sha256": digest} for part in "ab"]
    build = bring(job(tmp_path, inputs))
    assert sorted(Path(name).name for name in names(build)) == ["x.txt", "y.txt"]
    assert _Files.asked.count("/all.zip") == 1
    assert not list((tmp_path / "out/.work").rglob("*.zip"))


def test_an_index_that_is_down_is_no_matter_when_everything_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    # As if an index had been asked before: the entry of a package address, with its file.
    build = job(tmp_path, ["pypi:toy==1.0!**/*.txt"])
    monkeypatch.setattr("pipelines.stages.fetch.listed", lambda *_: listing(f"{server}/a.txt"))
    first = bring(build)
    monkeypatch.undo()
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/simple")
    assert bring(build).raw == first.raw
    (first.root / "raw/toy/a.txt").write_bytes(b"cut")
    with pytest.raises(ProofpileError):
        bring(build)


def listing(address: str) -> Any:
    from pipelines.fetching.listing import expand

    return expand(address)


def test_a_file_that_is_gone_or_was_cut_is_fetched_again(tmp_path: Path, server: str) -> None:
    first = bring(job(tmp_path, [f"{server}/a.txt"]))
    Path(first.raw["toy"][0].path).write_bytes(b"one")
    again = bring(job(tmp_path, [f"{server}/a.txt"]))
    assert Path(again.raw["toy"][0].path).read_bytes() == _Files.contents["/a.txt"]


def test_another_address_is_fetched_and_the_old_file_goes(tmp_path: Path, server: str) -> None:
    bring(job(tmp_path, [f"{server}/a.txt"]))
    build = bring(job(tmp_path, [f"{server}/b.txt"]))
    assert names(build) == ["b.txt"]
    assert [path.name for path in (build.root / "raw/toy").iterdir()] == ["b.txt"]


def test_a_source_that_is_gone_takes_its_raw_files_along(tmp_path: Path, server: str) -> None:
    build = bring(job(tmp_path, [f"{server}/a.txt"]))
    stray = build.root / "raw" / "earlier"
    stray.mkdir()
    (stray / "x.txt").write_text("of a run that died before its entry")
    (stray.with_name(".earlier.fetched")).mkdir()
    bring(build)
    assert sorted(path.name for path in (build.root / "raw").iterdir()) == [".toy.fetched", "toy"]


def test_input_of_this_machine_is_looked_at_every_time(tmp_path: Path, server: str) -> None:
    (tmp_path / "here.txt").write_text("first")
    first = bring(job(tmp_path, ["here.txt", f"{server}/a.txt"]))
    asked = len(_Files.asked)
    (tmp_path / "here.txt").write_text("other")
    again = bring(job(tmp_path, ["here.txt", f"{server}/a.txt"]))
    assert names(again) == names(first) == ["a.txt", "here.txt"]
    assert [one == two for one, two in zip(first.raw["toy"], again.raw["toy"], strict=True)] == [True, False]
    assert len(_Files.asked) == asked


def test_a_list_of_this_machine_may_change(tmp_path: Path, server: str) -> None:
    paths = tmp_path / "some.paths"
    paths.write_text(f"{server}/a.txt\n")
    assert names(bring(job(tmp_path, ["some.paths"]))) == ["a.txt"]
    paths.write_text(f"{server}/b.txt\n")
    assert names(bring(job(tmp_path, ["some.paths"]))) == ["b.txt"]


def test_raw_files_that_are_not_kept_are_listed_once(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = bring(job(tmp_path, [f"{server}/a.txt"], keep_raw=False))
    extract.run(build)
    assert not list((build.root / "raw").rglob("a.txt"))
    monkeypatch.setattr("pipelines.stages.fetch.expand", lambda *_, **__: pytest.fail("listed before"))
    again = bring(job(tmp_path, [f"{server}/a.txt"], keep_raw=False))
    assert again.raw == build.raw
    asked = len(_Files.asked)
    extract.run(again)
    assert len(_Files.asked) == asked


def test_a_listing_that_was_damaged_is_made_again(tmp_path: Path, server: str) -> None:
    build = bring(job(tmp_path, [f"{server}/a.txt"], keep_raw=False))
    listing = build.root / "raw" / ".toy.fetched" / "listing.json"
    before = listing.read_bytes()
    for place in range(0, len(before), 7):
        listing.write_bytes(before[:place] + bytes([before[place] ^ 1]) + before[place + 1 :])
        again = bring(job(tmp_path, [f"{server}/a.txt"], keep_raw=False))
        assert [file.name for file in again.raw["toy"]] == [file.name for file in build.raw["toy"]]
        assert listing.read_bytes() == before


def test_local_files_are_told_by_their_content_also_where_raw_files_are_not_kept(tmp_path: Path) -> None:
    keys = []
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "a.txt").write_text("line")
        build = bring(job(tmp_path / place, [str(tmp_path / place / "a.txt")], keep_raw=False))
        extract.run(build)
        keys += [entry.unit for entry in ledger.read_entries(build.root, "extract")]
    assert keys[0] == keys[1]


def test_a_relative_output_makes_the_same_ledger(tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    absolute = bring(job(tmp_path, [f"{server}/a.txt"], output=tmp_path / "absolute"))
    monkeypatch.chdir(tmp_path)
    relative = bring(job(tmp_path, [f"{server}/a.txt"], output=Path("relative")))
    assert [*ledger.read_entries(absolute.root)] == [*ledger.read_entries(relative.root)]
    assert next(ledger.read_entries(relative.root)).outputs


def test_no_secret_of_an_address_reaches_the_corpus(tmp_path: Path, server: str) -> None:
    place = server.removeprefix("http://")
    address = f"http://me:{SECRET}@{place}/a.txt?token={SECRET}"
    more = f"assets: {{m: {{from: '{server}/model?key={SECRET}'}}}}\n"
    build = bring(job(tmp_path, [address], more=more))
    extract.run(build)
    manifest.write(build.root, build.recipe)
    assert any(SECRET in asked for asked in _Files.asked)
    for path in build.root.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path
    assert SECRET not in "".join(
        unit.payload for unit in extract.plan(build.root, build.recipe, build.raw, {}, build.digests | {"m": ""})
    )
    with pytest.raises(UserError) as caught:
        bring(job(tmp_path, [address.replace("a.txt", "gone.txt")]))
    assert SECRET not in str(caught.value)


def test_a_token_may_change_without_being_another_recipe(tmp_path: Path) -> None:
    one, two = (job(tmp_path, [f"https://host/a?token={token}"]).recipe for token in ("first", "second"))
    assert recipe_text(one) == recipe_text(two)
    assert one.sha256 != two.sha256 and public(one).sha256 == public(two).sha256


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://me:pw@host/a.gz?token=0f&file=b", "https://host/a.gz?token=***&file=b"),
        ("s3://bucket/*.gz#requester-pays", "s3://bucket/*.gz#requester-pays"),
        ("pypi:toy==1.0!**/*.txt", "pypi:toy==1.0!**/*.txt"),
        ("/home/me/pages/*.warc.gz", "…/*.warc.gz"),
        ("~/pages", "…/pages"),
        ("file:///home/me/pages", "…/pages"),
        ("pages/*.html", "pages/*.html"),
    ],
)
def test_an_address_is_told_without_secrets_and_folders_of_this_machine(address: str, shown: str) -> None:
    assert public_address(address) == shown
    assert public_address(shown) == shown


def test_what_a_dead_run_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\nno thanks\n")
    build = bring(job(tmp_path, ["a.txt"]))
    extract.run(build)
    manifest.write(build.root, build.recipe)
    root = build.root
    before = {path for path in root.rglob("*") if path.is_file() and ".work" not in path.parts}
    leftovers = [
        "documents/toy/0123-001.parquet",  # moved into place, and then the run died
        "rejected/filter/toy/0123.parquet",
        "shards/train/toy/x.parquet",
        ".manifest.json.0a1b.part",
        "ledger/extract/.toy-0123.json.0a1b.part",
        ".work/extract/toy-0123-aa/documents/toy/x.parquet",
    ]
    for name in leftovers:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"left over")
    kept = root / ".work/matching/mark/done"
    kept.parent.mkdir(parents=True)
    kept.write_text("the dedup stage goes on from here")
    with locked(root):
        pass
    assert {path for path in root.rglob("*") if path.is_file() and ".work" not in path.parts} == before
    assert kept.exists() and not (root / ".work/extract").exists()
    assert list(verify.verify(root)) == []


def test_a_recipe_that_knew_fewer_settings_is_still_the_same(tmp_path: Path) -> None:
    build = job(tmp_path, ["a.txt"])
    path = build.root / "recipe.yaml"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("seed:")))
    build.corpus.adopt(build.recipe)


def test_a_run_does_not_change_the_recipe_of_another_one(tmp_path: Path) -> None:
    build = job(tmp_path, ["a.txt"])
    before = (build.root / "recipe.yaml").read_bytes()
    with locked(build.root), pytest.raises(UserError, match="another run is writing"):
        job(tmp_path, ["b.txt"])
    assert (build.root / "recipe.yaml").read_bytes() == before


def test_an_output_that_is_a_file_is_the_users_mistake(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(UserError, match="out: a file; expected a folder"):
        job(tmp_path, ["a.txt"])


def test_a_file_longer_than_the_recipe_allows_is_refused_naming_the_key(server: str, tmp_path: Path) -> None:
    _Files.contents["/long.txt"] = b"x" * 5000
    limits = "limits: {file_mb: 0.004}\n"
    with pytest.raises(UserError, match=r"toy\.yaml: sources\.toy\.inputs\.0: .*long\.txt.*limit"):
        bring(job(tmp_path, [f"{server}/long.txt"], more=limits))
    assert not list((tmp_path / "out").rglob("long.txt"))


def test_all_files_of_an_input_together_have_a_limit(server: str, tmp_path: Path) -> None:
    _Files.contents["/l.paths"] = b"a.txt\nlong.txt\n"
    _Files.contents["/long.txt"] = b"x" * 5000
    with pytest.raises(UserError, match="together have more than 4194 bytes"):
        bring(job(tmp_path, [f"{server}/l.paths"], more="limits: {total_mb: 0.004}\n"))


def test_workers_that_fetch_keep_to_the_limit_too(server: str, tmp_path: Path) -> None:
    _Files.contents["/long.txt"] = b"x" * 5000
    build = bring(job(tmp_path, [f"{server}/long.txt"], more="limits: {file_mb: 0.004}\n", keep_raw=False))
    with pytest.raises(UserError, match=r"long\.txt.*limit"):
        extract.run(build)
