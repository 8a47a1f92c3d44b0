"""What a name before a value says of it: that it is a password, or a key that opens something.

A name is read by its words (`dbPassword`, `API_KEY`, `clave-secreta`). Words that speak of passwords and keys stand
here in the languages in which programs are commented most, as dictionaries have them. Sources: names as the rules of
gitleaks and the keyword plugin of detect-secrets list them.
"""

import re
from typing import Literal, NamedTuple

from filters.words import words_of


class Name(NamedTuple):
    """What a name before a value says: `certain`, that nothing else is given to such a name."""

    what: Literal["key", "password"]
    certain: bool
    words: frozenset[str]


_FOREIGN_PASSWORDS = words_of("""
    passwort kennwort senha contrasena contraseña wachtwoord hasło haslo heslo lösenord losenord adgangskode kodeord
    passord salasana jelszó jelszo parolă parola şifre sifre lozinka zaporka geslo sandi mdp motdepasse
    пароль парола лозинка κωδικός 密码 密碼 口令 パスワード 비밀번호 암호
""")
_FOREIGN_KEYS = words_of("""
    schlüssel schluessel clé cle clef clave llave chave chiave sleutel klucz klíč klic nyckel anahtar
    ключ 密钥 秘钥 金鑰 鍵
""")
_FOREIGN_SECRETS = words_of("geheim geheimnis secreto secreta segreto segredo jeton секрет токен 令牌 秘密")
SERVICES = words_of("""
    adafruit airtable algolia alphavantage amplitude asana atlassian auth0 bitfinex bitly bittrex binance blynk
    cdsapi censys circleci clarifai clearbit cloudant cloudflare cloudinary codacy codecov coinbase coinmarketcap
    contentful coveralls cryptocompare darksky datadog deepl digitalocean discord discogs dropbox duffel easypost
    elevenlabs etsy fastly figma finnhub firebase flickr flutterwave foursquare freshbooks fullcontact geocodio
    giphy gitter gocardless googlemaps grafana heroku honeybadger hubspot hunterio ifttt imgur infura ipinfo ipstack
    jotform jwplayer kaggle kickbox klaviyo kraken kucoin launchdarkly linkedin locationiq loggly mailchimp mailgun
    mailjet mandrill mapbox mapquest mattermost messagebird mixpanel netlify newrelic newsapi ngrok nytimes okta
    omdb onesignal openai opencage openrouter openweather openweathermap owm pagerduty papertrail paypal pinboard
    pingdom pipedream planetscale plotly polygonio postmark pushbullet pushover quandl rapidapi razorpay redcap
    rollbar scalingo scraperapi sendbird sendgrid sendinblue serpapi shippo shodan shopify snyk soundcloud sparkpost
    splunk spotify squareup strava supabase telegram thingspeak tiingo tmdb tomtom trello twilio twitch twitter
    typeform unsplash uptimerobot virustotal vonage weatherapi weatherbit weatherstack wolframalpha wunderground
    yelp zapier zendesk zenodo zotero
""")
"""Services that give out keys, by the rules of gitleaks and trufflehog and the lists of public interfaces."""
SPEAKS = (
    "pass", "pwd", "psw", "assword", "appid", "bind", "database", "psk", "securestring", "secret", "token", "key",
    "cred", "auth", "login", "connect", "client", "cookie", "session", "sig=", "sign(", "hmac", "pw", "bearer",
    "fernet", "aes.", "cipher", "wifi", "jwt", "signer", "ftp(", "smtp(", "_api", "api_",
    *sorted(_FOREIGN_PASSWORDS - {"mdp"}),
    *sorted(_FOREIGN_KEYS - {"cle", "clef", "llave", "klic"}),
    *sorted(_FOREIGN_SECRETS),
    *sorted(SERVICES), "mysqli", "pdo(", "user(", "account(", "sequelize", "tochararray", "engine(", "source(",
    "mdp_", "mdp=", "mdp =", "mdp:", "cle_", "_cle", "clef_", "_clef", "llave_",
)  # fmt: skip
"""A line without any of these, in small letters, is not looked at."""
PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+")
"""The words of a name: runs of small letters, with a capital before them or not, and runs of capitals."""
_PASSWORDS = _FOREIGN_PASSWORDS | words_of("""
    password passwords passwd passphrase pwd pass psk pw passcode passe psw pswd passwrd pword
    securestring rootpw bindpw userpassword phrase
""")
_NO_PASSWORDS = words_of("bypass compass lowpass highpass bandpass allpass encompass surpass overpass subpass trespass")
_SPOKEN_OF = words_of("""
    forgot forgotten invalid wrong incorrect missing weak rate bad failed failure mismatch short required expired
""")
"""Beside the word, what makes a name one of a message about passwords."""
_LET_IN = words_of("""
    db database user usr admin root mysql postgres pg sql ftp sftp ssh smtp imap mail email wifi wpa wlan ap login
    my key keystore store http https proxy become sudo ansible vnc mqtt redis mongo ldap api app web auth server
    remote host vpn ca cert ssl default test ota net network sender gmail service account sys system master secret
    backup bind client
""")
"""What a `pass` opens; others are runs of a compiler, or tests that were passed."""
_CERTAIN = _FOREIGN_SECRETS | words_of("""
    secret token credential credentials cred creds apikey authtoken jwt hmac bearer authorization sessionid sessid sid
    sig auth cookie session appid
""")
QUALIFIES = words_of("""
    api access private secret encryption auth account admin app client consumer signing master license service
    shared storage server application developer subscription webhook wallet wifi salt session user encrypt appl
    deploy aes nonce storefront my geheime secrète secrete privée privee
""")
"""What makes a key one that opens something."""
_OTHER_THINGS = words_of("""
    public pub pubkey primary foreign sort cache dict sequence hot partition object node column row index schedule
    group hash sha md commit checksum etag csrf next prev first last eos bos pad unk sep cls mask special tokenizer
    random seed field name file path url uri type length len size min max policy hasher prompt label input id page
    form view count format regex pattern prefix suffix header algorithm alg class col help error message msg
    strength fingerprint inchi keyboard keyword keywords keys tokens test start end begin stop kind lookup
    identifier digest version model enum separator delimiter char ring store event press code up down left right
    bindings binding frame signal constraint
""")
CARRIERS = words_of("value val text content data send fill string default v")
"""Names that carry what another name on the line is about: `name="password" value="…"`."""
OPENS = words_of("""
    bind database login signin logon connect connection credential credentials auth authenticate authentication
    authorize wifi ftp sftp ssh smtp imap pop mysqli pdo jdbc odbc ldap datasource engine sequelize
""")
ADDS_USERS = re.compile(
    r"(?i)(?:add|create|new|register|make)_?(?:super)?_?user|user(?:name)?_?(?:and_?)?p(?:w|ass)|_pw_set"
)
"""What a function is called that is given a user and the password."""
TAKES_KEYS = words_of("""
    client api jwt sign hmac encode fernet encrypt decrypt token account credentials auth aes cipher chacha blowfish
    secretbox signer
""")
"""What a function is called that is given a password, or a key."""
LOOKS_UP = words_of("get getenv env environ environment setdefault getproperty config default fetch property")
"""What a function is called that is given a name and what holds where nothing has that name."""
SPEAKS_IN_REMARK = re.compile(r"(?i)secret|private|\bapi\b|\baes\b|encrypt|(?:not|never) (?:share|commit)|confidential")


def words_in(name: str) -> list[str]:
    """The words of a name, in small letters."""
    return [part.lower() for part in PARTS.findall(name)]


def name_of(name: str) -> Name | None:
    """What the name of a variable, a key or an option says of its value; None: nothing."""
    parts = words_in(name.removeprefix("NEXT_PUBLIC_"))
    if not parts:
        return None
    known = frozenset(parts)
    ends = parts[-1] in _PASSWORDS or (
        parts[-1].endswith(("password", "passwd", "pass", "passwords", "pwd", "passphrase"))
    )
    if (parts[-1] == "phrase" and "pass" not in known) or (known & _PASSWORDS and known & _SPOKEN_OF):
        return None
    if parts[-1] == "pass" and len(parts) > 1 and not known & _LET_IN:
        return None
    if (ends or known & _PASSWORDS) and parts[-1] not in _NO_PASSWORDS:
        return None if known & _OTHER_THINGS and not ends else Name("password", ends, known)
    speaks = known & _CERTAIN or parts[-1].endswith(("token", "secret", "apikey"))
    if known & _OTHER_THINGS or not (speaks or "key" in known or known & _FOREIGN_KEYS or parts[-1].endswith("key")):
        return None
    opens = known & QUALIFIES or any(part.endswith("key") and part[:-3] in QUALIFIES for part in parts)
    return Name("key", bool(speaks) or bool(opens), known)


def is_called_secret(said: Name) -> bool:
    """Whether what a name of a key speaks of may be a password as well: a secret, Spanish's `clave`."""
    return bool(said.words & (_FOREIGN_SECRETS | {"secret", "clave", "credential", "credentials"}))
