"""Secrets told by where they stand: a value that looks chosen or random, beside a name that speaks of such things.

Issuers' tokens have forms (`secret_forms`); passwords and most keys have none. What tells them is a pair: a value that
no one would write as a name or a word, and the name before it: of a variable or a key in a file of settings, of the
function that it is given to, of an option on a command line. Both sides are judged apart here, whatever stands between
them, so that a new syntax needs no new expression. Sources: names as the rules of gitleaks and the keyword plugin of
detect-secrets list them; entropy as in `secret_forms`; options as the programs' manual pages give them.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from filters.edits.secret_calls import CREDENTIALS, about, callee, handed
from filters.edits.secret_commands import COMMANDS, WORDS
from filters.edits.secret_forms import What
from filters.edits.secret_lines import REACH, lines_with
from filters.edits.secret_names import (
    CARRIERS,
    LOOKS_UP,
    QUALIFIES,
    SERVICES,
    SPEAKS,
    SPEAKS_IN_REMARK,
    Name,
    is_called_secret,
    name_of,
    words_in,
)
from filters.edits.secret_prompts import prompted
from filters.edits.secret_values import fills_setting, is_chosen, is_dotted_name, is_random


class Found(NamedTuple):
    """A secret at `start` to `end` of the text, in characters."""

    what: What
    start: int
    end: int


_BARE_TEXT = r"(?>[^\s\"'`<>,;&(){}\[\]|=:：\\]{8,600}={0,2})(?![=:(\[]\S|\()"
_BARE = re.compile(_BARE_TEXT)
_VALUE = re.compile(
    rf"(?P<quote>\"\"\"|'''|[\"'`])(?P<quoted>[^\s\"'`]{{6,600}}(?<!\\))\\?(?P=quote)|(?P<bare>{_BARE_TEXT})"
)
_PAIRS = re.compile(r"[\w-]=[^=]|\A(?:\$\{)?[\w.@-]{1,40}:[^:/]")
_OPEN_END = ("=", ":", "(", "[", "{", "|", ">", "<-", ">-", "|-", "\\")
"""How a line ends whose value stands on the next one."""
_NEXT = re.compile(r"\r?\n[ \t]{0,40}[^\n]{0,600}")
_CARRIED = re.compile(r"\r?\n[ \t]{0,40}(?:[\"']?value[\"']?[ ]?:|<value>)[^\n]{0,600}")
"""The second line of a pair: `- name: PASSWORD`, `value: …`, and the same in JSON and XML."""
_GIVEN = re.compile(
    r"(?<!\w)(?<!::)(?!\$?env:)(?P<name>(?:[^\W\d]|[$@%])[\w.-]{0,60})(?:\[\w{0,8}\])?"
    r"[\"'`\])\\]{0,3}[ \t]{0,16}"
    r"(?::[ \t]{0,2}[&\w.\[\]<>?*][&\w.\[\]<>?*' ]{0,30}(?==))?"
    r"(?P<sign>=>|<=|->|:=|::|\|\|=|\?=|<-|=|:|：|,|>|\([\"']?)"
    r"(?:[ \t]{0,8}|[ \t]{0,4}[(\[|>\\]?-?[ \t]{0,4}\r?\n[ \t]{0,40})"
    r"(?:[\w.]{0,24}(?:fromhex|decode|bytes)\w{0,4}\([\"']?|base64:|!{1,2}\w{1,10}[ ]|\d{4,9}:|qq?[{(|])?"
    r"[brfuL@$]{0,2}\Z"
)
"""The name to which a value is given, and the sign between them; the value may begin on the next line."""
_SPACED = re.compile(r"(?P<name>[^\W\d][\w.-]{0,60})[\"'`]?[ \t]{1,20}(?:\{|[Lbru])?\Z")
"""The same where nothing but space stands between: options, keywords of Lisp, definitions of C, commands of shells."""
_SEVERAL = re.compile(
    r"(?P<names>[\w.]{1,40}(?:,[ ]?[\w.]{1,40}){1,5})\)?[ ]?:?=[ ]?\(?"
    r"(?P<values>(?:[brfu]?(?:\"[^\"\n]{0,80}\"|'[^'\n]{0,80}'|[\w.]{1,20}),[ ]?){0,5})[brfu]?\Z"
)
"""Several names on the left of one sign: `user, password = "bob", `."""
_FALLBACK = re.compile(
    r"(?P<name>[^\W\d][\w.-]{0,60})[\"']?[ ]?(?::=|=>|=|:)[^=\n;]{1,60}?(?:\|\||\bor\b|\?\?|\?:|:-)[ ]?[\"'brfu]{0,2}\Z"
)
"""A name and what it is where something else is not set: `secret: process.env.SECRET || `."""
_OTHERWISE = ("||", " or ", "??", "?:", ":-")
_LOOKED_UP = re.compile(r"\([\"'](?P<name>[\w.-]{1,60})[\"'],[ ]?(?:\w{1,12}[ ]?=[ ]?)?[brfu]?\Z")
_NUMBERED = re.compile(r"\d:\Z")
"""The number of an account before its key."""
_SETTING = re.compile(
    r"[ \t]{0,20}(?:export[ ]|set[ ]|env[ ]|ENV[ ]|ARG[ ]|-e[ ]|-[ ])?[\w.-]{1,80}(?:[=:]|:[ ]|[ ]=[ ])\Z"
)
"""What stands before the value in a line that is nothing but a setting."""
_PERSON = re.compile(r"(?P<outer>[\w.-]{1,40})[\"']?[ ]{0,2}[=:][ ]{0,2}[\"']?[\w.@-]{1,40}:\Z")
"""A user before a colon and the password, in a value by itself: `auth = bob:`."""
_BESIDE = re.compile(r"[\"'`\])]{0,3}[ \t]{0,4}(?:is|was|=|:|,|of \w{1,20} is)?[ \t]{0,4}[\"'`]?\Z")
_PASSWORD_WORD = re.compile(
    r"(?i)(?:pass(?:word|wd|phrase|code)|\bpwd|assword|securestring|\bpass(?=\W{0,2}[:=])|bindpw|rootpw)\b:?"
)
_IN_URL = re.compile(r"[?&][\w.-]{1,40}=\Z")
_USER = re.compile(r"(?i)\b(?:user(?:name)?|login|account|email)\b")


def _fits(value: str, said: Name, *, quoted: bool, digest: bool) -> What | None:
    if said.what == "password":
        # What stands without quotes in a program is a variable, unless no variable could be called so.
        strong = is_chosen(value, certain=quoted and said.certain)
        return "password" if strong or (said.certain and value.isalpha() and is_chosen(value, certain=True)) else None
    if is_random(value, digest=digest):
        return "key"
    return "password" if quoted and is_called_secret(said) and is_chosen(value, certain=False) else None


class _Place(NamedTuple):
    """The text before and behind a value on its line, and the end of the `earlier` line; has the value quotes?"""

    before: str
    after: str
    earlier: str
    quoted: bool


def _told(value: str, place: _Place) -> What | None:
    """What a value is by what stands around it, or by a service that is named before it; None: no secret."""
    return _beside(value, place) or _called_behind(value, place) or ("key" if _serves(value, place) else None)


_BEHIND = re.compile(
    r"[\"'`]?[)\];,]{0,4}[ \t]{0,4}"
    r"(?:\w{0,16}(?:for|For)\w{0,20}:[ ]?@?[\"']|(?:#|//|--|%|;|'|/\*|<!--)[ \t]{0,4}(?:(?:the|my|our)[ ])?)"
    r"(?P<name>[A-Za-z][\w-]{1,40}(?:[ ][A-Za-z][\w-]{1,20})?)"
)
"""The name behind a value: in a remark, or in the last part of a message of Objective-C."""


def _called_behind(value: str, place: _Place) -> What | None:
    """What the word behind a quoted value says of it: `"…"  # password`, `setValue:@"…" forKey:@"token"`."""
    behind = _BEHIND.match(place.after) if place.quoted else None
    said = (name_of(behind["name"]) or name_of(behind["name"].partition(" ")[0])) if behind else None
    if place.after[1:].startswith(".toCharArray()") and is_chosen(value, certain=False):
        # Java keeps passwords in arrays, and hardly anything else.
        return "password"
    if said is None or not said.certain:
        return None
    if said.what == "password":
        return "password" if is_chosen(value, certain=False) else None
    return "key" if is_random(value, digest=True) else None


def _serves(value: str, place: _Place) -> bool:
    """Whether a value from a generator is given to what has the name of a service that gives out keys."""
    before = place.before
    if not is_random(value, digest=True) or len(value) < MIN_ISSUED:
        return False
    given = _GIVEN.search(before) or _SPACED.search(before)
    if given is None or not (place.quoted or _FILLS.match(place.after)):
        return False
    assigned = _ASSIGNED.match(before)
    names = [given["name"], callee(before) or "", assigned["name"] if assigned else ""]
    words = {part for name in names for part in (*words_in(name), *name.lower().split("."))}
    return bool(words & SERVICES) and not words & _NO_KEYS


MIN_ISSUED = 16
"""Characters of a key that a service gives out, at least."""
_FILLS = re.compile(r"[ \t]*(?:\r?\Z|#|//)")
_NO_KEYS = frozenset(
    ("id", "sid", "hash", "sha", "sha256", "md5", "commit", "rev", "ref", "version", "digest", "url", "uri")
)


def _beside(value: str, place: _Place) -> What | None:
    """What a value is by what stands around it; None: no secret."""
    before, quoted = place.before, place.quoted
    if not quoted and is_dotted_name(value):
        return None
    if quoted and (said := _one_of_several(before)) is not None:
        return _fits(value, said, quoted=True, digest=said.certain)
    if quoted and (said := _fallback(before)) is not None:
        return _fits(value, said, quoted=True, digest=said.certain)
    given = _GIVEN.search(before)
    parts = words_in(given["name"]) if given else []
    if given and len(parts) < 3 and set(parts) & CARRIERS:
        said = about(before[: given.start()])
        return _fits(value, said._replace(certain=False), quoted=quoted, digest=said.certain) if said else None
    if given and given["sign"][0] not in ",(":
        return _assigned(value, given["name"], place)
    beside = _SPACED.search(before)
    if beside is not None and (said := name_of(beside["name"])) is not None and beside["name"] not in ("pass", "key"):
        return _fits(value, said._replace(certain=False), quoted=quoted, digest=said.certain)
    if quoted:
        what = handed(value, before)
        if what is not None:
            return what
        said = name_of(given["name"]) if given else None
        if said and said.what == "key":
            return _fits(value, said, quoted=True, digest=True) if said.certain else None
    elif _IN_URL.search(before):
        return None
    spoken = list(_PASSWORD_WORD.finditer(before))
    if not spoken:
        return None
    between = before[spoken[-1].end() :]
    near = _BESIDE.match(between) is not None or (quoted and ";" not in between)
    return "password" if near and is_chosen(value, certain=False) else None


def _one_of_several(before: str) -> Name | None:
    """What the name says that stands in the value's place on the left of a sign with several names."""
    several = _SEVERAL.search(before)
    if several is None:
        return None
    names = several["names"].split(",")
    place = len(_LISTED.findall(several["values"]))
    return name_of(names[place]) if place < len(names) else None


_LISTED = re.compile(r"\"[^\"\n]{0,80}\",|'[^'\n]{0,80}',|[\w.]{1,20},")


def _fallback(before: str) -> Name | None:
    """What the name says for which a value stands in, where nothing has that name."""
    if any(sign in before for sign in _OTHERWISE) and (other := _FALLBACK.search(before)):
        return name_of(other["name"])
    looked = _LOOKED_UP.search(before)
    if looked is None or not set(words_in((callee(before) or "").rpartition(".")[2])) & LOOKS_UP:
        return None
    assigned = _ASSIGNED.match(before)
    names = (looked["name"], assigned["name"] if assigned else "")
    return max((name_of(name) for name in names), key=lambda said: -1 if said is None else said.certain)


_ASSIGNED = re.compile(r"[ \t]{0,40}(?P<name>[\w.]{1,60})[ ]{0,4}:?=(?!=)")


def _assigned(value: str, name: str, place: _Place) -> What | None:
    """What the value is that is given to a name by a sign."""
    said, before = name_of(name), place.before
    if said is None:
        person = _PERSON.search(before)
        if person and (said := name_of(person["outer"])) is not None and said.certain:
            return "password" if is_chosen(value, certain=False) else None
        held = name_of(callee(before) or "") if place.quoted else None
        if held is None or not held.certain:
            return None
        strong = is_chosen(value, certain=False) if held.what == "password" else CREDENTIALS & held.words
        return "password" if strong and is_chosen(value, certain=False) else None
    element = (before.endswith(">") and place.after.startswith("</")) or _FILLED.search(before + place.after[:1])
    if said.what == "password" and said.certain and element and fills_setting(value):
        return "password"
    if said.what == "password" and said.certain and not place.quoted and not place.after.strip():
        return (
            "password"
            if _SETTING.match(before) and fills_setting(value)
            else _fits(value, said, quoted=False, digest=True)
        )
    alone = len(words_in(name)) == 1 and not said.certain and not _qualified(before, name)
    told = _USER.search(place.earlier + before) or SPEAKS_IN_REMARK.search(place.after) or _NUMBERED.search(before)
    return _fits(value, said, quoted=place.quoted, digest=not alone or told is not None)


_FILLED = re.compile(r"\$\{[\w.-]{1,60}:-?\}")
"""Around what stands in for a setting without a value: `${db.password:…}`."""


def _qualified(before: str, name: str) -> bool:
    """Whether the word before a name says what it opens: `API key = `."""
    words = words_in(before[: before.rfind(name)][-24:])
    return bool(words) and words[-1] in QUALIFIES


def _lines(text: str) -> list[tuple[int, int]]:
    """Where the lines with a word of `SPEAKS` stand, from a little before the first such word to the line's end.

    Where the value is to follow on the next line, that belongs to it.
    """
    small = text.lower()
    if len(small) != len(text):
        small = "".join(letter.lower() if letter.isascii() else letter for letter in text)
    return [(start, _last(text, end)) for start, end in lines_with(small, SPEAKS)]


def _last(text: str, end: int) -> int:
    """Where a line ends, with the next one if the value stands there."""
    open_end = text[max(0, end - 8) : end].rstrip().endswith(_OPEN_END)
    following = (_NEXT if open_end else _CARRIED).match(text, end - text.endswith("\r", 0, end))
    return following.end() if following else end


def found(text: str) -> Iterator[Found]:
    """The secrets of a text in their order; time is linear, since what is read of a line has a bound."""
    for start, end in lines_with(text, WORDS):
        for match in COMMANDS.finditer(text, start, end):
            group = match.lastgroup or ""
            said = match[group]
            if is_random(said, digest=True) if group == "issued" else " " in said or fills_setting(said):
                yield Found("password", *match.span(group))
    for is_key, *place in prompted(text):
        yield Found("key" if is_key else "password", *place)
    for start, end in _lines(text):
        for match in _VALUE.finditer(text, start, end):
            kind = "quoted" if match["quote"] else "bare"
            inside = match.span(kind)
            what = _judged(text, start, inside, match.start(), quoted=kind == "quoted")
            if what is not None:
                yield Found(what, *inside)
            elif kind == "quoted" and _PAIRS.search(match["quoted"]):
                # An address or a row of settings stands in quotes: `"DRIVER=X;PWD=…"`, `"http://…?key=…"`, `"bob:…"`.
                for part in _BARE.finditer(text, *inside):
                    what = _judged(text, start, part.span(), part.start(), quoted=False)
                    if what is not None:
                        yield Found(what, *part.span())


def _judged(text: str, start: int, value: tuple[int, int], outer: int, *, quoted: bool) -> What | None:
    """What the characters of `value` are, on a line from `start`, with quotes from `outer` on."""
    written = text[value[0] : value[1]]
    if written.isdigit() or (written.isalpha() and (written.islower() or written.isupper() or written.istitle())):
        return None
    written = written.removesuffix("\\r").removesuffix("\\n")
    if quoted and text[outer - 1 : outer] == "\\":
        # A quote inside of quotes: `"{\"token\": \"…\"}"`.
        outer -= 1 + (text[outer - 2 : outer - 1] in ("'", '"'))
    end = text.find("\n", value[1], value[1] + REACH)
    after = text[value[1] : end if end >= 0 else value[1] + REACH]
    return _told(
        written, _Place(text[max(start, outer - REACH) : outer], after, text[max(0, start - 60) : start], quoted)
    )
