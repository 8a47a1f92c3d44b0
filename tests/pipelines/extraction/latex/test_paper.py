r"""From the files of a submission to the text of its paper."""

import os
import re
import time
from collections import Counter
from pathlib import Path

import pytest

from pipelines.extraction.latex.decoding import declared_encoding, decode
from pipelines.extraction.latex.paper import KEPT, NoPaper, Paper, kind_of, paper_text, tidy, withdrawn

ARTICLE = r"""%% This is a comment
\documentclass[11pt]{article}
\usepackage[latin1]{inputenc}
\usepackage{mine}
\newcommand{\R}{\mathbb{R}}
\title[Short]{On {\em Sets} of 50\% Density}
\author{A. Author}
\begin{document}
\maketitle
\begin{abstract} We study $\R$. \end{abstract}
\section{Introduction}% the start
Let $x\in\R$ be at most 50\% of $\norm{y}$. % remark
\input{proof}
\appendix
\section{More}
An appendix.
\begin{thebibliography}{9}
\bibitem{a} A book.
\end{thebibliography}
\end{document}
after the end
"""


def text_of(files: dict[str, bytes], keep: frozenset[str] = KEPT) -> str:
    found = paper_text(files, keep=keep)
    assert isinstance(found, Paper), found
    return found.text


def test_a_whole_submission() -> None:
    files = {
        "main.tex": ARTICLE.encode(),
        "proof.tex": "The proof of G\xf6del. \\qed\n".encode("latin-1"),
        "mine.sty": b"\\newcommand{\\norm}[1]{\\|#1\\|}",
        "figure.pdf": b"",
    }
    assert text_of(files) == (
        "\\title{On Sets of 50\\% Density}\n\\author{A. Author}\n"
        "\\begin{abstract}\nWe study $\\mathbb{R}$.\n\\end{abstract}\n\n\\section{Introduction}\n"
        "Let $x\\in\\mathbb{R}$ be at most 50\\% of $\\|y\\|$. The proof of Gödel. \\qed\n\n\\appendix\n"
        "\\section{More}\nAn appendix."
    )
    assert text_of(files, KEPT - {"appendix"}).endswith("\\qed")
    front = paper_text(files).front  # type: ignore[union-attr]
    assert (front.title, front.authors) == ("On Sets of 50\\% Density", ("A. Author",))


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"paper.pdf": b"%PDF"}, "pdf_only"),
        ({"data.txt": b"x"}, "no_tex"),
        ({"paper.pdf": b"%PDF", "anc/notes.tex": b"\\section{A} x"}, "pdf_only"),
        ({"a.tex": b"%auto-ignore\nThis paper has been withdrawn by the author."}, "withdrawn"),
        ({"a.tex": b"\\documentclass{article}\\begin{document}\\end{document}"}, "empty"),
    ],
)
def test_what_is_no_paper_has_a_reason(files: dict[str, bytes], reason: str) -> None:
    found = paper_text(files)
    assert isinstance(found, NoPaper)
    assert found.reason == reason


def test_a_paper_about_withdrawal_is_a_paper() -> None:
    assert not withdrawn("\\documentclass{article}\\begin{document}The army was withdrawn.\\end{document}")
    assert not withdrawn("The army was withdrawn. " * 200)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"%PDF-1.4 x", "pdf"),
        (b"%!PS-Adobe", "ps"),
        (b"<!DOCTYPE html><p>", "html"),
        (b"PK\x03\x04", "docx"),
        (b" \n", "empty"),
        (b"\\input amstex x", "tex"),
        (b"words only", "unknown"),
    ],
)
def test_single_files_are_known_by_their_content(raw: bytes, kind: str) -> None:
    assert kind_of(raw) == kind


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("Erdős".encode(), "Erdős"),
        (b"\xef\xbb\xbfx\r\ny\rz\x00", "x\ny\nz"),
        ("Gödel".encode("latin-1"), "Gödel"),
        ("“quoted”".encode("cp1252"), "“quoted”"),
        ("Erdős, Gödel and one slip: ".encode() + b"\xe9", "Erdős, Gödel and one slip: é"),
        ("x".encode("utf-16"), "x"),
    ],
)
def test_every_encoding_is_read(raw: bytes, text: str) -> None:
    assert decode(raw) == text


def test_the_declared_encoding_is_used_where_the_bytes_are_no_utf8() -> None:
    codec = declared_encoding([b"\\usepackage[cp1251]{inputenc}"])
    assert decode("Теорема".encode("cp1251"), codec) == "Теорема"
    assert decode("Теорема".encode(), codec) == "Теорема"
    assert declared_encoding([b"\\usepackage[utf8]{inputenc}"]) is None


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\n\\begin{thebibliography}{9}x\\end{thebibliography}\nb", "a\nb"),
        ("a\n\\begin{references}x\\end{references} b", "a\n b"),
        ("a\n\\bibliographystyle{plain}\n\\bibliography{x}\nb", "a\nb"),
        ("a \\printbibliography[heading=none] b", "a  b"),
        ("a \\begin{thebibliography}{9} never closed", "a"),
    ],
)
def test_bibliographies_go_and_what_follows_stays(text: str, kept: str) -> None:
    assert text_of({"a.tex": text.encode()}) == kept


def test_tidy_leaves_one_blank_line() -> None:
    assert tidy("\n a  \n\n \n\n\nb\n") == "a\n\nb"


@pytest.mark.parametrize(
    "piece",
    [
        "{", "\\begin{document}", "\\title{", "\\begin{thebibliography}", "\\bibliography{", "\n \n", "\\input{a}", "$",
        "\\usepackage{a}", "\xe9", " ", "\t", "\n", "\\documentclass", "\\begin{document} ", "\\def\\a", "%",
        "\\newcommand ", "\\end ",
    ],
)  # fmt: skip
def test_hostile_papers_take_linear_time(piece: str) -> None:
    raw = b"\\documentclass{article}\n" + piece.encode("latin-1") * (200_000 // len(piece))
    started = time.process_time()
    paper_text({"a.tex": raw})
    assert time.process_time() - started < 20


def test_no_word_of_real_articles_is_lost() -> None:
    """Of 259 real files only comments, preamble and bibliography go, told here by cruder means than the subject's."""
    folder = os.environ.get("PROOFPILE_REAL_DATA")
    if not folder:
        pytest.skip("PROOFPILE_REAL_DATA is not set")
    words = re.compile(r"(?<![\\a-zA-Z])[a-zA-Z]{4,}")
    compared = 0
    for path in sorted((Path(folder) / "latex").rglob("*.tex")):
        raw = path.read_bytes()
        source = re.sub(r"(?<!\\)%.*", "", decode(raw))
        body = re.search(r"\\begin\{document\}(.*)\\end\{document\}", source, re.DOTALL)
        source = re.sub(r"(?s)\\begin\{thebibliography\}.*?\\end\{thebibliography\}", "", body[1] if body else source)
        source = re.sub(r"\\bibliography(style)?\{.*?\}", "", source)
        source = source[max(source.find("\\begin{abstract}"), 0) :]  # the title page comes out in another form
        source = re.sub(r"\\(?:address|email|(?:begin|end))\{[^{}]*\}|\\(?:title|author)\[[^\]]*\]", "", source)
        expected = Counter(words.findall(source))
        found = Counter(words.findall(text_of({path.name: raw})))
        assert not expected - found, path.name
        compared += expected.total()
    assert compared > 35_000


@pytest.mark.parametrize(
    "piece", ["\\url{", "\\begin{lstlisting}", "a%\n", "\\excludecomment{a}\\begin{a}", "\\path{ \\begin{minted} "]
)
def test_what_has_no_end_is_looked_for_once(piece: str) -> None:
    raw = b"\\documentclass{article}\\begin{document}\n" + piece.encode() * (400_000 // len(piece))
    started = time.process_time()
    paper_text({"a.tex": raw})
    assert time.process_time() - started < 1.5


def test_thousands_of_macros_without_end_cost_bounded_time() -> None:
    names = ["".join(chr(97 + int(digit)) for digit in str(number)) for number in range(10_000)]
    raw = "\\documentclass{article}\\begin{document}" + "".join(f"\\def\\{n}{{x\\{n}}}\\{n} " for n in names)
    started = time.process_time()
    paper_text({"a.tex": raw.encode()})
    assert time.process_time() - started < 3


def test_an_argument_that_was_not_given_leaves_no_mark() -> None:
    source = (
        "\\documentclass{article}\\NewDocumentCommand{\\x}{o m}{[#1|#2]}\\begin{document}A \\x{b} c.\\end{document}"
    )
    assert text_of({"main.tex": source.encode()}) == "A [|b] c."


PLAIN = (
    "\\magnification=1200\n\\beginsection 1. Intro\n\nText $x$.\n\n\\proclaim Theorem 1. All is well.\n\n"
    "{\\it Proof.} Ok.\n\\bye"
)
PHYZZX = (
    "\\input phyzzx\n\\titlepage\\title{On X}\\author{A B}\n\\abstract Words.\\endpage\n\\chapter{Intro} Text.\n\\bye"
)


def test_headings_and_theorems_of_plain_tex_are_those_of_latex() -> None:
    paper = paper_text({"a.tex": PLAIN.encode()})
    assert isinstance(paper, Paper)
    assert paper.text == (
        "\\section{1. Intro}\n\nText $x$.\n\n\\begin{Theorem 1} All is well.\\end{Theorem 1}\n\n{\\it Proof.} Ok."
    )


def test_the_commands_of_phyzzx_are_those_of_latex() -> None:
    paper = paper_text({"a.tex": PHYZZX.encode()})
    assert isinstance(paper, Paper)
    assert (paper.front.title, paper.front.abstract) == ("On X", "Words.")
    assert paper.text.endswith("\\section{Intro} Text.")


def test_definitions_of_ams_tex_are_those_of_plain_tex() -> None:
    source = (
        "\\input amstex\n\\documentstyle{amsppt}\\loadmsbm\\newsymbol\\onto 1310 \n\\predefine\\old{\\phi}"
        "\\define\\CC{\\Bbb C}\\redefine\\phi{\\varphi}\n"
        "Let $\\phi\\old\\in\\CC$ $\\matrix a\\endmatrix$.\n\\enddocument"
    )
    paper = paper_text({"a.tex": source.encode()})
    assert isinstance(paper, Paper)
    assert paper.text == "Let $\\varphi\\phi\\in\\Bbb C$ $\\begin{matrix}a\\end{matrix}$."


def test_a_title_may_use_what_is_defined_behind_it() -> None:
    source = "\\title{\\ours: on knots}\\author{A B}\\newcommand{\\ours}{\\textsc{Knot}y}"
    paper = paper_text(
        {"a.tex": f"\\documentclass{{article}}{source}\\begin{{document}}Words.\\end{{document}}".encode()}
    )
    assert isinstance(paper, Paper)
    assert paper.front.title == "Knoty: on knots"
    hard = "\\def\\wide{\\setbox0\\hbox{x}}\\rule{\\wide}"
    paper = paper_text(
        {"a.tex": f"\\documentclass{{article}}{hard}\\begin{{document}}Words.\\end{{document}}".encode()}
    )
    assert isinstance(paper, Paper)
    assert paper.text == "Words."


def test_slides_are_read_without_what_tells_when_they_are_shown() -> None:
    source = (
        "\\documentclass{beamer}\\begin{document}\\begin{frame}{One}\\item<1-> First \\only<2>{then} \\note{unseen}"
        "\\onslide<3->\\alert<2>{more}\\end{frame}\\end{document}"
    )
    paper = paper_text({"a.tex": source.encode()})
    assert isinstance(paper, Paper)
    assert paper.text == "\\begin{frame}{One}\\item First then \\textbf{more}\\end{frame}"


def test_the_head_of_an_ams_tex_paper_goes_whole() -> None:
    source = (
        "\\input amstex\\documentstyle{amsppt}\\topmatter\\title On X\\endtitle\\author A B\\endauthor"
        "\\email a@b.org\\endemail\\curraddr Elsewhere\\endcurraddr\\urladdr a.b/c\\endurladdr\\endtopmatter"
        "\\document\nWords.\\enddocument"
    )
    paper = paper_text({"a.tex": source.encode()})
    assert isinstance(paper, Paper)
    assert paper.text == "\\title{On X}\n\\author{A B}\n\nWords."
