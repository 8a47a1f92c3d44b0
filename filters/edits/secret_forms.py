"""How secrets are written: tokens by their issuers' forms, and what is given to names that speak of such things.

Sources: the token formats are those that their issuers document (GitHub's `ghp_`, GitLab's `glpat-`, AWS's `AKIA`,
Slack's `xox`, Stripe's `sk_live_`, …), as the rules of gitleaks and the plugins of detect-secrets list them; names and
ways of assignment as both have them. `filters.edits.personal_data` masks what is found.
"""

import itertools
import math
import re
import string
from collections import Counter
from collections.abc import Callable
from typing import Literal, NamedTuple

from filters.edits.secret_names import name_of

What = Literal["email", "ip_address", "key", "password", "private_key", "name"]


class Rule(NamedTuple):
    """A pattern whose group `secret` is masked where `accepts` says so; `words`: one of them stands in the text."""

    what: What
    words: tuple[str, ...]
    pattern: re.Pattern[str]
    accepts: Callable[[re.Match[str]], bool] = lambda _: True


MIN_ENTROPY = 3.0
"""Bits a character that a random token of 20 characters has at least (detect-secrets: 3.0 for hexadecimal)."""
PLACEHOLDER = re.compile(
    r"(?i)example|placeholder|changeme|change_me|dummy|your[_-]?|x{4,}|\*{3,}|<[^>]*>|\$\{?\w|\{\{|%\(|^test(?:ing)?$"
    r"|^pass(?:word|wd)?\d{0,3}$|^(?:none|null|true|false|secret|string|token|undefined|empty|default|user|admin|root)$"
)


def entropy(text: str) -> float:
    """Shannon's entropy of the characters, in bits a character."""
    counts = Counter(text)
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())


_NAME_OF_SECRET = re.compile(r"[A-Za-z_-]{0,40}(?i:pass(?:word|wd|phrase)?|secret|token|field|key)s?[A-Za-z_-]{0,40}")
MIN_CHANGES = 0.3
"""Changes between small letters, capitals and digits, a character: random text has .4 to .7, a program's names .2."""
_LETTERS = {ord(letter): "a" if letter.islower() else "A" for letter in string.ascii_letters}


def changes(text: str) -> int:
    """How often a small letter, a capital, a digit or anything else stands beside one of another of these kinds."""
    kinds = re.sub(r"\d", "0", text.translate(_LETTERS))
    return sum(one != other for one, other in itertools.pairwise(kinds))


_PREFIX = re.compile(
    r"(?P<prefix>[A-Za-z][A-Za-z0-9]{1,11})[_.~-]|(?P<id>[A-Za-z0-9]{23,28})\.(?=[\w-]{6,7}\.[\w-]{27,40}\Z)"
)
_HEX = re.compile(r"[0-9a-f]{32,}")
MIN_RUN = 8
"""Characters between two separators, on average: the parts of a program's name are shorter."""
_DIGEST = re.compile(
    r"(?i)^(?:pk|pub|sha\d*|md5|crc\d*|h1|base64|uuid|guid|urn|blake\w*|ripemd\w*|0x|x|rev|commit|hash|id|file|img|image|obj"
    r"|test|node|build|chunk|view|cell|plot|fig|table|model|etag|map|data|py\d*|lib\w*)$"
)


_PLACE = re.compile(r"/[^/]*\.[a-z]{2,5}\Z|(?:\A|\.)(?:com|net|org|io|edu|dev|de)/")
"""Addresses without their `https://`, and files."""


def _issued(match: re.Match[str]) -> bool:
    """Whether what follows a short prefix is random, and no digest: a token of an issuer that no pattern knows."""
    head = _PREFIX.match(match["secret"])
    if head is None or _DIGEST.match(head["prefix"] or "") or PLACEHOLDER.search(match["secret"]):
        return False
    rest = match["secret"][head.end() :]
    if _HEX.fullmatch(rest):
        return match["secret"][head.end() - 1] == "_" and entropy(rest) >= MIN_ENTROPY
    if not any(map(str.islower, rest)) or rest.count("/") > len(rest) / 16 or _PLACE.search(rest):
        return False
    runs = re.split(r"[_.~+/=-]+", rest)
    return (
        changes(rest) >= MIN_CHANGES * len(rest)
        and len(rest) / 16 <= sum(map(str.isdigit, rest)) < 0.8 * len(rest)
        and sum(map(len, runs)) >= MIN_RUN * len(runs)
        and entropy(rest) >= MIN_ENTROPY
    )


def _mixed(match: re.Match[str]) -> bool:
    """A password without quotes: letters and something else, since words stand in such places too."""
    secret = match["secret"]
    named = any(map(str.isalpha, secret)) and not secret.isalpha() and not (secret[0] == "!" and secret[1:].isalpha())
    return (
        named
        and _chosen(match)
        and "PASS: " not in match[0]
        and not _MEMBER.fullmatch(secret)
        and not secret.endswith((")", ";", ","))
    )


def _chosen(match: re.Match[str]) -> bool:
    """A password is any text that a person may have chosen: no placeholder, no expression or name of the program."""
    secret = match["secret"]
    if _NAME_OF_SECRET.fullmatch(secret):
        return False
    return PLACEHOLDER.search(secret) is None and len(set(secret)) > 3 and not secret.startswith(("os.", "self.", "/"))


def _named(secret: str) -> bool:
    """Whether a short name (`pass`, `pwd`), which has other meanings, is given a password: no word, no path."""
    return not secret.isalpha() and "/" not in secret and "\\" not in secret


_NAME_BEFORE = re.compile(r"[\w-]{0,60}\Z")
_NAME = re.compile(r"[\w-]{1,60}")
_MEMBER = re.compile(r"[A-Z][A-Za-z]*\.[a-z]\w*|\*[a-z_]\w*")
"""A member of a class, and YAML's name of a value that stands elsewhere."""
_SHARE = re.compile(r"[\d.]{1,8}%")


def _speaks(match: re.Match[str]) -> bool:
    """Whether the whole name before a value speaks of a password that lets in, and no share of tests is meant."""
    before = _NAME_BEFORE.search(match.string, max(0, match.start() - 60), match.start())
    name = _NAME.match(match.string, before.start() if before else match.start())
    return name is not None and name_of(name[0]) is not None and not _SHARE.fullmatch(match["secret"])


_WHOLE_WORD = re.compile(r"(?i)pass(?:w|ph)")
_TOKENS = (
    ("cio", r"cio[A-Za-z0-9]{32}"),
    ("--token ", r"(?<=--token )[a-z0-9]{6}\.[a-z0-9]{16}"),
    ("infura.io/", r"(?<=infura\.io/v3/)[0-9a-f]{32}"),
    ("sonar.login=", r"(?<=sonar\.login=)[0-9a-f]{40}"),
    ("aio_", r"aio_[A-Za-z0-9]{28}"),
    ("dnkey-", r"dnkey-[A-Za-z0-9=_-]{26}-[A-Za-z0-9=_-]{52}"),
    ("AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[A-Z0-9]{50,60}"),
    ("napi_", r"napi_[a-z0-9]{48,64}"),
    ("AKCp", r"AKCp[A-Za-z0-9]{60,80}"),
    ("Q~", r"[A-Za-z0-9_~.]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}"),
    (".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,70}"),
    ("sk.eyJ", r"sk\.eyJ[A-Za-z0-9_-]{40,120}\.[A-Za-z0-9_-]{20,40}"),
    ("pscale_", r"pscale_(?:tkn|oauth|pw)_[A-Za-z0-9_.-]{32,64}"),
    ("dt0c01.", r"dt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    ("GOCSPX-", r"GOCSPX-[A-Za-z0-9_-]{28}"),
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
    ("_live_", r"(?:sk|rk)_live_[A-Za-z0-9]{16,247}"),
    ("_test_", r"(?:sk|rk)_test_[A-Za-z0-9]{16,247}"),
    ("sk-", r"sk-(?:proj|ant-[a-z0-9]+|svcacct|admin|or-v1)-[A-Za-z0-9_-]{20,200}"),
    ("sk-", r"sk-[A-Za-z0-9]{20,64}"),
    ("hf_", r"hf_[A-Za-z0-9]{34,40}"),
    ("npm_", r"npm_[A-Za-z0-9]{36}"),
    ("pypi-", r"pypi-AgE[A-Za-z0-9_-]{50,250}"),
    ("SG.", r"SG\.[A-Za-z0-9_-]{20,24}\.[A-Za-z0-9_-]{39,50}"),
    ("key-", r"key-[0-9a-f]{32}"),
    ("SK", r"SK[0-9a-f]{32}"),
    ("dop_v1_", r"do[opr]_v1_[0-9a-f]{64}"),
    ("eyJ", r"eyJ[A-Za-z0-9_-]{8,1000}\.eyJ[A-Za-z0-9_-]{8,3000}\.[A-Za-z0-9_-]{8,1000}"),
    ("discord", r"(?<=api/webhooks/)\d{17,20}/[A-Za-z0-9_-]{60,80}"),
    ("bot", r"(?<=bot)\d{8,10}:[A-Za-z0-9_-]{35}"),
    ("EAACEdEose0cBA", r"EAACEdEose0cBA[0-9A-Za-z]{20,250}"),
    ("shp", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    ("pat", r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}"),
    ("oy2", r"oy2[a-z0-9]{43}"),
    ("access_token$", r"access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[0-9a-f]{32}"),
    ("SSWS ", r"(?<=SSWS )00[A-Za-z0-9_-]{40}"),
    ("1/", r"(?<![\w/])1/\d{16}:[0-9a-f]{32}"),
    ("sdk-", r"(?:sdk|mob|api)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    ("webhook", r"(?<=\.webhook\.office\.com/webhookb2/)[0-9a-f-]{36}(?:@[0-9a-f-]{36})?"),
    ("hooks.zapier", r"(?<=hooks\.zapier\.com/hooks/catch/)\d{5,9}/[a-z0-9]{6,9}"),
    ("build_hooks", r"(?<=/build_hooks/)[0-9a-f]{24}"),
    ('"kty"', r"(?<=\"k\":)\"[A-Za-z0-9_-]{20,200}\"(?=[^}\n]{0,200}\"kty\")"),
    ("pplx-", r"pplx-[A-Za-z0-9]{48}"),
    ("pul-", r"pul-[0-9a-f]{40}"),
    ("whsec_", r"whsec_[A-Za-z0-9+/=]{24,64}"),
    ("xapp-", r"xapp-\d-[A-Z0-9]{8,14}-\d{10,14}-[0-9a-f]{60,70}"),
    ("CFPAT-", r"CFPAT-[A-Za-z0-9_-]{43}"),
    ("sha256~", r"sha256~[A-Za-z0-9_-]{43}"),
    ("-us", r"[0-9a-f]{32}-us\d{1,2}"),
    (":APA91", r"[A-Za-z0-9_-]{7,12}:APA91[A-Za-z0-9_-]{100,200}"),
    ("A3-", r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}"),
    ("ops_eyJ", r"ops_eyJ[A-Za-z0-9+/]{100,600}={0,3}"),
    ("p8e-", r"p8e-[A-Za-z0-9]{32}"),
    ("LTAI", r"LTAI[A-Za-z0-9]{20}"),
    ("cmVmd", r"cmVmd[A-Za-z0-9]{59}"),
    ("ABSK", r"ABSK[A-Za-z0-9+/]{109,269}={0,2}"),
    ("v1.0-", r"v1\.0-[0-9a-f]{24}-[0-9a-f]{146}"),
    ("EZ", r"EZ[AT]K[A-Za-z0-9]{54}"),
    ("EAA", r"EAA[AMC][A-Za-z0-9_-]{40,300}"),
    ("FLWSECK", r"FLWSECK(?:_TEST)?-[A-Za-z0-9]{12,32}(?:-X)?"),
    ("fio-u-", r"fio-u-[A-Za-z0-9_=-]{64}"),
    ("GR1348941", r"GR1348941[A-Za-z0-9_-]{20}"),
    ("glc_", r"glc_[A-Za-z0-9+/]{32,400}={0,3}"),
    ("eyJrIjoi", r"eyJrIjoi[A-Za-z0-9]{70,400}={0,3}"),
    ("at.", r"[ps]at\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}"),
    ("api_org_", r"api_org_[A-Za-z]{34}"),
    ("ico-", r"ico-[A-Za-z0-9]{32}"),
    ("_mmk", r"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk"),
    ("sntrys_", r"sntrys_eyJ[A-Za-z0-9+/=_-]{40,500}"),
    ("sm_", r"sm_[aps]at_[A-Za-z0-9]{16}"),
    ("shippo_", r"shippo_(?:live|test)_[0-9a-fA-F]{40}"),
    ("sgp_", r"sgp_(?:(?:[0-9a-f]{16}|local)_)?[0-9a-f]{40}"),
    ("tk-us-", r"tk-us-[A-Za-z0-9_-]{48}"),
    ("hvb.", r"hvb\.[A-Za-z0-9_-]{138,300}"),
    ("API-", r"API-[A-Z0-9]{26}"),
    ("CLOJARS_", r"CLOJARS_[A-Za-z0-9]{60}"),
    ("_prod_", r"(?:sk|rk)_prod_[A-Za-z0-9]{10,99}"),
    (":AA", r"\d{8,10}:AA[A-Za-z0-9_-]{33}"),
    ("MII", r"MII[A-Za-z0-9+/]{3}IBA[AD][A-Za-z0-9+/]{12,}(?:[\s\"'\\#*%-]{1,8}[A-Za-z0-9+/]{20,76}){0,60}={0,2}"),
    ("AccountKey=", r"(?<=AccountKey=)[A-Za-z0-9+/]{86}=="),
)
_CHOSEN = r"(?:password|passwd|passphrase|pwd|passwort|(?<![a-z])pass(?![a-z]))"
_GIVEN = (
    r"[\"']?[\])]?(?:[ \t]{0,4}:[ \t]{0,4}&?[A-Za-z][\w.\[\]]{0,30}(?=[ \t]{0,4}=))?"
    r"[ \t]{0,8}(?:=>?|:=?|<-|\(|,)[ \t]{0,8}[brfuL]{0,2}"
)
"""What stands between a name and the text that it is given: a type, an operator, a call or a comma."""
_PASSWORD_WORDS = ("pass", "PASS", "Pass", "pwd", "PWD", "Pwd")
SECRETS: tuple[Rule, ...] = (
    Rule(
        "private_key",
        ("PRIVATE KEY",),
        re.compile(
            r"(?P<secret>-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
            r"(?>(?:[^-]|-(?!----)){0,20000})(?:-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----)?)"
        ),
    ),
    Rule(
        "private_key",
        ("PuTTY-User-Key-File",),
        re.compile(r"\bPrivate-Lines: \d{1,3}\r?\n(?P<secret>(?>(?:[A-Za-z0-9+/=]{1,64}(?:\r?\n|\Z)){1,200}))"),
    ),
    Rule("private_key", ("<D>",), re.compile(r"<D>(?P<secret>[A-Za-z0-9+/=\s]{40,700})</D>")),
    *(
        Rule("key", (word,), re.compile(rf"(?<![A-Za-z0-9_])(?P<secret>{pattern})(?![A-Za-z0-9_])"))
        if not pattern.startswith("(?<")
        else Rule("key", (word,), re.compile(rf"(?P<secret>{pattern})"))
        for word, pattern in _TOKENS
    ),
    Rule(
        "key",
        ("_", "-", ".", "~"),
        re.compile(r"(?<![\w/+.~@%&#\\-])(?P<secret>[A-Za-z][\w+/.~-]{35,239}={0,2})(?![\w/+.~=-])", re.ASCII),
        _issued,
    ),
    Rule(
        "key",
        ("://",),
        re.compile(r"://(?P<secret>[A-Za-z0-9_-]{20,100})@[\w.-]{3}"),
        lambda match: entropy(match["secret"]) >= MIN_ENTROPY and any(map(str.isdigit, match["secret"])),
    ),
    Rule(
        "key",
        ("earer ", "asic ", "oken "),
        re.compile(
            r"(?i)\bauthorization[\"']?[ \t]{0,4}[:=,][ \t]{0,4}[\"']?(?:bearer|basic|token)[ \t]"
            r"(?P<secret>[A-Za-z0-9+/_=.~-]{16,500})"
        ),
        lambda match: entropy(match["secret"]) >= MIN_ENTROPY and not PLACEHOLDER.search(match["secret"]),
    ),
    Rule(
        "password",
        ("$1$", "$2", "$5$", "$6$", "$apr1$", "$y$", "$argon2", "pbkdf2", "{SSHA", "{SHA"),
        # What crypt(5), Apache's htpasswd, Django and OpenLDAP keep in place of a password.
        re.compile(
            r"(?P<secret>\$(?:1|5|6|2[abxy]|apr1|y)\$(?:[\w./=,-]{1,32}\$)?[\w./-]{20,120}"
            r"|\$argon2\w{1,2}\$v=\d{1,3}\$[\w=,]{5,40}\$[\w+/]{8,80}\$[\w+/]{16,120}"
            r"|\bpbkdf2_sha\d{1,3}\$\d{1,8}\$\w{6,40}\$[\w+/]{20,100}={0,2}|\{S?SHA\d{0,3}\}[\w+/]{20,120}={0,2})"
        ),
        lambda match: any(map(str.isdigit, match["secret"].rpartition("$")[2])),
    ),
    Rule(
        "password",
        ("://",),
        re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@\"'<>]{0,64}:(?P<secret>[^\s/@\"'<>{}$]{3,100})@"),
        lambda match: PLACEHOLDER.search(match["secret"]) is None or len(match["secret"]) > 12,
    ),
    Rule(
        "password",
        _PASSWORD_WORDS,
        re.compile(rf"(?i){_CHOSEN}\w{{0,10}}{_GIVEN}[\"'](?P<secret>[^\"'\s]{{5,100}})[\"']"),
        lambda match: (
            _speaks(match) and _chosen(match) and (_WHOLE_WORD.match(match[0]) is not None or _named(match["secret"]))
        ),
    ),
    Rule(
        "password",
        ("PASS", "PWD"),
        re.compile(r"\b[A-Z0-9_]{0,40}(?:PASSWORD|PASSWD|PASS|PWD)=(?P<secret>[^\s\"'$<{(]{6,100})(?=\s|\Z)"),
        _mixed,
    ),
    Rule(
        "password",
        _PASSWORD_WORDS,
        re.compile(
            rf"(?i)(?:[?&]{_CHOSEN}=|--{_CHOSEN}[= ]|[;\"'][ ]?{_CHOSEN}="
            rf"|\blogin[ ]\S{{1,60}}[ ]password[ ]|^[ \t]{{0,20}}[\w.-]{{0,20}}{_CHOSEN}:[ ])"
            r"(?P<secret>[^;\"'\s$<>{}&()\[\]]{5,64})(?=[;\"'<&\s]|\Z)",
            re.MULTILINE,
        ),
        _mixed,
    ),
    Rule(
        "password",
        ("DENTIFIED", "dentified", "sshpass", "auth"),
        re.compile(
            r"(?i)(?:\bidentified[ ](?:with[ ]\w{1,40}[ ])?by[ ]|\bsshpass[ ]-p[ ]?"
            r"|\bauth[ ]{0,2}=[ ]{0,2}\([\"'][^\"'\s]{1,60}[\"'],[ ]{0,2})"
            r"[\"'](?P<secret>[^\"'\s]{5,100})[\"']"
        ),
        _chosen,
    ),
    Rule(
        "password",
        ("curl", "wget"),
        re.compile(
            r"\b(?:curl|wget)\b[^\n]{0,200}?[ ](?:-u|--user)[= ][\"']?[\w.@-]{1,60}:(?P<secret>[^\s\"'$]{3,64})"
        ),
        _mixed,
    ),
)
"""In the order in which they are tried; what is masked by one is no longer seen by the next."""
