"""What a store says goes wrong, as the one line that a person reads."""

import pytest

from manifests.errors import Fault, UserError
from manifests.store import _explained


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
            "Generic S3 error: Error performing GET http://h/b in 1s, after 2 retries: connection refused\nmore",
            Fault,
            "s3://b: the store cannot be reached (",
        ),
    ],
)
def test_an_error_is_one_line(said: str, kind: type[Exception], line: str) -> None:
    found = _explained("s3://b", said)
    assert type(found) is kind
    assert str(found).startswith(line)
    assert "\n" not in str(found)
