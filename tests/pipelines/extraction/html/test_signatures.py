"""Elements with one start tag have one signature, and no page writes behind the space for them.

Uncompiled, as CI runs them first, these tests see every index; compiled code would write where it must not and go on.
"""

import pytest

from pipelines.extraction.html import parser as html_parser
from pipelines.extraction.html.signatures import signatures
from pipelines.extraction.html.tree import Node, Tree
from pipelines.extraction.pages.main_text import _ASKED, _WORDS

pytestmark = pytest.mark.kernel


def tree_of(page: str) -> Tree:
    return Tree(html_parser.parse(page.encode()), page.encode())


@pytest.mark.parametrize("paragraphs", [1, 2, 5])
def test_an_element_that_the_parser_opens_again_has_the_signature_of_the_first(paragraphs: int) -> None:
    names = "sidebar " + "x" * 2_000
    tree = tree_of(f'<p><b class="{names}">a</p>' + "<p>b</p>" * paragraphs)
    found = signatures(tree, _ASKED, _WORDS)
    bold = [row for row in range(tree.end) if Node(tree, row).tag == "b"]
    assert len(bold) > paragraphs
    assert {int(found.of[row]) for row in bold} == {0}
    assert names.encode() in found.keys[0]


def test_what_decides_nothing_has_no_signature() -> None:
    tree = tree_of('<p class="lead">a</p><b id="k">b</b><p style="color:red">c</p>')
    assert signatures(tree, _ASKED, _WORDS).keys == []
