r"""Loops over alphabets, and the numbers that count them."""

import pytest

from tests.pipelines.extraction.latex.written import body_of, engine_of, written

NAMED = "\\expandafter\\xdef\\csname c\\x\\endcsname{\\noexpand\\mathcal{\\x}}"


@pytest.mark.parametrize(
    "definition",
    [
        f"\\makeatletter\\@for\\x:=A,B,C\\do{{{NAMED}}}\\makeatother",
        f"\\makeatletter\\@tfor\\x:=ABC\\do{{{NAMED}}}\\makeatother",
        f"\\def\\l{{A,B,C}}\\makeatletter\\@for\\x:=\\l\\do{{{NAMED}}}\\makeatother",
        f"\\foreach \\x in {{A,B,C}}{{{NAMED}}}",
        f"\\foreach \\x in {{A,...,Z}}{{{NAMED}}}",
        "\\def\\d#1{\\expandafter\\def\\csname c#1\\endcsname{\\mathcal{#1}}}\\forcsvlist{\\d}{A, B, C}",
        "\\def\\do#1{\\expandafter\\def\\csname c#1\\endcsname{\\mathcal{#1}}}\\docsvlist{A,B,C}",
        f"\\def\\l#1{{\\ifx\\l#1\\else\\def\\x{{#1}}{NAMED}\\expandafter\\l\\fi}}\\l ABCDEFGHIJKLMNOPQRSTUVWXYZ\\l",
        "\\newcounter{n}\\loop\\stepcounter{n}\\edef\\x{\\Alph{n}}" + NAMED + "\\ifnum\\value{n}<26\\repeat",
        "\\makeatletter\\newcount\\n\\loop\\advance\\n by 1\\edef\\x{\\@Alph\\n}" + NAMED + "\\ifnum\\n<26\\repeat",
        "\\newcounter{n}\\forloop{n}{1}{\\value{n}<4}{\\edef\\x{\\Alph{n}}" + NAMED + "}",
        "\\newcounter{n}\\setcounter{n}{1}\\whiledo{\\value{n}<4}{\\edef\\x{\\Alph{n}}" + NAMED + "\\stepcounter{n}}",
    ],
)
def test_a_loop_names_the_letters_of_an_alphabet(definition: str) -> None:
    assert written(f"{definition}$\\cA\\cB\\cC$").strip().endswith("$\\mathcal{A}\\mathcal{B}\\mathcal{C}$")


def test_a_command_that_stays_counts_what_the_paper_says() -> None:
    text = (
        "\\newcount\\s\\newcount\\t\\def\\section#1{\\advance\\s by1\\t=0 \\centerline{\\number\\s. #1}}"
        "\\def\\thm{\\advance\\t by 1\\number\\s.\\number\\t: }\\section{A}\\thm a \\thm b\\section{B}\\thm c"
    )
    assert written(text) == "\\section{A}1.1: a 1.2: b\\section{B}2.1: c"


def test_a_list_is_gone_through_in_its_order() -> None:
    made = "\\newcommand{\\l}{}\\listadd{\\l}{a}\\listgadd\\l{b, c}"
    assert written(made + "\\renewcommand{\\do}[1]{[#1]}\\dolistloop{\\l}") == "[a][b, c]"
    assert written(made + "\\newcommand{\\f}[1]{<#1>}\\forlistloop{\\f}{\\l}") == "<a><b, c>"


def test_a_loop_in_a_drawing_stays() -> None:
    text = "\\begin{tikzpicture}\\foreach \\x in {1,...,3}{\\draw (0,\\x) -- (1,\\x);}\\end{tikzpicture}"
    assert body_of({"main.tex": text}) == text


def test_a_loop_without_end_comes_to_an_end() -> None:
    assert len(engine_of("\\loop\\iftrue x\\repeat and").out.text()) < 50_000
    assert written("\\def\\a#1{\\a{#1}}\\a{x} and").endswith(" and")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\\newcount\\n\\n=5 \\the\\n\\advance\\n by -2 \\number\\n", "53"),
        ("\\newcounter{p}\\stepcounter{p}Problem \\thep. \\stepcounter{p}\\Roman{p}", "Problem 1. II"),
        ("\\newcount\\n\\n=3\\multiply\\n by 7\\divide\\n by 2\\the\\n", "10"),
        ("\\setcounter{equation}{4}\\arabic{equation}", "\\arabic{equation}"),
        ("\\newcounter{p}[section]\\stepcounter{p}\\arabic{p}", "\\arabic{p}"),
        ("\\newcounter{p}\\newtheorem{t}[p]{T}\\arabic{p}", "\\arabic{p}"),
        ("\\newcounter{p}\\numberwithin{p}{section}\\arabic{p}", "\\arabic{p}"),
        ("\\the\\parindent", "\\the\\parindent"),
    ],
)
def test_numbers_of_the_papers_own_are_counted(text: str, shown: str) -> None:
    assert written(text) == shown


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("\\foreach \\x in {one,two}{Item \\x. }Done.", "Item one. Item two. Done."),
        ("\\foreach \\n in {1,...,4}{[\\n]} end", "[1][2][3][4] end"),
        ("\\foreach \\a/\\b in {x/1,y/2}{\\a=\\b;}", "x=1;y=2;"),
    ],
)
def test_a_list_of_words_is_written_out(text: str, wanted: str) -> None:
    assert written(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "\\foreach \\x in {1,2}{\\draw (\\x,0) circle (1);}",
        "\\begin{tikzpicture}\\foreach \\x in {1,2}{(\\x,0)}\\end{tikzpicture}",
    ],
)
def test_a_drawing_keeps_its_loops(text: str) -> None:
    assert body_of({"main.tex": text}) == text
