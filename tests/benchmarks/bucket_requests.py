"""What a command asks of an object store: requests by kind and by what they are about.

    python -m tests.benchmarks.bucket_requests [--units 1000] -- proofpile build r.yaml --output s3://corpora/x

The command runs with an S3 server on loopback (moto's) that has a bucket `corpora`, behind one that counts; this ends
with the command's exit code. With `--units` the requests are told by unit too. Bytes are those of the bodies.
"""

import argparse
import logging
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

import boto3

from manifests.writing import WORK_FOLDER
from tests.benchmarks.stopped_in_bucket import CREDENTIALS
from tests.object_store import in_front_of, s3_server

METHODS = ("PUT", "LIST", "GET", "HEAD", "DELETE")
ABOUT = ("entries", "files", "notes", "leases")


def kind(method: str, path: str) -> tuple[str, str]:
    """What a request is: its method, with LIST for a listing, and what it is about."""
    address = urlsplit(path)
    asked = parse_qs(address.query, keep_blank_values=True)
    if "delete" in asked:  # of any names, which stand in its body
        return "DELETE", "files"
    listed = asked.get("prefix")
    name = listed[0] if listed else address.path
    if f"{WORK_FOLDER}/" in name or name.rstrip("/").endswith(WORK_FOLDER):
        about = "notes" if f"{WORK_FOLDER}/spent" in name or f"{WORK_FOLDER}/planned" in name else "leases"
    else:
        about = "entries" if "ledger/" in name else "files"
    return ("LIST" if listed else method), about


class Counting:
    """The requests so far."""

    def __init__(self) -> None:
        self.found: Counter[tuple[str, str]] = Counter()
        self.lock = threading.Lock()

    def fate(self, _: int, method: str, path: str) -> None:
        """Count a request and let it through."""
        with self.lock:
            self.found[kind(method, path)] += 1

    def lines(self, units: int) -> list[str]:
        """The table; a row is what requests were about."""
        rows = [f"{'':10}" + "".join(f"{method:>10}" for method in METHODS)]
        rows += [f"{about:10}" + "".join(f"{self.found[method, about]:>10,}" for method in METHODS) for about in ABOUT]
        sums = {method: sum(self.found[method, about] for about in ABOUT) for method in METHODS}
        rows.append(f"{'all':10}" + "".join(f"{sums[method]:>10,}" for method in METHODS))
        if units:
            rows.append(f"{'by unit':10}" + "".join(f"{sums[method] / units:>10.2f}" for method in METHODS))
        return rows


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--units", type=int, default=0)
    parser.add_argument("words", nargs="+", metavar="COMMAND")
    arguments = parser.parse_args(argv)
    counting = Counting()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # else the server says each request
    with s3_server() as behind, in_front_of(behind, counting.fate) as address:
        os.environ |= {**CREDENTIALS, "AWS_ENDPOINT_URL": address, "AWS_ALLOW_HTTP": "true"}
        boto3.client("s3", endpoint_url=behind).create_bucket(Bucket="corpora")
        code = subprocess.run(arguments.words, check=False).returncode
    print("\n".join(counting.lines(arguments.units)))
    return code


if __name__ == "__main__":
    sys.exit(main())
