"""What a value is by the function, the list or the command of a program that it is handed to.

`connect("h", "bob", "…")`, `jwt.encode(claims, "…")`, `basic_auth "bob", "…"`: what the function is called says whether
it takes passwords or keys. Sources: the interfaces of data bases', mail's and web services' libraries, as their
manuals name them. `filters.edits.secret_context` asks, where no sign gives the value to a name.
"""

import itertools
import re

from filters.edits.secret_forms import What
from filters.edits.secret_names import ADDS_USERS, OPENS, TAKES_KEYS, Name, name_of, words_in
from filters.edits.secret_values import is_chosen, is_file, is_random

_ACCOUNT = re.compile(r"\bAC[0-9a-f]{32}[\"'],[ ]?\Z")
"""Twilio's name of an account, behind which its secret stands."""
_WORD = re.compile(r"[^\W\d][\w-]{1,60}")
NAMES_BACK = 6
"""How many words before a value are asked what it is about."""
_CALLED = re.compile(r"(?P<name>[A-Za-z_][\w.:>-]{0,60})[\"']?[ \t]{0,4}(?:[=:][ \t]{0,4})?\Z")
_COMMANDED = re.compile(
    r"(?:\A|[;=>(]|\b(?:return|await|do))[ \t]{0,40}(?P<name>[A-Za-z_][\w.:]{1,60})[ ]"
    r"(?:[\"'][^\"'\n]{0,60}[\"'],[ ]?){0,3}\Z"
)
"""Functions that are called without brackets, as in Ruby, Perl, Visual Basic and Tcl."""
CREDENTIALS = frozenset(("credential", "credentials", "cred", "creds", "auth"))


_SAY_MORE = frozenset(("session", "auth", "cookie", "sig", "sid", "credentials", "credential", "cred", "creds"))
"""Words that alone name other things as well, where no sign gives the value to them."""


_ISSUED_TO = re.compile(
    r"(?:\b|[a-z])(?:Client|API|Api|Credentials?|Auth|Account)\d?(?:[.:>-]{1,2}\w{1,20})?\Z"
    r"|(?:enable|set|save|use|add|register|configure|init|store|with)_?(?:[a-z]{1,12}_)?(?i:account|token|api_?key|key)\Z"
)
"""Classes whose objects are made with a key, and functions that are told one: it may be a hexadecimal number."""


def callee(before: str) -> str | None:
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


def about(before: str) -> Name | None:
    """What the last words before a value speak of: `<property name="password" value=`."""
    for match in itertools.islice(reversed(list(_WORD.finditer(before))), NAMES_BACK):
        said = name_of(match[0])
        if said is not None:
            return said
    return None


def handed(value: str, before: str) -> What | None:
    """What a quoted value is by the function or the list that it is given to."""
    inner = callee(before)
    commanded = _COMMANDED.search(before) if inner is None else None
    called = inner or (commanded["name"] if commanded else "")
    words, opened = {*words_in(called), *called.lower().split(".")}, name_of(called)
    if (
        (words & OPENS or words & CREDENTIALS)
        and not before.endswith("(")
        and not is_file(value)
        and is_chosen(value, certain=False)
        and not is_random(value, digest=True)
    ):
        return "password"
    strong = opened is not None and opened.what == "password" and opened.certain and called.lower() != "pass"
    if (strong or ADDS_USERS.search(called)) and is_chosen(value, certain=False):
        return "password"
    if words & TAKES_KEYS or (opened and opened.what == "key"):
        issued = _ACCOUNT.search(before) is not None or _ISSUED_TO.search(called) is not None
        return "key" if is_random(value, digest=issued) else None
    # Whatever stands between: `let api_key = String::from("…")`.
    said = about(before)
    named = said is not None and said.what == "key" and said.certain and not said.words <= _SAY_MORE
    return "key" if named and is_random(value, digest=False) else None
