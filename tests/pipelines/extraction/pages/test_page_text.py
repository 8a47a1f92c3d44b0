"""What of a page is text: main elements, furniture, links, lines, characters."""

import time

import pytest

from pipelines.extraction.html.charset import decode
from pipelines.extraction.pages import line_rules
from pipelines.extraction.pages.page import EmptyPageError, extract

pytestmark = pytest.mark.kernel

WORDS = "A paragraph that says something about numbers, their sums and the products of their sums. " * 4


def text(body: str) -> str:
    return extract(f"<html><head><title>t</title></head><body>{body}</body></html>").text


def test_headings_lists_definitions_and_code_keep_their_shape() -> None:
    page = text(
        "<main><h1>Title</h1><p>One<br>two</p><ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>"
        "<dl><dt>term</dt><dd>meaning</dd></dl><pre><span>def f():</span>\n    return 1</pre></main>"
    )
    assert page == ("# Title\n\nOne\ntwo\n\n- a\n- b\n  1. c\n\nterm\nmeaning\n\n```\ndef f():\n    return 1\n```")


def test_a_list_counts_from_its_start() -> None:
    assert text("<main><ol start=0><li>a<li>b</ol><ol start=7><li>c</ol></main>") == "0. a\n1. b\n\n7. c"


def test_code_in_lines_that_elements_make_is_parted_there_and_nowhere_else() -> None:
    page = text("<pre><div>a <span>b</span> <i>c</i></div><div>d</div><ol><li>e</li><li>f</li></ol></pre>")
    assert page == "```\na b c\nd\ne\nf\n```"


def test_menus_banners_edit_links_and_hidden_text_go() -> None:
    page = text(
        f"<nav>menu</nav><div class='cookie-banner'>cookies?</div><div id='content'><h2>Sums"
        f"<span class='mw-editsection'>"
        f"[edit]</span></h2><p>{WORDS}</p><div style='display:none'>hidden</div><p>{WORDS}"
        f"<a class='headerlink'>¶</a></p>"
        "<ul class='pagination'><li>next</li></ul></div><footer>foot</footer>"
    )
    for gone in ("menu", "cookies", "edit", "hidden", "¶", "next", "foot"):
        assert gone not in page
    assert page.startswith("## Sums\n\nA paragraph")


def test_a_cluster_of_links_goes_and_a_sentence_with_links_stays() -> None:
    links = "".join(f"<li><a href=x>item {n}</a></li>" for n in range(9))
    page = text(f"<div><p>{WORDS} See <a href=x>this</a>.</p><ul>{links}</ul><p>{WORDS}</p></div>")
    assert "item" not in page
    assert "See this." in page


def test_question_and_answers_stay_and_votes_go() -> None:
    page = text(
        f"<div id='content'><div id='question-header'><h1>Why?</h1></div><div id='mainbar'><div class='question'>"
        f"<div class='js-voting-container'>42</div><div class='post-text'><p>{WORDS}</p></div></div>"
        f"<div class='answer'><div class='votecell'>7</div><div class='post-text'>"
        f"<p>Because {WORDS}</p></div></div></div></div>"
    )
    assert page.startswith("# Why?\n\nA paragraph")
    assert "Because" in page
    assert "42" not in page
    assert "7" not in page


def test_a_page_without_elements_is_an_error() -> None:
    with pytest.raises(EmptyPageError):
        extract(b"")


@pytest.mark.parametrize(
    ("data", "header", "expected"),
    [
        ("<meta charset=koi8-r>да".encode("koi8-r"), None, "да"),
        ("é".encode("latin-1"), "text/html; charset=ISO-8859-1", "é"),
        ("é – ü".encode(), "text/html; charset=ISO-8859-1", "é – ü"),
        ("\ufeffé".encode("utf-16"), None, "é"),
        ("<?xml version='1.0' encoding='shift_jis'?>日本".encode("shift_jis"), None, "日本"),
        (b"\xff\xfe\xfd", "text/html; charset=nonsense", None),
    ],
)
def test_reads_the_declared_characters(data: bytes, header: str | None, expected: str | None) -> None:
    found = decode(data, header)
    assert expected is None or found.endswith(expected)


def test_published_line_rules_keep_their_faults() -> None:
    end = "Text long enough for a heading to stay.\nSee also the other tasks\nkept?\n⸨0⸩ login"
    assert line_rules.clean(end, "published") == "Text long enough for a heading to stay.\n⸨0⸩ login"
    assert line_rules.clean(end, "corrected") == end


def test_published_headings_need_seventeen_characters_behind_them() -> None:
    lines = "# A\n\n## B\n\nshort\n\n## C\n\nA line of more than sixteen characters."
    assert line_rules.clean(lines, "published") == "# A\n\nshort\n\n## C\n\nA line of more than sixteen characters."
    assert line_rules.clean(lines, "corrected") == lines


def test_corrected_line_rules_drop_furniture_only() -> None:
    kept = "We share this result with everybody who asks for it.\n```\ncopyright\n```"
    assert line_rules.clean(f"Sign up [edit]\nAll rights reserved.\n{kept}", "corrected") == kept


def test_a_section_about_signatures_is_no_signature() -> None:
    for section in ("<section id='signature'>", "<div class='section' id='signature'>"):
        assert "A paragraph" in text(f"<main>{section}<h2>Signature</h2><p>{WORDS}</p></main>")


FORBIDDEN = [*range(1, 9), 0x0B, 0x0C, *range(0x0E, 0x20), 0xFFFE, 0xFFFF, 0xE000, 0xE001]


@pytest.mark.parametrize("written", ["{0}", "&#{1};", "&#0{1}", "&#x{1:X};", "&#X00{1:x};"])
@pytest.mark.parametrize("code", FORBIDDEN)
def test_a_character_that_no_tree_may_hold_costs_neither_text_nor_formula(code: int, written: str) -> None:
    character = written.format(chr(code), code)
    page = extract(f"<p>Let{character} $\\pi{character} + y$ be{character}<br>small, \\(a{character} + b\\) large.</p>")
    assert page.text.split() == ["Let", r"$\pi", "+", "y$", "be", "small,", "$a", "+", "b$", "large."]
    assert sum(page.math_kept.values()) == sum(page.math_found.values()) == 2


def test_a_glyph_that_is_no_character_is_left_out() -> None:
    glyph = '<mjx-mi><mjx-c class="mjx-c{}"></mjx-c></mjx-mi>'
    page = extract(f'<mjx-container jax="CHTML"><mjx-math>{glyph.format("FFFE")}{glyph.format("1D465")}</mjx-math>')
    assert page.text == "$x$"


def test_a_page_cannot_write_the_marks_that_stand_for_formulas() -> None:
    page = extract(r"<p>Let \(x^2\) be ⸨0⸩ and &#x2e28;0&#11817; too.</p>")
    assert page.text == "Let $x^2$ be ((0)) and ((0)) too."


@pytest.mark.compiled
def test_endless_references_are_read_once() -> None:
    started = time.process_time()
    extract("<p>" + "&#" + "0" * 500_000 + "x &#x" + "0" * 500_000 + "</p>")
    assert time.process_time() - started < 5


def test_a_summary_of_methods_and_a_heading_with_a_signature_are_text() -> None:
    page = text(
        f"<main><p>{WORDS}</p><div class='summary'><table class='memberSummary'><tr><td><code>getTotal()</code></td>"
        "<td>Adds the parts of the number.</td></tr></table></div>"
        "<h4 class='signature'>def total: Int</h4><p>Their sum.</p></main>"
    )
    assert "| `getTotal()` | Adds the parts of the number. |" in page
    assert "#### def total: Int" in page


def test_the_signature_of_a_forum_and_the_footer_of_a_page_go_and_of_a_quotation_stays() -> None:
    page = text(
        f"<div class='content'><p>{WORDS}</p><div id='sig42' class='signature'>My motto</div>"
        f"<blockquote><p>{WORDS}</p><footer>Gauss</footer></blockquote></div><footer>Made with care</footer>"
    )
    assert "motto" not in page
    assert "Made with care" not in page
    assert "Gauss" in page


def test_the_bars_of_scribble_and_javadoc_go() -> None:
    page = text(
        f"<div class='main'><div class='navsettop'>File: Libraries</div><p>{WORDS}</p><ul class='navList'><li>Overview"
        "</li></ul><div class='tocset'>Contents of all</div></div>"
    )
    assert page.strip() == WORDS.strip()


@pytest.mark.parametrize(
    "line",
    [
        "Next: Stencils, Previous: Arrays, Up: Top [Contents][Index]",
        "Up: Optimization [Contents][Index]",
        "Next: Norms Up: Vectors Previous: Spaces Contents",
    ],
)
def test_the_line_of_neighbours_of_a_manual_goes(line: str) -> None:
    kept = "Next: we add the numbers up. Previous: sums are kept."
    assert line_rules.clean(f"{line}\n{kept}", "corrected") == kept


def test_a_heading_with_a_formula_stays_though_nothing_follows() -> None:
    lines = "## Sums\n\nText.\n\n## Isometries of ⸨0⸩\n\n## See also"
    assert line_rules.clean(lines, "corrected") == "## Sums\n\nText.\n\n## Isometries of ⸨0⸩"


def test_the_posts_of_blogger_are_a_widget_and_yet_text() -> None:
    page = text(
        f"<div class='widget Blog' id='Blog1'><div class='post-body'><p>{WORDS}</p></div></div>"
        "<div class='widget BlogArchive' id='BlogArchive1'><p>March 2019 and before</p></div>"
    )
    assert page == WORDS.strip()


def test_warming_up_leaves_no_kernel_to_compile_for_a_page() -> None:
    from numba.core import event

    from pipelines.extraction.pages.page import warm_up

    names: list[str] = []

    class Compiled(event.Listener):
        def on_start(self, event: event.Event) -> None:
            names.append(str(event.data.get("dispatcher")))

        def on_end(self, event: event.Event) -> None:
            pass

    warm_up()
    with event.install_listener("numba:compile", Compiled()):
        extract(
            b"<!doctype html><p title='&lt;a'>A&#8212;&eacute; $x$ <a href='?a&amp;b'>b</a><pre>x &lt; y<br>z</pre>"
            b"<ul><li>1</ul><table><tr><td>2</table><math><mi>&alpha;</mi></math><img alt='\\frac12 &lt;'>"
        )
        for name in ("", " class=post", " id=content"):
            words = b"<p>Text of a page that goes on for a while." * 40
            beside = b"<table><i>a<td>b</table><aside>note</aside><div class=related><a href=b>c</a></div>"
            extract(
                b"<!doctype html><body><div%b>" % name.encode() + words + beside + b"</div><ul><li><a href=a>b</a></ul>"
            )
    assert names == []


def test_a_name_that_would_cost_the_whole_text_is_not_believed() -> None:
    # Saved pages of news sites keep the article in a block whose class says "sidebar" or "related-stories".
    words = "Researchers have found a way to convert microwave photons to optical ones. " * 8
    page = f"<body><main><h1>A New Method</h1><div class='right-sidebar-block'><p>{words}</p></div></main></body>"
    assert "convert microwave photons" in extract(page.encode()).text


def test_a_short_page_does_not_get_its_menu_back() -> None:
    menu = "".join(f"<li><a href='/{n}'>A long name of entry {n} of the menu</a> and words</li>" for n in range(9))
    page = f"<main><p>{'A short text about a function. ' * 3}</p><div class='sidebar'><ul>{menu}</ul></div></main>"
    assert "entry" not in extract(page.encode()).text


def test_a_page_that_is_hidden_until_it_is_typeset_is_read() -> None:
    menu = '<div class="navbar">' + "<a href='x'>menu entry</a> " * 20 + "</div>"
    popup = '<div style="visibility: hidden"><p>A popup that nobody has opened yet.</p></div>'
    body = "<h1>Sums</h1><p>The sum \\(\\sum_{k=1}^n a_k b_k\\) is at most the product of the two norms.</p>"
    page = f'<html><body>{menu}<div id="page" style="visibility:hidden">{body}</div></body></html>'
    text = extract(page.encode()).text
    assert "$\\sum_{k=1}^n a_k b_k$ is at most" in text
    assert "menu" not in text
    assert "popup" not in extract(f"<html><body>{popup}{body}</body></html>".encode()).text


def test_the_title_of_a_thread_stays_among_links_to_its_categories() -> None:
    links = "".join(f"<a href=c{n}>Category {n}</a> " for n in range(4))
    page = text(f"<main><div><h1><a href=t>How to add two numbers</a></h1>{links}</div><p>{WORDS}</p></main>")
    assert page.startswith("# How to add two numbers")


def test_the_scores_of_comments_in_cells_go_and_a_quoted_post_stays() -> None:
    page = text(
        f"<main><p>{WORDS}</p><table><tr class='comment'><td class='comment-actions'><table><tr>"
        f"<td class='comment-score'>17</td></tr></table></td><td><div>It is even. {WORDS}</div></td></tr></table>"
        "<aside class='quote'><a href=u>somebody</a> QUOTED words</aside></main>"
    )
    assert "It is even." in page
    assert "17" not in page
    assert "QUOTED words" in page


def test_items_that_the_page_labels_itself_get_no_second_label() -> None:
    page = text(
        f"<main><p>{WORDS}</p><ol><li style='list-style-type:none;'><span class='ltx_tag ltx_tag_item'>(a)</span>\n"
        "<div class='ltx_para'><p>First.</p></div></li><li style='list-style-type:none;'>"
        "<span class='ltx_tag ltx_tag_item'>(b)</span>\n<div class='ltx_para'><p>Second.</p><p>More.</p></div></li>"
        "</ol></main>"
    )
    assert "\n(a) First.\n" in page
    assert page.endswith("(b) Second.\n\nMore.")


def test_scripts_drawn_by_spans_are_scripts_and_marks_of_footnotes_are_not() -> None:
    page = text(
        f"<main><p>{WORDS}</p><p>a<sup><span class='x'>2</span></sup> + b<sub>1</sub><sup><a href=#f>3</a></sup></p>"
    )
    assert page.endswith("a^2 + b_1 3")


def test_a_number_behind_a_script_is_none_of_it() -> None:
    scripts = "log<sub>2</sub>8, a<sub>1</sub><sup>2</sup>5, x<sub>n</sub>8, <code>2<sup>3</sup>4</code>"
    page = text(f"<main><p>{WORDS}</p><p>{scripts}</p></main>")
    assert page.endswith("log_{2}8, a_1^{2}5, x_n8, `2^{3}4`")


def test_a_script_belongs_to_what_stands_before_it_in_its_own_line() -> None:
    """The second script begins as many bytes behind the begin of its line as the first one ended behind its own."""
    lines = [("s", "i", "_i"), ("10", "7", "^7"), ("n", "12", "_{12}")]
    for first, script, _ in lines:
        for second, other, written in lines:
            one = f"so {first}<sub>{script}</sub>"
            for blanks in range(6):
                page = text(f"<main><p>{WORDS}</p><p>{one}</p><p>{'x' * blanks}{second}<sup>{other}</sup></p></main>")
                assert page.endswith(f"\n\n{'x' * blanks}{second}{written.replace('_', '^')}")
