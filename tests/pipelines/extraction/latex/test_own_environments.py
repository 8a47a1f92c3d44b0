r"""An author's environments are written out, hidden or shown as TeX does; theorems go by their printed names."""

import pytest

from tests.pipelines.extraction.latex.written import written


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\\newenvironment{p}[1][Proof]{\\textbf{#1.} }{$\\square$}\\begin{p}[Idea]a\\end{p}\\begin{p}b\\end{p}",
         "\\textbf{Idea.} a$\\square$\\textbf{Proof.} b$\\square$"),
        ("\\NewDocumentEnvironment{t}{o m}{\\begin{c}\\IfValueT{#1}{[#1]}(#2)}{\\end{c}}\\begin{t}[A]{b}c\\end{t}",
         "\\begin{c}[A](b)c\\end{c}"),
        ("\\NewDocumentEnvironment{t}{m +b}{<#1:#2>}{}\\begin{t}{a} b \\end{t}", "<a:b>"),
        ("\\NewEnviron{r}{(\\BODY)}[!]\\begin{r}a\\end{r}", "(a)!"),
        ("\\NewEnviron{h}{}a\\begin{h}secret\\end{h}b", "ab"),
        ("\\NewEnviron{r}{[\\BODY]}a \\begin{r}b\\end{r} c", "a [b]c"),
        ("\\newenvironmentx{x}[2][1=a,2=b]{(#1#2:}{)}\\begin{x}i\\end{x}\\begin{x}[c]i\\end{x}", "(ab:i)(cb:i)"),
        ("\\newenvironment{h}{\\comment}{\\endcomment}a\\begin{h}secret\\end{h}b", "ab"),
        ("\\newenvironment{h}{\\begin{comment}}{\\end{comment}}a\\begin{h}secret\\end{h}b", "ab"),
        ("\\newenvironment{h}{\\setbox0\\vbox\\bgroup}{\\egroup}a\\begin{h}secret\\end{h}b", "ab"),
        ("\\let\\h\\comment\\let\\endh\\endcomment a\\begin{h}secret\\end{h}b", "ab"),
        ("\\newenvironment{q}{\\quote\\itshape}{\\endquote}\\begin{q}a\\end{q}",
         "\\begin{quote}\\itshape a\\end{quote}"),
        ("\\newenvironment{q}{\\csname align*\\endcsname}{\\csname endalign*\\endcsname}\\begin{q}a\\end{q}",
         "\\begin{align*}a\\end{align*}"),
        ("\\def\\be{\\equation}\\def\\ee{\\endequation}\\be x\\ee", "\\begin{equation}x\\end{equation}"),
        ("\\newtheorem{in}{Theorem}\\newenvironment{c}[1]{\\in}{\\endin}\\begin{c}{8}a\\end{c}",
         "\\begin{Theorem}a\\end{Theorem}"),
        ("\\excludecomment{h}\\newenvironment{h}{}{}\\begin{h}shown\\end{h}", "shown"),
    ],
)  # fmt: skip
def test_own_environments_are_written_out(text: str, shown: str) -> None:
    assert written(text) == shown


@pytest.mark.parametrize(
    ("definition", "begin", "shown"),
    [
        ("\\newtheorem{x}{Lemma}", "\\begin{x}", "\\begin{Lemma}a\\end{Lemma}"),
        ("\\newtheorem{x}[y]{Lemma}", "\\begin{x}[Zorn]", "\\begin{Lemma}[Zorn]a\\end{Lemma}"),
        ("\\newtheorem{x}{\\bf Lemma}", "\\begin{x}", "\\begin{Lemma}a\\end{Lemma}"),
        ("\\newtheorem{x}{\\protect\\textsc{Lemma}.}", "\\begin{x}", "\\begin{Lemma}a\\end{Lemma}"),
        ("\\newtheorem*{x}{Lemma}", "\\begin{x}", "\\begin{Lemma}a\\end{Lemma}"),
        ("\\spnewtheorem{x}{Lemma}{\\bfseries}{\\itshape}", "\\begin{x}", "\\begin{Lemma}a\\end{Lemma}"),
        ("\\newmdtheoremenv[linewidth=1pt]{x}{Lemma}", "\\begin{x}", "\\begin{Lemma}a\\end{Lemma}"),
        ("\\declaretheorem[name=Lemma,sibling=y]{x}", "\\begin{x}", "\\begin{Lemma}a\\end{Lemma}"),
        ("\\declaretheorem{x}", "\\begin{x}", "\\begin{X}a\\end{X}"),
        ("\\newtcbtheorem{x}{Lemma}{blue}{l}", "\\begin{x}{Zorn}{z}", "\\begin{Lemma}[Zorn]\\label{l:z}a\\end{Lemma}"),
        ("\\newtcbtheorem{x}{Lemma}{blue}{l}", "\\begin{x}{}{}", "\\begin{Lemma}a\\end{Lemma}"),
    ],
)
def test_theorems_go_by_their_printed_names(definition: str, begin: str, shown: str) -> None:
    assert written(f"{definition}{begin}a\\end{{x}}") == shown


def test_an_environment_of_latexs_own_keeps_its_meaning() -> None:
    text = "\\begin{equation}x\\end{equation}"
    for definition in ("\\newtcblisting{equation}{}", "\\newenvironment{equation}{\\verbatim}{\\endverbatim}"):
        assert written(definition + text) == text


@pytest.mark.parametrize(
    ("declared", "begin", "end"),
    [
        (
            "\\newenvironment{refs}{\\small\\begin{thebibliography}{9}}{\\end{thebibliography}}",
            "\\begin{refs}",
            "\\end{refs}",
        ),
        ("\\def\\bb{\\begin{thebibliography}{9}}\\def\\eb{\\end{thebibliography}}", "\\bb", "\\eb{}"),
        ("\\def\\bb#1{\\begin{thebibliography}{#1}}", "\\bb{9}", "\\end{thebibliography}"),
    ],
)
def test_references_in_an_environment_of_the_paper_s_own_go(declared: str, begin: str, end: str) -> None:
    text = written(f"{declared}Words {begin}\\bibitem{{a}} Someone.\n\n\\bibitem{{b}} Another.{end} more")
    assert "Someone" not in text
    assert "Another" not in text
    assert text.startswith("Words ")
    assert text.endswith(" more")
