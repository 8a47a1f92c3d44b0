"""An eighth set of forms: by the language of the program, then by the kind of text that is no program.

Written after the rules were mended on the seventh and before any of it was tried. The notation is the second set's.
`code_secrets --forms eighth` plants these; its first count is the figure.
"""

SECRETS = {
    "token": r"""
CI_JOB_TOKEN: «glcbt-{h2}_{s20}»
const octokit = new Octokit({ auth: '«github_pat_{w22}_{w59}»' });
Octokit::Client.new(access_token: "«gho_{w36}»")
val bot = TelegramBot("«{d10}:AA{s33}»")
SLACK_HOOK=https://hooks.slack.com/services/«T{U8}/B{U8}/{w24}»
$client = new \Stripe\StripeClient('«sk_live_{w24}»');
client := openai.NewClient("«sk-proj-{s74}»")
replicate = Replicate(api_token="«r8_{w37}»")
login(token = "«hf_{w34}»")
dotnet nuget push x.nupkg --api-key «oy2{n43}»
cargo login «cio{w32}»
gem_key: «rubygems_{h48}»
export VAULT_TOKEN="«hvs.{s90}»"
pulumi login; export PULUMI_ACCESS_TOKEN=«pul-{h40}»
MAILCHIMP = "«{h32}-us12»"
mg = Mailgun("«key-{h32}»")
NOTION_KEY=«secret_{w43}»
linear: «lin_api_{w40}»
""",
    "key": r"""
ibmq = IBMQ.enable_account('«{h128}»')
QiskitRuntimeService(channel="ibm_quantum", token="«{h128}»")
dwave_token = '«DEV-{h40}»'
os.environ["WANDB_API_KEY"]="«{h40}»"
openreview.Client(token='«{w60}»')
fredr_set_key("«{h32}»")
fred = Fred(api_key='«{h32}»')
census_api_key("«{h40}»", install = TRUE)
register_google(key = "«AIza{s35}»")
rtoot_token <- list(bearer = "«{s43}»")
ENTREZ_KEY = "«{h36}»"
options(noaakey = "«{w32}»")
apikey = '«{h32}»'; url = ['https://x.org?k=' apikey];
weboptions('HeaderFields',{'X-API-Key','«{w40}»'})
HTTP.get(url, ["Authorization" => "Bearer «{w40}»"])
const API_KEY: &'static str = "«{w32}»";
.bearer_auth("«{w48}»")
private const val API_KEY = "«{w32}»"
final String apiKey = '«{w32}»';
@api_key "«{w32}»"
def apiToken = '«{h40}»'
my $api_secret = q{«{w40}»};
local apiKey <const> = "«{w32}»"
Const API_KEY As String = "«{w32}»"
$headers = @{ "x-api-key" = "«{w40}»" }
$ApiToken = '«{w40}»'
set api_key {«{w32}»}
DATA(lv_apikey) = '«{w32}»'.
API_KEY : constant String := "«{w32}»";
(def api-key "«{w32}»")
apiSecret : String\napiSecret = "«{w40}»"
let apiKey: String = "«{w32}»"
[request setValue:@"«{w40}»" forHTTPHeaderField:@"X-Api-Key"];
axios.defaults.headers.common['Authorization'] = 'Bearer «{w64}»';
fetch(u, {headers: {'X-Api-Key': '«{w40}»'}})
VITE_API_SECRET=«{w40}»
NEXT_PUBLIC_MAP_TOKEN="«{w60}»"
firebase: { messagingSenderId: x, serverKey: "«AAAA{w7}:APA91b{s134}»" }
pusher = Pusher(app_id=1, key=k, secret="«{h20}»")
consumer_secret: «{w50}»
app.use(session({ secret: '«{w32}»', resave: false }))
passport.use(new S({ clientID: x, clientSecret: '«{h40}»' }))
SECURITY_PASSWORD_SALT = "«{d39}»"
DJANGO_SECRET_KEY='«{x50}»'
JWT_SECRET_KEY: «{h64}»
lti_secret: "«{h32}»"
c.JupyterHub.proxy_auth_token = '«{h64}»'
c.ConfigurableHTTPProxy.auth_token = "«{h64}»"
erlang.cookie: «{u20}»
"encryptionKey": "«{b32}»",
fernet_key = «{b32}»
MASTER_KEY=«{h32}»
tsig key { algorithm hmac-sha256; secret "«{b32}»"; };
ssl_session_ticket_key_b64 = "«{b48}»"
helm upgrade x --set auth.token=«{w32}»
kubeadm join h:6443 --token «{n6}.{n16}»
docker swarm join --token «SWMTKN-1-{n50}-{n25}» h:2377
tailscale up --authkey «tskey-auth-{w12}-{w32}»
  "aws_secret_access_key" : "«{p40}»"
s3cmd --secret_key=«{p40}» ls
spark.hadoop.fs.s3a.secret.key «{p40}»
fs.azure.account.key.lab.dfs.core.windows.net=«{b64}»
""",
    "password": r"""
con = duckdb.connect(); con.sql("ATTACH 'host=h user=bob password=«{w12}»' AS x (TYPE postgres)")
pd.read_sql(q, "mysql+pymysql://bob:«{w12}»@h/x")
neo4j.GraphDatabase.driver("bolt://h:7687", auth=("neo4j", "«{pw}»"))
es = Elasticsearch("h", http_auth=("elastic", "«{w20}»"))
couchdb = Server("http://bob:«{w12}»@h:5984/")
r = redis.from_url("redis://:«{w16}»@h:6379/0")
pika.PlainCredentials('bob', '«{w12}»')
imap.login('bob', '«{pw}»')
yagmail.SMTP("bob", "«{pw}»")
ssh.connect(hostname="h", username="bob", password="«{w12}»")
pexpect.spawn("su"); c.expect("assword"); c.sendline("«{w12}»")
ec = earthaccess.login(username="bob", password="«{pw}»")
getpass_default = "«{pw}»"  # password
zf.extractall(pwd=b"«{w12}»")
keyring.set_password("x", "bob", "«{pw}»")
dbConnect(RPostgres::Postgres(), user = "bob", password = "«{w12}»")
RCurl::getURL(u, userpwd = "bob:«{w12}»")
authenticate("bob", "«{pw}»")
httr::authenticate(user = "bob", password = "«{w12}»")
odbc(Driver = "x", PWD = "«{pw}»")
conn = database.ODBCConnection('x','bob','«{w12}»');
sendmail_pw = '«{pw}»'; setpref('Internet','SMTP_Password',sendmail_pw);
LibPQ.Connection("postgresql://bob:«{w12}»@h/x")
%let pwd = «{w10}»;
ODS: connect to oracle (user=bob password="«{pw}»");
let password = String::from("«{pw}»");
Credentials::new("bob".to_string(), "«{w12}»".to_string())
val password: String = "«{pw}»"
var password string = "«{w12}»"
db.Exec("CREATE USER bob WITH PASSWORD '«{w12}»'")
smtp.PlainAuth("", "bob", "«{pw}»", "h")
password: System.get_env("X") || "«{pw}»",
config.password = "«{w12}»"
Net::SSH.start("h", "bob", password: "«{w12}»")
http.basic_auth "bob", "«{pw}»"
my $pass = '«{pw}»';
DBI->connect("dbi:mysql:x", "bob", "«{w12}»")
$ftp->login("bob", '«{pw}»');
ftp_login($c, "bob", "«{w12}»");
'password' => env('DB_PASSWORD', '«{w12}»'),
$mail->Password = '«{pw}»';
wp_create_user("bob", "«{w12}»", "b");
define('DB_PASSWORD', '«{pw}»');
String url = "jdbc:sqlserver://h;user=sa;password=«{w12}»";
new UsernamePasswordCredentials("bob", "«{w12}»")
.withUser("bob").withPassword("«{pw}»")
PasswordAuthentication("bob", "«{pw}»".toCharArray())
private static final String DB_PASS = "«{w12}»";
@Value("${db.password:«{w12}»}")
new NetworkCredential("bob", "«{w12}»")
SqlConnection("Data Source=h;User ID=bob;Password=«{w12}»;")
client.Authenticate("bob", "«{pw}»");
ActiveWorkbook.Unprotect Password:="«{w10}»"
ws.Protect "«{w10}»" ' password
$cred = New-Object PSCredential("bob", (ConvertTo-SecureString "«{pw}»" -AsPlainText -Force))
net use Z: \\h\x /user:bob «{w12}»
psexec \\h -u bob -p «{w12}» cmd
runas... password «{pw}»
sudo -S <<< "«{w12}»" apt update
export SSHPASS='«{w12}»'
PGPASSWORD=«{w12}» pg_dump x
mysql -h h -u bob -p'«{w12}»' x
ldapsearch -D cn=admin -w «{w12}» -b x
mount -t cifs //h/x /mnt -o username=bob,password=«{w12}»
echo -e "«{w12}»\n«{w12}»" | passwd bob
chpasswd <<< "bob:«{w12}»"
openssl pkcs12 -export -passout pass:«{w12}» -out x
curl --user 'bob:«{w12}»' https://h
wget --http-user=bob --http-password='«{w12}»' u
restic: RESTIC_PASSWORD: «{w16}»
user_password: !unsafe «{w12}»
users:\n  - name: bob\n    passwd: «{w12}»
- hosts: h\n  vars:\n    db_pass: «{pw}»
spec:\n  env:\n  - name: PASSWORD\n    value: «{w12}»
value: "«{pw}»"  # password
username,password\nbob,«{w12}»
{"login": {"name": "bob", "password": "«{w12}»"}}
<Setting Name="Password">«{w12}»</Setting>
<param name="password" value="«{w12}»"/>
<bean p:username="bob" p:password="«{w12}»"/>
Login: bob / Password: «{w12}»
Credentials: bob / «{pw}»
PIN/password = «{pw}»
fix: remove hardcoded password «{pw}»
INSERT INTO account VALUES (1, 'bob', 'password', '«$2y$10${w53}»');
The admin password was reset to «{pw}».
You can log in with username `bob` and password `«{w12}»`.
""",
    "private key": r"""
Identity: «-----BEGIN OPENSSH PRIVATE KEY-----\n{p70}\n{p70}\n{p30}\n-----END OPENSSH PRIVATE KEY-----»
key_pem = '''-----BEGIN RSA PRIVATE KEY-----\n«{p64}\n{p64}\n{p40}»\n-----END RSA PRIVATE KEY-----'''
tls.key: «LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQ{p120}»
eth_private_key = "«0x{h64}»"
""",
    "mail": r"""
*  @author  A. Person («{name}@{host}»)
;; Author: A <«{name}@{name}.{host}»>
{-| Maintainer: «{name}@{host}» -}
(* «{name}@{host}» *)
\address{{\it Email:} «{name}@{host}»}
%% Bugs: «{name}.{name}@{host}»
mail(to = "«{name}@{host}»", "done")
#SBATCH --mail-user=«{name}@{host}»
"reply-to": "«{name}-{d2}@{host}»"
<author><email>«{name}@{host}»</email></author>
orcid x, «{name}@{host}», room 2
Contact me at «{name}@{host}».
""",
    "address": r"""
server = xmlrpc.client.ServerProxy("http://«{ip}»:8000")
ray.init(address="«{ip}»:6379")
ip route add 0/0 via «{ip}»
nameserver «{ip}»
rsync -av x bob@«{ip}»:/x
Reply from «{ip}»: bytes=32
{"ip": "«{ip}»", "port": 22}
psql -h «{ip}» x
addr: "«2a02:{h4}:{h3}::{h4}»"
vnc://«{ip}»:5901
""",
}

INNOCENT = r"""
ibmq = IBMQ.load_account(hub="ibm-q2")
fred = Fred(api_key=os.environ["FRED_KEY2"])
fredr_set_key(Sys.getenv("FRED2"))
token = jwt.encode(payload2, secret)
Token.objects.get(key=Key2)
tokens = nltk.word_tokenize("Hello World2")
tok = Token("NUM2", "3.14e5")
TokenKind::Ident2Name => x
"tokenType": "Bearer2"
self.token_embedding = nn.Embedding(Vocab2, 512)
"bos_token": "<s2>", "cls_token": "[CLS]"
key = "Nf3-Bb5-O-O"
key_signature = "Bb2 minor"
keys: Ctrl+Shift+F5
kbd("Alt+F4")
KEY_ENTER2 = 0x1c
const KEYS = ["Item1", "Item2"]
dictKey = "Model2Layer3Weights"
state_dict["encoder.layer2.attn.key.weight"]
primaryKey: 'UserId2'
keyPath: "Item2.Price3"
valueForKey:@"Section2Title"
@Key("http.proxyHost2")
i18nKey="Welcome2Title"
translationKey: "errors.E1001.Title2"
GroupKey2 = namedtuple("K2", "a b")
"keywords": ["Sobolev2", "H1norm"]
keyframes Spin2 { from { x: y } }
password = getpass("Password2: ")
password = click.prompt("Enter2", hide_input=True)
input("Password (8+ chars): ")
assert validate_password("Abc") is False
if len(password) < 8: raise ValueError("Password2Short")
raise InvalidPassword("E1023Password")
PASSWORD_RESET_TIMEOUT_DAYS = 3
AUTH_PASSWORD_VALIDATORS = [{"NAME": "x.MinimumLength2Validator"}]
password_hash = generate_password_hash(Form2.password)
hashed = bcrypt.hashpw(password, salt2)
password_field = driver.find_element(By.ID, "Passwd2")
page.locator("#Password2").click()
By.cssSelector("input.Password2Field")
"passwordPlaceholder": "8+ characters",
"forgotPassword": "Forgot2Password?",
<string name="prompt_password">Password2</string>
<TextBox x:Name="Password2Box" />
ng-model="user.Password2"
label: 'Password (min8)'
placeholder="Password123456789012345678"
help="Password for SQL2019"
usage: prog [-u USER] [-p PASS2]
-p, --password PASS2  the password to use
--password-file=/run/secrets/Db2
--token-file Token2.txt
PASSWORD_FILE: /run/secrets/Pw2
POSTGRES_PASSWORD_FILE=/run/secrets/Pg2
password-store/Lab2.gpg
passwordless login for Node2
pwd=$(pwd); cd Src2
cd $PWD/Build2
os.getcwd(); PWD2
pass_rate = "98.5%"
PASS: Test2Foo.Bar3
PASS [0.21s] Suite2::Case3
first_pass = "Pass1Result"
render_pass: "ShadowMap2D"
passive_mode = "PASV2"
passport.use(Strategy2)
passenger_id = "Pax2Id"
secret_name = "Prod2/Db3"
client_secret_file = "Client2.json"
"secretsmanager:GetSecretValue2"
shared_secret = ecdh(priv2, pub3)
secret_sharing(n=5, k="T3of5")
credential_source = "Ec2InstanceMetadata"
credentials_json = json.load(File2)
CredentialType.Oauth2Code
auth_method = "Kerberos5"
auth_provider_x509_cert_url
Authorization: Bearer <token2>
Authorization: Bearer $TOKEN2
"Authorization": f"Bearer {tok2}"
login_url = "/Accounts2/Login3"
login: { title: "Login2Page" }
client.login(user2, pw3)
Login2Form.validate()
connect("Button2Clicked()", x)
connection = "Keep-Alive2"
db.connect("Corpus2019.db")
engine = create_engine("sqlite:///Lab2.db")
mysqli_connect($h, $u, $p, "Lab2Db")
session.query(User2).filter_by(x=y)
session_name = "Session2019Run3"
cookie: "Chocolate2Chip"
signature = "f(Int32)->Int64"
signer = "CN=Lab2 Root CA"
hmac_algorithm: "HmacSHA256"
cipher = "AES-256-GCM"
"alg": "RS256", "kid": "Key-2020-1"
jwks_uri: "https://x.org/.well-known/jwks2.json"
nonce = "Nonce{d8}"
salt: "NaCl2"
private_subnets = ["Subnet2a"]
api_version = "v2Beta3"
apiVersion: apps/v1beta2
API_URL=https://api.lab.org/V2/Items
service_account = "lab2-runner@x"
aws_region = "eu-west-1"
instance_type = "m5.2xlarge"
bucket = "Lab2Data-eu"
dataset_id = "{h8}-{h4}-{h4}-{h4}-{h12}"
run_id: {h32}
wandb.init(id="{n8}", project="Proj2")
kaggle kernels output bob/Kernel2
zenodo.org/record/{d7}
mapbox://styles/bob/{n25}
fastly.net/{h32}.js
spotify:track:{w22}
shopify_theme = "Dawn2Theme"
"stripe": "^8.222.0",
twilio==7.16.4
sentry-sdk==1.14.0  --hash=sha256:{h64}
okta_domain = "dev-{d6}.okta.com"
plotly.graph_objs.Scatter3d("Trace2")
discord.gg/{w8}
"redcap_event_name": "Baseline2Arm1"
grafana/grafana:9.3.2-ubuntu
h5["Group2/Key3"]
0x{h64}  # p256 order
seed: {h64}
2.5.29.37.3
"""
