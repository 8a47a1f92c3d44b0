"""Thirty cuts that were written before any of them was tried: modifiers, proofs, layouts, names.

What is cut goes whole, with its docstring, attributes and proof, and nothing else does.
"""

import pytest

from filters.code.theorems import BenchmarkTheorems, Cut, IsabelleTheorems, LeanTheorems

CASES = [
    (
        "lean private noncomputable in namespace",
        "lean",
        [("N.foo")],
        (
            "namespace N\n"
            "\n"
            "/-- doc of foo -/\n"
            "@[simp, norm_cast]\n"
            "protected theorem foo (n : ℕ) :\n"
            "    n = n := by\n"
            "  induction n with\n"
            "  | zero => rfl\n"
            "  | succ n ih =>\n"
            "\n"
            "    simp\n"
            "\n"
            "theorem bar : 1 = 1 := rfl\n"
            "\n"
            "end N\n"
        ),
        ["doc of foo", "induction", "simp", "succ"],
        ["theorem bar", "end N", "namespace N"],
    ),
    (
        "lean section variables then test",
        "lean",
        [("foo")],
        (
            "section\n"
            "variable {α : Type*} [Group α]\n"
            "\n"
            "lemma foo (a : α) : a * 1 = a :=\n"
            "calc a * 1 = a := by rw [mul_one]\n"
            "  _ = a := rfl\n"
            "\n"
            "variable (b : α)\n"
            "\n"
            "lemma baz : b = b := rfl\n"
            "end\n"
        ),
        ["calc", "mul_one", "_ = a"],
        ["variable {α", "variable (b", "lemma baz"],
    ),
    (
        "lean where clause",
        "lean",
        [("foo")],
        (
            "theorem foo : P ∧ Q where\n"
            "  left := by\n"
            "    exact p\n"
            "  right := q\n"
            "\n"
            "@[ext]\n"
            "structure S where\n"
            "  x : Nat\n"
        ),
        ["left :=", "exact p", "right"],
        ["@[ext]", "structure S", "x : Nat"],
    ),
    (
        "lean open in",
        "lean",
        [("foo")],
        (
            "open Nat in\n"
            "set_option maxHeartbeats 400000 in\n"
            "/-- d -/\n"
            "theorem foo : 1 + 1 = 2 := by\n"
            "  norm_num\n"
            "\n"
            "open Real\n"
            "\n"
            "theorem keep : True := trivial\n"
        ),
        ["maxHeartbeats", "norm_num", "open Nat in"],
        ["open Real", "theorem keep"],
    ),
    (
        "lean mutual-ish termination_by",
        "lean",
        [("foo")],
        (
            "theorem foo : ∀ n : Nat, n = n\n"
            "  | 0 => rfl\n"
            "  | n+1 => by\n"
            "    have := foo n\n"
            "    rfl\n"
            "termination_by n => n\n"
            "decreasing_by simp_wf\n"
            "\n"
            "def g := 3\n"
        ),
        ["termination_by", "decreasing_by", "have := foo"],
        ["def g := 3"],
    ),
    (
        "lean3 begin end",
        "lean",
        [("foo")],
        (
            "/-- hi -/\n"
            "@[simp] lemma foo {a b : ℕ} (h : a = b) : b = a :=\n"
            "begin\n"
            "  cases h,\n"
            "\n"
            "  { refl, },\n"
            "end\n"
            "\n"
            "-- a comment of keep\n"
            "lemma keep : 1 = 1 := rfl\n"
        ),
        ["cases h", "refl, }", "hi -/"],
        ["comment of keep", "lemma keep"],
    ),
    (
        "lean example stays, instance test",
        "lean",
        [("instFoo")],
        ("example : 1 = 1 := rfl\n\ninstance instFoo : Inhabited Nat := ⟨0⟩\n\nexample : 2 = 2 := rfl\n"),
        ["instFoo"],
        ["1 = 1", "2 = 2"],
    ),
    (
        "lean name prefix",
        "lean",
        [("foo")],
        ("theorem foo' : 1 = 1 := rfl\n\ntheorem foo : 2 = 2 := rfl\n\ntheorem foo_bar : 3 = 3 := rfl\n"),
        ["2 = 2"],
        ["foo'", "foo_bar"],
    ),
    (
        "lean _root_",
        "lean",
        [("foo")],
        ("namespace A\ntheorem _root_.foo : 2 = 2 := rfl\ntheorem foo : 3 = 3 := rfl\nend A\n"),
        ["2 = 2"],
        ["3 = 3"],
    ),
    (
        "lean nested namespace dotted",
        "lean",
        [("A.B.foo")],
        (
            "namespace A.B\n"
            "theorem foo : 2 = 2 := by\n"
            "  -- theorem fake : x\n"
            "  rfl\n"
            "end A.B\n"
            "theorem foo : 5 = 5 := rfl\n"
        ),
        ["2 = 2", "fake"],
        ["5 = 5"],
    ),
    (
        "lean universe attr local",
        "lean",
        [("foo")],
        ("attribute [local simp] bar in\nprivate lemma foo : 2 = 2 := rfl\n\nattribute [simp] baz\n"),
        ["2 = 2", "local simp"],
        ["attribute [simp] baz"],
    ),
    (
        "lean to_additive",
        "lean",
        [("mul_foo")],
        (
            '@[to_additive (attr := simp) "The additive one"]\n'
            "theorem mul_foo : 2 = 2 := rfl\n"
            "\n"
            "#align mul_foo mul_foo\n"
            "\n"
            "theorem keep : 1 = 1 := rfl\n"
        ),
        ["additive one", "2 = 2"],
        ["theorem keep"],
    ),
    (
        "isabelle proof qed nested",
        "isabelle",
        [('lemma foo: "x = x"')],
        (
            "theory T imports Main begin\n"
            "\n"
            "text \\<open>about foo\\<close>\n"
            "\n"
            'lemma foo: "x = x"\n'
            "proof -\n"
            "  { fix y\n"
            '    have "y = y" by simp }\n'
            "\n"
            "  then show ?thesis\n"
            "  proof (cases x)\n"
            "    qed auto\n"
            "qed\n"
            "\n"
            'lemma bar: "y = y" by simp\n'
            "\n"
            "end\n"
        ),
        ["?thesis", "proof (cases", "qed auto"],
        ["lemma bar", "end"],
    ),
    (
        "isabelle apply chain",
        "isabelle",
        [('lemma foo [simp]: "f x = g x"')],
        (
            'lemma foo [simp]: "f x = g x"\n'
            "  apply (induct x)\n"
            "   apply simp\n"
            "  subgoal by auto\n"
            "  using assms\n"
            "  apply blast\n"
            "  done\n"
            "\n"
            'definition h where "h = 1"\n'
        ),
        ["induct x", "blast", "done"],
        ["definition h"],
    ),
    (
        "isabelle unfolding .. ",
        "isabelle",
        [('theorem t1: "a = b"')],
        ('theorem t1: "a = b"\n  unfolding a_def\n  ..\n\ncorollary c1: "b = a" by simp\n'),
        ["unfolding a_def", "t1"],
        ["corollary c1"],
    ),
    (
        "isabelle fixes assumes shows",
        "isabelle",
        [('lemma foo: fixes x :: nat assumes "x > 0" shows "x \\<noteq> 0"')],
        (
            "lemma foo:\n"
            "  fixes x :: nat\n"
            '  assumes "x > 0"\n'
            '  shows "x \\<noteq> 0"\n'
            "  using assms by (auto simp: field_simps)\n"
            "\n"
            'lemma assumes "P" shows "P" by fact\n'
        ),
        ["field_simps", "noteq"],
        ['lemma assumes "P"'],
    ),
    (
        "isabelle context begin",
        "isabelle",
        [('lemma foo: "x = x"')],
        (
            "context group begin\n"
            "\n"
            'private lemma foo: "x = x"\n'
            "  by (metis\n"
            "      refl)\n"
            "\n"
            "end\n"
            "\n"
            'lemma foo2: "x = x" oops\n'
        ),
        ["metis"],
        ["context group", "end", "foo2"],
    ),
    (
        "isabelle comment in statement",
        "isabelle",
        [('lemma foo: "x + 0 = x"')],
        ('lemma foo: (* a comment *) "x +\n   0 = x"\n  by simp\n\nlemma k: "1 = 1" by simp\n'),
        ["by simp\n\nlemma foo", "a comment"],
        ["lemma k"],
    ),
    (
        "isabelle other statement same name",
        "isabelle",
        [('lemma foo: "x = x"')],
        ('lemma foo: "y = z" by simp\n'),
        [],
        ["y = z"],
    ),
    (
        "bench lean other name other layout",
        "benchmark lean",
        [("theorem mathd_algebra_10 (x : ℝ) (h : 2 * x + 3 = 7) : x = 2 := by sorry")],
        (
            "import Mathlib\n"
            "\n"
            "/-- Solve. -/\n"
            "lemma my_own_name\n"
            "    (x : ℝ)\n"
            "    (h : 2 * x + 3 = 7) :\n"
            "    x = 2 := by\n"
            "  linarith\n"
            "\n"
            "theorem keep : 1 = 1 := rfl\n"
        ),
        ["linarith", "7)"],
        ["theorem keep"],
    ),
    (
        "bench lean3 in lean4 set",
        "benchmark lean",
        [("theorem q (n : ℕ) (h₀ : n % 7 = 3) : (4 * n + 1) % 7 = 6 :=\nbegin\n  sorry\nend")],
        ("theorem zzz (n : ℕ)\n  (h₀ : n % 7 = 3) :\n  (4 * n + 1) % 7 = 6 := by\n  omega\n"),
        ["omega"],
        [],
    ),
    (
        "bench example",
        "benchmark lean",
        [("theorem mathd_algebra_10 (x : ℝ) (h : 2 * x + 3 = 7) : x = 2 := by sorry")],
        ("example (x : ℝ) (h : 2 * x + 3 = 7) : x = 2 := by\n  nlinarith\n"),
        ["nlinarith"],
        [],
    ),
    (
        "bench renamed variable",
        "benchmark lean",
        [("theorem mathd_algebra_10 (x : ℝ) (h : 2 * x + 3 = 7) : x = 2 := by sorry")],
        (
            "theorem solve (y : ℝ) (hy : 2 * y + 3 = 7) : y = 2 := by\n"
            "  linarith\n"
            "\n"
            "theorem other (y : ℝ) (hy : 2 * y + 3 = 9) : y = 3 := by\n"
            "  norm_num\n"
        ),
        [],
        ["= 9"],
    ),
    (
        "bench isabelle",
        "benchmark isabelle",
        [
            (
                "theorem mathd_numbertheory_1:\n"
                "  fixes n :: nat\n"
                '  assumes "n mod 5 = 3"\n'
                '  shows "(2*n) mod 5 = 1"\n'
                "  sorry"
            )
        ],
        (
            "theory X imports Main begin\n"
            "lemma mine:\n"
            "  fixes n::nat\n"
            '  assumes "n mod 5 = 3"\n'
            '  shows "(2 * n) mod 5 = 1"\n'
            "proof -\n"
            "  show ?thesis using assms by presburger\n"
            "qed\n"
            "\n"
            'lemma keep: "1 = (1::nat)" by simp\n'
            "end\n"
        ),
        ["presburger"],
        ["lemma keep"],
    ),
    (
        "bench coq",
        "benchmark coq",
        [("Theorem putnam_x : forall n : nat, n * n = n -> n = 0 \\/ n = 1.\nProof. Admitted.")],
        (
            "Require Import Lia.\n"
            "\n"
            "#[global]\n"
            "Lemma mine : forall n : nat, n * n = n ->\n"
            "  n = 0 \\/ n = 1.\n"
            "Proof.\n"
            "  intros n H.\n"
            "  { destruct n; nia. }\n"
            "Qed.\n"
            "\n"
            "Lemma keep : 1 = 1.\n"
            "Proof. reflexivity. Qed.\n"
        ),
        ["nia", "#[global]"],
        ["Lemma keep", "Require Import Lia"],
    ),
    (
        "bench coq Proof using",
        "benchmark coq",
        [("Theorem putnam_x : forall n : nat, n * n = n -> n = 0 \\/ n = 1.\nProof. Admitted.")],
        (
            "Program Theorem z: forall n : nat, n * n = n -> n = 0 \\/ n = 1.\n"
            "Proof using Type. (* Qed. *) auto. Defined.\n"
            "Definition d := 1.\n"
        ),
        ["auto", "Proof using"],
        ["Definition d"],
    ),
    (
        "bench coq next obligation stays",
        "benchmark coq",
        [("Theorem putnam_x : forall n : nat, n * n = n -> n = 0 \\/ n = 1.\nProof. Admitted.")],
        (
            "Example e : 1 = 1. reflexivity. Qed.\n"
            "Theorem putnam_x : forall n : nat, n * n = n -> n = 0 \\/ n = 1.\n"
            "Admitted.\n"
            "Example f : 2 = 2. reflexivity. Qed.\n"
        ),
        ["putnam_x"],
        ["Example e", "Example f", "2 = 2"],
    ),
    (
        "bench lean comment quote",
        "benchmark lean",
        [("theorem mathd_algebra_10 (x : ℝ) (h : 2 * x + 3 = 7) : x = 2 := by sorry")],
        (
            '-- theorem x : see "the book\n'
            "lemma a (x : ℝ) (h : 2 * x + 3 = 7) : x = 2 := by\n"
            "  simp at h\n"
            "\n"
            "/- theorem mathd -/\n"
            "theorem keep : 1 = 1 := rfl\n"
        ),
        ["simp at h"],
        ["keep"],
    ),
    (
        "bench lean short statement kept",
        "benchmark lean",
        [("theorem t : 1 = 1 := rfl")],
        ("theorem foo (a : ℕ) : a = a := rfl\n"),
        [],
        ["a = a"],
    ),
    (
        "lean deriving/notation after",
        "lean",
        [("foo")],
        ('theorem foo : 2 = 2 := rfl\nnotation "ℓ" => 3\nderive_thing x\n'),
        ["2 = 2"],
        ["notation"],
    ),
]
"""What is cut, of which test set, its items, the text, what must be gone and what must stay."""


def cut(kind: str, items: list[str], text: str) -> Cut:
    if kind == "lean":
        tests = [{"file_path": "F.lean", "full_name": name} for name in items]
        return LeanTheorems(tests, "corrected").cut(text, "F.lean")
    if kind == "isabelle":
        return IsabelleTheorems(items, "corrected").cut(text, "T.thy")
    return BenchmarkTheorems(items).cut(text, kind.split()[1])


@pytest.mark.parametrize(
    ("kind", "items", "text", "gone", "stays"), [pytest.param(*case[1:], id=case[0]) for case in CASES]
)
def test_what_is_cut_goes_whole_and_alone(
    kind: str, items: list[str], text: str, gone: list[str], stays: list[str]
) -> None:
    left = cut(kind, items, text).text
    assert [piece for piece in gone if piece in left] == []
    assert [piece for piece in stays if piece not in left] == []
