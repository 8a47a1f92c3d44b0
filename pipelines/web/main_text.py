"""Which part of a page is its text: the element that holds it, and what inside is furniture.

A page that says where its text is (`main`, `role="main"`, one `article`, the containers of MediaWiki, Doxygen, Sphinx,
WordPress, forums) is believed if that element holds enough of the words; otherwise the whole body is read. Inside,
elements go whose tag, role, class or id names furniture. Names were collected from the selectors of
keirp/OpenWebMath (text_extraction/text_extract/banned_selectors.txt), Resiliparse's main-content rules
(html2text.pyx) and the templates of the generators in tests/benchmarks/web_quality.py.
"""

import re
from functools import lru_cache
from typing import Any, NamedTuple

from lxml import etree

from pipelines.web.formulas import OPEN

DROPPED_TAGS = frozenset(
    "script style noscript template nav button select option datalist iframe object embed applet canvas svg audio video "
    "map area input textarea dialog menu head link meta title base param source track progress meter frameset noframes".split()
)
_ROLES = frozenset(
    "navigation banner contentinfo search complementary menu menubar dialog alertdialog toolbar tablist".split()
)

_TOKENS = frozenset(
    """
    nav navbar navigation navigate menu submenu menubar sidebar sidebars side-bar aside breadcrumb breadcrumbs bcrumb crumbs
    footer site-footer page-footer pagefooter foot header-bar topbar top-bar toplinks masthead site-header global-header
    site-navigation main-nav nav-menu navfooter navheader navigation-footer navigation-header chlinktop chlinktoptop chlinkbot
    chlinkprevnexttop chlinkprevnextbot chapsects chlinks pcenterbar nodebar navpath navtab navrow1 navrow2 navrow3 navrow4 tabs tabs2 tabs3
    tablist summary headertitlebar titlearea-nav mselectsearchwindow msearchbox msearchresultswindow nav-path side-nav doc-content-nav dynheader
    headerlink permalink hash-link anchorjs-link anchor-link heading-anchor header-anchor viewcode-link viewcode-back viewcode-block copybtn copy-button
    editsection mw-editsection mw-editsection-like editlink edit-link edit-this-page edit-page mw-jump-link mw-jump
    jump-to-nav navbox navbox-styles vertical-navbox catlinks mw-hidden-catlinks printfooter mw-indicators sitesub contentsub contentsub2 noprint
    siteNotice sitenotice mw-navigation mw-head mw-panel mw-data-after-content toc toctitle tocright table-of-contents tableofcontents tocwrapper toc-container
    sidebartoc localtoc globaltoc contents-local sphinxsidebar sphinxsidebarwrapper bd-sidebar bd-toc bd-header bd-footer prev-next-area prev-next-footer prev-next
    related relations relatedposts related-posts related-links related-articles similar-posts similarthreads similarposts
    similar_threads you-may-like recommended recommendations read-next more-posts post-navigation nav-links nav-previous nav-next pagination
    pager page-links paginator pagenav pagenavcontainer rst-footer-buttons rst-versions wy-nav-side wy-breadcrumbs wy-nav-top
    share sharing sharedaddy share-buttons social social-links social-share socialbuttons social-media addthis addtoany jp-relatedposts likes likes-widget
    cookie cookies cookie-banner cookie-notice cookie-consent cookieconsent cookie-law-info-bar consent gdpr onetrust-banner-sdk
    onetrust-consent-sdk cc-window cc-banner banner banner-top popup pop-up modal overlay flyout lightbox newsletter subscribe subscription signup
    sign-up login loginform login-form register ad ads advert advertisement adsbygoogle ad-container sponsored sponsor promo promotion
    copyright creativecommons license-footer legal disclaimer site-info byline-share comment-form commentform comment-respond respond
    reply-form comment-actions comments-link js-add-link vote votes votecell vote-count-post post-menu js-post-menu js-voting-container post-signature
    user-info user-details user-gravatar32 post-author userinfo user_pic_popup postprofile signature signaturecontainer
    js-zone-container bottom-notice js-bottom-notice hot-network-questions sidebar-linked sidebar-related s-sidebarwidget threadtools
    posthead post-header-meta qa-voting-container qa-q-view-who skip-link skip-links skiplink skipnav screen-reader-text screen-reader-only
    sr-only visually-hidden visuallyhidden u-sronly dropdown dropdown-menu dropdown-content search searchbox search-form searchform search-box quicksearch site-search
    tooltip loading-indicator spinner d-none hidden-print wp-widget widget widget-area widget_archive widget_categories
    widget_recent_entries widget_tag_cloud tagcloud tag-cloud post-tags entry-meta-tags reflist references-small mw-references-wrap references
    back-to-top backtotop scroll-top go-top print-link pdf-link edit-buttons action-buttons toolbar btn-toolbar code-toolbar-buttons toolbar-item
    ltx_page_footer ltx_page_header ltx_page_navbar ltx_toc arxiv-vanity-nav linenos lineno gutter line-numbers rouge-gutter linenodiv lnt docsearch theme-switch version-switcher versions version-selector
    """.lower().split()
)
_UNLESS_MAIN = re.compile(r"content|article|main|body|post-text|entry|wrapper|container|layout|page\b|has-|with-|no-")
_PARTS = re.compile(
    r"(?:^|[\s_-])(?:cookie(?:s|bar|banner|notice)?|gdpr|breadcrumbs?|sharethis|addthis|newsletter|advertisement|navbar|navmenu|"
    r"mainmenu|topnav|subnav|sitemenu|sidenav|prevnext|sidebar|skip-?to|footer|social-?(?:icons?|media|share|links)|"
    r"promo|upsell|paywall|outbrain|taboola|disqus-?thread|wp-?share|feedback-form|rating-form)(?:$|[\s_-])",
)
LINE_NUMBERS = frozenset({"linenos", "lineno", "gutter", "line-numbers", "rouge-gutter", "linenodiv", "lnt", "blob-num"})
INLINE_TAGS = frozenset(
    "a span em strong b i u s q cite small big sub sup code tt kbd samp var font abbr label ins del mark dfn".split()
)
_KEPT_TAGS = frozenset({"body", "html", "main", "article", "pre", "code", "math", "h1", "h2"})
_NEVER_BY_CLASS = frozenset({"td", "th", "tr", "tbody", "em", "strong", "b", "i", "sub", "sup", "p", "blockquote"})
_HIDDEN = re.compile(r"display\s{0,4}:\s{0,4}none|visibility\s{0,4}:\s{0,4}hidden", re.IGNORECASE)

_NAMED = (
    "mw-content-text", "mw-parser-output", "bodycontent", "main-content", "maincontent", "main_content", "article-body",
    "article-content", "article_body", "articlebody", "post-body", "post-content", "post_content", "postcontent",
    "entry-content", "entry", "blog-post", "story-body", "markdown-body", "theme-doc-markdown", "page-content",
    "page_content", "document", "documentwrapper", "contents", "content", "ltx_page_content", "main", "questions",
    "content-body", "contentbody", "single-content", "td-post-content", "node-content", "wiki-content", "section-content",
)  # fmt: skip
_RANK = {name: rank for rank, name in enumerate(_NAMED)}
_CANDIDATES = etree.XPath(
    "//*[self::main or self::article or @role='main' or @itemprop='articleBody' or @itemprop='mainContentOfPage' or "
    "((self::div or self::section or self::td) and (@id or @class))]"
)
_CONTENT_ROLES = frozenset({"main", "article"})


class Choice(NamedTuple):
    """The element that holds the text, and whether the page itself named it (`sure`) or it is a fallback."""

    element: Any
    sure: bool


@lru_cache(maxsize=20_000)
def names_furniture(names: str) -> bool:
    """Whether a class and id attribute, joined and in lower case, name something that is not text."""
    tokens = names.split()
    if not any(token in _TOKENS for token in tokens) and not _PARTS.search(names):
        return False
    rest = [token for token in tokens if token not in _TOKENS]
    return (
        not any(_UNLESS_MAIN.search(token) and not _PARTS.search(token) for token in rest)
        or len(rest) < len(tokens) - 1
    )


def is_furniture(element: Any, tag: str) -> bool:
    """Whether `element` and all below it is left out of the text."""
    if tag in DROPPED_TAGS:
        return True
    names = element.keys()
    if not names or tag in _KEPT_TAGS:
        return False
    get = element.get
    if tag in INLINE_TAGS:
        classes = get("class")
        if classes is not None and names_furniture(classes.lower()):
            return True
        return "style" in names and _HIDDEN.search(get("style")) is not None
    if "style" in names and _HIDDEN.search(get("style")):
        return True
    if "hidden" in names and get("hidden") != "until-found":
        return True
    if "aria-hidden" in names and get("aria-hidden") == "true" and OPEN not in "".join(element.itertext()):
        return True
    if "role" in names and get("role").lower() in _ROLES:
        return True
    classes, identifier = get("class"), get("id")
    if tag in _NEVER_BY_CLASS:
        return classes is not None and tag == "td" and not LINE_NUMBERS.isdisjoint(classes.split())
    if classes is None:
        return identifier is not None and names_furniture(identifier.lower())
    return names_furniture(classes.lower() if identifier is None else f"{classes} {identifier}".lower())


_LENGTH = etree.XPath("string-length(string(.))")


def _words(element: Any) -> int:
    """Characters of text below `element`, white space included: good enough to compare two elements."""
    return int(_LENGTH(element))


@lru_cache(maxsize=20_000)
def _rank(names: str) -> int | None:
    """The best rank of the names in an id and class attribute; None if none is known."""
    ranks = [_RANK[token] for token in names.lower().split() if token in _RANK]
    return min(ranks) if ranks else None


def choose(root: Any) -> Choice:
    """The element that holds the page's text."""
    body = root.find("body") if root.tag == "html" else root
    if body is None:
        body = root
    mains: list[Any] = []
    articles: list[Any] = []
    named: list[tuple[int, Any]] = []
    for element in _CANDIDATES(body):
        tag = element.tag
        get = element.attrib.get
        if tag == "main" or get("role") == "main" or get("itemprop") in {"articleBody", "mainContentOfPage"}:
            mains.append(element)
        elif tag == "article":
            articles.append(element)
        else:
            rank = _rank(f"{get('id') or ''} {get('class') or ''}")
            if rank is not None:
                named.append((rank, element))
    if not (mains or articles or named):
        return Choice(body, False)
    total = _words(body)
    for element in mains:
        if _enough(element, total, 0.25):
            return Choice(element, True)
    if len(articles) == 1 and _enough(articles[0], total, 0.4):
        return Choice(articles[0], True)
    for _, element in sorted(named, key=lambda pair: pair[0]):
        if _enough(element, total, 0.5):
            return Choice(element, True)
    return Choice(body, False)


def _enough(element: Any, total: int, share: float) -> bool:
    words = _words(element)
    return words >= 100 and words >= share * total
