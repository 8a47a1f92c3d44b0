r"""Papers in harvmac: labels are commands, and LaTeX's own commands again in the text."""

import pytest

from pipelines.extraction.latex.paper import Paper, paper_text

REFERENCES = "\\lref\\GSW{Green et al.}"


def text_of(body: str) -> str:
    paper = paper_text({"a.tex": f"\\input harvmac\n{body}\n\\bye\n".encode()})
    assert isinstance(paper, Paper)
    return paper.text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("See \\ref\\hawk{S. Hawking, {\\it Nature}.} and \\hawk.", "See \\cite{hawk} and \\cite{hawk}."),
        (REFERENCES + "See \\refs{\\GSW}.", "See \\cite{GSW}."),
        ("\\nref\\w{E. Witten}Words \\w\\ here.", "Words \\cite{w}\\ here."),
        ("\\listrefs Words.", "Words."),
        ("\\eqn\\main{x=y} by \\main.", "\\begin{equation}\\label{main}x=y\\end{equation} by \\eqref{main}."),
        ("\\eqnn\\two $$x\\eqno\\two$$ by \\two.", "$$x\\eqno\\eqref{two}$$ by \\eqref{two}."),
        ("In \\fig\\one{A view.} and \\one.", "In fig.~\\ref{one}\\footnote{A view.} and fig.~\\ref{one}."),
        ("\\newsec{One}Words\\foot{A note.}.", "\\section{One}Words\\footnote{A note.}."),
        ("See \\ref{x}.", "See \\ref{x}."),
        ("\\Title{HUTP}{\\vbox{\\centerline{On strings}}}\nWords.", "\\title{On strings}\n\nWords."),
    ],
)
def test_labels_are_latexs(body: str, text: str) -> None:
    assert text_of(body) == text


def test_a_paper_in_latex_keeps_its_references() -> None:
    paper = paper_text({"a.tex": b"\\documentclass{article}\\begin{document}See \\ref{x} and \\fig.\\end{document}"})
    assert isinstance(paper, Paper)
    assert paper.text == "See \\ref{x} and \\fig."
