r"""The parts of a paper that a recipe keeps or drops."""

import pytest

from pipelines.extraction.latex.paper import Paper, paper_text
from pipelines.extraction.latex.parts import KEPT, PARTS

BODY = r"""\documentclass{article}
\begin{document}
\section{One}\index{entry}
\vspace{1cm}Words.
\begin{figure}\includegraphics{f}\caption{A figure.}\end{figure}
\begin{table}\caption{A table.}\end{table}
\begin{tikzpicture}\draw (0,0) -- (1,1);\end{tikzpicture}
\section*{Acknowledgements}
Many thanks.
\bibliography{refs}
\appendix
\section{Further proofs}
\end{document}
"""
BBL = r"\begin{thebibliography}{9}\bibitem{a} A. Author, A book.\end{thebibliography}"
SIGNS = {
    "acknowledgements": "Many thanks.",
    "appendix": "Further proofs",
    "bibliography": "\\bibitem{a} A. Author",
    "drawings": "\\draw (0,0)",
    "figures": "A figure.",
    "index": "\\index{entry}",
    "layout": "\\vspace{1cm}",
    "tables": "A table.",
}


def text(keep: frozenset[str]) -> str:
    paper = paper_text({"main.tex": BODY.encode(), "main.bbl": BBL.encode()}, keep=keep)
    assert isinstance(paper, Paper)
    return paper.text


def test_every_part_has_its_sign() -> None:
    assert SIGNS.keys() == PARTS


@pytest.mark.parametrize("part", sorted(PARTS))
def test_a_part_stays_where_it_is_kept_and_only_there(part: str) -> None:
    kept, dropped = text(KEPT | {part}), text(PARTS - {part})
    assert SIGNS[part] in kept
    assert SIGNS[part] not in dropped
    assert "Words." in kept
    assert "Words." in dropped
    others = {sign for name, sign in SIGNS.items() if name != part}
    assert all(sign in dropped for sign in others)


@pytest.mark.parametrize(
    "thanks",
    [
        "\\begin{acknowledgments}Thanks.\\end{acknowledgments}",
        "\\begin{acks}Thanks.\\end{acks}",
        "\\acknowledgments Thanks.\n\n",
        "\\section*{Acknowledgment}\nThanks.\n",
        "\\paragraph{Acknowledgements.} Thanks.\n",
        "\\subsection*{\\bf Acknowledgements} Thanks.\n",
    ],
)
def test_acknowledgements_of_every_form_go(thanks: str) -> None:
    body = f"\\documentclass{{article}}\\begin{{document}}Words.\n{thanks}\\section{{Two}} More.\\end{{document}}"
    paper = paper_text({"main.tex": body.encode()}, keep=KEPT - {"acknowledgements"})
    assert isinstance(paper, Paper)
    assert "Thanks" not in paper.text
    assert paper.text.startswith("Words.")
    assert paper.text.endswith("\\section{Two} More.")
