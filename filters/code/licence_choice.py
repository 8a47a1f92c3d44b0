"""The choice of licences that a text offers: `MIT OR GPL-3.0-only` where a sentence at its head says so.

A licence file with two texts puts its files under both, unless it lets the reader choose. `filters.code.licences` asks.
"""

import re

HEAD = 4096
"""Characters at the beginning of a text in which the sentence may stand."""
_EITHER = re.compile(
    r"\bdual[- ]?licen[cs]|\bat your (?:choice|option)\b|\beither of\b|\bterms of either\b|\beither the\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b(?:(?P<mit>MIT|Expat)\b|(?P<bsd>(?:new |modified |simplified )?BSD)\b|(?P<apache>Apache)\b"
    r"|(?P<mpl>MPL|Mozilla Public)"
    r"|(?P<gnu>L?GPL|GNU (?P<lesser>Lesser |Library )?General Public Licen[cs]e)"
    r"(?: \(L?GPL\))?,?(?:[ -]?v(?:ersion)?)?[ .]{0,2}"
    r"(?P<number>\d(?:\.\d)?)?)",
    re.IGNORECASE,
)
"""How a sentence offers a choice of licences, and how it names them."""


def offered_choice(text: str, listed: str | None) -> str | None:
    """The licences between which a text lets its reader choose, joined with OR; None where it offers no choice.

    "Dual licensed. At your choice you may use it under the MIT license or the GPLv3": the sentence counts, not that
    both texts follow it. A later version of the same licence is no choice.
    """
    words = " ".join(text[:HEAD].split())
    offered = _EITHER.search(words)
    if offered is None:
        return None
    around = words[max(0, offered.start() - 60) : offered.end() + 260]
    found = {" ".join(name[0].split()): name for name in _NAMED.finditer(around)}
    known = {_named(name, listed) for name in found.values()}
    unnumbered = {"GPL-1.0-or-later", "LGPL-2.0-or-later"}
    if any(name.startswith(("GPL", "LGPL")) for name in known - unnumbered):
        known -= unnumbered  # the same licence, once with its version and once without
    if len(known) < 2 or not re.search(r"\bor\b", around) or all(name.startswith(("GPL", "LGPL")) for name in known):
        return None
    return " OR ".join(sorted(known))


def _named(name: re.Match[str], listed: str | None) -> str:
    """The SPDX name of a licence that a sentence names; a BSD licence is the one whose text follows."""
    number = name["number"]
    if name["gnu"]:
        kind = "LGPL" if name["lesser"] or name["gnu"].upper().startswith("LGPL") else "GPL"
        if number is None:
            return f"{kind}-{'2.0' if kind == 'LGPL' else '1.0'}-or-later"
        return f"{kind}-{number if '.' in number else number + '.0'}-only"
    if name["bsd"]:
        return next((one for one in (listed or "").split(" AND ") if one.startswith("BSD-")), "BSD-3-Clause")
    return "MIT" if name["mit"] else "Apache-2.0" if name["apache"] else "MPL-2.0"
