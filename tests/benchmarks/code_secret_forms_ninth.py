"""A ninth set of forms: by who leaks, from a student's exercise to a runbook, a chat and a desktop program's settings.

Written after the rules were mended on the eighth and before any of it was tried. The notation is the second set's.
`code_secrets --forms ninth` plants these; its first count is the figure.
"""

SECRETS = {
    "token": r"""
bob [10:02]: use this one «ghp_{w36}»
git push https://«glpat-{s20}»@gitlab.lab.org/bob/x.git
oauth2:«glpat-{s20}»@gitlab.com/bob/x
%env HF_TOKEN=«hf_{w34}»
os.environ.setdefault('OPENAI_API_KEY', '«sk-proj-{s74}»')
llm = ChatAnthropic(anthropic_api_key="«sk-ant-api03-{s93}AA»")
GOOGLE_API_KEY: «AIza{s35}»
SLACK_BOT=«xoxb-{d12}-{d12}-{w24}»
discord: «M{w23}.{w6}.{s38}»
stripe listen --api-key «sk_live_{w24}»
sendgrid:\n  key: «SG.{s22}.{s43}»
npm config set //registry.npmjs.org/:_authToken «npm_{w36}»
pip install --extra-index-url https://__token__:«glpat-{s20}»@lab.org/simple x
Bearer «eyJhbGciOiJIUzI1NiJ9.eyJ{w60}.{s43}»
ATLASSIAN=«ATATT3{s186}»
export AWS_SESSION_TOKEN=«{b180}»
databricks configure --token «dapi{h32}»
"github": "«ghs_{w36}»"
""",
    "key": r"""
# replace with your own key\nAPPID = "«{U6}-{U10}»"
api_key <- "«{h32}»" # from bob
my_key = '«{w32}»'
mykey="«{h32}»"
apikey2 = "«{w40}»"
API_key_weather = '«{h32}»'
headers = {'x-rapidapi-key': "«{w50}»", 'x-rapidapi-host': "h"}
headers = c("Authorization" = "Bearer «{w60}»")
add_headers("X-Auth-Token" = "«{w40}»")
request.add_header('X-API-Key', '«{w40}»')
query = {"appid": "«{h32}»", "q": "x"}
http://api.openweathermap.org/data/2.5/weather?q=x&appid=«{h32}»
https://api.nasa.gov/planetary/apod?api_key=«{w40}»
client_id = x\nclient_secret = «{w32}»
twitter:\n  consumer_secret: «{w50}»
"accessTokenSecret": "«{w45}»",
api = tweepy.Client(bearer_token="«AAAAAAAAAAAAAAAAAAAAA{w60}»")
api = TwitterAPI(ck, cs, at, "«{w45}»")
StravaClient(access_token='«{h40}»')
etherscan_key = "«{U34}»"
web3 = Web3(Web3.HTTPProvider("https://mainnet.infura.io/v3/«{h32}»"))
mnemonic_seed_key = "«{h64}»"  # secret
PRIVATE_KEY=«{h64}»
accounts: ["0x«{h64}»"] // private key
app.secret_key = '«{x24}»'
app.secret_key = b'«{h32}»'
SECRET = "«{w32}»"
SECRET_KEY='«{x50}»'
const JWT_SECRET = '«{w32}»';
jwt.verify(token, "«{w32}»")
secretOrKey: '«{w32}»',
cookieSession({ keys: ['«{w32}»'] })
app.use(cookieParser("«{w32}»"));
cloudinary.config({ api_secret: '«{s27}»' })
new Razorpay({ key_secret: '«{w24}»' })
paypal.configure({client_secret: "«{s80}»"})
Braintree private_key => "«{h32}»"
S3_SECRET = «{p40}»
boto3.client('s3', aws_access_key_id=i, aws_secret_access_key='«{p40}»')
session = boto3.Session(i, '«{p40}»')
[profile lab]\naws_secret_access_key=«{p40}»
minio: {accessKey: a, secretKey: "«{p40}»"}
AZURE_STORAGE_KEY="«{b64}»"
cosmos_key: "«{b64}»"
BlobEndpoint=x;SharedAccessSignature=sv=2020&sig=«{w43}%3D»
eventhub;SharedAccessKey=«{b32}»
gcp: {"private_key_id": x, "client_secret": "GOCSPX-«{s28}»"}
vault kv put secret/x api_key=«{w32}»
kubectl create secret generic x --from-literal=token=«{w40}»
kind: Secret\nstringData:\n  api-token: «{w40}»
TF_VAR_api_token="«{w40}»"
token = "«{w40}»"  # terraform.tfvars
circle_token=«{h40}»
SONAR_TOKEN=«{h40}»
sonar.login=«{h40}»
NPM_AUTH: «{b24}»
auths: {"r.io": {"auth": "«{b24}»"}}
bugsnag_api_key: «{h32}»
ROLLBAR_ACCESS_TOKEN: '«{h32}»'
newrelic license_key: '«{h40}»'
""",
    "password": r"""
password = "«{pw}»"   # TODO: remove
pw = "«{pw}»"
mypassword = '«{w10}»'
PASSWORD: Final = "«{pw}»"
user, pwd = "bob", "«{pw}»"
creds = {"bob": "«{pw}»"}
login_data = {'user': 'bob', 'pass': '«{w10}»'}
auth=HTTPDigestAuth('bob', '«{pw}»')
session.auth = ("bob", "«{w12}»")
s.post(u, data={"username": "bob", "passwd": "«{pw}»"})
br.form['password'] = '«{w10}»'
elem.send_keys("«{pw}»")  # password
mail.login("bob", "«{pw}»")
conn = psycopg2.connect(host="h", database="x", user="bob", password="«{w12}»")
conn = sqlite.connect("x.db", password="«{w12}»")
pymysql.connect("h","bob","«{w12}»","x")
snowflake.connector.connect(user="bob", password="«{pw}»", account="x")
engine = sa.create_engine('oracle://bob:«{w12}»@h:1521/x')
app.config["MAIL_PASSWORD"] = "«{w16}»"
app.config['SQLALCHEMY_DATABASE_URI'] = "postgresql://bob:«{w12}»@h/x"
BASIC_AUTH_PASSWORD = '«{w12}»'
mongoose.connect('mongodb+srv://bob:«{w12}»@c.x.mongodb.net/x')
mysql.createConnection({ host: 'h', user: 'bob', password: '«{w12}»' })
knex({ connection: { user: 'bob', password : '«{pw}»' } })
nodemailer.createTransport({ auth: { user: 'b', pass: '«{w12}»' } })
new Sequelize('x', 'bob', '«{w12}»', { host: 'h' })
$servername = "h"; $username = "bob"; $password = "«{w12}»";
$db['default']['password'] = '«{w12}»';
mysql_connect('h', 'bob', '«{pw}»') or die();
ldap_bind($c, "cn=bob", "«{pw}»");
DB_PASSWORD="«{pw}»"
  pass: «{w12}»
spring:\n  datasource:\n    password: «{w12}»
quarkus.datasource.password=«{w12}»
<Resource name="x" username="bob" password="«{w12}»" />
<jdbc password="«{pw}»"/>
<entry key="password">«{w12}»</entry>
System.setProperty("javax.net.ssl.trustStorePassword", "«{w12}»");
keyStore.load(in, "«{w12}»".toCharArray());
KeyStore ks; char[] pass = "«{w10}»".toCharArray();
props.put("mail.smtp.password", "«{pw}»");
env.put(Context.SECURITY_CREDENTIALS, "«{pw}»");
Jsoup.connect(u).data("password", "«{pw}»")
con.Open "DSN=x;UID=bob;PWD=«{w12}»"
cn.ConnectionString = "Provider=x;User Id=bob;Password=«{w12}»"
Set-Variable -Name Password -Value "«{pw}»"
$pw = ConvertTo-SecureString "«{pw}»" -AsPlainText -Force
New-LocalUser "bob" -Password (x "«{pw}»")
schtasks /create /ru bob /rp «{w12}»
wmic /user:bob /password:«{w12}» os
rsync -a --password-file=<(echo "«{w12}»") x h::x
expect -c 'spawn ssh h; expect "password:"; send "«{w12}»\r"'
spawn su -\nexpect "Password:"\nsend "«{pw}»\r"
echo «{w12}» | sudo -S reboot
echo "bob:«{w12}»" | chpasswd
useradd -m bob -p $(openssl passwd «{w12}»)
smbclient -U 'bob%«{w12}»' //h/x
mount.cifs //h/x /m -o user=bob,pass=«{w12}»
username=bob\npassword=«{w12}»\ndomain=x
machine h\n  login bob\n  password «{w12}»
export http_proxy=http://bob:«{w12}»@proxy:3128
Acquire::http::Proxy "http://bob:«{w12}»@proxy:3128";
ansible-playbook x.yml -e "ansible_password=«{w12}»"
vars:\n  admin_pass: "«{pw}»"
config.ssh.password = "«{w12}»"
user_data: chpasswd: {list: "bob:«{w12}»"}
hashed_passwd: «$6${w8}${w86}»
bob: the db password is «{pw}» btw
password is: «{w12}»
Password = «{w10}»
PW: «{w12}»
pass -> «{pw}»
user/pass: bob/«{w12}»
wifi password: «{w12}»
Login with admin/«{w12}»
login: admin\npw: «{w12}»
default credentials are `admin` / `«{pw}»`
- **Password:** `«{pw}»`
* Password: *«{w12}»*
Passwort: «{w12}»
senha = "«{pw}»"
contraseña: '«{pw}»'
密码：«{w12}»
curl -u bob:«{w12}» -X PUT u
http -a bob:«{w12}» u
sftp://bob:«{w12}»@h/x
<Pass>«{w12}»</Pass>
Password=«{b24}»
zip -P «{w12}» x.zip x
gpg --passphrase '«{pw}»' -c x
""",
    "private key": r"""
with open('k','w') as f: f.write("-----BEGIN RSA PRIVATE KEY-----\\n«{p64}\\n{p64}»\\n-----END RSA PRIVATE KEY-----")
  ssh_key: |\n  -----BEGIN OPENSSH PRIVATE KEY-----\n  «{p70}\n  {p40}»\n  -----END OPENSSH PRIVATE KEY-----
PRIVATE_KEY="-----BEGIN PRIVATE KEY-----\\n«{p64}\\n{p30}»\\n-----END PRIVATE KEY-----\\n"
[Interface]\nPrivateKey = «{b32}»
""",
    "mail": r"""
@author «{name}@{host}»
// Created by A Person («{name}.{name}@{host}»)
#' @author A Person \email{«{name}@{host}»}
c.............................. «{name}@{name}.{host}»
send bugs to «{name}_{name}@{host}»
to_addr = ["«{name}@{host}»"]
%   Email: «{name}@{host}»
"owner": "«{name}@{host}»",
X-Contact: «{name}-{name}@{host}»
cc: «{name}@{host}», x
From: A Person <«{name}@{host}»>
<mailto:«{name}@{host}»>
""",
    "address": r"""
ping -c 1 «{ip}»
socket.connect(("«{ip}»", 5000))
url = 'http://«{ip}»:5000/api'
"host": "«{ip}»",
MONGO_HOST=«{ip}»
jdbc:mysql://«{ip}»:3306/x
inet addr:«{ip}»  Bcast:x
remote «{ip}» 1194
client «{ip}» connected
--master_addr «{ip}»
""",
}

INNOCENT = r"""
# replace with your own key\nAPPID = "YOUR-APP-ID2"
password = "password123"
password = "********"
password = raw_input("Pw2: ")
pw = np.power(x2, 3)
pwm = PWM(Pin2)
user, pwd = get_login2()
creds = json.load(open("Creds2.json"))
login_data = {'user': u2, 'pass': p2}
HTTPBasicAuth(user2, Pass3)
s.post(u, data={"username": user, "passwd": Pw2})
elem.send_keys(Keys.ENTER2)
elem.send_keys("Search2Term")
mail.login(USER2, PASS3)
psycopg2.connect(os.environ["Db2"])
app.config.from_object("Config2.Dev3")
app.config["UPLOAD2"] = "Files2019"
mongodb://localhost:27017/Lab2
mysql.createConnection(Config2)
new Sequelize(process.env.Db2)
$password = $_POST['Password2'];
$password = md5($_POST["pass2"]);
if ($password != $password2) die("Mismatch2");
password_verify($pw2, $Hash3)
@NotNull private String password2;
setPassword(String password2)
getPassword().equals("Abc")
"password must contain A-Z and 0-9"
validates :password, length: { minimum: 8 }
has_secure_password validations2
t.string :password_digest2
Devise.password_length = 6..128
PasswordInput(attrs={'class': 'Form2Control'})
password: PropTypes.string2
type="password" autocomplete="current-password2"
passwordRef = useRef<Input2>()
const [password, setPassword2] = useState('')
errors.password = 'Required2'
t('login.password.Label2')
Password2Strength.check()
BCryptPasswordEncoder2(12)
password -> encode2(password)
import { hashPassword2 } from './Auth2'
- password: ${PASSWORD2}
password: {{ db_pass2 }}
password: *default_password2
password = "${var.Db2Pass}"
pass = os.getenv("PASS2")
secret = Secret.from_name("Lab2Secret")
Secret2Manager.access(x)
secrets.token_hex(16)
secrets.compare_digest(a2, b2)
SECRET_KEY = os.urandom(24)
secret_key=config('SECRET2')
the secret of Theorem2
token2 = tokens.pop()
expect_token("LBRACE2")
Token(Type="Op2", Value="+=")
next_token == "begin2"
token_ids = [101, 2054, 102]
add_special_tokens({"pad_token": "[PAD2]"})
tokenize2("Hello2World")
csrfmiddlewaretoken: csrf2
X-CSRF-TOKEN: getCookie2()
api_key=None
api_key: Optional[str] = Field2(None)
api_key = input("Key2? ")
apiKey: import.meta.env.VITE_KEY2
keyFile = "Keys2/server.pem"
sorted(d, key=lambda kv: kv[1])
max(x, key=Len2)
np.load(f)["Key2Name"]
jax.random.PRNGKey(42)
key, subkey2 = random.split(key)
keypoint_rcnn = "R50-FPN2"
key: { fontSize: "12px" }
<Key>AppleLocale2</Key>
registryKey = "HKLM\\Software2"
OpenKey(HKEY2, "Run3")
pubkey = "02{h64}"
address = "0x{h40}"
txid = "{h64}"
contract: 0x{h40}
genesis_hash = "{h64}"
ipfs://Qm{w44}
public_id: "{n20}"
client_id = "{n32}"
project_id = "{h24}"
sheet_id = "1{s43}"
https://docs.google.com/document/d/1{s43}/edit
https://youtu.be/{s11}
https://hooks.x.org/Docs2
gist.github.com/bob/{h32}
commit {h40}\nAuthor: A
Merge {h7} into {h7}
sha256 = "{b32}"
narHash = "sha256-{b32}"
cargoSha256 = "{n52}"
checksum: "{h64}"
"hash": "{h20}"
build-id: {h40}
boundary="----WebKitFormBoundary{w16}"
<link rel="x" integrity="sha384-{b48}">
uuid = "{H8}-{H4}-{H4}-{H4}-{H12}"
"session": {"id": "{h8}-{h4}-{h4}-{h4}-{h12}"}
bob: see https://lab.org/Page2
bob [10:02]: the PIN pads are Type2
"version": "1.0.0-Rc2"
Etag: "{h16}"
seq = "ACGT{G40}"
MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQ
base64.b64decode("SGVsbG8gV29ybGQ=")
FORMAT = "%(asctime)s [%(levelname)s]"
127.0.0.1:8080
mask 255.255.254.0
release 1.2.3.4
user@example.com
"""
