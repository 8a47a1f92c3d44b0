"""A sixth set of forms: settings of one program after another, scripts, and what is printed.

Written after the rules were mended on the fifth and before any of it was tried. The notation is the second set's.
`code_secrets --forms sixth` plants these; its first count is the figure.
"""

SECRETS = {
    "token": r"""
      GITHUB_TOKEN: '«ghs_{w36}»'
https://bob:«ghp_{w36}»@github.com/bob/x.git
remotes::install_github("x/y", auth_token = "«ghp_{w36}»")
openai.api_key = '«sk-proj-{s74}»'
ANTHROPIC_API_KEY=«sk-ant-api03-{s93}AA»
os.environ["HUGGING_FACE_HUB_TOKEN"] = "«hf_{w34}»"
wandb login «{h40}»
dapi: https://x.cloud.databricks.com «dapi{h32}»
slack_client = WebClient(token='«xoxb-{d12}-{d13}-{w24}»')
  url: https://hooks.slack.com/services/«T{U8}/B{U10}/{w24}»
AWS_ACCESS_KEY_ID=«ASIA{t16}»
gcloud_key = '«AIza{s35}»'
STRIPE_SECRET = "«sk_live_{w24}»"
SENDGRID_API_KEY='«SG.{s22}.{s43}»'
curl -H 'Authorization: Bearer «eyJhbGciOiJSUzI1NiJ9.eyJ{w80}.{s86}»'
telegram_send(token="«{d9}:AA{s33}»")
twine upload -u __token__ -p «pypi-AgEIcHlwaS5vcmc{s90}»
//registry.npmjs.org/:_authToken=«npm_{w36}»
glab auth login --token «glpat-{s20}»
    "refresh_token": "«1//0{s60}»",
""",
    "key": r"""
# settings.py\nSECRET_KEY = "«{x50}»"\nDEBUG = True
app.config['SECRET_KEY'] = '«{h48}»'
secret_key_base: «{h128}»
APP_SECRET=«{h32}»
$cfg['blowfish_secret'] = '«{w32}»';
define( 'SECURE_AUTH_SALT', '«{x64}»' );
jwt:\n  secret: «{w48}»\n  expires: 3600
variable "api_token" {\n  default = "«{w40}»"\n}
  vault_token: "«s.{w24}»"
apiVersion: v1\nkind: Secret\ndata:\n  token: «{b40}»
  - SESSION_SECRET=«{w32}»
environment:\n  - API_KEY=«{h32}»
<entry key="api.key" value="«{w32}»" />
[default]\naws_access_key_id = x\naws_secret_access_key = «{p40}»
access_key = A\nsecret_key = «{p40}»
[lab]\ntype = s3\nsecret_access_key = «{p40}»
"consumer_key": "«{w25}»", "n": 1
twitter.setup_twitter_oauth("«{w25}»", "x")
access_token_secret <- "«{w45}»"
Sys.setenv(CENSUS_KEY = "«{h40}»")
set_renv("OWM_API_KEY" = "«{h32}»")
key = getenv('API_KEY'); if isempty(key), key = '«{w32}»'; end
api_key = '«{w32}»';  % MATLAB
ENV["API_TOKEN"] = "«{w40}»"
const apiSecret = "«{w40}»"
static let apiKey = "«{w32}»"
NSString *const kAPIKey = @"«{w32}»";
let api_key = String::from("«{w32}»");
var apiToken = "«{w40}»" // prod
private string _clientSecret = "«{s40}»";
val apiKey by lazy { "«{w32}»" }
config :app, secret_key: "«{b48}»"
local api_key = "«{w32}»"
our $API_KEY = '«{w32}»';
(setf *api-key* "«{w32}»")
apiKey = "«{w32}»" :: Text
set API_KEY=«{w32}»
$env:API_KEY = "«{w32}»"
API_KEY ?= «{w32}»
set(API_KEY "«{w32}»")
buildConfigField "String", "API_KEY", "\"«{w32}»\""
-DapiKey=«{w32}»
--api-key «{w32}»
--token=«{h40}»
X-Api-Key: «{w40}»
Ocp-Apim-Subscription-Key: «{h32}»
"Authorization": "Basic «{b24}»"
params = {'key': '«{w32}»', 'q': q}
url = f"https://api.lab.org/v1?key=«{w32}»&q={q}"
GET /v1/data?apikey=«{h32}» HTTP/1.1
Cookie: session=«{w64}»
{"access_token":"«{w64}»","token_type":"bearer"}
INFO token=«{w40}» accepted
# my key: «{w32}»
// API key = «{h32}»
hmac_key = b'«{w32}»'
encryption_key = "«{b32}»"
AES_KEY = '«{h32}»'
iv, key = b"0123456789abcdef", b"«{w32}»"
cipher = Cipher(algorithms.AES(b"«{w32}»"), modes.ECB())
jwt.encode(claims, "«{w32}»", algorithm="HS256")
itsdangerous.Signer("«{w32}»")
StorageSharedKeyCredential("lab", "«{b64}»")
client = Minio("h", access_key="a", secret_key="«{p40}»")
""",
    "password": r"""
DATABASES = {'default': {'USER': 'bob', 'PASSWORD': '«{pw}»'}}
SQLALCHEMY_DATABASE_URI = 'mysql://bob:«{w12}»@localhost/x'
EMAIL_HOST_PASSWORD = '«{pw}»'
  password: "«{pw}»"\n  host: db
production:\n  adapter: mysql2\n  password: «{w12}»
spring.datasource.password=«{w10}»
DB_PASSWORD=«{w16}»
      MYSQL_PASSWORD: «{w12}»
      - POSTGRES_PASSWORD=«{w12}»
ansible_become_pass: «{pw}»
admin_password = "«{pw}»"
resource x {\n  master_password = "«{pw}»"\n}
<server><username>bob</username><password>«{w12}»</password></server>
credentials += Credentials("x", "h", "bob", "«{pw}»")
username = bob\npassword = «{w12}»
https://bob:«{w12}»@git.lab.org
set smtp_pass = "«{pw}»"
set imap_pass="«{pw}»"
password «{w12}»
remotepass = «{w12}»
[lab]\ntype = ftp\npass = «{s22}»
index-url = https://bob:«{w12}»@pypi.lab.org/simple
  psk="«{w16}»"
identity="bob"\n  password="«{pw}»"
config.vm.provision "shell", inline: "echo bob:«{w12}» | chpasswd"
net.ssh.password = "«{pw}»"
$pass = ConvertTo-SecureString '«{pw}»' -AsPlainText -Force
set PGPASSWORD=«{w12}»
psql postgresql://bob:«{w12}»@db.lab.org/x
mysql --user=bob --password='«{pw}»' x
mysqladmin -u root password '«{pw}»'
curl -u "bob:«{w12}»" ftp://lab.org/x
lftp -u bob,«{w12}» sftp://lab.org
sshpass -p "«{pw}»" rsync -a x h:
ssh-keygen -t rsa -N "«{pw}»" -f k
htpasswd -bc /etc/x bob «{w12}»
echo "«{pw}»" | passwd --stdin bob
useradd -p '«$6${w8}${w86}»' bob
kubectl create secret generic x --from-literal=password=«{w14}»
java -Djavax.net.ssl.keyStorePassword=«{w12}» -jar x
storePassword '«{pw}»'
keyPassword "«{w12}»"
jarsigner -storepass «{w12}» x.jar
con <- dbConnect(MySQL(), user="bob", password="«{w12}»", dbname="x")
db <- odbcConnect("x", uid="bob", pwd="«{pw}»")
conn = LibPQ.Connection("host=h password=«{w12}»")
conn = pyodbc.connect(DSN="x", UID="bob", PWD="«{pw}»")
cx_Oracle.connect("bob", "«{pw}»", "h/x")
pymongo.MongoClient("mongodb://bob:«{w12}»@h:27017/")
redis.Redis(host="h", password="«{w14}»")
paramiko_client.connect("h", username="bob", password="«{pw}»")
ftp = FTP("h", "bob", "«{pw}»")
smtpObj.login("bob@x", "«{pw}»")
requests.get(url, auth=("bob", "«{pw}»"))
browser["password"] = "«{pw}»"
driver.find_element(By.ID, "pass").send_keys("«{pw}»")
page.fill("input[name=password]", "«{pw}»")
data = {"username": "bob", "password": "«{pw}»"}
payload = 'user=bob&password=«{w12}»'
String pass = "«{pw}»";
char pass[] = "«{w12}»";
const char* password = "«{w12}»";
PASS = "«{pw}»"
let pwd = "«{pw}»";
if password == "«{pw}»":
assert check("bob", password="«{pw}»")
Password: «{w12}»
The password is "«{pw}»".
login: bob, pass: «{w12}»
# default user bob with password «{pw}»
% Passwort: «{pw}»
mot de passe : «{pw}»
CREATE USER bob IDENTIFIED BY '«{w12}»';
ALTER ROLE bob PASSWORD '«{pw}»';
INSERT INTO users (login, password) VALUES ('bob', '«{pw}»');
""",
    "private key": r"""
-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n«{p64}\n{p64}\n{p20}»\n-----END RSA PRIVATE KEY-----
KEY="-----BEGIN EC PRIVATE KEY-----\n«{p64}\n{p48}»\n-----END EC PRIVATE KEY-----"
ssh_key: |\n  -----BEGIN OPENSSH PRIVATE KEY-----\n  «{p70}\n  {p70}»\n  -----END OPENSSH PRIVATE KEY-----
<RSAKeyValue><Modulus>{b64}</Modulus><D>«{b64}»</D></RSAKeyValue>
""",
    "mail": r"""
Copyright (c) 2011 A. Person <«{name}.{name}@{host}»>
! Author: A. Person, «{name}@{name}.{host}»
c     questions to «{name}@{host}» please
__email__ = "«{name}@{host}»"
maintainer='A', maintainer_email='«{name}@{host}»',
authors:\n  - email: «{name}-{name}@{host}»
person("A", "Person", email = "«{name}@{host}»", role = "aut")
\thanks{E-mail: {\tt «{name}@{host}»}}
-- Maintainer : A <«{name}+x@{host}»>
"A. Person" <«{name}_{d2}@{host}»>
# contact {name} dot {name}: «{name} at {name} dot {name} dot org»
/* bug reports: «{name} AT {host}» */
""",
    "address": r"""
host: «{ip}»
redis://«{ip}»:6379
BROKER = '«{ip}»'
ssh -i k.pem ubuntu@«{ip}»
scp x root@«{ip}»:/tmp
server_name «{ip}»;
connect(("«{ip}»", 80))
listen on [«2a03:{h4}:{h4}:{h2}::{h3}»]:443
$ curl http://«{ip}»/health
allow from «{ip}»
""",
}

INNOCENT = r"""
env:\n  global:\n    - secure: "{b120}"
      password: ${{ secrets.DB_PASSWORD }}
      token: ${{ github.token }}
password: !vault |
password: "{{ lookup('env', 'PASS') }}"
password = var.db_password
password = data.aws_secret.x.secret_string
password: <%= ENV['DB_PASSWORD'] %>
spring.datasource.password=${DB_PASS}
DB_PASSWORD=
MYSQL_RANDOM_ROOT_PASSWORD: 'yes'
MYSQL_ALLOW_EMPTY_PASSWORD=1
POSTGRES_HOST_AUTH_METHOD=trust
API_KEY=your_api_key_here
API_KEY=<insert key>
SECRET_KEY=replace-me
token = "<TOKEN>"
--token $GITHUB_TOKEN
echo "$PASSWORD" | docker login -u bob --password-stdin
read -s PASSWORD
passwd bob
PasswordAuthentication no
PermitRootLogin without-password
password requisite pam_cracklib.so
password [success=1] pam_unix.so sha512
ssh -i key2.pem bob@host3
IdentityFile ~/.ssh/id_rsa2
AuthorizedKeysFile .ssh/authorized_keys2
ssh-rsa AAAAB3NzaC1yc2EAAAABIwAAAQEA{p160}== bob@laptop
ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY{p100}=
SHA256:{p43} bob
MD5:{h2}:{h2}:{h2}:{h2}:{h2}:{h2}:{h2}:{h2}
-----BEGIN PGP SIGNATURE-----\niQEz{p60}\n-----END PGP SIGNATURE-----
gpg: key {H16}: public key "A" imported
Primary key fingerprint: {H4} {H4} {H4} {H4}
signed-by=/usr/share/keyrings/x-archive-keyring.gpg
apt-key adv --recv-keys {H40}
sha256 "{h64}"
url "https://x.org/x.tar.gz", :tag => "v1.2.3", :revision => "{h40}"
checksum: sha256:{h64}
  "dist": {"shasum": "{h40}"}
integrity="sha384-{b48}"
yarn.lock#{h40}
  resolved "https://registry.yarnpkg.com/x/-/x-1.0.0.tgz#{h40}"
go.sum h1:{b32}
github.com/x/y v1.2.3 h1:{b32}
FROM python@sha256:{h64}
image: gcr.io/x/y@sha256:{h64}
uses: actions/checkout@{h40}
git checkout {h10}
Subproject commit {h40}
/* {h40} */ = {isa = PBXBuildFile; fileRef = {H24} };
{{H8}-{H4}-{H4}-{H4}-{H12}}
ProjectGuid>{{h8}-{h4}-{h4}-{h4}-{h12}}<
x:Key="ButtonStyle2"
<key>CFBundleIdentifier</key>
Key: "Ctrl+Alt+Del"
key.code == KEY_F12
keysym 0x{h4}
hotkeys = {"save": "Ctrl-S2"}
KeyError: 'col_2'
dict(key1="value_1", key2="value_2")
d["key_1"] = "value_two_2"
map.put("user_id_2", "name_2");
sorted(x, key=itemgetter(1))
PRIMARY KEY (id)
FOREIGN KEY (user_id) REFERENCES users2 (id)
KEY `idx_user_2` (`user`)
keyspace = "lab_prod_v2"
"keyword": "elliptic_curve_2"
public static final String KEY_NAME = "name_of_the_key_2";
PUBLIC_KEY = "{b32}"
stripe.setPublishableKey("pk_live_{w24}")
mapbox = "pk.eyJ{w60}.{s22}"
ga('create', 'UA-{d8}-2', 'auto')
gtag('config', 'G-{U10}')
"client_id": "{d12}-{n32}.apps.googleusercontent.com"
clientId: '{h8}-{h4}-{h4}-{h4}-{h12}'
tenant_id = "{h8}-{h4}-{h4}-{h4}-{h12}"
"appId": "1:{d12}:web:{h16}"
arn:aws:iam::{d12}:role/lab2
vpc-{h8} subnet-{h17} ami-{h17}
projectId: "lab-prod-{d6}"
Secret Santa 2019
secretary = "M. Curie 2"
the secret ingredient is x2
Token: identifier(x2)
token::Type::LParen2
yytoken = 258
lexer.token("NUMBER2")
tok = "IDENT_2"
tokens/sec: 123.4
tokenizer = AutoTokenizer.from_pretrained("bert-base-v2")
pad_token="<pad>", eos_token="</s>"
max_tokens=4096
CSRF_TOKEN_NAME = "csrf_token_2"
auth_type = "oauth2"
author_email = ''
authenticate(user, pw)
@login_required
login_manager.login_view = "users.login2"
session = requests.Session()
session_id = uuid4()
cookie_name = "lab_session_2"
credentials = default()
creds_path = "~/.aws/credentials2"
connect(host, port, user, password)
client.connect("mqtt.lab.org", 1883, 60)
client = docker.from_env()
bind("<Key-F2>", handler2)
database = "corpus_db_2"
pw = pairwise(x2)
pwd -P
pass1 = run(x); pass2 = run(y)
"""
