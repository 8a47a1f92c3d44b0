r"""Classes and styles in a folder, each under a neutral body: what they change in the text.

    python -m tests.benchmarks.paper_styles FOLDER [--bare] [--show N]

FOLDER holds unpacked packages (TeX Live's, Debian's, journals'). Each `.cls` and `.sty` is loaded as if it were the
author's own, under a name that no distribution has; `--bare` also takes off its comments, in which distributions name
themselves. The body uses only LaTeX's own commands, so that no style should change its text. A style that gives
`theorem` a printed name changes it rightly; such are counted apart.
"""

import argparse
import difflib
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from pipelines.extraction.latex.paper import Paper, paper_text

BODY = r"""\begin{document}
\section{One} Let $x\in\mathbb{R}$ and $\alpha\le\beta$, see \cite{a}, \citep{b} and \citet[p.~3]{c} in \ref{d}.
\begin{theorem} All \emph{is} well: \[ \int_0^1 f(x)\,dx = \frac{1}{2}. \] \end{theorem}
\begin{equation}\label{e} \hat{a} + \tilde b = \sqrt{c} \end{equation}
\begin{itemize}\item One \item Two\end{itemize} The end \textbf{of} it. 50\% off.
\end{document}
"""
NAME = "neutralstyle"
_REMARK = re.compile(rb"(?m)^%.*$")
Change = Literal["none", "theorem", "text"]


class Outcome(NamedTuple):
    """What a class or style did to the body, and the lines that differ."""

    change: Change
    lines: tuple[str, ...]


def text_under(raw: bytes, suffix: str) -> str:
    """The text of the body under a class (`.cls`) or style (`.sty`)."""
    head = f"\\documentclass{{{NAME}}}" if suffix == ".cls" else f"\\documentclass{{article}}\\usepackage{{{NAME}}}"
    found = paper_text({"main.tex": f"{head}\n{BODY}".encode(), f"{NAME}{suffix}": raw})
    return found.text if isinstance(found, Paper) else ""


def outcome(raw: bytes, suffix: str) -> Outcome:
    """What a class or style does to the body."""
    neutral, text = text_under(b"", ".sty"), text_under(raw, suffix)
    if text == neutral:
        return Outcome("none", ())
    lines = tuple(line for line in difflib.ndiff(neutral.split("\n"), text.split("\n")) if line[0] in "+-")
    printed = re.search(r"\\begin\{([^{}\\]{1,60})\} All", text)
    same = printed is not None and text.replace(f"{{{printed[1]}}}", "{theorem}") == neutral
    return Outcome("theorem" if same else "text", lines)


def styles(folder: Path) -> Iterator[Path]:
    """The classes and styles below a folder."""
    return (path for path in sorted(folder.rglob("*")) if path.suffix in (".cls", ".sty") and path.is_file())


def main() -> None:
    """Print how many change the body, and which."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of unpacked packages")
    parser.add_argument("--bare", action="store_true", help="take off the comments in which a style names its origin")
    parser.add_argument("--show", type=int, default=20, help="print the first N that change the text")
    arguments = parser.parse_args()
    started = time.process_time()
    count, theorems, texts, at_signs = 0, 0, 0, 0
    for path in styles(arguments.folder):
        raw = path.read_bytes()
        found = outcome(_REMARK.sub(b"", raw) if arguments.bare else raw, path.suffix)
        count += 1
        theorems += found.change == "theorem"
        if found.change == "text":
            texts += 1
            at_signs += any("@" in line for line in found.lines)
            if texts <= arguments.show:
                print(path.name, *(line[:150] for line in found.lines[:4]), sep="\n    ")
    print(f"{count} classes and styles: {texts} change the text, {theorems} name theorems, {at_signs} leave an @")
    print(f"{time.process_time() - started:.1f} processor seconds")


if __name__ == "__main__":
    main()
