"""Which licence a whole text is: its words beside those of every text of SPDX's list.

The texts come with the package `spdx` (CC0-1.0). Two texts are compared by their pairs of neighbouring words, without
case, punctuation and copyright lines, as SPDX's matching guidelines have it: a licence is in a file where nearly all of
its pairs are (a file may hold several, or say more besides).
"""

import itertools
import re
from functools import lru_cache
from importlib.resources import files

import spdx

CONTAINED = 0.93
"""Share of a licence's pairs of words that must be in the file."""
ALIKE = 0.8
"""Of two licences found that share so many of the shorter one's pairs, the one that fits the file best is told."""
OTHER_SHARE, OTHER_PAIRS = 0.65, 300
"""A text of which more than this share, and so many pairs, are in no licence of the list says something else too."""
OTHER = "LicenseRef-unknown"
MAX_CHARACTERS = 200_000
_WORD = re.compile(r"[a-z0-9]+")
_COPYRIGHT = re.compile(
    r"^[^\w\n]{0,20}(?:portions )?(?:copyright\W{0,3}(?:\(c\)|©|\d|<|\[|by\b|the\b)|\(c\)|©)[^\n]*+$",
    re.MULTILINE | re.IGNORECASE,
)
_EXTRA = re.compile(
    r"CC-BY|CC0|CECILL-|libpng|gnuplot|GFDL|WTFPL|X11|PSF|Beerware|FTL|IJG|libtiff"
    r"|Unlicense|HPND|OpenSSL|BSD-4-Clause$|OFL-1\.1$|bzip2"
)
"""Licences in wide use that the Open Source Initiative has not approved."""

_VARIABLE = re.compile(
    r"<<[^>]{0,400}>>|\[(?:yyyy|year|name|fullname|owner)[^\]\n]{0,60}\]"
    r"|<(?:year|name|owner|copyright)[^>\n]{0,60}>"
)
_OLD_NAMES = {"GPL-2.0": "GPL-2.0-only", "GPL-3.0": "GPL-3.0-only", "LGPL-2.0": "LGPL-2.0-only",
              "GPL-1.0": "GPL-1.0-only",
              "LGPL-2.1": "LGPL-2.1-only", "LGPL-3.0": "LGPL-3.0-only", "AGPL-3.0": "AGPL-3.0-only",
              "AGPL-1.0": "AGPL-1.0-only", "GFDL-1.3": "GFDL-1.3-only", "GFDL-1.2": "GFDL-1.2-only",
              "GFDL-1.1": "GFDL-1.1-only"}  # fmt: skip

_PYTHON = re.compile(r"PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2")
_NOTICE_KEPT = re.compile(r"provided\s+that\s+the\s+above\s+copyright\s+notice")
_NO_ENDORSEMENT = re.compile(r"may\s+not\s+be\s+used\s+to\s+endorse")
_Pairs = frozenset[tuple[str, str]]


def _pairs(text: str) -> _Pairs:
    words = _WORD.findall(_VARIABLE.sub(" ", _COPYRIGHT.sub(" ", text)).lower())
    return frozenset(itertools.pairwise(words))


@lru_cache(maxsize=1)
def _listed() -> tuple[tuple[str, _Pairs], ...]:
    found: dict[str, _Pairs] = {}
    folder = files(spdx) / "data"
    for licence in spdx.licenses():
        text = (folder / licence["template"]).read_bytes().decode("utf-8", "replace")
        name = _OLD_NAMES.get(licence["id"], licence["id"])
        if name.endswith(("-or-later", "+")) or name.startswith("eCos"):
            continue  # the same text as that of the `-only` form
        pairs = _pairs(text)
        usual = licence["osi_approved"] or _EXTRA.match(name)
        if len(pairs) >= 20 and usual:
            found.setdefault(name, pairs)
    return tuple(sorted(found.items()))


def _fit(one: tuple[float, int, str, _Pairs]) -> tuple[float, str]:
    """Sorts the best fit first: many pairs found, and each missing one weighs as three."""
    share, size, name, _ = one
    return -size * (share - 3 * (1 - share)), name


@lru_cache(maxsize=4096)
def licence_of_text(text: str) -> str | None:
    """The SPDX identifiers of the licences whose whole text stands in `text`, joined with AND; None for none."""
    pairs = _pairs(text[:MAX_CHARACTERS])
    if len(pairs) < 20:
        return None
    found = [
        (len(licence & pairs) / len(licence), len(licence), name, licence)
        for name, licence in _listed()
        if len(licence) <= len(pairs) / CONTAINED and len(licence & pairs) >= CONTAINED * len(licence)
    ]
    kept: list[tuple[str, _Pairs]] = []
    for _, size, name, licence in sorted(found, key=_fit):
        if not any(len(licence & other) >= ALIKE * min(size, len(other)) for _, other in kept):
            kept.append((name, licence))
    names = {name for name, _ in kept}
    if "LGPL-3.0-only" in names:
        names.discard("GPL-3.0-only")  # the Lesser licence is additions to the other, which comes with it
    if _PYTHON.search(text) and "Python-2.0" not in names:
        names.add("PSF-2.0")  # Python's own licence, whose name says the version and whose text changes with it
        kept.append(("PSF-2.0", dict(_listed())["Python-2.0"]))
    if "BSD-2-Clause" in names and _NO_ENDORSEMENT.search(text):
        names = names - {"BSD-2-Clause"} | {"BSD-3-Clause"}  # its third clause in other words
    if "0BSD" in names and _NOTICE_KEPT.search(text):
        names = names - {"0BSD"} | {"ISC"}  # which asks for no more than that
    rest = pairs.difference(*(licence for _, licence in kept))
    if names and len(rest) > max(OTHER_PAIRS, OTHER_SHARE * len(pairs)):
        names.add(OTHER)  # an agreement that quotes the licences of its parts
    return " AND ".join(sorted(names)) or None
