"""A value that looks chosen or random is a secret beside a name that speaks of one, whatever stands between them."""

import pytest

from filters.edits.personal_data import PersonalData
from filters.edits.secret_context import found

RANDOM = "k7Qz2mVx9LpT4wYb8NcR3sHd6FgJ1aZe"
HEXADECIMAL = "9f86d081884c7d659a2feaa0c55ad0151f2e3d4c"


@pytest.mark.parametrize(
    "before_and_after",
    [
        '"Password" -> "|"', '<property name="password" value="|"/>', "[database]\npassword = |", "bindpw |",
        "spring.datasource.password=|", "ALTER USER bob WITH PASSWORD '|';", "mot_de_passe: \"|\"",
        'mysqli_connect("localhost", "bob", "|", "lab");', "server.login('bob', '|')", 'HTTPBasicAuth("bob", "|")',
        '- name: DB_PASSWORD\n  value: "|"', 'driver.find_element_by_id("password").send_keys("|")',
        'users_passwords = {"bob": "|"}', "echo '|' | sudo -S make", "redis-cli -h cache -a |", "mysql -u bob -p| lab",
        "openssl rsa -passin pass:| -in k.pem", "db.lab.org:5432:lab:bob:|", "smbclient //lab/x -U bob%|",
        "пароль: |", "hasło = '|'", 'wachtwoord="|"', 'USER, PASSWORD = "bob", "|"', "(password, tries) = ('|', 3)",
        'password = environment.get("x") or "|"', "getenv('DB_PASSWORD', '|')",
        'parser.add_argument("--password", default="|")',
        "auth = bob:|", 'WiFi.begin("lab", "|")', 'creds = ("bob", "|")', "usr/pwd: bob/|", "wget -u bob -p |",
        "openssl enc -aes-256-cbc -k | -in x", 'ftp = FTP("h", "bob", "|")', 'char pass[] = "|";',
        "bob:|@tcp(db:3306)/x",
        'new PDO("mysql:host=h;dbname=x", "bob", "|")', 'mqtt.username_pw_set("bob", "|")', 'basic_auth "bob", "|"',
        "rabbitmqctl add_user bob |", "mosquitto_pub -h h -u bob -P | -t x", "ipmitool -U bob -P | power",
        "requirepass |",
        "Password for 'bob': |", "ftp> user bob |", "quote PASS |", 'expect "assword:"\nsend "|\\r"',
        "child.expect('Password:')\nchild.sendline('|')", "<key>Password</key>\n<string>|</string>",
        '<Pass encoding="plain">|</Pass>', "Log in with bob and | as password.", "user_password: !unsafe |",
        "The admin password was reset to |.", "Credentials: bob / |", 'value = "|"  # password', 'x="${db.password:|}"',
        "username,password\nbob,|", "sudo -S <<< '|' reboot", "密码：|", 'keyStore.load(in, "|".toCharArray());',
        "login: admin\npassword is: |", "schtasks /create /ru bob /rp |", "curl --user 'bob:|' https://h",
        "# the password is |", 'connect("DRIVER=X;UID=bob;PWD=|")', 'vpn_secret="|"', "requirepass |",
    ],
)  # fmt: skip
def test_passwords_beside_their_names(before_and_after: str) -> None:
    before, after = before_and_after.split("|", 1) if before_and_after.count("|") == 1 else _at_mark(before_and_after)
    edited = PersonalData().edit(f"{before}Zebra#44xQ{after}").text
    assert edited == f"{before}<PASSWORD>{after}"


def _at_mark(text: str) -> tuple[str, str]:
    """The parts around the first mark; a pipe of the shell follows."""
    first, _, rest = text.partition("|")
    return first, rest


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ZOTERO_KEY: ", ""), ("//registry.lab.org/:_authToken=", ""), ("APP_KEY=base64:", ""), ('adminKey="', '"'),
        ("Cookie: sessionid=", "; theme=dark"), ("https://lab.org/c?v=1&sig=", "&n=1"), ("jwt.sign(payload, '", "')"),
        ('url = "https://lab.org/js?key=', '"'), ('<add key="StorageKey" value="', '" />'),
        ('(setq my-api-token "', '")'),
        ("api_key:\n    '", "'"), ("token = (\n    '", "'\n)"), ('variable "api_token" {\n  default = "', '"\n}'),
        ('clave_api = "', '"'), ('cipher = AES.new(b"', '", mode)'), ('let api_key = String::from("', '");'),
        ('$env:API_KEY = "', '"'), ("subscription_key, region = '", "', 'x'"), ("// API key = ", ""),
        ("jwt.encode(claims, '", "')"),
        ('algolia = "', '"'), ('SearchClient.create("U0A1B2C3D4", "', '")'), ("FASTLY: ", ""),
        (">>> client.token\n'", "'"), ("<key>ApiKey</key>\n<string>", "</string>"), ("set api_key {", "}"),
        ('"{\\"token\\": \\"', '\\"}"'), ('[r setValue:@"',
        '" forHTTPHeaderField:@"X-Api-Key"];'), ("my $api_key = q{", "};"),
        ("set_key('", "')"), ("jwtSecret: process.env.JWT || '", "'"),
        ("define('AUTH_KEY', '", "');"), ('{"username": "bob", "key": "', '"}'),
    ],
)  # fmt: skip
def test_keys_beside_their_names(before: str, after: str) -> None:
    assert PersonalData().edit(before + RANDOM + after).text == f"{before}<KEY>{after}"


@pytest.mark.parametrize(
    "text",
    [
        f'twilio = Client("AC{HEXADECIMAL[:32]}")', f'stripe.setPublishableKey("pk_live_{RANDOM}")',
        f'mapbox.accessToken = "pk.{RANDOM}.{RANDOM}"', "password = os.environ.get('DB_PASSWORD', '')",
        'set_direct(session, "NORMAL:-VERS-SSL3.0", NULL);', 'PASS([gtb performTest: @"cr153594"], "cr153594");',
        "password, tries = read(), 3", "$ mkdir -p build/x86_64", "curl -u $USER -p $PASS",
        f'key = unhexlify("{HEXADECIMAL}")', f'public_key = "{RANDOM}"', f'"AWS::KMS::Key": "{HEXADECIMAL}"',
        f'password = x, digest = "{RANDOM}"', "key: ed25519.Ed25519PrivateKey", "toolskey = urlsafe_b64decode(text2)",
        'token: "markup.heading.1"', '"token": "NUMBER_LITERAL_2D"', "key: 'main-menu-item-3'", "pass = 'first'",
        'client = Client("my_client_v2_name")', 'pwd = "C:/Users/work2"',
        'first_pass = "Pass1Result"', 'render_pass: "ShadowMap2D"', "PASS: Test2Foo.Bar3", 'pass_rate = "98.5%"',
        '"forgotPassword": "Forgot2Password?"', 'db.connect("Corpus2019.db")', f"fastly.net/{HEXADECIMAL}.js",
        'mode = [{token:"x",regex:"$"},{token:"y",caseInsensitive:!0},{next:"no_regex"}]',
        "password: PropTypes.string2", "password: *default_password2", f"validator_pubkey: {RANDOM}",
        "if (passwd[0] != '$' || !passwd[1] || passwd[2] != '$')", "xst -uc example.ucf -p xc6slx9csg324-3",
        "# pass these to self._do_work2 and row-by-row",
        'check_password(user, "PBKDF2")', "password: !vault |", 'session = Session("experiment_2020_run3")',
        'secret_key="arn:aws:kms:us-east-2:111122223333:key/0d990263-018e-4e65"', "numpy==1.19.5.1",
        "netmask 255.255.255.0", "password = password2",
        "RegCloseKey = advapi32.RegCloseKey", "[(NSURLCredential*)other password] isEqualToString: this]",
    ],
)  # fmt: skip
def test_names_words_digests_and_paths_stay(text: str) -> None:
    assert PersonalData().edit(text).text == text


def test_a_second_value_on_a_line_is_found_too() -> None:
    text = f'api = {{"key": "{RANDOM}", "secret": "{RANDOM[::-1]}"}}'
    assert [text[one.start : one.end] for one in found(text)] == [RANDOM, RANDOM[::-1]]


def test_letters_that_grow_when_made_small_move_no_place() -> None:
    text = f'İİİ password = "Zebra#44xQ" # {chr(0x130)}'
    assert [text[one.start : one.end] for one in found(text)] == ["Zebra#44xQ"]


@pytest.mark.parametrize("value", ["BdDssLaLwvPl", "nUqkUnknJq", "ThLxlZpniaho", "pcvAvmKOBMNp", "kappaqbxLILQs9"])
def test_letters_that_no_word_has_side_by_side_fill_a_setting(value: str) -> None:
    assert PersonalData().edit(f"DB_PASSWORD={value}\n").text == "DB_PASSWORD=<PASSWORD>\n"


@pytest.mark.parametrize("name", ["oldPasswordField", "getUserInput", "DefaultValue", "LoginFormView2"])
def test_names_with_humps_fill_none(name: str) -> None:
    assert PersonalData().edit(f"password = {name}\n").text == f"password = {name}\n"


def test_columns_under_a_head_that_names_passwords_and_no_other() -> None:
    table = "user | password | room2\n--- | --- | ---\nbob2x | Zebra#44xQ | B12#c4\nann3y | kiwi.981Ab | C31#d5\n"
    masked = table.replace("Zebra#44xQ", "<PASSWORD>").replace("kiwi.981Ab", "<PASSWORD>")
    assert PersonalData().edit(table).text == masked
