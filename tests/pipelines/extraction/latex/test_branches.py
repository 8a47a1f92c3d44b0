r"""Tests whose branches a reader of the page sees or not."""

import pytest

from tests.pipelines.extraction.latex.written import body_of, written


@pytest.mark.parametrize(
    "text",
    [
        "\\def\\full{}\\ifdefined\\full A\\else B\\fi",
        "\\ifdefined\\nonsense B\\else A\\fi",
        "\\def\\full{}\\ifcsname full\\endcsname A\\else B\\fi",
        "\\makeatletter\\@ifundefined{nonsense}{A}{B}",
        "\\def\\full{}\\makeatletter\\@ifundefined{full}{B}{A}",
        "\\ifcsundef{nonsense}{A}{B}",
        "\\def\\full{}\\ifcsdef{full}{A}{B}",
        "\\ifx\\nonsense\\undefined A\\else B\\fi",
        "\\def\\a{x}\\def\\b{x}\\ifx\\a\\b A\\else B\\fi",
        "\\def\\a{}\\ifx\\a\\empty A\\else B\\fi",
        "\\def\\f#1{\\ifx\\\\#1\\\\A\\else B\\fi}\\f{}",
        "\\def\\f#1{\\ifx\\\\#1\\\\B\\else A\\fi}\\f{xy}",
        "\\def\\f#1{\\if\\relax\\detokenize{#1}\\relax A\\else B\\fi}\\f{}",
        "\\def\\f#1{\\if\\relax\\detokenize{#1}\\relax B\\else A\\fi}\\f{xy}",
        "\\newif\\ifa\\unless\\ifa A\\else B\\fi",
        "\\let\\ifa\\iffalse\\ifa B\\else A\\fi",
        "\\let\\ifa\\iftrue\\ifa A\\else B\\fi",
        "\\def\\a{1}\\ifnum\\a=1 A\\else B\\fi",
        "\\newcount\\n\\n=2\\ifnum\\n=2 A\\else B\\fi",
        "\\newcounter{n}\\setcounter{n}{2}\\ifnum\\value{n}>1 A\\else B\\fi",
        "\\newcount\\n\\n=1\\ifcase\\n B\\or A\\or B\\fi",
        "\\newcount\\n\\n=3\\ifodd\\n A\\else B\\fi",
        "\\newcommand{\\v}{long}\\ifthenelse{\\equal{\\v}{long}}{A}{B}",
        "\\newcommand{\\v}{long}\\ifdefstring{\\v}{long}{A}{B}",
        "\\def\\a{}\\ifthenelse{\\equal\\a{}}{A}{B}",
        "\\newcommand{\\v}{2}\\ifthenelse{\\v > 3}{B}{A}",
        "\\newcommand{\\v}{3}\\ifthenelse{\\isodd{\\v}\\and 2<\\v}{A}{B}",
        "\\newboolean{b}\\ifthenelse{\\not\\(\\boolean{b}\\or 1>2\\)\\and 1<2}{A}{B}",
        "\\newboolean{b}\\ifthenelse{\\boolean{b}\\and\\(1<2\\or 1<2\\)}{B}{A}",
        "\\ifnumcomp{1}{<}{2}{A}{B}",
        "\\IfStrEq{a}{b}{B}{A}",
        "\\def\\v{ab}\\IfStrEq{\\v}{ab}{A}{B}",
        "\\IfSubStr[2]{abc}{b}{A}{B}",
        "\\IfBeginWith*{abc}{a}{A}{B}",
        "\\IfEndWith{abc}{b}{B}{A}",
        "\\IfInteger{12}{A}{B}",
        "\\IfInteger{1x}{B}{A}",
        "\\def\\f#1{\\IfStrEq{#1}{a}{A}{B}}\\f{a}",
        "\\IfStrEqCase{b}{{a}{B}{b}{A}}[B]",
        "\\IfEqCase{c}{{a}{B}{b}{B}}[A]",
        "\\ifthenelse{\\isempty{}}{A}{B}",
        "\\ifthenelse{\\isin{b}{abc}\\and\\not\\endswith{abc}{b}}{A}{B}",
        "\\ifthenelse{\\isnamedefined{nonsense}}{B}{A}",
        "\\ifthenelse{\\isundefined{\\alpha}}{B}{A}",
        "\\newbool{b}\\newtoggle{t}\\toggletrue{t}\\ifboolexpr{not bool {b} and (toggle{t} or bool{b})}{A}{B}",
        "\\newbool{b}\\ifboolexpr{bool{b}}{B}{A}",
        "\\ifnumequal{1}{2}{B}{A}",
        "\\notblank{ }{B}{A}",
        "\\usepackage{amsmath}\\makeatletter\\@ifpackageloaded{amsmath}{A}{B}",
    ],
)
def test_the_branch_that_holds_is_read(text: str) -> None:
    assert written(text).strip() == "A"


@pytest.mark.parametrize("text", ["\\ifnum\\value{page}>1 A\\else B\\fi", "\\unless\\ifdim\\x>\\y A\\else B\\fi"])
def test_what_only_typesetting_knows_stays_as_it_is(text: str) -> None:
    assert written(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\\fxnote{secret}\\fxwarning*{secret}{}b", "a{}b"),
        ("a\\pdfcomment{secret}b", "ab"),
        ("\\added{new} \\deleted{secret}\\replaced[id=x]{b}{secret}", "new b"),
        ("\\pdftooltip{shown}{secret}", "shown"),
    ],
)
def test_notes_to_oneself_are_not_seen(text: str, shown: str) -> None:
    assert written(text) == shown


def test_chapters_that_are_not_included_are_not_typeset() -> None:
    files = {"main.tex": "\\includeonly{b}\\include{a}\\include{b}\\input{c}", "a.tex": "A", "b.tex": "B", "c.tex": "C"}
    assert body_of(files).split() == ["B", "C"]


def test_a_switch_of_a_style_is_set_by_the_paper() -> None:
    files = {
        "main.tex": "\\documentclass{article}\\usepackage{own}\\longfalse\\begin{document}\\iflong B\\else A\\fi"
        "\\kw{x}\\end{document}",
        "own.sty": "\\newif\\iflong\\longtrue\\def\\@kw#1{\\emph{#1}}\\newcommand\\kw[1]{\\@kw{#1}}",
    }
    assert body_of(files) == "A\\emph{x}"


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("\\subfile{sec/a}", {"sec/a.tex": "\\documentclass[../main]{subfiles}\\begin{document}A\\end{document}B"}),
        ("\\includestandalone[x]{a}", {"a.tex": "\\documentclass{standalone}\\begin{document}A\\end{document}"}),
        ("\\import{sec/}{a}", {"sec/a.tex": "\\input{b}", "sec/b.tex": "A"}),
        ("\\subimport{sec/}{a}", {"sec/a.tex": "\\subimport{sub/}{b}", "sec/sub/b.tex": "\\input{c}",
                                  "sec/sub/c.tex": "A"}),
        ("\\input{Sections/Intro.TEX}", {"sections/intro.tex": "A"}),
        ("\\input{./a.v2}", {"a.v2.tex": "A"}),
        ("\\InputIfFileExists{a}{}{B}", {"a.tex": "A"}),
        ("\\newcommand{\\d}{sec}\\newcommand{\\in}[1]{\\input{\\d/#1}}\\in{a}", {"sec/a.tex": "A"}),
        ("\\makeatletter\\def\\input@path{{parts/}}\\makeatother\\input{a}", {"parts/a.tex": "A"}),
        ("\\makeatletter\\@for\\f:=a,b\\do{\\input{\\f}}\\makeatother", {"a.tex": "A", "b.tex": ""}),
    ],
)  # fmt: skip
def test_files_are_found_where_tex_finds_them(text: str, files: dict[str, str]) -> None:
    assert body_of({"main.tex": text, **files}) == "A"


def test_what_stands_above_both_columns_is_seen() -> None:
    assert written("\\twocolumn[\\title{T}] Text \\twocolumn text").split() == ["\\title{T}", "Text", "text"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\\newif\\ifa{\\atrue}\\ifa A\\else B\\fi", "{}B"),
        ("\\newif\\ifa\\begin{x}\\atrue\\end{x}\\ifa A\\else B\\fi", "\\begin{x}\\end{x}B"),
        ("\\newif\\ifa{\\global\\atrue}\\ifa A\\else B\\fi", "{}A"),
        ("\\newboolean{a}{\\setboolean{a}{true}}\\ifthenelse{\\boolean{a}}{A}{B}", "{}B"),
        ("\\newif\\ifa\\let\\ifb\\ifa\\atrue\\ifb A\\else B\\fi", "B"),
        ("\\newtoggle{a}\\newboolean{a}\\toggletrue{a}\\ifbool{a}{A}{B}\\iftoggle{a}{A}{B}", "BA"),
    ],
)
def test_a_switch_is_set_until_its_group_ends(text: str, shown: str) -> None:
    assert written(text) == shown
