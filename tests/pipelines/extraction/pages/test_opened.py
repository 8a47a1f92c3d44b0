"""What a reader opens with one click, or sees without scripts, is text; menus, notices and dialogs are not."""

import html
import json

import pytest

from pipelines.extraction.pages.page import extract

pytestmark = pytest.mark.kernel

WORDS = "<p>" + "This paragraph of an article says something about series and about their sums. " * 4 + "</p>"
PROOF = "We show that the series converges for every number above one, by comparing it."
TEX = "\\(x > 1\\)"
FORMULA = "We show that <math><mi>x</mi><mo>&gt;</mo><mn>1</mn></math> makes the series converge on the whole line."

NAMES = """
    ad ads aside author banner bar bottom box-related breadcrumbs byline caption carousel collapse comment comments
    consent cookie copyright cta disclaimer disqus dropdown extra feedback flyout foot footer footnotes header hidden
    info legends lightbox login masthead menu meta modal nav navbar newsletter noprint outbrain overlay pager
    pagination paywall popular popup promo ratings recommended references register related relations remark replies
    respond rss search share sharing shopping side sidebar signature signup similar skyscraper slider social sponsor
    sponsored subscribe subscription supplemental tab-content tab-pane tabs tags teaser toolbar tools tooltip top
    transcript trending upsell versions video vote widget you-may-like d-none hide invisible sr-only toc
""".split()
"""Names by which Readability (`unlikelyCandidates`, `negative`), trafilatura (OVERALL_DISCARD_XPATH) and boilerplate
filters leave elements out."""


def page(inner: str) -> str:
    """The text of an article with `inner` among its paragraphs."""
    return extract(f"<html><body><article><h1>Series</h1>{WORDS * 3}{inner}{WORDS * 3}</article></body></html>").text


@pytest.mark.parametrize("attribute", ["class", "id"])
def test_no_name_loses_a_paragraph_with_a_formula(attribute: str) -> None:
    lost = [
        name for name in NAMES if "makes the series" not in page(f'<div {attribute}="{name}"><p>{FORMULA}</p></div>')
    ]
    assert lost == []


@pytest.mark.parametrize(
    "inner",
    [
        "<button aria-expanded=false aria-controls=p4>Proof</button><div id=p4 hidden>{}</div>",
        '<a data-toggle=collapse data-target="#p5">Proof</a><div id=p5 style="display:none">{}</div>',
        '<a data-bs-toggle=collapse href="#p6">Proof</a><div id=p6 aria-hidden=true>{}</div>',
        '<a href="javascript:toggle(\'p3\')">[show]</a><div id=p3 style="display:none">{}</div>',
        '<div class="toggle docutils" style="display: none">{}</div>',
        '<div class="panel-collapse collapse" aria-hidden=true>{}</div>',
        '<div class=NavFrame><div class=NavHead>Proof</div><div class=NavContent style="display:none">{}</div></div>',
        '<table><tr><th>Proof</th></tr><tr style="display:none"><td>{}</td></tr></table>',
        '<dl><dt>Hint</dt><dd style="display:none">{}</dd></dl>',
        "<div role=tabpanel hidden>{}</div>",
        "<details><summary>Proof</summary>{}</details>",
        '<div hidden="until-found">{}</div>',
        "<label for=c1>Proof</label><input type=checkbox id=c1><div style='display:none'>{}</div>",
        "<b onclick=\"this.nextElementSibling.style.display='block'\">Proof</b><div style='display:none'>{}</div>",
        "<div id=p7 style='display:none'>{}</div><script>$('#p7').toggle()</script>",
        "<div class=p8 style='display:none'>{}</div><script>$('.p8').toggle()</script>",
        "<button popovertarget=\"p9\">Proof</button><div id=p9 popover style='display:none'>{}</div>",
        "<fieldset><legend>Proof</legend><div class=fcontainer style='display:none'>{}</div></fieldset>",
        "<div class=callout><div class=callout-title>Proof</div><div style='display:none'>{}</div></div>",
        "<div class=expand-label onclick='open(this)'>Proof</div><div style='display:none'>{}</div>",
        "<button>Proof</button><div class=a><div hidden>{}</div></div>",
        "<h3 class=ask>Why does it converge?</h3><div style='display:none'>{}</div>",
        '<div x-show="open" style="display:none">{}</div>',
        '<div v-show="open" style="display:none">{}</div>',
        '<div class="tc-reveal" hidden>{}</div>',
        '<section class="transcript" hidden>{}</section>',
        '<div class="hidden-knowl" style="display:none">{}</div>',
        '<div class="carousel-item" aria-hidden=true>{}</div>',
        '<div class="explanation" style="visibility:hidden">{}</div>',
        "<a class=hide-toggle>Click</a><div class=hidden_text style='display:none'>{}</div>",
        "<p><a>Show the proof</a></p><div style='display:none'>{}</div>",
        "<span>Click here to reveal</span><div hidden>{}</div>",
        "<b>Solution:</b><div style='display:none'>{}</div>",
        "<button onclick='d.showModal()'>Proof</button><dialog id=d>{}</dialog>",
        "<details class='admonition dropdown'><summary>Solution</summary>{}</details>",
        '<div data-component="clickablearea" style="visibility: hidden;">{}</div>',
        '<div class="readmore collapsed" style="max-height:100px">{}</div>',
        '<p>So it is.<span class=note>1<span class="footnoteContent" style="display:none">{}</span></span></p>',
        '<p>So.<i data-note="n-7">*</i></p><aside style="display:none" id="n-7">{}</aside>',
        '<div class="slides"><section class="future" hidden aria-hidden="true">{}</section></div>',
        '<div class="feedback correct" style="display:none">{}</div>',
        '<div class=outer style="--footer-display: none; --bar-display: none">{}</div>',
        "<a onclick=\"show('p10')\">Proof</a><div id=p10 style='visibility:hidden'>{}</div>",
    ],
)
def test_keeps_what_a_control_of_the_page_opens(inner: str) -> None:
    assert PROOF in page(inner.format(f"<p>{PROOF}</p>"))


@pytest.mark.parametrize(
    "inner",
    [
        "<button aria-controls=m1>M</button><div id=m1 hidden><a href=/a>All articles of this very site.</a></div>",
        '<a href="#m2">Sign in</a><div id=m2 class=modal style="display:none"><p>Enter here. {}</p></div>',
        '<a href="#m3">Share</a><div id=m3 style="display:none">Copy the link</div>',
        '<div id=m4 style="display:none">{}</div>',
        '<b data-opens="gallery-1">6 pictures</b><div id="gallery-1" hidden>{}</div>',
        '<button>Join</button><div class="fixed inset-0" style="display:none">{}</div>',
        '<div x-show="open" class="main-dropdown-menu" style="display:none">{}</div>',
        '<h2 class="topic-title">Series</h2><div style="display:none">{}</div>',
        '<a href="/user/1" aria-expanded=false>Ann</a><div style="display:none">{}</div>',
        '<a href="/answers">Show all answers</a><div style="display:none">{}</div>',
        "<p>This shows how it is.</p><div style='display:none'>{}</div>",
        "<button>Sign in</button><dialog class=login>{}</dialog>",
        '<div class="carousel-item" aria-hidden=true><span>Sponsored by: us</span><p>{}</p></div>',
    ],
)
def test_leaves_out_menus_dialogs_and_what_nothing_opens(inner: str) -> None:
    hidden = "Enter your name and your word so that we know that it is you who writes."
    text = page(inner.format(hidden))
    assert not any(words in text for words in (hidden, "All articles", "Copy the link"))


def test_a_page_that_says_nothing_else_shows_its_overlay() -> None:
    frame = '<html><body><main><div class="news-overlay" aria-hidden="true">{}</div><p>12 FPS</p></main></body></html>'
    assert "series and about" in extract(frame.format(WORDS * 3)).text
    beside = (
        f"<html><body><main>{WORDS * 3}<div class=overlay aria-hidden=true><p>{PROOF}</p></div></main></body></html>"
    )
    assert PROOF not in extract(beside).text


def test_keeps_the_article_in_a_noscript_and_drops_the_notice() -> None:
    shell = "<html><body><div id=root>Loading the page.</div><noscript>{}</noscript></body></html>"
    assert "series and about" in extract(shell.format(WORDS * 3)).text
    notice = "You need to enable JavaScript to run this app."
    assert notice not in extract(f"<html><body>{WORDS * 3}<noscript>{notice}</noscript></body></html>").text


ARTICLE = f"<h1>Series</h1>{WORDS * 3}"


def angular(data: str) -> str:
    """JSON as Angular writes it into a page."""
    signs = {"&": "&a;", '"': "&q;", "'": "&s;", "<": "&l;", ">": "&g;"}
    return "".join(signs.get(sign, sign) for sign in data)


LONG = f"{PROOF} And this is all that there is to say. \n\n" + "More words are said about it in the text. " * 6


@pytest.mark.parametrize(
    "script",
    [
        '<script id="__NEXT_DATA__" type="application/json">' + json.dumps({"props": {"body": ARTICLE + PROOF}}),
        '<script id="__NEXT_DATA__" type="application/json">' + json.dumps({"props": {"markdown": LONG}}),
        '<script type="application/json" id="__NUXT_DATA__">' + json.dumps([{"a": 1}, ARTICLE + PROOF]),
        "<script>window.__NUXT__={data:[{post:{body:" + json.dumps(ARTICLE + PROOF) + "}}]}",
        "<script>window.__INITIAL_STATE__ = " + json.dumps({"post": {"content": ARTICLE + PROOF}}) + ";",
        '<script type="application/ld+json">' + json.dumps({"@type": "Article", "articleBody": LONG}),
        '<script type="application/ld+json">' + json.dumps({"@type": "QAPage", "acceptedAnswer": {"text": LONG}}),
        "<script>window.__remixContext = " + json.dumps({"loaderData": {"post": ARTICLE + PROOF}}) + ";",
        "<script>self.__next_f.push(" + json.dumps([1, "5:" + json.dumps([{"html": ARTICLE + PROOF}])]) + ")",
        '<script type="application/json">' + json.dumps({"body": json.dumps({"html": ARTICLE + PROOF})}),
        '<script type="application/json" id="app-state">' + angular(json.dumps({"body": ARTICLE + PROOF})),
        '<script type="fastboot/shoebox">' + json.dumps({"body": ARTICLE + PROOF}),
        f'<div data-page="{html.escape(json.dumps({"props": {"body": ARTICLE + PROOF}}))}"></div><script>',
        f'<script type="text/markdown"># Series\n\n{LONG}',
        f'<script type="text/template">{ARTICLE}<p>{PROOF}</p>',
        f"<section data-markdown><textarea data-template>## Series\n\n{LONG}</textarea></section><script>",
        f"<textarea id=source># Series\n\n{LONG}</textarea><script src=remark.js>",
        f"<section data-markdown><textarea data-template>\n## Series\n{LONG}\n---\n{LONG}</textarea></section><script>",
        f'<div class=markdown data-content="{LONG}"></div><script>',
        "<script>var article = " + json.dumps({"content": ARTICLE + PROOF}) + "; draw(article)",
        f"<xmp theme=united style='display:none'># Series\n\n{LONG}</xmp><script src=strapdown.js>",
    ],
)
def test_reads_the_article_that_only_a_script_holds(script: str) -> None:
    text = extract(f"<html><body><div id=app></div>{script}</script></body></html>").text
    assert PROOF in text


def test_an_empty_page_may_hold_a_short_article() -> None:
    short = f"<p>{PROOF}</p>"
    data = '<script id="__NEXT_DATA__" type="application/json">' + json.dumps({"props": {"post": {"content": short}}})
    assert extract(f"<html><body><div id=app></div>{data}</script></body></html>").text == PROOF
    drawn = "<p>These are words that the page shows to every reader. They say more than one thing.</p>"
    assert PROOF not in extract(f"<html><body>{drawn * 4}{data}</script></body></html>").text


def test_a_template_with_variables_is_no_text() -> None:
    template = f'<script type="text/template"><p>{PROOF} And {{{{more}}}} of it. {LONG}</p></script>'
    assert PROOF not in extract(f"<html><body><div id=app></div>{template}</body></html>").text


@pytest.mark.parametrize(
    "element",
    ["dialog", "nav", "object", "menu"],
)
def test_a_sentence_with_a_formula_stays_in_elements_that_are_no_text(element: str) -> None:
    written = page(f"<{element}>{FORMULA}</{element}>".replace("<math><mi>x</mi><mo>&gt;</mo><mn>1</mn></math>", TEX))
    assert "makes the series" in written
    notice = "Enable it here, or write to the people who know it."
    assert notice not in page(f"<{element}>{notice}</{element}>")


def test_an_element_of_an_unknown_name_is_left_out_by_its_role_on_every_machine() -> None:
    unknown = f"<x-a></x-a><x-b></x-b><x-bar role=navigation>{FORMULA}</x-bar>"
    assert "makes the series" not in page(unknown + f"<p>{FORMULA.replace('makes', 'lets')}</p>")


def test_a_button_that_says_a_formula_is_a_choice() -> None:
    assert "$x>1$" in page("<p>Choose one.</p><button><math><mi>x</mi><mo>&gt;</mo><mn>1</mn></math></button>")
    assert "Submit" not in page("<p>Choose one.</p><button>Submit</button>")


def test_pieces_of_a_program_are_no_article() -> None:
    program = "<script>var menu = " + json.dumps("<div class=menu>" + "<p>Open</p>" * 80 + "</div>") + "</script>"
    assert "Open" not in extract(f"<html><body><div id=app></div>{program}</body></html>").text


def test_a_drawn_page_is_not_read_from_its_data() -> None:
    data = '<script type="application/json" data-page>' + json.dumps({"content": "<p>" + PROOF * 30 + "</p>"})
    assert PROOF not in extract(f"<html><body><main>{WORDS * 4}</main>{data}</script></body></html>").text


def test_scripts_of_the_head_do_not_count_against_the_text() -> None:
    head = "<head><script>" + "x = 1;" * 500 + "</script></head>"
    data = '<script type="application/ld+json">' + json.dumps({"articleBody": LONG}) + "</script>"
    assert PROOF not in extract(f"<html>{head}<body><main>{WORDS * 2}</main>{data}</body></html>").text


def test_data_without_ends_takes_linear_time() -> None:
    page_ = b'<html><body><script type="application/json">' + b'"\\"' * 200_000 + b"\\"
    extract(page_ + b"</script>" + b"<script" * 20_000)
