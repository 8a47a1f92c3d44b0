"""Formulas that would be taken for tags are formulas, and programs that draw are none."""

import time

import pytest

from pipelines.extraction.pages.page import extract
from pipelines.extraction.pages.repairs import repaired, with_pieces

pytestmark = pytest.mark.kernel

WORDS = "<p>We follow the sequence along the line and write down what its next terms are.</p>" * 3
MATHJAX = "<script>MathJax = {tex: {inlineMath: [['$', '$']]}}</script><script src=mathjax.js></script>"


def line(body: str) -> str:
    return extract(f"<html><head>{MATHJAX}</head><body><p>{body}</p>{WORDS}</body></html>").text.split("\n\n")[0]


def test_what_react_sends_later_stands_in_its_place() -> None:
    first, second = (
        "<p>The first part of the text is sent later.</p>",
        "<p>The second part is sent after the first.</p>",
    )
    shell = f'<article>{WORDS}<!--$?--><template id="B:0"></template><p>Loading.</p><!--/$-->{WORDS}</article>'
    later = (
        f'<div hidden id="S:0">{first}<template id="P:1"></template></div><script>$RC("B:0","S:0")</script>'
        f'<div hidden id="S:1">{second}</div><script>$RS("S:1","P:1")</script>'
    )
    words = extract(f"<html><body>{WORDS}</body></html>").text
    text = extract(f"<html><body>{shell}{later}</body></html>").text
    assert text == f"{words}\n\n{first[3:-4]}\n\n{second[3:-4]}\n\n{words}"
    assert "sent" not in extract(f"<html><body>{shell}{later}</body></html>", rules="published").text


def test_it_does_so_where_the_place_is_the_first_thing_of_all() -> None:
    page = (
        f'<template id="B:0"></template><p>Loading.</p><!--/$-->{WORDS}'
        f'<div hidden id="S:0"><p>Sent later.</p></div><script>$RC("B:0","S:0")</script>'
    )
    assert extract(page).text.startswith("Sent later.")


@pytest.mark.parametrize(
    "piece", ['<div hidden id="S:0">', '<template id="B:0"></template>', '$RC("B:0","S:0")', "</div><script"]
)
def test_pieces_without_end_take_linear_time(piece: str) -> None:
    def cost(times: int) -> float:
        page = f'<p>a</p><div hidden id="S:0">$RC("B:0","S:0"){piece * times}'.encode()
        start = time.process_time()
        with_pieces(page)
        return time.process_time() - start

    few, many = (min(cost(times) for _ in range(3)) for times in (10_000, 40_000))
    assert many < 10 * max(few, 1e-3)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("Let $a<b$ and $c>d$ hold.", "Let $a<b$ and $c>d$ hold."),
        ("If $x<y$ then $x<y<z$.", "If $x<y$ then $x<y<z$."),
        ("If \\(n<m\\) then it ends.", "If $n<m$ then it ends."),
        ("For $i<n_1$ and $p<q^2$ and $s<f(t)$.", "For $i<n_1$ and $p<q^2$ and $s<f(t)$."),
        ("So $a<b $ and <b>$c$</b>, <i>d</i>.", "So $a<b$ and $c$, d."),
    ],
)
def test_a_sign_of_a_formula_is_no_tag(body: str, text: str) -> None:
    assert line(body) == text


@pytest.mark.parametrize(
    "page", [b"<p>$x$<b>y</b><a-b c=$>z", b"<br/><p class=$>\\(", b"<x-tex>a</x-tex>$", b"a<b and c"]
)
def test_tags_stay_tags(page: bytes) -> None:
    assert repaired(page) == page


def test_drawings_go() -> None:
    assert line("See [asy] draw((0,0)--(1,1)); [/asy] and $x$ [asy] open") == "See and $x$ [asy] open"


def test_published_reads_the_page_as_it_stands() -> None:
    page = f"<html><head>{MATHJAX}</head><body><p>Let $a<b$ and $c>d$ hold.</p>{WORDS}</body></html>"
    assert "a<b" not in extract(page, rules="published").text


@pytest.mark.parametrize("piece", [b"<a", b"<a<b<", b"[asy]", b"$<a$", b"[asy][/asy]"])
def test_repairs_take_linear_time(piece: bytes) -> None:
    start = time.process_time()
    repaired(b"$" + piece * (500_000 // len(piece)))
    assert time.process_time() - start < 1


def test_a_character_of_the_number_nought_is_none() -> None:
    assert line("Com\0pact sets") == "Compact sets"
