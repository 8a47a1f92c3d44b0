"""What a store says goes wrong, as the one line that a person reads."""

import pytest

from manifests.errors import Fault, UserError
from manifests.store import Bucket, _aws, _explained

REFUSED = """Generic S3 error: Error performing GET http://h:1/b in 1s, after 2 retries  - HTTP error: sending

source: Os {
    message: "Connection refused",
}"""


@pytest.mark.parametrize(
    ("said", "kind", "line"),
    [
        ("x\n<Code>NoSuchBucket</Code>", UserError, "s3://b: there is no such bucket; expected one that exists"),
        ("<Code>RequestTimeTooSkewed</Code>", UserError, "s3://b: the store's clock and this machine's differ"),
        ("status code: 301 Moved\n<Code>PermanentRedirect</Code>", UserError, "s3://b: the bucket is not where it was"),
        (
            "Received redirect without LOCATION, this",
            UserError,
            "s3://b: the bucket is not where it was looked for; set AW",
        ),
        (
            "status code: 501 Not Implemented",
            UserError,
            "s3://b: the store cannot do this (501); expected one that has",
        ),
        ("status code: 503 Slow Down", Fault, "s3://b: the store answers 503 Slow Down; run the same command again"),
        ("", Fault, "s3://b: the store cannot be reached (unknown error); run the same command again to go on"),
        (" \n ", Fault, "s3://b: the store cannot be reached (unknown error); run the same command again to go on"),
        (
            REFUSED,
            Fault,
            "s3://b: the store at http://h:1 cannot be reached (Connection refused); run the same command again",
        ),
    ],
)
def test_an_error_is_one_line(said: str, kind: type[Exception], line: str) -> None:
    found = _explained("s3://b", said)
    assert type(found) is kind
    assert str(found).startswith(line)
    assert "\n" not in str(found)


def test_credentials_that_the_environment_states_are_asked_of_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> None:
        raise AssertionError("botocore was asked")

    monkeypatch.setattr("botocore.session.Session", nobody)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.delenv("AWS_WEB_IDENTITY_TOKEN_FILE", raising=False)
    assert _aws("s3://b") == {}
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/t")
    assert _aws("s3://b") == {}


@pytest.mark.parametrize(
    ("variables", "place", "line"),
    [
        (
            {"AWS_ENDPOINT_URL": "127.0.0.1:9000"},
            "s3://b/x",
            "AWS_ENDPOINT_URL=127.0.0.1:9000: expected http://HOST:PORT",
        ),
        ({"AWS_ENDPOINT_URL": "http://a b"}, "s3://b/x", "AWS_ENDPOINT_URL=http://a b: expected http://HOST:PORT"),
        (
            {"AWS_SECRET_ACCESS_KEY": None},
            "s3://b/x",
            "of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY only AWS_ACCESS_KEY",
        ),
        (
            {"GOOGLE_APPLICATION_CREDENTIALS": "/none.json"},
            "gs://b/x",
            "GCS error: Unable to open service account file",
        ),
        ({}, "az://b/x", "MicrosoftAzure error: Account must be specified"),
    ],
)
def test_what_is_wrong_with_the_surroundings_is_the_users_to_mend(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str | None], place: str, line: str
) -> None:
    given = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", **variables}
    for name, value in given.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    with pytest.raises(UserError) as caught:
        Bucket(place)
    assert str(caught.value).startswith(f"{place}: {line}")
    assert "\n" not in str(caught.value)
