"""Masks secrets and personal data: keys, tokens, passwords, private keys, addresses of mail and machines, names.

Sources: the token formats are those that their issuers document (GitHub's `ghp_`, GitLab's `glpat-`, AWS's `AKIA`,
Slack's `xox`, Stripe's `sk_live_`, …), as the rules of gitleaks and the plugins of detect-secrets list them; e-mail and
IP addresses as The Stack's and StarCoder's redaction masks them (Li et al. 2023, section 4). What is found is replaced
by `<KIND>`; examples that documentation reserves (RFC 2606, RFC 5737, loopback, private version numbers) stay, since
they are nobody's.
"""

import re
from collections import Counter
from ipaddress import ip_address
from typing import ClassVar

from pydantic import Field

from filters.edits import secret_context
from filters.edits.base import Edit, Edited, EditOptions
from filters.edits.secret_forms import SECRETS, Rule, What
from filters.words import words_of


class PersonalDataOptions(EditOptions):
    """What a recipe may set under the options of `personal_data`."""

    mask: tuple[What, ...] = Field(
        default=("private_key", "key", "password", "email", "ip_address"),
        description="What to mask. `name`: the names that follow `Author:`, `Copyright` and the like.",
    )
    reserved: bool = Field(
        default=False, description="Mask addresses that documentation reserves too (example.com, 192.0.2.1)."
    )


_PERSONS: tuple[Rule, ...] = (
    Rule(
        "email",
        ("@",),
        re.compile(
            r"(?<![\w.+/@%-])(?P<secret>[A-Za-z0-9][\w.+%-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24})(?![\w@]|\.\w|\()"
        ),
        lambda match: _is_mail(match["secret"]),
    ),
    Rule(
        "email",
        (" @ ",),
        # A product of matrices is written so too: only the domains of no program's names.
        re.compile(
            r"(?P<secret>\b[A-Za-z0-9][\w.+-]{1,63}[ ]@[ ](?:[A-Za-z0-9-]{1,63}\.){1,5}"
            r"(?:edu|com|org|net|gov|ac\.[a-z]{2})\b)(?![.(\[])"
        ),
    ),
    Rule(
        "email",
        (" at ", " AT "),
        re.compile(
            r"(?P<secret>\b[A-Za-z0-9][\w.+-]{1,63}[ ](?:at|AT)[ ]"
            r"(?:[A-Za-z0-9-]{1,63}[ ](?:dot|DOT)[ ]){1,5}[A-Za-z]{2,24}\b)"
        ),
    ),
    Rule(
        "email",
        (" AT ",),
        re.compile(
            r"(?P<secret>\b[A-Za-z0-9][\w.+-]{1,63}[ ]AT[ ](?P<host>(?:[A-Za-z0-9-]{1,63}\.){1,5}[a-z]{2,24})\b)"
        ),
        lambda match: _is_mail("x@" + match["host"]),
    ),
    Rule(
        "email",
        tuple(mark + word for mark in ("(", "[", "{", "<", "( ", "[ ", "{ ", "< ") for word in ("at", "AT")),
        re.compile(
            r"(?P<secret>\b[A-Za-z0-9][\w.+-]{1,63}[ ]?[\[({<][ ]?(?:at|AT)[ ]?[\])}>][ ]?(?:[A-Za-z0-9-]{1,63}"
            r"(?:\.|[ ]?[\[({<][ ]?(?:dot|DOT)[ ]?[\])}>][ ]?)){1,5}[A-Za-z]{2,24}\b)"
        ),
    ),
    Rule(
        "email",
        ("_at_", "-at-", "&#64;", "&#x40;", "&commat;", "%40", "[@]", "(@)", "{@}", "<@>"),
        re.compile(
            r"(?P<secret>\b[A-Za-z0-9][\w.+-]{1,63}?[ ]?(?:_at_|-at-|&#64;|&#x40;|&commat;|%40|[\[({<]@[\])}>])[ ]?"
            r"(?P<host>(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24})\b)(?!\()"
        ),
        lambda match: _is_mail("x@" + match["host"]),
    ),
    Rule(
        "ip_address",
        (".",),
        re.compile(r"(?<![\w.+-])(?P<secret>(?:\d{1,3}\.){3}\d{1,3})(?![\w-]|\.\d)"),
    ),
    Rule(
        "ip_address",
        (":",),
        re.compile(r"(?<![\w:.])(?P<secret>(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4}){1,6})(?![\w:.])"),
    ),
    Rule(
        "name",
        ("uthor", "AUTHOR", "opyright", "aintainer", "ritten by", "reated by", "COPYRIGHT"),
        re.compile(
            r"(?i:\b(?:authors?|maintainers?|written by|created by"
            r"|copyright(?:[ \t]+(?:\(c\)|©))?(?:[ \t]+[\d, -]{4,30})?))"
            r"[ \t]{0,4}[:=]?[ \t]{0,4}(?:by[ \t])?[\"']?(?P<secret>(?:[A-Z][\w.'-]{0,30}[ \t]){1,4}[A-Z][\w'-]{1,30})"
        ),
    ),
)
_NUMBERED = re.compile(
    r"(?:firmware|driver|kernel|build|release|chapter|section|sect?|§|part|table|fig(?:ure)?|thm|eq|v)[\s:=.\"'}{(]*\Z"
    r"|version|revision|==\s*\Z"
)
"""Words before four numbers that are those of a version or a section."""
_MACHINE = re.compile(r"(?:host|addr|inet|\bip|ssh|ping|//|@|server|listen|allow|deny|bind)\W*\w*\W*\Z")
SMALL = 16
"""Four numbers below this one are an address only behind a word for machines; sections are numbered so."""
MASK = 255
"""The first of the four numbers of a mask of a net."""
_RESERVED_HOST = re.compile(
    r"(?i)(?:\A|\.)(?:example\.(?:com|org|net)|invalid|test|localhost|localdomain|users\.noreply\.github\.com)\Z"
)
_TOP_DOMAINS = words_of("""
    com org net edu gov mil int info biz name pro mobi museum arpa io ai dev app tech xyz online site cloud science
    software systems email group team agency academy university institute college school engineering digital network
    solutions consulting studio design works world center foundation international research company global health
    click blog wiki page live space website store shop art press media news today zone codes tools technology asia cat
    eus gal berlin hamburg koeln bayern wien paris london nyc tokyo swiss scot gmbh
    example local internal corp lan intranet
""")
"""Top-level domains of more than two letters in wide use; of IANA's 1,400 many are words of programs."""
_ENDINGS_OF_FILES = words_of("""
    py js md so pl rs sh cc hs ml png jpg jpeg gif svg css html txt json cpp dll tar
""")
"""What stands behind a dot in names of files; some are countries' domains, behind two dots at least."""


def _is_mail(address: str) -> bool:
    person, _, host = address.rpartition("@")
    top = host.rpartition(".")[2].lower()
    # `git@github.com:owner/name` is no one's address, nor is the product `x@y.shape` of two matrices.
    if person == "git":
        return False
    if len(top) == 2:
        return top not in _ENDINGS_OF_FILES or host.count(".") > 1
    # No name of a program has a hyphen, so that nothing but a host can be meant.
    return top in _TOP_DOMAINS or ("-" in host and top not in _ENDINGS_OF_FILES)


def _is_numbering(numbers: bytes, before: str) -> bool:
    """Whether four numbers count versions or sections, by what stands before them (in small letters)."""
    return _NUMBERED.search(before) is not None or (max(numbers) < SMALL and _MACHINE.search(before) is None)


class PersonalData(Edit):
    """Finds secrets and personal data by the forms they have and puts `<EMAIL>`, `<KEY>` … in their place."""

    kind: ClassVar[str] = "personal_data"
    Options: ClassVar[type[EditOptions]] = PersonalDataOptions
    options: PersonalDataOptions

    def edit(self, text: str) -> Edited:
        """The text with masks. Time is linear in its length: every repetition has a bound."""
        counts: Counter[str] = Counter()
        text = self._by_forms(text, SECRETS, counts)
        text = self._by_context(text, counts)
        text = self._by_forms(text, _PERSONS, counts)
        return Edited(text, dict(sorted(counts.items())))

    def _by_forms(self, text: str, rules: tuple[Rule, ...], counts: Counter[str]) -> str:
        for rule in rules:
            if rule.what not in self.options.mask or not any(word in text for word in rule.words):
                continue
            text = rule.pattern.sub(lambda match, rule=rule: self._masked(match, rule, counts), text)  # type: ignore[misc]
        return text

    def _by_context(self, text: str, counts: Counter[str]) -> str:
        if "key" not in self.options.mask and "password" not in self.options.mask:
            return text
        pieces, done = [], 0
        for what, start, end in sorted(secret_context.found(text), key=lambda one: one.start):
            if what not in self.options.mask or start < done:
                continue
            counts[what] += 1
            pieces += [text[done:start], f"<{what.upper()}>"]
            done = end
        return "".join([*pieces, text[done:]])

    def _masked(self, match: re.Match[str], rule: Rule, counts: Counter[str]) -> str:
        secret = match["secret"]
        if not rule.accepts(match) or not (self.options.reserved or self._is_somebodys(rule.what, match)):
            return match[0]
        counts[rule.what] += 1
        start = match.start("secret") - match.start()
        return f"{match[0][:start]}<{rule.what.upper()}>{match[0][start + len(secret) :]}"

    def _is_somebodys(self, what: What, match: re.Match[str]) -> bool:
        secret = match["secret"]
        if what == "email":
            return _RESERVED_HOST.search(secret.rpartition("@")[2]) is None
        if what != "ip_address":
            return True
        try:
            address = ip_address(secret)
        except ValueError:
            return False
        before = match.string[max(0, match.start() - 24) : match.start()].lower()
        if address.version == 4 and _is_numbering(address.packed, before):
            return False
        return not (
            address.is_loopback
            or address.is_unspecified
            or address.is_multicast
            or (address.version == 4 and address.packed[0] == MASK)
            or str(address) in ("8.8.8.8", "1.1.1.1")
            or (address.version == 4 and secret.split(".")[0] in ("0", "1", "2", "3", "4") and secret.endswith(".0"))
            or any(str(address).startswith(known) for known in ("192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:"))
        )
