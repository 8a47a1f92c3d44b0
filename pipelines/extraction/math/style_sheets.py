"""What a page's own style sheets say of classes: the rules that raise text, or draw a line between two boxes.

Google Docs and people who write by hand keep `vertical-align` and the rule of a fraction there and not in `style`
attributes. Only the last class of a selector is read: which ancestors it asks for is not checked (CSS 2.1, chapter 5).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pipelines.extraction.html.names import NUMBER
from pipelines.extraction.html.tree import Tree

_STYLE = NUMBER["style"]
_LONGEST_SELECTOR, _LONGEST_RULE = 300, 2_000
_CLASS = re.compile(r"\.([\w-]{1,60})\s{0,5}$")


class SheetRule(NamedTuple):
    """The declarations of one rule, and the classes for which they hold."""

    classes: tuple[str, ...]
    declarations: str


def sheet_rules(tree: Tree) -> Iterator[SheetRule]:
    """The rules of the page's style sheets that end in classes, in order."""
    for sheet in tree.all(_STYLE):
        for rule in (sheet.text or "").split("}")[:-1]:
            before, brace, body = rule.rpartition("{")
            if not brace or len(body) > _LONGEST_RULE:
                continue
            selectors = before.rpartition("{")[2][-_LONGEST_SELECTOR:].split(",")
            found = (_CLASS.search(selector.rstrip()[-80:]) for selector in selectors)
            if classes := tuple(name.group(1) for name in found if name):
                yield SheetRule(classes, body)
