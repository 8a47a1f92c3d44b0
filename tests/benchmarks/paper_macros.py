r"""Random macros written out by the product, and by TeX: the same letters on the page?

    python -m tests.benchmarks.paper_macros [--seed N] [--programs N] [--show N]

A program is a few random definitions (arguments, options, stars, xparse, delimited arguments, `\let`, `\edef`,
switches, counters, environments) and a body that uses them, in groups and inside each other. pdfTeX sets each on a page
of its own and `pdftotext` reads the page; the product writes the same program out. Both must give the same letters.
Programs in which TeX finds an error are left out.
"""

import argparse
import random
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipelines.extraction.latex.engine import Engine
from pipelines.extraction.latex.project import standard_commands

LONGEST = 250
"""Letters of a page that are compared; longer lines leave the page."""
BATCH = 25
"""Programs in one run of TeX, which gives up for good after a hundred errors."""
HEAD = r"""\documentclass{article}\usepackage{ifthen,xparse}\pagestyle{empty}\parindent0pt \textwidth=190in
\pdfpagewidth=200in \textheight=5in \begin{document}\hyphenpenalty=10000
"""
_PATTERNS = ("sm", "om", "O{w}m", "d()m", "t+m", "mo", "e{_^}m", "smm", "mg", "r()")
_LETTER = re.compile(r"\{[^{}]*\}|\(\)|\+")
_BLANK = re.compile(r"[\s{}]")
_TESTS = (r"\equal{a}{a}", r"\equal{a}{b}", "1<2", r"\not 1<2", r"1>2 \OR 2>1", r"1<2 \AND 2<1")


class Macro(NamedTuple):
    """A command that a program defines, and how it is used: each letter one argument (as xparse's, `(` and `;`)."""

    name: str
    arguments: str


class Program:
    """Definitions and a body, made at random; names end in `tag`, so that no two programs share one."""

    def __init__(self, dice: random.Random, tag: str) -> None:
        self.dice, self.tag = dice, tag
        self.macros: list[Macro] = []
        self.switches: list[str] = []
        self.counters: list[str] = []
        self.environments: list[str] = []
        self.definitions = "".join(self.definition() for _ in range(dice.randint(3, 9)))
        self.body = "".join(self.piece(0, 0) for _ in range(6))

    def letter(self) -> str:
        """One letter or digit."""
        return self.dice.choice("abcdefgh123")

    def pieces(self, depth: int, arguments: int) -> str:
        """One to three pieces of a value."""
        return "".join(self.piece(depth, arguments) for _ in range(self.dice.randint(1, 3)))

    def piece(self, depth: int, arguments: int) -> str:
        """A letter, an argument, a use of a macro, a group, a test, a switch, a counter or an environment."""
        roll, deeper = self.dice.random(), depth + 1
        if arguments and roll < 0.25:
            return f"#{self.dice.randint(1, arguments)}"
        if depth > 3:
            return self.letter()
        if roll < 0.5 and self.macros:
            return self.use(self.dice.choice(self.macros), depth)
        if roll < 0.56:
            return f"{{{self.pieces(deeper, arguments)}}}"
        if roll < 0.62 and self.switches:
            test = f"\\if{self.dice.choice(self.switches)} "
            return f"{test}{self.pieces(deeper, arguments)}\\else {self.pieces(deeper, arguments)}\\fi "
        if roll < 0.67 and self.switches:
            return f"\\{self.dice.choice(self.switches)}{self.dice.choice(('true', 'false'))} "
        if roll < 0.72 and self.counters:
            return self.counting(self.dice.choice(self.counters))
        if roll < 0.76 and self.environments:
            name = self.dice.choice(self.environments)
            return f"\\begin{{{name}}}{{{self.letter()}}}{self.pieces(deeper, arguments)}\\end{{{name}}}"
        if roll < 0.8:
            first, second = self.pieces(deeper, arguments), self.pieces(deeper, arguments)
            return f"\\ifthenelse{{{self.dice.choice(_TESTS)}}}{{{first}}}{{{second}}}"
        return self.redefinition() if roll < 0.84 and depth == 0 else self.letter()

    def counting(self, name: str) -> str:
        """A use of a counter."""
        return self.dice.choice(
            (
                f"\\stepcounter{{{name}}}",
                f"\\arabic{{{name}}}",
                f"\\the{name} ",
                f"\\ifnum\\value{{{name}}}>{self.dice.randint(0, 3)} {self.letter()}\\else {self.letter()}\\fi ",
                f"\\addtocounter{{{name}}}{{{self.dice.randint(-2, 3)}}}",
            )
        )

    def use(self, macro: Macro, depth: int) -> str:
        """A command with arguments as it takes them, those that may be missing there or not."""
        out = macro.name if macro.arguments else f"{macro.name}{{}}"
        for kind in macro.arguments:
            given = self.dice.random() < 0.5
            if kind == "m":
                out += f"{{{self.pieces(depth + 1, 0) if depth < 3 else self.letter()}}}"
            elif kind == "(":
                out += f"({self.letter()},{self.letter()})"
            elif kind == ";":
                out += f" {self.letter()};"
            elif kind == "r":
                out += f"({self.letter()})"
            elif given:
                inside = self.letter()
                out += {
                    "s": "*", "t": "+", "o": f"[{inside}]", "O": f"[{inside}]", "d": f"({inside})",
                    "e": f"{self.dice.choice('_^')}{{{inside}}}", "g": f"{{{inside}}}",
                }[kind]  # fmt: skip
        return out

    def redefinition(self) -> str:
        """A command given another value, in a group or for good."""
        plain = [macro for macro in self.macros if set(macro.arguments) <= {"m"}]
        if not plain:
            return self.letter()
        macro = self.dice.choice(plain)
        places = "".join(f"#{place}" for place in range(1, len(macro.arguments) + 1))
        value = self.letter() + self.letter() + places[:2]
        change = f"{self.dice.choice(('', chr(92) + 'global'))}\\def{macro.name}{places}{{{value}}}"
        use = self.use(macro, 2)
        return self.dice.choice((f"{{{change}{use}}}", f"\\begingroup{change}{use}\\endgroup ", f"{change} "))

    def definition(self) -> str:
        """One definition; empty where the name is taken."""
        letter = self.dice.choice("abcdefghijklmnop")
        name, roll = f"\\m{letter}{self.tag}", self.dice.random()
        if any(macro.name == name for macro in self.macros):
            return ""
        if roll < 0.3:
            count = self.dice.choice((0, 1, 2))
            value = self.pieces(1, count)
            self.macros.append(Macro(name, "m" * count))
            return f"\\newcommand{{{name}}}{f'[{count}]' if count else ''}{{{value}}}\n"
        if roll < 0.4:
            value = self.pieces(1, 2)
            self.macros.append(Macro(name, "om"))
            return f"\\newcommand{{{name}}}[2][{self.letter()}]{{{value}}}\n"
        if roll < 0.48:
            mark = self.dice.choice("(;")
            value = self.pieces(1, 2 if mark == "(" else 1)
            self.macros.append(Macro(name, mark))
            return f"\\def{name}{'(#1,#2)' if mark == '(' else '#1;'}{{{value}}}\n"
        if roll < 0.68:
            return self.document_command(name)
        if roll < 0.76:
            switch = f"sw{letter}{self.tag}"
            if switch not in self.switches:
                self.switches.append(switch)
                return f"\\newif\\if{switch}\n"
        elif roll < 0.84:
            counter = f"ct{letter}{self.tag}"
            if counter not in self.counters:
                self.counters.append(counter)
                return f"\\newcounter{{{counter}}}\\setcounter{{{counter}}}{{{self.dice.randint(0, 4)}}}\n"
        elif roll < 0.92:
            environment = f"nv{letter}{self.tag}"
            if environment not in self.environments:
                begin, end = self.pieces(1, 1), self.pieces(1, 0)
                self.environments.append(environment)
                return f"\\newenvironment{{{environment}}}[1]{{{begin}}}{{{end}}}\n"
        elif self.macros:
            other = self.dice.choice(self.macros)
            self.macros.append(Macro(name, other.arguments))
            return f"\\let{name}={other.name}\n"
        return ""

    def document_command(self, name: str) -> str:
        """A definition by xparse whose value shows what was given."""
        pattern = self.dice.choice(_PATTERNS)
        kinds, value, place = _LETTER.sub("", pattern), "", 0
        for kind in kinds:
            for _ in range(2 if kind == "e" else 1):
                place += 1
                if kind in "st":
                    value += f"\\IfBooleanTF{{#{place}}}{{{self.letter()}}}{{{self.letter()}}}"
                elif kind in "odeg":
                    value += f"\\IfNoValueTF{{#{place}}}{{{self.letter()}}}{{#{place}}}"
                else:
                    value += f"#{place}"
        self.macros.append(Macro(name, kinds))
        return f"\\NewDocumentCommand{{{name}}}{{{pattern}}}{{{value}}}\n"


def pages(programs: list[Program]) -> Iterator[str | None]:
    """The letters that TeX sets for each program; None where it finds an error or the page is long."""
    lines = [HEAD]
    for place, program in enumerate(programs):
        lines.append(f"START{place}:{program.definitions}{program.body}:END\\newpage\n")
    source = "".join((*lines, "\\end{document}"))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "p.tex").write_text(source, "ascii")
        for command in (["pdflatex", "-interaction=scrollmode", "p.tex"], ["pdftotext", "p.pdf", "p.txt"]):
            subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=300)
        text, log = Path(folder, "p.txt"), Path(folder, "p.log").read_text("latin-1")
        page = _BLANK.sub("", text.read_text("utf-8", "replace")) if text.exists() else ""
    wrong = {int(line) for line in re.findall(r"^l\.(\d+)", log, re.MULTILINE)}
    faulty, now = set(), -1
    for number, line in enumerate(source.split("\n"), 1):
        if begun := re.match(r"START(\d+):", line):
            now = int(begun[1])
        if number in wrong:
            faulty.add(now)
    found = {int(match[1]): match[2] for match in re.finditer(r"START(\d+):(.*?):END", page)}
    for place in range(len(programs)):
        letters = found.get(place)
        yield None if place in faulty or not letters or len(letters) > LONGEST else letters


def written(program: Program) -> str:
    """The letters that the product writes."""
    text = program.definitions + program.body
    engine = Engine(len(text), lambda *_: None, known=standard_commands())
    engine.read(text)
    return _BLANK.sub("", engine.out.text())


def main() -> None:
    """Print how many programs come out as TeX sets them, and the first that do not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--programs", type=int, default=300)
    parser.add_argument("--show", type=int, default=3, help="print the first N that differ")
    arguments = parser.parse_args()
    if not (shutil.which("pdflatex") and shutil.which("pdftotext")):
        parser.error("pdflatex and pdftotext are needed")
    dice = random.Random(arguments.seed)
    digits = str.maketrans("0123456789", "abcdefghij")
    programs = [Program(dice, f"Q{str(place).translate(digits)}") for place in range(arguments.programs)]
    compared = equal = 0
    batches = [programs[start : start + BATCH] for start in range(0, len(programs), BATCH)]
    found = (wanted for batch in batches for wanted in pages(batch))
    for program, wanted in zip(programs, found, strict=True):
        if wanted is None:
            continue
        compared += 1
        made = written(program)
        equal += made == wanted
        if made != wanted and compared - equal <= arguments.show:
            print(f"{program.definitions}{program.body}\n  TeX     {wanted}\n  product {made}")
    print(f"{equal} of {compared} programs as TeX sets them ({arguments.programs - compared} left out)")


if __name__ == "__main__":
    main()
