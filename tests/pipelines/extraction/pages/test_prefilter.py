"""Which pages can hold mathematics, by the published rules and by the corrected ones."""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from filters.latex_commands import COMMANDS
from manifests.records import Rules
from pipelines.extraction.pages import prefilter
from pipelines.extraction.pages.prefilter import (
    DeepPageError,
    Evidence,
    holds_command,
    may_hold_command,
    scan,
    second_stage,
    too_deep,
)
from pipelines.extraction.pages.seen import Seen

pytestmark = pytest.mark.kernel

REAL = os.environ.get("PROOFPILE_REAL_DATA")
NAMES = ["MathJax", "mathjax", "<math", "math-container", "katex.min.css", "latex.php", "codecogs", "tex.cgi"]
NAMES += ['class="tex"', "class='tex'"]


def page(body: str) -> str:
    return f"<html><head><title>t</title></head><body><div><p>{body}</p></div></body></html>"


@pytest.mark.parametrize("rules", ["published", "corrected"])
@pytest.mark.parametrize("name", NAMES)
def test_each_published_name_is_found(name: str, rules: Rules) -> None:
    assert scan(Seen(page(name).encode()), rules) == Evidence.KEYWORD


@pytest.mark.parametrize("near", ["Mathjax", "<mat", "ath-container", "codecog", "class=tex", 'id="tex"', "CODECOGS"])
def test_what_only_looks_like_a_name_is_not_found(near: str) -> None:
    assert scan(Seen(page(near).encode()), "published") == Evidence.NONE


@pytest.mark.parametrize("near", ["katex-min.css", "latexéphp", "tex𝕏cgi", "tex/cgi", "latex php"])
def test_published_takes_a_dot_for_any_character(near: str) -> None:
    assert scan(Seen(page(near).encode()), "published") == Evidence.KEYWORD
    if "katex" not in near:
        assert scan(Seen(page(near).encode()), "corrected") < Evidence.KEYWORD


@pytest.mark.parametrize("near", ["latex\nphp", "katexmin.css", "tex\ncgi", "tex..cgi", "texééécgi"])
def test_a_dot_is_one_character_and_no_line_end(near: str) -> None:
    assert scan(Seen(page(near).encode()), "published") == Evidence.NONE


@pytest.mark.parametrize(
    "body",
    [
        '<span class="katex"><span class="katex-mathml">',
        '<link href="/static/KaTeX/style.css">',
        "<mml:math xmlns:mml='m'>",
        '<img class="math" src="a.png">',
        '<img class="formulaInl" src="form_1.png">',
        '<script type="math/tex">x</script>',
    ],
)
def test_corrected_finds_pages_that_published_misses(body: str) -> None:
    assert scan(Seen(page(body).encode()), "published") != Evidence.KEYWORD
    assert scan(Seen(page(body).encode()), "corrected") == Evidence.KEYWORD


def test_a_backslash_with_two_small_letters_calls_for_the_second_stage() -> None:
    assert scan(Seen(rb"<p>\ab</p>"), "published") == Evidence.BACKSLASH
    assert scan(Seen(rb"<p>\a \B \Delta \1</p>"), "published") == Evidence.NONE
    assert scan(Seen(rb"<p>\Delta</p>"), "corrected") == Evidence.BACKSLASH


def original(data: str, score: Callable[[str], float]) -> bool:
    """The published decision, written down from the description in one function."""
    if re.search("MathJax|mathjax|<math|math-container|katex.min.css|latex.php|codecogs|tex.cgi", data):
        return True
    if 'class="tex"' in data or "class='tex'" in data:
        return True
    if not re.search(r"\\[a-z]{2,}", data):
        return False
    tree = HTMLTree.parse(data.replace("<template", "<div").replace("</template", "</div"))
    text = extract_plain_text(tree, main_content=True, alt_texts=False)
    return any("\\" + command in text for command in COMMANDS) or (score(text) > 0.8 and len(text) > 500)


def decided(data: str, score: Callable[[str], float]) -> bool:
    """The same decision by this module's two stages."""
    evidence = scan(Seen(data.encode()), "published")
    return evidence == Evidence.KEYWORD or (evidence == Evidence.BACKSLASH and second_stage(data, score).passes)


def _half_mathematical(text: str) -> float:
    return 0.9 if text.count("e") % 2 else 0.5


PIECES = ["MathJax", "ma", "math", "tex", ".", "é", "cgi", "php", "latex", "katex", "min", "css", "\\", "alpha", "in"]
PIECES += ["foo", "<p>", "</p>", "&#92;", "&bsol;", "&#x5C;", "<b>", "</b>", "<!-- -->", "\n", " ", "theorem " * 80]
PIECES += ["<script>", "</script>", "<template>", "</template>", "&shy;", "\x00", "pha"]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_decides_as_published(body: str) -> None:
    assert decided(page(body), _half_mathematical) == original(page(body), _half_mathematical)


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_the_short_cut_never_hides_a_command(body: str) -> None:
    if holds_command(prefilter.plain_text(page(body))):
        assert may_hold_command(page(body).encode())


@pytest.mark.skipif(not REAL, reason="PROOFPILE_REAL_DATA is not set")
def test_decides_as_published_on_real_pages() -> None:
    paths = sorted((Path(str(REAL)) / "web").rglob("*.html"))
    passed = 0
    for path in paths:
        data = path.read_text("utf-8", "replace")
        assert decided(data, _half_mathematical) == original(data, _half_mathematical), path.name
        passed += decided(data, _half_mathematical)
        if holds_command(prefilter.plain_text(data)):
            assert may_hold_command(data.encode())
    assert 0 < passed < len(paths)


def test_a_command_in_the_text_passes_and_one_in_a_script_does_not() -> None:
    assert second_stage(page("Let \\alpha be a root.")) == (Evidence.COMMAND, True)
    assert second_stage(page("Let a be a root.<script>s = '\\alpha'</script>")) == (Evidence.BACKSLASH, False)


def test_corrected_reads_the_text_as_the_extraction_does() -> None:
    hidden = page("<nav>\\alpha</nav>")
    assert second_stage(hidden, rules="corrected") == (Evidence.COMMAND, True)
    assert (
        second_stage(page("Let a be.<script>s = '\\alpha'</script>"), rules="corrected").evidence == Evidence.BACKSLASH
    )
    with pytest.raises(DeepPageError):
        second_stage("<div>" * 100_000 + "\\xx", rules="corrected")


def test_without_commands_the_score_decides_about_long_pages() -> None:
    long = page("The group is \\xx simple. " * 40)
    assert second_stage(long, lambda text: 0.81) == (Evidence.BACKSLASH, True)
    assert second_stage(long, lambda text: 0.8) == (Evidence.BACKSLASH, False)
    assert second_stage(page("The group is \\xx simple."), lambda text: 0.99) == (Evidence.BACKSLASH, False)


def test_without_a_score_long_pages_wait_for_a_threshold() -> None:
    assert second_stage(page("The group is \\xx simple. " * 40)) == (Evidence.BACKSLASH, True)
    assert second_stage(page("short \\xx")) == (Evidence.BACKSLASH, False)


@pytest.mark.parametrize(
    "data",
    ["<div>" * 500_000, "<div>" * 50_000 + "</div>" * 50_000, "<template>" * 100_000, "<i><x-y>" * 100_000],
)
@pytest.mark.compiled
def test_pages_nested_too_deep_are_not_parsed(data: str) -> None:
    start = time.process_time()
    with pytest.raises(DeepPageError):
        second_stage(data + "\\xx")
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "data", ["<p>a<br>b" * 50_000, "<b>x</b>" * 50_000, "<ul><li>a<li>b</ul>" * 9_000, "< a" * 90_000]
)
def test_long_pages_are_not_deep(data: str) -> None:
    assert not too_deep(data)


HOSTILE = (b"\\", b"\\a", b"ath", b"&#0", b'="tex', b"<mat", b"cgi", b"\\aaaa", b"0", b"a")


@pytest.mark.parametrize("data", [b"\\&#" + piece * (1_000_000 // len(piece)) for piece in HOSTILE])
@pytest.mark.compiled
def test_hostile_pages_are_scanned_in_linear_time(data: bytes) -> None:
    start = time.process_time()
    for rules in ("published", "corrected"):
        scan(Seen(data), rules)
    may_hold_command(data)
    assert time.process_time() - start < 1
