"""Title, authors, abstract and keywords are read as each class has them written, and come out in one form."""

import time

import pytest

from pipelines.extraction.latex.front_matter import FrontMatter, front_matter
from pipelines.extraction.latex.names import authors_of, keywords_of, one_line, places_of, with_accents
from pipelines.extraction.latex.paper import Paper, paper_text

A, B = "Ada Author", "Ben Bell"
WANTED = FrontMatter("On groups", (A, B), (), (), "We study groups.", ("groups", "rings"))


def of(preamble: str, document: str = "\\maketitle\n\\section{One} Words.") -> FrontMatter:
    return front_matter(preamble, document)[0]


@pytest.mark.parametrize(
    "source",
    [
        (
            "\\title{On groups}\\author{Ada Author \\and Ben Bell}\\begin{abstract}We study groups.\\end{abstract}"
            "\\keywords{groups, rings}"
        ),
        (
            "\\title[Groups]{On groups}\\author{Ada Author}\\author{Ben Bell}\\keywords{groups; rings}"
            "\\begin{abstract}\nWe study groups.\n\\end{abstract}"
        ),
        (
            "\\title{On\n groups\\thanks{}}\\author[1]{Ada Author\\corref{c}}\\author[2]{Ben Bell}"
            "\\begin{abstract}We study groups.\\end{abstract}\\begin{keyword}groups \\sep rings\\end{keyword}"
        ),
        (
            "\\title{\\bf On groups}\\author{\\IEEEauthorblockN{Ada Author}\\and\\IEEEauthorblockN{Ben Bell}}"
            "\\begin{abstract}We study groups.\\end{abstract}\\begin{IEEEkeywords}groups, rings.\\end{IEEEkeywords}"
        ),
        (
            "\\title{On groups}\\author{Ada Author\\inst{1} \\and Ben Bell\\inst{2}}"
            "\\begin{abstract}We study groups. \\keywords{groups \\and rings}\\end{abstract}"
        ),
        (
            "\\title{{\\Large On groups}}\\author{Ada Author$^{1,2}$, and Ben Bell$^\\dagger$}"
            "\\abstract{We study groups.}\\keywords{groups -- rings}"
        ),
        (
            "\\title{On groups}\\author*[1]{\\fnm{Ada} \\sur{Author}}\\author[2]{\\fnm{Ben} \\sur{Bell}}"
            "\\abstract{We study groups.}\\keywords{groups, rings}"
        ),
        (
            "\\title{On groups}\\author[1]{\\fname{Ada} \\surname{Author}}\\author[1]{\\fname{Ben} \\surname{Bell}}"
            "\\begin{abstract}We study groups.\\subclass{20}\\end{abstract}\\submitto{\\JPA}\\keywords{groups, rings}"
        ),
        (
            "\\title [mode = title]{On groups}\\tnotemark[1]\\author[1]{Ada Author}[orcid=0]\\cormark[1]\\credit{All}"
            "\\author[2]{Ben Bell}\\begin{abstract}We study groups.\\end{abstract}"
            "\\begin{keywords}groups \\sep rings\\end{keywords}"
        ),
        (
            "\\title{On groups}\\Author[1][a@b]{Ada}{Author}\\Author[1]{Ben}{Bell}\\firstpage{1}\\correspondence{Ada}"
            "\\begin{abstract}We study groups.\\end{abstract}\\keywords{groups, rings}"
        ),
        (
            "\\firstpage{1}\\title[R]{On groups}\\author[A]{Ada Author\\,$^{1}$, Ben Bell\\,$^{2}$}"
            "\\correspondance{}\\extraAuth{}"
            "\\begin{abstract}\\section{}We study groups.\\tiny{\\section{Keywords:} groups, rings}\\end{abstract}"
        ),
        (
            "\\title{On groups}\\runtitle{R}\\author[A]{\\fnms{Ada} \\snm{Author}\\aff{1}\\corresp{\\email{a@b}}}"
            "\\author[B]{\\fnms{Ben} \\snm{Bell}\\ead[label=e1]{b@b}}\\begin{abstract}We study groups.\\end{abstract}"
            "\\begin{keyword}\\kwd{groups}\\kwd[x ]{rings}\\end{keyword}"
        ),
        (
            "\\icmltitle{On groups}\\begin{icmlauthorlist}\\icmlauthor{Ada Author}{a}\\icmlauthor{Ben Bell}{b}"
            "\\end{icmlauthorlist}\\icmlkeywords{x}\\begin{abstract}We study groups.\\end{abstract}"
            "\\keyword{groups,rings}"
        ),
        (
            "\\Title{On groups}\\Author{Ada Author $^{1}$ and Ben Bell $^{2,*}$}\\abstract{We study groups.}"
            "\\keyword{groups; rings}"
        ),
        (
            "\\title{On groups}\\author{Ada~Author\\altaffilmark{1}, Ben~Bell\\altaffilmark{2}}"
            "\\begin{abstract}We study groups.\\end{abstract}\\keywords{groups --- rings}"
        ),
        (
            "\\topmatter\\title On groups\\endtitle\\author Ada Author and Ben Bell\\endauthor"
            "\\abstract We study groups.\\endabstract\\keywords groups, rings\\endkeywords\\endtopmatter"
        ),
        (
            "\\title{On groups}\\author{Ada Author\\\\ \\and Ben Bell}\\section*{Abstract}We study groups.\n"
            "\\keywords groups, rings\n\n"
        ),
    ],
    ids=[
        *"article revtex elsarticle ieee lncs jhep springer ptephy cas copernicus frontiers ims".split(),
        *"icml mdpi aastex ams-tex section".split(),
    ],
)
def test_front_matter_of_each_class(source: str) -> None:
    found, rest = front_matter("", source + "\n\\section{One} Words.")
    assert found._replace(notes=()) == WANTED
    assert rest.replace("\\icmlkeywords{x}", "").strip() == "\\section{One} Words."
    assert of(source)._replace(notes=()) == WANTED or "section*" in source


def test_places_inside_of_the_authors_are_places() -> None:
    source = (
        "\\articletype{A}\\title{T}\\author{\\name{Ada Author\\textsuperscript{a} and Ben Bell\\textsuperscript{b}}"
        "\\affil{\\textsuperscript{a}Lab; \\textsuperscript{b}Hall}}"
    )
    found, _ = front_matter("", source)
    assert (found.authors, found.affiliations) == (("Ada Author", "Ben Bell"), ("Lab", "Hall"))


def test_the_fixed_form() -> None:
    found = WANTED._replace(affiliations=("Univ. of X",), notes=("Supported by Y",))
    assert found.text() == (
        "\\title{On groups}\n\\author{Ada Author, Ben Bell}\n\\affiliation{Univ. of X}\n\\thanks{Supported by Y}\n"
        "\\begin{abstract}\nWe study groups.\n\\end{abstract}\n\\keywords{groups, rings}"
    )
    assert FrontMatter().text() == ""


def test_places_and_footnotes_are_no_names() -> None:
    found = of(
        "\\author{Ada Author\\thanks{Supported by a grant.}\\\\University of X\\\\ada@x.org \\and Ben Bell \\\\ Paris}"
        "\\affiliation{Y Lab}\\altaffiltext{1}{Z College}"
    )
    assert found.authors == (A, B)
    assert found.affiliations == ("University of X", "Paris", "Y Lab", "Z College")
    assert found.notes == ("Supported by a grant.",)


def test_institutes_are_told_apart() -> None:
    found = of(
        "\\institute{X Univ., \\email{a@x.org} \\and {\\'E}cole Y\\thanks{Note}}"
        "\\affiliation{\\institution{Z}\\country{France}}"
    )
    assert found.affiliations == ("X Univ.", "École Y", "Z France")
    assert found.notes == ("Note",)


@pytest.mark.parametrize(
    ("place", "plain"),
    [
        (r"\orgname{X}, \orgaddress{\city{Oslo}, \country{Norway}}", "X, Oslo, Norway"),
        (r"\orgname{X}, \orgaddress{\street{5, Main}, {\city{Oslo}}}", "X, 5, Main, Oslo"),
        (r"\orgname{X}, \orgaddress{\street{5 \& 6, Main}, \city{Oslo}}", r"X, 5 \& 6, Main, Oslo"),
        (r"X, {}, \orgdiv{}", "X"),
        (r"University of X} Paris", "University of X Paris"),
    ],
)
def test_a_place_is_plain_however_its_parts_are_grouped(place: str, plain: str) -> None:
    assert places_of(place)[0] == [plain]


def test_an_author_with_place_mail_and_number_as_arguments() -> None:
    found = of("\\author{Ada Author}{X, Berlin \\and Y}{a@x.org}{https://orcid.org/0}{[grant]}")
    assert (found.authors, found.affiliations) == ((A,), ("X, Berlin",))


def test_an_abstract_of_five_arguments() -> None:
    assert of("\\abstract{Context.}{Aims.}{Methods.}{Results.}{Ends.}").abstract == (
        "Context.\nAims.\nMethods.\nResults.\nEnds."
    )


def test_the_last_title_counts_and_a_redefinition_is_none() -> None:
    assert of("\\title{First}\\title[x]{Second {p}-group}").title == "Second p-group"
    assert of("\\renewcommand{\\title}{\\Large}\\title{T}\\newcommand\\abstract{x}") == FrontMatter("T")
    assert of("\\titlepage\\title{T}\\titlerunning{R}").title == "T"


def test_a_title_keeps_its_formulas() -> None:
    assert one_line("On $X_{i}$\\\\ and $\\mathbb{R}^{n}$ \\thanks{Note}") == (
        "On $X_{i}$ and $\\mathbb{R}^{n}$",
        ["Note"],
    )
    assert one_line("\\texorpdfstring{$p$}{p}-adic \\textbf{Fields}")[0] == "$p$-adic Fields"


def test_titles_behind_the_first_section_stay() -> None:
    document = "\\maketitle\\section{One}\\title{Of a game}\\author{x}"
    assert front_matter("", document) == (FrontMatter(), "\\section{One}\\title{Of a game}\\author{x}")


def test_a_late_abstract_is_still_the_abstract() -> None:
    found, rest = front_matter("", "\\section{One}\\begin{abstract}Late.\\end{abstract}Words")
    assert (found.abstract, rest) == ("Late.", "\\section{One}Words")


def test_names_get_their_letters() -> None:
    assert with_accents(
        "Jos\\'e N\\'u\\~nez, Erd{\\H o}s, P. Erd\\H{o}s, {\\L}o\\'s, S\\o rensen, Gro\\ss, \\v{C}ech"
    ) == ("José Núñez, Erdős, P. Erdős, Łoś, Sørensen, Groß, Čech")
    assert authors_of(["Martin King, Jr., Ada Author and Ben Bell"]).names == ["Martin King, Jr.", A, B]


def test_a_subtitle_stands_behind_the_title() -> None:
    matter, rest = front_matter("\\title{On knots}\\subtitle{A \\textbf{survey}}\\author{A B}", "Words.")
    assert (matter.title, matter.subtitle, rest) == ("On knots", "A survey", "Words.")
    assert matter.text() == "\\title{On knots}\n\\subtitle{A survey}\n\\author{A B}"


@pytest.mark.parametrize("command", ["orcid", "orcidlink", "ORCID", "lmcsorcid", "authororcid"])
def test_a_number_of_an_author_is_no_name(command: str) -> None:
    assert authors_of([f"Ann Bee\\{command}{{0000-0001}}"]).names == ["Ann Bee"]


def test_keywords_under_a_label() -> None:
    assert keywords_of("\\textbf{Keywords:} a; b, $x,y$ \\sep c") == ["a", "b", "$x,y$", "c"]


@pytest.mark.parametrize(
    "piece",
    [
        "\\title{",
        "\\keywords ",
        "\\begin{abstract}",
        "\\author{\\thanks{",
        "\\title x",
        "\\author[",
        "{{{{",
        "\\abstract{}",
    ],
)
def test_hostile_front_matter_takes_linear_time(piece: str) -> None:
    source = piece * (400_000 // len(piece))
    started = time.process_time()
    front_matter(source, source)
    front_matter(f"\\author{{{source}}}", f"\\author{{{source}}}".replace("\\thanks{", "\\thanks{}"))
    assert time.process_time() - started < 10


def test_an_address_of_several_people_is_no_place() -> None:
    people = authors_of([r"Ann Bee, Cee Dee\\ Some University\\ \texttt{\{ann, cee\}@uni.edu}"])
    assert people.names == ["Ann Bee", "Cee Dee"]
    assert people.affiliations == ["Some University"]


@pytest.mark.parametrize(
    ("source", "places"),
    [
        ("$^{1}$Uni of X \\\\ Room 5 \\and $^{2}$Inst Y", ["Uni of X Room 5", "Inst Y"]),
        ("$^1$ Uni of X\\\\ $^2$ Inst Y\\\\", ["Uni of X", "Inst Y"]),
        ("\\IEEEauthorrefmark{1}Uni of X \\IEEEauthorrefmark{2}Inst Y", ["Uni of X", "Inst Y"]),
        ("\\textsuperscript{a}Uni of X $^{a,b}$Inst Y $^\\dagger$At Z", ["Uni of X", "Inst Y", "At Z"]),
        ("Room 2, 5$^{th}$ floor, Uni of X", ["Room 2, 5$^th$ floor, Uni of X"]),
        ("organization={Uni of X},addressline={Room 5}, city=Oslo,country={}", ["Uni of X, Room 5, Oslo"]),
        ("Uni of X\\\\ \\email{\\{ann, bee\\}@x.edu}", ["Uni of X"]),
    ],
)
def test_places_are_told_apart_by_their_marks(source: str, places: list[str]) -> None:
    assert places_of(source)[0] == places


def test_a_rule_of_inference_keeps_its_premises_apart() -> None:
    text = "\\title{T}\\maketitle $$\\inferrule{A \\and B}{C}$$\\section{One} Words."
    assert "A \\and B" in front_matter("", text)[1]
    assert "\\and" not in front_matter("", "\\author{A} \\and \\author{B}\\section{One} Words.")[1]


def test_a_page_of_titles_of_the_paper_s_own_prints_them() -> None:
    body = "{\\Huge \\@title}\\\\ \\theauthor\\section{One} Words."
    assert front_matter("\\title{On groups}\\author{A B}", body)[1].startswith("{\\Huge On groups}\\\\ A B")


def test_a_class_of_the_paper_s_own_does_not_swallow_its_authors() -> None:
    files = {
        "main.tex": b"\\documentclass{own}\\Title{On groups}\\Author{A B}\\begin{document}Words.\\end{document}",
        "own.cls": b"\\newcommand{\\Title}[1]{\\gdef\\T{#1}}\\newcommand{\\Author}[1]{\\gdef\\A{#1}}",
    }
    paper = paper_text(files)
    assert isinstance(paper, Paper)
    assert (paper.front.title, paper.front.authors) == ("On groups", ("A B",))
