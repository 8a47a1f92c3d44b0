"""The report: the same page every time, numbers that add up, nothing of the data taken for markup."""

import itertools
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.ledger import Entry, Totals, write_entry
from manifests.recipe import recipe_from
from manifests.records import DOCUMENT, DUPLICATE, Document, Duplicate
from manifests.writing import PartWriter, Workspace
from pipelines.corpus.folder import Corpus
from pipelines.report import measures, outcomes, plots, report
from pipelines.report.measures import Measures, measure
from pipelines.report.outcomes import outcome, sums_of, turned_away

HOSTILE = "<script>alert('x')</script>&\"'"


def entry(
    root: Path, stage: str, source: str, read: int, kept: int, failed: int = 0, unit: str = "", **more: object
) -> None:
    rejected = more.pop("rejected", {})
    name = unit or f"{source}-0"
    write_entry(root, Entry(stage, name, source, "m", read, kept, failed, rejected, **more))  # type: ignore[arg-type]


def documents(root: Path, source: str, rows: Sequence[Document], unit: str = "0", **more: object) -> None:
    """A documents file with its extract entry."""
    workspace = Workspace(root, "extract", unit)
    writer = PartWriter(workspace, f"documents/{source}/{unit}", DOCUMENT)
    for row in rows:
        writer.add(row)
    facts = tuple(writer.close())
    workspace.publish(facts)
    failed, rejected = more.pop("failed", 0), more.pop("rejected", {})
    read = len(rows) + failed + sum(rejected.values())  # type: ignore[attr-defined, operator]
    entry(
        root, "extract", source, read, len(rows), failed, f"{source}-{unit}", rejected=rejected, outputs=facts, **more
    )  # type: ignore[arg-type]


def a_recipe(sources: Sequence[str], description: str = "") -> dict[str, object]:
    entries = [
        {"name": name, "kind": "dataset", "inputs": ["x"], "filters": [{"score": "math", "above": 0.17}]}
        for name in sources
    ]
    return {"name": "made", "description": description, "sources": entries}


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    """Three sources, one of them with a long name, and hostile strings wherever data may put one."""
    root = tmp_path / "corpus"
    names = ["web", "code", "a-source-with-quite-a-long-name-that-no-label-has-room-for"]
    made = Corpus(root)
    made.adopt(recipe_from(a_recipe(names, HOSTILE), "r"))
    for place, name in enumerate(names):
        rows = [
            Document(
                f"{name}:{number}", name, HOSTILE if number % 3 else "plain", "text", license=HOSTILE,
                meta='{"math_found":{"<b>":2},"math_kept":{"<b>":1}}' if place == 0 else "{}",
                scores={"math": number / 40, "characters": 10.0 ** (number % 7), HOSTILE: float(number), "same": 1.0},
            )
            for number in range(40)
        ]  # fmt: skip
        documents(root, name, rows, failed=2, rejected={HOSTILE: 5, "empty": 1}, licences={HOSTILE: 40})
        entry(root, "filter", name, 40, 33, rejected={"math": 7})
        entry(root, "dedup", name, 33, 30, rejected={"duplicate_minhash": 3})
        entry(
            root, "shard", name, 40, 25, 1, rejected={"filter": 7, "duplicate": 3, "overlap": 2, "empty": 2},
            numbers={"tokens": 1000 * (place + 1)},
        )  # fmt: skip
    return made


def test_the_most_frequent_subsets_are_shown_and_the_others_counted() -> None:
    counts = Counter({f"subset-{number:02d}": 100 - number for number in range(26)})
    shown = report.subsets(Measures(rows=9, subsets={"code": counts}))
    assert "subset-23" in shown and "subset-24" not in shown
    assert "2 other subsets: 151 documents" in shown, "76 and 75"
    few = report.subsets(Measures(rows=9, subsets={"code": Counter(dict(counts.most_common(24)))}))
    assert "subset-23" in few and "other subsets" not in few


def test_the_same_corpus_has_the_same_page(corpus: Corpus) -> None:
    first = report.write(corpus).read_bytes()
    assert report.write(corpus).read_bytes() == first
    assert str(corpus.root).encode() not in first


def test_what_became_of_the_records_adds_up_to_the_records_read(corpus: Corpus) -> None:
    sums = sums_of(corpus)
    for source in outcomes.sources_of(sums):
        assert outcome(sums, source) == {
            "kept": 25, "rejected: extract": 6, "failed": 3, "rejected: filter": 7, "duplicate": 3, "benchmark": 2,
            "empty": 2, "elsewhere": 0,
        }  # fmt: skip
        assert sum(outcome(sums, source).values()) == sums["extract"][source].read
        assert turned_away(sums, source).total() == 6 + 7 + 3 + 2 + 2


@pytest.mark.parametrize("last", ["extract", "filter", "dedup"])
def test_it_adds_up_wherever_a_build_stopped(corpus: Corpus, last: str) -> None:
    stages = ["extract", "filter", "dedup"]
    for stage in [*stages[stages.index(last) + 1 :], "shard"]:
        shutil.rmtree(corpus.root / "ledger" / stage)
    sums = sums_of(corpus)
    found = outcome(sums, "web")
    assert found["kept"] == {"extract": 40, "filter": 33, "dedup": 30}[last]
    assert found["elsewhere"] == 0 and sum(found.values()) == 48
    report.write(corpus)


def test_duplicates_that_are_kept_in_the_shards_count_as_kept(corpus: Corpus) -> None:
    entry(corpus.root, "shard", "web", 40, 33, rejected={"filter": 7})
    found = outcome(sums_of(corpus), "web")
    assert (found["kept"], found["duplicate"], found["elsewhere"]) == (33, 0, 0)


def test_a_command_without_extraction_has_a_report_too(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path)
    entry(tmp_path, "signatures", "input", 10, 9, 1)
    entry(tmp_path, "dedup", "input", 9, 7, rejected={"exact": 2})
    sums = sums_of(corpus)
    assert outcome(sums, "input") | {"kept": 7, "duplicate": 2, "failed": 1} == outcome(sums, "input")
    assert sum(outcome(sums, "input").values()) == 10
    assert "exact" in report.page(corpus)
    assert re.search(r"input +10 +7 +0 +1  exact 2", report.summary(corpus))


class _Reader(HTMLParser):
    """Checks that tags nest, and collects what a browser would run, load or show."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in ("meta", "line", "rect"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        if tag != "rect":
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read(corpus: Corpus) -> _Reader:
    reader = _Reader()
    reader.feed(report.page(corpus))
    reader.close()
    return reader


def test_hostile_names_are_text_and_the_page_loads_nothing(corpus: Corpus) -> None:
    reader = read(corpus)
    assert reader.open == []
    assert not reader.tags & {"script", "b>", "img", "link", "iframe", "a"}
    assert not {name for name in reader.attributes if name.startswith("on")} | (reader.attributes & {"src", "href"})
    assert any(HOSTILE in text for text in reader.texts)
    assert "http" not in report.page(corpus)


def test_long_names_are_cut_and_told_in_full_when_pointed_at(corpus: Corpus) -> None:
    page = report.page(corpus)
    name = "a-source-with-quite-a-long-name-that-no-label-has-room-for"
    assert f"<title>{name}</title>" in page
    assert re.search(r">a-source-with-quite[a-z-]*…<title>", page)


def test_a_score_with_one_value_says_so_and_thresholds_are_marked(corpus: Corpus) -> None:
    texts = read(corpus).texts
    assert "1 for all 120 documents" in texts
    assert "0.17" in texts


def test_sections_without_content_are_left_out(tmp_path: Path) -> None:
    documents(tmp_path, "a", [Document("a:1", "a", "", "text")])
    page = report.page(Corpus(tmp_path))
    titles = re.findall(r"<h2>(.*?)</h2>", page)
    assert titles == ["What became of every record", "The ledger"]


@pytest.mark.parametrize(("count", "named", "rest"), [(12, 12, None), (13, 13, None), (15, 12, "3 other reasons")])
def test_rare_reasons_are_summed_when_there_are_many(count: int, named: int, rest: str | None) -> None:
    rejected = Counter({f"reason_{number:02}": 100 - number for number in range(count)})
    page = report.reasons({"extract": {"web": Totals(rejected=rejected)}})
    assert sum(f"reason_{number:02}" in page for number in range(count)) == named
    assert ("other reason" in page) == (rest is not None)
    assert rest is None or rest in page


def test_many_sources_share_the_last_colour_and_lose_no_document() -> None:
    series = {f"s{number:02d}": np.full(number + 1, 0.5) for number in range(20)}
    few = report.few_series(series)
    assert len(few) == report.MOST_SERIES + 1 and list(few)[-1] == "13 other sources"
    assert sum(part.size for part in few.values()) == sum(part.size for part in series.values())
    assert list(report.few_series(dict(reversed(series.items())))) == list(few)


def test_a_source_has_the_same_colour_in_every_drawing(tmp_path: Path) -> None:
    for source, named in (("papers", ["english"]), ("web", ["accented", "english"])):
        rows = [Document(f"{source}{n}", source, "", "x", scores=dict.fromkeys(named, float(n))) for n in range(9)]
        documents(tmp_path, source, rows)
    accented, english = report.scores(measure(Corpus(tmp_path)), None).split("<h3>")[1:]
    assert '"series-0"></i>web' in accented and "papers" not in accented
    assert '"series-0"></i>web' in english and '"series-1"></i>papers' in english


def test_scores_that_are_no_numbers_are_counted_and_break_nothing(tmp_path: Path) -> None:
    rows = [
        Document(f"a:{n}", "a", "", "x", scores={"s": value})
        for n, value in enumerate([0.1, 0.2, float("nan"), float("inf")])
    ]
    documents(tmp_path, "a", rows)
    assert "2 documents have a score that is no number" in report.page(Corpus(tmp_path))


def test_no_source_is_forgotten_where_not_all_documents_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measures, "MOST_ROWS", 20)
    for source in ("aaa", "zzz"):
        for unit in "012":
            documents(
                tmp_path,
                source,
                [Document(f"{source}:{unit}{n}", source, "", "x", scores={"s": float(n)}) for n in range(10)],
                unit,
            )
    found = measure(Corpus(tmp_path))
    assert (found.rows, found.whole) == (20, False)
    assert {source: part.size for source, part in found.scores["s"].items()} == {"aaa": 10, "zzz": 10}
    assert "from 20 documents, as many of each source" in report.page(Corpus(tmp_path))


def test_similarities_and_clusters_of_duplicates_are_shown(tmp_path: Path) -> None:
    documents(tmp_path, "a", [Document("a:1", "a", "", "text")])
    workspace = Workspace(tmp_path, "dedup", "0")
    writer = PartWriter(workspace, "duplicates/a/0", DUPLICATE)
    for number, similarity in enumerate([0.803, 0.807, 1.0, 1.0]):
        writer.add(Duplicate(f"a:{number}", "k", "minhash", similarity, "k"))
    workspace.publish(writer.close())
    (tmp_path / "clusters").mkdir()
    pq.write_table(pa.table({"size": [3, 3, 2]}), tmp_path / "clusters/clusters.parquet")
    found = measure(Corpus(tmp_path))
    assert found.similarities.sum() == 4 and found.clusters == {3: 2, 2: 1}
    page = report.page(Corpus(tmp_path))
    assert "duplicates: 2 from 0.99 to 1" in page and "duplicates: 2 from 0.8 to 0.81" in page
    assert "more, up to" not in page
    sizes = [size for size in range(2, 25) for _ in range(100)]
    pq.write_table(pa.table({"size": sizes}), tmp_path / "clusters/clusters.parquet")
    page = report.page(Corpus(tmp_path))
    assert "more, up to 24" in page and ">300<" in page, "22, 23 and 24"


@given(st.floats(-1e12, 1e12), st.floats(1e-9, 1e12), st.booleans())
def test_an_axis_has_some_round_numbers_within_its_ends(low: float, span: float, log: bool) -> None:
    high = low + span
    if high - low < 1e-9 * max(1.0, abs(low)) or (log and high > 300):
        return
    edges = plots.even_edges(low, high, 40)
    assert (edges[0], edges[-1]) == (low, high) and all(a <= b for a, b in itertools.pairwise(edges))
    if not log:
        found = plots.ticks(low, high)
        slack = (high - low) * 1e-6 + abs(low) * 1e-12
        assert 3 <= len(found) <= 10 and all(low - slack <= value <= high + slack for value in found)


@pytest.mark.parametrize(
    ("low", "high", "log", "expected"),
    [
        (0.0, 1.0, False, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (0.0, 634.0, False, ["0", "100", "200", "300", "400", "500", "600"]),
        (0.0, 5.0, True, ["1", "10", "100", "1k", "10k", "100k"]),
        (-3e6, 0.0, False, ["-3M", "-2.5M", "-2M", "-1.5M", "-1M", "-500k", "0"]),
    ],
)
def test_ticks_read_as_people_write_numbers(low: float, high: float, log: bool, expected: list[str]) -> None:
    assert [plots.label(value, log) for value in plots.ticks(low, high, log)] == expected


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[list[str]]:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("needs Chromium")
    yield [
        found, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}",
    ]  # fmt: skip


@pytest.mark.browser
def test_a_browser_shows_the_page_in_light_and_dark_without_a_sideways_scroll(
    corpus: Corpus, browser: list[str], tmp_path: Path
) -> None:
    page = report.write(corpus)
    probe = tmp_path / "probe.html"
    script = (
        "<script>addEventListener('load',()=>{const d=document,s=[...d.querySelectorAll('svg')];"
        "const out=[...d.querySelectorAll('svg text')].filter(t=>{const b=t.getBBox(),"
        "v=t.ownerSVGElement.viewBox.baseVal;return b.x<-1||b.x+b.width>v.width+1});"
        "d.title='wide '+(d.documentElement.scrollWidth>innerWidth)+' out '+out.length+' drawn '+s.length"
        "+' '+getComputedStyle(d.body).backgroundColor})</script>"
    )
    probe.write_text(page.read_text().replace("</body>", script + "</body>"))
    grounds = {}
    for scheme in ("1", "0"):
        dump = [*browser, f"--blink-settings=preferredColorScheme={scheme}", "--window-size=900,1200", "--dump-dom"]
        done = subprocess.run([*dump, probe.as_uri()], capture_output=True, text=True, timeout=60, check=True)
        told = re.search(r"<title>wide (\w+) out (\d+) drawn (\d+) (rgb\([^)]*\))", done.stdout)
        assert told is not None
        assert (told[1], told[2]) == ("false", "0") and int(told[3]) > 5
        grounds[scheme] = told[4]
    assert grounds["0"] != grounds["1"]


@pytest.mark.parametrize(
    ("value", "number"), [("12", True), ("1,024.5", True), ("7%", True), ("", False), ("3 of 4", False), ("web", False)]
)
def test_cells_of_numbers_are_told_from_words(value: str, number: bool) -> None:
    assert ("class=n" in report.data_cell(value)) is number


def test_lines_run_from_the_left_axis_at_the_bottom_to_the_top_at_the_right() -> None:
    svg = plots.lines({"a": [(3.0, 10.0), (5.0, 30.0), (7.0, 20.0)]}, "steps", "loss")
    points = [tuple(map(float, one.split(","))) for one in re.findall(r'points="([^"]*)"', svg)[0].split()]
    axis = re.search(r'class="axis" x1="(\d+)" x2="(\d+)" y1="(\d+)"', svg)
    assert axis is not None
    left, right, base = map(float, axis.groups())
    assert points[0] == (left, base)
    assert points[1][0] == (left + right) / 2
    assert points[2][0] == right
    assert points[1][1] < points[2][1] < base
