r"""What a paper's own `\maketitle` prints beside title and authors stays, and what sets its page goes."""

import pytest

from pipelines.extraction.latex.title_pages import fields_set
from tests.pipelines.extraction.latex.written import body_of

PAGE = (
    "\\renewcommand{\\maketitle}{\\begin{titlepage}\\begin{center}\\vspace*{2cm}{\\Large\\bfseries\\@title\\par}"
    "\\vskip 1em by \\@author\\\\[2ex]\\rule{5cm}{1pt}\\par %s\\end{center}\\@date\\end{titlepage}}"
)
PAPER = (
    "\\documentclass{thesis}\\title{On Knots}\\author{A Bee}\\date{1 May}%s"
    "\\begin{document}\\maketitle\\section{One} Words.\\end{document}"
)


def shown(fields: str, page: str, used: str) -> str:
    """What stands between the front matter and the first section."""
    text = body_of({"main.tex": PAPER % used, "thesis.cls": f"\\LoadClass{{report}}{fields}{PAGE % page}"})
    before, mark, _ = text.partition("\\section{One}")
    assert mark
    return before.partition("\\author{A Bee}")[2].strip()


@pytest.mark.parametrize(
    "setter",
    [
        "\\newcommand{\\guide}[1]{\\gdef\\@guide{#1}}",
        "\\def\\guide#1{\\def\\@guide{#1}}",
        "\\def\\guide#1{\\global\\def\\@guide{{\\it #1}}}",
        "\\newcommand{\\guide}[1]{\\renewcommand{\\@guide}{#1}}\\newcommand{\\@guide}{}",
        "\\newcommand{\\guide}[1]{\\def\\@guide{#1}\\def\\@other{x}}",
    ],
)
def test_a_field_of_an_own_page_of_titles_is_text(setter: str) -> None:
    assert shown(setter, "Supervised by \\@guide", "\\guide{Prof. Cee}") == "Supervised by Prof. Cee"


def test_a_field_in_a_register_of_tokens_is_one_too() -> None:
    fields = "\\newtoks\\@guide\\def\\guide#1{\\@guide={#1}}"
    assert shown(fields, "Supervised by \\the\\@guide", "\\guide{Prof. Cee}") == "Supervised by Prof. Cee"


def test_a_field_that_is_not_given_prints_nothing() -> None:
    fields = "\\newcommand{\\guide}[1]{\\gdef\\@guide{#1}}\\def\\@guide{}"
    page = "\\ifx\\@guide\\@empty\\else Supervised by \\@guide\\fi"
    assert shown(fields, page, "") == ""
    assert shown(fields, page, "\\guide{Prof. Cee}") == "Supervised by Prof. Cee"


def test_what_front_matter_reads_is_no_field() -> None:
    fields = "\\newcommand{\\corres}[1]{\\gdef\\@corres{#1}}"
    assert shown(fields, "Write to \\@corres", "\\corres{Ann Bee}") == "\\thanks{Ann Bee}"


def test_what_the_class_says_by_itself_stays_beside_a_field() -> None:
    fields = "\\newcommand{\\guide}[1]{\\gdef\\@guide{#1}}\\newcommand{\\@place}{House of Knots}"
    page = "A thesis submitted in May\\par x 1\\par\\@place\\par to \\@guide"
    assert shown(fields, page, "\\guide{Cee}") == "A thesis submitted in May\nHouse of Knots\nto Cee"
    assert shown(fields, page, "") == ""


def test_of_a_page_that_cannot_be_followed_the_fields_stay() -> None:
    fields = "\\newcommand{\\guide}[1]{\\gdef\\@guide{#1}}\\newbox\\titlebox"
    page = "\\setbox\\titlebox\\hbox{Words of it by \\@guide}"
    page += "\\ifdim\\ht\\titlebox<1pt More words again\\else\\@guide\\fi"
    assert shown(fields, page, "\\guide{Prof. Cee}") == "Prof. Cee"


def test_sentences_of_a_page_in_the_paper_itself_stay() -> None:
    page = "\\newcommand{\\cover}{{\\Huge\\thetitle}\\par \\theauthor\\par Read to the House\\par in\\ifdim1pt=\\x\\fi}"
    source = f"\\documentclass{{memoir}}\\title{{T}}{page}\\begin{{document}}\\cover Words.\\end{{document}}"
    assert body_of({"main.tex": source}) == "\\title{T}\n\nRead to the House\n\nWords."


def test_a_page_of_another_name_is_one_too() -> None:
    own = "\\newcommand{\\guide}[1]{\\gdef\\@guide{#1}}"
    own += "\\newcommand{\\makecover}{{\\Large\\@title}\\par\\@author\\par For \\@guide}"
    files = {
        "own.cls": f"\\LoadClass{{book}}{own}",
        "main.tex": "\\documentclass{own}\\title{T}\\guide{Cee Dee}\\begin{document}\\makecover Words.\\end{document}",
    }
    assert body_of(files) == "\\title{T}\n\nFor Cee Dee\n\nWords."


def test_a_page_that_only_dresses_the_front_matter_prints_nothing_more() -> None:
    page = "\\setcounter{footnote}{0}\\let\\thanks\\relax\\hrule height 2pt width 3cm\\vfil"
    assert shown("", page, "") == ""


def test_a_page_in_the_preamble_is_followed_too() -> None:
    source = (
        "\\documentclass{article}\\title{T}\\makeatletter"
        "\\newcommand{\\home}[1]{\\def\\place{#1}}\\home{House of Knots}"
        "\\renewcommand\\maketitle{\\textbf{\\@title}\\\\ \\place}\\makeatother"
        "\\begin{document}\\maketitle Words.\\end{document}"
    )
    assert body_of({"main.tex": source}) == "\\title{T}\n\nHouse of Knots\n\nWords."


def test_a_page_that_calls_itself_prints_nothing() -> None:
    source = (
        "\\documentclass{article}\\renewcommand{\\maketitle}{Many words again \\page}\\newcommand{\\page}{\\page}"
        "\\begin{document}\\maketitle Words.\\end{document}"
    )
    assert body_of({"main.tex": source}) == "Words."


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("\\gdef\\@a{#1}", ("@a",)),
        ("\\def\\@a{#1} \\global\\def\\b{#2}", ("@a", "b")),
        ("\\def\\@a{#1}\\textbf{#1}", ()),
        ("\\def\\@a{#1", ()),
        ("\\textbf{#1}", ()),
    ],
)
def test_a_command_that_only_sets_fields(body: str, names: tuple[str, ...]) -> None:
    assert fields_set(body) == names
