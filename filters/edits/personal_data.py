"""Masks secrets and personal data: keys, tokens, passwords, private keys, addresses of mail and machines, names.

Sources: the token formats are those that their issuers document (GitHub's `ghp_`, GitLab's `glpat-`, AWS's `AKIA`,
Slack's `xox`, Stripe's `sk_live_`, …), as the rules of gitleaks and the plugins of detect-secrets list them; e-mail and
IP addresses as The Stack's and StarCoder's redaction masks them (Li et al. 2023, section 4). What is found is replaced
by `<KIND>`; examples that documentation reserves (RFC 2606, RFC 5737, loopback, private version numbers) stay, since
they are nobody's.
"""

import math
import re
from collections import Counter
from collections.abc import Callable
from ipaddress import ip_address
from typing import ClassVar, Literal, NamedTuple

from pydantic import Field

from filters.edits.base import Edit, Edited, EditOptions
from filters.words import words_of

What = Literal["email", "ip_address", "key", "password", "private_key", "name"]


class PersonalDataOptions(EditOptions):
    """What a recipe may set under the options of `personal_data`."""

    mask: tuple[What, ...] = Field(
        default=("private_key", "key", "password", "email", "ip_address"),
        description="What to mask. `name`: the names that follow `Author:`, `Copyright` and the like.",
    )
    reserved: bool = Field(
        default=False, description="Mask addresses that documentation reserves too (example.com, 192.0.2.1)."
    )


class _Rule(NamedTuple):
    """A pattern whose group `secret` is masked where `accepts` says so; `words`: one of them stands in the text."""

    what: What
    words: tuple[str, ...]
    pattern: re.Pattern[str]
    accepts: Callable[[re.Match[str]], bool] = lambda _: True


MIN_ENTROPY = 3.0
"""Bits a character that a random token of 20 characters has at least (detect-secrets: 3.0 for hexadecimal)."""
_PLACEHOLDER = re.compile(
    r"(?i)example|placeholder|changeme|change_me|dummy|your[_-]?|x{4,}|\*{3,}|<[^>]*>|\$\{?\w|\{\{|%\(|^test(?:ing)?$"
    r"|^pass(?:word|wd)?\d{0,3}$|^(?:none|null|true|false|secret|string|token|undefined|empty|default|user|admin|root)$"
)


MIN_DIGITS = 3
"""Digits of a random token of 20 characters or more that stands without quotes; a name of a program has fewer."""


def entropy(text: str) -> float:
    """Shannon's entropy of the characters, in bits a character."""
    counts = Counter(text)
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())


def _random(match: re.Match[str]) -> bool:
    secret = match["secret"]
    return entropy(secret) >= MIN_ENTROPY and not _PLACEHOLDER.search(secret) and any(map(str.isdigit, secret))


def _chosen(match: re.Match[str]) -> bool:
    """A password is any text that a person may have chosen: no placeholder, no expression of the program."""
    secret = match["secret"]
    return _PLACEHOLDER.search(secret) is None and len(set(secret)) > 3 and not secret.startswith(("os.", "self.", "/"))


_TOKENS = (
    ("gh", r"gh[pousr]_[A-Za-z0-9]{36,255}"),
    ("github_pat_", r"github_pat_[A-Za-z0-9_]{60,255}"),
    ("gl", r"gl(?:pat|rt|dt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[A-Za-z0-9_-]{20,64}"),
    ("lin_api_", r"lin_api_[A-Za-z0-9]{40}"),
    ("ATATT3", r"ATATT3[A-Za-z0-9_=-]{60,250}"),
    ("dapi", r"dapi[0-9a-f]{32}(?:-\d)?"),
    ("glsa_", r"glsa_[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}"),
    ("dckr_pat_", r"dckr_pat_[A-Za-z0-9_-]{27}"),
    ("PMAK-", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
    ("NRAK-", r"NRAK-[A-Z0-9]{27}"),
    ("rubygems_", r"rubygems_[0-9a-f]{48}"),
    ("AGE-SECRET", r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    ("sq0", r"sq0(?:atp|csp)-[A-Za-z0-9_-]{22,43}"),
    ("figd_", r"figd_[A-Za-z0-9_-]{40}"),
    ("gsk_", r"gsk_[A-Za-z0-9]{52}"),
    ("r8_", r"r8_[A-Za-z0-9]{37}"),
    ("A", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}"),
    ("xox", r"xox[abeoprs]-[A-Za-z0-9-]{10,250}"),
    ("hooks.slack.com", r"(?<=hooks\.slack\.com/services/)[A-Za-z0-9/+]{40,60}"),
    ("AIza", r"AIza[A-Za-z0-9_-]{35}"),
    ("ya29.", r"ya29\.[A-Za-z0-9_-]{20,500}"),
    ("_live_", r"(?:sk|pk|rk)_live_[A-Za-z0-9]{16,247}"),
    ("_test_", r"(?:sk|rk)_test_[A-Za-z0-9]{16,247}"),
    ("sk-", r"sk-(?:proj-|ant-[a-z0-9]+-|svcacct-)?[A-Za-z0-9_-]{20,200}"),
    ("hf_", r"hf_[A-Za-z0-9]{34,40}"),
    ("npm_", r"npm_[A-Za-z0-9]{36}"),
    ("pypi-", r"pypi-AgE[A-Za-z0-9_-]{50,250}"),
    ("SG.", r"SG\.[A-Za-z0-9_-]{20,24}\.[A-Za-z0-9_-]{39,50}"),
    ("key-", r"key-[0-9a-f]{32}"),
    ("SK", r"SK[0-9a-f]{32}"),
    ("AC", r"AC[0-9a-f]{32}"),
    ("dop_v1_", r"do[opr]_v1_[0-9a-f]{64}"),
    ("eyJ", r"eyJ[A-Za-z0-9_-]{8,1000}\.eyJ[A-Za-z0-9_-]{8,3000}\.[A-Za-z0-9_-]{8,1000}"),
    ("discord", r"(?<=api/webhooks/)\d{17,20}/[A-Za-z0-9_-]{60,80}"),
    ("bot", r"(?<=bot)\d{8,10}:[A-Za-z0-9_-]{35}"),
    ("EAACEdEose0cBA", r"EAACEdEose0cBA[0-9A-Za-z]{20,250}"),
    ("shp", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    ("AccountKey=", r"(?<=AccountKey=)[A-Za-z0-9+/]{86}=="),
)
_NAMED = (
    r"(?:api[_-]?key|apikey|secret[_-]?key|access[_-]?key(?:[_-]id)?|auth[_-]?token|access[_-]?token|client[_-]?secret"
    r"|private[_-]?key|encryption[_-]?key|secret|token|bearer|credentials?)"
)
_RULES = (
    _Rule(
        "private_key",
        ("PRIVATE KEY",),
        re.compile(
            r"(?P<secret>-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
            r"[^-]{0,20000}(?:-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----)?)"
        ),
    ),
    *(
        _Rule("key", (word,), re.compile(rf"(?<![A-Za-z0-9_])(?P<secret>{pattern})(?![A-Za-z0-9_])"))
        if not pattern.startswith("(?<=")
        else _Rule("key", (word,), re.compile(rf"(?P<secret>{pattern})"))
        for word, pattern in _TOKENS
    ),
    _Rule(
        "key",
        ("key", "KEY", "Key", "secret", "SECRET", "Secret", "token", "TOKEN", "Token", "earer", "redential"),
        re.compile(
            rf"(?i){_NAMED}\w{{0,20}}[\"']?[ \t]{{0,8}}(?:=>?|:=?|<-|\()[ \t]{{0,8}}[brfu]{{0,2}}[\"']"
            r"(?P<secret>[A-Za-z0-9+/_=.~-]{16,200})[\"']"
        ),
        _random,
    ),
    _Rule(
        "key",
        ("earer ", "asic "),
        re.compile(
            r"(?i)\bauthorization[\"']?[ \t]{0,4}[:=,][ \t]{0,4}[\"']?(?:bearer|basic|token)[ \t]"
            r"(?P<secret>[A-Za-z0-9+/_=.~-]{16,500})"
        ),
        lambda match: entropy(match["secret"]) >= MIN_ENTROPY and not _PLACEHOLDER.search(match["secret"]),
    ),
    _Rule(
        "key",
        ("key", "KEY", "secret", "SECRET", "token", "TOKEN", "redential", "REDENTIAL"),
        re.compile(
            rf"(?im)^[ \t]{{0,40}}(?:export[ \t]|set[ \t])?[\w.-]{{0,40}}?{_NAMED}\w{{0,20}}(?:=|:[ \t])[ \t]{{0,8}}"
            r"(?P<secret>[A-Za-z0-9+/_~-]{20,200}={0,2})[ \t]{0,8}$"
        ),
        lambda match: _random(match) and sum(map(str.isdigit, match["secret"])) >= MIN_DIGITS,
    ),
    _Rule(
        "password",
        ("://",),
        re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@\"'<>]{0,64}:(?P<secret>[^\s/@\"'<>{}$]{3,100})@"),
        lambda match: _PLACEHOLDER.search(match["secret"]) is None or len(match["secret"]) > 12,
    ),
    _Rule(
        "password",
        ("pass", "PASS", "Pass", "pwd", "PWD", "Pwd"),
        re.compile(
            r"(?i)(?:password|passwd|passphrase|pwd|passwort"
            r"|(?<![a-z])pass(?![a-z]))\w{0,10}[\"']?"
            r"[ \t]{0,8}(?:=>?|:=?|<-)[ \t]{0,8}[brfu]{0,2}[\"'](?P<secret>[^\"'\s]{5,100})[\"']"
        ),
        _chosen,
    ),
    _Rule(
        "password",
        ("define",),
        re.compile(
            r"(?im)^[ \t]{0,8}#[ \t]{0,8}define[ \t]{1,8}\w{0,40}?(?:password|passwd|passphrase|pwd|_key|token"
            r"|secret)\w{0,10}"
            r"[ \t]{1,20}L?\"(?P<secret>[^\"\s]{5,200})\""
        ),
        _chosen,
    ),
    _Rule(
        "password",
        ("PASS", "pass", "Pass", "PWD", "Pwd", "pwd"),
        re.compile(
            r"(?m)^[ \t]{0,8}(?:export[ \t])?[A-Z0-9_]{0,40}(?:PASSWORD|PASSWD|PASS"
            r"|PWD)=(?P<secret>[^\s\"'$<{(]{6,100})$"
        ),
        _chosen,
    ),
    _Rule(
        "password",
        ("wd=", "word=", "WD=", "WORD="),
        re.compile(r"(?i)(?<=[;\"'])[ ]?(?:pwd|password)=(?P<secret>[^;\"'\s$<{]{5,64})(?=[;\"'])"),
        _chosen,
    ),
    _Rule(
        "email",
        ("@",),
        re.compile(
            r"(?<![\w.+/@%-])(?P<secret>[A-Za-z0-9][\w.+%-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24})(?![\w@]|\.\w|\()"
        ),
        lambda match: _is_mail(match["secret"]),
    ),
    _Rule(
        "email",
        (" at ",),
        re.compile(
            r"(?P<secret>\b[A-Za-z0-9][\w.+-]{1,63}[ ]at[ ](?:[A-Za-z0-9-]{1,63}[ ]dot[ ]){1,5}[A-Za-z]{2,24}\b)"
        ),
    ),
    _Rule(
        "email",
        ("(at)", "[at]", "{at}", "<at>"),
        re.compile(
            r"(?P<secret>\b[A-Za-z0-9][\w.+-]{1,63}[ ]?(?:\(at\)|\[at\]|\{at\}|<at>)[ ]?(?:[A-Za-z0-9-]{1,63}"
            r"(?:\.|[ ]?(?:\(dot\)|\[dot\])[ ]?)){1,5}[A-Za-z]{2,24}\b)"
        ),
    ),
    _Rule(
        "ip_address",
        (".",),
        re.compile(r"(?<![\w.+-])(?P<secret>(?:\d{1,3}\.){3}\d{1,3})(?![\w-]|\.\d)"),
    ),
    _Rule(
        "ip_address",
        (":",),
        re.compile(r"(?<![\w:.])(?P<secret>(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4}){1,6})(?![\w:.])"),
    ),
    _Rule(
        "name",
        ("uthor", "AUTHOR", "opyright", "aintainer", "ritten by", "reated by", "COPYRIGHT"),
        re.compile(
            r"(?i:\b(?:authors?|maintainers?|written by|created by"
            r"|copyright(?:[ \t]+(?:\(c\)|©))?(?:[ \t]+[\d, -]{4,30})?))"
            r"[ \t]{0,4}[:=]?[ \t]{0,4}(?:by[ \t])?[\"']?(?P<secret>(?:[A-Z][\w.'-]{0,30}[ \t]){1,4}[A-Z][\w'-]{1,30})"
        ),
    ),
)
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


class PersonalData(Edit):
    """Finds secrets and personal data by the forms they have and puts `<EMAIL>`, `<KEY>` … in their place."""

    kind: ClassVar[str] = "personal_data"
    Options: ClassVar[type[EditOptions]] = PersonalDataOptions
    options: PersonalDataOptions

    def edit(self, text: str) -> Edited:
        """The text with masks. Time is linear in its length: every repetition has a bound."""
        counts: Counter[str] = Counter()
        for rule in _RULES:
            if rule.what not in self.options.mask or not any(word in text for word in rule.words):
                continue
            text = rule.pattern.sub(lambda match, rule=rule: self._masked(match, rule, counts), text)  # type: ignore[misc]
        return Edited(text, dict(sorted(counts.items())))

    def _masked(self, match: re.Match[str], rule: _Rule, counts: Counter[str]) -> str:
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
        if address.version == 4 and (
            "version" in before or "revision" in before or before.rstrip().endswith(("v", "release", "section", "§"))
        ):
            return False
        return not (
            address.is_loopback
            or address.is_unspecified
            or address.is_multicast
            or str(address) in ("255.255.255.255", "8.8.8.8", "1.1.1.1")
            or (address.version == 4 and secret.split(".")[0] in ("0", "1", "2", "3", "4") and secret.endswith(".0"))
            or any(str(address).startswith(known) for known in ("192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:"))
        )
