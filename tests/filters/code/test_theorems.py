"""Benchmark theorems are cut out of Lean and Isabelle files."""

import time

import pytest

from filters.code.declarations.declaration import normal
from filters.code.declarations.isabelle import declarations
from filters.code.theorems import BenchmarkTheorems, Cut, IsabelleTheorems, LeanTheorems, Place
from manifests.records import Rules

LEAN = """import data.nat.basic

theorem nat.add_comm_test (a b : ℕ) : a + b = b + a :=
begin
  exact add_comm a b
end

@[simp] lemma add_comm_test' (a : ℕ) : a = a := rfl

-- theorem add_comm_test is proved above
protected lemma zero_test (a : ℕ) : a + 0 = a :=
rfl

theorem kept : true := trivial
"""


def lean(
    rules: Rules,
    *names: str,
    path: str = "src/nat/basic.lean",
    text: str = LEAN,
    where: str = "mathlib/src/nat/basic.lean",
) -> Cut:
    return LeanTheorems([{"file_path": path, "full_name": name} for name in names], rules).cut(text, where)


class TestLean:
    def test_a_theorem_goes_up_to_the_next_blank_line(self) -> None:
        for rules in ("published", "corrected"):
            cut = lean(rules, "nat.add_comm_test", text=LEAN.replace("theorem nat.", "theorem "))
            assert cut.removed == 1
            assert "exact add_comm a b" not in cut.text
            assert "import data.nat.basic\n\n\n\n@[simp] lemma add_comm_test'" in cut.text

    def test_published_keeps_one_theorem_a_file_so_that_the_others_stay(self) -> None:
        names = ("x.zero_test", "x.add_comm_test'")
        assert lean("published", *names).removed == 1
        assert "zero_test" in lean("published", *names).text
        assert lean("corrected", *names).removed == 2
        assert "zero_test" not in lean("corrected", *names).text

    def test_published_never_looks_for_the_whole_name(self) -> None:
        assert "theorem nat.add_comm_test" in lean("published", "nat.add_comm_test").text
        assert "theorem nat.add_comm_test" not in lean("corrected", "nat.add_comm_test").text
        assert lean("published", "kept").removed == 0
        assert lean("corrected", "kept").removed == 1

    def test_published_leaves_the_modifiers_before_a_theorem(self) -> None:
        assert "protected \n\n" in lean("published", "nat.zero_test").text
        assert "protected" not in lean("corrected", "nat.zero_test").text

    def test_published_takes_a_comment_for_the_theorem(self) -> None:
        assert "-- \n\ntheorem kept" in lean("published", "nat.add_comm_test").text

    def test_corrected_leaves_comments_and_longer_names_alone(self) -> None:
        cut = lean("corrected", "nat.add_comm_test")
        assert "-- theorem add_comm_test is proved above" in cut.text
        assert "add_comm_test'" in cut.text

    def test_published_matches_a_path_anywhere_and_corrected_at_its_end(self) -> None:
        where = "x/src/nat/basic.lean.old/a.lean"
        assert lean("published", "nat.zero_test", where=where).removed == 1
        assert lean("corrected", "nat.zero_test", where=where).removed == 0
        assert lean("corrected", "nat.zero_test", where="other/nat/basic.lean").removed == 0
        assert lean("published", "nat.zero_test", where="other/nat/basic.lean").removed == 0

    def test_corrected_finds_a_name_before_any_character(self) -> None:
        text = "theorem a.b:\n x\n\ntheorem b\n  : y\n\nrest"
        assert lean("published", "a.b", text=text).removed == 0
        assert lean("corrected", "a.b", text=text) == Cut("\n\ntheorem b\n  : y\n\nrest", 1, (Place("a.b", 1),))

    def test_a_theorem_at_the_end_takes_the_rest(self) -> None:
        assert lean("published", "x.b", text="a\n\nlemma b : c := d\n") == Cut("a\n\n", 1)
        assert lean("corrected", "x.b", text="a\n\nlemma b : c := d\n") == Cut("a\n\n", 1, (Place("b", 3),))


ISABELLE = """theory T imports Main begin

lemma foo [simp]: "x = x"
  by simp

lemma foo_bar: "y = y"
  by auto

lemma "(x::nat) + y = y + x"
  by simp

lemma "(x::int) * y = y * x"
  by simp

end
"""


def isabelle(rules: Rules, *statements: str, text: str = ISABELLE) -> Cut:
    return IsabelleTheorems(statements, rules).cut(text)


class TestIsabelle:
    def test_a_named_theorem_goes(self) -> None:
        for rules in ("published", "corrected"):
            cut = isabelle(rules, 'lemma foo [simp]: "x = x"')
            assert cut.removed == 1
            assert "by simp\n\nlemma foo_bar" not in cut.text
            assert "lemma foo_bar" in cut.text

    def test_published_wants_the_attributes_written_alike(self) -> None:
        assert isabelle("published", 'lemma foo[simp]: "x = x"').removed == 0
        assert isabelle("corrected", 'lemma foo[simp]: "x = x"').removed == 1

    def test_published_takes_any_unnamed_lemma_that_begins_alike(self) -> None:
        statement = 'lemma "(x::nat) - x = 0"'  # up to its colon: lemma "(x:
        cut = isabelle("published", statement)
        assert cut.removed == 1
        assert "(x::nat) + y" not in cut.text
        assert isabelle("corrected", statement).removed == 0

    def test_corrected_takes_an_unnamed_lemma_by_its_whole_statement(self) -> None:
        cut = isabelle("corrected", 'lemma "(x::int) * y\n = y * x"')
        assert cut.removed == 1
        assert "(x::int)" not in cut.text
        assert "(x::nat)" in cut.text

    def test_published_takes_the_first_place_only(self) -> None:
        text = 'lemma a: "x"\n\nlemma b: "y"\n\nlemma a: "x"\n'
        assert isabelle("published", 'lemma a: "x"', text=text) == Cut('\n\nlemma b: "y"\n\nlemma a: "x"\n', 1)
        places = (Place("a", 1), Place("a", 5))
        assert isabelle("corrected", 'lemma a: "x"', text=text) == Cut('\n\nlemma b: "y"\n\n', 2, places)

    def test_the_order_of_the_statements_does_not_matter(self) -> None:
        statements = ["lemma foo_bar: x", "lemma foo [simp]: y", 'lemma "(x::nat) z"']
        for rules in ("published", "corrected"):
            assert isabelle(rules, *statements) == isabelle(rules, *reversed(statements))

    def test_published_agrees_with_the_rule_said_directly(self) -> None:
        statements = [f'lemma n{number}: "x{number}"' for number in range(0, 300, 3)] + ["theorem : y", "x", "lemma a"]
        text = "\n\n".join(f'lemma n{number}: "x{number}"\n  by simp' for number in range(300)) + "\n\nx: end"
        direct = text
        for query in sorted({statement.split(":")[0] + ":" for statement in statements}):
            if query in direct:
                start = direct.find(query)
                end = direct[start:].find("\n\n") if "\n\n" in direct[start:] else len(direct[start:])
                direct = direct[:start] + direct[start + end :]
        assert isabelle("published", *statements, text=text).text == direct


def test_a_megabyte_made_to_slow_the_patterns_takes_no_time() -> None:
    started = time.process_time()
    for text in (
        "lemma " * 160_000,
        "theorem" + " " * 1_000_000,
        "theorem b " * 100_000,
        "lemma\n\n" * 140_000,
        "lemma (in " * 100_000,
    ):
        for rules in ("published", "corrected"):
            lean(rules, "a.b", text=text)
            isabelle(rules, "lemma b: x", 'lemma "y::z"', text=text)
    assert time.process_time() - started < 15


def normal_to(letters: int) -> str:
    """An unnamed lemma whose statement has so many characters, blank space aside."""
    (one,) = declarations('lemma "x = "')
    return f'lemma "x = {"y" * (letters - len(normal(one.statement)))}"'


class TestWhatIsNoTest:
    def test_a_lemma_without_a_name_is_none_by_its_first_word(self) -> None:
        text = 'lemma\n  assumes "x > (0::nat)"\n  shows "x \\<ge> 1"\n  using assms by simp\n'
        assert isabelle("corrected", 'lemma assumes WF: "wf R" shows "True"', text=text) == Cut(text, 0)

    def test_a_lemma_of_the_same_name_that_states_something_else_stays(self) -> None:
        text = 'lemma dot: "(1::nat) + 1 = 2" by simp\n'
        assert isabelle("corrected", 'lemma dot: "f \\<cdot> g = h"', text=text) == Cut(text, 0)

    def test_a_name_of_another_namespace_stays(self) -> None:
        text = "namespace A\nlemma n : p := q\nend A\nnamespace B\nlemma n : p := q\nend B\n"
        cut = LeanTheorems([{"file_path": "F.lean", "full_name": "A.n"}], "corrected").cut(text, "F.lean")
        assert cut.text == "namespace A\n\nend A\nnamespace B\nlemma n : p := q\nend B\n"

    def test_a_short_unnamed_statement_must_stand_in_the_tests_own_theory(self) -> None:
        made = IsabelleTheorems([("thys/E/A.thy", 'lemma "x = x"')], "corrected")
        assert made.cut('lemma "x = x" by simp', "E/A.thy").removed == 1
        assert made.cut('lemma "x = x" by simp', "E/B.thy").removed == 0

    @pytest.mark.parametrize(("letters", "removed"), [(19, 0), (20, 1)])
    def test_an_unnamed_statement_of_twenty_characters_is_told_anywhere(self, letters: int, removed: int) -> None:
        stated = normal_to(letters)
        made = IsabelleTheorems([("thys/E/A.thy", stated)], "corrected")
        assert made.cut(f"{stated} by simp", "E/B.thy").removed == removed

    def test_symbols_are_alike_in_both_spellings(self) -> None:
        assert isabelle("corrected", 'lemma a: "x \\<le> y"', text='lemma a: "x ≤ y" by z\n').removed == 1


class TestBenchmarks:
    def test_items_are_known_by_their_names_in_any_file(self) -> None:
        lean_text = "theorem mathd_algebra_10 : p := q\n\ntheorem other : p := q\n"
        cut = BenchmarkTheorems().cut(lean_text, "lean")
        assert (cut.text, cut.places) == ("\n\ntheorem other : p := q\n", (Place("mathd_algebra_10", 1),))
        for name in ("imo_1962_p4", "amc12a_2003_p1", "aime_1983_p3", "putnam_1988_b1", "induction_sum_odd"):
            assert BenchmarkTheorems().cut(f'theorem {name}: "p" by x\n', "isabelle").removed == 1
            assert BenchmarkTheorems().cut(f"Theorem {name} : p. Proof. x. Qed.\n", "coq").removed == 1

    def test_names_that_only_begin_alike_are_none(self) -> None:
        for name in ("imo_1962_p4x", "algebra_map", "induction_on", "mathd", "my_imo_1962_p4'"):
            assert BenchmarkTheorems().cut(f"theorem {name} : p := q", "lean").removed == 0

    def test_items_of_a_set_are_known_by_what_they_state_under_any_name(self) -> None:
        made = BenchmarkTheorems(["theorem a (x y : ℝ) (h : x * y = 4) : y * x = 4 := sorry"])
        text = "lemma renamed (x y : ℝ)\n    (h : x * y = 4) : y * x = 4 := by\n  linarith\n\nlemma k : p := q"
        assert made.cut(text, "lean").text == "\n\nlemma k : p := q"

    def test_a_few_characters_may_be_stated_elsewhere_under_another_name(self) -> None:
        made = BenchmarkTheorems(["theorem a : x = x := sorry"])
        assert made.cut("lemma b : x = x := rfl", "lean").removed == 0
        assert made.cut("lemma a : x = x := rfl", "lean").removed == 1

    def test_other_languages_have_none(self) -> None:
        assert BenchmarkTheorems().cut("theorem imo_1962_p4", "python") == Cut("theorem imo_1962_p4", 0)


def test_answers_that_a_benchmark_states_beside_its_problem_go_with_it() -> None:
    text = "abbrev putnam_1988_b1_solution : ℕ := 3\n\ntheorem putnam_1988_b1 : f = putnam_1988_b1_solution := sorry\n"
    cut = BenchmarkTheorems().cut(f"{text}\ntheorem putnam_identity : 1 = 1 := rfl\n", "lean")
    assert [place.name for place in cut.places] == ["putnam_1988_b1_solution", "putnam_1988_b1"]
    assert "putnam_identity" in cut.text


@pytest.mark.parametrize(
    "folder",
    [".lake/packages/batteries/", "lake-packages/std/", "_target/deps/mathlib/", ".lake/packages/lean4/src/lean/"],
)
def test_a_test_in_a_dependency_is_cut_from_the_dependencys_own_repository(folder: str) -> None:
    items = [{"file_path": f"{folder}Data/Heap.lean", "full_name": "Heap.tail"}]
    text = "namespace Heap\n\ntheorem tail : 1 = 1 := rfl\n\ntheorem head : 2 = 2 := rfl\n\nend Heap\n"
    left = "namespace Heap\n\n\n\ntheorem head : 2 = 2 := rfl\n\nend Heap\n"
    for path in ("Data/Heap.lean", "batteries-1.0/Data/Heap.lean", f"{folder}Data/Heap.lean"):
        assert LeanTheorems(items, "corrected").cut(text, path) == Cut(left, 1, (Place("Heap.tail", 3),))
    assert LeanTheorems(items, "published").cut(text, "Data/Heap.lean").removed == 0
