"""The page of an audit: its cards, its sums, its size, and how a browser shows it."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from manifests.errors import UserError
from manifests.ledger import Entry, write_entry
from manifests.records import HIT, Hit
from manifests.writing import PartWriter, Workspace
from pipelines.commands.cli import main
from pipelines.corpus.folder import Corpus
from pipelines.report.audit import marks, page, published
from pipelines.report.audit.cards import cards
from pipelines.report.audit.sums import Row, sums_of
from tests.pipelines.report.audit.made_audit import made_audit


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_audit(tmp_path_factory.mktemp("audit"))


def test_a_card_is_a_document_and_an_item_worst_first(audit: Path) -> None:
    found, total = cards(audit)
    assert [(card.document_id, card.item_id) for card in found[:2]] == [("a", "i0"), ("b", "i0")]
    assert total == len(found) == len({(card.document_id, card.item_id) for card in found})
    assert found[0].fields[0].methods.startswith("exact 10, 13")
    ranks = [(not card.best.counted, -card.best.probability) for card in found]
    assert [first for first, _ in ranks] == sorted(first for first, _ in ranks), "what is not counted stands last"
    few = {(card.best.counted, card.best.kind) for card in cards(audit, 3)[0]}
    assert len(few) == min(3, len({(card.best.counted, card.best.kind) for card in found})), "each kind has its turn"
    assert len(cards(audit, 1)[0]) == 1 and cards(audit, 1)[1] == total


def test_both_passages_stand_in_the_page_with_what_differs(audit: Path) -> None:
    text = (audit / page.NAME).read_text()
    assert text.count("<article") == cards(audit)[1]
    assert "Some words before it." in text and "&lt;b&gt;then&lt;/b&gt;" in text
    assert "<b>dawn </b>" in text and "<b>noon </b>" in text


def test_the_sums_have_intervals_and_levels(audit: Path) -> None:
    sums = sums_of(audit)
    counted = [card for card in cards(audit)[0] if card.best.counted]
    assert sums.documents == 4
    assert sums.items_hit == len({card.item_id for card in counted}) > 1
    assert sums.documents_hit == len({card.document_id for card in counted}) > 1
    levels = {one.level: (one.items, one.items_hit) for one in sums.levels if one.field == "problem"}
    assert levels["Level 1"] == (1, 1) and levels["Level 0"][0] == 2
    text = (audit / page.NAME).read_text()
    assert f"{100 * sums.items_hit / 3:.1f}\u00a0%" in text and "Nothing found" in text and "rows of zeros" in text
    assert "problem from problem; solution from solution" in text


def test_the_page_is_the_same_every_time_and_stands_alone(audit: Path) -> None:
    before = (audit / page.NAME).read_bytes()
    assert main(["report", str(audit)]) == 0
    assert (audit / page.NAME).read_bytes() == before
    assert main(["verify", str(audit)]) == 0
    assert not re.search(r"""(?:src|href)=|https?://|@import""", before.decode())


def test_what_reviewers_said_stands_in_the_page(tmp_path: Path) -> None:
    root = made_audit(tmp_path)
    assert "reviewed" not in (root / page.NAME).read_text()
    for card, mark in zip(cards(root)[0], ("true", "false"), strict=False):
        marks.add(root, card, mark)
    text = page.page(Corpus(root))
    assert text.count("· reviewed: true") == text.count("· reviewed: false") == 1
    assert "2 counted pairs were reviewed; 50.0" in text


def test_the_figures_of_the_llemma_paper_stand_beside_the_same_sources() -> None:
    row = Row("open-web-math", "published", "math", "solution", 30, 5000, 826, 826, 36, 46)
    ((source, benchmark, field, paper, ours),) = published.beside([row, row._replace(n=20), row._replace(source="web")])
    assert (source, benchmark, field) == ("open-web-math", "math", "solution")
    assert (paper, ours) == ((34, 46), (36, 46))


def test_texts_are_hidden_where_it_is_asked(tmp_path: Path) -> None:
    root = made_audit(tmp_path, "--hide-items")
    assert "three red tiles" not in (root / page.NAME).read_text()
    (path,) = (root / "hits").rglob("*.parquet")
    hits = pq.read_table(path, partitioning=None)
    assert hits.num_rows and set(hits["item_text"].to_pylist()) == set(hits["document_text"].to_pylist()) == {""}
    assert cards(root)[0][0].best.document_start == 22, "the places stay"


def test_texts_are_hidden_of_benchmarks_whose_owners_ask_so(tmp_path: Path) -> None:
    root = made_audit(tmp_path, name="gpqa-diamond")
    assert "The texts are hidden" in (root / page.NAME).read_text()
    assert "three red tiles" not in (root / page.NAME).read_text()


def test_a_folder_without_an_audit_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no audit; expected the output of proofpile audit"):
        sums_of(tmp_path)


def test_a_thousand_cards_take_less_than_five_megabytes(audit: Path, tmp_path: Path) -> None:
    root = tmp_path / "many"
    shutil.copytree(audit, root)
    text = "All the words of a long passage, and then some more. " * 60
    workspace = Workspace(root, "audit", "many")
    writer = PartWriter(workspace, "hits/other/many", HIT, identifier="document_id")
    for number in range(1200):
        item = text.replace("words", f"words {number}")
        hit = Hit(f"d{number}", "mine", f"i{number}", "problem", "exact", 30, 0, len(text), 0, len(item), 0.97)
        writer.add(hit._replace(probability=0.9, counted=True, document_text=text, item_text=item))
    facts = writer.close()
    workspace.publish(facts)
    workspace.discard()
    entry = Entry("audit", "other-many", "other", "f", 1200, 1200, outputs=tuple(facts))
    write_entry(root, entry)
    path = page.write(Corpus(root))
    assert path.stat().st_size < 5_000_000
    made = path.read_text()
    assert made.count("<article") == page.MOST_CARDS
    assert "lesser pairs are in" in made


class _Balanced(HTMLParser):
    """Whether every element that is opened is closed where it belongs."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "input", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_well_formed(audit: Path) -> None:
    parser = _Balanced()
    parser.feed((audit / page.NAME).read_text())
    assert parser.open == []


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[list[str]]:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("needs Chromium")
    yield [
        found, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}",
    ]  # fmt: skip


def told(browser: list[str], folder: Path, text: str, script: str, width: int, *options: str) -> str:
    """The title that `script` gives the page when it is shown `width` pixels wide."""
    (folder / "probe.html").write_text(text.replace("</body>", f"<script>{script}</script></body>"))
    # The window itself is never narrower than 500 pixels; a frame is.
    frame = f'<title>?</title><iframe src="probe.html" style="width:{width}px;height:900px;border:0"></iframe>'
    relay = "<script>addEventListener('message',event=>document.title=event.data)</script>"
    (folder / "frame.html").write_text(relay + frame)
    asked = [*browser, *options, "--window-size=1200,1000", "--virtual-time-budget=5000", "--dump-dom"]
    done = subprocess.run(
        [*asked, (folder / "frame.html").as_uri()], capture_output=True, text=True, timeout=90, check=True
    )
    found = re.search(r"<title>([^<]*)</title>", done.stdout)
    assert found is not None
    return found[1]


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1100])
def test_a_browser_shows_it_without_a_sideways_scroll(
    audit: Path, browser: list[str], tmp_path: Path, width: int
) -> None:
    script = (
        "addEventListener('load',()=>{const d=document.documentElement;"
        "parent.postMessage('wide '+(d.scrollWidth>innerWidth)+' at '+innerWidth+' columns '+"
        "getComputedStyle(document.querySelector('.pair')).gridTemplateColumns.split(' ').length,'*')})"
    )
    columns = 1 if width < 600 else 2
    text = (audit / page.NAME).read_text()
    assert told(browser, tmp_path, text, script, width) == f"wide false at {width} columns {columns}"


@pytest.mark.browser
def test_a_browser_shows_it_in_the_dark(audit: Path, browser: list[str], tmp_path: Path) -> None:
    script = (
        "addEventListener('load',()=>{const s=q=>getComputedStyle(document.querySelector(q));"
        "parent.postMessage(s('body').backgroundColor+' '+s('.pair mark').backgroundColor,'*')})"
    )
    text = (audit / page.NAME).read_text()
    schemes = [
        told(browser, tmp_path, text, script, 900, f"--blink-settings=preferredColorScheme={one}") for one in "10"
    ]
    assert schemes[0].startswith("rgb(") and schemes[0] != schemes[1]


@pytest.mark.browser
def test_the_filters_choose_cards(audit: Path, browser: list[str], tmp_path: Path) -> None:
    script = (
        "addEventListener('load',()=>{const f=document.querySelector('.filters');const n=()=>"
        "document.querySelectorAll('article:not([hidden])').length;const all=n();f.elements.least.value='0.9';"
        "f.dispatchEvent(new Event('input'));const few=n();f.elements.least.value='0';f.elements.kind.value='whole';"
        "f.dispatchEvent(new Event('input'));parent.postMessage([all,few,n(),f.querySelector('.shown').textContent]"
        ".join('|'),'*')})"
    )
    found, total = cards(audit)
    probable = sum(card.best.probability >= 0.9 for card in found)
    whole = sum(card.best.kind == "whole" for card in found)
    text = (audit / page.NAME).read_text()
    expected = f"{total}|{probable}|{whole}|{whole} of {total} shown"
    assert told(browser, tmp_path, text, script, 900) == expected


def test_inspect_shows_both_passages(audit: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(audit), "hits", "--id", "a", "--benchmark", "mine", "--count", "1"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "three red tiles" in shown and "Some words before it." in shown
    assert main(["inspect", str(audit), "hits", "--kind-of-hit", "boilerplate"]) == 0
    assert "no hits match" in capsys.readouterr().out


def test_inspect_shows_a_place_once_though_many_n_find_it(audit: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(audit), "hits", "--id", "a"]) == 0
    shown = capsys.readouterr().out
    places = re.findall(r"document_start +(\d+)\n +document_end +(\d+)", shown)
    assert places and len(set(places)) == len(places)
