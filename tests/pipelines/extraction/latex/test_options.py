r"""An option of the author's own style does what the paper asks for, and nothing else."""

import pytest

from tests.pipelines.extraction.latex.written import written

STYLE = (
    "\\newif\\iflong\\DeclareOption{long}{\\longtrue}\\DeclareOption{short}{\\longfalse}"
    "\\DeclareOption*{\\PassOptionsToPackage{\\CurrentOption}{other}}%s"
    "\\newcommand{\\which}{\\iflong long\\else short\\fi}"
)


@pytest.mark.parametrize(
    ("asked", "process", "text"),
    [
        ("", "\\ProcessOptions", "short"),
        ("[long]", "\\ProcessOptions\\relax", "long"),
        ("[other, long]", "\\ProcessOptions", "long"),
        ("[other]", "\\ProcessOptions", "short"),
        ("", "\\ExecuteOptions{long}\\ProcessOptions", "long"),
        ("[short]", "\\ExecuteOptions{long}\\ProcessOptions", "short"),
        ("[short,long]", "\\ProcessOptions", "short"),
        ("[short,long]", "\\ProcessOptions*", "long"),
    ],
)
def test_the_options_of_a_style_of_the_paper_s_own_hold(asked: str, process: str, text: str) -> None:
    assert written(f"\\usepackage{asked}{{mine}}\\which", {"mine": STYLE % process}) == text


def test_options_of_one_style_are_none_of_the_next() -> None:
    styles = {"mine": STYLE % "\\ProcessOptions", "plain": "\\ExecuteOptions{long}\\ProcessOptions"}
    assert written("\\usepackage{mine}\\usepackage{plain}\\which", styles) == "short"


def test_a_style_keeps_its_options_while_it_reads_another() -> None:
    styles = {
        "mine": STYLE % "\\RequirePackage[x]{plain}\\ProcessOptions",
        "plain": "\\DeclareOption{x}{}\\ProcessOptions",
    }
    assert written("\\usepackage[long]{mine}\\which", styles) == "long"
