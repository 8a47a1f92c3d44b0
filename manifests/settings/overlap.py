"""Settings of the overlap section of a recipe: which benchmarks, which methods, and what a hit costs a document."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from manifests.benchmarks import addresses_of, groups, known
from manifests.errors import UserError

LONGEST_N = 1000
"""Words; an index of longer n-grams would find nothing, as hardly a benchmark has an item of so many words."""


class BenchmarkSettings(BaseModel):
    """One test set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    asset: str | None = Field(
        default=None,
        description="Name of the asset that holds the file; without one the benchmark must be a known one.",
    )
    parts: dict[str, str] = Field(
        default_factory=dict, description="Parts and their assets, for a benchmark of several files."
    )
    fields: dict[str, str | tuple[str, ...]] = Field(
        default_factory=dict,
        description="Texts to look for and their columns (`problem: question`); default: the known columns.",
    )
    id: str | None = Field(default=None, description="Column of the items' ids; `#line`: the row's number from 0.")
    split: str | None = Field(default=None, description="Only the rows with this value in the column `split`.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.asset is None) == (not self.parts):
            raise ValueError("asset: expected the name of an asset, or parts with one each")
        return self

    def assets(self) -> dict[str, str]:
        """Part and asset; the only part of a benchmark in one file is called ``""``."""
        return self.parts or {"": str(self.asset)}


class RemovalPolicy(BaseModel):
    """What becomes of documents with certain hits; all conditions together. The first that fits a hit decides."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Literal["remove", "cut", "report"] = Field(
        default="remove", description="remove the document, cut the passage out of it, or only report the hit."
    )
    method: Literal["counted", "published", "exact", "fuzzy"] = Field(
        default="counted", description="Method of the hit; counted: those that the headline counts."
    )
    n: int = Field(
        default=0, ge=0, description="The n of the hit, for published and exact; one that they are asked for."
    )
    benchmarks: tuple[str, ...] = Field(default=(), description="Only these benchmarks; default: all.")
    fields: tuple[str, ...] = Field(default=(), description="Only these fields; default: all.")
    sources: tuple[str, ...] = Field(default=(), description="Only documents of these sources; default: all.")
    kinds: tuple[Literal["whole", "part", "template", "boilerplate"], ...] = Field(
        default=(), description="Only hits of these kinds; default: all."
    )
    score: float = Field(default=0.0, ge=0, le=1, description="Least share of the item's words that the match covers.")
    probability: float = Field(default=0.0, ge=0, le=1, description="Least probability of the hit.")
    margin: int = Field(
        default=0, ge=0, le=1 << 20, description="Of cut: characters that go on both sides of the passage."
    )
    extend: Literal["passage", "line", "paragraph", "theorem"] = Field(
        default="passage", description="Of cut: how far it goes; theorem: whole declarations of Lean, Isabelle and Coq."
    )
    least_left: int = Field(
        default=0, ge=0, description="Of cut: a document of which fewer characters would be left is removed."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.action != "cut" and (self.margin or self.least_left or self.extend != "passage"):
            raise ValueError("margin, extend and least_left belong to `action: cut`")
        numbered = self.method in ("published", "exact")
        if numbered != (self.n > 0):
            raise ValueError(f"n: `{self.method}` {'needs one' if numbered else 'has none'}")
        return self


class OverlapSettings(BaseModel):
    """What a recipe may say under `overlap`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    benchmarks: dict[str, BenchmarkSettings] = Field(
        min_length=1,
        description="Test sets by name; a known one (see `proofpile benchmarks`) needs nothing but its name.",
    )
    published: tuple[int, ...] = Field(
        default=(20, 30),
        description="n of the published check (whitespace words, nothing normalised); empty: leave it out.",
    )
    exact: tuple[int, ...] = Field(
        default=(10, 13, 20, 30),
        description="n of the check on normalised words, shorter texts whole; empty: leave it out.",
    )
    fuzzy: bool = Field(default=True, description="Look for edited texts too; goes with `exact`.")
    shortest_whole: int = Field(
        default=3, ge=0, le=LONGEST_N, description="Fewest words of a text that is looked for whole; 0: none is."
    )
    hide_items: bool | None = Field(
        default=None,
        description="Keep no texts of items and passages in hits and reports; default: where the owners ask so.",
    )
    remove: tuple[RemovalPolicy, ...] = Field(
        default=(),
        description="What becomes of documents with hits in the shards; default: hits are listed, nothing more.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.published and not self.exact:
            raise ValueError("published and exact are both empty: nothing would be looked for")
        for key in ("published", "exact"):
            for n in getattr(self, key):
                if not 2 <= n <= LONGEST_N:
                    raise ValueError(f"{key}: expected n from 2 to {LONGEST_N}, found {n}")
        for policy in self.remove:
            if policy.method != "published" and not self.exact:
                raise ValueError(f"remove: no hit is `{policy.method}` where `exact` is left out")
            if policy.n and policy.n not in (self.published if policy.method == "published" else self.exact):
                raise ValueError(f"remove: n = {policy.n} is not among those that `{policy.method}` is asked for")
            unknown = [name for name in policy.benchmarks if name not in self.benchmarks]
            if unknown:
                raise ValueError(f"remove: no benchmark is called `{unknown[0]}`")
        return self


def with_known_benchmarks(data: Any) -> Any:
    """A recipe's values with the assets of the known benchmarks that it names without one.

    `overlap.benchmarks` may be a list of names, of which some stand for several (`llemma`). Raises ValueError for a
    name without an asset that is not known.
    """
    overlap = data.get("overlap") if isinstance(data, dict) else None
    if not isinstance(overlap, dict) or not isinstance(given := overlap.get("benchmarks"), dict | list):
        return data
    named = given if isinstance(given, dict) else dict.fromkeys(str(name) for name in given)
    benchmarks: dict[str, Any] = {}
    assets: dict[str, Any] = {}
    for name, settings in named.items():
        settled = settings is None or (isinstance(settings, dict) and not {"asset", "parts"} & set(settings))
        if not settled:
            benchmarks[name] = settings
            continue
        for member in groups().get(name, (name,)):
            try:
                found = _known_assets(member)
            except UserError as error:
                raise ValueError(f"overlap.benchmarks.{name}: {error}") from None
            assets.update(found.values())
            parts = {part: asset for part, (asset, _) in found.items()}
            chosen = {"parts": parts} if len(parts) > 1 else {"asset": next(iter(parts.values()))}
            benchmarks[member] = {**(settings or {}), **chosen}
    own = data.get("assets")
    merged = {**assets, **own} if isinstance(own, dict) else own or assets
    return {**data, "assets": merged, "overlap": {**overlap, "benchmarks": benchmarks}}


def _known_assets(name: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Part, and name and values of the asset that holds it, of a known benchmark. Raises UserError."""
    places, entry = addresses_of(name), known(name)
    found = {}
    for part, address in places.items():
        asset = "-".join(["benchmark", name, *([part] if part else [])]).lower()
        pin = {"sha256": entry.sha256} if entry.sha256 else {}
        found[part] = (asset, {"from": address, "licence": entry.licence, **pin})
    return found
