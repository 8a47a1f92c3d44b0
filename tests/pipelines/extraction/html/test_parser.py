"""The tree of a page is the one that the HTML standard builds, and no page costs more than its length."""

import re
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from resiliparse.parse.html import HTMLTree

from pipelines.extraction.html import parser as html_parser
from pipelines.extraction.html.build_kernel import NO_LINK, STATE
from pipelines.extraction.html.parser import Fault
from pipelines.extraction.html.tree import Node, Tree
from pipelines.extraction.html.writing import to_html
from tests.pipelines.extraction.html.tree_suite import SUITE, Case, cases, rows_of

pytestmark = pytest.mark.kernel


def tree_of(page: str) -> Tree:
    source = page.encode()
    parsed = html_parser.parse(source)
    assert parsed.fault == Fault.NONE
    return Tree(parsed, source)


def text_of(page: str) -> str:
    tree = tree_of(page)
    assert tree.end == len(tree.nodes)
    return tree.text_below(0)


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=path.stem) for path in sorted(SUITE.glob("*.dat")) for case in cases(path)]
)
def test_the_tree_is_the_standard_s(case: Case) -> None:
    assert rows_of(case.page) == case.rows


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<body><p>a</p></body></html><p>b</p>", "ab"),
        ("<html><body><p>a</p></body></html>\n<html><head></head><body><p>b</p></body></html>", "a\nb"),
        ("<p>a<embed src=x>b</p><p>c", "abc"),
        ("<p>a<source src=x>b<track>c<wbr>d</p><h2>e", "abcde"),
        ("<math><mo><![CDATA[<]]></mo><mn>3</mn></math>", "<3"),
        ("<svg><text><![CDATA[a & b]]></text></svg><p><![CDATA[gone]]>c", "a & bc"),
        ("<math><mo><![CDATA[a", "a"),
        ("<table><tr>a<td>b</table>c", "abc"),
        ("<template><p>a</p></template>b", "ab"),
        ("<noscript><p>a</p></noscript>b", "ab"),
        ("<select><option>a<option>b</select>c", "abc"),
        ("a<b>c</b", "ac"),
        ("a\x00b<title>c\x00</title><script>\x00</script>", "abc\ufffd\ufffd"),
    ],
)
def test_no_text_is_lost_that_the_standard_keeps(page: str, text: str) -> None:
    assert text_of(page) == text


NAMES = st.sampled_from(
    ["html", "head", "body", "p", "div", "span", "a", "b", "i", "table", "tr", "td", "th", "tbody", "ul", "ol", "li",
     "dl", "dt", "dd", "h1", "form", "font", "br", "img", "hr", "input", "meta", "math", "mi", "svg", "desc", "foo",
     "x:y", "center", "u", "tt", "button", "caption", "col", "nobr", "object", "ruby", "rt", "noscript"]
)  # fmt: skip
PIECES = st.one_of(
    NAMES.map("<{}>".format),
    NAMES.map("</{}>".format),
    NAMES.map("<{}/>".format),
    NAMES.map("<{} class='x y' id=z hidden>".format),
    st.sampled_from(["<", "text", "&amp;", "&lt;", "<!--", "-->", "<!", "é", "\n", "=", ";", "& ", " word ", "7"]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_no_word_of_any_soup_of_tags_is_lost_that_lexbor_keeps(page: str) -> None:
    document = HTMLTree.parse(page).document
    roots = () if document is None else document.get_elements_by_tag_name("html")[:1]  # `<svg><html>` has another one
    theirs = "".join(root.text or "" for root in roots)
    parsed = html_parser.parse(page.encode())
    ours = Tree(parsed, page.encode()).text_below(0) if len(parsed.nodes) else ""
    assert Counter(re.sub(r"\s", "", ours)) == Counter(re.sub(r"\s", "", theirs))


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_rows_are_in_the_order_of_the_page(page: str) -> None:
    parsed = html_parser.parse(page.encode())
    if len(parsed.nodes) == 0:
        return
    tree = Tree(parsed, page.encode())
    assert tree.end == len(parsed.nodes)
    seen = [node.row for node in Node(tree, 0).iter()]
    assert seen == list(range(tree.end))
    for row in seen[1:]:
        parent = Node(tree, row).getparent()
        assert parent is not None
        assert row in {child.row for child in parent}


@pytest.mark.parametrize("end", ["</b>", "</div>", "</select>"])
def test_an_end_tag_that_ends_nothing_leaves_the_section_of_a_table_open(end: str) -> None:
    page = "<table><tbody><tr><td>a</td></tr>{}<tr><td>b</table>"
    assert rows_of(page.format(end)) == rows_of(page.format(""))


def test_formatting_that_is_never_closed_is_no_depth() -> None:
    many = 2 * html_parser.MAX_DEPTH
    assert text_of("<font size=2>a" * many) == "a" * many
    assert text_of("<div>" + "<wbr>a" * many) == "a" * many
    assert html_parser.parse(b"<foo>" * many).fault == Fault.DEPTH


def test_formatting_is_opened_again_no_more_often_than_a_page_has_tags() -> None:
    page = "".join(f"<font size={n}>" for n in range(40)) + "<p>x" * 2_000
    tree = tree_of(page)
    assert tree.text_below(0) == "x" * 2_000
    assert len(tree.nodes) < 6 * page.count("<")


def test_of_nothing_there_is_no_tree() -> None:
    parsed = html_parser.parse(b"")
    assert (parsed.fault, len(parsed.nodes)) == (Fault.NONE, 0)


def test_too_deep_a_page_is_a_fault() -> None:
    assert html_parser.parse(b"<div>" * (html_parser.MAX_DEPTH + 1)).fault == Fault.DEPTH
    assert html_parser.parse(b"<div>" * (html_parser.MAX_DEPTH - 20)).fault == Fault.NONE


def test_a_tag_of_too_many_attributes_is_a_fault() -> None:
    attributes = " ".join(f"a{number}" for number in range(4_001)).encode()
    assert html_parser.parse(b"<p " + attributes + b">x").fault == Fault.ATTRIBUTES
    assert html_parser.parse(b"<p " + attributes[:-6] + b">x").fault == Fault.NONE


def test_attributes_are_read_as_they_stand() -> None:
    tree = tree_of(
        "<p a=1 a=2 B='&lt;&amp;&copy;x' c d = \"e\" /f/>x<p " + " ".join(f"a{n}={n}" for n in range(60)) + ">"
    )
    first, second = (Node(tree, row) for row in range(tree.end) if Node(tree, row).tag == "p")
    assert dict(tree.attribute_items(first.row)) == {"a": "1", "b": "<&©x", "c": "", "d": "e", "f": ""}
    assert len(tree.attribute_items(second.row)) == 60


def test_attributes_beyond_the_first_room_are_kept() -> None:
    tree = tree_of("<p>" + "".join(f"<b {' '.join(f'a{n}' for n in range(60))}>x</b>" for _ in range(30)))
    assert sum(len(tree.attribute_items(row)) for row in range(tree.end)) == 30 * 60


def test_a_page_that_is_xml_ends_its_elements_as_xml_does() -> None:
    body = "<html><head><title/><script src='a'/></head><body><a id='x'/><p>text</p></body></html>"
    assert text_of(f"<?xml version='1.0'?>{body}") == "text"
    assert "<p>" in text_of(body)


@pytest.mark.parametrize(
    "body",
    [
        "<table><col/><col/><tbody><tr><td>a</td></tr></tbody></table>b",
        "<table><col width='1'/><thead><tr><th/><th>a</th></tr></thead><tr/><tr><td/><td>b</td></tr></table>c",
        "<table><caption/><colgroup/><tbody/><tr><td>a</td></tr></table>b",
        "<table/>a<select/>b<p/>c<i/>d<div/>e<ul/>f",
        "a<svg><g/>b</svg>c<math><mi/><mn>1</mn></math>d",
    ],
)
def test_a_page_that_is_xml_keeps_the_text_that_xml_has(body: str) -> None:
    page = f"<?xml version='1.0'?><html><head><script src='a'/></head><body>{body}</body></html>"
    assert text_of(page) == "".join(etree.fromstring(page).itertext())


def test_anchors_that_lead_nowhere_are_known() -> None:
    tree = tree_of("<a id=x>a</a><a href=y>b</a>")
    found = [bool(tree.nodes[row, STATE] & NO_LINK) for row in range(tree.end) if Node(tree, row).tag == "a"]
    assert found == [True, False]


def test_an_element_that_is_gone_says_nothing() -> None:
    tree = tree_of("<div><p>one <b>two</b></p></div>three")
    rows = {Node(tree, row).tag: row for row in range(tree.end)}
    tree.empty(rows["div"])
    assert [tree.text_below(rows[tag]) for tag in ("div", "p", "b")] == ["", "", ""]
    assert tree.text_below(0) == "three"


def test_written_html_is_read_as_the_same_tree() -> None:
    page = (
        '<html><head><title>x</title></head><body><p a="1&quot;">a &lt; b<br>c</p><script>a < b</script></body></html>'
    )
    written = to_html(Node(tree_of(page), 0))
    assert rows_of(written) == rows_of(page)


@pytest.mark.compiled
@pytest.mark.parametrize(
    "piece",
    ["<b>", "<b><p>", "<a><div>", "<table>", "<table>a<tr>", "</p>", "<i></b>", "<svg>", "<p></b><b>", "<td>x",
     "<table><a>", "<b a=1><i a=2>", "<template>", "<select><option>", "</br>", "<math><mi>", "<ul><li>"],
)  # fmt: skip
def test_twice_the_page_costs_twice_the_time(piece: str) -> None:
    def cost(times: int) -> float:
        page = (piece * times).encode()
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            html_parser.parse(page)
            best = min(best, time.process_time() - start)
        return best

    cost(10)
    assert cost(40_000) < 2.5 * cost(20_000) + 0.05
