"""What is skipped for speed is nothing: each quick look finds all that the rule behind it would."""

import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.extraction.html.automaton import Automaton
from pipelines.extraction.html.names import NUMBER
from pipelines.extraction.html.rows import kinds, rows_of, shown_in
from pipelines.extraction.html.signatures import NamingWords, asked, signatures
from pipelines.extraction.math import symbol_images
from pipelines.extraction.math.candidates import formula_rows, sign_rows
from pipelines.extraction.math.images import ALT_CLASSES, SIGNS, STEMS, formula_of
from pipelines.extraction.pages import source
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
    _, named = formula_rows(tree, Automaton([(b"tex", 0)]))
    assert shown is None or image.row in named


def test_an_image_without_a_trace_of_a_formula_is_skipped() -> None:
    tree = parse(
        b'<body><p class="lead"><img class="wide" src="/a/b.png?w=1&amp;h=2" alt="A view of the sea"></p></body>'
    )
    assert formula_rows(tree, Automaton([(b"tex", 0)]))[1] == []


_SIGNS = st.lists(
    st.sampled_from(
        ["(", "|-", " ", "\t", "\n", "ph", "a long", "\\", "$", "&gt;", "&nbsp;", "\u2200", "\u2003", "xxxxxx"]
    ),
    max_size=4,
).map("".join)


@settings(deadline=None, max_examples=300)
@example("( &nbsp;", "")
@given(_SIGNS, st.sampled_from(["", " class=x", " src=a.gif alt=y"]))
def test_an_image_of_a_sign_is_always_looked_at(alt: str, rest: str) -> None:
    tree = parse(f'<body><p><img alt="{alt}"{rest}><br alt="("></p></body>'.encode())
    image = next(tree.each(NUMBER["img"], 0))
    if symbol_images._sign(image):
        assert sign_rows(tree) == [image.row]
    assert set(sign_rows(tree)) <= {image.row}


def test_a_picture_with_a_name_of_several_words_is_no_sign() -> None:
    assert sign_rows(parse(b'<body><img alt="a view"><img alt="panoramically"><img alt=""><img></body>')) == []


_PAGE = (
    "<body><p>abc<b>de</b>\u00e9</p><script>programs</script>tail<footer>end</footer><my-own>f</my-own></body>".encode()
)


def test_elements_are_picked_by_their_kinds_or_their_flags() -> None:
    tree = parse(_PAGE)
    names = [tree.name(tree.nodes[row, 0]) for row in range(tree.end)]
    flags = np.zeros(tree.end, np.int32)
    flags[names.index("b")], flags[names.index("p")] = 4, 3

    def picked(*arguments: int) -> list[str]:
        return [names[row] for row in rows_of(tree, kinds("footer", "script"), flags, *arguments)]

    assert picked() == ["script", "footer"]
    assert picked(7, 4) == ["b", "script", "footer"]
    assert picked(3) == ["p", "script", "footer"]
    assert picked(7, 1, names.index("b")) == ["b"]
    tree.drop_scripts()
    assert picked() == ["footer"]


def test_what_a_page_shows_is_counted_without_some_kinds() -> None:
    tree = parse(_PAGE)
    body = next(tree.each(NUMBER["body"], 0)).row
    assert shown_in(tree, body, kinds(), 1_000) == len(tree.text_below(body)) == 22
    assert shown_in(tree, body, kinds("script"), 1_000) == 14
    assert shown_in(tree, body, kinds("script", "p"), 1_000) == 11
    assert 5 <= shown_in(tree, body, kinds(), 5) < 22


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


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [b"&#", b"&", b"x", b"X", b"0", b"1", b"12", b"2E28", b"e001", b"fffe", b"99999", b";", b"a", b"." * 64]
        )
    )
)
def test_a_reference_to_a_reserved_character_is_always_seen(pieces: list[bytes]) -> None:
    page = b"".join(pieces)
    searched = source._RESERVED_REFERENCE.search(page) is not None
    assert source._refers_to(np.frombuffer(page, np.uint8), source._CODES) == searched


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\xe2\xb8\xa9", b"\xe2\x80\x99", b"\x01", b"&#", b"1;", b"\x00"]))
)
def test_a_page_becomes_readable_byte_by_byte(pieces: list[bytes]) -> None:
    page = b"".join(pieces)
    text = page.decode().replace("\x00", " ").replace("\x01", "").replace("\u2e29", "))")
    expected = re.sub("&#1;", "", text).replace("\r\n", "\n").replace("\r", "\n")
    assert readable(page).decode() == expected
