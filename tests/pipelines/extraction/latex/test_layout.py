r"""What only dresses the page goes, with what belongs to it, and nothing else."""

import pytest

from tests.pipelines.extraction.latex.written import body_of, written


@pytest.mark.parametrize(
    "noise",
    [
        "\\parindent=0pt", "\\parindent=0pt\\parskip 3pt plus 1pt", "\\vskip 1em", "\\hskip 2pt plus 1fil ",
        "\\hskip .5\\textwidth ", "\\vspace*{-1cm}", "\\thispagestyle{empty}", "\\setcounter{page}{1}",
        "\\pdfbookmark[1]{B}{b}", "\\floatplacement{figure}{H}", "\\interfootnotelinepenalty=10000 ",
        "\\inputencoding{utf8}", "\\columnbreak ", "\\pdfoutput=1 ", "\\printglossaries ", "\\bsp ", "\\putbib ",
        "\\pagerange{1--2}", "\\addtocontents{toc}{x}", "\\newlength{\\len}\\setlength{\\len}{1cm}",
        "\\setlength\\tabcolsep{2pt}", "\\setlength{\\parindent}\\len", "\\addtolength\\textwidth{1in}",
        "\\newcommand{\\n}{4}\\divide\\textwidth by \\n ", "\\advance\\textwidth by 1pt ", "\\draft ", "\\narrowtext ",
        "\\advance\\leftskip\\parindent ", "\\FloatBarrier ", "\\epsscale{0.8}",
        "\\headline={\\ifnum\\pageno>1 Left\\fi}", "\\footline{\\hss}",
        "\\immediate\\write16{Done}", "\\write\\notes{x}",
        "\\openout\\notes=\\jobname.txt ",
        "\\immediate\\closeout\\notes ", "\\NoRunningHeads ", "\\pageheight{9in}",
        "\\newdimen\\w\\w=10pt", "\\newskip\\w\\w 1pt plus 2pt ", "\\newbox\\b", "\\DeclareMathSizes{1}{2}{3}{4}",
        "\\newfam\\msbfam\\textfont\\msbfam=\\tenmsb", "\\vphantom{x}",
        "\\input amssym ", "\\input{glyphtounicode}", "\\saythanks ",
        "\\fontencoding{T1}\\selectfont ", "\\pdfinfo{/Title (X)}", "\\IEEEdisplaynontitleabstractindextext ",
    ],
)  # fmt: skip
def test_layout_goes(noise: str) -> None:
    assert written(f"Some{noise}.words") == "Some.words"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("left\\hfill right", "left right"),
        ("left\\phantom{ghost}right", "left right"),
        ("1 & \\hphantom{0}5", "1 & 5"),
        ("\\begin{tikzcd}\\phantom{a}&b\\end{tikzcd}", "\\begin{tikzcd}\\phantom{a}&b\\end{tikzcd}"),
        ("$a\\phantom{b}\\vphantom{c}$", "$a\\phantom{b}\\vphantom{c}$"),
        ("left\\hspace{1cm}right", "left right"),
        ("[-\\the\\fontdimen22\\textfont2]", "[-\\the\\fontdimen22\\textfont2]"),
        ("x\\fontdimen6\\textfont2\\relax", "x\\fontdimen6\\textfont2"),
        ("One.\\par Two.\\par\nThree. {\\small Four.\\par}", "One.\n\nTwo.\n\nThree. {\\small Four.\n\n}"),
        ("left\\vbox to 2cm{right}", "left {right}"),
        (
            "\\newcommand{\\head}[2]{\\fbox{\\vbox{\\hbox to 5in{#1\\hfill #2}}}}\\head{A}{B}",
            "\\fbox{{\\hbox to 5in{A B}}}",
        ),
        ("\\lower1ex\\vbox{a} $\\vbox{b}$", "\\lower1ex\\vbox{a} $\\vbox{b}$"),
        ("left\\hspace*{\\fill}$x$", "left $x$"),
        ("left\\hskip 1em right", "left right"),
        ("left\\linebreak right", "left right"),
        ("above\\vskip 2mm plus 1mm below", "above below"),
        ("left\\hspace{1pt}right", "leftright"),
        ("left\\hspace{-1em}right", "leftright"),
        ("left \\hspace{1cm} right", "left  right"),
        ("$a\\hspace{1cm}b$", "$ab$"),
        ("{\\hfill right}", "{right}"),
        ("{\\newpage}", "{}"),
        ("One.\\newpage Two.", "One.\n\nTwo."),
        ("One.\\vfill\\eject\nTwo.", "One.\n\nTwo."),
        ("One.\\begin{flushleft}Two.\\end{flushleft}Three.", "One.\nTwo.\nThree."),
        ("One \\begin{CJK}{UTF8}{gbsn}zwei\\end{CJK}, three.", "One zwei, three."),
        ("One \\begin{otherlanguage}{ngerman}zwei\\end{otherlanguage}, three.", "One zwei, three."),
    ],
)
def test_what_parted_words_on_the_page_parts_them_in_the_text(text: str, shown: str) -> None:
    assert written(text) == shown


@pytest.mark.parametrize(
    "begin",
    [
        "sloppypar}", "spacing}{1.5}", "multicols}{2}", "adjustwidth}{1cm}{1cm}", "onehalfspace}", "landscape}",
        "widetext}", "otherlanguage}{german}", "flushleft}", "small}",
    ],
)  # fmt: skip
def test_environments_that_set_a_text_leave_the_text(begin: str) -> None:
    name = begin.partition("}")[0]
    assert written(f"a\n\\begin{{{begin}\nWords.\n\\end{{{name}}}\nb") == "a\nWords.\nb"


@pytest.mark.parametrize(
    "text",
    [
        "\\includegraphics[width=.5\\textwidth]{f}",
        "\\begin{minipage}{.47\\hsize}a\\end{minipage}",
        "\\rule{\\parindent}{1pt}",
    ],
)
def test_a_length_stays_where_it_is_a_value(text: str) -> None:
    assert written(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\\hypertarget{a}{\\section{A}\\label{a}}", "\\section{A}\\label{a}"),
        ("\\DIFdelbegin \\DIFdel{old }\\DIFdelend \\DIFaddbegin \\DIFadd{new }\\DIFaddend text", "new text"),
        ("\\providecommand{\\DIFdel}[1]{{\\sout{#1}}}\\DIFdel{old}new", "new"),
        ("\\setbeamertemplate{footline}[default]\\begin{frame}a\\pause b\\end{frame}", "\\begin{frame}ab\\end{frame}"),
    ],
)
def test_marks_of_tools_go_and_the_text_stays(text: str, shown: str) -> None:
    assert written(text) == shown


def test_an_own_environment_of_such_a_name_is_followed() -> None:
    assert written("\\newenvironment{small}{<}{>}\\begin{small}a\\end{small}") == "<a>"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("super\\-cali\\-fragile", "supercalifragile"),
        ("shelf\\/ful etc.\\@ and", "shelfful etc. and"),
        ("\\IEEEPARstart{T}{his} is", "This is"),
        ("\\lettrine[lines=2]{T}{his} is", "This is"),
    ],
)
def test_words_are_whole(text: str, shown: str) -> None:
    assert written(text) == shown


def test_plain_tex_ends_with_end() -> None:
    assert written("\\def\\eq#1{$$#1$$}Words \\eq{x} \\end secret") == "Words $$x$$ "


def test_references_of_other_names_go() -> None:
    text = "Body.\\begin{mcitethebibliography}{9}\\bibitem{a}Secret\\end{mcitethebibliography} End."
    assert body_of({"main.tex": text}) == "Body. End."
