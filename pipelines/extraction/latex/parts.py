r"""Parts of a paper that a corpus may want or not: which there are, which stay by default, and acknowledgements.

All but acknowledgements are left out while a paper is read (`environments`, `commands`). Acknowledgements have no end
of their own in most classes (LaTeX's, AASTeX's and revtex's manuals): they go up to the next heading, in the text that
is made.
"""

import re

KEPT = frozenset({"acknowledgements", "appendix", "drawings", "figures", "tables"})
"""Parts of papers that stay unless a recipe says otherwise."""
PARTS = KEPT | {"bibliography", "index", "layout"}

LONGEST = 20_000
"""Characters in which an environment of acknowledgements must end."""
_NAME = r"acknowledge?ments?|acks?|danksagung(?:en)?|remerciements|agradecimientos|ringraziamenti"
_BEGIN = re.compile(
    r"\\begin\{((?:" + _NAME + r")\*?)\}"
    r"|\\(?:sub)?(?:section|paragraph)\*?\s{0,9}\{\s{0,9}(?:\\\w{1,20}\s)?\s{0,9}(?:" + _NAME + r")[.:]?\s{0,9}\}"
    r"|\\(?:" + _NAME + r")(?![a-zA-Z])",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"\\(?:(?:sub){0,2}section|chapter|part|paragraph|appendix|bibliography|printbibliography|facilit(?:y|ies)|software)"
    r"(?![a-zA-Z])|\\begin\{(?:thebibliography|appendix|appendices)"
)


def without_acknowledgements(text: str) -> str:
    r"""A text without its acknowledgements: environments, commands of classes, and sections of such a name."""
    kept: list[str] = []
    done = 0
    for begun in _BEGIN.finditer(text):
        if begun.start() < done:
            continue
        kept.append(text[done : begun.start()])
        end = f"\\end{{{begun[1]}}}"
        ended = text.find(end, begun.end(), begun.end() + LONGEST) if begun[1] else -1
        heading = _HEADING.search(text, begun.end())
        done = ended + len(end) if ended >= 0 else heading.start() if heading else len(text)
    kept.append(text[done:])
    return "".join(kept)
