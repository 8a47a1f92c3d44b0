"""What stands beside the text of an article: related stories, bylines, share bars, offers to subscribe, asides.

`main_text` knows names that furniture alone has. The names here are weaker: sites use them for what is beside the
text, but a paper calls its authors "author" too, and a theorem may stand in an `aside`. So an element with one of them
goes only if it holds no formula, no code and no main heading, and no more than `MOST` of what the page says. Names
were collected on the half of the marked pages of article-extraction-benchmark, magic-html and readability that
`tests/benchmarks/web_gold.py` calls development; trafilatura's lists (xpaths.py, OVERALL_DISCARD_XPATH) hold most of
them too, without the conditions.
"""

import re
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.html.build_kernel import END, STATE, TAG, TAIL, TAIL_END, TEXT, TEXT_END
from pipelines.extraction.html.kernels import kernel
from pipelines.extraction.html.names import NUMBER
from pipelines.extraction.html.tree import Tree
from pipelines.extraction.html.tree_kernel import EMPTIED, GONE, count_marks, is_link

ANYWHERE = (
    "recommend", "newsletter", "byline", "sponsored", "breadcrumb", "subscribe", "subscription", "outbrain",
    "taboola", "related", "carousel", "trending", "timestamp", "dateline", "donat", "readmore", "readnext", "morefrom",
    "disclosure", "disclaimer", "postmeta", "entrymeta", "offcanvas", "off-canvas", "mobilemenu", "mobile-menu",
    "mobile-nav", "menu-toggle", "nav-menu", "topmenu", "resgallery", "slideshow-nav", "notification-bar", "next-prev",
    "nextprev", "shorturl", "short-url", "comments-btn", "akismet", "syndication", "copyright", "audio-module",
    "topic-map", "topic-timeline", "topic-status", "selected-posts", "filmstrip", "breaking-n", "wp-embed",
    "oembed", "nocomments", "sociable", "taglinks",
)  # fmt: skip
"""Letters that say so wherever they stand in a name."""
AT_EDGE = (
    "share", "sharing", "social", "promo", "cta", "signup", "swiper", "read-more", "read-next", "more-from",
    "entry-meta", "post-meta", "article-meta", "post-info", "article-info", "up-next", "most-read", "most-viewed",
    "most-popular", "also-like", "you-may", "moretext", "comments-title", "respond", "main-menu", "hidden-menu",
    "side-menu", "footer-menu", "menu-item", "page_item", "post-tools", "post-links", "post-stats", "small-action",
    "timeago", "author-bio", "author-box", "author-info", "author-card", "author-name", "author-details", "tag-list",
    "tag-links", "tags-links", "posted-on", "published-on", "post-date", "entry-date",
)  # fmt: skip
"""Words that say so where they stand between blanks, hyphens and underscores."""
AT_END = (
    "author", "authors", "bio", "tags", "taglist", "latest", "popular", "login", "credit", "credits", "follow",
    "player", "rating", "ratings", "likes", "date", "dates",
)  # fmt: skip
"""Words that say so at the end of a name only: `date-posts` of Blogger holds posts."""
_OF_POSTS = re.compile(r"(?:category|tag|author|format|type|status|post_tag)-")
"""WordPress gives each post classes with the names of its categories, tags and author, which may be any word."""
_SOFT = re.compile(
    r"(?<!cor)(?<!un)(?:" + "|".join(ANYWHERE) + ")"  # related is, correlated and unrelated are not
    + r"|(?:^|[_-])(?<!\bno-)(?:(?:" + "|".join(AT_EDGE) + r")(?:$|[_-])|(?:" + "|".join(AT_END) + ")$)"
)  # fmt: skip
_CONTENT = re.compile(r"(?:entry|post|article|story|page|main)[_-]?(?:content|body|text)(?:$|[\s_-])")
"""Names of the text itself, which sites join with others (`entry-content entry-content-read-more`)."""
TEXT_AT_EDGE = (
    "footnote", "footnotes", "endnote", "endnotes", "sidenote", "marginnote", "margin", "note", "notes", "admonition",
    "topic", "example", "exercise", "remark", "hint", "tip", "warning", "caution", "danger", "important", "info",
    "proof", "theorem", "definition", "solution", "callout", "quote", "fn",
)  # fmt: skip
"""Names of asides that are text: notes and hints as PreTeXt, Sphinx, Quarto, Starlight and AsciiDoc set them."""
_TEXT = re.compile(r"(?:^|[\s_-])(?:" + "|".join(TEXT_AT_EDGE) + r")(?:$|[\s_-])")
_FOLDED = re.compile(r"read-?more.*(?:collaps|expand|fold|content|text|body)|(?:collaps|expand|fold).*read-?more")
"""Classes of a text that is cut short until a reader asks for the rest."""
_TEXT_ROLES = frozenset({"note", "doc-footnote", "doc-endnotes", "doc-tip", "doc-example", "main", "article"})
TAGS = frozenset(["div", "section", "ul", "ol", "p", "li", "header", "figure", "table", "form", "aside", "fieldset"])
MOST = 0.3
"""The greatest share of the chosen element's characters that one such element may hold."""
FEWEST_LINKED = 0.1
"""An `aside` with a smaller share of linked text is a note."""
_PRE, _H1, _ASIDE = NUMBER["pre"], NUMBER["h1"], NUMBER["aside"]


@lru_cache(maxsize=20_000)
def is_beside(tag: str, classes: str, role: str) -> bool:
    """Whether an element of this name, these classes and this role stands beside the text.

    An id says nothing: many programs make it from the words of a heading ("secret-sharing", "recommended-methods").
    """
    if tag not in TAGS:
        return False
    classes = classes.lower()
    if tag == "aside":
        return role not in _TEXT_ROLES and not _TEXT.search(classes)
    names = classes.split()
    if "hentry" in names or "post" in names or _CONTENT.search(classes) or _FOLDED.search(classes):
        return False
    return any(_SOFT.search(name) for name in names if not _OF_POSTS.match(name) or name in AT_EDGE)


def leave_out(
    tree: Tree, verdicts: NDArray[np.int32], lengths: NDArray[np.int32], root: int, beside: int, furniture: int
) -> None:
    """Give the elements inside `root` with the verdict `beside` the verdict `furniture` where the conditions hold."""
    end = int(tree.nodes[root, END])
    if (verdicts[root + 1 : end] & beside).any():
        _leave_out(tree.nodes, tree.buffer, verdicts, root, end, int(MOST * lengths[root]), lengths, beside, furniture)


@kernel
def _leave_out(
    nodes: Any, buf: Any, verdicts: Any, root: Any, end: Any, most: Any, lengths: Any, beside: Any, furniture: Any
) -> Any:
    row: Any = root + 1
    while row < end:
        state = nodes[row, STATE]
        if state & GONE:
            row = np.int64(nodes[row, END])
            continue
        if verdicts[row] & beside and not verdicts[row] & furniture and lengths[row] <= most:
            note = nodes[row, TAG] == _ASIDE and _says_more_than_links(nodes, row, lengths)
            if not note and not _holds_text(nodes, buf, row):
                verdicts[row] |= furniture
                row = np.int64(nodes[row, END])
                continue
        row = np.int64(nodes[row, END]) if state & EMPTIED else row + 1


@kernel
def _says_more_than_links(nodes: Any, row: Any, lengths: Any) -> Any:
    linked = 0
    for inside in range(row, np.int64(nodes[row, END])):
        if is_link(nodes, inside) and not nodes[inside, STATE] & GONE:
            linked += lengths[inside]
    return linked < FEWEST_LINKED * lengths[row]


@kernel
def _holds_text(nodes: Any, buf: Any, row: Any) -> Any:
    """Whether an element holds a formula, code or a main heading."""
    last = np.int64(nodes[row, END])
    for inside in range(row, last):
        if nodes[inside, STATE] & GONE:
            continue
        tag = nodes[inside, TAG]
        if tag in (_PRE, _H1):
            return True
        if count_marks(buf, nodes[inside, TEXT], nodes[inside, TEXT_END]) > 0:
            return True
        if inside > row and count_marks(buf, nodes[inside, TAIL], nodes[inside, TAIL_END]) > 0:
            return True
    return False
