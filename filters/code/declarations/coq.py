"""The declarations of a Coq file: its statements to be proved, with their proofs.

A sentence ends with a full stop before blank space ("The Coq Reference Manual", basic notions). A proof goes on to
`Qed`, `Defined`, `Admitted`, `Abort` or `Save`; a theorem whose proof never ends goes to the next one.
"""

import re
from collections.abc import Iterator

from filters.code.declarations.declaration import Declaration, end_of_line_comment

GOALS = frozenset(("Theorem", "Lemma", "Corollary", "Proposition", "Fact", "Remark", "Example", "Goal", "Property"))
_NOISE = re.compile(r'\(\*|"(?>(?:[^"]|"")*)"?')
_NESTED = re.compile(r"\(\*|\*\)")
_BLANKED = re.compile(r"[^\n]")
_GOAL = re.compile(
    r"^[ \t]*+(?P<lead>(?>(?:(?:Local|Global|Program|Polymorphic|#\[[^\]\n]*+\])\s++)*))"
    rf"(?P<keyword>{'|'.join(sorted(GOALS))})\b[ \t]*+(?>(?P<name>[^\s:({{.]++)?)",
    re.MULTILINE,
)
_SENTENCE_END = re.compile(r"\.(?=\s|\Z)")
_PROOF_END = re.compile(
    r"\b(?:Qed|Defined|Admitted|Abort|Save)\b[^.\n]*+\.(?=\s|\Z)"
    r"|^[ \t]*+Proof\s++[^.\s]++\s*+\.(?=\s|\Z)",
    re.MULTILINE,
)


def declarations(text: str) -> Iterator[Declaration]:
    """Every statement to be proved, in order, with its proof."""
    code, stated = _blanked(text)
    goals = list(_GOAL.finditer(code))
    for index, goal in enumerate(goals):
        limit = goals[index + 1].start() if index + 1 < len(goals) else len(code)
        body = goal.end()
        stop = _SENTENCE_END.search(code, body, limit)
        if stop is None:
            continue
        proof = _PROOF_END.search(code, stop.end(), limit)
        end = proof.end() if proof else stop.end()
        start = goal.start() + len(goal[0]) - len(goal[0].lstrip())
        yield Declaration(
            goal["keyword"],
            goal["name"] or "",
            stated[body : stop.start()].strip(),
            start,
            end_of_line_comment(text, code, end),
        )


def without_comments(text: str) -> str:
    """`text` with blanks in the place of every comment and string, lines kept."""
    return _blanked(text)[0]


def _blanked(text: str) -> tuple[str, str]:
    """`text` with blanks for comments and strings, and for comments only."""
    code: list[str] = []
    stated: list[str] = []
    at = 0
    while found := _NOISE.search(text, at):
        start, end = found.span()
        code.append(text[at:start])
        stated.append(text[at:start])
        comment = found[0] == "(*"
        if comment:
            depth = 1
            while depth:
                mark = _NESTED.search(text, end)
                end = mark.end() if mark else len(text)
                depth = depth + (1 if mark[0] == "(*" else -1) if mark else 0
        blank = _BLANKED.sub(" ", text[start:end])
        code.append(blank)
        stated.append(blank if comment else text[start:end])
        at = end
    code.append(text[at:])
    stated.append(text[at:])
    return "".join(code), "".join(stated)
