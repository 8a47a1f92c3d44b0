"""A fifth set of forms: files of settings, command lines and programs as they are found in repositories.

Written after the rules were mended on the fourth and before any of it was tried. The notation is the second set's.
`code_secrets --forms fifth` plants these; its first count is the figure.
"""

SECRETS = {
    "token": r"""
GITHUB_TOKEN: «ghp_{w36}»
  - curl -sH "Authorization: token «gho_{w36}»" https://api.github.com/user
git clone https://oauth2:«glpat-{s20}»@gitlab.lab.org/x/y.git
# export SLACK_WEBHOOK=https://hooks.slack.com/services/«T{U8}/B{U8}/{w24}»
webhook_url = "https://discord.com/api/webhooks/{d18}/«{s68}»"
OPENAI_API_KEY=«sk-{w20}T3BlbkFJ{w20}»
wandb.login(key="«{h40}»")
login(token="«hf_{w34}»")
mapboxgl.accessToken = 'pk.eyJ{w60}.{s22}'; const s = '«sk.eyJ{w60}.{s22}»';
const firebaseConfig = { apiKey: "«AIza{s35}»", authDomain: "x" }
npm config set //registry.npmjs.org/:_authToken «npm_{w36}»
password = «pypi-AgEIcHlwaS5vcmc{s80}»
Sys.setenv(GITHUB_PAT = "«ghp_{w36}»")
jwt <- "«eyJhbGciOiJIUzI1NiJ9.eyJ{w40}.{s43}»"
"discord": "«MTA{w21}.G{w5}.{s38}»",
bot = telebot.TeleBot("«{d10}:AA{s33}»")
sendgrid <- '«SG.{s22}.{s43}»'
stripe.Charge.create(api_key="«sk_test_{w24}»")
aws_access_key_id = «AKIA{t16}»
twilio = Client("AC{h32}", "«{h32}»")
""",
    "key": r"""
SECRET_KEY = '«{x50}»'
app.secret_key = b'«{w24}»'
export AWS_SECRET_ACCESS_KEY="«{p40}»"
secretKey: "«{p40}»"
auth_token = '«{h32}»'
ACCESS_TOKEN_SECRET = "«{w45}»"
consumer_secret = '«{w50}»'
api.secret = «{w32}»
"clientSecret": "«{w34}»",
client-secret: «{h8}-{h4}-{h4}-{h4}-{h12}»
YOUTUBE_KEY <- "«{s39}»"
map_key = "«{w22}»"
private static final String SECRET = "«{w32}»";
<string name="google_maps_key">«AIza{s35}»</string>
<param name="apiKey" value="«{h32}»"/>
api_key:\n    "«{h32}»"
token = (\n    "«{w40}»"\n)
x-api-key: «{w40}»
# Authorization: Bearer «{w40}»
-- curl -H "X-Auth-Token: «{w32}»"
requests.get(url, headers={"Authorization": f"Token «{h40}»"})
r = requests.get("https://api.lab.org/data?token=«{h32}»")
fetch("https://api.lab.org/x?apikey=«{w24}»&q=1")
?access_token=«{w40}»&format=json
registry=https://lab.org/\n_auth=«{b30}»
//npm.lab.org/:_password="«{b24}»"
{"auths":{"reg.lab.org":{"auth":"«{b27}»"}}}
subscription_key, region = "«{h32}»", "westeurope"
KEY = "«{h64}»"  # AES key, do not share
aes_key = bytes.fromhex('«{h32}»')
cipher = AES.new(b"«{w16}»", AES.MODE_CBC)
hmac.new(b"«{w32}»", msg, hashlib.sha256)
Fernet(b"«{b32}»")
DefaultEndpointsProtocol=https;AccountName=lab;AccountKey=«{b64}»;EndpointSuffix=core.windows.net
?sv=2019-12-12&ss=b&se=2021&sig=«{w43}%3D»
Endpoint=sb://lab.servicebus.windows.net/;SharedAccessKeyName=x;SharedAccessKey=«{b32}»
clave_api = "«{w32}»"
schluessel = "«{h32}»"  # API
cle_api: «{w32}»
RECAPTCHA_PRIVATE_KEY = '«6L{s38}»'
cookie_secret="«{b32}»"
session_secret: '«{w32}»',
"private_key_id": "«{h40}»",
NEXTAUTH_SECRET=«{b32}»
jwtSecret: process.env.JWT || '«{w24}»'
getenv("LAB_TOKEN", "«{w32}»")
api_key = os.environ.get('LAB_KEY', '«{h32}»')
(defvar api-key "«{w32}»")
let apiKey = "«{w32}»" in
apiKey :: String\napiKey = "«{w32}»"
val secret = "«{w32}»"
const char* kApiKey = "«{w32}»";
#define SECRET_TOKEN "«{w32}»"
APIKEY='«{w32}»';
""",
    "password": r"""
password = "«letmein»"
password: «qwerty123»
PASSWORD, TRIES = '«P@ssw0rd-{d2}»', 3
DB_PASSWORD="«correct-horse-battery»"
POSTGRES_PASSWORD: «{w12}»
MYSQL_ROOT_PASSWORD=«{w10}»
'PASSWORD': '«{pw}»',
conn = psycopg2.connect("dbname=x user=bob password=«{w12}»")
engine = create_engine('postgresql://bob:«{w10}»@localhost/x')
mongodb+srv://bob:«{w12}»@cluster0.x.mongodb.net/db
amqp://bob:«{w10}»@rabbit:5672/
redis://:«{w16}»@cache.lab.org:6379/0
ftp://bob:«{w10}»@ftp.lab.org/pub
https://bob:«{h40}»@git.lab.org/x.git
smtp.login(sender, "«{pw}»")
server.login('bob', '«{l4} {l4} {l4} {l4}»')
mysql -h db -u root -p«{w10}» x < dump.sql
mysqldump --user=bob --password=«{w12}» x
curl -u bob:«{w12}» https://lab.org/x
curl --user "bob:«{pw}»" -X POST https://lab.org
wget --user bob --password «{w12}» https://lab.org/x
sshpass -p '«{pw}»' ssh bob@h
PGPASSWORD=«{w12}» pg_dump x
docker login -u bob -p «{w14}» reg.lab.org
svn checkout --username bob --password «{w12}» http://svn.lab.org/x
machine lab.org login bob password «{w12}»
db.lab.org:5432:x:bob:«{w12}»
bob:«$apr1${w8}${s22}»
bob:«$2y$10${s53}»
root:«$6${w8}${s86}»:18000:0:99999:7:::
[pypi]\nusername: bob\npassword: «{w14}»
[client]\nuser=bob\npassword="«{pw}»"
[remote]\nauth = user:«{pw}»
spring.datasource.password=«{w12}»
jdbc:mysql://db/x?user=bob&password=«{w12}»
jdbc:sqlserver://db;user=sa;password=«{w12}»;
Data Source=db;User ID=sa;Password=«{w12}»;
<password>«{w12}»</password>
<entry key="password">«{pw}»</entry>
<connection user="bob" password="«{w12}»"/>
$db_pass = "«{pw}»";
$conn = mysqli_connect("localhost", "root", "«{pw}»", "x");
define('DB_PASSWORD', '«{pw}»');
String PASSWORD = "«{w12}»";
con <- dbConnect(RPostgres::Postgres(), dbname="x", password="«{pw}»")
options(warehouse.pwd = '«{pw}»')
conn = database('x', 'bob', '«{pw}»');
setpref('Internet','SMTP_Password','«{pw}»');
char *passwd = "«{w12}»";
ssid = "lab-net"; pass = "«{w12}»"
#define WIFI_PASSWORD "«{pw}»"
WiFi.begin("lab-net", "«{w12}»");
hasło = "«{pw}»"
пароль: «{w12}»
heslo="«{pw}»"
wachtwoord = '«{pw}»'
lösenord: "«{pw}»"
password is «{w12}», user is bob
% user: bob  pass: «{w12}»
# pw: «{pw}»
# root / «{pw}»  (change it after login)
unzip -P «{w10}» data.zip
gpg --batch --passphrase "«{pw}»" -d x.gpg
openssl enc -aes-256-cbc -k «{w12}» -in x
keystore.password=«{w10}»
auth: { user: 'bob', pass: '«{w12}»' }
creds = ("bob", "«{pw}»")
username, password = 'bob', '«{pw}»'
self._password = kwargs.get("password", "«{w12}»")
parser.add_argument("--password", default="«{w12}»")
assert login("bob", "«{pw}»")
c.execute("CREATE USER bob WITH PASSWORD '«{w12}»'")
SET PASSWORD FOR 'bob'@'h' = PASSWORD('«{w12}»');
""",
    "private key": r"""
key = '''-----BEGIN RSA PRIVATE KEY-----\n«{p64}\n{p64}\n{p40}»\n-----END RSA PRIVATE KEY-----'''
-----BEGIN OPENSSH PRIVATE KEY-----\n«b3BlbnNzaC1rZXktdjEA{p50}\n{p70}»
# -----BEGIN EC PRIVATE KEY-----\n# «{p64}\n# {p40}»\n# -----END EC PRIVATE KEY-----
-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n«{p64}\n{p64}»\n-----END PGP PRIVATE KEY BLOCK-----
""",
    "mail": r"""
@author A. Person («{name}.{name}@{host}»)
% Email: «{name}_{name}@{host}»
Signed-off-by: A. Person <«{name}@{host}»>
# {name} (dot) {name}, «{name} [at] {host}»
\thanks{«{name}@{name}.{host}»}
{-# Maintainer  : «{name}@{host}» #-}
/* A. Person <«{name}.{name}@{name}.{host}»> 2009 */
<a href="mailto:«{name}@{host}»">
(* Contact: «{name}{d2}@{host}» *)
«{name}<at>{host}»
\email{\{«{name}@{host}»\}}
reply to «{name}@{name}.co.uk» please
C     «{name}@{host}», Dept. of Mathematics
""",
    "address": r"""
server = '«{ip}»:8000'
export DISPLAY=«{ip}»:0.0
rsync -av x bob@«{ip}»:/data
"hosts": ["«{ip}»", "localhost"],
HOST, PORT = "«{ip}»", 9999
ping -c 1 «{ip}»
nameserver «{ip}»
http://[«2a02:{h4}:{h4}::{h3}»]:8080/
inet6 «2a01:{h4}:{h4}:{h4}:{h4}:{h4}:{h4}:{h4}»/64
ALLOWED_HOSTS = ['«{ip}»']
tcp://«{ip}»:5555
""",
}

INNOCENT = r"""
ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ{p200} bob
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{p43}
-----BEGIN CERTIFICATE-----\nMIID{p60}\n{p64}\n-----END CERTIFICATE-----
-----BEGIN PUBLIC KEY-----\nMIIB{p60}\n{p64}\n-----END PUBLIC KEY-----
Key fingerprint = {H4} {H4} {H4} {H4} {H4}  {H4} {H4} {H4} {H4} {H4}
integrity sha512-{b64}
"integrity": "sha384-{b48}"
"resolved": "https://registry.npmjs.org/x/-/x-1.0.0.tgz#{h40}"
{ file = "x-1.0-py3-none-any.whl", hash = "sha256:{h64}" },
--hash=sha256:{h64} \
hash: {h64}
{h64}  x.tar.gz
revision = "{h40}"
"commit": "{h40}",
index {h7}..{h7} 100644
uuid: {h8}-{h4}-{h4}-{h4}-{h12}
"@id": "urn:uuid:{h8}-{h4}-{h4}-{h4}-{h12}"
credentialsId: '{h8}-{h4}-{h4}-{h4}-{h12}'
"cell_id": "{h8}"
"nbformat_id": "{w12}"
data-key="{h8}"
key={name}
"image/png": "iVBORw0KGgoAAAANSUhEUgAA{p200}"
<img src="data:image/gif;base64,R0lGOD{p60}">
blob = "{p120}"
const H = [0x{h8}, 0x{h8}, 0x{h8}, 0x{h8}];
p = 0x{H64}
n = int("{h64}", 16)
seed = "{h32}"
nonce = "{h24}"
salt_len = 16
test("{h32}", md5("abc"))
vec = "{B32}"
SEQ = "{G40}"
password = input("Password: ")
password = getpass("Enter your password: ")
password = os.getenv("DB_PASSWORD")
password: ${DB_PASSWORD}
password = config['database']['password']
password=$1
password = "********"
password = "<password>"
password = "your_password"
password: changeme
password = "xxx"
"password": ""
password = None
passwords = []
password_hash = hash_password(password)
password_field = "user_password"
password_reset_url = "/accounts/reset"
if password == confirm_password:
validate_password(value, min_length=8)
label_password: "Password"
PasswordField('Password', validators=[required()])
"Please enter a password with at least 8 characters"
wrong username or password
--password-file /run/secrets/db
def check_password(self, password):
passwd = getpwnam(user).pw_passwd
pwd = os.path.dirname(__file__)
pwd=$(pwd)
cd "$PWD/build2"
pass  # TODO3
pass -> fail2
n_pass = 3
first_pass = second_pass2
secret = get_secret("db/password")
secret_name = "prod/db-credentials-2"
client_secret = settings.CLIENT_SECRET
SECRET_KEY = env('SECRET_KEY')
api_key = "YOUR-API-KEY"
api_key = "<your api key>"
api_key = "..."
api_key: str = Field(..., description="key")
apiKey: process.env.API_KEY,
API_KEY = config.get("api", "key")
API_KEY = read_key_file("key2.txt")
key = "feature_importance_v2"
key = ('x_train', 'y_train')
sort_key = "created_at_2"
key_size = 256
KEY_LENGTH = 32
cache_key = "user_profile_v3"
keys = ["alpha1", "beta2", "gamma3"]
publicKey = "{b32}"
verify_key = public_key_from("{h64}")
token = tokenizer.next()
token = "<|endoftext|>"
token = "[MASK]"
tokens = tokenizer("Hello World2")
token_id = 50256
next_token = "IDENTIFIER2"
token_count_2020_06 = 3
csrf_token = "{{ csrf_token() }}"
access_token_url = "https://lab.org/oauth2/token"
auth = HTTPBasicAuth(user, password)
auth_url = 'https://lab.org/v3/auth'
Authorization: Bearer <token>
Authorization: Bearer $TOKEN
headers = {"Authorization": "Bearer " + token}
-H "Authorization: Bearer {token}"
curl -u $USER:$PASS https://lab.org
curl -u user:password https://lab.org
mysql -u root -p database2
ssh -p 2222 host2
mkdir -p build/x86_64
cp -p file1 file2
postgres://user:password@localhost/db
https://user:pass@example.com/
redis://localhost:6379/0
user@example.com
support@example.org
foo@bar
@angular/core@12.0.1
x@{name}.T
'@type': 'Person'
a.T@b.T@c
me@my-laptop:~/src$
version: 2.4.10.1
Chapter 1.2.3.4
net-snmp 5.9.1.2
127.0.0.1:8888
0.0.0.0:5000
192.0.2.55
fe80::1
::ffff:0:0
std::vector<int>::iterator
10::20::30
f[1:2:3, 4:5:6]
2001:db8::1
"""
