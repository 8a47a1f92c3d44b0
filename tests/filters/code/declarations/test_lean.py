"""Declarations of Lean files: full names, whole proofs, and what belongs to a declaration."""

import time

from filters.code.declarations.lean import declarations


def cut(text: str, name: str) -> str:
    """`text` without the declarations of that name."""
    for one in reversed([one for one in declarations(text) if one.name == name]):
        text = text[: one.start] + text[one.end :]
    return text


def names(text: str) -> list[str]:
    return [one.name for one in declarations(text)]


class TestNames:
    def test_a_namespace_is_part_of_the_name_and_a_section_is_not(self) -> None:
        text = (
            "namespace A\nsection s\nlemma x : p := q\nend s\nnamespace B\nlemma x : p := q\nend B\nend A\n"
            "lemma y : p := q\n"
        )
        assert names(text) == ["A.x", "A.B.x", "y"]

    def test_root_leaves_the_namespace(self) -> None:
        assert names("namespace A\ntheorem _root_.b.c : p := q\nend A\n") == ["b.c"]

    def test_the_end_of_a_block_of_lean_3_closes_no_namespace(self) -> None:
        text = (
            "namespace A\nlemma x : p :=\nbegin\n  exact match y with z := w end,\nend\n\nlemma y : p := q\n"
            "end A\nlemma z : p := q"
        )
        assert names(text) == ["A.x", "A.y", "z"]

    def test_a_namespace_may_end_right_behind_a_block_of_lean_3(self) -> None:
        text = "namespace A\nlemma x : p :=\nbegin\n  exact r\nend\nend A\nlemma z : p := q"
        assert names(text) == ["A.x", "z"]
        assert cut(text, "A.x") == "namespace A\n\nend A\nlemma z : p := q"

    def test_a_mutual_block_and_a_noncomputable_section_have_ends(self) -> None:
        text = (
            "namespace A\nmutual\ndef x : p := q\nend\nnoncomputable section\ntheorem y : p := q\nend\n"
            "end A\ntheorem z : p := q"
        )
        assert names(text) == ["A.x", "A.y", "z"]

    def test_words_in_comments_and_strings_declare_nothing(self) -> None:
        assert names('/- theorem a : p /- lemma b -/ -/\n-- lemma c\ndef d := "\nlemma e : p"\n') == ["d"]


class TestExtent:
    def test_a_proof_goes_on_behind_blank_lines(self) -> None:
        text = "theorem t : p := by\n  have h : q := r\n\n  exact h\n\ntheorem keep : p := q\n"
        assert cut(text, "t") == "\n\ntheorem keep : p := q\n"

    def test_where_and_equations_and_termination_belong_to_it(self) -> None:
        text = (
            "theorem t : ∀ n, p n\n  | 0 => a\n  | n + 1 => b\n\ntermination_by n => n\ndecreasing_by simp\n"
            "\ndef keep := 1\n"
        )
        assert cut(text, "t") == "\n\ndef keep := 1\n"

    def test_docstring_attributes_modifiers_and_options_go_too(self) -> None:
        text = (
            "/-- words -/\n@[simp, to_additive\n  foo]\nset_option maxHeartbeats 10 in\n"
            "protected theorem t : p := q\n\ndef keep := 1\n"
        )
        assert cut(text, "t") == "\n\ndef keep := 1\n"

    def test_a_comment_right_above_goes_and_a_heading_or_a_comment_apart_stays(self) -> None:
        text = "/-! ## Sums -/\n\n-- apart\n\n-- what it says\ntheorem t : p := q -- so\n-- next\ndef keep := 1\n"
        assert cut(text, "t") == "/-! ## Sums -/\n\n-- apart\n\n\n-- next\ndef keep := 1\n"

    def test_the_next_command_stays_whatever_it_is(self) -> None:
        for following in (
            "#eval 1",
            "@[simp] def k := 1",
            "open A in\ndef k := 1",
            "end X",
            "my_command x",
            "instance : A := b",
        ):
            text = f"namespace X\n\ntheorem t : p := by\n  simp\n\n{following}\n"
            assert cut(text, "X.t") == f"namespace X\n\n\n\n{following}\n"

    def test_every_character_is_in_at_most_one_declaration(self) -> None:
        text = "theorem a : p := q\ntheorem b : p := q\n@[simp] lemma c : p :=\nbegin\n simp\nend\n"
        found = list(declarations(text))
        assert [text[one.start : one.end] for one in found] == [
            "theorem a : p := q", "theorem b : p := q", "@[simp] lemma c : p :=\nbegin\n simp\nend"
        ]  # fmt: skip


def test_a_statement_is_what_stands_between_name_and_proof() -> None:
    text = "theorem t {x : ℕ := 3} /- c -/ (h : a = b) : a < b := by simp"
    assert [one.statement.split() for one in declarations(text)] == [
        ["{x", ":", "ℕ", ":=", "3}", "(h", ":", "a", "=", "b)", ":", "a", "<", "b"]
    ]


def test_hostile_text_takes_no_time() -> None:
    started = time.process_time()
    for text in (
        "theorem a :=\nbegin\n" + "end\n" * 100_000,
        "/-" * 300_000,
        "@[" * 200_000,
        "lemma a\n" * 80_000,
        "end\n" * 99_999,
    ):
        list(declarations(text))
    assert time.process_time() - started < 20
