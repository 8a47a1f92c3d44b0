"""What a value is by its own characters: chosen as a password, out of a generator, or a name, a number, an address.

Entropy as in `secret_forms`. `filters.edits.secret_context` asks, where a name speaks of such a value.
"""

import re

from filters.edits.secret_forms import MIN_ENTROPY, PLACEHOLDER, changes, entropy

_UNSPOKEN = re.compile(
    r"(?i)(?=q[a-tv-z]|[jvxz][bcdfghjklmnpqrtvwxz]|[bcdfghjkmpqtvwz][jqxz]|[bcdfgjkmpqtvw][bdfgjkmpqvwxz]{2})"
)
"""Where letters stand together that hardly do in a word or in two words side by side."""
MIN_UNSPOKEN = 2
"""Such places that show a text to be of no words: a shortened word has one (`jpg`, `idx`)."""
MIN_RANDOM_LETTERS = 24
"""Letters of a random text that has no digits, as one in a thousand of 40 characters."""
_CAPITALS = re.compile(r"(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z\d]{16,64}")
"""Capitals and digits, as several issuers write keys; changes between the two are rarer than among three kinds."""
_NUMBERS = re.compile(r"[\d.,:eE+/*%-]+")
_HEX = re.compile(r"(?:0x)?(?:[0-9a-f]{24,}|[0-9A-F]{24,})")
_UNIVERSAL = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_ENCODED = re.compile(r"/[A-Za-z0-9+/]{30,}={0,2}")
"""Base64 that begins as a path does."""
_ADDRESS = re.compile(
    r"://|\A[~./\\]|\.[A-Za-z]{1,8}\Z|@|\A[a-z]{1,8}:[a-z\d-]{1,16}:|%[\d.]{0,4}[dfgsx]|[,;{}]|(?i:password)|\A!\w+\Z|\A[A-Z]:|[\[\\(]"
)
_ALGORITHM = re.compile(r"(?i)hmac|\bsha-?\d|\baes\b|\brsa\b|x509|ed25519|curve25519|secp\d|utf-?8|iso-?8859")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
MIXED, MIXED_LETTERS, MIXED_SETTING = 0.25, 0.38, 0.18
"""Changes between kinds of characters, a character, in random text with digits and almost without; names have .2."""
MIXED_RANDOM = 0.55
"""The same of text where every second letter is a capital, which has the form of a name with humps."""
MIN_LETTERS, MIN_CHOSEN = 10, 8
"""Characters of a password without digits, and of one where nothing but the value and a word near it tells."""
_SIGNS = frozenset("!#$%^&*+?")
_CAMEL = re.compile(r"[a-z]*(?:[A-Z][a-z]+)+")
_PLAIN_PIECE = re.compile(r"(?:[A-Za-z]?[a-z]*|[A-Z]*)\d{0,4}[a-zA-Z]?|\d{1,8}[a-z]?")
_CAMEL_DIGITS = re.compile(r"[A-Za-z][a-z]+\d{0,2}(?:[A-Z][a-z]+\d{0,2})*")
_IDENTIFIER = re.compile(r"AC[0-9a-f]{32}|pk[._].+|UA-\d+-\d+")
"""Names of accounts and public keys, which their issuers give out beside a secret (Twilio, Mapbox, Stripe, Google)."""
_PLAIN_NAME = re.compile(r"\$?[A-Za-z_]+\d{0,2}(?:[._-]+[A-Za-z_]*\d{0,2})*")


def _counts(value: str) -> tuple[int, int, int]:
    digits = sum(map(str.isdigit, value))
    small, great = sum(map(str.islower, value)), sum(map(str.isupper, value))
    return digits, small, great


def unspoken(value: str) -> int:
    """How many places of a text no word has."""
    return sum(1 for _ in _UNSPOKEN.finditer(value))


def is_chosen(value: str, *, certain: bool) -> bool:
    """Whether a person may have chosen the value as a password, and would not have written it as anything else."""
    if len(value) > 64 or PLACEHOLDER.search(value) or len(set(value)) < 5 or _ALGORITHM.search(value):
        return False
    if (
        _NUMBERS.fullmatch(value)
        or _HEX.fullmatch(value)
        or "(" in value
        or "\\" in value
        or value[-1] in ");,{["
        or _FORMATTED.search(value)
    ):
        return False
    if (
        "://" in value
        or value[0] in "~./\\-$%@<{"
        or (value[0] in "!*" and value[1:].isidentifier())
        or value[1:2] == ":"
    ):
        return False
    digits, small, great = _counts(value)
    mixed = changes(value) / len(value)
    humps = len(value) >= MIN_LETTERS and mixed >= MIXED_RANDOM
    if _CAMEL.fullmatch(value) and not humps:
        return False
    if value.isalpha() and len(value) >= MIN_LETTERS and mixed >= MIXED:
        return certain or mixed >= MIXED_LETTERS or unspoken(value) >= MIN_UNSPOKEN
    signs = sum(letter in _SIGNS for letter in value)
    named = _PLAIN_NAME.fullmatch(value) and (mixed < MIXED or (_CAMEL_DIGITS.fullmatch(value) and not humps))
    if named and digits and unspoken(value) >= MIN_UNSPOKEN and len(value) >= MIN_CHOSEN:
        named = None
    if not (small or great) or named:
        return False
    if certain:
        return digits + signs > 0
    kinds = (digits > 0) + (small > 0) + (great > 0) + (signs > 0)
    if len(value) < MIN_CHOSEN or "/" in value or not digits:
        return False
    if digits + signs >= 2 and kinds >= 2 + (digits < 3):
        return True
    return len(value) >= MIN_LETTERS and mixed >= MIXED and kinds >= 3 and not _CAMEL_DIGITS.fullmatch(value)


def fills_setting(value: str) -> bool:
    """Whether a value that fills a line of settings behind the name of a password is one: it may be any text there."""
    _, small, great = _counts(value)
    if is_chosen(value, certain=True):
        return True
    letters = value.isalpha() and small > 1 and great > 1 and not PLACEHOLDER.search(value)
    if letters and len(value) >= MIN_CHOSEN and unspoken(value) >= MIN_UNSPOKEN:
        return True
    return letters and not _CAMEL.fullmatch(value) and changes(value) >= MIXED_SETTING * len(value)


_FORMATTED = re.compile(r"%[\d.]{0,4}[dsfx](?![a-zA-Z0-9])|%d|,")
"""Places that a format fills in, and lists."""
_FILE = re.compile(
    r"(?i).*\.(?:db|sqlite3?|py|txt|json|csv|js|h5|xml|ya?ml|html?|cfg|conf|ini|log|sh|pem|key|crt|dat|bin)"
)


def is_file(value: str) -> bool:
    """Whether a value is the name of a file."""
    return _FILE.fullmatch(value) is not None


def is_dotted_name(value: str) -> bool:
    """Whether a value without quotes is a member of something, `self.token`, and not random text with a dot in it."""
    if not _DOTTED.fullmatch(value):
        return False
    plain = all(
        _CAMEL.fullmatch(piece) or _CAMEL_DIGITS.fullmatch(piece) or _PLAIN_PIECE.fullmatch(piece)
        for piece in value.split(".")
    )
    return plain or changes(value) < MIXED_LETTERS * len(value)


def is_random(value: str, *, digest: bool) -> bool:
    """Whether the value came from a generator; a hexadecimal number only where `digest` says that it may be one."""
    if value[0] == "/" and _ENCODED.fullmatch(value) and changes(value) >= MIXED_LETTERS * len(value):
        value = value[1:]
    if (
        len(value) < 16
        or PLACEHOLDER.search(value)
        or _ADDRESS.search(value)
        or _ALGORITHM.search(value)
        or _IDENTIFIER.fullmatch(value)
        or value.count("/") > len(value) / 8
    ):
        return False
    pieces = re.split(r"[/_.:=-]+", value)
    if len(pieces) > 1 and all(_PLAIN_PIECE.fullmatch(piece) for piece in pieces):
        return False
    if _HEX.fullmatch(value) or _UNIVERSAL.fullmatch(value):
        return digest and entropy(value) >= MIN_ENTROPY
    digits = sum(map(str.isdigit, value))
    if _CAPITALS.fullmatch(value.replace("-", "")) and (digest or digits > 1) and unspoken(value) > (not digest):
        return entropy(value) >= MIN_ENTROPY
    if entropy(value) < MIN_ENTROPY or digits >= 0.8 * len(value):
        return False
    if not digits:
        return value.isalpha() and len(value) >= MIN_RANDOM_LETTERS and unspoken(value) >= len(value) / 8
    separate = sum(not letter.isalnum() for letter in value)
    changed = changes(value) / len(value)
    return separate < len(value) / 3 and (
        (changed >= MIXED and digits >= len(value) / 16) or (changed >= MIXED_LETTERS and digits > 0)
    )
