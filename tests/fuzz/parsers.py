"""The parsers that are fuzzed: sound samples of what each reads, and the errors by which each may refuse."""

import io
import json
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from manifests.errors import UserError
from manifests.packaged import packaged
from manifests.recipe import parse_recipe
from pipelines.extraction.archives.captures import NoArchiveError, read_open
from pipelines.extraction.archives.packed_files import DamagedArchive, members_of
from pipelines.extraction.html.limits import HostilePageError
from pipelines.extraction.latex.paper import paper_text
from pipelines.extraction.math.mathml import mathml_to_latex, parse_mathml
from pipelines.extraction.notebooks.markdown import to_markdown
from pipelines.extraction.notebooks.reading import BadNotebook
from pipelines.extraction.pages.page import EmptyPageError, extract
from pipelines.shards.sentencepiece_model import parse_model
from tests.pipelines.extraction.archives.archive_samples import arc, gzipped, lz4ed, wacz, warc, zstandarded
from tests.pipelines.shards.vocabularies import model_bytes, small_pieces

MOST_SAMPLE = 200_000
"""Bytes of a real file that is a sample; longer ones take the rounds of many short ones."""


class Parser(NamedTuple):
    """`read` takes bytes and returns a text, or raises one of `refuses`; anything else is a finding."""

    name: str
    samples: Sequence[bytes]
    read: Callable[[bytes], str]
    refuses: tuple[type[Exception], ...]


PAGE = b"""<!DOCTYPE html><html><head><title>T</title><style>p{}</style><script>var a="<p>";</script></head><body>
<article><h1>A</h1><p>Let <math><msup><mi>x</mi><mn>2</mn></msup></math> and $y_1$, \\(z\\).</p>
<table><tr><td>1<td>2</table>
<pre>code</pre><ul><li>a<li>b</ul><img alt="\\frac{a}{b}" src="latex.php?q">
<script type="math/tex">a+b</script>
<span class="katex"><annotation encoding="application/x-tex">c</annotation></span><textarea>x</textarea></article>
</body>"""
MATHML = b"""<math><mrow><mfrac><mi>a</mi><msqrt><mn>2</mn></msqrt></mfrac><munderover><mo>&#x2211;</mo><mi>i</mi>
<mn>9</mn></munderover><mtable><mtr><mtd><mi>b</mi></mtd><mtd><mo>=</mo></mtd></mtr></mtable>
<mfenced><mi>c</mi><mi>d</mi></mfenced><mmultiscripts><mi>T</mi><mn>1</mn><none/>
<mprescripts/><mn>2</mn><mn>3</mn></mmultiscripts><menclose notation="box"/>
<semantics><mi>e</mi><annotation encoding="application/x-tex">e</annotation></semantics></mrow></math>"""
PAPER = rb"""\documentclass{article}\newcommand{\R}[1]{\mathbb{R}^{#1}}\newif\ifx\def\q#1.{#1}\title{A}\author{B}
\begin{document}
\section{S}Let $x\in\R{2}$. % c
\begin{align}a&=b\\c&=d\end{align}\begin{theorem}[N] T \end{theorem}\verb|x|\q y.\input{other}\iftrue a\else b\fi
\begin{tabular}{cc}1&2\\\end{tabular}\begin{verbatim}v\end{verbatim}\appendix\bibliography{r}\end{document}"""
NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "metadata": {}, "source": ["# A\n", "$x$ <img src='a'>"]},
        {
            "cell_type": "code",
            "execution_count": 1,
            "metadata": {"tags": ["t"]},
            "source": "print(1)\n%magic",
            "outputs": [
                {"output_type": "stream", "name": "stdout", "text": ["1\r2\n"]},
                {"output_type": "display_data", "data": {"text/plain": "a", "image/png": "iVBO"}, "metadata": {}},
                {"output_type": "error", "ename": "E", "evalue": "e", "traceback": ["t"]},
            ],
        },
    ],
    "metadata": {"kernelspec": {"language": "python", "name": "p", "display_name": "P"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def parsers(real: Path | None) -> list[Parser]:
    """All of them; with the samples of a folder of real files (`web/`, `warc/`, `latex/`) where there is one."""
    web = _real(real, "web/math_pages/*.html", "web/other_pages/*.html")
    archives = _real(real, "warc/*")
    latex = _real(real, "latex/**/*.tex")
    records = [warc(number) for number in range(5)]
    packed = [gzipped(records), lz4ed(records), zstandarded(records), b"".join(records), arc(1) + arc(2)]
    return [
        Parser("page", [PAGE, *web], _page, (EmptyPageError, HostilePageError)),
        Parser("archive of pages", [*packed, *archives], _captures, (NoArchiveError,)),
        Parser("mathematics", [MATHML], _mathml, ()),
        Parser("paper", [PAPER, *latex], _paper, ()),
        Parser("notebook", [json.dumps(NOTEBOOK).encode()], _notebook, (BadNotebook,)),
        Parser(
            "archive of files",
            [wacz({"a.py": PAGE, "b/c.tex": PAPER}), _tar("w:gz"), _tar("w:xz")],
            _members,
            (DamagedArchive,),
        ),
        Parser("SentencePiece model", [model_bytes(small_pieces(["word", "other"]))], _model, (ValueError,)),
        Parser("recipe", [path.read_bytes() for path in packaged()], _recipe, (UserError,)),
    ]


def _real(folder: Path | None, *patterns: str) -> list[bytes]:
    if folder is None:
        return []
    found = [path for pattern in patterns for path in sorted(folder.glob(pattern)) if path.is_file()]
    return [path.read_bytes() for path in found if path.stat().st_size <= MOST_SAMPLE]


def _tar(mode: Literal["w:gz", "w:xz"]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, content in (("a.py", PAGE), ("b/" + "c" * 120 + ".tex", PAPER)):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def _page(data: bytes) -> str:
    return extract(data).text


def _captures(data: bytes) -> str:
    return "".join(str(found) for found in read_open(io.BytesIO(data), 1 << 20))


def _mathml(data: bytes) -> str:
    math = parse_mathml(data.decode("utf-8", "replace"))
    return "" if math is None else mathml_to_latex(math)


def _paper(data: bytes) -> str:
    found = paper_text({"main.tex": data, "other.tex": PAPER})
    return getattr(found, "text", "")


def _notebook(data: bytes) -> str:
    return to_markdown(data.decode("utf-8", "replace"), "corrected")


def _members(data: bytes) -> str:
    return "".join(member.path for member in members_of(io.BytesIO(data)))


def _model(data: bytes) -> str:
    return repr(parse_model(data)).encode("utf-8", "replace").decode()


def _recipe(data: bytes) -> str:
    return parse_recipe(data.decode("utf-8", "replace"), "r.yaml").as_json()
