"""A seventh set of forms: by where leaks are found, from a sketch for a board to the history of a shell.

Written before the rules were loosened after the sixth, and before any of it was tried. The notation is the second
set's. `code_secrets --forms seventh` plants these; its first count is the figure.
"""

SECRETS = {
    "token": r"""
    "outputs": [{"text": ["Token: «hf_{w34}»\n"]}],
!git clone https://«ghp_{w36}»@github.com/lab/private.git
  246  export GITHUB_TOKEN=«ghp_{w36}»
--- a/.env\n+++ b/.env\n+OPENAI_KEY=«sk-proj-{s74}»
adafruit_io = "«aio_{w28}»"
AIRTABLE = '«pat{w14}.{h64}»'
dn: «dnkey-{t26}-{t52}»
EASYPOST="«EZAK{n54}»"
flutterwave: «FLWSECK-{h32}-X»
frameio = «fio-u-{s64}»
GRAFANA_TOKEN: "«glc_{b60}»"
infracost_key = "«ico-{w32}»"
rubygems: :«rubygems_{h48}»
scalingo = "«tk-us-{s48}»"
shippo.api_key = "«shippo_live_{h40}»"
age = "«AGE-SECRET-KEY-1QQPQZ{U52}»"
bot = commands.Bot(); bot.run("«M{w23}.{w6}.{s38}»")
sentry_dsn = "https://«{h32}»@o{d6}.ingest.sentry.io/{d7}"
""",
    "key": r"""
#define THINGSPEAK_KEY "«{U16}»"
String weatherKey = "«{h32}»";
char auth[] = "«{s32}»"; // Blynk
const char* mqtt_key = "«{w28}»";
appkey = bytes.fromhex("«{H32}»")  # LoRaWAN
AppSKey: «{H32}»
ADAFRUIT_IO_KEY = '«{h32}»'
datadog.initialize(api_key='«{h32}»', app_key='x')
DD_API_KEY=«{h32}»
fastly_token: «{s32}»
ALGOLIA_ADMIN_KEY: «{h32}»
client = SearchClient.create("{U10}", "«{h32}»")
CODECOV_TOKEN="«{h8}-{h4}-{h4}-{h4}-{h12}»" bash <(curl -s https://codecov.io/bash)
  - secure_token: «{w40}»
DROPBOX_APP_SECRET = "«{n15}»"
dbx = dropbox.Dropbox("«sl.{s130}»")
flickr.set_keys(api_key = k, api_secret = "«{h16}»")
auth = tweepy.OAuthHandler(consumer, "«{w50}»")
reddit = praw.Reddit(client_id="{s14}", client_secret="«{s27}»", user_agent="x")
sp = SpotifyClientCredentials(client, "«{h32}»")
finnhub_client = finnhub.Client(api_key="«{n20}»")
quandl.ApiConfig.api_key = '«{w20}»'
Quandl.api_key("«{w20}»")
ts = TimeSeries(key='«{U16}»', output_format='pandas')
binance = Client(api_key, "«{w64}»")
kraken_private = "«{p86}==»"
owm = OWM('«{h32}»')
gmaps = googlemaps.Client(key='«AIza{s35}»')
ee_key=«{w39}» python run.py
mapbox_secret = "«{w40}»"
nyt = "https://api.nytimes.com/svc/x.json?api-key=«{w32}»"
https://maps.lab.org/tile?access_token=«{w60}»&z=3
r = requests.get(u, headers={"X-RapidAPI-Key": "«{w50}»"})
headers = {'Authorization': 'Token «{h40}»'}
headers["Authorization"] = "Bearer " + "«{w48}»"
req.Header.Set("Authorization", "Bearer «{w48}»")
conn.setRequestProperty("X-Auth-Token", "«{h32}»");
curl -H "PRIVATE-TOKEN: «{s20}»" https://git.lab.org/api/v4/projects
curl -X POST -d "token=«{h32}»" https://lab.org/redcap/api/
redcapConnection(url = u, token = "«{H32}»")
redcap_token <- '«{H32}»'
zenodo_token = '«{w60}»'
cdsapi: key: {d5}:«{h8}-{h4}-{h4}-{h4}-{h12}»
url: https://cds.climate.copernicus.eu/api/v2\nkey: {d5}:«{h8}-{h4}-{h4}-{h4}-{h12}»
{"username":"bob","key":"«{h32}»"}
KAGGLE_KEY=«{h32}»
wandb.login(key="«{h40}»")
comet_ml.Experiment(api_key="«{w25}»", project_name="x")
neptune.init(api_token='«{b90}»')
os.environ['OPENAI_API_KEY'] = "«sk-{w48}»"
Rails.application.config.secret_token = '«{h128}»'
'cookieValidationKey' => '«{s32}»',
APP_KEY=base64:«{b32}»
$config['encryption_key'] = '«{w32}»';
define('NONCE_KEY', '«{x64}»');
<machineKey validationKey="«{H128}»" decryptionKey="x" />
<add key="StorageAccountKey" value="«{b64}»" />
DefaultEndpointsProtocol=https;AccountName=lab;AccountKey=«{b64}»;EndpointSuffix=core.windows.net
AZURE_CLIENT_SECRET: "«{s34}»"
SharedAccessKeyName=Root;SharedAccessKey=«{b32}»
aws configure set aws_secret_access_key «{p40}»
provider "aws" {\n  secret_key = "«{p40}»"\n}
""",
    "password": r"""
char pass[] = "«{w10}»";    // your network password
const char* ssid = "lab";\nconst char* password = "«{pw}»";
WiFi.begin("lab-net", "«{w12}»");
WIFI_PASSWORD = '«{w10}»'
network={\n ssid="lab"\n psk="«{pw}»"\n}
client.connect("esp", "bob", "«{pw}»")
mqtt.username_pw_set("bob", "«{w12}»")
mosquitto_pub -h h -u bob -P «{w12}» -t x
  498  mysql -u root -p«{w10}» lab
  87  sshpass -p «{w12}» ssh bob@h
$ su -c "mysqldump -uroot -p«{w10}» lab"
psql "host=h user=bob password=«{w12}»"
mongo -u bob -p «{w12}» --authenticationDatabase admin
docker login -u bob -p «{w12}» registry.lab.org
az login -u bob@lab.org -p «{w14}»
oc login -u bob -p «{w12}» https://h:8443
rabbitmqctl add_user bob «{w12}»
influx -username bob -password «{w12}»
wget --user=bob --password=«{w12}» ftp://h/x
ftp> user bob «{w12}»
quote PASS «{w12}»
expect "assword:"\nsend "«{w12}»\r"
child.expect('Password:')\nchild.sendline('«{pw}»')
Password for 'bob': «{w12}»
bob@h's password: «{w12}»
Enter passphrase: «{pw}»
Username: bob\nPassword: «{w10}»
login as: bob\npassword: «{w12}»
user: bob / password: «{w12}»
Log in with bob and «{pw}» as password.
| admin | «{pw}» | password of the admin page |
The root password of the VM is `«{w10}»`.
the password is «{pw}»
pwd: «{w10}»
ENV POSTGRES_PASSWORD «{w12}»
ARG DB_PASS=«{w12}»
RUN echo 'root:«{w10}»' | chpasswd
environment:\n  MYSQL_ROOT_PASSWORD: «{w12}»
command: redis-server --requirepass «{w14}»
requirepass «{w16}»
stringData:\n  password: «{pw}»
  password: «{w10}»\n  username: bob
administrator_login_password = "«{pw}»"
winrm_password: "«{pw}»"
ansible_ssh_pass=«{w10}»
d-i passwd/root-password password «{w10}»
rootpw --plaintext «{w12}»
$PASSWORD = "«{pw}»"
$dbpass = '«{w10}»';
mysqli_connect("localhost", "bob", "«{w10}»", "lab");
$conn = new mysqli("h", "root", "«{pw}»", "x");
new PDO("mysql:host=h;dbname=x", "bob", "«{w12}»")
DriverManager.getConnection("jdbc:mysql://h/x", "bob", "«{w12}»")
dataSource.setPassword("«{w12}»");
<property name="hibernate.connection.password">«{w10}»</property>
javax.persistence.jdbc.password=«{w10}»
<connectionStrings>\n <add connectionString="Server=h;User Id=bob;Password=«{w12}»" />
User ID=sa;Pwd=«{pw}»;Initial Catalog=x
sql.Open("postgres", "user=bob password=«{w12}» dbname=x")
psycopg2.connect("dbname=x user=bob password='«{w12}»'")
MySQLdb.connect("h", "bob", "«{w12}»", "x")
create_engine("postgresql+psycopg2://bob:«{w12}»@h/x")
database('h', 'x', 'bob', '«{pw}»')
dbConnect(drv, "h", "bob", "«{w12}»")
libname x oracle user=bob password="«{w10}»";
server.login("bob@lab.org", "«{w12}»")
smtp.login(user, '«{pw}»')
setpref('Internet','SMTP_Password','«{w12}»')
jupyter: c.NotebookApp.password = 'sha1:{h12}:«{h40}»'
{"user": "bob", "pass": "«{w10}»"}
<key>Password</key>\n<string>«{w12}»</string>
<User>bob</User>\n<Pass encoding="base64">«{b12}»</Pass>
<password>\n  «{w12}»\n</password>
:http-basic-auth "bob:«{w12}»"
git remote add o https://bob:«{w14}»@git.lab.org/x
svn co --username bob --password «{w12}» https://h/x
openssl rsa -passin pass:«{w12}» -in k.pem
gpg --batch --passphrase «{w12}» -d x.gpg
7z x -p«{w12}» x.7z
keytool -storepass «{w10}» -list
signingConfigs { release { storePassword "«{w10}»" } }
KEYSTORE_PASS: «{w12}»
""",
    "private key": r"""
cat > id_rsa <<EOF\n-----BEGIN RSA PRIVATE KEY-----\n«{p64}\n{p64}\n{p30}»\n-----END RSA PRIVATE KEY-----\nEOF
"private_key": "-----BEGIN PRIVATE KEY-----\\n«{p64}\\n{p64}»\\n-----END PRIVATE KEY-----\\n",
PrivateKey = «{b32}»
static const char key[] PROGMEM = R"(-----BEGIN EC PRIVATE KEY-----\n«{p64}\n{p40}»\n-----END EC PRIVATE KEY-----)";
""",
    "mail": r"""
c  programmer: a. person (internet «{name}@{host}»)
"metadata": {"authors": [{"name": "A", "email": "«{name}@{host}»"}]}
From «{name}@{host}» Mon Sep 17 00:00:00 2001
Signed-off-by: A. Person <«{name}.{name}@{host}»>
git config --global user.email "«{name}@{host}»"
Entrez.email = '«{name}@{host}»'
% e-mail: «{name}_{d2}@{host}»
## {name}: «{name} [at] {host}»
\author{A. Person\thanks{\texttt{«{name}@{host}»}}}
{ "maintainers": ["A <«{name}-{name}@{host}»>"] }
Contact = "«{name}(at){host}»"
MAILTO=«{name}@{host}»
""",
    "address": r"""
Last login: Mon Jan  3 10:00:00 2022 from «{ip}»
«{ip}» - - [10/Oct/2020:13:55:36 +0200] "GET / HTTP/1.0" 200 2326
[gpu]\n«{ip}» ansible_user=bob
export MASTER_ADDR=«{ip}»
mpirun -host «{ip}» ./a.out
spark://«{ip}»:7077
ALLOWED_HOSTS = ['«{ip}»']
Host lab\n  HostName «{ip}»
client.connect("«{ip}»", 1883)
jupyter at http://«{ip}»:8888/?token=x
""",
}

INNOCENT = r"""
WiFi.begin(ssid, password);
const char* password = "";
char pass[] = SECRET_PASS;
#define SECRET_PASS "your_password"
char auth[] = BLYNK_AUTH_TOKEN;
mqtt.username_pw_set(username, password)
mqtt.username_pw_set(cfg["user2"], cfg["pass2"])
mysql -u root -p lab < dump2.sql
mysql -u root -p$MYSQL_ROOT_PASSWORD lab
docker login -u "$USER" --password-stdin
docker login -u bob -p ${DOCKER_PASS}
psql -p 5432 -U bob lab2
mkdir -p /srv/Lab2/data
cp -p File2.txt /tmp
ssh -p 2222 bob@lab
nmap -p 80,443 lab
pytest -p no:cacheprovider2
tar -xpf Archive2.tar
sed -n 's/password: //p' file2
grep -rn "password" src2/
passwd -l bob2
pass: 12, fail: 3
Pass 2: OptimiseLoops3
pass 1 of 2: Linking2Files
passed: TestCase12Foo
Test4Pass: OK
all passes: Inline2, Mem2Reg
FunctionPass *createMem2RegPass();
passes = ["ConstFold2", "DCE3x"]
password: Password for the user2
password -- String. Defaults to None2
:param password: the Password1 of x
@param password Password2 to check
password = PasswordField('Password2', [x])
password_2 = forms.CharField(label="Repeat2")
<input type="password" id="Password2" name="pw2">
<label for="password">Password2</label>
"password": {"type": "string", "minLength": 8}
"password": "Mot de passe",
msgid "Password2"\nmsgstr "Passwort2"
"login.password": "Enter Your Password2",
type = password2Schema
password: str = Field(..., min_length=8)
Enter password: **********
Password: (will not be echoed)
Password for bob:
Password: required2
password authentication failed for user "Bob2"
I forgot my password for Server2.
the password is checked by PAM2
password hashing uses Argon2id
password policy: NIST800-63B
passphrase words: EFF2016list
Token = Union[Str, Int32]
token: Token2
token := lexer.NextToken2()
case token.Ident2: return x
type Token struct { Kind2 int }
secret: kubernetesSecretName2
secretName: lab-tls-2
secretKeyRef: {name: x2, key: y2}
secrets: [db-pass-2]
valueFrom: secretKeyRef2
API_KEY: ${{ secrets.API_KEY2 }}
api_key = st.secrets["ApiKey2"]
api_key = userdata.get('MY_KEY_2')
api_key = keyring.get_password("x", "Bob2")
api_key = Variable.get("owm_api_key_2")
token = getSecretValue("arn:aws:secretsmanager:eu-west-1:{d12}:secret:lab-{w6}")
key = "{h8}-{h4}-{h4}-{h4}-{h12}.parquet"
s3_key = "runs/2020/{h32}/model.bin"
Key: "data/Experiment2/Run3.h5"
cacheKey: "{h64}"
cache-key: v2-{h40}
KEY_SIZE = AES256
keySchedule128 = Rijndael
"key": "C# minor2"
key = Key.Ctrl2
keys = ['Alpha2', 'Beta3']
idempotency_key = uuid.uuid4().hex
partition_key = "Tenant2#User3"
rowKey="Row2Col3"
<key>CFBundleVersion</key>\n<string>2.1Beta3</string>
<key>UILaunchStoryboardName</key>\n<string>LaunchScreen2x</string>
<string name="password_hint">Passwort2</string>
<add key="ClientValidationEnabled2" value="true" />
<add key="webpages:Version" value="3.0.0.0" />
PublicKeyToken=31bf3856ad364e35
PublicKey = {b32}
validator_pubkey: {b32}
sshKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{b32} bob"
known_hosts: lab2 ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB{p80}
gpg --recv-keys {H40}
gpg: key {H16}: public key imported
KEYID="0x{H16}"
Fingerprint: {H4} {H4} {H4} {H4}
apt-key adv --keyserver k --recv {H8}
signature = "{h64}"
"sig": verify2(x)
nonce: {h24}
"_id": ObjectId("{h24}")
"etag": "{h32}"
md5: {h32}
sha1sum: {h40}  x.tar.gz
"integrity": "sha512-{b64}",
resolved "https://registry.yarnpkg.com/x/-/x-2.1.0.tgz#{h40}"
digest: sha256:{h64}
image: lab/x@sha256:{h64}
doi = "10.5281/zenodo.{d7}"
arXiv:{d4}.{d5}v2
"version": "2.0.1-Beta3"
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:109.0)
tunnel 8080:localhost:Port2
connect("Signal2", SLOT(onDone2()))
client = Client(scheduler="Threads2")
database('h', 'x', user, pw2)
login(username="user", password="pass")
login('User2Name')
bind("<Control-S2>", save)
auth = "OAuth2"
auth=NTLMv2
credentials: include
Credential2Manager.load()
bob@lab.invalid
foo@example.org
127.0.0.1 - - [10/Oct/2020:13:55:36 +0200] "GET /"
version 10.2.0.14 of the driver
"""
