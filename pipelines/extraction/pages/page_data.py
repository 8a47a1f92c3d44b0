"""The article that a page keeps only in the data of its scripts, for programs that draw it in the browser.

Next.js writes what a page shows as JSON into `<script id="__NEXT_DATA__">` (nextjs.org, "How to use
getServerSideProps"); where the page itself was not drawn, the text is there and nowhere else.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

_SCRIPT = re.compile(rb"<script[^>]{0,200}\bid=[\"']?__NEXT_DATA__[\"']?[^>]{0,200}>(.*?)</script", re.DOTALL)
_TITLE = re.compile(rb"<title[^>]{0,200}>(.{0,2000}?)</title", re.DOTALL | re.IGNORECASE)
_MARKUP = re.compile(r"<(?:p|h[1-6]|div|ul|ol|table|section|article)[\s>]", re.IGNORECASE)
FEWEST = 200
"""Characters that a text in the data has at least, and that a page which was drawn shows."""


def page_of_data(page: bytes) -> bytes | None:
    """A page of the HTML texts in the data of `page` (UTF-8), in their order; None if there are none."""
    script = _SCRIPT.search(page) if b"__NEXT_DATA__" in page else None
    if script is None:
        return None
    try:
        data = json.loads(script.group(1))
    except (ValueError, RecursionError):
        return None
    texts = dict.fromkeys(text for text in _strings(data) if len(text) >= FEWEST and _MARKUP.search(text))
    if not texts:
        return None
    title = _TITLE.search(page)
    parts = ["".join(texts).encode("utf-8", "replace"), b"</article></body></html>"]
    return b"<html><head><title>%s</title></head><body><article>" % (title.group(1) if title else b"") + b"".join(parts)


def _strings(data: Any) -> Iterator[str]:
    """All texts in a value of JSON, in order."""
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting.extend(reversed(value.values()))
        elif isinstance(value, list):
            waiting.extend(reversed(value))
