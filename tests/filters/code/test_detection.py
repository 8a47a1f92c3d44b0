"""Which language a file is in, where endings are shared."""

import time

import pytest

from filters.code.detection import ENDINGS, LANGUAGES, ending, language_of, possible, stack_language
from filters.code.shared_endings import SHARED

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
        ("PackageInfo.g", 'SetPackageInfo( rec( PackageName := "X" ) );\n', "gap"),
        ("A.m", 'A ;XX/YY - routine ;01/01/90\n ;;3.0\nEN S X=1 Q:X=""  D ^DIC\n W !,"Done"\n Q\n', None),
        ("a.v", "// The Definition of a gate\nmodule m(a);\n  input a;\nendmodule\n", None),
        ("a.v", "(* init = 0 *) reg q;\nmodule m(q);\nendmodule\n", None),
        ("a.v", "module main\n\nfn main() {\n\tx := 1\n}\n", None),
        ("a.v", "(* Nothing is proved here. *)\n", "coq"),
        ("a.m", ":- module a.\n:- interface.\n", None),
        ("a.m", "% Sorts a list.\n:- module a.\n:- interface.\n", None),
        ("a.m", 'implement A;\ninclude "sys.m";\ninit: fn(nil: int);\n', None),
        ("a.m", ": twice ( n -- n )\n  dup +\n;\n$include $lib/x\n", None),
        ("a.m", "intrinsic F(n::RngIntElt) -> RngIntElt\n{Doubles.}\n  return 2*n;\nend intrinsic;\n", None),
        ("a.m", "double(n)\n quit 2*n\n", None),
        ("a.m", "/** Says hello. */\nint main (void) { return 0; }\n", None),
        ("a.m", "x = [1 2; 3 4];\ny = x';\n", "matlab"),
        ("a.h", "#import <A/B.h>\n@interface C\n@end\n", None),
        ("a.h", '#ifdef __cplusplus\nextern "C" {\n#endif\nint f(void);\n', "c"),
        ("a.h", "#ifndef __cplusplus\n#include <assert.h>\n#else\n#include <cassert>\n#endif\nint f(void);\n", "c"),
        ("a.h", "/* a class of functions */\nint f(int a) { return a & 1; }\n", "c"),
        ("a.h", "double norm(const Vector &x);\n", "cpp"),
        ("a.h", "#include <boost/any.hpp>\n#define X 1\n", "cpp"),
        ("a.h.in", "#define VERSION @V@\nint f(void);\n", "c"),
        ("a.h", '// -*- C++ -*-\n#include "b.h"\n', "cpp"),
        ("a.C", "#include <iostream>\nint main() { std::cout << 1; }\n", "cpp"),
        ("a.hh", "<?hh // strict\nclass A {}\n", None),
        ("a.hh", "#pragma once\nint f();\n", "cpp"),
        ("a.inc", "#include <x.h>\nstatic int f(void) { return 1; }\n", "c"),
        ("a.inc", "template class Q<int>;\ntemplate class Q<float>;\n", "cpp"),
        ("a.inc", "      INTEGER N\n      COMMON /A/ N\n      PARAMETER (M=2)\n", "fortran"),
        ("a.inc", "<?php\n$a = 1;\n", None),
        ("a.inc", "\tmov ax, bx\n\tcall f\n; returns\n\tret\n", None),
        ("a.inc", "procedure A;\nbegin\n  b := 1;\nend;\n", None),
        ("a.inc", "#declare R = 1;\nsphere { <0,0,0>, R }\n", None),
        ("a.inc", "native Float:F(Float:x);\nstock G() { }\n", None),
        ("a.for", ": square dup * ;\n\\ squares\n", None),
        ("a.for", "  0 acgt 411 20\n  1 ttga 476 20\n", None),
        ("a.f", "      X = Y + 1\n", "fortran"),
        ("a.m", "x = 3\n", "matlab"),
        ("a.m", "Plot[Sin[x], {x, 0, 1}]\n", None),
        ("a.h", "class A;\n", "cpp"),
        ("a.h", "struct A { int x; };\n", "c"),
        ("a.v", "module m; endmodule\n", None),
        ("a.v", "Check nat.\n", "coq"),
        ("a.f", "define fileset name=a\nset $n=1\n", None),
        ("a.f", "c     adds\n      y = x + 1\n      end\n", "fortran"),
        ("a.fpp", "#:for T in KINDS\n  subroutine f(x)\n  end subroutine\n#:endfor\n", "fortran"),
        ("a.fpp", "module M {\n  active component C {\n  }\n}\n", None),
        ("a.g", "class P extends Parser;\noptions { k=2; }\n", None),
        ("a.g", "G21\nG90\nG1 X1 Y2\nM30\n", None),
        ("a.tst", "gap> 1 + 1;\n2\n", "gap"),
        ("a.tst", "assert_checkequal(1+1,2);\n", None),
        ("a.r", "resource 'DITL' (128) {\n};\n", None),
        ("a.r", "      subroutine f(x)\n      real x\n      call g(x)\n", None),
        ("a.cls", "\\NeedsTeXFormat{LaTeX2e}\n\\ProvidesClass{a}\n", "tex"),
        ("a.cls", "public class A {\n  void f() { }\n}\n", None),
        ("a.cls", 'VERSION 1.0 CLASS\nAttribute VB_Name = "A"\n', None),
        ("a.toc", "\\contentsline {section}{A}{1}\n", "tex"),
        ("a.toc", "## Interface: 40000\n## Title: A\n", None),
        ("a.sty", "", "tex"),
        ("a.mpl", "f := proc(x) x^2 end proc:\n", "maple"),
        ("a.mpl", '<?xml version="1.0"?>\n<model/>\n', None),
        ("a.re", "/*!re2c [0-9]+ { return 1; } */\n", "cpp"),
        ("a.re", "let f = x => x + 1;\n", None),
        ("a.cp", "MODULE A;\nEND A.\n", None),
        ("a.rpy", "label start:\n    scene bg\n", None),
        ("a.rpy", "from twisted.internet import reactor\n", "python"),
        ("a.spec", "Name: a\n%description\n", None),
        ("a.spec", "a = Analysis(['a.py'])\npyz = PYZ(a.pure)\n", "python"),
        ("a.Rmd", "# A\n```{r}\nx <- 1\n```\n", "r"),
        ("a.qmd", "# A\n```{julia}\nx = 1\n```\n", "julia"),
        ("a.Rmd", "# A text without a program\n", None),
        ("a.Rnw", "<<>>=\nx <- 1\n@\n", "r"),
        ("a.lhs", "> f x = x\n", "haskell"),
        ("a.pyx", "cimport numpy\n", "python"),
        ("a.sage", "x = var('x')\n", "python"),
        ("a.f90.in", "program a\nend program\n", "fortran"),
        ("a.F90", "#ifdef MPI\nuse mpi\n#endif\n", "fortran"),
        ("a.txx", "", "cpp"),
        ("SConstruct", "env = Environment()\n", "python"),
        ("run", "#!/usr/bin/env -S python3 -u\n", "python"),
        ("run", "#!/bin/sh\n", None),
        ("plot", "#! /usr/bin/Rscript\n", "r"),
        ("README.md", "# x", None),
        ("README", "", None),
        (".v", COQ, None),
        (".Rprofile", "options(digits = 3)\n", "r"),
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
    assert not possible("LICENSE")


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
    for ending_ in sorted(SHARED):
        for text in (
            "A[" + "_" * 1_000_000,
            "A[_" * 300_000,
            " " * 1_000_000,
            "#[" * 500_000,
            "a & b " * 150_000,
            "(a" * 500_000,
            "a,b " * 250_000,
            ".1 1. " * 150_000,
            "const a<" * 100_000,
            "real " * 200_000,
            "\n" * 1_000_000,
        ):
            language_of("x." + ending_, text)
    assert time.process_time() - started < 6
