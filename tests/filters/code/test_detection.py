"""Which language a file is in, where endings are shared."""

import time

import pytest

from filters.code.detection import ENDINGS, LANGUAGES, ending, language_of, possible, stack_language

COQ = "Require Import Arith.\nLemma x : forall n, n = n.\nProof. reflexivity. Qed.\n"
VERILOG = "module top(input clk, output reg q);\n  always @(posedge clk) q <= ~q;\nendmodule\n"
MATLAB = "function y = f(x)\n% doubles\ny = 2*x;\nend\n"
OBJECTIVE_C = "#import <Foundation/Foundation.h>\n@implementation Foo\n- (void)bar {}\n@end\n"
MATHEMATICA = "(* ::Package:: *)\nf[x_] := x^2\n"


@pytest.mark.parametrize(
    ("path", "text", "language"),
    [
        ("a/b.PY", "", "python"),
        ("a.v", COQ, "coq"),
        ("a.v", VERILOG, None),
        ("a.m", MATLAB, "matlab"),
        ("a.m", OBJECTIVE_C, None),
        ("a.m", MATHEMATICA, None),
        ("a.m", "## Copyright of Octave\n# include nothing\nx = 1;\n", "matlab"),
        ("a.m", "x = '(*'; % not Mathematica\n", "matlab"),
        ("a.h", "int f(int);\n", "c"),
        ("a.h", "namespace x {\n}\n", "cpp"),
        ("a.f", "      SUBROUTINE F(X)\n      END\n", "fortran"),
        ("a.f", ": square dup * ;\n", None),
        ("a.g", 'InstallMethod( f, "x", [ IsInt ], function( n ) return n; end );\n', "gap"),
        ("a.g", "grammar Expr;\nexpr : INT ;\n", None),
        ("a.r", "x <- c(1, 2)\n", "r"),
        ("a.r", "REBOL [Title: x]\n", None),
        ("a.lagda.md", "```agda\n```\n", "agda"),
        ("a.lagda.tex", "\\begin{code}\n", "agda"),
        ("a.lagda.rst", "::\n", "agda"),
        ("a.gd", "extends Node2D\n\nfunc _ready():\n\tpass\n", None),
        ("a.gd", 'DeclareOperation( "F", [ IsInt ] );\n', "gap"),
        ("a.gi", "InstallMethod( F, [ IsInt ], x -> x );\n", "gap"),
        ("PackageInfo.g", 'SetPackageInfo( rec( PackageName := "X" ) );\n', None),
        ("A.m", 'A ;XX/YY - routine ;01/01/90\n ;;3.0\nEN S X=1 Q:X=""  D ^DIC\n W !,"Done"\n Q\n', None),
        ("README.md", "# x", None),
        ("README", "", None),
        (".v", COQ, None),
    ],
)
def test_language(path: str, text: str, language: str | None) -> None:
    assert language_of(path, text) == language


def test_published_leaves_shared_endings_of_the_provers_to_their_rules() -> None:
    assert language_of("a.v", VERILOG, "published") == "coq"
    assert language_of("a.m", OBJECTIVE_C, "published") == "matlab"


def test_every_ending_leads_to_one_of_the_seventeen() -> None:
    assert set(ENDINGS.values()) <= set(LANGUAGES)
    assert len(LANGUAGES) == 17
    assert all(possible("x." + known) for known in ENDINGS)
    assert not possible("x.json")


def test_endings_are_of_the_last_part_of_a_path() -> None:
    assert ending("a.b/c") == ""
    assert ending("a.b/C.Tar.GZ") == "gz"


def test_names_of_the_stack() -> None:
    assert stack_language("C++") == "cpp"
    assert stack_language("Jupyter Notebook") == "jupyter-notebook"
    assert stack_language("TeX") == "tex"
    assert stack_language("Verilog") is None
    assert stack_language("Rust") is None


def test_a_megabyte_made_to_slow_the_patterns_takes_no_time() -> None:
    started = time.process_time()
    for ending_ in ("v", "m", "h", "f", "g", "r"):
        for text in (
            "A[" + "_" * 1_000_000,
            "A[_" * 300_000,
            " " * 1_000_000,
            "#[" * 500_000,
            "real " * 200_000,
            "\n" * 1_000_000,
        ):
            language_of("x." + ending_, text)
    assert time.process_time() - started < 6
