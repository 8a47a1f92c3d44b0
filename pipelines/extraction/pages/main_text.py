"""Which part of a page is its text: the element that holds it, and what inside is furniture.

A page that says where its text is (`main`, `role="main"`, one `article`, the containers of MediaWiki, Doxygen,
    Sphinx,
WordPress, forums) is believed if that element holds enough of the words; otherwise the whole body is read. Inside,
elements go whose tag, role, class or id names furniture. Names were collected from the selectors of
keirp/OpenWebMath (text_extraction/text_extract/banned_selectors.txt), Resiliparse's main-content rules
(html2text.pyx) and the templates of the generators in tests/benchmarks/web_generators.py.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.html.build_kernel import END, NO_LINK, STATE, TAG
from pipelines.extraction.html.names import NUMBER, TAGS
from pipelines.extraction.html.rows import kinds, rows_of
from pipelines.extraction.html.signatures import NamingWords, asked, signatures, spread
from pipelines.extraction.html.tree import Node, Tree
from pipelines.extraction.pages.block_kernel import FURNITURE, UNMARKED
from pipelines.extraction.pages.code_kernel import LINE_NUMBERS as LINES_OF_CODE
from pipelines.extraction.pages.kept_sentences import holds_mark, keep_sentences
from pipelines.extraction.pages.side_matter import ANYWHERE, AT_EDGE, AT_END, TEXT_AT_EDGE, is_beside, leave_out

DROPPED_TAGS = frozenset(
    ["script", "style", "noscript", "template", "nav", "button", "select", "option", "datalist", "iframe",
    "object", "embed", "applet", "canvas", "svg", "audio", "video", "map", "area", "input", "textarea",
    "dialog", "menu", "head", "link", "meta", "title", "base", "param", "source", "track", "progress", "meter",
    "frameset", "noframes"]
)  # fmt: skip
_ROLES = frozenset(
    ["navigation", "banner", "contentinfo", "search", "complementary", "menu", "menubar", "dialog",
    "alertdialog", "toolbar", "tablist"]
)  # fmt: skip

_TOKENS = frozenset(
    """
    action-buttons ad ad-container addthis addtoany ads adsbygoogle advert advertisement anchor-link
    anchorjs-link arxiv-vanity-nav aside back-to-top backtotop banner banner-top bcrumb bottomnav bd-footer bd-header
    bd-sidebar bd-toc bottom-notice breadcrumb breadcrumbs btn btn-toolbar button byline-share catlinks cc-banner
    cc-window chapsects chlinkbot chlinkprevnextbot chlinkprevnexttop chlinks chlinktop chlinktoptop
    code-toolbar-buttons comment-actions comment-form comment-reply-link
    comment-respond commentform comments-link consent
    contents-local contentsub contentsub2 cookie cookie-banner cookie-consent cookie-law-info-bar
    cookie-notice cookieconsent cookies copy-button copybtn copyright creativecommons crumbs
    disclaimer doc-content-nav docsearch dropdown dropdown-content dropdown-menu dynheader edit-buttons
    edit-link edit-page edit-this-page elementor-button editlink editsection entry-meta-tags flyout foot footer gdpr
    global-header globaltoc go-top gutter hash-link header-anchor header-bar headerlink headertitlebar herobox
    heading-anchor hidden-print hot-network-questions jp-relatedposts js-add-link js-bottom-notice
    js-post-menu js-voting-container js-zone-container jump-to-nav legal license-footer lightbox likes
    likes-widget line-numbers lineno linenodiv linenos lnt loading-indicator localtoc login login-form
    loginform ltx_page_footer ltx_page_header ltx_page_navbar ltx_toc main-nav masthead menu menubar modal
    more-posts msearchbox msearchresultswindow mselectsearchwindow mw-data-after-content mw-editsection
    mw-editsection-like mw-head mw-hidden-catlinks mw-indicators mw-jump mw-jump-link mw-navigation mw-panel
    mw-references-wrap nav nav-links nav-menu nav-next nav-path nav-previous navbar navbox navbox-styles
    navfooter navheader navigate navlist navsetbottom navsettop navigation navigation-footer
    navigation-header navpath navrow1 navrow2
    navrow3 navrow4 navtab newsletter nodebar noprint onetrust-banner-sdk onetrust-consent-sdk overlay
    page-footer page-links pagefooter pagenav pagenavcontainer pager pagination paginator pcenterbar
    pdf-link permalink pop-up popup post-author post-header-meta post-menu post-navigation post-signature
    post-tags posthead postprofile prev-next prev-next-area prev-next-footer print-link printfooter promo
    promotion qa-q-view-who qa-voting-container quicksearch read-next recommendations recommended references
    references-small reflist register related related-articles related-links related-posts relatedposts
    relations reply-form respond rouge-gutter rst-footer-buttons rst-versions s-sidebarwidget
    screen-reader-only screen-reader-text scroll-top search search-box search-form searchbox searchform
    share share-buttons sharedaddy sharing side-bar side-nav sidebar sidebar-linked sidebar-related sidebars
    sidebartoc sign-up signaturecontainer signup similar-posts similar_threads similarposts
    similarthreads site-footer site-header site-info site-navigation site-search sitenotice sitesub
    skip-link skip-links skiplink skipnav social social-links social-media social-share socialbuttons
    sphinxsidebar sphinxsidebarwrapper spinner sponsor sponsored sr-only submenu subscribe subnavlist subscription
    table-of-contents tableofcontents tablist tabs tabs2 tabs3 tag-cloud tagcloud theme-switch
    threadtools titlearea-nav toc toc-container tocright tocset toctitle tocview tocwrapper toolbar toolbar-item tooltip
    top-bar topbar toplinks u-sronly user-details user-gravatar32 user-info user_pic_popup userinfo
    version-selector version-switcher versions vertical-navbox viewcode-back viewcode-block viewcode-link
    visually-hidden visuallyhidden vote vote-count-post votecell votes widget widget-area widget_archive
    widget_categories widget_recent_entries widget_tag_cloud wp-widget wy-breadcrumbs wy-nav-side wy-nav-top
    you-may-like
    """.lower().split()
)
_UNLESS_MAIN = re.compile(
    r"content|article|main|body|post-text|entry|wrapper|container|layout|page\b|has-|with-|no-|^blog\d?$|"
    r"^(?:admonition|callout|theorem|lemma|proof|definition|example|exercise|solution|remark)$"
)
_PARTS = re.compile(
    r"(?:^|[\s_-])(?:cookie(?:s|bar|banner|notice)?|gdpr|breadcrumbs?|sharethis|addthis|newsletter|advertisement|navbar|navmenu|"
    r"mainmenu|topnav|subnav|sitemenu|sidenav|prevnext|sidebar|skip-?to|footer|social-?(?:icons?|media|share|links)|"
    r"promo|upsell|outbrain|taboola|disqus-?thread|wp-?share|feedback-form|rating-form)(?:$|[\s_-])|"
    r"^signature sig\d",
)
_CELLS = frozenset({"votecell", "comment-actions", "comment-score"})
"""Cells that hold no text: the votes of Stack Exchange's older template."""
LINE_NUMBERS = frozenset(
    {"linenos", "lineno", "gutter", "line-numbers", "rouge-gutter", "linenodiv", "lnt", "blob-num"}
)  # fmt: skip
INLINE_TAGS = frozenset(
    ["a", "span", "em", "strong", "b", "i", "u", "s", "q", "cite", "small", "big", "sub", "sup", "code", "tt",
    "kbd", "samp", "var", "font", "abbr", "label", "ins", "del", "mark", "dfn"]
)  # fmt: skip
_KEPT_TAGS = frozenset({"body", "html", "main", "article", "pre", "code", "math", "h1", "h2"})
_NEVER_BY_CLASS = frozenset({"td", "th", "tr", "tbody", "em", "strong", "b", "i", "sub", "sup", "p", "blockquote"})
_NOT_SHOWN = re.compile(r"(?:^|\s)d-none(?:$|\s)")
_SHOWN_IF_WIDE = re.compile(r"(?:^|\s)d-(?:sm|md|lg|xl|xxl)-(?!none)")
"""Bootstrap's classes: not displayed, but displayed on wide screens."""
_HIDDEN = re.compile(r"display\s{0,4}:\s{0,4}none", re.IGNORECASE)
_UNMARKED = re.compile(r"list-style(?:-type)?\s{0,4}:\s{0,4}none", re.IGNORECASE)
"""LaTeXML labels the items of a list itself."""
_UNSEEN = re.compile(r"visibility\s{0,4}:\s{0,4}hidden", re.IGNORECASE)

_NAMED = (
    "mw-content-text", "mw-parser-output", "bodycontent", "main-content", "maincontent", "main_content",
    "article-body",
    "article-content", "article_body", "articlebody", "post-body", "post-content", "post_content", "postcontent",
    "entry-content", "entry", "blog-post", "story-body", "markdown-body", "theme-doc-markdown", "page-content",
    "page_content", "document", "documentwrapper", "contents", "content", "ltx_page_content", "main", "questions",
    "content-body", "contentbody", "single-content", "td-post-content", "node-content", "wiki-content",
    "section-content",
)  # fmt: skip
_RANK = {name: rank for rank, name in enumerate(_NAMED)}
_NAMED_TAGS = frozenset({"div", "section", "td"})
_CONTAINERS = ("main", "article", "div", "section", "td", "body", "form", "center")
_MAX_JUDGED = 40
_LONGEST_KEY = 1_000
_EDGE_BEFORE, _EDGE_BEHIND = r"(?:^|[\s_-])(?:", r")(?:$|[\s_-])"
_BODY, _FOOTER, _LINK = (NUMBER[name] for name in ("body", "footer", "a"))
_QUOTING, _NONE = kinds("footer", "blockquote", "figure"), kinds()


_FURNITURE, _LINE_NUMBERS, _MAIN, _ARTICLE = FURNITURE, LINES_OF_CODE, 4, 8
_BY_NAME, _BY_SIGHT = 1 << 30, 1 << 29
"""Set beside `_FURNITURE` where nothing but a class or an id says so, or nothing but that it cannot be seen."""
_PARDONABLE = _BY_NAME | _BY_SIGHT
_BESIDE = 1 << 28
"""Set where a weaker name says so: it goes if it holds nothing that is surely text (see `side_matter`)."""
CLOSED = 1 << 26
"""Set where an element is furniture only because it is not displayed before a reader opens it."""
_FLAGS = _PARDONABLE | _BESIDE | UNMARKED | CLOSED
_OPENED = re.compile(
    r"(?:^|[\s_-])(?:solutions?|proofs?|answers?|hints?|spoilers?|tab-?pane|tab-?panel|tab-?content|accordion|"
    r"collapsible|details|exercise|example|remark)(?:$|[\s_-])"
)
"""Names of what a reader opens with one click: solutions, hints, panels of tabs."""
_STEMS_OF_OPENED = (
    "solution", "proof", "answer", "hint", "spoiler", "tab-p", "tabp", "tab-c", "tabc", "accordion", "collapsible",
    "details", "exercise", "example", "remark",
)  # fmt: skip
"""Letters of which every such name holds one."""
_RANK_SHIFT = 4
"""Verdicts are bits; above them stands one more than the rank among `_NAMED`, 0 for none."""
_MOST_REMEMBERED = 200_000
_ASKED = asked(INLINE_TAGS, DROPPED_TAGS | {"footer"})
_PLAIN_VERDICTS = np.array(
    [
        _FURNITURE if name in DROPPED_TAGS else {"main": _MAIN, "article": _ARTICLE, "aside": _BESIDE}.get(name, 0)
        for name in (*TAGS, "")
    ],
    np.int32,
)
"""The verdict on an element without attributes."""
_remembered: dict[bytes, int] = {}


def _stems(pattern: str) -> Iterator[str]:
    """The letters that each of the alternatives in `pattern` begins with, without one that may be missing."""
    words, _, others = pattern.removeprefix(_EDGE_BEFORE).partition(_EDGE_BEHIND)
    alternatives = re.split(r"\|(?![^(]*\))", words)
    alternatives += [other.removeprefix("^") for other in others.split("|") if other]
    for alternative in alternatives:
        begin = re.match(r"([a-z]{2,}?)(?:[a-z]\?|(?![a-z]))", alternative)
        if begin is None:
            raise ValueError(f"expected words that begin with two letters, found {alternative!r}")
        yield begin.group(1)


def _words() -> NamingWords:
    """What a class or an id must hold for its element to be judged by it; see `signatures`."""
    names = [f" {name} ".encode() for name in {*_TOKENS, *_NAMED, *LINE_NUMBERS, *_CELLS, "d-none"}]
    edged = (*_stems(_PARTS.pattern), *AT_EDGE, *AT_END, *TEXT_AT_EDGE)
    names += [f"{edge}{stem}".encode() for stem in edged for edge in " -_"]
    names += [stem.encode() for stem in (*ANYWHERE, *_STEMS_OF_OPENED)]
    return NamingWords(names, (b"none", b"hidden"))


_WORDS = _words()


class Choice(NamedTuple):
    """The row of the element that holds the text, and whether the page itself named it (`sure`) or it is a fallback."""

    row: int
    sure: bool


@lru_cache(maxsize=20_000)
def names_furniture(names: str) -> bool:
    """Whether a class and id attribute, joined and in lower case, name something that is not text."""
    if "d-none" in names and _NOT_SHOWN.search(names) and not _SHOWN_IF_WIDE.search(names):
        return True
    tokens = names.split()
    if _TOKENS.isdisjoint(tokens) and not _PARTS.search(names):
        return False
    rest = [token for token in tokens if token not in _TOKENS]
    return (
        not any(_UNLESS_MAIN.search(token) and not _PARTS.search(token) for token in rest)
        or len(rest) < len(tokens) - 1
    )


def _opens(values: Mapping[str, str]) -> bool:
    """Whether an element that is not displayed names itself as what a reader opens."""
    if values.get("role") == "tabpanel":
        return True
    return _OPENED.search(f"{values.get('class', '')} {values.get('id', '')}".lower()) is not None


def _furniture(tag: str, values: Mapping[str, str]) -> int:
    """Whether an element and all below it is left out of the text, and why, as bits; `values` are its attributes."""
    if tag in DROPPED_TAGS:
        return _FURNITURE
    if not values or tag in _KEPT_TAGS:
        return 0
    get = values.get
    style = get("style")
    if style is not None and _HIDDEN.search(style):
        return _FURNITURE | CLOSED if not _opens(values) else 0
    classes = get("class")
    if tag in INLINE_TAGS:
        return _FURNITURE | _BY_NAME if classes is not None and names_furniture(classes.lower()) else 0
    if get("role", "").lower() in _ROLES:
        return _FURNITURE
    if get("hidden", "until-found") != "until-found" or get("aria-hidden") == "true":
        return _FURNITURE | CLOSED if not _opens(values) else 0
    identifier = get("id")
    if tag == "section" or (classes is not None and classes.startswith(("section", "level"))):
        # Generators make the id of a section from its heading: "signature" or "search" is then a subject.
        identifier = None
    if tag in _NEVER_BY_CLASS:
        named = classes is not None and tag == "td" and not (LINE_NUMBERS | _CELLS).isdisjoint(classes.split())
    elif classes is None:
        named = identifier is not None and names_furniture(identifier.lower())
    else:
        named = names_furniture(classes.lower() if identifier is None else f"{classes} {identifier}".lower())
    return _FURNITURE | _BY_NAME if named else 0


@lru_cache(maxsize=20_000)
def _rank(names: str) -> int | None:
    """The best rank of the names in an id and class attribute; None if none is known."""
    ranks = [_RANK[token] for token in names.lower().split() if token in _RANK]
    return min(ranks) if ranks else None


def _verdict(tag: str, values: Mapping[str, str]) -> int:
    """What its name and its naming attributes say about an element, as bits."""
    verdict = _furniture(tag, values)
    get = values.get
    if not verdict and tag not in _KEPT_TAGS and _UNSEEN.search(get("style", "")):
        verdict = _FURNITURE | _BY_SIGHT | CLOSED if not _opens(values) else 0
    classes = get("class")
    if not verdict and is_beside(tag, classes or "", get("role", "")):
        verdict = _BESIDE
    if classes is not None and tag in {"span", "td"} and not LINE_NUMBERS.isdisjoint(classes.split()):
        verdict |= _LINE_NUMBERS
    if tag == "li" and _UNMARKED.search(get("style", "")):
        verdict |= UNMARKED
    if tag not in _CONTAINERS:
        return verdict
    if tag == "main" or get("role") == "main" or get("itemprop") in {"articleBody", "mainContentOfPage"}:
        return verdict | _MAIN
    if tag == "article":
        return verdict | _ARTICLE
    if tag in _NAMED_TAGS and ("id" in values or classes is not None):
        rank = _rank(f"{get('id', '')} {classes or ''}")
        if rank is not None:
            verdict |= (rank + 1) << _RANK_SHIFT
    return verdict


def _judge_footers(tree: Tree, verdicts: NDArray[np.int32]) -> None:
    """Judge each `footer` by where it stands: one of a quotation or a figure is text, as far as it can be seen."""
    quoted_until = 0
    for row in rows_of(tree, _QUOTING, verdicts):
        if tree.nodes[row, TAG] != _FOOTER:
            quoted_until = max(quoted_until, int(tree.nodes[row, END]))
        elif row >= quoted_until:
            verdicts[row] = _FURNITURE
        else:
            seen = not _UNSEEN.search(Node(tree, row).get("style") or "")
            verdicts[row] = 0 if seen else _FURNITURE | _BY_SIGHT


def judge(tree: Tree) -> NDArray[np.int32]:
    """The verdict on every element of the tree; each kind of start tag is judged once, whatever pages it is on."""
    found = signatures(tree, _ASKED, _WORDS)
    if len(_remembered) > _MOST_REMEMBERED:
        _remembered.clear()
    judged = np.empty(len(found.rows) + 1, np.int32)
    for number, (row, key) in enumerate(zip(found.rows, found.keys, strict=True)):
        verdict = _remembered.get(key)
        if verdict is None:
            verdict = _verdict(Node(tree, row).tag, tree.naming(row))
            if len(key) <= _LONGEST_KEY:
                _remembered[key] = verdict
        judged[number] = verdict
    verdicts = spread(tree, found.of, judged, _PLAIN_VERDICTS)
    _judge_footers(tree, verdicts)
    if holds_mark(tree):
        keep_sentences(tree, verdicts, _PARDONABLE | CLOSED, FURNITURE)
    return verdicts


def pardoned(verdicts: NDArray[np.int32], named: bool = True) -> NDArray[np.int32]:
    """The verdicts without those that rest on a class or an id alone (unless `named` is false) or on being unseen.

    MathJax's own test pages hide a page until it is typeset (npm package mathjax, test/sample-all-at-once.html).
    """
    bits = _PARDONABLE if named else _BY_SIGHT
    return np.where(verdicts & bits, verdicts & ~(_PARDONABLE | _FURNITURE), verdicts)


def without_side_matter(tree: Tree, verdicts: NDArray[np.int32], root: int) -> NDArray[np.int32]:
    """The verdicts by which what stands beside the text in `root` is left out."""
    verdicts = verdicts.copy()
    leave_out(tree, verdicts, tree.lengths(), root, _BESIDE, _FURNITURE)
    return verdicts


def body_of(tree: Tree) -> int:
    """The row of the page's body; 0 if it has none."""
    row = 1
    while row < tree.end:
        if tree.nodes[row, TAG] == _BODY:
            return row
        row = int(tree.nodes[row, END])
    return 0


def choose(tree: Tree, verdicts: NDArray[np.int32]) -> Choice:
    """The element that holds the page's text."""
    body = body_of(tree)
    candidates = rows_of(tree, _NONE, verdicts, ~_FLAGS, _MAIN, body)
    if not candidates:
        return Choice(body, False)
    said: list[int] = verdicts[candidates].tolist()
    mains = [row for row, verdict in zip(candidates, said, strict=True) if verdict & _MAIN]
    articles = [row for row, verdict in zip(candidates, said, strict=True) if verdict & _ARTICLE]
    ranks = [(verdict & ~_FLAGS) >> _RANK_SHIFT for verdict in said]
    named = [(rank, row) for rank, row in zip(ranks, candidates, strict=True) if rank]
    words = tree.lengths()
    total = int(words[body])
    for row in mains[:_MAX_JUDGED]:
        if _enough(words[row], total, 0.05):
            return Choice(row, True)
    if len(articles) == 1 and _enough(words[articles[0]], total, 0.4):
        return Choice(articles[0], True)
    for _, row in sorted(named, key=lambda pair: pair[0])[:_MAX_JUDGED]:
        if _enough(words[row], total, 0.5) and not _is_list_of_links(tree, row, words):
            return Choice(row, True)
    return Choice(body, False)


def _enough(words: int, total: int, share: float) -> bool:
    return bool(words >= 100 and words >= share * total)


def _is_list_of_links(tree: Tree, row: int, words: NDArray[np.int32]) -> bool:
    """Whether most of what an element says is the text of links."""
    inside = slice(row, int(tree.nodes[row, END]))
    links = (tree.nodes[inside, TAG] == _LINK) & (tree.nodes[inside, STATE] & NO_LINK == 0)
    return bool(2 * int(words[inside][links].sum()) > words[row])
