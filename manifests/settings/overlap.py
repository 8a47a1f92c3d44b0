"""Settings of the overlap section of a recipe: which benchmarks, which methods, and what a hit costs a document."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

LONGEST_N = 1000
"""Words; an index of longer n-grams would find nothing, as hardly a benchmark has an item of so many words."""


class BenchmarkSettings(BaseModel):
    """One test set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    asset: str = Field(description="Name of the asset that holds the file: Parquet, or JSON lines, also compressed.")
    fields: dict[str, str] = Field(
        default_factory=dict,
        description="Texts to look for and their columns (`problem: question`); default: the known columns.",
    )
    id: str | None = Field(
        None, description="Column of the items' ids; `#line`: the row's number from 0. Only with `fields`."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.id is not None and not self.fields:
            raise ValueError("id: give the columns under `fields` too")
        return self


class RemovalPolicy(BaseModel):
    """Hits that keep a document out of the shards; all conditions together."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Literal["published", "exact"] = Field(description="Method of the hit.")
    n: int = Field(ge=2, description="The n of the hit; one that the method is asked for.")
    benchmarks: tuple[str, ...] = Field((), description="Only these benchmarks; default: all.")
    fields: tuple[str, ...] = Field((), description="Only these fields; default: all.")
    score: float = Field(0.0, ge=0, le=1, description="Least share of the item's words that the match covers.")


class OverlapSettings(BaseModel):
    """What a recipe may say under `overlap`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    benchmarks: dict[str, BenchmarkSettings] = Field(
        min_length=1, description="Test sets by name; math, gsm8k, proofnet, mmlu_stem, ocw, sat, minif2f are known."
    )
    published: tuple[int, ...] = Field(
        (20, 30), description="n of the published check (whitespace words, nothing normalised); empty: leave it out."
    )
    exact: tuple[int, ...] = Field(
        (10, 13, 20, 30), description="n of the check on normalised words, shorter texts whole; empty: leave it out."
    )
    shortest_whole: int = Field(
        3, ge=0, le=LONGEST_N, description="Fewest words of a text that is looked for whole; 0: none is."
    )
    remove: tuple[RemovalPolicy, ...] = Field(
        (), description="Hits that keep a document out of the shards; default: hits are listed and nothing is removed."
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
            if policy.n not in (self.published if policy.method == "published" else self.exact):
                raise ValueError(f"remove: n = {policy.n} is not among those that `{policy.method}` is asked for")
            unknown = [name for name in policy.benchmarks if name not in self.benchmarks]
            if unknown:
                raise ValueError(f"remove: no benchmark is called `{unknown[0]}`")
        return self
