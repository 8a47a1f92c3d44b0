r"""Taking out what is never typeset: comments, `comment` environments and the dead branches of conditionals.

No character of the text itself is lost: `\%`, verbatim parts and addresses stay, and a word that was broken by a
`%` at the end of a line is one word again. A conditional or environment without its end is left as it stands,
because dropping the rest of a paper for one slip loses more than it cleans.
"""

from collections.abc import Iterable

from pipelines.extraction.latex.scan import tokens

_CONDITIONALS = frozenset(
    """if ifcat ifx ifnum ifdim ifodd ifvmode ifhmode ifmmode ifinner ifvoid ifhbox ifvbox ifeof iftrue iffalse ifcase
    ifdefined ifcsname iffontchar ifincsname ifpdf ifxetex ifluatex ifpdftex ifdraft""".split()  # noqa: SIM905
)
_NAMING = frozenset({"newif", "let", "def", "gdef", "newcommand", "renewcommand", "providecommand"})
"""Commands whose next command is named, not used."""


def strip_comments(text: str) -> str:
    r"""`text` without comments and `comment` environments.

    A line that holds nothing but a comment goes whole. Behind text, the comment goes and the line end stays, except
    where it would split a word (`exam%` + `ple`): TeX reads no space there.
    """
    kept: list[str] = []
    done = 0
    for token in tokens(text, only=frozenset()):
        if token.start < done or token.kind not in ("comment", "hidden"):
            continue
        line = text.rfind("\n", done, token.start) + 1 or done
        before = text[line : token.start]
        alone = not before.strip() and (line == 0 or text[line - 1] == "\n")
        end = token.end
        if token.kind == "comment" and not alone:
            kept.append(text[done : token.start])
            done = _joined(text, token.start, end)
        elif alone and (end == len(text) or text[end] == "\n"):
            kept.append(text[done:line])
            done = min(end + 1, len(text))
        else:
            kept.append(text[done : token.start])
            done = end
    kept.append(text[done:])
    return "".join(kept)


def _joined(text: str, percent: int, end: int) -> int:
    """Where reading goes on after a trailing comment that ends at `end`: its line end, or the rest of the word."""
    if not text[percent - 1].isalnum() or _ends_command(text, percent):
        return end
    at = end + 1
    while at < len(text) and text[at] in " \t":
        at += 1
    return at if at < len(text) and text[at].isalnum() else end


def _ends_command(text: str, end: int) -> bool:
    at = end
    while at > 0 and (text[at - 1].isascii() and text[at - 1].isalpha()) and end - at < 100:
        at -= 1
    return at > 0 and text[at - 1] == "\\"


def drop_dead_branches(text: str) -> str:
    r"""`text` (without comments) less what stands between `\iffalse` and `\else` or `\fi`, and after `\iftrue … \else`.

    Nested conditionals are counted, those of `\newif` included; `\iff` and `\ifthenelse` are none.
    """
    if "\\iffalse" not in text and "\\iftrue" not in text:
        return text
    conditionals = set(_CONDITIONALS)
    open_ones: list[tuple[str, int, int, int, int]] = []  # name, start, end, start and end of its else
    dropped: list[tuple[int, int]] = []
    before = previous = ""
    for token in tokens(text):
        if token.kind != "command":
            continue
        name, named = token.name, previous in _NAMING or before == "let"
        if previous == "newif" and name.startswith("if"):
            conditionals.add(name)
        before, previous = previous, name
        if named:
            continue
        if name in conditionals:
            open_ones.append((name, token.start, token.end, -1, -1))
        elif name == "else" and open_ones and open_ones[-1][3] < 0:
            open_ones[-1] = (*open_ones[-1][:3], token.start, token.end)
        elif name == "fi" and open_ones:
            kind, start, end, else_start, else_end = open_ones.pop()
            if kind == "iffalse":
                dropped.append((start, token.end if else_start < 0 else else_end))
                if else_start >= 0:
                    dropped.append((token.start, token.end))
            elif kind == "iftrue":
                dropped.append((start, end))
                dropped.append((token.start if else_start < 0 else else_start, token.end))
    return without(text, dropped)


def without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """`text` less the given spans, which may overlap. A line that they leave blank goes whole."""
    kept: list[str] = []
    done = 0
    for start, end in sorted(spans):
        if end <= done:
            continue
        begin = max(start, done)
        kept.append(text[done:begin])
        line = kept[-1].rfind("\n") + 1
        starts_line = not kept[-1][line:].strip(" \t") and (line > 0 or done == 0 or text[done - 1] == "\n")
        done = end
        if starts_line and end < len(text) and text[end] == "\n":
            kept[-1] = kept[-1][:line]
            done = end + 1
    kept.append(text[done:])
    return "".join(kept)
