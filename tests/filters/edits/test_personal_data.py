"""Secrets and personal data are masked by the forms they have, and what is nobody's stays."""

import time

import pytest

from filters.edits.personal_data import PersonalData, PersonalDataOptions

DASHES = "-" * 5
TOKEN = "0123456789abcdefghijABCDEFGHIJ012345"


def masked(text: str, **options: object) -> str:
    return PersonalData(PersonalDataOptions.model_validate(options)).edit(text).text


@pytest.mark.parametrize(
    ("text", "mask"),
    [
        (f'x = "gh{"p"}_{TOKEN}"', 'x = "<KEY>"'),
        ("AK" + "IAIOSFODNN7ABCDEFG rest", "<KEY> rest"),
        ('api_key = "Zk3jQ9vX2mB7tR5wL8nP"', 'api_key = "<KEY>"'),
        ("Authorization: Bearer Zk3jQ9vX2mB7tR5wL8nP", "Authorization: Bearer <KEY>"),
        ("postgres://admin:s3cr3tpw@10.1.2.3:5432/db", "postgres://admin:<PASSWORD>@<IP_ADDRESS>:5432/db"),
        ('password = "hunter2!"', 'password = "<PASSWORD>"'),
        ("apikey <- 'Zk3jQ9vX2mB7tR5wL8nP'", "apikey <- '<KEY>'"),
        ("AWS_SECRET_ACCESS_KEY=Zk3jQ9vX2mB7/R5wL8nP+1aa", "AWS_SECRET_ACCESS_KEY=<KEY>"),
        ("secret_key: 0a1b2c3d4e5f60718293a4b5c6d7e8f9", "secret_key: <KEY>"),
        ("Authorization: Basic Ym9iOmh1bnRlcnR3bw==", "Authorization: Basic <KEY>"),
        (f'x = "gl{"r"}t-{TOKEN[:20]}"', 'x = "<KEY>"'),
        (f"token dap{'i'}{'0123456789abcdef' * 2}", "token <KEY>"),
        ('#define DB_PASSWORD "hunter2!x"', '#define DB_PASSWORD "<PASSWORD>"'),
        ("DB_PASS='hunter2!x'", "DB_PASS='<PASSWORD>'"),
        ("pwd <- 'hunter2!x'", "pwd <- '<PASSWORD>'"),
        ("export DB_PASSWORD=hunter2!x", "export DB_PASSWORD=<PASSWORD>"),
        ("Server=a;Uid=b;Pwd=hunter2!x;", "Server=a;Uid=b;Pwd=<PASSWORD>;"),
        ("# jane.roe at maths dot nowhere dot edu", "# <EMAIL>"),
        ("jane@uw.edu.pl", "<EMAIL>"),
        ("<jane.roe@uni-nowhere.example>", "<<EMAIL>>"),
        ("jane@my-host.unheard", "<EMAIL>"),
        ("mail jane@uni-nowhere.edu now", "mail <EMAIL> now"),
        ("jane [at] nowhere [dot] edu", "<EMAIL>"),
        ("host 81.23.4.5", "host <IP_ADDRESS>"),
        ("fe80:0:0:0:202:b3ff:fe1e:8329", "<IP_ADDRESS>"),
        (f"{DASHES}BEGIN RSA PRIVATE KEY{DASHES}\nMII\n{DASHES}END RSA PRIVATE KEY{DASHES}", "<PRIVATE_KEY>"),
    ],
)  # fmt: skip
def test_what_is_masked(text: str, mask: str) -> None:
    assert masked(text) == mask


@pytest.mark.parametrize(
    "text",
    [
        "jane@example.com", "127.0.0.1 and 192.0.2.7", "version 10.2.3.4", "a @ b", "@property", "x@y", "1.2.3",
        'password = "your_password"', "password = getpass()", 'key = "the quick brown fox"',
        'token = "aaaaaaaaaaaaaaaaaaaa"',
        "sha256: 9f86d081884c7d659a2feaa0c55ad015", "theorem a : x ∈ s := by simp", "numpy.array([1.0, 2.0])",
        "icon@2x.png",
        "https://host:8080/path@x", "A.B.C::d", "y = x@y.shape", "git@github.com:sympy/sympy.git", "Revision 1.10.2.4",
        "by pass \"vectorization\"", "primary_key: identifier_of_the_customer", "KEY=value_of_the_first_column",
    ],
)  # fmt: skip
def test_what_stays(text: str) -> None:
    assert masked(text) == text


def test_counts_say_what_was_found() -> None:
    edited = PersonalData().edit("a@b.edu c@d.edu 81.23.4.5")
    assert edited.counts == {"email": 2, "ip_address": 1}
    assert PersonalData().edit(edited.text) == (edited.text, {})


def test_only_what_is_asked_for() -> None:
    assert masked("a@b.edu 81.23.4.5", mask=["ip_address"]) == "a@b.edu <IP_ADDRESS>"
    assert masked("# Author: Jane Doe", mask=["name"]) == "# Author: <NAME>"
    assert masked("# Author: Jane Doe") == "# Author: Jane Doe"
    assert masked("jane@example.com", reserved=True) == "<EMAIL>"


def test_hostile_text_takes_no_time() -> None:
    started = time.process_time()
    for text in (
        "a@" * 200_000,
        "a." * 200_000,
        "1." * 200_000,
        "a:" * 200_000,
        "password" * 50_000,
        "key" * 100_000,
        "-----BEGIN PRIVATE KEY-----" * 9000,
        "://a:" * 80_000,
        "eyJaaaaaaaa." * 30_000,
        "KEY=" + "a1" * 200_000,
        "a at b dot " * 40_000,
        "#define a_key " * 40_000,
        ";pwd=a" * 60_000,
    ):
        masked(text)
    assert time.process_time() - started < 20


RANDOM = "k7Qz2mVx9LpT4wYb8NcR3sHd6FgJ1aZe5Uo0"
"""Random letters and digits of no issuer."""


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"t = 'acme_{RANDOM}'", "t = '<KEY>'"),
        (f"t = 'acme-live-{RANDOM}'", "t = '<KEY>'"),
        (f'os.environ["HUB_TOKEN"] = "{RANDOM}"', 'os.environ["HUB_TOKEN"] = "<KEY>"'),
        (f"setenv('MY_TOKEN', '{RANDOM}')", "setenv('MY_TOKEN', '<KEY>')"),
        (f"api_key: str = '{RANDOM}'", "api_key: str = '<KEY>'"),
        (f'(login :api-key "{RANDOM}")', '(login :api-key "<KEY>")'),
        (f"GET /x?access_token={RANDOM}&n=1", "GET /x?access_token=<KEY>&n=1"),
        (f"<apiKey>{RANDOM}</apiKey>", "<apiKey><KEY></apiKey>"),
        ("machine db login bob password Zebra#44", "machine db login bob password <PASSWORD>"),
        ("mysql --password=Zebra#44 lab", "mysql --password=<PASSWORD> lab"),
        ("CREATE USER bob IDENTIFIED BY 'Zebra#44';", "CREATE USER bob IDENTIFIED BY '<PASSWORD>';"),
        ("curl -u bob:Zebra#44 http://lab/x", "curl -u bob:<PASSWORD> http://lab/x"),
        ('get(url, auth=("bob", "Zebra#44"))', 'get(url, auth=("bob", "<PASSWORD>"))'),
        ("# jane.roe -at- maths.lab.edu", "# <EMAIL>"),
        ("// jane AT maths DOT lab DOT edu", "// <EMAIL>"),
        ("jane&#64;maths.edu", "<EMAIL>"),
        (
            "PuTTY-User-Key-File-3: x\nPrivate-Lines: 1\nQUJDREVG\n",
            "PuTTY-User-Key-File-3: x\nPrivate-Lines: 1\n<PRIVATE_KEY>",
        ),
        ("ping host 10.1.2.3", "ping host <IP_ADDRESS>"),
    ],
)
def test_other_ways_to_write_a_secret(text: str, masked: str) -> None:
    assert PersonalData().edit(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "#ifndef BOOST_SPIRIT_X3_LIST_MARCH_24_2007_1031AM_AND_MORE_OF_IT",
        f'integrity="sha512-{RANDOM}{RANDOM}"',
        "partial_derivative_of_the_second_kind_number_12345678",
        'PASSWORD_FIELD = "user_password"',
        "Chapter 1.2.3.4",
        "firmware 77.31.0.12",
        "see \\ref{sec:1.2.3.4}",
        "look_at_me.py",
    ],
)
def test_names_digests_and_numberings_are_no_secrets(text: str) -> None:
    assert PersonalData().edit(text).text == text
