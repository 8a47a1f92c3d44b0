"""The rules about single web pages that OpenWebMath applied by hand: addresses, accents, length, macro lines.

Source of the rules: filtering/filter_dataset.py of keirp/OpenWebMath. Addresses are data in
`manifests/web/banned_addresses.yaml`. A fault of the original lives on under `published`: two missing commas fused
three address rules into one that never applied. `corrected` also takes a site's name for a whole name (`unz.com` no
longer bans `funz.com`) and a step of the path for a whole step (`/commit` no longer bans `/committee`), and counts
every accented Latin letter, composed or not, where the original knew 12.

That of several captures of one address the newest stays compares documents, so it is no rule of this module but a
setting of deduplication (`addresses`); when two addresses are one is said in `filters.addresses`.
"""

import functools
import re
import unicodedata
from importlib import resources
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import yaml

from manifests.records import Rules

LEAST_CHARACTERS = 100
"""Shorter documents go."""
MACRO = "newcommand"
MOST_MACROS_A_LINE = 1
"""Lines with more macro definitions go."""

_DEFINITION = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand|DeclareMathOperator|def|gdef)\*? ?"
    r"(?:\{ ?\\?[a-zA-Z@]{1,40} ?\}|\\(?:[a-zA-Z@]{1,40}|[^a-zA-Z])) ?(?:\[[^\[\]]{0,100}\] ?|(?:#[1-9]){1,9} ?){0,3}\{"
)
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_EMPTY_FORMULA = re.compile(r"\$\$\s{0,20}\$\$|(?<!\$)\$\s{0,20}\$(?!\$)")
_SAYS = re.compile(r"\w")
_PUBLISHED_ACCENTS = "üïöêäâîûôèéà"
_PUBLISHED = re.compile(f"[{_PUBLISHED_ACCENTS}]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_LATIN_BLOCKS = ((0x00C0, 0x0250), (0x1E00, 0x1F00))


class BannedAddresses(NamedTuple):
    """The address rules as `banned_addresses.yaml` holds them; see the comments there."""

    contains: tuple[str, ...]
    contains_unless: tuple[tuple[str, str], ...]
    sites: frozenset[str]
    steps: frozenset[str]
    step_beginnings: tuple[str, ...]
    site_steps: tuple[tuple[str, str], ...]
    words: tuple[str, ...]
    library_site: str
    libraries: tuple[str, ...]


@functools.cache
def banned_addresses() -> BannedAddresses:
    """The rules, read once."""
    text = resources.files("manifests.web").joinpath("banned_addresses.yaml").read_text(encoding="utf-8")
    data: Any = yaml.safe_load(text)
    published, corrected, libretexts = data["published"], data["corrected"], data["libretexts"]
    return BannedAddresses(
        contains=tuple(published["contains"]),
        contains_unless=tuple(published["contains_unless"].items()),
        sites=frozenset(corrected["sites"]),
        steps=frozenset(step for step in corrected["steps"] if not step.endswith("*")),
        step_beginnings=tuple(step[:-1] for step in corrected["steps"] if step.endswith("*")),
        site_steps=tuple(tuple(pair.split("/", 1)) for pair in corrected["site_steps"]),
        words=tuple(corrected["words"]),
        library_site=libretexts["site"],
        libraries=tuple(libretexts["libraries"]),
    )


_PLAIN_ADDRESS = re.compile(r"https?://([a-z0-9.-]{1,255})(/[^?#\x00-\x20\x7f-\U0010ffff]*+)(?=[?#]|\Z)")
"""An address of which `urlsplit` takes nothing away: nearly every one, in a third of the time."""


def banned_by(url: str, rules: Rules) -> str | None:
    """The rule that bans the address, or None."""
    banned = banned_addresses()
    if rules == "published":
        for part in banned.contains:
            if part in url:
                return part
        return next((part for part, unless in banned.contains_unless if part in url and unless not in url), None)
    lower = url.lower()
    for word in banned.words:
        if word in lower:
            return word
    netloc, path = _split(lower)
    sites = _sites(netloc)
    for site in sites:
        if site in banned.sites:
            return site
    steps = [step for step in path.split("/") if step]
    for step in steps:
        if step in banned.steps or step.startswith(banned.step_beginnings):
            return f"/{step}"
    first = steps[0] if steps else ""
    for site, step in banned.site_steps:
        if site in sites and (first.startswith(step[:-1]) if step.endswith("*") else first == step):
            return f"{site}/{step}"
    return None


def _split(url: str) -> tuple[str, str]:
    """The site and the path of an address in lower case, as `urlsplit` has them."""
    if plain := _PLAIN_ADDRESS.match(url):
        return plain[1], plain[2]
    try:
        parts = urlsplit(url)
    except ValueError:  # an address that is no address has no site and no path
        return "", ""
    return parts.netloc, parts.path


def _sites(netloc: str) -> list[str]:
    """A host and every domain above it: `a.b.org` → `a.b.org`, `b.org`, `org`."""
    host = netloc.rpartition("@")[2].partition(":")[0].rstrip(".")
    labels = host.split(".")
    return [".".join(labels[at:]) for at in range(len(labels))]


def needs_formula(url: str) -> bool:
    """Whether a page of this address stays only if it holds a formula (LibreTexts beside its mathematics)."""
    banned = banned_addresses()
    return banned.library_site in url and not any(name in url for name in banned.libraries)


_PAGE_INDEX = re.compile(r"(\$\$?)\\PageIndex\{")
_FORMULA = re.compile(r"\$\$[^$]*\$\$|\$[^$]*\$")


def count_formulas(text: str) -> int:
    r"""Stretches between dollar signs, the numbering `$\PageIndex{…}$` of LibreTexts left out."""
    return len(_FORMULA.findall(_without_page_index(text)))


def _without_page_index(text: str) -> str:
    kept: list[str] = []
    place = 0
    brace = 0
    for found in _PAGE_INDEX.finditer(text):
        if found.start() < place:
            continue
        if brace < found.end():  # looked for once, however many openings there are
            brace = text.find("}", found.end())
            if brace < 0:
                break
        dollars = found.group(1) if text.startswith(found.group(1), brace + 1) else "$"
        if text.startswith(dollars, brace + 1):
            kept.append(text[place : found.end() - len("\\PageIndex{") - len(dollars)])
            place = brace + 1 + len(dollars)
    kept.append(text[place:])
    return "".join(kept)


def without_macro_lines(text: str, rules: Rules) -> str:
    r"""The text without the lines that define several macros (`\newcommand` more than once).

    `corrected` takes the definitions out and keeps what else such a line says: pages put their macros into the first
    formula of a paragraph.
    """
    if MACRO not in text:
        return text
    lines = text.split("\n")
    if rules == "published":
        return "\n".join(line for line in lines if line.count(MACRO) <= MOST_MACROS_A_LINE)
    kept: list[str] = []
    for line in lines:
        if line.count(MACRO) <= MOST_MACROS_A_LINE:
            kept.append(line)
        elif _SAYS.search(rest := _EMPTY_FORMULA.sub("", _without_definitions(line))):
            kept.append(rest)
    return "\n".join(kept)


def _without_definitions(line: str) -> str:
    """A line without the definitions of macros in it; one whose braces do not close stays."""
    ends = _group_ends(line)
    kept: list[str] = []
    place = 0
    for found in _DEFINITION.finditer(line):
        end = ends.get(found.end() - 1, 0)
        if end and found.start() >= place:
            kept.append(line[place : found.start()])
            place = end
    kept.append(line[place:])
    return "".join(kept)


def _group_ends(line: str) -> dict[int, int]:
    """For every brace that opens a group where the group ends, behind its brace."""
    ends: dict[int, int] = {}
    open_: list[int] = []
    for found in _BRACE.finditer(line):
        if found.group() == "{":
            open_.append(found.start())
        elif found.group() == "}" and open_:
            ends[open_.pop()] = found.end()
    return ends


def accented_share(text: str, rules: Rules) -> float:
    """Accented letters a character, 0 for an empty text."""
    if not text:
        return 0.0
    if rules == "published":
        return len(_PUBLISHED.findall(text.lower())) / len(text)
    if text.isascii():
        return 0.0
    text = unicodedata.normalize("NFC", text)
    letters = _accented_letters()
    return sum(one in letters for one in _BEYOND_ASCII.findall(text)) / len(text)


@functools.cache
def _accented_letters() -> frozenset[str]:
    letters = (chr(code) for start, end in _LATIN_BLOCKS for code in range(start, end))
    return frozenset(one for one in letters if len(unicodedata.normalize("NFD", one)) > 1)


def scores(text: str, rules: Rules) -> dict[str, float]:
    """What thresholds of a recipe decide by: `characters` (at least 100) and `accented` (at most 0.015)."""
    return {"characters": float(len(text)), "accented": accented_share(text, rules)}
