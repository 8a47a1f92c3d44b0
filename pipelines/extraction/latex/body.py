r"""What of a paper's LaTeX is its text: the document without preamble, bibliography and author's bookkeeping.

An appendix is text (proofs stand there); the published
rules cut it, which `keep_appendix` repeats if asked to.
"""

import re

from pipelines.extraction.latex.comments import without
from pipelines.extraction.latex.scan import Token, tokens

_ENVIRONMENT = re.compile(r"\s{0,20}\{([a-zA-Z]{1,40}\*?)\}")
_GROUP = re.compile(r"\s{0,20}(?:\[[^\[\]]{0,300}\]\s{0,20})?\{[^{}]{0,2000}\}")
_OPTION = re.compile(r"\s{0,20}\[[^\[\]]{0,300}\]")
_BIBLIOGRAPHIES = frozenset({"thebibliography", "references", "REFERENCES", "bibdiv", "biblist"})
_DROPPED = frozenset({"bibliography", "bibliographystyle", "addbibresource", "printbibliography", "nocite"})
_BLANK_LINES = re.compile(r"\n{3,}")
_TRAILING = re.compile(r"(?<![ \t])[ \t]++\n")  # only from the first space of a run: long runs stay linear


def split_document(text: str) -> tuple[str, str]:
    r"""Preamble and document: what stands before `\begin{document}`, and between it and `\end{document}`.

    Without a `\begin{document}` (plain TeX) everything is the document, up to `\bye` if there is one.
    """
    begin: Token | None = None
    start = 0
    for token in tokens(text, only={"begin", "end", "bye"}):
        if token.kind != "command":
            continue
        if token.name == "bye" and begin is None:
            return "", text[: token.start]
        if token.name not in ("begin", "end"):
            continue
        name = _ENVIRONMENT.match(text, token.end)
        if name is None or name[1] != "document":
            continue
        if token.name == "begin" and begin is None:
            begin, start = token, name.end()
        elif token.name == "end" and begin is not None:
            return text[: begin.start], text[start : token.start]
    return ("", text) if begin is None else (text[: begin.start], text[start:])


def drop_bibliography(text: str, *, keep_appendix: bool = True) -> str:
    r"""`text` less its bibliography: the environment, or the commands that would put it there.

    An environment without its end takes everything after it. With `keep_appendix` false the text ends at `\appendix`.
    """
    dropped: list[tuple[int, int]] = []
    inside: tuple[str, int] | None = None
    for token in tokens(text, only=_DROPPED | {"begin", "end", "appendix"}):
        if token.kind != "command":
            continue
        if token.name in ("begin", "end"):
            name = _ENVIRONMENT.match(text, token.end)
            if name is None:
                continue
            if token.name == "begin" and inside is None and name[1] in _BIBLIOGRAPHIES:
                inside = (name[1], token.start)
            elif token.name == "end" and inside is not None and name[1] == inside[0]:
                dropped.append((inside[1], name.end()))
                inside = None
            if token.name == "begin" and name[1] in ("appendix", "appendices") and not keep_appendix:
                dropped.append((token.start, len(text)))
        elif token.name == "appendix" and not keep_appendix:
            dropped.append((token.start, len(text)))
        elif token.name in _DROPPED and inside is None:
            group = _GROUP.match(text, token.end) or _OPTION.match(text, token.end)
            if group is not None or token.name == "printbibliography":
                dropped.append((token.start, group.end() if group else token.end))
    if inside is not None:
        dropped.append((inside[1], len(text)))
    return without(text, dropped)


def tidy(text: str) -> str:
    """`text` without spaces at line ends, and with at most one blank line in a row."""
    return _BLANK_LINES.sub("\n\n", _TRAILING.sub("\n", text)).strip()
