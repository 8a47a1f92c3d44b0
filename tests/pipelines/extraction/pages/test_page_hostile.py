"""Pages made to hurt: each ends in text or in one clean exception, within seconds and a bounded memory.

They run in a process of their own, because a parser that crashes would take the tests with it.
"""

import multiprocessing
import resource
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from pipelines.extraction.html.limits import HostilePageError
from pipelines.extraction.html.signatures import signatures
from pipelines.extraction.pages.main_text import _ASKED, _WORDS
from pipelines.extraction.pages.page import EmptyPageError, extract, parse, warm_up


@pytest.fixture(autouse=True, scope="module")
def compiled() -> None:
    """The kernels, compiled before the time of a page counts, as a source does it."""
    warm_up()


MEMORY = 1 << 30
"""What a page may take beside what the process holds already, which is whatever tests it ran before."""
SECONDS = 20
N = 1_000_000
ANY = ("text", "HostilePageError", "EmptyPageError")

PAGES: dict[str, tuple[Callable[[], str], str | tuple[str, ...]]] = {
    "a million nested blocks": (lambda: "<div>" * N, "HostilePageError"),
    "nested to the limit and wide": (lambda: "<div class=MathJax>" * 1500 + "<img><b>x</b>" * 60_000, ANY),
    "groups of nested formulas": (
        lambda: ("<span class=MathJax>" * 1000 + "x" + "</span>" * 1000) * 200,
        ANY,
    ),
    "nested formatting": (lambda: "<a><b><i>" * 300_000, "text"),
    "nested tables": (lambda: "<table><tr><td>x" * 200_000, "HostilePageError"),
    "fifty megabytes on one line": (lambda: "x " * 25 * N, "HostilePageError"),
    "ten megabytes on one line": (lambda: "x $ " * (10 * N // 4), "text"),
    "an endless tag": (lambda: "<a " + " ".join(f"a{i}=1" for i in range(N)) + ">x", "HostilePageError"),
    "endless quoted attributes": (lambda: "<a " + " ".join(f'a{i}=">"' for i in range(N)) + ">x", "HostilePageError"),
    "endless bare attributes": (lambda: "<a " + " ".join(f"a{i}" for i in range(N)) + ">x", "HostilePageError"),
    "as many attributes as may be": (lambda: ("<a " + " ".join(f"a{i}" for i in range(3900)) + ">x") * 10, "text"),
    "one attribute a million times": (lambda: "<a " + "a=1 " * N + ">x", "HostilePageError"),
    "an entity bomb": (
        lambda: (
            '<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">'
            + "".join(f'<!ENTITY a{i} "&a{i - 1};&a{i - 1};&a{i - 1};">' for i in range(1, 99))
            + "]><p>&a98;</p>"
        ),
        "text",
    ),
    "nothing but entities": (lambda: "&amp;" * (2 * N), "text"),
    "unclosed comments": (lambda: "<!--" * N, ANY),
    "unclosed quotes": (lambda: '<a x="' * N, ANY),
    "alternating unclosed quotes": (lambda: "<a x=\"<b y='" * (N // 2), ANY),
    "unclosed formulas": (lambda: "<p>\\frac " + "\\( { " * (N // 2) + "\\)", ANY),
    "unclosed environments": (lambda: "\\begin{align} x " * 100_000 + "\\end{align}", ANY),
    "a million dollars": (lambda: "mathjax $5 " * (N // 4), "text"),
    "deep mathml": (lambda: "<math>" + "<msup>" * 1900 + "<mi>x</mi>", "text"),
    "wide mathml": (lambda: "<math><mrow>" + "<mo>(</mo>" * 100_000 + "</mrow></math>", "text"),
    "tall mathml": (lambda: "<math><mrow>" + "<mo>(</mo><mfrac>" * 900 + "<mi>x</mi>", "text"),
    "deep content mathml": (lambda: "<math>" + "<apply><plus/>" * 1000 + "<ci>x</ci>", "text"),
    "null bytes": (lambda: "\0" * N, ANY),
    "config without end": (lambda: "<script>MathJax={tex:{inlineMath: " + '[["' * N + "</script>x", ANY),
    "links without end": (lambda: "<ul>" + "<li><a href=x>y</a>" * 60_000, ANY),
    "asciimath brackets": (lambda: '<script type="math/asciimath">' + "(" * 19_000 + "</script>", "text"),
    "braces around braces": (lambda: '<script type="math/tex">' + "{" * N + "</script>", "text"),
    "meta without end": (lambda: "<meta " * N + "charset", ANY),
    "lines of furniture": (lambda: "cookie password login\n<br>" * 100_000, ANY),
}


def outcome(page: bytes, pipe: Connection) -> None:
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY, held + MEMORY))
    start = time.process_time()
    try:
        result = f"text {len(extract(page).text)}"
    except (HostilePageError, EmptyPageError) as error:
        result = type(error).__name__
    pipe.send((result, time.process_time() - start))


@pytest.mark.parametrize("name", PAGES)
def test_ends_cleanly(name: str) -> None:
    build, expected = PAGES[name]
    mine, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=outcome, args=(build().encode(), theirs))
    process.start()
    theirs.close()
    try:
        assert mine.poll(4 * SECONDS), "took too long"
        result, seconds = mine.recv()
    finally:
        process.kill()
        process.join()
    assert result.startswith(expected)
    assert seconds < SECONDS


def test_a_kind_of_start_tag_is_one_signature_however_often_it_stands() -> None:
    """Were each its own, a page of equal tags would cost the square of their number."""
    tags = ["nav", "author", "sidebar main", "x-share", "related posts and more"]
    tree = parse(b"<html><body>" + "".join(f"<div class='{name}'>a</div>" * 50 for name in tags).encode())
    assert len(signatures(tree, _ASKED, _WORDS).rows) == len(tags)


def test_many_equal_tags_that_name_furniture_cost_no_more_than_others() -> None:
    start = time.process_time()
    extract(b"<html><body><p>text</p>" + (b"<div class='author'>" * 200 + b"x" + b"</div>" * 200) * 2000)
    assert time.process_time() - start < 10.0
