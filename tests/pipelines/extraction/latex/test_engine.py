r"""A paper read as TeX reads it: what is written out, what stays, what goes."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.extraction.latex import reading
from pipelines.extraction.latex.decoding import decode
from pipelines.extraction.latex.environments import END_OF_GROUP
from pipelines.extraction.latex.meanings import NO_VALUE
from tests.pipelines.extraction.latex.written import engine_of
from tests.pipelines.extraction.latex.written import written as read


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("\\newcommand{\\R}{\\mathbb{R}}\n$x \\in \\R$", "$x \\in \\mathbb{R}$"),
        ("\\newcommand\\R{\\mathbb R}\n$\\R\\R$", "$\\mathbb R\\mathbb R$"),
        ("\\renewcommand*{\\epsilon}{\\varepsilon} $\\epsilon$", " $\\varepsilon$"),
        ("\\newcommand{\\norm}[1]{\\left\\|#1\\right\\|}\\norm{x + y}", "\\left\\|x + y\\right\\|"),
        ("\\def\\v#1{\\mathbf #1}\\v x, \\v{ab}", "\\mathbf x, \\mathbf ab"),
        ("\\newcommand{\\ip}[2][x]{(#1, #2)}\\ip{y} \\ip[z]{y}", "(x, y) (z, y)"),
        ("\\DeclareMathOperator{\\tr}{tr}$\\tr A$", "$\\operatorname{tr}A$"),
        ("\\DeclareMathOperator*{\\argmin}{arg\\,min}$\\argmin_x$", "$\\operatorname*{arg\\,min}_x$"),
        ("\\NewDocumentCommand{\\set}{m}{\\{#1\\}}\\set{1}", "\\{1\\}"),
        (
            "\\NewDocumentCommand{\\D}{s o m}{\\IfBooleanTF{#1}{S}{N}\\IfNoValueF{#2}{(#2)}#3}\\D{a} \\D*[b]{c}",
            "Na S(b)c",
        ),
        (
            "\\newcommandx{\\vv}[2][1={a,b},usedefault]{\\vec{#2}_{#1}}$\\vv[]{x}\\vv[c]{y}$",
            "$\\vec{x}_{a,b}\\vec{y}_{c}$",
        ),
        ("\\newcommandx{\\vv}[2][1=a,usedefault=@]{#1#2}\\vv[@]{x}\\vv[]{y}", "axy"),
        ("\\newcommandx{\\vv}[2][1=a]{\\vec{#2}_{#1}}$\\vv{x}\\vv[b]{y}$", "$\\vec{x}_{a}\\vec{y}_{b}$"),
        ("\\let\\phi\\varphi $\\phi$", "$\\varphi$"),
        ("\\newcommand{\\be}{\\begin{align}}\\def\\ee{\\end{align}}\n\\be x \\ee", "\\begin{align}x \\end{align}"),
        ("\\newcommand{\\ie}{i.e.\\xspace}\\ie so", "i.e. so"),
        ("\\newcommand{\\ie}{i.e.\\xspace}\\ie{} so, \\ie, (\\ie)", "i.e.{} so, i.e., (i.e.)"),
        ("\\newcommand{\\b}{B}\\appto\\b{C}\\preto\\b{A}\\b.", "ABC."),
        ("\\newcommand{\\b}[1]{B#1}\\gappto{\\b}{C}\\b{x}.", "BxC."),
        ("\\newcommand{\\b}{B}\\apptocmd{\\b}{C}{y}{n}\\pretocmd{\\b}{A}{}{}\\b.", "yABC."),
        ("\\apptocmd{\\maketitle}{C}{y}{n}A \\pretocmd{\\nosuch}{C}{y}{n}", "yA n"),
        ("\\patchcmd{\\maketitle}{a}{b}{y}{n} \\patchcmd{\\nosuch}{a}{b}{y}{n}", "y n"),
        ("\\newcommand{\\b}[1]{old #1, old}\\patchcmd{\\b}{old}{new}{}{}\\b{x}.", "new x, old."),
        ("\\newcommand{\\b}{B}\\patchcmd[\\x]{\\b}{none}{new}{y}{n}\\b.", "nB."),
        ("\\makeatletter\\g@addto@macro\\b{C}\\g@addto@macro\\b{D}\\makeatother\\b.", "CD."),
        ("\\newcommand{\\n}[1]{|#1|}\\newcommand{\\m}[1]{\\n{\\n{#1}}}\\m{x}", "||x||"),
        ("\\newcommand{\\ee}{\\end{align}}\\begin{align}x\\ee\nwhere", "\\begin{align}x\\end{align}\nwhere"),
        ("\\def\\beq#1\\eeq{\\begin{equation}#1\\end{equation}}\\beq x \\eeq", "\\begin{equation}x \\end{equation}"),
        ("\\DeclarePairedDelimiter{\\abs}{\\lvert}{\\rvert}$\\abs{x}$", "$\\lvert x\\rvert$"),
        ("\\DeclarePairedDelimiter{\\abs}{\\lvert}{\\rvert}$\\abs*{x}$", "$\\left\\lvert x \\right\\rvert$"),
        ("\\newcommand{\\defn}[1]{\\textbf{#1}\\index{#1}}A \\defn{group} is", "A \\textbf{group} is"),
        ("\\newcommand{\\S}[2]{\\section{#1}\\label{#2}}\\S{A}{s:a}", "\\section{A}\\label{s:a}"),
        ("\\def\\m{\\ensuremath{M}}a \\m{} $\\m$", "a $M${} $M$"),
        ("\\def\\s{\\ifmmode M\\else$M$\\fi}a \\s\\ b $\\s$", "a $M$\\ b $M$"),
        ("\\expandafter\\def\\csname foo\\endcsname{x}\\foo", "x"),
    ],
)
def test_an_authors_notation_is_written_out(text: str, written: str) -> None:
    assert read(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("\\let\\old\\phi\\renewcommand{\\phi}{\\varphi}$\\old$ $\\phi$", "$\\phi$ $\\varphi$"),
        ("\\let\\t\\phi\\let\\phi\\varphi\\let\\varphi\\t$\\phi$ then $\\varphi$", "$\\varphi$ then $\\phi$"),
        ("\\let\\x\\relax a\\x b", "ab"),
        ("\\let\\inc\\input \\inc{gone}", "\\input{gone}"),
        ("{\\def\\a{1}\\a}\\a", "{1}\\a"),
        ("\\def\\a{1}{\\let\\a\\undefined \\a}\\a", "{\\a}1"),
        ("\\def\\a{1}\\LetLtxMacro{\\b}{\\a}\\def\\a{2}\\b\\a", "12"),
        ("\\let\\mapsfrom\\undefined$\\mapsfrom$", "$\\mapsfrom$"),
        ("\\begingroup\\gdef\\a{1}\\endgroup\\a", "1"),
        ("\\def\\a{1}{\\global\\def\\a{2}}\\a", "{}2"),
        ("\\begin{x}\\def\\a{1}\\a\\end{x}\\a", "\\begin{x}1\\end{x}\\a"),
        ("\\a \\def\\a{1}\\a\\def\\a{2}\\a", "\\a 12"),
    ],
)
def test_meanings_are_copied_and_end_with_their_group(text: str, written: str) -> None:
    assert read(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("\\def\\a{x+y}2^\\a", "2^{x+y}"),
        ("\\def\\a{x+y}\\frac\\a\\beta", "\\frac{x+y}\\beta"),
        ("\\def\\a{x+y}\\frac{1}\\a", "\\frac{1}{x+y}"),
        ("\\def\\a{x+y}\\frac\\beta\\a", "\\frac\\beta{x+y}"),
        ("\\def\\x#1{[#1]}\\x\\alpha y", "[\\alpha]y"),
        ("\\let\\old\\emph\\renewcommand{\\emph}[1]{\\old{#1} (so)}\\emph{a}", "\\emph{a} (so)"),
        ("\\let\\old\\emph\\renewcommand{\\emph}[1]{\\textcolor{blue}{\\old{#1}}}\\emph{a}", "\\emph{a}"),
        ("\\newcommand{\\wt}{\\widetilde}\\newcommand{\\cM}{\\mathcal{M}}$\\wt\\cM$", "$\\widetilde{\\mathcal{M}}$"),
        (
            "\\def\\x{\\mathbf x}$\\sqrt[3]\\x\\xrightarrow[a]\\x$",
            "$\\sqrt[3]{\\mathbf x}\\xrightarrow[a]{\\mathbf x}$",
        ),
        ("\\newcommand{\\ol}{\\overline}\\newcommand{\\R}{\\mathbb R}$\\ol\\R^n$", "$\\overline{\\mathbb R}^n$"),
        ("\\newcommand{\\wh}{\\widehat}\\newcommand{\\a}{\\alpha\\beta}$\\wh\\a$", "$\\widehat{\\alpha\\beta}$"),
        ("\\def\\b{\\beta}x_\\b", "x_\\beta"),
        ("\\newcommand{\\a}[1]{\\alpha#1\\beta}\\a{x}y", "\\alpha x\\beta y"),
    ],
)
def test_what_a_macro_stands_for_remains_one_argument_and_runs_into_nothing(text: str, written: str) -> None:
    assert read(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("one % two\nthree", "one three"),
        ("one% two\n\nthree", "one\n\nthree"),
        ("% alone\n  % indented\nthree", "three"),
        ("50\\% of them % half\n", "50\\% of them \n"),
        ("the well-%\nknown exam%\n  ple", "the well-known example"),
        ("\\alpha%\nbeta", "\\alpha beta"),
        ("one\n%\ntwo\n\nthree", "one\ntwo\n\nthree"),
        ("\\verb|50%| and \\verb*!%! x", "\\verb|50%| and \\verb*!%! x"),
        ("\\url{a%20b} \\href{x%y}{z} \\doi{10%2F} x", "\\url{a%20b} \\href{x%y}{z} \\doi{10%2F} x"),
        ("\\begin{verbatim}\n% kept\n\\end{verbatim}\n% gone\n", "\\begin{verbatim}\n% kept\n\\end{verbatim}\n"),
        (
            "\\lstnewenvironment{code}{}{}\\begin{code}\na % b\n\\end{code}",
            "\\begin{lstlisting}\na % b\n\\end{lstlisting}",
        ),
        ("\\MakeShortVerb{\\|}|a%b| x", "\\verb|a%b| x"),
        ("\\begin{comment}\nhidden % x\n\\end{comment}\nshown", "shown"),
        ("\\specialcomment{h}{(}{)}a \\begin{h}shown\\end{h}b", "a (shown)b"),
        ("\\excludecomment{h}a \\begin{h}secret\\end{h}b", "a b"),
        ("a \\todo[inline]{fix} b", "a  b"),
        ("\\begin{comment} never closed", "\\begin{comment} never closed"),
    ],
)
def test_comments_go_and_verbatim_text_stays(text: str, written: str) -> None:
    assert read(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a\n\\iffalse\nhidden\n\\fi\nb", "a\nb"),
        ("\\iffalse x\\else y\\fi z", "yz"),
        ("\\iftrue x\\else y\\fi z", "xz"),
        ("\\iffalse \\ifx\\a\\b 1\\else 2\\fi 3\\fi 4", "4"),
        ("\\iffalse $a \\iff b$ \\ifthenelse{a}{b}{c} \\fi d", "d"),
        ("\\if 01x\\else y\\fi", "y"),
        ("\\newif\\ifdraft\\draftfalse\\ifdraft a\\else b\\fi", "b"),
        ("\\newif\\ifdraft\\drafttrue\\ifdraft a\\else b\\fi", "a"),
        ("\\newboolean{l}\\setboolean{l}{true}\\ifthenelse{\\boolean{l}}{A}{B}", "A"),
        ("\\ifthenelse{\\equal{a}{b}\\or 1<2}{A}{B}", "A"),
        ("\\newtoggle{t}\\toggletrue{t}\\iftoggle{t}{A}{B}", "A"),
        ("\\ifnum1<2 a\\else b\\fi", "a"),
        ("\\ifcase 1 a\\or b\\or c\\fi", "b"),
        ("\\ifx\\undefinedthing\\undefined a\\else b\\fi", "a"),
        ("\\ifdim\\x>\\y a\\else b\\fi c", "\\ifdim\\x>\\y a\\else b\\fi c"),
        ("\\iffalse never closed", "\\iffalse never closed"),
    ],
)
def test_what_a_reader_does_not_see_goes(text: str, written: str) -> None:
    assert read(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("\\newtheorem{t1}{Theorem}[section]\\begin{t1}[Zorn] x\\end{t1}", "\\begin{Theorem}[Zorn] x\\end{Theorem}"),
        ("\\declaretheorem[name=Lemma]{l}\\begin{l}x\\end{l}", "\\begin{Lemma}x\\end{Lemma}"),
        (
            "\\newenvironment{p}[1]{\\textbf{Proof of #1.} }{\\qed}\\begin{p}{A}x\\end{p}y",
            "\\textbf{Proof of A.} x\\qed y",
        ),
        ("\\begin{abstract}a\\end{abstract}", "\\begin{abstract}a\\end{abstract}"),
    ],
)
def test_environments_are_known_by_what_they_print(text: str, written: str) -> None:
    assert read(text) == written


@pytest.mark.parametrize(
    "text",
    [
        "$\\foo$ text $\\v$",
        "$\\foo$ text $$\\v$$ b",
        "$$\\foo$$ text $$\\v$$ b $c$ $\\v$",
        "$a$ b $\\v$",
        "$$x$$ $\\v$",
        "$$ \\hbox{a $b$ c} \\v$$",
        "$\\text{a} \\v$",
        "\\xymatrix{\\v& a}",
        "\\inferrule{a \\v}{b} $\\v$",
        "\\begin{mathpar}\\inferrule{a}{\\v} \\and \\v\\end{mathpar}",
        "\\begin{tikzcd}\\v\\arrow[r] & a\\end{tikzcd}",
        "$\\text{a $b$ \\emph{c}} \\v$",
    ],
)
def test_a_formula_is_a_formula_whatever_stands_before_it(text: str) -> None:
    read_ = read("\\newcommand{\\v}{\\ensuremath{\\mathtt{v}}}" + text)
    assert read_ == text.replace("\\v", "\\mathtt{v}")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("\\newcommand{\\y}{Y}\\newcommand{\\x}[1]{#1\\y}\\x{a} B \\x{a}B", "aY B aYB"),
        ("\\newcommand{\\y}{Y}\\newcommand{\\x}[2][k]{#2#1\\y}\\x{a} B \\x[b]{c} D", "akY B cbY D"),
        ("\\newcommand{\\y}{Y}\\newcommand{\\x}{\\y}\\x B \\x{} B", "YB Y{} B"),
        ("\\newcommand{\\x}[1]{\\def\\y{#1}\\y}\\x{a} B", "a B"),
        ("\\newcommand{\\x}[1]{\\ifnum#1<5 small\\else large\\fi}\\x{3} \\x{7} end", "small large end"),
        ("\\newcommand{\\x}[1]{\\ifcase#1 zero\\or one\\else two\\fi}\\x{0} \\x{1} \\x{2} B", "zero one two B"),
        ("\\newif\\ifa\\newcommand{\\x}[1]{\\ifa #1\\fi}\\atrue\\x{A} B \\afalse\\x{A} C", "A B  C"),
        ("\\newcommand{\\x}[1]{#1\\unskip}\\x{a} B \\noindent C", "a B C"),
        ("\\newcommand{\\x}[1]{#1\\ignorespaces}\\x{a} B", "aB"),
        ("\\NewDocumentCommand{\\x}{d()}{[\\IfValueT{#1}{#1}]}\\x and \\x(a) and", "[]and [a] and"),
        ("\\newcommand{\\x}[1][d]{<#1>}\\x word \\x[y] word", "<d>word <y> word"),
        ("\\newcommand{\\x}{X}\\csname x\\endcsname word", "Xword"),
        ("\\newcommand{\\x}{X}\\def\\y#1{(#1)}\\expandafter\\y\\x word", "(X)word"),
        ("\\newcommand{\\x}[1]{\\iftrue#1\\fi \\iffalse a\\fi b}\\x{A} B", "Ab B"),
    ],
)
def test_space_is_passed_over_behind_a_name_and_not_behind_a_value(text: str, written: str) -> None:
    assert read(text) == written


@pytest.mark.parametrize("text", ["\\text{a} b \\v", "\\text{$a$ \\v} b", "$\\text{a \\v}$", "{a} \\v", "$a$ \\v"])
def test_text_is_text_whatever_stands_before_it(text: str) -> None:
    read_ = read("\\newcommand{\\v}{\\ensuremath{\\mathtt{v}}}" + text)
    assert read_ == text.replace("\\v", "$\\mathtt{v}$")


def test_a_macro_that_cannot_be_written_out_stays_with_its_definition() -> None:
    engine = engine_of("\\def\\inner{x}\\def\\a{%\n  \\setbox0\\hbox{\\inner}}\nA \\a b")
    assert engine.out.text() == "A \\a b"
    assert engine.needed == {"a": "\\def\\a{\\setbox0\\hbox{\\inner}}", "inner": "\\def\\inner{x}"}


@pytest.mark.parametrize(
    ("drawing", "symbol"),
    [
        ("\\mathrel{\\rlap{\\lower4pt\\hbox{\\hskip1pt$\\sim$}}\\raise1pt\\hbox{$<$}}", "\\lesssim"),
        ("{\\rm I\\kern-.18em R}", "\\mathbb{R}"),
        ("\\mathrm{I\\!R}", "\\mathbb{R}"),
        ("{\\rm\\kern.24em \\vrule width.02em height1.4ex depth-.05ex \\kern-.26em C}", "\\mathbb{C}"),
        (
            "{\\mathchoice" + "{\\rm 1\\mskip-4mu l}" * 2 + "{\\rm 1\\mskip-4.5mu l}{\\rm 1\\mskip-5mu l}}",
            "\\mathbb{1}",
        ),
        ("\\lower.5ex\\hbox{$\\;\\buildrel<\\over\\sim\\;$}", "\\lesssim"),
        ("{\\rm Z\\kern-.32em Z}", "\\mathbb{Z}"),
    ],
)
def test_a_symbol_drawn_by_hand_gets_its_name(drawing: str, symbol: str) -> None:
    assert read(f"\\def\\x{{{drawing}}}$a\\x b$").replace(" ", "") == f"$a{symbol}b$"


def test_an_alphabet_that_is_taken_from_its_fonts_is_latex_s() -> None:
    assert read("\\def\\Bbb#1{{\\fam\\msbfam\\relax#1}}$\\Bbb R$") == "$\\mathbb{R}$"
    assert read("\\def\\goth#1{\\fam\\eufmfam#1}$\\goth{g}$") == "$\\mathfrak{g}$"


def test_a_class_of_the_submission_changes_no_command_of_latex() -> None:
    style = (
        "\\def\\section#1{[#1]}\\def\\alpha{@}\\newcommand\\set@size{\\small}\\newcommand{\\norm}[1]{\\|#1\\|}"
        "\\def\\table{\\let\\citep\\other}\\ifx\\a\\b\\else stray @ text\\fi"
    )
    text = "\\usepackage{mine}\\section{A} $\\alpha\\set\\{x\\} \\norm{y}$ \\citep{z}"
    assert read(text, {"mine": style}) == "\\section{A} $\\alpha\\set\\{x\\} \\|y\\|$ \\citep{z}"


def test_files_are_read_where_they_are_named_and_end_only_themselves() -> None:
    files = {
        "fig": "\\documentclass{standalone}\\usepackage{x}\\begin{document}F\\end{document}junk",
        "dir/a": "A\\endinput B\nC",
    }
    text = "\\def\\d{dir}\\begin{document}1 \\input{fig}2 \\input{\\d/a}3 \\input gone 4\\end{document}5"
    assert read(text, files) == "1 F2 A B3 \\input{gone}4"


def test_a_macro_without_end_stays_where_it_stands() -> None:
    assert read("\\def\\a{x\\a}\\a y") == "\\a y"
    assert read("\\def\\a{1\\b}\\def\\b{2\\a}\\a!") == "\\a!"


def test_macros_that_double_come_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LEAST_WORK", 200_000)
    names = [f"\\{chr(97 + index)}" for index in range(25)]
    bomb = "".join(f"\\def{name}{{{after}{after}}}" for name, after in zip(names, [*names[1:], "x"], strict=True))
    started = time.process_time()
    engine = engine_of(bomb + "\\a and")
    assert engine.exhausted
    assert engine.out.text().endswith("and")
    assert len(engine.out.text()) < 400_000
    assert time.process_time() - started < 20


def test_ten_megabytes_of_braces() -> None:
    started = time.process_time()
    text = "{" * 10_000_000
    assert read(text) == text
    assert time.process_time() - started < 20


@given(st.lists(st.sampled_from(["\\x", "\\y{", "}", "{", "x", "$", " ", "\\%", "\\\\", "[", "]", "^"]), max_size=40))
def test_text_without_definitions_is_left_alone(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert read(text) == text


@given(
    st.lists(
        st.sampled_from(
            ["\\newcommand{\\a}[1]{<#1>}", "\\def\\b{y}", "\\a", "\\b", "{", "}", "x", " ", "\\iffalse", "\\else",
             "\\fi", "\\begin{a}", "\\end{a}", "\\newenvironment{a}{(}{)}", "\\let\\a\\b", "%", "\n", "$"]
        ),
        max_size=30,
    )
)  # fmt: skip
def test_any_mixture_comes_to_an_end(pieces: list[str]) -> None:
    read("".join(pieces))


def test_a_copy_of_a_layout_command_is_layout() -> None:
    assert read("\\let\\myskip\\vspace a\\myskip{1cm} b").strip() == "a b"


def test_the_engines_own_marks_are_characters_that_no_text_holds() -> None:
    for mark in (END_OF_GROUP, NO_VALUE):
        assert decode(f"a{mark}b".encode()) == f"a{mark[:-1]}b"
    private = "\\newenvironment{z}{(}{)}\\begin{z}a\\\ue000 \ue001\\end{z}"
    assert read(private) == "(a\\\ue000 \ue001)"


def test_a_number_sign_in_a_macro_is_a_sign() -> None:
    assert read("\\newcommand{\\no}[1]{\\#1: #1\\\\#1}\\no{x}") == "\\#1: x\\\\x"


def test_a_macro_that_uses_what_another_one_defines_is_written_out() -> None:
    declared = (
        "\\makeatletter\\newcommand{\\s}[1][a]{\\def\\s@a{#1}\\s@b}"
        "\\newcommand{\\s@b}[2][b]{(\\s@a,#1,#2)}\\makeatother "
    )
    assert read(f"{declared}\\s{{z}} \\s[x]{{z}} \\s[x][y]{{z}}") == " (a,b,z) (x,b,z) (x,y,z)"
