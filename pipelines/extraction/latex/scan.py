r"""Where the comments, the verbatim parts and the commands of a LaTeX text are, in one linear pass.

Every other module here works on these tokens, so that a `%` in `\url{a%20b}` or `\verb|50%|`, a command inside
`lstlisting` and a brace behind a backslash are told from real ones in one place.
"""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Literal, NamedTuple

Kind = Literal["comment", "verbatim", "hidden", "command"]

VERBATIM = frozenset(
    """verbatim verbatim* Verbatim Verbatim* BVerbatim LVerbatim SaveVerbatim alltt lstlisting minted Sinput Soutput
    spverbatim verbatimtab filecontents filecontents*""".split()  # noqa: SIM905 - read as words
)
HIDDEN = frozenset({"comment"})
"""Environments whose contents are never typeset (the comment package)."""

LONGEST_INLINE = 2000
"""Characters after which an inline verbatim without its end is taken for ordinary text."""

# A run of escaped characters is one match, because a hostile file may hold millions of backslashes.
_TOKEN = re.compile(r"\\(?:([a-zA-Z@]+)|(?:[^a-zA-Z@]|$)(?:\\[^a-zA-Z@])*+)|%")
_GROUP_NAME = re.compile(r"\s*\{([a-zA-Z]+\*?)\}")
_ADDRESS = re.compile(rf"\s*\{{[^{{}}]{{0,{LONGEST_INLINE}}}\}}")
_OPTIONS = re.compile(r"\*?(?:\[[^\[\]\n]{0,500}\])?")
_LANGUAGE = re.compile(r"(?:\[[^\[\]\n]{0,500}\])?\{[^{}\n]{0,100}\}")
_ADDRESSES = frozenset({"url", "href", "path", "nolinkurl", "burl"})
_INLINE = frozenset({"verb", "lstinline", "mintinline", "Verb"})
_SPECIAL = _ADDRESSES | _INLINE | {"begin"}


class Token(NamedTuple):
    """A piece of the text from `start` to `end`.

    `name` is a command's name without its backslash, or an environment's. A comment ends before its line end.
    """

    kind: Kind
    start: int
    end: int
    name: str = ""


def tokens(text: str, only: AbstractSet[str] | None = None) -> Iterator[Token]:
    """Yield the tokens of `text` in order; what lies between them is plain text.

    Given `only`, commands of other names are passed over, which is most of the work saved.
    """
    unclosed: set[str] = set()  # environments known to have no end from here on
    at = 0
    while (match := _TOKEN.search(text, at)) is not None:
        begin, at = match.span()
        first = text[begin]
        if first == "%":
            line_end = text.find("\n", at)
            at = len(text) if line_end < 0 else line_end
            yield Token("comment", begin, at)
        elif (name := match[1]) is None:
            continue  # an escaped character, which is what keeps `\%` and `\{` from being seen
        else:
            special = _special(text, name, at, unclosed) if name in _SPECIAL else None
            if special is not None:
                kind, at, what = special
                yield Token(kind, begin, at, what)
            elif only is None or name in only:
                yield Token("command", begin, at, name)


def _special(text: str, name: str, at: int, unclosed: set[str]) -> tuple[Kind, int, str] | None:
    if name == "begin":
        group = _GROUP_NAME.match(text, at)
        if group is None or group[1] in unclosed or not (group[1] in VERBATIM or group[1] in HIDDEN):
            return None
        close = f"\\end{{{group[1]}}}"
        found = text.find(close, group.end())
        if found < 0:
            unclosed.add(group[1])
            return None
        return "hidden" if group[1] in HIDDEN else "verbatim", found + len(close), group[1]
    if name in _INLINE:
        options = (_LANGUAGE if name == "mintinline" else _OPTIONS).match(text, at)
        at = options.end() if options else at
        mark = text[at : at + 1]
        if not mark or mark.isspace() or mark.isalnum():
            return None
        found = text.find("}" if mark == "{" else mark, at + 1, at + LONGEST_INLINE)
        if found < 0 or "\n" in text[at:found]:
            return None
        return "verbatim", found + 1, name
    if name in _ADDRESSES:
        address = _ADDRESS.match(text, at)
        return None if address is None else ("verbatim", address.end(), name)
    return None
