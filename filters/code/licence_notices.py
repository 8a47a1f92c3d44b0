"""What a file says of its licence in its own first lines, and what a few sentences of a README or a licence file do.

Sources: SPDX's short identifiers (the specification's annex on them; REUSE 3.3: every such line counts), and the
notices that the licences ask authors to write at the top of a file ("How to Apply These Terms" of the GNU licences and
Apache's, Exhibit A of the MPL, CeCILL's notice, Creative Commons' addresses), else the texts of short licences.
`filters.code.licences` asks for what stands beside and above.
"""

import re

from filters.code.licence_choice import offered_choice
from filters.code.licence_names import FIRST_VERSIONS, spdx_expression

_HEAD = 4096
_SPDX = re.compile(
    r"SPDX-License-Identifier:[ \t]*+(?P<expression>[\w.+()-]++(?>(?:[ \t]++(?i:AND|OR|WITH)[ \t]++[\w.+()-]++)*))"
)
_SNIPPET = "SPDX-SnippetBegin"
PHRASES = (
    ("GNU AFFERO GENERAL PUBLIC LICENSE Version 3", "AGPL-3.0-only"),
    ("GNU LESSER GENERAL PUBLIC LICENSE Version 3", "LGPL-3.0-only"),
    ("GNU LESSER GENERAL PUBLIC LICENSE Version 2.1", "LGPL-2.1-only"),
    ("GNU GENERAL PUBLIC LICENSE Version 3", "GPL-3.0-only"),
    ("GNU GENERAL PUBLIC LICENSE Version 2", "GPL-2.0-only"),
    ("Apache License Version 2.0", "Apache-2.0"),
    ("Mozilla Public License Version 2.0", "MPL-2.0"),
    ("Boost Software License - Version 1.0", "BSL-1.0"),
    ("Permission to use, copy, modify, and/or distribute this software", "ISC"),
    ("Permission to use, copy, modify, and distribute this software for any purpose with or without fee", "ISC"),
    ("All advertising materials mentioning features or use of this software", "BSD-4-Clause"),
    ("Neither the name", "BSD-3-Clause"),
    ("the names of its contributors may be used", "BSD-3-Clause"),
    ("The name of the author may not be used to endorse", "BSD-3-Clause"),
    ("Redistribution and use in source and binary forms", "BSD-2-Clause"),
    ("Permission is hereby granted, free of charge, to any person obtaining a copy", "MIT"),
    ("This notice may not be removed or altered from any source distribution", "Zlib"),
    ("DO WHAT THE FUCK YOU WANT TO PUBLIC LICENSE", "WTFPL"),
    ("PNG Reference Library License version 2", "libpng-2.0"),
    ("Blue Oak Model License", "BlueOak-1.0.0"),
    ("CC0 1.0 Universal", "CC0-1.0"),
    ("This is free and unencumbered software released into the public domain", "Unlicense"),
)
"""Sentences of licences' own texts, the more particular first."""
_GNU = re.compile(
    r"GNU (?P<kind>Lesser |Library |Affero )?General Public License"
    r"|\b(?P<short>L?GPL|AGPL)[ -]?v?(?P<number>\d(?:\.\d)?)?\b",
    re.IGNORECASE,
)
_GNU_VERSION = re.compile(r"\bv(?:ersion)?\.?[ ]?(?P<number>\d(?:\.\d)?)", re.IGNORECASE)
_OR_LATER = re.compile(r"(?:any|a) later version|or later|or newer|\d\+", re.IGNORECASE)
_GNU_KINDS = {"lesser ": "LGPL", "library ": "LGPL", "affero ": "AGPL"}
_UNDER = re.compile(r"\b(?:licen[cs]ed?|distribut|redistribut|terms|covered|released|under)", re.IGNORECASE)
_NOTICES = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"Mozilla Public License,? v(?:ersion)?\.? ?2\.0", "MPL-2.0"),
        (r"Mozilla Public License,? v(?:ersion)?\.? ?1\.1", "MPL-1.1"),
        (r"Apache License,? Version 2\.0|under Apache 2\.0 license", "Apache-2.0"),
        (r"Boost Software License,? Version 1\.0", "BSL-1.0"),
        (r"GNU Free Documentation License", "GFDL-1.1-or-later"),
        (r"Eclipse Public License,?(?: -)? v(?:ersion)?\.? ?2\.0", "EPL-2.0"),
        (r"Eclipse Public License", "EPL-1.0"),
        (r"Common Development and Distribution License", "CDDL-1.0"),
        (r"European Union Public Licen[cs]e|\bEUPL\b", "EUPL-1.2"),
        (r"LaTeX Project Public License", "LPPL-1.3c"),
        (r"(?i:CeCILL-C)\b", "CECILL-C"),
        (r"(?i:CeCILL-B)\b", "CECILL-B"),
        (r"(?i:CeCILL)\b[^.]{0,30}?2\.1", "CECILL-2.1"),
        (r"under the (?i:CeCILL)\b|governed by the (?i:CeCILL)\b", "CECILL-2.0"),
        (r"creativecommons\.org/publicdomain/zero|\bCC0\b", "CC0-1.0"),
        (r"Server Side Public License", "SSPL-1.0"),
        (r"Business Source License", "BUSL-1.1"),
        (r"(?i:(?:non-?commercial|academic|research)(?: use)?(?: purposes?)? only)", "LicenseRef-noncommercial"),
        (r"(?i:proprietary and confidential)", "LicenseRef-proprietary"),
    )
)
"""What the licences ask authors to write at the top of a file, and the line of Lean's mathlib."""
_CREATIVE = re.compile(
    r"creativecommons\.org/licenses/(?P<terms>by(?:-n[cd]|-sa){0,2})/(?P<number>\d\.\d)"
    r"|(?:Creative Commons|\bCC)[ -](?:Attribution|BY)"
    r"(?P<words>(?:[ -]{1,3}(?:Non-?Commercial|NC|Share-?Alike|SA|No-?Deriv\w{0,7}|ND)){0,2})"
    r"(?:[^\d.]{0,40}(?P<version>\d\.\d))?",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:(?:licen[cs]ed|released|distributed|available|published|provided) under (?:the )?"
    r"(?:terms (?:and conditions )?of )?(?:the )?|(?:@licen[cs]e |\blicen[cs]e ?[:=] ?)[\"']?(?:the )?)"
    r"(?P<name>(?:(?:new|modified|simplified|revised|[234][- ]clause)[ ])?(?:MIT(?:/X11)?|X11"
    r"|BSD(?:[ -][234][- ]clause)?|ISC|zlib|Boost|Artistic(?: License)?(?: 2\.0)?"
    r"|Apache(?: Software)?(?: License)?,?(?: v(?:ersion)?)?\.? ?2(?:\.0)?"
    r"|Unlicense|WTFPL|Expat)\b)(?![-.+]?\w)",
    re.IGNORECASE,
)
"""A sentence or a tag that only names a licence: `Released under the MIT license`, `@license MIT`."""
_DUAL = re.compile(r"\bdual[- ]?licen[cs]|\beither of\b|\byour choice\b", re.IGNORECASE)
_COMMENT_SIGNS = re.compile(r"^[ \t]*+[/*#%;!|\"{(-]++", re.MULTILINE)
_SHORT = re.compile(r"\b(?P<name>MIT|ISC|BSD-[23]-Clause|Apache-2\.0|Zlib)\b")


def spdx_header(text: str) -> str | None:
    """The SPDX expressions that a file's first 4,096 characters declare, all of them; those of snippets apart."""
    found = [match["expression"].rstrip("-.") for match in _SPDX.finditer(text[:_HEAD].partition(_SNIPPET)[0])]
    every = list(dict.fromkeys(spdx_expression(one) for one in found))
    if len(every) < 2:
        return every[0] if every else None
    return " AND ".join(f"({one})" if " OR " in one else one for one in every)


def notice(text: str) -> str | None:
    """The licence that a file's first 4,096 characters state: its SPDX line, else a notice or a licence's own text.

    A notice of a copyleft licence comes before every other words, for it is what binds, unless they offer a choice.
    """
    declared = spdx_header(text)
    if declared:
        return declared
    words = " ".join(_COMMENT_SIGNS.sub("", text[:_HEAD]).split())
    if _DUAL.search(words) and (choice := offered_choice(words, None)):
        return choice
    return _told(words) or _named(words)


def stated(text: str) -> str | None:
    """The licence that a few sentences name."""
    words = " ".join(text.split())
    if found := _told(words) or _named(words):
        return found
    short = _SHORT.search(words)
    return short["name"] if short else None


def phrase_of(words: str) -> str | None:
    """The short licence whose own sentence stands in `words`, which have single spaces."""
    return next((name for phrase, name in PHRASES if phrase in words), None)


def _told(words: str) -> str | None:
    if found := _gnu(words) or _creative(words):
        return found
    return next((name for pattern, name in _NOTICES if pattern.search(words)), None) or phrase_of(words)


def _named(words: str) -> str | None:
    found = _NAMED.search(words)
    name = spdx_expression(found["name"]) if found else None
    return None if name == "BSD" else name  # which of them, a licence file says


def _creative(words: str) -> str | None:
    """The licence of Creative Commons that a notice names, if it has other terms than attribution."""
    if "reative" not in words and "CC" not in words:
        return None
    found = _CREATIVE.search(words)
    if found is None:
        return None
    terms = re.sub(r"[ -]", "", (found["terms"] or found["words"] or "").lower())
    parts = [
        short
        for short, long in (("NC", "noncommercial"), ("SA", "sharealike"), ("ND", "noderiv"))
        if short.lower() in terms.removeprefix("by") or long in terms
    ]
    if not parts:
        return None  # attribution alone: mostly of a few lines that a file took over
    return "-".join(
        ("CC-BY", *sorted(parts, key=("NC", "SA", "ND").index), found["number"] or found["version"] or "4.0")
    )


def _gnu(words: str) -> str | None:
    """The GNU licence that a notice puts a file under, with its version where one stands near (else any: `1.0`)."""
    small = words.lower()
    if "gpl" not in small and "general public license" not in small:
        return None
    for found in _GNU.finditer(words):
        before, after = words[max(0, found.start() - 160) : found.start()], words[found.end() : found.end() + 160]
        if not _UNDER.search(before) and not _UNDER.search(after):
            continue
        kind = _GNU_KINDS.get((found["kind"] or "").lower(), "GPL") if not found["short"] else found["short"].upper()
        version = _GNU_VERSION.search(after) or _GNU_VERSION.search(before[-40:])
        number = found["number"] or (version["number"] if version else None)
        if number is None:
            return f"{kind}-{FIRST_VERSIONS[kind]}-or-later"
        number = number if "." in number else number + ".0"
        later = _OR_LATER.search(after) or after.startswith("+")
        return f"{kind}-{number}-{'or-later' if later else 'only'}"
    return None
