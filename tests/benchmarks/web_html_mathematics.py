"""Mathematics that programs make of TeX for pages, compared with the TeX it was made from.

    python -m tests.benchmarks.web_html_mathematics TEX_FOLDER [--formulas 150] [--tools 'HeVeA; TtH']

Formulas of the `.tex` files of a folder, at most some of each work in it, are set by the programs of `web_tex_tools`
(Debian packages `hevea`, `tth`, `latex2html`, `texlive-plain-generic`, `pandoc`, `libreoffice-writer` with `-math`),
each between two marks; what stands between the marks in the extracted text is compared with the TeX, both in one
spelling. Formulas that TeX or the program itself refuses (it says so, or its page holds the command as text) do not
count; where TeX4ht draws a part as a picture no LaTeX is left, and such formulas are counted apart.
"""

import argparse
import re
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from pipelines.extraction.math.mathml_symbols import ACCENTS_OVER, FUNCTIONS, symbol
from pipelines.extraction.pages.page import extract
from tests.benchmarks.bounded import called
from tests.benchmarks.web_tex_tools import TOOLS, Tool

_INLINE = re.compile(r"(?<![\\$])\$([^$\n]{3,80})\$(?!\$)")
_DISPLAY = re.compile(
    r"\\\[(.{3,250}?)\\\]|\$\$(.{3,250}?)\$\$|\\begin\{equation\*?\}(.{3,250}?)\\end\{equation\*?\}", re.DOTALL
)
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
PREAMBLE = "\\documentclass{article}\n\\usepackage{amsmath,amssymb}\n\\begin{document}\n"
FIRST_LINE = PREAMBLE.count("\n") + 1
EACH_WORK = 8
"""Formulas of a kind taken from one work at most."""
_MARKED = re.compile(rf"{BEGIN}([0-9]+)X(.*?){END}", re.DOTALL)
_MARKED_PAGE = re.compile(_MARKED.pattern.encode(), re.DOTALL)
_COMMAND_LEFT = re.compile(rb"\\[a-zA-Z]{2}")
_COMPLAINT = re.compile(rb"^\S*a\.tex:([0-9]+):", re.MULTILINE)
_DIGITS = re.compile(r"[0-9]+")
_ONE_DIGIT = re.compile(r"(\\[dt]?(?:frac|binom)\s*|[_^]\s*)([0-9])(?=[0-9])")


class Sample(NamedTuple):
    """A formula, and whether it is a display."""

    tex: str
    display: bool


Numbered = tuple[int, Sample]
"""A formula and its number in the document."""


@dataclass
class Score:
    """How many formulas of a kind were compared, came out equal, were drawn, and had two numbers merged; the others."""

    compared: int = 0
    equal: int = 0
    drawn: int = 0
    merged: int = 0
    lost: list[tuple[str, str]] = field(default_factory=list)


_DROPPED = re.compile(
    r"\\(?:left|right)\s*\.|\\(?:left|right|displaystyle|textstyle|limits|nolimits|big|Big|bigg|Bigg|bigl|bigr|Bigl|Bigr|biggl|biggr)"
    r"(?![a-zA-Z])|\\[,;:! ]|\\q?quad(?![a-zA-Z])|~"
)
_SPACE = re.compile(r"\s")
_SPACED = re.compile(r"(\\[a-zA-Z]+)\s+(?=\{)")
_INNER = re.compile(r"\\[()]")
_BINOMIAL = re.compile(
    r"\\left\(\\genfrac\{\}\{\}\{0pt\}\{\}((?:\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}){2})\\right\)"
)
_PRECOMPOSED = re.compile(r"[\u00c0-\u024f\u1e00-\u1eff]")
_COMBINED = re.compile(r"(\w)([\u0300-\u036f\u20d0-\u20ff])")
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
    latex = _BINOMIAL.sub(r"\\binom\1", latex)
    latex = _PRECOMPOSED.sub(lambda letter: unicodedata.normalize("NFD", letter.group()), latex)
    text = _SPACED.sub(r"\1", _COMBINED.sub(_accented, latex.replace("$", "")))
    text = "".join(f"{symbol(one)} " if not one.isascii() else one for one in _INNER.sub("", text))
    text = text.replace(r"\begin{cases}", r"\{").replace("\\\\", "").replace("...", r"\ldots ")
    text = _ENVIRONMENTS.sub("", _FONTS.sub("", text)).replace("&", "")
    text = _COMMANDS.sub(_spelled, _DROPPED.sub(" ", text))
    text = _SPACE.sub("", text).replace("^{<prime>}", "'").replace("{}'", "'").replace("^{'}", "'")
    text = text.replace("^<prime>", "'").replace("^'", "'").replace("||", "\\|")
    text = _SCRIPTS.sub(r"_\2^\1", text)
    return re.sub(r"\\?[{}]", "", re.sub(r"[.,;]+$", "", text))


def _accented(found: re.Match[str]) -> str:
    """A letter with a combining accent as a command."""
    return f"{ACCENTS_OVER.get(found.group(2), found.group(2))}{{{found.group(1)}}}"


def _spelled(command: re.Match[str]) -> str:
    """A command in its one spelling: a sign, a function's name as it is read, or the name in angle brackets."""
    name = _SPELLINGS.get(command.group(), command.group())
    return (
        name if not name.startswith("\\") or len(name) == 2 else name[1:] if name[1:] in FUNCTIONS else f"<{name[1:]}>"
    )


def samples_of(folder: Path, most: int) -> list[Sample]:
    """The first formulas of the `.tex` files of a folder that TeX accepts, each once, inline and displays."""
    found: dict[Sample, str] = {}
    number: Counter[tuple[str, bool]] = Counter()
    for path in sorted(folder.rglob("*.tex")):
        work = path.relative_to(folder).parts[0]
        text = path.read_text(encoding="utf-8", errors="replace")
        for pattern, display in ((_INLINE, False), (_DISPLAY, True)):
            for formula in pattern.finditer(text):
                sample = Sample(" ".join(formula.group(formula.lastindex or 1).split()), display)
                if sample not in found and number[work, display] < EACH_WORK and _known(sample.tex):
                    number[work, display] += 1
                    found[sample] = work
    accepted = list(_accepted(list(found)))
    return [sample for kind in (False, True) for sample in [one for one in accepted if one.display is kind][:most]]


def _known(plain: str) -> bool:
    known = not _UNKNOWN.search(plain) and not _ARGUMENTS.search(plain) and "\\" not in _COMMON.sub("", plain)
    return known and re.search(r"[_^\\]", plain) is not None


def _accepted(samples: list[Sample]) -> Iterator[Sample]:
    """Those that TeX sets without an error."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "a.tex").write_text(source_of(enumerate(samples)), encoding="utf-8")
        said = called(["latex", "-interaction=nonstopmode", "-file-line-error", "a.tex"], folder, 100)
    wrong = {int(line) for line in _COMPLAINT.findall(said.stdout if said else b"")}
    return (sample for line, sample in enumerate(samples) if FIRST_LINE + 2 * line not in wrong)


def source_of(samples: Iterable[Numbered]) -> str:
    """A document with a paragraph, on a line of its own, for every formula, which stands between numbered marks."""
    lines = []
    for number, sample in samples:
        formula = f"\\[ {sample.tex} \\]" if sample.display else f"${sample.tex}$"
        lines.append(f"A sentence begins with {BEGIN}{number}X {formula} {END} and here it ends.\n")
    return PREAMBLE + "\n".join(lines) + "\n\\end{document}\n"


def scores(tool: Tool, samples: list[Sample]) -> tuple[Score, Score]:
    """What came out of the inline formulas, and of the displays."""
    both = (Score(), Score())
    numbered = list(enumerate(samples))
    for start in range(0, len(numbered), tool.formulas):
        for group, page in pages_of(tool, numbered[start : start + tool.formulas]):
            sources = {int(mark): inside for mark, inside in _MARKED_PAGE.findall(page)}
            texts = {int(mark): inside.strip() for mark, inside in _MARKED.findall(extract(page).text)}
            for number, sample in group:
                if number not in sources or (tool.formulas == 1 and _COMMAND_LEFT.search(page)):
                    continue
                if tool.picture and tool.picture.search(sources[number]):
                    both[sample.display].drawn += 1
                else:
                    judge(both[sample.display], sample.tex, texts.get(number, ""))
    return both


def pages_of(tool: Tool, group: list[Numbered]) -> Iterator[tuple[list[Numbered], bytes]]:
    """The pages that a program makes of formulas; where it makes none of them all, those of each half."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "a.tex").write_text(source_of(group), encoding="utf-8")
        page = tool.page(folder)
    if page is not None:
        yield group, page
    elif len(group) > 1:
        half = len(group) // 2
        yield from pages_of(tool, group[:half])
        yield from pages_of(tool, group[half:])


def judge(score: Score, tex: str, got: str) -> None:
    """Add one formula: its TeX, and the text between the marks."""
    score.compared += 1
    score.merged += merged(tex, got)
    if spelling(tex) == spelling(got):
        score.equal += 1
    else:
        score.lost.append((tex, got))


def merged(tex: str, got: str) -> bool:
    """Whether a number of the text is written together from numbers that stand apart in the TeX."""
    told = set(_DIGITS.findall(_ONE_DIGIT.sub(r"\1{\2}", _ONE_DIGIT.sub(r"\1{\2}", tex))))
    return any(number not in told for number in _DIGITS.findall(_ONE_DIGIT.sub(r"\1{\2}", got.replace("{0pt}", ""))))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--formulas", type=int, default=150, help="of each kind")
    parser.add_argument("--tools", default="", help="only these, with semicolons")
    parser.add_argument("--lost", action="store_true", help="print the formulas that came out otherwise")
    options = parser.parse_args()
    samples = samples_of(options.folder, options.formulas)
    only = set(filter(None, options.tools.split("; ")))
    print("| program | inline | equal | displays | equal | drawn | numbers merged |\n" + "|---" * 7 + "|")
    for tool in TOOLS:
        if only and tool.name not in only:
            continue
        inline, display = scores(tool, samples)
        cells = [f"{one.compared} | {one.equal / max(1, one.compared):.3f}" for one in (inline, display)]
        others = f"{inline.drawn + display.drawn} | {inline.merged + display.merged}"
        print(f"| {tool.name} | {' | '.join(cells)} | {others} |", flush=True)
        if options.lost:
            for tex, got in inline.lost + display.lost:
                print(f"    {tex}\n    -> {got!r}")


if __name__ == "__main__":
    main()
