"""Statements of Coq files with their proofs."""

from filters.code.declarations.coq import declarations

TEXT = """Require Import Arith.
(* Lemma no : False. *)
#[local] Lemma a (n : nat) : n = n. (* so *)
Proof.
  induction n.

  - reflexivity.
Qed.
Definition d := 1.
Theorem b : True. Proof I.
Theorem c : 1.5 = 1.5.
Admitted.
"""


def test_statements_and_proofs() -> None:
    found = list(declarations(TEXT))
    assert [(one.name, one.statement.split()) for one in found] == [
        ("a", ["(n", ":", "nat)", ":", "n", "=", "n"]), ("b", [":", "True"]), ("c", [":", "1.5", "=", "1.5"])
    ]  # fmt: skip
    assert TEXT[found[0].start : found[0].end].startswith("#[local] Lemma a")
    assert TEXT[found[0].start : found[0].end].endswith("Qed.")
    assert TEXT[found[2].start : found[2].end].endswith("Admitted.")
