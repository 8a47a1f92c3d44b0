r"""The commonest LaTeX commands, and whether a text holds one of them.

This is the label of the math classifier's training set, and the second stage of the prefilter: a page whose visible
text holds `\frac` or `\alpha` is about mathematics, whatever made it. The list is that of OpenWebMath: of the hundred
commonest commands the 84 that its program names (`latex_math_commands` in extract_from_cc/extract_from_warc.py of
keirp/OpenWebMath, branch main).

`published` looks for the bare characters, so `\in` is also found in `\include` and `\it` in the path `C:\items`.
`corrected` wants a whole command: no letter may follow, and a Windows drive (`C:\text`) may not precede.
"""

import re

from manifests.records import Rules

COMMANDS: tuple[str, ...] = tuple(
    re.findall(
        r"\w+",
        """
    end begin ref frac label bf right left rm alpha mu def it pi sigma sum lambda beta nu partial int delta rho phi
    gamma omega over nonumber bar sqrt theta tau em rangle hat tilde cal hline item psi vec langle epsilon eta cdot in
    xi infty quad mathcal times emph mathbf prime be mathrm ee vspace pm chi ell text qquad noindent to varphi hspace
    leq cos eqref overline sin kappa hbox rightarrow varepsilon textit dagger big otimes equiv zeta dot ln
    """,
    )
)

_NAMES = "|".join(COMMANDS)
_ANYWHERE = re.compile(r"\\(?:" + _NAMES + ")")
_WHOLE = re.compile(r"(?<!:)\\(?:" + _NAMES + r")(?![A-Za-z])")


def holds_command(text: str, rules: Rules = "corrected") -> bool:
    """Whether `text` holds one of the commonest LaTeX commands. Linear in the text."""
    return (_ANYWHERE if rules == "published" else _WHOLE).search(text) is not None
