"""Which delimiters set off TeX in a page's text: read from the configuration of its typesetter.

MathJax 2 (`tex2jax`), 3 and 4 (`tex`, `asciimath`) and KaTeX's auto-render (`delimiters`) are configured in inline
scripts, in JavaScript that no strict parser reads. What is needed are a few arrays of strings, so keys are looked for
and the string literals behind them are taken in turn. A page may also load a configuration from elsewhere: then it
says nothing here, and `guess_dollars` lets single dollars count where their contents look like mathematics.

Sources: MathJax documentation ("TeX and LaTeX input", versions 2.7, 3.2 and 4.0), KaTeX documentation ("Auto-render
extension"), and for `published` the lists in keirp/OpenWebMath, text_extraction/text_extract/latex_processing.py.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from manifests.records import Rules

Pair = tuple[str, str]


IGNORE_CLASS = "tex2jax_ignore|mathjax_ignore|asciimath2jax_ignore|no-mathjax|nokatex|katex-ignore"
"""Classes whose elements hold no formulas, unless a page says otherwise."""


class Delimiters(NamedTuple):
    """What sets off formulas in text. `explicit` are the opening strings that the page itself configured."""

    inline: tuple[Pair, ...]
    display: tuple[Pair, ...]
    ascii: tuple[Pair, ...]
    explicit: frozenset[str]
    guess_dollars: bool
    environments: bool = True
    ignore_class: str = IGNORE_CLASS
    process_class: str = "tex2jax_process|mathjax_process"
    strict: bool = True
    typeset: bool = False


class Said(NamedTuple):
    """What a page holds: the name of a typesetter, that or a LaTeX command, the name of one for AsciiMath, a dollar."""

    typeset: bool
    tex: bool
    ascii: bool
    dollar: bool


INLINE: tuple[Pair, ...] = (
    ("\\(", "\\)"),
    ("[itex]", "[/itex]"),
    ("[math]", "[/math]"),
    ("[latex]", "[/latex]"),
    ("[texx]", "[/texx]"),
    ("<math>", "</math>"),
    ("$latex ", "$"),
)
DISPLAY: tuple[Pair, ...] = (("\\[", "\\]"), ("$$", "$$"), ("[tex]", "[/tex]"))

PUBLISHED_INLINE: tuple[Pair, ...] = (
    ("$", "$"),
    ("\\[", "\\]"),
    ("[itex]", "[/itex]"),
    ("[math]", "[/math]"),
    ("[latex]", "[/latex]"),
    ("[texx]", "[/texx]"),
)
PUBLISHED_DISPLAY: tuple[Pair, ...] = (("\\(", "\\)"), ("$$", "$$"), ("[tex]", "[/tex]"))
PUBLISHED_ASCII: tuple[Pair, ...] = (("`", "`"),)

_STRING = r"'((?:[^'\\\n]|\\.){0,80})'|\"((?:[^\"\\\n]|\\.){0,80})\""
_LITERAL = re.compile(_STRING)
_KEY = re.compile(
    r"\b(inlineMath|displayMath|delimiters|processEnvironments|ignoreClass|ignoreHtmlClass|ignoredClasses|"
    r"processClass|processHtmlClass|asciimath2jax|asciimath)[\"']?\s{0,20}:",
)
_LEFT_RIGHT = re.compile(
    rf"[\"']?left[\"']?\s{{0,9}}:\s{{0,9}}(?:{_STRING})\s{{0,9}},\s{{0,9}}[\"']?right[\"']?\s{{0,9}}:\s{{0,9}}(?:{_STRING})"
    r"(?:\s{0,9},\s{0,9}[\"']?display[\"']?\s{0,9}:\s{0,9}(true|false|!0|!1))?"
)
_JS_ESCAPE = re.compile(r"\\(.)")
_VALUE_WINDOW = 2_000
_MAX_KEYS = 200

TYPESETTERS = ("mathjax", "katex", "jsmath", "asciimath", "mathquill", "temml", "latexmathml", "texzilla")
ASCII_TYPESETTERS = ("asciimath", "am_htmlormml", "ams-mml", "am-mml", "am_chtml")
COMMANDS = tuple(
    """
    frac dfrac tfrac sum int prod alpha beta gamma delta epsilon varepsilon theta lambda mu nu pi rho sigma tau
    phi varphi psi omega partial nabla infty sqrt left right mathbb mathbf mathcal mathrm mathfrak operatorname
    text begin{ end{ hat bar tilde vec dot overline underline cdot times leq le geq ge neq ne approx equiv sim in
    subset cup cap to rightarrow Rightarrow mapsto lim log ln sin cos tan exp quad ldots cdots dots ell forall
    exists pm langle binom eqref label ref Gamma Delta Omega Phi Psi Sigma Lambda Theta xi eta zeta kappa chi
    otimes oplus mid big
    """.split()
)
"""Commands that text without mathematics seldom holds."""
TEX_COMMAND = re.compile(rf"\\(?:{'|'.join(map(re.escape, COMMANDS))})(?![a-zA-Z])")
_TEX_COMMAND_IN_BYTES = re.compile(rb"\\(?=[a-zA-Z]{2})" + TEX_COMMAND.pattern[2:].encode())
"""The same for bytes; that every command has two letters is said first, since scripts are full of `\\n` and `\\"`."""


def _unescape(literal: str) -> str:
    return _JS_ESCAPE.sub(r"\1", literal)


def _value(script: str, start: int) -> str:
    """The bracketed value that begins at `start`, strings skipped, at most a window long."""
    window = script[start : start + _VALUE_WINDOW]
    depth = 0
    position = 0
    while position < len(window):
        character = window[position]
        if character in "'\"" and (literal := _LITERAL.match(window, position)):
            position = literal.end()
            continue
        if character in "[{":
            depth += 1
        elif character in "]}":
            depth -= 1
            if depth <= 0:
                return window[: position + 1]
        elif character in ",;" and depth == 0:
            return window[:position]
        position += 1
    return window


def _pairs(value: str) -> list[Pair]:
    texts = [_unescape(m.group(1) or m.group(2) or "") for m in _LITERAL.finditer(value)]
    texts = [text for text in texts if text not in {"[+]", "[-]", ""}]
    return [(left, right) for left, right in zip(texts[::2], texts[1::2], strict=False)]


def _literals(match: re.Match[str]) -> Pair:
    return _unescape(match.group(1) or match.group(2) or ""), _unescape(match.group(3) or match.group(4) or "")


def holds_command(html: bytes) -> bool:
    """Whether a page holds one of `COMMANDS`."""
    return _TEX_COMMAND_IN_BYTES.search(html) is not None


def read(scripts: Sequence[str], said: Said, rules: Rules = "corrected") -> Delimiters:
    """The delimiters of a page, whose inline scripts are `scripts`, by these and what else it says."""
    return _configured(scripts, said, rules) if scripts else _by_default(said, rules)


@lru_cache
def _by_default(said: Said, rules: Rules) -> Delimiters:
    """The delimiters of a page that configures nothing."""
    return _configured((), said, rules)


def _configured(scripts: Sequence[str], said: Said, rules: Rules) -> Delimiters:
    inline: list[Pair] = []
    display: list[Pair] = []
    ascii_: list[Pair] = []
    ignore: list[str] = []
    environments = True
    for script in scripts:
        context = ""
        for count, key in enumerate(_KEY.finditer(script)):
            if count >= _MAX_KEYS:
                break
            name = key.group(1)
            value = _value(script, key.end())
            if name in {"asciimath2jax", "asciimath"}:
                context = "ascii" if "{" in value[:20] else context
            elif name == "inlineMath":
                inline += _pairs(value)
                context = "tex"
            elif name == "displayMath":
                display += _pairs(value)
                context = "tex"
            elif name == "delimiters":
                katex = list(_LEFT_RIGHT.finditer(value))
                for match in katex:
                    (display if match.group(5) in {"true", "!0"} else inline).append(_literals(match))
                if not katex and context == "ascii":
                    ascii_ += _pairs(value)
            elif name == "processEnvironments":
                environments = "false" not in value[:12]
            elif name.startswith("ignore"):
                ignore += [_unescape(m.group(1) or m.group(2) or "") for m in _LITERAL.finditer(value)]
    inline = [pair for pair in inline if _plausible(pair)]
    display = [pair for pair in display if _plausible(pair)]
    ascii_ = [pair for pair in ascii_ if _plausible(pair)]
    explicit = frozenset(left for left, _ in (*inline, *display, *ascii_))
    if rules == "published":
        return Delimiters(
            (*PUBLISHED_INLINE, *inline),
            (*PUBLISHED_DISPLAY, *display),
            tuple(ascii_) or PUBLISHED_ASCII,
            explicit,
            guess_dollars=True,
            strict=False,
            typeset=said.typeset,
        )
    if not ascii_ and said.ascii:
        ascii_ = [("`", "`"), ("amath ", "endamath")]
    words = "|".join(word for word in ignore if re.fullmatch(r"[\w.*|\- ]{1,80}", word) and word.strip(".*| "))
    base = Delimiters((), (), (), frozenset(), guess_dollars=False)
    return Delimiters(
        tuple(dict.fromkeys((*inline, *INLINE))),
        tuple(dict.fromkeys((*display, *DISPLAY))),
        tuple(dict.fromkeys(ascii_)),
        explicit,
        guess_dollars=said.dollar and said.tex,
        typeset=said.typeset,
        environments=environments,
        ignore_class="|".join(filter(None, (base.ignore_class, words.replace(".*", "")))),
    )


def _plausible(pair: Pair) -> bool:
    """Delimiters are short and hold a sign: a pair of words is a misread configuration."""
    return all(1 <= len(side) <= 24 and not side.isalnum() and not side.isspace() for side in pair)
