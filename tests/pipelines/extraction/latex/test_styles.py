r"""Classes and styles dress the page: none changes what a text in LaTeX's own commands says."""

import pytest

from pipelines.extraction.latex.paper import Paper, paper_text
from tests.benchmarks.paper_styles import outcome

USES = rb"\documentclass{article}\usepackage{mine}\begin{document}$\set12\star{x}$\end{document}"
STYLES = {
    "a let inside a macro's body": r"\newcommand{\mycite}{\let\cite\citep\let\ref\pageref}",
    "a macro named with @": r"\newcommand\set@size{\fontsize{9}{10}}\def\alpha@beta{x}",
    "sections of its own": r"\def\section{\@startsection{section}{1}{\z@}{-2ex}{1ex}{\Large\bfseries}}",
    "LaTeX's commands redefined": r"\renewcommand{\emph}[1]{<#1>}\def\textbf#1{*#1*}\let\le\leqslant\def\frac#1#2{}",
    "accents redefined": r"\def\hat#1{\widehat{#1}}\renewcommand\tilde{\widetilde}\let\sqrt\surd",
    "a citation redefined": r"\renewcommand{\cite}[2][]{[#2]}\DeclareRobustCommand\citep{\@citex}\let\citet\cite",
    "an environment redefined": r"\renewenvironment{equation}{$$}{$$}\renewenvironment{itemize}{\list{}{}}{\endlist}",
    "a verbatim environment redefined": r"\newtcblisting{equation}{}\DefineVerbatimEnvironment{itemize}{Verbatim}{}",
    "definitions at the begin of the document": r"\AtBeginDocument{\renewcommand{\cite}[1]{(#1)}\let\item\relax}",
    "an option that defines": r"\DeclareOption{draft}{\renewcommand{\cite}[1]{}}\DeclareOption*{}\ProcessOptions\relax",
    "characters made active": '\\catcode`\\"=\\active \\def"{x}\\catcode`\\~=12 \\catcode`\\$=12 ',
    "a conditional that stays open": r"\ifx\@tempa\@empty\newif\ifmine\minetrue\else\endinput",
    "an end of input": "\\def\\one{1}\\endinput\n\\renewcommand{\\emph}[1]{}",
    "LaTeX3": r"\ExplSyntaxOn\cs_new:Npn \my_cite:n #1 {[#1]}\RenewDocumentCommand{\cite}{m}{\my_cite:n{#1}}",
    "comment environments": r"\excludecomment{solution}\let\comment\relax\def\endcomment{}",
    "short verbatim": r"\def\MakeShort{\MakeShortVerb{\|}}\def\text@verb{\verb}",
    "definitions without an end": r"\def\open#1{\textbf{#1 \newcommand{\unclosed}{",
    "a macro that never ends": r"\def\again{\again x}\again",
    "a text": r"\typeout{Loading the style.}This file says nothing.\begin{center}Nor here.\end{center}",
    "a document": r"\begin{document}Not a paper.\end{document}",
}


@pytest.mark.parametrize("suffix", [".sty", ".cls"])
@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES.keys())
def test_a_style_leaves_the_text_as_it_is(style: str, suffix: str) -> None:
    found = outcome(style.encode(), suffix)
    assert found.change == "none", found.lines


def test_a_style_may_print_a_theorem_by_another_name() -> None:
    assert outcome(rb"\newtheorem{theorem}{Satz}[section]", ".sty").change == "theorem"


def test_the_measure_sees_a_style_that_changes_the_text() -> None:
    assert outcome(rb"\newenvironment{theorem}{\iffalse}{\fi}", ".sty").change == "text"


def test_what_a_style_defines_as_new_is_the_paper_s_own() -> None:
    style = b"\\newcommand{\\set}[2]{\\frac{#1}{#2}}\\renewcommand{\\star}[1]{<#1>}"
    found = paper_text({"main.tex": USES, "mine.sty": style})
    assert isinstance(found, Paper)
    assert found.text == r"$\frac{1}{2}\star{x}$"
