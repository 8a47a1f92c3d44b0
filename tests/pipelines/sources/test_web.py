"""The web source: every record of an archive becomes a document, a refusal with its reason, or a failure."""

import json
import os
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manifests.errors import UserError
from manifests.records import BadRecord, Document, Rules
from pipelines.extraction.archives.captures import NoArchiveError
from pipelines.extraction.pages.prefilter import Evidence
from pipelines.sources.base import RawFile, Refusal
from pipelines.sources.web import WebOptions, WebSource
from tests.pipelines.extraction.archives.archive_samples import ARC_START, PAGE, arc, gzipped, http, warc

REAL = os.environ.get("PROOFPILE_REAL_DATA")
real = pytest.mark.skipif(not REAL, reason="PROOFPILE_REAL_DATA is not set")


class FakePage(NamedTuple):
    text: str
    title: str
    math_found: Mapping[str, int]
    math_kept: Mapping[str, int]


@pytest.fixture
def plain_extractor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replaces the extraction, which has tests of its own, by one that keeps the page as it is."""

    def keep(html: bytes, **known: object) -> FakePage:
        return FakePage(html.decode("utf-8", "replace"), "a title", {"tex": 3, "image": 1}, {"tex": 3})

    monkeypatch.setattr("pipelines.extraction.pages.page.extract", keep)


def source(rules: Rules = "corrected", **options: object) -> WebSource:
    return WebSource("web", WebOptions(**options), rules)  # type: ignore[arg-type] # options of all types


def outcomes(web: WebSource, path: Path, name: str = "") -> Iterator[Document | Refusal | BadRecord | Exception]:
    """One outcome for each record, as the extract stage sees it."""
    try:
        for record in web.records(RawFile(path, name or path.name)):
            if isinstance(record, BadRecord):
                yield record
                continue
            try:
                yield web.document(record)
            except Exception as error:
                yield error
    except NoArchiveError as error:
        yield error


def outcome(
    web: WebSource, folder: Path, data: bytes, name: str = "a.warc"
) -> Document | Refusal | BadRecord | Exception:
    path = folder / name.replace("/", "_")
    path.write_bytes(data)
    (only,) = outcomes(web, path, name)
    return only


def word(one: Document | Refusal | BadRecord | Exception) -> str:
    if isinstance(one, Refusal):
        return one.reason
    return "document" if isinstance(one, Document) else "failure"


pytestmark = pytest.mark.usefixtures("plain_extractor")


def test_a_page_becomes_a_document_with_all_that_is_known(tmp_path: Path) -> None:
    document = outcome(source(), tmp_path, warc(1), "crawl-data/CC-MAIN-2023-06/segments/1/warc/x.warc.gz")
    assert isinstance(document, Document)
    assert document.url == "http://a.org/1"
    assert document.created == "2023-01-02T03:04:05Z"
    assert document.subset == "CC-MAIN-2023-06"
    assert json.loads(document.meta) == {
        "crawled": "2023-01-02T03:04:05Z",
        "status": 200,
        "title": "a title",
        "math_found": {"tex": 3, "image": 1},
        "math_kept": {"tex": 3},
    }
    assert document.scores["prefilter"] == Evidence.COMMAND
    assert document.scores["math_found"] == 4
    assert document.scores["math_kept"] == 3
    assert document.scores["characters"] == len(document.text)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (warc(1, kind="request"), "record_type"),
        (warc(1, kind="revisit"), "revisit"),
        (warc(1, http(status=b"404 Not Found")), "status"),
        (warc(1, http(fields=b"Content-Type: application/pdf\r\n")), "not_html"),
        (warc(1, http(fields=b"", body=b"%PDF-1.5")), "not_html"),
        (warc(1, http(body=b" \n")), "empty"),
        (warc(1, http(body=b"<html>nothing here</html>")), "prefilter"),
        (warc(1, http(body=PAGE + b" " * 20_000)), "too_large"),
        (warc(1, http(body=b"x" * 500_000)), "too_large"),
        (warc(1).replace(b"a.org", b"issuu.com"), "banned_address"),
    ],
)
def test_turns_away_with_a_reason(record: bytes, reason: str, tmp_path: Path) -> None:
    assert word(outcome(source(max_bytes=10_000), tmp_path, record)) == reason


def test_published_does_not_look_at_the_status(tmp_path: Path) -> None:
    record = warc(1, http(status=b"404 Not Found"))
    assert word(outcome(source("published"), tmp_path, record)) == "document"


@pytest.mark.parametrize(
    "fields", [b"", b"Content-Type: text/plain\r\n", b"Content-Type: application/octet-stream\r\n"]
)
def test_corrected_recognises_a_page_under_a_vague_type(fields: bytes, tmp_path: Path) -> None:
    record = warc(1, http(fields=fields))
    assert word(outcome(source("corrected"), tmp_path, record)) == "document"
    assert word(outcome(source("published"), tmp_path, record)) == "not_html"


def test_a_hostile_page_is_a_failure(tmp_path: Path) -> None:
    for body in (b"<div>" * 100_000, b"<p " + b"a=1 " * 100_000 + b">"):
        assert word(outcome(source(), tmp_path, warc(1, http(b"<html>" + body + b"\\xx")))) == "failure"


def test_published_reads_responses_alone(tmp_path: Path) -> None:
    record = warc(1, kind="resource")
    assert word(outcome(source("corrected"), tmp_path, record)) == "document"
    assert word(outcome(source("published"), tmp_path, record)) == "record_type"


def test_banned_addresses_can_be_let_in(tmp_path: Path) -> None:
    record = warc(1).replace(b"a.org", b"issuu.com")
    assert word(outcome(source(banned_addresses=False), tmp_path, record)) == "document"


@pytest.mark.parametrize(
    ("body", "score", "command", "off"),
    [
        (b"<html>MathJax</html>", "document", "document", "document"),
        (b"<html><p>\\alpha</p></html>", "document", "document", "document"),
        (b"<html><p>\\xx " + b"theorem " * 99 + b"</p></html>", "document", "prefilter", "document"),
        (b"<html><p>\\xx</p></html>", "prefilter", "prefilter", "document"),
        (b"<html><p>plain</p></html>", "prefilter", "prefilter", "document"),
    ],
)
def test_the_prefilter_is_as_strict_as_asked(body: bytes, score: str, command: str, off: str, tmp_path: Path) -> None:
    expected = {"score": score, "command": command, "off": off}
    for name, reason in expected.items():
        assert word(outcome(source(prefilter=name), tmp_path, warc(1, http(body)))) == reason


def test_the_prefilter_reads_utf_16(tmp_path: Path) -> None:
    body = "<html><p>Let \\alpha be a root.</p></html>".encode("utf-16")
    assert word(outcome(source(), tmp_path, warc(1, http(body)))) == "document"


def test_a_line_of_macros_leaves_the_text(tmp_path: Path) -> None:
    body = b"<html>MathJax\n\\newcommand{a}{b}\\newcommand{c}{d}\nrest</html>"
    document = outcome(source(), tmp_path, warc(1, http(body)))
    assert isinstance(document, Document)
    assert document.text == "<html>MathJax\nrest</html>"


def test_a_saved_page_is_one_record(tmp_path: Path) -> None:
    saved = b"<!-- saved from url=(0021)https://b.org/sum.html -->\n" + PAGE
    for name, data in (("sub/a.html", saved), ("sub/a.html.gz", gzipped([saved]))):
        document = outcome(source(), tmp_path, data, name)
        assert isinstance(document, Document)
        assert document.url == "https://b.org/sum.html"
        assert document.id == source().record_id(next(iter(source().records(RawFile(tmp_path / "sub_a.html", name)))))


def test_a_damaged_or_large_saved_page_costs_itself(tmp_path: Path) -> None:
    assert word(outcome(source(), tmp_path, gzipped([PAGE])[:-9], "a.html.gz")) == "failure"
    assert word(outcome(source(max_bytes=1000), tmp_path, gzipped([bytes(50_000_000)]), "a.html.gz")) == "too_large"


def test_text_of_wet_files_becomes_a_document_where_asked(tmp_path: Path) -> None:
    record = warc(1, "Sätze über \\sum".encode(), kind="conversion").replace(b"application/http", b"text/plain")
    assert word(outcome(source(), tmp_path, record)) == "record_type"
    document = outcome(source(record_types=("conversion",)), tmp_path, record)
    assert isinstance(document, Document)
    assert document.text == "Sätze über \\sum"


def test_arc_records_become_documents(tmp_path: Path) -> None:
    (tmp_path / "a.arc").write_bytes(ARC_START + arc(1) + arc(2, PAGE))
    assert [word(one) for one in outcomes(source(), tmp_path / "a.arc")] == ["record_type", "document", "document"]


def test_ids_do_not_depend_on_the_place_in_a_file(tmp_path: Path) -> None:
    records = [warc(n) for n in range(5)]
    ids = []
    for order in (records, records[::-1]):
        (tmp_path / "a.warc").write_bytes(b"".join(order))
        ids.append({one.id for one in outcomes(source(), tmp_path / "a.warc") if isinstance(one, Document)})
    assert len(ids[0]) == 5
    assert ids[0] == ids[1]


def test_records_that_share_address_time_and_id_keep_ids_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(warc(1) + warc(1, http(PAGE + b"changed")))
    ids = [one.id for one in outcomes(source(), tmp_path / "a.warc") if isinstance(one, Document)]
    assert len(set(ids)) == 2


def test_a_folder_is_read_by_its_archives_and_pages(tmp_path: Path) -> None:
    for name in ("b/x.warc.gz", "a.html", "c.wacz", "d.txt.gz", "e.txt", "f.htm.gz", "g.warc.wet.gz"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [path.name for path in source().files(tmp_path)] == [
        "a.html",
        "x.warc.gz",
        "c.wacz",
        "f.htm.gz",
        "g.warc.wet.gz",
    ]


def test_links_in_a_folder_are_not_followed_and_a_folder_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "pages/deep").mkdir(parents=True)
    (tmp_path / "pages/deep/a.html").touch()
    (tmp_path / "pages/again").symlink_to(tmp_path / "pages")
    (tmp_path / "pages/b.html").symlink_to(tmp_path / "pages/deep/a.html")
    assert list(source().files(tmp_path / "pages")) == [tmp_path / "pages/deep/a.html"]
    with pytest.raises(UserError, match="gone: this folder cannot be read: No such file"):
        source().files(tmp_path / "gone")


@real
def test_every_record_of_the_real_archives_has_an_outcome() -> None:
    counts: Counter[str] = Counter()
    for path in sorted((Path(str(REAL)) / "warc").iterdir()):
        counts.update(word(one) for one in outcomes(source(prefilter="off"), path))
    assert counts == {
        "document": 91,
        "record_type": 215,
        "revisit": 15,
        "not_html": 19,
        "status": 3,
        "failure": 10,
    }


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**9))
def test_a_mutated_archive_never_ends_a_run(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    data = bytearray(rng.choice([gzipped, b"".join])([warc(n) for n in range(6)] + [ARC_START, arc(1)]))
    for _ in range(rng.randrange(1, 6)):
        place = rng.randrange(len(data))
        data[place : place + rng.randrange(30)] = rng.randbytes(rng.randrange(30))
    (tmp_path / "a.warc").write_bytes(data)
    for one in outcomes(source(), tmp_path / "a.warc"):
        assert word(one) in {"document", "failure", "record_type", "revisit", "status", "not_html", "empty"} | {
            "prefilter",
            "too_large",
            "banned_address",
        }
