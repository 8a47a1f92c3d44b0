"""Archives of a package index: found by name, version and kind, and never run."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from manifests.errors import Fault, UserError
from pipelines.fetching.batch import FetchOptions, fetch_all
from pipelines.fetching.download import download
from pipelines.fetching.listing import expand
from pipelines.fetching.pip_settings import read_settings
from pipelines.fetching.pypi import access_to
from pipelines.fetching.remote import Checksum
from tests.pipelines.fetching.hubs import serve_index, source_archive, wheel
from tests.pipelines.fetching.servers import HASTY, Loopback, answer

SOURCE = source_archive({"demo_pkg-1.0/setup.py": b"raise SystemExit('built!')", "demo_pkg-1.0/data/m.ftz": b"model"})
WHEEL = wheel({"demo_pkg/data/m.ftz": b"model", "demo_pkg/__init__.py": b""})
FILES = {
    "demo_pkg-1.0.tar.gz": SOURCE,
    "demo_pkg-1.0-py3-none-any.whl": WHEEL,
    "demo_pkg-1.0-cp27-cp27m-win_amd64.whl": b"of another machine",
    "demo_pkg-2.0.tar.gz": b"newer",
}


@pytest.fixture(params=[False, True], ids=["html", "json"])
def index(request: pytest.FixtureRequest, server: Loopback, monkeypatch: pytest.MonkeyPatch) -> str:
    url = serve_index(server, "demo-pkg", FILES, as_json=request.param)
    monkeypatch.setenv("PIP_INDEX_URL", url)
    return url


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("", "demo_pkg-1.0.tar.gz"),
        ("@sdist", "demo_pkg-1.0.tar.gz"),
        ("@wheel", "demo_pkg-1.0-py3-none-any.whl"),
        ("@win_amd64", "demo_pkg-1.0-cp27-cp27m-win_amd64.whl"),
        ("@*.tar.gz", "demo_pkg-1.0.tar.gz"),
        ("@demo_pkg-1.0-py3-none-any.whl", "demo_pkg-1.0-py3-none-any.whl"),
    ],
)
def test_the_archive_that_is_meant_does_not_depend_on_the_machine(index: str, kind: str, name: str) -> None:
    (file,) = expand(f"pypi:Demo.pkg==1.0{kind}", patience=HASTY)
    assert file.name == name
    assert file.address == f"pypi:Demo.pkg==1.0@{name}"
    assert file.checks == (Checksum("sha256", hashlib.sha256(FILES[name]).hexdigest()),)


def test_the_archive_arrives_whole_and_is_held_to_the_digest_of_the_index(
    index: str, server: Loopback, tmp_path: Path
) -> None:
    (file,) = expand("pypi:demo-pkg==1.0", patience=HASTY)
    assert download(file, tmp_path / "x", patience=HASTY).path.read_bytes() == SOURCE
    server.on("/files/demo_pkg-1.0.tar.gz", answer(200, b"changed"))
    with pytest.raises(UserError, match=r"pypi:demo-pkg==1.0@demo_pkg-1.0.tar.gz: the checksum differs"):
        download(file, tmp_path / "y", patience=HASTY)


def test_one_member_by_name_comes_out_and_no_build_is_run(index: str, tmp_path: Path) -> None:
    (file,) = expand("pypi:demo-pkg==1.0!demo_pkg-1.0/data/m.ftz", patience=HASTY)
    got = download(file, tmp_path / "m.ftz", patience=HASTY)
    assert got.path.read_bytes() == b"model"
    assert got.archive_sha256 == hashlib.sha256(SOURCE).hexdigest()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "m.ftz"]


def test_members_by_pattern_come_out_below_the_folder_with_the_archives_sha256_pinned(
    index: str, tmp_path: Path
) -> None:
    pin = hashlib.sha256(WHEEL).hexdigest()
    files = expand(f"pypi:demo-pkg==1.0@wheel!**/*#sha256={pin}", patience=HASTY)
    got = fetch_all(files, tmp_path / "raw", options=FetchOptions(patience=HASTY))
    assert [one.name for one in got] == ["demo_pkg/__init__.py", "demo_pkg/data/m.ftz"]
    assert {one.archive_sha256 for one in got} == {pin}
    assert sorted(p.name for p in (tmp_path / "raw").rglob("*") if p.is_file()) == ["__init__.py", "m.ftz"]
    with pytest.raises(UserError, match=f"expected sha256 {'0' * 64}, found {pin}"):
        wrong = expand(f"pypi:demo-pkg==1.0@wheel!**/*#sha256={'0' * 64}", patience=HASTY)
        fetch_all(wrong, tmp_path / "raw2", options=FetchOptions(patience=HASTY))
    assert not (tmp_path / "raw2").exists() or not any((tmp_path / "raw2").iterdir())


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("pypi:demo-pkg==9.9", "no such package or version"),
        ("pypi:absent-pkg==1.0", "no such package or version"),
        ("pypi:demo-pkg==2.0@wheel", "no archive fits @wheel"),
        ("pypi:demo-pkg==1.0@whl", "2 archives fit @whl; name one after @, for example of: .*amd64.whl, .*any.whl$"),
    ],
)
def test_what_the_index_has_not_is_the_users_to_mend(index: str, address: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        expand(address, patience=HASTY)


def test_an_index_that_is_busy_is_asked_again_and_one_that_is_down_is_a_fault(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", serve_index(server, "demo-pkg", FILES))
    page = server.routes["/simple/demo-pkg/"][0]
    server.on("/simple/demo-pkg/", answer(503), page)
    assert len(expand("pypi:demo-pkg==1.0", patience=HASTY)) == 1
    server.on("/simple/demo-pkg/", answer(503))
    with pytest.raises(Fault, match="answers 503"):
        expand("pypi:demo-pkg==1.0", patience=HASTY)


def test_a_password_goes_to_the_index_and_its_files_and_nowhere_else(
    server: Loopback, other_server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = serve_index(server, "demo-pkg", {"demo_pkg-1.0.tar.gz": SOURCE})
    monkeypatch.setenv("PIP_INDEX_URL", url.replace("://", "://me:planted@"))
    (file,) = expand("pypi:demo-pkg==1.0", patience=HASTY)
    download(file, tmp_path / "x", patience=HASTY)
    assert all(request.headers["Authorization"].startswith("Basic ") for request in server.requests)
    elsewhere = f'<a href="{other_server.url}/demo_pkg-1.0.tar.gz">x</a>'.encode()
    other_server.on("/demo_pkg-1.0.tar.gz", answer(200, SOURCE))
    server.on("/simple/demo-pkg/", answer(200, elsewhere, Content_Type="text/html"))
    (file,) = expand("pypi:demo-pkg==1.0", patience=HASTY)
    download(file, tmp_path / "y", patience=HASTY)
    assert "Authorization" not in other_server.requests[-1].headers


def test_find_links_alone_do_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    (wheels / "demo_pkg-1.0-py3-none-any.whl").write_bytes(WHEEL)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", f"{wheels} {tmp_path / 'absent'}")
    (file,) = expand("pypi:demo-pkg==1.0", patience=HASTY)
    assert download(file, tmp_path / "x", patience=HASTY).path.read_bytes() == WHEEL
    assert str(tmp_path) not in file.address


def test_find_links_may_be_a_page_of_a_server(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.on("/f/demo_pkg-1.0.tar.gz", answer(200, SOURCE))
    page = b'<a href="demo_pkg-1.0.tar.gz">x</a><a href="other-1.0.tar.gz">y</a><a>z</a>'
    monkeypatch.setenv("PIP_NO_INDEX", "true")
    monkeypatch.setenv("PIP_FIND_LINKS", server.on("/f/", answer(200, page, Content_Type="text/html")))
    (file,) = expand("pypi:demo-pkg==1.0", patience=HASTY)
    assert file.checks == ()
    assert download(file, tmp_path / "x", patience=HASTY).path.read_bytes() == SOURCE


def test_find_links_may_be_a_page_on_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "demo_pkg-1.0.tar.gz").write_bytes(SOURCE)
    (tmp_path / "links.html").write_text('<a href="demo_pkg-1.0.tar.gz">x</a>')
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "links.html"))
    (file,) = expand("pypi:demo-pkg==1.0", patience=HASTY)
    assert download(file, tmp_path / "x", patience=HASTY).path.read_bytes() == SOURCE
    (tmp_path / "links.html").unlink()
    (tmp_path / "links.html").symlink_to(tmp_path / "absent")
    monkeypatch.setenv("PIP_FIND_LINKS", f"file://{tmp_path}/links.html")
    with pytest.raises(UserError, match="no such package or version"):
        expand("pypi:demo-pkg==1.0", patience=HASTY)


def test_a_certificate_goes_with_every_request_and_trusted_hosts_need_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CERT", "/c.pem")
    monkeypatch.setenv("PIP_TRUSTED_HOST", "inside.example other.example:8080")
    assert access_to("https://files.example/x").verify == "/c.pem"
    assert access_to("https://inside.example/x").verify is False
    assert access_to("https://inside.example:8443/x").verify is False
    assert access_to("https://other.example:8080/x").verify is False
    assert access_to("https://other.example/x").verify == "/c.pem"


def test_an_unencrypted_index_elsewhere_is_not_asked_unless_trusted(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://me:planted@index.invalid/simple")
    with pytest.raises(UserError, match=r"version \(index\.invalid is not encrypted and not a trusted-host"):
        expand("pypi:demo-pkg==1.0", patience=replace(HASTY, tries=1))
    monkeypatch.setenv("PIP_TRUSTED_HOST", "index.invalid")
    with pytest.raises(Fault, match="name is not known"):
        expand("pypi:demo-pkg==1.0", patience=replace(HASTY, tries=1))


def test_of_two_places_that_offer_a_file_the_one_with_the_pinned_digest_is_taken(
    index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "demo_pkg-1.0.tar.gz").write_bytes(b"someone's own build")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    pin = hashlib.sha256(SOURCE).hexdigest()
    (file,) = expand(f"pypi:demo-pkg==1.0#sha256={pin}", patience=HASTY)
    assert download(file, tmp_path / "x", patience=HASTY).sha256 == pin


def test_pips_configuration_is_read_in_pips_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Path("~").expanduser()
    (home / ".pip").mkdir()
    (home / ".pip" / "pip.conf").write_text("[global]\nindex-url = https://old/simple\ncert = /c.pem\n")
    (home / ".config" / "pip").mkdir(parents=True)
    (home / ".config" / "pip" / "pip.conf").write_text(
        "[global]\nindex_url = https://user/simple\nextra-index-url =\n  https://x/s\n  https://y/s\n"
        "[install]\nindex-url = https://install-only/simple\n[download]\ntrusted-host = a b:80\n"
    )
    found = read_settings()
    assert found.indexes == ("https://user/simple/", "https://x/s/", "https://y/s/")
    assert found.trusted_hosts == ("a", "b:80")
    assert found.certificate == "/c.pem"
    monkeypatch.setenv("PIP_INDEX_URL", "https://variable/simple/")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
    assert read_settings().indexes[0] == "https://variable/simple/"
    named = tmp_path / "pip.conf"
    named.write_text("not a configuration")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(named))
    with pytest.raises(UserError, match=f"{named}: pip's configuration cannot be parsed"):
        read_settings()
