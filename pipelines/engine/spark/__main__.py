"""`python -m pipelines.engine.spark install`: bring Spark and Beam's job server for it."""

import argparse
import sys

from manifests.errors import ProofpileError
from pipelines.engine.spark.jars import SPARK


def main() -> int:
    """Run the command; errors are one line."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.engine.spark", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("install", help="bring the jars with Maven (about 300 MB)")
    parser.parse_args()
    try:
        print(SPARK.install())
    except ProofpileError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
