"""The programs that make a page of TeX, as `web_html_mathematics` calls them: each is given a folder with `a.tex`.

HeVeA and TtH refuse what they do not know and say so: they are given one formula a page, so that a refusal is one
formula's. The others are given many. LaTeX2HTML draws formulas and keeps their TeX beside the images, or (`math`) sets
what HTML can say and draws the rest; TeX4ht sets what HTML can say and draws the rest with its characters, or writes
MathML, or leaves TeX to MathJax; pandoc without an option for mathematics sets what HTML can say and leaves the rest as
TeX. Word's page is pandoc's Word document, written as Word saves it for the web (formulas in a comment for Word, an
image for all others); LibreOffice writes its XHTML from pandoc's OpenDocument text.
"""

import re
import zipfile
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.bounded import called

SECONDS = 200
_REFUSED = re.compile(rb"Error|not found|failed|\*\*\*\*")
_PARAGRAPH = re.compile(r"<w:p>.*?</w:p>", re.DOTALL)
_RUN = re.compile(r"<m:oMathPara>.*?</m:oMathPara>|<m:oMath>.*?</m:oMath>|<w:t[^>]*>([^<]*)</w:t>", re.DOTALL)
_LETTERS = re.compile(r"<m:r>(?:<m:rPr>(.*?)</m:rPr>)?<m:t[^>]*>([^<]*)</m:t></m:r>", re.DOTALL)
_FONT = "style='font-family:\"Cambria Math\",serif'"


class Tool(NamedTuple):
    """A program: its name, how many formulas a page of it holds, what makes the page (None where it refuses).

    `picture` is found in the source of a formula of which a part is drawn, so that the page no longer says what it is.
    """

    name: str
    formulas: int
    page: Callable[[Path], bytes | None]
    picture: re.Pattern[bytes] | None = None


def _written(folder: Path, command: list[str], page: str, *, strict: bool = False) -> bytes | None:
    """What a command wrote as `page`; `strict`: nothing where it complains."""
    said = called(command, folder, SECONDS)
    path = folder / page
    if said is None or not path.exists() or (strict and _REFUSED.search(said.stderr + said.stdout)):
        return None
    return path.read_bytes()


def _hevea(folder: Path) -> bytes | None:
    return _written(folder, ["hevea", "-o", "a.html", "a.tex"], "a.html", strict=True)


def _tth(folder: Path) -> bytes | None:
    return _written(folder, ["tth", "-a", "a.tex"], "a.html", strict=True)


def _latex2html(*options: str) -> Callable[[Path], bytes | None]:
    command = ["latex2html", "-split", "0", "-no_navigation", "-info", "0", "-mkdir", "-dir", "out", *options]
    return lambda folder: _written(folder, [*command, "a.tex"], "out/a.html")


def _tex4ht(options: str) -> Callable[[Path], bytes | None]:
    return lambda folder: _written(folder, ["htlatex", "a.tex", options, "", "", "-interaction=nonstopmode"], "a.html")


def _pandoc(folder: Path) -> bytes | None:
    return _written(folder, ["pandoc", "-f", "latex", "-t", "html", "-s", "-o", "a.html", "a.tex"], "a.html")


def _document(folder: Path) -> bytes | None:
    return _written(folder, ["pandoc", "-f", "latex", "-o", "a.docx", "a.tex"], "a.docx")


def _text(folder: Path) -> bytes | None:
    return _written(folder, ["pandoc", "-f", "latex", "-o", "a.odt", "a.tex"], "a.odt")


def _libreoffice(folder: Path) -> bytes | None:
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "xhtml:XHTML Writer File", "a.odt"]
    return _written(folder, command, "a.xhtml") if _text(folder) else None


def _word(folder: Path) -> bytes | None:
    """The document as Word saves it for the web."""
    if not _document(folder):
        return None
    with zipfile.ZipFile(folder / "a.docx") as archive:
        body = archive.read("word/document.xml").decode()
    names = (
        'xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:m="http://schemas.microsoft.com/office/2004/12/omml"'
    )
    paragraphs = "\n".join(f"<p class=MsoNormal>{_word_runs(found.group())}</p>" for found in _PARAGRAPH.finditer(body))
    head = f"<html {names}><head><meta charset=utf-8><meta name=Generator content='Microsoft Word 15'></head>"
    return f"{head}<body lang=EN-US><div class=WordSection1>\n{paragraphs}\n</div></body></html>".encode()


def _word_runs(paragraph: str) -> str:
    """The text and the formulas of one paragraph."""
    parts = []
    for found in _RUN.finditer(paragraph):
        if found.group(1) is not None:
            parts.append(found.group(1))
            continue
        formula = _LETTERS.sub(_word_run, found.group())
        parts.append(
            f"<!--[if gte msEquation 12]>{formula}<![endif]--><![if !msEquation]><span {escape(_FONT, quote=False)}>"
            "<img width=69 height=17 src='a_files/image001.png'></span><![endif]>"
        )
    return "".join(parts)


def _word_run(run: re.Match[str]) -> str:
    """A run of a formula: in a page the letters stand in it, and what slants them around it."""
    properties = f"<m:rPr>{run.group(1)}</m:rPr>" if run.group(1) else ""
    written = f"<span {_FONT}><m:r>{properties}{run.group(2)}</m:r></span>"
    return written if properties else f"<i style='mso-bidi-font-style:normal'>{written}</i>"


TOOLS = (
    Tool("HeVeA", 1, _hevea),
    Tool("TtH", 1, _tth),
    Tool("LaTeX2HTML", 100, _latex2html()),
    Tool("LaTeX2HTML, math", 100, _latex2html("-html_version", "4.0,math", "-no_math")),
    Tool("TeX4ht", 25, _tex4ht("html"), re.compile(rb"<img\b")),
    Tool("TeX4ht, MathML", 25, _tex4ht("xhtml,mathml")),
    Tool("TeX4ht, MathJax", 25, _tex4ht("html,mathjax")),
    Tool("pandoc", 100, _pandoc),
    Tool("Word", 100, _word),
    Tool("LibreOffice", 100, _libreoffice),
)
