"""Encrypted servers: certificates are checked, and a redirect never leads out of encryption."""

import datetime
import ipaddress
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from manifests.errors import Fault, UserError
from pipelines.fetching.http import Access, get
from tests.pipelines.fetching.servers import HASTY, Loopback, Served, answer, serving

x509 = pytest.importorskip("cryptography.x509")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1, made for this run, with its key in one file."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path


@pytest.fixture
def encrypted(certificate: Path) -> Iterator[Loopback]:
    with serving() as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        yield server


def https(server: Loopback, path: str) -> str:
    return server.url.replace("http://", "https://") + path


def test_a_certificate_that_nobody_vouches_for_ends_it_at_once(encrypted: Loopback) -> None:
    encrypted.on("/a", Served(b"content"))
    with pytest.raises(Fault, match="/a: the server's certificate is not accepted"):
        get(https(encrypted, "/a"), limit=100, patience=HASTY)
    assert encrypted.requests == []


def test_a_certificate_that_is_vouched_for_is_accepted(encrypted: Loopback, certificate: Path) -> None:
    encrypted.on("/a", Served(b"content"))
    access = Access(verify=str(certificate))
    assert get(https(encrypted, "/a"), limit=100, access=access, patience=HASTY).content == b"content"


def test_a_redirect_never_leads_out_of_encryption(encrypted: Loopback, certificate: Path, server: Loopback) -> None:
    encrypted.on("/a", answer(302, Location=server.on("/b", Served(b"content")) + "?token=planted"))
    with pytest.raises(UserError, match="redirects from https to unencrypted http") as caught:
        get(https(encrypted, "/a"), limit=100, access=Access(verify=str(certificate)), patience=HASTY)
    assert "planted" not in str(caught.value)
    assert server.requests == []
