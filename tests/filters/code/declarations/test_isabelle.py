"""Goals of Isabelle theories: names, statements, and proofs to their last word."""

import time

from filters.code.declarations.isabelle import declarations


def texts(text: str) -> list[str]:
    return [text[one.start : one.end] for one in declarations(text)]


def names(text: str) -> list[str]:
    return [one.name for one in declarations(text)]


class TestNames:
    def test_words_of_a_statement_are_no_names(self) -> None:
        for word in ("assumes", "shows", "fixes", "obtains", "includes"):
            assert names(f'lemma {word} a: "p" shows "q" by simp') == [""]

    def test_attributes_locales_and_comments_are_none_either(self) -> None:
        assert names('lemma (in l) a [simp]: "p" by x') == ["a"]
        assert names('lemma [simp]: "p" by x') == [""]
        assert names('theorem (* note *) b: "p" by x') == ["b"]

    def test_attributes_are_no_part_of_a_statement(self) -> None:
        assert [one.statement for one in declarations('lemma a [simp]: "p" by x lemma a: "p" by x')] == ['"p"', '"p"']


class TestProofs:
    def test_a_structured_proof_goes_to_its_last_qed(self) -> None:
        proof = (
            'lemma a: "p"\nproof (cases x)\n  case 1\n\n  then show ?thesis\n  proof -\n    have "q" by simp\n\n'
            "    thus ?thesis using b by auto\n  qed\nnext\n  case 2 show ?thesis apply x\n    done\nqed (auto simp: c)"
        )
        assert texts(proof + "\n\nend") == [proof]

    def test_a_script_goes_to_done_through_its_subgoals(self) -> None:
        proof = 'lemma a: "p"\n  apply x\n  subgoal by simp\n  subgoal for y\n    apply z\n\n    done\n  done'
        assert texts(proof + "\ndefinition d where\n") == [proof]

    def test_a_proof_may_begin_with_facts(self) -> None:
        proof = 'lemma assumes "a" shows "b"\n  using assms unfolding c_def\n  by (induct x)\n    (auto intro: d)'
        assert texts(f"{proof}\n\nlemmas e = f") == [proof]

    def test_oops_sorry_and_dots_end_one(self) -> None:
        for end in ("oops", "sorry", "..", ".", "by this"):
            assert texts(f'lemma "p" {end}\nmy_command x = 1\n') == [f'lemma "p" {end}']

    def test_text_inside_a_proof_is_part_of_it_and_behind_it_is_not(self) -> None:
        proof = 'lemma "p"\nproof -\n  text \\<open>by lemma\\<close>\n  show ?thesis by x\nqed'
        assert texts(proof + "\ntext \\<open>more\\<close>") == [proof]

    def test_words_between_a_statement_and_its_proof_are_no_part_of_the_statement(self) -> None:
        found = list(declarations('lemma a: "p"\n  text \\<open>more\\<close>\n  by simp\nlemma b: "q" by x'))
        assert [one.statement for one in found] == ['"p"', '"q"']

    def test_the_proofs_of_auto2_go_whole(self) -> None:
        proof = 'lemma a [forward]:\n  "p"\n@proof @induct t @with\n  @subgoal "q" @end\n@qed'
        assert texts(f"{proof}\n\ndefinition b where c") == [proof]
        assert [one.statement for one in declarations(proof)] == ['"p"']

    def test_comments_of_a_proof_and_right_above_it_go_with_it(self) -> None:
        proof = '(* why *)\nlemma "p" by x \\<comment> \\<open>done\\<close>'
        assert texts(f"(* apart *)\n\n{proof}\n") == [proof]

    def test_words_in_strings_and_comments_begin_nothing(self) -> None:
        assert texts('(* lemma a: "p" by x *) definition "lemma = (theorem::nat)"') == []


def test_hostile_text_takes_no_time() -> None:
    started = time.process_time()
    for text in (
        "lemma " * 100_000,
        "(*" * 300_000,
        'lemma "p" proof - ' * 40_000,
        "lemma (in " * 60_000,
        "lemma a [" * 60_000,
    ):
        list(declarations(text))
    assert time.process_time() - started < 20
