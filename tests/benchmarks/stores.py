"""Processor and wall seconds of obstore and of fsspec's s3fs on one bucket: small objects, large ones, listings.

    AWS_ENDPOINT_URL=http://127.0.0.1:5000 python -m tests.benchmarks.stores BUCKET

The bucket must exist; what is written lies below `benchmark/` and is removed again.
"""

import os
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import s3fs

from manifests.store import Bucket

SMALL, LARGE = 300, 50 << 20


def spent(work: Callable[[], Any]) -> str:
    """Run something; returns its processor and wall seconds."""
    usage, began = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - usage.ru_utime - usage.ru_stime
    return f"{cpu:6.2f} cpu {time.monotonic() - began:6.2f} wall"


def main() -> None:
    """Print a line for each library and kind of work."""
    bucket, system = Bucket(f"s3://{sys.argv[1]}/benchmark"), s3fs.S3FileSystem(use_listings_cache=False)
    below, large = f"{sys.argv[1]}/benchmark/", os.urandom(LARGE)
    ways: dict[str, tuple[Callable[[str, bytes], Any], Callable[[str], Any], Callable[[], Any]]] = {
        "obstore": (bucket.put, bucket.get, bucket.list),
        "s3fs": (lambda name, data: system.pipe_file(below + name, data), lambda name: system.cat_file(below + name),
                 lambda: system.find(below)),
    }  # fmt: skip
    for name, (put, get, listing) in ways.items():
        names = [f"{name}/{number}" for number in range(SMALL)]
        print(f"{name:8} {SMALL} puts of 800 bytes  ", spent(lambda: [put(one, b"q" * 800) for one in names]))  # noqa: B023
        print(f"{name:8} {SMALL} gets               ", spent(lambda: [get(one) for one in names]))  # noqa: B023
        print(f"{name:8} a put of {LARGE >> 20} MiB       ", spent(lambda: put(f"{name}/large", large)))  # noqa: B023
        print(f"{name:8} a get of {LARGE >> 20} MiB       ", spent(lambda: get(f"{name}/large")))  # noqa: B023
        print(f"{name:8} a listing              ", spent(listing))
    for name in bucket.list():
        bucket.delete(name)


if __name__ == "__main__":
    main()
