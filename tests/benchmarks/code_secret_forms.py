"""Forms of secrets and of what looks like them, written before the rules had seen any of them.

Beside the forms of `code_secrets`, on which the rules were tuned: other issuers' tokens, other languages' ways to set a
variable, command lines, configuration files, mail addresses as people hide them. `code_secrets --forms unseen` plants
these.
"""

import base64
import random
import string
from collections.abc import Iterator
from typing import NamedTuple

HEX, WORD = string.hexdigits.lower()[:16], string.ascii_letters + string.digits
BASE32 = string.ascii_uppercase + "234567"


class Planted(NamedTuple):
    """A text with a secret (empty: it holds none), and what kind it is of."""

    kind: str
    text: str
    secret: str


def some(rng: random.Random, letters: str, length: int) -> str:
    """A random text."""
    return "".join(rng.choice(letters) for _ in range(length))


def _tokens(rng: random.Random) -> dict[str, str]:
    url_safe = WORD + "-_"
    return {
        "vault": "hvs.CAES" + some(rng, url_safe, 90),
        "terraform cloud": some(rng, WORD, 14) + ".atlasv1." + some(rng, url_safe, 64),
        "notion": "ntn_" + some(rng, string.digits, 11) + some(rng, WORD, 35),
        "doppler": "dp.pt." + some(rng, WORD, 43),
        "sentry": "sntryu_" + some(rng, HEX, 64),
        "netlify": "nfp_" + some(rng, WORD, 36),
        "supabase": "sbp_" + some(rng, HEX, 40),
        "heroku": "HRKU-AA" + some(rng, url_safe, 58),
        "azure ad": some(rng, WORD, 3) + "8Q~" + some(rng, WORD + "_~.-", 34),
        "google oauth": "GOCSPX-" + some(rng, url_safe, 28),
        "slack app": f"xapp-1-A{some(rng, string.digits, 10)}-{some(rng, string.digits, 13)}-{some(rng, HEX, 64)}",
        "planetscale": "pscale_tkn_" + some(rng, url_safe, 43),
        "fly": "fm2_" + some(rng, WORD + "+/", 96),
        "jfrog": "AKCp" + some(rng, WORD, 69),
        "discord bot": some(rng, WORD, 24) + "." + some(rng, WORD, 6) + "." + some(rng, url_safe, 38),
        "mapbox": "sk.eyJ1Ijoi" + some(rng, WORD, 70) + "." + some(rng, url_safe, 22),
        "sendinblue": "xkeysib-" + some(rng, HEX, 64) + "-" + some(rng, WORD, 16),
        "pulumi": "pul-" + some(rng, HEX, 40),
        "duffel": "duffel_live_" + some(rng, url_safe, 43),
        "dynatrace": f"dt0c01.{some(rng, BASE32, 24)}.{some(rng, BASE32, 64)}",
        "typeform": "tfp_" + some(rng, url_safe, 59),
        "readme": "rdme_" + some(rng, string.ascii_lowercase + string.digits, 70),
        "prefect": "pnu_" + some(rng, string.ascii_lowercase + string.digits, 36),
        "openshift": "sha256~" + some(rng, url_safe, 43),
    }  # fmt: skip


def secrets(rng: random.Random) -> Iterator[Planted]:
    """One of each form."""
    for kind, token in _tokens(rng).items():
        form = rng.choice(["TOKEN: {}", "let t = '{}'", "login --token {}", "% {}", '  "{}",', "export T={}"])
        yield Planted(kind, form.format(token), token)
    key = some(rng, WORD, rng.choice([24, 32, 40]))
    for form in (
        'secretKey := "{}"', 'let api_token = "{}";', ':api-key "{}"', "setenv('MY_TOKEN', '{}')",
        'Sys.setenv(API_KEY = "{}")', 'os.environ["HUB_TOKEN"] = "{}"', "ENV['SECRET_KEY_BASE'] = '{}'",
        "x-api-key: {}", "<apiKey>{}</apiKey>", 'const char *auth_token = "{}";', "api_key: str = '{}'",
        'apiToken = """{}"""', "--api-key={}", "client.set_token('{}')", "?access_token={}&q=1", "set TOKEN {}",
    ):  # fmt: skip
        yield Planted("key: " + form, form.format(key), key)
    word = (
        rng.choice(["Mango", "quiet", "Rho", "Zebra", "kappa", "Delta"])
        + some(rng, WORD + "!#%+.", 8)
        + rng.choice("!9#7")
    )
    for form in (
        "machine db.lab login bob password {}", "mysql -u bob --password={} lab", "sshpass -p '{}' ssh bob@lab",
        "<password>{}</password>", "password => '{}',", ':password "{}"', "CREATE USER bob IDENTIFIED BY '{}';",
        "curl -u bob:{} http://lab/x", 'requests.get(url, auth=("bob", "{}"))', "jdbc:mysql://h/db?user=u&password={}",
        "PGPASSWORD={} psql lab", 'passphrase = "{}"', "password: {}", 'setPassword("{}")', "user=bob;password={};",
        "const PASSWORD: &str = \"{}\";", "ftp://bob:{}@files.lab.net/a",
    ):  # fmt: skip
        yield Planted("password: " + form, form.format(word), word)
    lines = "\n".join(base64.b64encode(rng.randbytes(48)).decode() for _ in range(14))
    yield Planted(
        "pgp", f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{lines}\n=aB3d\n-----END PGP PRIVATE KEY BLOCK-----", lines
    )
    head = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A1B2C3D4E5F60718293A4B5C6D7E8F9\n\n"
    yield Planted(
        "pem with headers", f"-----BEGIN RSA PRIVATE KEY-----\n{head}{lines}\n-----END RSA PRIVATE KEY-----", lines
    )
    yield Planted("putty", f"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPrivate-Lines: 14\n{lines}", lines)
    yield Planted(
        "escaped pem",
        '"private_key": "-----BEGIN PRIVATE KEY-----\\n'
        + lines.replace("\n", "\\n")
        + '\\n-----END PRIVATE KEY-----\\n"',
        lines.replace("\n", "\\n"),
    )
    person = (
        some(rng, string.ascii_lowercase, 4) + rng.choice(["", ".", "_", "-"]) + some(rng, string.ascii_lowercase, 6)
    )
    host = f"{some(rng, string.ascii_lowercase, 6)}.{rng.choice(['edu', 'ac.jp', 'fr', 'org', 'com.au', 'io'])}"
    dotted = host.replace(".", " DOT ")
    for form, secret in (
        ('<a href="mailto:{0}@{1}">', "{0}@{1}"), ("\\href{{mailto:{0}@{1}}}{{mail}}", "{0}@{1}"),
        ('person("A", "B", email = "{0}@{1}")', "{0}@{1}"), ("# {0} [at] {1}", "{0} [at] {1}"),
        ("// {0} AT {2}", "{0} AT {2}"), ("* {0} _at_ {1}", "{0} _at_ {1}"), ("{0}&#64;{1}", "{0}&#64;{1}"),
        ("%% {0}(at){1}", "{0}(at){1}"), ("\\texttt{{{0}@{1}}}", "{0}@{1}"), ("Maintainer: A B <{0}@{1}>,", "{0}@{1}"),
        ("__email__ = '{0}@{1}'", "{0}@{1}"), ("# {0} -at- {1}", "{0} -at- {1}"), ("{0}@NOSPAM.{1}", "{0}@NOSPAM.{1}"),
    ):  # fmt: skip
        yield Planted("email: " + form, form.format(person, host, dotted), secret.format(person, host, dotted))
    rest = ".".join(str(rng.randrange(2, 250)) for _ in range(3))
    four = f"{rng.choice([23, 54, 91, 134, 149, 178, 203, 10, 192])}.{rest}"
    for form in ("inet {}/24", "hosts = ['{}', 'x']", "tcp://{}:2375", "allow {};", "ping({})", "{}   node7"):
        yield Planted("ip: " + form, form.format(four), four)
    six = f"2a0{rng.randrange(1, 9)}:{some(rng, HEX[1:], 4)}:{some(rng, HEX[1:], 3)}::{some(rng, HEX[1:], 2)}"
    yield Planted("ip6, short", f"addr {six};", six)


def decoys(rng: random.Random) -> Iterator[Planted]:
    """One of each form that is no secret."""
    for text in (
        f'integrity="sha512-{base64.b64encode(rng.randbytes(64)).decode()}"',
        f"index {some(rng, HEX, 7)}..{some(rng, HEX, 7)} 100644", f'rev = "{some(rng, HEX, 40)}"',
        f'--hash=sha256:{some(rng, HEX, 64)}', 'eos_token = "<|endoftext|>"', 'token = "begin_of_sentence_marker"',
        'secretary = "Elizabeth Bennet of Longbourn"', "@{thm foo.bar_baz}", "\\@ifnextchar[{\\a@b}{\\c@d}",
        "@Nat.add_comm n m", "@foo.setter", 'alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"',
        f'key = "{some(rng, "ACGT", 40)}"', f'seed_key = "{some(rng, "01", 32)}"', "passwords = read_lines(path)",
        'print("Password: ", end="")', "password = input()",
        'parser.add_argument("--password", help="the password to use")', "if password == other_password:",
        "def check_password(password, hashed):", 'PASSWORD_FIELD = "user_password"',
        'url = "https://user:password@example.com/"', "token: str", "tokens: list[int] = []",
        "access_token: Optional[str] = None", 'secret = hashlib.sha256(seed).hexdigest()',
        'api_key=os.getenv("API_KEY")', "apiKey: process.env.API_KEY,", 'key: "first-section-heading"',
        "sort_key = lambda x: x[0]", "cache_key=f'{name}-{version}'", "10:24:36.125", "1:2:3:4", "ratio 16:9:4",
        "v2.10.3.1-rc1", "firmware 7.1.0.12", "Chapter 1.2.3.4", "\\ref{sec:1.2.3.4}", "0.0.0.0:8000", "A@B@C",
        "y = X @ W.T", "user@host:~/dir$ ls", "std::vector::at", "meet at noon dot com boom", "name@domain.tld",
        "foo@bar", "someone@example.net", "<author@localhost>", "$(cat /run/secrets/token)",
        "password: ${DB_PASSWORD}", "token: {{ token }}", 'TOKEN_URL = "https://auth.lab/token"',
        "ssh-rsa AAAAB3NzaC1yc2E keys are public", "theorem key_exchange_secret (a b : G) : a * b = b * a",
        "let secret_sharing = shamir_polynomial(3)", f"r = 0x{some(rng, HEX, 64)}",
        f"P = {some(rng, string.digits, 60)}", "bearer of the token", 'auth = ("user", "password")',
    ):  # fmt: skip
        yield Planted("decoy", text, "")
