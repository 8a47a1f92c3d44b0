r"""Names that are made, and what is expanded before what, as in The TeXbook, chapter 20."""

import pytest

from tests.pipelines.extraction.latex.written import body_of, written


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\\expandafter\\newcommand\\csname cA\\endcsname{x}\\cA\\csname cA\\endcsname", "xx"),
        ("\\makeatletter\\@namedef{cA}{x}\\makeatother\\cA", "x"),
        ("\\csdef{v1}{x}\\csuse{v1}\\csuse{v2}", "x"),
        ("\\def\\x{a}\\csletcs{y}{x}\\def\\x{b}\\y", "a"),
        ("\\newcommand{\\mk}[1]{\\expandafter\\newcommand\\csname #1\\endcsname{<#1>}}\\mk{foo}\\foo", "<foo>"),
        ("\\newcommand{\\mk}[2]{\\newcommand{#1}[1]{#2(##1)}}\\mk{\\F}{f}\\F{x}", "f(x)"),
        ("\\def\\v{2}\\edef\\x{\\noexpand\\mathbb{R}^\\v}\\def\\v{3}$\\x$", "$\\mathbb{R}^2$"),
        ("\\def\\v{2}\\edef\\x{\\unexpanded{\\v}\\v}\\def\\v{3}\\x", "32"),
        ("\\def\\x{b}\\def\\f#1{[#1]}\\expandafter\\f\\x", "[b]"),
        ("\\def\\x{a}\\def\\f#1{\\expandafter\\def\\expandafter\\x\\expandafter{\\x,#1}}\\f{b}\\f{{c}}\\x", "a,b,{c}"),
        ("\\def\\x{a}\\def\\f#1{[#1]}\\expandafter\\f\\expandafter{\\x b}c", "[ab]c"),
        ("\\def\\x{a}\\def\\f#1{[#1]}\\expandafter\\f\\expandafter{\\x", "\\f{a"),
        ("\\def\\x{bc}\\def\\f#1{[#1]}\\expandafter\\f\\x", "[b]c"),
        ("\\def\\x{\\y}\\def\\y{b}\\def\\f#1{\\def\\y{c}#1}\\expandafter\\expandafter\\expandafter\\f\\x", "b"),
        ("\\iftrue\\expandafter\\textbf\\else\\expandafter\\textit\\fi{a}", "\\textbf{a}"),
        ("\\iffalse\\expandafter\\textbf\\else\\expandafter\\textit\\fi{a}", "\\textit{a}"),
        ("\\expandafter\\ifx\\csname nonsense\\endcsname\\relax A\\else B\\fi", "A"),
        ("\\def\\x{y}\\expandafter\\ifx\\csname x\\endcsname\\relax A\\else B\\fi", "B"),
        ("\\expandafter\\ifx\\csname alpha\\endcsname\\relax A\\else B\\fi", "B"),
        ("\\newtoks\\t \\t={x}\\the\\t{\\t={y}\\the\\t}\\the\\t", "x{y}x"),
        ("\\newtoks\\t{\\global\\t={x}}\\the\\t.", "{}x."),
        ("\\makeatletter\\def\\f{\\@ifnextchar\\bgroup{\\g}{-}}\\def\\g#1{<#1>}\\makeatother\\f{a}\\f.", "<a>-."),
        ("\\makeatletter\\def\\f{\\@ifstar{S}{N}}\\makeatother\\f*\\f.", "SN."),
        ("\\makeatletter\\def\\f{\\@ifnextchar[{\\g}{\\g[z]}}\\def\\g[#1]#2{#1#2}\\makeatother\\f{a}\\f[b]{c}", "zabc"),
    ],
)
def test_names_and_order(text: str, shown: str) -> None:
    assert written(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\\def\\pair(#1,#2){<#1|#2>}\\pair(x,y)", "<x|y>"),
        ("\\def\\ket#1>{|#1\\rangle}\\ket\\psi>", "|\\psi\\rangle"),
        ("\\def\\word#1 {\\textbf{#1} }\\word hello there", "\\textbf{hello} there"),
        ("\\def\\span#1 to #2.{#1--#2}\\span total to two. end", "total--two end"),
        ("\\def\\span#1 to #2.{#1--#2}\\span one\n to\n two.", "one--two"),
        ("\\def\\span#1. #2;{(#1|#2)}\\span 1.2 a. b;", "(1.2 a|b)"),
        ("\\def\\a#1\\stop #2;{#1#2}\\a x\\stop y;", "xy"),
        ("\\def\\to#1#{<#1>}\\to b{c}", "<b>{c}"),
        ("\\def\\R{% the reals\n  \\mathbb{R}% end\n}$\\R$", "$\\mathbb{R}$"),
        ("\\def\\a{50\\% of}\\a", "50\\% of"),
        ("\\def\\a{x\\\\% end\n y}\\a", "x\\\\y"),
    ],
)
def test_values_and_what_ends_arguments(text: str, shown: str) -> None:
    assert written(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\\DeclarePairedDelimiterX{\\ip}[2]{<}{>}{#1,#2}$\\ip{x}{y}$", "$<x,y>$"),
        ("\\DeclarePairedDelimiterX{\\ip}[2]{<}{>}{#1\\delimsize|#2}$\\ip*{x}{y}$", "$\\left< x\\middle|y \\right>$"),
        ("\\DeclarePairedDelimiterX\\set[1]\\{\\}{#1}$\\set[\\big]{x}$", "$\\bigl\\{ x \\bigr\\}$"),
        ("\\DeclarePairedDelimiterXPP\\P[1]{\\mathbb{P}}{(}{)}{}{#1}$\\P{A}$", "$\\mathbb{P}(A)$"),
        ("\\DeclarePairedDelimiterXPP\\n[2]{}\\lVert\\rVert{_{#2}}{#1}$\\n{f}{2}$", "$\\lVert f\\rVert_{2}$"),
        ("\\DeclarePairedDelimiter\\c{\\lceil}{\\rceil}\\let\\d\\c\\renewcommand{\\c}{\\d*}$\\c{x}$",
         "$\\left\\lceil x \\right\\rceil$"),
    ],
)  # fmt: skip
def test_paired_delimiters(text: str, shown: str) -> None:
    assert written(text) == shown


def test_a_reference_means_what_the_paper_says() -> None:
    assert written("\\renewcommand{\\eqref}[1]{(\\ref{eq:#1})}\\eqref{a}") == "(\\ref{eq:a})"
    assert written("\\let\\old\\cite\\renewcommand{\\cite}[1]{[\\old{#1}]}\\cite{a}") == "[\\cite{a}]"
    assert written("\\renewcommand{\\cite}[1]{\\setbox0\\hbox{#1}}\\cite{a}") == "\\cite{a}"


def test_the_preamble_runs_nothing_together() -> None:
    files = {
        "main.tex": "\\documentclass{article}\\def\\big{\\bf}\\def\\name{Great}\\newcommand{\\M}{\\mathcal{M}}"
        "\\title{\\big\\name{} $\\hat\\M$}\\keywords{noise\\newline\\indent more}\\begin{document}Body.\\end{document}"
    }
    assert body_of(files).startswith("\\title{Great $\\hat{\\mathcal{M}}$}\n\\keywords{noise, more}")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\\newcommand{\\up}{\\rotatebox{90}{8}}\\up", "\\rotatebox{90}{8}"),
        ("\\def\\tab{~\\llap{x}~}\\tab.", "~\\llap{x}~."),
        (
            "\\newcommand{\\bigast}{\\mathop{\\raisebox{-1ex}{$\\ast$}}}$\\bigast$",
            "$\\mathop{\\raisebox{-1ex}{$\\ast$}}$",
        ),
        ("\\newcommand{\\m}{\\setbox0\\hbox{x}\\box0}\\m", "\\m"),
        ("\\renewcommand{\\selectlanguage}[1]{\\edef\\x{\\string#1}}\\selectlanguage{x}.", "."),
    ],
)
def test_what_only_draws_is_written_out(text: str, shown: str) -> None:
    assert written(text) == shown


ONE_DOT = (
    "\\makeatletter\\DeclareRobustCommand\\onedot{\\futurelet\\@let@token\\@onedot}"
    "\\def\\@onedot{\\ifx\\@let@token.\\else.\\null\\fi\\xspace}\\def\\eg{\\emph{e.g}\\onedot}\\makeatother "
)


def test_a_macro_may_look_at_what_stands_behind_it() -> None:
    assert written(f"{ONE_DOT}\\eg a, \\eg. End \\eg, b") == " \\emph{e.g}. a, \\emph{e.g}. End \\emph{e.g}., b"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("$\\mathchoice{D}{T}{S}{SS}$", "${T}$"),
        (
            "\\def\\in{\\mathpalette\\inside\\perp}\\def\\inside#1#2{\\rlap{$#1#2$}{#1#2}}$a\\in b$",
            "$a\\rlap{$\\perp$}{\\perp}b$",
        ),
    ],
)
def test_a_formula_in_four_sizes_is_one_formula(text: str, shown: str) -> None:
    assert written(text) == shown
