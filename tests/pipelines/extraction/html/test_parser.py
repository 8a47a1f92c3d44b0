"""The tree of a page is the one that lxml shows: the same elements, texts and attributes, in the same order.

But for what lxml loses: behind the ends of `body` and `html` the body goes on, as the HTML standard has it, so lxml
reads pages without these two tags; void elements and CDATA in formulas have tests of their own.
"""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from pipelines.extraction.html import parser as html_parser
from pipelines.extraction.html.parser import Fault
from pipelines.extraction.html.tree import Node, Tree
from pipelines.extraction.html.writing import to_html

Row = tuple[str, str, str, dict[str, str]]
BOOLEAN = {"checked", "disabled", "selected", "nohref", "multiple"}
"""Attributes that lxml gives their own name as a value where a page gives none."""


ENDS = re.compile(r"</(?:body|html)[^>]*>?", re.IGNORECASE)


def ours(page: str) -> list[Row]:
    source = page.encode()
    parsed = html_parser.parse(source)
    assert parsed.fault == Fault.NONE
    if len(parsed.nodes) == 0:
        return []
    tree = Tree(parsed, source)
    return [
        (node.tag, node.text or "", (node.tail or "") if node.row else "", dict(tree.attribute_items(node.row)))
        for node in Node(tree, 0).iter()
    ]


def theirs(page: str) -> list[Row]:
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root: Any = etree.fromstring(page.encode(), parser)
    except etree.XMLSyntaxError:
        return []
    if root is None:
        return []
    return [
        (
            node.tag,
            node.text or "",
            (node.tail or "") if node is not root else "",
            {name: "" if name in BOOLEAN and value == name else value for name, value in node.attrib.items()},
        )
        for node in root.iter()
    ]


@pytest.mark.parametrize(
    "page",
    [
        "<p>one<p>two",
        "<ul><li>a<li>b<ol><li>c</ol></ul>",
        "<table><tr><td>a<td>b<tr><th>c<tbody><tr><td>d</table>e",
        "<dl><dt>a<dd>b<dt>c</dl>",
        "<b><i>x</b>y</i>z",
        "<div><p>x</div></p>y",
        "<a href=1>x<a href=2>y",
        "plain text",
        "<title>a &amp; <b></title>x",
        "<script>if (a < b) document.write('<p>')</script>x",
        "<script><!-- <script> </script> --></script>x",
        "<textarea>&lt;<p></textarea>",
        "<head><meta a>text<p>x",
        "<html><head></head> <body>x</body> y </html> z",
        "x<html lang=a><body class=b>y",
        "<p a=1 a=2 B='&lt;&amp;&copy;x' c d = \"e\" /f/>x",
        "<p a=&ampx b=&amp=c c='&notit; &notin;'>&ampx &notit; &notin; &nLt; &#x80; &#0065 &#xD800;",
        "<!-- a -- > b --> x <!--> y <!---> z --!> w",
        "<!DOCTYPE html [x]><?xml a?> <p>x<![CDATA[y]]></p>",
        "<br></br><br/>x</p>",
        "<svg:math xlink:href=a><mml:mi>x</mml:mi></svg:math>",
        "a < b > c </ d> e </>f<3 & g &; &#; &#x;",
        "<p>x</p ",
        "<p>x</",
        "<p title='x",
        "<option>a<option>b<select><optgroup><option>c",
        "<form><form><p>x",
        "<pre>\nx<ul>y</pre>",
        "<iframe><p>x</iframe><noscript><p>y</noscript>",
    ],
)
def test_tree_is_that_of_lxml(page: str) -> None:
    assert ours(page) == theirs(ENDS.sub("", page))


NAMES = st.sampled_from(
    ["html", "head", "body", "p", "div", "span", "a", "b", "i", "table", "tr", "td", "th", "tbody", "ul", "ol",
     "li", "dl", "dt", "dd", "script", "style", "title", "textarea", "h1", "form", "font", "br", "img", "hr",
     "input", "meta", "link", "math", "svg", "foo", "x:y", "option", "select", "center", "pre", "u", "tt",
     "noscript"]
)  # fmt: skip
PIECES = st.one_of(
    NAMES.map("<{}>".format),
    NAMES.filter(lambda name: name not in {"html", "body"}).map("</{}>".format),
    NAMES.map("<{}/>".format),
    NAMES.map("<{} class='x y' id=z hidden>".format),
    st.sampled_from(
        [
            "<",
            "</",
            ">",
            "text",
            "&amp;",
            "&lt",
            "&#65;",
            "&#x80;",
            "&notin",
            "&copy=",
            "<!--",
            "-->",
            "--!>",
            "<!",
            "<?",
            "é",
            "\n",
            "'",
            '"',
            "=",
            ";",
            "&",
            " ",
            "\n",
        ]
    ),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_any_soup_of_tags_is_read_as_lxml_reads_it(page: str) -> None:
    assert ours(page) == theirs(page)


def text_of(page: str) -> str:
    source = page.encode()
    tree = Tree(html_parser.parse(source), source)
    assert tree.end == len(tree.nodes)
    return tree.text_below(0)


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
    ],
)
def test_no_text_is_lost_that_the_standard_keeps(page: str, text: str) -> None:
    assert text_of(page) == text


def test_formatting_that_is_never_closed_is_no_depth() -> None:
    many = 2 * html_parser.MAX_DEPTH
    assert text_of("<font size=2>a" * many) == "a" * many
    assert text_of("<div>" + "<wbr>a" * many) == "a" * many
    assert html_parser.parse(b"<foo>" * many).fault == Fault.DEPTH


def test_too_deep_a_page_is_a_fault() -> None:
    assert html_parser.parse(b"<div>" * (html_parser.MAX_DEPTH + 1)).fault == Fault.DEPTH
    assert html_parser.parse(b"<div>" * (html_parser.MAX_DEPTH - 2)).fault == Fault.NONE


def test_a_tag_of_too_many_attributes_is_a_fault() -> None:
    attributes = " ".join(f"a{number}" for number in range(4_001)).encode()
    assert html_parser.parse(b"<p " + attributes + b">x").fault == Fault.ATTRIBUTES
    assert html_parser.parse(b"<p " + attributes[:-6] + b">x").fault == Fault.NONE


def test_attributes_beyond_the_first_room_are_kept() -> None:
    page = "<p>" + "".join(f"<b {' '.join(f'a{n}' for n in range(60))}>x</b>" for _ in range(30))
    assert ours(page) == theirs(page)


def test_written_html_is_read_as_the_same_tree() -> None:
    page = (
        '<html><head><title>x</title></head><body><p a="1&quot;">a &lt; b<br>c</p><script>a < b</script></body></html>'
    )
    source = page.encode()
    written = to_html(Node(Tree(html_parser.parse(source), source), 0))
    assert ours(written) == ours(page)
