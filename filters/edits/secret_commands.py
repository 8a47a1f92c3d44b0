"""Passwords on command lines and in the lines of programs' own files, which have no name before them.

Sources: the options as the programs' manual pages give them; PostgreSQL's `.pgpass`; data source names of Go's drivers.
`filters.edits.secret_context` judges what is found.
"""

import re

from filters.words import words_of

COMMANDS = re.compile(
    r"\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\n|]{0,120}? -p(?P<mysql>[^\s\"'$-][^\s\"'$]{4,63})"
    r"|[ ]-[uU][ =][\w.@-]{1,40}[^\n|]{0,80}?[ ]-[pPw][ ]?[\"']?(?P<user>[^\s\"'$-][^\s\"'$]{5,63})"
    r"|\bsshpass -p ?(?P<sshpass>[^\s\"'$-][^\s\"'$]{4,63})"
    r"|\bredis-cli\b[^\n|]{0,120}? (?:-a|--pass) (?P<redis>[^\s\"'$]{6,64})"
    r"|\b(?:zip|7za?|unzip|unrar)\b[^\n|]{0,120}? -[pP] ?(?P<zip>[^\s\"'$]{6,64})"
    r"|\s-pass(?:in|out|word)? pass:(?P<openssl>[^\s\"'$]{4,64})"
    r"|\bopenssl (?:enc|aes|des)\b[^\n|]{0,120}? -k (?P<enc>[^\s\"'$-][^\s\"'$]{5,63})"
    r"|\becho (?:-[ne] )?[\"']?(?P<sudo>[^\s\"'$]{5,64})[\"']? ?\| ?(?:sudo\b|su\b|kinit\b|passwd --stdin"
    r"|vncpasswd|[\w./][\w./ -]{0,60}(?:--password-stdin|--passphrase-fd|--stdin)\b)"
    r"|\b(?:passwd|chpasswd|kinit|vncpasswd|sudo -S|su)\b[^\n|]{0,80}?<<<[ ]?[\"']?"
    r"(?:[\w.-]{1,40}:)?(?P<here>[^\s\"'$]{6,64})"
    r"|\b(?:add_user|adduser|addprinc|change_password|setpassword|user (?:add|create)|set-initial-password"
    r"|wpa_passphrase)"
    r"[ ](?:(?:-pw )?[\w.@-]{1,40}[ ]){0,2}[\"']?(?P<added>[^\s\"'$<-][^\s\"'$]{5,63})"
    r"|\b(?:ipmitool|snmp\w{1,8}|mosquitto_\w{3}|rdesktop|kadmin)\b[^\n|]{0,120}?"
    r"[ ]-[PAXpw] (?P<device>[^\s\"'$-][^\s\"'$]{5,63})"
    r"|\bnmcli\b[^\n|]{0,120}? password [\"']?(?P<wireless>[^\s\"'$]{8,64})"
    r"|\bchpasswd\b[^\n]{0,60}?[\"'][\w.-]{1,40}:(?P<listed>[^\s\"'$:]{6,64})[\"']"
    r"|\bschtasks\b[^\n|]{0,120}? /rp (?P<task>[^\s\"'$]{6,64})"
    r"|\bkey s:(?P<wired>[^\s\"'$]{5,64})"
    r"|\bhttps? (?:-a|--auth)[ =][\"']?[\w.@-]{1,40}:(?P<http>[^\s\"'$]{6,64})"
    r"|\brootpw (?:--plaintext )?(?P<installed>[^\s\"'$-][^\s\"'$]{5,63})"
    r"|:pserver:[\w.-]{1,40}:(?P<cvs>[^\s\"'$@]{6,64})@"
    r"|\b(?:user|owner|input)_pw[ ][\"']?(?P<pdf>[^\s\"'$]{6,64})"
    r"|\bmc (?:alias set|config host add) (?:\S{1,80} ){3}(?P<minio>[^\s\"'$]{8,64})"
    r"|\b(?:sqlcmd|bcp|isql)\b[^\n|]{0,120}? -P ?(?P<sqlcmd>[^\s\"'$]{6,64})"
    r"|\bldap\w{1,12}\b[^\n|]{0,120}? -w (?P<ldap>[^\s\"'$]{6,64})"
    r"|\bl?ftp\b[^\n|]{0,120}? -u [\w.@-]{1,40},(?P<ftp>[^\s\"'$]{6,64})"
    r"|\bsmb\w{1,10}\b[^\n|]{0,120}? -U [\"']?[\w.@\\-]{1,40}%(?P<smb>[^\s\"'$]{6,64})"
    r"|\b(?:sqlplus|sqlldr|expdp|impdp)\b[ ]\w{1,40}/(?P<oracle>[^\s\"'$@]{6,64})@"
    r"|\b(?:wandb|vault|heroku|doctl|flyctl)(?: auth)? login (?:-\S{1,20} ){0,3}(?P<issued>[\w.-]{20,100})(?=\s|\Z)"
    r"|\bnet use\b[^\n|]{0,120}?/user:\S{1,60} (?P<net>[^\s\"'$]{6,64})"
    r"|\bnet user [\w.-]{1,40} (?P<account>[^\s\"'$/]{6,64})"
    r"|\b(?:plink|pscp|psftp)\b[^\n|]{0,120}? -pw (?P<putty>[^\s\"'$-][^\s\"'$]{5,63})"
    r"|\bhtpasswd -\w{0,4}b\w{0,4} \S{1,80} [\w.@-]{1,40} (?P<htpasswd>[^\s\"'$]{6,64})"
    r"|\bssh-keygen\b[^\n|]{0,120}? -N [\"']?(?P<keygen>[^\s\"'$-][^\s\"'$]{5,63})"
    r"|\bx?freerdp\b[^\n|]{0,120}? /p:(?P<rdp>[^\s\"'$]{6,64})"
    r"|\b[\w.-]{1,40}:(?P<chpasswd>[^\s\"'$:]{6,64})[\"']?[ ]?\|[ ]?(?:sudo )?chpasswd"
    r"|--[\w-]{0,20}(?:pass(?:word|wd|phrase)?|pwd)[= ](?P<option>[^\s\"'$<>{}()]{6,64})(?=\s|\Z)"
    r"|\b(?:usr|user(?:name)?|login)[ ]?/[ ]?p(?:ass\w{0,6}|wd?)[ ]?[:=][ ]?[\w.@-]{1,40}[ ]?/[ ]?"
    r"(?P<slashed>[^\s\"'$]{6,64})"
    r"|\b(?:[Cc]redentials?|[Ll]ogin|[Aa]ccount|user/pass\w{0,4})(?:[ ]?[:=]|[ ](?:with|as|is|are))[ ]?"
    r"[`\"']?[\w.@-]{1,40}[`\"']?[ ]?/[ ]?[`\"']?(?P<paired>[^\s\"'$/]{6,64})"
    r"|\b(?:curl|wget)\b[^\n|]{0,200}? (?:-u|--user)[= ][\"']?[\w.@-]{1,60}:(?P<web>[^\s\"'$]{6,64})"
    r"|[#%;*/-][ ]\w{1,20}[ ]/[ ](?P<remark>[^\s\"'$/]{8,64})(?=[^\n]{0,60}\b(?:login|password|account)\b)"
    r"|(?<![\w/:.])[\w.-]{1,40}:(?P<source>[^\s\"':@/()$]{6,64})@(?:tcp\(|[\w-]{1,60}(?:\.[\w-]{1,60}){0,4}:\d{2,5}/)"
    r"|\b(?:login|password|passwd|app_pass\w{0,5})\b[^\n]{0,60}?[\"'](?P<application>(?:[a-z]{4}[ ]){3}[a-z]{4})[\"']"
    r"|^[\w.*-]{1,60}:(?:\d{1,5}|\*):[\w.*-]{1,60}:[\w.-]{1,60}:(?P<pgpass>[^\s:\"']{6,64})$",
    re.MULTILINE,
)
WORDS = words_of("""
    mongo sshpass mysql maria redis-cli zip 7z unrar pass: sudo sqlcmd bcp isql ldap docker ftp smb sql expdp impdp
    chpasswd /user: -- :*: :5432: openssl plink pscp psftp htpasswd ssh-keygen freerdp /pwd /pass @tcp( login
    curl wget schtasks redentials ogin ccount <<< add_user addprinc change_password setpassword set-initial-password
    wpa_passphrase ipmitool snmp mosquitto_ rdesktop kadmin nmcli rootpw :pserver: _pw vncpasswd kinit
""") | {
    " -u", " -U", "net user", "user add", "user create", "mc alias", "mc config", "key s:",
    "http -a", "https -a", " --auth", " / ", "password",
}  # fmt: skip
"""A line without any of these has none."""
