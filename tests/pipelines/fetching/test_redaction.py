"""A planted secret is looked for in every place that a person or a file could see it."""

import io
import json
import logging
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.errors import ProofpileError
from pipelines.fetching.address import parse
from pipelines.fetching.batch import FetchOptions, Moment, fetch_all, state_folder
from pipelines.fetching.listing import expand
from pipelines.fetching.pip_settings import read_settings
from pipelines.fetching.redaction import Secret, shown
from tests.pipelines.fetching.servers import HASTY, Loopback, Served, answer

PLANTED = "s3cr3t-planted"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://h/a.gz", "https://h/a.gz"),
        ("https://me:pw@h:8/a.gz", "https://h:8/a.gz"),
        ("https://pw@h/a", "https://h/a"),
        ("https://h/a?X-Amz-Signature=pw&file=b.gz", "https://h/a?X-Amz-Signature=***&file=b.gz"),
        ("https://h/a?pw", "https://h/a?***"),
        ("https://h/a?sig=pw#pw", "https://h/a?sig=***"),
        ("https://h/a?ID=" + "pw" * 60, "https://h/a?ID=***"),
        ("s3://bucket/key", "s3://bucket/key"),
        ("https://[broken?pw", "https://***"),
        ("/a/path", "/a/path"),
    ],
)
def test_what_is_shown_of_an_address(address: str, expected: str) -> None:
    assert shown(address) == expected


@given(
    st.sampled_from(["token", "sig", "X-Amz-Credential", "key", "password", "k", "hdnea"]),
    st.text(st.characters(codec="ascii", categories=("L", "N")), max_size=5),
)
def test_no_value_of_a_query_is_shown_unless_it_names_a_file(name: str, noise: str) -> None:
    for url in (f"https://u:{PLANTED}@h/a?{name}={PLANTED}", f"https://h/{noise}?x={noise}&{name}={noise}{PLANTED}"):
        assert PLANTED not in shown(url)
        assert PLANTED not in repr(parse(url))
        assert PLANTED not in str(parse(url))


def test_a_secret_cannot_be_printed_by_accident() -> None:
    secret = Secret(PLANTED)
    assert f"{secret} {secret!r} {[secret]}" == "*** *** [***]"
    with pytest.raises(TypeError):
        json.dumps(secret)
    assert secret == Secret(PLANTED) != Secret("other")


def everything_said(action: Callable[[], object]) -> str:
    """All that is logged at level DEBUG while `action` runs, and the traceback of what it raises."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        action()
    except Exception:
        stream.write(traceback.format_exc())
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["whole", "missing", "refused", "busy", "cut", "circle", "wrong", "nobody"])
def test_a_signed_address_leaves_no_trace(server: Loopback, tmp_path: Path, kind: str) -> None:
    responder = {
        "whole": Served(b"content"),
        "missing": answer(404),
        "refused": answer(403, PLANTED.encode()),
        "busy": answer(503),
        "cut": Served(b"content", cut=3, etag=None, ranges=False),
        "circle": answer(302, Location=f"/a.gz?token={PLANTED}"),
        "wrong": Served(b"other"),
        "nobody": Served(b""),
    }[kind]
    url = server.on("/a.gz", responder).replace("://", f"://{PLANTED}:{PLANTED}@") + f"?token={PLANTED}"
    if kind == "nobody":
        url = f"http://{PLANTED}@127.0.0.1:9/a.gz?token={PLANTED}"
    pin = "#sha256=" + "0" * 64 if kind == "wrong" else ""
    said: list[str] = []

    def act() -> None:
        files = expand(url + pin)
        said.append(repr(files) + repr([asdict(file) for file in files]))
        moments: list[Moment] = []
        got = fetch_all(files, tmp_path / "raw", progress=moments.append, options=FetchOptions(patience=HASTY))
        said.append(repr(got) + repr(moments))

    said.append(everything_said(act))
    assert ("Traceback" in said[-1]) is (kind != "whole")
    assert PLANTED not in "".join(said)
    assert PLANTED not in files_below(tmp_path)
    if kind != "nobody":
        assert server.requests[0].query["token"] == [PLANTED]


def files_below(folder: Path) -> str:
    found = [path for path in folder.rglob("*") if path.is_file()]
    assert found or not state_folder(folder).exists()
    return "".join(str(path) + path.read_bytes().decode("latin-1") for path in found)


def test_the_hubs_token_leaves_no_trace(server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setenv("HF_TOKEN", PLANTED)
    server.on("/api/models/o/n/revision/main", answer(401, PLANTED.encode()))
    said = everything_said(lambda: expand("hf:o/n!a"))
    assert server.requests[0].headers["Authorization"] == f"Bearer {PLANTED}"
    assert "not allowed" in said
    assert PLANTED not in said


def test_the_indexs_password_leaves_no_trace(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", server.url.replace("://", f"://me:{PLANTED}@") + "/simple")
    said = everything_said(lambda: expand("pypi:some-package==1.0"))
    assert server.requests
    assert "UserError" in said
    assert PLANTED not in said + repr(read_settings())


def test_every_message_of_a_failure_is_ours(server: Loopback, tmp_path: Path) -> None:
    """An exception that reaches the caller has no library's exception in its chain: those quote whole addresses."""
    url = server.on("/a.gz", answer(503)) + f"?token={PLANTED}"
    with pytest.raises(ProofpileError) as caught:
        fetch_all(expand(url), tmp_path / "raw", options=FetchOptions(patience=HASTY))
    chain, error = [], caught.value
    while error is not None:
        chain.append(error)
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    assert all(PLANTED not in repr(one.args) for one in chain)
