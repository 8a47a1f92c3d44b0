"""What all tests share: names of cases that are the same in every process and at every time, and an object store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from manifests import store
from tests.object_store import s3_server


def pytest_make_parametrize_id(config: object, val: object, argname: str) -> str | None:
    """Name bytes by their length: compressed ones hold the time, and parallel workers must collect the same names."""
    return f"{argname} of {len(val)} bytes" if isinstance(val, bytes) else None


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """An S3 server with one empty bucket, `corpora`, and a machine that has never seen it."""
    pytest.importorskip("moto.server")
    boto3 = pytest.importorskip("boto3")
    with s3_server() as address:
        settings = {
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "XDG_CACHE_HOME": str(tmp_path / "first machine"),
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket="corpora")
        everything = boto3.resource("s3", endpoint_url=address).Bucket("corpora")
        store.bucket.cache_clear()
        yield address
        store.bucket.cache_clear()
        everything.objects.all().delete()
        everything.delete()
