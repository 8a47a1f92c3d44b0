"""The source that the README prints."""

import bz2
import time
import tracemalloc
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from lxml import etree

from manifests.records import Document, stable_id
from pipelines.sources.base import RawFile, Record, Refusal
from tests.examples.mediawiki_source import MediaWikiSource

# The shape of a dump of export version 0.11; the text is the wikitext source of a typical article.
ARTICLE = """{{Short description|Identity in {{w|analysis}}}}
{| class="wikitable"
| a || {{nowrap|b}}
|}
'''Euler's identity''' is the [[equality (mathematics)|equality]]
: <math display="block">e^{i \\pi} + 1 = 0</math>
in the [[complex plane]],<ref name="a">A book.</ref><ref name="b"/> where <math>0 < \\pi</math>.
"""


def dump(*pages: tuple[str, str, str]) -> bytes:
    body = "".join(
        f"<page><title>{title}</title><ns>{ns}</ns><id>1</id><revision><id>9</id>"
        f"<timestamp>2024-05-01T10:00:00Z</timestamp><text bytes='1' xml:space='preserve'>{escape(text)}</text>"
        "</revision></page>"
        for title, ns, text in pages
    )
    return (
        '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="en">'
        f"<siteinfo><sitename>Wikipedia</sitename></siteinfo>{body}</mediawiki>"
    ).encode()


def read(path: Path) -> list[Document | Refusal]:
    source = MediaWikiSource("wiki")
    records = [record for record in source.records(RawFile(path, path.name)) if isinstance(record, Record)]
    return [source.document(record) for record in records]


@pytest.mark.parametrize("name", ["wiki.xml", "wiki.xml.bz2"])
def test_an_article_keeps_its_words_and_formulas(tmp_path: Path, name: str) -> None:
    raw = dump(("Euler's identity", "0", ARTICLE))
    path = tmp_path / name
    path.write_bytes(bz2.compress(raw) if name.endswith("bz2") else raw)
    (document,) = read(path)
    assert isinstance(document, Document)
    assert document.id == stable_id("wiki", "Euler's identity")
    assert document.created == "2024-05-01T10:00:00Z"
    assert document.text == (
        "Euler's identity is the equality\n: $e^{i \\pi} + 1 = 0$\nin the complex plane, where $0 < \\pi$."
    )


def test_redirects_and_talk_are_turned_away(tmp_path: Path) -> None:
    (tmp_path / "x.xml").write_bytes(dump(("A", "0", "#redirect [[B]]"), ("Talk:B", "1", "Hello")))
    assert read(tmp_path / "x.xml") == [Refusal("not_an_article")] * 2


def test_no_entity_reaches_for_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    doctype = f'<!DOCTYPE mediawiki [<!ENTITY file SYSTEM "{secret.as_uri()}">]>'
    (tmp_path / "x.xml").write_bytes(doctype.encode() + dump(("A", "0", "x")).replace(b">x<", b">x &file; y<"))
    (document,) = read(tmp_path / "x.xml")
    assert isinstance(document, Document)
    assert "secret" not in document.text


def test_an_entity_bomb_ends_the_file(tmp_path: Path) -> None:
    bomb = "".join(f"<!ENTITY e{i + 1} '" + f"&e{i};" * 10 + "'>" for i in range(9))
    doctype = f"<!DOCTYPE mediawiki [<!ENTITY e0 'boom'>{bomb}]>"
    (tmp_path / "x.xml").write_bytes(doctype.encode() + dump(("A", "0", "x")).replace(b">x<", b">&e9;<"))
    with pytest.raises(etree.XMLSyntaxError):
        read(tmp_path / "x.xml")


def test_a_dump_cut_short_keeps_the_pages_before_the_cut(tmp_path: Path) -> None:
    raw = dump(*[(f"Page {i}", "0", ARTICLE) for i in range(2000)])
    (tmp_path / "x.xml").write_bytes(raw[: len(raw) // 2])
    titles = []
    with pytest.raises(etree.XMLSyntaxError):
        for record in MediaWikiSource("wiki").records(RawFile(tmp_path / "x.xml", "x.xml")):
            titles.append(record.key)
    assert titles == [f"Page {i}" for i in range(len(titles))]
    assert len(titles) > 500


def test_memory_does_not_grow_with_the_dump(tmp_path: Path) -> None:
    (tmp_path / "x.xml").write_bytes(dump(*[(f"Page {i}", "0", "word " * 4000) for i in range(1000)]))
    tracemalloc.start()
    assert sum(1 for _ in MediaWikiSource("wiki").records(RawFile(tmp_path / "x.xml", "x.xml"))) == 1000
    assert tracemalloc.get_traced_memory()[1] < 4 << 20, "the dump is 20 MB"
    tracemalloc.stop()


@pytest.mark.parametrize("piece", ["<math>", "{{", "{|", "[[a|", "<ref>", "[[", "<", "\\{|a", "'" * 7, "<math>a<"])
def test_hostile_wikitext_takes_linear_time(piece: str) -> None:
    record = Record("A", (piece * (1_000_000 // len(piece))).encode(), {"namespace": "0", "created": None})
    started = time.process_time()
    assert isinstance(MediaWikiSource("wiki").document(record), Document)
    assert time.process_time() - started < 10
