"""Names of notation and what they stand for, as tables that kernels look up.

Three kinds of names: LaTeX commands (of LaTeX, `amsmath` and `amssymb`), entities of HTML (section 13.5 of its
standard) and tags of HTML and MathML. A name stands for nothing (it only dresses a formula, or is an operator whose
Unicode sign separates words too), for one character, for the last letters of itself, or for itself.
"""

import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from html.entities import html5

import numpy as np
from numpy.typing import NDArray

COMMAND, ENTITY, TAG = 1, 2, 3
SLOTS = 4096
NOTHING = 0
FRACTION = 1
"""A command that stands for nothing and takes two digits that follow it apart: `\\frac12`."""
ENVIRONMENT = 2
"""`\\begin` and `\\end`: they stand for nothing, and so does the name in braces behind them."""
ACCENT = 3
"""A command that sets an accent on the letter in braces behind it."""
KEPT = 4
"""A command that reads as its own name."""
LENGTH = 5
"""A command that stands for nothing, as does what is in braces behind it."""
LAST_LETTERS = 8
"""From this value to below 32: the name reads as that many, less 8, of its last letters. Above: a code point."""

_DROPPED = """
left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr middle le leq leqslant leqq ge geq geqslant
geqq ne neq lt gt ll gg cdot times ast div pm mp cdots ldots dots dotsc dotsb dotsm dotso vdots ddots text textrm textbf
textit textup textsf texttt textsc textnormal emph mathrm mathbf mathit mathbb mathcal mathsf mathfrak mathscr mathtt
boldsymbol bm bf it rm sc sf tt em operatorname mbox hbox fbox quad qquad enspace thinspace displaystyle textstyle
scriptstyle limits nolimits boxed circ degree infty sqrt sum prod int iint iiint oint iff implies impliedby to
rightarrow Rightarrow leftarrow Leftarrow leftrightarrow Leftrightarrow longrightarrow Longrightarrow longleftrightarrow
mapsto longmapsto hookrightarrow uparrow downarrow equiv approx sim simeq cong propto in notin ni subset subseteq
subsetneq supset supseteq cup cap bigcup bigcap setminus smallsetminus emptyset varnothing angle measuredangle triangle
triangleq bigtriangleup perp parallel mid nmid not lfloor rfloor lceil rceil langle rangle forall exists nexists partial
nabla overline overrightarrow overleftrightarrow overarc overbrace underbrace bar vec hat tilde dot ddot widehat
widetilde underline stackrel overset underset lbrace rbrace lbrack rbrack lvert rvert vert Vert lVert rVert star bullet
prime land lor lnot neg wedge vee top bot oplus otimes odot square Box blacksquare qed checkmark dagger ddagger
therefore because colon cdotp dotplus bigoplus bigotimes binom dbinom tbinom choose over atop smash phantom hphantom
vphantom mathstrut strut noindent newline par item hline hfill centering large Large small normalsize tiny footnotesize
scriptsize mathop mathbin mathrel mathopen mathclose
"""
_FRACTIONS = "frac dfrac tfrac cfrac binom dbinom tbinom"
_KEPT = """
tan tanh tau th tr tag text title table tabular thm theorem textcolor newcommand renewcommand node nonumber
rule root ref right real rank re
"""
_LENGTHS = "hspace vspace label color textcolor usepackage"
_LAST = {"pmod": 3, "bmod": 3, "ell": 1, "arcsin": 6}
_GREEK_NAMES = """
alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega
varepsilon vartheta varphi varrho varpi varsigma Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
"""
_GREEK_LETTERS = "αβγδεζηθικλμνξπρστυφχψωεθφρπσΓΔΘΛΞΠΣΥΦΨΩ"
_LETTERS = {"o": "ø", "O": "ø", "l": "ł", "L": "ł", "i": "i", "j": "j", "imath": "i", "jmath": "j", "ss": "ß"}
_TAGS = """
a abbr article b big blockquote br button caption center cite code col colgroup dd del details div dl dt em figcaption
figure font footer form h1 h2 h3 h4 h5 h6 head header hr html body i img input ins kbd label li link main map mark meta
nav ol option p pre q s samp script section select small span strike strong style sub summary sup svg table tbody td
tfoot th thead time title tr tt u ul var math mi mn mo ms mtext mspace mrow mfrac msqrt mroot mstyle mpadded mphantom
mfenced menclose msub msup msubsup munder mover munderover mtable mtr mtd semantics annotation path g
"""
LONGEST_ENTITY = 24
_FORMAT = "Cf"
_SOFT_HYPHEN = 0xAD


def name_hash(name: bytes, role: int) -> int:
    """The key of a name in the tables; the kernel counts it letter by letter."""
    value = role
    for byte in name:
        value = (value * 131 + byte) & 0x7FFFFFFF
    return value


def _entries() -> dict[tuple[str, int], int]:
    entries = {(name, COMMAND): NOTHING for name in _DROPPED.split()}
    entries |= {(name, COMMAND): KEPT for name in _KEPT.split() if (name, COMMAND) not in entries}
    entries |= {(name, COMMAND): FRACTION for name in _FRACTIONS.split()}
    entries |= {(name, COMMAND): LENGTH for name in _LENGTHS.split()}
    entries |= {(name, COMMAND): LAST_LETTERS + letters for name, letters in _LAST.items()}
    entries |= {(name, COMMAND): ENVIRONMENT for name in ("begin", "end")}
    entries |= {(name, COMMAND): ord(letter) for name, letter in _LETTERS.items()}
    greek = zip(_GREEK_NAMES.split(), _GREEK_LETTERS, strict=True)
    entries |= {(name, COMMAND): ord(letter) for name, letter in greek}
    entries |= {(name, COMMAND): ACCENT for name in "vcuHkr"}
    for name, characters in html5.items():
        if name.endswith(";") and len(name) <= LONGEST_ENTITY:
            entries[name[:-1], ENTITY] = _entity(characters)
    entries |= {(name, TAG): NOTHING for name in _TAGS.split()}
    return entries


def _entity(characters: str) -> int:
    """What an entity stands for: its letter or digit, what nobody sees, or nothing."""
    if len(characters) == 1 and characters.isalnum():
        return ord(characters)
    return _SOFT_HYPHEN if all(unicodedata.category(one) == _FORMAT for one in characters) else NOTHING


@cache
def names() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Entities and tags: arrays of shape (SLOTS,), the `name_hash` of a name (0: free), and what it stands for."""
    return _table(
        {name_hash(name.encode(), role): value for (name, role), value in _entries().items() if role != COMMAND}
    )


@cache
def commands(word_hash: Callable[[str], int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Commands: the same with the hash of the name as a word, which `word_hash` counts, as key."""
    return _table({word_hash(name): value for (name, role), value in _entries().items() if role == COMMAND})


def _table(entries: Mapping[int, int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    keys, values = np.zeros(SLOTS, dtype=np.int64), np.zeros(SLOTS, dtype=np.int64)
    for key, value in entries.items():
        slot = key & (SLOTS - 1)
        while keys[slot] not in (0, key):
            slot = (slot + 1) & (SLOTS - 1)
        keys[slot], values[slot] = key, value
    return keys, values
