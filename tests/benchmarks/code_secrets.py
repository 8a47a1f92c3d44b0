"""How many planted secrets are masked, and how much that is none: ours beside detect-secrets and gitleaks' rules.

Into each real file of a folder goes one line (or block) that holds a secret, or one that only looks so: checksums,
placeholders, versions, reserved addresses, operators. The secrets are random by a seed in forms that people write, in
the syntax of several languages. Recall: of the planted secrets, those that are found whole; precision: of what is found
in planted lines, the planted secrets. Findings in the lines around are counted apart, without mail addresses, which are
real there.

    python -m tests.benchmarks.code_secrets FOLDER --files 2000 --gitleaks gitleaks/config/gitleaks.toml --errors
"""

import argparse
import base64
import functools
import importlib
import importlib.util
import random
import re
import string
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from filters.edits.personal_data import PersonalData
from filters.edits.secret_forms import entropy
from tests.benchmarks import (
    code_secret_forms,
    code_secret_forms_eighth,
    code_secret_forms_fifth,
    code_secret_forms_fourth,
    code_secret_forms_ninth,
    code_secret_forms_second,
    code_secret_forms_seventh,
    code_secret_forms_sixth,
    code_secret_forms_third,
)
from tests.benchmarks.code_secret_forms import HEX, WORD, Planted, some
from tests.benchmarks.code_secret_forms_second import plants

ENDINGS = (".py", ".c", ".h", ".cpp", ".hpp", ".m", ".r", ".jl", ".tex", ".v", ".hs", ".g", ".f90")


def _tokens(rng: random.Random) -> dict[str, str]:
    upper = string.ascii_uppercase + string.digits
    return {
        "aws": "AKIA" + some(rng, string.ascii_uppercase + "234567", 16),
        "github": rng.choice(["ghp_", "gho_", "ghs_"]) + some(rng, WORD, 36),
        "github fine": "github_pat_" + some(rng, WORD, 22) + "_" + some(rng, WORD, 59),
        "gitlab": "glpat-" + some(rng, WORD + "-_", 20),
        "slack": f"xoxb-{some(rng, string.digits, 12)}-{some(rng, string.digits, 12)}-{some(rng, WORD, 24)}",
        "google": "AIza" + some(rng, WORD + "-_", 35),
        "stripe": "sk_live_" + some(rng, WORD, 24),
        "openai": "sk-proj-" + some(rng, WORD, 48),
        "huggingface": "hf_" + some(rng, string.ascii_letters, 34),
        "npm": "npm_" + some(rng, WORD, 36),
        "sendgrid": "SG." + some(rng, WORD + "-_", 22) + "." + some(rng, WORD + "-_", 43),
        "digitalocean": "dop_v1_" + some(rng, HEX, 64),
        "jwt": ".".join(
            base64.urlsafe_b64encode(part).decode().rstrip("=")
            for part in (b'{"alg":"HS256","typ":"JWT"}', b'{"sub":"%d"}' % rng.randrange(10**9), rng.randbytes(32))
        ),
        "twilio": "SK" + some(rng, HEX, 32),
        "telegram": f"bot{rng.randrange(10**8, 10**9)}:{some(rng, WORD + '-_', 35)}",
        "mailgun": "key-" + some(rng, HEX, 32),
        "pypi": "pypi-AgEIcHlwaS5vcmc" + some(rng, WORD + "-_", 70),
        "shopify": "shpat_" + some(rng, HEX, 32),
        "gitlab runner": "glrt-" + some(rng, WORD, 20),
        "linear": "lin_api_" + some(rng, WORD, 40),
        "atlassian": "ATATT3" + some(rng, WORD + "-_", 186),
        "databricks": "dapi" + some(rng, HEX, 32),
        "upper": some(rng, upper, 24),
    }


def secrets(rng: random.Random) -> Iterator[Planted]:
    """One of each form."""
    tokens = _tokens(rng)
    upper = tokens.pop("upper")
    for kind, token in tokens.items():
        form = rng.choice(
            ['API = "{}"', "  client({!r})", "# old: {}", "curl -H 'X-Token: {}'", "token: {}", "x = f('{}');"]
        )
        yield Planted(kind, form.format(token), token.removeprefix("bot"))
    plain, hexed = some(rng, WORD, 32), some(rng, HEX, 40)
    aws = some(rng, WORD + "/+", 40)
    yield Planted("aws secret", f'aws_secret_access_key = "{aws}"', aws)
    yield Planted("aws secret, unquoted", f"AWS_SECRET_ACCESS_KEY={aws}", aws)
    yield Planted(
        "key assigned",
        rng.choice(['api_key = "{}"', '"apiKey": "{}",', '#define API_KEY "{}"', "apikey <- '{}'"]).format(plain),
        plain,
    )
    yield Planted(
        "key unquoted", rng.choice(["API_KEY={}", "secret_key: {}", "export ACCESS_TOKEN={}"]).format(hexed), hexed
    )
    yield Planted("client secret", f"client_secret='{hexed}'", hexed)
    yield Planted("upper key", f'SECRET_TOKEN = "{upper}"', upper)
    yield Planted("bearer", f'"Authorization": "Bearer {plain}"', plain)
    basic = base64.b64encode(f"{some(rng, string.ascii_lowercase, 6)}:{some(rng, WORD, 12)}".encode()).decode()
    yield Planted("basic", f"Authorization: Basic {basic}", basic)
    word = rng.choice(
        ["Tr0ub4dor&3", "hunter2!x", "correct-horse-9", "S3cr3t.Pw", "p@ssW0rd!23", "Winter2023#"]
    ) + some(rng, WORD, 2)
    for form in (
        'password = "{}"',
        "passwd: '{}'",
        'db.connect(user="bob", password="{}")',
        '"password": "{}"',
        '#define DB_PASSWORD "{}"',
        "pwd <- '{}'",
        "DB_PASS='{}'",
    ):
        yield Planted("password", form.format(word), word)
    yield Planted("password unquoted", f"DB_PASSWORD={word}", word)
    safe = some(rng, WORD, 12)
    yield Planted("password in address", f"postgres://bob:{safe}@db.internal.net:5432/x", safe)
    yield Planted("password of a connection", f"Server=db1;Database=x;Uid=bob;Pwd={safe};", safe)
    lines = "\n".join(base64.b64encode(rng.randbytes(48)).decode() for _ in range(12))
    name = rng.choice(["RSA ", "EC ", "OPENSSH ", "", "ENCRYPTED "])
    block = f"-----BEGIN {name}PRIVATE KEY-----\n{lines}\n-----END {name}PRIVATE KEY-----"
    yield Planted("private key", block, lines)
    quoted = block.replace("\n", "\\n")
    yield Planted("private key in one line", f'key = "{quoted}"', lines.replace("\n", "\\n"))
    person = f"{some(rng, string.ascii_lowercase, 5)}.{some(rng, string.ascii_lowercase, 7)}"
    host = f"{some(rng, string.ascii_lowercase, 6)}.{rng.choice(['edu', 'ac.uk', 'org', 'de', 'com'])}"
    for form in ("Author: {} <{}@{}>", "% contact {1}@{2}", "// mailto:{1}@{2}", "  \\email{{{1}@{2}}}", "({1}@{2})."):
        yield Planted("email", form.format("A. Person", person, host), f"{person}@{host}")
    yield Planted("email, spelled", f"# {person} (at) {host}", f"{person} (at) {host}")
    yield Planted(
        "email, spelled", f"# {person} at {host.replace('.', ' dot ')}", f"{person} at {host.replace('.', ' dot ')}"
    )
    rest = ".".join(str(rng.randrange(1, 255)) for _ in range(3))
    four = f"{rng.choice([12, 81, 93, 128, 140, 172, 192, 10])}.{rest}"
    for form in ('host = "{}"', "ssh bob@{}", "http://{}:8080/x", "# see {}"):
        yield Planted("ip", form.format(four), four)
    six = ":".join(some(rng, HEX, 4) for _ in range(8)).replace(":0", ":1")
    yield Planted("ip6", f"addr = '2a01{six[4:]}'", f"2a01{six[4:]}")


def decoys(rng: random.Random) -> Iterator[Planted]:
    """One of each form that is no secret."""
    sha = some(rng, HEX, 40)
    for text in (
        f"# commit {sha}", f'checksum = "{some(rng, HEX, 32)}"', f'SHA256 = "{some(rng, HEX, 64)}"',
        f"id: 123e4567-e89b-12d3-a456-{some(rng, HEX, 12)}", f"data:image/png;base64,{some(rng, WORD, 80)}",
        "version 1.2.3.4", "Version: 10.4.0.21", "see section 3.2.1.4", "1.3.6.1.4.1 is an OID", "listen 127.0.0.1:80",
        "192.0.2.17 is reserved", "mail someone@example.com", "user@localhost", "A = B@C.T", "@property", "x@y.shape",
        'password = "password"', 'password = os.environ["DB_PASSWORD"]', 'password = ""', "password: <your password>",
        'api_key = "YOUR_API_KEY_HERE"', "token = tokens[i]", 'token = "xxxxxxxxxxxxxxxxxxxxxxxx"', "secret = None",
        "passwd = getpass.getpass()", 'label = "Enter your password:"', "key = lambda x: x.key",
        'sort(key="length_of_name")',
        "pi = 3.14159265358979323846264338327950288", "n = 12345678901234567890123456789012345678901234567890",
        "PRIVATE_KEY = load_key(path)", 'token_type = "identifier_or_keyword"',
        "for (token = first; token; token = next)",
        "tokenize = 'simple_word_tokenizer_with_dots'", f"uuid = '{some(rng, HEX, 32)}'",
        'password = "{{ vault.password }}"',
        "secret_key = $SECRET_KEY", "basis = [e1, e2, e3]", "scp file bob@server:/tmp",
        "git@github.com:sympy/sympy.git",
        "authors at the university", "x::y::z", "a:b:c:d:e", "12:34:56:78", "10:20:30",
        'primary_key = "employee_identifier"',
        'public_key = "-----BEGIN PUBLIC KEY-----"', 'foreign_key="customer_account_number"',
        "keypress = 'shift+control+a'",
    ):  # fmt: skip
        yield Planted("decoy", text, "")


def spans(before: str, after: str) -> list[str]:
    """What a masked line no longer holds: the pieces of `before` in the places of `<KIND>`."""
    parts = re.split(r"<(?:EMAIL|KEY|PASSWORD|PRIVATE_KEY|IP_ADDRESS)>", after)
    found = re.fullmatch("(.*?)".join(map(re.escape, parts)), before, re.DOTALL)
    return list(found.groups()) if found else [before]


Finder = Callable[[str], list[str]]


def ours() -> Finder:
    """What this program masks."""
    edit = PersonalData()
    return lambda text: spans(text, edit.edit(text).text)


def detect_secrets() -> Finder:
    """What the plugins of detect-secrets find, line by line."""
    scan_line = importlib.import_module("detect_secrets.core.scan").scan_line
    default_settings = importlib.import_module("detect_secrets.settings").default_settings

    def find(text: str) -> list[str]:
        with default_settings():
            return [one.secret_value or "" for line in text.splitlines() for one in scan_line(line)]

    return find


def gitleaks(config: Path) -> Finder:
    """What the rules of gitleaks find, by the `regex` module (their syntax is RE2's)."""
    regex = importlib.import_module("regex")
    rules = []
    for rule in tomllib.loads(config.read_text())["rules"]:
        if "regex" in rule:
            pattern = regex.compile(rule["regex"].replace(r"\z", r"\Z"))
            rules.append((rule.get("keywords", []), pattern, rule.get("entropy", 0), rule.get("secretGroup", 0)))

    def find(text: str) -> list[str]:
        found = []
        lower = text.lower()
        for words, pattern, least, group in rules:
            if words and not any(word in lower for word in words):
                continue
            for match in pattern.finditer(text):
                groups = [one for one in match.groups() if one]
                secret = match[group] if group else groups[0] if groups else match[0]
                if entropy(secret) >= least:
                    found.append(secret)
        return found

    return find


def same(secret: str, found: str) -> bool:
    """Whether a finding is the secret: it holds it, and not much else; an end in punctuation may be left."""
    return secret in found or (len(found) >= 0.9 * len(secret) and found in secret)


FORMS: dict[str, Callable[[random.Random], list[Planted]]] = {
    "tuned": lambda rng: [*secrets(rng), *decoys(rng)],
    "unseen": lambda rng: [*code_secret_forms.secrets(rng), *code_secret_forms.decoys(rng)],
    **{
        name: functools.partial(plants, secrets=forms.SECRETS, innocent=forms.INNOCENT)
        for name, forms in (
            ("second", code_secret_forms_second),
            ("third", code_secret_forms_third),
            ("fourth", code_secret_forms_fourth),
            ("fifth", code_secret_forms_fifth),
            ("sixth", code_secret_forms_sixth),
            ("seventh", code_secret_forms_seventh),
            ("eighth", code_secret_forms_eighth),
            ("ninth", code_secret_forms_ninth),
        )
    },
}
"""The sets of forms, by the order in which they were written."""


def main() -> None:
    """Print recall and precision of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--gitleaks", type=Path)
    parser.add_argument("--forms", choices=tuple(FORMS), default="tuned")
    parser.add_argument("--errors", action="store_true")
    chosen = parser.parse_args()
    rng = random.Random(chosen.seed)
    paths = sorted(path for path in chosen.folder.rglob("*") if path.suffix.lower() in ENDINGS and path.is_file())
    finders: dict[str, Finder] = {"ours": ours()}
    if importlib.util.find_spec("detect_secrets"):
        finders["detect-secrets"] = detect_secrets()
    if chosen.gitleaks:
        finders["gitleaks' rules"] = gitleaks(chosen.gitleaks)
    count: Counter[tuple[str, str]] = Counter()
    by_kind: Counter[tuple[str, bool]] = Counter()
    wrong: Counter[str] = Counter()
    planted: list[Planted] = []
    while len(planted) < chosen.files:
        planted += FORMS[chosen.forms](rng)
    for one in planted[: chosen.files]:
        lines = rng.choice(paths).read_bytes()[:65536].decode("utf-8", "replace").split("\n")
        at = rng.randrange(len(lines) + 1)
        # What stands around the planted text is the file's own; findings are looked for in both.
        context = "\n".join([*lines[max(0, at - 20) : at], one.text, *lines[at : at + 20]])
        bare = "\n".join([*lines[max(0, at - 20) : at], *lines[at : at + 20]])
        for name, find in finders.items():
            old = Counter(find(bare))
            new = list((Counter(find(context)) - old).elements())
            hit = bool(one.secret) and any(same(one.secret, found) for found in new)
            others = [found for found in new if not (one.secret and (same(one.secret, found) or found in one.secret))]
            count[name, "hit"] += int(hit)
            count[name, "false"] += int(bool(others))
            count[name, "elsewhere"] += sum(n for found, n in old.items() if "@" not in found)
            if name == "ours":
                by_kind[one.kind, hit] += int(bool(one.secret))
                if one.secret and not hit:
                    wrong[f"missed {one.kind}: {one.text[:80]!r}"] += 1
                if others:
                    wrong[f"false {others} in {one.text[:100]!r}"] += 1
    total = sum(bool(one.secret) for one in planted[: chosen.files])
    for name in finders:
        found, false = count[name, "hit"], count[name, "false"]
        print(
            f"{name:16} recall {found / total:.3f}  precision {found / max(found + false, 1):.3f}  "
            f"elsewhere {count[name, 'elsewhere']}"
        )
    for kind in sorted({kind for kind, _ in by_kind}):
        if by_kind[kind, False]:
            print(f"   {kind}: {by_kind[kind, True]} of {by_kind[kind, True] + by_kind[kind, False]}")
    if chosen.errors:
        for line, number in wrong.most_common(80):
            print("  ", number, line)


if __name__ == "__main__":
    main()
