r"""Writing out an author's macros, within bounds."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.extraction.latex import macros as macros_module
from pipelines.extraction.latex.macros import Expander


def expand(text: str) -> str:
    return Expander(len(text)).expand(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("\\newcommand{\\R}{\\mathbb{R}}\n$x \\in \\R$", "$x \\in \\mathbb{R}$"),
        ("\\newcommand\\R{\\mathbb R}\n$\\R\\R$", "$\\mathbb R\\mathbb R$"),
        ("\\renewcommand*{\\epsilon}{\\varepsilon} $\\epsilon$", " $\\varepsilon$"),
        ("\\def\\eps{\\varepsilon}% 2\n", "% 2\n"),
        ("\\newcommand{\\norm}[1]{\\left\\|#1\\right\\|} \\norm{x + y}", " \\left\\|x + y\\right\\|"),
        ("\\def\\v#1{\\mathbf #1} \\v x, \\v{ab}", " \\mathbf x, \\mathbf ab"),
        ("\\newcommand{\\ip}[2][x]{(#1, #2)} \\ip{y} \\ip[z]{y}", " (x, y) (z, y)"),
        ("\\DeclareMathOperator{\\tr}{tr} \\tr A", " \\operatorname{tr} A"),
        ("\\DeclareMathOperator*{\\argmin}{arg\\,min} \\argmin_x", " \\operatorname*{arg\\,min}_x"),
        ("\\NewDocumentCommand{\\set}{m}{\\{#1\\}} \\set{1}", " \\{1\\}"),
        ("\\let\\phi\\varphi $\\phi$", " $\\varphi$"),
        ("\\newcommand{\\be}{\\begin{align}}\\def\\ee{\\end{align}}\n\\be x \\ee", "\\begin{align} x \\end{align}"),
        ("\\newcommand{\\ie}{i.e.\\xspace} \\ie so", " i.e. so"),
        ("\\newcommand{\\n}[1]{|#1|}\\newcommand{\\m}[1]{\\n{\\n{#1}}}\\m{x}", "||x||"),
    ],
)  # fmt: skip
def test_notation_is_written_out(text: str, written: str) -> None:
    assert expand(text) == written


@pytest.mark.parametrize(
    "text",
    [
        "\\def\\a{\\ifmmode x\\fi} \\a",
        "\\newcommand{\\a}{\\@startsection{x}} \\a",
        "\\newcommand{\\section}[1]{#1} \\section{x}",
        "\\def\\a#1.{x#1} \\a 1.",
        "\\newcommand{\\a}[1]{#2} \\a{x}",
        "\\def\\a{x\\a} \\a",
        "\\newcommand{\\a}{never closed",
        "\\newcommand",
        "\\def",
        "\\let\\a",
    ],
)
def test_what_is_no_plain_notation_stays(text: str) -> None:
    assert expand(text) == text


def test_a_definition_holds_from_where_it_stands() -> None:
    assert expand("\\a \\def\\a{1}\\a \\def\\a{2}\\a") == "\\a 1 2"


def test_an_argument_is_put_in_braces() -> None:
    head = "\\def\\a{x+y}\\def\\b{\\beta}\n"
    assert expand(head + "2^\\a \\frac\\a\\b \\frac{1}\\a \\hat\\a \\sqrt \\a \\frac1\\a x_\\b") == (
        "2^{x+y} \\frac{x+y}\\beta \\frac{1}{x+y} \\hat{x+y} \\sqrt {x+y} \\frac1{x+y} x_\\beta"
    )


def test_a_command_does_not_run_into_the_letter_after_it() -> None:
    assert expand("\\newcommand{\\a}[1]{\\alpha#1\\beta}\n\\a{x}y") == "\\alpha x\\beta y"


def test_verbatim_text_is_left_alone() -> None:
    text = "\\def\\a{x}\n\\verb|\\a| \\begin{verbatim}\\a\\end{verbatim}"
    assert expand(text) == "\\verb|\\a| \\begin{verbatim}\\a\\end{verbatim}"


def test_macros_that_double_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(macros_module, "LEAST_WORK", 200_000)
    names = [f"\\{chr(97 + index)}" for index in range(25)]
    bomb = "".join(f"\\def{name}{{{after}{after}}}" for name, after in zip(names, [*names[1:], "x"], strict=True))
    expander = Expander(len(bomb))
    started = time.process_time()
    text = expander.expand(bomb + " \\a and \\y")
    assert expander.exhausted or text == " \\a and xx"
    assert len(text) < 200_000
    assert text.startswith(" \\a and")
    assert time.process_time() - started < 20


def test_macros_that_call_each_other_stay_as_they_are() -> None:
    assert expand("\\def\\a{1\\b}\\def\\b{2\\a}\n\\a!").endswith("\\a!")


HOSTILE = [
    "\\def\\a{x} ", "\\newcommand\\a[1][{", "\\def\\v#1{#1}\\v{", "\\let\\a\\b ", "\\def\\a{", "\\newcommand", "\\def",
    "\\def\\a{\\b\\b}\\def\\b{\\a\\a}\\a ",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_definitions_take_linear_time(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(macros_module, "LEAST_WORK", 200_000)
    text = piece * (100_000 // len(piece))
    started = time.process_time()
    expand(text)
    assert time.process_time() - started < 20


def test_ten_megabytes_of_braces() -> None:
    started = time.process_time()
    text = "{" * 10_000_000
    assert expand(text) == text
    assert time.process_time() - started < 10


@given(st.lists(st.sampled_from(["\\a", "\\b{", "}", "{", "x", "$", " ", "\\%", "\\\\", "[", "]", "^"]), max_size=40))
def test_text_without_definitions_is_left_alone(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert expand(text) == text


@given(
    st.lists(
        st.sampled_from(["\\newcommand{\\a}[1]{<#1>}", "\\def\\b{y}", "\\a", "\\b", "{", "}", "x", " "]), max_size=30
    )
)
def test_any_mixture_comes_to_an_end(pieces: list[str]) -> None:
    expand("".join(pieces))
