"""The article that a page keeps only in the data of its scripts, for programs that draw it in the browser.

Next.js writes what a page shows as JSON into `<script id="__NEXT_DATA__">` (nextjs.org, "How to use
getServerSideProps"), Nuxt into `__NUXT_DATA__` or an assignment to `window.__NUXT__` (nuxt.com, "Data fetching"),
others into scripts of type `application/json` or `window.__INITIAL_STATE__` (redux.js.org, "Server Rendering"); and
schema.org's `articleBody` is the article's text, its `text` a question's or an answer's. Inertia keeps the data in an
attribute (inertiajs.com, "The protocol"), and so do Discourse (`data-preloaded`) and Astro (`astro-island`), Angular in
a script with signs of its own for quotes and brackets (`TransferState`); templates and Markdown stand in scripts, text
fields and `xmp` that programs draw (reveal.js, remark, Strapdown). Where the page itself was not drawn, the
text is there and nowhere else. Texts are the long string literals of such a script, so that JSON and JavaScript are
read alike; a literal that is JSON itself is read in turn.
"""

import html
import itertools
import json
import re
from bisect import bisect_left
from collections.abc import Iterator

from manifests.records import Rules

_SCRIPT = re.compile(rb"<script([^>]{0,2000})>(.*?)</script", re.DOTALL | re.IGNORECASE)
_IS_DATA = re.compile(rb"application/(?:ld\+)?json|__NEXT_DATA__|__NUXT_DATA__|fastboot/shoebox", re.IGNORECASE)
_STORES = (
    b"__NUXT__", b"__INITIAL_STATE__", b"__PRELOADED_STATE__", b"__APOLLO_STATE__", b"__INITIAL_DATA__",
    b"__remixContext", b"__next_f.push",
)  # fmt: skip
"""Names of the variables that hold a page's data."""
_LINKED_DATA = re.compile(rb"ld\+json", re.IGNORECASE)
_LITERAL = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)(?:"|\\?\Z)', re.DOTALL)
"""A string, or the open one at the end: each character is looked at once."""
_BODY_KEY = re.compile(r'"(?:articleBody|text)"\s{0,9}:\s{0,9}\Z')
_IS_JSON = re.compile(r"\s{0,9}(?:[0-9a-f]{1,4}:)?[\[{]")
_ATTRIBUTE = re.compile(
    rb"<(?:(?:div|section|article|main)[^<>]{0,200}\sdata-(?:page|props|state|content|markdown|md|html|text|preloaded)|"
    rb"astro-island[^<>]{0,500}\sprops)=(\"[^\"]*\"|'[^']*')"
)
_ANGULAR = str.maketrans({"q": '"', "l": "<", "g": ">", "s": "'", "a": "&"})
_ANGULAR_SIGN = re.compile(r"&([qlgsa]);")
_DRAWN = re.compile(
    rb"<(textarea|xmp|script)((?:[^<>]{0,300}\s)?(?:data-template|id=[\"']?source|theme=|type=[\"']?text/"
    rb"(?:markdown|x-markdown|template|html|x-handlebars(?:-template)?|x-template|ng-template))[^<>]{0,200})>",
    re.IGNORECASE,
)
"""What holds a text that a program of the page draws."""
_SLIDE = re.compile(rb"data-template|markdown", re.IGNORECASE)
_SLIDES = b"<section data-markdown"
_VARIABLE = "{{"
"""A template that has some says nothing by itself."""
_MARKDOWN_HEADING = re.compile(r"^(#{1,6}) (.{1,200})$", re.MULTILINE)
_PARAGRAPH = re.compile(rb"<p[\s>]|\\u003cp", re.IGNORECASE)
_TITLE = re.compile(rb"<title[^>]{0,200}>(.{0,2000}?)</title", re.DOTALL | re.IGNORECASE)
_MARKUP = re.compile(r"<(?:p|h[1-6]|div|ul|ol|table|section|article)[\s>]", re.IGNORECASE)
_ENDS = (". ", "? ", "! ", ".\n")
_DUNDERS = (b"__NEXT_DATA__", b"__NUXT_DATA__", *_STORES)
_DUNDER = re.compile(b"__(?:%s)" % b"|".join(re.escape(name[2:]) for name in _DUNDERS))
_SIGNS = (
    re.compile(rb"json[\"'>]"),
    re.compile(rb"text/(?:html|x-|markdown|template|ng-template)"),
    _DUNDER,
    re.compile(rb"<(?:xmp|textarea)"),
    re.compile(rb"shoebox"),
    re.compile(rb"data-(?:page|props|state|content|markdown|md|html|text|preloaded)="),
    re.compile(rb"astro-island"),
)
"""Of these every page with data holds some. Each begins as a word, which is looked for fast."""
FEWEST_OF_EMPTY = 60
"""Characters of HTML in the data of a page that shows nothing at all."""
FEWEST = 200
"""Characters that a text in the data has at least, or all pieces of HTML together, and that a page which was drawn
shows."""
MUCH_MORE, TEASER = 4, 600
"""A page that shows no more than so many characters, and so many times less than its data holds, was not drawn."""
_MOST_SCRIPTS = 200
_DEEPEST = 3
"""JSON in strings of JSON."""


def page_of_data(page: bytes, rules: Rules, empty: bool = False) -> bytes | None:
    """A page of the texts in the data of `page` (UTF-8), in their order; None if there are none.

    If the page is `empty`, paragraphs of HTML in its programs count too. `published` reads long pieces of HTML in
    `__NEXT_DATA__` only.
    """
    empty = empty and rules == "corrected"
    if not empty and not any(sign.search(page) for sign in _SIGNS):
        return None
    stores = [name for name in _STORES if name in page] if _DUNDER.search(page) else []
    pieces: dict[str, None] = {}
    plain: dict[str, None] = {}
    written: dict[str, None] = {}
    end = page.rfind(b"</script") + 1 + len(b"</script")
    for script in itertools.islice(_SCRIPT.finditer(page, 0, end), _MOST_SCRIPTS):
        if rules == "published":
            if b"__NEXT_DATA__" in script[1]:
                pieces.update(
                    (text, None) for text in _literals(script[2]) if len(text) >= FEWEST and _MARKUP.search(text)
                )
        elif _IS_DATA.search(script[1]) or any(name in script[2] for name in stores):
            for text in _literals(script[2], linked=_LINKED_DATA.search(script[1]) is not None):
                (pieces if _MARKUP.search(text) else plain)[text] = None
        elif empty and _PARAGRAPH.search(script[2]):
            written.update((text, None) for text in _literals(script[2]) if _is_article(text))
    if rules == "corrected":
        _read_attribute(page, pieces, plain)
        _read_drawn(page, pieces, plain)
    body = "".join(pieces or written)
    fewest = FEWEST_OF_EMPTY if empty else FEWEST
    if len(body) < fewest and rules == "corrected":
        body = "".join(_paragraphs(text) for text in plain if len(text) >= fewest)
    if len(body) < fewest:
        return None
    title = _TITLE.search(page)
    parts = [body.encode("utf-8", "replace"), b"</article></body></html>"]
    return b"<html><head><title>%s</title></head><body><article>" % (title.group(1) if title else b"") + b"".join(parts)


def _read_attribute(page: bytes, pieces: dict[str, None], plain: dict[str, None]) -> None:
    """Add the texts that stand in an attribute, as data (Inertia) or as they are."""
    if b"data-" not in page and b"astro-island" not in page:
        return
    for found in _ATTRIBUTE.finditer(page):
        data = html.unescape(found.group(1)[1:-1].decode("utf-8", "replace"))
        own = not _IS_JSON.match(data) and sum(map(data.count, _ENDS)) > 1
        for text in (data,) if own else _literals(data.encode("utf-8", "replace")):
            (pieces if _MARKUP.search(text) else plain)[text] = None


def _read_drawn(page: bytes, pieces: dict[str, None], plain: dict[str, None]) -> None:
    """Add the templates and the Markdown that a program of the page draws; slides are short, and one text together."""
    ends: dict[bytes, list[int]] = {}
    place = 0
    slides: list[str] = []
    for found in itertools.islice(_DRAWN.finditer(page), _MOST_SCRIPTS):
        name = found.group(1).lower()
        if name not in ends:
            ends[name] = [end.start() for end in re.finditer(rb"</" + name, page, re.IGNORECASE)]
        behind = bisect_left(ends[name], found.end())
        if found.start() < place or behind == len(ends[name]):
            continue
        place = ends[name][behind]
        text = page[found.end() : place].decode("utf-8", "replace")
        text = html.unescape(text) if name == b"textarea" else text
        if _VARIABLE in text:
            continue
        if not _MARKUP.search(text) and (_SLIDE.search(found.group(2)) or _SLIDES in page):
            slides.append(text)
        elif sum(map(text.count, _ENDS)) > 1:
            (pieces if _MARKUP.search(text) else plain)[text] = None
    plain["\n\n".join(slides)] = None


def _literals(data: bytes, linked: bool = False, depth: int = 0) -> Iterator[str]:
    """The string literals of a script that are pieces of HTML or sentences; of linked data only `articleBody`."""
    script = data.decode("utf-8", "replace")
    if "&q;" in script:
        script = _ANGULAR_SIGN.sub(lambda sign: sign.group(1).translate(_ANGULAR), script)
    for literal in _LITERAL.finditer(script):
        source = literal[1]
        if len(source) < FEWEST and "\\u003c" not in source.lower() and "<" not in source:
            continue
        if linked and not _BODY_KEY.search(script[max(0, literal.start() - 40) : literal.start()]):
            continue
        try:
            text = json.loads(f'"{source}"', strict=False)
        except ValueError:  # an escape that only JavaScript knows, or the open string at the end
            continue
        if '"' in text and depth < _DEEPEST and _IS_JSON.match(text):
            yield from _literals(text.encode("utf-8", "replace"), linked, depth + 1)
        elif _MARKUP.search(text) or sum(map(text.count, _ENDS)) > 1:
            yield text


def _is_article(text: str) -> bool:
    """Whether a string of a program is HTML of paragraphs that say something."""
    return len(text) >= FEWEST and "<p" in text and sum(map(text.count, _ENDS)) > 1


def _paragraphs(text: str) -> str:
    """A text without markup as paragraphs of HTML, and the headings of Markdown as headings."""
    text = _MARKDOWN_HEADING.sub(lambda found: f"\n\n{found[0]}\n\n", text)
    return "".join(map(_paragraph, re.split(r"\n\s*\n", text)))


def _paragraph(part: str) -> str:
    part = part.strip()
    if not part or part == "---":
        return ""
    if heading := _MARKDOWN_HEADING.fullmatch(part):
        rank = len(heading[1])
        return f"<h{rank}>{html.escape(heading[2], quote=False)}</h{rank}>"
    return f"<p>{html.escape(part, quote=False)}</p>"
