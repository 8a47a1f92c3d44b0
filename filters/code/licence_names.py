"""The SPDX expression of a licence that people name in their own words: `GPLv2+`, `BSD3`, `MIT/Apache-2.0`, `Expat`.

Package indexes and Debian's copyright files have names of their own; here they become one notation. Sources: SPDX's
list, annex D of its specification (expressions); Debian's copyright-format 1.0, section 7.1 (short names); "Writing R
Extensions", section 1.1.2; Cargo's manifest (`/` as the older form of OR); Fedora's list of short names.
"""

import re
from functools import lru_cache

import spdx

_GNU = re.compile(
    r"\b(?:the\s)?(?:GNU\s)?(?:(?P<short>[AL]?GPL|GFDL)"
    r"|(?P<long>Lesser\s|Library\s|Affero\s)?General\sPublic\sLicen[cs]e|(?P<free>Free\sDocumentation\sLicen[cs]e))"
    r"(?:\s\((?:[AL]?GPL|GFDL)\))?"
    r"(?:[\s,_-]{0,2}\(?(?:(?P<least>>=)|==)?\s?v?(?:ersion)?[.\s]{0,2}(?P<number>[123](?:\.[0-3])?)"
    r"(?:\.0)?\)?)?"
    r"(?P<later>\s?\+|[\s,-]{1,2}\(?or[\s-](?:\(?at\syour\soption\)?\s)?(?:any\s)?"
    r"(?:later|newer)(?:\sversion)?\)?)?"
    r"(?:-only)?(?:\s\([AL]?GPLv?\d(?:\.\d)?\+?\))?(?![A-Za-z0-9]|[-.]\w)",
    re.IGNORECASE,
)
_KINDS = {"lesser": "LGPL", "library": "LGPL", "affero": "AGPL"}
FIRST_VERSIONS = {"GPL": "1.0", "LGPL": "2.0", "AGPL": "3.0", "GFDL": "1.1"}
"""Who names no version may choose any (section 9 of the GPL)."""
_OPERATOR = re.compile(
    r"(?:,\s*)?\s(AND|OR|WITH)\s|\s*(\|\|?|&&?|;|,(?=\s)(?!\s*v))\s*|([()])|\s*(/)\s*", re.IGNORECASE
)
_WORDS = {"|": "OR", "||": "OR", "/": "OR", "&": "AND", "&&": "AND", ";": "AND", ",": "AND"}
_WHOLE = re.compile(r"\bMIT/X11\b|\bzlib/libpng\b|\bX11/MIT\b", re.IGNORECASE)
_NOISE = re.compile(r"\blicen[cs]es?\b|\bversion\b|\bthe\b|\bv(?=\.?\d)|[^a-z0-9.+]", re.IGNORECASE)
_ALIASES = {
    "expat": "MIT", "mitx11": "MIT", "x11mit": "MIT", "mitexpat": "MIT",
    "bsd": "BSD", "bsd3": "BSD-3-Clause", "bsd3clause": "BSD-3-Clause", "3clausebsd": "BSD-3-Clause",
    "newbsd": "BSD-3-Clause",
    "modifiedbsd": "BSD-3-Clause", "revisedbsd": "BSD-3-Clause",
    "bsd2": "BSD-2-Clause", "bsd2clause": "BSD-2-Clause", "2clausebsd": "BSD-2-Clause", "freebsd": "BSD-2-Clause",
    "simplifiedbsd": "BSD-2-Clause", "bsd4": "BSD-4-Clause", "bsd4clause": "BSD-4-Clause",
    "apache": "Apache-2.0", "apache2": "Apache-2.0", "apache2.0": "Apache-2.0", "asl2.0": "Apache-2.0",
    "apachesoftware": "Apache-2.0", "apachesoftware2.0": "Apache-2.0", "apachev2": "Apache-2.0",
    "mpl2": "MPL-2.0", "mpl2.0": "MPL-2.0", "mozillapublic2.0": "MPL-2.0", "mpl1.1": "MPL-1.1",
    "bsl": "BSL-1.0", "bsl1": "BSL-1.0", "boost": "BSL-1.0", "boost1.0": "BSL-1.0", "boostsoftware1.0": "BSL-1.0",
    "boostsoftware": "BSL-1.0",
    "zlib": "Zlib", "zliblibpng": "Zlib", "libpng": "libpng-2.0", "isc": "ISC", "cc0": "CC0-1.0", "cc01.0": "CC0-1.0",
    "artistic": "Artistic-1.0", "artistic2": "Artistic-2.0", "artistic2.0": "Artistic-2.0",
    "perl5": "Artistic-1.0-Perl OR GPL-1.0-or-later", "perl": "Artistic-1.0-Perl OR GPL-1.0-or-later",
    "epl1": "EPL-1.0", "epl2": "EPL-2.0", "cecill": "CECILL-2.0", "cecill2": "CECILL-2.0", "cecillb": "CECILL-B",
    "cecillc": "CECILL-C", "lppl": "LPPL-1.3c", "lppl1.3": "LPPL-1.3c", "python": "PSF-2.0", "psf": "PSF-2.0",
    "publicdomain": "LicenseRef-public",
}  # fmt: skip
"""By their letters and digits; words that say nothing left out."""


@lru_cache(maxsize=1)
def _listed() -> dict[str, str]:
    """SPDX's identifiers by their small letters; the GNU licences are told by their own expression."""
    return {licence["id"].lower(): licence["id"] for licence in spdx.licenses()}


def spdx_expression(written: str) -> str:
    """What `written` names as an SPDX expression; a name that is not known stays as it is.

    Operators are written in capitals; `|` and `/` let choose, a comma does not.
    """
    text = " ".join(_WHOLE.sub(lambda found: found[0].replace("/", "-"), _GNU.sub(_gnu, written)).split())
    parts: list[str] = []
    done = 0
    for found in _OPERATOR.finditer(text):
        parts += _named(text[done : found.start()])
        operator = next(group for group in found.groups() if group)
        parts.append(_WORDS.get(operator, operator.upper()))
        done = found.end()
    parts += _named(text[done:])
    return " ".join(parts).replace("( ", "(").replace(" )", ")")


def _gnu(found: re.Match[str]) -> str:
    kind = "GFDL" if found["free"] else (found["short"] or _KINDS.get((found["long"] or "").strip().lower(), "GPL"))
    kind = kind.upper()
    number = found["number"]
    if number is None:
        return f"{kind}-{FIRST_VERSIONS[kind]}-or-later"
    number = number if "." in number else number + ".0"
    return f"{kind}-{number}-{'or-later' if found['later'] or found['least'] else 'only'}"


def _named(name: str) -> list[str]:
    name = name.strip(" \"'")
    if not name:
        return []
    known = _listed().get(name.lower())
    if known is None:
        short = _NOISE.sub("", name.lower())
        known = _ALIASES.get(short) or _listed().get(short)
    return [known or name]


PERMISSIVE = re.compile(
    r"(?:MIT(?:-0)?|X11|ISC|0BSD|BSD(?:-(?!Protection)[\w.-]+)?|Apache-[\d.]+\+?|BSL-1\.0|Zlib|zlib-acknowledgement|libpng(?:-2\.0)?|CC0-1\.0"
    r"|CC-BY-\d\.\d|Unlicense|WTFPL|NCSA|PSF-2\.0|Python-2\.0|PostgreSQL|HPND[\w-]*|Artistic-2\.0|AFL-[\d.]+|MS-PL"
    r"|UPL-1\.0|CECILL-B|NIST-PD[\w-]*|Unicode-[\w.-]+|W3C|ICU|curl|bzip2-[\d.]+|JasPer-2\.0|Intel|Naumen|Xnet"
    r"|blessing|BlueOak-1\.0\.0|MulanPSL-[\d.]+|EFL-2\.0|ECL-2\.0|PDDL-1\.0|Boost-1\.0|FSFAP|TCL|SMLNJ|Beerware)",
    re.IGNORECASE,
)
"""Licences that ask for no more than attribution, as Blue Oak Council's list rates them (bronze and up) and The Stack's
list of permissive licences has them."""
_TOKEN = re.compile(r"[()]|,|[^\s(),]+")
_MOST_TOKENS = 200


def is_permissive(licence: str | None) -> bool:
    """Whether an SPDX expression (or The Stack's list, parted by commas) asks for no more than attribution.

    Of `OR` one choice is enough; of `AND` and of a list every one counts.
    """
    tokens = _TOKEN.findall(licence or "")
    if not tokens or len(tokens) > _MOST_TOKENS:
        return False
    tokens.reverse()
    every = _any_of(tokens)
    while tokens and tokens[-1] == ",":
        tokens.pop()
        every = _any_of(tokens) and every
    return every and not tokens


def _any_of(tokens: list[str]) -> bool:
    """The value of choices joined with OR at the end of the reversed `tokens`, which are taken off."""
    one = _all_of(tokens)
    while tokens and tokens[-1].upper() == "OR":
        tokens.pop()
        one = _all_of(tokens) or one
    return one


def _all_of(tokens: list[str]) -> bool:
    every = _one(tokens)
    while tokens and tokens[-1].upper() == "AND":
        tokens.pop()
        every = _one(tokens) and every
    return every


def _one(tokens: list[str]) -> bool:
    if not tokens:
        return False
    name = tokens.pop()
    if name == "(":
        inside = _any_of(tokens)
        return bool(tokens) and tokens.pop() == ")" and inside
    if tokens and tokens[-1].upper() == "WITH":
        del tokens[-2:]
    return PERMISSIVE.fullmatch(name) is not None
