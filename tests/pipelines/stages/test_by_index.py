"""Records chosen by an index come by ranges: the same rows as from whole archives, and one fault costs one record."""

import gzip
import io
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manifests import ledger
from manifests.errors import Fault, UserError
from manifests.recipe import parse_recipe
from pipelines.corpus import manifest, verify
from pipelines.corpus.folder import Corpus
from pipelines.engine.progress import Progress
from pipelines.stages import extract, plan
from pipelines.stages.build import Build
from pipelines.stages.fetch import bring
from tests.pipelines.engine.inline_engine import InlineEngine
from tests.pipelines.fetching.servers import Handler, Loopback, Ranged, answer, serving
from tests.pipelines.stages.test_on_the_way import record, texts

CRAWL = "crawl-data/CC-MAIN-2023-06/segments/1/warc"


class Archive:
    """A WARC file whose records' places are known."""

    def __init__(self, number: int, pages: int) -> None:
        self.name = f"{CRAWL}/{number}.warc.gz"
        self.rows: list[dict[str, Any]] = []
        content = io.BytesIO()
        for page in range(1000 * number, 1000 * number + pages):
            data = record(page, f"words {page} " * 30)
            row = {"url": f"http://a.example/{page}", "warc_filename": self.name}
            self.rows.append({**row, "warc_record_offset": content.tell(), "warc_record_length": len(data)})
            content.write(data)
        self.content = content.getvalue()

    def __call__(self, handler: Handler) -> None:
        first, last = (int(part) for part in handler.headers["Range"].removeprefix("bytes=").split("-"))
        if first >= len(self.content):
            answer(416, Content_Range=f"bytes */{len(self.content)}")(handler)
            return
        last = min(last, len(self.content) - 1)
        found = f"bytes {first}-{last}/{len(self.content)}"
        answer(206, self.content[first : last + 1], Content_Range=found)(handler)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving() as running:
        yield running


@pytest.fixture
def archives(server: Loopback) -> list[Archive]:
    made = [Archive(number, 30) for number in range(3)]
    for one in made:
        server.on("/" + one.name, one)
    return made


def job(folder: Path, server: Loopback, index: str = "index.parquet", *, more: str = "", out: str = "out") -> Build:
    recipe = parse_recipe(
        "name: chosen\nlimits: {requests_per_second: 10000, unit_mb: 0.003, failures_allowed: 1000, failure_rate: 1}\n"
        "sources:\n  - name: web\n    kind: web\n    options: {prefilter: 'off'}\n"
        f"    inputs: [{{from: '{index}', index: '{server.url}'{more}}}]\n",
        "chosen.yaml",
    )
    corpus = Corpus(folder / out)
    corpus.adopt(recipe, accept_changes=True)
    return Build(recipe, corpus, InlineEngine(), Progress(quiet=True), "chosen.yaml", folder)


def done(build: Build) -> Path:
    extract.run(bring(build))
    manifest.write(build.root, build.recipe)
    assert list(verify.verify(build.root)) == []
    return build.root


def write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), path)
    else:
        path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))


def ids(root: Path) -> list[str]:
    return column(root, "id")


def column(root: Path, name: str) -> list[str]:
    return sorted(
        value for path in root.glob("documents/**/*.parquet") for value in pq.read_table(path)[name].to_pylist()
    )


def test_the_rows_are_those_of_the_archives_read_whole(
    tmp_path: Path, server: Loopback, archives: list[Archive]
) -> None:
    rows = [row for archive in archives for row in archive.rows[::3]]
    write(tmp_path / "index.parquet", rows[::-1])
    chosen = done(job(tmp_path, server))
    for archive in archives:
        (tmp_path / archive.name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / archive.name).write_bytes(archive.content)
    recipe = parse_recipe(
        "name: whole\nsources:\n  - {name: web, kind: web, options: {prefilter: 'off'}, inputs: ['crawl-data/**']}\n",
        "w",
    )
    corpus = Corpus(tmp_path / "whole")
    corpus.adopt(recipe)
    whole = done(Build(recipe, corpus, InlineEngine(), Progress(quiet=True), "w", tmp_path))
    assert len(ids(chosen)) == len(rows) and set(ids(chosen)) < set(ids(whole))
    assert set(texts(chosen)) < set(texts(whole))
    [document, *_] = pq.read_table(next(chosen.glob("documents/**/*.parquet"))).to_pylist()
    place = {name: value for name, value in json.loads(document["meta"]).items() if name.startswith("warc_")}
    assert {"url": document["url"], **place} in rows
    assert document["subset"] == "CC-MAIN-2023-06"


def test_neighbours_come_with_one_request_and_every_byte_once(
    tmp_path: Path, server: Loopback, archives: list[Archive]
) -> None:
    write(tmp_path / "index.parquet", archives[0].rows[:6] + archives[1].rows[:6])
    done(job(tmp_path, server))
    asked = [request.headers["Range"] for request in server.requests]
    units = len(list((tmp_path / "out" / "raw").rglob("*.places.jsonl")))
    assert 1 < units < 6 and len(asked) <= units + 1
    spans = [tuple(int(part) for part in one.removeprefix("bytes=").split("-")) for one in asked]
    assert sum(last - first + 1 for first, last in spans) == sum(
        row["warc_record_length"] for row in archives[0].rows[:6] + archives[1].rows[:6]
    )


def test_lines_of_a_cdx_server_are_an_index_too(tmp_path: Path, server: Loopback, archives: list[Archive]) -> None:
    names = ("warc_filename", "filename"), ("warc_record_offset", "offset"), ("warc_record_length", "length")
    rows = [{"url": row["url"], **{new: str(row[old]) for old, new in names}} for row in archives[0].rows[:5]]
    write(tmp_path / "index.jsonl.gz", rows)
    assert len(ids(done(job(tmp_path, server, "index.jsonl.gz")))) == 5


def test_a_row_that_leads_nowhere_costs_its_own_record(
    tmp_path: Path, server: Loopback, archives: list[Archive]
) -> None:
    server.on("/gone.warc.gz", answer(404))
    good = archives[0].rows[:4]
    wrong = [
        {**good[0], "warc_filename": "gone.warc.gz"},
        {**good[0], "warc_record_offset": 10_000_000},
        {**good[0], "warc_record_offset": -1},
        {**good[0], "warc_filename": "../secret"},
        {**good[0], "url": "http://other.example/"},
        {**good[1], "warc_record_offset": good[1]["warc_record_offset"] + 7},
    ]
    write(tmp_path / "index.parquet", [*good, *wrong])
    root = done(job(tmp_path, server))
    sums = ledger.totals(ledger.read_entries(root))["extract"]["web"]
    assert (sums.read, sums.kept, sums.failed) == (10, 4, 6)
    errors = [row["error"] for path in root.glob("failed/**/*.parquet") for row in pq.read_table(path).to_pylist()]
    for expected in ("not there", "has no bytes", "names no range", "leads to a record of", "bytes that are no record"):
        assert any(expected in error for error in errors), f"{expected} in none of {errors}"


def test_a_wrong_base_ends_the_build_in_one_line(tmp_path: Path, server: Loopback, archives: list[Archive]) -> None:
    write(tmp_path / "index.parquet", [{**row, "warc_filename": f"a/{n}"} for n, row in enumerate(archives[0].rows)])
    build = job(tmp_path, server)
    build = Build(
        build.recipe.model_copy(update={"limits": build.recipe.limits.model_copy(update={"unit_mb": 1.0})}),
        *(build.corpus, build.engine, build.progress, build.where, build.folder),
    )
    with pytest.raises(UserError, match=r"/a/\d+: not there"):
        extract.run(bring(build))
    assert len(server.requests) <= 25


def test_a_server_without_ranges_is_told_and_not_read_whole(tmp_path: Path, server: Loopback) -> None:
    archive = Archive(7, 3)
    server.on("/" + archive.name, answer(200, archive.content))
    write(tmp_path / "index.parquet", archive.rows)
    with pytest.raises(Fault, match="does not do ranges"):
        extract.run(bring(job(tmp_path, server)))


def test_a_busy_server_is_asked_again_and_an_interrupted_piece_goes_on(
    tmp_path: Path, server: Loopback, archives: list[Archive]
) -> None:
    one = archives[0]
    busy = answer(503, Retry_After="0")
    server.on("/" + one.name, busy, one)
    write(tmp_path / "index.parquet", one.rows[:3])
    assert len(ids(done(job(tmp_path, server)))) == 3


def test_a_fraction_is_of_the_rows_and_a_larger_one_holds_it(
    tmp_path: Path, server: Loopback, archives: list[Archive]
) -> None:
    write(tmp_path / "index.parquet", [row for archive in archives for row in archive.rows])
    some = ids(done(job(tmp_path, server, more=", fraction: 0.3", out="some")))
    more = ids(done(job(tmp_path, server, more=", fraction: 0.6", out="more")))
    assert 10 < len(some) < 45 < len(more) < 75 and set(some) < set(more)


def test_only_the_pages_of_a_list_come_and_lists_and_index_are_brought_once(
    tmp_path: Path, server: Loopback, archives: list[Archive]
) -> None:
    def served(path: str, rows: Sequence[Mapping[str, Any]]) -> str:
        write(tmp_path / "served.parquet", rows)
        return server.on(path, Ranged((tmp_path / "served.parquet").read_bytes()))

    listed = served("/list.parquet", [{"url": row["url"]} for archive in archives for row in archive.rows[:4]])
    served("/cc/subset=warc/1.parquet", archives[0].rows + archives[1].rows)
    served("/cc/subset=warc/2.parquet", archives[2].rows)
    served("/cc/subset=robotstxt/1.parquet", archives[0].rows)
    names = "cc/subset=warc/1.parquet\ncc/subset=robotstxt/1.parquet\n", "cc/subset=warc/2.parquet\n"
    inputs = [server.on(f"/{number}.paths", answer(200, name.encode())) for number, name in enumerate(names)]
    recipe = parse_recipe(
        "name: chosen\nlimits: {requests_per_second: 10000}\nsources:\n  - name: web\n    kind: web\n"
        "    options: {prefilter: 'off'}\n    inputs:\n"
        + "".join(f"      - {{from: '{one}', index: '{server.url}', addresses: ['{listed}']}}\n" for one in inputs),
        "chosen.yaml",
    )
    corpus = Corpus(tmp_path / "out")
    corpus.adopt(recipe)
    root = done(Build(recipe, corpus, InlineEngine(), Progress(quiet=True), "chosen.yaml", tmp_path))
    expected = sorted(row["url"] for archive in archives for row in archive.rows[:4])
    assert column(root, "url") == expected
    asked = [request.path for request in server.requests]
    assert "/cc/subset=robotstxt/1.parquet" not in asked
    assert all(asked.count(path) == 1 for path in ("/list.parquet", "/cc/subset=warc/1.parquet", "/0.paths"))
    assert not (root / ".work" / "index" / "web").exists()


def test_of_rows_with_texts_only_the_places_come(tmp_path: Path, server: Loopback, archives: list[Archive]) -> None:
    rows = [{"text": random.Random(number).randbytes(30_000), **row} for number, row in enumerate(archives[0].rows)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "fine.parquet", row_group_size=10)
    served = Ranged((tmp_path / "fine.parquet").read_bytes())
    root = done(job(tmp_path, server, server.on("/fine.parquet", served)))
    assert column(root, "url") == sorted(row["url"] for row in rows)
    assert served.sent < len(served.content) / 5


def test_an_index_that_changed_is_cut_again(tmp_path: Path, server: Loopback, archives: list[Archive]) -> None:
    write(tmp_path / "index.parquet", archives[0].rows[:5])
    done(job(tmp_path, server))
    asked = len(server.requests)
    done(job(tmp_path, server))
    assert len(server.requests) == asked
    write(tmp_path / "index.parquet", archives[1].rows[:5])
    root = done(job(tmp_path, server))
    assert [url.rpartition("/")[2] for url in column(root, "url")] == ["1000", "1001", "1002", "1003", "1004"]


@pytest.mark.parametrize(
    ("kind", "base", "rows", "said"),
    [
        ("web", "", [], r"inputs.0.addresses: lists of addresses need an index"),
        ("code", "https://data.example", [], "reads no records by index"),
        ("web", "https://me:pw@data.example", [], "without credentials"),
        (
            "web",
            "https://data.example",
            [{"url": "a", "text": "b"}],
            "no index: expected the columns url, warc_filename",
        ),
    ],
)
def test_what_cannot_be_is_told_before_any_work(
    tmp_path: Path, kind: str, base: str, rows: list[dict[str, str]], said: str
) -> None:
    write(tmp_path / "i.parquet", rows or [{"url": "a", "filename": "b", "offset": 1, "length": 2}])
    more = f"index: '{base}'" if base else "addresses: ['a.parquet']"
    text = f"name: a\nsources:\n  - {{name: a, kind: {kind}, inputs: [{{from: i.parquet, {more}}}]}}\n"
    (tmp_path / "r.yaml").write_text(text)
    with pytest.raises(UserError, match=said):
        plan.read(tmp_path / "r.yaml")
