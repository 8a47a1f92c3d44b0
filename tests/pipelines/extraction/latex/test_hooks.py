r"""What a paper puts off to the beginning or the end of its document comes there."""

import pytest

from tests.pipelines.extraction.latex.written import written


def paper(preamble: str, body: str = "\\word.", files: dict[str, str] | None = None) -> str:
    return written(f"\\documentclass{{article}}{preamble}\\begin{{document}}{body}\\end{{document}}", files)


@pytest.mark.parametrize(
    "hook",
    [
        "\\AtBeginDocument{\\renewcommand{\\word}{late}}",
        "\\AddToHook{begindocument}{\\renewcommand{\\word}{late}}",
        "\\AddToHook{begindocument/end}[mine]{\\renewcommand{\\word}{late}}",
        "\\makeatletter\\def\\l@te{late}\\AtBeginDocument{\\def\\word{\\l@te}}\\makeatother",
    ],
)
def test_a_hook_at_the_beginning_comes_behind_the_preamble(hook: str) -> None:
    assert paper(f"{hook}\\newcommand{{\\word}}{{early}}").endswith("late.")


def test_hooks_keep_their_order() -> None:
    hooks = "\\AtBeginDocument{\\def\\word{one}}\\AtBeginDocument{\\edef\\word{\\word two}}"
    assert paper(hooks).endswith("onetwo.")


def test_a_hook_of_a_style_defines_and_prints_nothing() -> None:
    style = "\\AtBeginDocument{Loaded by mine.\\newcommand{\\word}{late}}\\AtEndOfPackage{\\newcommand{\\more}{more}}"
    assert paper("\\usepackage{mine}", "\\word\\ \\more.", {"mine": style}).endswith("late\\ more.")


@pytest.mark.parametrize("hook", ["\\AtBeginDocument{%s}", "\\AddToHook{begindocument}{%s}"])
@pytest.mark.parametrize("sets", ["\\thispagestyle{empty}", "\\odd{a b}", "\\odd[c]{a}{b}\\parindent=0pt", "\\,"])
def test_a_hook_that_only_sets_the_page_leaves_nothing(hook: str, sets: str) -> None:
    assert paper(hook % sets, "Words.").endswith("Words.")
    assert "odd" not in paper(hook % sets, "Words.")


def test_words_of_hooks_stand_at_both_ends() -> None:
    text = paper("\\AtBeginDocument{First words. }\\AtEndDocument{ Last words.}", "Words.")
    assert text == "First words. Words. Last words."
