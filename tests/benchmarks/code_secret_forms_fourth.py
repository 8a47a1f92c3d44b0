"""A fourth set of forms, written after the rules were mended on the third and before any of it was tried.

The notation is the second set's. `code_secrets --forms fourth` plants these; its first count is the figure.
"""

SECRETS = {
    "token": r"""
mistral = Client("«ntk_{w40}»")
FASTLY: «{w8}_{w24}»
xai("«xai-{w80}»")
PINATA_JWT='«eyJ{w40}.eyJ{w90}.{s43}»'
«tok_live_{w32}»
"bearer": "«gcp_{w16}-{w24}-{w12}»",
render: «rnd_{w32}»
lambda.labs «secret_lab_{h32}.{w32}»
elastic «essu_{w60}»
cf = "«cfut_{w40}»"
run --token=«tfe_{w14}.{w48}»
neon «napi_{n64}»
""",
    "key": r"""
NASA_KEY = "«{w40}»"
api_key_secret: "«{w50}»"
apiKey      = "«{n32}»",
mw_key = ("«{h8}-{h4}-{h4}-{h4}-{h12}»")
os.putenv("OPENWEATHER_API_KEY", "«{h32}»")
export AZURE_CLIENT_SECRET=«{w34}»
app.config["JWT_SECRET_KEY"] = "«{w40}»"
app.config.update(SECRET_KEY="«{w40}»")
quandl_auth("«{w20}»")
census_api_key("«{h40}»", install = TRUE)
register_google(key = "«{s39}»")
Quandl.auth <- '«{w20}»'
self.token = u'«{w40}»'
final var accessToken = "«{w40}»";
token <= "«{w40}»"
"hub.secret=«{w32}»"
API_TOKEN?=«{w40}»
--header 'X-Api-Token: «{w40}»'
Authorization: ApiKey «{w40}»
{"alg":"HS256","k":"«{s43}»","kty":"oct"}
const SECRET = '«{w32}»';
secret: >-\n  «{w40}»
setenv SLACK_TOKEN «{w40}»
AccessKeyId: «{U20}», SecretAccessKey: «{p40}»
s3cmd --access_key=A --secret_key=«{p40}»
boto3.client("s3", aws_access_key_id="A", aws_secret_access_key="«{p40}»")
github3.login(token="«{h40}»")
git remote add o https://bob:«{h40}»@github.com/x/y
git clone https://«{h40}»@github.com/x/y
https://x-access-token:«{w36}»@github.com/x/y
Out[3]: {'token': '«{w48}»'}
>>> client.token\n'«{w48}»'
signature_key="«{b32}»"
SECRET_KEY_BASE=«{h64}»
ENCRYPTION_KEY="base64:«{b32}»"
licenseKey: "«{U5}-{U5}-{U5}-{U5}»"
ssh_key_passphrase: "«{pw}»"
"api": {"key": "«{w32}»", "secret": "{w32}"}
""",
    "password": r"""
self.password = "«{pw}»"
passwords = {"bob": "«{pw}»"}
user_pass = ("bob", "«{pw}»")
USERNAME, PASSWORD = "bob", "«{pw}»"
username='bob', password='«{pw}»', host='h'
login("bob@lab.org", "«{pw}»")
session.auth = ("bob", "«{pw}»")
imap.login("bob", "«{pw}»")
con = mdb.connect('localhost', 'bob', '«{pw}»', 'x');
driver.get("http://bob:«{w12}»@lab/admin")
Net::SSH.start('h', 'bob', :password => "«{pw}»")
ldap.simple_bind_s("cn=bob", "«{pw}»")
<jdbc:embedded password="«{pw}»"/>
javax.persistence.jdbc.password" value="«{pw}»"
hibernate.connection.password «{pw}»
quarkus.datasource.password=«{pw}»
"connectionString": "Host=h;Username=bob;Password=«{w14}»"
options(RMySQL.password = "«{pw}»")
keyring::key_set_with_value("lab", password = "«{pw}»")
db = database('x','bob','«{pw}»','org.postgresql.Driver','jdbc:postgresql:x');
Passwd = '«{pw}»';
usr/pwd: bob/«{pw}»
Login: bob Password: «{pw}»
default password: «{pw}»
pw = "«{pw}»"
admin_pw: «{pw}»
root_password = '«{pw}»'
vpn_secret="«{pw}»"
unlock(passphrase=b"«{pw}»")
zf.extractall(pwd=b'«{pw}»')
keytool -storepass «{pw}» -alias a
mongo -u bob -p «{pw}» --authenticationDatabase admin
PGPASSWORD='«{pw}»' psql -U bob x
curl --user 'bob:«{pw}»' http://lab
wget --password='«{pw}»' ftp://lab/x
sshpass -p«{w12}» scp a b:
""",
    "mail": r"""
c  author: {name} {name}, e-mail: «{name}@{host}»
#' @author A. Person \email{«{name}@{host}»}
Package maintainer: «{name}.{name}{d2}@{host}»
(∗ {name} «{name}@{name}-{name}.{name}.edu» ∗)
"email" : "«{name}@{host}»"
From: A. Person <«{name}-{name}@{host}»>
\correspondingauthor{A}{«{name}@{host}»}
-- «{name} [at] {name} [dot] edu»
# mail: «{name}(AT){host}»
/* «{name} at {name} dot org» */
mailto:«{name}.{name}@{host}»?subject=x
'{name}', '«{name}@{host}»', 'http://{host}'
""",
    "address": r"""
ProxyPass / http://«{ip}»:8080/
export MASTER_ADDR=«{ip}»
--master spark://«{ip}»:7077
mpirun -host «{ip}» ./a.out
socket("«{ip}»", 5555)
ROS_MASTER_URI=http://«{ip}»:11311
visdom.Visdom(server='http://«{ip}»')
Failed password for root from «{ip}» port 22
""",
}

INNOCENT = r"""
version="3.4.1.20"
"version": "2.0.1.7",
pip install foo==2.1.0.4
libfoo.so.1.2.3.4
release 4.0.12.9
Sect. 10.20.30.40 of the manual
rfc1918: 10.0.0.0/8
x[1:2,3:4,5:6]
mac = 00:1B:44:11:3A:B7
sha256sums=('{h64}')
md5sums=("{h32}")
"rev": "{h40}",
git checkout {h40}
{h40} refs/heads/main
"hash": "sha256-{b32}",
nixpkgs = fetchTarball { sha256 = "0{n51}"; };
"digest": "sha1-{b20}",
ETag: "{h32}"
"nonce": "{h24}"
x-request-id: {h8}-{h4}-{h4}-{h4}-{h12}
guid("{H8}-{H4}-{H4}-{H4}-{H12}")
var A = [0x{h8}, 0x{h8}];
h = "{h64}" # expected digest
assertEqual(sha1(b"x").hexdigest(), "{h40}")
Msg = {h64}
MD = {h64}
TV("{H32}", "{H32}", "{H32}")
"id": "{w22}",
playlist: spotify:track:{w22}
https://zenodo.org/record/{d7}/files/{n12}.zip
https://www.kaggle.com/code/x/{n12}
https://imgur.com/{w7}
https://arxiv.org/abs/{d4}.{d5}v2
doi:10.1137/{d8}
MR{d7}
\cite{Bernstein2009Elliptic25519}
\includegraphics{fig_{h8}.pdf}
\hash{{h12}}
"image/jpeg": "/9j/4AAQSkZJRgABAQ{p120}"
<svg><path d="M{d2}.{d3} {d2}.{d3}L{d3}.{d2} {d2}"/></svg>
url(data:font/woff2;base64,d09GMgABAAAA{p100})
"signature": "def f(x: int) -> str"
"token": "NUMBER_LITERAL_2D"
token.type == "IDENTIFIER_3"
Token("T_OPEN_BRACKET2")
self.token_to_id["word2vec_token"]
keys.append("x_train_2")
key = f"{x}_{y}"
key="plot_2d_histogram"
key: 'main-menu-item-3',
"KeyboardInterrupt2"
monkey = "chimpanzee_01"
df.set_index("key_column_1")
get("api_key_name_2")
access = "read_write_v2"
auth = AuthLevel2("basic")
login_url = "/accounts/login2/"
connect("signal_name_2", handler)
client = Client("http://localhost:8786")
client = Client("my_client_v2_name")
connect("postgresql://localhost/test2")
session = Session("experiment_2020_run3")
credentials = "Ph.D. in Mathematics"
cookie = "choc2chip"
password = generate_password(16)
password_confirmation: "must match"
password: { required: true, min: 8 }
$password = $_POST['password'];
password = $1
read -s -p "Password: " password
"Enter password for user1: "
print("Wrong password2!")
passwords.txt
test_password_reset_view2
:password => params[:password]
password = Faker::Internet.password
pass = pass + 1
Secret Sharing (t=3, n=5)
secret sharing "scheme_3_of_5"
# Bearer of the name 2nd
mail = user + "@" + domain
x@y = z
img@2x.jpg
@media (min-width: 768px)
@param x.y the value
foo@bar.baz(x)
A'@B.T
npm i @scope/pkg@1.2.3
root@host1:~#
postgres@localhost
first.last@example.edu.invalid
"""
