"""Isabelle's proofs in the published form."""

import json

import pytest

from filters.code.proof_steps import Proof, finder_of_tests, isabelle_proofs, statements_of_tests, theory_of
from manifests.records import Rules

PAIRS = [
    ["", 'lemma foo: "x = x"'],
    ["proof (prove)\ngoal (1 subgoal):\n 1. x = x", "by simp"],
    ["", "definition q"],
    ["", 'theorem bar:\n  "y"'],
    ["s1", "apply auto"],
    ["s2", "done"],
]
NAME = "out/2022-12-06_thys_Entry_Theory.thy_output.json"


def proofs(rules: Rules = "published", tests: tuple[str, ...] = (), pairs: list[list[str]] = PAIRS) -> list[Proof]:
    return list(isabelle_proofs(json.dumps({"translations": pairs}), NAME, finder_of_tests(tests, rules)))


def test_a_proof_is_its_statement_then_state_and_step_in_turn() -> None:
    assert proofs()[2].text == (
        '[STATEMENT]\ntheorem bar:\n  "y"\n[PROOF STATE]\ns1\n[PROOF STEP]\napply auto'
        "\n[PROOF STATE]\ns2\n[PROOF STEP]\ndone"
    )
    assert proofs()[2].steps == 2
    assert proofs()[2].theory == "Entry_Theory"


def test_only_lemmas_and_theorems_stay() -> None:
    assert [proof.refused for proof in proofs()] == ["", "not_a_theorem", ""]


def test_test_theorems_go() -> None:
    for rules in ("published", "corrected"):
        assert [p.refused for p in proofs(rules, ('lemma foo: "x = x"',))] == ["test_theorem", "not_a_theorem", ""]


def test_published_finds_a_test_anywhere_and_only_as_it_stands() -> None:
    assert proofs("published", ("by simp",))[0].refused == "test_theorem"
    assert proofs("corrected", ("by simp",))[0].refused == ""
    assert proofs("published", ('theorem bar: "y"',))[2].refused == ""
    assert proofs("corrected", ('theorem bar: "y"',))[2].refused == "test_theorem"


def test_attributes_comments_and_layout_hide_no_test_and_a_locale_makes_no_other() -> None:
    pairs = [["", 'lemma (in ring) foo [simp]:\n  (* why *) "x\n = x"'], ["s", "by simp"], ["", 'lemma foo: "x = y"']]
    found = proofs("corrected", ('lemma (in ring) foo: "x = x"',), pairs)
    assert [proof.refused for proof in found] == ["test_theorem", ""]


def test_items_of_benchmarks_go_by_their_names() -> None:
    pairs = [["", 'theorem mathd_algebra_10: "a = b"'], ["s", "by auto"]]
    assert [proof.refused for proof in proofs("corrected", (), pairs)] == ["test_theorem"]
    assert [proof.refused for proof in proofs("published", (), pairs)] == [""]


def test_what_comes_before_the_first_statement_is_no_theorem() -> None:
    assert [p.refused for p in proofs(pairs=[["state", "by simp"], *PAIRS])] == [
        "not_a_theorem",
        "",
        "not_a_theorem",
        "",
    ]


def test_an_extraction_without_translations_has_no_proofs() -> None:
    assert list(isabelle_proofs('{"error": 1}', NAME, lambda *_: False)) == []


@pytest.mark.parametrize(
    "content", ["", "nonsense", '{"translations": [1]}', '{"translations": [["one"]]}', "[" * 100_000]
)
def test_anything_else_is_said_to_be_no_extraction(content: str) -> None:
    with pytest.raises(ValueError, match="no extraction"):
        list(isabelle_proofs(content, NAME, lambda *_: False))


def test_theories_are_named_by_their_files() -> None:
    assert theory_of("a/2022-12-06_thys_X.thy_output.json") == "X"
    assert theory_of("a/HOL_List.thy_output.json") is None
    assert theory_of("a/2022-12-06_thys_X.json") is None


def test_statements_of_the_test_set_are_all_second_fields() -> None:
    assert statements_of_tests('[["a.thy", "lemma x"], ["b"], ["c", "lemma y", 1]]') == ["lemma x", "lemma y"]
