"""Isabelle proofs step by step, in the published form: statement, then state and step in turn.

Source: process_isabelle_proofsteps.py in EleutherAI/math-lm. Its input are PISA's extractions of the Archive of Formal
Proofs and of Isabelle's library: one JSON file a theory, whose `translations` are pairs of a proof state and the text
of the step. A pair with an empty state begins a statement.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple

from filters.code.theorems import IsabelleTheorems
from manifests.records import Rules

STATEMENTS = ("lemma ", "theorem ")
_THEORY = re.compile(r"2022-12-06_thys_(?P<name>[^/]*+)\Z")
_ENDING = ".thy_output.json"


class Proof(NamedTuple):
    """One proof: its text, the theory it is of (None where the file's name does not tell), and its number of steps.

    `refused` is empty, or the word for why it stays out: `not_a_theorem`, `test_theorem`.
    """

    text: str
    theory: str | None
    steps: int
    refused: str = ""


IsTest = Callable[[str, str], bool]
"""Whether a proof is of the test set, from its statement and its whole text."""


def finder_of_tests(tests: Collection[str], rules: Rules) -> IsTest:
    """What tells proofs of PISA's test statements.

    `published` looks for the statements anywhere in a proof's text as they stand. `corrected` reads the proof's own
    statement as theories are read (`filters.code.theorems`), so that a short test statement inside a longer one does
    not cost it, one laid out otherwise is found, and so are benchmarks' items by their names.
    """
    if rules == "published":
        return lambda _, text: any(test in text for test in tests)
    theorems = IsabelleTheorems(tests, rules)
    return lambda statement, _: theorems.states_test(statement)


def isabelle_proofs(content: str, file_name: str, is_test: IsTest) -> Iterator[Proof]:
    """The proofs of one extraction; those that begin with `lemma` or `theorem` and are no test are to stay.

    Raises ValueError for what is no such extraction.
    """
    try:
        value = json.loads(content)
        translations = value.get("translations", []) if isinstance(value, dict) else []
        pairs = [(str(state), str(step)) for state, step, *_ in translations]
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"no extraction of PISA: {error}") from None
    for proof in _split(pairs):
        statement = proof[0][1]
        text = _text(proof)
        refused = "" if statement.startswith(STATEMENTS) else "not_a_theorem"
        if not refused and is_test(statement, text):
            refused = "test_theorem"
        yield Proof(text, theory_of(file_name), len(proof) - 1, refused)


def theory_of(file_name: str) -> str | None:
    """`Entry_Theory` of `…2022-12-06_thys_Entry_Theory.thy_output.json`, else None."""
    name = file_name.rsplit("/", 1)[-1]
    if not name.endswith(_ENDING):
        return None
    match = _THEORY.search(name.removesuffix(_ENDING))
    return match["name"] if match else None


def _split(pairs: list[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """Runs of pairs, each from one with an empty state to before the next."""
    run: list[tuple[str, str]] = []
    for pair in pairs:
        if not pair[0] and run:
            yield run
            run = []
        run.append(pair)
    if run:
        yield run


def _text(proof: list[tuple[str, str]]) -> str:
    steps = (f"\n[PROOF STATE]\n{state}\n[PROOF STEP]\n{step}" for state, step in proof[1:])
    return f"[STATEMENT]\n{proof[0][1]}" + "".join(steps)


def statements_of_tests(content: str) -> list[str]:
    """All statements in one file of PISA's test set (`get_theorem_statements_from_folder`): the second fields."""
    value: Any = json.loads(content)
    return [str(item[1]) for item in value if len(item) > 1]
