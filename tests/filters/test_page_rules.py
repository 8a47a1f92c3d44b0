"""The rules that OpenWebMath applied by hand, with the faults of the original and without."""

import time
import unicodedata
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.page_rules import (
    _split,
    accented_share,
    banned_addresses,
    banned_by,
    count_formulas,
    needs_formula,
    scores,
    without_macro_lines,
)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.scribd.com/doc/1",
        "http://web.archive.org/web/2001/http://x.org/",
        "https://philpapers.org/rec/X",
        "https://a.org/profile/7",
        "https://a.org/author/gauss",
        "https://a.org/researcher",
        "https://math.stackexchange.com/users/7/x",
        "https://mathoverflow.net/users/7",
        "https://a.org/proceedings/icm",
        "https://a.org/x?format=bibtex",
        "https://www.arxiv-vanity.com/papers/1/",
        "https://a.org/search?q=x",
        "https://github.com/a/b/commit/c",
        "https://uni.de/publications/7",
        "https://www.ncbi.nlm.nih.gov/pmc/1",
    ],
)
def test_bans_by_both_rules(url: str) -> None:
    assert banned_by(url, "published")
    assert banned_by(url, "corrected")


@pytest.mark.parametrize(
    "url", ["https://a.org/authors/gauss", "https://a.org/serials/1", "https://read.dukeupress.edu/a"]
)
def test_a_missing_comma_let_three_rules_sleep(url: str) -> None:
    assert banned_by(url, "published") is None
    assert banned_by(url, "corrected")


@pytest.mark.parametrize(
    "url",
    [
        "https://funz.com/a",
        "https://a.org/committee",
        "https://a.org/?from=archive.org",
        "https://conscience.gov/",
        "https://nih.gov.example.com/",
    ],
)
def test_published_bans_more_than_it_means(url: str) -> None:
    assert banned_by(url, "published")
    assert banned_by(url, "corrected") is None


@pytest.mark.parametrize(
    "url",
    [
        "https://math.stackexchange.com/questions/7",
        "https://en.wikipedia.org/wiki/Euler",
        "https://search.example.org/x",
        "https://stackexchange.com/",
        "",
        "http://[bad",
        "urn:uuid:7",
    ],
)
def test_lets_others_pass(url: str) -> None:
    assert banned_by(url, "published") is None
    assert banned_by(url, "corrected") is None


def test_every_published_site_is_still_banned_when_corrected() -> None:
    for part in banned_addresses().contains:
        if "/" not in part and "." in part:
            assert banned_by(f"https://{part}/x", "corrected"), part


ADDRESSES = [
    "https://example.org/a/b?c=d#e", "http://example.org", "http://example.org/", "https://user@example.org:80/a",
    "http://example.org/a\tb/c", "http://exam\nple.org/a", "http://[::1]/a", "http://[::1/a", "ftp://example.org/a",
    "//example.org/a", "/a/b", "", " http://example.org/a", "http://example.org/a ", "http://exämple.org/ä",
    "http://example.org/a;b/c", "http://example.org/a[b]/c", "https://example.org?a/b", "https://example.org#a/b",
    "http:///a/b", "http:/a/b", "https://example.org/a\x7f", "https://example.org/a\u2100b", "https://a..b./c//d/",
]  # fmt: skip


@pytest.mark.parametrize("url", ADDRESSES)
def test_an_address_is_split_as_the_library_splits_it(url: str) -> None:
    try:
        parts = urlsplit(url)
    except ValueError:
        assert _split(url) == ("", "")
    else:
        assert _split(url) == (parts.netloc, parts.path)


@given(st.text("htps:/?#@.[]a-1 \t\x00é", max_size=30))
def test_any_address_is_split_as_the_library_splits_it(tail: str) -> None:
    test_an_address_is_split_as_the_library_splits_it(f"https://{tail}")


def test_libretexts_stays_with_mathematics_or_a_formula() -> None:
    assert needs_formula("https://bio.libretexts.org/a")
    assert not needs_formula("https://math.libretexts.org/a")
    assert not needs_formula("https://a.org/")


def test_formulas_are_counted_without_page_numbers() -> None:
    assert count_formulas("$a$ and $$b$$ and $c") == 2
    assert count_formulas(r"Exercise $\PageIndex{1}$ and $$\PageIndex{2}$$") == 0
    assert count_formulas(r"Exercise $\PageIndex{1}$: $x$") == 1
    assert count_formulas("") == 0


def test_a_line_with_several_macros_goes() -> None:
    text = "a\n\\newcommand{\\a}{b}\n$\\newcommand{\\a}{b}\\newcommand{\\c}{d}$\nb"
    for rules in ("published", "corrected"):
        assert without_macro_lines(text, rules) == "a\n\\newcommand{\\a}{b}\nb"
        assert without_macro_lines("no macros\n", rules) == "no macros\n"


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (r"Let $\newcommand{\R}{\mathbb{R}}\newcommand{\N}{\mathbb{N}}x\in\R$ be.", r"Let $x\in\R$ be."),
        (r"$\newcommand{\v}[1]{\mathbf{#1}}\renewcommand\b{c}$ So $\v{x}$ holds.", r" So $\v{x}$ holds."),
        (r"$\newcommand{\o}[2][a]{#1\{#2}\newcommand*\p{q} \def\r#1{s}x$", r"$ x$"),
        (r"\newcommand{\a}{b \newcommand{\c}{d} is open", r"\newcommand{\a}{b  is open"),
        (r"We write newcommand and newcommand.", r"We write newcommand and newcommand."),
    ],
)
def test_a_line_with_macros_and_words_loses_only_its_macros(line: str, kept: str) -> None:
    assert without_macro_lines(line, "corrected") == kept
    assert without_macro_lines(line, "published") == ""


def test_accents_are_counted_a_character() -> None:
    assert accented_share("Élan", "published") == 0.25
    assert accented_share("Élan", "corrected") == 0.25
    assert accented_share("", "published") == accented_share("", "corrected") == 0


def test_published_knows_few_accents() -> None:
    assert accented_share("ñáíóúçõã", "published") == 0
    assert accented_share("ñáíóúçõã", "corrected") == 1
    assert accented_share("ß α ∂ ø", "corrected") == 0


@given(st.text(alphabet="aeéüñ$ \n", max_size=60))
def test_composed_or_not_accents_count_the_same_when_corrected(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    decomposed = unicodedata.normalize("NFD", text)
    assert accented_share(composed, "corrected") == accented_share(decomposed, "corrected")


def test_scores_name_what_thresholds_decide_by() -> None:
    assert scores("été", "published") == {"characters": 3.0, "accented": pytest.approx(2 / 3)}


@pytest.mark.parametrize(
    "piece", ["$\\PageIndex{", "$$", "$", "$\\PageIndex{}$", "newcommand", "\\newcommand{\\a}{", "/a"]
)
def test_hostile_texts_take_linear_time(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    start = time.process_time()
    count_formulas(text)
    without_macro_lines(text, "corrected")
    banned_by("https://a.org/" + text, "corrected")
    assert time.process_time() - start < 2
