"""Known benchmarks: the entries of `benchmarks.yaml`, by name.

An entry says where a test set lies and how its columns are called, so that `--benchmark gsm8k`, or `gsm8k` in a recipe,
is enough. Facts of an entry come from the data set's own card or file; a checksum is given where its bytes were seen.
"""

import difflib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from manifests.errors import UserError

TABLE = Path(__file__).with_name("benchmarks.yaml")
CONVERTED = "refs/convert/parquet"
"""The branch on which a Hugging Face hub keeps every public data set as Parquet: `CONFIG/SPLIT/0000.parquet`."""


class KnownBenchmark(BaseModel):
    """One entry. A benchmark of several parts (the subjects of MMLU) has an address for each."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(description="Its name in print.")
    hub: str | None = Field(default=None, description="OWNER/NAME of the data set on a Hugging Face hub.")
    configs: tuple[str, ...] = Field(default=("default",), description="Configurations on the hub; each is a part.")
    split: str = Field(default="test", description="The split that models are tested on, whatever it is called there.")
    address: str | None = Field(default=None, description="The file itself, instead of a data set's Parquet.")
    sha256: str | None = Field(default=None, description="Of the file at `address`, where it was seen.")
    fields: dict[str, str | tuple[str, ...]] = Field(
        default_factory=dict, description="Our fields and their columns; default: the usual names."
    )
    id: str | None = Field(default=None, description="Column of the ids; `#line`: the row's number from 0.")
    rows: str | None = Field(
        default=None, description="Key under which a file that is one JSON object keeps its items."
    )
    items: int | None = Field(default=None, description="How many items the published test set has.")
    licence: str = Field(default="not stated", description="As its owners state it.")
    source: str = Field(description="The paper or page that it comes from.")
    also: tuple[str, ...] = Field(default=(), description="Other names that people use.")
    seen: Literal["bytes", "use", "name", "no"] = Field(
        default="no", description="How far its address is known to be right."
    )
    hide: bool = Field(default=False, description="The owners ask that no item be shown in plain text.")

    def addresses(self) -> dict[str, str]:
        """Part and address; the only part of a benchmark in one file is called ``""``."""
        if self.address is not None:
            return {"": self.address}
        if self.hub is None:
            return {}
        places = {
            config: f"hf:datasets/{self.hub}@{CONVERTED}!{config}/{self.split}/0000.parquet" for config in self.configs
        }
        return places if len(places) > 1 else {"": places[self.configs[0]]}


SEEN = {
    "bytes": "the file was read, its sha256 is recorded",
    "use": "public code reads this repository, configuration, split and columns",
    "name": "the repository is named publicly; the file's place is by rule",
    "no": "no public address is known",
}


@cache
def known_benchmarks() -> Mapping[str, KnownBenchmark]:
    """All entries by name, in the file's order."""
    return {
        name: KnownBenchmark.model_validate(entry)
        for name, entry in yaml.safe_load(TABLE.read_text(encoding="utf-8"))["benchmarks"].items()
    }


@cache
def groups() -> Mapping[str, tuple[str, ...]]:
    """Names that stand for several benchmarks: what a paper tested its models on."""
    found = yaml.safe_load(TABLE.read_text(encoding="utf-8"))["groups"]
    return {name: tuple(members) for name, members in found.items()}


def plain_name(name: str) -> str:
    """A name as it is looked up: case, spaces, `-` and `_` make no difference."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


@cache
def _by_plain_name() -> Mapping[str, str]:
    return {plain_name(one): name for name, entry in known_benchmarks().items() for one in (name, *entry.also)}


def find_known(name: str) -> KnownBenchmark | None:
    """The entry of that name or other name, if there is one."""
    found = _by_plain_name().get(plain_name(name))
    return None if found is None else known_benchmarks()[found]


def known(name: str) -> KnownBenchmark:
    """The entry of that name. Raises UserError for an unknown one."""
    entry = find_known(name)
    if entry is None:
        near = difflib.get_close_matches(name.lower(), [*known_benchmarks(), *groups()], 1)
        hint = f"did you mean `{near[0]}`? " if near else ""
        raise UserError(
            f"no benchmark is known as `{name}`; {hint}`proofpile benchmarks` lists them, {name}=FILE reads a copy"
        )
    return entry


def addresses_of(name: str) -> dict[str, str]:
    """Part and address of a known benchmark. Raises UserError for an unknown one and for one without an address."""
    entry = known(name)
    places = entry.addresses()
    if not places:
        raise UserError(f"{entry.title} has no public address; expected {name}=FILE, a copy of yours")
    return places
