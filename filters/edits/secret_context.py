"""Secrets told by where they stand: a value that looks chosen or random, beside a name that speaks of such things.

Issuers' tokens have forms (`secret_forms`); passwords and most keys have none. What tells them is a pair: a value that
no one would write as a name or a word, and the name before it: of a variable or a key in a file of settings, of the
function that it is given to, of an option on a command line. Both sides are judged apart here, whatever stands between
them, so that a new syntax needs no new expression. Sources: names as the rules of gitleaks and the keyword plugin of
detect-secrets list them; entropy as in `secret_forms`; options as the programs' manual pages give them.
"""

import itertools
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from filters.edits.secret_forms import MIN_ENTROPY, PLACEHOLDER, What, changes, entropy
from filters.words import words_of


class Found(NamedTuple):
    """A secret at `start` to `end` of the text, in characters."""

    what: What
    start: int
    end: int


class _Name(NamedTuple):
    """What a name before a value says: `certain`, that nothing else is given to such a name."""

    what: Literal["key", "password"]
    certain: bool
    words: frozenset[str]


_SPEAKS = (
    "pass", "pwd",
    "kennwort", "senha", "contrase", "assword", "appid", "bind", "database",
    "psk", "securestring", "secret", "token", "key", "credential",
    "auth", "login", "connect", "client", "cookie", "session", "sig=", "sign(", "hmac", "pw", "bearer",
)  # fmt: skip
"""A line without any of these, in small letters, is not looked at."""
_BARE_TEXT = r"(?>[^\s\"'`<>,;&(){}\[\]|=:\\]{8,600}={0,2})(?![=:(\[]\S|\()"
_BARE = re.compile(_BARE_TEXT)
_VALUE = re.compile(rf"(?P<quote>\"\"\"|'''|[\"'`])(?P<quoted>[^\s\"'`]{{6,600}})(?P=quote)|(?P<bare>{_BARE_TEXT})")
_PAIRS = re.compile(r"[\w-]=[^=]")
_CARRIED = re.compile(r"\n[ \t]{0,40}value:[^\n]{0,600}")
"""The second line of a pair in YAML: `- name: PASSWORD`, `value: …`."""
REACH = 100
"""How many characters before a value its name may stand."""
_GIVEN = re.compile(
    r"(?<!\w)(?<!::)(?P<name>[A-Za-z_$@%][\w.-]{0,60})[\"'`\])]{0,3}[ \t]{0,16}"
    r"(?::[ \t]{0,2}[&\w.\[\]]{1,24}[ \t]{0,4}(?==))?"
    r"(?P<sign>=>|<=|->|:=|::|\|\|=|\?=|<-|=|:|,|>|\([\"']?)[ \t]{0,8}"
    r"(?:[\w.]{0,24}(?:fromhex|decode|bytes)\w{0,4}\([\"']?|base64:|!!str[ ])?[brfuL@$]{0,2}\Z"
)
"""The name to which a value is given, and the sign between them."""
_SPACED = re.compile(r"(?P<name>[A-Za-z_][\w-]{0,60})[\"'`]?[ \t]{1,20}[Lbru]?\Z")
"""The same where nothing but space stands between: options, keywords of Lisp, definitions of C, commands of shells."""
_WORD = re.compile(r"[A-Za-z_][\w-]{1,60}")
NAMES_BACK = 6
"""How many words before a value are asked what it is about."""
_CALLED = re.compile(r"(?P<name>[A-Za-z_][\w.:>-]{0,60})[\"']?[ \t]{0,4}(?:[=:][ \t]{0,4})?\Z")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_PASSWORDS = words_of("""
    password passwords passwd passphrase pwd pass passwort kennwort senha contrasena contraseña psk pw passcode passe
    securestring rootpw bindpw userpassword phrase
""")
_NO_PASSWORDS = words_of("bypass compass lowpass highpass bandpass allpass encompass surpass overpass subpass trespass")
_CERTAIN = words_of("""
    secret token credential credentials apikey authtoken jwt hmac bearer authorization sessionid sessid sid sig auth
    cookie session appid
""")
_QUALIFIED = words_of("""
    api access private secret encryption auth account admin app client consumer signing master license service shared
    storage server application developer subscription webhook wallet wifi salt session user encrypt appl deploy
""")
"""What makes a key one that opens something."""
_OTHER_THINGS = words_of("""
    public pub primary foreign sort cache dict sequence hot partition object node column row index schedule group hash
    sha md commit checksum etag csrf next prev first last eos bos pad unk sep cls mask special tokenizer random seed
    field name file path url uri type length len size min max policy hasher prompt label input id page form view count
    format regex pattern prefix suffix header algorithm alg class col help error message msg strength fingerprint inchi
    keyboard keyword keywords keys tokens test start end begin stop kind lookup identifier digest version model enum
    separator delimiter char ring store event press code up down left right bindings binding frame signal constraint
""")
_CARRIERS = words_of("value val text content data send fill string default v")
"""Names that carry what another name on the line is about: `name="password" value="…"`."""
_OPENS = words_of(
    "bind database login connect connection credential credentials auth authenticate authentication authorize"
)
_TAKES_KEYS = words_of("client api jwt sign hmac encode fernet encrypt decrypt token account credentials auth")
"""What a function is called that is given a password, or a key."""
_BESIDE = re.compile(r"[\"'`\])]{0,3}[ \t]{0,4}(?:is|was|=|:|,|of \w{1,20} is)?[ \t]{0,4}[\"'`]?\Z")
_PASSWORD_WORD = re.compile(
    r"(?i)(?:pass(?:word|wd|phrase|code)|\bpwd|assword|securestring|\bpass(?=\W{0,2}[:=])|bindpw|rootpw)\b:?"
)
_IN_URL = re.compile(r"[?&][\w.-]{1,40}=\Z")
_USER = re.compile(r"(?i)\b(?:user(?:name)?|login|account|email)\b")

_NUMBERS = re.compile(r"[\d.,:eE+/*-]+")
_HEX = re.compile(r"(?:0x)?(?:[0-9a-f]{24,}|[0-9A-F]{24,})")
_ADDRESS = re.compile(
    r"://|\A[~./\\]|\.[A-Za-z]{1,8}\Z|@|\A[a-z]{1,8}:[a-z\d-]{1,16}:|%[\d.]{0,4}[dfgsx]|(?i:password)|\A!\w+\Z|\A[A-Z]:|[\[\\(]"
)
_ALGORITHM = re.compile(r"(?i)hmac|\bsha-?\d|\baes\b|\brsa\b|x509|ed25519|curve25519|secp\d|utf-?8|iso-?8859")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
MIXED, MIXED_LETTERS, MIN_LETTERS = 0.25, 0.38, 10
"""Changes between kinds of characters, a character, in random text with digits and almost without; names have .2."""
_SIGNS = frozenset("!#$%^&*+?")
_CAMEL = re.compile(r"[a-z]*(?:[A-Z][a-z]+)+")
_PLAIN_PIECE = re.compile(r"(?:[A-Za-z]?[a-z]*|[A-Z]*)\d{0,4}[a-zA-Z]?|\d{1,8}[a-z]?")
_PLAIN_NAME = re.compile(r"\$?[A-Za-z_]+\d{0,2}(?:[._-]+[A-Za-z_]*\d{0,2})*")


def _counts(value: str) -> tuple[int, int, int]:
    digits = sum(map(str.isdigit, value))
    small, great = sum(map(str.islower, value)), sum(map(str.isupper, value))
    return digits, small, great


def _is_chosen(value: str, *, certain: bool) -> bool:
    """Whether a person may have chosen the value as a password, and would not have written it as anything else."""
    if len(value) > 64 or PLACEHOLDER.search(value) or len(set(value)) < 5 or _ALGORITHM.search(value):
        return False
    if _NUMBERS.fullmatch(value) or _HEX.fullmatch(value) or "(" in value or "\\" in value or value[-1] in ");,{[":
        return False
    if "://" in value or value[0] in "~./\\-$%@<{" or (value[0] == "!" and value[1:].isalpha()) or value[1:2] == ":":
        return False
    digits, small, great = _counts(value)
    mixed = changes(value) / len(value)
    if _CAMEL.fullmatch(value):
        return False
    if value.isalpha() and len(value) >= MIN_LETTERS and mixed >= (MIXED if certain else MIXED_LETTERS):
        return True
    signs = sum(letter in _SIGNS for letter in value)
    if not (small or great) or _PLAIN_NAME.fullmatch(value):
        return False
    if certain:
        return digits + signs > 0
    kinds = (digits > 0) + (small > 0) + (great > 0) + (signs > 0)
    return len(value) >= 8 and "/" not in value and digits > 0 and (digits + signs >= 2) and kinds >= 2 + (digits < 3)


def _is_random(value: str, *, digest: bool) -> bool:
    """Whether the value came from a generator; a hexadecimal number only where `digest` says that it may be one."""
    if (
        len(value) < 16
        or PLACEHOLDER.search(value)
        or _ADDRESS.search(value)
        or _ALGORITHM.search(value)
        or value.count("/") > len(value) / 8
    ):
        return False
    pieces = re.split(r"[/_.-]+", value)
    if len(pieces) > 1 and all(_PLAIN_PIECE.fullmatch(piece) for piece in pieces):
        return False
    if _HEX.fullmatch(value):
        return digest and entropy(value) >= MIN_ENTROPY
    digits = sum(map(str.isdigit, value))
    if not digits or entropy(value) < MIN_ENTROPY or digits >= 0.8 * len(value):
        return False
    separate = sum(not letter.isalnum() for letter in value)
    changed = changes(value) / len(value)
    return separate < len(value) / 3 and (
        (changed >= MIXED and digits >= len(value) / 16) or (changed >= MIXED_LETTERS and digits > 0)
    )


def _name(name: str) -> _Name | None:
    """What the name of a variable, a key or an option says of its value."""
    parts = [part.lower() for part in _PARTS.findall(name)]
    if not parts:
        return None
    known = set(parts)
    ends = parts[-1] in _PASSWORDS or (
        parts[-1].endswith(("password", "passwd", "pass", "passwords", "pwd", "passphrase"))
    )
    if parts[-1] == "phrase" and "pass" not in known:
        return None
    if (ends or known & _PASSWORDS) and parts[-1] not in _NO_PASSWORDS:
        return None if known & _OTHER_THINGS and not ends else _Name("password", ends, frozenset(known))
    speaks = known & _CERTAIN or parts[-1].endswith(("token", "secret", "apikey"))
    if known & _OTHER_THINGS or not (speaks or "key" in known or parts[-1].endswith("key")):
        return None
    return _Name("key", bool(speaks) or bool(known & _QUALIFIED), frozenset(known))


def _callee(before: str) -> str | None:
    """The name before the bracket that is open at the end of the text: of a function, or of a list of pairs."""
    depth = 0
    for at in range(len(before) - 1, -1, -1):
        letter = before[at]
        if letter in ")]}":
            depth += 1
        elif letter in "([{":
            if depth == 0:
                called = _CALLED.search(before[:at])
                return called["name"] if called else None
            depth -= 1
    return None


def _about(before: str) -> _Name | None:
    """What the last words before a value speak of: `<property name="password" value=`."""
    for match in itertools.islice(reversed(list(_WORD.finditer(before))), NAMES_BACK):
        said = _name(match[0])
        if said is not None:
            return said
    return None


def _fits(value: str, said: _Name, *, quoted: bool, digest: bool) -> What | None:
    if said.what == "password":
        # What stands without quotes in a program is a variable, unless no variable could be called so.
        strong = _is_chosen(value, certain=quoted and said.certain)
        return "password" if strong or (said.certain and value.isalpha() and _is_chosen(value, certain=True)) else None
    if _is_random(value, digest=digest):
        return "key"
    return "password" if quoted and "secret" in said.words and _is_chosen(value, certain=False) else None


def _beside(value: str, before: str, earlier: str, *, quoted: bool) -> What | None:
    """What the value is by the text before it on its line, and by the `earlier` one; None: no secret."""
    if not quoted and _DOTTED.fullmatch(value):
        plain = all(_CAMEL.fullmatch(piece) or _PLAIN_PIECE.fullmatch(piece) for piece in value.split("."))
        if plain or changes(value) < MIXED_LETTERS * len(value):
            return None
    given = _GIVEN.search(before)
    parts = [part.lower() for part in _PARTS.findall(given["name"])] if given else []
    if given and not set(parts) & _CARRIERS and given["sign"][0] not in ",(":
        said = _name(given["name"])
        if said is None:
            held = _name(_callee(before) or "") if quoted else None
            strong = held is not None and held.what == "password" and held.certain and _is_chosen(value, certain=False)
            return "password" if strong else None
        alone = len(parts) == 1 and not said.certain and not _USER.search(earlier + before)
        return _fits(value, said, quoted=quoted, digest=not alone)
    if given and set(parts) & _CARRIERS:
        said = _about(before[: given.start()])
        return _fits(value, said._replace(certain=False), quoted=quoted, digest=said.certain) if said else None
    beside = _SPACED.search(before)
    if beside is not None and (said := _name(beside["name"])) is not None and beside["name"] not in ("pass", "key"):
        return _fits(value, said._replace(certain=False), quoted=quoted, digest=said.certain)
    if quoted:
        called = _callee(before) or ""
        words = {part.lower() for part in _PARTS.findall(called)}
        if words & _OPENS and _is_chosen(value, certain=False) and not _is_random(value, digest=True):
            return "password"
        opened = _name(called)
        if opened and opened.what == "password" and opened.certain and _is_chosen(value, certain=False):
            return "password"
        if (words & _TAKES_KEYS or (opened and opened.what == "key")) and _is_random(value, digest=False):
            return "key"
        said = _name(given["name"]) if given else None
        if said and said.what == "key":
            return "key" if said.certain and _is_random(value, digest=True) else None
    elif _IN_URL.search(before):
        return None
    spoken = list(_PASSWORD_WORD.finditer(before))
    if not spoken:
        return None
    between = before[spoken[-1].end() :]
    near = _BESIDE.match(between) is not None or (quoted and ";" not in between)
    return "password" if near and _is_chosen(value, certain=False) else None


_COMMANDS = re.compile(
    r"\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\n|]{0,120}? -p(?P<mysql>[^\s\"'$-][^\s\"'$]{4,63})"
    r"|\bmongo\w{0,8}\b[^\n|]{0,120}? -p ?(?P<mongo>[^\s\"'$-][^\s\"'$]{5,63})"
    r"|\bsshpass -p ?(?P<sshpass>[^\s\"'$-][^\s\"'$]{4,63})"
    r"|\bredis-cli\b[^\n|]{0,120}? (?:-a|--pass) (?P<redis>[^\s\"'$]{6,64})"
    r"|\b(?:zip|7za?|unzip|unrar)\b[^\n|]{0,120}? -[pP] ?(?P<zip>[^\s\"'$]{6,64})"
    r"|\s-pass(?:in|out|word)? pass:(?P<openssl>[^\s\"'$]{4,64})"
    r"|\becho (?:-[ne] )?[\"']?(?P<sudo>[^\s\"'$]{5,64})[\"']? ?\| ?sudo\b"
    r"|\b(?:sqlcmd|bcp|isql)\b[^\n|]{0,120}? -P ?(?P<sqlcmd>[^\s\"'$]{6,64})"
    r"|\bldap\w{1,12}\b[^\n|]{0,120}? -w (?P<ldap>[^\s\"'$]{6,64})"
    r"|\bl?ftp\b[^\n|]{0,120}? -u [\w.@-]{1,40},(?P<ftp>[^\s\"'$]{6,64})"
    r"|\bsmb\w{1,10}\b[^\n|]{0,120}? -U [\w.@\\-]{1,40}%(?P<smb>[^\s\"'$]{6,64})"
    r"|\b(?:sqlplus|sqlldr|expdp|impdp)\b[ ]\w{1,40}/(?P<oracle>[^\s\"'$@]{6,64})@"
    r"|\bnet use\b[^\n|]{0,120}?/user:\S{1,60} (?P<net>[^\s\"'$]{6,64})"
    r"|\b[\w.-]{1,40}:(?P<chpasswd>[^\s\"'$:]{6,64})[\"']?[ ]?\|[ ]?(?:sudo )?chpasswd"
    r"|\bdocker login\b[^\n|]{0,120}? -p (?P<docker>[^\s\"'$]{6,64})"
    r"|--[\w-]{0,20}(?:password|passwd|passphrase)[= ](?P<option>[^\s\"'$<>{}()]{6,64})(?=\s|\Z)"
    r"|^[\w.*-]{1,60}:(?:\d{1,5}|\*):[\w.*-]{1,60}:[\w.-]{1,60}:(?P<pgpass>[^\s:\"']{6,64})$",
    re.MULTILINE,
)
"""Programs' options for a password, and PostgreSQL's file of them."""
_COMMAND_WORDS = words_of("""
    mongo sshpass mysql maria redis-cli zip 7z unrar pass: sudo sqlcmd bcp isql ldap docker ftp smb sql expdp impdp
    chpasswd /user: -- :*: :5432:
""")


def _lines(text: str) -> list[tuple[int, int]]:
    """Where the lines with a word of `_SPEAKS` stand, from a little before the first such word to the line's end."""
    small = text.lower()
    if len(small) != len(text):
        small = "".join(letter.lower() if letter.isascii() else letter for letter in text)
    starts: dict[int, int] = {}
    for word in _SPEAKS:
        at = small.find(word)
        while at >= 0:
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            first = max(text.rfind("\n", 0, at) + 1, at - REACH)
            starts[end] = min(first, starts.get(end, first))
            at = small.find(word, end)
    return sorted(
        (start, carried.end() if (carried := _CARRIED.match(text, end)) else end) for end, start in starts.items()
    )


def found(text: str) -> Iterator[Found]:
    """The secrets of a text in their order; time is linear, since what is read of a line has a bound."""
    if any(word in text for word in _COMMAND_WORDS):
        for match in _COMMANDS.finditer(text):
            group = match.lastgroup or ""
            if _is_chosen(match[group], certain=True):
                yield Found("password", *match.span(group))
    for start, end in _lines(text):
        for match in _VALUE.finditer(text, start, end):
            kind = "quoted" if match["quote"] else "bare"
            inside = match.span(kind)
            what = _judged(text, start, inside, match.start(), quoted=kind == "quoted")
            if what is not None:
                yield Found(what, *inside)
            elif kind == "quoted" and _PAIRS.search(match["quoted"]):
                # An address or a row of settings stands in quotes: `"DRIVER=X;PWD=…"`, `"http://…?key=…"`.
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
    before = text[max(start, outer - REACH) : outer]
    return _beside(written, before, text[max(0, start - 60) : start], quoted=quoted)
