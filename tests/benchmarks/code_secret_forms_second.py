"""A second set of forms, written before the rules had seen them: settings, command lines, printed answers.

One line a form, in a small notation that `planted` reads: what stands between « and » is the secret, `{w32}` is 32
random letters and digits. `code_secrets --forms second` plants these.
"""

import base64
import random
import re
import string
from collections.abc import Mapping

from tests.benchmarks.code_secret_forms import BASE32, HEX, WORD, Planted, some

LETTERS = {
    "w": WORD, "h": HEX, "H": HEX.upper(), "d": string.digits, "l": string.ascii_lowercase,
    "u": string.ascii_uppercase,
    "U": string.ascii_uppercase + string.digits, "n": string.ascii_lowercase + string.digits,
    "s": WORD + "-_", "p": WORD + "+/", "t": BASE32, "x": WORD + "!#%^*+=.", "B": "01", "G": "ACGT",
}  # fmt: skip


def _word(rng: random.Random) -> str:
    """A password as people choose it: a word, digits, perhaps a sign."""
    start = rng.choice(["Lemon", "river", "Tango", "moon", "Falcon", "kiwi", "Noether", "abel", "Summer", "dragon"])
    return (
        start + rng.choice(["", ".", "_", "-", "!", "@"]) + some(rng, string.digits, 3) + some(rng, WORD + "!#%*+", 4)
    )


def _host(rng: random.Random) -> str:
    top = rng.choice(["edu", "org", "ac.uk", "fr", "net", "com", "ch", "ac.jp"])
    return f"{some(rng, string.ascii_lowercase, 7)}.{top}"


def _address(rng: random.Random) -> str:
    return ".".join(
        [str(rng.choice([17, 37, 62, 88, 99, 131, 151, 185, 195, 212]))] + [str(rng.randrange(2, 250)) for _ in "abc"]
    )


def planted(rng: random.Random, kind: str, form: str) -> Planted:
    """One form with its random places filled: `{w32}` 32 letters of a kind, `{b48}` base64, `{pw}` a password."""

    def fill(match: re.Match[str]) -> str:
        what = match[1]
        if what == "pw":
            return _word(rng)
        if what == "host":
            return _host(rng)
        if what == "name":
            return some(rng, string.ascii_lowercase, rng.randrange(4, 9))
        if what == "ip":
            return _address(rng)
        if what[0] == "b":
            return base64.b64encode(rng.randbytes(int(what[1:]))).decode()
        return some(rng, LETTERS[what[0]], int(what[1:]))

    text = re.sub(r"\{(pw|host|name|ip|[whHdluUnsptxBGb]\d+)\}", fill, form)
    secret = re.search("«(.*?)»", text, re.DOTALL)
    return Planted(f"{kind}: {form[:50]}", text.replace("«", "").replace("»", ""), secret[1] if secret else "")


SECRETS = {
    "token": r"""
stripe.api_key = '«rk_live_{w24}»'
WHSEC = "«whsec_{w32}»"
square: «sq0atp-{s22}»
newrelic «NRAK-{U27}»
GRAFANA: "«glsa_{w32}_{h8}»"
posthog.init('«phx_{w43}»')
postman «PMAK-{h24}-{h34}»
figma = «figd_{s40}»
client = Anthropic(api_key="«sk-ant-api03-{s93}AA»")
Groq(api_key='«gsk_{w52}»')
replicate = "«r8_{w37}»"
pplx("«pplx-{h48}»")
gem push --key «rubygems_{h48}»
docker login -u bob -p «dckr_pat_{s27}»
tailscale up --authkey=«tskey-auth-{w16}-{w32}»
sonar.login=«squ_{h40}»
# «AGE-SECRET-KEY-1{U58}»
https://hooks.slack.com/services/«T{U8}/B{U8}/{w24}»
https://discord.com/api/webhooks/{d18}/«{s68}»
<< "«ASIA{t16}»"
airtable <- "«pat{w14}.{h64}»"
CFPAT = '«CFPAT-{s43}»'
firebase "«AAAA{w7}:APA91b{s134}»"
mailchimp = "«{h32}-us12»"
""",
    "key": r"""
WANDB_API_KEY=«{h40}»
{"username": "bob", "key": "«{h32}»"}
DefaultEndpointsProtocol=https;AccountName=lab;AccountKey=«{b64}»;EndpointSuffix=core.windows.net
https://lab.blob.core.windows.net/c?sv=2020-08-04&sig=«{w40}%3D»
otpauth://totp/Lab:bob?secret=«{t32}»&issuer=Lab
PrivateKey = «{b32}»
//registry.npmjs.org/:_authToken=«{w36}»
SECRET_KEY = 'django-insecure-«{x50}»'
app.secret_key = b'«{s24}»'
APP_KEY=base64:«{b32}»
define('AUTH_KEY', '«{x64}»');
  secret_key_base: «{h128}»
Authorization: token «{h40}»
X-Auth-Token: «{n32}»
{'access_token': '«{w64}»', 'expires_in': 3600}
http://localhost:8888/?token=«{h48}»
[I 10:21:03 NotebookApp] http://node3:8889/tree?token=«{h48}»
Cookie: sessionid=«{n32}»; theme=dark
Set-Cookie: auth=«{w40}»; HttpOnly
aws_session_token = «FwoGZXIvYXdzE{p200}»
algolia = search("{U10}", adminKey="«{h32}»")
"consumer_secret": "«{w50}»",
twitter_access_secret <- "«{w45}»"
ZOTERO_KEY: «{w24}»
quandl.ApiConfig.api_key = '«{s20}»'
Entrez.api_key = "«{h36}»"
ee.ServiceAccountCredentials(key_data="«{b60}»")
wolframalpha.Client("«{U6}-{U10}»")
gh_token: "«{h40}»"
export MAPS_KEY='«{s39}»'
FRED_API_KEY <- "«{n32}»"
"refresh_token": "«1//0{s60}»",
wallet_private_key = "0x«{h64}»"
encryption.key=«{h64}»
jwt.sign(payload, '«{w32}»')
hmac_secret = b"«{w40}»"
signing_secret: '«{h32}»'
"clientSecret" : "«{s40}»"
oauth = OAuth1("{w25}", client_secret="«{w50}»")
webhook_secret='«{n40}»'
""",
    "password": r"""
[database]\nuser = bob\npassword = «{pw}»
spring.datasource.password=«{pw}»
machine lab.host\n  login bob\n  password «{pw}»
db.lab.org:5432:corpus:bob:«{pw}»
https://bob:«{w20}»@gitlab.lab.org/x.git
index-url = https://bob:«{w14}»@pypi.lab.org/simple
mongodb+srv://bob:«{w16}»@cluster0.lab.mongodb.net/x
redis://:«{w18}»@cache:6379/0
amqp://guest2:«{w12}»@rabbit//
mysqli_connect("localhost", "bob", "«{pw}»", "corpus");
DBI->connect("dbi:Pg:dbname=x", "bob", "«{pw}»");
weboptions('Username','bob','Password','«{pw}»')
LibPQ.Connection("host=db user=bob password=«{w12}»")
ssh.connect(host, username="bob", password="«{pw}»")
server.login("bob", "«{pw}»")
HTTPBasicAuth('bob', '«{pw}»')
redis-cli -h cache -a «{w14}»
mysql -ubob -p«{w12}» corpus
wget --user=bob --http-password=«{w12}» http://lab/x
openssl rsa -passin pass:«{w12}» -in k.pem
zip -P «{w12}» data.zip data
gpg --batch --passphrase «{w14}» -d x.gpg
echo '«{pw}»' | sudo -S make install
ConvertTo-SecureString "«{pw}»" -AsPlainText -Force
"Password" -> "«{pw}»"
connectPassword = "«{pw}»"
ALTER USER bob WITH PASSWORD '«{pw}»';
ansible_ssh_pass=«{pw}»
bindpw «{pw}»
network={ ssid="lab" psk="«{pw}»" }
<property name="password" value="«{pw}»"/>
<add key="Password" value="«{pw}»" />
passwort = '«{pw}»'
mot_de_passe: "«{pw}»"
auth: {user: 'bob', pass: '«{pw}»'}
MYSQL_ROOT_PASSWORD: "«{pw}»"
assert client.login(username="bob", password="«{pw}»")
User Id=bob;Password="«{pw}»"
smtp_pass: "«{pw}»"
ftp.login('bob', '«{pw}»')
keyStorePassword="«{pw}»"
# password is «{pw}»
""",
    "mail": r"""
%% Author: {name}.{name} <«{name}.{name}@{host}»>
"author": "A. Person <«{name}@{host}»>",
Author-email: «{name}_{name}@{host}»
Signed-off-by: A Person <«{name}@{host}»>
Copyright (c) 2012 A Person («{name}@{host}»)
C     WRITTEN BY A. PERSON, «{U6}@{U5}.EDU»
\thanks{Email: {\tt «{name}@{host}»}}
(* «{name}-at-{host}» *)
# «{name} <at> {host}»
// «{name}[@]{host}»
# «{name} (at) {name} (dot) edu»
-- | Maintainer : «{name}+hs@{host}»
@author <a href="mailto:«{name}@{host}»">A. Person</a>
{"email":"«{name}{d2}@{host}»","name":"A"}
 * «{name}@{name}.{host}»
mailto:«{name}%40{host}»
# «{name}{AT}{name}{DOT}edu»
bugs to «{name}@{host}».
""",
    "address": r"""
Host lab\n  HostName «{ip}»
ifconfig eth0 «{ip}» netmask 255.255.255.0
SERVER_ADDR="«{ip}»:8443"
Accepted publickey for bob from «{ip}» port 52144 ssh2
«{ip}» - - [10/Oct/2020:13:55:36] "GET / HTTP/1.1" 200
socket.connect(('«{ip}»', 5000))
redis://«{ip}»:6379
X-Forwarded-For: «{ip}»
nameserver «{ip}»
"ip": "«{ip}»",
server «2a02:{h4}:{h4}::{h3}»;
scp x bob@«{ip}»:/data
""",
}  # fmt: skip

INNOCENT = r"""
sha512 = "{h128}"
md5({h32})
"resolved": "https://registry.npmjs.org/lodash/-/lodash-4.17.21.tgz#{h40}",
"integrity": "sha512-{b64}"
lodash@^4.17.21:
golang.org/x/text v0.3.7 h1:{b32}
FROM python@sha256:{h64}
Subproject commit {h40}
# bibcode: {d4}MNRAS.{d3}.{d4}P
doi = {10.{d4}/j.{n9}.{d4}.{d2}.{d3}}
arXiv:{d4}.{d5}
"cell_id": "{h8}-{h4}-4{h3}-a{h3}-{h12}",
"image/png": "iVBORw0KGgoAAAANSUhEUgAA{p80}",
<img src="data:image/gif;base64,{p60}=="/>
0x{H8}UL, 0x{H8}UL, 0x{H8}UL, 0x{H8}UL,
0x{h16}, 0x{h16}, 0x{h16},
key = unhexlify("{h32}")
Key = {H32}
PLAINTEXT = {H32}
KAT: seed = {H96}
pk = {H64}
expected = "{h64}"
assert_eq!(hash(b"abc"), "{h40}");
KEY_UP = "ArrowUp"
keys = ["alpha", "beta", "gamma"]
"key": "algebraic_geometry_2020"
@article{Knuth1984literate,
\bibitem{AbramowitzStegun1965}
\label{eq:BoltzmannEquation2D}
tok = Token(NAME, "identifier")
lexer.token = "LEFT_PARENTHESIS"
token_list = tokenizer("some text", return_tensors="pt")
tokens_per_second = 12345.678
max_tokens=4096
pad_token = "[PAD]"
CSRF_COOKIE_NAME = "csrftoken_for_forms"
password_hash = bcrypt(password)
password = request.form["password"]
password = config.get("db", "password")
parser.add_option("-p", "--password", default=None)
raise ValueError("password must have 8 characters")
"password": {"type": "string", "minLength": 8}
String password = scanner.nextLine();
char password[MAX_PASSWORD_LENGTH];
<input type="password" name="password" id="login-password">
password: !vault |
password = "changeme"
password: "********"
PASSWORD = "<password>"
pwd = os.getcwd()
cd $(pwd)/build-output-directory
pass: 17, fail: 0
pass = number_of_passes + 1
passes = ["first_pass", "second_pass"]
TEST PASSED: matrix_inverse_3x3
bypass = "low_pass_filter_coefficients"
secrets.token_hex(32)
secret_santa(["Ann", "Bob", "Cleo"])
theorem secret_is_shared : Shamir.secret p = Polynomial.eval 0 p := by simp
client_id = "{n20}.apps"
api_key = settings.API_KEY
apikey = Sys.getenv("FRED_API_KEY")
const apiKey = config.get('service.apiKey');
key_file = "/etc/ssl/private/server.key"
public_key = "{b32}"
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{p43} host
-----BEGIN CERTIFICATE-----
Fingerprint: {h2}:{h2}:{h2}:{h2}:{h2}:{h2}:{h2}:{h2}:{h2}:{h2}:{h2}:{h2}:{h2}:{h2}:{h2}:{h2}
auth_url = "https://login.lab.org/oauth2/token"
authorization: required for members
Authors: see the file AUTHORS
author = "Gauss and Legendre and Riemann"
A = B @ C.inverse()
x = self.weights@self.inputs.data
@pytest.mark.parametrize
@functools.lru_cache(maxsize=None)
f = @(x) x.^2 + 3;
obj@assays@data.frame
@[simp] theorem foo.bar : True := trivial
@Finset.sum_comm _ _ _
icon@2x.png
getty@tty1.service
git clone git@gitlab.com:group/project.git
scp result.txt bob@cluster:/home/bob
person@example.org
a@b.c
Chrome/91.0.4472.114 Safari/537.36
AssemblyVersion("1.0.0.0")
Linux 4.15.0.72-generic
netmask 255.255.255.0
[9.1.2.3] Definition of the tensor
OID 2.16.840.1.101.3.4.2.1
1.2.840.113549.1.1.11
x.1.2.3.4.y
10.1.1.2 Proposition (Hensel)
gcc (Debian 10.2.1.6) 10.2.1
::1 localhost
std::chrono::system_clock::now()
1:2:3:4:5:[]
12:30:45:99
e = 2.7182818284590452353602874713526624977572470936999595
[[0.1234567890, 0.2345678901], [0.3456789012, 0.4567890123]]
p = 2^255 - 19 = {d77}
GAATTC{G60}
b = "{B64}"
U+1F600 😀 AaBbCcDdEeFfGgHhIiJjKkLlMmNnOoPpQq
c3RyaW5nIHRoYXQgaXMgbm90IHNlY3JldA==
R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7
qwertyuiopasdfghjklzxcvbnm
hash = "{h8}"
etag: W/"{h16}"
trace_id={h32} span_id={h16}
build {H10} of 2020-01-02
Serial: {U4}-{U4}-{U4}
ISBN 978-3-16-148410-0
ORCID: 0000-0002-1825-0097
google_analytics = "UA-{d8}-1"
Digest::SHA256.hexdigest("{l6}")
rsa_modulus = 0x{h128}
generator = "{l12}_{l8}_{l9}"
camelCaseIdentifierWithManyWordsInIt2D = 1
sessionInfo() R version 4.1.2
cookie_jar = "chocolate_chip_and_raisin"
random_state=42, secret=False
"""  # fmt: skip


def lines(text: str) -> list[str]:
    return [line.replace(r"\n", "\n") for line in text.strip("\n").split("\n")]


def plants(rng: random.Random, secrets: Mapping[str, str], innocent: str) -> list[Planted]:
    """One of each form of a set: of secrets by their kind, and of what is no secret."""
    found = [planted(rng, kind, form) for kind, forms in secrets.items() for form in lines(forms)]
    return found + [planted(rng, "decoy", form) for form in lines(innocent)]
