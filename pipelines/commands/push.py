"""`proofpile push`: put a finished corpus on Hugging Face's hub."""

import argparse
from typing import Any

from pipelines.commands import arguments as shared

DESCRIPTION = """\
Send a finished corpus to a dataset of Hugging Face's hub: shards, further forms, lists and the card. What the hub has
already is not sent again, so a stopped upload goes on with the same command. The token is the one that HF_TOKEN or
`hf auth login` gives.
"""
EXAMPLES = """\
  proofpile push corpus hf:owner/name --private
"""
SCHEME = "hf:"


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(subparsers, "push", run, "a corpus to Hugging Face's hub", DESCRIPTION, EXAMPLES)
    parser.add_argument("corpus", type=shared.place, metavar="DIR", help="a finished corpus")
    parser.add_argument("repository", type=repository, metavar="hf:OWNER/NAME", help="where to")
    parser.add_argument("--private", action="store_true", help="only you may see it, if it is new")
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")


def repository(text: str) -> str:
    """The repository that `hf:owner/name` names; argparse says what is wrong with anything else."""
    name = text.removeprefix(SCHEME)
    if name == text or name.count("/") != 1 or not all(name.split("/")):
        raise argparse.ArgumentTypeError(f"{text}: expected hf:owner/name")
    return name


def run(arguments: argparse.Namespace) -> int:
    """Send what the hub lacks, and say how much it was."""
    from pipelines.corpus.hub import push

    progress = shared.progress(arguments)
    sent = push(arguments.corpus, arguments.repository, progress, private=arguments.private)
    progress.say(
        f"push: {sent.files} files sent ({sent.bytes:,} bytes), {sent.there} were there, {sent.removed} removed"
    )
    return 0
