"""What a build will take, for `--dry-run`: bytes, core hours, disk, requests, and the credentials that it needs.

Sizes of input on this machine are looked up; those of input elsewhere are what the recipe says (`raw` of a source), for
nothing is asked over the network. Speeds were measured by the commands under `tests/benchmarks/`, on one core of a
small machine; they tell days from hours, and not more.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from manifests.recipe import Recipe, SourceEntry
from pipelines.fetching import github
from pipelines.fetching.address import parse

MB, GB = 1e6, 1e9


class Kind(NamedTuple):
    """What a kind of source takes: megabytes of raw input a core second, and how much text a byte of it becomes."""

    speed: float
    text: float


KINDS = {
    "web": Kind(7.0, 0.002),
    "index": Kind(7.0, 0.4),
    "arxiv": Kind(10.0, 0.035),
    "code": Kind(8.0, 0.3),
    "dataset": Kind(40.0, 1.0),
}
"""`web`: 32 MB/s of unpacked archives (`web_speed`), which are packed to less than a quarter; of most pages nothing is
kept. `index`: pages that were chosen before. `arxiv`: 9–11 MB/s (`papers`); 29 billion tokens of 2.9 TB. `code`: a tree
(`whole_build`); The Stack is packed to about a third, of which a part is kept."""
OTHER = Kind(8.0, 0.5)
"""A class of the user's own: nothing is known of it."""
LATE = {"dedup": 50.0, "overlap": 36.0, "shards": 24.0}
"""Megabytes of text a core second: `dedup_scale` (a million documents of 2 KB), `overlap_speed` with edited texts, and
`shard_stage`."""
ON_DISK = {"documents": 0.45, "dedup": 0.66, "shards": 1.4}
"""Bytes on disk for a byte of text: packed documents, signatures, and shards in two forms."""
CREDENTIALS = {
    "s3": ("AWS", ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE"), "~/.aws/credentials"),
    "gs": ("Google", ("CLOUDSDK_AUTH_ACCESS_TOKEN", "GOOGLE_APPLICATION_CREDENTIALS"), ""),
    "hf": (
        "Hugging Face",
        ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HUGGINGFACE_HUB_TOKEN"),
        "~/.cache/huggingface/token",
    ),
    "github": ("GitHub", github.TOKENS, ""),
}
"""By scheme: whose they are, the variables and the file in which they are looked for."""


class Part(NamedTuple):
    """What one source takes. `known`: its size is; `away`: bytes that come over the network, in `requests`."""

    name: str
    known: bool
    bytes: float
    away: float
    requests: float
    hours: float
    text: float
    disk: float


def part(recipe: Recipe, entry: SourceEntry, folder: Path) -> Part:
    """The budget of one source for the fraction that is asked for."""
    here = away = requests = 0.0
    known = True
    for item in entry.inputs:
        share = recipe.fraction if item.fraction is None else item.fraction
        if parse(item.address).scheme == "local" and item.index is None:
            here += share * sum(path.stat().st_size for path in files_here(item.address, folder))
        elif entry.raw is None:
            known = False
        else:
            away += share * entry.raw.gb * GB / len(entry.inputs)
            requests += share * entry.raw.files / len(entry.inputs)
    by_index = any(item.index is not None for item in entry.inputs)
    kind = KINDS.get("index" if by_index else entry.kind, OTHER)
    size = here + away
    held = away if entry.keep_raw and not by_index else 0.0
    told = entry.raw.text_gb if entry.raw is not None else None
    # What is known of all of it holds for the part that is taken.
    text = size * kind.text if told is None or entry.raw is None else here * kind.text + away * told / entry.raw.gb
    return Part(entry.name, known, size, away, requests, size / (kind.speed * MB) / 3600, text, held)


def files_here(address: str, folder: Path) -> Iterator[Path]:
    """The files on this machine that an address stands for."""
    place = folder / parse(address).place
    found = [place] if place.is_file() else place.rglob("*") if place.is_dir() else folder.glob(parse(address).place)
    yield from (path for path in found if path.is_file())


def gigabytes(size: float) -> str:
    """A size as people read it: three digits behind the point only where there is little before it."""
    return f"{size / GB:,.0f} GB" if size >= 100 * GB else f"{size / GB:,.3f} GB"


def lines(recipe: Recipe, folder: Path) -> Iterator[str]:
    """The budget as the plan prints it."""
    parts = [part(recipe, entry, folder) for entry in recipe.sources]
    yield f"budget    for a fraction of {recipe.fraction:g}, by speeds of one small core"
    for one in parts:
        if not one.known:
            yield f"  {one.name}: of unknown size elsewhere; `raw: {{gb: …, files: …}}` of the source tells it"
        if one.bytes:
            asked = f", {one.requests:,.0f} requests for {gigabytes(one.away)} of them" if one.away else ""
            took = f"{one.hours:,.2f} core hours, {gigabytes(one.text)} of text"
            yield f"  {one.name}: {gigabytes(one.bytes)}{asked}; {took}"
    text = sum(one.text for one in parts)
    asked_for = {"dedup": recipe.dedup, "overlap": recipe.overlap, "shards": recipe.shards}
    late = {name: text / (LATE[name] * MB) / 3600 for name, settings in asked_for.items() if settings is not None}
    for name, hours in late.items():
        yield f"  {name}: {hours:,.2f} core hours"
    disk = sum(one.disk for one in parts)
    disk += text * sum(need for name, need in ON_DISK.items() if asked_for.get(name, True) is not None)
    yield f"  in all: {sum(one.hours for one in parts) + sum(late.values()):,.2f} core hours"
    passing = "; and two raw files a worker, which are not kept" if any(one.away > one.disk for one in parts) else ""
    yield f"  disk: {gigabytes(disk)} at most{passing}"
    away = sum(one.away for one in parts)
    yield f"  network: {gigabytes(away)} in {sum(one.requests for one in parts):,.0f} requests{_paid(recipe, parts)}"
    yield from _credentials(recipe)


def _paid(recipe: Recipe, parts: list[Part]) -> str:
    paying = {
        entry.name for entry in recipe.sources for item in entry.inputs if parse(item.address).has("requester-pays")
    }
    size = sum(one.away for one in parts if one.name in paying)
    return f", of which you pay for {gigabytes(size)} to their owner's provider (requester pays)" if paying else ""


def _credentials(recipe: Recipe) -> Iterator[str]:
    """Whether credentials are there for every kind of place that the recipe names."""
    addresses = [item.address for entry in recipe.sources for item in entry.inputs]
    addresses += [address for entry in recipe.sources for item in entry.inputs for address in item.addresses]
    parsed = [parse(address) for address in (*addresses, *(asset.address for asset in recipe.assets.values()))]
    for scheme, (owner, variables, file) in CREDENTIALS.items():
        places = [address for address in parsed if address.scheme == scheme]
        if not places:
            continue
        found = next((name for name in variables if os.environ.get(name, "").strip()), "")
        if not found and file and Path(file).expanduser().is_file():
            found = file
        needed = any(address.has("requester-pays") for address in places)
        lacking = "are missing, and needed" if needed else "are not there; public places need none"
        yield f"  credentials of {owner}: {f'there ({found})' if found else lacking}"
