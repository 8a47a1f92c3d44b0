"""What an address says, and the one line that a wrong one gets."""

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.errors import UserError
from pipelines.fetching.address import LONGEST, Address, parse, split_user


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://h/a.gz", Address("https", "https://h/a.gz")),
        ("https://h/a?x#sha256=" + "AB" * 32, Address("https", "https://h/a?x", None, None, (("sha256", "ab" * 32),))),
        ("https://h/a.tar.gz!*/src/**/*.v", Address("https", "https://h/a.tar.gz", None, "*/src/**/*.v")),
        ("s3://arxiv/*.tar#requester-pays", Address("s3", "arxiv/*.tar", None, None, (("requester-pays", ""),))),
        ("gs://bucket/", Address("gs", "bucket/")),
        ("hf:o/n", Address("hf", "o/n")),
        ("hf:o/n@v1.2!a/*.json", Address("hf", "o/n", "v1.2", "a/*.json")),
        ("hf://datasets/o/n@refs/convert/parquet!**", Address("hf", "datasets/o/n", "refs/convert/parquet", "**")),
        ("pypi:Pygments==2.18.0", Address("pypi", "Pygments==2.18.0")),
        ("pypi:a-b==1.0@sdist!a/{b,c}", Address("pypi", "a-b==1.0", "sdist", "a/{b,c}")),
        ("pypi:a==1!2.0!x", Address("pypi", "a==1!2.0", None, "x")),
        ("data/**/*.parquet", Address("local", "data/**/*.parquet")),
        ("/a/b#c.txt", Address("local", "/a/b#c.txt")),
        ("C#/x", Address("local", "C#/x")),
        ("l.txt#list&base=https://h", Address("local", "l.txt", None, None, (("base", "https://h"), ("list", "")))),
        ("file:///a%20b/c", Address("local", "/a b/c")),
    ],
)  # fmt: skip
def test_reads_every_kind_of_address(text: str, expected: Address) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" a", "space"),
        ("a\nb", "control character"),
        ("ftp://h/a", "unknown kind of address 'ftp'; known: https"),
        ("https:///a", "needs a host"),
        ("s3:bucket/key", "expected s3://BUCKET/KEY"),
        ("s3://bucket", "expected s3://BUCKET/KEY"),
        ("s3://b*/key", "expected s3://BUCKET/KEY"),
        ("hf:just-a-name", "expected hf:OWNER/NAME"),
        ("pypi:numpy", "expected pypi:NAME==VERSION"),
        ("pypi:numpy>=1", "expected pypi:NAME==VERSION"),
        ("pypi:../x==1", "expected pypi:NAME==VERSION"),
        ("https://h/a#sha256=abc", "sha256= is not 64 hexadecimal digits"),
        ("https://h/a#md5=" + "g" * 32, "md5= is not 32 hexadecimal digits"),
        ("https://h/a#colour=red", "unknown property 'colour' after #; known: anonymous"),
        ("s3://b/k#requester-pays=yes", "unknown property"),
        ("s3://b/arXiv_src_manifest.xml#until=April", "not a month written YYYY-MM"),
        ("s3://b/arXiv_src_manifest.xml#until=2023-13", "not a month written YYYY-MM"),
        ("file://host/a", "names no host"),
    ],
)
def test_a_wrong_address_is_told_what_was_expected(text: str, reason: str) -> None:
    with pytest.raises(UserError) as caught:
        parse(text)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@given(
    st.one_of(
        st.text(max_size=80),
        st.builds(
            "".join,
            st.tuples(
                st.sampled_from(["s3://", "gs://", "hf:", "pypi:", "https://", "file:", ""]),
                st.text("ab/=!@#&*.{}[]?%-0", max_size=40),
            ),
        ),
    )
)
def test_any_text_is_an_address_or_the_users_mistake_and_its_shown_form_means_the_same(text: str) -> None:
    try:
        address = parse(text)
    except UserError:
        return
    if address.scheme not in {"http", "https", "local"}:
        assert parse(str(address)) == address


@pytest.mark.parametrize("start", ["hf:", "pypi:", "s3://", "https://", "", "pypi:a==1!", "hf:a/b@"])
@pytest.mark.parametrize("filling", ["a", "/", "-", "a-", "!", "@", "#&", "{", "=="])
def test_the_longest_address_is_read_as_fast_as_any(start: str, filling: str) -> None:
    begun = time.monotonic()
    with contextlib.suppress(UserError):
        parse((start + filling * LONGEST)[:LONGEST])
    assert time.monotonic() - begun < 1.0


def test_a_longer_address_is_refused_in_one_short_line() -> None:
    with pytest.raises(UserError, match="8193 characters; expected at most 8192") as caught:
        parse("https://h/?token=planted" + "a" * (LONGEST - 23))
    assert "planted" not in str(caught.value)
    assert len(str(caught.value)) < 200


def test_a_host_has_no_spaces() -> None:
    with pytest.raises(UserError, match="a space in the host"):
        parse("https://a b/c.parquet")
    assert parse("https://a/b c.parquet").place == "https://a/b c.parquet"


def test_user_and_password_are_taken_out_of_an_address() -> None:
    assert split_user("https://u:p%3A@h:1/x?q#f") == ("https://h:1/x?q#f", ("u", "p:"))
    assert split_user("https://h/x@y") == ("https://h/x@y", None)
