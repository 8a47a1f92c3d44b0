r"""A paper's formulas as TeX itself expands them: every macro of the author's carried out, all else left as it stands.

In the place of each formula of the flat source stands a probe. Where TeX comes to it, every command that the class and
its packages define is frozen (`\let\x\relax`) and the formula put through `\xdef`, so that only the author's macros are
carried out, with the meanings that they have at this place (The TeXbook, chapter 20). What TeX cannot tell this way is
left out: formulas in which it finds an error, in which a macro of the author's is not expandable, or that it never
sees. Classes and styles that are not installed are empty ones.
"""

import hashlib
import json
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from tests.benchmarks.bounded import called

SECONDS = 20
MEMORY = 2 << 30
MOST_MISSING = 25
_MISSING = re.compile(r"^! LaTeX Error: File `([\w./-]{1,200}\.(?:sty|cls))' not found", re.MULTILINE)
NO_MICROTYPE = r"\DeclareOption*{}\ProcessOptions\providecommand\microtypesetup[1]{}"
"""Fonts that are not installed cannot be stretched, which ends TeX."""
MOST_TRIES = 6
Formula = tuple[int, int, str]
"""Where a formula begins and ends in the flat source, and what stands in it."""
_COMMAND = re.compile(r"\\([a-zA-Z]+)")
_DEFINED = re.compile(
    r"\\(?:(?:re|provide)?newcommand|renewcommand|providecommand|DeclareRobustCommand|[A-Z][a-zA-Z]*DocumentCommand"
    r"|(?:re|provide)?newcommandx|DeclarePairedDelimiter\w*|[egx]?def|let|DeclareMathOperator)\*?\s*\{?\s*\\([a-zA-Z]+)"
)
_OPERATOR = re.compile(r"\\DeclareMathOperator(\*?)\s*\{?\s*\\([a-zA-Z]+)\s*\}?\s*\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")
_PAIRED = re.compile(r"\\DeclarePairedDelimiter\w*\s*\{?\s*\\([a-zA-Z]+)")
_ALIAS = re.compile(r"\\let\s*\\([a-zA-Z]+)\s*=?\s*\\([a-zA-Z]+)(?![a-zA-Z@])")
_CARRIED_OUT = frozenset(
    """else fi or expandafter csname endcsname noexpand string number the romannumeral protect ensuremath xspace relax
    unexpanded detokenize begingroup endgroup""".split()
)
"""Commands of TeX's that are carried out where a formula is expanded."""
LEFT_ALONE = frozenset("left right frac sqrt sum int text mbox hbox label ref eqref cite begin end".split())
"""LaTeX's commands that the product never takes in another meaning."""
_RESULT = re.compile(r"^PF(\d+):macro:->(.*)$", re.MULTILINE)
_BEGUN = re.compile(r"^PB(\d+)$", re.MULTILINE)
_UNSEEN = re.compile(r"\\PFstop *\{\}")
_PROBE = r"""\catcode`\@=11
\def\PFopt#1#2#3#{\PFempty#3\PFnil{#1[{#2}]}{\PFbracket#3\PFnil{#1#3}{#1[{#2}]#3}}}
\def\PFempty#1\PFnil{\ifx\PFnil#1\PFnil\expandafter\@firstoftwo\else\expandafter\@secondoftwo\fi}
\def\PFbracket#1#2\PFnil{\if\noexpand#1[\expandafter\@firstoftwo\else\expandafter\@secondoftwo\fi}
\let\PFlet\let\let\PFdef\def\let\PFxdef\xdef\let\PFwrite\write\let\PFnow\immediate\let\PFmeaning\meaning
\protected\long\def\PFprobe#1#2{\begingroup\PFfreeze\PFnow\PFwrite-1{PB#1}\PFxdef\PFresult{#2\PFstop{}}%
\PFnow\PFwrite-1{PF#1:\PFmeaning\PFresult}\endgroup}
\def\PFstring#1{\begingroup\lccode`\~=#1 \lowercase{\endgroup\edef~{\string~}}}
\def\PFactive{\count@=128 \loop\PFstring\count@\advance\count@ by1 \ifnum\count@<256 \repeat}
"""


def known_commands(frame: str, names: Iterable[str], seconds: float = SECONDS) -> set[str] | None:
    """Which of these commands mean something under a head of class and packages alone; None if that is no document."""
    asked = "".join(f"\\ifdefined\\{name}\\immediate\\write-1{{PK{name}}}\\fi\n" for name in sorted(set(names)))
    with tempfile.TemporaryDirectory() as folder:
        log = log_of(
            Path(folder),
            Path(folder),
            f"{frame}\n\\begin{{document}}\n{asked}PKEND\\immediate\\write-1{{PKEND}}\\end{{document}}",
            seconds,
        )
    found = set(re.findall(r"^PK([a-zA-Z]+)$", log, re.MULTILINE))
    return found - {"END"} if "PKEND" in log else None


def probed(flat: str, formulas: Sequence[Formula], without: AbstractSet[int], freeze: str) -> str:
    """The flat source with a probe in the place of each formula; those of the numbers `without` are left out."""
    pieces, done = [], 0
    for number, (start, end, formula) in enumerate(formulas):
        pieces += [flat[done:start], "" if number in without else f"\\PFprobe{{{number}}}{{{formula}}}"]
        done = end
    body = "".join([*pieces, flat[done:]])
    return body.replace("\\begin{document}", f"\\makeatletter\n{_PROBE}{freeze}\\makeatother\\begin{{document}}", 1)


def frozen(names: Iterable[str], known: set[str], flat: str, own: set[str]) -> str:
    r"""The definition of `\PFfreeze`."""
    lines = [
        "\\def\\PFfreeze{\\PFactive\\PFlet\\protect\\@empty\\PFlet\\xspace\\@empty\\PFlet\\ensuremath\\@firstofone"
    ]
    lines.append("\\PFlet\\ifmmode\\iftrue\\PFdef\\@protected@testopt##1##2##3{\\PFopt##2{##3}}\\PFlet~\\relax")
    lines += [f"\\PFlet\\{sign}\\relax" for sign in ",;:!>\\|{}_&%$-/()[]\"'`^=.@ "]
    lines.append("\\PFlet\\PFstop\\relax")
    paired = set(_PAIRED.findall(flat))
    for name in sorted(set(names)):
        if name in _CARRIED_OUT or name.startswith("if"):
            continue
        if name in LEFT_ALONE or name in paired or (name in known and name not in own):
            lines.append(f"\\PFlet\\{name}\\relax")
        elif name not in known:
            lines.append(f"\\ifdefined\\{name}\\else\\PFlet\\{name}\\relax\\fi")
    for alias in _ALIAS.finditer(flat):
        if alias[2] in known and alias[2] not in own and alias[1] not in LEFT_ALONE:
            lines.append(f"\\PFdef\\{alias[1]}{{\\{alias[2]}}}")
    for operator in _OPERATOR.finditer(flat):
        lines.append(f"\\PFdef\\{operator[2]}{{\\operatorname{operator[1]}{{{operator[3]}}}}}")
    return "%\n".join(lines) + "}\n"


def expansions(
    flat: str, frame: str, files: Mapping[str, bytes], place: str, formulas: Sequence[Formula]
) -> dict[int, str]:
    """What TeX makes of these formulas of a flat source, by their numbers; `place` is the folder of the main file.

    `frame` is a head with the same class and packages, and without any definition of the author's. A formula at which
    TeX stops is left out when it tries again.
    """
    styles = [raw.decode("latin-1") for name, raw in files.items() if name.endswith((".sty", ".cls"))]
    names = {name for text in (flat, *styles) for name in _COMMAND.findall(text)}
    known = known_commands(frame, names)
    if known is None or not formulas:
        return {}
    own = {match[1] for match in _DEFINED.finditer(flat)}
    freeze = frozen(names | {"operatorname"}, known, flat, own)
    without: set[int] = set()
    found: dict[int, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "a" / "b"  # papers look for what lies above them
        (root / place).mkdir(parents=True)
        for name, raw in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
        for _ in range(MOST_TRIES):
            log = log_of(Path(folder), root / place, probed(flat, formulas, without, freeze), SECONDS)
            found |= _results(log, names, own, known)
            begun = [int(match[1]) for match in _BEGUN.finditer(log)]
            if "Fatal error occurred" not in log or not begun or begun[-1] in without:
                break
            without |= {*begun} - found.keys() | {begun[-1]}
    return found


def is_whole(formula: str) -> bool:
    """Whether a formula can be an argument of a probe; those of tracked changes are two formulas in one."""
    return "#" not in formula and formula.count("{") == formula.count("}") and "\\DIF" not in formula


def kept_expansions(
    work: Path | None, flat: str, frame: str, files: Mapping[str, bytes], place: str, formulas: Sequence[Formula]
) -> dict[int, str]:
    """As `expansions`, but what stands in the folder `work` from an earlier run is not made again."""
    if work is None:
        return expansions(flat, frame, files, place, formulas)
    kept = work / f"tex-{hashlib.sha256(flat.encode('utf-8', 'replace')).hexdigest()}.json"
    if kept.exists():
        return {int(number): text for number, text in json.loads(kept.read_text("utf-8")).items()}
    found = expansions(flat, frame, files, place, formulas)
    kept.write_text(json.dumps(found), "utf-8")
    return found


def _results(log: str, names: set[str], own: set[str], known: set[str]) -> dict[int, str]:
    begun = {int(match[1]): match.end() for match in _BEGUN.finditer(log)}
    found: dict[int, str] = {}
    for match in _RESULT.finditer(log):
        number = int(match[1])
        expanded = _UNSEEN.sub("", match[2])
        commands = set(_COMMAND.findall(expanded))
        sound = "\n! " not in log[begun.get(number, 0) : match.start()]
        sound &= "def" not in commands  # what a package's own insides do
        if sound and commands <= names | {"operatorname"} and not (commands - LEFT_ALONE) & (own - known):
            found.setdefault(number, expanded)  # later ones are of running heads
    return found


def log_of(root: Path, folder: Path, source: str, seconds: float) -> str:
    """What TeX writes into its log for a source; classes and styles that are not installed are empty ones."""
    log = ""

    (folder / "probed.tex").write_text(source, "utf-8")
    (folder / "microtype.sty").write_text(NO_MICROTYPE, "utf-8")
    for _ in range(MOST_MISSING):
        log = _once(folder, seconds)
        missing = _MISSING.search(log)
        if missing is None:
            break
        path = (folder / missing[1]).resolve()
        if not path.is_relative_to(root.resolve()):
            break
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\\LoadClass{article}" if missing[1].endswith(".cls") else "", "utf-8")
    return log


def _once(folder: Path, seconds: float) -> str:
    command = ["pdflatex", "-draftmode", "-interaction=nonstopmode", "-no-shell-escape", "-recorder", "probed.tex"]
    if called(command, folder, seconds, MEMORY, variables={"max_print_line": "100000"}) is None:
        return ""
    written = folder / "probed.log"
    return written.read_text("utf-8", "replace") if written.exists() else ""
