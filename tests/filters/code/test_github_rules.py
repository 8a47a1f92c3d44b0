"""The published decisions for files of whole repositories: Coq, Lean, Isabelle, Matlab."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from filters.code.general import SourceFile
from filters.code.github_rules import _ends_in_main
from filters.code.registry import judge
from manifests.records import Rules


def verdict(language: str, text: str, rules: Rules, path: str = "a", repository: str = "r") -> str | None:
    refused = judge(language, SourceFile(text, path, repository), rules, "github")
    return refused.reason if refused else None


def both(language: str, text: str, path: str = "a", repository: str = "r") -> tuple[str | None, str | None]:
    return verdict(language, text, "published", path, repository), verdict(
        language, text, "corrected", path, repository
    )


class TestCoq:
    @pytest.mark.parametrize("word", ["Theorem", "Proof", "Qed", "Inductive", "Definition", "Fixpoint"])
    def test_keeps_a_file_with_a_word_of_the_prover(self, word: str) -> None:
        assert both("coq", f"{word} x.") == (None, None)

    def test_without_such_a_word_it_goes(self) -> None:
        assert both("coq", "module m; assign a = b;") == ("no_prover_keyword",) * 2

    def test_corrected_knows_lemmas_too(self) -> None:
        assert both("coq", "Lemma x : y. reflexivity. Defined.") == ("no_prover_keyword", None)

    def test_verilog_goes(self) -> None:
        text = "// Definition of the bus\nwire [7:0] a;\nalways @(posedge clk)\nendmodule\n"
        assert both("coq", text) == ("verilog",) * 2

    def test_published_takes_english_words_for_verilog(self) -> None:
        assert both("coq", "(* we rewire the pragmatic proof *) Theorem x : y.") == ("verilog", None)

    def test_corrected_lets_a_comment_in_a_proof_file_look_like_verilog(self) -> None:
        assert both("coq", "(* let\nwire x;\n*) Lemma a : b. Proof. auto. Qed.") == ("verilog", None)

    def test_generated_files_go(self) -> None:
        assert both("coq", "(* This file was automatically generated *) Definition x := y.") == ("generated",) * 2

    def test_a_blank_file_does_not_crash(self) -> None:
        assert both("coq", "\n") == ("no_prover_keyword", "empty")


class TestLean:
    @pytest.mark.parametrize("word", ["theorem", "lemma", "example"])
    def test_keeps_a_file_that_proves(self, word: str) -> None:
        assert both("lean", f"{word} x : y := z") == (None, None)

    def test_published_wants_a_space_after_the_word(self) -> None:
        assert both("lean", "theorem\n  x : y := z") == ("no_prover_keyword", None)
        assert both("lean", "def x := y") == ("no_prover_keyword",) * 2

    def test_benchmark_repositories_go(self) -> None:
        assert both("lean", "lemma x : y", repository="ProofNet") == ("banned_repository",) * 2
        assert both("lean", "lemma x : y", repository="openai/miniF2F") == ("banned_repository",) * 2

    def test_published_lets_forks_and_archives_of_them_pass(self) -> None:
        assert both("lean", "lemma x : y", repository="miniF2F-main") == (None, "banned_repository")
        assert both("lean", "lemma x : y", repository="minif2f") == (None, "banned_repository")

    def test_copies_of_dependencies_go(self) -> None:
        assert both("lean", "lemma x : y", path="r/_target/deps/mathlib/a.lean") == ("dependency",) * 2
        assert both("lean", "lemma x : y", path="r/.lake/packages/mathlib/a.lean") == (None, "dependency")


class TestIsabelle:
    def test_keeps_a_file_that_proves(self) -> None:
        assert both("isabelle", 'lemma x: "y"') == (None, None)
        assert both("isabelle", "definition x") == ("no_prover_keyword",) * 2
        assert both("isabelle", "theorem\n x: y") == ("no_prover_keyword", None)

    def test_numbered_mirrors_go_and_the_development_mirror_stays(self) -> None:
        assert both("isabelle", "lemma x", repository="isabelle-prover/mirror-afp-2021") == ("banned_repository",) * 2
        assert both("isabelle", "lemma x", repository="mirror-afp-devel") == (None, None)
        assert both("isabelle", "lemma x", repository="afp-2023-03-01") == (None, "banned_repository")


class TestMatlab:
    def test_keeps_matlab(self) -> None:
        assert both("matlab", "function y = f(x)\ny = x;\nend\n") == (None, None)

    @pytest.mark.parametrize("word", ["#import", "@interface", "@implementation", "@property"])
    def test_objective_c_goes(self, word: str) -> None:
        assert both("matlab", f"{word} Foo\n") == ("objective_c",) * 2
        assert both("matlab", f"x = y; % {word} in a comment\n") == ("objective_c", None)

    def test_c_goes(self) -> None:
        assert both("matlab", "#include <stdio.h>\n") == ("c_source",) * 2

    def test_published_sees_main_in_the_last_line_only(self) -> None:
        assert both("matlab", "int main(int argc) {") == ("c_source",) * 2
        assert both("matlab", "int main(int argc) {\n") == ("c_source",) * 2
        assert both("matlab", "int main(int argc) {\nreturn x;\n}\n") == (None, "c_source")
        assert both("matlab", "y = main(x);\nz = {\n1};\n") == (None, None)

    def test_a_call_of_main_without_a_brace_and_a_brace_without_main_are_no_c(self) -> None:
        assert both("matlab", "y = f( main(x));\ns = {\n1};\nif y {\n")[1] is None

    @pytest.mark.parametrize(("language", "published"), [("matlab", None), ("lean", "no_prover_keyword")])
    def test_a_blank_file_ends_no_published_rule(self, language: str, published: str | None) -> None:
        assert both(language, "\n") == (published, "empty")


@given(st.text(alphabet=" main({)\nx", max_size=40))
@example(" main({\n")
@example(" main({\n\n")
def test_main_is_found_where_the_original_pattern_finds_it(text: str) -> None:
    assert _ends_in_main(text) == (re.search(r" main\(.*{$", text) is not None)


HOSTILE = [
    " main(" * 170_000,
    "(" * 1_000_000,
    " " * 1_000_000 + "x",
    "wire " * 200_000,
    "wire [" + "[" * 1_000_000,
    "always" + " " * 1_000_000,
    "Theorem" * 100_000,
]


@pytest.mark.parametrize("language", ["coq", "lean", "isabelle", "matlab"])
def test_a_megabyte_made_to_slow_the_patterns_takes_no_time(language: str) -> None:
    started = time.process_time()
    for text in HOSTILE:
        both(language, text)
    assert time.process_time() - started < 6
