r"""The lines of a title page as plain data: names without marks and footnotes, a title in one line, single keywords.

What authors write into `\author{…}` is a page, not a list: names joined by `\and`, commas or line ends, places under
them, marks that tie the two. The rules here were read off the manuals of LaTeX's article class (`\and`, `\\`,
`\thanks`), LNCS (`\inst`), authblk, elsarticle (`\corref`), IEEEtran (blocks) and Springer's (`\fnm`, `\sur`).
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from pipelines.extraction.latex.key_values import pairs

_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_NOTES = frozenset({"thanks", "footnote", "titlenote", "authornote", "tnote", "note"})
_DROPPED = frozenset(
    """footnotemark corref fnref tnoteref thanksref orcid orcidlink orcidID orcidicon email ead IEEEmembership label
    vspace hspace href url mailto footnotetext equalcont authormark samethanks correspondingauthor institute index ref
    eads mailto includegraphics fontsize fontfamily fontseries fontshape color textcolor raisebox
    corresp printead""".split()
)
"""Commands whose arguments are addresses of mail, numbers, pictures or lengths."""
_MARKS = frozenset(
    {
        "aff",
        "inst",
        "altaffilmark",
        "textsuperscript",
        "affilmark",
        "IEEEauthorrefmark",
        "supit",
        "addressref",
        "iref",
        "authref",
    }
)
"""Commands whose arguments tie a name to a place; where one stands, a name ends."""
_LAYOUT = re.compile(
    r"\\(?:large|Large|LARGE|huge|Huge|small|footnotesize|normalsize|scriptsize|tiny|bf|bfseries|it|itshape|rm|sc|scshape"
    r"|sffamily|tt|ttfamily|em|centering|raggedright|noindent|selectfont|boldmath|unboldmath|normalfont|mdseries|upshape"
    r"|hfill|hfil|hss|relax|break|newline|linebreak|par|smallskip|medskip|bigskip|sf|null|protect|displaystyle|xspace"
    r"|maketitle|leavevmode|ignorespaces|unskip|singlespacing|doublespacing|authorcr|comma|fnmsep)(?![a-zA-Z])[ \t]*"
)
_COMMAND = re.compile(r"\\([a-zA-Z]+)\*?")
_OPTION = re.compile(r"\s{0,9}\[[^\[\]]{0,200}\]")
_BARE_GROUP = re.compile(r"(?<![\w\\'\"`^~=.}\]$])\{((?:[^{}\\$]|\\[&%#_ ])*)\}")
"""Braces that are no command's argument, script or accent: those of `\\textbf{…}` taken off, of `{B}ayes`."""
_EMPTY_GROUP = re.compile(r"(?<![\w\\'\"`^~=.}\]$])\{\s{0,20}\}")
_SPACE = re.compile(r"\s+")
_GROUPED_MAIL = re.compile(
    r"(?:\\texttt\s{0,3}\{\s{0,3}|\{\s{0,3}\\tt\s{0,3})?\\\{[^{}@\\]{0,300}\\\}\s{0,3}@[\w.-]{1,100}(?:\s{0,3}\})?"
)
r"""Addresses of several people at one place: `\{ann, bee\}@uni.edu`."""
_AT = re.compile(r"\s{0,20}\\at(?![a-zA-Z])\s{0,20}")
_LINE_END = re.compile(r"\\\\\*?(?:\[[^\[\]]{0,40}\])?")
_MARK = re.compile(
    r"\$\s{0,3}(?:\{\})?\s{0,3}\^[^$]{0,80}\$|\^\{[^{}]{0,40}\}|\$\s{0,3}\\(?:dagger|ddagger|ast|star)\s{0,3}\$"
)
_TIES = r"(?:[\d*,\s]{1,12}|[a-zA-Z](?:\s?,\s?[a-zA-Z]){0,4}|\\(?:dagger|ddagger|ast|star|S|P)(?![a-zA-Z]))"
_PLACE_MARK = re.compile(
    rf"\$\s{{0,3}}(?:\{{\}})?\s{{0,3}}\^\s{{0,3}}(?:\{{\s?{_TIES}\s?\}}|{_TIES})\s{{0,3}}\$"
    rf"|\\(?:textsuperscript|IEEEauthorrefmark|inst|aff|affilmark)\s{{0,3}}\{{\s?{_TIES}\s?\}}"
)
"""What ties a place to its names: numbers, single letters or a sign, not the `th` of `5$^{th}$ floor`."""
_WRAPPED = re.compile(
    r"\\(?:textbf|textrm|textsc|textsf|text|emph|textit|mbox|bm|uppercase|fnm|sur|fnms|snm|name|fname|surname|givenname|spfx|textnormal|vbox|hbox|centerline)\s{0,3}(?=\{)"
)
_FIELD = re.compile(
    r"\\(?:institution|department|city|state|country|orgname|orgdiv|orgaddress|affaddr|streetaddress|street|postcode)\s{0,3}(?=\{)"
)
"""The parts of a place in ACM's and Springer's classes."""
_KEYED = re.compile(
    r"\s{0,20}(?:organi[sz]ation|department|institution|addressline|city|postcode|state|country)\s{0,9}=", re.IGNORECASE
)
_APART = re.compile(
    r"\\(?:and|And|AND|qquad|quad|newauthor|alignauthor|hspace\*?\{[^{}]{0,40}\}|hskip|textbullet|vgtcand)(?![a-zA-Z])"
)
_PLACE = re.compile(
    r"universi|institu|departe?m|dept\b|school|labor|facult|college|centre|center|academ|observator|division|hospital|inc\.|gmbh|"
    r"street|\busa\b|\bchina\b|\bfrance\b|germany|\buk\b|\bitaly\b|japan|research|cnrs|inria|polytech|\b\d{4,6}\b|e-?mail|@|http|"
    r"group\b|corporation|ministry|\bltd|google|microsoft|independent",
    re.IGNORECASE,
)
_MAIL = re.compile(r"\S{0,80}@\S{0,80}|https?://\S{1,200}|(?i:e-?mails?:?)")
_COMMA_OR_AND = re.compile(r"(?:(?<!\\)[,;]\s*|\s)(?:and|und|et|\\?&)\s+|\s*(?<!\\)[,;]\s*")
_GOES_ON = re.compile(r"(?:,|;|\band|\\&)\s*\Z")
_SPACES = re.compile(r"\\[ ,;:/!@\n]|(?<!\\)~|\{\}")
_ACCENT = re.compile(
    r"\\(?:([\"'`^~=.])\s{0,3}|([uvHcdbkr])(?:\s{1,3}|(?=\{)))(?:\{\s{0,3}\\?([a-zA-Z])\s{0,3}\}|\\?([a-zA-Z]))"
)
_SUFFIX = re.compile(
    r"(?:Jr|Sr|II|III|IV|PhD|Ph\.D|M\.?D|Member|Senior Member|Fellow|Student Member)\.?(?:,? IEEE)?\Z|IEEE\Z"
)
_KEYWORD = re.compile(r"\\kwd(?:\[[^\[\]]{0,80}\])?\{([^{}]{0,200})\}")
_KEYWORD_MARK = re.compile(
    r"\\(?:sep|and|cdot|textperiodcentered|textbullet|kword|newline|MSC|PACS|par)(?![a-zA-Z])|\\\\|---?"
    r"|(?<!\\)[;,]|[·•]|\$\s?\\cdot\s?\$|\s-\s|\n[ \t]*\n"
)
_KEYWORD_LABEL = re.compile(
    r"(?i)\A\W{0,20}(?:\\\w{1,20}\W{1,9}){0,2}key\s?-?words?(?: and phrases)?\W{0,5}[:.]\W{0,5}"
)
_COMBINING = {
    '"': "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327",
    "d": "\u0323", "b": "\u0331", "k": "\u0328", "r": "\u030a",
}  # fmt: skip
"""TeX's accents (The TeXbook, chapter 9) as combining characters."""
_LETTERS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å", "o": "ø", "O": "Ø", "l": "ł",
    "L": "Ł", "i": "ı", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ",
}  # fmt: skip
_MARKED = "\x00"
"""Stands where a mark stood; no text holds it."""
LONGEST_NAME = 120
LONGEST_KEYWORD = 120
DEEPEST_GROUPS = 4
"""Groups in groups of a place (`\\orgaddress{\\city{Oslo}, \\country{Norway}}`) that are taken off."""


_ORCID = re.compile(r"(?i)orcid")
"""Each class has a name of its own for an author's number."""
_TAKEN = _NOTES | _DROPPED | _MARKS | {"texorpdfstring"}


_PLACED = re.compile(r"\\(?:affil|affiliation)\s{0,9}(?=\{)")
"""A place inside of what a class takes for authors."""
_BLOCK = re.compile(r"\\IEEEauthorblock([NA])\s{0,9}(?=\{)")
_BOX = re.compile(
    r"\\parbox(?:\[[^\[\]]{0,20}\])?\{[^{}]{0,60}\}|\\(?:begin|end)\{(?:tabular|center|flushleft|minipage)\*?\}(?:\[\w\])?(?:\{[^{}]{0,60}\})?"
)


class People(NamedTuple):
    """The names, places and notes of the commands for authors."""

    names: list[str]
    affiliations: list[str]
    notes: list[str]


def groups(text: str) -> dict[int, int]:
    """Where each group in braces of `text` opens, and where it ends (behind its brace), found in one pass."""
    ends: dict[int, int] = {}
    opened: list[int] = []
    for brace in _BRACE.finditer(text):
        if brace[0] == "{":
            opened.append(brace.start())
        elif brace[0] == "}" and opened:
            ends[opened.pop()] = brace.end()
    return ends


def places_of(source: str) -> tuple[list[str], list[str]]:
    r"""The places of an `\affiliation` or `\institute` (which joins several by `\and`), and the notes on them."""
    if _KEYED.match(source):  # Elsevier's newer classes
        source = ", ".join(value for _, value in pairs(source) if value)
    marked = _PLACE_MARK.sub(_MARKED, _AT.sub(", ", _GROUPED_MAIL.sub("", source)))  # Springer's `name \\at place`
    plain, notes = _without_marks(marked)
    pieces = (piece for part in _APART.split(plain) for piece in part.split(_MARKED))
    parts = (balanced(_tidy(_MAIL.sub(" ", _LINE_END.sub(" ", piece)))) for piece in pieces)
    return [with_accents(part).strip(" ,;") for part in parts if any(letter.isalpha() for letter in part)], notes


def one_line(source: str) -> tuple[str, list[str]]:
    """A title or a note in one line, and the notes that hang on it; accents become letters where no formulas are."""
    plain, notes = _without_marks(source)
    line = _tidy(_LINE_END.sub(" ", plain))
    return line if "$" in line else with_accents(line), notes


def authors_of(sources: Iterable[str]) -> People:
    r"""Names and places of several `\author{…}`, each of which may hold several people."""
    people = People([], [], [])
    for source in sources:
        outer, inner = _without_places(source)
        people.affiliations.extend(place for one in inner for place in places_of(one)[0])
        plain, notes = _without_marks(_GROUPED_MAIL.sub("", outer), mark=_MARKED)
        people.notes.extend(notes)
        for part in _APART.split(_BOX.sub("", _BLOCK.sub(_block, _MARK.sub(_MARKED, plain)))):
            place, goes_on = False, True
            for line in _LINE_END.split(part):
                said = balanced(_tidy(_MAIL.sub(" ", line))).strip(" ,;*")
                if not any(letter.isalpha() for letter in said):
                    continue
                # Under a name stand places, unless the list of names goes on or the line holds marks itself.
                place = place or _PLACE.search(line) is not None or not (goes_on or _MARKED in line.strip()[1:])
                goes_on = _GOES_ON.search(line.rstrip(_MARKED + " \n")) is not None
                if place:
                    people.affiliations.append(with_accents(said.replace(_MARKED, "")))
                else:
                    people.names.extend(_names(said.replace(_MARKED, ", ")))
    return people


def keywords_of(source: str) -> list[str]:
    """The single keywords of a list, whatever stands between them."""
    plain = _KEYWORD_LABEL.sub("", _without_marks(_KEYWORD.sub(r", \1, ", source))[0])
    words = (_tidy(word).strip(" .") for word in _split_outside(plain, _KEYWORD_MARK))
    return [word for word in words if any(letter.isalnum() for letter in word) and len(word) <= LONGEST_KEYWORD]


def _without_places(source: str) -> tuple[str, list[str]]:
    r"""`source` without its `\affil{…}`, and what these hold."""
    kept, places, done = "", [], 0
    ends = groups(source) if "\\affil" in source else {}
    for place in _PLACED.finditer(source):
        end = ends.get(place.end(), -1)
        if end > done <= place.start():
            places.append(source[place.end() + 1 : end - 1])
            kept += source[done : place.start()]
            done = end
    return kept + source[done:], places


def _block(block: "re.Match[str]") -> str:
    """IEEE's blocks of names begin a part, its blocks of places a line."""
    return "\\and " if block[1] == "N" else "\\\\ "


def balanced(line: str) -> str:
    """A line of a longer group, without the braces that open or close elsewhere, and without empty formulas."""
    line = line.replace("$$", "")
    inside = line.strip("{} ")
    if line.count("{") != line.count("}") and inside.count("{") == inside.count("}"):
        line = inside
    ends = groups(line)
    closed = {end - 1 for end in ends.values()}
    single = {
        brace.start()
        for brace in _BRACE.finditer(line)
        if brace.start() not in (ends if brace[0] == "{" else closed) and brace[0] in "{}"
    }
    return "".join(letter for at, letter in enumerate(line) if at not in single) if single else line


def with_accents(text: str) -> str:
    r"""`text` with TeX's accents as letters: `Poincar\'e`, `Erd{\H o}s`, `Mu\~{n}oz`, `Gro\ss`, `{\L}o\'s`."""
    text = _ACCENT.sub(_accented, text)
    for command, letter in _LETTERS.items():
        if f"\\{command}" in text:
            text = re.sub(rf"\{{\\{command}\s{{0,3}}\}}|\\{command}(?:\{{\}}|\s{{1,3}}|(?![a-zA-Z]))", letter, text)
    text = re.sub(r"\{([^\x00-\x7f])\}", r"\1", text)
    return re.sub(r"(?<![a-zA-Z}\]])\{([^\W\d_]{1,30}(?:-[^\W\d_]{1,30})?)\}", r"\1", text)


def _accented(accent: "re.Match[str]") -> str:
    letter = accent[3] or accent[4]
    return unicodedata.normalize("NFC", letter + _COMBINING[accent[1] or accent[2]])


def _names(line: str) -> list[str]:
    names: list[str] = []
    for part in _split_outside(line, _COMMA_OR_AND):
        name = part.strip(" ,;")
        if names and _SUFFIX.match(name):
            names[-1] += f", {name}"
        elif name and any(letter.isalpha() for letter in name) and len(name) <= LONGEST_NAME:
            names.append(with_accents(name.removeprefix("and ").removeprefix("\\& ").strip()))
    return names


def _split_outside(text: str, marks: "re.Pattern[str]") -> list[str]:
    """`text` split at `marks` that lie outside braces and formulas."""
    inside = [False] * (len(text) + 1)
    depth, formula = 0, False
    escaped = False
    for at, letter in enumerate(text):
        inside[at] = depth > 0 or formula
        if escaped or letter == "\\":
            escaped = not escaped
            continue
        depth = max(0, depth + (letter == "{") - (letter == "}"))
        formula ^= letter == "$"
    pieces, done = [], 0
    for mark in marks.finditer(text):
        if not inside[mark.start()] and mark.end() > mark.start():
            pieces.append(text[done : mark.start()])
            done = mark.end()
    return [*pieces, text[done:]]


def _without_marks(source: str, mark: str = "") -> tuple[str, list[str]]:
    """`source` without the arguments that are no part of it, and what its notes say."""
    kept: list[str] = []
    notes: list[str] = []
    done = 0
    ends = groups(source)
    for command in _COMMAND.finditer(source):
        if command.start() < done or (command[1] not in _TAKEN and not _ORCID.search(command[1])):
            continue
        kept.append(source[done : command.start()])
        done = command.end()
        while option := _OPTION.match(source, done):
            done = option.end()
        end = ends.get(done, -1)
        if end < 0:
            continue
        if command[1] in _MARKS:
            kept.append(mark)
        elif command[1] in _NOTES:
            notes.append(_tidy(_LINE_END.sub(" ", source[done + 1 : end - 1])))
        elif command[1] == "texorpdfstring":
            kept.append(source[done + 1 : end - 1])
            end = ends.get(end, end)
        elif command[1] in ("textcolor", "href"):
            second = ends.get(end, -1)
            if second > 0:
                kept.append(_without_marks(source[end + 1 : second - 1], mark)[0])
                end = second
        done = end
    kept.append(source[done:])
    return "".join(kept), [note for note in notes if note]


def _tidy(text: str) -> str:
    """One line without layout; braces that hold everything are taken off."""
    text = _WRAPPED.sub("", _FIELD.sub(" ", _LAYOUT.sub("", text)))
    text = _SPACES.sub(" ", text)
    for _ in range(DEEPEST_GROUPS):
        text, before = _BARE_GROUP.sub(r"\1", text), text
        if text == before:
            break
    text = _SPACE.sub(" ", _EMPTY_GROUP.sub("", text)).strip()
    while text.startswith("{") and groups(text).get(0) == len(text):
        text = text[1:-1].strip()
    if text.startswith("{") and text.count("{") == 1 and text.endswith("}"):
        text = text[1:-1].strip()
    return text
