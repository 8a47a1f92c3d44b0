"""What is skipped for speed is nothing: each quick look finds all that the rule behind it would."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.extraction.html.automaton import Automaton
from pipelines.extraction.html.names import NUMBER
from pipelines.extraction.html.signatures import NamingWords, asked, signatures
from pipelines.extraction.math.candidates import formula_rows
from pipelines.extraction.math.images import ALT_CLASSES, SIGNS, STEMS, formula_of
from pipelines.extraction.pages.page import parse
from pipelines.extraction.pages.source import readable

pytestmark = pytest.mark.kernel

_PIECES = st.sampled_from(
    [*STEMS, *sorted(ALT_CLASSES)[:8], *SIGNS, "\\frac", "x^{2}", "$x$", "\\alpha \\beta", " ", "-", "_", "photo", "/",
     "?tex=", "a.png", "%5C", "&amp;", "&bsol;alpha &bsol;beta", "&#36;x&#36;", "&lcub;", "&quot;", "&#8217;", "&#039;",
     "\u212a", "K"]
)  # fmt: skip
_VALUES = st.lists(_PIECES, max_size=4).map("".join)
_NAMES = st.sampled_from(
    ["class", "src", "alt", "title", "data-src", "data-lazy-src", "data-latex", "data-equation-content", "width"]
)


@settings(deadline=None, max_examples=500)
@given(
    st.dictionaries(_NAMES, _VALUES, max_size=4),
    st.sampled_from(["", "math", "MATH", "x math y", "m&#97;th", "mathematics"]),
    st.booleans(),
)
def test_an_image_that_shows_a_formula_is_always_looked_at(values: dict[str, str], around: str, upper: bool) -> None:
    attributes = " ".join(f'{name.upper() if upper else name}="{value}"' for name, value in values.items())
    tree = parse(f'<body><div class="{around}"><p><img {attributes}></p></div></body>'.encode())
    image = next(tree.each(NUMBER["img"], 0))
    shown = formula_of(image)
    _, named = formula_rows(tree, Automaton({b"tex": 0}))
    assert shown is None or image.row in named


def test_an_image_without_a_trace_of_a_formula_is_skipped() -> None:
    tree = parse(
        b'<body><p class="lead"><img class="wide" src="/a/b.png?w=1&amp;h=2" alt="A view of the sea"></p></body>'
    )
    assert formula_rows(tree, Automaton({b"tex": 0}))[1] == []


_WORDS = ["nav", "nav-bar", "ad", "footer"]


@settings(deadline=None)
@given(st.lists(st.sampled_from([*_WORDS, "na", "v", "-", "_", " ", "\t", "side", "foot", "x", "AD"]), max_size=6))
def test_a_class_counts_exactly_where_a_word_stands_in_it(pieces: list[str]) -> None:
    value = "".join(pieces)
    words = NamingWords(
        [*(f" {word} ".encode() for word in _WORDS), b" side", b"-side", b"-foot", b"_foot"], (b"none", b"hidden")
    )
    tree = parse(f'<body><div class="{value}">x</div></body>'.encode())
    said = re.search(r"(?:^|\s)(?:nav|nav-bar|ad|footer)(?:\s|$)|(?:^|[\s-])side|[-_]foot", value, re.IGNORECASE)
    assert bool(signatures(tree, asked(frozenset(), frozenset()), words).keys) == (said is not None)


@given(
    st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\xe2\xb8\xa9", b"\xe2\x80\x99", b"\x01", b"&#", b"1;", b"\x00"]))
)
def test_a_page_becomes_readable_byte_by_byte(pieces: list[bytes]) -> None:
    page = b"".join(pieces)
    text = page.decode().replace("\x00", " ").replace("\x01", "").replace("\u2e29", "))")
    expected = re.sub("&#1;", "", text).replace("\r\n", "\n").replace("\r", "\n")
    assert readable(page).decode() == expected
