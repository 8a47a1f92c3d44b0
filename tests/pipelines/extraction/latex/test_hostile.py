r"""Papers that are made to take long: twice the paper takes twice the time, each ends as text or with a reason.

A kind is a head, a piece that is repeated, and a tail. Most look, at each place, for something that never comes: a
closing brace, an `\end`, a `\fi`, the mark behind an argument.
"""

import gc
import sys
import time

import pytest

from pipelines.extraction.latex import reading
from pipelines.extraction.latex.paper import NoPaper, Paper, paper_text

SIZE = 200_000
"""Characters of the smaller of two papers."""
MOST_GROWTH = 2.5
SLOWEST = 4.0
"""Processor seconds for a million characters; a quiet machine takes at most a third of it."""
ATTEMPTS = 3
BEGUN = "\\documentclass{article}\\begin{document}Start. "

OPEN = [
    "{", "}", "[", "\\", "$", "$ x ", "$$", "%", "%\n", "x%\n", " %", "#", "^", " ", "\n", "\t", "~", "&", "\\begin{",
    "\\begin{verbatim}", "\\begin{comment}", "\\begin{verbatim} \\begin{comment} x", "\\begin{a}", "\\end{a}",
    "\\begin{comment} \\end{x}", "\\begin{thebibliography}\\end{x}", "\\begin{abstract}", "\\begin{document}",
    "\\end{document}", "\\begin", "\\end", "\\begin{a}x\\end{a}", "\\begin{figure}", "\\begin{tikzpicture}", "\\ifx",
    "\\ifx\\a\\b", "\\ifx ab \\else x", "\\iffalse ", "\\iffalse\\fi ", "\\iftrue ", "\\iftrue\\else ", "\\else ",
    "\\ifnum1>2 x\\or", "\\ifcase3 x\\or", "\\newif\\ifa\\ifa ", "\\fi ", "\\or ", "\\ifthenelse{",
    "\\ifdim 1pt<2pt ", "\\ifthenelse{\\boolean{x}}{a}{b}", "\\unless\\ifx\\a\\b", "\\ifdefined\\a", "\\if ab",
    "\\def\\a{", "\\def\\a{x ", "\\def\\a", "\\def\\a#1", "\\newcommand{\\a}{x ", "\\newcommand\\a[1][{",
    "\\newcommand", "\\let\\a\\b ", "\\let", "\\newenvironment{a}{", "\\newtheorem{", "\\newtheorem{a}{b}",
    "\\csname ", "\\expandafter", "\\expandafter\\a\\csname ", "\\catcode`\\@=11 ", "\\makeatletter", "\\begingroup",
    "\\endgroup", "\\bgroup", "\\begingroup\\def\\a{x}\\gdef\\b{x}", "\\DeclareMathOperator{",
    "\\DeclarePairedDelimiter{", "\\NewDocumentCommand{", "\\verb|", "\\verb{x ", "\\lstinline{x ", "\\lstinline[",
    "\\mintinline[x]{", "\\url{", "\\href{{{{{ ", "\\path|x ", "\\MakeShortVerb{\\|} |", "\\ensuremath{", "\\xspace",
    "\\footnote{", "\\section{", "\\section[", "\\todo{", "\\hskip 1em plus", "\\vspace{1cm}\\noindent ",
    "\\texorpdfstring{a}{b}", "\\input{x}", "\\input ", "\\input{", "\\usepackage{a,b,c}", "\\documentclass{a}",
    "\\documentclass{a}\\begin{document}\\end{document}", "\\endinput ", "\\appendix ", "\\bye ", "\\title{",
    "\\title{x}", "\\author{", "\\author{A B}", "\\author{A \\and B}", "\\author{A$^{1}$}",
    "\\affiliation{x}\\author{A B}", "\\keywords{x, y}", "\\begin{abstract} x \\end{abstract}", "\\thanks{",
    "\\'e\\\"o\\H{o}", "\\and ", "\\excludecomment{a}", "\\hfill x",
    "\\specialcomment{", "\\string\\a", "\\begin{flushleft}x", "x\\newpage ", "\\LetLtxMacro{",
    "\\input harvmac ", "\\input amstex ", "\\phantom{x}a", "\\phantom{", "\\IfStrEqCase{z}{{a}{b", "\\xymatrix{a",
    "\\listadd\\l{abc}", "\\immediate\\write16{a}", "\\AddToHook{enddocument}{a b }", "\\piton{a",
]  # fmt: skip
"""Pieces that are repeated behind the begin of a document."""

TOWER = "".join("\\def\\" + n * "a" + "{" + 10 * ("\\" + (n - 1) * "a") + "}" for n in range(2, 20))
WITH_HEAD = {
    "spaces in a pattern": ("\\def\\f#1 to #2.{x}", "\\f a to xtox ", ""),
    "a group that is reached into and never closed": ("\\def\\x{a}", "\\expandafter\\y\\expandafter{\\x b", ""),
    "pages of titles": ("\\renewcommand{\\maketitle}{" + 900 * "\\@title a b c d\\par " + "}", "\\maketitle ", ""),
    "references that a macro begins": ("\\def\\b{\\begin{thebibliography}{9}}", "\\b a ", ""),
    "a name for the begin of an environment": ("\\def\\beq{\\begin{equation}}", "\\beq x", ""),
    "a macro in the place of an argument": ("\\def\\a{bb}", "x^\\a_\\a ", ""),
    "a macro behind an accent": ("\\def\\a{bb}", "\\hat\\a\\hat", ""),
    "a macro behind a closed argument": ("\\def\\a{bb}", "}\\a", ""),
    "a macro that calls itself": ("\\def\\a{\\a}", "\\a ", ""),
    "two macros that call each other": ("\\def\\a{\\b}\\def\\b{\\a}", "\\a \\b ", ""),
    "a macro that doubles": ("\\def\\a{\\a\\a}", "\\a ", ""),
    "an argument that grows": ("\\def\\a#1{\\a{#1x}}", "\\a{x} ", ""),
    "an argument that doubles": ("\\def\\a#1{\\a{#1#1}}", "\\a{x} ", ""),
    "a tower of macros": (TOWER, "\\" + 19 * "a" + " ", ""),
    "arguments in arguments that double": ("\\def\\a#1{#1#1}", "\\a{\\a{\\a{\\a{\\a{\\a{x}}}}}}", ""),
    "arguments that stay open": ("\\newcommand{\\a}[1]{#1}", "\\a{", ""),
    "options that stay open": ("\\newcommand{\\a}[2][]{#1}", "\\a[", ""),
    "options that close at the end": ("\\newcommand{\\a}[2][]{#1}", "\\a[", "]"),
    "a mark that never comes": ("\\def\\a#1\\end{#1}", "\\a x", ""),
    "a mark inside braces": ("\\def\\a#1.{#1}", "\\a {.}", ""),
    "a mark at the end": ("\\def\\a#1\\z{#1}", "\\a x", "\\z"),
    "nine arguments": ("\\def\\a#1#2#3#4#5#6#7#8#9{#1#1#2#2}", "\\a{x}", ""),
    "a macro that stays": ("\\def\\a{\\hbox\\count\\box}", "\\a ", ""),
    "an environment of the author's": ("\\newenvironment{z}{\\begin{quote}}{\\end{quote}}", "\\begin{z}", ""),
    "an environment that begins itself": ("\\newenvironment{z}{\\begin{z}}{\\end{z}}", "\\begin{z}", ""),
    "groups in groups": ("", "{", "}" * SIZE),
    "arguments in arguments": ("\\newcommand{\\a}[1]{(#1)}", "\\a{", "}" * (SIZE // 3)),
    "a name that runs": ("", "\\" + "a" * 50, ""),
    "an input of many folders": ("\\input{", "a/", "}"),
    "an input that leads out": ("\\input{", "../", "}"),
    "many packages": ("\\usepackage{", "a,", "}"),
    "many authors": ("\\author{", "A B \\and ", "}"),
    "many keywords": ("\\keywords{", "x, ", "}"),
    "braces that an escape hides": ("", "\\verb{\\}", ""),
}  # fmt: skip
"""The same with something before and behind."""


def seconds(kind: tuple[str, str, str], size: int) -> float:
    head, piece, tail = kind
    raw = (BEGUN + head + piece * (size // len(piece)) + tail[: len(tail) * size // SIZE]).encode()
    traced = sys.gettrace()
    sys.settrace(None)  # what a measure of coverage does for each line is no cost of the paper
    gc.freeze()  # nor is a look through all objects that the tests before have left in this process
    try:
        started = time.process_time()
        found = paper_text({"paper.tex": raw})
        ended = time.process_time()
    finally:
        gc.unfreeze()
        sys.settrace(traced)
    assert isinstance(found, Paper | NoPaper)
    return ended - started


def assert_linear(kind: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LEAST_WORK", 0)  # else two short papers may both stop at the same amount
    for _ in range(ATTEMPTS):
        short, long = seconds(kind, SIZE), seconds(kind, 2 * SIZE)
        if long <= MOST_GROWTH * short + 0.02 and long <= SLOWEST * 2 * SIZE / 1e6:
            return
    raise AssertionError(f"{SIZE} characters take {short:.3f} seconds, twice as many {long:.3f}")


@pytest.mark.parametrize("piece", OPEN)
def test_a_piece_over_and_over_takes_linear_time(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_linear(("", piece, ""), monkeypatch)


@pytest.mark.parametrize("kind", WITH_HEAD.values(), ids=WITH_HEAD.keys())
def test_a_use_over_and_over_takes_linear_time(kind: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert_linear(kind, monkeypatch)


def test_files_that_read_each_other_are_read_once_each_time_they_are_named() -> None:
    files = {
        "main.tex": BEGUN.encode() + b"\\input{a} End.\\end{document}",
        "a.tex": b"A \\input{b}",
        "b.tex": b"B \\input{a} \\input{main}",
    }
    found = paper_text(files)
    assert isinstance(found, Paper)
    assert found.text == "Start. A B \\input{a} \\input{main}\n\n End."


def test_files_that_read_the_next_twice_come_to_an_end() -> None:
    files = {f"f{index}.tex": f"\\input{{f{index + 1}}} \\input{{f{index + 1}}} x".encode() for index in range(40)}
    files["main.tex"] = BEGUN.encode() + b"\\input{f0} End.\\end{document}"
    started = time.process_time()
    found = paper_text(files)
    assert isinstance(found, Paper)
    assert found.text.endswith("End.") or found.exhausted
    assert time.process_time() - started < 20


def test_a_book_of_many_chapters_may_cost_what_its_chapters_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LEAST_WORK", 20_000)
    files = {f"c{index}.tex": b"\\R words. " * 2000 for index in range(20)}
    inputs = "".join(f"\\input{{c{index}}}" for index in range(20))
    files["main.tex"] = f"\\newcommand{{\\R}}{{\\mathbb{{R}}}}{BEGUN}{inputs}\\end{{document}}".encode()
    found = paper_text(files)
    assert isinstance(found, Paper)
    assert not found.exhausted
    assert found.text.count("\\mathbb{R}words.") == 40_000


def test_ten_thousand_files_are_all_read() -> None:
    files = {f"part{index}.tex": f"Words of part {index}.".encode() for index in range(10_000)}
    files["main.tex"] = (BEGUN + "".join(f"\\input{{part{index}}} " for index in range(10_000))).encode()
    started = time.process_time()
    found = paper_text(files)
    assert isinstance(found, Paper)
    assert found.text.count("Words of part") == 10_000
    assert time.process_time() - started < 20


def test_a_class_that_loads_itself_is_loaded_once() -> None:
    files = {
        "main.tex": b"\\documentclass{mine}\\begin{document}\\firstly\\secondly\\end{document}",
        "mine.cls": b"\\LoadClass{mine}\\RequirePackage{other}\\newcommand\\firstly{X}",
        "other.sty": b"\\RequirePackage{mine}\\RequirePackage{other}\\newcommand\\secondly{Y}",
    }
    found = paper_text(files)
    assert isinstance(found, Paper)
    assert found.text == "XY"


def test_a_chain_of_packages_or_macros_has_an_end() -> None:
    files = {f"p{index}.sty": f"\\RequirePackage{{p{index + 1}}}".encode() for index in range(2000)}
    names = ["\\m" + "".join(chr(97 + int(digit)) for digit in str(index)) for index in range(3000)]
    chain = "".join(f"\\def{name}{{{after}}}" for name, after in zip(names, [*names[1:], "end"], strict=True))
    stays = chain.replace("{end}", "{\\hbox\\count}")
    for text in (chain, stays, "\\let\\x\\hat" + chain.replace("\\m", "\\x\\m")):
        files["main.tex"] = f"{BEGUN}\\usepackage{{p0}}{text} \\maa words.\\end{{document}}".encode()
        found = paper_text(files)
        assert isinstance(found, Paper)
        assert found.text.endswith("words.")
