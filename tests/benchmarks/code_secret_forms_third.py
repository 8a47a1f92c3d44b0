"""A third set of forms, written before the rules had seen any of it or of the second set.

The notation is the second set's. `code_secrets --forms third` plants these.
"""

SECRETS = {
    "token": r"""
access_token = "«access_token$production${n16}${h32}»"
square_token := "«EAAA{s60}»"
fb("«EAACEdEose0cBA{w80}»")
openrouter: «sk-or-v1-{h64}»
deepseek <- "«sk-{h32}»"
% «shpss_{h32}»
cloudflare = '«v1.0-{h24}-{h146}»'
"nuget": "«oy2{n43}»",
buildkite «bkua_{h40}»
CircleCI('«CCIPAT_{w22}_{h40}»')
let launch = "«sdk-{h8}-{h4}-{h4}-{h4}-{h12}»"
okta: SSWS «00{s40}»
contents: «lin_oauth_{h64}»
asana '«1/{d16}:{h32}»'
honeycomb="«hcaik_{n58}»"
netlify_hook(https://api.netlify.com/build_hooks/«{h24}»)
https://hooks.zapier.com/hooks/catch/{d7}/«{n7}»/
https://lab.webhook.office.com/webhookb2/«{h8}-{h4}-{h4}-{h4}-{h12}»@x/IncomingWebhook
"«xoxp-{d12}-{d12}-{d12}-{h32}»"
pinecone.init("«pcsk_{w6}_{w63}»")
langsmith "«lsv2_pt_{h32}_{h10}»"
tavily = '«tvly-{w32}»'
gitea «gta_{h40}»
"«ya29.{s120}»"
1password: «ops_eyJ{w180}»
vercel_blob «vercel_blob_rw_{w16}_{w30}»
""",
    "key": r"""
GEMINI_API_KEY = "«{s39}»"
COMET_API_KEY=«{w25}»
"ApiKey": "«{U8}-{U4}-{U4}-{U4}-{U12}»"
mapKey='«{w40}»'
[kaggle]\nusername = bob\nkey = «{h32}»
headers = {"X-API-KEY": "«{w32}»"}
headers <- c(Authorization = "Bearer «{s64}»")
add_headers(`X-Auth-Key` = "«{h37}»")
req.Header.Set("Authorization", "Bearer «{w40}»")
-H "PRIVATE-TOKEN: «{s20}»"
-H 'apikey: «{w32}»'
curl "https://api.lab.org/v1/data?api_key=«{w24}»&n=1"
requests.get(URL, params={"appid": "«{h32}»"})
url = "https://maps.lab.org/js?key=«{s39}»"
https://api.lab.org/x?client_id=a&client_secret=«{w32}»
options(ncbi_key = "«{h36}»")
set_key("«{w32}»")
%env SECRET_TOKEN=«{w32}»
os.environ.setdefault("LAB_API_KEY", "«{w32}»")
process.env.TOKEN = "«{w40}»";
ENV['AUTH_TOKEN'] ||= "«{w32}»"
static final String API_KEY = "«{w32}»";
private const string AccessKey = "«{p40}»";
let secretAccessKey = "«{p40}»"
#define WIFI_KEY "«{w20}»"
val token: String = "«{w40}»"
@token = '«{w40}»'
my $api_key = '«{w32}»';
$config['encryption_key'] = '«{w32}»';
(def api-secret "«{w40}»")
(setq my-api-token "«{w40}»")
<appKey>«{w32}»</appKey>
<add key="StorageKey" value="«{b64}»" />
SharedAccessKeyName=Root;SharedAccessKey=«{b32}»
SharedAccessSignature sr=lab&sig=«{w43}%3D»&se=1700000000
auth_token: !!str «{w40}»
TOKEN='«{w36}»'
Token: «{h40}»
api token = «{w40}»
"session_token" => "«{w64}»",
"password_reset_token": "«{w43}»"
refresh_token='«{w64}»'
id_token=«eyJ{w40}.eyJ{w80}.{s43}»
{"type":"Bearer","token":"«{w64}»"}
auth = ("bob", "«{w40}»")
storage.account.key=«{b64}»
"auths": {"https://index.docker.io/v1/": {"auth": "«{b24}»"}}
data:\n  api-key: «{b32}»
SALT_KEY: '«{x40}»'
master_key = bytes.fromhex("«{h64}»")
""",
    "password": r"""
[smtp]\nhost=lab\npass=«{pw}»
db:\n  user: bob\n  passwd: «{pw}»
datasource.password: '«{pw}»'
DATABASE_URL=postgresql://bob:«{w14}»@db:5432/x
engine = create_engine("mysql+pymysql://bob:«{w12}»@h/db")
proxy = http://bob:«{w12}»@proxy.lab.org:3128
svn co --username bob --password «{pw}» http://lab/svn
rsync --password «{w14}»
lftp -u bob,«{w12}» lab
smbclient //lab/share -U bob%«{w12}»
sqlplus bob/«{w12}»@orcl
net use Z: \\lab\x /user:bob «{w14}»
psql "host=h dbname=x user=bob password=«{w14}»"
conn = psycopg2.connect(dbname="x", user="bob", password='«{pw}»')
pymysql.connect("h", "bob", "«{pw}»", "x")
pyodbc.connect("DRIVER=X;SERVER=h;UID=bob;PWD=«{w14}»")
dbConnect(MySQL(), user = "bob", password = "«{pw}»")
DatabaseConnection("bob", "«{pw}»")
new NetworkCredential("bob", "«{pw}»")
PasswordAuthentication("bob", "«{pw}»".toCharArray())
sshpass -e «{w14}»
chpasswd <<< "bob:«{pw}»"
echo "bob:«{pw}»" | chpasswd
expect "assword:" { send "«{pw}»\r" }
driver.find_element_by_id("password").send_keys("«{pw}»")
form.fill("#password", "«{pw}»")
login(user="bob", pw="«{pw}»")
credentials = {"login": "bob", "password": "«{pw}»"}
DB_PASSWD := «{w14}»
ENV ADMIN_PASSWORD «{w14}»
ARG PASSWORD=«{w14}»
- name: DB_PASSWORD\n  value: "«{pw}»"
export PASS="«{pw}»"
set password=«{w14}»
$password = '«{pw}»';
password <- "«{pw}»"
let password = "«{pw}»" in
String pwd = "«{pw}»";
character(len=20) :: password = '«{pw}»'
pass_phrase: «{pw}»
contrasena = "«{pw}»"
kennwort: «{pw}»
senha = '«{pw}»'
"pw": "«{pw}»"
userPassword:: «{b12}»
requirepass «{w16}»
wpa_passphrase=«{w14}»
grant all on x.* to bob@localhost identified by '«{pw}»';
MASTER_PASSWORD='«{pw}»'
# login: bob / password: «{pw}»
% user bob, password «{pw}»
""",
    "mail": r"""
!  Contact: {name}.{name} («{name}.{name}@{host}»)
Maintainer: A Person <«{name}-{name}@{host}»>
\address{Dept., \email{«{name}@{host}»}}
\ead{«{name}@{host}»}
Reply-To: «{name}@{host}»
"maintainers" : [ "A <«{name}@{host}»>" ],
:author: A. Person <«{name}@{host}»>
authors = ["A. Person <«{name}@{name}.{host}»>"]
'author_email': '«{name}{d3}@{host}»'
person@@{name}: send to «{name}@{host}»
# {name} «{name} @ {host}»
// «{name} (AT) {host}»
; «{name} [ at ] {host}»
(* «{name} at {name} dot {name} dot edu» *)
<«{name}&commat;{host}»>
E-MAIL: «{U8}@{U6}.{U4}.EDU»
% «{name}$\langle$at$\rangle${host}»
Report to <«{name}+bugs@{host}»>.
""",
    "address": r"""
"host": "«{ip}»",
bind-address = «{ip}»
inet addr:«{ip}»  Bcast:x
ssh -p 2222 bob@«{ip}»
Connection from «{ip}»:50412
remote_addr=«{ip}»
http://«{ip}»/~bob/paper.pdf
client('«{ip}»', 8786)
«{ip}» lab.local
master: «{ip}»:7077
AllowedIPs = «{ip}»/32
ip = "«2001:{h4}:{h3}::{h2}:{h4}»"
""",
}  # fmt: skip

INNOCENT = r"""
sha1sum: {h40}  file.tar.gz
SHA256 (x.tgz) = {h64}
"md5": "{h32}",
sha256:{h64}
source = "git+https://github.com/x/y?rev={h7}#{h40}"
checksum = "{h64}"
Merge commit '{h40}' into main
# From {h40} Mon Sep 17 00:00:00 2001
"id": "{h8}-{h4}-{h4}-{h4}-{h12}"
{H8}-{H4}-{H4}-{H4}-{H12}
"sequence_key": "{G40}"
key_schedule = [0x{h8}, 0x{h8}, 0x{h8}, 0x{h8}]
iv  = "{h32}"
ct = 0x{h64}
msg = bytes.fromhex("{h96}")
test_vector("{h32}", "{h32}")
{ "{h16}", "{h16}", "{h16}" },
.quad 0x{h16}
magic = 0x{h8}
w0 = {d20}
table = "{p76}"
sprite = "data:image/svg+xml;base64,{p120}"
"data": ["{b64}"]
"execution_count": 12, "metadata": {"colab": {"id": "{w12}"}}
<div id="{h8}-{h4}-{h4}-{h4}-{h12}">
mo.ui("element_id_{h8}")
\href{https://doi.org/10.1016/j.{l4}.{d4}.{d2}.{d3}}{link}
https://www.youtube.com/watch?v={s11}
https://drive.google.com/file/d/{s33}/view
https://colab.research.google.com/drive/{s33}
https://github.com/x/y/blob/{h40}/z.py#L10
https://docs.google.com/document/d/{s44}/edit
mr:{d7} zbl:{d4}.{d5}
PACS 02.10.10.04
hash_map<std::string, Token> token_map;
enum Token { TOKEN_IDENTIFIER, TOKEN_NUMBER_LITERAL };
token = "==="
token = strtok(line, " \t");
Token token = next_token(&lexer);
tok := 'end_of_statement'
tokens = {"start": "<s>", "end": "</s>"}
separator_token = "----------------------------------------"
secret = 42
secret_number = random.randint(1, 100)
secret_message = "attack the castle at dawn"
public_key, private_key = rsa.generate(1024)
private_key = 17
privateKey = PrivateKey(p, q, e)
key: "value"
key = "minor"
dict_key = "average_daily_temperature"
hotkey: "Ctrl+Shift+P"
keyword = "instantaneous_velocity"
keyboard_layout = "qwertz-de-latin1"
api = "https://api.lab.org/v2/records"
API_KEY = None
api_key = "<API_KEY>"
api_key: ${{ secrets.API_KEY }}
api_key="sk-..."
token = "your-token-here"
access_key = var.access_key
credentials = load_credentials("~/.lab/credentials.json")
creds = service_account.Credentials.from_file(path)
password = get_password(user)
password = prompt('Password: ')
password = password.encode("utf-8")
password=args.password,
password: string;
password := flag.String("password", "", "password of the user")
password TEXT NOT NULL,
"password": null,
password = ***REMOVED***
input(type = "password", placeholder = "Password")
Password must contain a digit
Forgot your password? Click here
passwordInput.addEventListener("change", onChange)
unless password.nil?
with password as p:
pass = "first"
PASS = 1
pass by reference
pwd = "C:/Users/work"
passage = "It is a truth universally acknowledged"
auth = OAuth2Session(client_id)
author: "Bernoulli, D. and Euler, L."
basic_auth = False
Basic Linear Algebra Subprograms
bearer bonds and tokens of esteem
y = A @ x
y[i]@z[j]
R @ S.T @ R.conj()
@staticmethod.setter
@Override.foo
@inbounds x.y
@code_warntype f(x.y)
@axiom choice.indefinite
p@p.q holds by lemma
ref: v2@main.yml
uses: actions/checkout@v3.1.0
image: redis@sha256:{h64}
@babel/core@7.12.3
user@server.domain:path/to/file
me@localhost.localdomain
john.doe@example.com
noreply@example.org
v4.2.0.1
numpy==1.19.5.1
Theorem 2.3.1.2 (Weil)
firmware: 3.14.15.92
JDK 1.8.0.292
PTX ISA 7.4.0.1
127.0.0.1 localhost
0.0.0.0/0
255.255.0.0
IP 198.51.100.7 in the documentation
8:15:30 am
{h2}:{h2}:{h2}:{h2}:{h2}:{h2}
a::b::c
Nat::succ::zero
[1:2:10, ::2]
fingerprint = SHA256:{w43}
AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
0123456789abcdef0123456789abcdef
alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
fen = "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR"
smiles = "CC(=O)Oc1ccccc1C(=O)O"
inchi = "InChI=1S/C9H8O4/c1-6(10)13-8-5-3-2-4-7(8)9(11)12/h2-5H,1H3"
inchikey = "BSYNRYMUTXBXSQ-UHFFFAOYSA-N"
protein = "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRVGDGTQDNLSGAEKAVQ"
spki = "{b32}"
sk_sp<SkImage> sk_image_make
sk-learn-contrib-extension-name
hf_transformer_layer_index
pk_constraint_customer_identifier
"""  # fmt: skip
