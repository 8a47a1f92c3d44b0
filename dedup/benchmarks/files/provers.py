"""Benchmarks as the sources of a prover: the theorems of Lean, Isabelle and Coq files (miniF2F, PutnamBench).

A row has the theorem's `name`, its `formal_statement` up to the proof, and the comment before it, in words, as
`informal_prefix`. The statements' forms are those of miniF2F (repository openai/miniF2F) and PutnamBench (repository
trishullab/PutnamBench).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from dedup.benchmarks.files.content import Content
from dedup.benchmarks.values import Row


class Prover(NamedTuple):
    """How a prover's file is read: where a statement begins (its name in the first group), where its proof begins,
    where the next thing begins, and the marks of a comment."""

    begins: re.Pattern[str]
    proof: re.Pattern[str]
    next: re.Pattern[str]
    comment: tuple[str, str]


PROVERS = {
    ".lean": Prover(
        re.compile(r"^(?:(?:private|protected|nonrec|noncomputable) )*(?:theorem|lemma)\s+([^\s:({\[]+)", re.MULTILINE),
        re.compile(r":=\s*(?:by\b|begin\b|sorry\b|fun\b|λ)|:=\s*$|:=$", re.MULTILINE),
        re.compile(
            r"^(?:theorem|lemma|def|abbrev|noncomputable|instance|example|end|namespace|section|open|/-|@\[)",
            re.MULTILINE,
        ),
        ("/-", "-/"),
    ),
    ".thy": Prover(
        re.compile(r"^\s{0,8}(?:theorem|lemma|corollary|proposition)\s+([^\s:(\"]+)", re.MULTILINE),
        re.compile(r"^\s*(?:proof|by|sorry|oops|apply|using|unfolding)\b|\s(?:sorry|oops|by)\b", re.MULTILINE),
        re.compile(r"^\s{0,8}(?:theorem|lemma|corollary|proposition|definition|end|section|text)\b", re.MULTILINE),
        ("(*", "*)"),
    ),
    ".v": Prover(
        re.compile(r"^\s{0,8}(?:Theorem|Lemma|Corollary|Proposition)\s+([^\s:({]+)", re.MULTILINE),
        re.compile(r"^\s*(?:Proof|Admitted|Abort)\b|\s(?:Proof|Admitted)\.", re.MULTILINE),
        re.compile(r"^\s{0,8}(?:Theorem|Lemma|Corollary|Proposition|Definition|End|Section|Qed)\b", re.MULTILINE),
        ("(*", "*)"),
    ),
}


def is_one(content: Content) -> bool:
    """Whether the file is called so."""
    return bool(content.suffixes) and content.suffixes[-1] in PROVERS


def rows(content: Content) -> Iterator[Row]:
    """A row a theorem."""
    prover = PROVERS[content.suffixes[-1]]
    before = 0
    for found in prover.begins.finditer(content.text):
        after = prover.next.search(content.text, found.end())
        end = after.start() if after else len(content.text)
        proof = prover.proof.search(content.text, found.end(), end)
        statement = content.text[found.start() : proof.start() if proof else end].strip()
        yield {
            "name": found.group(1),
            "informal_prefix": _comment(content.text[before : found.start()], prover.comment),
            "formal_statement": statement,
        }
        before = end


def _comment(text: str, marks: tuple[str, str]) -> str:
    """The words of the last comment of a text."""
    opened, closed = marks
    end = text.rfind(closed)
    start = text.rfind(opened, 0, end) if end >= 0 else -1
    return text[start + len(opened) : end].strip("-! \n\t") if start >= 0 else ""
