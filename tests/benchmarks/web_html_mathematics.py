"""Mathematics that programs write as plain HTML, compared with the TeX it was made from.

    python -m tests.benchmarks.web_html_mathematics TEX_FOLDER [--formulas 150]

Formulas of the `.tex` files of a folder are set by HeVeA and TtH (Debian packages `hevea` and `tth`), each between two
marks; what stands between the marks in the extracted text is compared with the TeX, both in one spelling (`spelling`).
Formulas that a program itself refuses (it says so, or its page holds the command as text) do not count.
"""

import argparse
import re
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from pipelines.extraction.math.mathml_symbols import FUNCTIONS, symbol
from pipelines.extraction.pages.page import extract

_INLINE = re.compile(r"(?<![\\$])\$([^$\n]{3,80})\$(?!\$)")
_DISPLAY = re.compile(r"\\\[(.{3,250}?)\\\]|\$\$(.{3,250}?)\$\$", re.DOTALL)
_UNKNOWN = re.compile(
    r"\\(?:xymatrix|PMlinkname|includegraphics|label|ref|eqref|cite|footnote|xy|entry|def|newcommand|tag|hbox|vcenter|"
    r"phantom|smash|color|href|begin\{(?:align|diagram|CD|picture)|scalebox|raise|rule|hspace|vspace|kern|mathop|"
    r"stackrel|xrightarrow|underset|overset|underbrace|overbrace|cancel|not|mathfrak|mathscr|bf|cal|rm|it)"
)
_ARGUMENTS = re.compile(r"#[0-9]|%|&(?!.{0,200}\\end)")
_COMMON = re.compile(
    r"\\(?:frac|sqrt|sum|prod|int|oint|lim|sin|cos|tan|log|ln|exp|max|min|sup|inf|det|alpha|beta|gamma|delta|epsilon|"
    r"varepsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|phi|varphi|chi|psi|omega|Gamma|Delta|Theta|"
    r"Lambda|Xi|Pi|Sigma|Phi|Psi|Omega|leq?|geq?|neq?|equiv|approx|sim|cong|infty|partial|nabla|to|rightarrow|leftarrow|"
    r"Rightarrow|mapsto|in|subset|subseteq|cup|cap|cdot|cdots|ldots|dots|times|pm|mp|left|right|mathbb|mathbf|mathrm|"
    r"mathcal|overline|hat|vec|bar|tilde|binom|forall|exists|emptyset|circ|oplus|otimes|quad|qquad|text|begin|end|"
    r"langle|rangle|lfloor|rfloor|lceil|rceil|prime|mid|wedge|vee|setminus|star|ell|gcd|dim|ker|hom|deg|arg|displaystyle|"
    r"[,;:!{}| \\])(?![a-zA-Z])"
)


BEGIN, END = "QAZQ", "QZAQ"
_REFUSED = re.compile(rb"Error|not found|failed|\*\*\*\*")


class Sample(NamedTuple):
    """A formula, and whether it is a display."""

    tex: str
    display: bool


class Score(NamedTuple):
    """How many formulas of a kind were compared, how many came out equal, and those that did not."""

    compared: int
    equal: int
    lost: list[tuple[str, str]]


_DROPPED = re.compile(
    r"\\right\.|\\(?:left|right|displaystyle|textstyle|limits|nolimits|big|Big|bigg|Bigg|bigl|bigr|Bigl|Bigr|biggl|biggr)"
    r"(?![a-zA-Z])|\\[,;:! ]|\\q?quad(?![a-zA-Z])|~"
)
_SPACE = re.compile(r"\s")
_FONTS = re.compile(
    r"\\(?:mathrm|text|operatorname|mathit|mathbf|boldsymbol|mathbb|mathcal|textbf|mbox|textrm|mathsf)\b\*?"
)
_ENVIRONMENTS = re.compile(r"\\(?:begin|end)\{[a-zA-Z*]+\}(?:\{[clr|]*\})?")
_SPELLINGS = {
    r"\le": r"\leq", r"\ge": r"\geq", r"\ne": r"\neq", r"\to": r"\rightarrow", r"\dots": r"\ldots",
    r"\cdots": r"\ldots", r"\lbrace": r"\{", r"\rbrace": r"\}", r"\lvert": "|", r"\rvert": "|", r"\mid": "|",
    r"\vert": "|",
    r"\Vert": r"\|", r"\lVert": r"\|", r"\rVert": r"\|", r"\parallel": r"\|", r"\widehat": r"\hat",
    r"\widetilde": r"\tilde", r"\overline": r"\bar", r"\overrightarrow": r"\vec", r"\dfrac": r"\frac",
    r"\tfrac": r"\frac", r"\varnothing": r"\emptyset", r"\backslash": r"\setminus", r"\gets": r"\leftarrow",
    r"\prime": "'", r"\land": r"\wedge", r"\lor": r"\vee", r"\varepsilon": r"\epsilon", r"\varphi": r"\phi",
    r"\dbinom": r"\binom", r"\ast": "*", r"\star": "*", r"\bullet": r"\cdot", r"\colon": ":",
    r"\iff": r"\Leftrightarrow",
    r"\Longleftrightarrow": r"\Leftrightarrow", r"\implies": r"\Rightarrow", r"\langle": "<", r"\rangle": ">",
    r"\lt": "<", r"\gt": ">", r"\triangle": r"\Delta", r"\surd": r"\sqrt", r"\longrightarrow": r"\rightarrow",
}  # fmt: skip
_COMMANDS = re.compile(r"\\[a-zA-Z]+")
_SCRIPTS = re.compile(r"\^(\{[^{}]*\}|<[a-zA-Z]+>|[^<{])_(\{[^{}]*\}|<[a-zA-Z]+>|[^<{])")


def spelling(latex: str) -> str:
    """A formula without what may differ and mean the same: space, fonts, sizes, names of one sign, braces."""
    text = "".join(f"{symbol(one)} " if not one.isascii() else one for one in latex.replace("$", ""))
    text = text.replace(r"\begin{cases}", r"\{").replace("\\\\", "").replace("...", r"\ldots ")
    text = _ENVIRONMENTS.sub("", _FONTS.sub("", text)).replace("&", "")
    text = _COMMANDS.sub(_spelled, _DROPPED.sub("", text))
    text = _SPACE.sub("", text).replace("^{<prime>}", "'").replace("^'", "'")
    text = _SCRIPTS.sub(r"_\2^\1", text)
    return re.sub(r"\\?[{}]", "", re.sub(r"[.,;]+$", "", text))


def _spelled(command: re.Match[str]) -> str:
    """A command in its one spelling: a sign, a function's name as it is read, or the name in angle brackets."""
    name = _SPELLINGS.get(command.group(), command.group())
    return (
        name if not name.startswith("\\") or len(name) == 2 else name[1:] if name[1:] in FUNCTIONS else f"<{name[1:]}>"
    )


def samples_of(folder: Path, most: int) -> list[Sample]:
    """The first formulas of the `.tex` files of a folder, each once, inline and displays."""
    inline: dict[str, None] = {}
    display: dict[str, None] = {}
    for path in sorted(folder.rglob("*.tex")):
        text = path.read_text(encoding="utf-8", errors="replace")
        for found in _INLINE.finditer(text):
            _note(inline, found.group(1), most)
        for found in _DISPLAY.finditer(text):
            _note(display, found.group(1) or found.group(2), most)
        if len(inline) == len(display) == most:
            break
    return [Sample(tex, False) for tex in inline] + [Sample(tex, True) for tex in display]


def _note(found: dict[str, None], tex: str, most: int) -> None:
    plain = " ".join(tex.split())
    known = not _UNKNOWN.search(plain) and not _ARGUMENTS.search(plain) and "\\" not in _COMMON.sub("", plain)
    if known and len(found) < most and re.search(r"[_^\\]", plain):
        found.setdefault(plain)


def rendered(tool: str, sample: Sample) -> bytes | None:
    """The page that a tool makes of a sample; None where it refuses it."""
    formula = f"\\[ {sample.tex} \\]" if sample.display else f"${sample.tex}$"
    page = (
        "\\documentclass{article}\\usepackage{amsmath,amssymb}\\begin{document}\n"
        f"A sentence begins with {BEGIN} {formula} {END} and here it ends.\n\\end{{document}}\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.tex").write_text(page, encoding="utf-8")
        command = ["hevea", "-o", "a.html", "a.tex"] if tool == "hevea" else ["tth", "-a", "a.tex"]
        said = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=60)
        written = Path(folder) / "a.html"
        refused = _REFUSED.search(said.stderr + said.stdout) is not None
        return None if refused or not written.exists() else written.read_bytes()


def score(tool: str, samples: list[Sample], display: bool) -> Score:
    """How many of the inline formulas, or of the displays, came out equal."""
    compared = equal = 0
    lost: list[tuple[str, str]] = []
    for sample in samples:
        page = rendered(tool, sample) if sample.display == display else None
        if page is None or re.search(rb"\\[a-zA-Z]{2}", page):
            continue
        compared += 1
        text = extract(page).text
        got = text[text.find(BEGIN) + len(BEGIN) : text.find(END)].strip()
        if spelling(sample.tex) == spelling(got):
            equal += 1
        else:
            lost.append((sample.tex, got))
    return Score(compared, equal, lost)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--formulas", type=int, default=150)
    parser.add_argument("--lost", action="store_true", help="print the formulas that came out otherwise")
    options = parser.parse_args()
    samples = samples_of(options.folder, options.formulas)
    print("| tool | inline | equal | display | equal |\n|---|---|---|---|---|")
    for tool in ("hevea", "tth"):
        inline, display = (score(tool, samples, kind) for kind in (False, True))
        print(
            f"| {tool} | {inline.compared} | {inline.equal / max(1, inline.compared):.3f} "
            f"| {display.compared} | {display.equal / max(1, display.compared):.3f} |"
        )
        if options.lost:
            for tex, got in inline.lost + display.lost:
                print(f"    {tex}\n    -> {got!r}")


if __name__ == "__main__":
    main()
